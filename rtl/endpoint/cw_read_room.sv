// SPDX-License-Identifier: Apache-2.0
//
// Merges the beats of completion data from those who fetch them, and counts the room that the data
// queue has left: a beat is promised when it is asked for, so none ever waits.
// Spec: PCIe Base 2.3.1.1 (data return for read requests).
`include "cw_assert.svh"
module cw_read_room #(
  parameter int unsigned W     = 256,  // bits of a beat
  parameter int unsigned Beats = 16    // of the data queue
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Room, and whether all that was asked for has come
  output logic         room_o,       // for one more beat
  output logic         room_two_o,   // for two
  output logic         drained_o,

  // A beat is asked for; beats that were, in order
  input  logic         asked_i,
  input  logic [W-1:0] answer_data_i,
  input  logic         answer_valid_i,

  // Beats that come unasked: with room, and only when all that was asked for has come
  input  logic [W-1:0] regs_data_i,
  input  logic         regs_valid_i,
  input  logic [W-1:0] atomic_data_i,
  input  logic         atomic_valid_i,
  input  logic [31:0]  dword_i,
  input  logic         dword_valid_i,

  // To the data queue
  output logic [W-1:0] data_o,
  output logic         data_valid_o,
  input  logic         data_taken_i  // one has left it
);

  localparam int unsigned CountW = $clog2(Beats + 1);

  logic [CountW-1:0] held_q;    // promised or waiting
  logic [CountW-1:0] coming_q;  // of them, asked for
  logic              unasked;

  assign unasked    = regs_valid_i || atomic_valid_i || dword_valid_i;
  assign room_o     = 32'(held_q) != Beats;
  assign room_two_o = 32'(held_q) + 2 <= Beats;
  assign drained_o  = coming_q == '0;

  assign data_valid_o = unasked || answer_valid_i;
  always_comb begin
    unique case ({regs_valid_i, atomic_valid_i, dword_valid_i})
      3'b100:  data_o = regs_data_i;
      3'b010:  data_o = atomic_data_i;
      3'b001:  data_o = W'(dword_i);
      default: data_o = answer_data_i;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      held_q   <= '0;
      coming_q <= '0;
    end else begin
      held_q   <= held_q + CountW'(asked_i || unasked) - CountW'(data_taken_i);
      coming_q <= coming_q + CountW'(asked_i) - CountW'(answer_valid_i);
    end
  end

  `CW_REQUIRE(Beats >= 2, "an AtomicOp may bring two beats")
  `CW_ASSERT(OneSource, $onehot0({regs_valid_i, atomic_valid_i, dword_valid_i, answer_valid_i}))
  `CW_ASSERT(PromisedWithRoom, !(asked_i || unasked) || room_o)
  `CW_ASSERT(OnePromiseAtATime, !(asked_i && unasked))
  `CW_ASSERT(AnswerWasAsked, !answer_valid_i || !drained_o)
  `CW_ASSERT(UnaskedInOrder, !unasked || drained_o)
  `CW_ASSERT(TakenWasHeld, !data_taken_i || held_q != '0)

endmodule
