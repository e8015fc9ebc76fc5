// SPDX-License-Identifier: Apache-2.0
// cw-variant: Vectors=1
// cw-variant: Vectors=70
// cw-variant: Vectors=2048 TableOffset=32768
#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "Vcw_msix.h"
#include "Vcw_msix_vectors1.h"
#include "Vcw_msix_vectors2048_tableoffset32768.h"
#include "Vcw_msix_vectors70.h"
#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "unit/msix_pins.hpp"

namespace cw::unit::msix {
namespace {

using Large = Vcw_msix_vectors2048_tableoffset32768;

// Bits of `cfg_state_t` that decide whether a function may send.
enum Gate : unsigned {
  FunctionMask = 384,
  Enable = 385,
  PowerState = 400,
  BusMaster = 402,
  IdValid = 405
};

constexpr Message message_of(uint32_t vector) {
  return {.address = 0x12'fee0'0000 + uint64_t{0x10} * vector, .data = 0x4000 + vector};
}

template <class V>
struct Msix : dut::Module<V> {
  static constexpr uint32_t kVectors = std::is_same_v<V, Large>                ? 2048
                                       : std::is_same_v<V, Vcw_msix_vectors70> ? 70
                                       : std::is_same_v<V, Vcw_msix_vectors1>  ? 1
                                                                               : 8;
  static constexpr uint32_t kBase = kVectors > 256 ? kLongTable : kTable;

  // Every vector has its message and is unmasked; the function may send.
  explicit Msix(uint64_t seed = 1) : dut::Module<V>(seed), bus(*this) {
    auto& pins = this->pins();
    dut::clear_bits(pins.irq_i);
    pins.ready_i = pins.reg_pba_i = 0;
    dut::clear_bits(pins.state_i);
    this->reset();
    for (uint32_t v = 0; v < kVectors; ++v) {
      bus.write(entry(v, kAddrLo, kBase), static_cast<uint32_t>(message_of(v).address));
      bus.write(entry(v, kAddrHi, kBase), static_cast<uint32_t>(message_of(v).address >> 32));
      bus.write(entry(v, kData, kBase), message_of(v).data);
      mask(v, false);
    }
    for (const unsigned bit : {Enable, BusMaster, IdValid}) gate(bit, 1);
  }

  void mask(uint32_t vector, bool masked) {
    bus.write(entry(vector, kControl, kBase), masked ? 1 : 0);
  }
  bool pending(uint32_t vector) {
    return (bus.read(kPba + vector / 32 * 4) >> vector % 32 & 1) != 0;
  }
  void gate(unsigned bit, unsigned value) {
    dut::set_bits(this->pins().state_i, bit, bit == PowerState ? 2 : 1, value);
  }
  void raise(const std::vector<uint32_t>& vectors) {
    for (const uint32_t v : vectors) dut::set_bits(this->pins().irq_i, v, 1, 1);
    step();
    dut::clear_bits(this->pins().irq_i);
  }
  // One clock; a message that is taken in it goes to `sent`.
  void step() override {
    auto& pins = this->pins();
    this->settle();
    if (pins.valid_o && pins.ready_i) sent.push_back(message(pins.message_o));
    dut::Module<V>::step();
  }
  // What is sent within `cycles` clocks.
  std::vector<Message> drain(unsigned cycles = 100) {
    sent.clear();
    this->pins().ready_i = 1;
    for (unsigned i = 0; i < cycles; ++i) step();
    this->pins().ready_i = 0;
    return sent;
  }

