// SPDX-License-Identifier: Apache-2.0
//
// Latency Tolerance Reporting capability: the largest latencies that software lets a device ask
// for.
// Spec: PCIe Base 7.8.2.
`include "cw_assert.svh"
module cw_cfg_ltr
  import cw_cfg_pkg::*, cw_cfg_ext_pkg::*;
#(
  parameter logic [11:0] Base = LtrOffset,
  parameter logic [11:0] Next = ExtEnd
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o,

  output ltr_t        max_o
);

  localparam ext_header_t Header = '{next: Next, version: 4'd1, id: ExtIdLtr};

  logic written;
  ltr_t max_q;

  assign written = cfg_valid_i && cfg_req_i.write && cfg_req_i.reg_dw == ext_dw(Base, 10'd1);

  always_ff @(posedge clk_i) begin
    if (rst_i) max_q <= '0;
    else       max_q <= cw_cfg_reg_pkg::next_value(max_q, cfg_req_i, written, LtrRw, '0, '0);
  end

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      ext_dw(Base, 10'd0): rdata_o = Header;
      ext_dw(Base, 10'd1): rdata_o = max_q;
      default:             rdata_o = '0;
    endcase
  end

  assign max_o = max_q;

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(ReservedZero, (max_q & ~LtrRw) == '0)

endmodule
