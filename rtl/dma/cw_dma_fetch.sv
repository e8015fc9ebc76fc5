// SPDX-License-Identifier: Apache-2.0
//
// Reads descriptors ahead, those of the rings by the batch, linked ones as the entry comes to them,
// and presents each channel's in order, whatever the order of the answers. Of the channels that
// want one each has its turn; one alone has one a clock. A descriptor is presented for one clock:
// if it is not taken in this clock it will be presented again. One that could not be read, or is
// of the round before, is presented as an error and is the last of its channel until `restart_i`.
// A halted channel is presented no more; what it is owed is waited for. Spec: docs/dma.md, "Rings".
`include "cw_assert.svh"
module cw_dma_fetch
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W         = 256,  // bits of a beat
  parameter  int unsigned Channels  = 6,
  parameter  int unsigned DescSlots = 32,   // of each channel, asked for or waiting
  parameter  int unsigned CutBytes  = 4,    // answers are cut at multiples of it: 4 or 32
  parameter  int unsigned Reads     = DescSlots < 64 ? 8 : DescSlots / 8,  // of a ring, under way
  localparam int unsigned IndexW    = $clog2(DescSlots) + 1,
  localparam int unsigned ReadW     = $clog2(Reads),
  localparam int unsigned OwedW     = $clog2(Reads + 2),
  localparam int unsigned ChanW     = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                     clk_i,
  input  logic                     rst_i,

  // By channel
  input  logic [Channels-1:0][3:0] ring_log2_i,
  input  logic [Channels-1:0]      halted_i,
  input  logic [Channels-1:0]      restart_i,  // pulse: begin at index 0 again; only while not busy
  output logic [Channels-1:0]      busy_o,     // answers are owed

  // Batches to read
  output logic [Channels-1:0]      room_o,     // of a channel without, none may be offered
  input  batch_t                   batch_i,
  input  logic                     batch_valid_i,
  output logic                     batch_ready_o,

  // Reads of host memory
  output rd_req_t                  rd_req_o,
  output logic                     rd_valid_o,
  input  logic                     rd_ready_i,

  // Their answers, always taken; other clients' are not looked at
  input  rd_rsp_t                  rsp_i,
  input  logic [W-1:0]             rsp_data_i,
  input  logic                     rsp_valid_i,

  // Descriptors
  input  logic [Channels-1:0]      want_i,     // could take one in the next clock
  output front_t                   front_o,
  output logic                     front_valid_o,
  input  logic                     take_i
);

  localparam int unsigned DescLog2 = $clog2(DescBytes);

  link_t                           link;
  logic                            link_valid, link_issue, batch_issue, req_free, req_valid_q;
  rd_req_t                         req_q;
  logic [ReadW-1:0]                batch_read;

  desc_mark_t                      mark;
  logic [ChanW-1:0]                mark_chan;
  logic                            answer, failed;
  logic [IndexW-1:0]               come;
  logic [Channels-1:0][OwedW-1:0]  owed_q;

  logic [Channels-1:0][IndexW-1:0] index, filled;
  logic [Channels-1:0]             fill_failed, linked, link_half, link_avail, link_failed;
  logic [ChanW-1:0]                rd_chan;
  logic                            rd_linked, rd_en, follow, used;
  logic [IndexW-1:0]               rd_index;
  desc_t                           rd_desc;

  function automatic logic [11:0] mark_of(desc_mark_t fields);
    return fields;
  endfunction

  // The front of an entry waits for a linked descriptor, so it goes first.
  assign req_free      = !req_valid_q || rd_ready_i;
  assign link_issue    = link_valid && req_free;
  assign batch_ready_o = req_free && !link_valid;
  assign batch_issue   = batch_valid_i && batch_ready_o;
  assign rd_req_o      = req_q;
  assign rd_valid_o    = req_valid_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) req_valid_q <= 1'b0;
    else       req_valid_q <= link_issue || batch_issue || (req_valid_q && !rd_ready_i);
  end

  // No reset: meaningful only with req_valid_q.
  always_ff @(posedge clk_i) begin
    if (link_issue)
      req_q <= '{attr: '0, iova: link.iova, bytes: 13'(link.both ? 2 * DescBytes : DescBytes),
                 dest: 64'(link.iova[DescLog2:0]),
                 mark: mark_of('{linked: 1'b1, read: '0, chan: link.chan})};
    else if (batch_issue)
      req_q <= '{attr: '0, iova: batch_i.iova, bytes: 13'({batch_i.count, DescLog2'(0)}),
                 dest: 64'({batch_i.index[IndexW-1:0], DescLog2'(0)}),
                 mark: mark_of('{linked: 1'b0, read: 7'(batch_read), chan: batch_i.chan})};
  end

  assign mark      = desc_mark_t'(rsp_i.mark);
  assign mark_chan = ChanW'(mark.chan);
  assign answer    = rsp_valid_i && rsp_i.client == ClientDesc;
  assign failed    = rsp_i.status != RdOk;

  always_ff @(posedge clk_i) begin
    for (int unsigned c = 0; c < Channels; c++) begin
      if (rst_i) owed_q[c] <= '0;
      else       owed_q[c] <= owed_q[c]
          + OwedW'((link_issue && link.chan == chan_t'(c))
                || (batch_issue && batch_i.chan == chan_t'(c)))
          - OwedW'(answer && rsp_i.last && rsp_i.eop && mark.chan == chan_t'(c));
    end
  end

  always_comb for (int unsigned c = 0; c < Channels; c++) busy_o[c] = owed_q[c] != '0;

  cw_dma_desc_buffer #(
    .W(W), .Channels(Channels), .DescSlots(DescSlots), .CutBytes(CutBytes)
  ) u_buffer (
    .clk_i,
    .rst_i,
    .piece_chan_i   (mark_chan),
    .piece_linked_i (mark.linked),
    .piece_dest_i   (rsp_i.dest[IndexW+DescLog2-1:0]),
    .piece_bytes_i  (rsp_i.bytes),
    .piece_eop_i    (rsp_i.eop),
    .piece_data_i   (rsp_data_i),
    .piece_valid_i  (answer),
    .come_o         (come),
    .rd_chan_i      (rd_chan),
    .rd_linked_i    (rd_linked),
    .rd_index_i     (rd_index),
    .rd_en_i        (rd_en),
    .desc_o         (rd_desc)
  );

  cw_dma_order #(.Channels(Channels), .DescSlots(DescSlots), .Reads(Reads)) u_order (
    .clk_i,
    .rst_i,
    .restart_i,
    .issue_chan_i  (ChanW'(batch_i.chan)),
    .issue_end_i   (batch_i.index[IndexW-1:0] + IndexW'(batch_i.count)),
    .issue_valid_i (batch_issue),
    .issue_read_o  (batch_read),
    .come_chan_i   (mark_chan),
    .come_read_i   (mark.read[ReadW-1:0]),
    .come_index_i  (come),
    .come_failed_i (failed),
    .come_valid_i  (answer && !mark.linked),
    .front_i       (index),
    .filled_o      (filled),
    .failed_o      (fill_failed),
    .room_o
  );

  cw_dma_links #(.Channels(Channels)) u_links (
    .clk_i,
    .rst_i,
    .restart_i,
    .halted_i,
    .desc_chan_i   (ChanW'(front_o.chan)),
    .desc_i        (front_o.desc),
    .desc_linked_i (front_o.linked),
    .desc_taken_i  (used),
    .follow_o      (follow),
    .ask_o         (link),
    .ask_valid_o   (link_valid),
    .ask_ready_i   (req_free),
    .come_chan_i   (mark_chan),
    .come_count_i  (come[1:0]),
    .come_failed_i (failed),
    .come_last_i   (rsp_i.last && rsp_i.eop),
    .come_valid_i  (answer && mark.linked),
    .linked_o      (linked),
    .half_o        (link_half),
    .avail_o       (link_avail),
    .failed_o      (link_failed)
  );

  cw_dma_present #(.Channels(Channels), .DescSlots(DescSlots)) u_present (
    .clk_i,
    .rst_i,
    .ring_log2_i,
    .halted_i,
    .restart_i,
    .index_o       (index),
    .filled_i      (filled),
    .failed_i      (fill_failed),
    .linked_i      (linked),
    .link_half_i   (link_half),
    .link_avail_i  (link_avail),
    .link_failed_i (link_failed),
    .rd_chan_o     (rd_chan),
    .rd_linked_o   (rd_linked),
    .rd_index_o    (rd_index),
    .rd_en_o       (rd_en),
    .rd_desc_i     (rd_desc),
    .want_i,
    .front_o,
    .front_valid_o,
    .take_i,
    .follow_i      (follow),
    .used_o        (used)
  );

  `CW_REQUIRE(OwedW <= 8, "reads have a number in the mark")
  `CW_ASSERT_HELD(ReqHeld, rd_valid_o, rd_ready_i, rd_req_o)
  `CW_ASSERT(AnswerWasAsked, !answer || owed_q[mark_chan] != '0)
  `CW_ASSERT(FailureWithoutBytes, !answer || !failed
      || (rsp_i.bytes == '0 && rsp_i.last && rsp_i.sop && rsp_i.eop))
  `CW_ASSERT(DwordAligned, !answer || rsp_i.offset == '0)
  `CW_ASSERT(RestartNothingOwed, (restart_i & busy_o) == '0)

endmodule
