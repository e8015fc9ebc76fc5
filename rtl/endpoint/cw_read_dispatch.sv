// SPDX-License-Identifier: Apache-2.0
//
// Gives each piece to the one that carries it out, says what to send for it. Pieces are answered in
// order: one goes to card memory while the data of those before it are still on their way, and so
// do pieces of the AXI4 port among themselves; all others wait until nothing is on its way.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.7.2.2 (poisoned data), 6.2.3.2.4 (advisory).
`include "cw_assert.svh"
module cw_read_dispatch
  import cw_tlp_pkg::*;
  import cw_cfg_pkg::error_report_t;
  import cw_completer_pkg::*;
(
  input  logic          clk_i,
  input  logic          rst_i,

  // Pieces and their requests
  input  piece_t        piece_i,
  input  np_req_t       req_i,
  input  logic          piece_valid_i,
  output logic          piece_ready_o,

  // Payload of an AtomicOp, needed and used up with its one piece
  input  logic          operands_valid_i,
  output logic          operands_take_o,

  // What is on its way, and room for what comes; stays until it is used
  input  logic          drained_i,       // every beat that was asked for has come
  input  logic          axi_busy_i,      // pieces of the AXI4 port have not been judged
  input  logic          axi_room_i,
  input  logic          beat_room_i,     // for one more beat
  input  logic          two_beats_room_i,

  // Registers: done with the last dword
  output logic          regs_valid_o,
  input  logic          regs_done_i,
  input  logic          regs_error_i,

  // Beats of card memory and of the AXI4 port: begun with the first, done with the last
  output logic          beats_valid_o,
  output logic          beats_room_o,    // to announce the piece
  input  logic          beats_begin_i,
  input  logic          beats_done_i,
  input  logic [3:0]    beats_skip_dw_i,
  output logic          axi_begin_o,

  // Configuration space
  output logic          cfg_valid_o,
  input  logic          cfg_done_i,
  input  cpl_status_e   cfg_status_i,

  // AtomicOps
  output logic          atomic_valid_o,
  input  logic          atomic_done_i,

  // Completions; with `one_beat_o` one beat of data as well
  output cpl_entry_t    entry_o,
  output logic          entry_valid_o,
  input  logic          entry_ready_i,
  output logic          one_beat_o,

  output error_report_t report_o
);

  logic     forget_q;  // the rest of a request that has been refused
  logic     atomic_q;  // an AtomicOp has begun, and found what it needs
  logic     valid, in_order, alone, is_axi, has_data, refused;
  cpl_hdr_t refused_hdr;

  assign valid       = piece_valid_i && !forget_q;
  assign refused     = regs_done_i && regs_error_i;
  assign is_axi      = req_i.route == RouteAxi;
  assign in_order    = !axi_busy_i && entry_ready_i;
  assign alone       = in_order && drained_i && beat_room_i;
  assign has_data    = has_payload(tlp_hdr_t'(piece_i.hdr));
  assign refused_hdr = without_data(piece_i.hdr, CplStatusUr);

  assign regs_valid_o   = valid && req_i.route == RouteRegs && in_order && drained_i;
  assign cfg_valid_o    = valid && req_i.route == RouteCfg && alone;
  assign atomic_valid_o = valid && req_i.route == RouteAtomic
                       && (atomic_q || (operands_valid_i && alone && two_beats_room_i));
  assign beats_valid_o  = valid && ((req_i.route == RouteCard && !axi_busy_i)
                                 || (is_axi && (axi_busy_i || drained_i)));
  assign beats_room_o   = is_axi ? axi_room_i : entry_ready_i;
  assign axi_begin_o    = beats_begin_i && is_axi;

  always_comb begin
    piece_ready_o   = 1'b0;
    entry_valid_o   = 1'b0;
    one_beat_o      = 1'b0;
    report_o        = '0;
    entry_o         = '0;
    entry_o.hdr     = piece_i.hdr;
    entry_o.dw      = has_data ? piece_i.dw : '0;
    entry_o.skip_dw = req_i.route == RouteCard ? beats_skip_dw_i : '0;
    unique case (req_i.route)
      RouteRegs: begin  // complete with the last dword; an error ends the request
        piece_ready_o = regs_done_i;
        entry_valid_o = regs_done_i;
        if (regs_error_i) begin
          entry_o.discard = has_data;
          entry_o.hdr     = without_data(piece_i.hdr, CplStatusCa);
        end
        report_o.kinds.completer_abort = refused;
      end
      RouteCard: begin  // announced with the first beat
        piece_ready_o = beats_done_i;
        entry_valid_o = beats_begin_i;
      end
      RouteAxi: piece_ready_o = beats_done_i;  // announced when all beats have come
      RouteCfg: begin
        piece_ready_o = cfg_done_i;
        entry_valid_o = cfg_done_i;
        one_beat_o    = cfg_done_i && has_data && cfg_status_i == CplStatusSc;
        if (cfg_status_i != CplStatusSc) begin
          entry_o.dw  = '0;
          entry_o.hdr = without_data(piece_i.hdr, cfg_status_i);
        end
      end
      RouteAtomic: begin
        piece_ready_o = atomic_done_i;
        entry_valid_o = atomic_done_i;
      end
      RouteNothing: begin  // a flush: one dword that means nothing
        piece_ready_o = valid && alone;
        entry_valid_o = piece_ready_o;
        one_beat_o    = piece_ready_o && has_data;
      end
      default: begin  // refused
        piece_ready_o = valid && in_order
                     && (operands_valid_i || !cw_atomic_pkg::is_atomic(req_i.hdr));
        entry_valid_o = piece_ready_o;
        entry_o.dw    = '0;
        entry_o.hdr   = refused_hdr;
        report_o.kinds.unsupported = piece_ready_o && req_i.route == RouteUr;
        // One that is poisoned as well is not advisory (2.7.2.2).
        report_o.kinds.advisory    = report_o.kinds.unsupported
            && !(has_payload(tlp_hdr_t'(req_i.hdr)) && req_i.hdr.dw0.ep);
        report_o.kinds.poisoned    = piece_ready_o && req_i.route == RoutePoisoned;
      end
    endcase
    if (forget_q) piece_ready_o = piece_valid_i;
    if (report_o.kinds != '0) begin
      report_o.prefix_valid = req_i.prefix_valid;
      report_o.prefix       = req_i.prefix;
      report_o.functions    = req_i.functions;
      report_o.hdr          = tlp_hdr_t'(req_i.hdr);
    end
  end

  assign operands_take_o = piece_ready_o && cw_atomic_pkg::is_atomic(req_i.hdr);

  always_ff @(posedge clk_i) begin
    if (rst_i)              forget_q <= 1'b0;
    else if (piece_ready_o) forget_q <= (forget_q || refused) && !piece_i.last;
    atomic_q <= !rst_i && atomic_valid_o && !atomic_done_i;
  end

  `CW_ASSERT(EntryHasRoom, !entry_valid_o || entry_ready_i)
  `CW_ASSERT(NothingDoneUnasked, piece_valid_i
      || !(regs_done_i || beats_begin_i || beats_done_i || cfg_done_i || atomic_done_i))
  `CW_ASSERT(OrderKept, !entry_valid_o || !axi_busy_i)
  `CW_ASSERT(OnlyRefusalsAreReported, report_o.kinds == '0 || (entry_valid_o
      && entry_o.hdr.status != CplStatusSc))
  `CW_ASSERT(OperandsForAtomics, !operands_take_o || operands_valid_i)
  `CW_ASSERT(ForgottenIsSilent, !forget_q || !entry_valid_o)

endmodule
