// SPDX-License-Identifier: Apache-2.0
//
// Gathers the chunks of an H2s channel into the packets of an AXI4-Stream. Bytes come in any order;
// a mark beside each tells which round of the buffer wrote it, so a beat goes out as soon as it is
// complete. A packet that will not become complete is cut: behind what has left of it comes a beat
// of one meaningless byte with TLAST and TUSER[0].
// Spec: AMBA AXI4-Stream, 2.2 (handshake), 2.4 (TKEEP); docs/dma.md (Streams).
`include "cw_assert.svh"
module cw_dma_stream_out
  import cw_axi_pkg::*;
  import cw_dma_pkg::*;
#(
  parameter int unsigned W        = 256,  // bits of a beat
  parameter int unsigned BufBytes = 8192, // of the buffer: the rate is BufBytes / latency at most
  parameter int unsigned Packets  = 64    // in the buffer, at most
) (
  input  logic            clk_i,
  input  logic            rst_i,
  input  logic            flush_i,  // the engine is in reset, what is behind the port is not

  // Chunks that will be written
  output stream_out_t     next_o,
  input  stream_reserve_t reserve_i,
  input  logic            reserve_valid_i,

  // While high, nothing of what was reserved will be written any more: what is whole goes out, the
  // rest is forgotten
  input  logic            abort_i,

  // Beats, at addresses of the buffer
  input  card_wr_t        wr_i,
  input  logic [W-1:0]    wr_data_i,
  input  logic [W/8-1:0]  wr_strb_i,
  input  logic            wr_valid_i,
  output logic            wr_ready_o,

  // Stream
  output logic [W-1:0]    axis_data_o,
  output logic [W/8-1:0]  axis_keep_o,
  output axis_t           axis_o,
  output logic            axis_valid_o,
  input  logic            axis_ready_i
);

  localparam int unsigned BeatBytes = W / 8;
  localparam int unsigned BeatLog2  = $clog2(BeatBytes);
  localparam int unsigned Beats     = BufBytes / BeatBytes;
  localparam int unsigned IndexW    = $clog2(Beats);
  localparam int unsigned PtrW      = IndexW + BeatLog2 + 1;  // the top bit counts rounds

  typedef enum logic [1:0] {
    StRun,
    StDrain,
    StCut,
    StSweep
  } state_e;

  typedef struct packed {
    logic [IndexW-1:0]   beat;  // the packet's last, and its last byte
    logic [BeatLog2-1:0] lane;
    logic [7:0]          tuser;
    logic [7:0]          tid;
  } end_t;

  typedef struct packed {
    logic       mark;
    logic [7:0] data;
  } byte_t;

  state_e            state_q, state_d;
  logic [PtrW-1:0]   ptr_q, past;       // of the next chunk
  logic [IndexW:0]   out_q, out_d;      // the beat on show
  logic [IndexW-1:0] sweep_q;
  logic [7:0]        tid_q, tuser_q;    // of the packet being reserved
  logic              open_q, open_d;    // the packet of the beat on show has begun to leave
  logic              full_q;            // a beat is on the pins

  logic [PtrW-1:0]   end_at;
  end_t              push, front;              // of packets whose end has been reserved
  logic              front_room, front_valid, pop;

  assign past   = ptr_q + PtrW'(reserve_i.bytes);
  assign end_at = past - 1'b1;
  assign push   = '{
    beat: end_at[BeatLog2 +: IndexW], lane: end_at[BeatLog2-1:0],
    tuser: reserve_i.tuser, tid: reserve_i.tid
  };

  assign next_o.ptr  = 16'(ptr_q);
  assign next_o.room = state_q != StRun || !front_room ? '0
      : 16'(BufBytes) - 16'(PtrW'(ptr_q - {out_q, {BeatLog2{1'b0}}}));

  cw_fifo #(.DataW($bits(end_t)), .Depth(Packets), .UseRam(1'b0)) u_ends (
    .clk_i,
    .rst_i       (rst_i || state_q == StSweep),
    .in_data_i   (push),
    .in_valid_i  (reserve_valid_i && reserve_i.packet_end),
    .in_ready_o  (front_room),
    .out_data_o  (front),
    .out_valid_o (front_valid),
    .out_ready_i (pop),
    .level_o     ()
  );

  byte_t [BeatBytes-1:0] bytes_in, bytes_out;
  logic [BeatBytes-1:0]  strb;
  logic                  sweep, mark_in;

  assign sweep      = state_q == StSweep;
  assign wr_ready_o = !sweep;
  assign mark_in    = !sweep && !wr_i.addr[PtrW-1];

  always_comb begin
    for (int unsigned n = 0; n < BeatBytes; n++) begin
      bytes_in[n] = '{mark: mark_in, data: wr_data_i[8*n +: 8]};
      strb[n]     = sweep || wr_strb_i[n] || (wr_i.pad && (wr_strb_i >> n) == '0);
    end
  end

  cw_ram_sdp #(.DataW(9 * BeatBytes), .Depth(Beats), .ByteW(9)) u_ram (
    .clk_i,
    .rst_i,
    .wr_en_i   (sweep || wr_valid_i),
    .wr_strb_i (strb),
    .wr_addr_i (sweep ? sweep_q : wr_i.addr[BeatLog2 +: IndexW]),
    .wr_data_i (bytes_in),
    .rd_en_i   (1'b1),
    .rd_addr_i (out_d[IndexW-1:0]),
    .rd_data_o (bytes_out)
  );

  logic                 ends, complete, leave, cut, pins_free;
  logic [BeatBytes-1:0] keep, there;
  logic [W-1:0]         data;

  assign ends      = front_valid && front.beat == out_q[IndexW-1:0];
  assign keep      = ends ? ~({BeatBytes{1'b1}} << front.lane << 1) : '1;
  assign complete  = &(there | ~keep);
  assign pins_free = !full_q || axis_ready_i;
  assign leave     = pins_free && complete && (state_q == StRun || state_q == StDrain);
  assign cut       = pins_free && state_q == StCut;
  assign pop       = leave && ends;

  always_comb begin
    for (int unsigned n = 0; n < BeatBytes; n++) begin
      there[n]        = bytes_out[n].mark != out_q[IndexW];
      data[8*n +: 8]  = bytes_out[n].data;
    end
  end

  always_comb begin
    open_d = open_q;
    if (leave) open_d = !ends;
    if (cut)   open_d = 1'b0;
  end

  always_comb begin
    state_d = state_q;
    out_d   = out_q + (IndexW + 1)'(leave);
    unique case (state_q)
      StRun: begin
        if (abort_i) state_d = StDrain;
      end
      StDrain: begin  // the first beat that is not complete ends it
        if (!complete) state_d = open_q ? StCut : StSweep;
      end
      StCut: begin
        if (cut) state_d = StSweep;
      end
      StSweep: begin  // no byte is there, as seen from round 0
        out_d = '0;
        if (&sweep_q && !abort_i) state_d = StRun;
      end
      default: state_d = StSweep;
    endcase
    if (flush_i && state_q != StSweep) state_d = open_d ? StCut : StSweep;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StSweep;
      out_q   <= '0;
      sweep_q <= '0;
      open_q  <= 1'b0;
      full_q  <= 1'b0;
    end else begin
      state_q <= state_d;
      out_q   <= out_d;
      sweep_q <= sweep ? sweep_q + IndexW'(!(&sweep_q)) : '0;
      open_q  <= open_d;
      full_q  <= leave || cut || (full_q && !axis_ready_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i || sweep)       ptr_q <= '0;
    else if (reserve_valid_i)
      ptr_q <= reserve_i.packet_end ? {end_at[PtrW-1:BeatLog2] + 1'b1, {BeatLog2{1'b0}}} : past;
  end

  // No reset: meaningful only with a packet under way, or with full_q.
  always_ff @(posedge clk_i) begin
    if (reserve_valid_i) {tid_q, tuser_q} <= {reserve_i.tid, reserve_i.tuser};
    if (leave || cut) begin
      axis_data_o <= data;
      axis_keep_o <= cut ? BeatBytes'(1) : keep;
      axis_o      <= '{
        last: cut || ends,
        id:   front_valid ? front.tid : tid_q,
        user: (front_valid ? front.tuser : tuser_q) | 8'(cut)
      };
    end
  end
  assign axis_valid_o = full_q;

  logic unused;
  assign unused = &{1'b0, wr_i};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_REQUIRE(BufBytes inside {8192, 16384, MaxStreamBufBytes}, "not two of the largest chunks")
  `CW_ASSERT(ReserveFits, !reserve_valid_i
      || (reserve_i.bytes != '0 && 16'(reserve_i.bytes) <= next_o.room))
  `CW_ASSERT(WriteWasReserved, !wr_valid_i
      || PtrW'({wr_i.addr[PtrW-1:BeatLog2], {BeatLog2{1'b0}}} - {out_q, {BeatLog2{1'b0}}})
          < PtrW'(ptr_q - {out_q, {BeatLog2{1'b0}}}))
  `CW_ASSERT(AbortMeansNoWrite, !wr_valid_i || !abort_i || flush_i)
  `CW_ASSERT(NotMoreThanHeld, PtrW'(ptr_q - {out_q, {BeatLog2{1'b0}}}) <= PtrW'(BufBytes))
  `CW_ASSERT_HELD(StreamHeld, axis_valid_o, axis_ready_i, {axis_data_o, axis_keep_o, axis_o})

endmodule
