// SPDX-License-Identifier: Apache-2.0
//
// Device contexts that were found valid, by device id: lookup in the same clock, first in first out
// replacement. An invalidation wins over a fill of the same clock.
// Spec: RISC-V IOMMU, "IOMMU directory cache invalidation commands".
`include "cw_assert.svh"
module cw_iommu_dc_cache import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Entries = 4,
  localparam int unsigned IndexW  = Entries > 1 ? $clog2(Entries) : 1
) (
  input  logic     clk_i,
  input  logic     rst_i,

  // Lookup
  input  did_t     did_i,
  output logic     hit_o,
  output dc_info_t dc_o,      // zero without a hit

  // Fill, by the directory walker
  input  logic     fill_valid_i,
  input  did_t     fill_did_i,
  input  dc_info_t fill_dc_i,

  // Invalidation
  input  logic     inval_valid_i,
  input  inval_t   inval_i
);

  logic     [Entries-1:0] valid_q, valid_d, match;
  did_t     [Entries-1:0] did_q;    // no reset: read only where valid_q
  dc_info_t [Entries-1:0] dc_q;
  logic     [IndexW-1:0]  next_q;   // the oldest entry

  always_comb begin
    dc_o = '0;
    for (int unsigned n = 0; n < Entries; n++) begin
      match[n] = valid_q[n] && did_q[n] == did_i;
      if (match[n]) dc_o |= dc_q[n];
    end
  end
  assign hit_o = match != '0;

  always_comb begin
    valid_d = valid_q;
    if (fill_valid_i) begin
      // A device has one entry, also where its context is fetched again.
      for (int unsigned n = 0; n < Entries; n++) if (did_q[n] == fill_did_i) valid_d[n] = 1'b0;
      valid_d[next_q] = 1'b1;
    end
    if (inval_valid_i && inval_i.dir) begin
      for (int unsigned n = 0; n < Entries; n++) begin
        if (!inval_i.dv || did_q[n] == inval_i.did) valid_d[n] = 1'b0;
      end
      if (fill_valid_i) valid_d[next_q] = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q <= '0;
      next_q  <= '0;
    end else begin
      valid_q <= valid_d;
      if (fill_valid_i) next_q <= 32'(next_q) == Entries - 1 ? '0 : next_q + 1'b1;
    end
    if (fill_valid_i) begin
      did_q[next_q] <= fill_did_i;
      dc_q[next_q]  <= fill_dc_i;
    end
  end

  `CW_REQUIRE(Entries >= 1, "no entry to keep a context in")
  `CW_ASSERT(OneContextPerDevice, $onehot0(match))

endmodule
