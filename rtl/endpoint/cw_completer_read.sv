// SPDX-License-Identifier: Apache-2.0
//
// Carries out non-posted requests in order and says what to send for each: the header of every
// completion, and its data as beats, for which it has kept room.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.3.1.1 (data return), 2.4.1 (ordering).
`include "cw_assert.svh"
module cw_completer_read
  import cw_tlp_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned W     = 256,  // bits of a beat
  parameter int unsigned Beats = 16    // room for data, in beats
) (
  input  logic                      clk_i,
  input  logic                      rst_i,

  input  cw_cfg_pkg::cfg_state_t    state_i,
  output cw_cfg_pkg::cfg_event_t    event_o,

  // Requests; offered once the posted requests before them have been carried out
  input  np_req_t                   req_i,
  input  logic                      req_valid_i,
  output logic                      req_ready_o,

  // Register bus
  output logic                      reg_valid_o,
  output cw_endpoint_pkg::reg_req_t reg_req_o,
  input  logic                      reg_ready_i,
  input  logic [31:0]               reg_rdata_i,
  input  logic                      reg_error_i,

  // Card memory
  output logic                      cm_rd_valid_o,
  input  logic                      cm_rd_ready_i,
  output logic [31:0]               cm_rd_addr_o,
  input  logic                      cm_rd_rvalid_i,
  input  logic [W-1:0]              cm_rd_rdata_i,

  // Configuration space
  output cfg_hdr_t                  cfg_hdr_o,
  output logic [31:0]               cfg_wdata_o,
  output logic                      cfg_valid_o,
  input  logic                      cfg_ready_i,
  input  logic [31:0]               cfg_rdata_i,
  input  logic                      cfg_done_i,

  // Completions
  output cpl_entry_t                entry_o,
  output logic                      entry_valid_o,
  input  logic                      entry_ready_i,
  output logic [W-1:0]              data_o,
  output logic                      data_valid_o,
  input  logic                      data_taken_i
);

  localparam int unsigned RoomW = $clog2(Beats + 1);

  // Registers are answered in pieces of one boundary, so that a piece fits into the room.
  localparam int unsigned RcbBytes        = 128;
  localparam logic [2:0]  SmallestPayload = 3'd0;

  typedef enum logic [2:0] {
    StIdle,
    StRegs,
    StCard,
    StAbort,
    StCfg,
    StCfgEnd
  } state_e;

  state_e           state_q, state_d;
  logic             room, quiet, push_beat, card_read;
  logic [RoomW-1:0] held_q;     // beats promised or waiting
  logic [RoomW-1:0] in_card_q;  // of them, asked of card memory

  logic   split, piece_valid, piece_ready;
  piece_t piece;

  cw_read_pieces #(.RcbBytes(RcbBytes)) u_pieces (
    .clk_i,
    .rst_i,
    .completer_id_i (state_i.id),
    .max_payload_i  (req_i.route == RouteRegs ? SmallestPayload : state_i.max_payload),
    .req_i,
    .req_valid_i    (split),
    .piece_o        (piece),
    .piece_valid_o  (piece_valid),
    .piece_ready_i  (piece_ready)
  );

  logic         regs_done, regs_error, regs_beat;
  logic [W-1:0] regs_data;

  cw_reg_reader #(.W(W)) u_regs (
    .clk_i,
    .rst_i,
    .piece_i      (piece),
    .valid_i      (state_q == StRegs && piece_valid && entry_ready_i),
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

  logic       card_begin, card_done;
  logic [3:0] skip_dw;

  cw_card_reader #(.W(W)) u_card (
    .clk_i,
    .rst_i,
    .piece_i      (piece),
    .valid_i      (state_q == StCard && piece_valid),
    .begin_o      (card_begin),
    .done_o       (card_done),
    .skip_dw_o    (skip_dw),
    .entry_room_i (entry_ready_i),
    .beat_room_i  (room),
    .beat_o       (card_read),
    .cm_rd_valid_o,
    .cm_rd_ready_i,
    .cm_rd_addr_o
  );

  // Configuration space: the answer waits one clock, so that its completion carries an ID that the
  // access has captured.
  logic        cfg_taken_q;
  logic [31:0] cfg_rdata_q;
  assign cfg_hdr_o   = cfg_hdr_t'(req_i.hdr);
  assign cfg_wdata_o = req_i.wdata;

  assign room  = 32'(held_q) != Beats;
  assign quiet = in_card_q == '0 && entry_ready_i && room;

  always_comb begin
    state_d       = state_q;
    req_ready_o   = 1'b0;
    split         = 1'b0;
    piece_ready   = 1'b0;
    cfg_valid_o   = 1'b0;
    push_beat     = 1'b0;
    entry_valid_o = 1'b0;
    entry_o       = '{hdr: piece.hdr, dw: piece.dw, skip_dw: '0, discard: 1'b0};
    event_o       = '0;
    unique case (state_q)
      StIdle: begin  // begin a request, or end it at once
        unique case (req_i.route)
          RouteRegs: if (req_valid_i && in_card_q == '0) state_d = StRegs;
          RouteCard: if (req_valid_i)                    state_d = StCard;
          RouteCfg:  if (req_valid_i && quiet)           state_d = StCfg;
          RouteNothing: begin  // a flush: one dword that means nothing
            req_ready_o   = req_valid_i && quiet;
            push_beat     = req_ready_o;
            entry_valid_o = req_ready_o;
            entry_o.dw    = 11'd1;
            entry_o.hdr   = with_dword(make_cpl(req_i.hdr, state_i.id, CplStatusSc));
          end
          default: begin
            req_ready_o         = req_valid_i && entry_ready_i;
            entry_valid_o       = req_ready_o;
            entry_o.dw          = '0;
            entry_o.hdr         = refusal(req_i.hdr, state_i.id, CplStatusUr);
            event_o.unsupported = req_ready_o && req_i.route == RouteUr;
            event_o.advisory    = event_o.unsupported;
            event_o.poisoned    = req_ready_o && req_i.route == RoutePoisoned;
          end
        endcase
        split = state_d == StRegs || state_d == StCard;
        if (split) req_ready_o = 1'b1;
      end
      StRegs: begin  // the piece is complete with its last dword; an error ends the request
        piece_ready   = regs_done;
        entry_valid_o = regs_done;
        if (regs_error) begin
          entry_o.discard = 1'b1;
          entry_o.hdr     = without_data(piece.hdr, CplStatusCa);
        end
        event_o.completer_abort = regs_done && regs_error;
        if (regs_done && piece.last)      state_d = StIdle;
        else if (regs_done && regs_error) state_d = StAbort;
      end
      StCard: begin  // announce the piece with its first beat, go on with its last
        entry_o.skip_dw = skip_dw;
        entry_valid_o   = card_begin;
        piece_ready     = card_done;
        if (card_done && piece.last) state_d = StIdle;
      end
      StAbort: begin  // forget the rest of the request
        piece_ready = 1'b1;
        if (piece_valid && piece.last) state_d = StIdle;
      end
      StCfg: begin
        cfg_valid_o = !cfg_taken_q;
        if (cfg_done_i) state_d = StCfgEnd;
      end
      StCfgEnd: begin
        req_ready_o   = 1'b1;
        entry_valid_o = 1'b1;
        push_beat     = req_i.hdr.dw0.kind == TlpCfgRd0;
        entry_o.dw    = 11'(push_beat);
        entry_o.hdr   = make_cpl(req_i.hdr, state_i.id, CplStatusSc);
        if (push_beat) entry_o.hdr = with_dword(entry_o.hdr);
        state_d       = StIdle;
      end
      default: state_d = StIdle;
    endcase
  end

  assign data_valid_o = push_beat || regs_beat || cm_rd_rvalid_i;
  always_comb begin
    data_o = W'(state_q == StCfgEnd ? cfg_rdata_q : 32'd0);
    if (state_q == StRegs) data_o = regs_data;
    if (cm_rd_rvalid_i)    data_o = cm_rd_rdata_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q     <= StIdle;
      held_q      <= '0;
      in_card_q   <= '0;
      cfg_taken_q <= 1'b0;
    end else begin
      state_q     <= state_d;
      held_q      <= held_q + RoomW'(card_read || push_beat || regs_beat) - RoomW'(data_taken_i);
      in_card_q   <= in_card_q + RoomW'(card_read) - RoomW'(cm_rd_rvalid_i);
      cfg_taken_q <= state_d == StCfg && (cfg_taken_q || (cfg_valid_o && cfg_ready_i));
    end
  end

  // No reset: meaningful only in StCfgEnd.
  always_ff @(posedge clk_i) begin
    if (cfg_done_i) cfg_rdata_q <= cfg_rdata_i;
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_REQUIRE(Beats * W / 8 >= RcbBytes, "a piece of registers does not fit")
  `CW_ASSERT(EntryHasRoom, !entry_valid_o || entry_ready_i)
  `CW_ASSERT(OneSourceOfData, $onehot0({push_beat, regs_beat, cm_rd_rvalid_i}))
  `CW_ASSERT(BeatsHaveRoom, !(card_read || push_beat || regs_beat) || room)
  `CW_ASSERT(TakenWasHeld, !data_taken_i || held_q != '0)
  `CW_ASSERT(AnswerWasAsked, !cm_rd_rvalid_i || in_card_q != '0)
  `CW_ASSERT(CfgAnswerWasAsked, !cfg_done_i || state_q == StCfg)
  `CW_ASSERT_HELD(CfgHeld, cfg_valid_o, cfg_ready_i, {cfg_hdr_o, cfg_wdata_o})

endmodule
