// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <vector>

#include "Vcw_upstream_path.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "pcie/codec.hpp"
#include "unit/cfg_pins.hpp"
#include "unit/host_bridge_bench.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {
namespace {

using V = Vcw_upstream_path;
using pcie::CplStatus;
using pcie::MemRead;
using pcie::MemWrite;

constexpr pcie::Bdf kDevice{.bus = 1};
constexpr uint64_t kRam = 0x1'2345'6000, kDoorbell = 0x2800'0000;

// Answers each translation port after a while, each request by its tag.
class Translator : public dut::Clocked {
 public:
  Translator(dut::Module<V>& module, agent::Rng rng, agent::Stall stall)
      : module_(module), stalls_{{stall, rng.fork("p")}, {stall, rng.fork("np")}} {
    module_.kernel().add(*this);
  }
  ~Translator() override { module_.kernel().remove(*this); }
  unsigned latency = 3;

  void sample() override {
    V& p = module_.pins();
    for (unsigned port = 0; port < 2; ++port) {
      if (p.tr_rsp_valid_i & 1 << port) due_[port].pop_front();
      if (p.tr_valid_o & p.tr_ready_i & 1 << port) {
        const uint64_t iova = dut::get_bits(p.tr_req_o, port * kRequestBits + 3, 64);
        const uint64_t tag = dut::get_bits(p.tr_req_o, port * kRequestBits + 92, 5);
        due_[port].push_back({module_.now().value + latency, tag, translate(iova)});
      }
    }
  }
  void commit() override {
    V& p = module_.pins();
    p.tr_ready_i = 3;
    p.tr_rsp_valid_i = 0;
    for (unsigned port = 0; port < 2; ++port) {
      if (due_[port].empty() || due_[port].front().at > module_.now().value) continue;
      if (stalls_[port].stalls()) continue;
      const Translated& to = due_[port].front().to;
      p.tr_rsp_valid_i |= 1 << port;
      dut::set_bits(p.tr_rsp_i, port * kAnswerBits, 1, to.fault);
      dut::set_bits(p.tr_rsp_i, port * kAnswerBits + 1, 56, to.hpa);
      dut::set_bits(p.tr_rsp_i, port * kAnswerBits + 57, 5, due_[port].front().tag);
    }
  }

 private:
  static constexpr unsigned kRequestBits = 97, kAnswerBits = 62;
  struct Due {
    uint64_t at, tag;
    Translated to;
  };
  dut::Module<V>& module_;
  agent::StallPolicy stalls_[2];
  std::deque<Due> due_[2];
};

// Requests enter in the order of the link: one that is not posted when those before it are in.
struct Path : dut::Clocked {
  explicit Path(uint64_t seed = 1, agent::Stall stall = agent::Stall::None,
                dut::Cycles write_latency = 60_cycles)
      : module(seed),
        rng(seed, "path"),
        posted(module.kernel(), dut::channel(p.p_ctl_i, p.p_data_i, p.p_valid_i, p.p_ready_o),
               rng.fork("p"), stall),
        np(module.kernel(), dut::channel(p.np_ctl_i, p.np_data_i, p.np_valid_i, p.np_ready_o),
           rng.fork("np"), stall),
        completions(module.kernel(),
                    dut::channel(p.cpl_ctl_o, p.cpl_data_o, p.cpl_valid_o, p.cpl_ready_i),
                    rng.fork("cpl"), stall),
        translator(module, rng.fork("iommu"), stall),
        port(module.kernel(), both_halves(p, idle), memory, rng.fork("memory"),
             {.read_latency = 5_cycles, .write_latency = write_latency, .stall = stall}),
        events(module) {
    p.allow_i = 1;
    p.max_payload_i = 1;
    p.link_reset_i = 0;
    p.tr_rsp_valid_i = 0;
    p.host_cpl_valid_i = p.host_cpl_take_i = p.host_cpl_relaxed_i = 0;
    module.kernel().add(*this);
    module.reset();
  }
  ~Path() override { module.kernel().remove(*this); }

