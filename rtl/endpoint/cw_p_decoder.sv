// SPDX-License-Identifier: Apache-2.0
//
// Decides what becomes of each posted request: a memory write goes to what its BAR is, a message
// that an endpoint knows passes, all else is dropped as unsupported. Latency one clock, one beat
// per clock; the verdict accompanies every beat.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.7.2.2 (poisoned data), 2.2.8 (messages), 6.20
// (a function without PASID refuses requests that carry one).
`include "cw_assert.svh"
module cw_p_decoder
  import cw_tlp_pkg::*;
  import cw_cfg_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned                      W         = 256,  // bits of a beat
  parameter int unsigned                      Functions = 2,    // 1 to 8
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars      = device_bars(16),
  parameter int unsigned                      RomLog2   = 16    // ROM of function 0; 0: none
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  cfg_state_t [Functions-1:0] state_i,

  // Posted requests
  input  tlp_ctl_t                   p_ctl_i,
  input  logic [W-1:0]               p_data_i,
  input  logic                       p_valid_i,
  output logic                       p_ready_o,
  output logic [3:0]                 p_taken_o,   // requests taken, modulo 16

  // Decoded beats
  output p_req_t                     req_o,       // constant from sop to eop
  output logic [W-1:0]               req_data_o,
  output logic                       req_sop_o,
  output logic                       req_eop_o,
  output logic                       req_valid_o,
  input  logic                       req_ready_i
);

  // A write to the expansion ROM changes nothing, like one to any read-only location.
  localparam cw_endpoint_pkg::reg_target_e ReadOnly = cw_endpoint_pkg::RegRom;

  mem_hdr_t hdr;
  claim_t   claim;
  logic     hit, message;
  p_req_t   in_req, slice_req, req_q;

  assign hdr     = mem_hdr_t'(p_ctl_i.hdr);
  assign message = is_msg(p_ctl_i.hdr);

  cw_bar_decoder #(.Functions(Functions), .Bars(Bars), .RomLog2(RomLog2)) u_bars (
    .clk_i,
    .rst_i,
    .state_i,
    .addr_i   (request_addr(hdr)),
    .dw_i     (length_dw(p_ctl_i.hdr)),
    .is_io_i  (1'b0),
    .hit_o    (hit),
    .claim_o  (claim)
  );

  always_comb begin
    in_req = '{
      prefix_valid: p_ctl_i.prefix_valid,
      prefix:       p_ctl_i.prefix,
      functions:    hit && !message ? MaxFunctions'(1) << claim.fn : all_functions(Functions),
      hdr:          hdr,
      route:        RouteUr,
      target:       claim.target,
      fn:           claim.fn,
      bar:          claim.bar,
      offset:       claim.offset
    };
    if (message) begin
      if (msg_accepted(p_ctl_i.hdr)) in_req.route = RouteNothing;
    end else if (hit) begin
      in_req.route = claim.route;
      if (no_bytes(hdr) || (claim.route == RouteRegs && claim.target == ReadOnly))
        in_req.route = RouteNothing;
    end
    if (p_ctl_i.prefix_valid) in_req.route = RouteUr;
    if (hdr.dw0.ep && has_payload(p_ctl_i.hdr) && in_req.route != RouteUr)
      in_req.route = RoutePoisoned;
  end

  cw_skid #(.DataW($bits(p_req_t) + 2 + W)) u_slice (
    .clk_i,
    .rst_i,
    .in_data_i   ({in_req, p_ctl_i.sop, p_ctl_i.eop, p_data_i}),
    .in_valid_i  (p_valid_i),
    .in_ready_o  (p_ready_o),
    .out_data_o  ({slice_req, req_sop_o, req_eop_o, req_data_o}),
    .out_valid_o (req_valid_o),
    .out_ready_i (req_ready_i)
  );

  assign req_o = req_sop_o ? slice_req : req_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) p_taken_o <= '0;
    else       p_taken_o <= p_taken_o + 4'(p_valid_i && p_ready_o && p_ctl_i.eop);
  end

  // No reset: meaningful only after the first beat of a request.
  always_ff @(posedge clk_i) begin
    if (req_valid_o && req_ready_i && req_sop_o) req_q <= slice_req;
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OnlyPosted, !(p_valid_i && p_ctl_i.sop) || tlp_class(p_ctl_i.hdr) == ClassPosted)
  `CW_ASSERT(NobodyGaveUp, !p_valid_i || !p_ctl_i.error)
  `CW_ASSERT(SomeoneIsConcerned, !req_valid_o || req_o.functions != '0)
  `CW_ASSERT(NoDataFromPoison, !req_valid_o || !req_o.hdr.dw0.ep
      || !has_payload(tlp_hdr_t'(req_o.hdr)) || (req_o.route inside {RouteUr, RoutePoisoned}))
  `CW_ASSERT_HELD(ReqHeld, req_valid_o, req_ready_i, {req_o, req_data_o, req_sop_o, req_eop_o})

endmodule
