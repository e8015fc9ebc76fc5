// SPDX-License-Identifier: Apache-2.0
//
// Finds the one BAR that claims a memory or I/O request: all bits of the address count, and the
// whole range lies inside the BAR or there is no hit. Where software lets BARs overlap, the lowest
// function and BAR wins. A function claims nothing outside D0, or in a space that its Command
// register disables. Combinational.
// Spec: PCIe Base 2.3.1 (request handling), 7.5.1.1.3 (Command), 7.5.1.2.1 (BARs), 7.5.1.2.4 (ROM).
`include "cw_assert.svh"
module cw_bar_decoder
  import cw_cfg_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned                      Functions = 8,  // 1 to 8
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars      = BarsOfManyKinds,
  parameter int unsigned                      RomLog2   = 16  // ROM of function 0, bytes; 0: none
) (
  input  logic                       clk_i,  // for the assertions
  input  logic                       rst_i,

  input  cfg_state_t [Functions-1:0] state_i,

  // Request: address of the first dword, number of dwords
  input  logic [63:0]                addr_i,
  input  logic [10:0]                dw_i,
  input  logic                       is_io_i,

  // Verdict; without a hit the claim is zero
  output logic                       hit_o,
  output claim_t                     claim_o
);

  // Six BARs and the expansion ROM.
  localparam int unsigned Ranges = 7;

  logic [63:0]                            last;    // address of the last dword
  logic [Functions-1:0][Ranges-1:0]       claims;
  logic [Functions-1:0][Ranges-1:0][31:0] offset;
  logic [MaxFunctions-1:0]                may;     // claim in this space

  assign last = addr_i + 64'({dw_i - 11'd1, 2'b00});

  for (genvar f = 0; f < Functions; f++) begin : gen_function
    assign may[f] = state_i[f].power == PowerD0
                 && (is_io_i ? state_i[f].io_enable : state_i[f].mem_enable);

    for (genvar b = 0; b < 6; b++) begin : gen_bar
      localparam bar_cfg_t Bar = Bars[f][b];
      if (Bar.kind != BarOff) begin : gen_range
        logic [63:0] span;  // address bits that lie within the BAR: its size is that of now
        assign span = (64'd1 << (Bar.resizable ? state_i[f].bar_log2[b] : Bar.size_log2)) - 64'd1;
        assign offset[f][b] = 32'(addr_i & span);
        assign claims[f][b] = may[f] && is_io_i == (Bar.kind == BarIo)
                           && ((addr_i ^ state_i[f].bar_base[b]) & ~span) == '0
                           && ((last ^ state_i[f].bar_base[b]) & ~span) == '0;
      end else begin : gen_off
        assign offset[f][b] = '0;
        assign claims[f][b] = 1'b0;
      end
      `CW_REQUIRE(Bar.kind != BarIo || Bar.size_log2 inside {[2:8]},
          "an I/O BAR has 4 to 256 bytes")
      `CW_REQUIRE(Bar.kind inside {BarOff, BarIo} || Bar.size_log2 inside {[7:32]},
          "a memory BAR has 128 bytes to 4 GiB")
      `CW_REQUIRE(Bar.kind != BarIo || route_to(Bar.target) == RouteRegs,
          "an I/O BAR is of registers")
    end

    if (f == 0 && RomLog2 != 0) begin : gen_rom
      localparam logic [63:0] Span = (64'd1 << RomLog2) - 64'd1;
      assign offset[f][RomBar] = 32'(addr_i & Span);
      assign claims[f][RomBar] = may[f] && !is_io_i && state_i[f].rom_enable
                              && ((addr_i ^ 64'(state_i[f].rom_base)) & ~Span) == '0
                              && ((last ^ 64'(state_i[f].rom_base)) & ~Span) == '0;
    end else begin : gen_no_rom
      assign offset[f][RomBar] = '0;
      assign claims[f][RomBar] = 1'b0;
    end
  end

  if (Functions < MaxFunctions) begin : gen_absent
    assign may[MaxFunctions-1:Functions] = '0;
  end

  always_comb begin
    claim_o = '0;
    for (int f = Functions - 1; f >= 0; f--) begin
      for (int b = Ranges - 1; b >= 0; b--) begin
        if (claims[f][b]) begin
          claim_o = '{
            fn:     3'(f),
            bar:    3'(b),
            route:  RouteRegs,
            target: cw_endpoint_pkg::RegRom,
            offset: offset[f][b]
          };
          if (b < 6) begin
            claim_o.route  = route_to(Bars[f][b].target);
            claim_o.target = reg_target_of(Bars[f][b].target);
          end
        end
      end
    end
  end

  assign hit_o = claims != '0;

  `CW_REQUIRE(Functions inside {[1:MaxFunctions]}, "a device has 1 to 8 functions")
  `CW_REQUIRE(RomLog2 == 0 || RomLog2 inside {[11:24]}, "an expansion ROM has 2 KiB to 16 MiB")
  `CW_ASSERT(ClaimIsOfAFunction, !hit_o || 32'(claim_o.fn) < Functions)
  `CW_ASSERT(NothingWithoutHit, hit_o || claim_o == '0)
  `CW_ASSERT(NoHitInDisabledSpace, !hit_o || may[claim_o.fn])
  `CW_ASSERT(RomOnlyEnabled, !hit_o || claim_o.bar != RomBar || state_i[0].rom_enable)
  `CW_ASSERT(OffsetKeepsDword, !hit_o || claim_o.offset[1:0] == addr_i[1:0])
  `CW_ASSERT(LengthLegal, dw_i <= 11'd1024)

endmodule
