// SPDX-License-Identifier: Apache-2.0
//
// Reads of host memory by devices: the completions that they are owed, and a check of those that
// come against them.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "pcie/byte_enables.hpp"
#include "pcie/codec.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {

inline bool is_host_ram(uint64_t hpa) {
  const bool mmio = hpa >= 0x10'0000'0000 && hpa < 0x20'0000'0000;
  return hpa >= 0x8000'0000 && hpa < uint64_t{1} << 46 && !mmio;
}

// What a request is answered with (2.3.1.1), given the memory and its bad beats.
class HostReadModel {
 public:
  HostReadModel(const model::HostMemory& memory, const std::set<uint64_t>& bad_beats,
                uint32_t bus_bytes)
      : memory_(memory), bad_beats_(bad_beats), bus_bytes_(bus_bytes) {}

  std::vector<pcie::Completion> answer(const pcie::RawTlp& request, uint32_t max_payload) const {
    const unsigned kind = pcie::kind(request);
    const bool locked = (kind & 0xdf) == 1, read = locked || (kind & 0xdf) == 0;
    const Translated to = translate(request_address(request.hdr));
    pcie::Completion cpl{
        .status = pcie::CplStatus::Ur,
        .requester = pcie::requester(request),
        .tag = pcie::tag(request),
        .locked = locked,
        .attributes = {.traffic_class = static_cast<uint8_t>(request.hdr[0] >> 20 & 7),
                       .relaxed_ordering = (request.hdr[0] >> 13 & 1) != 0,
                       .no_snoop = (request.hdr[0] >> 12 & 1) != 0,
                       .id_ordering = (request.hdr[0] >> 18 & 1) != 0}};
    // 2.2.9: of an AtomicOp the size of its operand, of which a CompareAndSwap carries two.
    const unsigned type = kind & 0x1f;
    if (type >= 0x0c && type <= 0x0e) {
      cpl.byte_count = pcie::length_dw(request) * (type == 0x0e ? 2u : 4u);
    }
    if (!read) return {cpl};
    const pcie::ByteEnables enables{.first = static_cast<uint8_t>(request.hdr[1] & 15),
                                    .last = static_cast<uint8_t>(request.hdr[1] >> 4 & 15)};
    const uint32_t dw = pcie::length_dw(request);
    uint64_t at = to.hpa;
    const uint64_t end = at + dw * 4;
    uint32_t offset = enables.first ? static_cast<uint32_t>(std::countr_zero(enables.first)) : 0;
    uint32_t left = pcie::requested_bytes(enables, dw);
    if (locked || to.fault || !is_host_ram(to.hpa)) {
      cpl.byte_count = left;
      cpl.lower_address = static_cast<uint8_t>((at + offset) & 0x7f);
      return {cpl};
    }
    std::vector<pcie::Completion> all;
    while (at != end) {
      const uint64_t cut = end - at <= max_payload ? end : (at + max_payload) / 64 * 64;
      cpl.status = pcie::CplStatus::Sc;
      cpl.byte_count = left;
      cpl.lower_address = static_cast<uint8_t>((at + offset) & 0x7f);
      cpl.payload.clear();
      for (uint64_t a = at; a < cut; a += 4) cpl.payload.push_back(memory_.read32({a}));
      const auto bad = bad_beats_.lower_bound(at / bus_bytes_ * bus_bytes_);
      if (bad != bad_beats_.end() && *bad < cut) {
        cpl.status = pcie::CplStatus::Ca;
        cpl.payload.clear();
        all.push_back(cpl);
        return all;
      }
      all.push_back(cpl);
      left -= std::min<uint32_t>(left, static_cast<uint32_t>(cut - at) - offset);
      offset = 0;
      at = cut;
    }
    return all;
  }

 private:
  const model::HostMemory& memory_;
  const std::set<uint64_t>& bad_beats_;
  uint32_t bus_bytes_;
};

template <class V>
struct HostReadBench : dut::Clocked {
  static constexpr uint32_t kBus = sizeof(V::m_r_data_i);
  static constexpr uint64_t kRam = 0x1'2345'6000;

