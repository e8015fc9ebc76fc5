// SPDX-License-Identifier: Apache-2.0
//
// The whole completer between a port that the test plays and stubs for what it works on.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "agent/tlp_monitor.hpp"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "unit/completer_stubs.hpp"
#include "unit/user_ports.hpp"

namespace cw::unit {

template <class V>
class CompleterBench : public dut::Clocked {
 public:
  static constexpr uint64_t kRegs = 0x1'0000'4000;
  static constexpr uint64_t kCard = 0x23'4560'0000;
  // Function 1: registers and memory of the user.
  static constexpr uint64_t kUserRegs = 0x9000'0000;
  static constexpr uint64_t kUserMemory = 0x40'0000'0000;
  static constexpr Claims kOther{
      .id = 0x0101, .bar = {kUserRegs, 0, kUserMemory}, .bar_log2 = {0, 0, 20}};
  static constexpr pcie::Bdf kHost{.bus = 0, .device = 1, .function = 2};

  explicit CompleterBench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : rng(seed, "completer"),
        module(seed, rng.fork("regs"), stall),
        card(module, rng.fork("card"), stall),
        atomics(module, card.memory, rng.fork("atomics"), stall),
        user(module, rng.fork("user"), stall),
        reports(module),
        posted(module.kernel(),
               dut::channel(p().p_ctl_i, p().p_data_i, p().p_valid_i, p().p_ready_o), rng.fork("p"),
               stall),
        np(module.kernel(),
           dut::channel(p().np_ctl_i, p().np_data_i, p().np_valid_i, p().np_ready_o),
           rng.fork("np"), stall),
        cpl(module.kernel(),
            dut::channel(p().cpl_ctl_o, p().cpl_data_o, p().cpl_valid_o, p().cpl_ready_i),
            rng.fork("cpl"), stall) {
    module.kernel().add(*this);
    configure({});
    drive(p().state_i, kOther, 1);
    module.reset();
  }
  V& p() { return module.pins(); }
  void configure(const Claims& claims) { drive(p().state_i, claims); }
  void step(unsigned cycles = 1) { module.step(dut::Cycles{cycles}); }

  // In the order of the link: a non-posted request enters when the posted ones before it are in.
  void send(const pcie::Tlp& tlp) { send_raw(pcie::encode(tlp)); }
  void send_raw(pcie::RawTlp raw) {
    const bool is_posted = pcie::tlp_class(raw) == pcie::TlpClass::Posted;
    if (is_posted) {
      ++posted_sent_;
      posted.send(std::move(raw));
    } else {
      held_.push_back({posted_sent_, std::move(raw)});
    }
  }
  void sample() override {
    while (!held_.empty() && posted.sent() >= held_.front().after) {
      np.send(std::move(held_.front().raw));
      held_.pop_front();
    }
  }

  // The next completion, decoded; its encoding obeys every rule that the decoder knows.
  pcie::Completion next(dut::Cycles budget = 2000_cycles) {
    module.run_until([&] { return !cpl.empty(); }, budget);
    const auto decoded = pcie::decode(cpl.pop());
    if (const auto* bad = std::get_if<pcie::Malformed>(&decoded)) FAIL(bad->reason);
    return std::get<pcie::Completion>(std::get<pcie::Tlp>(decoded));
  }
  // The bytes of a read of any length, from its completions.
  std::vector<uint8_t> read(pcie::MemRead request) {
    send(request);
    std::vector<uint8_t> bytes;
    for (uint32_t left = request.length_bytes; left;) {
      const pcie::Completion part = next();
      REQUIRE(part.status == pcie::CplStatus::Sc);
      REQUIRE(part.byte_count == left);
      const auto more = pcie::enabled_bytes(part);
      bytes.insert(bytes.end(), more.begin(), more.end());
      left -= static_cast<uint32_t>(more.size());
    }
    return bytes;
  }
  // The request, with tag 2ah, is refused with one completion, and nothing behind the completer
  // hears of it.
  pcie::Completion check_refused(const pcie::Tlp& request) {
    send(request);
    const pcie::Completion answer = next();
    CHECK(answer.status == pcie::CplStatus::Ur);
    CHECK(answer.payload.empty());
    CHECK(answer.tag == pcie::Tag{0x2a});
    CHECK(answer.requester == kHost);
    drain();
    CHECK(cpl.empty());
    CHECK(module.reg_log.empty());
    CHECK(card.reads + card.writes == 0);
    CHECK(user.memory.counters().reads + user.memory.counters().writes == 0);
    CHECK(user.registers.counters().reads + user.registers.counters().writes == 0);
    return answer;
  }
  // Everything that was sent has been taken and carried out.
  void drain(unsigned cycles = 400) {
    module.run_until([&] { return held_.empty() && posted.idle() && np.idle(); }, 20000_cycles);
    step(cycles);
  }

  agent::Rng rng;
  AnsweredModule<V> module;
  CardStub<V> card;
  AtomicStub<V> atomics;
  UserPorts<V> user;  // of function 1
  ReportCounter<V> reports;
  agent::TlpSource posted, np;
  agent::TlpSink cpl;

