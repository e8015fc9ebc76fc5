// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include "Vcw_dma.h"
#include "Vcw_dma_w512.h"
#include "Vcw_dma_w64.h"
#include "unit/dma_bench.hpp"

namespace cw::unit::dma {
namespace {

template <class V>
using EngineBench = DmaBench<V, EnginePins<V>>;

constexpr FakePolicy kRough{
    .latency_low = 1, .latency_high = 120, .reorder = true, .piece_bytes = 0, .stall_percent = 30};

// Card memory is given out once: below the middle to h2c, above it to c2h.
class Places {
 public:
  explicit Places(agent::Rng rng) : rng_(rng) {}

  DmaDescriptor descriptor(unsigned channel, uint32_t bytes) {
    const uint32_t gap = static_cast<uint32_t>(rng_.range(0, 9));
    card_[channel] += gap;
    const DmaDescriptor d{.irq = rng_.chance(60),
                          .tag = static_cast<uint16_t>(rng_.u32()),
                          .bytes = bytes,
                          .iova = {host_[channel] + rng_.range(0, 4095)},
                          .card_addr = channel * 32768u + card_[channel]};
    card_[channel] += bytes;
    host_[channel] += 0x1'0000;
    return d;
  }
  bool room(unsigned channel, uint32_t bytes) const { return card_[channel] + bytes + 10 < 32768; }

