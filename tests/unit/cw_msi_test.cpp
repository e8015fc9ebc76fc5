// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <bit>
#include <vector>

#include "Vcw_msi.h"
#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "unit/interrupt_fields.hpp"

namespace cw::unit {
namespace {

using msix::Message;
using Messages = std::vector<Message>;

constexpr uint64_t kAddress = 0x0000'0034'fee0'1000;
constexpr uint16_t kData = 0x4140;

Message message_of(unsigned vector) { return {.address = kAddress, .data = kData | vector}; }

struct Msi : dut::Module<Vcw_msi> {
  explicit Msi(unsigned vectors_log2 = 5) {
    state.msi = {.data = kData, .address = kAddress, .vectors_log2 = vectors_log2, .enable = true};
    pins().irq_i = pins().ready_i = 0;
    configure();
    reset();
  }
  void configure() {
    drive(pins().state_i, state);
    settle();
  }
  void raise(uint32_t vectors) {
    pins().irq_i = vectors;
    step();
    pins().irq_i = 0;
  }
  void step() override {
    settle();
    if (pins().valid_o && pins().ready_i) sent.push_back(msix::message(pins().message_o));
    Module::step();
  }
  Messages drain(unsigned cycles = 100) {
    sent.clear();
    pins().ready_i = 1;
    for (unsigned i = 0; i < cycles; ++i) step();
    pins().ready_i = 0;
    settle();
    return sent;
  }
  uint32_t pending() {
    settle();
    return pins().pending_o;
  }

