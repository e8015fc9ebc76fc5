// SPDX-License-Identifier: Apache-2.0
//
// Cuts each non-posted request into pieces, one for each completion: its header, where it lies in
// the BAR, and which bytes are asked for. A memory read has as many as its completions need, any
// other request one. First piece one clock after the request, then one per clock; the next request
// is taken with the last piece.
// Spec: PCIe Base 2.3.1.1 (data return for reads), 2.2.5 (byte enables), 2.2.9 (completions).
`include "cw_assert.svh"
module cw_read_pieces
  import cw_tlp_pkg::*;
  import cw_cfg_pkg::cfg_state_t;
  import cw_completer_pkg::*;
#(
  parameter int unsigned Functions = 1,
  parameter int unsigned RcbBytes  = 128
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  cfg_state_t [Functions-1:0] state_i,

  // Requests
  input  np_req_t                    req_i,
  input  logic                       req_valid_i,
  output logic                       req_ready_o,

  // Pieces, in address order, and the request that each belongs to
  output piece_t                     piece_o,
  output np_req_t                    piece_req_o,
  output logic                       piece_valid_o,
  input  logic                       piece_ready_i
);

  // Only card memory has its data at once: all else is answered in pieces of one boundary, so that
  // a piece fits into the room there is for it.
  localparam logic [2:0] SmallestPayload = 3'd0;

  np_req_t     held_q;
  logic        take, cut_ready, cut_valid, whole_q, last, first_q, may_ido;
  logic [2:0]  max_payload;
  bdf_t        id;
  cpl_hdr_t    cut_hdr, whole_hdr;
  logic [63:0] addr;
  logic [10:0] dw, whole_dw;
  logic [3:0]  end_be;

  // Of the functions that answer; one that is not there, as asked for by number.
  always_comb begin
    max_payload = state_i[0].max_payload;
    id          = state_i[0].id;
    may_ido     = state_i[0].ido_cpl_enable;
    for (int unsigned f = 1; f < Functions; f++) begin
      if (32'(req_i.fn) == f) max_payload = state_i[f].max_payload;
      if (32'(held_q.fn) == f) begin
        id      = state_i[f].id;
        may_ido = state_i[f].ido_cpl_enable;
      end
    end
    id.fn = held_q.fn;
    if (req_i.route != RouteCard) max_payload = SmallestPayload;
  end

  assign req_ready_o = cut_ready && (!whole_q || piece_ready_i);
  assign take        = req_valid_i && req_ready_o;

  cw_cpl_splitter #(.RcbBytes(RcbBytes)) u_splitter (
    .clk_i,
    .rst_i,
    .completer_id_i ('0),          // that of the moment, below
    .max_payload_i  (max_payload),
    .req_hdr_i      (req_i.hdr),
    .req_valid_i    (take && is_cut(req_i)),
    .req_ready_o    (cut_ready),
    .cpl_hdr_o      (cut_hdr),
    .cpl_addr_o     (addr),
    .cpl_dw_o       (dw),
    .cpl_last_o     (last),
    .cpl_valid_o    (cut_valid),
    .cpl_ready_i    (piece_ready_i)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) whole_q <= 1'b0;
    else       whole_q <= (take && !is_cut(req_i)) || (whole_q && !piece_ready_i);
  end

  // No reset: meaningful only with a piece.
  always_ff @(posedge clk_i) begin
    if (take) held_q <= req_i;
    first_q <= take || (first_q && !piece_ready_i);
  end

  // The one piece of a request that is not cut.
  always_comb begin
    whole_dw = 11'd1;
    if (cw_atomic_pkg::is_atomic(held_q.hdr))
      whole_dw = 11'(cw_atomic_pkg::operand_dw(held_q.hdr));
    whole_hdr = plain_cpl(held_q.hdr, id, CplStatusSc);
    if (!has_payload(tlp_hdr_t'(held_q.hdr)) || cw_atomic_pkg::is_atomic(held_q.hdr))
      whole_hdr = with_data(whole_hdr, whole_dw);
  end

  assign end_be = length_dw(tlp_hdr_t'(held_q.hdr)) == 11'd1 ? held_q.hdr.first_be
                                                             : held_q.hdr.last_be;

  // A read stays in its 4 KiB page, and so do its offsets: a BAR is aligned to its size.
  always_comb begin
    piece_o = '{
      hdr:      whole_q ? whole_hdr : cut_hdr,
      offset:   {held_q.offset[31:12], whole_q ? held_q.offset[11:0] : addr[11:0]},
      dw:       whole_q ? whole_dw : dw,
      first_be: first_q ? held_q.hdr.first_be : 4'b1111,
      last_be:  last || whole_q ? end_be : 4'b1111,
      last:     last || whole_q
    };
    // The ID of the moment: a configuration write may have just changed it.
    piece_o.hdr.completer_id = id;
    // 2.2.6.4: a completer sets ID-based ordering only where software allows it.
    if (!may_ido) piece_o.hdr.dw0.ido = 1'b0;
  end

  assign piece_valid_o = cut_valid || whole_q;
  assign piece_req_o   = held_q;

  `CW_REQUIRE(Functions >= 1 && Functions <= cw_cfg_pkg::MaxFunctions, "not a number of functions")
  `CW_ASSERT(OneAtATime, !(cut_valid && whole_q))
  `CW_ASSERT(FunctionIsThere, !req_valid_i || !is_cut(req_i) || 32'(req_i.fn) < Functions)
  `CW_ASSERT(OffsetsFollowAddresses, !(take && is_cut(req_i))
      || 12'(request_addr(req_i.hdr)) == req_i.offset[11:0])
  `CW_ASSERT(LastFollows, !(take && cut_valid) || last)

endmodule
