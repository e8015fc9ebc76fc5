// SPDX-License-Identifier: Apache-2.0
//
// Carries out non-posted requests in order and says what to send for each: the header of every
// completion, and its data as beats, for which it has kept room. Reads of card memory follow each
// other without a gap: a completion per clock, where its data are one beat.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.3.1.1 (data return), 2.4.1 (ordering).
`include "cw_assert.svh"
module cw_completer_read
  import cw_tlp_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned W         = 256,  // bits of a beat
  parameter int unsigned Functions = 1,    // 1 to 8
  parameter int unsigned Beats     = 16    // room for data, in beats
) (
  input  logic                                   clk_i,
  input  logic                                   rst_i,

  input  cw_cfg_pkg::cfg_state_t [Functions-1:0] state_i,
  output cw_cfg_pkg::error_report_t              report_o,

  // Requests; offered once the posted requests before them have been carried out
  input  np_req_t                                req_i,
  input  logic                                   req_valid_i,
  output logic                                   req_ready_o,

  // Payloads of AtomicOps, one for each, in order
  input  logic [255:0]                           operands_i,
  input  logic                                   operands_valid_i,
  output logic                                   operands_take_o,

  // Register bus
  output logic                                   reg_valid_o,
  output cw_endpoint_pkg::reg_req_t              reg_req_o,
  input  logic                                   reg_ready_i,
  input  logic [31:0]                            reg_rdata_i,
  input  logic                                   reg_error_i,

  // Beats of card memory and of the AXI4 port, never of both at a time; answers in order
  output beat_read_t                             cm_rd_req_o,
  output logic                                   cm_rd_valid_o,
  input  logic                                   cm_rd_ready_i,
  output logic [31:0]                            cm_rd_addr_o,
  input  logic                                   cm_rd_rvalid_i,
  input  logic [W-1:0]                           cm_rd_rdata_i,
  input  logic                                   cm_rd_error_i,   // TargetAxi only

  // AtomicOps on card memory
  output cw_atomic_pkg::atomic_req_t             atomic_req_o,
  input  cw_atomic_pkg::atomic_rsp_t             atomic_rsp_i,

  // Configuration space
  output cfg_hdr_t                               cfg_hdr_o,
  output logic [31:0]                            cfg_wdata_o,
  output logic                                   cfg_valid_o,
  input  logic                                   cfg_ready_i,
  input  logic [31:0]                            cfg_rdata_i,
  input  cpl_status_e                            cfg_status_i,
  input  logic                                   cfg_done_i,

  // Completions
  output cpl_entry_t                             entry_o,
  output logic                                   entry_valid_o,
  input  logic                                   entry_ready_i,
  output logic [W-1:0]                           data_o,
  output logic                                   data_valid_o,
  input  logic                                   data_taken_i
);

  localparam int unsigned RcbBytes = 128;  // registers and the AXI4 port are read in pieces of it

  piece_t  piece;
  np_req_t req;
  logic    piece_valid, piece_ready;

  cw_read_pieces #(.Functions(Functions), .RcbBytes(RcbBytes)) u_pieces (
    .clk_i,
    .rst_i,
    .state_i,
    .req_i,
    .req_valid_i,
    .req_ready_o,
    .piece_o       (piece),
    .piece_req_o   (req),
    .piece_valid_o (piece_valid),
    .piece_ready_i (piece_ready)
  );

  logic                      room, room_two, drained, asked, one_beat, atomic_valid;
  logic                      regs_valid, regs_done, regs_error, regs_beat;
  logic                      beats_valid, beats_room, beats_begin, beats_done;
  logic                      cfg_valid, cfg_done, axi_begin, axi_room, axi_busy;
  logic [3:0]                skip_dw;
  logic [31:0]               cfg_rdata;
  logic [W-1:0]              regs_data;
  cpl_status_e               cfg_status;
  cpl_entry_t                entry, axi_entry;
  logic                      entry_valid, axi_entry_valid;
  cw_cfg_pkg::error_report_t report, axi_report;

  cw_read_dispatch u_dispatch (
    .clk_i,
    .rst_i,
    .piece_i          (piece),
    .req_i            (req),
    .piece_valid_i    (piece_valid),
    .piece_ready_o    (piece_ready),
    .operands_valid_i,
    .operands_take_o,
    .drained_i        (drained),
    .axi_busy_i       (axi_busy),
    .axi_room_i       (axi_room),
    .beat_room_i      (room),
    .two_beats_room_i (room_two),
    .regs_valid_o     (regs_valid),
    .regs_done_i      (regs_done),
    .regs_error_i     (regs_error),
    .beats_valid_o    (beats_valid),
    .beats_room_o     (beats_room),
    .beats_begin_i    (beats_begin),
    .beats_done_i     (beats_done),
    .beats_skip_dw_i  (skip_dw),
    .axi_begin_o      (axi_begin),
    .cfg_valid_o      (cfg_valid),
    .cfg_done_i       (cfg_done),
    .cfg_status_i     (cfg_status),
    .atomic_valid_o   (atomic_valid),
    .atomic_done_i    (atomic_rsp_i.ready),
    .entry_o          (entry),
    .entry_valid_o    (entry_valid),
    .entry_ready_i,
    .one_beat_o       (one_beat),
    .report_o         (report)
  );

  cw_reg_reader #(.W(W)) u_regs (
    .clk_i,
    .rst_i,
    .piece_i      (piece),
    .req_i        (req),
    .valid_i      (regs_valid),
    .done_o       (regs_done),
    .error_o      (regs_error),
    .reg_valid_o,
    .reg_req_o,
    .reg_ready_i,
    .reg_rdata_i,
    .reg_error_i,
    .beat_data_o  (regs_data),
    .beat_valid_o (regs_beat),
    .room_i       (room)
  );

  cw_card_reader #(.W(W)) u_beats (
    .clk_i,
    .rst_i,
    .piece_i      (piece),
    .req_i        (req),
    .valid_i      (beats_valid),
    .begin_o      (beats_begin),
    .done_o       (beats_done),
    .skip_dw_o    (skip_dw),
    .entry_room_i (beats_room),
    .beat_room_i  (room),
    .beat_o       (asked),
    .cm_rd_req_o,
    .cm_rd_valid_o,
    .cm_rd_ready_i,
    .cm_rd_addr_o
  );

  cw_read_verdict u_axi (
    .clk_i,
    .rst_i,
    .piece_i       (piece),
    .req_i         (req),
    .skip_dw_i     (skip_dw),
    .beats_i       (cm_rd_req_o.beats),
    .begin_i       (axi_begin),
    .room_o        (axi_room),
    .busy_o        (axi_busy),
    .beat_i        (cm_rd_rvalid_i && axi_busy),
    .error_i       (cm_rd_error_i),
    .entry_o       (axi_entry),
    .entry_valid_o (axi_entry_valid),
    .entry_ready_i,
    .report_o      (axi_report)
  );

  cw_cfg_access u_cfg (
    .clk_i,
    .rst_i,
    .valid_i      (cfg_valid),
    .done_o       (cfg_done),
    .status_o     (cfg_status),
    .rdata_o      (cfg_rdata),
    .cfg_valid_o,
    .cfg_ready_i,
    .cfg_done_i,
    .cfg_status_i,
    .cfg_rdata_i
  );

  assign cfg_hdr_o    = cfg_hdr_t'(req.hdr);
  assign cfg_wdata_o  = req.wdata;
  assign atomic_req_o = cw_atomic_pkg::atomic_request(
      atomic_valid, req.hdr, req.offset, operands_i);

  cw_read_room #(.W(W), .Beats(Beats)) u_room (
    .clk_i,
    .rst_i,
    .room_o         (room),
    .room_two_o     (room_two),
    .drained_o      (drained),
    .asked_i        (asked),
    .answer_data_i  (cm_rd_rdata_i),
    .answer_valid_i (cm_rd_rvalid_i),
    .regs_data_i    (regs_data),
    .regs_valid_i   (regs_beat),
    .atomic_data_i  (W'(atomic_rsp_i.data)),
    .atomic_valid_i (atomic_rsp_i.valid),
    .dword_i        (cfg_done ? cfg_rdata : 32'd0),
    .dword_valid_i  (one_beat),
    .data_o,
    .data_valid_o,
    .data_taken_i
  );

  // Pieces of the AXI4 port are announced while nothing else is.
  assign entry_valid_o = entry_valid || axi_entry_valid;
  assign entry_o       = axi_busy ? axi_entry : entry;
  assign report_o      = report | axi_report;

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_REQUIRE(Beats * W / 8 >= RcbBytes, "a piece of registers does not fit")
  `CW_ASSERT(EntryHasRoom, !entry_valid_o || entry_ready_i)
  `CW_ASSERT(OneEntry, !(entry_valid && axi_entry_valid))
  `CW_ASSERT(OneReport, report == '0 || axi_report == '0)
  `CW_ASSERT(AtomicAnswered, !atomic_rsp_i.valid || atomic_valid)
  `CW_ASSERT_HELD(CfgHeld, cfg_valid_o, cfg_ready_i, {cfg_hdr_o, cfg_wdata_o})
  `CW_ASSERT_HELD(AtomicHeld, atomic_valid, atomic_rsp_i.ready, atomic_req_o)

endmodule
