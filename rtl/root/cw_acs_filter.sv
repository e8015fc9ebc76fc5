// SPDX-License-Identifier: Apache-2.0
//
// Stops requests of devices at their root port that access control forbids: whose requester is not
// behind the port (Source Validation), or whose address claims to be translated (Translation
// Blocking). A posted one is dropped, a non-posted one answered with CA. Payload passes beside.
// Spec: PCIe Base 6.12.1.1, 6.12.4 (violations).
`include "cw_assert.svh"
module cw_acs_filter
  import cw_tlp_pkg::*;
#(
  parameter  int unsigned W      = 256,  // bits of a beat
  parameter  int unsigned Number = 0,    // of the root port
  localparam bdf_t        PortId = cw_root_pkg::root_port_id(Number)
) (
  input  logic                         clk_i,
  input  logic                         rst_i,

  input  cw_cfg_pkg::root_port_state_t state_i,

  // Posted and non-posted requests, from the link and on into the host
  input  tlp_ctl_t                     p_ctl_i,
  input  logic                         p_valid_i,
  output logic                         p_ready_o,
  output logic                         p_valid_o,
  input  logic                         p_ready_i,
  input  tlp_ctl_t                     np_ctl_i,
  input  logic                         np_valid_i,
  output logic                         np_ready_o,
  output logic                         np_valid_o,
  input  logic                         np_ready_i,

  // Completions down, and with them those given here
  input  tlp_ctl_t                     cpl_ctl_i,
  input  logic [W-1:0]                 cpl_data_i,
  input  logic                         cpl_valid_i,
  output logic                         cpl_ready_o,
  output tlp_ctl_t                     cpl_ctl_o,
  output logic [W-1:0]                 cpl_data_o,
  output logic                         cpl_valid_o,
  input  logic                         cpl_ready_i,

  output logic [1:0]                   violation_o  // one clock for each: posted, non-posted
);

  logic     p_bad, np_bad, owed_q, ca_ready;
  logic     p_seen_q, np_seen_q, p_bad_q, np_bad_q;  // what was decided stays to the end of the TLP
  tlp_ctl_t ca;
  cpl_hdr_t ca_hdr_q;

  // By class: requests that are forbidden. Those without a memory address have no address type
  // (2.2.4.1).
  mem_hdr_t [1:0] mem;
  logic [1:0]     addressed, forbidden;

  assign mem          = {mem_hdr_t'(np_ctl_i.hdr), mem_hdr_t'(p_ctl_i.hdr)};
  assign addressed[0] = !is_msg(p_ctl_i.hdr);
  assign addressed[1] = !(mem[1].dw0.kind inside {TlpIoRd, TlpIoWr, TlpCfgRd0, TlpCfgWr0,
                                                  TlpCfgRd1, TlpCfgWr1});

  for (genvar c = 0; c < 2; c++) begin : gen_class
    logic foreign;
    assign foreign = mem[c].requester_id.bus < state_i.secondary_bus
                  || mem[c].requester_id.bus > state_i.subordinate_bus;
    assign forbidden[c] = (state_i.acs.source_validation && foreign)
        || (state_i.acs.translation_blocking && addressed[c] && mem[c].dw0.at != 2'b00);
  end

  assign p_bad  = p_seen_q ? p_bad_q : forbidden[0];
  assign np_bad = np_seen_q ? np_bad_q : forbidden[1];

  assign p_valid_o  = p_valid_i && !p_bad;
  assign p_ready_o  = p_bad || p_ready_i;
  assign np_valid_o = np_valid_i && !np_bad;
  assign np_ready_o = np_bad ? !np_ctl_i.sop || !owed_q : np_ready_i;

  assign violation_o = {np_valid_i && np_ready_o && np_bad && np_ctl_i.sop,
                        p_valid_i && p_bad && p_ctl_i.sop};

  always_comb begin
    ca     = '0;
    ca.sop = 1'b1;
    ca.eop = 1'b1;
    ca.hdr = tlp_hdr_t'(ca_hdr_q);
  end

  cw_tlp_merge #(.W(W), .N(2)) u_completions (
    .clk_i,
    .rst_i,
    .in_ctl_i   ({ca, cpl_ctl_i}),
    .in_data_i  ({W'(0), cpl_data_i}),
    .in_valid_i ({owed_q, cpl_valid_i}),
    .in_ready_o ({ca_ready, cpl_ready_o}),
    .out_ctl_o  (cpl_ctl_o),
    .out_data_o (cpl_data_o),
    .out_valid_o(cpl_valid_o),
    .out_ready_i(cpl_ready_i)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      p_seen_q  <= 1'b0;
      np_seen_q <= 1'b0;
      owed_q    <= 1'b0;
    end else begin
      p_seen_q  <= (p_seen_q || p_valid_i) && !(p_valid_i && p_ready_o && p_ctl_i.eop);
      np_seen_q <= (np_seen_q || np_valid_i) && !(np_valid_i && np_ready_o && np_ctl_i.eop);
      owed_q    <= (owed_q && !ca_ready) || violation_o[1];
    end
  end

  // No reset: read only with what says that they are meant.
  always_ff @(posedge clk_i) begin
    p_bad_q  <= p_bad;
    np_bad_q <= np_bad;
    if (violation_o[1])
      ca_hdr_q <= cw_completer_pkg::plain_cpl(mem_hdr_t'(np_ctl_i.hdr), PortId, CplStatusCa);
  end

  logic unused;
  assign unused = &{1'b0, p_ctl_i, np_ctl_i, state_i, mem};

  `CW_ASSERT(BadPostedGoesNowhere, !(p_valid_o && p_bad))
  `CW_ASSERT(BadNonPostedGoesNowhere, !(np_valid_o && np_bad))
  `CW_ASSERT(OneAnswerAtATime, !(owed_q && violation_o[1]))

endmodule