  void send(const pcie::Tlp& tlp) {
    pcie::RawTlp raw = pcie::encode(tlp);
    if (pcie::tlp_class(raw) == pcie::TlpClass::Posted) {
      ++posted_sent;
      posted.send(std::move(raw));
    } else {
      held.push_back({posted_sent, std::move(raw)});
    }
  }
  void write32(uint64_t hpa, uint32_t value) {
    MemWrite write{.requester = kDevice, .address = iova_of(hpa), .data = std::vector<uint8_t>(4)};
    std::memcpy(write.data.data(), &value, 4);
    send(write);
  }
  pcie::Completion next() {
    module.run_until([&] { return !completions.empty(); }, 5000_cycles);
    return std::get<pcie::Completion>(std::get<pcie::Tlp>(pcie::decode(completions.pop())));
  }
  void drain() {
    module.run_until(
        [&] {
          const bool all_in = held.empty() && np.idle() && posted.idle();
          return all_in && retired[0] + retired[1] == posted_sent + np.sent();
        },
        50'000_cycles);
    module.step(20_cycles);
    CHECK(retired[0] == posted_sent);
    CHECK(retired[1] == np.sent());
  }
  void sample() override {
    for (unsigned port = 0; port < 2; ++port) retired[port] += p.retired_o >> port & 1;
    messages += p.msi_valid_o;
    device_messages += dut::get_bits(p.msg_o, 48, 6) != 0;
    while (!held.empty() && posted.sent() >= held.front().after) {
      np.send(std::move(held.front().raw));
      held.pop_front();
    }
  }

  struct Held {
    uint64_t after;
    pcie::RawTlp raw;
  };
  dut::Module<V> module;
  V& p = module.pins();
  IdleHalf<sizeof(V::m_w_data_o)> idle;
  model::HostMemory memory;
  agent::Rng rng;
  agent::TlpSource posted, np;
  agent::TlpSink completions;
  Translator translator;
  agent::AxiMemory port;
  EventLog<V> events;
  std::deque<Held> held;
  uint64_t posted_sent = 0, retired[2] = {}, messages = 0, device_messages = 0;
};

TEST_CASE("A read of a device sees every write sent before it", "[unit][root][R30]") {
  uint64_t seed = 3;
  for (const agent::Stall stall : agent::kEveryStall) {
    Path path(++seed, stall);
    constexpr unsigned kSlots = 4;
    uint32_t newest[kSlots] = {}, value = 0;
    for (unsigned slot = 0; slot < kSlots; ++slot) path.memory.write32({kRam + slot * 64}, 0);
    std::deque<uint32_t> at_least;
    for (unsigned n = 0; n < 200; ++n) {
      const auto slot = static_cast<unsigned>(path.rng.range(0, kSlots - 1));
      if (path.rng.chance(60)) {
        path.write32(kRam + slot * 64, newest[slot] = ++value);
      } else {
        path.send(
            MemRead{.requester = kDevice, .address = iova_of(kRam + slot * 64), .length_bytes = 4});
        at_least.push_back(newest[slot]);
      }
    }
    for (const uint32_t known : at_least) CHECK(path.next().payload.at(0) >= known);
    path.drain();
    for (unsigned slot = 0; slot < kSlots; ++slot) {
      CHECK(path.memory.read32({kRam + slot * 64}) == newest[slot]);
    }
    CHECK((path.events.take() & CfgUnsupported) == 0);
  }
}

TEST_CASE("A zero-length read is answered when the writes before it are in memory",
          "[unit][root][R06][R30]") {
  Path path(1, agent::Stall::None, 300_cycles);
  for (uint32_t n = 0; n < 8; ++n) path.write32(kRam + 4 * n, n);
  path.send(MemRead{.requester = kDevice, .address = iova_of(kRam + 0x100)});
  CHECK(path.next().byte_count == 1);
  CHECK(path.port.counters().writes == 8);
  path.drain();
}

TEST_CASE("INTx rises when the writes before its message are in memory",
          "[unit][root][intx][R30][R32]") {
  Path path(1, agent::Stall::None, 300_cycles);
  const auto tell = [&](uint8_t code) {
    path.send(pcie::Message{.requester = kDevice, .routing = 4, .code = code});
  };
  for (uint32_t n = 0; n < 8; ++n) path.write32(kRam + 4 * n, n);
  tell(0x21);
  path.module.run_until([&] { return path.p.intx_o != 0; }, 5000_cycles);
  CHECK(path.p.intx_o == 0b0010);
  CHECK(path.port.counters().writes == 8);
  tell(0x25);
  path.drain();
  CHECK(path.p.intx_o == 0);
  CHECK((path.events.take() & CfgUnsupported) == 0);
}

TEST_CASE("Messages that devices send are taken without complaint, with bus mastering off, too",
          "[unit][root][R10][R38][R40][R47]") {
  for (const bool allowed : {true, false}) {
    Path path;
    path.p.allow_i = allowed;
    for (const auto& [code, routing] : {std::pair{0x10, 4},
                                        {0x18, 0},
                                        {0x1b, 5},
                                        {0x20, 4},
                                        {0x24, 4},
                                        {0x30, 0},
                                        {0x31, 0},
                                        {0x33, 0}}) {
      path.send(pcie::Message{.requester = kDevice,
                              .routing = static_cast<uint8_t>(routing),
                              .code = static_cast<uint8_t>(code)});
    }
    path.drain();
    CHECK(path.device_messages == 6);
    CHECK((path.events.take() & CfgUnsupported) == 0);
    CHECK(path.completions.empty());
  }
}

TEST_CASE("A write passes a read that waits", "[unit][root][R30][R31]") {
  Path path;
  path.completions.block(true);
  for (unsigned n = 0; n < 150; ++n) {
    path.send(MemRead{.requester = kDevice, .address = iova_of(kRam), .length_bytes = 256});
  }
  path.module.step(500_cycles);
  CHECK(!path.np.idle());
  path.write32(kRam, 7);
  path.module.run_until([&] { return path.port.counters().writes == 1; }, 300_cycles);
  path.completions.block(false);
  path.drain();
}

TEST_CASE("A completion to the host waits for the writes before it, not for those after",
          "[unit][root][R33]") {
  Path path(1, agent::Stall::None, 300_cycles);
  V& p = path.p;
  for (unsigned round = 0; round < 3; ++round) {
    const auto before = path.port.counters().writes;
    for (uint32_t n = 0; n < 4; ++n) path.write32(kRam + 4 * n, n);
    path.module.run_until([&] { return path.posted.idle(); }, 50_cycles);
    p.host_cpl_valid_i = 1;
    path.module.step(20_cycles);
    for (uint32_t n = 0; n < 4; ++n) path.write32(kRam + 4 * n, n);
    path.module.run_until([&] { return p.host_cpl_pass_o; }, 400_cycles);
    CHECK(path.port.counters().writes == before + 4);
    p.host_cpl_take_i = 1;
    path.module.step();
    p.host_cpl_take_i = p.host_cpl_valid_i = 0;
    path.drain();
  }
}

TEST_CASE("A completion with Relaxed Ordering does not wait", "[unit][root][R30][R33]") {
  Path path(1, agent::Stall::None, 300_cycles);
  path.write32(kRam, 1);
  path.module.run_until([&] { return path.posted.idle(); }, 50_cycles);
  path.p.host_cpl_relaxed_i = path.p.host_cpl_valid_i = 1;
  path.module.settle();
  CHECK(path.p.host_cpl_pass_o);
  path.p.host_cpl_take_i = 1;
  path.module.step();
  path.p.host_cpl_take_i = path.p.host_cpl_valid_i = path.p.host_cpl_relaxed_i = 0;
  path.module.settle();
  CHECK(!path.p.host_cpl_pass_o);  // the next one would
  path.drain();
}

TEST_CASE("A completion of many beats that come with gaps is one completion", "[unit][root][R33]") {
  Path path(1, agent::Stall::None, 100_cycles);
  V& p = path.p;
  p.host_cpl_valid_i = 1;
  path.module.step(3_cycles);
  p.host_cpl_valid_i = 0;  // between its beats
  path.module.step(3_cycles);
  p.host_cpl_valid_i = p.host_cpl_take_i = 1;
  path.module.step();
  p.host_cpl_valid_i = p.host_cpl_take_i = 0;
  path.write32(kRam, 1);
  path.module.run_until([&] { return path.posted.idle(); }, 50_cycles);
  p.host_cpl_valid_i = 1;
  path.module.run_until([&] { return p.host_cpl_pass_o; }, 200_cycles);
  CHECK(path.port.counters().writes == 1);
}

TEST_CASE("Of a faulted request nothing reaches memory", "[unit][root][R37]") {
  Path path;
  MemWrite write{.requester = kDevice, .address = iova_of(kRam), .data = counting(128)};
  write.address.value |= kFaultBit;
  path.send(write);
  write.address = iova_of(kDoorbell);
  write.address.value |= kFaultBit;
  write.data = counting(4);
  path.send(write);
  path.send(MemRead{.requester = kDevice, .tag = {3}, .address = write.address, .length_bytes = 8});
  const pcie::Completion refused = path.next();
  CHECK(refused.status == CplStatus::Ur);
  CHECK(refused.tag == pcie::Tag{3});
  path.drain();
  CHECK(path.memory.pages().empty());
  CHECK(path.port.counters().reads + path.port.counters().writes + path.messages == 0);
  CHECK((path.events.take() & CfgUnsupported) != 0);
}

TEST_CASE("A poisoned write is dropped and reported as such", "[unit][root][R26][R37]") {
  Path path;
  path.send(MemWrite{.requester = kDevice,
                     .address = iova_of(kRam),
                     .data = counting(64),
                     .attributes = {.poisoned = true}});
  path.drain();
  CHECK(path.memory.pages().empty());
  CHECK((path.events.take() & (CfgPoisoned | CfgUnsupported)) == CfgPoisoned);
}

TEST_CASE("While Bus Master Enable is clear writes are dropped and reads are refused",
          "[unit][root][R10][R48]") {
  Path path;
  path.p.allow_i = 0;
  path.write32(kRam, 1);
  path.write32(kDoorbell, 2);
  path.send(pcie::Message{.requester = kDevice, .code = 0x50});
  path.send(MemRead{.requester = kDevice, .address = iova_of(kRam), .length_bytes = 8});
  CHECK(path.next().status == CplStatus::Ur);
  path.drain();
  CHECK(path.port.counters().reads + path.port.counters().writes + path.messages == 0);
  path.p.allow_i = 1;
  path.write32(kRam, 1);
  path.write32(kDoorbell, 2);
  path.send(MemRead{.requester = kDevice, .address = iova_of(kRam), .length_bytes = 8});
  CHECK(path.next().status == CplStatus::Sc);
  path.drain();
  CHECK(path.messages == 1);
}

TEST_CASE("The message after the data comes when the data is in memory", "[unit][root][R32]") {
  Path path(1, agent::Stall::None, 200_cycles);
  for (uint32_t n = 0; n < 20; ++n) path.write32(kRam + 4 * n, n);
  path.write32(kDoorbell, 5);
  path.module.run_until([&] { return path.messages == 1; }, 2000_cycles);
  CHECK(path.port.counters().writes == 20);
  path.drain();
}

}  // namespace
}  // namespace cw::unit
