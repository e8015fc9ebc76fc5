// SPDX-License-Identifier: Apache-2.0
//
// The IOMMU's in-memory formats: device directory, page tables, fault records, the checks on them,
// and the requests to memory.
// Spec: RISC-V IOMMU 1.0 (section names in brackets); RISC-V Privileged, Sv39, Sv48, Svnapot.
package cw_iommu_pkg;

  // ---- Sizes

  localparam int unsigned PpnBits   = 44;
  localparam int unsigned HpaBits   = 56;
  localparam int unsigned VpnBits   = 36;  // Sv48; Sv39 uses the lower 27
  localparam int unsigned PscidBits = 20;
  localparam int unsigned Ports     = 2;   // posted, non-posted

  typedef logic [PpnBits-1:0]   ppn_t;
  typedef logic [HpaBits-1:0]   hpa_t;
  typedef logic [VpnBits-1:0]   vpn_t;
  typedef logic [PscidBits-1:0] pscid_t;
  typedef logic [23:0]          did_t;     // segment, bus, device, function

  // ---- Address Type of a request [PCIe Base 2.2.4.1]

  typedef enum logic [1:0] {
    AtUntranslated       = 2'b00,
    AtTranslationRequest = 2'b01,
    AtTranslated         = 2'b10,
    AtReserved           = 2'b11
  } at_e;

  // ---- Device directory [Device-Directory-Table, Device-context fields]

  typedef enum logic [3:0] {
    DdtpOff  = 4'd0,
    DdtpBare = 4'd1,
    Ddtp1Lvl = 4'd2,
    Ddtp2Lvl = 4'd3,
    Ddtp3Lvl = 4'd4
  } ddtp_mode_e;

  typedef struct packed {
    logic [9:0] rsvd54;
    ppn_t       ppn;
    logic [8:0] rsvd1;
    logic       v;
  } ddte_t;

  // Device context, base format: four doublewords, tc at the lowest address.
  typedef struct packed {
    logic [31:0] rsvd32;
    logic [7:0]  custom;
    logic [11:0] rsvd12;
    logic        sxl;
    logic        sbe;
    logic        dpe;
    logic        sade;
    logic        gade;
    logic        prpr;
    logic        pdtv;
    logic        dtf;
    logic        t2gpa;
    logic        en_pri;
    logic        en_ats;
    logic        v;
  } dc_tc_t;

  typedef struct packed {
    logic [3:0]  mode;
    logic [15:0] gscid;
    ppn_t        ppn;
  } dc_iohgatp_t;

  typedef struct packed {
    logic [11:0] mcid;
    logic [11:0] rcid;
    logic [7:0]  rsvd32;
    pscid_t      pscid;
    logic [11:0] rsvd0;
  } dc_ta_t;

  typedef struct packed {
    logic [3:0]  mode;
    logic [15:0] rsvd44;
    ppn_t        ppn;
  } dc_fsc_t;

  localparam logic [3:0] ModeBare   = 4'd0;   // iosatp, iohgatp, pdtp
  localparam logic [3:0] IosatpSv39 = 4'd8;
  localparam logic [3:0] IosatpSv48 = 4'd9;

  // Index of a device at one level of the directory: DDI[level].
  function automatic logic [8:0] ddi(did_t did, logic [1:0] level);
    unique case (level)
      2'd0:    return {2'b00, did[6:0]};
      2'd1:    return did[15:7];
      default: return {1'b0, did[23:16]};
    endcase
  endfunction

  // Whether a device id is wider than the directory [Process to translate an IOVA, step 5].
  function automatic logic did_too_wide(did_t did, logic [3:0] mode);
    unique case (mode)
      Ddtp1Lvl: return did[23:7] != '0;
      Ddtp2Lvl: return did[23:16] != '0;
      default:  return 1'b0;
    endcase
  endfunction

  function automatic logic ddte_reserved(ddte_t ddte);
    return ddte.rsvd54 != '0 || ddte.rsvd1 != '0;
  endfunction

  // ---- Page tables [RISC-V Privileged: Sv39, Sv48; Svnapot]

  typedef struct packed {
    logic       n;
    logic [1:0] pbmt;
    logic [1:0] rsw60t59b;
    logic [4:0] rsvd54;
    ppn_t       ppn;
    logic [1:0] rsw;
    logic       d;
    logic       a;
    logic       g;
    logic       u;
    logic       x;
    logic       w;
    logic       r;
    logic       v;
  } pte_t;

  localparam logic [3:0] Napot64kPpn = 4'b1000;

  typedef enum logic [2:0] {
    Page4k   = 3'd0,
    Page64k  = 3'd1,
    Page2m   = 3'd2,
    Page1g   = 3'd3,
    Page512g = 3'd4
  } page_size_e;

  typedef enum logic [1:0] {
    PteFault,    // page fault
    PtePointer,  // the next level's table
    PteLeaf
  } pte_verdict_e;

  // The bits above the highest that is translated equal that one.
  function automatic logic is_canonical(logic [63:0] iova, logic sv48);
    return (iova[63:47] == '0 || iova[63:47] == '1)
        && (sv48 || iova[46:38] == {9{iova[63]}});
  endfunction

  // VPN bits that a build of so many levels translates; it keeps the others zero.
  function automatic vpn_t vpn_bits(int unsigned levels);
    return vpn_t'((64'd1 << (9 * levels)) - 64'd1);
  endfunction

  function automatic vpn_t vpn_of(logic [63:0] iova, int unsigned levels);
    return iova[12 +: VpnBits] & vpn_bits(levels);
  endfunction

  // VPN[level].
  function automatic logic [8:0] vpn_index(vpn_t vpn, logic [1:0] level);
    unique case (level)
      2'd0:    return vpn[8:0];
      2'd1:    return vpn[17:9];
      2'd2:    return vpn[26:18];
      default: return vpn[35:27];
    endcase
  endfunction

  // VPN bits that lie inside a page of this size.
  function automatic vpn_t page_mask(page_size_e size);
    unique case (size)
      Page64k:  return 36'h0_0000_000f;
      Page2m:   return 36'h0_0000_01ff;
      Page1g:   return 36'h0_0003_ffff;
      Page512g: return 36'h0_07ff_ffff;
      default:  return 36'h0_0000_0000;
    endcase
  endfunction

  function automatic page_size_e page_size(logic n, logic [1:0] level);
    unique case (level)
      2'd0:    return n ? Page64k : Page4k;
      2'd1:    return Page2m;
      2'd2:    return Page1g;
      default: return Page512g;
    endcase
  endfunction

  // The steps of address translation that look at one PTE, in their order. Devices access as user;
  // to execute is a right of its own, to write and to execute needs both. A and D are not updated
  // by hardware.
  function automatic pte_verdict_e pte_verdict(pte_t pte, logic [1:0] level, logic write,
                                               logic exec);
    vpn_t low;
    low = page_mask(page_size(pte.n, level));
    if (!pte.v || (!pte.r && pte.w)) return PteFault;
    if (pte.rsvd54 != '0 || pte.rsw60t59b != '0 || pte.pbmt != '0) return PteFault;
    if (pte.n && level != 2'd0) return PteFault;
    if (!pte.r && !pte.x) begin
      if (pte.n || pte.d || pte.a || pte.u || level == 2'd0) return PteFault;
      return PtePointer;
    end
    if (!has_right(pte.r, pte.w, pte.x, write, exec) || !pte.u) return PteFault;
    if (level != 2'd0 && (pte.ppn[VpnBits-1:0] & low) != '0) return PteFault;
    if (pte.n && pte.ppn[3:0] != Napot64kPpn) return PteFault;
    if (!pte.a || (write && !pte.d)) return PteFault;
    return PteLeaf;
  endfunction

  // Whether rights to read, write and execute grant an access.
  function automatic logic has_right(logic r, logic w, logic x, logic write, logic exec);
    return (!write || w) && (!exec || x) && (write || exec || r);
  endfunction

  // Physical page of `vpn` inside a page that begins at `ppn`, whose own low bits do not count.
  function automatic ppn_t page_ppn(ppn_t ppn, vpn_t vpn, page_size_e size);
    ppn_t low;
    low = {8'd0, page_mask(size)};
    return (ppn & ~low) | ({8'd0, vpn} & low);
  endfunction

  // Whether an address lies beyond the physical address space: one of its bits does.
  function automatic logic beyond_pas(hpa_t hpa, logic [5:0] pas);
    hpa_t beyond;
    for (int unsigned bit_ = 0; bit_ < HpaBits; bit_++) beyond[bit_] = 6'(bit_) >= pas;
    return (hpa & beyond) != '0;
  endfunction

  // ---- Faults [Fault/Event-Queue]

  typedef enum logic [11:0] {
    CauseNone          = 12'd0,
    CauseExecAccess    = 12'd1,
    CauseReadAccess    = 12'd5,
    CauseWriteAccess   = 12'd7,
    CauseExecPage      = 12'd12,
    CauseReadPage      = 12'd13,
    CauseWritePage     = 12'd15,
    CauseAllDisallowed = 12'd256,
    CauseDdtAccess     = 12'd257,
    CauseDdtInvalid    = 12'd258,
    CauseDdtMisconfig  = 12'd259,
    CauseTypeDisallow  = 12'd260,
    CauseDdtPoison     = 12'd268,
    CauseMsiWrite      = 12'd273,
    CausePtPoison      = 12'd274
  } cause_e;

  typedef enum logic [5:0] {
    TtypNone            = 6'd0,
    TtypExec            = 6'd1,
    TtypRead            = 6'd2,
    TtypWrite           = 6'd3,
    TtypTranslatedRead  = 6'd6,
    TtypTranslatedWrite = 6'd7,
    TtypAtsRequest      = 6'd8
  } ttyp_e;

  // 32 bytes: the lowest address is the least significant doubleword.
  typedef struct packed {
    logic [63:0] iotval2;
    logic [63:0] iotval;
    logic [63:0] dword1;   // custom, reserved
    did_t        did;
    ttyp_e       ttyp;
    logic        priv;
    logic        pv;
    logic [19:0] pid;
    cause_e      cause;
  } fault_record_t;

  // Causes that DC.tc.DTF=1 does not suppress.
  function automatic logic reported_despite_dtf(cause_e cause);
    return cause inside {CauseAllDisallowed, CauseDdtAccess, CauseDdtInvalid, CauseDdtMisconfig,
                         CauseDdtPoison};
  endfunction

  function automatic ttyp_e ttyp(at_e at, logic write, logic exec);
    unique case (at)
      AtTranslationRequest: return TtypAtsRequest;
      AtTranslated:         return write ? TtypTranslatedWrite : TtypTranslatedRead;
      default:              return write ? TtypWrite : exec ? TtypExec : TtypRead;
    endcase
  endfunction

  // ---- Memory, as walkers and queues see it

  typedef struct packed {
    hpa_t       hpa;       // aligned to 8 bytes
    logic [2:0] len;       // doublewords - 1
  } mem_rd_req_t;

  typedef struct packed {
    logic [63:0] data;
    logic        error;    // access fault
    logic        poison;   // corrupted data
    logic        last;
  } mem_rd_rsp_t;

  typedef struct packed {
    hpa_t             hpa; // aligned to 8 bytes
    logic [1:0]       len; // doublewords - 1
    logic [7:0]       strb;
    logic [3:0][63:0] data;
  } mem_wr_req_t;

endpackage
