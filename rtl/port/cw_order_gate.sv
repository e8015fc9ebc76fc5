// SPDX-License-Identifier: Apache-2.0
//
// Holds the head of the non-posted or the completion queue back until every posted TLP that arrived
// before it has left. Each posted TLP inside counts the younger TLPs that wait for it and
// sets them free when it leaves, so nothing wraps however long the queue is stalled. Those that
// arrive in one clock are in no order. Spec: PCIe Base 2.4.1 (table 2-42, rows B to D, column 2).
`include "cw_assert.svh"
module cw_order_gate
  import cw_tlp_pkg::*;
  import cw_port_pkg::*;
#(
  parameter bit          Completions = 1'b0,  // the queue held back is that of completions
  parameter int unsigned Posted      = 16,    // posted TLPs inside at most, a power of two
  parameter int unsigned Depth       = 16     // TLPs in the queue at most
) (
  input  logic clk_i,
  input  logic rst_i,

  // Posted TLPs
  input  logic posted_in_i,   // one has arrived
  input  logic posted_out_i,  // the oldest has left

  // The queue that is held back
  input  logic in_i,          // a TLP has arrived
  input  logic in_relaxed_i,  // its Relaxed Ordering bit
  input  logic out_i,         // the head has left: only with pass_o
  input  logic relaxed_i,     // Relaxed Ordering bit of the head
  output logic pass_o         // the head may leave; stays until it does
);

  localparam tlp_class_e  Later  = Completions ? ClassCompletion : ClassNonPosted;
  localparam int unsigned SlotW  = $clog2(Posted);
  localparam int unsigned CountW = $clog2(Depth + 1);

  logic [SlotW:0]    wr_q, rd_q;          // posted TLPs inside, as slots of a ring
  logic [SlotW-1:0]  newest;
  logic [CountW-1:0] waiting_q [Posted];  // younger TLPs that each of them holds back
  logic [CountW-1:0] freed, free_q;       // TLPs of the queue that wait for none any more
  logic              some_stay, in_bound, in_waits, out_bound;

  // Those that may pass anyway are not counted, neither when they arrive nor when they leave.
  assign in_bound  = in_i && !may_pass(Later, in_relaxed_i, ClassPosted);
  assign out_bound = out_i && !may_pass(Later, relaxed_i, ClassPosted);

  assign newest    = wr_q[SlotW-1:0] - 1'b1;
  assign some_stay = (SlotW + 1)'(rd_q + (SlotW + 1)'(posted_out_i)) != wr_q;
  assign in_waits  = in_bound && some_stay;
  assign freed     = posted_out_i ? waiting_q[rd_q[SlotW-1:0]] : '0;
  assign pass_o    = may_pass(Later, relaxed_i, ClassPosted) || free_q != '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      wr_q   <= '0;
      rd_q   <= '0;
      free_q <= '0;
    end else begin
      wr_q   <= wr_q + (SlotW + 1)'(posted_in_i);
      rd_q   <= rd_q + (SlotW + 1)'(posted_out_i);
      free_q <= free_q + freed + CountW'(in_bound && !in_waits) - CountW'(out_bound);
    end
  end

  // No reset: a slot is cleared when its posted TLP arrives.
  always_ff @(posedge clk_i) begin
    if (in_waits) waiting_q[newest] <= waiting_q[newest] + 1'b1;
    if (posted_in_i) waiting_q[wr_q[SlotW-1:0]] <= '0;
  end

  `CW_REQUIRE(Posted >= 2 && $onehot(Posted), "posted slots are a power of two")
  `CW_ASSERT(PostedSlotsSuffice, 32'((SlotW + 1)'(wr_q - rd_q)) <= Posted)
  `CW_ASSERT(PostedLeavesAfterArrival, !posted_out_i || wr_q != rd_q)
  `CW_ASSERT(OutOnlyWhenPassed, !out_i || pass_o)
  `CW_ASSERT(FreeInRange, 32'(free_q) <= Depth)
  `CW_ASSERT(PassStays, !$past(pass_o && !out_i && !relaxed_i && !rst_i) || pass_o)

endmodule
