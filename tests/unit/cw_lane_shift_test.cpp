// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
// cw-variant: W=512
// cw-variant: W=256 UnitBytes=4
#include <algorithm>
#include <vector>

#include "Vcw_lane_shift.h"
#include "Vcw_lane_shift_w256_unitbytes4.h"
#include "Vcw_lane_shift_w512.h"
#include "Vcw_lane_shift_w64.h"
#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

using agent::kEveryStall;
using agent::Rng;
using agent::Stall;
using agent::StallPolicy;
using Bytes = std::vector<uint8_t>;

struct Packet {
  int shift = 0;
  Bytes bytes;
};

template <class V, int kBeat>
struct Shifter : dut::Module<V> {
  explicit Shifter(uint64_t seed = 1) : dut::Module<V>(seed) {
    this->pins().in_valid_i = this->pins().out_ready_i = 0;
    this->reset();
  }

  // Drives beat `index` of a packet; true if it is the last.
  bool present(const Packet& packet, size_t index, Rng& junk) {
    auto& pins = this->pins();
    for (int lane = 0; lane < kBeat; ++lane) {
      const size_t k = index * kBeat + lane;
      const bool inside = k < packet.bytes.size();
      dut::set_bits(pins.in_data_i, 8 * lane, 8, inside ? packet.bytes[k] : junk.range(0, 255));
    }
    const bool last = (index + 1) * kBeat >= packet.bytes.size();
    pins.in_last_i = last;
    pins.bytes_i = static_cast<uint16_t>(packet.bytes.size());
    pins.shift_i = static_cast<unsigned>(packet.shift) & (2 * kBeat - 1);
    pins.in_valid_i = 1;
    return last;
  }

  // All packets through the module; what left, each packet in whole beats.
  std::vector<Bytes> pass(const std::vector<Packet>& packets, Stall in_kind, Stall out_kind) {
    auto& pins = this->pins();
    Rng junk(9, "junk");
    StallPolicy in(in_kind, junk.fork("in")), out(out_kind, junk.fork("out"));
    std::vector<Bytes> left(1);
    size_t packet = 0, beat = 0;
    bool offering = false, last = false;
    for (cycles = 0; left.size() <= packets.size(); ++cycles) {
      if (cycles > 100'000) throw dut::Timeout("packets are stuck");
      if (!offering && packet < packets.size() && !in.stalls()) {
        offering = true;
        last = present(packets[packet], beat, junk);
      }
      pins.in_valid_i = offering;
      pins.out_ready_i = !out.stalls();
      this->settle();
      if (pins.out_valid_o && pins.out_ready_i) {
        for (int lane = 0; lane < kBeat; ++lane) {
          left.back().push_back(static_cast<uint8_t>(dut::get_bits(pins.out_data_o, 8 * lane, 8)));
        }
        if (pins.out_last_o) left.emplace_back();
      }
      if (offering && pins.in_ready_o) {
        offering = false;
        beat = last ? 0 : beat + 1;
        packet += last;
      }
      this->step();
    }
    left.pop_back();
    return left;
  }
  uint64_t cycles = 0;
};

template <int kBeat>
Packet random_packet(Rng& rng, int unit) {
  const int steps = kBeat / unit - 1;
  Packet packet{.shift = unit * (static_cast<int>(rng.range(0, 2 * steps)) - steps), .bytes = {}};
  const int dropped = std::max(0, -packet.shift);
  const auto size = static_cast<size_t>(dropped) + rng.range(1, rng.pick(std::vector{4, 70, 300}));
  packet.bytes.resize(size);
  for (auto& byte : packet.bytes) byte = static_cast<uint8_t>(rng.u32());
  return packet;
}

// Whether `left` has the beats and the bytes that `packet` must leave as.
template <int kBeat>
bool shifted(const Packet& packet, const Bytes& left) {
  const int size = static_cast<int>(packet.bytes.size());
  if (static_cast<int>(left.size()) != (size + packet.shift + kBeat - 1) / kBeat * kBeat) {
    return false;
  }
  for (int k = std::max(0, -packet.shift); k < size; ++k) {
    if (left[k + packet.shift] != packet.bytes[k]) return false;
  }
  return true;
}

template <class V, int kBeat>
void check_random(int unit) {
  Rng rng(5, "packets");
  std::vector<Packet> packets;
  for (int i = 0; i < 150; ++i) packets.push_back(random_packet<kBeat>(rng, unit));
  for (const auto in : kEveryStall) {
    for (const auto out : kEveryStall) {
      Shifter<V, kBeat> shifter(3);
      const auto left = shifter.pass(packets, in, out);
      REQUIRE(left.size() == packets.size());
      size_t wrong = 0;
      for (size_t i = 0; i < packets.size(); ++i) wrong += !shifted<kBeat>(packets[i], left[i]);
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("Lane shift moves byte k to byte k + shift at every width", "[unit][common]") {
  check_random<Vcw_lane_shift_w64, 8>(1);
  check_random<Vcw_lane_shift, 32>(1);
  check_random<Vcw_lane_shift_w256_unitbytes4, 32>(4);
  check_random<Vcw_lane_shift_w512, 64>(1);
}

// Clocks for 50 packets of `beats` full beats, moved by `shift`.
template <class V, int kBeat>
uint64_t cycles_for_50(int shift, size_t beats) {
  const std::vector<Packet> packets(50, {.shift = shift, .bytes = Bytes(beats * kBeat, 1)});
  Shifter<V, kBeat> shifter;
  shifter.pass(packets, Stall::None, Stall::None);
  return shifter.cycles - 1;  // latency
}

TEST_CASE("Lane shift takes a beat per clock and a spill costs one more", "[unit][common]") {
  CHECK(cycles_for_50<Vcw_lane_shift, 32>(0, 4) == 50 * 4);
  CHECK(cycles_for_50<Vcw_lane_shift, 32>(5, 4) == 50 * 5);
  CHECK(cycles_for_50<Vcw_lane_shift_w512, 64>(0, 1) == 50);
  CHECK(cycles_for_50<Vcw_lane_shift_w512, 64>(-3, 1) == 50);
}

TEST_CASE("Lane shift hides the beat that a dropping packet absorbs", "[unit][common]") {
  CHECK(cycles_for_50<Vcw_lane_shift, 32>(-5, 4) == 50 * 4 + 1);
}

TEST_CASE("Lane shift alarms at a last mark away from the packet's end", "[unit][common]") {
  Shifter<Vcw_lane_shift, 32> shifter;
  Rng junk(1, "junk");
  shifter.present({.shift = 1, .bytes = Bytes(40, 1)}, 0, junk);
  shifter.pins().in_last_i = 1;
  CHECK_THROWS_AS(shifter.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
