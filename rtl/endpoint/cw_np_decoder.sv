// SPDX-License-Identifier: Apache-2.0
//
// Decides what becomes of each non-posted request: a memory read goes to the registers or to card
// memory, a configuration access of function 0 to its registers, all else is refused. Payload
// beyond the first dword is swallowed: only what is refused has any. Latency one clock.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.7.2.2 (poisoned data), 2.2.5 (flush by a
// zero-length read).
`include "cw_assert.svh"
module cw_np_decoder
  import cw_tlp_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter cw_cfg_pkg::bar_cfg_t [5:0] Bars = endpoint_bars(16)
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  input  cw_cfg_pkg::cfg_state_t state_i,

  // Non-posted requests
  input  tlp_ctl_t               np_ctl_i,
  input  logic [31:0]            np_dword_i,  // lane 0 of the beat
  input  logic                   np_valid_i,
  output logic                   np_ready_o,

  // Decoded
  output np_req_t                req_o,
  output logic                   req_valid_o,
  input  logic                   req_ready_i
);

  mem_hdr_t    hdr;
  logic        hit, slice_ready;
  logic [2:0]  bar;
  logic [63:0] offset;
  np_req_t     req;

  assign hdr = mem_hdr_t'(np_ctl_i.hdr);

  cw_bar_decoder #(.Bars(Bars)) u_bars (
    .clk_i,
    .rst_i,
    .state_i,
    .addr_i   (request_addr(hdr)),
    .dw_i     (length_dw(np_ctl_i.hdr)),
    .is_io_i  (hdr.dw0.kind inside {TlpIoRd, TlpIoWr}),
    .hit_o    (hit),
    .bar_o    (bar),
    .offset_o (offset)
  );

  always_comb begin
    req = '{
      hdr:    hdr,
      route:  RouteUr,
      target: cw_endpoint_pkg::RegBlock,
      fn:     '0,
      bar:    bar,
      offset: 32'(offset),
      wdata:  np_dword_i
    };
    unique case (hdr.dw0.kind)
      TlpMRd32, TlpMRd64: begin
        if (hit && (bar inside {RegBar, CardBar})) begin
          if (no_bytes(hdr))      req.route = RouteNothing;
          else if (bar == RegBar) req.route = RouteRegs;
          else                    req.route = RouteCard;
        end
      end
      TlpCfgRd0, TlpCfgWr0: begin
        if (targets_function_0(np_ctl_i.hdr)) begin
          req.route = hdr.dw0.kind == TlpCfgWr0 && hdr.dw0.ep ? RoutePoisoned : RouteCfg;
        end
      end
      default: begin  // locked, I/O, type 1, AtomicOp: nothing here supports them
        req.route = RouteUr;
      end
    endcase
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
  `CW_ASSERT_HELD(ReqHeld, req_valid_o, req_ready_i, req_o)

endmodule
