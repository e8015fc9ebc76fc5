// SPDX-License-Identifier: Apache-2.0
//
// Transaction-layer packets: headers in wire order, the beat that every channel carries, and the
// arithmetic of lengths, byte enables and byte counts, each as a function named for its meaning.
// Spec: PCIe Base 2.2 (transaction layer packet formats), 2.3.1 (completion rules).
package cw_tlp_pkg;

  // ---- Names (2.2.1.1, table 2-3): Fmt[2:0] and Type[4:0] as one byte

  typedef enum logic [7:0] {
    TlpMRd32   = 8'b000_00000,
    TlpMRd64   = 8'b001_00000,
    TlpMRdLk32 = 8'b000_00001,
    TlpMRdLk64 = 8'b001_00001,
    TlpMWr32   = 8'b010_00000,
    TlpMWr64   = 8'b011_00000,
    TlpIoRd    = 8'b000_00010,
    TlpIoWr    = 8'b010_00010,
    TlpCfgRd0  = 8'b000_00100,
    TlpCfgWr0  = 8'b010_00100,
    TlpCfgRd1  = 8'b000_00101,
    TlpCfgWr1  = 8'b010_00101,
    TlpMsg     = 8'b001_10000,  // and the seven other routings in Type[2:0]
    TlpMsgD    = 8'b011_10000,
    TlpCpl     = 8'b000_01010,
    TlpCplD    = 8'b010_01010,
    TlpCplLk   = 8'b000_01011,
    TlpCplDLk  = 8'b010_01011,
    TlpFAdd32  = 8'b010_01100,
    TlpFAdd64  = 8'b011_01100,
    TlpSwap32  = 8'b010_01101,
    TlpSwap64  = 8'b011_01101,
    TlpCas32   = 8'b010_01110,
    TlpCas64   = 8'b011_01110
  } tlp_kind_e;

  typedef enum logic [1:0] {
    ClassPosted     = 2'd0,
    ClassNonPosted  = 2'd1,
    ClassCompletion = 2'd2,
    ClassUnknown    = 2'd3   // Fmt and Type are reserved: malformed
  } tlp_class_e;

  typedef enum logic [2:0] {
    CplStatusSc  = 3'b000,  // Successful Completion
    CplStatusUr  = 3'b001,  // Unsupported Request
    CplStatusRrs = 3'b010,  // Request Retry Status
    CplStatusCa  = 3'b100   // Completer Abort
  } cpl_status_e;

  typedef struct packed {
    logic [7:0] bus;
    logic [4:0] device;
    logic [2:0] fn;
  } bdf_t;

  // ---- Headers in wire order: DW0 is the most significant (2.2.1)

  typedef struct packed {
    tlp_kind_e   kind;       // Fmt[2:0], Type[4:0]
    logic        t9;         // tag bit 9
    logic [2:0]  tc;         // traffic class
    logic        t8;         // tag bit 8
    logic        ido;        // Attr[2], ID-based ordering
    logic        ln;
    logic        th;
    logic        td;         // a digest (ECRC) follows the payload
    logic        ep;         // poisoned
    logic        ro;         // Attr[1], relaxed ordering
    logic        no_snoop;   // Attr[0]
    logic [1:0]  at;         // address type: 00 untranslated
    logic [9:0]  length;     // payload or requested dwords; 0 means 1024
  } tlp_dw0_t;

  // Any TLP.
  typedef struct packed {
    tlp_dw0_t    dw0;
    logic [31:0] dw1;
    logic [31:0] dw2;
    logic [31:0] dw3;        // zero in a 3-DW header
  } tlp_hdr_t;

  // Memory, I/O and AtomicOp requests (2.2.7).
  typedef struct packed {
    tlp_dw0_t    dw0;
    bdf_t        requester_id;
    logic [7:0]  tag;
    logic [3:0]  last_be;
    logic [3:0]  first_be;
    logic [31:0] addr_dw2;   // address[63:32] of a 4-DW header, else address[31:0]
    logic [31:0] addr_dw3;   // address[31:0] of a 4-DW header, else zero
  } mem_hdr_t;

  // Configuration requests (2.2.7.1).
  typedef struct packed {
    tlp_dw0_t    dw0;
    bdf_t        requester_id;
    logic [7:0]  tag;
    logic [3:0]  last_be;
    logic [3:0]  first_be;
    bdf_t        target_id;
    logic [3:0]  rsvd0;
    logic [9:0]  reg_dw;     // extended register number, register number
    logic [1:0]  rsvd1;
    logic [31:0] dw3;
  } cfg_hdr_t;

  // Messages (2.2.8).
  typedef struct packed {
    tlp_dw0_t    dw0;
    bdf_t        requester_id;
    logic [7:0]  tag;
    logic [7:0]  code;
    logic [31:0] dw2;
    logic [31:0] dw3;
  } msg_hdr_t;

  // Completions (2.2.9).
  typedef struct packed {
    tlp_dw0_t    dw0;
    bdf_t        completer_id;
    cpl_status_e status;
    logic        bcm;        // byte count modified: set by PCI-X completers only
    logic [11:0] byte_count; // bytes still owed, including this TLP; 0 means 4096
    bdf_t        requester_id;
    logic [7:0]  tag;
    logic        rsvd;
    logic [6:0]  lower_addr; // address of the first enabled byte, low seven bits
    logic [31:0] dw3;
  } cpl_hdr_t;

  // PASID prefix (6.20.2): the address space of a process that a request belongs to.
  typedef struct packed {
    logic [7:0]  kind;
    logic        privileged;
    logic        execute;
    logic [1:0]  rsvd;
    logic [19:0] pasid;
  } pasid_prefix_t;

  localparam logic [7:0] PrefixPasid = 8'b100_10001;  // Fmt and Type: end-to-end, PASID

  // ---- The beat of every TLP channel, beside a data vector of W bits

  // Header and marks. The payload lies in the data vector: its dword 0 in lane 0 of the first
  // beat, byte 0 of a dword in bits [7:0]. A TLP without payload is one beat with `strb` zero.
  typedef struct packed {
    logic [31:0] digest;        // with eop, where the header has TD: ECRC, first wire byte [7:0]
    logic        sop;
    logic        eop;
    logic        error;         // with eop: the sender gives the TLP up; the receiver drops it
    logic        prefix_valid;
    logic [31:0] prefix;
    logic [15:0] strb;          // payload dwords of this beat, contiguous from lane 0
    tlp_hdr_t    hdr;           // valid with sop
  } tlp_ctl_t;

  // ---- Kinds

  function automatic logic has_payload(tlp_hdr_t hdr);
    return hdr.dw0.kind[6];
  endfunction

  function automatic logic is_4dw(tlp_hdr_t hdr);
    return hdr.dw0.kind[5];
  endfunction

  function automatic logic is_msg(tlp_hdr_t hdr);
    return hdr.dw0.kind[7] == 1'b0 && hdr.dw0.kind[5:3] == 3'b110;
  endfunction

  // Table 2-3; a reserved Fmt and Type is `ClassUnknown`.
  function automatic tlp_class_e tlp_class(tlp_hdr_t hdr);
    if (is_msg(hdr)) return ClassPosted;
    unique case (hdr.dw0.kind)
      TlpMWr32, TlpMWr64:                         return ClassPosted;
      TlpMRd32, TlpMRd64, TlpMRdLk32, TlpMRdLk64,
      TlpIoRd, TlpIoWr, TlpCfgRd0, TlpCfgWr0, TlpCfgRd1, TlpCfgWr1,
      TlpFAdd32, TlpFAdd64, TlpSwap32, TlpSwap64, TlpCas32, TlpCas64:
                                                  return ClassNonPosted;
      TlpCpl, TlpCplD, TlpCplLk, TlpCplDLk:       return ClassCompletion;
      default:                                    return ClassUnknown;
    endcase
  endfunction

  // An end-to-end prefix that a receiver of this fabric understands; any other, and a local one,
  // makes its TLP malformed (2.2.10.1, 2.2.10.2).
  function automatic logic prefix_known(logic [31:0] prefix);
    pasid_prefix_t pasid;
    pasid = pasid_prefix_t'(prefix);
    return pasid.kind == PrefixPasid;
  endfunction

  // ---- Lengths

  // Length field to dwords; 0 means 1024 (2.2.2).
  function automatic logic [10:0] length_dw(tlp_hdr_t hdr);
    return {hdr.dw0.length == '0, hdr.dw0.length};
  endfunction

  // Dwords of payload that follow the header.
  function automatic logic [10:0] payload_dw(tlp_hdr_t hdr);
    return has_payload(hdr) ? length_dw(hdr) : 11'd0;
  endfunction

  // Strobes of a beat of `lanes` dwords when `left_dw` dwords of payload are still to come.
  function automatic logic [15:0] beat_strb(logic [10:0] left_dw, int unsigned lanes);
    return 16'((17'd1 << (32'(left_dw) < lanes ? 32'(left_dw) : lanes)) - 17'd1);
  endfunction

  // Byte Count field to bytes; 0 means 4096 (2.2.9).
  function automatic logic [12:0] byte_count_bytes(logic [11:0] field);
    return {field == '0, field};
  endfunction

  // Data credits (16 bytes each) that a payload takes (2.6.1).
  function automatic logic [8:0] data_credits(logic [10:0] dw);
    return 9'((12'(dw) + 12'd3) >> 2);
  endfunction

  // Max_Payload_Size and Max_Read_Request_Size encodings to bytes (7.5.3.4).
  function automatic logic [12:0] size_bytes(logic [2:0] encoded);
    return 13'd128 << encoded;
  endfunction

  // Bytes from an address to the end of its 4 KiB page (2.2.7: no request crosses it).
  function automatic logic [12:0] bytes_to_page_end(logic [11:0] addr);
    return 13'd4096 - 13'(addr);
  endfunction

  // Dwords touched by `bytes` bytes from byte offset `offset` of a dword.
  function automatic logic [10:0] span_dw(logic [1:0] offset, logic [12:0] bytes);
    return 11'((14'(offset) + 14'(bytes) + 14'd3) >> 2);
  endfunction

  // ---- Byte enables (2.2.5)

  // First DW byte enables of a request for `bytes` (1 or more) contiguous bytes from `offset`.
  function automatic logic [3:0] first_be(logic [1:0] offset, logic [12:0] bytes);
    logic [3:0] tail;
    tail = bytes >= 13'd4 ? 4'b1111 : 4'((5'd1 << bytes[1:0]) - 5'd1);
    return tail << offset;
  endfunction

  // Last DW byte enables of the same request: zero where it lies in one dword.
  function automatic logic [3:0] last_be(logic [1:0] offset, logic [12:0] bytes);
    logic [1:0] over;
    over = offset + bytes[1:0];
    if (span_dw(offset, bytes) == 11'd1) return 4'b0000;
    return over == 2'd0 ? 4'b1111 : 4'((5'd1 << over) - 5'd1);
  endfunction

  // Byte offset in its dword of the first enabled byte (table 2-41; none enabled: 0).
  function automatic logic [1:0] be_first_byte(logic [3:0] be);
    unique casez (be)
      4'b???1: return 2'd0;
      4'b??10: return 2'd1;
      4'b?100: return 2'd2;
      4'b1000: return 2'd3;
      default: return 2'd0;
    endcase
  endfunction

  // Bytes of a dword after its last enabled byte; 3 where none is enabled, so that a
  // zero-length read counts one byte (table 2-40).
  function automatic logic [1:0] be_bytes_after(logic [3:0] be);
    unique casez (be)
      4'b1???: return 2'd0;
      4'b01??: return 2'd1;
      4'b001?: return 2'd2;
      default: return 2'd3;
    endcase
  endfunction

  // Byte Count that a memory read asks for, holes counted (table 2-40).
  function automatic logic [12:0] request_bytes(mem_hdr_t hdr);
    logic [12:0] whole;
    whole = {length_dw(hdr), 2'b00};
    if (length_dw(hdr) == 11'd1)
      return hdr.first_be == '0 ? 13'd1
          : whole - 13'(be_first_byte(hdr.first_be)) - 13'(be_bytes_after(hdr.first_be));
    return whole - 13'(be_first_byte(hdr.first_be)) - 13'(be_bytes_after(hdr.last_be));
  endfunction

  // First and last byte enables are legal together (2.2.5). `qw_aligned`: address bit 2 is zero.
  function automatic logic byte_enables_legal(mem_hdr_t hdr, logic qw_aligned);
    logic contiguous;
    contiguous = (hdr.first_be inside {4'b1111, 4'b1110, 4'b1100, 4'b1000})
              && (hdr.last_be inside {4'b1111, 4'b0111, 4'b0011, 4'b0001});
    if (length_dw(hdr) == 11'd1) return hdr.last_be == '0;
    if (length_dw(hdr) == 11'd2 && qw_aligned) return hdr.first_be != '0 && hdr.last_be != '0;
    return contiguous;
  endfunction

  // ---- Fields that lie in more than one place

  // Address of a memory, I/O or AtomicOp request; bits [1:0] are zero.
  function automatic logic [63:0] request_addr(mem_hdr_t hdr);
    return is_4dw(hdr) ? {hdr.addr_dw2, hdr.addr_dw3[31:2], 2'b00}
                       : {32'd0, hdr.addr_dw2[31:2], 2'b00};
  endfunction

  function automatic logic [9:0] request_tag(mem_hdr_t hdr);
    return {hdr.dw0.t9, hdr.dw0.t8, hdr.tag};
  endfunction

  function automatic logic [9:0] cpl_tag(cpl_hdr_t hdr);
    return {hdr.dw0.t9, hdr.dw0.t8, hdr.tag};
  endfunction

  // ---- Building headers

  // A memory request for `bytes` (1 to 4096) bytes at any byte address. Addresses below 4 GiB take
  // the 3-DW form, as they must (2.2.4.1).
  function automatic mem_hdr_t make_mem_request(
      logic write, bdf_t requester_id, logic [9:0] tag, logic [63:0] addr, logic [12:0] bytes);
    mem_hdr_t hdr;
    logic     wide;
    hdr  = '0;
    wide = addr[63:32] != '0;
    unique case ({write, wide})
      2'b00:   hdr.dw0.kind = TlpMRd32;
      2'b01:   hdr.dw0.kind = TlpMRd64;
      2'b10:   hdr.dw0.kind = TlpMWr32;
      default: hdr.dw0.kind = TlpMWr64;
    endcase
    hdr.dw0.t9       = tag[9];
    hdr.dw0.t8       = tag[8];
    hdr.dw0.length   = 10'(span_dw(addr[1:0], bytes));
    hdr.requester_id = requester_id;
    hdr.tag          = tag[7:0];
    hdr.first_be     = first_be(addr[1:0], bytes);
    hdr.last_be      = last_be(addr[1:0], bytes);
    hdr.addr_dw2     = wide ? addr[63:32] : {addr[31:2], 2'b00};
    hdr.addr_dw3     = wide ? {addr[31:2], 2'b00} : 32'd0;
    return hdr;
  endfunction

  // A completion without data for `request`. Byte Count and Lower Address of anything but a
  // memory read are 4 and 0 (2.3.1.1); `request` may be any non-posted request.
  function automatic cpl_hdr_t make_cpl(
      mem_hdr_t request, bdf_t completer_id, cpl_status_e status);
    cpl_hdr_t hdr;
    logic     mem_read, locked;
    locked   = request.dw0.kind inside {TlpMRdLk32, TlpMRdLk64};
    mem_read = locked || (request.dw0.kind inside {TlpMRd32, TlpMRd64});
    hdr              = '0;
    hdr.dw0.kind     = locked ? TlpCplLk : TlpCpl;
    hdr.dw0.t9       = request.dw0.t9;
    hdr.dw0.t8       = request.dw0.t8;
    hdr.dw0.tc       = request.dw0.tc;
    hdr.dw0.ido      = request.dw0.ido;
    hdr.dw0.ro       = request.dw0.ro;
    hdr.dw0.no_snoop = request.dw0.no_snoop;
    hdr.completer_id = completer_id;
    hdr.status       = status;
    hdr.byte_count   = mem_read ? 12'(request_bytes(request)) : 12'd4;
    hdr.requester_id = request.requester_id;
    hdr.tag          = request.tag;
    hdr.lower_addr   = mem_read
        ? {5'(request_addr(request) >> 2), be_first_byte(request.first_be)} : 7'd0;
    return hdr;
  endfunction

endpackage
