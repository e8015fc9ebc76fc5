// SPDX-License-Identifier: Apache-2.0
//
// Reads descriptors ahead: up to `Slots` ring entries at once, two to a request where they share a
// 64-byte line, answered in any order. Hands them out in ring order and follows the chain of the
// entry at the front. A descriptor that cannot be read is handed out as failed, and is the last one
// until `restart_i`. Spec: docs/dma.md, "Descriptor".
`include "cw_assert.svh"
module cw_dma_fetch
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W      = 256,            // bits of a beat
  parameter  int unsigned Slots  = 8,              // descriptors in flight or waiting
  parameter  rd_client_e  Client = ClientH2cDesc,  // whose answers to take
  localparam int unsigned SlotW  = $clog2(Slots)
) (
  input  logic         clk_i,
  input  logic         rst_i,
  input  logic         restart_i,  // pulse: begin at ring index 0 again; only while idle
  output logic         busy_o,

  // Ring: the next entry, and with `pair` the one behind it
  input  logic [63:0]  entry_iova_i,
  input  logic         entry_avail_i,
  input  logic         entry_pair_i,
  output logic         entry_take_o,
  output logic         entry_both_o,

  // Reads of host memory
  output rd_req_t      rd_req_o,
  output logic         rd_valid_o,
  input  logic         rd_ready_i,

  // Their answers, always taken; other clients' are not looked at
  input  rd_rsp_t      rsp_i,
  input  logic [W-1:0] rsp_data_i,
  input  logic         rsp_valid_i,

  // Descriptors, in order
  output desc_t        desc_o,
  output logic         desc_first_o,   // of its entry
  output logic         desc_failed_o,  // could not be read; `desc_o` is junk
  output logic         desc_valid_o,
  input  logic         desc_ready_i,
  input  logic         desc_follow_i   // with ready: go on at `next`, else the entry ends here
);

  // rd_req_t.slot of a chained descriptor, beside the slot: an answer to the front's chain is not
  // one to the ring request that brought the front.
  localparam logic [3:0] ChainMark = 4'd8;

  // By slot: in use; its ring descriptor not yet come; asked for with the slot above; descriptor
  // in the buffer (or failed); failed.
  logic [Slots-1:0] used_q, used_d, owed_q, owed_d, pair_q, pair_d;
  logic [Slots-1:0] have_q, have_d, failed_q, failed_d, filled, failing;
  logic [SlotW-1:0] alloc_q, alloc_d, front_q, front_d;
  logic             first_q, first_d, stop_q, stop_d, dead_q, dead_d;
  logic             chain_q, chain_d, req_valid_q, req_valid_d, shown_q, shown_d;
  rd_req_t          req_q, req_d;
  logic [63:0]      chain_iova_q, chain_iova_d;

  logic             answer, answer_chain, slot_free, req_free, taken, show;
  logic [SlotW-1:0] answer_slot, answer_mate, alloc_mate;

  assign answer       = rsp_valid_i && rsp_i.client == Client;
  assign answer_slot  = rsp_i.slot[SlotW-1:0];
  assign answer_mate  = answer_slot | SlotW'(1);
  assign answer_chain = (rsp_i.slot & ChainMark) != '0;
  assign alloc_mate   = alloc_q | SlotW'(1);
  assign req_free     = !req_valid_q || rd_ready_i;
  assign taken        = desc_valid_o && desc_ready_i;

  // A lower slot waits for its mate: the answer that brings the mate bears the lower slot's number.
  assign slot_free    = !used_q[alloc_q] && !used_q[alloc_mate];
  assign entry_take_o = entry_avail_i && req_free && !chain_q && slot_free && !stop_q;
  assign entry_both_o = entry_pair_i && !alloc_q[0];

  cw_dma_desc_buffer #(.W(W), .Slots(Slots)) u_buffer (
    .clk_i,
    .rst_i,
    .piece_dest_i  (rsp_i.dest[SlotW+4:0]),
    .piece_bytes_i (rsp_i.bytes),
    .piece_eop_i   (rsp_i.eop),
    .piece_data_i  (rsp_data_i),
    .piece_valid_i (answer && rsp_i.bytes != '0),
    .filled_o      (filled),
    .rd_slot_i     (front_q),
    .rd_en_i       (show),
    .desc_o
  );

  always_comb begin
    failing = '0;
    if (answer && rsp_i.status != RdOk) begin
      failing[answer_slot] = answer_chain || owed_q[answer_slot];
      if (!answer_chain && pair_q[answer_slot]) failing[answer_mate] = owed_q[answer_mate];
    end
  end

  assign show          = have_q[front_q] && !shown_q && !dead_q;
  assign desc_valid_o  = shown_q;
  assign desc_first_o  = first_q;
  assign desc_failed_o = failed_q[front_q];
  assign rd_req_o      = req_q;
  assign rd_valid_o    = req_valid_q;
  assign busy_o        = used_q != '0 || req_valid_q;

  always_comb begin
    used_d       = used_q;
    owed_d       = owed_q & ~filled & ~failing;
    pair_d       = pair_q;
    have_d       = have_q | filled | failing;
    failed_d     = (failed_q & ~filled) | failing;
    alloc_d      = alloc_q;
    front_d      = front_q;
    first_d      = first_q;
    stop_d       = stop_q || failing != '0;
    dead_d       = dead_q;
    chain_d      = chain_q;
    chain_iova_d = chain_iova_q;
    shown_d      = show || (shown_q && !desc_ready_i);
    req_valid_d  = req_valid_q && !rd_ready_i;
    req_d        = req_q;

    if (chain_q && req_free) begin  // the front waits for it: before the ring
      req_valid_d = 1'b1;
      chain_d     = 1'b0;
      req_d       = '{attr: '0, iova: chain_iova_q, bytes: 13'(DescBytes),
                      dest: 32'({front_q, 5'd0}), slot: ChainMark | 4'(front_q)};
    end else if (entry_take_o) begin
      req_valid_d     = 1'b1;
      req_d           = '{attr: '0, iova: entry_iova_i,
                          bytes: entry_both_o ? 13'(2 * DescBytes) : 13'(DescBytes),
                          dest: 32'({alloc_q, 5'd0}), slot: 4'(alloc_q)};
      used_d[alloc_q] = 1'b1;
      owed_d[alloc_q] = 1'b1;
      pair_d[alloc_q] = entry_both_o;
      alloc_d         = alloc_q + 1'b1;
      if (entry_both_o) begin
        used_d[alloc_mate] = 1'b1;
        owed_d[alloc_mate] = 1'b1;
        pair_d[alloc_mate] = 1'b0;
        alloc_d            = alloc_q + SlotW'(2);
      end
    end

    if (taken) begin
      have_d[front_q] = 1'b0;
      first_d         = !desc_follow_i;
      chain_iova_d    = desc_o.next;
      dead_d          = desc_failed_o;
      if (desc_follow_i) begin
        chain_d = 1'b1;
      end else begin
        used_d[front_q] = 1'b0;
        front_d         = front_q + 1'b1;
      end
    end

    if (dead_q) begin  // entries behind the failed one: forget each as its answer comes
      used_d = used_q & ~have_q;
      have_d = have_d & ~have_q;
    end

    if (restart_i) begin
      alloc_d = '0;
      front_d = '0;
      stop_d  = 1'b0;
      dead_d  = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      used_q      <= '0;
      owed_q      <= '0;
      have_q      <= '0;
      alloc_q     <= '0;
      front_q     <= '0;
      first_q     <= 1'b1;
      stop_q      <= 1'b0;
      dead_q      <= 1'b0;
      chain_q     <= 1'b0;
      shown_q     <= 1'b0;
      req_valid_q <= 1'b0;
    end else begin
      used_q      <= used_d;
      owed_q      <= owed_d;
      have_q      <= have_d;
      alloc_q     <= alloc_d;
      front_q     <= front_d;
      first_q     <= first_d;
      stop_q      <= stop_d;
      dead_q      <= dead_d;
      chain_q     <= chain_d;
      shown_q     <= shown_d;
      req_valid_q <= req_valid_d;
    end
  end

  // No reset: meaningful only with used_q, have_q, chain_q, req_valid_q.
  always_ff @(posedge clk_i) begin
    pair_q       <= pair_d;
    failed_q     <= failed_d;
    chain_iova_q <= chain_iova_d;
    req_q        <= req_d;
  end

  `CW_ASSERT(AnswerWasAsked, (filled & ~used_q) == '0 && (filled & have_q) == '0)
  `CW_ASSERT(FailureWithoutBytes, !answer || rsp_i.status == RdOk
      || (rsp_i.bytes == '0 && rsp_i.last && rsp_i.sop && rsp_i.eop))
  `CW_ASSERT(DwordAligned, !answer || rsp_i.offset == '0)
  `CW_ASSERT(FollowNeverFailed, !taken || !desc_failed_o || !desc_follow_i)
  `CW_ASSERT(RestartOnlyIdle, !restart_i || !busy_o)
  `CW_ASSERT_HELD(ReqHeld, rd_valid_o, rd_ready_i, rd_req_o)
  `CW_ASSERT_HELD(DescHeld, desc_valid_o, desc_ready_i, {desc_o, desc_first_o, desc_failed_o})

endmodule
