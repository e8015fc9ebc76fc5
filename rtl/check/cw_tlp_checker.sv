// SPDX-License-Identifier: Apache-2.0
//
// Watches what a port sends on its link and states the rules that it must keep, whatever comes from
// the other side: framing, header formats, lengths, credits, and no completion that nobody asked
// for. Bound to every port in simulation (cw_bind.sv); it drives nothing.
// Spec: PCIe Base 2.2, 2.3, 2.6.1.
`include "cw_assert.svh"
module cw_tlp_checker
  import cw_tlp_pkg::*;
  import cw_port_pkg::*;
#(
  parameter int unsigned W         = 256,  // bits of a beat
  parameter bit          FacesRoot = 1'b1  // the port of an endpoint
) (
  input logic         clk_i,
  input logic         rst_i,

  input logic [2:0]   max_payload_i,

  // Received
  input tlp_ctl_t     rx_ctl_i,
  input logic         rx_valid_i,
  input logic         rx_ready_o,

  // Sent, and the partner's credits
  input tlp_ctl_t     tx_ctl_o,
  input logic [W-1:0] tx_data_o,
  input logic         tx_valid_o,
  input logic         tx_ready_i,
  input fc_t          tx_fc_i
);

  localparam int unsigned Lanes  = W / 32;
  localparam int unsigned Asked  = 2 ** 13;  // by tag, and function of the requester
  localparam int unsigned CountW = 8;

  // ---- What is on the link
  logic        sent, received, beat_first, is_cpl, is_mem;
  logic [10:0] left, left_q;
  logic        inside_q;
  mem_hdr_t    mem;
  cpl_hdr_t    cpl;
  msg_hdr_t    msg;
  tlp_class_e  kind;

  assign beat_first = tx_valid_o && tx_ctl_o.sop;
  assign sent       = tx_valid_o && tx_ready_i;
  assign received   = rx_valid_i && rx_ready_o && rx_ctl_i.sop;
  assign mem        = tx_ctl_o.hdr;
  assign cpl        = tx_ctl_o.hdr;
  assign msg        = tx_ctl_o.hdr;
  assign kind       = tlp_class(tx_ctl_o.hdr);
  assign is_cpl     = beat_first && kind == ClassCompletion;
  assign is_mem     = beat_first && (mem.dw0.kind inside {TlpMRd32, TlpMRd64, TlpMWr32, TlpMWr64});
  assign left       = tx_ctl_o.sop ? payload_dw(tx_ctl_o.hdr) : left_q;

  always_ff @(posedge clk_i) begin
    if (rst_i)     inside_q <= 1'b0;
    else if (sent) inside_q <= !tx_ctl_o.eop;
    if (sent) left_q <= left - 11'(Lanes);
  end

  // ---- Completions that the partner may expect: a request may be answered in several, the one
  // that ends it carries all that is left, or no data
  typedef logic [12:0] key_t;

  logic [CountW-1:0] asked_q [Asked];
  mem_hdr_t          rx_mem;
  key_t              asked_key, answered_key;
  cpl_hdr_t          last_cpl, cpl_q;
  logic              asks, answers, ends;

  assign rx_mem       = rx_ctl_i.hdr;
  assign asked_key    = {rx_mem.requester_id.fn, request_tag(rx_mem)};
  assign asks         = received && tlp_class(rx_ctl_i.hdr) == ClassNonPosted;
  assign last_cpl     = tx_ctl_o.sop ? cpl : cpl_q;
  assign answered_key = {last_cpl.requester_id.fn, cpl_tag(last_cpl)};
  assign ends         = !has_payload(tlp_hdr_t'(last_cpl)) || last_cpl.status != CplStatusSc
                     || span_dw(last_cpl.lower_addr[1:0], byte_count_bytes(last_cpl.byte_count))
                        <= payload_dw(tlp_hdr_t'(last_cpl));
  // A TLP that is given up has not been sent.
  assign answers      = sent && tx_ctl_o.eop && !tx_ctl_o.error
                     && tlp_class(tlp_hdr_t'(last_cpl)) == ClassCompletion;

  always_ff @(posedge clk_i) begin
    if (sent) cpl_q <= last_cpl;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      for (int unsigned i = 0; i < Asked; i++) asked_q[i] <= '0;
    end else if (!(asks && answers && ends && asked_key == answered_key)) begin
      // A count that is full stays: requests that were dropped are never answered.
      if (asks && asked_q[asked_key] != '1) asked_q[asked_key] <= asked_q[asked_key] + 1'b1;
      if (answers && ends && asked_q[answered_key] != '1)
        asked_q[answered_key] <= asked_q[answered_key] - 1'b1;
    end
  end

  // ---- Credits of the partner, by class
  class_fc_t [2:0]       fc;
  logic      [2:0][11:0] hdr_used_q, data_used_q, hdr_used, data_used;

  assign fc = {tx_fc_i.cpl, tx_fc_i.np, tx_fc_i.p};

  for (genvar c = 0; c < 3; c++) begin : gen_class
    logic mine;
    assign mine         = beat_first && 32'(kind) == c;
    assign hdr_used[c]  = hdr_used_q[c] + 12'(mine);
    assign data_used[c] = data_used_q[c]
                        + (mine ? 12'(data_credits(payload_dw(tx_ctl_o.hdr))) : 12'd0);

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        hdr_used_q[c]  <= '0;
        data_used_q[c] <= '0;
      end else if (tx_ready_i) begin
        hdr_used_q[c]  <= hdr_used[c];
        data_used_q[c] <= data_used[c];
      end
    end

    // R35, 2.6.1.2
    `CW_ASSERT(HeaderCredits,
        !mine || fc[c].hdr_infinite || 12'(fc[c].hdr_limit - hdr_used[c]) <= 12'd2048)
    `CW_ASSERT(DataCredits,
        !mine || fc[c].data_infinite || 12'(fc[c].data_limit - data_used[c]) <= 12'd2048)
  end

  logic unused;
  assign unused = &{1'b0, rx_ctl_i};

  // ---- Rules, each by its number in docs/rules.md
  `CW_ASSERT_HELD(BeatHeld, tx_valid_o, tx_ready_i, {tx_ctl_o, tx_data_o})
  `CW_ASSERT(SopExactlyAtStart, !tx_valid_o || tx_ctl_o.sop == !inside_q)
  `CW_ASSERT(PayloadIsLength, !tx_valid_o || tx_ctl_o.error
      || (tx_ctl_o.strb == beat_strb(left, Lanes) && tx_ctl_o.eop == (32'(left) <= Lanes)))
  `CW_ASSERT(R36KindExists, !beat_first || kind != ClassUnknown)
  `CW_ASSERT(R01InsidePage, !is_mem
      || {length_dw(tx_ctl_o.hdr), 2'b00} <= bytes_to_page_end(12'(request_addr(mem))))
  `CW_ASSERT(R02MaxPayload, !beat_first
      || {payload_dw(tx_ctl_o.hdr), 2'b00} <= size_bytes(max_payload_i))
  `CW_ASSERT(R04ShortAddressShortHeader, !is_mem || !is_4dw(tx_ctl_o.hdr)
      || mem.addr_dw2 != '0)
  `CW_ASSERT(R05ByteEnables, !is_mem || byte_enables_legal(mem, !request_addr(mem)[2]))
  `CW_ASSERT(R11Untranslated, !is_mem || mem.dw0.at == '0)
  `CW_ASSERT(R25DataWithSuccess, !is_cpl
      || cpl.status == CplStatusSc || !has_payload(tx_ctl_o.hdr))
  `CW_ASSERT(R40SomebodyAsked, !is_cpl || asked_q[answered_key] != '0)
  `CW_ASSERT(R36MessageFormat, !(beat_first && is_msg(tx_ctl_o.hdr))
      || (cw_msg_pkg::msg_format_legal(msg) && cw_msg_pkg::msg_tc_legal(msg)))
  `CW_ASSERT(MessageGoesUp, !(beat_first && is_msg(tx_ctl_o.hdr)) || FacesRoot
      || !cw_msg_pkg::msg_goes_up(msg))
  `CW_ASSERT(R49ConfigGoesDown, !beat_first || !FacesRoot
      || !(mem.dw0.kind inside {TlpCfgRd0, TlpCfgWr0, TlpCfgRd1, TlpCfgWr1}))

endmodule
