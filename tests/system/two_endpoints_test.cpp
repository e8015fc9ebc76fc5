// SPDX-License-Identifier: Apache-2.0
//
// Two endpoints that compete for one host: what each gets of its memory, what one may do to the
// other, and what happens to one when the other stops, is reset, or loses its pages.
#include "env/two_endpoints.hpp"

#include <algorithm>
#include <numeric>

#include "catch_shim.hpp"
#include "env/dma_load.hpp"
#include "env/function_reset.hpp"

namespace cw::system_test {

namespace {

using namespace dut::literals;
using env::DmaDriver;
using env::DmaLoad;
using env::DmaSpace;
using env::TwoEndpoints;
using model::DmaError;

constexpr double kBeat = TwoEndpoints::kWidth / 8.0;  // bytes per clock: the ceiling of a direction
constexpr uint32_t kScratch = 0x0c;
constexpr uint16_t kBridgeControl = 0x3e, kSecondaryReset = 1u << 6;

constexpr uint32_t kOnes = 0xffff'ffff;

struct Filled {
  DmaSpace::Buffer buffer;
  std::vector<uint8_t> data;
};

// The two, and who drives them.
struct Pair {
  explicit Pair(const env::TwoEndpointsOptions& options = {})
      : system(options), rng(options.seed, "test") {}

  TwoEndpoints::Card& card(unsigned n) { return system.card(n); }
  env::Host& host() { return system.host(); }

  Filled filled(unsigned n, uint64_t bytes) {
    Filled made{card(n).space.map(bytes), std::vector<uint8_t>(bytes)};
    for (uint8_t& byte : made.data) byte = static_cast<uint8_t>(rng.u32());
    card(n).space.write(made.buffer, 0, made.data);
    return made;
  }
  std::vector<uint8_t> contents(unsigned n, const DmaSpace::Buffer& buffer) {
    std::vector<uint8_t> data(buffer.bytes);
    card(n).space.read(buffer, 0, data);
    return data;
  }
  static void submit(DmaDriver& channel, const DmaSpace::Buffer& buffer, uint64_t card_addr) {
    channel.submit({.segments = {{.iova = buffer.iova,
                                  .card_addr = card_addr,
                                  .bytes = static_cast<uint32_t>(buffer.bytes)}},
                    .irq = true});
  }
  // Random bytes go to the card of one endpoint and back, while the other does what it does.
  void there_and_back(unsigned n, uint64_t bytes = 4096) {
    const Filled source = filled(n, bytes);
    const auto target = card(n).space.map(bytes);
    submit(card(n).h2c, source.buffer, 0);
    card(n).h2c.ring_doorbell();
    CHECK(card(n).h2c.take_record().error == DmaError::Ok);
    submit(card(n).c2h, target, 0);
    card(n).c2h.ring_doorbell();
    CHECK(card(n).c2h.take_record().error == DmaError::Ok);
    CHECK(contents(n, target) == source.data);
  }
  void check_registers(unsigned n) {
    const auto value = rng.u32();
    host().write32(card(n).registers + kScratch, value);
    CHECK(host().read32(card(n).registers + kScratch) == value);
  }
  void finish() { CHECK_NOTHROW(system.finish()); }

