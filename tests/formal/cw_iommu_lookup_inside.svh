// SPDX-License-Identifier: Apache-2.0
//
// What holds on the inside of cw_iommu_translate, for the induction of cw_iommu_lookup_fv: each
// place for a request has one user, and nothing that is old outlives the invalidation.

  localparam int unsigned IndexW   = $clog2(Pending);
  localparam int unsigned RefusalW = IndexW + $bits(cause_e) + 1;
  typedef logic [IndexW-1:0] index_t;
  typedef logic [5:0]        count_t;

  // ---- Caches

  for (genvar n = 0; n < Entries; n++) begin : gen_l1
    logic   valid, old;
    pscid_t space;
    assign valid = u_dut.u_caches.u_l1.valid_q[n];
    assign old   = u_dut.u_caches.u_l1.frame_q[n].ppn[PpnBits-1];
    assign space = u_dut.u_caches.u_l1.key_q[n].pscid;
    if (Context) begin : gen_context
      `CW_ASSERT(OldIsOfTheSpace, !valid || old == (space == space_i))
    end else begin : gen_page
      `CW_ASSERT(OldIsForgotten, !valid || !old || (!invalidated_q && space == space_i
          && u_dut.u_caches.u_l1.frame_q[n].size == size_i
          && u_dut.u_caches.u_l1.key_q[n].low == page_mask(size_i)
          && in_page(u_dut.u_caches.u_l1.key_q[n].vpn)))
    end
  end

  // A context that may be known for a device.
  function automatic logic may_be(did_t did, dc_info_t known);
    if (did != device_i) return known.pscid != space_i;
    return is_old(known) ? !invalidated_q : known.pscid == new_space_i;
  endfunction

  if (Context) begin : gen_dc
    for (genvar n = 0; n < Entries; n++) begin : gen_entry
      `CW_ASSERT(OldContextIsForgotten, !u_dut.u_caches.u_dc_cache.valid_q[n]
          || may_be(u_dut.u_caches.u_dc_cache.did_q[n], u_dut.u_caches.u_dc_cache.dc_q[n]))
    end
    `CW_ASSERT(OldContextIsNotUsed, !u_dut.valid_q || !u_dut.dc_hit_q
        || may_be(u_dut.ask_q.req.did, u_dut.dc_q))
  end

  if (L2Entries != 0) begin : gen_l2
    localparam int unsigned SetW = $clog2(L2Entries / 4);
    typedef logic [SetW-1:0] set_t;

    typedef struct packed {
      logic       valid;
      logic [7:0] epoch;
      pscid_t     pscid;
      vpn_t       vpn;
      logic       r;
      logic       w;
      logic       x;
      ppn_t       ppn;
    } line_t;

    logic [7:0] epoch;         // of the space
    logic       here, dead;    // the page is being looked up; what was read does not count

    assign epoch = u_dut.u_caches.gen_l2.u_l2.epoch_q[space_i[3:0]];
    assign here  = u_dut.vpn == page_i;
    assign dead  = u_dut.u_caches.gen_l2.u_l2.dead_q || u_dut.u_caches.gen_l2.u_l2.sweeping_q;

    // A word that may be where the page is looked for: an old one only until the invalidation.
    function automatic logic may_be_found(line_t line, logic is_4k);
      return !line.ppn[PpnBits-1] || (line.pscid == space_i
          && size_i == (is_4k ? Page4k : Page64k)
          && (!invalidated_q || line.epoch != epoch
              || ((line.vpn ^ page_i) & ~page_mask(size_i)) != '0));
    endfunction

    for (genvar bank = 0; bank < 4; bank++) begin : gen_bank
      line_t line, word;
      set_t  set;
      logic  is_4k, swept;

      assign is_4k = page_i[SetW] == (bank / 2 == 1);
      assign set   = is_4k ? page_i[SetW-1:0] : {page_i[SetW+1 +: 4], page_i[SetW-1:4]};
      assign line  = u_dut.u_caches.gen_l2.u_l2.gen_bank[bank].u_ram.mem_q[set];
      assign word  = u_dut.u_caches.gen_l2.u_l2.gen_bank[bank].word;
      assign swept = !u_dut.u_caches.gen_l2.u_l2.sweeping_q
          || set < u_dut.u_caches.gen_l2.u_l2.sweep_q;

      `CW_ASSERT(OldLineIsForgotten, !line.valid || !swept || may_be_found(line, is_4k))
      `CW_ASSERT(NoLaterEpoch, !line.valid || !swept || line.pscid[3:0] != space_i[3:0]
          || line.epoch <= epoch)
      `CW_ASSERT(OldWordIsNotUsed, !here || dead || !word.valid || may_be_found(word, is_4k))
    end
  end

  // ---- Requests

  // What is inside is what was accepted, and the watched request where it is owed.
  function automatic logic is_watched(ask_t ask);
    return ask.from == ask_e'({1'b0, port_i}) && ask.req.tag == tag_i;
  endfunction
  function automatic logic may_be_inside(ask_t ask);
    logic late, so;
    late = ask.req.iova[0];
    unique case (ask.fate)
      FateOpen:    so = says(ask.req.did, ask.req.pass, ask.req.iova, late);
      FateGranted: so = !late || is_new(ask.req.iova[HpaBits-1:0]);
      default:     so = ask.fate == FateRefused;
    endcase
    return so && (!late || invalidated_q) && (!is_watched(ask) || late == late_q);
  endfunction

  logic   [Pending-1:0]          used;
  count_t [Pending-1:0]          users;
  logic                          new0, new1, again0, again1, head_out;
  index_t                        head;
  count_t                        holders;            // of the watched request
  ask_t   [Pending-1:0]          ask;
  index_t [Walks-1:0]            owner;

  assign used     = u_dut.u_pending.used_q;
  assign owner    = u_dut.u_pending.u_merge.index_q;
  assign head     = u_dut.u_pending.queue_index;
  assign head_out = u_dut.u_pending.queue_out_q;
  assign {new0, again0} = {u_dut.valid0 && !u_dut.again0, u_dut.valid0 && u_dut.again0};
  assign {new1, again1} = {u_dut.valid_q && !u_dut.again_q, u_dut.valid_q && u_dut.again_q};

  // Whether slot `n` of a queue that begins at `first` has a place in it.
  function automatic logic queued(int unsigned n, index_t first, count_t level);
    index_t turn;
    turn = index_t'(n) - first;
    return count_t'(turn) < level;
  endfunction

  always_comb begin
    holders = count_t'(new0 && is_watched(u_dut.ask0)) + count_t'(new1 && is_watched(u_dut.ask_q))
            + count_t'(answers);
    for (int unsigned n = 0; n < Pending; n++) begin
      ask[n]      = u_dut.u_pending.u_asks.ask_q[n];
      ask[n].fate = u_dut.u_pending.u_asks.fate_q[n];
      ask[n].req.iova[HpaBits-1:12] = u_dut.u_pending.u_asks.page_q[n];
      holders    += count_t'(used[n] && is_watched(ask[n]));
      users[n]    = count_t'(u_dut.u_pending.attached_q[n]) + count_t'(u_dut.u_pending.ready_q[n])
               + count_t'(again0 && 32'(u_dut.index0) == n && !(head_out && 32'(head) == n))
               + count_t'(again1 && 32'(u_dut.index_q) == n && !(head_out && 32'(head) == n));
      for (int unsigned w = 0; w < Walks; w++)
        users[n] += count_t'(busy_q[w] && 32'(owner[w]) == n);
      for (int unsigned k = 0; k < Pending; k++) begin
        users[n] += count_t'(queued(k, u_dut.u_pending.u_queue.rd_addr_q,
                                    count_t'(u_dut.u_pending.u_queue.level_q))
            && 32'(u_dut.u_pending.u_queue.gen_regs.mem_q[k]) == n);
        users[n] += count_t'(queued(k, u_dut.u_pending.u_refusals.u_refusals.rd_addr_q,
                                    count_t'(u_dut.u_pending.u_refusals.u_refusals.level_q))
            && 32'(u_dut.u_pending.u_refusals.u_refusals.gen_regs.mem_q[k][RefusalW-1 -: IndexW])
               == n);
      end
    end
  end

  for (genvar n = 0; n < Pending; n++) begin : gen_place
    `CW_ASSERT(OneUserOfAPlace, users[n] == count_t'(used[n]))
    `CW_ASSERT(InsideAsAccepted, !used[n] || may_be_inside(ask[n]))
  end
  `CW_ASSERT(NewAsAccepted, (!u_dut.valid0 || may_be_inside(u_dut.ask0))
      && (!u_dut.valid_q || may_be_inside(u_dut.ask_q)))
  `CW_ASSERT(AgainAsBefore, (!again0 || u_dut.ask0 == ask[u_dut.index0])
      && (!again1 || u_dut.ask_q == ask[u_dut.index_q]))
  `CW_ASSERT(HeadIsOutOnce, !head_out || (u_dut.u_pending.queued
      && (again0 && u_dut.index0 == head) != (again1 && u_dut.index_q == head)))
  `CW_ASSERT(AllAreCounted, 32'(u_dut.u_intake.open_q) <= Pending
      && 32'(u_dut.u_intake.open_q) == $countones(used) + 32'(new0) + 32'(new1))
  `CW_ASSERT(WatchedIsInsideOnce, holders == count_t'(owed_q))
  `CW_ASSERT(QueuePointers, 32'(u_dut.u_pending.u_queue.level_q) <= Pending
      && u_dut.u_pending.u_queue.wr_addr_q
         == u_dut.u_pending.u_queue.rd_addr_q + index_t'(u_dut.u_pending.u_queue.level_q))
  `CW_ASSERT(RefusalPointers, 32'(u_dut.u_pending.u_refusals.u_refusals.level_q) <= Pending
      && u_dut.u_pending.u_refusals.u_refusals.wr_addr_q
         == u_dut.u_pending.u_refusals.u_refusals.rd_addr_q
            + index_t'(u_dut.u_pending.u_refusals.u_refusals.level_q))

  // ---- Walks

  `CW_ASSERT(WalksAreKnown, u_dut.u_pending.u_merge.busy_q == busy_q)
  for (genvar w = 0; w < Walks; w++) begin : gen_walk
    `CW_ASSERT(EarlyWalkForEarlyRequest, !busy_q[w]
        || (ask[owner[w]].fate == FateOpen
            && (early_q[w] ? !ask[owner[w]].req.iova[0] : invalidated_q)))
    if (Context) begin : gen_context
      `CW_ASSERT(WalkOfItsDevice, !busy_q[w] || (device_q[w] == (ask[owner[w]].req.did == device_i)
          && only_q[w] == (ask[owner[w]].req.at != AtUntranslated) && !ask[owner[w]].req.pass))
      `CW_ASSERT(OldSpaceForEarlyRequest, !busy_q[w] || !known_q[w] || space_q[w] != space_i
          || (device_q[w] && early_q[w]))
    end
  end
