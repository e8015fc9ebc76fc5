// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the IOMMU's translation path say to each other: requests and answers, walks,
// what the caches keep and what makes them forget it, and the events that are counted.
// Spec: RISC-V IOMMU 1.0 (section names in brackets).
package cw_iommu_tr_pkg;

  import cw_iommu_pkg::*;

  // ---- A translation port: each request is answered once, in any order, known by its tag

  localparam int unsigned TagBits = 5;
  typedef logic [TagBits-1:0] tr_tag_t;

  typedef struct packed {
    tr_tag_t     tag;    // unique among the requests of a port that have no answer yet
    logic        pass;   // not a memory request: counted for fences, neither translated nor refused
    did_t        did;
    logic [63:0] iova;
    logic        write;  // memory write or AtomicOp
    at_e         at;
  } tr_req_t;

  typedef struct packed {
    tr_tag_t tag;
    hpa_t    hpa;        // meaningless with `fault`
    logic    fault;      // refuse the request: completion UR, or drop the write
  } tr_rsp_t;

  // ---- A debug translation [Translation-request IOVA, control, response]; one at a time

  typedef struct packed {
    did_t        did;
    logic [63:0] iova;
    logic        write;  // to write as well as to read or execute
    logic        exec;   // to execute instead of to read
  } dbg_req_t;

  typedef struct packed {
    ppn_t ppn;           // of the 4 KiB page that holds the IOVA; meaningless with `fault`
    logic fault;
  } dbg_rsp_t;

  // ---- A request inside the translation path

  typedef enum logic [1:0] {
    AskPosted    = 2'd0,
    AskNonPosted = 2'd1,
    AskDebug     = 2'd2
  } ask_e;

  localparam int unsigned Askers = 3;

  typedef enum logic [1:0] {
    FateOpen    = 2'd0,
    FateGranted = 2'd1,   // its IOVA has become its host physical address
    FateRefused = 2'd2
  } fate_e;

  typedef struct packed {
    fate_e   fate;
    ask_e    from;
    logic    exec;
    tr_req_t req;
  } ask_t;

  typedef struct packed {
    ask_e    to;
    tr_rsp_t rsp;
  } told_t;

  // An address that passes untranslated and that no memory has: its upper bits would be lost.
  function automatic logic beyond_hpa(logic [63:0] iova);
    return iova[63:HpaBits] != '0;
  endfunction

  // ---- What the caches keep

  // What translation needs of a device context.
  typedef struct packed {
    logic   bare;   // no first stage
    logic   sv48;   // else Sv39
    logic   dtf;
    pscid_t pscid;
    ppn_t   root;
  } dc_info_t;

  // A translation.
  typedef struct packed {
    pscid_t     pscid;
    vpn_t       vpn;
    page_size_e size;
    logic       r;
    logic       w;    // writable and dirty already
    logic       x;
    ppn_t       ppn;
  } tlb_entry_t;

  // ---- Walks: a request that no cache answers. Its number comes with its acceptance.

  localparam int unsigned MaxWalks = 8;
  typedef logic [$clog2(MaxWalks)-1:0] walk_id_t;

  typedef struct packed {
    did_t        did;
    logic [63:0] iova;
    logic        write;
    logic        exec;
    logic        dc_only;  // the context is all that is asked for; only without `dc_hit`
    logic        dc_hit;   // the context is `dc`; else it is to be found first
    dc_info_t    dc;       // with `dc_hit`, and then never Bare
  } walk_req_t;

  // At most two for a walk. The first tells the context if the walk had to find it; if that is not
  // all, the walk goes on. The last has `done`: with a cause; or, without one and without
  // `dc_found`, with the translation. What is stale answers its one request and fills no cache.
  typedef struct packed {
    walk_id_t   id;
    logic       done;
    cause_e     cause;     // with `done`
    logic       dc_found;  // `dc` is the context; `done` too if it is Bare, or was all
    dc_info_t   dc;
    tlb_entry_t entry;
    logic       stale;     // an invalidation came after the walk began
  } walk_rsp_t;

  // A read of a walk, known by the walk's number. Memory sees that as its AXI id; the command queue
  // has the id behind them.
  typedef struct packed {
    walk_id_t    id;
    logic        wrap;     // the aligned block around `hpa`, beginning with `hpa`
    mem_rd_req_t rd;
  } mem_walk_req_t;

  localparam logic [3:0] IdCmd = 4'(MaxWalks);

  // ---- Invalidations

  // One invalidation, to every cache and every walk at once.
  typedef struct packed {
    logic   dir;     // directory caches
    logic   pt;      // page-table caches
    logic   dv;      // directory: only this device
    did_t   did;
    logic   leaf;    // page tables: only leaves of this page
    vpn_t   vpn;
    logic   pscv;    // page tables: only this address space
    pscid_t pscid;
  } inval_t;

  localparam inval_t InvalAll = '{dir: 1'b1, pt: 1'b1, default: '0};

  // ---- Events [Performance-monitoring event selector]; two devices may have one in a clock

  typedef struct packed {
    logic   untranslated;  // a request that is not translated yet
    logic   tlb_miss;      // one that no cache answers
    did_t   did;
    logic   pscv;          // `pscid` is known: the context is, and has a first stage
    pscid_t pscid;
  } perf_lookup_t;

  typedef struct packed {
    logic   ddt;           // a walk of the device directory began
    logic   first_stage;   // a walk of a page table began
    did_t   did;
    logic   pscv;          // `pscid` is known
    pscid_t pscid;
  } perf_walk_t;

  typedef struct packed {
    perf_lookup_t lookup;
    perf_walk_t   walk;
  } perf_t;

endpackage
