// SPDX-License-Identifier: Apache-2.0
//
// The indices of one descriptor ring: what the doorbell gave to the card, what is fetched, what is
// retired. A doorbell that claims more than the ring, takes entries back, or comes while the
// channel is disabled, halts it; only `restart`, taken while disabled and idle, clears that.
// Spec: docs/dma.md, "Ring".
`include "cw_assert.svh"
module cw_dma_ring
  import cw_dma_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_i,

  // Registers
  input  dma_ctl_t    ctl_i,
  input  logic        idle_i,          // nothing in flight in the channel
  output logic        halted_o,
  output logic        bad_doorbell_o,  // pulse
  output logic        restart_o,       // pulse: `restart` was taken

  // The next entries to fetch; they may be withdrawn
  output logic [63:0] entry_iova_o,
  output logic        entry_avail_o,
  output logic        entry_pair_o,    // the one behind it lies in the same 64-byte line
  input  logic        entry_take_i,
  input  logic        entry_both_i,    // with take: the pair

  // The next entry to retire
  output logic [15:0] head_o,
  output logic        phase_o,
  output logic [63:0] record_iova_o,
  input  logic        retired_i,       // pulse: its record has left
  input  logic        halt_i           // pulse: it could not be fetched
);

  logic [15:0] head_q, head_d, fetch_q, fetch_d, tail_q, tail_d;
  logic        halted_q, halted_d;
  logic [15:0] mask, claimed, claimed_before;

  assign mask           = ring_mask(ctl_i.ring_log2);
  assign claimed        = ctl_i.tail - head_q;
  assign claimed_before = tail_q - head_q;

  assign restart_o      = ctl_i.restart && !ctl_i.enable && idle_i;
  assign bad_doorbell_o = ctl_i.tail_write
      && (!ctl_i.enable || 17'(claimed) > 17'(mask) + 17'd1 || claimed < claimed_before);

  assign entry_avail_o = ctl_i.enable && !halted_q && fetch_q != tail_q;
  assign entry_pair_o  = entry_avail_o && 16'(tail_q - fetch_q) != 16'd1
      && !fetch_q[0] && !ctl_i.ring_iova[5] && ctl_i.ring_log2 != '0;
  assign entry_iova_o  = {ctl_i.ring_iova[63:5], 5'd0} + {43'd0, fetch_q & mask, 5'd0};
  assign record_iova_o = {ctl_i.record_iova[63:4], 4'd0} + {44'd0, head_q & mask, 4'd0};
  assign phase_o       = !head_q[ctl_i.ring_log2];
  assign head_o        = head_q;
  assign halted_o      = halted_q;

  always_comb begin
    head_d   = head_q + 16'(retired_i);
    fetch_d  = fetch_q + 16'(entry_take_i) + 16'(entry_take_i && entry_both_i);
    tail_d   = tail_q;
    halted_d = halted_q || bad_doorbell_o || halt_i;
    if (ctl_i.tail_write && !bad_doorbell_o && !halted_q) tail_d = ctl_i.tail;
    if (restart_o) begin
      head_d   = '0;
      fetch_d  = '0;
      tail_d   = '0;
      halted_d = bad_doorbell_o;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      head_q   <= '0;
      fetch_q  <= '0;
      tail_q   <= '0;
      halted_q <= 1'b0;
    end else begin
      head_q   <= head_d;
      fetch_q  <= fetch_d;
      tail_q   <= tail_d;
      halted_q <= halted_d;
    end
  end

  logic unused_low;
  assign unused_low = ^{ctl_i.ring_iova[4:0], ctl_i.record_iova[3:0]};

  logic unused;
  assign unused = ^ctl_i.attr;  // of data alone

  `CW_ASSERT(FetchedIsClaimed, 16'(fetch_q - head_q) <= 16'(tail_q - head_q))
  `CW_ASSERT(TakeOnlyAvailable, !entry_take_i || entry_avail_o)
  `CW_ASSERT(BothOnlyPaired, !(entry_take_i && entry_both_i) || entry_pair_o)
  `CW_ASSERT(RetireOnlyFetched, !retired_i || head_q != fetch_q)

endmodule
