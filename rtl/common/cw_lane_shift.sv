// SPDX-License-Identifier: Apache-2.0
//
// Realigns a byte stream to other lanes: byte k of a packet leaves as byte k + `shift_i` of the
// output, whose other bytes are junk. Takes one beat per clock; a packet costs at most one clock
// more than it has beats. Latency one clock; the output is registered.
`include "cw_assert.svh"
module cw_lane_shift #(
  parameter  int unsigned W         = 256,  // bits of a beat
  parameter  int unsigned UnitBytes = 1,    // every shift is a multiple of it
  localparam int unsigned LaneW     = $clog2(W / 8)
) (
  input  logic                  clk_i,
  input  logic                  rst_i,

  // Packet in. Constant during the packet: `shift_i` (negative: as many leading bytes are dropped)
  // and `bytes_i`, counted from byte 0 of the first beat, dropped ones included.
  input  logic [W-1:0]          in_data_i,
  input  logic                  in_last_i,
  input  logic signed [LaneW:0] shift_i,
  input  logic [13:0]           bytes_i,
  input  logic                  in_valid_i,
  output logic                  in_ready_o,

  // Packet out, ceil((bytes_i + shift_i) / (W/8)) beats
  output logic [W-1:0]          out_data_o,
  output logic                  out_last_o,
  output logic                  out_valid_o,
  input  logic                  out_ready_i
);

  localparam int unsigned Bytes    = W / 8;
  localparam int unsigned UnitLog2 = $clog2(UnitBytes);

  // Steps of the rotation go by two into a LUT of six inputs. One that is left over, the swap of
  // the halves, goes into that which chooses between this beat and the one before.
  localparam int unsigned Steps    = LaneW - (LaneW - UnitLog2) % 2;

  logic [LaneW-1:0] up;       // rotation: dropping d bytes is moving up by Bytes - d, a beat early
  logic             drop;
  logic [LaneW-1:0] tail;     // lane of the packet's last byte
  logic             spills;   // the last beat in needs a second beat out
  logic [13:0]      left;     // bytes of the packet from this beat on
  logic [13:0]      left_q;
  logic [W-1:0]     turned, merged, carry_q, data_q;  // turned: by so many steps
  logic             swap, swap_q;
  logic             first_q, flush_q, valid_q, last_q;
  logic             room, absorb, take, emit;

  assign up     = shift_i[LaneW-1:0];
  assign drop   = shift_i[LaneW];
  assign tail   = LaneW'(bytes_i - 14'd1);
  assign left   = first_q ? bytes_i : left_q;
  assign spills = (LaneW + 1)'(tail) + (LaneW + 1)'(up) >= (LaneW + 1)'(Bytes);

  always_comb begin
    turned = in_data_i;
    for (int unsigned b = UnitLog2; b < Steps; b++) begin
      if (up[b]) turned = (turned << (8 << b)) | (turned >> (W - (8 << b)));
    end
  end

  // The first beat of a dropping packet gives nothing yet, unless it is the only one.
  assign absorb     = drop && first_q && !in_last_i;
  assign room       = !valid_q || out_ready_i;
  assign in_ready_o = room && (!flush_q || absorb);
  assign take       = in_valid_i && in_ready_o;
  assign emit       = flush_q || (in_valid_i && !absorb);

  // A beat flushed swaps as its packet did: the next one may be there already.
  assign swap = Steps != LaneW && (flush_q ? swap_q : up[LaneW-1]);

  // Low lanes hold what the beat before left over; the first beat of a packet has none before.
  always_comb begin
    for (int unsigned n = 0; n < Bytes; n++) begin
      unique case ({flush_q || (n < 32'(up) && !first_q), swap})
        2'b00:   merged[8*n +: 8] = turned[8*n +: 8];
        2'b01:   merged[8*n +: 8] = turned[8*((n + Bytes/2) % Bytes) +: 8];
        2'b10:   merged[8*n +: 8] = carry_q[8*n +: 8];
        default: merged[8*n +: 8] = carry_q[8*((n + Bytes/2) % Bytes) +: 8];
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      first_q <= 1'b1;
      flush_q <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      if (take) first_q <= in_last_i;
      if (room) begin
        valid_q <= emit;
        flush_q <= take && in_last_i && spills && !(drop && first_q);
      end
    end
  end

  // No reset: meaningful only with valid_q, or after the first beat of a packet.
  always_ff @(posedge clk_i) begin
    if (take) carry_q <= turned;
    if (take) swap_q <= up[LaneW-1];
    if (take) left_q <= left - 14'(Bytes);
    if (room) begin
      data_q <= merged;
      last_q <= flush_q || (in_last_i && (!spills || (drop && first_q)));
    end
  end

  assign out_data_o  = data_q;
  assign out_last_o  = last_q;
  assign out_valid_o = valid_q;

  `CW_REQUIRE(W inside {16, 32, 64, 128, 256, 512}, "not a channel width")
  `CW_REQUIRE(UnitBytes inside {1, 2, 4, 8} && UnitBytes < Bytes, "not a unit of a beat")
  `CW_ASSERT(ShiftInUnits, !in_valid_i || 32'(up) % UnitBytes == 0)
  `CW_ASSERT(SomethingIsLeft, !in_valid_i || 15'(bytes_i) > (drop ? 15'(Bytes) - 15'(up) : 15'd0))
  `CW_ASSERT(LastWhereBytesEnd, !in_valid_i || in_last_i == (left <= 14'(Bytes)))
  `CW_ASSERT(FlushAloneAfterLast, !flush_q || first_q)
  `CW_ASSERT_HELD(OutHeld, out_valid_o, out_ready_i, {out_last_o, out_data_o})

endmodule
