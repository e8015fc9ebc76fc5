// SPDX-License-Identifier: Apache-2.0
//
// Device Serial Number capability: the same number in every function of a device.
// Spec: PCIe Base 7.9.3.
`include "cw_assert.svh"
module cw_cfg_dsn
  import cw_cfg_pkg::*, cw_cfg_ext_pkg::*;
#(
  parameter logic [11:0] Base         = DsnOffset,
  parameter logic [11:0] Next         = ExtEnd,
  parameter logic [63:0] SerialNumber = SerialNumberExample
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o
);

  localparam ext_header_t Header = '{next: Next, version: 4'd1, id: ExtIdDsn};

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      ext_dw(Base, 10'd0): rdata_o = Header;
      ext_dw(Base, 10'd1): rdata_o = SerialNumber[31:0];
      ext_dw(Base, 10'd2): rdata_o = SerialNumber[63:32];
      default:             rdata_o = '0;
    endcase
  end

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(NumberIsConstant, !cfg_valid_i || cfg_req_i.reg_dw != ext_dw(Base, 10'd1)
      || rdata_o == SerialNumber[31:0])

endmodule
