// SPDX-License-Identifier: Apache-2.0
//
// Resizable BAR capability: each such BAR is 1 MiB after reset, and as large as software says up to
// its full size. A size that is not offered, or one written while the function claims memory
// requests, is not taken: no address changes its owner behind a driver's back.
// Spec: PCIe Base 7.8.6.
`include "cw_assert.svh"
module cw_cfg_rebar
  import cw_cfg_pkg::*, cw_cfg_ext_pkg::*;
#(
  parameter logic [11:0]    Base = RebarOffset,
  parameter logic [11:0]    Next = ExtEnd,
  parameter bar_cfg_t [5:0] Bars = BarsResizable  // at least one is
) (
  input  logic            clk_i,
  input  logic            rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic            cfg_valid_i,
  input  cfg_req_t        cfg_req_i,
  output logic [31:0]     rdata_o,

  input  logic            mem_enable_i,  // Command: Memory Space Enable
  output logic [5:0][5:0] bar_log2_o     // bytes of each BAR now; 0: no BAR
);

  localparam int unsigned Count  = resizable_below(Bars, 6);
  localparam ext_header_t Header = '{next: Next, version: 4'd1, id: ExtIdRebar};

  logic [5:0][31:0] rdata;

  for (genvar i = 0; i < 6; i++) begin : gen_bar
    if (Bars[i].resizable) begin : gen_resizable
      localparam int unsigned  Nth     = resizable_below(Bars, i);
      localparam logic [9:0]   DwSizes = ext_dw(Base, 10'(1 + 2 * Nth));
      localparam logic [9:0]   DwSize  = ext_dw(Base, 10'(2 + 2 * Nth));
      localparam rebar_sizes_t Sizes   = '{sizes: rebar_sizes(Bars[i]), default: '0};

      logic           written, offered;
      rebar_control_t asked;
      logic [5:0]     size_q;

      assign asked   = rebar_control_t'(cfg_req_i.wdata);
      assign written = cfg_valid_i && cfg_req_i.write && cfg_req_i.reg_dw == DwSize
          && cfg_req_i.be[1];
      assign offered = 32'(asked.size) <= 32'(Bars[i].size_log2) - RebarMinLog2;

      always_ff @(posedge clk_i) begin
        if (rst_i)                                    size_q <= '0;
        else if (written && !mem_enable_i && offered) size_q <= asked.size;
      end

      always_comb begin
        unique case (cfg_req_i.reg_dw)
          DwSizes: rdata[i] = Sizes;
          DwSize:  rdata[i] = rebar_control_t'{
              size: size_q, count: Nth == 0 ? 3'(Count) : 3'd0, bar: 3'(i), default: '0};
          default: rdata[i] = '0;
        endcase
      end

      assign bar_log2_o[i] = 6'(RebarMinLog2) + size_q;

      `CW_REQUIRE(Bars[i].kind inside {BarMem32, BarMem64, BarMem64Pre}, "only memory is resized")
      `CW_REQUIRE(32'(Bars[i].size_log2) inside {[RebarMinLog2:RebarMaxLog2]}, "1 MiB to 128 TiB")
      `CW_ASSERT(SizeIsOffered, bar_log2_o[i] <= Bars[i].size_log2)
    end else begin : gen_fixed
      assign rdata[i]      = '0;
      assign bar_log2_o[i] = fixed_log2(Bars[i]);
    end
  end

  always_comb begin
    rdata_o = cfg_req_i.reg_dw == ext_dw(Base, 10'd0) ? Header : '0;
    for (int unsigned i = 0; i < 6; i++) rdata_o |= rdata[i];
  end

  `CW_REQUIRE(Count != 0, "no BAR is resizable")
  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")

endmodule
