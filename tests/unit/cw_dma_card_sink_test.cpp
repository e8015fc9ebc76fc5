// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
// cw-variant: AxiCard=0
#include <array>

#include "Vcw_dma_card_sink.h"
#include "Vcw_dma_card_sink_axicard0.h"
#include "Vcw_dma_card_sink_w128.h"
#include "Vcw_dma_card_sink_w512.h"
#include "Vcw_dma_card_sink_w64.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

enum Target : unsigned { Mem, Axi, Stream };

template <class V>
struct CardSink : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::wr_data_o);

  agent::Rng rng;
  PacketGiver giver{kBytes};
  std::array<std::vector<CardWrite>, 3> beats;
  std::array<Bytes, 2> memory{Bytes(8192), Bytes(8192)};  // built-in, behind AXI4
  std::array<Bytes, 16> buffers;
  std::array<std::vector<Landed>, 2> landed_log;  // behind AXI4, elsewhere
  std::deque<bool> answers;                       // of AXI4, owed: is it an error?
  unsigned clocks = 0, gap_percent = 0, stall_percent = 0, error_percent = 0, packets_done = 0;
  std::array<bool, 3> blocked{};
  bool silent = false;

  explicit CardSink(uint64_t seed = 1) : dut::Module<V>(seed), rng(seed, "card sink") {
    buffers.fill(Bytes(8192));
    pins().packet_valid_i = pins().axi_done_valid_i = pins().axi_done_error_i = 0;
    pins().wr_ready_i = pins().landed_ready_i = 0;
    this->reset();
  }
  void tick() {
    V& p = pins();
    if (!p.packet_valid_i && !giver.idle() && !rng.chance(gap_percent)) {
      drive(p.packet_i, giver.beat());
      drive_bytes(p.packet_data_i, giver.lanes());
      p.packet_valid_i = 1;
    }
    p.wr_ready_i = 0;
    for (unsigned t = 0; t < 3; ++t) {
      if (!blocked[t] && !rng.chance(stall_percent)) p.wr_ready_i |= 1u << t;
    }
    p.landed_ready_i = static_cast<unsigned>(rng.range(0, 3)) | (stall_percent == 0 ? 3u : 0u);
    p.axi_done_valid_i = !answers.empty() && !silent && !rng.chance(stall_percent);
    p.axi_done_error_i = p.axi_done_valid_i && answers.front();
    if (p.axi_done_valid_i) answers.pop_front();
    this->settle();
    for (unsigned l = 0; l < 2; ++l) {
      if (p.landed_valid_o & p.landed_ready_i & 1u << l) {
        landed_log[l].push_back(landed(p.landed_o, l));
      }
    }
    for (unsigned t = 0; t < 3; ++t) {
      if (p.wr_valid_o & p.wr_ready_i & 1u << t) take_write(t, card_write(p.wr_o));
    }
    const bool taken = p.packet_valid_i && p.packet_ready_o;
    this->step();
    ++clocks;
    if (taken) giver.taken();
    if (taken) p.packet_valid_i = 0;
  }
  void run(unsigned count) {
    for (unsigned n = 0; n < count; ++n) tick();
  }
  static Target target_of(const Packet& packet) {
    if (kind_of(packet.mark.chan) == H2s) return Stream;
    return packet.dest & kAxi ? Axi : Mem;
  }

 private:
  void take_write(unsigned target, const CardWrite& beat) {
    REQUIRE(beat.addr % kBytes == 0);
    REQUIRE(beat.last == (beat.beats == 1));
    const bool begins = beats[target].empty() || beats[target].back().last;
    REQUIRE(beat.first == begins);
    if (!begins) {
      REQUIRE(beat.addr == beats[target].back().addr + kBytes);
      REQUIRE(beat.beats == beats[target].back().beats - 1);
    }
    beats[target].push_back(beat);
    REQUIRE((target == Axi) == ((beat.addr & kAxi) != 0 && target != Stream));
    Bytes& to = target == Stream ? buffers[pins().wr_chan_o] : memory[target];
    const Bytes data = get_bytes(pins().wr_data_o, 0, kBytes);
    for (unsigned n = 0; n < kBytes; ++n) {
      if (pins().wr_strb_o >> n & 1) to.at(beat.addr % kAxi + n) = data[n];
    }
    packets_done += beat.last;
    if (target == Axi && beat.last) answers.push_back(rng.chance(error_percent));
    if (target == Axi && beat.last) failed_.push_back(answers.back());
  }

 public:
  std::vector<bool> failed_;
};

