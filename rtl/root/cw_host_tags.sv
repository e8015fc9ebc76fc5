// SPDX-License-Identifier: Apache-2.0
//
// Gives each request of the host the tag that was used longest ago. A tag whose completion never
// came is not given again until the late completion has ended, or all 32 are lost.
// Spec: PCIe Base 2.2.6.2 (tags), 2.8 (completion timeout).
`include "cw_assert.svh"
module cw_host_tags (
  input  logic       clk_i,
  input  logic       rst_i,

  output logic [4:0] tag_o,
  output logic       tag_valid_o,
  input  logic       take_i,

  // The completion of this tag is overdue; a late one has ended
  input  logic       lose_i,
  input  logic [4:0] lose_tag_i,
  input  logic       found_i,
  input  logic [4:0] found_tag_i
);

  localparam int unsigned Tags = 32;

  logic [4:0]      next_q;
  logic [Tags-1:0] lost_q, lost_d;

  assign tag_o       = next_q;
  assign tag_valid_o = !lost_q[next_q];

  always_comb begin
    lost_d = lost_q;
    if (found_i) lost_d[found_tag_i] = 1'b0;
    if (lose_i) lost_d[lose_tag_i] = 1'b1;
    if (lost_d == '1) lost_d = '0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      next_q <= '0;
      lost_q <= '0;
    end else begin
      lost_q <= lost_d;
      if (take_i || !tag_valid_o) next_q <= next_q + 5'd1;
    end
  end

  `CW_ASSERT(LostTagNotTaken, !take_i || tag_valid_o)
  `CW_ASSERT(SomeTagIsLeft, lost_q != '1)

endmodule
