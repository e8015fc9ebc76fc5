// SPDX-License-Identifier: Apache-2.0
//
// Translations by address space and page, of all page sizes: lookup in the same clock, first in
// first out replacement. A lookup hits only with the right to the access, so a request without it
// always walks, and is refused for what memory says now.
// Spec: RISC-V IOMMU, "IOMMU Page-Table cache invalidation commands".
`include "cw_assert.svh"
module cw_iommu_iotlb import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Entries = 16,
  localparam int unsigned IndexW  = Entries > 1 ? $clog2(Entries) : 1
) (
  input  logic       clk_i,
  input  logic       rst_i,

  // Lookup
  input  pscid_t     pscid_i,
  input  vpn_t       vpn_i,
  input  logic       write_i,
  output logic       hit_o,
  output ppn_t       ppn_o,       // of the 4 KiB page; zero without a hit

  // Fill, by the page-table walker
  input  logic       fill_valid_i,
  input  tlb_entry_t fill_i,

  // Invalidation
  input  logic       inval_valid_i,
  input  inval_t     inval_i
);

  function automatic logic covers(vpn_t page, page_size_e size, vpn_t vpn);
    return ((page ^ vpn) & ~page_mask(size)) == '0;
  endfunction

  logic       [Entries-1:0] valid_q, valid_d, match;
  tlb_entry_t [Entries-1:0] entry_q;  // no reset: read only where valid_q
  logic       [IndexW-1:0]  next_q;   // the oldest entry

  always_comb begin
    hit_o = 1'b0;
    ppn_o = '0;
    for (int unsigned n = 0; n < Entries; n++) begin
      match[n] = valid_q[n] && entry_q[n].pscid == pscid_i
          && covers(entry_q[n].vpn, entry_q[n].size, vpn_i);
      if (match[n] && (write_i ? entry_q[n].w : entry_q[n].r)) begin
        hit_o  = 1'b1;
        ppn_o |= page_ppn(entry_q[n].ppn, vpn_i, entry_q[n].size);
      end
    end
  end

  always_comb begin
    valid_d = valid_q;
    if (fill_valid_i) begin
      // The new page takes the place of every page that it overlaps.
      for (int unsigned n = 0; n < Entries; n++) begin
        if (entry_q[n].pscid == fill_i.pscid
            && (covers(entry_q[n].vpn, entry_q[n].size, fill_i.vpn)
                || covers(fill_i.vpn, fill_i.size, entry_q[n].vpn))) begin
          valid_d[n] = 1'b0;
        end
      end
      valid_d[next_q] = 1'b1;
    end
    if (inval_valid_i && inval_i.pt) begin
      for (int unsigned n = 0; n < Entries; n++) begin
        if ((!inval_i.leaf || covers(entry_q[n].vpn, entry_q[n].size, inval_i.vpn))
            && (!inval_i.pscv || entry_q[n].pscid == inval_i.pscid)) valid_d[n] = 1'b0;
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
    if (fill_valid_i) entry_q[next_q] <= fill_i;
  end

  `CW_REQUIRE(Entries >= 1, "no entry to keep a translation in")
  `CW_ASSERT(OneEntryPerPage, $onehot0(match))

endmodule
