// SPDX-License-Identifier: Apache-2.0
//
// Device contexts that were found valid, by device id: lookup in the same clock, first in first out
// replacement. One comparison of ids serves lookup and invalidation: in a clock with the latter
// nothing is found, and a fill that meets it is dropped.
// Spec: RISC-V IOMMU, "IOMMU directory cache invalidation commands".
`include "cw_assert.svh"
module cw_iommu_dc_cache import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Entries = 8,
  localparam int unsigned IndexW  = Entries > 1 ? $clog2(Entries) : 1
) (
  input  logic     clk_i,
  input  logic     rst_i,

  // Lookup
  input  did_t     did_i,
  output logic     hit_o,
  output dc_info_t dc_o,      // meaningless without a hit

  // Fill, by a walk
  input  logic     fill_valid_i,
  input  did_t     fill_did_i,
  input  dc_info_t fill_dc_i,

  // Invalidation
  input  logic     inval_valid_i,
  input  inval_t   inval_i
);

  logic [Entries-1:0] valid_q, valid_d, match, same;
  did_t [Entries-1:0] did_q;    // no reset: read only where valid_q
  logic [IndexW-1:0]  next_q;   // the oldest entry
  logic [IndexW-1:0]  found;
  did_t               key;
  logic               fill;

  // No reset: read only where valid_q.
  (* ram_style = "auto" *) dc_info_t dc_q [Entries];

  assign fill = fill_valid_i && !inval_valid_i;
  assign key  = inval_valid_i ? inval_i.did : did_i;

  always_comb begin
    found = '0;
    for (int unsigned n = 0; n < Entries; n++) begin
      match[n] = valid_q[n] && did_q[n] == key;
      same[n]  = did_q[n] == fill_did_i;
      if (match[n]) found |= IndexW'(n);
    end
  end
  assign hit_o = match != '0 && !inval_valid_i;
  assign dc_o  = dc_q[found];

  always_comb begin
    valid_d = valid_q;
    if (inval_valid_i) begin
      if (inval_i.dir) valid_d = inval_i.dv ? valid_q & ~match : '0;
    end else if (fill_valid_i) begin
      // A device has one entry, also where its context is fetched again.
      valid_d         = valid_q & ~same;
      valid_d[next_q] = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q <= '0;
      next_q  <= '0;
    end else begin
      valid_q <= valid_d;
      if (fill) next_q <= 32'(next_q) == Entries - 1 ? '0 : next_q + 1'b1;
    end
    if (fill) did_q[next_q] <= fill_did_i;
  end

  always_ff @(posedge clk_i) begin
    if (fill) dc_q[next_q] <= fill_dc_i;
  end

  `CW_REQUIRE(Entries >= 2, "no room for two devices")
  `CW_ASSERT(OneContextPerDevice, $onehot0(match))

endmodule
