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
#include "unit/translator.hpp"

namespace cw::unit {
namespace {

using V = Vcw_upstream_path;
using pcie::CplStatus;
using pcie::MemRead;
using pcie::MemWrite;

constexpr pcie::Bdf kDevice{.bus = 1};
constexpr uint64_t kRam = 0x1'2345'6000, kDoorbell = 0x2800'0000, kWindow = 0x4000'0000,
                   kWindow64 = 0x10'0000'0000;

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
        peer_writes(
            module.kernel(),
            dut::channel(p.peer_p_ctl_o, p.peer_p_data_o, p.peer_p_valid_o, p.peer_p_ready_i),
            rng.fork("peer p"), stall),
        peer_reads(module.kernel(),
                   dut::channel(p.peer_np_ctl_o, idle.data, p.peer_np_valid_o, p.peer_np_ready_i),
                   rng.fork("peer np"), stall),
        translator(module, rng.fork("iommu"), stall),
        port(module.kernel(), both_halves(p, idle), memory, rng.fork("memory"),
             {.read_latency = 5_cycles, .write_latency = write_latency, .stall = stall}),
        events(module) {
    allow(true);
    p.link_up_i = 1;
    p.msi_ready_i = 1;
    p.up_cpl_to_peer_i = 0;
    dut::clear_bits(p.up_cpl_hdr_i);
    p.tr_rsp_valid_i = 0;
    p.up_cpl_valid_i = p.up_cpl_take_i = p.up_cpl_relaxed_i = 0;
    module.kernel().add(*this);
    module.reset();
  }
  ~Path() override { module.kernel().remove(*this); }

  void allow(bool allowed) {
    state.bus_master = allowed;
    drive(p.state_i, state);
  }
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
  RootPortState state{.max_payload = 1, .acs = AcsUpstreamForwarding};
  IdleHalf<sizeof(V::m_w_data_o)> idle;
  model::HostMemory memory;
  agent::Rng rng;
  agent::TlpSource posted, np;
  agent::TlpSink completions, peer_writes, peer_reads;
  Translator<V> translator;
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
    path.allow(allowed);
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
  for (unsigned n = 0; n < 800; ++n) {
    path.send(MemRead{.requester = kDevice, .address = iova_of(kRam), .length_bytes = 256});
  }
  path.module.step(1000_cycles);
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
    p.up_cpl_valid_i = 1;
    path.module.step(20_cycles);
    for (uint32_t n = 0; n < 4; ++n) path.write32(kRam + 4 * n, n);
    path.module.run_until([&] { return p.up_cpl_pass_o; }, 400_cycles);
    CHECK(path.port.counters().writes == before + 4);
    p.up_cpl_take_i = 1;
    path.module.step();
    p.up_cpl_take_i = p.up_cpl_valid_i = 0;
    path.drain();
  }
}

TEST_CASE("A completion with Relaxed Ordering does not wait", "[unit][root][R30][R33]") {
  Path path(1, agent::Stall::None, 300_cycles);
  path.write32(kRam, 1);
  path.module.run_until([&] { return path.posted.idle(); }, 50_cycles);
  path.p.up_cpl_relaxed_i = path.p.up_cpl_valid_i = 1;
  path.module.settle();
  CHECK(path.p.up_cpl_pass_o);
  path.p.up_cpl_take_i = 1;
  path.module.step();
  path.p.up_cpl_take_i = path.p.up_cpl_valid_i = path.p.up_cpl_relaxed_i = 0;
  path.module.settle();
  CHECK(!path.p.up_cpl_pass_o);  // the next one would
  path.drain();
}

TEST_CASE("A completion of many beats that come with gaps is one completion", "[unit][root][R33]") {
  Path path(1, agent::Stall::None, 100_cycles);
  V& p = path.p;
  p.up_cpl_valid_i = 1;
  path.module.step(3_cycles);
  p.up_cpl_valid_i = 0;  // between its beats
  path.module.step(3_cycles);
  p.up_cpl_valid_i = p.up_cpl_take_i = 1;
  path.module.step();
  p.up_cpl_valid_i = p.up_cpl_take_i = 0;
  path.write32(kRam, 1);
  path.module.run_until([&] { return path.posted.idle(); }, 50_cycles);
  p.up_cpl_valid_i = 1;
  path.module.run_until([&] { return p.up_cpl_pass_o; }, 200_cycles);
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
  path.allow(false);
  path.write32(kRam, 1);
  path.write32(kDoorbell, 2);
  path.send(pcie::Message{.requester = kDevice, .code = 0x50});
  path.send(MemRead{.requester = kDevice, .address = iova_of(kRam), .length_bytes = 8});
  CHECK(path.next().status == CplStatus::Ur);
  path.drain();
  CHECK(path.port.counters().reads + path.port.counters().writes + path.messages == 0);
  path.allow(true);
  path.write32(kRam, 1);
  path.write32(kDoorbell, 2);
  path.send(MemRead{.requester = kDevice, .address = iova_of(kRam), .length_bytes = 8});
  CHECK(path.next().status == CplStatus::Sc);
  path.drain();
  CHECK(path.messages == 1);
}

