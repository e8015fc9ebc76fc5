// SPDX-License-Identifier: Apache-2.0
//
// Access Control Services capability: the controls that its function has, each of which software
// turns on and off. Without any it tells software that no request goes from function to function.
// Spec: PCIe Base 7.7.8, 6.12.1.1 (downstream ports), 6.12.1.2 (multi-function devices).
`include "cw_assert.svh"
module cw_cfg_acs
  import cw_cfg_pkg::*, cw_cfg_ext_pkg::*;
#(
  parameter logic [11:0] Base     = AcsOffset,
  parameter logic [11:0] Next     = ExtEnd,
  parameter bit          RootPort = 1'b0  // else a function that has nothing to control
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o,

  output acs_t        control_o
);

  localparam acs_t        Controls = RootPort ? AcsRootPort : '0;
  localparam ext_header_t Header   = '{next: Next, version: 4'd1, id: ExtIdAcs};
  localparam acs_dw1_t    Writable = '{control: Controls, default: '0};

  logic     written;
  acs_dw1_t value_q;

  assign written = cfg_valid_i && cfg_req_i.write && cfg_req_i.reg_dw == ext_dw(Base, 10'd1);

  always_ff @(posedge clk_i) begin
    if (rst_i) value_q <= '{capability: Controls, default: '0};
    else value_q <= cw_cfg_reg_pkg::next_value(value_q, cfg_req_i, written, Writable, '0, '0);
  end

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      ext_dw(Base, 10'd0): rdata_o = Header;
      ext_dw(Base, 10'd1): rdata_o = value_q;
      default:             rdata_o = '0;
    endcase
  end

  assign control_o = value_q.control;

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(NoControlThatIsNotThere, (control_o & ~Controls) == '0)
  `CW_ASSERT(CapabilityIsConstant, value_q.capability == Controls)

endmodule
