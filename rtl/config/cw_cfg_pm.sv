// SPDX-License-Identifier: Apache-2.0
//
// Power Management capability: D0 and D3hot; the state of the function survives the way back to D0.
// Spec: PCIe Base 7.5.2 (registers), 5.3.1 (states).
`include "cw_assert.svh"
module cw_cfg_pm
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter logic [7:0] Base        = PmCapOffset,
  parameter logic [7:0] Next        = MsixCapOffset,
  parameter bit         ForwardsPme = 0  // a bridge: PME from D0, D3hot and D3cold (7.5.2.1)
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic         cfg_valid_i,
  input  cfg_req_t     cfg_req_i,
  output logic [31:0]  rdata_o,

  output power_state_e power_o
);

  localparam pm_header_t Header = '{
      pme_support: ForwardsPme ? PmeOfBridge : '0, version: 3'd3, next: Next, id: CapIdPm,
      default: '0};
  localparam pm_control_t Writable = '{
      pme_enable: ForwardsPme, power: PowerD3Hot, default: '0};

  logic        written;
  pm_control_t control_q, control_d;

  assign written = cfg_valid_i && cfg_req_i.write && cfg_req_i.reg_dw == cap_dw(Base, 10'd1);

  always_comb begin
    control_d = next_value(control_q, cfg_req_i, written, Writable, '0, '0);
    // A state that does not exist is not entered, the write is dropped (5.3.1).
    if (control_d.power inside {PowerD1, PowerD2}) control_d.power = control_q.power;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) control_q <= '{no_soft_reset: 1'b1, power: PowerD0, default: '0};
    else       control_q <= control_d;
  end

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      cap_dw(Base, 10'd0): rdata_o = Header;
      cap_dw(Base, 10'd1): rdata_o = control_q;
      default:             rdata_o = '0;
    endcase
  end

  assign power_o = control_q.power;

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(NoPmeWithoutPme, ForwardsPme || !control_q.pme_enable)
  `CW_ASSERT(PowerStateExists, power_o inside {PowerD0, PowerD3Hot})

endmodule
