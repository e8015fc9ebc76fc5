// SPDX-License-Identifier: Apache-2.0
//
// Writes every packet to the card, its bytes moved to the lanes of their address: to built-in
// memory, behind AXI4, or into the buffer of its channel's stream. They have landed when the last
// beat is taken; behind AXI4, when the write is answered. A packet without bytes tells of its error
// in its turn: behind the packets of its target before it.
// Spec: docs/dma.md, "Moving data"; AXI4 A3.4.4 (write response).
`include "cw_assert.svh"
module cw_dma_card_sink
  import cw_dma_pkg::*;
#(
  parameter  int unsigned W       = 256,           // bits of a beat
  parameter  kinds_t      Kinds   = every_kind(),
  parameter  bit          AxiCard = 1'b1,          // there is memory behind the AXI4 port
  localparam int unsigned Bytes   = W / 8,
  localparam int unsigned LaneW   = $clog2(Bytes)
) (
  input  logic                      clk_i,
  input  logic                      rst_i,

  // Packets
  input  packet_t                   packet_i,
  input  logic [W-1:0]              packet_data_i,
  input  logic                      packet_valid_i,
  output logic                      packet_ready_o,

  // Writes, by target
  output card_wr_t                  wr_o,
  output chan_t                     wr_chan_o,
  output logic [W-1:0]              wr_data_o,
  output logic [Bytes-1:0]          wr_strb_o,
  output logic [NumCardTargets-1:0] wr_valid_o,
  input  logic [NumCardTargets-1:0] wr_ready_i,

  // Packets behind AXI4 are written; in order, one clock each
  input  logic                      axi_done_valid_i,
  input  logic                      axi_done_error_i,

  // What has landed: behind AXI4, and elsewhere
  output landed_t [1:0]             landed_o,
  output logic [1:0]                landed_valid_o,
  input  logic [1:0]                landed_ready_i
);

  // What the far side of the realigner needs to know of a packet.
  typedef struct packed {
    card_target_e        target;
    logic [CardAxiBit:0] addr;
    logic [LaneW-1:0]    last_lane;  // of its last byte
    logic [9:0]          beats;
    logic                pad;
    landed_t             landed;
  } write_t;

  logic                  empty, shift_ready;
  logic signed [LaneW:0] shift;
  logic [13:0]           span;       // bytes from the first beat on
  write_t                write_in, write;
  logic                  write_room, write_valid, write_pop, write_empty, write_ends;
  logic                  out_last, out_valid, room, axi_room, here_room, first_q, taken;
  logic [CardAxiBit:0]   addr_q;
  logic [9:0]            beats_q;
  logic [Bytes-1:0]      low_mask, high_mask;
  logic [2:0]            unused_level, unused_landed_level;

  assign empty          = packet_i.bytes == '0;
  assign shift          = (LaneW + 1)'(packet_i.dest[LaneW-1:0]) - (LaneW + 1)'(packet_i.lane);
  assign span           = 14'(packet_i.dest[LaneW-1:0]) + 14'(packet_i.bytes);
  assign packet_ready_o = (shift_ready || empty) && write_room;

  cw_lane_shift #(.W(W)) u_lanes (
    .clk_i,
    .rst_i,
    .in_data_i   (packet_data_i),
    .in_last_i   (packet_i.eop),
    .shift_i     (shift),
    .bytes_i     (14'(packet_i.bytes) + 14'(packet_i.lane)),
    .in_valid_i  (packet_valid_i && !empty && write_room),
    .in_ready_o  (shift_ready),
    .out_data_o  (wr_data_o),
    .out_last_o  (out_last),
    .out_valid_o (out_valid),
    .out_ready_i (taken)
  );

  always_comb begin
    write_in           = '0;
    write_in.target    = card_target(Kinds[packet_i.mark.chan], packet_i.dest);
    if (!AxiCard && write_in.target == CardAxi) write_in.target = CardMem;
    write_in.addr      = packet_i.dest[CardAxiBit:0];
    write_in.last_lane = LaneW'(span - 14'd1);
    write_in.beats     = 10'((span + 14'(Bytes - 1)) >> LaneW);
    write_in.pad       = packet_i.mark.packet_end && packet_i.last;
    write_in.landed    = '{chan: packet_i.mark.chan, entry: packet_i.mark.entry,
                           bytes: packet_i.bytes, ends: packet_i.last, error: packet_i.error};
  end

  cw_fifo #(.DataW($bits(write_t)), .Depth(4)) u_writes (
    .clk_i,
    .rst_i,
    .in_data_i   (write_in),
    .in_valid_i  (packet_valid_i && packet_i.sop && packet_ready_o),
    .in_ready_o  (write_room),
    .out_data_o  (write),
    .out_valid_o (write_valid),
    .out_ready_i (write_pop),
    .level_o     (unused_level)
  );

  assign write_empty = write.landed.bytes == '0;
  assign room        = write.target == CardAxi ? axi_room : here_room;
  assign taken       = (wr_valid_o & wr_ready_i) != '0;
  assign write_ends  = write_valid && (write_empty || (taken && out_last));
  assign write_pop   = write_ends && room;

  always_comb begin
    wr_valid_o               = '0;
    wr_valid_o[write.target] = out_valid && write_valid && !write_empty && room;
  end

  assign wr_chan_o  = write.landed.chan;
  assign wr_o       = '{addr: first_q ? {write.addr[CardAxiBit:LaneW], LaneW'(0)} : addr_q,
                        beats: first_q ? write.beats : beats_q, first: first_q, last: out_last,
                        pad: out_last && write.pad};
  assign low_mask   = {Bytes{1'b1}} << write.addr[LaneW-1:0];
  assign high_mask  = {Bytes{1'b1}} >> ~write.last_lane;
  assign wr_strb_o  = (first_q ? low_mask : '1) & (out_last ? high_mask : '1);

  always_ff @(posedge clk_i) begin
    if (rst_i)      first_q <= 1'b1;
    else if (taken) first_q <= out_last;
  end

  // No reset: meaningful only after the first beat.
  always_ff @(posedge clk_i) begin
    if (taken) begin
      addr_q  <= wr_o.addr + (CardAxiBit + 1)'(Bytes);
      beats_q <= wr_o.beats - 10'd1;
    end
  end

  if (AxiCard) begin : gen_axi
    cw_dma_axi_done u_axi_done (
      .clk_i,
      .rst_i,
      .landed_i       (write.landed),
      .landed_valid_i (write_ends && write.target == CardAxi),
      .landed_ready_o (axi_room),
      .done_valid_i   (axi_done_valid_i),
      .done_error_i   (axi_done_error_i),
      .landed_o       (landed_o[0]),
      .landed_valid_o (landed_valid_o[0]),
      .landed_ready_i (landed_ready_i[0])
    );
  end else begin : gen_no_axi
    logic unused;
    assign unused            = &{1'b0, axi_done_valid_i, axi_done_error_i, landed_ready_i[0]};
    assign axi_room          = 1'b1;
    assign landed_o[0]       = '0;
    assign landed_valid_o[0] = 1'b0;
    `CW_ASSERT(NobodyBehindAxi, !write_valid || write.target != CardAxi)
  end

  cw_fifo #(.DataW($bits(landed_t)), .Depth(4)) u_landed (
    .clk_i,
    .rst_i,
    .in_data_i   (write.landed),
    .in_valid_i  (write_ends && write.target != CardAxi),
    .in_ready_o  (here_room),
    .out_data_o  (landed_o[1]),
    .out_valid_o (landed_valid_o[1]),
    .out_ready_i (landed_ready_i[1]),
    .level_o     (unused_landed_level)
  );

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(NothingExactlyInError, !packet_valid_i || empty == (packet_i.error != DmaOk))
  `CW_ASSERT(NothingInOneBeat, !packet_valid_i || !empty || (packet_i.sop && packet_i.eop))
  `CW_ASSERT(WriteIsKnown, !out_valid || write_valid)
  `CW_ASSERT(WritesSomething, wr_valid_o == '0 || wr_strb_o != '0)
  `CW_ASSERT(LastBeatWhereBytesEnd, wr_valid_o == '0 || out_last == (wr_o.beats == 10'd1))
  `CW_ASSERT_HELD(MemHeld, wr_valid_o[CardMem], wr_ready_i[CardMem], {wr_o, wr_data_o, wr_strb_o})
  `CW_ASSERT_HELD(AxiHeld, wr_valid_o[CardAxi], wr_ready_i[CardAxi], {wr_o, wr_data_o, wr_strb_o})

endmodule
