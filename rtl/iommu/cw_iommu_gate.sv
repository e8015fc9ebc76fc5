// SPDX-License-Identifier: Apache-2.0
//
// Holds the TLPs of one class until they are translated and lets them go in order, each with its
// host physical address or the order to refuse it. Translations are asked for as headers arrive, so
// that those in the buffer hide the walks of those behind; answers come in any order. Every TLP
// asks once, also one without a memory address, which passes as it is; so each TLP that leaves is
// one request to be retired.
// Spec: RISC-V IOMMU, "Process to translate an IOVA"; PCIe Base 2.4 (order within a class).
`include "cw_assert.svh"
module cw_iommu_gate import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned W     = 256,              // bits of a beat
  parameter  int unsigned Depth = 4096 * 8 / W,     // beats held
  parameter  int unsigned Tlps  = 32,               // TLPs held
  localparam int unsigned CtlW  = $bits(cw_tlp_pkg::tlp_ctl_t)
) (
  input  logic                 clk_i,
  input  logic                 rst_i,

  // TLPs in
  input  cw_tlp_pkg::tlp_ctl_t in_ctl_i,
  input  logic [W-1:0]         in_data_i,
  input  logic                 in_valid_i,
  output logic                 in_ready_o,

  // Translation; an answer always finds its place
  output tr_req_t              tr_req_o,
  output logic                 tr_valid_o,
  input  logic                 tr_ready_i,
  input  tr_rsp_t              tr_rsp_i,
  input  logic                 tr_rsp_valid_i,

  // TLPs out; hpa and fault hold from the first beat to the last
  output cw_tlp_pkg::tlp_ctl_t out_ctl_o,
  output logic [W-1:0]         out_data_o,
  output logic                 out_valid_o,
  input  logic                 out_ready_i,
  output hpa_t                 out_hpa_o,
  output logic                 out_fault_o
);

  localparam int unsigned LevelW = $clog2(Tlps + 1);

  // What a TLP asks for.
  function automatic tr_req_t request(cw_tlp_pkg::tlp_hdr_t hdr, tr_tag_t tag);
    cw_tlp_pkg::mem_hdr_t mem;
    mem = hdr;
    return '{tag:   tag,
             pass:  !(hdr.dw0.kind[4:0] inside {5'b00000, 5'b00001, 5'b01100, 5'b01101, 5'b01110}),
             did:   {8'd0, mem.requester_id},
             iova:  cw_tlp_pkg::request_addr(mem),
             write: cw_tlp_pkg::has_payload(hdr),
             at:    at_e'(hdr.dw0.at)};
  endfunction

  // Tags go round, so the TLPs inside have those from the oldest one's on.
  function automatic tr_tag_t following(tr_tag_t tag);
    return 32'(tag) == Tlps - 1 ? '0 : tag + 1'b1;
  endfunction

  // ---- In: a header needs a tag

  logic [LevelW-1:0] inside_q;          // TLPs that asked and have not left
  tr_tag_t           newest_q;          // the next TLP's
  tr_tag_t           oldest_q;          // of the TLP that leaves next
  logic              ask, room, buffer_ready, left;

  assign room       = 32'(inside_q) != Tlps;
  assign in_ready_o = buffer_ready && (!in_ctl_i.sop || room);
  assign ask        = in_valid_i && in_ready_o && in_ctl_i.sop;
  assign left       = out_valid_o && out_ready_i && out_ctl_o.eop;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q <= '0;
      newest_q <= '0;
      oldest_q <= '0;
    end else begin
      inside_q <= inside_q + LevelW'(ask) - LevelW'(left);
      if (ask) newest_q <= following(newest_q);
      if (left) oldest_q <= following(oldest_q);
    end
  end

  // Requests wait here while the IOMMU takes none, so that TLPs go on coming in.
  cw_fifo #(.DataW($bits(tr_req_t)), .Depth(Tlps)) u_requests (
    .clk_i,
    .rst_i,
    .in_data_i   (request(in_ctl_i.hdr, newest_q)),
    .in_valid_i  (ask),
    .in_ready_o  (),
    .out_data_o  (tr_req_o),
    .out_valid_o (tr_valid_o),
    .out_ready_i (tr_ready_i),
    .level_o     ()
  );

  // ---- Answers wait at their tags

  logic [Tlps-1:0] answered_q, answered_d;

  always_comb begin
    answered_d = answered_q;
    if (left) answered_d[oldest_q] = 1'b0;
    if (tr_rsp_valid_i) answered_d[tr_rsp_i.tag] = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) answered_q <= '0;
    else       answered_q <= answered_d;
  end

  // No reset: an answer is meaningful only where `answered_q`.
  (* ram_style = "auto" *) logic [HpaBits:0] answer_q [Tlps];

  always_ff @(posedge clk_i) begin
    if (tr_rsp_valid_i) answer_q[tr_rsp_i.tag] <= {tr_rsp_i.hpa, tr_rsp_i.fault};
  end
  assign {out_hpa_o, out_fault_o} = answer_q[oldest_q];

  // ---- Out: the oldest TLP, once it has its answer

  logic beat_valid;

  cw_fifo #(.DataW(CtlW + W), .Depth(Depth)) u_beats (
    .clk_i,
    .rst_i,
    .in_data_i   ({in_ctl_i, in_data_i}),
    .in_valid_i  (in_valid_i && (!in_ctl_i.sop || room)),
    .in_ready_o  (buffer_ready),
    .out_data_o  ({out_ctl_o, out_data_o}),
    .out_valid_o (beat_valid),
    .out_ready_i (out_ready_i && answered_q[oldest_q]),
    .level_o     ()
  );

  assign out_valid_o = beat_valid && answered_q[oldest_q];

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")
  `CW_REQUIRE(Depth * W >= 2 * 8 * 64, "less than one small TLP")
  `CW_REQUIRE(Tlps >= 2 && Tlps <= 2 ** TagBits, "more TLPs than tags")
  `CW_ASSERT(AnswerWasAskedFor, !tr_rsp_valid_i || inside_q != '0)
  `CW_ASSERT(OneAnswerForARequest, !tr_rsp_valid_i || !answered_q[tr_rsp_i.tag])
  `CW_ASSERT_HELD(RequestHeld, tr_valid_o, tr_ready_i, tr_req_o)
  `CW_ASSERT_HELD(TlpHeld, out_valid_o, out_ready_i,
                  {out_ctl_o, out_data_o, out_hpa_o, out_fault_o})

endmodule
