// SPDX-License-Identifier: Apache-2.0
//
// Carries out decoded posted requests in order: memory writes go to the registers, dword by dword,
// or to a memory, beat by beat; what may not be carried out is dropped and reported. Nothing here
// is ever answered. Writes of one memory overlap; whatever goes elsewhere waits until they ended.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.7.2.2 (poisoned data), 2.2.8 (messages).
`include "cw_assert.svh"
module cw_completer_write
  import cw_tlp_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned W = 256  // bits of a beat
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  output cw_cfg_pkg::error_report_t  report_o,
  output cw_endpoint_pkg::msg_seen_t msg_seen_o,

  // Requests
  input  p_req_t                     req_i,        // constant from sop to eop
  input  logic [W-1:0]               req_data_i,
  input  logic                       req_sop_i,
  input  logic                       req_eop_i,
  input  logic                       req_valid_i,
  output logic                       req_ready_o,

  // Register bus
  output logic                       reg_valid_o,
  output cw_endpoint_pkg::reg_req_t  reg_req_o,
  input  logic                       reg_ready_i,
  input  logic                       reg_error_i,

  // Card memory
  output logic                       cm_wr_valid_o,
  input  logic                       cm_wr_ready_i,
  output logic [31:0]                cm_wr_addr_o,
  output logic [W-1:0]               cm_wr_data_o,
  output logic [W/8-1:0]             cm_wr_strb_o,

  // The user's memory: the same beats; done, in order, when the user has answered
  output logic                       ax_wr_valid_o,
  input  logic                       ax_wr_ready_i,
  output write_to_t                  ax_wr_to_o,
  output logic                       ax_wr_first_o,
  output logic                       ax_wr_last_o,
  output logic [9:0]                 ax_wr_beats_o,
  input  logic                       ax_done_i,
  input  logic                       ax_error_i,

  // Requests carried out, modulo 16: a read that waits until they are as many as were taken when it
  // came sees every write before it
  output logic [3:0]                 done_o
);

  localparam int unsigned Lanes = W / 32;
  localparam int unsigned LaneW = $clog2(Lanes);

  // Writes of the user's memory that have begun and not ended; who asked, for the report.
  localparam int unsigned AxiWrites = 8;
  typedef struct packed {
    logic [cw_cfg_pkg::MaxFunctions-1:0] functions;
    mem_hdr_t                            hdr;
  } owner_t;

  logic        to_memory, to_axi, may_enter, mem_valid, mem_ready, mem_busy, mem_ended;
  logic        ax_room, ax_any, wr_valid;
  logic [10:0] dw;
  write_to_t   to;
  owner_t      owner;

  assign dw        = length_dw(tlp_hdr_t'(req_i.hdr));
  assign to_axi    = req_i.route == RouteAxi;
  assign to_memory = to_axi || req_i.route == RouteCard;
  assign may_enter = !req_sop_i || (to_axi ? ax_room && (ax_any || !mem_busy) : !ax_any);
  assign mem_valid = req_valid_i && to_memory && may_enter;

  cw_card_writer #(.W(W)) u_lanes (
    .clk_i,
    .rst_i,
    .in_data_i     (req_data_i),
    .in_last_i     (req_eop_i),
    .in_addr_i     (req_i.offset),
    .in_dw_i       (dw),
    .in_first_be_i (req_i.hdr.first_be),
    .in_last_be_i  (req_i.hdr.last_be),
    .in_to_i       ('{axi: to_axi, fn: req_i.fn, bar: req_i.bar}),
    .in_valid_i    (mem_valid),
    .in_ready_o    (mem_ready),
    .cm_wr_valid_o (wr_valid),
    .cm_wr_ready_i (to.axi ? ax_wr_ready_i : cm_wr_ready_i),
    .cm_wr_addr_o,
    .cm_wr_data_o,
    .cm_wr_strb_o,
    .cm_wr_to_o    (to),
    .cm_wr_first_o (ax_wr_first_o),
    .cm_wr_last_o  (ax_wr_last_o),
    .cm_wr_beats_o (ax_wr_beats_o),
    .busy_o        (mem_busy),
    .done_o        (mem_ended)
  );

  assign cm_wr_valid_o = wr_valid && !to.axi;
  assign ax_wr_valid_o = wr_valid && to.axi;
  assign ax_wr_to_o    = to;

  cw_fifo #(.DataW($bits(owner_t)), .Depth(AxiWrites)) u_owners (
    .clk_i,
    .rst_i,
    .in_data_i   ({req_i.functions, req_i.hdr}),
    .in_valid_i  (mem_valid && mem_ready && to_axi && req_sop_i),
    .in_ready_o  (ax_room),
    .out_data_o  (owner),
    .out_valid_o (ax_any),
    .out_ready_i (ax_done_i),
    .level_o     ()
  );

  // Anything but a memory waits until the writes before it have ended.
  logic             alone, dw_last, reg_done, beat_done, other_done, failed, failed_q;
  logic [10:0]      dw_q;  // dword of the request, registers only
  logic [LaneW-1:0] lane;

  assign alone      = req_valid_i && !mem_busy && !ax_any;
  assign lane       = LaneW'(dw_q);
  assign dw_last    = dw_q == dw - 11'd1;
  assign reg_done   = reg_valid_o && reg_ready_i;
  assign beat_done  = reg_done && (dw_last || lane == LaneW'(Lanes - 1));
  assign failed     = failed_q || reg_error_i;
  assign other_done = alone && !to_memory && req_ready_o && req_eop_i;

  always_comb begin
    unique case (req_i.route)
      RouteCard, RouteAxi: req_ready_o = mem_ready && may_enter;
      RouteRegs:           req_ready_o = beat_done;
      default:             req_ready_o = alone;
    endcase
  end

  assign reg_valid_o = alone && req_i.route == RouteRegs;
  always_comb begin
    reg_req_o = '{
      target: req_i.target,
      fn:     req_i.fn,
      bar:    req_i.bar,
      write:  1'b1,
      addr:   req_i.offset + 32'({dw_q, 2'b00}),
      be:     4'b1111,
      wdata:  req_data_i[32*lane +: 32]
    };
    if (dw_q == '0)   reg_req_o.be = req_i.hdr.first_be;
    else if (dw_last) reg_req_o.be = req_i.hdr.last_be;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      dw_q     <= '0;
      failed_q <= 1'b0;
      done_o   <= '0;
    end else begin
      if (reg_done) dw_q     <= dw_last ? '0 : dw_q + 11'd1;
      if (reg_done) failed_q <= !dw_last && failed;
      done_o <= done_o + 4'((mem_ended && !to.axi) || (ax_any && ax_done_i) || other_done);
    end
  end

  // The user's refusal is a Completer Abort that no completion tells (7.5.1.1.4).
  always_comb begin
    report_o.prefix_valid          = req_i.prefix_valid;
    report_o.prefix                = req_i.prefix;
    report_o.functions             = req_i.functions;
    report_o.hdr                   = tlp_hdr_t'(req_i.hdr);
    report_o.kinds                 = '0;
    report_o.kinds.unsupported     = alone && req_sop_i && req_i.route == RouteUr;
    report_o.kinds.poisoned        = alone && req_sop_i && req_i.route == RoutePoisoned;
    report_o.kinds.completer_abort = reg_done && dw_last && failed;
    if (ax_any && ax_done_i) begin
      report_o.prefix_valid          = 1'b0;
      report_o.functions             = owner.functions;
      report_o.hdr                   = tlp_hdr_t'(owner.hdr);
      report_o.kinds.completer_abort = ax_error_i;
    end
  end

  always_comb begin
    msg_seen_o = '0;
    if (other_done && req_i.route == RouteNothing && is_msg(tlp_hdr_t'(req_i.hdr)))
      msg_seen_o = msg_effect(msg_hdr_t'(req_i.hdr), req_data_i[31:0]);
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OneEndsAtATime, $onehot0({mem_ended && !to.axi, ax_any && ax_done_i, other_done}))
  `CW_ASSERT(OneReportAtATime, $onehot0(report_o.kinds))
  `CW_ASSERT(AnswerWasOwed, !ax_done_i || ax_any)
  `CW_ASSERT(OneMemoryAtATime, !wr_valid || to.axi == ax_any)
  `CW_ASSERT(NoDataFromPoison, !(reg_valid_o || mem_valid) || req_i.route != RoutePoisoned)
  `CW_ASSERT(BeatsNeverCrossPage, !wr_valid || !ax_wr_first_o
      || 14'(cm_wr_addr_o[11:0]) + 14'(ax_wr_beats_o) * 14'(W / 8) <= 14'd4096)
  `CW_ASSERT_HELD(RegHeld, reg_valid_o, reg_ready_i, reg_req_o)

endmodule