  TwoEndpoints system;
  agent::Rng rng;
};

double sum(const std::vector<double>& rates) {
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

}  // namespace

TEST_CASE("Two endpoints behind two root ports are found, each with buses and windows of its own",
          "[system][duo][R48][R49]") {
  Pair pair;
  const env::Topology& topology = pair.system.topology();
  const auto& first = topology.at({.bus = 0, .device = 0});
  const auto& second = topology.at({.bus = 0, .device = 1});
  REQUIRE(first.bridge);
  REQUIRE(second.bridge);
  CHECK(first.bridge->subordinate < second.bridge->secondary);
  CHECK(first.bridge->memory.end() <= second.bridge->memory.base.value);
  CHECK(first.bridge->prefetchable.end() <= second.bridge->prefetchable.base.value);
  CHECK(pair.card(0).function.bdf == pcie::Bdf{.bus = first.bridge->secondary});
  CHECK(pair.card(1).function.bdf == pcie::Bdf{.bus = second.bridge->secondary});
  CHECK(first.bridge->memory.contains(pair.card(0).registers));
  CHECK(second.bridge->memory.contains(pair.card(1).registers));
  CHECK(pair.host().config_read({.bus = 0, .device = 2}, 0, 4) == kOnes);
  CHECK(pair.host().config_read({.bus = 3}, 0, 4) == kOnes);
  CHECK(pair.host().config_read({.bus = 2, .device = 1}, 0, 4) == kOnes);

  for (unsigned round = 0; round < 20; ++round) {
    const uint32_t values[] = {pair.rng.u32(), pair.rng.u32()};
    for (unsigned n = 0; n < 2; ++n) {
      pair.host().write32(pair.card(n).registers + kScratch, values[n]);
      pair.host().write32(pair.card(n).card_memory + 64 * round, ~values[n]);
    }
    for (unsigned n = 0; n < 2; ++n) {
      CHECK(pair.host().read32(pair.card(n).registers + kScratch) == values[n]);
      CHECK(pair.host().read32(pair.card(n).card_memory + 64 * round) == ~values[n]);
    }
  }
  pair.finish();
}

TEST_CASE("Equal endpoints have equal shares of host memory, together all that its port has",
          "[system][duo][dma]") {
  constexpr double kApart = 0.02, kFull = 0.98;
  for (const bool to_card : {true, false}) {
    Pair pair;
    DmaLoad loads[] = {{pair.card(0).space, to_card ? pair.card(0).h2c : pair.card(0).c2h},
                       {pair.card(1).space, to_card ? pair.card(1).h2c : pair.card(1).c2h}};
    const auto rates = measure(pair.system.kernel(), loads);
    INFO((to_card ? "to the cards: " : "to the host: ") << rates[0] << " and " << rates[1]);
    CHECK(sum(rates) >= kFull * kBeat);
    CHECK(std::abs(rates[0] - rates[1]) <= kApart * kBeat / 2);
    pair.finish();
  }
}

TEST_CASE("Two endpoints both ways at once fill both directions of host memory, half each",
          "[system][duo][dma]") {
  constexpr double kApart = 0.04, kFull = 0.95;
  Pair pair;
  DmaLoad loads[] = {{pair.card(0).space, pair.card(0).h2c},
                     {pair.card(1).space, pair.card(1).h2c},
                     {pair.card(0).space, pair.card(0).c2h},
                     {pair.card(1).space, pair.card(1).c2h}};
  const auto rates = measure(pair.system.kernel(), loads);
  INFO("to the cards " << rates[0] << ", " << rates[1] << ", to the host " << rates[2] << ", "
                       << rates[3]);
  CHECK(rates[0] + rates[1] >= kFull * kBeat);
  CHECK(rates[2] + rates[3] >= kFull * kBeat);
  for (const double rate : rates) CHECK(std::abs(rate - kBeat / 2) <= kApart * kBeat / 2);
  pair.finish();
}

TEST_CASE("An endpoint of one channel keeps its share beside one that asks with all it has",
          "[system][duo][dma]") {
  constexpr double kShare = 0.47;
  const bool to_card = GENERATE(true, false);
  Pair pair;
  auto& hog = pair.card(0);
  auto& meek = pair.card(1);
  // Host to host reads and writes, so that the hog has two channels in each direction.
  DmaLoad loads[] = {{meek.space, to_card ? meek.h2c : meek.c2h},
                     {hog.space, hog.h2c},
                     {hog.space, hog.c2h},
                     {hog.space, hog.h2h}};
  const auto rates = measure(pair.system.kernel(), loads);
  INFO("beside the hog: " << rates[0]);
  CHECK(rates[0] >= kShare * kBeat);
  pair.finish();
}

TEST_CASE("A link that takes nothing holds up its own endpoint, not the other one",
          "[system][duo][dma][R31]") {
  const unsigned stuck = GENERATE(0u, 1u);
  Pair pair;
  auto& other = pair.card(1 - stuck);
  const Filled source = pair.filled(stuck, 60'000);
  Pair::submit(pair.card(stuck).h2c, source.buffer, 0);
  pair.card(stuck).h2c.ring_doorbell();
  pair.system.run(600_cycles);
  pair.system.hold(stuck, true);
  pair.system.run(2000_cycles);
  const auto before = pair.system.down(stuck).tlps();

  DmaLoad loads[] = {{other.space, other.h2c}, {other.space, other.c2h}};
  const auto rates = measure(pair.system.kernel(), loads);
  INFO("beside a link that stands still: " << rates[0] << ", " << rates[1]);
  CHECK(rates[0] >= 0.95 * kBeat);
  CHECK(rates[1] >= 0.95 * kBeat);
  for (unsigned n = 0; n < 20; ++n) pair.check_registers(1 - stuck);
  CHECK(pair.system.down(stuck).tlps() <= before + 1);

  pair.system.hold(stuck, false);
  const auto record = pair.card(stuck).h2c.take_record();
  CHECK(record.error == DmaError::Ok);
  CHECK(record.bytes_done == source.data.size());
  const auto target = pair.card(stuck).space.map(source.data.size());
  Pair::submit(pair.card(stuck).c2h, target, 0);
  pair.card(stuck).c2h.ring_doorbell();
  CHECK(pair.card(stuck).c2h.take_record().error == DmaError::Ok);
  CHECK(pair.contents(stuck, target) == source.data);
  pair.finish();
}

TEST_CASE(
    "A reset of one endpoint under load, of its function or its link, is not seen by the other",
    "[system][duo][reset][R43][R45]") {
  const bool of_link = GENERATE(false, true);
  const unsigned victim = GENERATE(0u, 1u);
  Pair pair;
  auto& card = pair.card(victim);
  const pcie::Bdf port{.bus = 0, .device = static_cast<uint8_t>(victim)};
  for (unsigned round = 0; round < 2; ++round) {
    const auto saved = env::save_config(pair.host(), card.function);
    DmaLoad others[] = {{pair.card(1 - victim).space, pair.card(1 - victim).h2c},
                        {pair.card(1 - victim).space, pair.card(1 - victim).c2h}};
    for (DmaLoad& load : others) load.start();
    for (unsigned n = 0; n < 3; ++n) {
      Pair::submit(card.h2c, pair.filled(victim, 6000).buffer, n * 6000);
      Pair::submit(card.c2h, card.space.map(6000), 32768 + n * 6000);
    }
    card.h2c.ring_doorbell();
    card.c2h.ring_doorbell();
    pair.system.run(dut::Cycles{pair.rng.range(1, 3000)});
    if (of_link) {
      pair.host().config_write(port, kBridgeControl, 2, kSecondaryReset);
      pair.check_registers(1 - victim);
      CHECK(pair.host().read32(card.registers) == kOnes);
      pair.system.run(dut::Cycles{pair.rng.range(1, 500)});
      pair.host().config_write(port, kBridgeControl, 2, 0);
      pair.system.run(2000_cycles);
    } else {
      env::reset_function(pair.host(), card.function);
      pair.check_registers(1 - victim);
      pair.system.run(3000_cycles);
    }
    env::restore_config(pair.host(), card.function, saved);
    card.restart();
    pair.there_and_back(victim);
    for (DmaLoad& load : others) load.finish(pair.system.kernel());
    CHECK(pair.system.take_faults().empty());
    pair.finish();
  }
}

TEST_CASE("An endpoint whose pages go halts alone, and the fault bears its name",
          "[system][duo][iommu][R30][R50]") {
  const unsigned victim = GENERATE(0u, 1u);
  Pair pair;
  auto& other = pair.card(1 - victim);
  DmaLoad beside[] = {{other.space, other.h2c}, {other.space, other.c2h}};
  for (DmaLoad& load : beside) load.start();
  auto& card = pair.card(victim);
  const Filled source = pair.filled(victim, 60'000);
  Pair::submit(card.h2c, source.buffer, 0);
  card.h2c.ring_doorbell();
  pair.system.run(700_cycles);
  pair.system.board(victim).unmapping(source.buffer.iova, source.buffer.bytes);
  card.space.unmap(source.buffer);
  pair.system.board(victim).unmapped();
  const auto record = card.h2c.take_record();
  CHECK(record.error == DmaError::ReadUr);
  CHECK(record.bytes_done < source.data.size());
  CHECK(card.h2c.halted());
  const auto faults = pair.system.take_faults();
  CHECK(!faults.empty());
  for (const auto& fault : faults) CHECK(fault.device_id == card.function.bdf.id());
  card.h2c.start();
  pair.there_and_back(victim);  // its other channel had gone on, and the halted one is well again
  for (DmaLoad& load : beside) load.finish(pair.system.kernel());
  pair.finish();
}

TEST_CASE("Each endpoint sees its own pages at an address that both use, and never the other's",
          "[system][duo][iommu][R30][R50]") {
  Pair pair;
  constexpr uint64_t kBytes = 3000;
  const Filled sources[] = {pair.filled(0, kBytes), pair.filled(1, kBytes)};
  REQUIRE(sources[0].buffer.iova == sources[1].buffer.iova);
  const DmaSpace::Buffer targets[] = {pair.card(0).space.map(kBytes),
                                      pair.card(1).space.map(kBytes)};
  for (unsigned n = 0; n < 2; ++n) Pair::submit(pair.card(n).h2c, sources[n].buffer, 0);
  for (unsigned n = 0; n < 2; ++n) pair.card(n).h2c.ring_doorbell();
  for (unsigned n = 0; n < 2; ++n) CHECK(pair.card(n).h2c.take_record().error == DmaError::Ok);
  for (unsigned n = 0; n < 2; ++n) Pair::submit(pair.card(n).c2h, targets[n], 0);
  for (unsigned n = 0; n < 2; ++n) pair.card(n).c2h.ring_doorbell();
  for (unsigned n = 0; n < 2; ++n) CHECK(pair.card(n).c2h.take_record().error == DmaError::Ok);
  for (unsigned n = 0; n < 2; ++n) CHECK(pair.contents(n, targets[n]) == sources[n].data);

  // A place that only the other one has: refused in both directions.
  const Filled secret = pair.filled(1, kBytes);
  Pair::submit(pair.card(0).c2h, secret.buffer, 0);
  pair.card(0).c2h.ring_doorbell();
  Pair::submit(pair.card(0).h2c, secret.buffer, 0);
  pair.card(0).h2c.ring_doorbell();
  CHECK(pair.card(0).h2c.take_record().error == DmaError::ReadUr);
  pair.system.run(3000_cycles);
  CHECK(pair.contents(1, secret.buffer) == secret.data);
  const auto faults = pair.system.take_faults();
  CHECK(faults.size() > 1);
  for (const auto& fault : faults) CHECK(fault.device_id == pair.card(0).function.bdf.id());
  pair.finish();
}

TEST_CASE("An endpoint cannot reach the other one: there is no way from port to port",
          "[system][duo][iommu][R37][R50]") {
  Pair pair;
  auto& card = pair.card(0);
  const pcie::Iova window{0x7'0000'0000};
  card.space.table().map(window, pair.card(1).card_memory);
  pair.host().write32(pair.card(1).card_memory, 0x1234'5678);
  card.h2c.submit({.segments = {{.iova = window, .card_addr = 0, .bytes = 64}}});
  card.h2c.ring_doorbell();
  CHECK(card.h2c.take_record().error == DmaError::ReadUr);
  card.c2h.submit({.segments = {{.iova = window, .card_addr = 0, .bytes = 64}}});
  card.c2h.ring_doorbell();
  CHECK(card.c2h.take_record().error == DmaError::Ok);  // posted: nobody tells it
  pair.system.run(1000_cycles);
  CHECK(pair.host().read32(pair.card(1).card_memory) == 0x1234'5678);
  CHECK(pair.system.take_faults().empty());  // it was translated
  pair.finish();
}

TEST_CASE("Registers of both endpoints answer while both move all they can, whoever stalls",
          "[system][duo][dma][R05][R31]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  Pair pair({.seed = 7, .stall = stall});
  std::vector<DmaLoad> loads;
  for (unsigned n = 0; n < 2; ++n) {
    auto& card = pair.card(n);
    for (DmaDriver* channel : {&card.h2c, &card.c2h, &card.h2h}) {
      loads.emplace_back(card.space, *channel);
    }
  }
  const size_t interrupts = pair.system.interrupts().messages().size();
  for (DmaLoad& load : loads) load.start();
  for (unsigned n = 0; n < 60; ++n) pair.check_registers(n % 2);
  for (DmaLoad& load : loads) load.finish(pair.system.kernel());
  for (unsigned n = 0; n < 2; ++n) pair.there_and_back(n);
  pair.finish();
  CHECK(pair.system.interrupts().messages().size() == interrupts + 4);
  for (unsigned n = 0; n < 2; ++n) {
    CHECK(pair.system.interrupts().count(pair.card(n).msi_data) == 1);
    CHECK(pair.system.interrupts().count(pair.card(n).msi_data + 1) == 1);
  }
}

}  // namespace cw::system_test
