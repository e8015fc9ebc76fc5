// SPDX-License-Identifier: Apache-2.0
//
// Receive side of the transaction-layer port: checks each TLP, stores it whole in the buffer of its
// class, offers it there two clocks after its last beat unless an older posted TLP is still inside,
// and returns its credits when it has left or is dropped. A partner that respects the credits never
// sees `rx_ready_o` fall. What one sends beyond them waits for room, or with `CreditCheck` is
// discarded and reported: no partner can fill the buffers. Credits count by the Length field, as
// the transmitter's do. Spec: PCIe Base 2.3, 2.4.1, 2.6.1.
`include "cw_assert.svh"
module cw_port_rx
  import cw_tlp_pkg::*;
  import cw_port_pkg::*;
#(
  parameter int unsigned W           = 256,           // bits of a beat
  parameter int unsigned PHdrs       = 16,            // posted TLPs
  parameter int unsigned PBeats      = 8192 * 8 / W,  // twice Max_Payload_Size or more
  parameter int unsigned NpHdrs      = 16,
  parameter int unsigned NpBeats     = 32,
  // The requester's reservation bounds completions: per 64-byte block one header and 64 bytes.
  parameter int unsigned CplHdrs     = 256,           // blocks reserved at most
  parameter int unsigned CplBeats    = CplHdrs * 64 * 8 / W,
  parameter bit          CplInfinite = 1'b1,          // advertise infinite completion credits
  parameter bit          FacesRoot   = 1'b1,          // the port of an endpoint: root above
  parameter bit          Ecrc        = 1'b1,          // can check digests
  parameter bit          CreditCheck = 1'b0           // discard TLPs beyond the credits
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Max_Payload_Size, encoded as in Device Control
  input  logic [2:0]   max_payload_i,
  input  logic         ecrc_check_i,

  // TLPs from the link
  input  tlp_ctl_t     rx_ctl_i,
  input  logic [W-1:0] rx_data_i,
  input  logic         rx_valid_i,
  output logic         rx_ready_o,

  // CREDITS_ALLOCATED, to the link partner
  output fc_t          fc_o,

  // Posted TLPs
  output tlp_ctl_t     p_ctl_o,
  output logic [W-1:0] p_data_o,
  output logic         p_valid_o,
  input  logic         p_ready_i,

  // Non-posted TLPs
  output tlp_ctl_t     np_ctl_o,
  output logic [W-1:0] np_data_o,
  output logic         np_valid_o,
  input  logic         np_ready_i,

  // Completions
  output tlp_ctl_t     cpl_ctl_o,
  output logic [W-1:0] cpl_data_o,
  output logic         cpl_valid_o,
  input  logic         cpl_ready_i,

  // A TLP was dropped, as malformed, for its ECRC, or beyond the credits; its header as it came
  output logic         malformed_o,
  output logic         ecrc_error_o,
  output logic         overflow_o,
  output tlp_hdr_t     dropped_hdr_o,
  output logic         dropped_prefix_valid_o,
  output logic [31:0]  dropped_prefix_o
);

  localparam int unsigned P   = 32'(ClassPosted);
  localparam int unsigned Np  = 32'(ClassNonPosted);
  localparam int unsigned Cpl = 32'(ClassCompletion);

  // ---- Judge and file
  tlp_ctl_t   plain_ctl;
  tlp_class_e rx_class;
  tlp_hdr_t   rx_hdr;
  logic       drop, dropped, check_drop, check_malformed, ecrc_wrong, ends;
  logic       beyond;  // the credits granted
  logic [2:0] valid, ready, stored;

  cw_ecrc_check #(.W(W), .Present(Ecrc)) u_ecrc_check (
    .clk_i,
    .rst_i,
    .check_i (ecrc_check_i),
    .ctl_i   (rx_ctl_i),
    .data_i  (rx_data_i),
    .valid_i (rx_valid_i),
    .ready_i (rx_ready_o),
    .ctl_o   (plain_ctl),
    .wrong_o (ecrc_wrong)
  );

  cw_tlp_check #(.W(W), .FacesRoot(FacesRoot)) u_check (
    .clk_i,
    .rst_i,
    .max_payload_i,
    .ctl_i          (plain_ctl),
    .valid_i        (rx_valid_i),
    .ready_i        (rx_ready_o),
    .class_o        (rx_class),
    .drop_o         (check_drop),
    .hdr_o          (rx_hdr),
    .prefix_valid_o (dropped_prefix_valid_o),
    .prefix_o       (dropped_prefix_o),
    .malformed_o    (check_malformed)
  );

  assign drop          = check_drop || ecrc_wrong;
  assign ends          = rx_valid_i && rx_ready_o && rx_ctl_i.eop;
  assign dropped       = ends && drop && !beyond;
  assign dropped_hdr_o = rx_hdr;
  assign malformed_o   = check_malformed && !beyond;
  assign ecrc_error_o  = dropped && !check_drop;
  assign overflow_o    = ends && beyond && !rx_ctl_i.error;

  // What has no class, or no credits, has no buffer to wait for.
  assign rx_ready_o = rx_class == ClassUnknown || beyond || ready[rx_class];

  always_comb begin
    valid = '0;
    if (rx_class != ClassUnknown && !beyond) valid[rx_class] = rx_valid_i;
  end

  // ---- One buffer per class
  tlp_ctl_t [2:0]          out_ctl;
  logic     [2:0][W-1:0]   out_data;
  logic     [2:0]          out_valid, out_ready, pass, taken;
  logic     [2:0][8:0]     taken_data;
  tlp_hdr_t [2:0]          taken_hdr;
  class_fc_t [2:0]         fc;

  for (genvar c = 0; c < 3; c++) begin : gen_class
    localparam int unsigned Hdrs     = c == P ? PHdrs : c == Np ? NpHdrs : CplHdrs;
    localparam int unsigned Beats    = c == P ? PBeats : c == Np ? NpBeats : CplBeats;
    localparam bit          Infinite = c == Cpl && CplInfinite;

    cw_tlp_buffer #(.W(W), .Hdrs(Hdrs), .Beats(Beats)) u_buffer (
      .clk_i,
      .rst_i,
      .in_ctl_i             (plain_ctl),
      .in_data_i            (rx_data_i),
      .in_drop_i            (drop),
      .in_valid_i           (valid[c]),
      .in_ready_o           (ready[c]),
      .stored_o             (stored[c]),
      .out_ctl_o            (out_ctl[c]),
      .out_data_o           (out_data[c]),
      .out_valid_o          (out_valid[c]),
      .out_ready_i          (out_ready[c] && pass[c]),
      .taken_o              (taken[c]),
      .taken_hdr_o          (taken_hdr[c]),
      .taken_data_credits_o (taken_data[c])
    );

    cw_credit_return #(.W(W), .Hdrs(Hdrs), .Beats(Beats), .Infinite(Infinite)) u_return (
      .clk_i,
      .rst_i,
      .taken_i         (taken[c]),
      .taken_data_i    (taken_data[c]),
      .dropped_i       (dropped && 32'(rx_class) == c),
      .dropped_data_i  (data_credits(payload_dw(rx_hdr))),
      .fc_o            (fc[c])
    );
  end

  assign fc_o = '{p: fc[P], np: fc[Np], cpl: fc[Cpl]};

  // ---- Credits that the partner did not have
  if (CreditCheck) begin : gen_credit_check
    logic [2:0] over;
    logic       beyond_q;

    for (genvar c = 0; c < 3; c++) begin : gen_class
      cw_credit_check u_check (
        .clk_i,
        .rst_i,
        .fc_i    (fc[c]),
        .data_i  (data_credits(payload_dw(rx_hdr))),
        .begin_i (valid[c] && ready[c] && rx_ctl_i.sop),
        .over_o  (over[c])
      );
    end

    assign beyond = rx_ctl_i.sop ? rx_class != ClassUnknown && over[rx_class] : beyond_q;

    // No reset: meaningful only inside a TLP.
    always_ff @(posedge clk_i) begin
      if (rx_valid_i && rx_ready_o) beyond_q <= beyond;
    end

    `CW_ASSERT(WhatIsGrantedHasRoom, !rx_valid_i || !rx_ctl_i.sop || beyond || rx_ready_o
        || rx_class == ClassCompletion)
  end else begin : gen_no_credit_check
    assign beyond = 1'b0;
  end

  // ---- Ordering: posted TLPs wait for nobody
  assign pass[P] = 1'b1;

  cw_order_gate #(.Completions(1'b0), .Posted(PHdrs), .Depth(NpHdrs)) u_np_gate (
    .clk_i,
    .rst_i,
    .posted_in_i  (stored[P]),
    .posted_out_i (taken[P]),
    .in_i         (stored[Np]),
    .in_relaxed_i (rx_hdr.dw0.ro),
    .out_i        (taken[Np]),
    .relaxed_i    (taken_hdr[Np].dw0.ro),
    .pass_o       (pass[Np])
  );

  cw_order_gate #(.Completions(1'b1), .Posted(PHdrs), .Depth(CplHdrs)) u_cpl_gate (
    .clk_i,
    .rst_i,
    .posted_in_i  (stored[P]),
    .posted_out_i (taken[P]),
    .in_i         (stored[Cpl]),
    .in_relaxed_i (rx_hdr.dw0.ro),
    .out_i        (taken[Cpl]),
    .relaxed_i    (taken_hdr[Cpl].dw0.ro),
    .pass_o       (pass[Cpl])
  );

  assign {cpl_ctl_o, np_ctl_o, p_ctl_o}       = out_ctl;
  assign {cpl_data_o, np_data_o, p_data_o}    = out_data;
  assign {cpl_valid_o, np_valid_o, p_valid_o} = out_valid & pass;
  assign out_ready                            = {cpl_ready_i, np_ready_i, p_ready_i};

  `CW_ASSERT(StoredIsNotDropped, !(dropped && stored != '0))
  `CW_ASSERT(OneClassStores, $onehot0(stored))
  `CW_ASSERT(DroppedLeavesNoTrace, !(malformed_o || ecrc_error_o || overflow_o) || stored == '0)
  `CW_ASSERT(OneReason, $onehot0({malformed_o, ecrc_error_o, overflow_o}))
  `CW_ASSERT_HELD(PostedHeld, p_valid_o, p_ready_i, {p_ctl_o, p_data_o})
  `CW_ASSERT_HELD(NonPostedHeld, np_valid_o, np_ready_i, {np_ctl_o, np_data_o})
  `CW_ASSERT_HELD(CompletionHeld, cpl_valid_o, cpl_ready_i, {cpl_ctl_o, cpl_data_o})

endmodule
