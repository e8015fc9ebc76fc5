// SPDX-License-Identifier: Apache-2.0
//
// Holds the requests that no cache answers until they have their walk. One walk is begun for a page
// of a device; the request that began it is answered from its result, others for the same page wait
// for its end and are looked up again. Where no walk is free requests queue for one. A refusal is
// one fault record and one answer. In a clock with an answer from here the lookup holds still.
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
  // the one that began it
  output ask_t              out_ask_o,
  output logic [IndexW-1:0] out_index_o,
  output logic              out_valid_o,
  input  logic              out_ready_i,

  // Answers, and the clocks in which the lookup holds still
  output told_t             told_o,
  output logic              told_valid_o,
  output logic              hold_o,

  // Fault records
  output fault_record_t     record_o,
  output logic              record_valid_o,
  input  logic              record_ready_i
);

  typedef logic [IndexW-1:0] index_t;
  localparam int unsigned WalkW = Walks > 1 ? $clog2(Walks) : 1;
  typedef logic [WalkW-1:0] walk_t;

  typedef struct packed {
    did_t did;
    vpn_t vpn;
  } page_t;

  // ---- Walks under way

  logic   [Walks-1:0] busy_q, busy_d, same;
  index_t [Walks-1:0] owner_q;    // no reset: these are read only where busy_q
  page_t  [Walks-1:0] page_q;
  logic   [Walks-1:0] dtf_q;
  page_t              page;
  walk_t              same_walk, ended;
  logic               end_walk;

  assign page     = '{did: in_ask_i.req.did, vpn: in_vpn_i};
  assign ended    = walk_t'(walk_rsp_i.id);
  assign end_walk = walk_rsp_valid_i && walk_rsp_i.done;

  always_comb begin
    same_walk = '0;
    for (int unsigned n = 0; n < Walks; n++) begin
      same[n] = busy_q[n] && page_q[n] == page;
      if (same[n]) same_walk |= walk_t'(n);
    end
  end

  // ---- Places

  logic   [Entries-1:0] used_q, used_d, attached_q, attached_d, ready_q, ready_d;
  walk_t  [Entries-1:0] awaited_q;   // no reset: read only where attached_q
  index_t               place, free, ready_index, queue_index;
  logic                 attach, queue, unqueue, any_ready, queued, queue_out_q, from_queue;
  logic                 go_ready, go_queued, refused, refuse;
  index_t               refuse_index;

  always_comb begin
    free = '0;
    for (int n = int'(Entries) - 1; n >= 0; n--) if (!used_q[n]) free = index_t'(n);
  end

  assign place        = in_again_i ? in_index_i : free;
  assign from_queue   = queue_out_q && in_again_i && in_index_i == queue_index;
  assign attach       = in_stays_i && in_cause_i == CauseNone && same != '0;
  assign walk_valid_o = in_stays_i && in_cause_i == CauseNone && same == '0 && walk_ready_i
                        && (from_queue || !queued);
  assign queue        = in_stays_i && in_cause_i == CauseNone && same == '0 && !walk_valid_o;
  assign unqueue      = from_queue && (in_leaves_i || (in_stays_i && !queue));

  // No reset: read only where used_q.
  (* ram_style = "distributed" *) ask_t ask_q [Entries];

  always_ff @(posedge clk_i) begin
    if (in_stays_i) ask_q[place] <= in_ask_i;
  end

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

  assign out_valid_o = !hold_o && (any_ready || (queued && !queue_out_q && walk_ready_i));
  assign go_ready    = out_valid_o && out_ready_i && any_ready;
  assign go_queued   = out_valid_o && out_ready_i && !any_ready;
  assign out_index_o = walk_rsp_valid_i ? owner_q[ended]
                     : refuse ? refuse_index
                     : any_ready ? ready_index : queue_index;
  assign out_ask_o   = ask_q[out_index_o];

  always_comb begin
    used_d     = used_q;
    attached_d = attached_q;
    ready_d    = ready_q;
    busy_d     = busy_q;
    if (in_stays_i) used_d[place] = 1'b1;
    if (in_leaves_i || told_valid_o) used_d[told_valid_o ? out_index_o : in_index_i] = 1'b0;
    if (attach) attached_d[place] = 1'b1;
    if (walk_valid_o) busy_d[walk_t'(walk_id_i)] = 1'b1;
    if (go_ready) ready_d[ready_index] = 1'b0;
    if (end_walk) begin
      busy_d[ended] = 1'b0;
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
      busy_q      <= '0;
      queue_out_q <= 1'b0;
    end else begin
      used_q      <= used_d;
      attached_q  <= attached_d;
      ready_q     <= ready_d;
      busy_q      <= busy_d;
      queue_out_q <= go_queued || (queue_out_q && !(from_queue && (in_stays_i || in_leaves_i)));
    end
    if (attach) awaited_q[place] <= same_walk;
    if (walk_valid_o) begin
      owner_q[walk_t'(walk_id_i)] <= place;
      page_q[walk_t'(walk_id_i)]  <= page;
      dtf_q[walk_t'(walk_id_i)]   <= in_dtf_i;
    end
    if (walk_rsp_valid_i && walk_rsp_i.dc_found) dtf_q[ended] <= walk_rsp_i.dc.dtf;
  end

  // ---- Refusals: from the lookup, or from a walk; a context that is found may forbid the request

  cause_e cause;
  logic   dtf;

  always_comb begin
    cause = in_cause_i;
    dtf   = in_dtf_i;
    if (end_walk) begin
      cause = walk_rsp_i.dc_found && out_ask_o.req.at != AtUntranslated ? CauseTypeDisallow
                                                                        : walk_rsp_i.cause;
      dtf   = walk_rsp_i.dc_found ? walk_rsp_i.dc.dtf : dtf_q[ended];
    end
  end
  assign refused = (end_walk || in_stays_i) && cause != CauseNone;

  cw_iommu_refusals #(.Entries(Entries)) u_refusals (
    .clk_i,
    .rst_i,
    .in_index_i (end_walk ? out_index_o : place),
    .in_cause_i (cause),
    .in_dtf_i   (dtf),
    .in_valid_i (refused),
    .pause_i    (walk_rsp_valid_i),
    .index_o    (refuse_index),
    .refuse_o   (refuse),
    .ask_i      (out_ask_o),
    .record_o,
    .record_valid_o,
    .record_ready_i
  );

  // ---- Answers

  logic identity;
  assign identity     = walk_rsp_i.dc_found;
  assign hold_o       = walk_rsp_valid_i || refuse;
  assign told_valid_o = (end_walk && !refused) || refuse;
  assign told_o       = '{to:  out_ask_o.from,
                          rsp: '{tag:   out_ask_o.req.tag,
                                 hpa:   identity ? out_ask_o.req.iova[HpaBits-1:0]
                                                 : {page_ppn(walk_rsp_i.entry.ppn,
                                                             walk_rsp_i.entry.vpn,
                                                             walk_rsp_i.entry.size),
                                                    out_ask_o.req.iova[11:0]},
                                 fault: refuse || (identity && beyond_hpa(out_ask_o.req.iova))}};

  `CW_REQUIRE(Entries >= 4, "no room for two lookups and two that wait")
  `CW_REQUIRE(Walks >= 1 && Walks <= MaxWalks, "more walks than numbers")
  `CW_ASSERT(LookupHoldsStill, !hold_o || !(in_stays_i || in_leaves_i))
  `CW_ASSERT(PlaceForEachRequest, !in_stays_i || in_again_i || !used_q[place])
  `CW_ASSERT(OnlyHereAgain, !in_again_i || !(in_stays_i || in_leaves_i) || used_q[in_index_i])
  `CW_ASSERT(OneWalkPerPage, $onehot0(same))
  `CW_ASSERT(WalkHasANumberOfItsOwn, !walk_valid_o || !busy_q[walk_t'(walk_id_i)])
  `CW_ASSERT(WalkNumberInRange, !walk_valid_o || 32'(walk_id_i) < Walks)
  `CW_ASSERT(OnlyWalksEnd, !walk_rsp_valid_i || busy_q[ended])

endmodule
