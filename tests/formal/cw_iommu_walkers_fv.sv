// SPDX-License-Identifier: Apache-2.0
//
// Whatever memory answers, a walk ends: it reads at most once for each level of directory and page
// tables, it answers once, and while memory takes reads and answers them it is never silent. What
// has been read before an invalidation of it is stale after it. Memory answers a read with all its
// beats, or refuses it with one; the directory has any number of levels.
`include "cw_fv.svh"
module cw_iommu_walkers_fv
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
#(
  parameter  int unsigned Levels      = 3,
  localparam int unsigned MaxReads    = 3 + Levels,
  localparam int unsigned SilentBound = 3
) (
  input logic        clk_i,
  input logic        rst_i,
  input logic [3:0]  mode_i,
  input ppn_t        directory_i,
  input walk_req_t   walk_req_i,
  input logic        walk_valid_i,
  input logic        rd_ready_i,
  input mem_rd_rsp_t rd_rsp_i,
  input logic        answer_i,       // memory answers now, if it owes something
  input logic        refuse_i,       // with one beat
  input logic        inval_valid_i,
  input inval_t      inval_i
);

  localparam cw_iommu_reg_pkg::caps_t Caps = '{sv39: 1'b1, sv48: Levels == 4,
                                               igs: cw_iommu_reg_pkg::IgsWsi, default: '0};

  walk_rsp_t     rsp;
  mem_walk_req_t rd_req;
  mem_rd_rsp_t   beat;
  logic          walk_ready, rsp_valid, rd_valid, rd_taken, beat_valid, begins, ends;
  logic [3:0]    owed_q;             // beats
  logic          first_q;            // none of them has come

  cw_iommu_walkers #(.Walks(1), .PwcEntries(1), .PteLines(1), .Levels(Levels)) u_dut (
    .clk_i,
    .rst_i,
    .caps_i           (Caps),
    .mode_i,
    .directory_i,
    .walk_req_i,
    .walk_valid_i,
    .walk_ready_o     (walk_ready),
    .walk_id_o        (),
    .walk_rsp_o       (rsp),
    .walk_rsp_valid_o (rsp_valid),
    .rd_req_o         (rd_req),
    .rd_valid_o       (rd_valid),
    .rd_ready_i,
    .rd_rsp_i         (beat),
    .rd_rsp_id_i      ('0),
    .rd_rsp_valid_i   (beat_valid),
    .inval_valid_i,
    .inval_i,
    .perf_o           ()
  );

  assign begins   = walk_valid_i && walk_ready;
  assign ends     = rsp_valid && rsp.done;
  assign rd_taken = rd_valid && rd_ready_i;

  // ---- The environment

  logic waited_q, late_q;            // a read was not taken, or not answered, in the last clock

  assign beat_valid = owed_q != '0 && answer_i;
  assign beat       = '{data:   rd_rsp_i.data,
                        error:  rd_rsp_i.error || (refuse_i && first_q),
                        poison: rd_rsp_i.poison,
                        last:   owed_q == 4'd1 || (refuse_i && first_q)};

  always_ff @(posedge clk_i) begin
    waited_q <= rd_valid && !rd_ready_i;
    late_q   <= owed_q != '0 && !answer_i;
    if (rst_i) begin
      owed_q <= '0;
    end else if (rd_taken) begin
      owed_q  <= 4'(rd_req.rd.len) + 1'b1;
      first_q <= 1'b1;
    end else if (beat_valid) begin
      owed_q  <= beat.last ? '0 : owed_q - 1'b1;
      first_q <= 1'b0;
    end
  end

  `CW_FV_RESET
  `CW_ASSUME(ReadsAreTaken, rst_i || !(waited_q && rd_valid) || rd_ready_i)
  `CW_ASSUME(ReadsAreAnswered, rst_i || !late_q || answer_i)
  `CW_ASSUME_HELD(RequestHeld, walk_valid_i, walk_ready, walk_req_i)
  `CW_ASSUME(DirectoryIsThere, mode_i inside {Ddtp1Lvl, Ddtp2Lvl, Ddtp3Lvl})
  `CW_ASSUME(DeviceFits, walk_req_i.dc_hit || !did_too_wide(walk_req_i.did, mode_i))
  `CW_ASSUME(ContextIsOfUse, !walk_req_i.dc_hit || (!walk_req_i.dc_only && !walk_req_i.dc.bare
      && (Levels == 4 || !walk_req_i.dc.sv48)))

  // ---- What is proved

  // By symmetry one device, address space and page stand for all.
  localparam did_t   Device = 24'h5a_3c96;
  localparam pscid_t Space  = 20'h9_a5c3;
  localparam vpn_t   Page   = 36'h0_035a_3c69;

  logic       under_way_q;
  logic       device, space, page;   // the walk is for it
  logic       device_q, space_q, page_q;
  logic       finds, finds_q;        // it finds the context itself
  logic       tables, tables_q;      // it is in the page tables
  logic       hit, hit_q;            // what it has read was invalidated
  logic [3:0] reads_q;
  logic [1:0] silent_q;              // clocks in which nothing moved

  always_ff @(posedge clk_i) begin
    if (rst_i || walk_ready || rd_taken || beat_valid || rsp_valid) silent_q <= '0;
    else                                                            silent_q <= silent_q + 1'b1;
    if (rst_i)       under_way_q <= 1'b0;
    else if (begins) under_way_q <= 1'b1;
    else if (ends)   under_way_q <= 1'b0;
    reads_q <= begins ? 4'(rd_taken) : reads_q + 4'(rd_taken);
    {device_q, page_q, finds_q} <= {device, page, finds};
    {space_q, tables_q}         <= {space, tables};
    if (rsp_valid && rsp.dc_found) {space_q, tables_q} <= {rsp.dc.pscid == Space, 1'b1};
    hit_q <= hit;
  end

  always_comb begin
    {device, space, page, finds, tables} = {device_q, space_q, page_q, finds_q, tables_q};
    if (begins) begin
      device = walk_req_i.did == Device;
      space  = walk_req_i.dc.pscid == Space;
      page   = vpn_of(walk_req_i.iova, Levels) == Page;
      finds  = !walk_req_i.dc_hit;
      tables = walk_req_i.dc_hit;
    end
    hit = hit_q && !begins;
    if (inval_valid_i && inval_i.dir && finds
        && (!inval_i.dv || (device && inval_i.did == Device))) hit = 1'b1;
    if (inval_valid_i && inval_i.pt && tables
        && (!inval_i.pscv || (space && inval_i.pscid == Space))
        && (!inval_i.leaf || (page && inval_i.vpn == Page))) hit = 1'b1;
  end

  `CW_ASSERT(OneReadPerLevel, !under_way_q || 32'(reads_q) <= MaxReads)
  `CW_ASSERT(NoReadWithoutAWalk, !rd_valid || under_way_q || begins)
  `CW_ASSERT(AnsweredOnce, !rsp_valid || under_way_q)
  `CW_ASSERT(NeverSilent, 32'(silent_q) < SilentBound)
  `CW_ASSERT(ReadyWhenOver, under_way_q || owed_q != '0 || walk_ready)
  `CW_ASSERT(StaleAfterInvalidation, !rsp_valid || !hit || rsp.stale)

endmodule
