// SPDX-License-Identifier: Apache-2.0
//
// Asks the requester for every chunk in the clock it is offered, and hands the answers on as
// packets in the order in which they come, which is any. Answers of other clients pass by at once.
// A packet that its sink does not take yet holds up the answers behind it.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_host_source
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W     = 256,  // bits of a beat
  parameter  int unsigned Depth = 16    // beats of answers that may wait here
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Chunks
  input  chunk_t       chunk_i,
  input  logic         chunk_valid_i,
  output logic         chunk_ready_o,

  // Reads of host memory
  output rd_req_t      rd_req_o,
  output logic         rd_valid_o,
  input  logic         rd_ready_i,

  // Answers, to all clients
  input  rd_rsp_t      rsp_i,
  input  logic [W-1:0] rsp_data_i,
  input  logic         rsp_valid_i,
  output logic         rsp_ready_o,

  // Packets, to the route
  output packet_t      packet_o,
  output logic [W-1:0] packet_data_o,
  output logic         packet_valid_o,
  input  logic         packet_ready_i
);

  packet_t                    packet_in;
  logic                       mine, room;
  logic [$clog2(Depth+1)-1:0] unused_level;

  assign rd_req_o = '{attr: chunk_i.mark.attr, iova: chunk_i.src, bytes: chunk_i.bytes,
                      dest: chunk_i.dst, mark: chunk_i.mark};
  assign rd_valid_o    = chunk_valid_i;
  assign chunk_ready_o = rd_ready_i;

  assign mine        = rsp_i.client == ClientData;
  assign rsp_ready_o = !mine || room;
  assign packet_in   = '{mark: rsp_i.mark, dest: rsp_i.dest, lane: 6'(rsp_i.offset),
                         bytes: rsp_i.bytes, sop: rsp_i.sop, eop: rsp_i.eop, last: rsp_i.last,
                         error: read_error(rsp_i.status)};

  cw_fifo #(.DataW($bits(packet_t) + W), .Depth(Depth)) u_answers (
    .clk_i,
    .rst_i,
    .in_data_i   ({packet_in, rsp_data_i}),
    .in_valid_i  (rsp_valid_i && mine),
    .in_ready_o  (room),
    .out_data_o  ({packet_o, packet_data_o}),
    .out_valid_o (packet_valid_o),
    .out_ready_i (packet_ready_i),
    .level_o     (unused_level)
  );

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(LaneForImmediatesOnly, !chunk_valid_i || chunk_i.lane == '0)
  `CW_ASSERT_HELD(RequestHeld, rd_valid_o, rd_ready_i, rd_req_o)
  `CW_ASSERT_HELD(PacketHeld, packet_valid_o, packet_ready_i, {packet_o, packet_data_o})
  `CW_ASSERT(FailedWithoutBytes, !rsp_valid_i || !mine
      || (rsp_i.status == RdOk) == (rsp_i.bytes != '0))
  `CW_ASSERT(FailedAtOnce, !rsp_valid_i || !mine || rsp_i.status == RdOk
      || (rsp_i.last && rsp_i.sop && rsp_i.eop))

endmodule
