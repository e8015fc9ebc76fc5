// SPDX-License-Identifier: Apache-2.0
//
// Decides what becomes of each non-posted request: a memory or I/O request goes to what its BAR is,
// a configuration request to the function that it names, all else is refused. Payload beyond the
// first dword is swallowed: AtomicOps alone have any, which is kept elsewhere. Latency one clock.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.7.2.2 (poisoned data), 2.2.5 (flush by a
// zero-length read), 6.20 (a function without PASID refuses requests that carry one).
`include "cw_assert.svh"
module cw_np_decoder
  import cw_tlp_pkg::*;
  import cw_cfg_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned                      Functions = 2,  // 1 to 8
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars      = device_bars(16),
  parameter int unsigned                      RomLog2   = 16  // ROM of function 0, bytes; 0: none
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  cfg_state_t [Functions-1:0] state_i,

  // Non-posted requests
  input  tlp_ctl_t                   np_ctl_i,
  input  logic [31:0]                np_dword_i,  // lane 0 of the beat
  input  logic                       np_valid_i,
  output logic                       np_ready_o,

  // Decoded
  output np_req_t                    req_o,
  output logic                       req_valid_o,
  input  logic                       req_ready_i
);

  mem_hdr_t    hdr;
  logic [10:0] named_dw;
  claim_t      claim;
  logic        hit, is_config, slice_ready;
  np_req_t     req;

  assign hdr       = mem_hdr_t'(np_ctl_i.hdr);
  // An AtomicOp names its operand, whatever it carries: CompareAndSwap carries two (2.2.7).
  assign named_dw  = cw_atomic_pkg::is_atomic(hdr) ? 11'(cw_atomic_pkg::operand_dw(hdr))
                                                   : length_dw(np_ctl_i.hdr);
  assign is_config = hdr.dw0.kind inside {TlpCfgRd0, TlpCfgWr0, TlpCfgRd1, TlpCfgWr1};

  cw_bar_decoder #(.Functions(Functions), .Bars(Bars), .RomLog2(RomLog2)) u_bars (
    .clk_i,
    .rst_i,
    .state_i,
    .addr_i   (request_addr(hdr)),
    .dw_i     (named_dw),
    .is_io_i  (hdr.dw0.kind inside {TlpIoRd, TlpIoWr}),
    .hit_o    (hit),
    .claim_o  (claim)
  );

  always_comb begin
    req = '{
      prefix_valid: np_ctl_i.prefix_valid,
      prefix:       np_ctl_i.prefix,
      functions:    hit ? MaxFunctions'(1) << claim.fn : all_functions(Functions),
      hdr:          hdr,
      route:        RouteUr,
      target:       claim.target,
      fn:           claim.fn,
      bar:          claim.bar,
      offset:       claim.offset,
      wdata:        np_dword_i
    };
    if (is_config) begin
      req.fn = target_fn(np_ctl_i.hdr);
      if (32'(req.fn) < Functions && hdr.dw0.kind inside {TlpCfgRd0, TlpCfgWr0}) begin
        req.functions = MaxFunctions'(1) << req.fn;
        req.route     = RouteCfg;
      end else begin
        req.functions = all_functions(Functions);
      end
    end else if (hit && (hdr.dw0.kind inside {TlpMRd32, TlpMRd64})) begin
      if (hdr.dw0.at != AtTranslationRequest)
        req.route = no_bytes(hdr) ? RouteNothing : claim.route;
    end else if (hit && (hdr.dw0.kind inside {TlpIoRd, TlpIoWr})) begin
      req.route = no_bytes(hdr) ? RouteNothing : RouteRegs;
    end else if (hit && cw_atomic_pkg::is_atomic(hdr) && claim.route == RouteCard) begin
      req.route = RouteAtomic;
    end
    // Locked reads remain, and AtomicOps on anything but card memory (6.15.3): refused.
    if (np_ctl_i.prefix_valid) req.route = RouteUr;
    if (has_payload(np_ctl_i.hdr) && hdr.dw0.ep && req.route != RouteUr) req.route = RoutePoisoned;
  end

  assign np_ready_o = slice_ready || !np_ctl_i.sop;

  cw_skid #(.DataW($bits(np_req_t))) u_slice (
    .clk_i,
    .rst_i,
    .in_data_i   (req),
    .in_valid_i  (np_valid_i && np_ctl_i.sop),
    .in_ready_o  (slice_ready),
    .out_data_o  (req_o),
    .out_valid_o (req_valid_o),
    .out_ready_i (req_ready_i)
  );

  `CW_ASSERT(OnlyNonPosted, !(np_valid_i && np_ctl_i.sop)
      || tlp_class(np_ctl_i.hdr) == ClassNonPosted)
  `CW_ASSERT(NobodyGaveUp, !np_valid_i || !np_ctl_i.error)
  `CW_ASSERT(ReadsAreOneBeat, !(np_valid_i && np_ctl_i.sop) || has_payload(np_ctl_i.hdr)
      || np_ctl_i.eop)
  `CW_ASSERT(OneDwordAccess, !(np_valid_i && np_ctl_i.sop) || req.route != RouteCfg
      || length_dw(np_ctl_i.hdr) == 11'd1)
  `CW_ASSERT(FunctionIsThere, !req_valid_o || req_o.route == RouteUr
      || 32'(req_o.fn) < Functions)
  `CW_ASSERT(SomeoneIsConcerned, !req_valid_o || req_o.functions != '0)
  `CW_ASSERT_HELD(ReqHeld, req_valid_o, req_ready_i, req_o)

endmodule
