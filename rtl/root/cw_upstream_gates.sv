// SPDX-License-Identifier: Apache-2.0
//
// Holds requests of devices until they are translated, and says which may go on: a non-posted one,
// and a completion to the host or to a device, stays behind the posted requests before it until
// these are done with.
// Spec: PCIe Base 2.4.1 (ordering); RISC-V IOMMU 1.0, 3.3 (translation).
`include "cw_assert.svh"
module cw_upstream_gates
  import cw_tlp_pkg::*, cw_iommu_tr_pkg::tr_req_t, cw_iommu_tr_pkg::tr_rsp_t, cw_iommu_pkg::hpa_t;
#(
  parameter int unsigned W        = 256,  // bits of a beat
  parameter int unsigned InFlight = 256   // posted requests that left and are not done with
) (
  input  logic          clk_i,
  input  logic          rst_i,

  // Requests of devices
  input  tlp_ctl_t      p_ctl_i,
  input  logic [W-1:0]  p_data_i,
  input  logic          p_valid_i,
  output logic          p_ready_o,
  input  tlp_ctl_t      np_ctl_i,
  input  logic [W-1:0]  np_data_i,
  input  logic          np_valid_i,
  output logic          np_ready_o,

  // Translation: 0 posted, 1 non-posted
  output tr_req_t [1:0] tr_req_o,
  output logic [1:0]    tr_valid_o,
  input  logic [1:0]    tr_ready_i,
  input  tr_rsp_t [1:0] tr_rsp_i,
  input  logic [1:0]    tr_rsp_valid_i,

  // Translated; hpa and fault hold from the first beat to the last
  output tlp_ctl_t      wr_ctl_o,
  output logic [W-1:0]  wr_data_o,
  output logic          wr_valid_o,
  input  logic          wr_ready_i,
  output hpa_t          wr_hpa_o,
  output logic          wr_fault_o,
  output tlp_ctl_t      rd_ctl_o,
  output logic          rd_valid_o,
  input  logic          rd_ready_i,
  output hpa_t          rd_hpa_o,
  output logic          rd_fault_o,
  output logic          rd_pass_o,          // it may go

  input  logic          posted_retired_i,   // the oldest posted request is done with

  // A completion is at the root port: it leaves with its last beat, not before it may
  input  logic          cpl_valid_i,
  input  logic          cpl_take_i,
  input  logic          cpl_relaxed_i,
  output logic          cpl_pass_o
);

  // Bounds what the ordering gates count: TLPs in a translation gate, and behind it. Reads wait for
  // the writes before them as long as memory takes for a write: as many have room as arrive then.
  localparam int unsigned GateTlps    = 32;
  localparam int unsigned Waiting     = 128;
  localparam int unsigned PostedSlots = 2 ** $clog2(InFlight + GateTlps + 1);

  typedef struct packed {
    tlp_ctl_t ctl;
    hpa_t     hpa;
    logic     fault;
  } translated_t;

  translated_t  rd_in, rd_out;
  logic         p_in, np_in, np_out, cpl_in, cpl_seen_q, rd_in_valid, rd_in_ready;
  logic [W-1:0] rd_data;
  logic [$clog2(Waiting + 1)-1:0] unused_level;

  cw_iommu_gate #(.W(W), .Tlps(GateTlps)) u_posted_gate (
    .clk_i,
    .rst_i,
    .in_ctl_i      (p_ctl_i),
    .in_data_i     (p_data_i),
    .in_valid_i    (p_valid_i),
    .in_ready_o    (p_ready_o),
    .tr_req_o      (tr_req_o[0]),
    .tr_valid_o    (tr_valid_o[0]),
    .tr_ready_i    (tr_ready_i[0]),
    .tr_rsp_i      (tr_rsp_i[0]),
    .tr_rsp_valid_i(tr_rsp_valid_i[0]),
    .out_ctl_o     (wr_ctl_o),
    .out_data_o    (wr_data_o),
    .out_valid_o   (wr_valid_o),
    .out_ready_i   (wr_ready_i),
    .out_hpa_o     (wr_hpa_o),
    .out_fault_o   (wr_fault_o)
  );

  cw_iommu_gate #(.W(W), .Tlps(GateTlps), .Depth(GateTlps)) u_non_posted_gate (
    .clk_i,
    .rst_i,
    .in_ctl_i      (np_ctl_i),
    .in_data_i     (np_data_i),
    .in_valid_i    (np_valid_i),
    .in_ready_o    (np_ready_o),
    .tr_req_o      (tr_req_o[1]),
    .tr_valid_o    (tr_valid_o[1]),
    .tr_ready_i    (tr_ready_i[1]),
    .tr_rsp_i      (tr_rsp_i[1]),
    .tr_rsp_valid_i(tr_rsp_valid_i[1]),
    .out_ctl_o     (rd_in.ctl),
    .out_data_o    (rd_data),
    .out_valid_o   (rd_in_valid),
    .out_ready_i   (rd_in_ready),
    .out_hpa_o     (rd_in.hpa),
    .out_fault_o   (rd_in.fault)
  );

  cw_fifo #(.DataW($bits(translated_t)), .Depth(Waiting)) u_waiting (
    .clk_i,
    .rst_i,
    .in_data_i  (rd_in),
    .in_valid_i (rd_in_valid),
    .in_ready_o (rd_in_ready),
    .out_data_o (rd_out),
    .out_valid_o(rd_valid_o),
    .out_ready_i(rd_ready_i),
    .level_o    (unused_level)
  );

  assign rd_ctl_o   = rd_out.ctl;
  assign rd_hpa_o   = rd_out.hpa;
  assign rd_fault_o = rd_out.fault;

  // ---- Ordering: a posted request is inside from its last beat until it is done with

  assign p_in    = p_valid_i && p_ready_o && p_ctl_i.eop;
  assign np_in   = np_valid_i && np_ready_o && np_ctl_i.sop;
  assign np_out  = rd_valid_o && rd_ready_i && rd_ctl_o.sop;
  assign cpl_in = cpl_valid_i && !cpl_seen_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) cpl_seen_q <= 1'b0;
    else cpl_seen_q <= (cpl_seen_q || cpl_valid_i) && !cpl_take_i;
  end

  cw_order_gate #(
    .Posted(PostedSlots),
    .Depth (GateTlps + Waiting)
  ) u_np_order (
    .clk_i,
    .rst_i,
    .posted_in_i (p_in),
    .posted_out_i(posted_retired_i),
    .in_i        (np_in),
    .in_relaxed_i(1'b0),
    .out_i       (np_out),
    .relaxed_i   (1'b0),
    .pass_o      (rd_pass_o)
  );

  cw_order_gate #(
    .Completions(1'b1),
    .Posted     (PostedSlots),
    .Depth      (2)
  ) u_cpl_order (
    .clk_i,
    .rst_i,
    .posted_in_i (p_in),
    .posted_out_i(posted_retired_i),
    .in_i        (cpl_in),
    .in_relaxed_i(cpl_relaxed_i),
    .out_i       (cpl_take_i),
    .relaxed_i   (cpl_relaxed_i),
    .pass_o      (cpl_pass_o)
  );

  // The payload of a non-posted request goes nowhere.
  logic unused;
  assign unused = &{1'b0, rd_data};

  `CW_ASSERT(ReadsBehindWrites, !np_out || rd_pass_o)
  `CW_ASSERT(CompletionsBehindWrites, !cpl_take_i || cpl_pass_o)

endmodule
