// SPDX-License-Identifier: Apache-2.0
//
// One DMA channel, from doorbell to interrupt. With `ToCard` its mover is the reader (host to
// card), else the writer (card to host); the other's ports are tied off. Spec: docs/dma.md.
`include "cw_assert.svh"
module cw_dma_channel
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W            = 256,    // bits of a beat
  parameter  bit          ToCard       = 1'b1,
  parameter  int unsigned CardMemBytes = 65536,
  parameter  int unsigned DescSlots    = 8,      // descriptors read ahead
  parameter  int unsigned EntrySlots   = 8,      // ring entries in flight
  localparam int unsigned Bytes        = W / 8,
  localparam int unsigned SlotW        = $clog2(EntrySlots)
) (
  input  logic             clk_i,
  input  logic             rst_i,

  // Registers
  input  dma_ctl_t         ctl_i,
  output dma_sta_t         sta_o,
  output logic             irq_o,          // pulse
  input  logic [2:0]       max_payload_i,  // encodings
  input  logic [2:0]       max_read_i,

  // Reads of descriptors
  output rd_req_t          desc_req_o,
  output logic             desc_req_valid_o,
  input  logic             desc_req_ready_i,

  // Reads of data, with ToCard
  output rd_req_t          data_req_o,
  output logic             data_req_valid_o,
  input  logic             data_req_ready_i,

  // Answers to all clients; ready only for the channel's own
  input  rd_rsp_t          rsp_i,
  input  logic [W-1:0]     rsp_data_i,
  input  logic             rsp_valid_i,
  output logic             rsp_ready_o,

  // Writes of completion records
  output wr_beat_t         done_beat_o,
  output logic [W-1:0]     done_data_o,
  output logic             done_valid_o,
  input  logic             done_ready_i,

  // Writes of data, without ToCard
  output wr_beat_t         data_beat_o,
  output logic [W-1:0]     data_data_o,
  output logic             data_valid_o,
  input  logic             data_ready_i,

  // Card memory: written with ToCard, else read
  output logic             cm_wr_valid_o,
  input  logic             cm_wr_ready_i,
  output logic [31:0]      cm_wr_addr_o,
  output logic [W-1:0]     cm_wr_data_o,
  output logic [Bytes-1:0] cm_wr_strb_o,
  output logic             cm_rd_valid_o,
  input  logic             cm_rd_ready_i,
  output logic [31:0]      cm_rd_addr_o,
  input  logic             cm_rd_rvalid_i,
  input  logic [W-1:0]     cm_rd_rdata_i
);

  localparam rd_client_e DescClient = ToCard ? ClientH2cDesc : ClientC2hDesc;

  logic             restart, fetch_busy, retire_busy, busy, phase, retired, halt, chunk_room;
  logic [63:0]      entry_iova, record_iova;
  logic             entry_avail, entry_pair, entry_take, entry_both;
  logic [15:0]      head, open_tag;
  desc_t            desc;
  logic             desc_first, desc_failed, desc_valid, desc_ready, desc_follow;
  logic             open_irq, open_valid, open_ready, close, slot_failed, transfer_end;
  logic [SlotW-1:0] open_slot, slot;
  dma_error_e       close_error;
  transfer_t        transfer;
  chunk_t           chunk;
  logic             transfer_valid, transfer_ready, chunk_valid, mover_ready, issued;
  landed_t          landed;
  logic             landed_valid, data_rsp_ready;

  attr_t attr_q;  // of data; records and descriptors are strongly ordered

  assign busy = entry_avail || fetch_busy || retire_busy;

  // A write on offer must not change.
  always_ff @(posedge clk_i) if (!busy) attr_q <= ctl_i.attr;

  cw_dma_ring u_ring (
    .clk_i, .rst_i,
    .ctl_i,
    .idle_i         (!busy),
    .halted_o       (sta_o.halted),
    .bad_doorbell_o (sta_o.bad_doorbell),
    .restart_o      (restart),
    .entry_iova_o   (entry_iova),
    .entry_avail_o  (entry_avail),
    .entry_pair_o   (entry_pair),
    .entry_take_i   (entry_take),
    .entry_both_i   (entry_both),
    .head_o         (head),
    .phase_o        (phase),
    .record_iova_o  (record_iova),
    .retired_i      (retired),
    .halt_i         (halt)
  );

  cw_dma_fetch #(.W(W), .Slots(DescSlots), .Client(DescClient)) u_fetch (
    .clk_i, .rst_i,
    .restart_i     (restart),
    .busy_o        (fetch_busy),
    .entry_iova_i  (entry_iova),
    .entry_avail_i (entry_avail),
    .entry_pair_i  (entry_pair),
    .entry_take_o(entry_take), .entry_both_o(entry_both),
    .rd_req_o(desc_req_o), .rd_valid_o(desc_req_valid_o), .rd_ready_i(desc_req_ready_i),
    .rsp_i, .rsp_data_i, .rsp_valid_i,
    .desc_o        (desc),
    .desc_first_o  (desc_first),
    .desc_failed_o (desc_failed),
    .desc_valid_o  (desc_valid),
    .desc_ready_i  (desc_ready),
    .desc_follow_i (desc_follow)
  );

  cw_dma_launch #(.Slots(EntrySlots), .CardMemBytes(CardMemBytes)) u_launch (
    .clk_i, .rst_i,
    .desc_i           (desc),
    .desc_first_i     (desc_first),
    .desc_failed_i    (desc_failed),
    .desc_valid_i     (desc_valid),
    .desc_ready_o     (desc_ready),
    .desc_follow_o    (desc_follow),
    .open_tag_o       (open_tag),
    .open_irq_o       (open_irq),
    .open_valid_o     (open_valid),
    .open_ready_i     (open_ready),
    .open_slot_i      (open_slot),
    .slot_o           (slot),
    .close_o          (close),
    .close_error_o    (close_error),
    .slot_failed_i    (slot_failed),
    .transfer_o       (transfer),
    .transfer_valid_o (transfer_valid),
    .transfer_ready_i (transfer_ready),
    .end_i            (transfer_end)
  );

  cw_dma_splitter u_splitter (
    .clk_i, .rst_i,
    .max_i            (ToCard ? max_read_i : max_payload_i),
    .abort_i          (slot_failed),
    .transfer_i       (transfer),
    .transfer_valid_i (transfer_valid),
    .transfer_ready_o (transfer_ready),
    .chunk_o          (chunk),
    .chunk_valid_o    (chunk_valid),
    .chunk_ready_i    (mover_ready && chunk_room),
    .end_o            (transfer_end)
  );

  assign issued = chunk_valid && mover_ready && chunk_room;

  if (ToCard) begin : gen_to_card
    cw_dma_reader #(.W(W)) u_reader (
      .clk_i, .rst_i,
      .attr_i         (attr_q),
      .chunk_i        (chunk),
      .chunk_slot_i   (4'(slot)),
      .chunk_valid_i  (chunk_valid && chunk_room),
      .chunk_ready_o  (mover_ready),
      .rd_req_o       (data_req_o),
      .rd_valid_o     (data_req_valid_o),
      .rd_ready_i     (data_req_ready_i),
      .rsp_i, .rsp_data_i, .rsp_valid_i,
      .rsp_ready_o    (data_rsp_ready),
      .cm_wr_valid_o, .cm_wr_ready_i, .cm_wr_addr_o, .cm_wr_data_o, .cm_wr_strb_o,
      .landed_o       (landed),
      .landed_valid_o (landed_valid)
    );
    assign rsp_ready_o = rsp_i.client == DescClient
        || (rsp_i.client == ClientH2cData && data_rsp_ready);
    assign {data_beat_o, data_data_o, data_valid_o, cm_rd_valid_o, cm_rd_addr_o} = '0;

    logic unused_writer;
    assign unused_writer = ^{max_payload_i, data_ready_i, cm_rd_ready_i, cm_rd_rvalid_i,
                             cm_rd_rdata_i};
  end else begin : gen_to_host
    cw_dma_writer #(.W(W)) u_writer (
      .clk_i, .rst_i,
      .attr_i         (attr_q),
      .chunk_i        (chunk),
      .chunk_slot_i   (4'(slot)),
      .chunk_valid_i  (chunk_valid && chunk_room),
      .chunk_ready_o  (mover_ready),
      .cm_rd_valid_o, .cm_rd_ready_i, .cm_rd_addr_o, .cm_rd_rvalid_i, .cm_rd_rdata_i,
      .wr_beat_o      (data_beat_o),
      .wr_data_o      (data_data_o),
      .wr_valid_o     (data_valid_o),
      .wr_ready_i     (data_ready_i),
      .landed_o       (landed),
      .landed_valid_o (landed_valid)
    );
    assign rsp_ready_o    = rsp_i.client == DescClient;
    assign data_rsp_ready = 1'b0;
    assign {data_req_o, data_req_valid_o, cm_wr_valid_o, cm_wr_addr_o, cm_wr_data_o,
            cm_wr_strb_o} = '0;

    logic unused_reader;
    assign unused_reader = ^{max_read_i, data_req_ready_i, data_rsp_ready, cm_wr_ready_i};
  end

  cw_dma_retire #(.W(W), .Slots(EntrySlots)) u_retire (
    .clk_i, .rst_i,
    .busy_o         (retire_busy),
    .open_tag_i     (open_tag),
    .open_irq_i     (open_irq),
    .open_valid_i   (open_valid),
    .open_ready_o   (open_ready),
    .open_slot_o    (open_slot),
    .slot_i(slot), .issued_i(issued),
    .chunk_room_o   (chunk_room),
    .close_i        (close),
    .close_error_i  (close_error),
    .slot_failed_o  (slot_failed),
    .landed_i(landed), .landed_valid_i(landed_valid),
    .head_i         (head),
    .phase_i        (phase),
    .record_iova_i  (record_iova),
    .retired_o      (retired),
    .halt_o         (halt),
    .entry_error_o  (sta_o.entry_error),
    .irq_o,
    .wr_beat_o(done_beat_o), .wr_data_o(done_data_o),
    .wr_valid_o(done_valid_o), .wr_ready_i(done_ready_i)
  );

  assign sta_o.busy        = busy;
  assign sta_o.head        = head;
  assign sta_o.moved       = landed_valid && landed.bytes != '0;
  assign sta_o.moved_bytes = landed.bytes;

  `CW_ASSERT(InterruptAfterRecord, !irq_o || $past(done_valid_o && done_ready_i && done_beat_o.eop))
  `CW_ASSERT(SlotOutlivesItsChunk, !landed_valid || retire_busy)

endmodule
