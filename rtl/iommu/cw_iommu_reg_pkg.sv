// SPDX-License-Identifier: Apache-2.0
//
// The IOMMU as software sees it: registers, capabilities, queue control, and the commands.
// Spec: RISC-V IOMMU 1.0 (section names in brackets).
package cw_iommu_reg_pkg;

  import cw_iommu_pkg::*, cw_iommu_tr_pkg::*;

  // ---- Registers [Register layout]

  typedef enum logic [11:0] {
    RegCapabilities = 12'h000,
    RegFctl         = 12'h008,
    RegDdtp         = 12'h010,
    RegCqb          = 12'h018,
    RegCqh          = 12'h020,
    RegCqt          = 12'h024,
    RegFqb          = 12'h028,
    RegFqh          = 12'h030,
    RegFqt          = 12'h034,
    RegCqcsr        = 12'h048,
    RegFqcsr        = 12'h04c,
    RegIpsr         = 12'h054,
    RegIocountovf   = 12'h058,
    RegIocountinh   = 12'h05c,
    RegIohpmcycles  = 12'h060,
    RegIohpmctr1    = 12'h068,
    RegIohpmevt1    = 12'h160,
    RegTrReqIova    = 12'h258,
    RegTrReqCtl     = 12'h260,
    RegTrResponse   = 12'h268,
    RegIcvec        = 12'h2f8,
    RegMsiCfgTbl    = 12'h300
  } reg_e;

  // One access, to every group of registers at once; data lie where they lie in the doubleword.
  typedef struct packed {
    logic [8:0]  word;   // doubleword of the register file
    logic [1:0]  write;  // its halves that are written
    logic        valid;
    logic [63:0] wdata;
  } reg_access_t;

  // Whether an access means the doubleword of a register; which halves of it are written.
  function automatic logic reg_hit(reg_access_t access, logic [11:0] register);
    return access.word == register[11:3];
  endfunction

  function automatic logic [1:0] reg_halves(reg_access_t access, logic [11:0] register);
    return access.write & {2{reg_hit(access, register)}};
  endfunction

  // Whether a register of 4 bytes is written.
  function automatic logic reg_written(reg_access_t access, logic [11:0] register);
    return access.write[register[2]] && reg_hit(access, register);
  endfunction

  typedef enum logic [1:0] {
    IgsMsi  = 2'd0,
    IgsWsi  = 2'd1,
    IgsBoth = 2'd2
  } igs_e;

  typedef struct packed {
    logic [19:0] custom;
    logic        s;
    logic        nl;
    logic        qosid;
    logic        pd20;
    logic        pd17;
    logic        pd8;
    logic [5:0]  pas;
    logic        dbg;
    logic        hpm;
    igs_e        igs;
    logic        end_;     // END: both byte orders
    logic        t2gpa;
    logic        ats;
    logic        amo_hwad;
    logic        msi_mrif;
    logic        msi_flat;
    logic        amo_mrif;
    logic        rsvd20;
    logic        sv57x4;
    logic        sv48x4;
    logic        sv39x4;
    logic        sv32x4;
    logic        svpbmt;
    logic        svrsw60t59b;
    logic [1:0]  rsvd13;
    logic        sv57;
    logic        sv48;
    logic        sv39;
    logic        sv32;
    logic [7:0]  version;
  } caps_t;

  // What this IOMMU can do: version 1.0, Sv39, interrupts by message or by wire, counters, debug
  // translation.
  localparam logic [5:0] PasMax = 6'd46;  // physical address bits
  localparam caps_t CapsDefault = '{version: 8'h10, sv39: 1'b1, igs: IgsBoth, hpm: 1'b1, dbg: 1'b1,
                                    pas: PasMax, default: '0};

  // Page numbers inside a physical address space, at most the largest.
  function automatic ppn_t ppn_mask(logic [5:0] pas);
    return (ppn_t'(1) << ((pas > PasMax ? PasMax : pas) - 6'd12)) - 1'b1;
  endfunction
  localparam ppn_t PpnMask = ppn_mask(PasMax);

  typedef struct packed {
    logic [9:0] rsvd54;
    ppn_t       ppn;
    logic [4:0] rsvd5;
    logic       busy;
    logic [3:0] mode;
  } ddtp_t;

  typedef struct packed {
    logic [9:0] rsvd54;
    ppn_t       ppn;
    logic [4:0] rsvd5;
    logic [4:0] log2sz_1;  // log2 of the entries, less 1
  } queue_base_t;

  // A queue never has more than 2^16 entries, so log2sz_1 is at most 15.
  localparam int unsigned QueueIndexBits = 16;
  typedef logic [QueueIndexBits-1:0] queue_index_t;

  // Command-queue and fault-queue CSR: the same places, other names.
  typedef struct packed {
    logic [13:0] rsvd18;
    logic        busy;
    logic        on;
    logic [3:0]  rsvd12;
    logic [3:0]  errors;   // [11:8]
    logic [5:0]  rsvd2;
    logic        ie;
    logic        en;
  } queue_csr_t;

  typedef struct packed {
    logic fence_w_ip;
    logic cmd_ill;
    logic cmd_to;
    logic cqmf;
  } cq_errors_t;

  typedef struct packed {
    logic [1:0] rsvd;
    logic       fqof;
    logic       fqmf;
  } fq_errors_t;

  typedef struct packed {
    logic pip;
    logic pmip;
    logic fip;
    logic cip;
  } ipsr_t;

  // What a queue engine needs of its registers.
  typedef struct packed {
    logic         on;
    ppn_t         ppn;
    queue_index_t mask;    // entries - 1
    queue_index_t head;
    queue_index_t tail;
    logic [3:0]   errors;
  } queue_state_t;

  // Interrupt vectors, by wire or by message.
  localparam int unsigned Vectors = 4;
  localparam int unsigned VectorW = $clog2(Vectors);
  typedef logic [VectorW-1:0] vector_t;

  // ---- Performance counters [iohpmcycles, iohpmctr1-31, iohpmevt1-31]

  localparam int unsigned HpmCounters = 4;
  localparam int unsigned HpmCounterW = 40;

  typedef enum logic [14:0] {
    EventNone         = 15'd0,
    EventUntranslated = 15'd1,
    EventIotlbMiss    = 15'd4,
    EventDdtWalk      = 15'd5,
    EventPtWalk       = 15'd7
  } event_e;
  localparam logic [14:0] EventIdMask = 15'h7;

  typedef struct packed {
    logic        of;
    logic        idt;        // ids are GSCID and PSCID, not device and process
    logic        dv_gscv;
    logic        pv_pscv;
    did_t        did_gscid;
    logic [19:0] pid_pscid;
    logic        dmask;
    event_e      event_id;
  } iohpmevt_t;

  // ---- Debug translation [tr_req_iova, tr_req_ctl, tr_response]

  typedef struct packed {
    did_t        did;
    logic [3:0]  custom;
    logic [2:0]  rsvd33;
    logic        pv;
    logic [19:0] pid;
    logic [7:0]  rsvd4;
    logic        nw;
    logic        exe;
    logic        priv;
    logic        go;
  } tr_req_ctl_t;

  typedef struct packed {
    logic [9:0] rsvd54;
    ppn_t       ppn;
    logic       s;
    logic [1:0] pbmt;
    logic [5:0] rsvd1;
    logic       fault;
  } tr_response_t;

  // ---- MSI configuration table [msi_cfg_tbl]

  typedef struct packed {
    logic [30:0] rsvd1;
    logic        m;        // masked
    logic [31:0] data;
  } msi_entry_t;

  // Entries less 1 of a queue.
  function automatic queue_index_t queue_mask(logic [4:0] log2sz_1);
    return queue_index_t'((17'd2 << log2sz_1[3:0]) - 17'd1);
  endfunction

  // ---- Commands [Command-Queue]

  localparam logic [6:0] OpIotinval = 7'd1;
  localparam logic [6:0] OpIofence  = 7'd2;
  localparam logic [6:0] OpIodir    = 7'd3;

  localparam logic [2:0] FnVma      = 3'd0;
  localparam logic [2:0] FnGvma     = 3'd1;
  localparam logic [2:0] FnFenceC   = 3'd0;
  localparam logic [2:0] FnInvalDdt = 3'd0;
  localparam logic [2:0] FnInvalPdt = 3'd1;

  typedef struct packed {
    logic [1:0]  rsvd126;
    logic [51:0] addr;      // ADDR[63:12]
    logic        s;
    logic [8:0]  rsvd64;
    logic [3:0]  rsvd60;
    logic [15:0] gscid;
    logic [8:0]  rsvd35;
    logic        nl;
    logic        gv;
    logic        pscv;
    pscid_t      pscid;
    logic        rsvd11;
    logic        av;
    logic [2:0]  func3;
    logic [6:0]  opcode;
  } cmd_iotinval_t;

  typedef struct packed {
    logic [1:0]  rsvd126;
    logic [61:0] addr;      // ADDR[63:2]
    logic [31:0] data;
    logic [17:0] rsvd14;
    logic        pw;
    logic        pr;
    logic        wsi;
    logic        av;
    logic [2:0]  func3;
    logic [6:0]  opcode;
  } cmd_iofence_t;

  typedef struct packed {
    logic [63:0] rsvd64;
    did_t        did;
    logic [5:0]  rsvd34;
    logic        dv;
    logic        rsvd32;
    logic [19:0] pid;
    logic [1:0]  rsvd10;
    logic [2:0]  func3;
    logic [6:0]  opcode;
  } cmd_iodir_t;

  typedef enum logic [1:0] {
    CmdIllegal,
    CmdInvalidate,
    CmdFence
  } cmd_kind_e;

  // An illegal or unsupported command stops the queue; what only a second stage, process
  // directories or ATS would give a meaning is done as the invalidation that covers it. Process
  // ids have 8 bits where no capability says more.
  function automatic cmd_kind_e cmd_kind(logic [127:0] cmd, caps_t caps, logic wsi);
    cmd_iotinval_t tlb;
    cmd_iofence_t  fence;
    cmd_iodir_t    dir;
    logic          bad;
    tlb   = cmd;
    fence = cmd;
    dir   = cmd;
    unique case (tlb.opcode)
      OpIotinval: begin
        bad = tlb.rsvd126 != '0 || tlb.rsvd64 != '0 || tlb.rsvd60 != '0 || tlb.rsvd35 != '0
            || tlb.rsvd11 || (tlb.s && !caps.s) || (tlb.nl && !caps.nl)
            || !(tlb.func3 == FnVma || (tlb.func3 == FnGvma && !tlb.pscv));
        return bad ? CmdIllegal : CmdInvalidate;
      end
      OpIofence: begin
        bad = fence.rsvd126 != '0 || fence.rsvd14 != '0 || fence.func3 != FnFenceC
            || (fence.wsi && !wsi);
        return bad ? CmdIllegal : CmdFence;
      end
      OpIodir: begin
        bad = dir.rsvd64 != '0 || dir.rsvd34 != '0 || dir.rsvd32 || dir.rsvd10 != '0
            || !((dir.func3 == FnInvalDdt && dir.pid == '0)
                 || (dir.func3 == FnInvalPdt && dir.dv && (dir.pid[19:17] == '0 || caps.pd20)
                     && (dir.pid[16:8] == '0 || caps.pd17 || caps.pd20)));
        return bad ? CmdIllegal : CmdInvalidate;
      end
      default: return CmdIllegal;
    endcase
  endfunction

  // What an invalidation command must invalidate; more is always legal.
  function automatic inval_t cmd_inval(logic [127:0] cmd);
    cmd_iotinval_t tlb;
    cmd_iodir_t    dir;
    inval_t        inval;
    tlb   = cmd;
    dir   = cmd;
    inval = '0;
    if (dir.opcode == OpIodir) begin
      inval.dir = 1'b1;
      inval.dv  = dir.dv;
      inval.did = dir.did;
    end else begin
      inval.pt    = 1'b1;
      inval.leaf  = tlb.av && !tlb.nl && !tlb.s && tlb.func3 == FnVma;
      inval.vpn   = tlb.addr[VpnBits-1:0];
      inval.pscv  = tlb.pscv;
      inval.pscid = tlb.pscid;
    end
    return inval;
  endfunction

endpackage
