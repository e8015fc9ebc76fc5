// SPDX-License-Identifier: Apache-2.0
//
// Holds the TLPs of one class until they are translated and lets them go in order, each with its
// host physical address or the order to refuse it. Translations are asked for as headers arrive, so
// that those in the buffer hide the walks of those behind. Every TLP asks once, also one without a
// memory address, which passes as it is; so each TLP that leaves is one request to be retired.
// Spec: RISC-V IOMMU, "Process to translate an IOVA"; PCIe Base 2.4 (order within a class).
`include "cw_assert.svh"
module cw_iommu_gate import cw_iommu_pkg::*; #(
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

  // Translation
  output tr_req_t              tr_req_o,
  output logic                 tr_valid_o,
  input  logic                 tr_ready_i,
  input  tr_rsp_t              tr_rsp_i,
  input  logic                 tr_rsp_valid_i,
  output logic                 tr_rsp_ready_o,

  // TLPs out; hpa and fault hold from the first beat to the last
  output cw_tlp_pkg::tlp_ctl_t out_ctl_o,
  output logic [W-1:0]         out_data_o,
  output logic                 out_valid_o,
  input  logic                 out_ready_i,
  output hpa_t                 out_hpa_o,
  output logic                 out_fault_o
);

  localparam int unsigned RspW   = $bits(tr_rsp_t);
  localparam int unsigned LevelW = $clog2(Tlps + 1);

  // What a TLP asks for.
  function automatic tr_req_t request(cw_tlp_pkg::tlp_hdr_t hdr);
    cw_tlp_pkg::mem_hdr_t mem;
    mem = hdr;
    return '{pass:  !(hdr.dw0.kind[4:0] inside {5'b00000, 5'b00001, 5'b01100, 5'b01101, 5'b01110}),
             did:   {8'd0, mem.requester_id},
             iova:  cw_tlp_pkg::request_addr(mem),
             write: cw_tlp_pkg::has_payload(hdr),
             at:    at_e'(hdr.dw0.at)};
  endfunction

  // ---- In: a header needs a place among the requests, and with them among the answers

  logic [LevelW-1:0] inside_q;          // TLPs that asked and have not left
  logic              ask, room, buffer_ready, left;

  assign room       = 32'(inside_q) != Tlps;
  assign in_ready_o = buffer_ready && (!in_ctl_i.sop || room);
  assign ask        = in_valid_i && in_ready_o && in_ctl_i.sop;
  assign left       = out_valid_o && out_ready_i && out_ctl_o.eop;

  always_ff @(posedge clk_i) begin
    if (rst_i) inside_q <= '0;
    else       inside_q <= inside_q + LevelW'(ask) - LevelW'(left);
  end

  // Requests wait here while a walk holds the IOMMU, so that TLPs go on coming in behind a miss.
  cw_fifo #(.DataW($bits(tr_req_t)), .Depth(Tlps)) u_requests (
    .clk_i,
    .rst_i,
    .in_data_i   (request(in_ctl_i.hdr)),
    .in_valid_i  (ask),
    .in_ready_o  (),
    .out_data_o  (tr_req_o),
    .out_valid_o (tr_valid_o),
    .out_ready_i (tr_ready_i),
    .level_o     ()
  );

  // ---- Beats and answers wait for each other

  logic    beat_valid, answer_valid;
  tr_rsp_t answer;

  cw_fifo #(.DataW(CtlW + W), .Depth(Depth)) u_beats (
    .clk_i,
    .rst_i,
    .in_data_i   ({in_ctl_i, in_data_i}),
    .in_valid_i  (in_valid_i && (!in_ctl_i.sop || room)),
    .in_ready_o  (buffer_ready),
    .out_data_o  ({out_ctl_o, out_data_o}),
    .out_valid_o (beat_valid),
    .out_ready_i (out_ready_i && answer_valid),
    .level_o     ()
  );

  cw_fifo #(.DataW(RspW), .Depth(Tlps)) u_answers (
    .clk_i,
    .rst_i,
    .in_data_i   (tr_rsp_i),
    .in_valid_i  (tr_rsp_valid_i),
    .in_ready_o  (tr_rsp_ready_o),
    .out_data_o  (answer),
    .out_valid_o (answer_valid),
    .out_ready_i (left),
    .level_o     ()
  );

  assign out_valid_o = beat_valid && answer_valid;
  assign out_hpa_o   = answer.hpa;
  assign out_fault_o = answer.fault;

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")
  `CW_REQUIRE(Depth * W >= 2 * 8 * 64, "less than one small TLP")
  `CW_ASSERT(AnswersAlwaysFindRoom, !tr_rsp_valid_i || tr_rsp_ready_o)
  `CW_ASSERT(AnswerWasAskedFor, !tr_rsp_valid_i || inside_q != '0)
  `CW_ASSERT_HELD(RequestHeld, tr_valid_o, tr_ready_i, tr_req_o)
  `CW_ASSERT_HELD(TlpHeld, out_valid_o, out_ready_i,
                  {out_ctl_o, out_data_o, out_hpa_o, out_fault_o})

endmodule
