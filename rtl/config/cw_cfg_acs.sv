// SPDX-License-Identifier: Apache-2.0
//
// Access Control Services capability of a function without peer-to-peer traffic: nothing to
// control, which tells software that no request goes from function to function.
// Spec: PCIe Base 7.7.8, 6.12.1.2 (functions of multi-function devices).
`include "cw_assert.svh"
module cw_cfg_acs
  import cw_cfg_pkg::*, cw_cfg_ext_pkg::*;
#(
  parameter logic [11:0] Base = AcsOffset,
  parameter logic [11:0] Next = ExtEnd
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o
);

  localparam ext_header_t Header = '{next: Next, version: 4'd1, id: ExtIdAcs};

  // ACS Capability and ACS Control, the dword after the header, are zero.
  assign rdata_o = cfg_req_i.reg_dw == ext_dw(Base, 10'd0) ? Header : '0;

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(NothingToControl, !cfg_valid_i || cfg_req_i.reg_dw != ext_dw(Base, 10'd1)
      || rdata_o == '0)

endmodule
