// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Channels=16
#include "Vcw_dma_core.h"
#include "Vcw_dma_core_channels16.h"
#include "unit/dma_core_bench.hpp"

namespace cw::unit::dma {
namespace {

using Core = CoreBench<Vcw_dma_core, 6>;
using WideCore = CoreBench<Vcw_dma_core_channels16, 16>;

Desc copy(uint64_t src, uint64_t dst, uint32_t bytes) {
  return {.src = src, .dst = dst, .bytes = bytes};
}

template <class Bench>
void submit_random(Bench& bench, DescSource& source, unsigned chan, unsigned entries,
                   unsigned segments = 5) {
  auto& rng = source.rng;
  for (unsigned n = 0; n < entries; n++) {
    std::vector<Desc> descs;
    for (uint64_t left = rng.range(1, segments); left > 0; left--) {
      descs.push_back(source.desc(bench.channels[chan].kind, left == 1));
    }
    bench.submit(chan, descs);
  }
}

template <class Bench>
void run_random(CorePolicy policy, uint64_t seed, unsigned entries) {
  Bench bench(policy, seed);
  DescSource source{.rng = agent::Rng(seed, "descriptors"), .card = bench.card};
  const std::array<uint32_t, 6> sizes{128, 256, 512, 1024, 2048, 4096};
  bench.set_limits({.payload = source.rng.pick(sizes), .read = source.rng.pick(sizes)});
  for (unsigned c = 0; c < bench.channels.size(); c++) {
    bench.share(c, static_cast<unsigned>(source.rng.range(0, 2)), 0,
                static_cast<unsigned>(source.rng.range(0, 15)));
    submit_random(bench, source, c, entries);
  }
  bench.run();
  for (const auto& channel : bench.channels) {
    CHECK(channel.closes.size() == entries);
    CHECK(channel.number == entries);
    for (const auto& [path, queue] : channel.queue) CHECK(queue.empty());
  }
}

TEST_CASE("DMA core moves every transfer of every kind in the chunks that the rules give",
          "[unit][dma][R01][R02][R55]") {
  for (uint64_t seed = 1; seed <= 12; seed++) {
    INFO("seed " << seed);
    run_random<Core>({}, seed, 60);
    run_random<Core>({.stall_percent = 40,
                      .present_percent = 70,
                      .stream_percent = 30,
                      .unwanted_percent = 20,
                      .stream_step = 300,
                      .land_low = 1,
                      .land_high = 80},
                     seed + 100, 40);
  }
}

TEST_CASE("DMA core drives 16 channels", "[unit][dma][R57]") {
  for (uint64_t seed = 1; seed <= 3; seed++) {
    run_random<WideCore>({.stall_percent = 20, .land_low = 1, .land_high = 40}, seed, 30);
  }
}

TEST_CASE("DMA core closes every entry once, refused, failed or stopped wherever it is",
          "[unit][dma][R44][R55][R59]") {
  for (uint64_t seed = 1; seed <= 60; seed++) {
    INFO("seed " << seed);
    Core bench({.stall_percent = static_cast<unsigned>(seed % 3 * 30),
                .present_percent = seed % 2 ? 100u : 50u,
                .stream_percent = 50,
                .unwanted_percent = 10,
                .stream_step = 600,
                .land_low = 1,
                .land_high = static_cast<unsigned>(1 + seed % 5 * 20)},
               seed);
    DescSource source{.rng = agent::Rng(seed, "bad"), .card = bench.card, .bad_percent = 3};
    unsigned opened = 0;
    for (int round = 0; round < 12; round++) {
      for (unsigned c = 0; c < 6; c++) submit_random(bench, source, c, 6);
      for (uint64_t n = source.rng.range(1, 200); n > 0; n--) bench.tick();
      for (unsigned c = 0; c < 6; c++) {
        if (source.rng.chance(40)) bench.stop(c);
        if (source.rng.chance(40)) bench.tick();
      }
      bench.run();
      for (unsigned c = 0; c < 6; c++) bench.restart(c);
    }
    for (const auto& channel : bench.channels) {
      opened += channel.number;
      CHECK(channel.closes.size() == channel.number);
    }
    CHECK(opened == bench.opens.size());
  }
}

TEST_CASE("DMA core has a chunk on offer one clock after its descriptor", "[unit][dma]") {
  for (const unsigned chan : {H2c, C2h, H2h, C2c, H2s}) {
    Core bench;
    bench.tick();
    bench.submit(chan, {copy(0, 0, 64)});
    bench.tick();
    CHECK(bench.opens.size() == 1);
    bench.tick();
    REQUIRE(bench.seen.size() == 1);
  }
}

TEST_CASE("DMA core takes a descriptor and gives a chunk in every clock for one busy channel",
          "[unit][dma][throughput]") {
  for (const unsigned chan : {H2c, C2h, H2h, C2c, H2s, S2h}) {
    Core bench({.land_low = 2, .land_high = 2});
    for (unsigned n = 0; n < 60; n++) bench.submit(chan, {copy(64 * n, 64 * n, 64)});
    bench.channels[S2h].stream.packets.assign(64, {.left = 64});
    bench.channels[S2h].avail = bench.kRoom;
    bench.run();
    REQUIRE(bench.seen.size() == 60);
    CHECK(bench.seen.back().clock - bench.seen.front().clock == 59);
  }
}

TEST_CASE("DMA core gives a chunk in every clock of long transfers, of one channel or two",
          "[unit][dma][throughput]") {
  Core bench;
  for (unsigned n = 0; n < 4; n++) bench.submit(H2c, {copy(0x1000, 0, 8192)});
  bench.run();
  REQUIRE(bench.seen.size() == 64);
  CHECK(bench.seen.back().clock - bench.seen.front().clock == 63);
  Core both;
  both.submit(H2c, {copy(0x1000, 0, 32768)});
  both.submit(C2h, {copy(0, 0x1000, 16384)});
  both.run();
  REQUIRE(both.seen.size() == 128);
  CHECK(both.seen.back().clock - both.seen.front().clock <= 128 + 4);
}

// Chunks of a channel that were seen before one that another had still to issue.
size_t seen_before(const Core& bench, unsigned chan, unsigned other) {
  size_t count = 0, last = 0;
  for (size_t n = 0; n < bench.seen.size(); n++) {
    if (bench.seen[n].chunk.mark.chan == other) last = n;
  }
  for (size_t n = 0; n < last; n++) count += bench.seen[n].chunk.mark.chan == chan;
  return count;
}

TEST_CASE("DMA core gives a higher level its turn before all others", "[unit][dma]") {
  for (const bool high : {false, true}) {
    Core bench;
    bench.share(H2c, 0, high ? 3 : 0);
    bench.share(H2h, 0, high ? 0 : 3);
    bench.stalled_paths = 1u << PathHost;
    for (const unsigned chan : {H2c, H2h}) bench.submit(chan, {copy(0x1000, 0x2000, 8192)});
    for (int n = 0; n < 20; n++) bench.tick();
    bench.stalled_paths = 0;
    bench.run();
    // One may have been on its way when the other came.
    CHECK(seen_before(bench, high ? H2h : H2c, high ? H2c : H2h) <= 1);
  }
}

TEST_CASE("DMA core holds a transparent channel back while somebody else wants the bus",
          "[unit][dma]") {
  constexpr unsigned kTransparent = 3;
  Core bench;
  bench.share(H2c, kTransparent);
  bench.pins().others_i = 1;
  bench.submit(H2c, {copy(0x1000, 0x2000, 8192)});
  bench.submit(C2h, {copy(0, 0x1000, 4096)});
  for (int n = 0; n < 200; n++) bench.tick();
  CHECK(bench.channels[C2h].closes.size() == 1);
  CHECK(bench.channels[H2c].closes.empty());
  CHECK(seen_before(bench, H2c, C2h) == 0);
  bench.pins().others_i = 0;
  bench.run();
  CHECK(bench.channels[H2c].closes.size() == 1);
}

TEST_CASE("DMA core begins a transfer while others use every clock", "[unit][dma][R57]") {
  Core bench;
  bench.submit(H2c, {copy(0x1000, 0, 65536)});
  bench.submit(C2h, {copy(0, 0x1000, 32768)});
  for (int n = 0; n < 20; n++) bench.tick();
  for (int n = 0; n < 8; n++) bench.submit(H2h, {copy(0x1000, 0x2000, 64)});
  for (int n = 0; n < 60; n++) bench.tick();
  CHECK(bench.channels[H2h].closes.size() == 8);
  CHECK(bench.channels[H2c].closes.empty());
}

TEST_CASE("stalled-channel: DMA core goes on with all paths but the one that does not move",
          "[unit][dma][R57]") {
  for (unsigned stalled = 0; stalled < 4; stalled++) {
    Core bench;
    bench.stalled_paths = 1u << stalled;
    const uint64_t axi = uint64_t{1} << 40;
    for (int n = 0; n < 4; n++) {
      bench.submit(H2c, {copy(0x1000, 0, 2048)});
      bench.submit(C2h, {copy(0x100, 0x8000, 2048)});
      bench.submit(C2c, {copy(axi, 0x100, 2048)});
      bench.submit(H2h, {{.dst = 0x4000, .bytes = 8, .kind = Immediate}});
      bench.submit(H2h, {{.dst = 0x4000, .bytes = 8, .kind = Immediate}});
    }
    for (int n = 0; n < 400; n++) bench.tick();
    const std::array<unsigned, 4> path{H2c, C2h, H2h, C2c};                // who uses it
    const std::array<size_t, 4> entries{4, 4, 8, 4}, waiting{1, 1, 4, 1};  // chunks in the path
    for (unsigned p = 0; p < 4; p++) {
      const size_t ended = bench.channels[path[p]].closes.size();
      CHECK((p == stalled ? ended <= waiting[p] : ended == entries[p]));
    }
    bench.stalled_paths = 0;
    bench.run();
  }
}

TEST_CASE("DMA core lets other channels pass a stream that does not move", "[unit][dma][R57]") {
  Core bench({.stream_percent = 0});
  bench.channels[S2h].avail = 0;
  bench.channels[H2s].room = 0;
  for (const unsigned chan : {S2h, H2s, H2c, C2h}) {
    bench.share(chan, /*mode=*/0, chan == S2h || chan == H2s ? 3 : 0);
    bench.submit(chan, {copy(0x1000, 0x2000, 4096)});
  }
  for (int n = 0; n < 60; n++) bench.tick();
  CHECK(bench.channels[H2c].closes.size() == 1);
  CHECK(bench.channels[C2h].closes.size() == 1);
  CHECK(bench.channels[S2h].closes.empty());
  CHECK(bench.channels[H2s].closes.empty());
}

TEST_CASE("DMA core refuses a bad transfer of a stream that does not move", "[unit][dma][R55]") {
  Core bench({.stream_percent = 0});
  bench.channels[S2h].avail = 0;
  bench.submit(S2h, {copy(0, ~uint64_t{0} - 62, 64)});
  bench.run(20);
  CHECK(bench.channels[S2h].closes[0].error == Error::BadDesc);
}

TEST_CASE("DMA core begins nothing of a channel between a refusal and its stop",
          "[unit][dma][R55]") {
  Core bench({.unwanted_percent = 100, .stop_after = 10});
  bench.submit(H2c, {copy(0x1000, 0, 0)});
  for (int n = 0; n < 3; n++) bench.submit(H2c, {copy(0x1000, 0, 64)});
  for (int n = 0; n < 30; n++) bench.tick();
  CHECK(bench.opens.size() == 1);
  CHECK(bench.seen.empty());
}

TEST_CASE("DMA core begins a fenced entry when those before have ended", "[unit][dma]") {
  Core bench({.land_low = 50, .land_high = 50});
  for (int n = 0; n < 4; n++) {
    Desc d = copy(0x1000, 0, 64);
    d.fence = n % 2 == 1;
    bench.submit(H2c, {d});
    bench.submit(C2h, {copy(0, 0x1000, 64)});
  }
  bench.run(1000);
  CHECK(bench.seen.size() == 8);
}

TEST_CASE("DMA core refuses the 257th descriptor of an entry, whatever it is", "[unit][dma][R55]") {
  for (const size_t count : {256, 257}) {
    Core bench;
    std::vector<Front> entry(count, {.chan = H2c, .head = 9, .desc = copy(0x1000, 0, 1)});
    for (Front& f : entry) f.desc.last = false;
    entry.back().desc.last = true;
    if (count == 257) entry.back().error = Error::DescFetch;
    bench.submit(H2c, entry);
    bench.run();
    CHECK(bench.channels[H2c].closes[0].error == (count == 257 ? Error::ChainLong : Error::Ok));
    CHECK(bench.channels[H2c].closes[0].chunks == 256);
  }
}

TEST_CASE("DMA core ends an entry whose descriptor could not be read", "[unit][dma][R26]") {
  for (const Error error : {Error::DescFetch, Error::Stale}) {
    for (const size_t at : {0, 2}) {
      Core bench;
      std::vector<Front> entry(3, {.chan = C2h, .desc = copy(0, 0x1000, 64)});
      for (Front& f : entry) f.desc.last = f.desc.irq = false, f.desc.quiet = true;
      entry[at].error = error;
      entry[at].head = 5;
      bench.submit(C2h, entry);
      bench.run();
      REQUIRE(bench.channels[C2h].closes.size() == 1);
      CHECK(bench.channels[C2h].closes[0].error == error);
      CHECK(bench.channels[C2h].closes[0].head == 5);
      CHECK(bench.seen.size() == at);
    }
  }
}

TEST_CASE("DMA core finishes what is begun of a channel that is switched off", "[unit][dma][R54]") {
  Core bench;
  bench.submit(H2c, {copy(0x1000, 0, 1024), copy(0x2000, 0, 1024)});
  bench.submit(H2c, {copy(0x1000, 0, 64)});
  bench.tick();
  bench.enable(H2c, false);
  for (int n = 0; n < 60; n++) bench.tick();
  CHECK(bench.channels[H2c].closes.size() == 1);
  CHECK(bench.channels[H2c].closes[0].error == Error::Ok);
  bench.enable(H2c, true);
  bench.run();
  CHECK(bench.channels[H2c].closes.size() == 2);
}

TEST_CASE("DMA core starts anew after a reset in the midst of all", "[unit][dma][R43]") {
  Core bench({.stall_percent = 50});
  for (unsigned c = 0; c < 6; c++) bench.submit(c, {copy(0x1000, 0x2000, 4096)});
  for (int n = 0; n < 20; n++) bench.tick();
  bench.pins().front_valid_i = 0;
  bench.reset();
  bench.settle();
  CHECK(bench.pins().begun_o == 0);
  CHECK(bench.pins().chunk_valid_o == 0);
  CHECK_FALSE(bench.pins().close_valid_o);
  CHECK(bench.pins().want_o == 0x3f);
}

}  // namespace
}  // namespace cw::unit::dma
