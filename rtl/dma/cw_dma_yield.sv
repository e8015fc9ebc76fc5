// SPDX-License-Identifier: Apache-2.0
//
// Says which channels ask for nothing more for now, as bytes of a higher level are on their way to
// the same side. One that reads the host has its bytes much later than it asks: it keeps away until
// those of the higher level have left half of the clocks free; others while one is there.
// Spec: docs/dma.md, "Who gets how much".
`include "cw_assert.svh"
module cw_dma_yield
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  parameter  kinds_t      Kinds    = every_kind(),
  parameter  bit          AxiCard  = 1'b1,  // there is memory behind the AXI4 port
  parameter  int unsigned MostWait = 63,    // clocks that a reader of the host stays away at most
  localparam int unsigned WaitW    = $clog2(MostWait + 1)
) (
  input  logic                  clk_i,
  input  logic                  rst_i,

  input  share_t [Channels-1:0] share_i,

  // Packets that are at their side, by path
  input  chan_t [NumPaths-1:0]  chan_i,
  input  logic [NumPaths-1:0]   valid_i,

  output logic [Channels-1:0]   yield_o
);

  logic [1:0][Channels-1:0] yields;  // by side: card, host

  for (genvar s = 0; s < 2; s++) begin : gen_side
    if (channels_meet(Kinds, AxiCard, Channels, s == 1)) begin : gen_meet
      rank_t            near, all, all_q, floor_q;  // near: not of the host
      logic [WaitW-1:0] wait_q;

      always_comb begin
        near = '0;
        all  = '0;
        for (int unsigned c = 0; c < Channels; c++) begin
          for (int unsigned p = 0; p < NumPaths; p++) begin
            if (to_host(Kinds[c]) == (s == 1) && valid_i[p] && chan_i[p] == chan_t'(c)) begin
              if (rank_of(share_i[c]) > all) all = rank_of(share_i[c]);
              if (p != 32'(PathHost) && rank_of(share_i[c]) > near) near = rank_of(share_i[c]);
            end
          end
        end
      end

      always_ff @(posedge clk_i) begin
        if (rst_i) begin
          all_q   <= '0;
          floor_q <= '0;
          wait_q  <= '0;
        end else begin
          all_q <= all;
          if (near >= floor_q && near != '0) begin
            floor_q <= near;
            if (32'(wait_q) != MostWait) wait_q <= wait_q + 1'b1;
          end else if (wait_q != '0) begin
            wait_q <= wait_q - 1'b1;
          end else begin
            floor_q <= near;
          end
        end
      end

      for (genvar c = 0; c < int'(Channels); c++) begin : gen_chan
        assign yields[s][c] = to_host(Kinds[c]) == (s == 1)
            && rank_of(share_i[c]) < (from_host(Kinds[c]) ? floor_q : all_q);
      end

      `CW_ASSERT(NobodyWaitsForLong, 32'(wait_q) <= MostWait)
      `CW_ASSERT(NearIsOfAll, near <= all)
    end else begin : gen_alone
      assign yields[s] = '0;
    end
  end

  assign yield_o = yields[0] | yields[1];

  logic unused;
  assign unused = &{1'b0, clk_i, rst_i, share_i, chan_i, valid_i};

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_REQUIRE(MostWait >= 1, "a wait of no clock is none")

endmodule