// H2c, C2c and H2s channels.
unsigned card_chan(agent::Rng& rng) {
  return rng.pick(std::array<unsigned, 9>{0, 3, 4, 6, 9, 10, 12, 15, 4});
}

template <class V>
void any_lanes(uint64_t seed, unsigned stall_percent, bool axi = true) {
  CardSink<V> sink(seed);
  sink.gap_percent = stall_percent / 2;
  sink.stall_percent = stall_percent;
  sink.error_percent = 20;
  auto memory = sink.memory;
  auto buffers = sink.buffers;
  std::vector<Packet> behind_axi;
  std::vector<Landed> elsewhere;
  std::array<std::vector<bool>, 3> pads;
  for (unsigned n = 0; n < 400; ++n) {
    const uint32_t bytes = random_count(sink.rng, 2048);
    Packet packet{.mark = random_mark(sink.rng),
                  .dest = sink.rng.range(0, 8192 - bytes),
                  .lane = static_cast<unsigned>(sink.rng.range(0, CardSink<V>::kBytes - 1)),
                  .last = sink.rng.chance(60),
                  .bytes = random_bytes(sink.rng, bytes)};
    packet.mark.chan = card_chan(sink.rng);
    if (axi && sink.rng.chance(40) && kind_of(packet.mark.chan) != H2s) packet.dest |= kAxi;
    const Target target = CardSink<V>::target_of(packet);
    if (sink.rng.chance(15)) {
      packet.bytes.clear();
      packet.error = static_cast<Error>(sink.rng.range(5, 11));
    } else {
      Bytes& to = target == Stream ? buffers[packet.mark.chan] : memory[target];
      std::ranges::copy(packet.bytes, to.begin() + static_cast<ptrdiff_t>(packet.dest % kAxi));
      pads[target].push_back(packet.last && packet.mark.packet_end);
    }
    if (target == Axi) behind_axi.push_back(packet);
    if (target != Axi) elsewhere.push_back(landed_of(packet));
    sink.giver.send(packet);
  }
  while ((!sink.giver.idle() || !sink.answers.empty()) && sink.clocks < 200'000) sink.tick();
  sink.run(400);
  CHECK(sink.memory == memory);
  CHECK(sink.buffers == buffers);
  CHECK(sink.landed_log[1] == elsewhere);
  REQUIRE(sink.landed_log[0].size() == behind_axi.size());
  size_t answer = 0;
  for (size_t n = 0; n < behind_axi.size(); ++n) {
    Landed expected = landed_of(behind_axi[n]);
    if (expected.bytes != 0 && sink.failed_.at(answer++)) {
      expected.bytes = 0;
      expected.error = Error::CardError;
    }
    REQUIRE(sink.landed_log[0][n] == expected);
  }
  for (unsigned target = 0; target < 3; ++target) {  // said with the last beat, of a chunk's last
    size_t n = 0;
    for (const CardWrite& beat : sink.beats[target]) {
      REQUIRE(beat.pad == (beat.last && pads[target][n]));
      n += beat.last;
    }
  }
}

TEST_CASE("DMA card sink puts any bytes at any byte of the card, and changes no other",
          "[unit][dma][R55][R58][R18]") {
  const auto stall = GENERATE(0u, 30u, 80u);
  any_lanes<Vcw_dma_card_sink_w64>(1, stall);
  any_lanes<Vcw_dma_card_sink_w128>(2, stall);
  any_lanes<Vcw_dma_card_sink>(3, stall);
  any_lanes<Vcw_dma_card_sink_w512>(4, stall);
  any_lanes<Vcw_dma_card_sink_axicard0>(5, stall, /*axi=*/false);
}

TEST_CASE("DMA card sink takes an aligned beat, and a packet of one, every clock",
          "[unit][dma][performance]") {
  CardSink<Vcw_dma_card_sink_w512> sink;
  const uint64_t dest = GENERATE(uint64_t{0}, kAxi);
  for (unsigned n = 0; n < 100; ++n) sink.giver.send({.dest = dest | n * 64, .bytes = Bytes(64)});
  sink.run(102);
  CHECK(sink.packets_done == 100);
}

TEST_CASE("DMA card sink keeps two thirds of the width for 64 bytes of any alignment",
          "[unit][dma][performance]") {
  CardSink<Vcw_dma_card_sink> sink;
  const auto lane = GENERATE(0u, 1u, 3u, 17u, 31u);
  const auto dest = GENERATE(range(0u, 32u));
  for (unsigned n = 0; n < 50; ++n) {
    sink.giver.send({.dest = 0x1000 + dest, .lane = lane, .bytes = Bytes(64)});
  }
  sink.run(3 * 50 + 2);
  CHECK(sink.packets_done == 50);
}

TEST_CASE("DMA card sink counts bytes as landed when the card has them", "[unit][dma][R29]") {
  CardSink<Vcw_dma_card_sink> sink;
  const unsigned target = GENERATE(unsigned{Mem}, unsigned{Axi}, unsigned{Stream});
  sink.blocked[target] = sink.silent = true;
  sink.giver.send({.mark = {.chan = target == Stream ? H2s : H2c},
                   .dest = target == Axi ? kAxi : 0,
                   .bytes = Bytes(64)});
  sink.run(20);
  CHECK(sink.beats[target].empty());
  CHECK(sink.landed_log[0].size() + sink.landed_log[1].size() == 0);
  sink.blocked[target] = false;
  sink.run(4);
  CHECK(sink.landed_log[1].size() == (target == Axi ? 0 : 1));
  CHECK(sink.landed_log[0].empty());
  sink.silent = false;
  sink.run(4);
  CHECK(sink.landed_log[0].size() == (target == Axi ? 1 : 0));
}

TEST_CASE("DMA card sink goes on elsewhere while AXI4 owes answers", "[unit][dma][R57]") {
  CardSink<Vcw_dma_card_sink> sink;
  sink.silent = true;
  for (unsigned n = 0; n < 30; ++n) sink.giver.send({.dest = kAxi, .bytes = Bytes(32)});
  for (unsigned n = 0; n < 30; ++n) sink.giver.send({.dest = 64, .bytes = Bytes(32)});
  sink.run(70);
  CHECK(sink.landed_log[1].size() == 30);
  CHECK(sink.landed_log[0].empty());
  sink.silent = false;
  sink.run(40);
  CHECK(sink.landed_log[0].size() == 30);
}

TEST_CASE("DMA card sink lets 32 packets wait for AXI4, and loses none behind them",
          "[unit][dma][R58]") {
  CardSink<Vcw_dma_card_sink> sink;
  sink.silent = true;
  for (unsigned n = 0; n < 50; ++n) sink.giver.send({.dest = kAxi, .bytes = Bytes(32)});
  sink.run(100);
  CHECK(sink.packets_done == 32);
  sink.silent = false;
  sink.run(100);
  CHECK(sink.packets_done == 50);
  CHECK(sink.landed_log[0].size() == 50);
}

TEST_CASE("DMA card sink raises the alarm on an error that brings data", "[unit][dma][R26]") {
  CardSink<Vcw_dma_card_sink> sink;
  sink.giver.send({.error = Error::ReadUr, .bytes = Bytes(8)});
  CHECK_THROWS_AS(sink.run(2), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
