// SPDX-License-Identifier: Apache-2.0
//
// A packet for AXI4 lands when its own write has been answered, once, in order: one packet,
// whichever the prover picks, is followed from when it is put in. One without bytes waits for those
// before it alone. Writes are answered in their order, each once, after they were put in.
// Spec: docs/dma.md, "What is ordered", "AXI4".
`include "cw_fv.svh"
module cw_dma_axi_done_fv
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Depth  = 3,
  localparam int unsigned LevelW = $clog2(Depth + 1) + 1,
  localparam int unsigned PlaceW = $clog2(Depth)
) (
  input logic    clk_i,
  input logic    rst_i,
  input landed_t landed_i,
  input logic    landed_valid_i,
  input logic    done_valid_i,
  input logic    done_error_i,
  input logic    landed_ready_i,
  input logic    pick_i          // follow the packet that is put in now
);

  landed_t landed;
  logic    ready, valid, put, take;

  cw_dma_axi_done #(.Depth(Depth)) u_dut (
    .clk_i,
    .rst_i,
    .landed_i,
    .landed_valid_i,
    .landed_ready_o (ready),
    .done_valid_i,
    .done_error_i,
    .landed_o       (landed),
    .landed_valid_o (valid),
    .landed_ready_i
  );

  // Packets inside, writes not answered, and what is in front of the followed one of either.
  typedef logic [LevelW-1:0] count_t;
  count_t  inside_q, unanswered_q, ahead_q, before_q;
  logic    followed_q, answered_q, failed_q;
  landed_t packet_q;
  logic    writes, own;  // the followed packet's write is answered now

  assign put    = landed_valid_i && ready;
  assign take   = valid && landed_ready_i;
  assign writes = landed_i.bytes != '0;
  assign own    = done_valid_i && followed_q && !answered_q && before_q == '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q     <= '0;
      unanswered_q <= '0;
      followed_q   <= 1'b0;
    end else begin
      inside_q     <= inside_q + count_t'(put) - count_t'(take);
      unanswered_q <= unanswered_q + count_t'(put && writes) - count_t'(done_valid_i);
      if (followed_q) begin
        if (take) ahead_q <= ahead_q - 1'b1;
        if (take && ahead_q == '0) followed_q <= 1'b0;
        if (done_valid_i && before_q != '0) before_q <= before_q - 1'b1;
        if (own) {answered_q, failed_q} <= {1'b1, done_error_i};
      end else if (put && pick_i) begin
        followed_q <= 1'b1;
        packet_q   <= landed_i;
        ahead_q    <= inside_q - count_t'(take);
        before_q   <= unanswered_q - count_t'(done_valid_i);
        answered_q <= !writes;
        failed_q   <= 1'b0;
      end
    end
  end

  `CW_FV_RESET
  `CW_ASSUME(AnsweredAfterItWasPutIn, !done_valid_i || unanswered_q != '0)
  `CW_ASSUME(NothingExactlyWhenItFailed,
      !landed_valid_i || (landed_i.bytes == '0) == (landed_i.error != DmaOk))

  logic at_head;
  assign at_head = followed_q && ahead_q == '0;

  `CW_ASSERT(TakesUnlessFull, ready == (32'(inside_q) < Depth))
  `CW_ASSERT(NothingFromNothing, !valid || inside_q != '0)
  `CW_ASSERT(LandsWithItsAnswer, !at_head || valid == answered_q)
  `CW_ASSERT(OfItsEntry, !(at_head && valid) || (landed.chan == packet_q.chan
      && landed.entry == packet_q.entry && landed.ends == packet_q.ends))
  `CW_ASSERT(AllOfItIfGood, !(at_head && valid) || failed_q || landed == packet_q)
  `CW_ASSERT(NothingIfFailed, !(at_head && valid && failed_q)
      || (landed.bytes == '0 && landed.error == DmaCardError))

  // ---- What makes the proof inductive: where in both queues things are

  count_t writes_inside, writes_ahead;

  always_comb begin
    {writes_inside, writes_ahead} = '0;
    for (int unsigned k = 0; k < Depth; k++) begin
      if (k < 32'(inside_q) && packet(k).bytes != '0) begin
        writes_inside = writes_inside + 1'b1;
        if (k < 32'(ahead_q)) writes_ahead = writes_ahead + 1'b1;
      end
    end
  end

  // The packet, and the answer, with `ahead` in front of it.
  function automatic landed_t packet(int unsigned ahead);
    return landed_t'(u_dut.u_packets.gen_regs.mem_q[
        place(32'(u_dut.u_packets.rd_addr_q) + ahead)]);
  endfunction

  function automatic logic answer(int unsigned ahead);
    return u_dut.u_answers.gen_regs.mem_q[place(32'(u_dut.u_answers.rd_addr_q) + ahead)];
  endfunction

  function automatic logic [PlaceW-1:0] place(int unsigned n);
    return PlaceW'(n < Depth ? n : n - Depth);
  endfunction

  `CW_ASSERT(QueuesAreWhole, 32'(u_dut.u_packets.rd_addr_q) < Depth
      && 32'(u_dut.u_answers.rd_addr_q) < Depth && 32'(u_dut.level) <= Depth
      && u_dut.u_packets.wr_addr_q == place(32'(u_dut.u_packets.rd_addr_q) + 32'(u_dut.level))
      && u_dut.u_answers.wr_addr_q
         == place(32'(u_dut.u_answers.rd_addr_q) + 32'(u_dut.done_level)))
  `CW_ASSERT(LevelIsWhatIsInside, count_t'(u_dut.level) == inside_q)
  `CW_ASSERT(WritesAddUp, 32'(u_dut.done_level) + 32'(unanswered_q) == 32'(writes_inside))
  `CW_ASSERT(FollowedStaysInside, !followed_q
      || (ahead_q < inside_q && packet(32'(ahead_q)) == packet_q))
  `CW_ASSERT(AnsweredHasItsAnswer, !followed_q || !answered_q || (packet_q.bytes == '0 ? !failed_q
      : writes_ahead < count_t'(u_dut.done_level) && answer(32'(writes_ahead)) == failed_q))
  `CW_ASSERT(UnansweredWaits, !followed_q || answered_q || (packet_q.bytes != '0
      && 32'(writes_ahead) == 32'(before_q) + 32'(u_dut.done_level)))

endmodule