  RegBus<V> bus;
  std::vector<Message> sent;
};

using Messages = std::vector<Message>;

TEST_CASE("An interrupt sends its vector's message to its 64-bit address once",
          "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise({3});
  CHECK(msix.drain() == Messages{message_of(3)});
  CHECK(msix.bus.read(kPba) == 0);
  Msix<Vcw_msix_vectors1> one;
  one.raise({0});
  CHECK(one.drain() == Messages{message_of(0)});
}

TEST_CASE("masked-msix-lost: a masked vector keeps its interrupt and both halves of its address",
          "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.mask(5, true);
  msix.bus.write(entry(5, kAddrHi), 0xdead'beef);
  msix.raise({5});
  CHECK(msix.drain().empty());
  msix.mask(5, false);
  CHECK(msix.drain() == Messages{{.address = 0xdead'beef'fee0'0050, .data = 0x4005}});
}

TEST_CASE("A quadword write of an address is seen by one message as a whole", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.mask(1, true);
  msix.bus.write(entry(1, kAddrLo), 0x1111'1110);
  msix.bus.write(entry(1, kAddrHi), 0x2222'2222);
  CHECK(msix.bus.read(entry(1, kAddrLo)) == 0x1111'1110);
  CHECK(msix.bus.read(entry(1, kAddrHi)) == 0x2222'2222);
  msix.mask(1, false);
  msix.raise({1});
  CHECK(msix.drain() == Messages{{.address = 0x2222'2222'1111'1110, .data = 0x4001}});
}

TEST_CASE("Interrupts of one clock are all sent", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise({0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(msix.drain().size() == 8);
}

TEST_CASE("A masked vector becomes pending and is sent once when unmasked", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.mask(2, true);
  for (int i = 0; i < 3; ++i) msix.raise({2});
  CHECK(msix.drain().empty());
  CHECK(msix.bus.read(kPba) == 1u << 2);
  msix.mask(2, false);
  CHECK(msix.drain() == Messages{message_of(2)});
  CHECK(msix.bus.read(kPba) == 0);
}

TEST_CASE("Every vector is masked and nothing is pending after reset", "[unit][msix][R43][R46]") {
  Msix<Vcw_msix_vectors70> msix;
  msix.raise({0, 33, 69});
  msix.reset();
  CHECK(msix.drain().empty());
  for (const uint32_t v : {0u, 33u, 69u}) {
    CHECK_FALSE(msix.pending(v));
    CHECK(msix.bus.read(entry(v, kControl)) == 1);
    msix.raise({v});
    CHECK(msix.pending(v));
  }
  CHECK(msix.drain().empty());
}

TEST_CASE("A reset of one clock withdraws the message on offer", "[unit][msix][R43][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise({4, 6});
  msix.run_until([&] { return msix.pins().valid_o; }, {10});
  msix.reset({1});
  msix.settle();
  CHECK_FALSE(msix.pins().valid_o);
  CHECK(msix.drain().empty());
}

TEST_CASE("A message on offer stays as it is while software reads the table", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise({4});
  msix.run_until([&] { return msix.pins().valid_o; }, {10});
  CHECK(msix.bus.read(entry(2, kData)) == message_of(2).data);
  CHECK(message(msix.pins().message_o) == message_of(4));
  CHECK(msix.drain() == Messages{message_of(4)});
}

TEST_CASE("No message is made of what software reads of the table", "[unit][msix][R46]") {
  for (unsigned before = 0; before < 8; ++before) {
    for (unsigned between = 0; between < 4; ++between) {
      Msix<Vcw_msix> msix;
      msix.pins().ready_i = 1;
      msix.raise({1, 2});
      for (unsigned i = 0; i < before; ++i) msix.step();
      msix.raise({1});
      for (unsigned i = 0; i < between; ++i) msix.step();
      msix.bus.read(entry(5, kData));
      for (unsigned i = 0; i < 20; ++i) msix.step();
      for (const Message& m : msix.sent) CHECK((m == message_of(1) || m == message_of(2)));
      CHECK(std::count(msix.sent.begin(), msix.sent.end(), message_of(2)) == 1);
      CHECK(msix.sent.back() == message_of(msix.sent.size() == 3 ? 1 : 2));
    }
  }
}

TEST_CASE("An interrupt that finds nothing to do takes the same time whenever it comes",
          "[unit][msix][performance]") {
  std::set<uint64_t> clocks;
  for (unsigned wait = 0; wait < 12; ++wait) {
    for (const uint32_t vector : {0u, 40u}) {
      Msix<Vcw_msix_vectors70> msix;
      for (unsigned i = 0; i < 20 + wait; ++i) msix.step();
      const auto start = msix.now();
      msix.raise({vector});
      msix.run_until([&] { return msix.pins().valid_o; }, {10});
      clocks.insert((msix.now() - start).value);
    }
  }
  CHECK(clocks.size() == 1);
}

TEST_CASE("Nothing is sent and nothing is lost while the function may not send",
          "[unit][msix][R10][R46][R47]") {
  struct Closed {
    Gate gate;
    unsigned closed, open;
  };
  for (const Closed& c : {Closed{FunctionMask, 1, 0}, Closed{Enable, 0, 1}, Closed{BusMaster, 0, 1},
                          Closed{IdValid, 0, 1}, Closed{PowerState, 3, 0}}) {
    Msix<Vcw_msix> msix;
    msix.gate(c.gate, c.closed);
    msix.raise({0, 5});
    CHECK(msix.drain().empty());
    CHECK(msix.bus.read(kPba) == 0b100001);
    msix.gate(c.gate, c.open);
    CHECK(msix.drain().size() == 2);
    CHECK(msix.bus.read(kPba) == 0);
  }
}

TEST_CASE("A message on offer is withdrawn when the function may no longer send",
          "[unit][msix][R10][R46][R47]") {
  struct Closed {
    Gate gate;
    unsigned closed, open;
  };
  for (const Closed& c : {Closed{FunctionMask, 1, 0}, Closed{Enable, 0, 1}, Closed{BusMaster, 0, 1},
                          Closed{PowerState, 3, 0}}) {
    Msix<Vcw_msix> msix;
    msix.raise({4});
    msix.run_until([&] { return msix.pins().valid_o; }, {10});
    msix.gate(c.gate, c.closed);
    msix.step();  // the registers changed in this clock
    CHECK(msix.drain().empty());
    CHECK(msix.pending(4));
    msix.gate(c.gate, c.open);
    CHECK(msix.drain() == Messages{message_of(4)});
  }
}

TEST_CASE("A vector masked before its write is taken is not sent", "[unit][msix][R46]") {
  for (unsigned wait = 0; wait < 8; ++wait) {
    Msix<Vcw_msix> msix;
    msix.raise({0});
    for (unsigned i = 0; i < wait; ++i) msix.step();
    msix.mask(0, true);
    msix.step();  // the read that follows the write takes longer than this
    CHECK(msix.drain().empty());
    CHECK(msix.bus.read(kPba) == 1);
    msix.mask(0, false);
    CHECK(msix.drain() == Messages{message_of(0)});
  }
}

TEST_CASE("An interrupt in the clock of its own send is sent again", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise({4});
  msix.run_until([&] { return msix.pins().valid_o; }, {10});
  CHECK(msix.bus.read(kPba) == 1u << 4);  // pending until taken
  msix.sent.clear();
  msix.pins().ready_i = 1;
  msix.raise({4});
  CHECK(msix.sent == Messages{message_of(4)});
  CHECK(msix.drain() == Messages{message_of(4)});
}

TEST_CASE("An interrupt while its message waits needs no second message", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise({4});
  msix.run_until([&] { return msix.pins().valid_o; }, {10});
  msix.raise({4});
  CHECK(msix.drain() == Messages{message_of(4)});
}

TEST_CASE("No vector starves another", "[unit][msix]") {
  Msix<Vcw_msix_vectors70> msix;
  std::vector<uint32_t> all(70);
  for (uint32_t v = 0; v < 70; ++v) all[v] = v;
  msix.pins().ready_i = 1;
  for (int i = 0; i < 1000; ++i) msix.raise(all);
  std::array<int, 70> count{};
  for (const auto& message : msix.sent) ++count.at(message.data - 0x4000);
  for (const int n : count) CHECK(n >= 3);
}

TEST_CASE("Words of vectors take turns, however many of each are waiting", "[unit][msix]") {
  for (uint32_t waiting = 1; waiting <= 8; ++waiting) {
    Msix<Vcw_msix_vectors70> msix;
    std::vector<uint32_t> raised;
    for (uint32_t v = 0; v < waiting; ++v) raised.insert(raised.end(), {v, 32 + v});
    msix.pins().ready_i = 1;
    for (int i = 0; i < 500; ++i) msix.raise(raised);
    const auto low = static_cast<size_t>(std::count_if(
        msix.sent.begin(), msix.sent.end(), [](const Message& m) { return m.data - 0x4000 < 32; }));
    CHECK(low + waiting >= msix.sent.size() - low);
    CHECK(low <= msix.sent.size() - low + waiting);
  }
}

TEST_CASE("A table of 2048 vectors sends each, the first within eight clocks",
          "[unit][msix][R46]") {
  Msix<Large> msix;
  for (const uint32_t v : {0u, 31u, 32u, 1023u, 1024u, 2016u, 2047u}) {
    msix.raise({v});
    CHECK(msix.pending(v));
    msix.run_until([&] { return msix.pins().valid_o; }, {8});
    CHECK(msix.drain(20) == Messages{message_of(v)});
    CHECK_FALSE(msix.pending(v));
  }
  msix.mask(2047, true);
  msix.raise({2047, 1});
  CHECK(msix.drain(40) == Messages{message_of(1)});
  CHECK(msix.pending(2047));
  msix.mask(2047, false);
  CHECK(msix.drain(40) == Messages{message_of(2047)});

  std::vector<uint32_t> all(2048);
  for (uint32_t v = 0; v < 2048; ++v) all[v] = v;
  msix.raise(all);
  std::set<uint32_t> seen;
  for (const Message& m : msix.drain(2048 * 4)) {
    CHECK(m == message_of(m.data - 0x4000));
    seen.insert(m.data);
  }
  CHECK(seen.size() == 2048);
}

template <class V>
void under_any_traffic(agent::Stall kind) {
  constexpr uint32_t vectors = Msix<V>::kVectors;
  Msix<V> msix(4);
  agent::Rng rng(12, "irq");
  agent::StallPolicy stall(kind, rng.fork("requester"));
  std::array<bool, vectors> owed{}, masked{};
  size_t unasked = 0, seen = 0;
  for (int i = 0; i < 3000; ++i) {
    msix.pins().ready_i = !stall.stalls();
    std::vector<uint32_t> raised;
    if (rng.chance(5)) raised.push_back(static_cast<uint32_t>(rng.range(0, vectors - 1)));
    if (rng.chance(3)) {
      const auto v = static_cast<uint32_t>(rng.range(0, vectors - 1));
      masked[v] = !masked[v];
      msix.mask(v, masked[v]);
    } else if (rng.chance(3)) {
      msix.bus.read(
          rng.chance(50) ? kPba : entry(static_cast<uint32_t>(rng.range(0, vectors - 1)), kData));
    }
    msix.raise(raised);
    for (; seen < msix.sent.size(); ++seen) {
      const unsigned v = msix.sent[seen].data - 0x4000;
      CHECK(msix.sent[seen] == message_of(v));
      unasked += !owed[v];
      owed[v] = false;
    }
    for (const uint32_t v : raised) owed[v] = true;
  }
  CHECK(unasked == 0);
  msix.pins().ready_i = 0;
  for (uint32_t v = 0; v < vectors; ++v) msix.mask(v, false);
  for (const auto& message : msix.drain(20 + 4 * vectors)) owed[message.data - 0x4000] = false;
  for (const bool still : owed) CHECK_FALSE(still);
}

TEST_CASE("Every interrupt is followed by a message under any traffic", "[unit][msix][R29][R46]") {
  for (const auto kind : agent::kEveryStall) {
    under_any_traffic<Vcw_msix>(kind);
    under_any_traffic<Vcw_msix_vectors70>(kind);
  }
}

}  // namespace
}  // namespace cw::unit::msix
