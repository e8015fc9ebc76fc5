// SPDX-License-Identifier: Apache-2.0
//
// Whatever header arrives, only a completion that its request is owed counts as data, and then no
// byte of it lies outside what is left of the request. What a completer may send by the book is
// never refused. Spec: PCIe Base 2.2.9, 2.3.1.1, 2.3.2.
`include "cw_fv.svh"
module cw_cpl_validator_fv
  import cw_tlp_pkg::*;
  import cw_requester_pkg::*;
(
  input logic        clk_i,
  input logic        rst_i,
  input cpl_hdr_t    hdr_i,
  input logic        is_owed_i,
  input owed_t       owed_i,
  input logic [12:0] legal_bytes_i,  // of the request that a completer sends in this one
  input logic        legal_ca_i      // it fails the request, as CA rather than UR
);

  judgement_t judged;

  cw_cpl_validator u_dut (
    .clk_i,
    .rst_i,
    .hdr_i,
    .is_owed_i,
    .owed_i,
    .judgement_o (judged)
  );

  `CW_FV_RESET
  `CW_ASSUME(OwesOneToAPage, owed_i.bytes != '0 && owed_i.bytes <= 13'd4096)

  logic        with_data, is_data;
  logic [13:0] payload_end, data_end;  // bytes from the start of the payload
  logic [7:0]  block_end;

  assign with_data   = hdr_i.dw0.kind == TlpCplD;
  assign is_data     = judged.verdict inside {VerdictData, VerdictPoisoned};
  assign payload_end = {1'b0, length_dw(tlp_hdr_t'(hdr_i)), 2'b00};
  assign data_end    = 14'(hdr_i.lower_addr[1:0]) + 14'(judged.bytes);
  assign block_end   = 8'(hdr_i.lower_addr) + 8'(judged.bytes);

  `CW_ASSERT(DataOnlyToItsRequest, !is_data
      || (is_owed_i && hdr_i.requester_id == owed_i.requester_id && with_data
          && hdr_i.status == CplStatusSc && hdr_i.lower_addr == owed_i.lower_addr))
  `CW_ASSERT(NoByteOutsideTheSlot, !is_data
      || (judged.bytes != '0 && judged.bytes <= owed_i.bytes))
  `CW_ASSERT(BytesAreThePayload, !is_data
      || (data_end <= payload_end && payload_end - data_end < 14'd4))
  `CW_ASSERT(EndsWithTheLastByte, !is_data || judged.ends == (judged.bytes == owed_i.bytes))
  `CW_ASSERT(PartsEndOnABoundary, !is_data || judged.ends || block_end[5:0] == '0)
  `CW_ASSERT(ByteCountIsWhatIsLeft, !is_data || byte_count_bytes(hdr_i.byte_count)
      == (hdr_i.bcm ? judged.bytes : owed_i.bytes))
  `CW_ASSERT(PoisonIsTold, !is_data || (judged.verdict == VerdictPoisoned) == hdr_i.dw0.ep)
  `CW_ASSERT(FailureHasNoData, !(judged.verdict inside {VerdictUr, VerdictCa})
      || (!with_data && hdr_i.status != CplStatusSc))
  `CW_ASSERT(StrayExactlyWithoutRequest, (judged.verdict == VerdictStray)
      == (!is_owed_i || hdr_i.requester_id != owed_i.requester_id))

  // What a completer may send: all that is left, or as much as ends on a Read Completion Boundary.
  logic [13:0] legal_end;
  logic        legal_part, legal_common, legal_data, legal_failure;

  assign legal_end     = 14'(owed_i.lower_addr) + 14'(legal_bytes_i);
  assign legal_part    = legal_bytes_i == owed_i.bytes
                      || (legal_bytes_i != '0 && legal_bytes_i < owed_i.bytes
                          && legal_end[5:0] == '0);
  assign legal_common  = is_owed_i && hdr_i.requester_id == owed_i.requester_id && !hdr_i.bcm
                      && hdr_i.dw0.tc == '0 && hdr_i.dw0.ro == owed_i.attr.relaxed
                      && hdr_i.dw0.no_snoop == owed_i.attr.no_snoop;
  assign legal_data    = legal_common && legal_part && with_data && hdr_i.status == CplStatusSc
                      && hdr_i.lower_addr == owed_i.lower_addr
                      && hdr_i.byte_count == owed_i.bytes[11:0]
                      && length_dw(tlp_hdr_t'(hdr_i))
                             == span_dw(owed_i.lower_addr[1:0], legal_bytes_i);
  assign legal_failure = legal_common && hdr_i.dw0.kind == TlpCpl
                      && hdr_i.status == (legal_ca_i ? CplStatusCa : CplStatusUr);

  `CW_ASSERT(LegalDataIsTaken, !legal_data || (is_data && judged.bytes == legal_bytes_i))
  `CW_ASSERT(LegalFailureIsTaken, !legal_failure
      || judged.verdict == (legal_ca_i ? VerdictCa : VerdictUr))

endmodule
