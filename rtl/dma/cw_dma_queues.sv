// SPDX-License-Identifier: Apache-2.0
//
// The descriptor rings of all channels, and which descriptors are read next: as many at once as lie
// side by side in the ring, in one 4 KiB page and within Max_Read_Request_Size, from one channel
// with room for a whole batch after the other. A doorbell offers its batch one clock later.
// Spec: docs/dma.md, "Rings".
`include "cw_assert.svh"
module cw_dma_queues
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels  = 6,
  parameter  int unsigned DescSlots = 32,  // of each channel in the fetch
  localparam int unsigned ChanW     = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                      clk_i,
  input  logic                      rst_i,

  // Registers
  input  dma_ctl_t [Channels-1:0]   ctl_i,
  input  logic [2:0]                max_read_i,      // Max_Read_Request_Size
  output logic [Channels-1:0]       halted_o,
  output logic [Channels-1:0]       bad_doorbell_o,  // pulse
  output logic [Channels-1:0]       restart_o,       // pulse: `restart` was taken

  // What becomes of each channel's entries
  input  logic [Channels-1:0]       open_i,          // one is open
  input  logic [Channels-1:0]       rest_i,          // none is open, and nothing is owed
  input  logic [Channels-1:0]       halt_i,          // pulse: one is in error

  // Retired: the channel's new head
  input  chan_t                     retired_chan_i,
  input  logic [15:0]               retired_head_i,
  input  logic                      retired_valid_i,
  output logic [Channels-1:0][15:0] head_o,

  // Batches to read; what is offered may change or be withdrawn
  input  logic [Channels-1:0]       room_i,          // for batch_limit() descriptors
  output batch_t                    batch_o,
  output logic                      batch_valid_o,
  input  logic                      batch_ready_i
);

  localparam int unsigned DescLog2 = $clog2(DescBytes);
  localparam int unsigned PageW    = $clog2(cw_endpoint_pkg::PageBytes) - DescLog2;
  localparam int unsigned PlaceW   = 64 - DescLog2;

  // The lesser of a number, of which more than a batch is a batch, and one that is no more.
  function automatic logic [3:0] at_most(logic [3:0] count, logic [15:0] other);
    return other < 16'(count) ? 4'(other) : count;
  endfunction

  logic [Channels-1:0]       avail, hint;
  logic [Channels-1:0][15:0] next, tail;
  logic [Channels-1:0]       rings;       // the channel whose doorbell is written
  logic [ChanW-1:0]          rung, pick_q, choice;
  logic                      any, stays, beyond;

  logic [15:0]               here, mask;  // of the channel picked; where its next descriptor is
  logic [15:0]               slot, taken_next;
  logic [PlaceW-1:0]         place;       // its address, in descriptors
  logic [PageW-1:0]          in_page;     // descriptors behind it in its page,
  logic [3:0]                more;        // and in the batch

  // Software writes one register at a time.
  always_comb begin
    rung = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      rings[c] = ctl_i[c].tail_write;
      if (rings[c]) rung |= ChanW'(c);
    end
  end

  cw_dma_doorbell u_doorbell (
    .clk_i,
    .rst_i,
    .tail_i        (ctl_i[rung].tail),
    .valid_i       (rings != '0),
    .head_i        (head_o[rung]),
    .given_i       (tail[rung]),
    .ring_log2_i   (ctl_i[rung].ring_log2),
    .ring_iova_i   (ctl_i[rung].ring_iova),
    .record_iova_i (ctl_i[rung].record_iova),
    .bad_o         (beyond)
  );

  for (genvar c = 0; c < Channels; c++) begin : gen_ring
    cw_dma_ring u_ring (
      .clk_i,
      .rst_i,
      .ctl_i          (ctl_i[c]),
      .halted_o       (halted_o[c]),
      .bad_doorbell_o (bad_doorbell_o[c]),
      .restart_o      (restart_o[c]),
      .beyond_i       (beyond),
      .open_i         (open_i[c]),
      .rest_i         (rest_i[c]),
      .halt_i         (halt_i[c]),
      .avail_o        (avail[c]),
      .next_o         (next[c]),
      .tail_o         (tail[c]),
      .taken_i        (batch_valid_o && batch_ready_i && pick_q == ChanW'(c)),
      .taken_next_i   (taken_next),
      .head_i         (retired_head_i),
      .head_valid_i   (retired_valid_i && retired_chan_i == chan_t'(c)),
      .head_o         (head_o[c])
    );

    // A doorbell is taken to be good here, so that its channel is picked when its tail is.
    assign hint[c] = (avail[c] || ctl_i[c].tail_write) && room_i[c];
  end

  // Whose turn it is, a clock ahead.
  assign stays = batch_valid_o && !batch_ready_i;

  cw_rr_arbiter #(.N(Channels)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (hint),
    .take_i  (any && !stays),
    .lock_i  (1'b0),
    .grant_o (),
    .index_o (choice),
    .any_o   (any)
  );

  // No reset: after a clock it is a channel, if not one with descriptors to read.
  always_ff @(posedge clk_i) begin
    if (!stays) pick_q <= choice;
  end

  assign here  = next[pick_q];
  assign mask  = ring_mask(ctl_i[pick_q].ring_log2);
  assign slot  = here & mask;
  assign place = PlaceW'(slot) + ctl_i[pick_q].ring_iova[63:DescLog2];

  // What lies behind a place in a power of two is the place's complement.
  assign in_page = ~place[PageW-1:0];
  always_comb begin
    more = 4'(batch_limit(DescSlots) - 1);
    more = at_most(more, ~here + tail[pick_q]);
    more = at_most(more, mask & ~here);
    more = at_most(more, 16'(in_page));
    more = at_most(more, 16'(limit_bytes(max_read_i) >> DescLog2) - 16'd1);
  end

  assign taken_next    = here + 16'(more) + 16'd1;
  assign batch_o       = '{chan: chan_t'(pick_q), iova: {place, DescLog2'(0)},
                           count: 5'(more) + 5'd1, index: here};
  assign batch_valid_o = avail[pick_q] && room_i[pick_q];

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(OneDoorbellAtATime, $onehot0(rings))
  `CW_ASSERT(BatchInPage, !batch_valid_o
      || (batch_o.iova & 64'hfff) + 64'(batch_o.count) * DescBytes <= 64'd4096)
  `CW_ASSERT(BatchInLimit, !batch_valid_o
      || (batch_o.count != '0 && 32'(batch_o.count) * DescBytes <= 32'(limit_bytes(max_read_i))))
  `CW_ASSERT(RetiredIsThere, !retired_valid_i || 32'(retired_chan_i) < Channels)

endmodule
