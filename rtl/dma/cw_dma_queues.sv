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

  localparam logic [7:0]  Limit  = 8'(batch_limit(DescSlots));
  localparam logic [7:0]  InPage = 8'(cw_tlp_pkg::bytes_to_page_end('0) >> $clog2(DescBytes));

  // Descriptors as far as they matter: more than a batch is a batch.
  function automatic logic [4:0] at_most(logic [4:0] count, logic [15:0] other);
    return other < 16'(count) ? 5'(other) : count;
  endfunction

  logic [Channels-1:0]       avail, hint;
  logic [Channels-1:0][15:0] next, tail;
  logic [Channels-1:0][4:0]  taken;
  logic [ChanW-1:0]          pick_q, choice;
  logic                      any, stays;

  logic [15:0]               mask, slot;  // of the channel picked; where its next descriptor is
  logic [63:0]               iova;
  logic [4:0]                count;

  for (genvar c = 0; c < Channels; c++) begin : gen_ring
    assign taken[c] = batch_valid_o && batch_ready_i && pick_q == ChanW'(c) ? count : '0;

    cw_dma_ring u_ring (
      .clk_i,
      .rst_i,
      .ctl_i          (ctl_i[c]),
      .halted_o       (halted_o[c]),
      .bad_doorbell_o (bad_doorbell_o[c]),
      .restart_o      (restart_o[c]),
      .open_i         (open_i[c]),
      .rest_i         (rest_i[c]),
      .halt_i         (halt_i[c]),
      .avail_o        (avail[c]),
      .next_o         (next[c]),
      .tail_o         (tail[c]),
      .taken_i        (taken[c]),
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

  assign mask = ring_mask(ctl_i[pick_q].ring_log2);
  assign slot = next[pick_q] & mask;
  assign iova = {ctl_i[pick_q].ring_iova[63:5], 5'd0} + {43'd0, slot, 5'd0};

  always_comb begin
    count = Limit[4:0];
    count = at_most(count, tail[pick_q] - next[pick_q]);
    count = at_most(count, mask - slot + 16'd1);
    count = at_most(count, 16'(InPage - 8'(iova[11:5])));
    count = at_most(count, 16'(limit_bytes(max_read_i) >> $clog2(DescBytes)));
  end

  assign batch_o       = '{chan: chan_t'(pick_q), iova: iova, count: count, index: next[pick_q]};
  assign batch_valid_o = avail[pick_q] && room_i[pick_q];

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(BatchInPage, !batch_valid_o
      || 13'(iova[11:0]) + 13'({count, 5'd0}) <= 13'd4096)
  `CW_ASSERT(BatchInLimit, !batch_valid_o
      || (count != '0 && 13'({count, 5'd0}) <= limit_bytes(max_read_i)))
  `CW_ASSERT(RetiredIsThere, !retired_valid_i || 32'(retired_chan_i) < Channels)

endmodule
