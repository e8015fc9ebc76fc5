// SPDX-License-Identifier: Apache-2.0
//
// The head of a queue may leave exactly when every posted TLP that came before it has left, or when
// it may pass them: no illegal pass, and no wait for anything else, so no deadlock. One TLP of the
// queue, whichever the prover picks, is followed; the posted TLPs before it are counted.
`include "cw_fv.svh"
module cw_order_gate_fv
  import cw_tlp_pkg::*;
  import cw_port_pkg::*;
#(
  parameter  bit          Completions = 1'b0,
  parameter  int unsigned Posted      = 4,
  parameter  int unsigned Depth       = 5,
  localparam int unsigned SlotW       = $clog2(Posted),
  localparam int unsigned PostedW     = $clog2(Posted + 1),
  localparam int unsigned CountW      = $clog2(Depth + 1)
) (
  input logic clk_i,
  input logic rst_i,
  input logic posted_in_i,
  input logic posted_out_i,
  input logic in_i,
  input logic in_relaxed_i,
  input logic out_i,
  input logic relaxed_i,
  input logic pick_i         // follow the TLP that arrives now
);

  localparam tlp_class_e Later = Completions ? ClassCompletion : ClassNonPosted;

  logic pass;

  cw_order_gate #(.Completions(Completions), .Posted(Posted), .Depth(Depth)) u_dut (
    .clk_i,
    .rst_i,
    .posted_in_i,
    .posted_out_i,
    .in_i,
    .in_relaxed_i,
    .out_i,
    .relaxed_i,
    .pass_o       (pass)
  );

  // What is inside: posted TLPs, and the Relaxed Ordering bits of the queue, its head in bit 0.
  logic [PostedW-1:0] posted_q;
  logic [CountW-1:0]  queued_q;
  logic [Depth-1:0]   relaxed_q, relaxed_d;

  always_comb begin
    relaxed_d = out_i ? relaxed_q >> 1 : relaxed_q;
    for (int unsigned k = 0; k < Depth; k++) begin
      if (in_i && k == 32'(queued_q) - 32'(out_i)) relaxed_d[k] = in_relaxed_i;
    end
  end

  // The followed TLP: the TLPs of the queue and the posted TLPs that came before it.
  logic               followed_q, at_head;
  logic [CountW-1:0]  ahead_q;
  logic [PostedW-1:0] before_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      posted_q   <= '0;
      queued_q   <= '0;
      followed_q <= 1'b0;
    end else begin
      posted_q <= posted_q + PostedW'(posted_in_i) - PostedW'(posted_out_i);
      queued_q <= queued_q + CountW'(in_i) - CountW'(out_i);
      if (followed_q) begin
        if (out_i) ahead_q <= ahead_q - 1'b1;
        if (out_i && ahead_q == '0) followed_q <= 1'b0;
        if (posted_out_i && before_q != '0) before_q <= before_q - 1'b1;
      end else if (in_i && pick_i) begin
        followed_q <= 1'b1;
        ahead_q    <= queued_q - CountW'(out_i);
        before_q   <= posted_q - PostedW'(posted_out_i);
      end
    end
    relaxed_q <= relaxed_d;
  end

  assign at_head = followed_q && ahead_q == '0;

  // What makes the proof inductive: each TLP that may not pass is counted once, as free or by the
  // newest posted TLP before it, so the counts of the slots add up to a place in the queue.
  typedef logic [CountW+SlotW:0] sum_t;
  sum_t bound_ahead, bound_inside, up_to_last, up_to_own, up_to_all;

  always_comb begin
    bound_ahead  = '0;
    bound_inside = '0;
    for (int unsigned k = 0; k < Depth; k++) begin
      if (k < 32'(queued_q) && !may_pass(Later, relaxed_q[k], ClassPosted)) begin
        bound_inside = bound_inside + 1'b1;
        if (k < 32'(ahead_q)) bound_ahead = bound_ahead + 1'b1;
      end
    end
    up_to_last = sum_t'(u_dut.free_q);
    up_to_own  = sum_t'(u_dut.free_q);
    up_to_all  = sum_t'(u_dut.free_q);
    for (int unsigned s = 0; s < Posted; s++) begin
      if (s + 1 < 32'(before_q))  up_to_last = up_to_last + waiting(s);
      if (s < 32'(before_q))      up_to_own  = up_to_own + waiting(s);
      if (s < 32'(posted_q))      up_to_all  = up_to_all + waiting(s);
    end
  end

  // TLPs that the posted TLP with `older` ones before it holds back.
  function automatic sum_t waiting(int unsigned older);
    return sum_t'(u_dut.waiting_q[SlotW'(u_dut.rd_q[SlotW-1:0] + SlotW'(older))]);
  endfunction

  `CW_FV_RESET
  `CW_ASSUME(PostedLeaveAfterTheyCame, !posted_out_i || posted_q != '0)
  `CW_ASSUME(PostedFitInside, !posted_in_i || 32'(posted_q) < Posted)
  `CW_ASSUME(QueueFitsInside, !in_i || 32'(queued_q) < Depth)
  `CW_ASSUME(LeavesWhenPassed, !out_i || (pass && queued_q != '0))
  `CW_ASSUME(HeadKeepsItsBit, queued_q == '0 || relaxed_i == relaxed_q[0])

  `CW_ASSERT(NoIllegalPass, !(at_head && pass)
      || before_q == '0 || may_pass(Later, relaxed_i, ClassPosted))
  `CW_ASSERT(NoDeadlock, !(at_head && before_q == '0) || pass)
  `CW_ASSERT(RelaxedNeverWaits, !may_pass(Later, relaxed_i, ClassPosted) || pass)

  `CW_ASSERT(SlotsAreThePosted, (SlotW + 1)'(u_dut.wr_q - u_dut.rd_q) == (SlotW + 1)'(posted_q))
  `CW_ASSERT(NoMoreThanFits, 32'(queued_q) <= Depth && 32'(posted_q) <= Posted)
  `CW_ASSERT(EachCountedOnce, up_to_all == bound_inside)
  `CW_ASSERT(BeforeIsInside, !followed_q || (before_q <= posted_q && ahead_q < queued_q))
  `CW_ASSERT(CountedByItsOwn, !followed_q || may_pass(Later, relaxed_q[ahead_q], ClassPosted)
      || (bound_ahead < up_to_own && (before_q == '0 || up_to_last <= bound_ahead)))

endmodule
