// SPDX-License-Identifier: Apache-2.0
//
// Lines of eight last-level PTEs as memory held them, so that neighbouring pages cost one burst. A
// PTE is kept as it arrives if it could grant an access, and never one that is not valid or did not
// arrive whole. Every page-table invalidation clears all lines, and what is still to come of them.
// Spec: RISC-V IOMMU, "IOMMU Page-Table cache invalidation commands" (no caching of V=0).
`include "cw_assert.svh"
module cw_iommu_pte_line
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
  import cw_iommu_walk_pkg::*;
#(
  parameter  int unsigned Lines  = 4,
  localparam int unsigned IndexW = Lines > 1 ? $clog2(Lines) : 1
) (
  input  logic               clk_i,
  input  logic               rst_i,

  // Lookup of one PTE
  input  logic [HpaBits-1:6] line_i,
  input  logic [2:0]         index_i,
  output logic               hit_o,
  output logic               coming_o,     // its line is being fetched: it may yet come
  output kept_pte_t          pte_o,        // meaningless without a hit

  // Fetch: a walk asks memory for the line that is looked up, that PTE first
  input  logic               fetch_i,
  input  walk_id_t           fetch_id_i,

  // Beats, of any read of that walk until its last
  input  logic               beat_i,
  input  walk_id_t           beat_id_i,
  input  mem_rd_rsp_t        beat_rsp_i,

  // Invalidation
  input  logic               inval_valid_i,
  input  inval_t             inval_i
);

  logic [Lines-1:0][7:0]         valid_q, valid_d;
  logic [Lines-1:0]              open_q, open_d;  // beats are to come
  logic [Lines-1:0][HpaBits-1:6] tag_q;           // no reset: read only with valid_q or open_q
  walk_id_t [Lines-1:0]          id_q;            // the walk that fetches it
  logic [Lines-1:0][2:0]         at_q;            // the PTE that comes next
  logic [Lines-1:0]              match, takes;
  logic [IndexW-1:0]             next_q, found, into;
  pte_t                          pte;
  logic                          keep;

  // No reset: read only where valid_q.
  (* ram_style = "auto" *) kept_pte_t pte_q [8 << IndexW];

  assign pte  = beat_rsp_i.data;
  // Good for a read, or where it cannot be read, to execute.
  assign keep = !beat_rsp_i.error && !beat_rsp_i.poison
      && pte_verdict(pte, 2'd0, 1'b0, !pte.r) == PteLeaf;

  always_comb begin
    found    = '0;
    into     = '0;
    hit_o    = 1'b0;
    coming_o = 1'b0;
    for (int unsigned n = 0; n < Lines; n++) begin
      match[n] = tag_q[n] == line_i;
      takes[n] = beat_i && open_q[n] && id_q[n] == beat_id_i;
      if (match[n] && valid_q[n][index_i]) begin
        hit_o = 1'b1;
        found = IndexW'(n);
      end
      if (match[n] && open_q[n] && !valid_q[n][index_i]) coming_o = 1'b1;
      if (takes[n]) into = IndexW'(n);
    end
  end
  assign pte_o = pte_q[{found, index_i}];

  always_comb begin
    valid_d = valid_q;
    open_d  = open_q;
    for (int unsigned n = 0; n < Lines; n++) begin
      if (takes[n]) valid_d[n][at_q[n]] = keep;
      if (takes[n] && beat_rsp_i.last) open_d[n] = 1'b0;
      // The same line may be there already, with a hole where a PTE was not kept.
      if (fetch_i && match[n]) {open_d[n], valid_d[n]} = '0;
    end
    if (fetch_i) begin
      valid_d[next_q] = '0;
      open_d[next_q]  = 1'b1;
    end
    if (inval_valid_i && inval_i.pt) {open_d, valid_d} = '0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q <= '0;
      open_q  <= '0;
      next_q  <= '0;
    end else begin
      valid_q <= valid_d;
      open_q  <= open_d;
      if (fetch_i) next_q <= 32'(next_q) == Lines - 1 ? '0 : next_q + 1'b1;
    end
    for (int unsigned n = 0; n < Lines; n++) if (takes[n]) at_q[n] <= at_q[n] + 1'b1;
    if (fetch_i) begin
      tag_q[next_q] <= line_i;
      id_q[next_q]  <= fetch_id_i;
      at_q[next_q]  <= index_i;
    end
    if (takes != '0) pte_q[{into, at_q[into]}] <= kept_of(pte);
  end

  `CW_REQUIRE(Lines >= 1, "no line to keep PTEs in")
  `CW_ASSERT(OneFetchPerWalk, $onehot0(takes))
  `CW_ASSERT(KeptPteGrantsSomething, !hit_o || pte_o.r || pte_o.x)
  `CW_ASSERT(FetchOnlyWhatIsMissing, !fetch_i || !coming_o)

endmodule
