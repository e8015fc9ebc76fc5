// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "Vcw_dma_route.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

constexpr unsigned kPaths = 4, kBytes = 32;

struct Route : dut::Module<Vcw_dma_route> {
  agent::Rng rng;
  std::array<PacketGiver, kPaths> givers{PacketGiver(kBytes), PacketGiver(kBytes),
                                         PacketGiver(kBytes), PacketGiver(kBytes)};
  PacketTaker host, card;
  std::array<unsigned, kPaths> stall_percent{};
  unsigned host_stall = 0, card_stall = 0;

  explicit Route(uint64_t seed = 1) : dut::Module<Vcw_dma_route>(seed), rng(seed, "route") {
    dut::clear_bits(pins().share_i);
    pins().packet_valid_i = 0;
    pins().host_ready_i = pins().card_ready_i = 0;
    reset();
  }
  void tick() {
    auto& p = pins();
    for (unsigned s = 0; s < kPaths; ++s) {
      if ((p.packet_valid_i >> s & 1) || givers[s].idle() || rng.chance(stall_percent[s])) continue;
      drive(p.packet_i, givers[s].beat(), s);
      drive_bytes(p.packet_data_i, givers[s].lanes(), s * kBytes);
      p.packet_valid_i |= 1u << s;
    }
    p.host_ready_i = !rng.chance(host_stall);
    p.card_ready_i = !rng.chance(card_stall);
    settle();
    if (p.host_valid_o && p.host_ready_i) {
      host.take(packet_beat(p.host_packet_o), get_bytes(p.host_data_o, 0, kBytes));
    }
    if (p.card_valid_o && p.card_ready_i) {
      card.take(packet_beat(p.card_packet_o), get_bytes(p.card_data_o, 0, kBytes));
    }
    const unsigned taken = p.packet_ready_o & p.packet_valid_i;
    step();
    p.packet_valid_i &= ~taken;
    for (unsigned s = 0; s < kPaths; ++s) {
      if (taken >> s & 1) givers[s].taken();
    }
  }
  void run(unsigned count) {
    for (unsigned n = 0; n < count; ++n) tick();
  }
};

// The source of a packet is in its destination. Immediate data has the low eight lanes alone.
Packet packet_of(Route& route, unsigned source, unsigned chan, uint32_t bytes) {
  const unsigned lanes = source == PathImm ? 8 : kBytes;
  const auto lane = static_cast<unsigned>(route.rng.range(0, lanes - 1));
  if (source == PathImm) bytes = std::min(bytes, lanes - lane);
  return {.mark = {.entry = static_cast<unsigned>(route.rng.range(0, 15)), .chan = chan},
          .dest = uint64_t{source} << 60 | route.rng.range(0, 1u << 30),
          .lane = lane,
          .bytes = random_bytes(route.rng, bytes)};
}

TEST_CASE("DMA route brings every packet whole to the side of its channel, in its source's order",
          "[unit][dma][R57]") {
  Route route(GENERATE(1u, 2u, 3u));
  route.stall_percent = {20, 50, 0, 70};
  route.host_stall = 30, route.card_stall = 60;
  std::array<std::array<std::vector<Packet>, kPaths>, 2> expected;
  for (unsigned n = 0; n < 400; ++n) {
    const unsigned source = static_cast<unsigned>(route.rng.range(0, kPaths - 1));
    const unsigned chan = static_cast<unsigned>(route.rng.range(0, 15));
    const Packet packet = packet_of(route, source, chan, random_count(route.rng, 300));
    expected[to_host(chan)][source].push_back(packet);
    route.givers[source].send(packet);
  }
  route.run(20'000);
  std::array<std::array<std::vector<Packet>, kPaths>, 2> seen;
  for (const Packet& packet : route.host.packets) seen[1][packet.dest >> 60].push_back(packet);
  for (const Packet& packet : route.card.packets) seen[0][packet.dest >> 60].push_back(packet);
  CHECK(seen == expected);
}

TEST_CASE("stalled-channel: a sink of the DMA engine that does not move holds up only its own",
          "[unit][dma][R57][stalled-channel]") {
  Route route;
  const bool host_stalls = GENERATE(false, true);
  (host_stalls ? route.host_stall : route.card_stall) = 100;
  for (unsigned n = 0; n < 50; ++n) {
    route.givers[0].send(packet_of(route, 0, C2c, 64));
    route.givers[1].send(packet_of(route, 1, C2h, 64));
  }
  route.run(160);
  CHECK(route.host.packets.size() == (host_stalls ? 0u : 50u));
  CHECK(route.card.packets.size() == (host_stalls ? 50u : 0u));
}

TEST_CASE("DMA route gives each path its turn, and no clock away",
          "[unit][dma][performance][R57]") {
  Route route;
  for (unsigned n = 0; n < 100; ++n) {
    for (unsigned s = 0; s < kPaths; ++s)
      route.givers[s].send({.dest = uint64_t{s} << 60, .bytes = Bytes(8)});
  }
  route.run(200);
  REQUIRE(route.card.packets.size() == 200);
  std::array<unsigned, kPaths> turns{};
  for (const Packet& packet : route.card.packets) ++turns[packet.dest >> 60];
  CHECK(turns == std::array<unsigned, kPaths>{50, 50, 50, 50});
}

TEST_CASE("DMA route gives turns by the channels' share on either side", "[unit][dma][R57]") {
  Route route;
  dut::set_bits(route.pins().share_i, 8 * C2h, 8, 2u << 4);
  dut::set_bits(route.pins().share_i, 8 * H2c, 8, 1u << 4);
  for (unsigned n = 0; n < 60; ++n) {
    route.givers[0].send({.mark = {.chan = H2h}, .bytes = Bytes(64)});
    route.givers[1].send({.mark = {.chan = C2h}, .bytes = Bytes(64)});
  }
  route.run(80);
  const auto of = [](const PacketTaker& taker, unsigned chan) {
    return std::ranges::count_if(taker.packets, [&](const auto& p) { return p.mark.chan == chan; });
  };
  CHECK(of(route.host, C2h) == 30);
  CHECK(of(route.host, H2h) == 10);
  Route other;
  dut::set_bits(other.pins().share_i, 8 * H2c, 8, 1u << 4);
  for (unsigned n = 0; n < 60; ++n) {
    other.givers[0].send({.mark = {.chan = H2c}, .bytes = Bytes(32)});
    other.givers[1].send({.mark = {.chan = C2c}, .last = n % 3 == 2, .bytes = Bytes(32)});
  }
  other.run(50);
  CHECK(of(other.card, H2c) == 20);  // two requests for one of three packets
  CHECK(of(other.card, C2c) == 30);
}

TEST_CASE("DMA route raises the alarm on a packet that is taken back", "[unit][dma]") {
  Route route;
  route.card_stall = 100;
  route.givers[0].send({.bytes = Bytes(8)});
  route.run(3);
  route.pins().packet_valid_i = 0;
  CHECK_THROWS_AS(route.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
