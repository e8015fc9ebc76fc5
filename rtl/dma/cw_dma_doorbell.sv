// SPDX-License-Identifier: Apache-2.0
//
// Says whether a doorbell claims more than the ring, takes descriptors back, or is of a ring that
// goes beyond the last byte of the address space, or whose records do. Combinational.
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
  input  logic [63:0] ring_iova_i,    // 32-byte aligned
  input  logic [63:0] record_iova_i,  // 16-byte aligned: of as many records
  output logic        bad_o        // meaningful with valid_i
);

  logic [15:0] claimed, more;  // descriptors: in all, beside those given before
  logic [17:0] size, beyond;   // beyond: claimed - size - 1, negative if they fit
  logic [15:0] mask;           // descriptors and records behind the first
  logic [15:0] ring_end, record_end;  // the carry out of the places of the last of each
  logic        misplaced;
  logic        unused;

  // What is claimed is at most 2^15, and so is what was claimed before: the difference is negative
  // if its top bit is set, but for 2^15 itself, which only a claim of as many can differ by.
  assign claimed = tail_i - head_i;
  assign more    = tail_i - given_i;
  assign size    = 18'd1 << ring_log2_i;
  assign beyond  = 18'(claimed) + ~size;

  // They end beyond 2^64 if what carries out of the places of 2^15 goes on through all bits above.
  assign mask       = ring_mask(ring_log2_i);
  assign ring_end   = 16'(ring_iova_i[19:5]) + mask;
  assign record_end = 16'(record_iova_i[18:4]) + mask;
  assign misplaced  = (&ring_iova_i[63:20] && ring_end[15])
                      || (&record_iova_i[63:19] && record_end[15]);

  assign bad_o  = !beyond[17] || (more[15] && !claimed[15]) || misplaced;
  assign unused = ^{more[14:0], beyond[16:0], ring_iova_i[4:0], record_iova_i[3:0],
                    ring_end[14:0], record_end[14:0]};

  `CW_ASSERT(BadIsBeyondOrBack, !valid_i
      || bad_o == (17'(claimed) > 17'(mask) + 17'd1 || claimed < 16'(given_i - head_i)
                   || 65'(ring_iova_i) + 65'(DescBytes) * 65'(mask) >= {1'b1, 64'd0}
                   || 65'(record_iova_i) + 65'(RecordBytes) * 65'(mask) >= {1'b1, 64'd0}))

endmodule
