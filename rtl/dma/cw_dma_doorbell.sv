// SPDX-License-Identifier: Apache-2.0
//
// Says whether a doorbell claims more than the ring or takes descriptors back. Combinational.
// Spec: docs/dma.md, "Rings".
`include "cw_assert.svh"
module cw_dma_doorbell
  import cw_dma_pkg::*;
(
  input  logic        clk_i,       // of the assertions
  input  logic        rst_i,

  input  logic [15:0] tail_i,      // that is written
  input  logic        valid_i,

  // The ring: what it holds is never more than its size
  input  logic [15:0] head_i,
  input  logic [15:0] given_i,     // tail so far
  input  logic [3:0]  ring_log2_i,
  output logic        bad_o        // meaningful with valid_i
);

  logic [15:0] claimed, more;  // descriptors: in all, beside those given before
  logic [17:0] size, beyond;   // beyond: claimed - size - 1, negative if they fit
  logic        unused;

  // What is claimed is at most 2^15, and so is what was claimed before: the difference is negative
  // if its top bit is set, but for 2^15 itself, which only a claim of as many can differ by.
  assign claimed = tail_i - head_i;
  assign more    = tail_i - given_i;
  assign size    = 18'd1 << ring_log2_i;
  assign beyond  = 18'(claimed) + ~size;
  assign bad_o   = !beyond[17] || (more[15] && !claimed[15]);
  assign unused  = ^{more[14:0], beyond[16:0]};

  `CW_ASSERT(BadIsBeyondOrBack, !valid_i
      || bad_o == (17'(claimed) > 17'(ring_mask(ring_log2_i)) + 17'd1
                   || claimed < 16'(given_i - head_i)))

endmodule
