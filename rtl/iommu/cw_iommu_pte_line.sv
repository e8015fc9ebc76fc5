// SPDX-License-Identifier: Apache-2.0
//
// Lines of eight last-level PTEs as memory held them, so that neighbouring pages cost one burst. A
// PTE that is not valid, or that did not arrive whole, is never kept. Every page-table invalidation
// clears all lines.
// Spec: RISC-V IOMMU, "IOMMU Page-Table cache invalidation commands" (no caching of V=0).
`include "cw_assert.svh"
module cw_iommu_pte_line import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Lines  = 2,
  localparam int unsigned IndexW = Lines > 1 ? $clog2(Lines) : 1,
  localparam int unsigned TagW   = HpaBits - 6
) (
  input  logic            clk_i,
  input  logic            rst_i,

  // Lookup
  input  logic [TagW-1:0] line_i,         // HPA[55:6]
  input  logic [2:0]      index_i,        // HPA[5:3]
  output logic            hit_o,
  output pte_t            pte_o,          // zero without a hit

  // Fill: `begin` takes the oldest line for `line_i`, then its PTEs arrive in order
  input  logic            fill_begin_i,
  input  logic            fill_valid_i,
  input  logic [2:0]      fill_index_i,
  input  logic            fill_whole_i,   // neither error nor poison
  input  pte_t            fill_pte_i,

  // Invalidation
  input  logic            inval_valid_i,
  input  inval_t          inval_i
);

  logic [Lines-1:0][7:0]      valid_q, valid_d;
  logic [Lines-1:0][TagW-1:0] tag_q;    // no reset: read only where valid_q
  pte_t [Lines-1:0][7:0]      pte_q;
  logic [IndexW-1:0]          fill_q;   // the line being filled
  logic [IndexW-1:0]          next;     // the oldest line
  logic [Lines-1:0]           match;

  assign next = 32'(fill_q) == Lines - 1 ? '0 : fill_q + 1'b1;

  always_comb begin
    pte_o = '0;
    for (int unsigned n = 0; n < Lines; n++) begin
      match[n] = valid_q[n][index_i] && tag_q[n] == line_i;
      if (match[n]) pte_o |= pte_q[n][index_i];
    end
  end
  assign hit_o = match != '0;

  always_comb begin
    valid_d = valid_q;
    if (fill_begin_i) begin
      // The same line may be there already, with a hole where PTEs were not valid.
      for (int unsigned n = 0; n < Lines; n++) if (tag_q[n] == line_i) valid_d[n] = '0;
      valid_d[next] = '0;
    end
    if (fill_valid_i) valid_d[fill_q][fill_index_i] = fill_whole_i && fill_pte_i.v;
    if (inval_valid_i && inval_i.pt) valid_d = '0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q <= '0;
      fill_q  <= '0;
    end else begin
      valid_q <= valid_d;
      if (fill_begin_i) fill_q <= next;
    end
    if (fill_begin_i) tag_q[next] <= line_i;
    if (fill_valid_i) pte_q[fill_q][fill_index_i] <= fill_pte_i;
  end

  `CW_REQUIRE(Lines >= 1, "no line to keep PTEs in")
  `CW_ASSERT(OneLinePerAddress, $onehot0(match))
  `CW_ASSERT(KeptPteIsValid, !hit_o || pte_o.v)

endmodule
