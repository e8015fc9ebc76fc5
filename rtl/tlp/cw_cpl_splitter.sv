// SPDX-License-Identifier: Apache-2.0
//
// Cuts one memory read into the headers of its successful completions, one per clock: each takes
// the most that Max_Payload_Size allows, and all but the last end on a Read Completion Boundary.
// The request obeys 2.2.7 (it stays in its 4 KiB page). First header one clock after the request.
// Spec: PCIe Base 2.3.1.1 (data return for read requests), 2.2.9 (Byte Count, Lower Address).
`include "cw_assert.svh"
module cw_cpl_splitter
  import cw_tlp_pkg::*;
#(
  parameter int unsigned RcbBytes = 128  // a root complex may choose 64
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Constant while a request is taken
  input  bdf_t        completer_id_i,
  input  logic [2:0]  max_payload_i,     // encoding of Device Control

  // Memory read to answer
  input  mem_hdr_t    req_hdr_i,
  input  logic        req_valid_i,
  output logic        req_ready_o,

  // Headers of its completions, in address order
  output cpl_hdr_t    cpl_hdr_o,
  output logic [63:0] cpl_addr_o,        // of the first dword
  output logic [10:0] cpl_dw_o,
  output logic        cpl_last_o,
  output logic        cpl_valid_o,
  input  logic        cpl_ready_i
);

  localparam int unsigned RcbLog2 = $clog2(RcbBytes);

  logic        busy_q;
  cpl_hdr_t    hdr_q;        // as of the request; Byte Count and Lower Address follow below
  logic [51:0] page_q;
  logic [11:0] offset_q;     // in the page, of the first byte still owed
  logic [10:0] dw_q;         // dwords still owed
  logic [12:0] bytes_q;      // bytes still owed
  logic [10:0] payload_dw_q;

  logic        take, leave;
  cpl_hdr_t    first_hdr;
  logic [10:0] cut_dw;       // to the last boundary within the maximum
  logic [12:0] cut_bytes;

  assign take  = req_valid_i && req_ready_o;
  assign leave = cpl_valid_o && cpl_ready_i;

  always_comb begin
    first_hdr           = make_cpl(req_hdr_i, completer_id_i, CplStatusSc);
    first_hdr.dw0.kind  = first_hdr.dw0.kind == TlpCplLk ? TlpCplDLk : TlpCplD;
  end

  assign cut_dw    = payload_dw_q - 11'(offset_q[RcbLog2-1:2]);
  assign cut_bytes = {cut_dw, 2'b00} - 13'(offset_q[1:0]);

  always_comb begin
    cpl_hdr_o            = hdr_q;
    cpl_hdr_o.byte_count = 12'(bytes_q);
    cpl_hdr_o.lower_addr = offset_q[6:0];
    cpl_hdr_o.dw0.length = 10'(cpl_dw_o);
  end

  assign cpl_last_o  = dw_q <= payload_dw_q;
  assign cpl_dw_o    = cpl_last_o ? dw_q : cut_dw;
  assign cpl_addr_o  = {page_q, offset_q[11:2], 2'b00};
  assign cpl_valid_o = busy_q;
  assign req_ready_o = !busy_q || (cpl_ready_i && cpl_last_o);

  always_ff @(posedge clk_i) begin
    if (rst_i) busy_q <= 1'b0;
    else       busy_q <= take || (busy_q && !(leave && cpl_last_o));
  end

  // No reset: meaningful only while busy.
  always_ff @(posedge clk_i) begin
    if (take) begin
      hdr_q        <= first_hdr;
      page_q       <= 52'(request_addr(req_hdr_i) >> 12);
      offset_q     <= {10'(request_addr(req_hdr_i) >> 2), be_first_byte(req_hdr_i.first_be)};
      dw_q         <= length_dw(req_hdr_i);
      bytes_q      <= request_bytes(req_hdr_i);
      payload_dw_q <= 11'(size_bytes(max_payload_i) >> 2);
    end else if (leave) begin
      offset_q     <= 12'({offset_q[11:2], 2'b00} + {cut_dw[9:0], 2'b00});
      dw_q         <= dw_q - cut_dw;
      bytes_q      <= bytes_q - cut_bytes;
    end
  end

  `CW_REQUIRE(RcbBytes inside {64, 128}, "not a Read Completion Boundary")
  `CW_ASSERT(OnlyMemoryReads, !take
      || (req_hdr_i.dw0.kind inside {TlpMRd32, TlpMRd64, TlpMRdLk32, TlpMRdLk64}))
  `CW_ASSERT(RequestInsidePage, !take || {length_dw(req_hdr_i), 2'b00}
      <= bytes_to_page_end(12'(request_addr(req_hdr_i))))
  `CW_ASSERT(MaxPayloadLegal, !take || max_payload_i <= 3'd5)
  `CW_ASSERT(InsideMaxPayload, !cpl_valid_o || (cpl_dw_o != '0 && cpl_dw_o <= payload_dw_q))
  `CW_ASSERT(EndsOnBoundary, !cpl_valid_o || cpl_last_o
      || (13'(cpl_addr_o[11:0]) + {cpl_dw_o, 2'b00}) % 13'(RcbBytes) == '0)
  `CW_ASSERT(ByteCountWithinDwords, !cpl_valid_o || bytes_q <= {dw_q, 2'b00})
  `CW_ASSERT(AskedBytesEndInLastDword, !cpl_valid_o
      || dw_q == 11'd1 || {dw_q, 2'b00} - bytes_q < 13'd7)
  `CW_ASSERT_HELD(CplHeld, cpl_valid_o, cpl_ready_i,
      {cpl_hdr_o, cpl_addr_o, cpl_dw_o, cpl_last_o})

endmodule
