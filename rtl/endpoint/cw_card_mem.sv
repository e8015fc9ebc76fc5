// SPDX-License-Identifier: Apache-2.0
//
// Card memory: block RAM that its clients write and read, one write and one read per clock, shared
// fairly. While one of them holds the lock, no other writes. A read returns two clocks after it was
// taken, in order, and sees every write taken before it; its client keeps room for it. An address
// is that of a byte, a multiple of a beat.
// Spec: PCIe Base 6.15 (what an AtomicOp reads and writes, nobody else writes in between).
`include "cw_assert.svh"
module cw_card_mem #(
  parameter int unsigned W       = 256,    // bits of a beat
  parameter int unsigned Bytes   = 65536,  // of the memory
  parameter int unsigned Clients = 3       // 0: DMA, 1: MMIO, 2: AtomicOps
) (
  input  logic                        clk_i,
  input  logic                        rst_i,

  // Who alone may write, from this clock on; none: all
  input  logic [Clients-1:0]          lock_i,

  // Writes, one strobe per byte
  input  logic [Clients-1:0]          wr_valid_i,
  output logic [Clients-1:0]          wr_ready_o,
  input  logic [Clients-1:0][31:0]    wr_addr_i,
  input  logic [Clients-1:0][W-1:0]   wr_data_i,
  input  logic [Clients-1:0][W/8-1:0] wr_strb_i,

  // Reads
  input  logic [Clients-1:0]          rd_valid_i,
  output logic [Clients-1:0]          rd_ready_o,
  input  logic [Clients-1:0][31:0]    rd_addr_i,

  // Answers: the same data to all, valid for one
  output logic [Clients-1:0]          rd_rvalid_o,
  output logic [Clients-1:0][W-1:0]   rd_rdata_o
);

  localparam int unsigned BeatBytes = W / 8;
  localparam int unsigned Beats     = Bytes / BeatBytes;
  localparam int unsigned BeatLog2  = $clog2(BeatBytes);
  localparam int unsigned AddrW     = $clog2(Beats);
  localparam int unsigned IndexW    = Clients > 1 ? $clog2(Clients) : 1;

  logic [IndexW-1:0]  wr_index, rd_index;
  logic               wr_any, rd_any;
  logic [Clients-1:0] reading_q, answer_q;
  logic [W-1:0]       ram_data, rdata_q;

  cw_rr_arbiter #(.N(Clients)) u_wr_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (lock_i == '0 ? wr_valid_i : wr_valid_i & lock_i),
    .take_i  (wr_any),
    .lock_i  (1'b0),
    .grant_o (wr_ready_o),
    .index_o (wr_index),
    .any_o   (wr_any)
  );

  cw_rr_arbiter #(.N(Clients)) u_rd_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (rd_valid_i),
    .take_i  (rd_any),
    .lock_i  (1'b0),
    .grant_o (rd_ready_o),
    .index_o (rd_index),
    .any_o   (rd_any)
  );

  cw_ram_sdp #(.DataW(W), .Depth(Beats), .ByteW(8)) u_ram (
    .clk_i,
    .rst_i,
    .wr_en_i   (wr_any),
    .wr_strb_i (wr_strb_i[wr_index]),
    .wr_addr_i (wr_addr_i[wr_index][BeatLog2 +: AddrW]),
    .wr_data_i (wr_data_i[wr_index]),
    .rd_en_i   (rd_any),
    .rd_addr_i (rd_addr_i[rd_index][BeatLog2 +: AddrW]),
    .rd_data_o (ram_data)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      reading_q <= '0;
      answer_q  <= '0;
    end else begin
      reading_q <= rd_ready_o;
      answer_q  <= reading_q;
    end
  end

  // No reset: meaningful only with answer_q.
  always_ff @(posedge clk_i) rdata_q <= ram_data;

  assign rd_rvalid_o = answer_q;
  assign rd_rdata_o  = {Clients{rdata_q}};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_REQUIRE(Bytes >= 2 * BeatBytes && Bytes == 2 ** $clog2(Bytes), "not a power of two of beats")
  `CW_ASSERT(OneHoldsTheLock, $onehot0(lock_i))
  `CW_ASSERT(LockKeepsOthersOut, lock_i == '0 || (wr_ready_o & ~lock_i) == '0)
  for (genvar c = 0; c < Clients; c++) begin : gen_client
    `CW_ASSERT(WriteInside, !wr_valid_i[c]
        || (wr_addr_i[c] < Bytes && wr_addr_i[c] % BeatBytes == 0))
    `CW_ASSERT(ReadInside, !rd_valid_i[c]
        || (rd_addr_i[c] < Bytes && rd_addr_i[c] % BeatBytes == 0))
    `CW_ASSERT_HELD(WriteHeld, wr_valid_i[c], wr_ready_o[c],
        {wr_addr_i[c], wr_data_i[c], wr_strb_i[c]})
    `CW_ASSERT_HELD(ReadHeld, rd_valid_i[c], rd_ready_o[c], rd_addr_i[c])
  end

endmodule
