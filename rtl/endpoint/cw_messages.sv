// SPDX-License-Identifier: Apache-2.0
//
// Messages that a device sends: errors, INTx, power management events and latencies, each kept
// until it is sent. One at a time goes into the stream of posted requests, between two of them,
// when the requests that the requester held before it have gone: an interrupt never overtakes data.
// Nothing is sent before the bus number is known. Bus Master Enable does not concern messages.
// Spec: PCIe Base 2.2.8 (messages), 2.2.6.2 (bus number), 6.2.3.1 (error messages), 7.5.1.1.3.
`include "cw_assert.svh"
module cw_messages
  import cw_tlp_pkg::*, cw_msg_pkg::*, cw_cfg_pkg::*;
#(
  parameter int unsigned W            = 256,    // bits of a beat
  parameter int unsigned Functions    = 1,
  parameter int unsigned TickCycles   = 65536,  // a quarter of a millisecond or more
  parameter int unsigned ServiceTicks = 400,    // 100 ms, until a PME is told again
  parameter int unsigned PostedAhead  = 2       // TLPs that the requester may hold at its output
) (
  input  logic                           clk_i,
  input  logic                           rst_i,
  input  logic           [Functions-1:0] fn_rst_i,

  input  cfg_state_t     [Functions-1:0] state_i,

  // What there is to tell
  input  error_message_t [Functions-1:0] error_i,     // one clock each
  input  logic           [NumIntx-1:0]   intx_i,      // levels
  input  logic                           turn_off_i,  // PME_Turn_Off was received; one clock
  input  ltr_t                           ltr_i,
  input  ltr_t                           ltr_max_i,   // what software allows

  // Posted requests of the requester in, with the messages out
  input  tlp_ctl_t                       p_ctl_i,
  input  logic           [W-1:0]         p_data_i,
  input  logic                           p_valid_i,
  output logic                           p_ready_o,
  output tlp_ctl_t                       p_ctl_o,
  output logic           [W-1:0]         p_data_o,
  output logic                           p_valid_o,
  input  logic                           p_ready_i
);

  localparam int unsigned TickW  = $clog2(TickCycles);
  localparam int unsigned AheadW = $clog2(PostedAhead + 1);

  // Everything that may be owed, one bit each.
  typedef struct packed {
    logic                           ltr;
    logic                           ack;
    logic           [Functions-1:0] pme;
    logic           [NumIntx-1:0]   intx;
    error_message_t [Functions-1:0] error;
  } owed_t;
  localparam int unsigned Jobs = $bits(owed_t);

  typedef struct packed {
    msg_route_e route;
    msg_code_e  code;
    bdf_t       id;
  } job_t;

  logic [TickW-1:0]               tick_count_q;
  logic                           tick, choose, any, msg_ready;
  owed_t                          owed, may, sent;
  error_message_t [Functions-1:0] error_q;
  logic           [NumIntx-1:0]   told_q;    // INTx, as the root complex knows it
  logic           [Functions-1:0] pme;
  logic                           ack, ltr_owed;
  ltr_t                           ltr;
  bdf_t                           device_id;
  job_t           [Jobs-1:0]      jobs;
  logic           [Jobs-1:0]      grant;
  logic    [$clog2(Jobs)-1:0]     index;
  msg_hdr_t                       msg_d, msg_q;
  logic                           msg_valid_q;
  logic [AheadW-1:0]              ahead_q;   // posted requests that go before it
  tlp_ctl_t                       msg_ctl;

  // ---- What is owed

  always_ff @(posedge clk_i) begin
    if (rst_i) tick_count_q <= '0;
    else       tick_count_q <= tick ? '0 : tick_count_q + TickW'(1);
  end
  assign tick = 32'(tick_count_q) == TickCycles - 1;

  cw_pme #(.Functions(Functions), .ServiceTicks(ServiceTicks)) u_pme (
    .clk_i,
    .rst_i,
    .tick_i    (tick),
    .state_i,
    .turn_off_i,
    .pme_o     (pme),
    .pme_sent_i(sent.pme),
    .ack_o     (ack),
    .ack_sent_i(sent.ack)
  );

  cw_ltr u_ltr (
    .clk_i,
    .rst_i,
    .tick_i (tick),
    .state_i(state_i[0]),
    .ltr_i,
    .max_i  (ltr_max_i),
    .owed_o (ltr_owed),
    .ltr_o  (ltr),
    .sent_i (sent.ltr)
  );

  // An error in the clock of its kind's message is told by one more: set wins over clear.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      error_q <= '0;
      told_q  <= '0;
    end else begin
      for (int unsigned f = 0; f < Functions; f++) begin
        error_q[f] <= fn_rst_i[f] ? '0 : (error_q[f] & ~sent.error[f]) | error_i[f];
      end
      told_q <= told_q ^ sent.intx;
    end
  end

  assign owed = '{ltr: ltr_owed, ack: ack, pme: pme, intx: intx_i ^ told_q, error: error_q};

  // ---- The message for each; what concerns no function in particular has function 0 (2.2.8)

  always_comb begin
    device_id    = state_i[0].id;
    device_id.fn = '0;
    may          = {Jobs{state_i[0].id_valid}};
    jobs         = '0;
    jobs[Jobs-1] = '{route: RouteLocal, code: MsgLtr, id: device_id};
    jobs[Jobs-2] = '{route: RouteGather, code: MsgPmeToAck, id: device_id};
    for (int unsigned n = 0; n < NumIntx; n++) begin
      jobs[3 * Functions + n] = '{
          route: RouteLocal, code: intx_message(2'(n), intx_i[n]), id: device_id};
    end
    for (int unsigned f = 0; f < Functions; f++) begin
      may.error[f] = {3{state_i[f].id_valid}};
      may.pme[f]   = state_i[f].id_valid;
      jobs[3 * f]     = '{route: RouteToRoot, code: MsgErrCor, id: state_i[f].id};
      jobs[3 * f + 1] = '{route: RouteToRoot, code: MsgErrNonFatal, id: state_i[f].id};
      jobs[3 * f + 2] = '{route: RouteToRoot, code: MsgErrFatal, id: state_i[f].id};
      jobs[3 * Functions + NumIntx + f] = '{
          route: RouteToRoot, code: MsgPmPme, id: state_i[f].id};
    end
  end

  cw_rr_arbiter #(.N(Jobs)) u_jobs (
    .clk_i,
    .rst_i,
    .req_i   (owed & may),
    .take_i  (choose),
    .lock_i  (1'b0),
    .grant_o (grant),
    .index_o (index),
    .any_o   (any)
  );

  assign choose = any && !msg_valid_q;
  assign sent   = choose ? grant : '0;

  always_comb begin
    msg_d = make_msg(jobs[index].route, jobs[index].code, jobs[index].id);
    if (jobs[index].code == MsgLtr) msg_d.dw3 = ltr;
  end

  // ---- Into the stream, behind what was there before

  always_ff @(posedge clk_i) begin
    if (rst_i) msg_valid_q <= 1'b0;
    else       msg_valid_q <= choose || (msg_valid_q && !msg_ready);
  end

  // No reset: meaningful only with msg_valid_q.
  always_ff @(posedge clk_i) begin
    if (choose) msg_q <= msg_d;
    if (choose) ahead_q <= AheadW'(PostedAhead);
    else if (!p_valid_i) ahead_q <= '0;
    else if (p_ready_o && p_ctl_i.eop && ahead_q != '0) ahead_q <= ahead_q - AheadW'(1);
  end

  assign msg_ctl = '{sop: 1'b1, eop: 1'b1, hdr: msg_q, default: '0};

  cw_tlp_merge #(.W(W)) u_stream (
    .clk_i,
    .rst_i,
    .in_ctl_i   ({msg_ctl, p_ctl_i}),
    .in_data_i  ({W'(0), p_data_i}),
    .in_valid_i ({msg_valid_q && ahead_q == '0, p_valid_i}),
    .in_ready_o ({msg_ready, p_ready_o}),
    .out_ctl_o  (p_ctl_o),
    .out_data_o (p_data_o),
    .out_valid_o(p_valid_o),
    .out_ready_i(p_ready_i)
  );

  `CW_REQUIRE(Functions >= 1 && Functions <= MaxFunctions, "a device has 1 to 8 functions")
  `CW_REQUIRE(PostedAhead >= 1 && TickCycles >= 2, "neither may be nothing")
  `CW_ASSERT(MessageIsLegal, !msg_valid_q || (msg_format_legal(msg_q) && msg_goes_up(msg_q)))
  `CW_ASSERT(NothingBeforeCapture, !choose || (may & grant) == grant)
  `CW_ASSERT(BetweenRequests, !msg_ready || !$past(p_valid_i && p_ready_o && !p_ctl_i.eop))
  `CW_ASSERT_HELD(OutHeld, p_valid_o, p_ready_i, {p_ctl_o, p_data_o})

endmodule
