// SPDX-License-Identifier: Apache-2.0
//
// Page-walk cache: the last-level table of each 2 MiB of an address space, so that a walk there
// reads one PTE. Leaf invalidations keep it, all others of the address space clear it.
// Spec: RISC-V IOMMU, "IOMMU Page-Table cache invalidation commands".
`include "cw_assert.svh"
module cw_iommu_pwc import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Entries = 4,
  localparam int unsigned IndexW  = Entries > 1 ? $clog2(Entries) : 1,
  localparam int unsigned TagW    = VpnBits - 9
) (
  input  logic            clk_i,
  input  logic            rst_i,

  // Lookup
  input  pscid_t          pscid_i,
  input  logic [TagW-1:0] vpn_high_i,   // VPN[2], VPN[1]
  output logic            hit_o,
  output ppn_t            table_o,      // zero without a hit

  // Fill for the pair that is being looked up
  input  logic            fill_valid_i,
  input  ppn_t            fill_table_i,

  // Invalidation
  input  logic            inval_valid_i,
  input  inval_t          inval_i
);

  logic   [Entries-1:0]           valid_q, valid_d, match;
  pscid_t [Entries-1:0]           pscid_q;  // no reset: read only where valid_q
  logic   [Entries-1:0][TagW-1:0] vpn_high_q;
  ppn_t   [Entries-1:0]           table_q;
  logic   [IndexW-1:0]            next_q;   // the oldest entry

  always_comb begin
    table_o = '0;
    for (int unsigned n = 0; n < Entries; n++) begin
      match[n] = valid_q[n] && pscid_q[n] == pscid_i && vpn_high_q[n] == vpn_high_i;
      if (match[n]) table_o |= table_q[n];
    end
  end
  assign hit_o = match != '0;

  always_comb begin
    valid_d = valid_q;
    if (fill_valid_i) begin
      valid_d         = valid_q & ~match;
      valid_d[next_q] = 1'b1;
    end
    if (inval_valid_i && inval_i.pt && !inval_i.leaf) begin
      for (int unsigned n = 0; n < Entries; n++) begin
        if (!inval_i.pscv || pscid_q[n] == inval_i.pscid) valid_d[n] = 1'b0;
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
      pscid_q[next_q]    <= pscid_i;
      vpn_high_q[next_q] <= vpn_high_i;
      table_q[next_q]    <= fill_table_i;
    end
  end

  `CW_REQUIRE(Entries >= 1, "no entry to keep a table in")
  `CW_ASSERT(OneTablePerRegion, $onehot0(match))

endmodule
