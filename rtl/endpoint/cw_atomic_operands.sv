// SPDX-License-Identifier: Apache-2.0
//
// Keeps the payloads of AtomicOps, in order, until their requests are carried out. It watches the
// non-posted channel as the decoder takes it; whoever offers a TLP there has seen room.
// Spec: PCIe Base 2.2.7 (one or two operands of up to 128 bits).
`include "cw_assert.svh"
module cw_atomic_operands
  import cw_tlp_pkg::*;
  import cw_atomic_pkg::*;
#(
  parameter int unsigned W     = 256,  // bits of a beat
  parameter int unsigned Depth = 4     // AtomicOps
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // A beat of a non-posted request is taken in this clock
  input  tlp_ctl_t     np_ctl_i,
  input  logic [W-1:0] np_data_i,
  input  logic         np_take_i,
  output logic         room_o,      // for the payload of a request that begins

  // Payloads; the dwords behind the last one are junk
  output logic [255:0] operands_o,
  output logic         valid_o,
  input  logic         take_i
);

  localparam int unsigned PayloadBits = 32 * MaxPayloadDw;
  localparam int unsigned Slots       = W >= PayloadBits ? 1 : PayloadBits / W;  // beats of one
  localparam int unsigned BeatBits    = W >= PayloadBits ? PayloadBits : W;

  logic                           atomic, atomic_q, done, room;
  logic [2:0]                     beat_q, beat;
  logic [Slots-1:0][BeatBits-1:0] payload, payload_q;

  assign atomic = np_ctl_i.sop ? is_atomic(mem_hdr_t'(np_ctl_i.hdr)) : atomic_q;
  assign beat   = np_ctl_i.sop ? '0 : beat_q;
  assign done   = np_take_i && np_ctl_i.eop && atomic;

  always_comb begin
    payload = payload_q;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (32'(beat) == s) payload[s] = np_data_i[BeatBits-1:0];
    end
  end

  // No reset: meaningful only after the first beat of a request.
  always_ff @(posedge clk_i) begin
    if (np_take_i) begin
      atomic_q  <= atomic;
      beat_q    <= beat + 3'd1;
      payload_q <= payload;
    end
  end

  cw_fifo #(.DataW(PayloadBits), .Depth(Depth)) u_payloads (
    .clk_i,
    .rst_i,
    .in_data_i   (payload),
    .in_valid_i  (done),
    .in_ready_o  (room),
    .out_data_o  (operands_o),
    .out_valid_o (valid_o),
    .out_ready_i (take_i),
    .level_o     ()
  );

  assign room_o = room || !np_ctl_i.sop || !atomic;

  logic unused;
  assign unused = &{1'b0, np_ctl_i};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(RoomWasSeen, !np_take_i || room_o)
  `CW_ASSERT(RoomStays, !done || room)
  `CW_ASSERT(PayloadFits, !(np_take_i && atomic) || 32'(beat) < Slots)
  `CW_ASSERT(TakenWasThere, !take_i || valid_o)

endmodule