 private:
  struct Held {
    uint64_t after;
    pcie::RawTlp raw;
  };
  std::deque<Held> held_;
  uint64_t posted_sent_ = 0;
};

// Random reads and writes against the memories that they should see: a read sees every write sent
// before it, and perhaps later ones.
template <class V>
class CompleterTraffic {
 public:
  explicit CompleterTraffic(CompleterBench<V>& bench) : bench_(bench), rng_(bench.rng.fork("ops")) {
    for (uint32_t at = 0; at < 65536; ++at) {
      const uint8_t byte = first_byte(at);
      bench_.user.memory_space.write({at}, {&byte, 1});
    }
  }

  void run(unsigned operations, uint32_t max_payload_bytes) {
    for (unsigned i = 0; i < operations; ++i) {
      const Place place = rng_.chance(40)   ? Place::Card
                          : rng_.chance(60) ? Place::User
                                            : Place::Regs;
      const uint32_t span = place == Place::Regs ? 0x1000 : 65536;
      const uint32_t at = static_cast<uint32_t>(rng_.range(0, rng_.chance(50) ? 63 : span - 1));
      const uint32_t in_page = 4096 - at % 4096;
      const uint32_t most = std::min({in_page, rng_.chance(70)        ? 40u
                                               : place == Place::Regs ? 300u
                                                                      : 4096u});
      const uint32_t bytes = static_cast<uint32_t>(rng_.range(1, most));
      if (rng_.chance(50)) {
        write(place, at, std::min(bytes, max_payload_bytes));
      } else {
        read(place, at, bytes, static_cast<uint16_t>(i & 0xff));
      }
      if (owed_.size() > 30) collect();
    }
    while (!owed_.empty()) collect();
    bench_.drain();
    CHECK(bench_.cpl.empty());
    CHECK(bench_.reports.any() == 0);
    for (const auto& [where, versions] : history_) {
      if (held(where) != versions.back().value) {
        FAIL("byte " << std::hex << where << " is not what was written last");
      }
    }
  }

 private:
  enum class Place : uint64_t { Regs, Card, User };
  static uint64_t base(Place place) {
    return place == Place::Regs   ? CompleterBench<V>::kRegs
           : place == Place::Card ? CompleterBench<V>::kCard
                                  : CompleterBench<V>::kUserMemory;
  }
  uint8_t held(uint64_t where) const {
    const uint32_t at = where & 0xffff'ffff;
    switch (static_cast<Place>(where >> 32)) {
      case Place::Regs:
        return bench_.module.regs.at(at);
      case Place::Card:
        return bench_.card.memory.at(at);
      default:
        return bench_.user.memory_space.read(pcie::HostPhysAddr{at}, 1)[0];
    }
  }
  struct Version {
    unsigned order;
    uint8_t value;
  };
  struct Owed {
    Place place;
    uint32_t at, bytes;
    uint16_t tag;
    unsigned order;
    uint32_t left;
  };
  static uint64_t key(Place place, uint32_t at) { return static_cast<uint64_t>(place) << 32 | at; }

  void write(Place place, uint32_t at, uint32_t bytes) {
    pcie::MemWrite tlp{.requester = bench_.kHost, .address = {base(place) + at}};
    ++order_;
    for (uint32_t i = 0; i < bytes; ++i) {
      tlp.data.push_back(static_cast<uint8_t>(rng_.u32()));
      history_[key(place, at + i)].push_back({order_, tlp.data.back()});
    }
    bench_.send(tlp);
  }
  void read(Place place, uint32_t at, uint32_t bytes, uint16_t tag) {
    bench_.send(pcie::MemRead{.requester = bench_.kHost,
                              .tag = {tag},
                              .address = {base(place) + at},
                              .length_bytes = bytes});
    owed_.push_back({place, at, bytes, tag, order_, bytes});
  }
  // One completion of the oldest read.
  void collect() {
    Owed& owed = owed_.front();
    const pcie::Completion part = bench_.next(20000_cycles);
    REQUIRE(part.status == pcie::CplStatus::Sc);
    REQUIRE(part.tag.value == owed.tag);
    REQUIRE(part.byte_count == owed.left);
    const uint32_t from = owed.at + owed.bytes - owed.left;
    REQUIRE(part.lower_address == (from & 0x7f));
    const auto bytes = pcie::enabled_bytes(part);
    for (uint32_t i = 0; i < bytes.size(); ++i) {
      if (!seen_legally(owed, from + i, bytes[i])) {
        FAIL("place " << static_cast<unsigned>(owed.place) << ", byte " << std::hex << from + i
                      << " read as " << unsigned{bytes[i]} << ", overtook a write");
      }
    }
    owed.left -= static_cast<uint32_t>(bytes.size());
    if (owed.left) {
      REQUIRE((from + bytes.size()) % 128 == 0);
    } else {
      owed_.pop_front();
    }
  }
  bool seen_legally(const Owed& owed, uint32_t at, uint8_t value) const {
    const auto found = history_.find(key(owed.place, at));
    if (found == history_.end()) return value == first_byte(at);
    bool legal = value == first_byte(at);
    for (const Version& version : found->second) {
      if (version.order <= owed.order) legal = false;  // replaced before the read
      legal |= version.value == value;
    }
    return legal;
  }

  CompleterBench<V>& bench_;
  agent::Rng rng_;
  std::map<uint64_t, std::vector<Version>> history_;
  std::deque<Owed> owed_;
  unsigned order_ = 0;
};

}  // namespace cw::unit
