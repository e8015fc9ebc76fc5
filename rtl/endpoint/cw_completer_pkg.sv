// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the completer hand to each other, and which messages an endpoint knows.
// Spec: PCIe Base 2.2.8 (messages), 2.3.1 (request handling rules).
package cw_completer_pkg;

  import cw_tlp_pkg::*;
  import cw_cfg_pkg::*;
  import cw_endpoint_pkg::*;
  import cw_msg_pkg::*;

  // ---- Where a request goes

  typedef enum logic [2:0] {
    RouteUr       = 3'd0,  // Unsupported Request: a posted one is dropped, the others are told
    RoutePoisoned = 3'd1,  // poisoned data may not change anything (2.7.2.2)
    RouteNothing  = 3'd2,  // legal and without effect: a zero-length write or read, some messages
    RouteRegs     = 3'd3,  // register bus; beside it goes who answers there
    RouteCard     = 3'd4,  // card memory
    RouteCfg      = 3'd5,
    RouteAxi      = 3'd6,  // the user's AXI4 port
    RouteAtomic   = 3'd7   // AtomicOp on card memory
  } route_e;

  // How the target of a BAR is reached.
  function automatic route_e route_to(bar_target_e target);
    unique case (target)
      TargetCard: return RouteCard;
      TargetAxi:  return RouteAxi;
      default:    return RouteRegs;
    endcase
  endfunction

  // Who answers on the register bus.
  function automatic reg_target_e reg_target_of(bar_target_e target);
    return target == TargetAxil ? RegAxil : RegBlock;
  endfunction

  // ---- BARs

  localparam logic [2:0]  RegBar     = 3'd0;
  localparam logic [2:0]  CardBar    = 3'd2;
  localparam logic [2:0]  RomBar     = 3'd6;  // the expansion ROM, numbered behind the six BARs

  // Function 0 without a user: registers and card memory, each with the BAR that follows.
  function automatic bar_cfg_t [5:0] card_bars(
      int unsigned card_log2, int unsigned vectors, int unsigned table_bir);
    bar_cfg_t [5:0] bars;
    bars          = {6{BarUnused}};
    bars[RegBar]  = make_bar(
        BarMem64, register_bar_log2(vectors, table_bir), TargetRegs, 1'b0);
    bars[CardBar] = make_bar(BarMem64Pre, card_log2, TargetCard, 1'b0);
    return bars;
  endfunction

  // Function 0 of the endpoint: the same, the first registers once more in I/O space, and registers
  // of the user.
  function automatic bar_cfg_t [5:0] endpoint_bars(
      int unsigned card_log2, int unsigned vectors, int unsigned table_bir);
    bar_cfg_t [5:0] bars;
    bars    = card_bars(card_log2, vectors, table_bir);
    bars[4] = make_bar(BarIo, 8, TargetRegs, 1'b0);
    bars[5] = make_bar(BarMem32, 16, TargetAxil, 1'b0);
    return bars;
  endfunction

  // All functions of a device; the others have registers and memory of the user. A plain card has
  // neither I/O nor registers of a user. Structures of MSI-X that do not lie in BAR0 have a BAR to
  // themselves, which takes the place of what else is there: 4 or 5.
  function automatic bar_cfg_t [MaxFunctions-1:0][5:0] device_bars(
      int unsigned card_log2, int unsigned vectors = 8, bit plain = 1'b0,
      int unsigned table_bir = 0, int unsigned pba_bir = 0);
    bar_cfg_t [MaxFunctions-1:0][5:0] bars;
    bars    = {MaxFunctions{BarsUserExample}};
    bars[0] = plain ? card_bars(card_log2, vectors, table_bir)
                    : endpoint_bars(card_log2, vectors, table_bir);
    for (int unsigned b = 4; b < 6; b++)
      if (b == table_bir || b == pba_bir)
        bars[0][b] = make_bar(BarMem32, msix_bar_log2(vectors), TargetRegs, 1'b0);
    return bars;
  endfunction

  // Whether a BAR has room for a structure of MSI-X: memory, and not the user's (7.7.2).
  function automatic bit holds_msix(
      bar_cfg_t [5:0] bars, int unsigned bir, logic [31:0] offset, int unsigned bytes);
    return bir < 6 && bars[3'(bir)].target == TargetRegs
        && (bars[3'(bir)].kind inside {BarMem32, BarMem64, BarMem64Pre})
        && 64'(offset) + 64'(bytes) <= 64'd1 << bars[3'(bir)].size_log2;
  endfunction

  // BARs of every kind and of odd sizes: the default of the decoder alone, so that its test meets
  // them all.
  localparam bar_cfg_t [5:0] BarsOddA = {
      BarUnused, make_bar(BarMem64Pre, 32, TargetAxi, 1'b0),
      BarUnused, make_bar(BarMem64, 12, TargetAxil, 1'b0),
      make_bar(BarIo, 5, TargetRegs, 1'b0), make_bar(BarMem32, 7, TargetRegs, 1'b0)};
  localparam bar_cfg_t [5:0] BarsOddB = {
      make_bar(BarIo, 8, TargetAxil, 1'b0), make_bar(BarMem32, 31, TargetAxi, 1'b0),
      make_bar(BarIo, 2, TargetAxil, 1'b0), BarUnused,
      make_bar(BarMem64Pre, 30, TargetAxi, 1'b1), make_bar(BarMem32, 9, TargetAxil, 1'b0)};
  localparam bar_cfg_t [MaxFunctions-1:0][5:0] BarsOfManyKinds = {
      {4{BarsUserExample}}, {6{BarUnused}}, BarsOddB, BarsUserExample, BarsOddA};

  // Functions that an error of no function in particular concerns: those that are there.
  function automatic logic [MaxFunctions-1:0] all_functions(int unsigned functions);
    return MaxFunctions'((1 << functions) - 1);
  endfunction

  // ---- Messages (2.2.8, appendix F)

  // Whether an endpoint takes a message without complaint.
  function automatic logic msg_accepted(tlp_hdr_t hdr);
    msg_hdr_t msg;
    msg = msg_hdr_t'(hdr);
    return msg.code inside {MsgUnlock, MsgPmActiveStateNak, MsgPmeTurnOff, MsgIgnored0, MsgIgnored1,
        MsgIgnored3, MsgIgnored4, MsgIgnored5, MsgIgnored7, MsgIgnored8, MsgSetSlotPowerLimit,
        MsgVendorType1};
  endfunction

  // ---- Requests

  // AT of a request that asks for a translation: it is for a translation agent (2.2.4.1).
  localparam logic [1:0] AtTranslationRequest = 2'b01;

  // A request for one dword with no byte of it enabled (2.2.5).
  function automatic logic no_bytes(mem_hdr_t hdr);
    return length_dw(hdr) == 11'd1 && hdr.first_be == '0;
  endfunction

  // The function that a configuration request names.
  function automatic logic [2:0] target_fn(tlp_hdr_t hdr);
    cfg_hdr_t cfg_hdr;
    cfg_hdr = cfg_hdr_t'(hdr);
    return cfg_hdr.target_id.fn;
  endfunction

  // What a BAR makes of a request: counts only with a hit.
  typedef struct packed {
    logic [2:0]  fn;
    logic [2:0]  bar;      // RomBar for the expansion ROM
    route_e      route;    // RouteRegs, RouteCard or RouteAxi
    reg_target_e target;   // RouteRegs: who answers
    logic [31:0] offset;   // in the BAR
  } claim_t;

  // A non-posted request, decoded. I/O and configuration requests are RouteRegs and RouteCfg, reads
  // and writes alike: `hdr` tells them apart.
  typedef struct packed {
    logic                    prefix_valid;  // the TLP had a prefix: it is refused
    logic [31:0]             prefix;
    logic [MaxFunctions-1:0] functions;  // concerned, if the request ends in an error
    mem_hdr_t                hdr;
    route_e                  route;
    reg_target_e             target;     // RouteRegs: who answers
    logic [2:0]              fn;         // function that answers: its ID goes into completions
    logic [2:0]              bar;        // that claimed the request
    logic [31:0]             offset;     // in the BAR
    logic [31:0]             wdata;      // first dword of the payload
  } np_req_t;

  // A posted request, decoded; the same on each of its beats.
  typedef struct packed {
    logic                    prefix_valid;  // the TLP had a prefix: it is refused
    logic [31:0]             prefix;
    logic [MaxFunctions-1:0] functions;  // concerned, if the request ends in an error
    mem_hdr_t                hdr;
    route_e                  route;
    reg_target_e             target;     // RouteRegs: who takes it
    logic [2:0]              fn;         // function and BAR that claimed the request
    logic [2:0]              bar;
    logic [31:0]             offset;     // in the BAR
  } p_req_t;

  // Where the beats of a memory write go.
  typedef struct packed {
    logic       axi;  // the user's AXI4 port, else card memory
    logic [2:0] fn;
    logic [2:0] bar;
  } write_to_t;

  // What a message with an effect asks for; its payload's first dword is `data` (2.2.8.2, 2.2.8.5).
  function automatic msg_seen_t msg_effect(msg_hdr_t msg, logic [31:0] data);
    msg_seen_t seen;
    seen                  = '0;
    seen.pme_turn_off     = msg.code == MsgPmeTurnOff;
    seen.slot_power       = msg.code == MsgSetSlotPowerLimit;
    seen.slot_power_value = data[7:0];
    seen.slot_power_scale = data[9:8];
    return seen;
  endfunction

  // A memory read that is answered with data, in as many completions as it takes.
  function automatic logic is_cut(np_req_t req);
    return (req.route inside {RouteRegs, RouteCard, RouteAxi})
        && (req.hdr.dw0.kind inside {TlpMRd32, TlpMRd64});
  endfunction

  // One completion's worth of a request: a part of a memory read, or all of another request.
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
    logic        silent;   // nor is the completion: its request has been refused before
  } cpl_entry_t;

  // What card memory and the user's AXI4 port are told beside the address of a beat.
  typedef struct packed {
    bar_target_e target;  // TargetCard or TargetAxi
    logic [2:0]  fn;
    logic [2:0]  bar;
    logic        first;   // beat of a piece, and how many beats the piece has
    logic [10:0] beats;
  } beat_read_t;

  // A completion without data for `request`; an AtomicOp's Byte Count is its operand (2.2.9).
  function automatic cpl_hdr_t plain_cpl(mem_hdr_t request, bdf_t id, cpl_status_e status);
    cpl_hdr_t hdr;
    hdr = make_cpl(request, id, status);
    if (cw_atomic_pkg::is_atomic(request))
      hdr.byte_count = 12'({cw_atomic_pkg::operand_dw(request), 2'b00});
    return hdr;
  endfunction

  // The same with `dw` dwords of data.
  function automatic cpl_hdr_t with_data(cpl_hdr_t without, logic [10:0] dw);
    cpl_hdr_t hdr;
    hdr            = without;
    hdr.dw0.kind   = without.dw0.kind == TlpCplLk ? TlpCplDLk : TlpCplD;
    hdr.dw0.length = 10'(dw);
    return hdr;
  endfunction

  // A completion with data that turns out to be a refusal.
  function automatic cpl_hdr_t without_data(cpl_hdr_t hdr_with, cpl_status_e status);
    cpl_hdr_t hdr;
    hdr            = hdr_with;
    hdr.dw0.kind   = hdr_with.dw0.kind inside {TlpCplLk, TlpCplDLk} ? TlpCplLk : TlpCpl;
    hdr.dw0.length = '0;
    hdr.status     = status;
    return hdr;
  endfunction

endpackage
