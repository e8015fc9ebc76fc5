// SPDX-License-Identifier: Apache-2.0
//
// Cuts a decoded memory read into pieces, one for each completion: its header, where it lies in the
// BAR, and which bytes are asked for. First piece one clock after the request, then one per clock.
// Spec: PCIe Base 2.3.1.1 (data return for read requests), 2.2.5 (byte enables).
`include "cw_assert.svh"
module cw_read_pieces
  import cw_tlp_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned RcbBytes = 128
) (
  input  logic       clk_i,
  input  logic       rst_i,

  // Constant while a request is taken
  input  bdf_t       completer_id_i,
  input  logic [2:0] max_payload_i,  // encoding; pieces are no larger

  // Request; given only while no other is in work
  input  np_req_t    req_i,
  input  logic       req_valid_i,

  // Pieces, in address order
  output piece_t     piece_o,
  output logic       piece_valid_o,
  input  logic       piece_ready_i
);

  logic        ready, last, first_q;
  cpl_hdr_t    hdr;
  logic [63:0] addr;
  logic [10:0] dw;
  logic [19:0] page_q;
  logic [3:0]  first_be_q, last_be_q;

  cw_cpl_splitter #(.RcbBytes(RcbBytes)) u_splitter (
    .clk_i,
    .rst_i,
    .completer_id_i,
    .max_payload_i,
    .req_hdr_i      (req_i.hdr),
    .req_valid_i,
    .req_ready_o    (ready),
    .cpl_hdr_o      (hdr),
    .cpl_addr_o     (addr),
    .cpl_dw_o       (dw),
    .cpl_last_o     (last),
    .cpl_valid_o    (piece_valid_o),
    .cpl_ready_i    (piece_ready_i)
  );

  // No reset: meaningful while the splitter is busy.
  always_ff @(posedge clk_i) begin
    if (req_valid_i) begin
      first_q    <= 1'b1;
      page_q     <= req_i.offset[31:12];
      first_be_q <= req_i.hdr.first_be;
      last_be_q  <= length_dw(tlp_hdr_t'(req_i.hdr)) == 11'd1 ? req_i.hdr.first_be
                                                              : req_i.hdr.last_be;
    end else if (piece_valid_o && piece_ready_i) begin
      first_q    <= 1'b0;
    end
  end

  // A read stays in its 4 KiB page, and so do its offsets: a BAR is aligned to its size.
  assign piece_o = '{
    hdr:      hdr,
    offset:   {page_q, addr[11:0]},
    dw:       dw,
    first_be: first_q ? first_be_q : 4'b1111,
    last_be:  last ? last_be_q : 4'b1111,
    last:     last
  };

  `CW_ASSERT(OneAtATime, !req_valid_i || ready)
  `CW_ASSERT(OffsetsFollowAddresses, !req_valid_i
      || 12'(request_addr(req_i.hdr)) == req_i.offset[11:0])
  `CW_ASSERT_HELD(PieceHeld, piece_valid_o, piece_ready_i, piece_o)

endmodule