 private:
  agent::Rng rng_;
  uint32_t card_[2] = {};
  uint64_t host_[2] = {0xffff'0000, 0x50'0000'0000};  // the first crosses 4 GiB
};

template <class Bench>
void fill(Bench& bench, agent::Rng& rng) {
  Places places(rng.fork("places"));
  for (unsigned c = 0; c < 2; c++) {
    while (bench.entries[c].size() < 40) {
      Entry entry;
      for (auto place = rng.chance(30) ? rng.range(1, 5) : 1; place > 0; place--) {
        const auto bytes = static_cast<uint32_t>(rng.range(1, 1u << rng.range(0, 11)));
        if (places.room(c, bytes)) entry.push_back(places.descriptor(c, bytes));
      }
      if (entry.empty()) break;
      bench.entries[c].push_back(entry);
    }
  }
}

template <class V>
void random_traffic(uint64_t seed) {
  EngineBench<V> bench(kRough, seed);
  agent::Rng rng(seed, "traffic");
  bench.pins().max_payload_i = rng.range(0, 5);
  bench.pins().max_read_i = rng.range(0, 5);
  fill(bench, rng);
  bench.run();
  bench.verify(0);
  bench.verify(1);
}

template <class V>
void random_errors(uint64_t seed) {
  EngineBench<V> bench(kRough, seed);
  agent::Rng rng(seed, "errors");
  fill(bench, rng);
  for (unsigned c = 0; c < 2; c++) {
    for (Entry& entry : bench.entries[c]) {
      DmaDescriptor& d = entry[rng.range(0, entry.size() - 1)];
      switch (rng.range(0, 9)) {
        case 0:
          d.reserved = static_cast<uint16_t>(1u << rng.range(0, 13));
          break;
        case 1:
          d.bytes = 0;
          break;
        case 2:
          d.iova = {~uint64_t{0} - d.bytes + 2};
          break;
        case 3:
          d.card_addr = 65536 - d.bytes + 1;
          break;
        case 4:
          d.card_addr |= uint64_t{1} << rng.range(17, 63);
          break;
        case 5:
          d.chain = true;
          d.next = {0x8010};
          entry.erase(entry.begin() + (&d - entry.data()) + 1, entry.end());
          break;
        default:
          if (c == 1) break;
          const uint64_t at = d.iova.value + rng.range(0, d.bytes - 1);
          bench.fake.faults[{at, at + rng.range(1, 600)}] = {
              .error = static_cast<DmaError>(rng.range(5, 9)),
              .bytes_before = static_cast<uint32_t>(rng.chance(50) ? 0 : rng.range(1, 300))};
      }
    }
  }
  bench.run();
  bench.verify(0);
  bench.verify(1);
}

TEST_CASE("unaligned: DMA moves any bytes whatever the order and pieces of answers",
          "[unit][dma][R01][R02][R18][R29][R32][R53][R54][R55]") {
  for (uint64_t seed = 1; seed <= 4; seed++) {
    DYNAMIC_SECTION("seed " << seed) {
      random_traffic<Vcw_dma_w64>(seed);
      random_traffic<Vcw_dma>(seed);
      random_traffic<Vcw_dma_w512>(seed);
    }
  }
}

TEST_CASE("error-hang: DMA records the error of a bad descriptor or a failed read and goes on",
          "[unit][dma][R23][R26][R27][R59]") {
  for (uint64_t seed = 1; seed <= 4; seed++) {
    DYNAMIC_SECTION("seed " << seed) {
      random_errors<Vcw_dma_w64>(seed);
      random_errors<Vcw_dma>(seed);
      random_errors<Vcw_dma_w512>(seed);
    }
  }
}

TEST_CASE("DMA halts only the channel whose descriptor cannot be read", "[unit][dma][R26][R57]") {
  for (const size_t place : {size_t{0}, size_t{1}}) {
    EngineBench<Vcw_dma> bench(kRough, 7 + place);
    agent::Rng rng(7, "halt");
    fill(bench, rng);
    const uint64_t ring = bench.ctl[0].ring;
    bench.entries[0][5] = {bench.entries[0][5][0], bench.entries[0][6][0]};
    const uint64_t at = place ? bench.chain_iova(0, 5, 1) : ring + 5 * 32;
    bench.fake.faults[{at, at + 1}] = {.error = DmaError::Poisoned};
    bench.run();
    CHECK(bench.engine.sta(0).head >= 4 + place);  // its neighbour in the line may go with it
    CHECK(bench.engine.sta(0).head <= 5);
    CHECK(bench.engine.sta(0).halted);
    CHECK(bench.engine.sta(1).head == bench.entries[1].size());
    bench.verify(0);
    bench.verify(1);

    // The other way round: stop, restart, and the ring serves again.
    bench.fake.faults.clear();
    bench.ctl[0].enable = false;
    bench.ctl[0].restart = true;
    bench.engine.ctl(0, bench.ctl[0]);
    bench.tick();
    bench.ctl[0].enable = true;
    bench.ctl[0].restart = false;
    bench.engine.ctl(0, bench.ctl[0]);
    bench.tick();
    CHECK_FALSE(bench.engine.sta(0).halted);
    bench.entries[0].resize(3);
    bench.entries[1].clear();
    for (size_t n = 0; n < 3; n++) bench.write_entry(0, n);
    bench.doorbell(0, 3);
    bench.run_until([&] { return bench.engine.sta(0).head == 3; }, 5'000_cycles);
  }
}

TEST_CASE("stalled-channel: a channel that is stalled does not hold the other",
          "[unit][dma][R57]") {
  FakePolicy policy = kRough;
  policy.withheld = H2cData;
  EngineBench<Vcw_dma> bench(policy);
  agent::Rng rng(3, "stall");
  fill(bench, rng);
  bench.write_entry(0, 0);
  bench.doorbell(0, 1);
  bench.entries[0].clear();
  const size_t count = bench.entries[1].size();
  for (size_t n = 0; n < count; n++) {
    bench.write_entry(1, n);
    bench.doorbell(1, static_cast<uint16_t>(n + 1));
    bench.run_until([&] { return bench.engine.sta(1).head == n + 1; }, 20'000_cycles);
  }
  CHECK(bench.engine.sta(0).busy);
  CHECK(bench.engine.sta(0).head == 0);
}

}  // namespace
}  // namespace cw::unit::dma
