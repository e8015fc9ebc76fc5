// SPDX-License-Identifier: Apache-2.0
//
// Puts pieces of descriptors to their places in one memory, and says up to which descriptor a read
// has come with each beat. Each channel has a round of `DescSlots` for its ring and a 64-byte line
// for linked descriptors. Pieces come whole one after the other, and begin and end at any multiple
// of `CutBytes`: 4 where a completer may cut a descriptor, 32 where it is held to the Read
// Completion Boundary, which takes the turning of dwords away. Spec: PCIe Base 2.3.1.1.
`include "cw_assert.svh"
module cw_dma_desc_buffer
  import cw_dma_pkg::*;
#(
  parameter  int unsigned W         = 256,                    // bits of a beat
  parameter  int unsigned Channels  = 6,
  parameter  int unsigned DescSlots = 32,                     // of each channel
  parameter  int unsigned CutBytes  = 4,                      // of a piece's begin and end
  localparam int unsigned IndexW    = $clog2(DescSlots) + 1,  // of a descriptor, round and round
  localparam int unsigned ChanW     = Channels > 1 ? $clog2(Channels) : 1,
  localparam int unsigned Lanes     = W / 32,
  localparam int unsigned DescDw    = DescBytes / 4,
  localparam int unsigned Columns   = Lanes > DescDw ? Lanes : DescDw,  // memories, a dword wide
  localparam int unsigned ColumnW   = $clog2(Columns),
  localparam int unsigned DwW       = IndexW + $clog2(DescDw),
  localparam int unsigned RingRows  = DescSlots * DescDw / Columns,     // of a channel
  localparam int unsigned LinkRows  = 2 * DescDw / Columns,
  localparam int unsigned AllRows   = Channels * (RingRows + LinkRows),
  localparam int unsigned RowW      = $clog2(AllRows)
) (
  input  logic              clk_i,
  input  logic              rst_i,

  // Beats of pieces; `piece_dest_i` is where the piece begins: index of the descriptor, byte in it
  input  logic [ChanW-1:0]  piece_chan_i,
  input  logic              piece_linked_i,
  input  logic [IndexW+4:0] piece_dest_i,
  input  logic [12:0]       piece_bytes_i,
  input  logic              piece_eop_i,
  input  logic [W-1:0]      piece_data_i,
  input  logic              piece_valid_i,
  output logic [IndexW-1:0] come_o,         // all before this index has come with this beat

  // One descriptor, a clock later
  input  logic [ChanW-1:0]  rd_chan_i,
  input  logic              rd_linked_i,
  input  logic [IndexW-1:0] rd_index_i,
  input  logic              rd_en_i,
  output desc_t             desc_o
);

  localparam int unsigned DescsInRow = Columns / DescDw;
  localparam int unsigned CutLog2    = $clog2(CutBytes);

  // A row of a channel's: rings come first, one behind the other.
  function automatic logic [RowW-1:0] row_of(
      logic [ChanW-1:0] chan, logic linked, logic [DwW-1:0] dw);
    logic [DwW-1:0] row;
    row = dw >> ColumnW;
    if (linked) return RowW'(Channels * RingRows + 32'(chan) * LinkRows + 32'(row) % LinkRows);
    return RowW'(32'(chan) * RingRows + 32'(row) % RingRows);
  endfunction

  logic [9:0]         beat_dw_q, beat_dw_d;  // dwords of the piece before this beat
  logic [9:0]         left_dw;               // of the piece, from this beat on
  logic [9:0]         here_dw;               // of this beat
  logic [DwW-1:0]     first_dw;              // place of the dword in lane 0
  logic [W-1:0]       turned;                // lanes turned up, so that dwords meet their columns
  logic [RowW-1:0]    row, row_behind, rd_row;
  logic [Columns-1:0] behind;                // the row of the dword in lane 0
  logic [Columns-1:0][31:0] rd_data;

  assign beat_dw_d  = piece_eop_i ? '0 : beat_dw_q + 10'(Lanes);
  assign left_dw    = 10'(piece_bytes_i >> 2) - beat_dw_q;
  assign here_dw    = left_dw < 10'(Lanes) ? left_dw : 10'(Lanes);
  assign first_dw   = (piece_dest_i[IndexW+4:2] & ~DwW'(CutBytes / 4 - 1)) + DwW'(beat_dw_q);
  assign come_o     = IndexW'((first_dw + DwW'(here_dw)) >> $clog2(DescDw));
  assign row        = row_of(piece_chan_i, piece_linked_i, first_dw);
  assign row_behind = row_of(piece_chan_i, piece_linked_i, first_dw + DwW'(Columns));
  assign rd_row     = row_of(rd_chan_i, rd_linked_i, DwW'(rd_index_i) << $clog2(DescDw));

  always_comb begin
    turned = piece_data_i;
    for (int unsigned b = CutLog2 - 2; b < $clog2(Lanes); b++) begin
      if (first_dw[b]) turned = (turned << (32 << b)) | (turned >> (W - (32 << b)));
    end
  end

  always_comb begin
    for (int unsigned c = 0; c < Columns; c++) behind[c] = c < 32'(first_dw[ColumnW-1:0]);
  end

  for (genvar c = 0; c < Columns; c++) begin : gen_column
    logic [ColumnW-1:0] lane;  // that meets this column, if there are so many
    assign lane = ColumnW'(c) - first_dw[ColumnW-1:0];

    cw_ram_sdp #(.DataW(32), .Depth(AllRows)) u_dwords (
      .clk_i,
      .rst_i,
      .wr_en_i   (piece_valid_i && 10'(lane) < here_dw),
      .wr_strb_i (1'b1),
      .wr_addr_i (behind[c] ? row_behind : row),
      .wr_data_i (turned[32 * (c % Lanes) +: 32]),
      .rd_en_i,
      .rd_addr_i (rd_row),
      .rd_data_o (rd_data[c])
    );
  end

  if (DescsInRow == 1) begin : gen_whole
    assign desc_o = rd_data;
  end else begin : gen_half
    logic half_q;  // no reset: meaningful only after a read
    always_ff @(posedge clk_i) if (rd_en_i) half_q <= rd_index_i[0];
    assign desc_o = half_q ? rd_data[Columns-1:DescDw] : rd_data[DescDw-1:0];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i)              beat_dw_q <= '0;
    else if (piece_valid_i) beat_dw_q <= beat_dw_d;
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_REQUIRE(DescSlots >= 4 && (DescSlots & (DescSlots - 1)) == 0, "slots are counted in bits")
  `CW_REQUIRE(CutBytes inside {4, 8, 16, 32}, "not a part of a descriptor in dwords")
  `CW_ASSERT(CutWhereAllowed, !piece_valid_i
      || (32'(piece_bytes_i) % CutBytes == 0 && 32'(piece_dest_i) % CutBytes == 0))
  `CW_ASSERT(PieceIsNoRound, !piece_valid_i || 32'(piece_bytes_i) <= DescSlots * DescBytes)
  `CW_ASSERT(LinkedInLine, !(piece_valid_i && piece_linked_i)
      || 32'(piece_dest_i) + 32'(piece_bytes_i) <= 2 * DescBytes)
  `CW_ASSERT(EopWherePieceEnds, !piece_valid_i || piece_eop_i == (left_dw <= 10'(Lanes)))

endmodule
