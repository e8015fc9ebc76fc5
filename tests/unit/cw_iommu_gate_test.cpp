// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
// cw-variant: W=512
#include <deque>

#include "Vcw_iommu_gate.h"
#include "Vcw_iommu_gate_w512.h"
#include "Vcw_iommu_gate_w64.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr uint32_t kMRd64 = 0x20, kMWr32 = 0x40, kMWr64 = 0x60, kCfgRd0 = 0x04, kMsg = 0x34,
                   kFAdd32 = 0x4c;

pcie::RawTlp tlp(uint32_t kind, uint16_t requester, uint64_t addr, uint32_t dw, uint32_t at = 0) {
  pcie::RawTlp raw;
  raw.hdr = {kind << 24 | at << 10 | (dw & 0x3ff), uint32_t{requester} << 16 | 0xff,
             static_cast<uint32_t>(kind & 0x20 ? addr >> 32 : addr),
             static_cast<uint32_t>(kind & 0x20 ? addr : 0)};
  for (uint32_t n = 0; kind & 0x40 && n < dw; n++) raw.payload.push_back(n * 0x0101'0101);
  return raw;
}

// Translates after a delay and in no order: the HPA is the IOVA plus 2^45, a page with bit 12 set
// is refused.
template <class V>
struct Gate : dut::Clocked {
  dut::Module<V> module;
  V& p = module.pins();
  agent::TlpSource source;
  agent::TlpSink sink;
  unsigned latency;
  std::vector<Request> asked;
  std::vector<Answer> released;  // at each last beat

  explicit Gate(unsigned answer_latency = 3, agent::Stall in = agent::Stall::None,
                agent::Stall out = agent::Stall::None)
      : source(module.kernel(), dut::channel(p.in_ctl_i, p.in_data_i, p.in_valid_i, p.in_ready_o),
               {1, "in"}, in),
        sink(module.kernel(), dut::channel(p.out_ctl_o, p.out_data_o, p.out_valid_o, p.out_ready_i),
             {1, "out"}, out),
        latency(answer_latency) {
    p.tr_ready_i = 1;
    p.tr_rsp_valid_i = 0;
    module.kernel().add(*this);
    module.reset();
  }
  ~Gate() override { module.kernel().remove(*this); }

  void sample() override {
    if (p.tr_rsp_valid_i) due_.erase(due_.begin() + chosen_);
    if (p.tr_valid_o && p.tr_ready_i) {
      asked.push_back(request(p.tr_req_o));
      due_.push_back({module.now().value + latency, asked.back()});
    }
    if (p.out_valid_o) {
      const Answer now{.fault = p.out_fault_o != 0, .hpa = p.out_hpa_o};
      const auto ctl = sink_pins().ctl();
      if (ctl.sop) first_ = now;
      CHECK(now == first_);
      if (p.out_ready_i && ctl.eop) released.push_back(now);
    }
  }
  void commit() override {
    std::vector<size_t> ready;
    for (size_t n = 0; n < due_.size(); n++) {
      if (due_[n].at <= module.now().value) ready.push_back(n);
    }
    p.tr_rsp_valid_i = !ready.empty();
    if (ready.empty()) {  // what is on the wires then means nothing
      drive(p.tr_rsp_i, {.fault = rng_.chance(50), .hpa = rng_.range(0, 1 << 30)},
            static_cast<unsigned>(rng_.range(0, 31)));
      return;
    }
    chosen_ = ready[rng_.range(0, ready.size() - 1)];
    const Request& r = due_[chosen_].request;
    drive(p.tr_rsp_i, expected(r), r.tag);
  }
  void reset() override { p.tr_rsp_valid_i = 0; }

  // Answers one request in the next clock, whatever the latency.
  void answer(size_t n) {
    for (Due& due : due_) {
      if (due.request == asked[n]) due.at = 0;
    }
    module.step(2_cycles);
  }
  static Answer expected(const Request& r) {
    return {.fault = (r.iova >> 12 & 1) != 0,
            .hpa = (r.iova & 0xfff'ffff'ffff) + (uint64_t{1} << 45)};
  }
  dut::ChannelPins sink_pins() {
    return dut::channel(p.out_ctl_o, p.out_data_o, p.out_valid_o, p.out_ready_i);
  }

 private:
  struct Due {
    uint64_t at;
    Request request;
  };
  agent::Rng rng_{1, "order"};
  std::deque<Due> due_;
  size_t chosen_ = 0;
  Answer first_;
};

TEST_CASE("What a TLP asks for: device, address, direction, AT", "[unit][iommu][R40]") {
  Gate<Vcw_iommu_gate> gate;
  gate.source.send(tlp(kMRd64, 0x1234, 0x12'3456'7890, 4, 2));
  gate.source.send(tlp(kMWr32, 0xffff, 0x8765'4320, 1));
  gate.source.send(tlp(kFAdd32, 1, 0x40, 1));
  gate.source.send(tlp(kCfgRd0, 2, 0, 1));
  gate.source.send(tlp(kMsg, 3, 0, 0));
  gate.module.run_until([&] { return gate.sink.size() == 5; }, 200_cycles);
  REQUIRE(gate.asked.size() == 5);
  CHECK(gate.asked[0] == Request{.did = 0x1234, .iova = 0x12'3456'7890, .at = 2});
  CHECK(gate.asked[1] == Request{.did = 0xffff, .iova = 0x8765'4320, .write = true, .tag = 1});
  CHECK(gate.asked[2] == Request{.did = 1, .iova = 0x40, .write = true, .tag = 2});
  CHECK(gate.asked[3].pass);
  CHECK(gate.asked[4].pass);
}

TEMPLATE_TEST_CASE("TLPs leave whole, in order, each with its own answer", "[unit][iommu]",
                   Vcw_iommu_gate, Vcw_iommu_gate_w64, Vcw_iommu_gate_w512) {
  for (const agent::Stall in : agent::kEveryStall) {
    for (const agent::Stall out : agent::kEveryStall) {
      Gate<TestType> gate(7, in, out);
      std::deque<pcie::RawTlp> sent;
      for (uint32_t n = 0; n < 60; n++) {
        sent.push_back(n % 3 ? tlp(kMWr64, n, uint64_t{n} << 32 | n << 12, 1 + n * 5 % 64)
                             : tlp(kMRd64, n, uint64_t{n} << 32 | n << 12, 16));
        gate.source.send(sent.back());
      }
      gate.module.run_until([&] { return gate.sink.size() == 60; }, 20000_cycles);
      CHECK(gate.sink.received() == sent);
      REQUIRE(gate.released.size() == 60);
      for (size_t n = 0; n < 60; n++) CHECK(gate.released[n] == gate.expected(gate.asked[n]));
    }
  }
}

TEST_CASE("A TLP waits for its translation, and those behind it ask meanwhile", "[unit][iommu]") {
  Gate<Vcw_iommu_gate> gate(/*answer_latency=*/100);
  for (uint32_t n = 0; n < 40; n++) gate.source.send(tlp(kMRd64, 1, 0x1'0000'0000 + n * 64, 16));
  gate.module.step(90_cycles);
  CHECK(gate.sink.empty());
  CHECK(gate.asked.size() == 32);
  gate.module.run_until([&] { return gate.sink.size() == 32; }, 60_cycles);
}

TEST_CASE("4 KiB of writes lie in the buffer while a walk goes on", "[unit][iommu]") {
  Gate<Vcw_iommu_gate> gate(/*answer_latency=*/300);
  for (uint32_t n = 0; n < 20; n++) gate.source.send(tlp(kMWr64, 1, 0x1'0000'0000 + n * 256, 64));
  gate.module.step(200_cycles);
  CHECK(gate.source.sent() == 16);
}

TEST_CASE("The answer to a younger TLP lets nothing go", "[unit][iommu]") {
  Gate<Vcw_iommu_gate> gate(/*answer_latency=*/1'000'000);
  for (uint32_t n = 0; n < 2; n++) gate.source.send(tlp(kMRd64, 1, 0x1'0000'0000 + n * 64, 16));
  gate.module.run_until([&] { return gate.asked.size() == 2; }, 20_cycles);
  for (const size_t n : {1, 0}) {
    gate.module.step(20_cycles);
    CHECK(gate.sink.empty());
    gate.answer(n);
  }
  gate.module.run_until([&] { return gate.sink.size() == 2; }, 20_cycles);
}

TEST_CASE("An answer that nobody waits for stops the simulation", "[unit][iommu]") {
  Gate<Vcw_iommu_gate> gate;
  gate.p.tr_rsp_valid_i = 1;
  CHECK_THROWS_AS(gate.module.kernel().step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
