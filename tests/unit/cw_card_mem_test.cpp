// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
// cw-variant: W=512
#include <array>
#include <deque>
#include <vector>

#include "Vcw_card_mem.h"
#include "Vcw_card_mem_w512.h"
#include "Vcw_card_mem_w64.h"
#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

using agent::Rng;
using agent::Stall;
using agent::StallPolicy;

constexpr uint32_t kBytes = 65536;
constexpr unsigned kClients = 3;

template <class V, unsigned kBeat>
struct CardMem : dut::Module<V> {
  using Beat = std::array<uint8_t, kBeat>;

  CardMem() {
    this->pins().wr_valid_i = this->pins().rd_valid_i = this->pins().lock_i = 0;
    this->reset();
  }

  void present_write(unsigned client, uint32_t addr, const Beat& data, uint64_t strb) {
    auto& pins = this->pins();
    dut::set_bits(pins.wr_addr_i, 32 * client, 32, addr);
    for (unsigned b = 0; b < kBeat; ++b) {
      dut::set_bits(pins.wr_data_i, 8 * (kBeat * client + b), 8, data[b]);
      dut::set_bits(pins.wr_strb_i, kBeat * client + b, 1, strb >> b & 1);
    }
  }
  Beat answer(unsigned client) {
    Beat beat;
    for (unsigned b = 0; b < kBeat; ++b) {
      beat[b] =
          static_cast<uint8_t>(dut::get_bits(this->pins().rd_rdata_o, 8 * (kBeat * client + b), 8));
    }
    return beat;
  }
};

// Random traffic of all clients on a few beats, compared with an array of bytes.
template <class V, unsigned kBeat>
void check_random(Stall kind) {
  using Mem = CardMem<V, kBeat>;
  struct Owed {
    uint64_t due;
    unsigned client;
    typename Mem::Beat beat;
  };
  Mem mem;
  auto& pins = mem.pins();
  Rng rng(6, "card memory");
  std::vector<uint8_t> bytes(kBytes);
  std::vector<StallPolicy> stalls;
  for (unsigned i = 0; i < 2 * kClients; ++i) stalls.emplace_back(kind, rng.fork("stall"));
  const auto any_beat = [&] {
    return static_cast<uint32_t>(rng.chance(80) ? rng.range(0, 7)
                                                : kBytes / kBeat - 8 + rng.range(0, 7)) *
           kBeat;
  };

  std::array<uint32_t, kClients> wr_addr{}, rd_addr{};
  std::array<typename Mem::Beat, kClients> wr_data{};
  std::array<uint64_t, kClients> wr_strb{};
  std::deque<Owed> owed;
  size_t answers = 0, wrong = 0;
  // The touched beats start defined; after that nothing is reset.
  const uint64_t first_random = 16;
  for (uint64_t cycle = 0; cycle < 3000; ++cycle) {
    const bool defining = cycle < first_random;
    for (unsigned c = 0; c < kClients; ++c) {
      if (!(pins.wr_valid_i >> c & 1) && (defining ? c == 0 : !stalls[c].stalls())) {
        wr_addr[c] = any_beat();
        if (defining) {
          wr_addr[c] =
              static_cast<uint32_t>(cycle < 8 ? cycle : kBytes / kBeat - 16 + cycle) * kBeat;
        }
        wr_strb[c] = defining ? ~uint64_t{0} : rng.u64();
        for (auto& byte : wr_data[c]) byte = static_cast<uint8_t>(rng.u32());
        mem.present_write(c, wr_addr[c], wr_data[c], wr_strb[c]);
        pins.wr_valid_i |= 1u << c;
      }
      if (!(pins.rd_valid_i >> c & 1) && !defining && !stalls[kClients + c].stalls()) {
        rd_addr[c] = any_beat();
        dut::set_bits(pins.rd_addr_i, 32 * c, 32, rd_addr[c]);
        pins.rd_valid_i |= 1u << c;
      }
    }
    mem.settle();
    const unsigned written = pins.wr_ready_o, read = pins.rd_ready_o, answered = pins.rd_rvalid_o;
    const unsigned due = !owed.empty() && owed.front().due == cycle ? 1u << owed.front().client : 0;
    wrong += answered != due;
    if (due) {
      wrong += mem.answer(owed.front().client) != owed.front().beat;
      owed.pop_front();
      ++answers;
    }
    for (unsigned c = 0; c < kClients; ++c) {
      if (!(read >> c & 1)) continue;
      owed.push_back({.due = cycle + 2, .client = c, .beat = {}});
      std::copy_n(bytes.begin() + rd_addr[c], kBeat, owed.back().beat.begin());
    }
    for (unsigned c = 0; c < kClients; ++c) {
      for (unsigned b = 0; b < kBeat && written >> c & 1; ++b) {
        if (wr_strb[c] >> b & 1) bytes[wr_addr[c] + b] = wr_data[c][b];
      }
    }
    mem.step();
    pins.wr_valid_i &= ~written;
    pins.rd_valid_i &= ~read;
  }
  CHECK(wrong == 0);
  CHECK(answers > 300);
}

TEST_CASE("Card memory gives every read the bytes written before it", "[unit][endpoint]") {
  for (const auto kind : agent::kEveryStall) {
    check_random<Vcw_card_mem, 32>(kind);
    check_random<Vcw_card_mem_w64, 8>(kind);
    check_random<Vcw_card_mem_w512, 64>(kind);
  }
}

TEST_CASE("Card memory serves an access per clock and its clients in turn", "[unit][endpoint]") {
  CardMem<Vcw_card_mem_w64, 8> mem;
  auto& pins = mem.pins();
  for (unsigned c = 0; c < kClients; ++c) {
    mem.present_write(c, 8 * c, {}, 0xff);
    dut::set_bits(pins.rd_addr_i, 32 * c, 32, 8 * c);
  }
  pins.wr_valid_i = pins.rd_valid_i = (1u << kClients) - 1;
  for (unsigned turn = 0; turn < 10; ++turn) {
    mem.settle();
    CHECK(pins.wr_ready_o == 1u << turn % kClients);
    CHECK(pins.rd_ready_o == 1u << turn % kClients);
    mem.step();
  }
}

TEST_CASE("While one client holds the lock of card memory, it alone writes, and all read",
          "[unit][endpoint]") {
  CardMem<Vcw_card_mem_w64, 8> mem;
  auto& pins = mem.pins();
  for (unsigned c = 0; c < kClients; ++c) {
    mem.present_write(c, 8 * c, {}, 0xff);
    dut::set_bits(pins.rd_addr_i, 32 * c, 32, 8 * c);
  }
  pins.wr_valid_i = pins.rd_valid_i = (1u << kClients) - 1;
  for (unsigned turn = 0; turn < 10; ++turn) {
    pins.lock_i = 1u << 2;
    mem.settle();
    CHECK(pins.wr_ready_o == 1u << 2);
    CHECK(pins.rd_ready_o == 1u << turn % kClients);
    mem.step();
  }
  pins.wr_valid_i = 1;
  mem.settle();
  CHECK(pins.wr_ready_o == 0);
  pins.lock_i = 0;
  mem.settle();
  CHECK(pins.wr_ready_o == 1);
}

TEST_CASE("Card memory alarms at an address outside", "[unit][endpoint][R21]") {
  CardMem<Vcw_card_mem_w64, 8> mem;
  mem.present_write(1, kBytes, {}, 0xff);
  mem.pins().wr_valid_i = 2;
  CHECK_THROWS_AS(mem.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
