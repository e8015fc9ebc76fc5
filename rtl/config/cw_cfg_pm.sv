// SPDX-License-Identifier: Apache-2.0
//
// Power Management capability: D0 and D3hot; the state of the function survives the way back to D0.
// A wake-up event is remembered until software clears it, over every reset but the fundamental one.
// Spec: PCIe Base 7.5.2 (registers), 5.3.1 (states), 5.3.3 (power management events).
`include "cw_assert.svh"
module cw_cfg_pm
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter logic [7:0] Base        = PmCapOffset,
  parameter logic [7:0] Next        = MsixCapOffset,
  parameter bit         ForwardsPme = 0  // a bridge: PME from D0, D3hot and D3cold (7.5.2.1)
) (
  input  logic         clk_i,
  input  logic         rst_i,       // every reset, a function-level one as well
  input  logic         cold_rst_i,  // the fundamental reset: sticky bits

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic         cfg_valid_i,
  input  cfg_req_t     cfg_req_i,
  output logic [31:0]  rdata_o,

  input  logic         pme_i,       // one clock: the function asks to be woken
  output power_state_e power_o,
  output logic         pme_enable_o,
  output logic         pme_status_o
);

  localparam pm_header_t Header = '{
      pme_support: ForwardsPme ? PmeOfBridge : PmeOfEndpoint, version: 3'd3, next: Next,
      id: CapIdPm, default: '0};
  localparam pm_control_t Writable = '{pme_enable: 1'b1, power: PowerD3Hot, default: '0};
  localparam pm_control_t Clearable = '{pme_status: 1'b1, power: PowerD0, default: '0};

  // PME_En is sticky only where the function can wake from D3cold.
  localparam bit StickyEnable = Header.pme_support[4];

  logic        written;
  pm_control_t control_q, control_d, seen;

  assign written = cfg_valid_i && cfg_req_i.write && cfg_req_i.reg_dw == cap_dw(Base, 10'd1);
  assign seen    = '{pme_status: pme_i, power: PowerD0, default: '0};

  always_comb begin
    control_d = next_value(control_q, cfg_req_i, written, Writable, Clearable, seen);
    // A state that does not exist is not entered, the write is dropped (5.3.1).
    if (control_d.power inside {PowerD1, PowerD2}) control_d.power = control_q.power;
    if (rst_i) begin
      control_d = '{no_soft_reset: 1'b1, power: PowerD0, default: '0};
      if (!cold_rst_i) begin
        control_d.pme_status = control_q.pme_status;
        control_d.pme_enable = StickyEnable && control_q.pme_enable;
      end
    end
  end

  always_ff @(posedge clk_i) control_q <= control_d;

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      cap_dw(Base, 10'd0): rdata_o = Header;
      cap_dw(Base, 10'd1): rdata_o = control_q;
      default:             rdata_o = '0;
    endcase
  end

  assign power_o      = control_q.power;
  assign pme_enable_o = control_q.pme_enable;
  assign pme_status_o = control_q.pme_status;

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(PmeIsRemembered, !$past(pme_i && !rst_i) || control_q.pme_status)
  `CW_ASSERT(PowerStateExists, power_o inside {PowerD0, PowerD3Hot})
  `CW_ASSERT(ColdIsReset, !cold_rst_i)  // never without rst_i

endmodule
