// SPDX-License-Identifier: Apache-2.0
//
// Keeps what an AXI4-Stream brings until the chunks of an S2h channel have read it, and says how
// much of the next packet is there. A beat without TLAST counts in full, or not at all if its TKEEP
// is zero; one with TLAST counts for its bytes from lane 0 on, for at least one. When the engine is
// reset alone, the packet that is coming is taken to its end and dropped.
// Spec: AMBA AXI4-Stream, 2.2 (handshake), 2.4 (TKEEP); docs/dma.md (Streams).
`include "cw_assert.svh"
module cw_dma_stream_in
  import cw_axi_pkg::*;
  import cw_dma_pkg::*;
#(
  parameter int unsigned W        = 256,  // bits of a beat
  parameter int unsigned BufBytes = 8192, // of the buffer; the last beat read stays in it
  parameter int unsigned Packets  = 64    // in the buffer, at most
) (
  input  logic           clk_i,
  input  logic           rst_i,
  input  logic           flush_i,  // the engine is in reset, what is behind the port is not

  // Stream
  input  logic [W-1:0]   axis_data_i,
  input  logic [W/8-1:0] axis_keep_i,
  input  axis_t          axis_i,
  input  logic           axis_valid_i,
  output logic           axis_ready_o,

  // Chunks that will be read
  output stream_in_t     next_o,
  input  logic [12:0]    take_bytes_i,
  input  logic           take_valid_i,

  // Reads of beats at addresses of the buffer, in the chunks' order; answered two clocks later
  input  logic           rd_valid_i,
  input  logic [15:0]    rd_addr_i,
  output logic           rd_rvalid_o,
  output logic [W-1:0]   rd_rdata_o
);

  localparam int unsigned BeatBytes = W / 8;
  localparam int unsigned BeatLog2  = $clog2(BeatBytes);
  localparam int unsigned Beats     = BufBytes / BeatBytes;
  localparam int unsigned IndexW    = $clog2(Beats);
  localparam int unsigned PtrW      = IndexW + BeatLog2 + 1;  // the top bit counts rounds

  typedef struct packed {
    logic [PtrW-1:0] past;  // behind the packet's last byte
    logic [7:0]      tuser;
    logic [7:0]      tid;
  } end_t;

  logic [IndexW:0] in_q;        // the beat that comes next
  logic [IndexW:0] keep_q;      // the oldest that may still be read
  logic [PtrW-1:0] ptr_q, past; // of the next chunk; behind what is known of its packet
  logic            take_beat, store, take_end;
  logic            inside_q, inside_d;  // a packet has begun to come
  logic            skip_q;              // to its end
  logic [BeatLog2:0] beat_bytes;
  end_t            push, front;
  logic            front_valid, front_room;  // of packets whose end has come

  // Bytes from lane 0 up to the first that is not kept.
  function automatic logic [BeatLog2:0] kept(logic [BeatBytes-1:0] keep);
    for (int unsigned n = 1; n < BeatBytes; n++) if (!keep[n]) return (BeatLog2 + 1)'(n);
    return (BeatLog2 + 1)'(BeatBytes);
  endfunction

  assign axis_ready_o = front_room && (IndexW + 1)'(in_q - keep_q) != (IndexW + 1)'(Beats);
  assign take_beat    = axis_valid_i && axis_ready_o;
  assign store        = take_beat && !skip_q && (axis_i.last || axis_keep_i != '0);
  assign beat_bytes   = axis_keep_i[0] ? kept(axis_keep_i) : (BeatLog2 + 1)'(1);
  assign push         = '{
    past: {in_q, {BeatLog2{1'b0}}} + PtrW'(beat_bytes), tuser: axis_i.user, tid: axis_i.id
  };

  cw_fifo #(.DataW($bits(end_t)), .Depth(Packets), .UseRam(1'b0)) u_ends (
    .clk_i,
    .rst_i       (rst_i || flush_i),
    .in_data_i   (push),
    .in_valid_i  (store && axis_i.last),
    .in_ready_o  (front_room),
    .out_data_o  (front),
    .out_valid_o (front_valid),
    .out_ready_i (take_end),
    .level_o     ()
  );

  logic [PtrW-1:0] avail;
  logic            clip;

  assign past  = front_valid ? front.past : {in_q, {BeatLog2{1'b0}}};
  assign avail = past - ptr_q;
  assign clip  = 32'(avail) > 32'd4096;

  assign next_o = '{
    ptr:   16'(ptr_q),
    avail: clip ? 13'd4096 : 13'(avail),
    ends:  front_valid && !clip,
    tuser: front.tuser,
    tid:   front.tid
  };
  assign take_end = take_valid_i && next_o.ends && take_bytes_i == next_o.avail;

  assign inside_d = take_beat ? !axis_i.last : inside_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q <= 1'b0;
      skip_q   <= 1'b0;
    end else begin
      inside_q <= inside_d;
      skip_q   <= inside_d && (flush_i || skip_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i || flush_i) begin
      in_q   <= '0;
      keep_q <= '0;
      ptr_q  <= '0;
    end else begin
      in_q <= in_q + (IndexW + 1)'(store);
      if (rd_valid_i) keep_q <= rd_addr_i[BeatLog2 +: IndexW + 1];
      if (take_end)
        ptr_q <= PtrW'(past + PtrW'(BeatBytes - 1)) & ~PtrW'(BeatBytes - 1);
      else if (take_valid_i) ptr_q <= ptr_q + PtrW'(take_bytes_i);
    end
  end

  logic         read_q;
  logic [W-1:0] ram_data;

  cw_ram_sdp #(.DataW(W), .Depth(Beats)) u_ram (
    .clk_i,
    .rst_i,
    .wr_en_i   (store),
    .wr_strb_i (1'b1),
    .wr_addr_i (in_q[IndexW-1:0]),
    .wr_data_i (axis_data_i),
    .rd_en_i   (rd_valid_i),
    .rd_addr_i (rd_addr_i[BeatLog2 +: IndexW]),
    .rd_data_o (ram_data)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i || flush_i) {rd_rvalid_o, read_q} <= '0;
    else                  {rd_rvalid_o, read_q} <= {read_q, rd_valid_i};
  end

  // No reset: meaningful only with rd_rvalid_o.
  always_ff @(posedge clk_i) rd_rdata_o <= ram_data;

  logic unused;
  assign unused = &{1'b0, rd_addr_i};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_REQUIRE(BufBytes inside {8192, 16384, MaxStreamBufBytes}, "not two of the largest chunks")
  `CW_ASSERT(TakesWhatIsThere, !take_valid_i
      || (take_bytes_i != '0 && take_bytes_i <= next_o.avail))
  `CW_ASSERT(EndsWithBytes, !next_o.ends || next_o.avail != '0)
  `CW_ASSERT(ReadWasTaken, !rd_valid_i
      || PtrW'(ptr_q - {rd_addr_i[PtrW-1:BeatLog2], {BeatLog2{1'b0}}}) - 1'b1 < PtrW'(BufBytes))
  `CW_ASSERT(ReadInOrder, !rd_valid_i
      || (IndexW + 1)'(rd_addr_i[BeatLog2 +: IndexW + 1] - keep_q) <= (IndexW + 1)'(in_q - keep_q))

endmodule
