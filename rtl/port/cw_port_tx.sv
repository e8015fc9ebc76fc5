// SPDX-License-Identifier: Apache-2.0
//
// Transmit side of the transaction-layer port: interleaves whole TLPs of three classes on the link,
// each as soon as the partner's credits and the ordering table allow, in turn among those that may
// leave. A beat passes in two clocks; a TLP that has begun is finished first, so its owner offers
// the rest of it without waiting for another class. Spec: PCIe Base 2.4.1, 2.6.1.2.
`include "cw_assert.svh"
module cw_port_tx
  import cw_tlp_pkg::*;
  import cw_port_pkg::*;
#(
  parameter int unsigned W = 256  // bits of a beat
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // CREDIT_LIMIT, from the link partner
  input  fc_t          fc_i,

  // By function number: non-posted requests wait, since a completion may have overtaken them that
  // says they may not be sent (Bus Master Enable)
  input  logic [7:0]   np_hold_i,

  // By function number: it is being reset, and its non-posted requests are dropped (6.6.2)
  input  logic [7:0]   np_drop_i,

  // Posted TLPs
  input  tlp_ctl_t     p_ctl_i,
  input  logic [W-1:0] p_data_i,
  input  logic         p_valid_i,
  output logic         p_ready_o,

  // Non-posted TLPs
  input  tlp_ctl_t     np_ctl_i,
  input  logic [W-1:0] np_data_i,
  input  logic         np_valid_i,
  output logic         np_ready_o,

  // Completions
  input  tlp_ctl_t     cpl_ctl_i,
  input  logic [W-1:0] cpl_data_i,
  input  logic         cpl_valid_i,
  output logic         cpl_ready_o,

  // TLPs to the link
  output tlp_ctl_t     tx_ctl_o,
  output logic [W-1:0] tx_data_o,
  output logic         tx_valid_o,
  input  logic         tx_ready_i,

  // A non-posted request leaves for the link in this clock, or is dropped; with its tag
  output logic         np_left_o,
  output logic [9:0]   np_left_tag_o
);

  localparam int unsigned P         = 32'(ClassPosted);
  localparam int unsigned Np        = 32'(ClassNonPosted);
  localparam int unsigned Cpl       = 32'(ClassCompletion);
  localparam int unsigned SlotBeats = 2;  // a skid holds two beats, so two TLPs at most
  localparam int unsigned Posted    = 2 * SlotBeats;  // those, and one on offer

  typedef struct packed {
    tlp_ctl_t     ctl;
    logic [W-1:0] data;
  } beat_t;

  beat_t     [2:0] in, head;
  class_fc_t [2:0] fc;
  logic      [2:0] in_valid, in_ready, arrived;
  logic      [2:0] head_valid, head_ready, pass, hdr_ok, data_ok, eligible, take, begun, finished;
  logic      [2:0] held;
  logic            counted_q;  // the posted TLP on offer has been counted

  assign in       = {cpl_ctl_i, cpl_data_i, np_ctl_i, np_data_i, p_ctl_i, p_data_i};
  assign in_valid = {cpl_valid_i, np_valid_i, p_valid_i};
  assign fc       = {fc_i.cpl, fc_i.np, fc_i.p};
  assign {cpl_ready_o, np_ready_o, p_ready_o} = in_ready;

  // ---- One register slice and one pair of credit gates per class
  for (genvar c = 0; c < 3; c++) begin : gen_class
    logic [11:0] hdr_consumed, data_consumed;

    cw_skid #(.DataW($bits(beat_t))) u_in (
      .clk_i,
      .rst_i,
      .in_data_i   (in[c]),
      .in_valid_i  (in_valid[c]),
      .in_ready_o  (in_ready[c]),
      .out_data_o  (head[c]),
      .out_valid_o (head_valid[c]),
      .out_ready_i (head_ready[c])
    );

    cw_credit_counter u_hdr_credit (
      .clk_i,
      .rst_i,
      .limit_i    (fc[c].hdr_limit),
      .infinite_i (fc[c].hdr_infinite),
      .need_i     (9'd1),
      .ok_o       (hdr_ok[c]),
      .consume_i  (begun[c]),
      .consumed_o (hdr_consumed)
    );

    cw_credit_counter u_data_credit (
      .clk_i,
      .rst_i,
      .limit_i    (fc[c].data_limit),
      .infinite_i (fc[c].data_infinite),
      .need_i     (data_credits(payload_dw(head[c].ctl.hdr))),
      .ok_o       (data_ok[c]),
      .consume_i  (begun[c]),
      .consumed_o (data_consumed)
    );

    assign arrived[c]  = in_valid[c] && in[c].ctl.sop && (c == P ? !counted_q : in_ready[c]);
    assign eligible[c] = head_valid[c]
                      && (!head[c].ctl.sop || (hdr_ok[c] && data_ok[c] && pass[c] && !held[c]));
    assign begun[c]    = take[c] && head[c].ctl.sop;
    assign finished[c] = take[c] && head[c].ctl.eop;

    // 2.6.1.2: in modulo arithmetic, a limit that is not exceeded is at most half the range ahead.
    `CW_ASSERT(HeaderLimitKept,
        fc[c].hdr_infinite || 12'(fc[c].hdr_limit - hdr_consumed) <= 12'd2048)
    `CW_ASSERT(DataLimitKept,
        fc[c].data_infinite || 12'(fc[c].data_limit - data_consumed) <= 12'd2048)
    `CW_ASSERT(RightChannel,
        !in_valid[c] || !in[c].ctl.sop || 32'(tlp_class(in[c].ctl.hdr)) == c)
  end

  // ---- Requests that may not be sent now, or never
  mem_hdr_t np_hdr;
  logic     drop;

  assign np_hdr = head[Np].ctl.hdr;
  assign drop   = head_valid[Np] && pass[Np] && np_drop_i[np_hdr.requester_id.fn];
  always_comb begin
    held     = '0;
    held[Np] = np_hold_i[np_hdr.requester_id.fn] || np_drop_i[np_hdr.requester_id.fn];
  end

  // A request waits for its completions from here on (2.8).
  assign np_left_o     = begun[Np] || drop;
  assign np_left_tag_o = request_tag(np_hdr);

  // ---- Ordering: a posted TLP holds the others back from its first beat offered: its owner may
  // take it as sent from then on, to its last beat out
  always_ff @(posedge clk_i) begin
    if (rst_i)            counted_q <= 1'b0;
    else if (in_valid[P]) counted_q <= in[P].ctl.sop && !in_ready[P];
  end

  assign pass[P] = 1'b1;

  cw_order_gate #(.Completions(1'b0), .Posted(Posted), .Depth(SlotBeats)) u_np_gate (
    .clk_i,
    .rst_i,
    .posted_in_i  (arrived[P]),
    .posted_out_i (finished[P]),
    .in_i         (arrived[Np]),
    .in_relaxed_i (np_ctl_i.hdr.dw0.ro),
    .out_i        (np_left_o),
    .relaxed_i    (head[Np].ctl.hdr.dw0.ro),
    .pass_o       (pass[Np])
  );

  cw_order_gate #(.Completions(1'b1), .Posted(Posted), .Depth(SlotBeats)) u_cpl_gate (
    .clk_i,
    .rst_i,
    .posted_in_i  (arrived[P]),
    .posted_out_i (finished[P]),
    .in_i         (arrived[Cpl]),
    .in_relaxed_i (cpl_ctl_i.hdr.dw0.ro),
    .out_i        (begun[Cpl]),
    .relaxed_i    (head[Cpl].ctl.hdr.dw0.ro),
    .pass_o       (pass[Cpl])
  );

  // ---- The link: in turn, by whole TLPs. Behind one of many beats two requests may go, of a beat
  // each: reads of as many bytes as are written would fall behind with one.
  logic [2:0] asks, grant;
  logic [1:0] index;
  logic       any, out_ready;
  logic       long_q;   // the last TLP that was no request had several beats
  logic       first_q;  // the first request of a turn has left in the clock before
  beat_t      chosen;

  assign asks = first_q && long_q && eligible[Np] ? 3'(1 << Np) : eligible;

  always_ff @(posedge clk_i) begin
    if (rst_i) {long_q, first_q} <= '0;
    else begin
      if (begun[P] || begun[Cpl]) long_q <= !chosen.ctl.eop;
      first_q <= begun[Np] && !first_q;
    end
  end

  cw_rr_arbiter #(.N(3)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (asks),
    .take_i  (any && out_ready),
    .lock_i  (!chosen.ctl.eop),
    .grant_o (grant),
    .index_o (index),
    .any_o   (any)
  );

  always_comb begin
    unique case (index)
      2'd0:    chosen = head[P];
      2'd1:    chosen = head[Np];
      default: chosen = head[Cpl];
    endcase
  end

  assign take = out_ready ? grant : '0;
  always_comb begin
    head_ready     = take;
    head_ready[Np] = take[Np] || drop;
  end

  cw_skid #(.DataW($bits(beat_t))) u_out (
    .clk_i,
    .rst_i,
    .in_data_i   (chosen),
    .in_valid_i  (any),
    .in_ready_o  (out_ready),
    .out_data_o  ({tx_ctl_o, tx_data_o}),
    .out_valid_o (tx_valid_o),
    .out_ready_i (tx_ready_i)
  );

  logic unused;
  assign unused = &{1'b0, np_hdr};

  // The table says what the structure does: queues of their own let these pass each other.
  `CW_REQUIRE(may_pass(ClassPosted, 1'b0, ClassNonPosted), "posted must pass non-posted")
  `CW_REQUIRE(may_pass(ClassPosted, 1'b0, ClassCompletion), "posted must pass completions")
  `CW_REQUIRE(may_pass(ClassNonPosted, 1'b0, ClassCompletion), "queues are apart")
  `CW_REQUIRE(may_pass(ClassCompletion, 1'b0, ClassNonPosted), "completions must pass non-posted")
  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")
  `CW_ASSERT(OneHead, $onehot0(take))
  `CW_ASSERT(NothingHeldLeaves, !begun[Np] || !np_hold_i[np_hdr.requester_id.fn])
  `CW_ASSERT(NonPostedInOneBeat, !head_valid[Np] || (head[Np].ctl.sop && head[Np].ctl.eop))
  `CW_ASSERT_HELD(TxHeld, tx_valid_o, tx_ready_i, {tx_ctl_o, tx_data_o})

endmodule
