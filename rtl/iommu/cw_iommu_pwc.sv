// SPDX-License-Identifier: Apache-2.0
//
// Page-walk cache: tables below the root, by address space and the region that they map, so that a
// walk begins at the deepest one known. Leaf invalidations keep it, all others of the address space
// clear it, together with what is filled in the same clock.
// Spec: RISC-V IOMMU, "IOMMU Page-Table cache invalidation commands".
`include "cw_assert.svh"
module cw_iommu_pwc
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
#(
  parameter  int unsigned Entries = 8,
  parameter  int unsigned Levels  = 3,   // of the page tables
  parameter  bit          Shared  = 1'b1,  // by walks at once, so that two may fill the same
  localparam int unsigned IndexW  = Entries > 1 ? $clog2(Entries) : 1,
  localparam int unsigned Tables  = Levels - 1,   // of them have tables below the root
  localparam int unsigned LevelW  = $clog2(Tables)
) (
  input  logic       clk_i,
  input  logic       rst_i,

  // Lookup
  input  pscid_t     pscid_i,
  input  vpn_t       vpn_i,
  output logic       hit_o,
  output logic [1:0] level_o,         // of the PTEs in the table
  output ppn_t       table_o,         // meaningless without a hit

  // Fill
  input  logic       fill_valid_i,
  input  pscid_t     fill_pscid_i,
  input  vpn_t       fill_vpn_i,
  input  logic [1:0] fill_level_i,
  input  ppn_t       fill_table_i,

  // Invalidation
  input  logic       inval_valid_i,
  input  inval_t     inval_i
);

  typedef struct packed {
    pscid_t            pscid;
    logic [LevelW-1:0] level;
    vpn_t              vpn;    // above the region; the rest is zero
  } entry_t;

  // VPN bits that tell the regions of tables of a level apart.
  function automatic vpn_t region(vpn_t vpn, logic [LevelW-1:0] level);
    return vpn & vpn_bits(Levels) & ~page_mask(page_size(1'b0, 2'(level) + 1'b1));
  endfunction

  logic   [Entries-1:0]             valid_q, valid_d, match, same;
  logic   [Tables-1:0][Entries-1:0] match_at;   // match, by level
  entry_t [Entries-1:0]             entry_q;    // no reset: read only where valid_q
  logic   [IndexW-1:0]              next_q;     // the oldest entry
  logic   [IndexW-1:0]              found;
  entry_t                           fill;

  // No reset: read only with a hit.
  (* ram_style = "auto" *) ppn_t table_q [1 << IndexW];

  assign fill = '{pscid: fill_pscid_i,
                  level: LevelW'(fill_level_i),
                  vpn:   region(fill_vpn_i, LevelW'(fill_level_i))};

  always_comb begin
    for (int unsigned n = 0; n < Entries; n++) begin
      match[n] = valid_q[n] && entry_q[n].pscid == pscid_i
          && entry_q[n].vpn == region(vpn_i, entry_q[n].level);
      same[n]  = Shared && entry_q[n].pscid == fill.pscid && entry_q[n].level == fill.level
          && entry_q[n].vpn == fill.vpn;
    end
  end
  assign hit_o = match != '0;

  always_comb begin
    match_at = '0;
    for (int unsigned n = 0; n < Entries; n++) match_at[entry_q[n].level][n] = match[n];
    level_o = '0;
    for (int level = int'(Tables) - 1; level >= 0; level--) begin
      if (match_at[level] != '0) level_o = 2'(level);
    end
    found = '0;
    for (int unsigned n = 0; n < Entries; n++) begin
      if (match_at[LevelW'(level_o)][n]) found |= IndexW'(n);
    end
  end
  assign table_o = table_q[found];

  always_comb begin
    valid_d = valid_q;
    if (fill_valid_i) begin
      valid_d         = valid_q & ~same;
      valid_d[next_q] = 1'b1;
    end
    if (inval_valid_i && inval_i.pt && !inval_i.leaf) begin
      for (int unsigned n = 0; n < Entries; n++) begin
        if (!inval_i.pscv || entry_q[n].pscid == inval_i.pscid) valid_d[n] = 1'b0;
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
      entry_q[next_q] <= fill;
      table_q[next_q] <= fill_table_i;
    end
  end

  `CW_REQUIRE(Entries >= 1, "no entry to keep a table in")
  `CW_REQUIRE(Levels inside {3, 4}, "Sv39 or Sv48")
  `CW_ASSERT(OneTablePerLevel, 32'($countones(match)) < Levels)
  `CW_ASSERT(TablesBelowTheRoot, !fill_valid_i || 32'(fill_level_i) < Tables)

endmodule
