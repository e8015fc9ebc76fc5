// SPDX-License-Identifier: Apache-2.0
//
// No PTE that memory held before a change is found after the invalidation that follows it, whenever
// its line was fetched. A read that was asked for before the invalidation may bring what was there
// before the change: PTEs with the top bit of their page number set, which no other has.
`include "cw_fv.svh"
module cw_iommu_pte_line_fv
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
#(
  parameter int unsigned Lines = 2,
  parameter int unsigned Walks = 2
) (
  input logic               clk_i,
  input logic               rst_i,
  input logic [HpaBits-1:6] line_i,
  input logic [2:0]         index_i,
  input logic               read_i,         // a walk asks memory, for a line if `fetch_i`
  input logic               fetch_i,
  input walk_id_t           read_id_i,
  input logic               beat_i,
  input walk_id_t           beat_id_i,
  input mem_rd_rsp_t        beat_rsp_i,
  input logic               inval_valid_i,
  input inval_t             inval_i,
  input logic               changed_i       // the change came before this invalidation
);

  logic                       hit, coming, invalidated_q;
  cw_iommu_walk_pkg::kept_pte_t kept;
  pte_t                       pte;
  logic [Walks-1:0]           reading_q, early_q;    // it was asked for before the invalidation

  cw_iommu_pte_line #(.Lines(Lines)) u_dut (
    .clk_i,
    .rst_i,
    .line_i,
    .index_i,
    .hit_o      (hit),
    .coming_o   (coming),
    .pte_o      (kept),
    .fetch_i    (read_i && fetch_i),
    .fetch_id_i (read_id_i),
    .beat_i,
    .beat_id_i,
    .beat_rsp_i,
    .inval_valid_i,
    .inval_i
  );

  assign pte = beat_rsp_i.data;

  always_ff @(posedge clk_i) begin
    if (beat_i && beat_rsp_i.last) reading_q[beat_id_i] <= 1'b0;
    if (read_i) reading_q[read_id_i] <= 1'b1;
    if (read_i) early_q[read_id_i] <= !invalidated_q;
    if (inval_valid_i && inval_i.pt && changed_i) invalidated_q <= 1'b1;
    if (rst_i) {reading_q, invalidated_q} <= '0;
  end

  `CW_FV_RESET
  `CW_ASSUME(OneReadOfAWalk, !read_i || (32'(read_id_i) < Walks && !reading_q[read_id_i]))
  `CW_ASSUME(BeatsOfReads, !beat_i || (32'(beat_id_i) < Walks && reading_q[beat_id_i]))
  `CW_ASSUME(WaitsForItsLine, !fetch_i || !coming)
  `CW_ASSUME(OldIfEarly, !pte.ppn[PpnBits-1] || early_q[beat_id_i])

  `CW_ASSERT(NoStalePte, !hit || !invalidated_q || !kept.ppn[PpnBits-1])

  // The inside, for induction.
  for (genvar n = 0; n < Lines; n++) begin : gen_line
    `CW_ASSERT(OpenWhileReading, !u_dut.open_q[n] || (32'(u_dut.id_q[n]) < Walks
        && reading_q[u_dut.id_q[n]] && (!invalidated_q || !early_q[u_dut.id_q[n]])))
    for (genvar m = 0; m < n; m++) begin : gen_other
      `CW_ASSERT(OneLineOfAWalk, !u_dut.open_q[n] || !u_dut.open_q[m]
          || u_dut.id_q[n] != u_dut.id_q[m])
      `CW_ASSERT(OneLineOfAnAddress, (u_dut.open_q[n] || u_dut.valid_q[n] != '0)
          && (u_dut.open_q[m] || u_dut.valid_q[m] != '0) ? u_dut.tag_q[n] != u_dut.tag_q[m] : 1'b1)
    end
    for (genvar k = 0; k < 8; k++) begin : gen_pte
      cw_iommu_walk_pkg::kept_pte_t at;
      assign at = u_dut.pte_q[8 * n + k];
      `CW_ASSERT(OldIsForgotten, !u_dut.valid_q[n][k] || ((at.r || at.x)
          && (!at.ppn[PpnBits-1] || !invalidated_q)))
    end
  end
  for (genvar w = 0; w < Walks; w++) begin : gen_walk
    `CW_ASSERT(LateAfter, !reading_q[w] || early_q[w] || invalidated_q)
  end

endmodule
