// SPDX-License-Identifier: Apache-2.0
//
// Lets whole TLPs of one channel onto the link while it is up; all others go nowhere at once. A TLP
// of which a part has been dropped is dropped to its end, also when the link is up again.
// Spec: PCIe Base 2.9.1 (link down: what is to be sent is discarded).
`include "cw_assert.svh"
module cw_link_gate (
  input  logic clk_i,
  input  logic rst_i,

  input  logic link_up_i,

  // From those who send; header and payload pass beside
  input  logic in_eop_i,
  input  logic in_valid_i,
  output logic in_ready_o,

  // To the port
  output logic out_valid_o,
  input  logic out_ready_i
);

  logic inside_q;   // a TLP has begun
  logic dropped_q;  // and some of it is lost
  logic drop;

  assign drop        = !link_up_i || dropped_q;
  assign out_valid_o = in_valid_i && !drop;
  assign in_ready_o  = drop || out_ready_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q  <= 1'b0;
      dropped_q <= 1'b0;
    end else if (in_valid_i && in_ready_o) begin
      inside_q  <= !in_eop_i;
      dropped_q <= !in_eop_i && drop;
    end else begin
      dropped_q <= inside_q && drop;
    end
  end

  `CW_ASSERT(NothingWhileDown, link_up_i || !out_valid_o)
  `CW_ASSERT(DroppedInsideOnly, !dropped_q || inside_q)

endmodule
