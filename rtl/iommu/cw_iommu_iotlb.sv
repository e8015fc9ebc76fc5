// SPDX-License-Identifier: Apache-2.0
//
// First-level IOTLB: translations by address space and page, of all page sizes; lookup in the same
// clock, first in first out replacement. A lookup hits only with the right to the access, so a
// request without it always walks, and is refused for what memory says now. A page that is filled
// again, with another right or size, is there twice until an invalidation, and either will do. One
// comparison of pages serves lookup and invalidation: in a clock with the latter nothing is found,
// and a fill that meets it is dropped.
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
  input  logic       exec_i,
  output logic       hit_o,
  output ppn_t       ppn_o,       // of the 4 KiB page; meaningless without a hit

  // Fill, by a walk
  input  logic       fill_valid_i,
  input  tlb_entry_t fill_i,

  // Invalidation
  input  logic       inval_valid_i,
  input  inval_t     inval_i
);

  typedef struct packed {
    pscid_t pscid;
    vpn_t   vpn;
    vpn_t   low;     // VPN bits inside the page
    logic   r;
    logic   w;
    logic   x;
  } key_t;

  typedef struct packed {
    page_size_e size;
    ppn_t       ppn;
  } frame_t;

  logic [Entries-1:0] valid_q, valid_d, match, right;
  key_t [Entries-1:0] key_q;      // no reset: read only where valid_q
  key_t               fill_key;
  pscid_t             pscid;
  vpn_t               vpn;
  logic [IndexW-1:0]  next_q;     // the oldest entry
  logic [IndexW-1:0]  found;
  logic               any_page, any_space, fill;
  frame_t             frame;

  // No reset: read only where valid_q.
  (* ram_style = "auto" *) frame_t frame_q [Entries];

  assign fill     = fill_valid_i && !inval_valid_i;
  assign fill_key = '{pscid: fill_i.pscid, vpn: fill_i.vpn, low: page_mask(fill_i.size),
                      r: fill_i.r, w: fill_i.w, x: fill_i.x};

  assign pscid     = inval_valid_i ? inval_i.pscid : pscid_i;
  assign vpn       = inval_valid_i ? inval_i.vpn : vpn_i;
  assign any_page  = inval_valid_i && !inval_i.leaf;
  assign any_space = inval_valid_i && !inval_i.pscv;

  always_comb begin
    found = '0;
    for (int unsigned n = 0; n < Entries; n++) begin
      match[n] = valid_q[n] && (any_space || key_q[n].pscid == pscid)
          && (any_page || ((key_q[n].vpn ^ vpn) & ~key_q[n].low) == '0);
      right[n] = has_right(key_q[n].r, key_q[n].w, key_q[n].x, write_i, exec_i);
      if (match[n] && right[n]) found = IndexW'(n);
    end
  end

  assign frame = frame_q[found];
  assign hit_o = (match & right) != '0 && !inval_valid_i;
  assign ppn_o = page_ppn(frame.ppn, vpn_i, frame.size);

  always_comb begin
    valid_d = valid_q;
    if (inval_valid_i && inval_i.pt) valid_d = valid_q & ~match;
    if (fill) valid_d[next_q] = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q <= '0;
      next_q  <= '0;
    end else begin
      valid_q <= valid_d;
      if (fill) next_q <= 32'(next_q) == Entries - 1 ? '0 : next_q + 1'b1;
    end
    if (fill) key_q[next_q] <= fill_key;
  end

  always_ff @(posedge clk_i) begin
    if (fill) frame_q[next_q] <= '{size: fill_i.size, ppn: fill_i.ppn};
  end

  `CW_REQUIRE(Entries >= 2, "no room for two pages")
  `CW_ASSERT(FoundIsAHit, !hit_o || (match[found] && right[found]))
  `CW_ASSERT(NothingFoundInAnInvalidation, !hit_o || !inval_valid_i)

endmodule
