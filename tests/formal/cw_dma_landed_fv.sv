// SPDX-License-Identifier: Apache-2.0
//
// What sinks tell of an entry is told on as it is, each item once: so many bytes, and so many ends
// of chunks, as the sinks handed over. Nothing is told that no sink offers, and none waits for more
// than one item of each other sink. Spec: docs/dma.md, "What is ordered".
`include "cw_fv.svh"
module cw_dma_landed_fv
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Sinks = 3,
  localparam int unsigned SinkW = $clog2(Sinks)
) (
  input logic                clk_i,
  input logic                rst_i,
  input landed_t [Sinks-1:0] landed_i,
  input logic    [Sinks-1:0] landed_valid_i,
  input logic [SinkW-1:0]    sink_i,   // the sink that is followed
  input chan_t               chan_i,   // the entry whose bytes are summed up
  input entry_t              entry_i
);

  logic [Sinks-1:0] ready;
  landed_t          landed;
  logic             valid;

  cw_dma_landed #(.Sinks(Sinks)) u_dut (
    .clk_i,
    .rst_i,
    .landed_i,
    .landed_valid_i,
    .landed_ready_o (ready),
    .landed_o       (landed),
    .landed_valid_o (valid)
  );

  `CW_FV_RESET
  `CW_ASSUME(FollowsOne, 32'(sink_i) < Sinks
      && (!started_q || $stable({sink_i, chan_i, entry_i})))
  for (genvar s = 0; s < Sinks; s++) begin : gen_sink
    `CW_ASSUME(SomethingLanded, !landed_valid_i[s]
        || landed_i[s].bytes != '0 || landed_i[s].error != DmaOk)
  end

  typedef struct packed {
    logic [EntryBytesW-1:0] bytes;
    logic [31:0]            ends;
  } sum_t;

  sum_t        given_q, given, told_q, told;
  logic [3:0]  waited_q;

  function automatic sum_t with_item(sum_t sum, landed_t item);
    with_item = sum;
    if (item.chan == chan_i && item.entry == entry_i) begin
      with_item.bytes = sum.bytes + EntryBytesW'(item.bytes);
      with_item.ends  = sum.ends + 32'(item.ends);
    end
  endfunction

  always_comb begin
    given = given_q;
    for (int unsigned s = 0; s < Sinks; s++)
      if (landed_valid_i[s] && ready[s]) given = with_item(given, landed_i[s]);
    told = valid ? with_item(told_q, landed) : told_q;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      given_q  <= '0;
      told_q   <= '0;
      waited_q <= '0;
    end else begin
      given_q  <= given;
      told_q   <= told;
      waited_q <= landed_valid_i[sink_i] && !ready[sink_i] ? waited_q + 1'b1 : '0;
    end
  end

  `CW_ASSERT(NothingLostNorTwice, given == told)
  `CW_ASSERT(ToldAsItIs, !(landed_valid_i[sink_i] && ready[sink_i])
      || (valid && landed == landed_i[sink_i]))
  `CW_ASSERT(NothingOfNobody, valid == (landed_valid_i != '0))
  `CW_ASSERT(WaitsForOneOfEachOther, 32'(waited_q) < Sinks)

  // ---- What makes the proof inductive

  logic [3:0] rivals;  // sinks that go before this one, if they have something
  assign rivals = 4'((32'(sink_i) + 2 * Sinks - 1 - 32'(u_dut.u_arbiter.last_q)) % Sinks);

  `CW_ASSERT(SumsAgree, given_q == told_q)
  `CW_ASSERT(TurnsGoRound, 32'(u_dut.u_arbiter.last_q) < Sinks
      && !u_dut.u_arbiter.stuck_q && !u_dut.u_arbiter.locked_q)
  `CW_ASSERT(EachOtherIsOneLess, waited_q == '0 || waited_q + rivals < 4'(Sinks))

endmodule
