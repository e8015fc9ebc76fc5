// SPDX-License-Identifier: Apache-2.0
//
// Alternative Routing-ID capability: names the next function of the device. No function groups.
// Spec: PCIe Base 7.8.8, 6.13.
`include "cw_assert.svh"
module cw_cfg_ari
  import cw_cfg_pkg::*, cw_cfg_ext_pkg::*;
#(
  parameter logic [11:0] Base         = AriOffset,
  parameter logic [11:0] Next         = ExtEnd,
  parameter int unsigned NextFunction = 0   // 0: this is the last
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o
);

  localparam ext_header_t Header = '{next: Next, version: 4'd1, id: ExtIdAri};
  localparam ari_cap_t    Cap    = '{next_function: 8'(NextFunction), default: '0};

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      ext_dw(Base, 10'd0): rdata_o = Header;
      ext_dw(Base, 10'd1): rdata_o = Cap;
      default:             rdata_o = '0;
    endcase
  end

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_REQUIRE(NextFunction < MaxFunctions, "a device has at most 8 functions")
  `CW_ASSERT(NoGroups, !cfg_valid_i || cfg_req_i.reg_dw != ext_dw(Base, 10'd1)
      || rdata_o[31:16] == '0)

endmodule
