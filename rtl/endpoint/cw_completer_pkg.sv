// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the completer hand to each other, and which messages an endpoint knows.
// Spec: PCIe Base 2.2.8 (messages), 2.3.1 (request handling rules).
package cw_completer_pkg;

  import cw_tlp_pkg::*;
  import cw_cfg_pkg::*;

  // ---- Where a request goes

  typedef enum logic [2:0] {
    RouteUr       = 3'd0,  // Unsupported Request: a posted one is dropped, the others are told
    RoutePoisoned = 3'd1,  // poisoned data may not change anything (2.7.2.2)
    RouteNothing  = 3'd2,  // legal and without effect: a zero-length write or read, some messages
    RouteRegs     = 3'd3,
    RouteCard     = 3'd4,
    RouteCfg      = 3'd5,
    RouteAxi      = 3'd6,  // the user's AXI4 port
    RouteAtomic   = 3'd7   // AtomicOp on card memory
  } route_e;

  // BARs of the endpoint: registers and card memory, each with the BAR that follows.
  localparam logic [2:0]  RegBar     = 3'd0;
  localparam logic [2:0]  CardBar    = 3'd2;
  localparam int unsigned RegBarLog2 = 14;  // 16 KiB

  function automatic bar_cfg_t [5:0] endpoint_bars(int unsigned card_log2);
    bar_cfg_t [5:0] bars;
    bars          = {6{BarUnused}};
    bars[RegBar]  = make_bar(BarMem64, RegBarLog2, TargetRegs, 1'b0);
    bars[CardBar] = make_bar(BarMem64Pre, card_log2, TargetCard, 1'b0);
    return bars;
  endfunction

  // ---- Messages (2.2.8, appendix F)

  typedef enum logic [7:0] {
    MsgUnlock            = 8'b0000_0000,
    MsgPmActiveStateNak  = 8'b0001_0100,
    MsgPmeTurnOff        = 8'b0001_1001,
    MsgIgnored0          = 8'b0100_0000,  // once used by hot plug: silently dropped
    MsgIgnored1          = 8'b0100_0001,
    MsgIgnored3          = 8'b0100_0011,
    MsgIgnored4          = 8'b0100_0100,
    MsgIgnored5          = 8'b0100_0101,
    MsgIgnored7          = 8'b0100_0111,
    MsgIgnored8          = 8'b0100_1000,
    MsgSetSlotPowerLimit = 8'b0101_0000,
    MsgVendorType0       = 8'b0111_1110,  // unknown to us: Unsupported Request
    MsgVendorType1       = 8'b0111_1111   // unknown to us: silently dropped
  } msg_code_e;

  // Whether an endpoint takes a message without complaint.
  function automatic logic msg_accepted(tlp_hdr_t hdr);
    msg_hdr_t msg;
    msg = msg_hdr_t'(hdr);
    return msg.code inside {MsgUnlock, MsgPmActiveStateNak, MsgPmeTurnOff, MsgIgnored0, MsgIgnored1,
        MsgIgnored3, MsgIgnored4, MsgIgnored5, MsgIgnored7, MsgIgnored8, MsgSetSlotPowerLimit,
        MsgVendorType1};
  endfunction

  // ---- Requests

  // A request for one dword with no byte of it enabled (2.2.5).
  function automatic logic no_bytes(mem_hdr_t hdr);
    return length_dw(hdr) == 11'd1 && hdr.first_be == '0;
  endfunction

  // A configuration request for the only function there is.
  function automatic logic targets_function_0(tlp_hdr_t hdr);
    cfg_hdr_t cfg_hdr;
    cfg_hdr = cfg_hdr_t'(hdr);
    return cfg_hdr.target_id.fn == '0;
  endfunction

  // A non-posted request, decoded.
  typedef struct packed {
    mem_hdr_t                     hdr;
    route_e                       route;
    cw_endpoint_pkg::reg_target_e target;  // on the register bus: RouteRegs
    logic [2:0]                   fn;      // function that answers, and the BAR that it claims with
    logic [2:0]                   bar;
    logic [31:0]                  offset;  // in the BAR
    logic [31:0]                  wdata;   // first dword of the payload
  } np_req_t;

  // One completion's worth of a memory read.
  typedef struct packed {
    cpl_hdr_t    hdr;
    logic [31:0] offset;    // in the BAR, of the first dword
    logic [10:0] dw;
    logic [3:0]  first_be;  // of the first and the last dword; both, where they are one
    logic [3:0]  last_be;
    logic        last;      // ends the request
  } piece_t;

  // ---- Completions to send

  // `dw` is zero exactly where the completion has no data, but for a discarded one.
  typedef struct packed {
    cpl_hdr_t    hdr;
    logic [10:0] dw;       // dwords that wait in the data queue for this completion
    logic [3:0]  skip_dw;  // junk dwords before them
    logic        discard;  // they are not to be sent: the completion has turned into a refusal
  } cpl_entry_t;

  // A completion without data for `request`; an AtomicOp's Byte Count is its operand (2.2.9).
  function automatic cpl_hdr_t refusal(mem_hdr_t request, bdf_t id, cpl_status_e status);
    cpl_hdr_t hdr;
    hdr = make_cpl(request, id, status);
    if (request.dw0.kind inside {TlpFAdd32, TlpFAdd64, TlpSwap32, TlpSwap64})
      hdr.byte_count = {request.dw0.length, 2'b00};
    if (request.dw0.kind inside {TlpCas32, TlpCas64})
      hdr.byte_count = {1'b0, request.dw0.length, 1'b0};
    return hdr;
  endfunction

  // A completion with one dword of data for a configuration read.
  function automatic cpl_hdr_t with_dword(cpl_hdr_t without);
    cpl_hdr_t hdr;
    hdr            = without;
    hdr.dw0.kind   = TlpCplD;
    hdr.dw0.length = 10'd1;
    return hdr;
  endfunction

  // A completion with data that turns out to be a refusal.
  function automatic cpl_hdr_t without_data(cpl_hdr_t hdr_with, cpl_status_e status);
    cpl_hdr_t hdr;
    hdr            = hdr_with;
    hdr.dw0.kind   = TlpCpl;
    hdr.dw0.length = '0;
    hdr.status     = status;
    return hdr;
  endfunction

endpackage
