// SPDX-License-Identifier: Apache-2.0
//
// Tells what has landed at any of the sinks, one packet a clock, in turn; in order for each sink.
// Same clock.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_landed
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Sinks  = 3,
  localparam int unsigned IndexW = Sinks > 1 ? $clog2(Sinks) : 1
) (
  input  logic                clk_i,
  input  logic                rst_i,

  // From the sinks
  input  landed_t [Sinks-1:0] landed_i,
  input  logic [Sinks-1:0]    landed_valid_i,
  output logic [Sinks-1:0]    landed_ready_o,

  // Always taken
  output landed_t             landed_o,
  output logic                landed_valid_o
);

  logic [IndexW-1:0] index;

  cw_rr_arbiter #(.N(Sinks)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (landed_valid_i),
    .take_i  (landed_valid_o),
    .lock_i  (1'b0),
    .grant_o (landed_ready_o),
    .index_o (index),
    .any_o   (landed_valid_o)
  );

  assign landed_o = landed_i[index];

  `CW_ASSERT(NobodyIsKeptOut, landed_valid_i == '0 || landed_valid_o)
  `CW_ASSERT(NothingOrAnError, !landed_valid_o || landed_o.bytes != '0 || landed_o.error != DmaOk)

endmodule
