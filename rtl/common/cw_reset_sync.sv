// SPDX-License-Identifier: Apache-2.0
//
// Brings a board's asynchronous reset into a clock domain: `rst_o` rises at once and falls with the
// second clock edge after `async_rst_i` has fallen. For rtl/top only.
module cw_reset_sync (
  input  logic clk_i,
  input  logic async_rst_i,
  output logic rst_o
);

  (* async_reg = "true" *) logic [1:0] sync_q;

  always_ff @(posedge clk_i or posedge async_rst_i) begin
    if (async_rst_i) sync_q <= 2'b11;
    else             sync_q <= {sync_q[0], 1'b0};
  end

  assign rst_o = sync_q[1];

endmodule