  FunctionState state;
  Messages sent;
};

TEST_CASE("MSI sends the vector in the low bits of its data, once, to 64 bits of address",
          "[unit][msi]") {
  Msi msi;
  for (const unsigned v : {0u, 9u, 31u}) {
    msi.raise(1u << v);
    CHECK(msi.pending() == 1u << v);
    CHECK(msi.drain() == Messages{message_of(v)});
    CHECK(msi.pending() == 0);
  }
}

TEST_CASE("MSI vectors beyond what software grants are folded into those it grants",
          "[unit][msi]") {
  for (unsigned log2 = 0; log2 <= 5; ++log2) {
    for (unsigned v = 0; v < 32; ++v) {
      Msi msi(log2);
      msi.raise(1u << v);
      CHECK(msi.pending() == 1u << v % (1u << log2));
      CHECK(msi.drain(4) == Messages{message_of(v % (1u << log2))});
    }
  }
}

TEST_CASE("One message tells of all MSI vectors that are folded into one", "[unit][msi]") {
  Msi msi(1);
  msi.raise(0xffff'ffff);
  CHECK(msi.pending() == 3);
  CHECK(msi.drain() == Messages{message_of(0), message_of(1)});
}

TEST_CASE("Data bits that the vector takes are software's no more", "[unit][msi]") {
  Msi msi(2);
  msi.state.msi.data = 0xffff;
  msi.configure();
  msi.raise(1u << 1);
  CHECK(msi.drain() == Messages{{.address = kAddress, .data = 0xfffd}});
}

TEST_CASE("A masked MSI vector becomes pending and is sent once when unmasked", "[unit][msi]") {
  Msi msi;
  msi.state.msi.mask = 1u << 7;
  msi.configure();
  for (int i = 0; i < 3; ++i) msi.raise(1u << 7 | 1u << 8);
  CHECK(msi.drain() == Messages{message_of(8)});
  CHECK(msi.pending() == 1u << 7);
  msi.state.msi.mask = 0;
  msi.configure();
  CHECK(msi.drain() == Messages{message_of(7)});
  CHECK(msi.pending() == 0);
}

TEST_CASE("No MSI is sent, and none is lost, while the function may not send",
          "[unit][msi][R10][R47]") {
  const FunctionState open = Msi().state;
  std::vector<FunctionState> closed(5, open);
  closed[0].msi.enable = false;
  closed[1].bus_master = false;
  closed[2].id_valid = false;
  closed[3].power = 3;
  closed[4].msi.mask = ~0u;
  for (const FunctionState& state : closed) {
    Msi msi;
    msi.raise(1u << 3);  // one is on offer when the door closes
    msi.run_until([&] { return msi.pins().valid_o; }, {5});
    msi.state = state;
    msi.configure();
    msi.raise(1u << 5);
    CHECK(msi.drain().empty());
    CHECK(msi.pending() == (1u << 3 | 1u << 5));
    msi.state = open;
    msi.configure();
    CHECK(msi.drain().size() == 2);
  }
}

TEST_CASE("An MSI in the clock of its own send is sent again", "[unit][msi]") {
  Msi msi;
  msi.raise(1u << 4);
  msi.run_until([&] { return msi.pins().valid_o; }, {5});
  msi.pins().ready_i = 1;
  msi.raise(1u << 4);
  CHECK(msi.sent == Messages{message_of(4)});
  CHECK(msi.drain() == Messages{message_of(4)});
}

TEST_CASE("A message on offer waits as it is, and does not wait for ready", "[unit][msi]") {
  Msi msi;
  msi.raise(1u << 4 | 1u << 9 | 1u << 12);
  for (const unsigned vector : {4u, 9u, 12u}) {
    msi.run_until([&] { return msi.pins().valid_o; }, {3});
    for (unsigned i = 0; i < 5; ++i) {
      CHECK(msi.pins().valid_o);
      CHECK(msix::message(msi.pins().message_o) == message_of(vector));
      msi.step();
      msi.settle();
    }
    msi.pins().ready_i = 1;
    msi.step();
    msi.pins().ready_i = 0;
  }
  CHECK(msi.sent == Messages{message_of(4), message_of(9), message_of(12)});
  CHECK(msi.pending() == 0);
}

TEST_CASE("MSI vectors that are raised all the time take turns", "[unit][msi]") {
  for (const uint32_t raised : {1u << 3 | 1u << 20, 7u, 0xf0u, 0x1fu, ~0u}) {
    for (unsigned every = 1; every <= 5; ++every) {  // clock the requester takes one
      Msi msi;
      for (unsigned i = 0; i < 640; ++i) {
        msi.pins().ready_i = i % every == 0;
        msi.raise(raised);
      }
      std::array<size_t, 32> count{};
      for (const Message& m : msi.sent) ++count.at(m.data & 31);
      const auto vectors = static_cast<size_t>(std::popcount(raised));
      for (unsigned v = 0; v < 32; ++v) {
        if (raised >> v & 1) CHECK(count[v] >= msi.sent.size() / vectors);
      }
    }
  }
}

TEST_CASE("No MSI vector starves another, and each event is followed by its message",
          "[unit][msi][R29]") {
  for (const auto kind : agent::kEveryStall) {
    Msi msi;
    agent::Rng rng(5, "irq");
    agent::StallPolicy stall(kind, rng.fork("requester"));
    std::array<bool, 32> owed{};
    size_t seen = 0, unasked = 0;
    for (int i = 0; i < 4000; ++i) {
      msi.pins().ready_i = !stall.stalls();
      const uint32_t raised = rng.chance(4) ? 1u << rng.range(0, 31) : 0;
      if (rng.chance(20)) {
        msi.state.msi.mask ^= 1u << rng.range(0, 31);
        msi.configure();
      }
      msi.raise(raised);
      for (; seen < msi.sent.size(); ++seen) {
        const unsigned v = msi.sent[seen].data & 31;
        CHECK(msi.sent[seen] == message_of(v));
        unasked += !owed[v];
        owed[v] = false;
      }
      for (unsigned v = 0; v < 32; ++v) owed[v] = owed[v] || (raised >> v & 1);
    }
    CHECK(unasked == 0);
    msi.state.msi.mask = 0;
    msi.configure();
    for (const Message& m : msi.drain(200)) owed[m.data & 31] = false;
    for (const bool still : owed) CHECK_FALSE(still);
  }
}

}  // namespace
}  // namespace cw::unit
