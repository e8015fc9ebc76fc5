// SPDX-License-Identifier: Apache-2.0
//
// Walks the Sv39 tables for one page and offers the translation to the IOTLB. The request is held
// until `done`, which lasts one clock, with `fill` if the walk ended well. A last-level PTE comes
// from a kept line where one has it and grants the access, else with its seven neighbours in one
// wrapping burst that begins with it: what is refused was refused by memory.
// Spec: RISC-V Privileged, "Virtual Address Translation Process"; RISC-V IOMMU, fault causes.
`include "cw_assert.svh"
module cw_iommu_pt_walker import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter int unsigned PwcEntries = 4,
  parameter int unsigned PteLines   = 2
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // What to translate
  input  logic        walk_valid_i,
  input  pscid_t      pscid_i,
  input  ppn_t        root_i,
  input  logic [63:0] iova_i,
  input  logic        write_i,
  output logic        done_o,
  output cause_e      cause_o,       // CauseNone: `fill_o` is the translation
  output tlb_entry_t  fill_o,

  // Memory reads
  output mem_rd_req_t rd_req_o,
  output logic        rd_valid_o,
  input  logic        rd_ready_i,
  input  mem_rd_rsp_t rd_rsp_i,
  input  logic        rd_rsp_valid_i,

  // Invalidation; never during a walk
  input  logic        inval_valid_i,
  input  inval_t      inval_i
);

  typedef enum logic [1:0] { StIdle, StAsk, StData, StCheck } state_e;

  state_e       state_q, state_d;
  logic [1:0]   level_q, level_d;
  ppn_t         table_q, table_d;
  logic [2:0]   beat_q, beat_d;
  logic         bad_iova_q, bad_iova_d, error_q, error_d, poison_q, poison_d;
  pte_t         pte_q, pte_d;
  vpn_t         vpn;
  logic [8:0]   index;
  logic         pwc_hit, pwc_fill, line_hit, line_coming, line_begin, line_fill, wanted;
  logic [1:0]   pwc_level;
  ppn_t         pwc_table;
  pte_verdict_e verdict;

  cw_iommu_walk_pkg::kept_pte_t line_pte;

  assign vpn     = vpn_of(iova_i, 3);
  assign index   = vpn_index(vpn, level_q);
  assign verdict = pte_verdict(pte_q, level_q, write_i, 1'b0);

  assign rd_req_o = level_q == 2'd0 ? '{hpa: {table_q, index, 3'd0}, len: 3'd7}
                                    : '{hpa: {table_q, index, 3'd0}, len: 3'd0};
  // The beat that carries the PTE of this walk.
  assign wanted = rd_rsp_valid_i && beat_q == '0;

  assign fill_o = '{pscid: pscid_i,
                    vpn:   vpn,
                    size:  page_size(pte_q.n, level_q),
                    r:     pte_q.r,
                    w:     pte_q.w && pte_q.d,
                    x:     pte_q.x,
                    ppn:   pte_q.ppn};

  always_comb begin
    cause_o = CauseNone;
    if (bad_iova_q)                cause_o = write_i ? CauseWritePage : CauseReadPage;
    else if (error_q)              cause_o = write_i ? CauseWriteAccess : CauseReadAccess;
    else if (poison_q)             cause_o = CausePtPoison;
    else if (verdict == PteFault)  cause_o = write_i ? CauseWritePage : CauseReadPage;
  end

  always_comb begin
    state_d    = state_q;
    level_d    = level_q;
    table_d    = table_q;
    beat_d     = beat_q;
    bad_iova_d = bad_iova_q;
    error_d    = error_q;
    poison_d   = poison_q;
    pte_d      = pte_q;
    rd_valid_o = 1'b0;
    done_o     = 1'b0;
    pwc_fill   = 1'b0;
    line_begin = 1'b0;
    unique case (state_q)
      StIdle: begin  // from the root, or from the last table if it is known
        error_d    = 1'b0;
        poison_d   = 1'b0;
        bad_iova_d = !is_canonical(iova_i, 1'b0);
        table_d    = pwc_hit ? pwc_table : root_i;
        level_d    = pwc_hit ? 2'd0 : 2'd2;
        if (walk_valid_i) state_d = bad_iova_d ? StCheck : StAsk;
      end
      StAsk: begin  // the PTE of this level
        beat_d   = '0;
        error_d  = 1'b0;
        poison_d = 1'b0;
        if (level_q == 2'd0 && line_hit
            && has_right(line_pte.r, line_pte.w, line_pte.x, write_i, 1'b0)) begin
          pte_d   = '{n: line_pte.n, ppn: line_pte.ppn, r: line_pte.r, w: line_pte.w,
                      x: line_pte.x, d: line_pte.w, a: 1'b1, u: 1'b1, v: 1'b1, default: '0};
          state_d = StCheck;
        end else begin
          rd_valid_o = 1'b1;
          line_begin = rd_ready_i && level_q == 2'd0;
          if (rd_ready_i) state_d = StData;
        end
      end
      StData: begin  // only the wanted beat counts for this walk
        if (rd_rsp_valid_i) begin
          beat_d = beat_q + 1'b1;
          if (rd_rsp_i.last) state_d = StCheck;
        end
        if (wanted) begin
          pte_d    = rd_rsp_i.data;
          error_d  = rd_rsp_i.error;
          poison_d = rd_rsp_i.poison;
        end
      end
      StCheck: begin  // down one level, or done
        if (cause_o != CauseNone || verdict != PtePointer) begin
          done_o  = 1'b1;
          state_d = StIdle;
        end else begin
          level_d  = level_q - 1'b1;
          table_d  = pte_q.ppn;
          pwc_fill = level_q == 2'd1;
          state_d  = StAsk;
        end
      end
      default: state_d = StIdle;
    endcase
  end

  assign line_fill = rd_rsp_valid_i && level_q == 2'd0;

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else       state_q <= state_d;
    // No reset: set before they are read.
    level_q    <= level_d;
    table_q    <= table_d;
    beat_q     <= beat_d;
    bad_iova_q <= bad_iova_d;
    error_q    <= error_d;
    poison_q   <= poison_d;
    pte_q      <= pte_d;
  end

  cw_iommu_pwc #(.Entries(PwcEntries)) u_pwc (
    .clk_i,
    .rst_i,
    .pscid_i       (pscid_i),
    .vpn_i         (vpn),
    .hit_o         (pwc_hit),
    .level_o       (pwc_level),
    .table_o       (pwc_table),
    .fill_valid_i  (pwc_fill),
    .fill_pscid_i  (pscid_i),
    .fill_vpn_i    (vpn),
    .fill_level_i  (2'd0),
    .fill_table_i  (pte_q.ppn),
    .inval_valid_i,
    .inval_i
  );

  cw_iommu_pte_line #(.Lines(PteLines)) u_pte_line (
    .clk_i,
    .rst_i,
    .line_i        ({table_q, index[8:3]}),
    .index_i       (index[2:0]),
    .hit_o         (line_hit),
    .coming_o      (line_coming),
    .pte_o         (line_pte),
    .fetch_i       (line_begin),
    .fetch_id_i    ('0),
    .beat_i        (line_fill),
    .beat_id_i     ('0),
    .beat_rsp_i    (rd_rsp_i),
    .inval_valid_i,
    .inval_i
  );

  `CW_ASSERT_HELD(ReadHeld, rd_valid_o, rd_ready_i, rd_req_o)
  `CW_ASSERT(LastTablesOnly, !pwc_hit || pwc_level == '0)
  `CW_ASSERT(NoLineUnderWayWhenAsking, state_q != StAsk || !line_coming)
  `CW_ASSERT(RequestHeld, state_q == StIdle || walk_valid_i)
  `CW_ASSERT(DataOnlyWhenAsked, !rd_rsp_valid_i || state_q == StData)
  `CW_ASSERT(NoInvalidationDuringWalk, !inval_valid_i || state_q == StIdle)
  `CW_ASSERT(WalkEndsAtLeaf, !done_o || cause_o != CauseNone || verdict == PteLeaf)

endmodule
