// SPDX-License-Identifier: Apache-2.0
//
// A walk under way, and the checks of what it reads.
// Spec: RISC-V IOMMU 1.0 (section names in brackets); RISC-V Privileged, Sv39, Sv48, Svnapot.
package cw_iommu_walk_pkg;

  import cw_iommu_pkg::*;
  import cw_iommu_reg_pkg::*;
  import cw_iommu_tr_pkg::*;

  // What has been seen of a directory entry or context so far.
  typedef struct packed {
    logic [1:0] beats;
    logic       error;
    logic       poison;
    logic       v;
    logic       bad;      // misconfigured
    logic       dtf;
    logic       pdtv;
  } walk_seen_t;

  typedef struct packed {
    logic       dir;      // in the device directory; else in the page tables
    logic [1:0] level;    // 0: the device context, or the last PTE
    ppn_t       base;     // page of the table that is read next
    walk_seen_t seen;     // with `dir`
    did_t       did;
    vpn_t       vpn;
    logic       sv39_ok;  // the IOVA is canonical
    logic       sv48_ok;
    logic       write;
    logic       exec;
    logic       dc_only;  // the context is all that is asked for
    logic       found;    // the context came from memory
    pscid_t     pscid;    // not before the context is known
    logic       stale;    // an invalidation came since the walk began
  } walk_t;

  typedef enum logic [1:0] {
    StepMore,    // of the context there is more to come
    StepDown,    // to the table below
    StepTables,  // the context is found, the page tables begin
    StepEnd
  } walk_step_e;

  // What is kept of a last-level PTE that has passed every check but that of the access.
  typedef struct packed {
    logic n;
    ppn_t ppn;
    logic r;
    logic w;    // writable and dirty already
    logic x;
  } kept_pte_t;

  function automatic kept_pte_t kept_of(pte_t pte);
    return '{n: pte.n, ppn: pte.ppn, r: pte.r, w: pte.w && pte.d, x: pte.x};
  endfunction

  // What a walk found.
  function automatic tlb_entry_t entry_of(walk_t walk, kept_pte_t pte);
    return '{pscid: walk.pscid, vpn: walk.vpn, size: page_size(pte.n, walk.level),
             r: pte.r, w: pte.w, x: pte.x, ppn: pte.ppn};
  endfunction

  // A walk as it begins. Its first table is the directory's, or that of the context's first stage.
  function automatic walk_t new_walk(walk_req_t req, logic [3:0] mode, ppn_t directory,
                                     int unsigned levels);
    walk_t walk;
    walk = '{dir:     !req.dc_hit,
             level:   mode == Ddtp3Lvl ? 2'd2 : mode == Ddtp2Lvl ? 2'd1 : 2'd0,
             base:    directory,
             did:     req.did,
             vpn:     vpn_of(req.iova, levels),
             sv39_ok: is_canonical(req.iova, 1'b0),
             sv48_ok: is_canonical(req.iova, 1'b1),
             write:   req.write,
             exec:    req.exec,
             dc_only: req.dc_only,
             pscid:   req.dc.pscid,
             default: '0};
    if (req.dc_hit) begin
      walk.level = top_level(req.dc.sv48);
      walk.base  = req.dc.root;
    end
    return walk;
  endfunction

  function automatic logic [1:0] top_level(logic sv48);
    return sv48 ? 2'd3 : 2'd2;
  endfunction

  // At the root of its page tables: whether the IOVA is one that they cannot translate.
  function automatic logic not_canonical(walk_t walk);
    return !walk.dir && !(walk.level == 2'd3 ? walk.sv48_ok : walk.sv39_ok);
  endfunction

  // Address that a walk reads next: of a directory entry, a context, or a PTE.
  function automatic hpa_t walk_hpa(walk_t walk);
    if (walk.dir && walk.level == 2'd0) return {walk.base, walk.did[6:0], 5'd0};
    if (walk.dir) return {walk.base, ddi(walk.did, walk.level), 3'd0};
    return {walk.base, vpn_index(walk.vpn, walk.level), 3'd0};
  endfunction

  // Whether the PTE that it reads next, or reads now, is one of the last level.
  function automatic logic at_leaf(walk_t walk);
    return !walk.dir && walk.level == 2'd0;
  endfunction

  // The read of it: of an entry, of a context, or of the last PTE, with the line around it or not.
  function automatic mem_walk_req_t read_of(walk_t walk, walk_id_t id, logic line);
    logic context_read;
    context_read = walk.dir && walk.level == 2'd0;
    line = line && at_leaf(walk);
    return '{id:   id,
             wrap: line,
             rd:   '{hpa: walk_hpa(walk), len: line ? 3'd7 : context_read ? 3'd3 : 3'd0}};
  endfunction

  // Whether what a walk has read may have changed. By address only the largest page is told apart,
  // because how large the page is shows at the end. More is always legal.
  function automatic logic makes_stale(inval_t inval, walk_t walk, int unsigned levels);
    logic [1:0] top;
    top = 2'(levels - 1);
    if (inval.dir && (walk.dir || walk.found) && (!inval.dv || inval.did == walk.did)) return 1'b1;
    return inval.pt && !walk.dir && (!inval.pscv || inval.pscid == walk.pscid)
        && (!inval.leaf || vpn_index(inval.vpn, top) == vpn_index(walk.vpn, top));
  endfunction

  // ---- A valid device context that must not be used [Device-context configuration checks].
  // Without ATS, T2GPA, AMO_HWAD, PD8/17/20, END and a second stage every bit for them is
  // misconfigured, and a process directory is Bare.

  function automatic logic tc_misconfigured(dc_tc_t tc);
    return tc.rsvd32 != '0 || tc.rsvd12 != '0 || tc.sxl || tc.sbe || tc.sade || tc.gade || tc.prpr
        || tc.t2gpa || tc.en_pri || tc.en_ats || (tc.dpe && !tc.pdtv);
  endfunction

  function automatic logic iohgatp_misconfigured(dc_iohgatp_t iohgatp);
    return iohgatp.mode != ModeBare;
  endfunction

  function automatic logic ta_misconfigured(dc_ta_t ta);
    return ta.rsvd0 != '0 || ta.rsvd32 != '0 || ta.rcid != '0 || ta.mcid != '0;
  endfunction

  function automatic logic fsc_misconfigured(dc_fsc_t fsc, logic pdtv, caps_t caps);
    logic known;
    known = fsc.mode == ModeBare || (!pdtv && ((fsc.mode == IosatpSv39 && caps.sv39)
                                               || (fsc.mode == IosatpSv48 && caps.sv48)));
    return !known || fsc.rsvd44 != '0;
  endfunction

  // ---- Causes

  function automatic cause_e page_fault(logic write, logic exec);
    return write ? CauseWritePage : exec ? CauseExecPage : CauseReadPage;
  endfunction

  function automatic cause_e access_fault(logic write, logic exec);
    return write ? CauseWriteAccess : exec ? CauseExecAccess : CauseReadAccess;
  endfunction

endpackage
