// SPDX-License-Identifier: Apache-2.0
//
// Writes of devices on their way into host memory, beside a model of what memory holds afterwards,
// which messages come, and what is counted.
#pragma once

#include <deque>
#include <set>
#include <vector>

#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "pcie/codec.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {

inline constexpr uint64_t kDoorbell = 0x2800'0000;

template <class V>
struct HostWriteBench : dut::Clocked {
  static constexpr uint32_t kBus = sizeof(V::m_w_data_o);
  static constexpr uint64_t kRam = 0x1'2345'6000;
  struct Msi {
    uint64_t address = 0;
    uint32_t data = 0;
    bool operator==(const Msi&) const = default;
  };

  explicit HostWriteBench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None,
                          dut::Cycles latency = 10_cycles)
      : module(seed),
        rng(seed, "writes"),
        writes(module.kernel(), dut::channel(p.p_ctl_i, p.p_data_i, p.p_valid_i, p.p_ready_o),
               rng.fork("p"), stall),
        translation(module.kernel(), dut::channel(p.p_ctl_i, p.p_data_i, p.p_valid_i, p.p_ready_o),
                    p.p_hpa_i, p.p_fault_i),
        port(module.kernel(), write_half(p, idle), memory, rng.fork("memory"),
             {.write_latency = latency, .stall = stall}) {
    p.p_peer_i = p.peer_ready_i = 0;
    p.msi_ready_i = 1;
    module.kernel().add(*this);
    module.reset();
  }
  ~HostWriteBench() override { module.kernel().remove(*this); }

  // Bursts that touch it are refused by memory.
  void refuse(uint64_t hpa, uint32_t bytes) {
    port.add_error_range({.base = {hpa}, .bytes = bytes});
    bad.push_back({hpa, bytes});
  }
  void send(const pcie::Tlp& tlp) { send_raw(pcie::encode(tlp)); }
  void send_raw(const pcie::RawTlp& raw) {
    expect(raw);
    writes.send(raw);
  }
  void check(dut::Cycles budget = 200'000_cycles) {
    module.run_until([&] { return retired >= memory_before.size(); }, budget);
    module.step(30_cycles);
    CHECK(retired == memory_before.size());
    CHECK(refused == refusals_owed);
    CHECK(poisoned == poisoned_owed);
    CHECK(errors == errors_owed);
    CHECK(messages == messages_owed);
    CHECK(early == 0);
    CHECK(port.idle());
    CHECK(memory.pages() == expected.pages());
    for (const uint64_t page : expected.pages()) {
      const pcie::HostPhysAddr at{page * pcie::kPageBytes};
      if (memory.read(at, pcie::kPageBytes) != expected.read(at, pcie::kPageBytes)) {
        FAIL("page " << std::hex << at.value << " is not what was written");
      }
    }
  }

  void sample() override {
    if (p.msi_valid_o) {
      messages.push_back({p.msi_addr_o, p.msi_data_o});
      early += port.counters().writes < before();
    }
    if (p.retired_o) {
      early += port.counters().writes < before();
      ++retired;
    }
    refused += p.refused_o;
    poisoned += p.poisoned_o;
    errors += p.mem_error_o;
  }

  dut::Module<V> module;
  V& p = module.pins();
  IdleHalf<kBus> idle;
  model::HostMemory memory, expected;
  agent::Rng rng;
  agent::TlpSource writes;
  TranslationPins<std::remove_reference_t<decltype(V::p_hpa_i)>> translation;
  agent::AxiMemory port;
  std::vector<Msi> messages, messages_owed;
  unsigned retired = 0, refused = 0, poisoned = 0, errors = 0, early = 0;
  unsigned refusals_owed = 0, poisoned_owed = 0, errors_owed = 0;

 private:
  // Bursts that were sent before the oldest TLP that has not retired; of unexpected ones none.
  unsigned before() const { return retired < memory_before.size() ? memory_before[retired] : 0; }
  struct Range {
    uint64_t base;
    uint32_t bytes;
  };
  void expect(const pcie::RawTlp& raw) {
    const bool write = (pcie::kind(raw) & 0xdf) == 0x40;
    const bool message = (pcie::kind(raw) & 0xb8) == 0x30;
    const Translated to = translate(request_address(raw.hdr));
    const bool ep = (raw.hdr[0] >> 14 & 1) != 0;
    const bool ram = to.hpa >= 0x8000'0000 && to.hpa < uint64_t{1} << 46 &&
                     (to.hpa < 0x10'0000'0000 || to.hpa >= 0x20'0000'0000);
    const uint32_t first = raw.hdr[1] & 15, last = raw.hdr[1] >> 4 & 15;
    const bool bell = to.hpa / 4096 == kDoorbell / 4096 && raw.payload.size() == 1 && first == 15;
    if (!write || to.fault || !(ram || bell)) {
      refusals_owed += !message;
    } else if (ep) {
      ++poisoned_owed;
    } else if (bell) {
      messages_owed.push_back({to.hpa, raw.payload[0]});
    } else {
      ++bursts;
      write_memory(raw, to.hpa, first, last);
    }
    memory_before.push_back(bursts);
  }
  void write_memory(const pcie::RawTlp& raw, uint64_t hpa, uint32_t first, uint32_t last) {
    const uint64_t from = hpa / kBus * kBus, end = hpa + raw.payload.size() * 4;
    for (const Range& range : bad) {
      if (from < range.base + range.bytes && (end + kBus - 1) / kBus * kBus > range.base) {
        ++errors_owed;
        return;
      }
    }
    for (size_t n = 0; n < raw.payload.size(); ++n) {
      const bool ends = n + 1 == raw.payload.size();
      const uint32_t be = n == 0 ? first : ends ? last : 15;
      const auto* bytes = reinterpret_cast<const uint8_t*>(&raw.payload[n]);
      if (be) expected.write_strobed({hpa + n * 4}, std::span(bytes, 4), be);
    }
  }

  std::vector<Range> bad;
  unsigned bursts = 0;
  std::deque<unsigned> memory_before;  // bursts up to each TLP, itself included
};

}  // namespace cw::unit