// A completion to a device with one dword passes the root port.
void complete(Path& path, const pcie::MemRead& read, uint32_t bytes_left = 4) {
  const pcie::RawTlp raw = pcie::encode(pcie::Completion{
      .byte_count = bytes_left, .requester = read.requester, .tag = read.tag, .payload = {0}});
  for (unsigned dw = 0; dw < 4; ++dw) {
    dut::set_bits(path.p.up_cpl_hdr_i, 96 - 32 * dw, 32, raw.hdr[dw]);
  }
  path.p.up_cpl_to_peer_i = 1;
  path.module.step();
  path.p.up_cpl_to_peer_i = 0;
  path.module.step();
}

TEST_CASE("A write to memory of a device goes down as it came, but for its address",
          "[unit][root][R48][R50]") {
  for (const uint64_t window : {kWindow, kWindow64}) {
    Path path;
    path.write32(kRam, 1);
    const MemWrite write{.requester = kDevice,
                         .tag = {5},
                         .address = iova_of(window + 0x123),
                         .data = counting(200),
                         .attributes = {.traffic_class = 3, .relaxed_ordering = true}};
    path.send(write);
    path.write32(kRam + 4, 2);
    path.drain();
    MemWrite expected = write;
    expected.address = {window + 0x123};
    REQUIRE(path.peer_writes.size() == 1);
    CHECK(path.peer_writes.pop() == pcie::encode(expected));
    CHECK(path.port.counters().writes == 2);
    CHECK((path.events.take() & CfgUnsupported) == 0);
  }
}

TEST_CASE("A write goes down when the writes before it are in memory, and before those after it",
          "[unit][root][R30][R50]") {
  Path path(1, agent::Stall::None, 300_cycles);
  path.write32(kRam, 1);
  path.write32(kWindow, 2);
  path.write32(kRam + 4, 3);
  path.module.step(200_cycles);
  CHECK(path.peer_writes.empty());
  path.module.run_until([&] { return path.peer_writes.size() == 1; }, 300_cycles);
  CHECK(path.port.counters().writes == 1);
  path.peer_writes.block(true);
  path.write32(kWindow, 4);
  path.write32(kRam + 8, 5);
  path.module.step(1000_cycles);
  CHECK(path.port.counters().writes == 2);
  path.peer_writes.block(false);
  path.drain();
  CHECK(path.port.counters().writes == 3);
}

TEST_CASE("A read of memory of a device goes down and is done with when its last completion passes",
          "[unit][root][R30][R50]") {
  Path path(1, agent::Stall::None, 300_cycles);
  const MemRead read{
      .requester = kDevice, .tag = {9}, .address = iova_of(kWindow + 8), .length_bytes = 8};
  path.write32(kRam, 1);
  path.send(read);
  path.send(
      MemRead{.requester = kDevice, .tag = {10}, .address = iova_of(kRam), .length_bytes = 4});
  path.module.run_until([&] { return !path.peer_reads.empty(); }, 1000_cycles);
  CHECK(path.port.counters().writes == 1);  // behind it
  MemRead expected = read;
  expected.address = {kWindow + 8};
  CHECK(path.peer_reads.pop() == pcie::encode(expected));
  CHECK(path.next().tag == pcie::Tag{10});  // which does not wait for the device
  path.module.step(100_cycles);
  CHECK(path.retired[1] == 0);  // in order
  complete(path, read, 8);
  CHECK(path.retired[1] == 0);
  complete(path, read, 4);
  path.drain();
  CHECK(path.completions.empty());
}

TEST_CASE("Reads that go down and find no place hold back no write",
          "[unit][root][R30][R31][R50]") {
  Path path;
  path.peer_reads.block(true);
  for (uint16_t n = 0; n < 20; ++n) {
    path.send(
        MemRead{.requester = kDevice, .tag = {n}, .address = iova_of(kWindow), .length_bytes = 4});
  }
  path.write32(kRam, 1);
  path.write32(kWindow, 1);
  path.module.run_until([&] { return path.retired[0] == 2; }, 500_cycles);
  CHECK(path.peer_writes.size() == 1);
  path.peer_reads.block(false);
  for (uint16_t n = 0; n < 20; ++n) {
    path.module.run_until([&] { return path.peer_reads.size() > n; }, 500_cycles);
    complete(path, MemRead{.requester = kDevice, .tag = {n}});
  }
  path.drain();
}

TEST_CASE("What is no memory of a device that may be reached does not go down",
          "[unit][root][R37][R48][R50]") {
  const auto refused = [](Path& path, uint64_t hpa) {
    path.send(MemWrite{.requester = kDevice, .address = iova_of(hpa), .data = counting(8)});
    path.send(MemRead{.requester = kDevice, .address = iova_of(hpa), .length_bytes = 8});
    CHECK(path.next().status == CplStatus::Ur);
    path.drain();
    CHECK(path.peer_writes.size() + path.peer_reads.size() == 0);
    CHECK((path.events.take() & CfgUnsupported) != 0);
  };
  Path path;
  for (const uint64_t hpa : {kWindow - 8, kWindow + 0x100'0000, kWindow64 + 0x100'0000,
                             uint64_t{0x3000'0000}, uint64_t{0x1000'0000}}) {
    refused(path, hpa);
  }
  path.state.acs = 0;
  path.allow(true);
  refused(path, kWindow);
  path.state.acs = AcsUpstreamForwarding;
  path.state.mem_enable = false;
  path.allow(true);
  refused(path, kWindow);
  path.state.mem_enable = true;
  path.allow(false);
  refused(path, kWindow);
  path.allow(true);
  path.send(pcie::Atomic{.requester = kDevice, .address = iova_of(kWindow), .operands = {1}});
  CHECK(path.next().status == CplStatus::Ur);
  path.drain();
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
