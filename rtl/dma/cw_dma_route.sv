// SPDX-License-Identifier: Apache-2.0
//
// Brings packets from the sources to the sink of their channel: host or card. Whole packets, in
// turn (cw_dma_turns); the two sinks do not wait for each other. Same clock. Lanes that immediate
// data never has carry anything with it.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_route
  import cw_dma_pkg::*;
#(
  parameter int unsigned W        = 256,           // bits of a beat
  parameter int unsigned Channels = MaxChannels,
  parameter kinds_t      Kinds    = every_kind(),
  parameter bit          AxiCard  = 1'b1           // there is memory behind the AXI4 port
) (
  input  logic                        clk_i,
  input  logic                        rst_i,

  input  share_t [Channels-1:0]       share_i,

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

  localparam int unsigned IndexW  = $clog2(NumPaths);
  localparam int unsigned ImmBits = 64;

  localparam logic [NumPaths-1:0] ToHost = paths_to(Kinds, AxiCard, 1'b1);
  localparam logic [NumPaths-1:0] ToCard = paths_to(Kinds, AxiCard, 1'b0);

  // What a sink chooses from: in place of a path that never leads there another that does, which
  // makes its choice smaller.
  function automatic int unsigned stand_in(logic [NumPaths-1:0] paths, int unsigned path);
    if (paths[path]) return path;
    if (paths[path ^ 1]) return path ^ 1;
    stand_in = path;
    for (int unsigned p = 0; p < NumPaths; p++) if (paths[p]) stand_in = p;
  endfunction

  function automatic int unsigned high_lanes(logic [NumPaths-1:0] paths, int unsigned path);
    logic [NumPaths-1:0] wide;
    wide = paths & ~(NumPaths'(1) << PathImm);
    return stand_in(wide != '0 ? wide : paths, path);
  endfunction

  logic [NumPaths-1:0]        for_host, for_card, host_grant, card_grant, ends;
  chan_t [NumPaths-1:0]       chan;
  logic [IndexW-1:0]          host_index, card_index;
  packet_t [NumPaths-1:0]     host_packet, card_packet;
  logic [NumPaths-1:0][W-1:0] host_data, card_data;

  for (genvar p = 0; p < NumPaths; p++) begin : gen_path
    localparam int unsigned Host = stand_in(ToHost, p), HostHigh = high_lanes(ToHost, p);
    localparam int unsigned Card = stand_in(ToCard, p), CardHigh = high_lanes(ToCard, p);

    assign for_host[p] = ToHost[p] && (!ToCard[p] || to_host(Kinds[packet_i[p].mark.chan]));
    assign for_card[p] = ToCard[p] && (!ToHost[p] || !to_host(Kinds[packet_i[p].mark.chan]));

    assign chan[p]        = packet_i[p].mark.chan;
    assign ends[p]        = packet_i[p].last;
    assign host_packet[p] = packet_i[Host];
    assign card_packet[p] = packet_i[Card];
    for (genvar n = 0; n < W / ImmBits; n++) begin : gen_lanes
      assign host_data[p][n*ImmBits +: ImmBits]
          = packet_data_i[n == 0 ? Host : HostHigh][n*ImmBits +: ImmBits];
      assign card_data[p][n*ImmBits +: ImmBits]
          = packet_data_i[n == 0 ? Card : CardHigh][n*ImmBits +: ImmBits];
    end
    `CW_ASSERT(OfAPathThatIsBuilt, !packet_valid_i[p] || for_host[p] || for_card[p])
  end

  cw_dma_turns #(
    .Channels(Channels), .Kinds(Kinds), .AxiCard(AxiCard), .Host(1'b1)
  ) u_host (
    .clk_i,
    .rst_i,
    .share_i,
    .chan_i  (chan),
    .ends_i  (ends),
    .valid_i (packet_valid_i & for_host),
    .take_i  (host_valid_o && host_ready_i),
    .lock_i  (!host_packet_o.eop),
    .grant_o (host_grant),
    .index_o (host_index),
    .any_o   (host_valid_o)
  );

  cw_dma_turns #(
    .Channels(Channels), .Kinds(Kinds), .AxiCard(AxiCard), .Host(1'b0)
  ) u_card (
    .clk_i,
    .rst_i,
    .share_i,
    .chan_i  (chan),
    .ends_i  (ends),
    .valid_i (packet_valid_i & for_card),
    .take_i  (card_valid_o && card_ready_i),
    .lock_i  (!card_packet_o.eop),
    .grant_o (card_grant),
    .index_o (card_index),
    .any_o   (card_valid_o)
  );

  assign host_packet_o  = host_packet[host_index];
  assign host_data_o    = host_data[host_index];
  assign card_packet_o  = card_packet[card_index];
  assign card_data_o    = card_data[card_index];
  assign packet_ready_o = (host_ready_i ? host_grant : '0) | (card_ready_i ? card_grant : '0);

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OneSinkAPacket, (host_grant & card_grant) == '0)
  `CW_ASSERT(OnlyWhatIsThere, (packet_ready_o & ~packet_valid_i) == '0)
  `CW_ASSERT_HELD(HostHeld, host_valid_o, host_ready_i, {host_packet_o,
      32'(host_index) == 32'(PathImm) ? W'(host_data_o[ImmBits-1:0]) : host_data_o})
  `CW_ASSERT_HELD(CardHeld, card_valid_o, card_ready_i, {card_packet_o,
      32'(card_index) == 32'(PathImm) ? W'(card_data_o[ImmBits-1:0]) : card_data_o})

endmodule
