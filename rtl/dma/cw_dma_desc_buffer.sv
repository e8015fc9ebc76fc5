// SPDX-License-Identifier: Apache-2.0
//
// Puts pieces of descriptors to their places in a buffer of 64-byte lines, two descriptors to a
// line, and says which of them a beat completes. Pieces have any number of dwords (a completer may
// cut a descriptor), come in address order and never leave their line. Spec: PCIe Base 2.3.1.1.
`include "cw_assert.svh"
module cw_dma_desc_buffer
  import cw_dma_pkg::*;
#(
  parameter  int unsigned W      = 256,  // bits of a beat
  parameter  int unsigned Slots  = 8,    // descriptors
  localparam int unsigned SlotW  = $clog2(Slots),
  localparam int unsigned Lanes  = W / 32,
  localparam int unsigned DescDw = DescBytes / 4,
  localparam int unsigned LineDw = 2 * DescDw
) (
  input  logic             clk_i,
  input  logic             rst_i,

  // Beats of pieces; `piece_dest_i` is where the piece begins in the buffer
  input  logic [SlotW+4:0] piece_dest_i,
  input  logic [12:0]      piece_bytes_i,
  input  logic             piece_eop_i,
  input  logic [W-1:0]     piece_data_i,
  input  logic             piece_valid_i,
  output logic [Slots-1:0] filled_o,      // slots whose last dword is in this beat

  // One descriptor, a clock later
  input  logic [SlotW-1:0] rd_slot_i,
  input  logic             rd_en_i,
  output desc_t            desc_o
);

  logic [8:0]        beat_dw_q, beat_dw_d;  // dwords of the piece before this beat
  logic [8:0]        first_dw;              // place in the line of the dword in lane 0
  logic [8:0]        left_dw;               // of the piece, from this beat on
  logic [LineDw-1:0] wr_strb;
  logic [W-1:0]      turned;                // lanes turned up, so that dwords meet their places
  desc_t [1:0]       line;
  logic              half_q;

  assign beat_dw_d = piece_eop_i ? '0 : beat_dw_q + 9'(Lanes);
  assign first_dw  = {5'd0, piece_dest_i[5:2]} + beat_dw_q;
  assign left_dw   = 9'(piece_bytes_i >> 2) - beat_dw_q;

  always_comb begin
    turned = piece_data_i;
    for (int unsigned b = 0; b < $clog2(Lanes); b++) begin
      if (first_dw[b]) turned = (turned << (32 << b)) | (turned >> (W - (32 << b)));
    end
  end

  always_comb begin
    for (int unsigned d = 0; d < LineDw; d++) begin  // below first_dw the difference is huge
      wr_strb[d] = 9'(d) - first_dw < (left_dw < 9'(Lanes) ? left_dw : 9'(Lanes));
    end
  end

  for (genvar s = 0; s < Slots; s++) begin : gen_filled
    assign filled_o[s] = piece_valid_i && piece_dest_i[SlotW+4:6] == (SlotW-1)'(s / 2)
        && wr_strb[DescDw * (s % 2) + DescDw - 1];
  end

  cw_ram_sdp #(.DataW(32 * LineDw), .Depth(Slots / 2), .ByteW(32)) u_lines (
    .clk_i,
    .rst_i,
    .wr_en_i   (piece_valid_i),
    .wr_strb_i (wr_strb),
    .wr_addr_i (piece_dest_i[SlotW+4:6]),
    .wr_data_i ({32 * LineDw / W{turned}}),
    .rd_en_i,
    .rd_addr_i (rd_slot_i[SlotW-1:1]),
    .rd_data_o (line)
  );

  assign desc_o = line[half_q];

  always_ff @(posedge clk_i) begin
    if (rst_i)              beat_dw_q <= '0;
    else if (piece_valid_i) beat_dw_q <= beat_dw_d;
  end

  // No reset: meaningful only after a read.
  always_ff @(posedge clk_i) begin
    if (rd_en_i) half_q <= rd_slot_i[0];
  end

  `CW_REQUIRE(Slots inside {4, 8}, "slots are pairs, and a mark of rd_req_t.slot tells chains")
  `CW_ASSERT(WholeDwords, !piece_valid_i || (piece_bytes_i[1:0] == '0 && piece_dest_i[1:0] == '0))
  `CW_ASSERT(PieceInsideLine, !piece_valid_i || 13'(piece_dest_i[5:0]) + piece_bytes_i <= 13'd64)
  `CW_ASSERT(EopWherePieceEnds, !piece_valid_i || piece_eop_i == (left_dw <= 9'(Lanes)))

endmodule
