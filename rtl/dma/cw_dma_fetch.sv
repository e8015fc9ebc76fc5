// SPDX-License-Identifier: Apache-2.0
//
// Reads descriptors ahead: up to `Slots` ring entries at once, answered in any order and in any
// number of pieces, and hands them out in ring order; follows the chain of the entry at the front.
// A descriptor that cannot be read is handed out as failed, and is the last one until `restart_i`.
// Spec: docs/dma.md, "Descriptor".
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
  input  logic         restart_i,  // pulse: forget the failure; only while idle
  output logic         busy_o,

  // Ring
  input  logic [63:0]  entry_iova_i,
  input  logic         entry_avail_i,
  output logic         entry_take_o,

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

  localparam int unsigned Lanes    = W / 32;
  localparam int unsigned DescDw   = DescBytes / 4;
  localparam int unsigned UseLanes = Lanes < DescDw ? Lanes : DescDw;

  logic [Slots-1:0] used_q, used_d, have_q, have_d, failed_q, failed_d;
  logic [SlotW-1:0] alloc_q, alloc_d, front_q, front_d;
  logic             first_q, first_d, stop_q, stop_d, dead_q, dead_d;
  logic             chain_q, chain_d, req_valid_q, req_valid_d, shown_q, shown_d;
  rd_req_t          req_q, req_d;
  logic [63:0]      chain_iova_q, chain_iova_d;
  logic [8:0]       piece_dw_q, piece_dw_d;

  logic             answer, answer_ends, req_free, taken, ram_read;
  logic [SlotW-1:0] answer_slot;

  assign answer      = rsp_valid_i && rsp_i.client == Client;
  assign answer_ends = answer && rsp_i.eop && rsp_i.last;
  assign answer_slot = rsp_i.slot[SlotW-1:0];
  assign req_free    = !req_valid_q || rd_ready_i;
  assign taken       = desc_valid_o && desc_ready_i;

  assign entry_take_o = entry_avail_i && req_free && !chain_q && !used_q[alloc_q] && !stop_q;

  // Pieces go into the buffer dword by dword: a completer may cut a descriptor anywhere (R53).

  logic [8:0]                first_dw;  // of the descriptor, in lane 0 of this beat
  logic [8:0]                left_dw;   // of the piece, from this beat on
  logic [31:0]               turn;      // lanes to turn up, so that dwords meet their places
  logic [32*UseLanes-1:0]    turned;
  logic [DescDw-1:0]         wr_strb;

  assign piece_dw_d = rsp_i.eop ? '0 : piece_dw_q + 9'(Lanes);
  assign first_dw   = {6'd0, rsp_i.dest[4:2]} + piece_dw_q;
  assign left_dw    = 9'(rsp_i.bytes >> 2) - piece_dw_q;
  assign turn       = 32'(first_dw) % UseLanes;

  always_comb begin
    turned = rsp_data_i[32*UseLanes-1:0];
    for (int unsigned b = 0; b < $clog2(UseLanes); b++) begin
      if (turn[b]) turned = (turned << (32 << b)) | (turned >> (32 * UseLanes - (32 << b)));
    end
  end

  always_comb begin
    for (int unsigned d = 0; d < DescDw; d++) begin  // below first_dw the difference is huge
      wr_strb[d] = 9'(d) - first_dw < (left_dw < 9'(UseLanes) ? left_dw : 9'(UseLanes));
    end
  end

  if (Lanes > UseLanes) begin : gen_high_lanes  // a descriptor never reaches them
    logic unused_high;
    assign unused_high = ^rsp_data_i[W-1:32*UseLanes];
  end

  cw_ram_sdp #(.DataW(8 * DescBytes), .Depth(Slots), .ByteW(32)) u_buffer (
    .clk_i,
    .rst_i,
    .wr_en_i   (answer && rsp_i.bytes != '0),
    .wr_strb_i (wr_strb),
    .wr_addr_i (answer_slot),
    .wr_data_i ({DescDw / UseLanes{turned}}),
    .rd_en_i   (ram_read),
    .rd_addr_i (front_q),
    .rd_data_o (desc_o)
  );

  assign ram_read      = have_q[front_q] && !shown_q && !dead_q;
  assign desc_valid_o  = shown_q;
  assign desc_first_o  = first_q;
  assign desc_failed_o = failed_q[front_q];
  assign rd_req_o      = req_q;
  assign rd_valid_o    = req_valid_q;
  assign busy_o        = used_q != '0 || req_valid_q;

  always_comb begin
    used_d       = used_q;
    have_d       = have_q;
    failed_d     = failed_q;
    alloc_d      = alloc_q;
    front_d      = front_q;
    first_d      = first_q;
    stop_d       = (stop_q || (answer_ends && rsp_i.status != RdOk)) && !restart_i;
    dead_d       = dead_q && !restart_i;
    chain_d      = chain_q;
    chain_iova_d = chain_iova_q;
    shown_d      = ram_read || (shown_q && !desc_ready_i);
    req_valid_d  = req_valid_q && !rd_ready_i;
    req_d        = req_q;

    if (chain_q && req_free) begin  // the front waits for it: before the ring
      req_valid_d = 1'b1;
      chain_d     = 1'b0;
      req_d       = '{iova: chain_iova_q, bytes: 13'(DescBytes),
                      dest: 32'({front_q, 5'd0}), slot: 4'(front_q)};
    end else if (entry_take_o) begin
      req_valid_d     = 1'b1;
      used_d[alloc_q] = 1'b1;
      alloc_d         = alloc_q + 1'b1;
      req_d           = '{iova: entry_iova_i, bytes: 13'(DescBytes),
                          dest: 32'({alloc_q, 5'd0}), slot: 4'(alloc_q)};
    end

    if (answer_ends) begin
      have_d[answer_slot]   = 1'b1;
      failed_d[answer_slot] = rsp_i.status != RdOk;
    end

    if (taken) begin
      have_d[front_q] = 1'b0;
      if (desc_follow_i) begin
        chain_d      = 1'b1;
        chain_iova_d = desc_o.next;
      end else begin
        used_d[front_q] = 1'b0;
        front_d         = front_q + 1'b1;
      end
      first_d = !desc_follow_i;
      dead_d  = desc_failed_o;
    end

    if (dead_q) begin  // entries behind the failed one: forget each as its answer ends
      used_d = used_q & ~have_q;
      have_d = have_d & ~have_q;
      if (used_q == '0) begin
        alloc_d = front_q;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      used_q      <= '0;
      have_q      <= '0;
      alloc_q     <= '0;
      front_q     <= '0;
      first_q     <= 1'b1;
      stop_q      <= 1'b0;
      dead_q      <= 1'b0;
      chain_q     <= 1'b0;
      shown_q     <= 1'b0;
      req_valid_q <= 1'b0;
      piece_dw_q  <= '0;
    end else begin
      used_q      <= used_d;
      have_q      <= have_d;
      alloc_q     <= alloc_d;
      front_q     <= front_d;
      first_q     <= first_d;
      stop_q      <= stop_d;
      dead_q      <= dead_d;
      chain_q     <= chain_d;
      shown_q     <= shown_d;
      req_valid_q <= req_valid_d;
      if (answer) piece_dw_q <= piece_dw_d;
    end
  end

  // No reset: meaningful only with have_q, chain_q, req_valid_q.
  always_ff @(posedge clk_i) begin
    failed_q     <= failed_d;
    chain_iova_q <= chain_iova_d;
    req_q        <= req_d;
  end

  `CW_REQUIRE(Slots inside {2, 4, 8, 16}, "rd_req_t.slot has four bits")
  `CW_ASSERT(AnswerWasAsked, !answer || (used_q[answer_slot] && !have_q[answer_slot]))
  `CW_ASSERT(WholeDwords, !answer || (rsp_i.offset == '0 && rsp_i.bytes[1:0] == '0))
  `CW_ASSERT(PieceStartsWithSop, !answer || rsp_i.sop == (piece_dw_q == '0))
  `CW_ASSERT(FollowNeverFailed, !taken || !desc_failed_o || !desc_follow_i)
  `CW_ASSERT(RestartOnlyIdle, !restart_i || !busy_o)
  `CW_ASSERT_HELD(ReqHeld, rd_valid_o, rd_ready_i, rd_req_o)
  `CW_ASSERT_HELD(DescHeld, desc_valid_o, desc_ready_i, {desc_o, desc_first_o, desc_failed_o})

endmodule
