// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
#include <array>
#include <vector>

#include "Vcw_msix.h"
#include "Vcw_msix_w64.h"
#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "unit/msix_pins.hpp"

namespace cw::unit::msix {
namespace {

// Bits of `cfg_state_t` that decide whether a function may send.
enum Gate : unsigned {
  FunctionMask = 384,
  Enable = 385,
  PowerState = 400,
  BusMaster = 402,
  IdValid = 405
};

struct Message {
  uint64_t iova = 0;
  uint32_t data = 0;
  bool operator==(const Message&) const = default;
};

constexpr Message message_of(uint32_t vector) {
  return {.iova = 0x12'fee0'0000 + uint64_t{0x10} * vector, .data = 0x4000 + vector};
}

template <class V>
struct Msix : dut::Module<V> {
  // Every vector has its message and is unmasked; the function may send.
  explicit Msix(uint64_t seed = 1) : dut::Module<V>(seed), bus(*this) {
    auto& pins = this->pins();
    pins.irq_i = pins.wr_ready_i = 0;
    dut::clear_bits(pins.state_i);
    this->reset();
    for (uint32_t v = 0; v < 8; ++v) {
      bus.write(entry(v, kAddrLo), static_cast<uint32_t>(message_of(v).iova));
      bus.write(entry(v, kAddrHi), static_cast<uint32_t>(message_of(v).iova >> 32));
      bus.write(entry(v, kData), message_of(v).data);
      bus.write(entry(v, kControl), 0);
    }
    for (const unsigned bit : {Enable, BusMaster, IdValid}) gate(bit, 1);
  }

  void gate(unsigned bit, unsigned value) {
    dut::set_bits(this->pins().state_i, bit, bit == PowerState ? 2 : 1, value);
  }
  void raise(unsigned vectors) {
    this->pins().irq_i = vectors;
    step();
    this->pins().irq_i = 0;
  }
  // One clock; a message that is taken in it goes to `sent`.
  void step() override {
    auto& pins = this->pins();
    this->settle();
    if (pins.wr_valid_o && pins.wr_ready_i) {
      CHECK(dut::get_bits(pins.wr_beat_o, 0, 2) == 3);   // sop, eop
      CHECK(dut::get_bits(pins.wr_beat_o, 2, 13) == 4);  // bytes
      CHECK(dut::get_bits(pins.wr_data_o, 32, 32) == 0);
      sent.push_back({.iova = dut::get_bits(pins.wr_beat_o, 15, 64),
                      .data = static_cast<uint32_t>(dut::get_bits(pins.wr_data_o, 0, 32))});
    }
    dut::Module<V>::step();
  }
  // What is sent within `cycles` clocks.
  std::vector<Message> drain(unsigned cycles = 100) {
    sent.clear();
    this->pins().wr_ready_i = 1;
    for (unsigned i = 0; i < cycles; ++i) step();
    this->pins().wr_ready_i = 0;
    return sent;
  }

  RegBus<V> bus;
  std::vector<Message> sent;
};

using Messages = std::vector<Message>;

TEST_CASE("An interrupt sends its vector's message to its 64-bit address once",
          "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise(1u << 3);
  CHECK(msix.drain() == Messages{message_of(3)});
  CHECK(msix.bus.read(kPba) == 0);
  Msix<Vcw_msix_w64> narrow;
  narrow.raise(1u << 7);
  CHECK(narrow.drain() == Messages{message_of(7)});
}

TEST_CASE("Interrupts of one clock are all sent", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise(0xff);
  CHECK(msix.drain().size() == 8);
}

TEST_CASE("A masked vector becomes pending and is sent once when unmasked", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.bus.write(entry(2, kControl), 1);
  for (int i = 0; i < 3; ++i) msix.raise(1u << 2);
  CHECK(msix.drain().empty());
  CHECK(msix.bus.read(kPba) == 1u << 2);
  msix.bus.write(entry(2, kControl), 0);
  CHECK(msix.drain() == Messages{message_of(2)});
  CHECK(msix.bus.read(kPba) == 0);
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
    msix.raise(0b100001);
    CHECK(msix.drain().empty());
    CHECK(msix.bus.read(kPba) == 0b100001);
    msix.gate(c.gate, c.open);
    CHECK(msix.drain().size() == 2);
    CHECK(msix.bus.read(kPba) == 0);
  }
}

TEST_CASE("A vector masked before its write is offered is not sent", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise(1);
  msix.bus.write(entry(0, kControl), 1);  // in the clock in which the vector is picked
  CHECK(msix.drain().empty());
  CHECK(msix.bus.read(kPba) == 1);
}

TEST_CASE("An interrupt in the clock of its own send is sent again", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise(1u << 4);
  msix.run_until([&] { return msix.pins().wr_valid_o; }, {10});
  CHECK(msix.bus.read(kPba) == 1u << 4);  // pending until taken
  msix.sent.clear();
  msix.pins().wr_ready_i = 1;
  msix.raise(1u << 4);
  CHECK(msix.sent == Messages{message_of(4)});
  CHECK(msix.drain() == Messages{message_of(4)});
}

TEST_CASE("An interrupt while its message waits needs no second message", "[unit][msix][R46]") {
  Msix<Vcw_msix> msix;
  msix.raise(1u << 4);
  msix.run_until([&] { return msix.pins().wr_valid_o; }, {10});
  msix.raise(1u << 4);
  CHECK(msix.drain() == Messages{message_of(4)});
}

TEST_CASE("No vector starves another", "[unit][msix]") {
  Msix<Vcw_msix> msix;
  msix.pins().wr_ready_i = 1;
  for (int i = 0; i < 100; ++i) msix.raise(0xff);
  std::array<int, 8> count{};
  for (const auto& message : msix.sent) ++count.at(message.data & 7);
  for (const int n : count) CHECK(n >= 3);
}

TEST_CASE("Every interrupt is followed by a message under any traffic", "[unit][msix][R29][R46]") {
  for (const auto kind : agent::kEveryStall) {
    Msix<Vcw_msix> msix(4);
    agent::Rng rng(12, "irq");
    agent::StallPolicy stall(kind, rng.fork("requester"));
    std::array<bool, 8> owed{};
    unsigned masked = 0;
    size_t unasked = 0, seen = 0;
    for (int i = 0; i < 3000; ++i) {
      msix.pins().wr_ready_i = !stall.stalls();
      const unsigned raised = rng.chance(5) ? 1u << rng.range(0, 7) : 0;
      if (rng.chance(3)) {
        const auto v = static_cast<uint32_t>(rng.range(0, 7));
        masked ^= 1u << v;
        msix.bus.write(entry(v, kControl), masked >> v & 1);
      } else if (rng.chance(3)) {
        msix.bus.read(kPba);
      }
      msix.raise(raised);
      for (; seen < msix.sent.size(); ++seen) {
        const unsigned v = msix.sent[seen].data & 7;
        CHECK(msix.sent[seen] == message_of(v));
        unasked += !owed[v];
        owed[v] = false;
      }
      for (unsigned v = 0; v < 8; ++v) owed[v] = owed[v] || (raised >> v & 1);
    }
    CHECK(unasked == 0);
    msix.pins().wr_ready_i = 0;
    for (uint32_t v = 0; v < 8; ++v) msix.bus.write(entry(v, kControl), 0);
    for (const auto& message : msix.drain(200)) owed[message.data & 7] = false;
    for (const bool still : owed) CHECK_FALSE(still);
  }
}

}  // namespace
}  // namespace cw::unit::msix
