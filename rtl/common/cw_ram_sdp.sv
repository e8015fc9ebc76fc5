// SPDX-License-Identifier: Apache-2.0
//
// Memory with one write port and one read port, the only RAM of the fabric, so that a port to
// another technology changes one file. Read data come one clock after `rd_en_i` and stay until the
// next; a read of the word being written in the same clock returns the old word.
`include "cw_assert.svh"
module cw_ram_sdp #(
  parameter  int unsigned DataW = 32,      // bits of a word
  parameter  int unsigned Depth = 512,     // words
  parameter  int unsigned ByteW = DataW,   // bits that one strobe writes
  localparam int unsigned Strbs = DataW / ByteW,
  localparam int unsigned AddrW = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             rst_i,

  // Write port
  input  logic             wr_en_i,
  input  logic [Strbs-1:0] wr_strb_i,
  input  logic [AddrW-1:0] wr_addr_i,
  input  logic [DataW-1:0] wr_data_i,

  // Read port
  input  logic             rd_en_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output logic [DataW-1:0] rd_data_o
);

  // No reset: block RAM has none.
  (* ram_style = "auto" *) logic [DataW-1:0] mem_q [Depth];

  always_ff @(posedge clk_i) begin
    for (int unsigned s = 0; s < Strbs; s++) begin
      if (wr_en_i && wr_strb_i[s]) begin
        mem_q[wr_addr_i][s*ByteW +: ByteW] <= wr_data_i[s*ByteW +: ByteW];
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_data_o <= mem_q[rd_addr_i];
  end

  `CW_REQUIRE(Depth >= 2, "a RAM has at least two words")
  `CW_REQUIRE(DataW % ByteW == 0, "strobes cover the word")
  `CW_ASSERT(WriteInside, !wr_en_i || 32'(wr_addr_i) < Depth)
  `CW_ASSERT(ReadInside, !rd_en_i || 32'(rd_addr_i) < Depth)

  // In synthesis, where no assertion reads it, the reset has no load.
  logic unused_rst;
  assign unused_rst = rst_i;

endmodule
