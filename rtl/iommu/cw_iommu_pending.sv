// SPDX-License-Identifier: Apache-2.0
//
// Holds the requests that no cache answers until they have their walk. One walk is begun for a page
// of a device; the request that began it is answered from its result, others for the same page wait
// for its end and are looked up again. Where no walk is free requests queue for one. A refusal is
// one fault record and one answer. The lookup's answers come first: what has its answer in a clock
// with one of them is settled, and looked up again to be given it.
// Spec: RISC-V IOMMU, "Process to translate an IOVA", "Fault/Event-Queue (FQ)".
`include "cw_assert.svh"
module cw_iommu_pending import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Entries = 8,
  parameter  int unsigned Walks   = 4,
  localparam int unsigned IndexW  = $clog2(Entries)
) (
  input  logic              clk_i,
  input  logic              rst_i,

  // A request from the lookup: it stays, for a walk or with a cause to be refused; or, if it was
  // here before, it is answered and leaves
  input  ask_t              in_ask_i,
  input  logic              in_again_i,      // it was here before, at `in_index_i`
  input  logic [IndexW-1:0] in_index_i,
  input  logic              in_stays_i,
  input  logic              in_leaves_i,
  input  logic              in_answered_i,   // the lookup answers, whomever
  input  cause_e            in_cause_i,
  input  logic              in_dtf_i,        // its context is known and has DTF
  input  vpn_t              in_vpn_i,

  // Walk for the request that comes in; only while one is free
  output logic              walk_valid_o,
  input  logic              walk_ready_i,
  input  walk_id_t          walk_id_i,
  input  walk_rsp_t         walk_rsp_i,
  input  logic              walk_rsp_valid_i,

  // Offer of a request to be looked up again; in a clock with an answer of a walk the request is
  // the one that began it, and no offer
  output ask_t              out_ask_o,
  output logic [IndexW-1:0] out_index_o,
  output logic              out_valid_o,
  input  logic              out_ready_i,

  // Answers, in clocks in which the lookup gives none
  output told_t             told_o,
  output logic              told_valid_o,

  // Fault records
  output fault_record_t     record_o,
  output logic              record_valid_o,
  input  logic              record_ready_i
);

  typedef logic [IndexW-1:0] index_t;
  localparam int unsigned WalkW = Walks > 1 ? $clog2(Walks) : 1;
  typedef logic [WalkW-1:0] walk_t;

  // ---- Walks under way

  logic [Walks-1:0] busy;
  walk_t            same_walk, ended;
  index_t           place, owner;
  logic             same, same_ends, end_walk, walk_dtf;

  assign ended     = walk_t'(walk_rsp_i.id);
  assign end_walk  = walk_rsp_valid_i && walk_rsp_i.done;
  assign same_ends = end_walk && same_walk == ended;

  cw_iommu_merge #(.Walks(Walks), .IndexW(IndexW)) u_merge (
    .clk_i,
    .rst_i,
    .did_i         (in_ask_i.req.did),
    .vpn_i         (in_vpn_i),
    .same_o        (same),
    .same_walk_o   (same_walk),
    .begin_i       (walk_valid_o),
    .begin_walk_i  (walk_t'(walk_id_i)),
    .begin_index_i (place),
    .begin_dtf_i   (in_dtf_i),
    .walk_i        (ended),
    .found_i       (walk_rsp_valid_i && walk_rsp_i.dc_found),
    .found_dtf_i   (walk_rsp_i.dc.dtf),
    .end_i         (end_walk),
    .index_o       (owner),
    .dtf_o         (walk_dtf),
    .busy_o        (busy)
  );

  // ---- Places

  logic   [Entries-1:0] used_q, used_d, attached_q, attached_d, ready_q, ready_d;
  walk_t  [Entries-1:0] awaited_q;   // no reset: read only where attached_q
  index_t               free, ready_index, queue_index, refuse_index;
  logic                 misses, attach, queue, unqueue, queued, queue_out_q, from_queue;
  logic                 any_ready, go_ready, go_queued, in_refused, refusable, retry;
  logic                 end_refused, refuse, due, settle;
  ppn_t                 walk_page;

  always_comb begin
    free = '0;
    for (int n = int'(Entries) - 1; n >= 0; n--) if (!used_q[n]) free = index_t'(n);
  end

  assign place        = in_again_i ? in_index_i : free;
  assign from_queue   = queue_out_q && in_again_i && in_index_i == queue_index;
  assign misses       = in_stays_i && in_cause_i == CauseNone;
  assign attach       = misses && same;
  assign walk_valid_o = misses && !same && walk_ready_i && (from_queue || !queued);
  assign queue        = misses && !same && !walk_valid_o;
  assign unqueue      = from_queue && (in_leaves_i || (in_stays_i && !queue));

  cw_iommu_asks #(.Entries(Entries)) u_asks (
    .clk_i,
    .rst_i,
    .put_i        (in_stays_i),
    .place_i      (place),
    .ask_i        (in_ask_i),
    .index_i      (out_index_o),
    .ask_o        (out_ask_o),
    .settle_i     (settle),
    .fate_i       (told_o.rsp.fault ? FateRefused : FateGranted),
    .page_valid_i (!refuse && !walk_rsp_i.dc_found),
    .page_i       (walk_page)
  );

  // The first in the queue keeps its place there until it has its walk, or needs none.
  cw_fifo #(.DataW(IndexW), .Depth(Entries)) u_queue (
    .clk_i,
    .rst_i,
    .in_data_i   (place),
    .in_valid_i  (queue && !from_queue),
    .in_ready_o  (),
    .out_data_o  (queue_index),
    .out_valid_o (queued),
    .out_ready_i (unqueue),
    .level_o     ()
  );

  // ---- Out again: first those whose walk has ended

  cw_rr_arbiter #(.N(Entries)) u_ready (
    .clk_i,
    .rst_i,
    .req_i   (ready_q),
    .take_i  (go_ready),
    .lock_i  (1'b0),
    .grant_o (),
    .index_o (ready_index),
    .any_o   (any_ready)
  );

  assign out_valid_o = !walk_rsp_valid_i && !refuse
                       && (any_ready || (queued && !queue_out_q && walk_ready_i));
  assign go_ready    = out_valid_o && out_ready_i && any_ready;
  assign go_queued   = out_valid_o && out_ready_i && !any_ready;
  assign out_index_o = walk_rsp_valid_i ? owner
                     : refuse ? refuse_index
                     : any_ready ? ready_index : queue_index;

  always_comb begin
    used_d     = used_q;
    attached_d = attached_q;
    ready_d    = ready_q;
    if (in_stays_i) used_d[place] = 1'b1;
    if (in_leaves_i || told_valid_o) used_d[told_valid_o ? out_index_o : in_index_i] = 1'b0;
    // A walk that ends now wakes no one who comes now.
    if (attach) {attached_d[place], ready_d[place]} = {!same_ends, same_ends};
    if (retry) ready_d[place] = 1'b1;
    if (settle) ready_d[out_index_o] = 1'b1;
    if (go_ready) ready_d[ready_index] = 1'b0;
    if (end_walk) begin
      for (int unsigned n = 0; n < Entries; n++) begin
        if (attached_q[n] && awaited_q[n] == ended) begin
          attached_d[n] = 1'b0;
          ready_d[n]    = 1'b1;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      used_q      <= '0;
      attached_q  <= '0;
      ready_q     <= '0;
      queue_out_q <= 1'b0;
    end else begin
      used_q      <= used_d;
      attached_q  <= attached_d;
      ready_q     <= ready_d;
      queue_out_q <= go_queued || (queue_out_q && !(from_queue && (in_stays_i || in_leaves_i)));
    end
    if (attach) awaited_q[place] <= same_walk;
  end

  // ---- Refusals

  assign in_refused = in_stays_i && in_cause_i != CauseNone;
  assign retry      = in_refused && !refusable;

  cw_iommu_refusals #(.Entries(Entries)) u_refusals (
    .clk_i,
    .rst_i,
    .in_index_i     (place),
    .in_cause_i,
    .in_dtf_i,
    .in_valid_i     (in_refused),
    .in_ready_o     (refusable),
    .walk_rsp_i,
    .walk_rsp_valid_i,
    .walk_index_i   (owner),
    .walk_dtf_i     (walk_dtf),
    .walk_refused_o (end_refused),
    .index_o        (refuse_index),
    .refuse_o       (refuse),
    .ask_i          (out_ask_o),
    .record_o,
    .record_valid_o,
    .record_ready_i
  );

  // ---- Answers

  assign walk_page    = page_ppn(walk_rsp_i.entry.ppn, walk_rsp_i.entry.vpn, walk_rsp_i.entry.size);
  assign due          = (end_walk && !end_refused) || refuse;
  assign settle       = due && in_answered_i;
  assign told_valid_o = due && !in_answered_i;

  always_comb begin
    told_o = '{to: out_ask_o.from, rsp: '{tag:   out_ask_o.req.tag,
                                          hpa:   out_ask_o.req.iova[HpaBits-1:0],
                                          fault: refuse}};
    if (walk_rsp_i.dc_found) told_o.rsp.fault |= beyond_hpa(out_ask_o.req.iova);
    else                     told_o.rsp.hpa[HpaBits-1:12] = walk_page;
  end

  `CW_REQUIRE(Entries >= 4, "no room for two lookups and two that wait")
  `CW_REQUIRE(Walks >= 1 && Walks <= MaxWalks, "more walks than numbers")
  `CW_ASSERT(AnswerIsForOneInside, !due || used_q[out_index_o])
  for (genvar n = 0; n < Entries; n++) begin : gen_place
    `CW_ASSERT(WaitsForAWalkUnderWay, !attached_q[n] || (used_q[n] && busy[awaited_q[n]]))
    `CW_ASSERT(ReadyIsInside, !ready_q[n] || (used_q[n] && !attached_q[n]))
  end
  `CW_ASSERT(PlaceForEachRequest, !in_stays_i || in_again_i || !used_q[place])
  `CW_ASSERT(OnlyHereAgain, !in_again_i || !(in_stays_i || in_leaves_i) || used_q[in_index_i])
  `CW_ASSERT(WalkNumberInRange, !walk_valid_o || 32'(walk_id_i) < Walks)

endmodule
