// SPDX-License-Identifier: Apache-2.0
//
// Holds one completion header against what its tag is owed, before a byte of it goes anywhere.
// Only VerdictData may reach a client, and then `bytes` is not more than what is owed. Whether the
// payload is as long as the header says is the port's to check. Same clock.
// Spec: PCIe Base 2.2.9 (completion rules), 2.3.2 (completion handling), 2.3.1.1 (read splits).
`include "cw_assert.svh"
module cw_cpl_validator
  import cw_tlp_pkg::*;
  import cw_requester_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_i,

  input  cpl_hdr_t   hdr_i,
  input  logic       is_owed_i,    // the header's tag is open, muted or late
  input  owed_t      owed_i,       // and this is what is left of its request

  output judgement_t judgement_o
);

  logic [10:0] dw;
  logic [1:0]  offset;
  logic [12:0] said;           // Byte Count
  logic [12:0] part;           // bytes, if it is not the last
  logic [5:0]  end_in_block;
  logic        with_data;
  logic        ends;
  logic        same_request;   // what a completer copies from the request
  logic        data_fits;

  // A completer copies traffic class and attributes but ID-based ordering, which is its own to use.
  // A part that is not the last ends on a Read Completion Boundary; one of 128 bytes is also one of
  // 64. Byte Count is what is left, this part included; with BCM set it is this part alone.
  always_comb begin
    dw           = length_dw(tlp_hdr_t'(hdr_i));
    with_data    = has_payload(tlp_hdr_t'(hdr_i));
    offset       = hdr_i.lower_addr[1:0];
    said         = byte_count_bytes(hdr_i.byte_count);
    part         = hdr_i.bcm ? said : {dw, 2'b00} - 13'(offset);
    end_in_block = hdr_i.lower_addr[5:0] + 6'(part);
    ends         = hdr_i.bcm ? said == owed_i.bytes : dw == span_dw(offset, owed_i.bytes);
    same_request = hdr_i.dw0.tc == '0 && hdr_i.dw0.ro == owed_i.attr.relaxed
                && hdr_i.dw0.no_snoop == owed_i.attr.no_snoop;
    data_fits    = hdr_i.lower_addr == owed_i.lower_addr
                && (hdr_i.bcm ? span_dw(offset, said) == dw : said == owed_i.bytes)
                && (ends || (part < owed_i.bytes && end_in_block == '0));
  end

  always_comb begin
    judgement_o = '{verdict: VerdictLied, bytes: ends ? owed_i.bytes : part, ends: ends};
    if (!is_owed_i || hdr_i.requester_id != owed_i.requester_id) begin
      judgement_o.verdict = VerdictStray;
    end else if ((hdr_i.dw0.kind inside {TlpCpl, TlpCplD}) && same_request) begin
      unique case (hdr_i.status)
        CplStatusSc:
          if (with_data && data_fits)
            judgement_o.verdict = hdr_i.dw0.ep ? VerdictPoisoned : VerdictData;
        CplStatusCa:  if (!with_data) judgement_o.verdict = VerdictCa;
        CplStatusRrs: judgement_o.verdict = VerdictLied;  // answers configuration requests only
        default:      if (!with_data) judgement_o.verdict = VerdictUr;  // a reserved status as well
      endcase
    end
  end

  `CW_ASSERT(NeverMoreThanOwed,
      !(judgement_o.verdict inside {VerdictData, VerdictPoisoned})
      || judgement_o.bytes <= owed_i.bytes)
  `CW_ASSERT(NeverNothing,
      judgement_o.verdict != VerdictData || owed_i.bytes == '0 || judgement_o.bytes != '0)
  `CW_ASSERT(PayloadIsTheBytes,
      judgement_o.verdict != VerdictData || span_dw(offset, judgement_o.bytes) == dw)

endmodule
