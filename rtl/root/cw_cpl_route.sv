// SPDX-License-Identifier: Apache-2.0
//
// Sends each completion that comes up to whom its Requester ID names: down again to a device behind
// the port, or to the host, which also gets what is nobody's. None goes before the posted requests
// that came up before it are done with, but for Relaxed Ordering.
// Spec: PCIe Base 2.2.9 (completions route by ID), 2.4.1 (ordering).
`include "cw_assert.svh"
module cw_cpl_route
  import cw_tlp_pkg::*;
(
  input  logic                         clk_i,
  input  logic                         rst_i,

  input  cw_cfg_pkg::root_port_state_t state_i,

  // Completions that come up; control and data pass beside
  input  tlp_ctl_t                     in_ctl_i,
  input  logic                         in_valid_i,
  output logic                         in_ready_o,

  // To the host; to a device, and with the first beat of that
  output logic                         host_valid_o,
  input  logic                         host_ready_i,
  output logic                         peer_valid_o,
  input  logic                         peer_ready_i,
  output logic                         peer_begins_o,

  // The one at hand, to who orders them: it is there, it leaves with its last beat
  output logic                         wait_o,
  output logic                         relaxed_o,
  output logic                         take_o,
  input  logic                         pass_i
);

  cpl_hdr_t hdr;
  logic     seen_q;     // its first beat has been offered: what was decided of it stays
  logic     inside_q;   // and taken
  logic     relaxed_q, peer, peer_q, go;

  assign hdr       = in_ctl_i.hdr;
  assign peer      = seen_q ? peer_q : cw_cfg_pkg::claims_bus(state_i, hdr.requester_id.bus);
  assign relaxed_o = seen_q ? relaxed_q : hdr.dw0.ro;
  assign go        = inside_q || pass_i;

  assign host_valid_o  = in_valid_i && go && !peer;
  assign peer_valid_o  = in_valid_i && go && peer;
  assign in_ready_o    = go && (peer ? peer_ready_i : host_ready_i);
  assign peer_begins_o = peer_valid_o && peer_ready_i && !inside_q;

  assign wait_o = in_valid_i;
  assign take_o = in_valid_i && in_ready_o && in_ctl_i.eop;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      seen_q   <= 1'b0;
      inside_q <= 1'b0;
    end else begin
      seen_q <= (seen_q || in_valid_i) && !take_o;
      if (in_valid_i && in_ready_o) inside_q <= !in_ctl_i.eop;
    end
  end

  // No reset: read only with seen_q.
  always_ff @(posedge clk_i) begin
    peer_q    <= peer;
    relaxed_q <= relaxed_o;
  end

  logic unused;
  assign unused = &{1'b0, in_ctl_i, hdr};

  `CW_ASSERT(OneReceiver, !(host_valid_o && peer_valid_o))
  `CW_ASSERT(BehindWrites, !(in_valid_i && in_ready_o && !inside_q) || pass_i)
  `CW_ASSERT(InsideWasSeen, !inside_q || seen_q)

endmodule