  explicit HostReadBench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None,
                         dut::Cycles latency = 20_cycles)
      : module(seed),
        rng(seed, "reads"),
        requests(module.kernel(), dut::channel(p.np_ctl_i, no_data, p.np_valid_i, p.np_ready_o),
                 rng.fork("np"), stall),
        translation(module.kernel(), dut::channel(p.np_ctl_i, no_data, p.np_valid_i, p.np_ready_o),
                    p.np_hpa_i, p.np_fault_i),
        port(module.kernel(), read_half(p, idle), memory, rng.fork("memory"),
             {.read_latency = latency, .stall = stall}),
        bad(module.kernel(), p),
        completions(module.kernel(),
                    dut::channel(p.cpl_ctl_o, p.cpl_data_o, p.cpl_valid_o, p.cpl_ready_i),
                    rng.fork("cpl"), stall),
        random_order(stall != agent::Stall::None),
        order_rng(rng.fork("order")) {
    for (uint64_t at = 0; at < 2 * pcie::kPageBytes; at += 4) {
      memory.write32({kRam + at}, order_rng.u32());
    }
    p.max_payload_i = 1;
    p.order_ok_i = 1;
    module.kernel().add(*this);
    module.reset();
  }
  ~HostReadBench() override { module.kernel().remove(*this); }

  void send(const pcie::Tlp& tlp) {
    const pcie::RawTlp raw = pcie::encode(tlp);
    for (auto& cpl : model.answer(raw, 128u << p.max_payload_i)) {
      refusals_owed += cpl.status == pcie::CplStatus::Ur;
      errors_owed += cpl.status == pcie::CplStatus::Ca;
      owed.push_back(pcie::encode(cpl));
    }
    ++requests_owed;
    requests.send(raw);
  }
  // Everything asked for is answered as the model says, each request once.
  void check(dut::Cycles budget = 200'000_cycles) {
    module.run_until([&] { return retired >= requests_owed; }, budget);
    module.step(30_cycles);
    CHECK(port.idle());
    CHECK(retired == requests_owed);
    CHECK(refused == refusals_owed);
    CHECK(errors == errors_owed);
    std::deque<pcie::RawTlp> came;
    for (const pcie::RawTlp& tlp : completions.received()) {
      if (tlp.error) {
        ++given_up;
      } else {
        came.push_back(tlp);
      }
    }
    REQUIRE(came.size() == owed.size());
    for (size_t n = 0; n < came.size(); ++n) {
      if (came[n] != owed[n]) {
        FAIL("completion " << n << ": " << pcie::to_text(came[n]) << ", owed "
                           << pcie::to_text(owed[n]));
      }
    }
  }
  pcie::Completion first() {
    return std::get<pcie::Completion>(
        std::get<pcie::Tlp>(pcie::decode(completions.received().front())));
  }

  void sample() override {
    retired += p.retired_o;
    refused += p.refused_o;
    errors += p.mem_error_o;
  }
  void commit() override {
    if (random_order) p.order_ok_i = order_rng.chance(60);
  }

  dut::Module<V> module;
  V& p = module.pins();
  std::remove_reference_t<decltype(V::cpl_data_o)> no_data{};  // of requests: goes nowhere
  IdleHalf<kBus> idle;
  model::HostMemory memory;
  agent::Rng rng;
  agent::TlpSource requests;
  TranslationPins<std::remove_reference_t<decltype(V::np_hpa_i)>> translation;
  agent::AxiMemory port;
  BadBeats<V> bad;
  agent::TlpSink completions;
  HostReadModel model{memory, bad.addresses, kBus};
  std::deque<pcie::RawTlp> owed;
  bool random_order;
  agent::Rng order_rng;
  unsigned requests_owed = 0, refusals_owed = 0, errors_owed = 0;
  unsigned retired = 0, refused = 0, errors = 0, given_up = 0;
};

}  // namespace cw::unit
