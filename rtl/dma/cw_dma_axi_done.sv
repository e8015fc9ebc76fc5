// SPDX-License-Identifier: Apache-2.0
//
// Keeps what packets behind AXI4 will have landed until they are written: one answer for each that
// has bytes, in order. A packet whose write failed has landed nothing. One without bytes waits for
// those before it alone.
// Spec: docs/dma.md, "Moving data"; AXI4 A3.4.4 (write response).
`include "cw_assert.svh"
module cw_dma_axi_done
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Depth  = 32,  // packets that wait
  localparam int unsigned LevelW = $clog2(Depth + 1)
) (
  input  logic    clk_i,
  input  logic    rst_i,

  // Packets, as if they were written
  input  landed_t landed_i,
  input  logic    landed_valid_i,
  output logic    landed_ready_o,

  // One is written; one clock each
  input  logic    done_valid_i,
  input  logic    done_error_i,

  // Packets that are written
  output landed_t landed_o,
  output logic    landed_valid_o,
  input  logic    landed_ready_i
);

  landed_t           head;
  logic              head_valid, empty, error, done_valid, done_room, pop;
  logic [LevelW-1:0] level, done_level;

  cw_fifo #(.DataW($bits(landed_t)), .Depth(Depth), .UseRam(1'b0)) u_packets (
    .clk_i,
    .rst_i,
    .in_data_i   (landed_i),
    .in_valid_i  (landed_valid_i),
    .in_ready_o  (landed_ready_o),
    .out_data_o  (head),
    .out_valid_o (head_valid),
    .out_ready_i (pop),
    .level_o     (level)
  );

  cw_fifo #(.DataW(1), .Depth(Depth), .UseRam(1'b0)) u_answers (
    .clk_i,
    .rst_i,
    .in_data_i   (done_error_i),
    .in_valid_i  (done_valid_i),
    .in_ready_o  (done_room),
    .out_data_o  (error),
    .out_valid_o (done_valid),
    .out_ready_i (pop && !empty),
    .level_o     (done_level)
  );

  assign empty          = head.bytes == '0;
  assign landed_valid_o = head_valid && (empty || done_valid);
  assign pop            = landed_valid_o && landed_ready_i;

  always_comb begin
    landed_o = head;
    if (!empty && error) begin
      landed_o.bytes = '0;
      landed_o.error = DmaCardError;
    end
  end

  `CW_ASSERT(AnswerHasRoom, !done_valid_i || done_room)
  `CW_ASSERT(OneAnswerAPacket, done_level <= level)
  `CW_ASSERT(NothingExactlyInError,
      !landed_valid_i || (landed_i.bytes == '0) == (landed_i.error != DmaOk))
  `CW_ASSERT_HELD(LandedHeld, landed_valid_o, landed_ready_i, landed_o)

endmodule
