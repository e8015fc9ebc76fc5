// SPDX-License-Identifier: Apache-2.0
//
// Walks device directory and page tables for several requests at once, each for itself, over one
// page-walk cache, one set of PTE lines and one port to memory. A walk asks for its first table in
// the clock in which it begins, and answers in the clock in which the last PTE comes; the rest of
// that PTE's line comes behind it, if no other walk is to read. Device ids fit the directory; there
// is one. A walk always ends: it reads at most Levels + 3 times.
// Spec: RISC-V IOMMU, "Process to translate an IOVA"; RISC-V Privileged, Sv39 and Sv48.
`include "cw_assert.svh"
module cw_iommu_walkers import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_walk_pkg::*; #(
  parameter  int unsigned Walks      = 4,  // at once
  parameter  int unsigned PwcEntries = 8,
  parameter  int unsigned PteLines   = 4,  // of 64 bytes
  parameter  int unsigned Levels     = 3,  // of the page tables
  localparam int unsigned IndexW     = Walks > 1 ? $clog2(Walks) : 1
) (
  input  logic                    clk_i,
  input  logic                    rst_i,

  input  cw_iommu_reg_pkg::caps_t caps_i,
  input  logic [3:0]              mode_i,          // ddtp.iommu_mode
  input  ppn_t                    directory_i,     // ddtp.PPN

  // Requests; the number of the walk comes with its acceptance
  input  walk_req_t               walk_req_i,
  input  logic                    walk_valid_i,
  output logic                    walk_ready_o,
  output walk_id_t                walk_id_o,

  // Answers, taken as they come; none before the clock after the acceptance
  output walk_rsp_t               walk_rsp_o,
  output logic                    walk_rsp_valid_o,

  // Memory reads
  output mem_walk_req_t           rd_req_o,
  output logic                    rd_valid_o,
  input  logic                    rd_ready_i,
  input  mem_rd_rsp_t             rd_rsp_i,
  input  walk_id_t                rd_rsp_id_i,
  input  logic                    rd_rsp_valid_i,

  // Invalidation, at any time
  input  logic                    inval_valid_i,
  input  inval_t                  inval_i,

  output perf_walk_t              perf_o
);

  walk_t [Walks-1:0] walk;
  logic  [Walks-1:0] idle, begins, tables, first, ask, refuse, asked, ended, reading, beat, grant;
  logic              tables_any;

  // ---- A walk begins, in the first that is idle

  walk_t             fresh, root;
  logic [IndexW-1:0] free, firster;

  assign tables_any   = tables != '0;
  assign walk_ready_o = idle != '0 && !tables_any;
  assign walk_id_o    = walk_id_t'(free);
  assign fresh        = new_walk(walk_req_i, mode_i, directory_i, Levels);

  always_comb begin
    free = '0;
    for (int n = int'(Walks) - 1; n >= 0; n--) if (idle[n]) free = IndexW'(n);
    begins       = '0;
    begins[free] = walk_valid_i && walk_ready_o;
  end

  // ---- One walk at a time begins its page tables

  logic       pwc_hit, pwc_fill;
  logic [1:0] pwc_level;
  ppn_t       pwc_base;

  always_comb begin
    root    = fresh;
    firster = free;
    for (int unsigned n = 0; n < Walks; n++) if (tables[n]) {root, firster} = {walk[n], IndexW'(n)};
  end

  assign perf_o = '{ddt:         begins != '0 && fresh.dir,
                    first_stage: (begins != '0 || tables_any) && !root.dir && !not_canonical(root),
                    did:         root.did,
                    pscv:        !root.dir,
                    pscid:       root.pscid};

  // ---- One asks at a time: a kept PTE answers it, memory is asked, or the line is waited for. A
  // first read goes when there is no other, so that no answer depends on what begins.

  logic [Walks-1:0]  wants, waits_q;  // that is a first read that memory did not take
  logic [IndexW-1:0] granted, asker;
  walk_t             asking;
  mem_walk_req_t     read;
  kept_pte_t         kept;
  logic              ask_any, ask_done, line_hit, coming, is_kept, is_over;
  logic              alone, alone_q, held_q;  // no other is to read; as it was for a read held
  logic              judged;   // this clock's answer is memory's

  cw_rr_arbiter #(.N(Walks)) u_ask (
    .clk_i,
    .rst_i,
    .req_i   (waits_q != '0 ? waits_q : ask),
    .take_i  (ask_done),
    .lock_i  (1'b0),
    .grant_o (grant),
    .index_o (granted),
    .any_o   (ask_any)
  );

  assign asker   = Walks > 1 ? granted : '0;
  assign asking  = walk[asker];
  assign alone   = Walks == 1 || (held_q ? alone_q : (wants & ~grant) == '0);
  assign read    = read_of(asking, walk_id_t'(asker), alone);
  assign is_kept = at_leaf(asking) && line_hit
      && has_right(kept.r, kept.w, kept.x, asking.write, asking.exec);
  assign is_over = ask_any && (refuse[asker] || is_kept);

  assign rd_valid_o = ask_any ? !is_over && !(at_leaf(asking) && coming) : first != '0;
  assign rd_req_o   = ask_any ? read : read_of(root, walk_id_t'(firster), 1'b0);

  always_ff @(posedge clk_i) begin
    waits_q <= !rst_i && !ask_any && !rd_ready_i ? first : '0;
    held_q  <= !rst_i && ask_any && rd_valid_o && !rd_ready_i;
    alone_q <= alone;
  end

  assign asked    = !rd_valid_o || !rd_ready_i ? '0 : ask_any ? grant : first;
  assign ended    = is_over && !judged ? grant : '0;
  assign ask_done = ask_any && !(rd_valid_o && !rd_ready_i) && !(is_over && judged);

  // ---- Beats come for one walk at a time

  logic [IndexW-1:0] owner;
  walk_t             judging, next;
  walk_step_e        step;
  cause_e            cause;
  dc_info_t          dc;
  logic              live;

  assign owner   = Walks > 1 ? IndexW'(rd_rsp_id_i) : '0;
  assign judging = walk[owner];
  assign live    = rd_rsp_valid_i && reading[owner];
  assign judged  = live && step inside {StepTables, StepEnd};
  assign beat    = Walks'(rd_rsp_valid_i) << owner;

  cw_iommu_walk_check u_check (
    .clk_i,
    .rst_i,
    .caps_i,
    .walk_i  (judging),
    .rsp_i   (rd_rsp_i),
    .valid_i (live),
    .step_o  (step),
    .cause_o (cause),
    .dc_o    (dc),
    .walk_o  (next)
  );

  // ---- Answers: what memory says first

  assign walk_rsp_valid_o = judged || is_over;
  assign walk_rsp_o       = '{id:       judged ? rd_rsp_id_i : walk_id_t'(asker),
                              done:     !judged || step == StepEnd,
                              cause:    judged ? cause : is_kept ? CauseNone
                                        : page_fault(asking.write, asking.exec),
                              dc_found: judged && judging.dir && cause == CauseNone,
                              dc:       dc,
                              entry:    judged ? entry_of(judging, kept_of(rd_rsp_i.data))
                                        : entry_of(asking, kept),
                              stale:    judged ? judging.stale : asking.stale};

  for (genvar n = 0; n < Walks; n++) begin : gen_walk
    cw_iommu_walk #(.Levels(Levels)) u_walk (
      .clk_i,
      .rst_i,
      .idle_o      (idle[n]),
      .begin_i     (begins[n]),
      .walk_i      (fresh),
      .tables_o    (tables[n]),
      .pwc_hit_i   (pwc_hit),
      .pwc_level_i (pwc_level),
      .pwc_base_i  (pwc_base),
      .first_o     (first[n]),
      .ask_o       (ask[n]),
      .refuse_o    (refuse[n]),
      .wants_o     (wants[n]),
      .asked_i     (asked[n]),
      .ended_i     (ended[n]),
      .reading_o   (reading[n]),
      .beat_i      (beat[n]),
      .last_i      (rd_rsp_i.last),
      .step_i      (step),
      .next_i      (next),
      .walk_o      (walk[n]),
      .inval_valid_i,
      .inval_i
    );
  end

  assign pwc_fill = live && step == StepDown && !judging.dir && !judging.stale;

  cw_iommu_pwc #(.Entries(PwcEntries), .Levels(Levels), .Shared(Walks > 1)) u_pwc (
    .clk_i,
    .rst_i,
    .pscid_i      (root.pscid),
    .vpn_i        (root.vpn),
    .hit_o        (pwc_hit),
    .level_o      (pwc_level),
    .table_o      (pwc_base),
    .fill_valid_i (pwc_fill),
    .fill_pscid_i (judging.pscid),
    .fill_vpn_i   (judging.vpn),
    .fill_level_i (next.level),
    .fill_table_i (next.base),
    .inval_valid_i,
    .inval_i
  );

  cw_iommu_pte_line #(.Lines(PteLines)) u_pte_line (
    .clk_i,
    .rst_i,
    .line_i      (read.rd.hpa[HpaBits-1:6]),
    .index_i     (read.rd.hpa[5:3]),
    .hit_o       (line_hit),
    .coming_o    (coming),
    .pte_o       (kept),
    .fetch_i     (asked != '0 && ask_any && read.wrap && !asking.stale),
    .fetch_id_i  (walk_id_t'(asker)),
    .beat_i      (rd_rsp_valid_i),
    .beat_id_i   (rd_rsp_id_i),
    .beat_rsp_i  (rd_rsp_i),
    .inval_valid_i,
    .inval_i
  );

  `CW_REQUIRE(Walks >= 1 && Walks <= MaxWalks, "a walk is known by three bits")
  `CW_REQUIRE(Levels inside {3, 4}, "Sv39 or Sv48")
  `CW_ASSERT_HELD(ReadHeld, rd_valid_o, rd_ready_i, rd_req_o)
  `CW_ASSERT(OneBeginsItsTables, $onehot0(tables))
  `CW_ASSERT(OnlyFormatsThatAreBuilt, Levels == 4 || !caps_i.sv48)
  `CW_ASSERT(DeviceFitsDirectory,
      begins == '0 || walk_req_i.dc_hit || !did_too_wide(walk_req_i.did, mode_i))
  `CW_ASSERT(ThereIsADirectory,
      begins == '0 || walk_req_i.dc_hit || mode_i inside {Ddtp1Lvl, Ddtp2Lvl, Ddtp3Lvl})
  `CW_ASSERT(NoWalkForNothing,
      begins == '0 || !walk_req_i.dc_hit || (!walk_req_i.dc_only && !walk_req_i.dc.bare))
  `CW_ASSERT(NoAnswerBeforeItsWalk, !walk_rsp_valid_o || !idle[IndexW'(walk_rsp_o.id)])

endmodule
