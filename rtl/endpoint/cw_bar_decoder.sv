// SPDX-License-Identifier: Apache-2.0
//
// Finds the BAR that claims a memory request: all 64 bits of the address count, and the whole range
// lies inside one BAR or there is no hit. No memory BAR claims an I/O request. Combinational.
// Spec: PCIe Base 2.3.1 (request handling), 7.5.1.1.3 (Memory Space Enable), 7.5.1.2.1 (BARs).
`include "cw_assert.svh"
module cw_bar_decoder
  import cw_cfg_pkg::*;
#(
  parameter bar_cfg_t [5:0] Bars = cw_completer_pkg::endpoint_bars(16)
) (
  input  logic        clk_i,  // for the assertions
  input  logic        rst_i,

  input  cfg_state_t  state_i,

  // Request: address of the first dword, number of dwords
  input  logic [63:0] addr_i,
  input  logic [10:0] dw_i,
  input  logic        is_io_i,

  // Verdict; BAR and offset count only with a hit
  output logic        hit_o,
  output logic [2:0]  bar_o,
  output logic [63:0] offset_o
);

  // The longest request that is legal has 1024 dwords: 4 KiB.
  localparam int unsigned BytesW = 13;

  logic             may_claim;
  logic [5:0]       claims;
  logic [5:0][63:0] offset;

  assign may_claim = state_i.mem_enable && state_i.power == PowerD0 && !is_io_i;

  for (genvar b = 0; b < 6; b++) begin : gen_bar
    if (Bars[b].kind inside {BarMem32, BarMem64, BarMem64Pre}) begin : gen_memory
      localparam logic [63:0] Size = 64'd1 << Bars[b].size_log2;
      logic [64:0] range_end;
      assign offset[b] = addr_i & (Size - 64'd1);
      assign range_end = 65'(offset[b]) + 65'({dw_i, 2'b00});
      assign claims[b] = may_claim && (addr_i & ~(Size - 64'd1)) == state_i.bar_base[b]
                      && range_end <= 65'(Size);
      `CW_REQUIRE(Bars[b].size_log2 >= 7, "a memory BAR has at least 128 bytes")
    end else begin : gen_none
      assign offset[b] = '0;
      assign claims[b] = 1'b0;
      `CW_REQUIRE(Bars[b].kind == BarOff, "I/O BARs are not supported")
    end
  end

  always_comb begin
    hit_o    = 1'b0;
    bar_o    = '0;
    offset_o = '0;
    for (int b = 5; b >= 0; b--) begin
      if (claims[b]) begin
        hit_o    = 1'b1;
        bar_o    = 3'(b);
        offset_o = offset[b];
      end
    end
  end

  `CW_ASSERT(NoHitWithoutMemoryEnable, !hit_o || state_i.mem_enable)
  `CW_ASSERT(NoHitAsleep, !hit_o || state_i.power == PowerD0)
  `CW_ASSERT(OffsetKeepsDword, !hit_o || offset_o[1:0] == addr_i[1:0])
  `CW_ASSERT(LengthLegal, BytesW'({dw_i, 2'b00}) <= BytesW'(4096))

endmodule
