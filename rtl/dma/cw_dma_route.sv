// SPDX-License-Identifier: Apache-2.0
//
// Brings packets from the sources to the sink of their channel: host or card. Whole packets, in
// turn; the two sinks do not wait for each other. Same clock.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_route
  import cw_dma_pkg::*;
#(
  parameter int unsigned W     = 256,           // bits of a beat
  parameter kinds_t      Kinds = every_kind()
) (
  input  logic                        clk_i,
  input  logic                        rst_i,

  // Packets, by path
  input  packet_t [NumPaths-1:0]      packet_i,
  input  logic [NumPaths-1:0][W-1:0]  packet_data_i,
  input  logic [NumPaths-1:0]         packet_valid_i,
  output logic [NumPaths-1:0]         packet_ready_o,

  // To the host
  output packet_t                     host_packet_o,
  output logic [W-1:0]                host_data_o,
  output logic                        host_valid_o,
  input  logic                        host_ready_i,

  // To the card
  output packet_t                     card_packet_o,
  output logic [W-1:0]                card_data_o,
  output logic                        card_valid_o,
  input  logic                        card_ready_i
);

  localparam int unsigned IndexW = $clog2(NumPaths);

  logic [NumPaths-1:0] for_host, host_grant, card_grant;
  logic [IndexW-1:0]   host_index, card_index;

  always_comb begin
    for (int unsigned p = 0; p < NumPaths; p++) for_host[p] = to_host(Kinds[packet_i[p].mark.chan]);
  end

  cw_rr_arbiter #(.N(NumPaths)) u_host (
    .clk_i,
    .rst_i,
    .req_i   (packet_valid_i & for_host),
    .take_i  (host_valid_o && host_ready_i),
    .lock_i  (!host_packet_o.eop),
    .grant_o (host_grant),
    .index_o (host_index),
    .any_o   (host_valid_o)
  );

  cw_rr_arbiter #(.N(NumPaths)) u_card (
    .clk_i,
    .rst_i,
    .req_i   (packet_valid_i & ~for_host),
    .take_i  (card_valid_o && card_ready_i),
    .lock_i  (!card_packet_o.eop),
    .grant_o (card_grant),
    .index_o (card_index),
    .any_o   (card_valid_o)
  );

  assign host_packet_o  = packet_i[host_index];
  assign host_data_o    = packet_data_i[host_index];
  assign card_packet_o  = packet_i[card_index];
  assign card_data_o    = packet_data_i[card_index];
  assign packet_ready_o = (host_ready_i ? host_grant : '0) | (card_ready_i ? card_grant : '0);

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OneSinkAPacket, (host_grant & card_grant) == '0)
  `CW_ASSERT(OnlyWhatIsThere, (packet_ready_o & ~packet_valid_i) == '0)
  `CW_ASSERT_HELD(HostHeld, host_valid_o, host_ready_i, {host_packet_o, host_data_o})
  `CW_ASSERT_HELD(CardHeld, card_valid_o, card_ready_i, {card_packet_o, card_data_o})

endmodule
