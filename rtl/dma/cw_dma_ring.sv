// SPDX-License-Identifier: Apache-2.0
//
// The indices of one descriptor ring: what the doorbell gave to the card, what is read, what is
// retired. A doorbell that claims too much or takes descriptors back (cw_dma_doorbell), or
// comes while the channel is disabled, halts it, as an abort does; only `restart`, taken while
// disabled and at rest, clears that. A doorbell while halted is ignored.
// Spec: docs/dma.md, "Rings", "Stopping".
`include "cw_assert.svh"
module cw_dma_ring
  import cw_dma_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_i,

  // Registers
  input  dma_ctl_t    ctl_i,
  output logic        halted_o,
  output logic        bad_doorbell_o,  // pulse
  output logic        restart_o,       // pulse: `restart` was taken
  input  logic        beyond_i,        // by what it gives, or by its ring; with `tail_write`

  // What becomes of the channel's entries
  input  logic        open_i,          // one is open: it goes on being read while disabled
  input  logic        rest_i,          // none is open, and nothing is owed
  input  logic        halt_i,          // pulse: one is in error

  // Descriptors to be read; they may be withdrawn
  output logic        avail_o,
  output logic [15:0] next_o,          // index of the first
  output logic [15:0] tail_o,          // index behind the last
  input  logic        taken_i,         // some are asked for: those in front of this one
  input  logic [15:0] taken_next_i,

  // Retired, up to here
  input  logic [15:0] head_i,
  input  logic        head_valid_i,
  output logic [15:0] head_o
);

  logic [15:0] head_q, head_d, next_q, next_d, tail_q, tail_d;
  logic        halted_q, halted_d;
  logic        bad;

  assign bad            = !ctl_i.enable || beyond_i;
  assign restart_o      = ctl_i.restart && !ctl_i.enable && rest_i;
  assign bad_doorbell_o = ctl_i.tail_write && !halted_q && bad;
  assign halted_o       = halted_q;
  assign avail_o        = next_q != tail_q && (ctl_i.enable || open_i) && !halted_q;
  assign next_o         = next_q;
  assign tail_o         = tail_q;
  assign head_o         = head_q;

  always_comb begin
    head_d   = head_valid_i ? head_i : head_q;
    next_d   = taken_i ? taken_next_i : next_q;
    tail_d   = tail_q;
    halted_d = halted_q || bad_doorbell_o || halt_i || ctl_i.abort_all;
    if (ctl_i.tail_write && !halted_q && !bad) tail_d = ctl_i.tail;
    if (restart_o) begin
      head_d   = '0;
      next_d   = '0;
      tail_d   = '0;
      halted_d = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      head_q   <= '0;
      next_q   <= '0;
      tail_q   <= '0;
      halted_q <= 1'b0;
    end else begin
      head_q   <= head_d;
      next_q   <= next_d;
      tail_q   <= tail_d;
      halted_q <= halted_d;
    end
  end

  `CW_ASSERT(ReadIsClaimed, 16'(next_q - head_q) <= 16'(tail_q - head_q))
  `CW_ASSERT(TakeOnlyAvailable,
      !taken_i || (avail_o && 16'(taken_next_i - next_q) <= 16'(tail_q - next_q)))
  `CW_ASSERT(RetireOnlyRead, !head_valid_i || 16'(head_i - head_q) <= 16'(next_q - head_q))
  `CW_ASSERT(RestartAtRest, !restart_o || (!head_valid_i && !taken_i && !open_i))

endmodule
