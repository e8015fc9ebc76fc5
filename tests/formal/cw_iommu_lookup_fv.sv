// SPDX-License-Identifier: Apache-2.0
//
// A request that is accepted after an invalidation never gets a translation from before it, and
// each request gets one answer. What walks find, and when, is free, but for what the proof of
// cw_iommu_walkers says. One page of one address space is watched: memory translates it to an
// address with the top bit set until it is changed, to one without from then on, and nothing else
// has that bit. With `Context` one device is watched: its context is Bare or names that address
// space until it is changed, and another one from then on; the bit says how it was translated. The
// lowest bit of an address, which no translation changes, says when the request was accepted.
`include "cw_fv.svh"
module cw_iommu_lookup_fv
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
#(
  parameter  bit          Context   = 1'b0,
  parameter  int unsigned L2Entries = 0,
  parameter  int unsigned Entries   = 2,            // of the first level, and of contexts
  parameter  int unsigned Walks     = 2,
  parameter  int unsigned Pending   = 4,
  localparam int unsigned Levels    = 3,
  localparam int unsigned Top       = HpaBits - 1
) (
  input logic                clk_i,
  input logic                rst_i,
  input logic [3:0]          mode_i,
  input tr_req_t [Ports-1:0] tr_req_i,
  input logic [Ports-1:0]    tr_valid_i,
  input dbg_req_t            dbg_req_i,
  input logic                dbg_valid_i,
  input logic                record_ready_i,
  input logic                walk_ready_i,
  input walk_id_t            walk_id_i,
  input walk_rsp_t           walk_rsp_i,
  input logic                walk_rsp_valid_i,
  input logic                inval_valid_i,
  input inval_t              inval_i,
  input logic                changed_i,             // the change came before this invalidation

  // What is watched, the same all the time
  input did_t                device_i,
  input pscid_t              space_i,
  input pscid_t              new_space_i,
  input vpn_t                page_i,
  input page_size_e          size_i,
  input logic                port_i,                // one request at a time, by its tag
  input tr_tag_t             tag_i
);

  tr_rsp_t [Ports-1:0] tr_rsp;
  logic    [Ports-1:0] tr_ready, tr_rsp_valid;
  logic                walk_valid;
  walk_req_t           walk_req;

  cw_iommu_translate #(
    .IotlbEntries (Entries),
    .L2Entries    (L2Entries),
    .DcEntries    (Entries),
    .Pending      (Pending),
    .Walks        (Walks),
    .Levels       (Levels)
  ) u_dut (
    .clk_i,
    .rst_i,
    .mode_i,
    .tr_req_i,
    .tr_valid_i,
    .tr_ready_o       (tr_ready),
    .tr_rsp_o         (tr_rsp),
    .tr_rsp_valid_o   (tr_rsp_valid),
    .dbg_req_i,
    .dbg_valid_i,
    .dbg_ready_o      (),
    .dbg_rsp_o        (),
    .dbg_rsp_valid_o  (),
    .inval_valid_i,
    .inval_i,
    .walk_req_o       (walk_req),
    .walk_valid_o     (walk_valid),
    .walk_ready_i,
    .walk_id_i,
    .walk_rsp_i,
    .walk_rsp_valid_i,
    .record_o         (),
    .record_valid_o   (),
    .record_ready_i,
    .perf_o           ()
  );

  // ---- Software: changes what is watched, and then invalidates it

  logic hits, invalidated_q;

  function automatic logic in_page(vpn_t vpn);
    return ((vpn ^ page_i) & ~page_mask(size_i)) == '0;
  endfunction

  assign hits = inval_valid_i && changed_i && (Context
      ? inval_i.dir && (!inval_i.dv || inval_i.did == device_i)
      : inval_i.pt && (!inval_i.pscv || inval_i.pscid == space_i)
        && (!inval_i.leaf || in_page(inval_i.vpn)));

  always_ff @(posedge clk_i) begin
    if (rst_i)     invalidated_q <= 1'b0;
    else if (hits) invalidated_q <= 1'b1;
  end

  `CW_FV_RESET
  `CW_ASSUME(WatchesOne, !started_q || $stable({mode_i, device_i, space_i, new_space_i, page_i,
                                                size_i, port_i, tag_i}))
  `CW_ASSUME(MayBeTranslated, mode_i inside {Ddtp1Lvl, Ddtp2Lvl, Ddtp3Lvl}
      && page_i == (page_i & vpn_bits(Levels)) && size_i <= Page1g && new_space_i != space_i)

  // ---- Requests; their address says what they are

  function automatic logic says(did_t did, logic pass, logic [63:0] iova, logic late);
    return iova[Top] == (Context && did == device_i && !pass)
        && iova[1] == (vpn_of(iova, Levels) == page_i) && iova[0] == late;
  endfunction

  for (genvar port = 0; port < Ports; port++) begin : gen_port
    `CW_ASSUME(SaysWhatItIs, says(tr_req_i[port].did, tr_req_i[port].pass, tr_req_i[port].iova,
                                  invalidated_q))
  end
  `CW_ASSUME(DebugSaysWhatItIs, says(dbg_req_i.did, 1'b0, dbg_req_i.iova, invalidated_q))

  logic takes, answers, owed_q, late_q;      // the watched request

  assign takes   = tr_valid_i[port_i] && tr_ready[port_i] && tr_req_i[port_i].tag == tag_i;
  assign answers = tr_rsp_valid[port_i] && tr_rsp[port_i].tag == tag_i;

  always_ff @(posedge clk_i) begin
    if (rst_i)        owed_q <= 1'b0;
    else if (takes)   owed_q <= 1'b1;
    else if (answers) owed_q <= 1'b0;
    if (takes) late_q <= invalidated_q;
  end

  `CW_ASSUME(TagIsFree, !takes || !owed_q)

  // ---- Walks: what they began with, and what they tell

  logic   [Walks-1:0] busy_q, early_q, device_q, only_q, known_q;  // known: the context
  pscid_t [Walks-1:0] space_q;
  walk_id_t           id;
  dc_info_t           dc;
  logic               finds, old_page, old_dc, new_dc;

  assign id       = walk_rsp_i.id;
  assign dc       = walk_rsp_i.dc;
  assign finds    = walk_rsp_i.done && !walk_rsp_i.dc_found && walk_rsp_i.cause == CauseNone;
  assign old_page = walk_rsp_i.entry.ppn[PpnBits-1];
  assign old_dc   = device_q[id] && is_old(dc);
  assign new_dc   = !device_q[id] || (!dc.bare && dc.pscid == new_space_i);

  function automatic logic is_old(dc_info_t found);
    return found.bare || found.pscid == space_i;
  endfunction

  always_ff @(posedge clk_i) begin
    for (int unsigned n = 0; n < Walks; n++) begin
      if (walk_rsp_valid_i && n == 32'(id)) begin
        if (walk_rsp_i.done) busy_q[n] <= 1'b0;
        if (walk_rsp_i.dc_found) known_q[n] <= 1'b1;
        if (walk_rsp_i.dc_found) space_q[n] <= dc.pscid;
      end
      if (walk_valid && n == 32'(walk_id_i)) begin
        busy_q[n]   <= 1'b1;
        early_q[n]  <= !invalidated_q;
        device_q[n] <= walk_req.did == device_i;
        only_q[n]   <= walk_req.dc_only;
        known_q[n]  <= walk_req.dc_hit;
        space_q[n]  <= walk_req.dc.pscid;
      end
    end
    if (rst_i) busy_q <= '0;
  end

  `CW_ASSUME(NumberIsFree, 32'(walk_id_i) < Walks && (!walk_ready_i || !busy_q[walk_id_i]))
  `CW_ASSUME(OnlyWalksAnswer, !walk_rsp_valid_i || (32'(id) < Walks && busy_q[id]))
  `CW_ASSUME(ToldAfterTheContext, !walk_rsp_valid_i || (walk_rsp_i.dc_found
      ? !known_q[id] && walk_rsp_i.cause == CauseNone && walk_rsp_i.done == (dc.bare || only_q[id])
      : walk_rsp_i.done && (known_q[id] || !finds)))
  `CW_ASSUME(ToldOfItsSpace, !walk_rsp_valid_i || !finds || walk_rsp_i.entry.pscid == space_q[id])
  if (!Context) begin : gen_page
    `CW_ASSUME(OnlyThePageIsOld, !walk_rsp_valid_i || !finds || !old_page
        || (walk_rsp_i.entry.pscid == space_i && walk_rsp_i.entry.size == size_i
            && in_page(walk_rsp_i.entry.vpn)))
    `CW_ASSUME(OldIsStale, !walk_rsp_valid_i || !finds || !old_page || !(invalidated_q || hits)
        || (early_q[id] && walk_rsp_i.stale))
  end else begin : gen_context
    `CW_ASSUME(OnlyTheSpaceIsOld, !walk_rsp_valid_i || !finds
        || old_page == (walk_rsp_i.entry.pscid == space_i))
    `CW_ASSUME(SpaceOfTheDevice, !walk_rsp_valid_i || !walk_rsp_i.dc_found
        || (device_q[id] ? old_dc || new_dc : dc.pscid != space_i))
    `CW_ASSUME(OldIsStale, !walk_rsp_valid_i || !walk_rsp_i.dc_found || !old_dc
        || !(invalidated_q || hits) || (early_q[id] && walk_rsp_i.stale))
  end

  // ---- What is proved

  function automatic logic is_new(hpa_t hpa);
    return !(hpa[Top] && (Context || hpa[1]));
  endfunction

  `CW_ASSERT(NoStaleAnswer, !answers || !late_q || tr_rsp[port_i].fault
      || is_new(tr_rsp[port_i].hpa))
  `CW_ASSERT(AnsweredOnce, !answers || owed_q)
  `CW_ASSERT(AnsweredWithItsOwn, !answers || tr_rsp[port_i].fault
      || tr_rsp[port_i].hpa[0] == late_q)

  `include "cw_iommu_lookup_inside.svh"

endmodule
