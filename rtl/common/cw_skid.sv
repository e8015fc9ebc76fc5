// SPDX-License-Identifier: Apache-2.0
//
// Register slice of a valid/ready channel: every output comes from a register, one item per clock
// passes, and an item appears one clock after it was taken.
`include "cw_assert.svh"
module cw_skid #(
  parameter int unsigned DataW = 32  // bits of an item
) (
  input  logic             clk_i,
  input  logic             rst_i,

  // Items in
  input  logic [DataW-1:0] in_data_i,
  input  logic             in_valid_i,
  output logic             in_ready_o,

  // Items out, in order
  output logic [DataW-1:0] out_data_o,
  output logic             out_valid_o,
  input  logic             out_ready_i
);

  logic [DataW-1:0] head_q, spare_q;
  logic             head_valid_q, head_valid_d;
  logic             spare_valid_q, spare_valid_d;
  logic             head_free, take;

  assign head_free = !head_valid_q || out_ready_i;
  assign take      = in_valid_i && in_ready_o;

  // The spare takes the item that arrives while the head is stuck.
  always_comb begin
    head_valid_d  = head_valid_q;
    spare_valid_d = spare_valid_q;
    if (head_free) begin
      head_valid_d  = spare_valid_q || take;
      spare_valid_d = 1'b0;
    end else if (take) begin
      spare_valid_d = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      head_valid_q  <= 1'b0;
      spare_valid_q <= 1'b0;
    end else begin
      head_valid_q  <= head_valid_d;
      spare_valid_q <= spare_valid_d;
    end
  end

  // No reset: meaningful only with their valid bits.
  always_ff @(posedge clk_i) begin
    if (head_free) head_q <= spare_valid_q ? spare_q : in_data_i;
    if (take) spare_q <= in_data_i;
  end

  assign in_ready_o  = !spare_valid_q;
  assign out_data_o  = head_q;
  assign out_valid_o = head_valid_q;

  `CW_REQUIRE(DataW >= 1, "an item has at least one bit")
  `CW_ASSERT(SpareOnlyBehindHead, !spare_valid_q || head_valid_q)
  `CW_ASSERT_HELD(OutHeld, out_valid_o, out_ready_i, out_data_o)

endmodule
