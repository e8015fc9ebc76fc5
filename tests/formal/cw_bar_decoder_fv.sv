// SPDX-License-Identifier: Apache-2.0
//
// A request is claimed exactly when its bytes lie within a BAR that is enabled, by that BAR. The
// ranges are compared here as plain numbers of 65 bits, where nothing wraps.
// Spec: PCIe Base 2.3.1, 7.5.1.1.3, 7.5.1.2.1, 7.5.1.2.4, 7.8.6.
`include "cw_fv.svh"
module cw_bar_decoder_fv
  import cw_cfg_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned                      Functions = 3,
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars      = BarsOfManyKinds,
  parameter int unsigned                      RomLog2   = 16
) (
  input logic                       clk_i,
  input logic                       rst_i,
  input cfg_state_t [Functions-1:0] state_i,
  input logic [63:0]                addr_i,
  input logic [10:0]                dw_i,
  input logic                       is_io_i
);

  logic   hit;
  claim_t claim;

  cw_bar_decoder #(.Functions(Functions), .Bars(Bars), .RomLog2(RomLog2)) u_dut (
    .clk_i,
    .rst_i,
    .state_i,
    .addr_i,
    .dw_i,
    .is_io_i,
    .hit_o   (hit),
    .claim_o (claim)
  );

  `CW_FV_RESET
  `CW_ASSUME(LengthIsLegal, dw_i != '0 && dw_i <= 11'd1024)
  `CW_ASSUME(AddressIsOfADword, addr_i[1:0] == '0)

  localparam int unsigned Ranges = 7;  // six BARs, then the ROM

  logic [64:0] first, behind;  // bytes of the request

  assign first  = 65'(addr_i);
  assign behind = 65'(addr_i) + 65'({dw_i, 2'b00});

  for (genvar f = 0; f < Functions; f++) begin : gen_function
    for (genvar b = 0; b < Ranges; b++) begin : gen_range
      localparam bit       Rom  = b == 6;
      localparam bar_cfg_t Bar  = Rom ? bar_cfg_t'('0) : Bars[f][Rom ? 0 : b];
      localparam bit       IsIo = !Rom && Bar.kind == BarIo;
      if (Rom ? f == 0 && RomLog2 != 0 : Bar.kind != BarOff) begin : gen_there
        logic [64:0] base, size;
        logic        enabled, inside_it;
        assign base      = Rom ? 65'(state_i[f].rom_base) : 65'(state_i[f].bar_base[Rom ? 0 : b]);
        assign size      = 65'd1 << (Rom ? RomLog2
                                     : Bar.resizable ? state_i[f].bar_log2[Rom ? 0 : b]
                                     : Bar.size_log2);
        assign enabled   = state_i[f].power == PowerD0 && is_io_i == IsIo
                        && (IsIo ? state_i[f].io_enable : state_i[f].mem_enable)
                        && (!Rom || state_i[f].rom_enable);
        assign inside_it = first >= base && behind <= base + size;
        // As the registers are: a base is a multiple of the size, a size one that may be chosen.
        `CW_ASSUME(BaseIsAligned, (base & (size - 65'd1)) == '0)
        `CW_ASSUME(SizeIsOffered, Rom || !Bar.resizable
            || state_i[f].bar_log2[Rom ? 0 : b] inside {[6'd20:Bar.size_log2]})
        `CW_ASSERT(ClaimsExactlyItsRange, u_dut.claims[f][b] == (enabled && inside_it))
        `CW_ASSERT(OffsetIsFromTheBase, !u_dut.claims[f][b]
            || 65'(u_dut.offset[f][b]) == first - base)
      end else begin : gen_absent
        `CW_ASSERT(AbsentClaimsNothing, !u_dut.claims[f][b])
      end
    end
  end

  // Software may let BARs overlap: then the lowest function and BAR has it, alone.
  logic [2:0] lowest_fn, lowest_bar;
  always_comb begin
    lowest_fn  = '0;
    lowest_bar = '0;
    for (int f = Functions - 1; f >= 0; f--) begin
      for (int b = Ranges - 1; b >= 0; b--) begin
        if (u_dut.claims[f][b]) begin
          lowest_fn  = 3'(f);
          lowest_bar = 3'(b);
        end
      end
    end
  end

  `CW_ASSERT(HitExactlyInside, hit == (u_dut.claims != '0))
  `CW_ASSERT(ClaimedByOne, !hit || (claim.fn == lowest_fn && claim.bar == lowest_bar
      && claim.offset == u_dut.offset[lowest_fn][lowest_bar]))

endmodule
