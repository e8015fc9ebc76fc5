// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include "Vcw_card_writer.h"
#include "Vcw_card_writer_w512.h"
#include "Vcw_card_writer_w64.h"
#include "catch_shim.hpp"
#include "unit/completer_stubs.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Write {
  uint32_t address = 0;  // of the first dword
  std::vector<uint32_t> dwords{};
  unsigned first_be = 0xf, last_be = 0xf;
};

template <class V>
struct Writer {
  Writer(uint64_t seed, agent::Stall stall)
      : rng(seed, "writer"),
        module(seed),
        card(module, rng.fork("card"), stall),
        source(stall, rng.fork("source")) {
    p().in_valid_i = 0;
    module.reset();
  }
  V& p() { return module.pins(); }
  static constexpr unsigned kLanes = sizeof(V::in_data_i) / 4;

  void clock() {
    module.settle();
    done += p().done_o;
    module.step();
  }
  void give(const Write& write) {
    p().in_addr_i = write.address;
    p().in_dw_i = static_cast<uint16_t>(write.dwords.size());
    p().in_first_be_i = static_cast<uint8_t>(write.first_be);
    p().in_last_be_i = static_cast<uint8_t>(write.last_be);
    for (size_t at = 0; at < write.dwords.size();) {
      while (source.stalls()) clock();
      std::array<uint32_t, kLanes> lanes;
      lanes.fill(0xbadbadba);
      for (unsigned i = 0; i < kLanes && at < write.dwords.size(); ++i)
        lanes[i] = write.dwords[at++];
      std::memcpy(&p().in_data_i, lanes.data(), sizeof(lanes));
      p().in_last_i = at == write.dwords.size();
      p().in_valid_i = 1;
      for (bool taken = false; !taken;) {
        module.settle();
        taken = p().in_ready_o;
        clock();
        REQUIRE(module.now().value < 1'000'000);
      }
      p().in_valid_i = 0;
    }
  }
  void drain() {
    module.settle();
    for (unsigned i = 0; p().busy_o; ++i) {
      REQUIRE(i < 2000);
      clock();
      module.settle();
    }
  }

  agent::Rng rng;
  dut::Module<V> module;
  CardStub<V> card;
  agent::StallPolicy source;
  unsigned done = 0;
};

// The bytes that a write enables, in a memory of our own.
void apply(Bytes& memory, const Write& write) {
  for (size_t d = 0; d < write.dwords.size(); ++d) {
    const bool last = d + 1 == write.dwords.size();
    const unsigned be = d == 0 ? write.first_be : last ? write.last_be : 0xf;
    for (unsigned i = 0; i < 4; ++i) {
      if (be >> i & 1) {
        memory.put(write.address + 4 * d + i, static_cast<uint8_t>(write.dwords[d] >> 8 * i));
      }
    }
  }
}

template <class V>
void check_random(uint64_t seed, agent::Stall stall) {
  Writer<V> writer(seed, stall);
  Bytes expected;
  constexpr unsigned kWrites = 150;
  for (unsigned n = 0; n < kWrites; ++n) {
    Write write{.address = static_cast<uint32_t>(writer.rng.range(0, 600)) * 4};
    const auto dw = writer.rng.chance(70) ? writer.rng.range(1, 20) : writer.rng.range(1, 128);
    for (unsigned i = 0; i < dw; ++i) write.dwords.push_back(writer.rng.u32());
    write.first_be = static_cast<unsigned>(writer.rng.range(1, 15));
    write.last_be = static_cast<unsigned>(writer.rng.range(1, 15));
    apply(expected, write);
    writer.give(write);
  }
  writer.drain();
  CHECK(writer.done == kWrites);
  CHECK(writer.card.memory.written() == expected.written());
  for (uint32_t at = 0; at < 4096; ++at) REQUIRE(writer.card.memory.at(at) == expected.at(at));
}

}  // namespace

TEST_CASE("exactly the enabled bytes of every write arrive, in order", "[unit][endpoint][R05]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  check_random<Vcw_card_writer>(1, stall);
  check_random<Vcw_card_writer_w64>(2, stall);
  check_random<Vcw_card_writer_w512>(3, stall);
}

TEST_CASE("the largest write takes 128 clocks, and one more when it is not aligned",
          "[unit][endpoint][R03][performance]") {
  Writer<Vcw_card_writer> writer(1, agent::Stall::None);
  const uint32_t address = GENERATE(0u, 4u);
  Write write{.address = address};
  for (unsigned i = 0; i < 1024; ++i) write.dwords.push_back(i);
  const uint64_t start = writer.module.now().value;
  writer.give(write);
  writer.drain();
  CHECK(writer.module.now().value - start <= 130 + (address != 0));
  CHECK(writer.card.writes == 128 + (address != 0));
  for (unsigned i = 0; i < 1024; ++i) REQUIRE(writer.card.memory.dword(address + 4 * i) == i);
}

TEST_CASE("busy lasts from the first beat until card memory has the last",
          "[unit][endpoint][R06]") {
  Writer<Vcw_card_writer> writer(1, agent::Stall::None);
  writer.card.block_writes = true;
  writer.module.step(2_cycles);
  writer.give({.address = 8, .dwords = {1, 2}});
  for (unsigned i = 0; i < 20; ++i) {
    writer.clock();
    writer.module.settle();
    CHECK(writer.p().busy_o);
  }
  CHECK(writer.done == 0);
  writer.card.block_writes = false;
  writer.drain();
  CHECK(writer.done == 1);
}
