// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
#include <deque>

#include "Vcw_acs_filter.h"
#include "Vcw_acs_filter_w64.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/host_fields.hpp"
#include "unit/port_traffic.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;
using pcie::CplStatus;
using pcie::MemRead;
using pcie::MemWrite;

constexpr pcie::Bdf kInside{.bus = 2}, kBelow{.bus = 1}, kAbove{.bus = 4}, kHost{};
constexpr pcie::Iova kSomewhere{0x9000'0000};

template <class V>
struct Filter : dut::Clocked {
  explicit Filter(unsigned acs, uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        p_in(module.kernel(), dut::channel(p.p_ctl_i, payload, p.p_valid_i, p.p_ready_o),
             {seed, "p"}, stall),
        np_in(module.kernel(), dut::channel(p.np_ctl_i, payload2, p.np_valid_i, p.np_ready_o),
              {seed, "np"}, stall),
        cpl_in(module.kernel(),
               dut::channel(p.cpl_ctl_i, p.cpl_data_i, p.cpl_valid_i, p.cpl_ready_o), {seed, "cpl"},
               stall),
        p_out(module.kernel(), dut::channel(p.p_ctl_i, payload, p.p_valid_o, p.p_ready_i),
              {seed, "po"}, stall),
        np_out(module.kernel(), dut::channel(p.np_ctl_i, payload2, p.np_valid_o, p.np_ready_i),
               {seed, "npo"}, stall),
        cpl_out(module.kernel(),
                dut::channel(p.cpl_ctl_o, p.cpl_data_o, p.cpl_valid_o, p.cpl_ready_i),
                {seed, "cplo"}, stall) {
    drive(p.state_i, RootPortState{.secondary = 2, .subordinate = 3, .acs = acs});
    module.kernel().add(*this);
    module.reset();
  }
  ~Filter() override { module.kernel().remove(*this); }
  void sample() override { violations += (p.violation_o & 1) + (p.violation_o >> 1); }
  void settle_traffic() {
    module.run_until([&] { return p_in.idle() && np_in.idle() && cpl_in.idle(); }, 20'000_cycles);
    module.step(100_cycles);
  }
  pcie::Completion answer() {
    return std::get<pcie::Completion>(std::get<pcie::Tlp>(pcie::decode(cpl_out.pop())));
  }

  dut::Module<V> module;
  V& p = module.pins();
  std::remove_reference_t<decltype(V::cpl_data_i)> payload{}, payload2{};
  agent::TlpSource p_in, np_in, cpl_in;
  agent::TlpSink p_out, np_out, cpl_out;
  unsigned violations = 0;
};

using Wide = Filter<Vcw_acs_filter>;

TEST_CASE("Source Validation stops requests whose requester is not behind the port",
          "[unit][root][R50]") {
  for (const bool enabled : {false, true}) {
    Wide filter(enabled ? unsigned{AcsSourceValidation} : 0u);
    for (const pcie::Bdf requester : {kBelow, kInside, kAbove, kHost}) {
      filter.p_in.send(pcie::encode(
          MemWrite{.requester = requester, .address = kSomewhere, .data = {1, 2, 3, 4}}));
      filter.p_in.send(
          pcie::encode(pcie::Message{.requester = requester, .routing = 0, .code = 0x30}));
      filter.np_in.send(pcie::encode(
          MemRead{.requester = requester, .tag = {7}, .address = kSomewhere, .length_bytes = 8}));
    }
    filter.settle_traffic();
    CHECK(filter.p_out.size() == (enabled ? 2 : 8));
    CHECK(filter.np_out.size() == (enabled ? 1 : 4));
    CHECK(filter.violations == (enabled ? 9 : 0));
    REQUIRE(filter.cpl_out.size() == (enabled ? 3 : 0));
    if (!enabled) continue;
    for (const pcie::Bdf requester : {kBelow, kAbove, kHost}) {
      const pcie::Completion answer = filter.answer();
      CHECK(answer.status == CplStatus::Ca);
      CHECK(answer.requester == requester);
      CHECK(answer.tag == pcie::Tag{7});
      CHECK(answer.byte_count == 8);
    }
  }
}

TEST_CASE("Translation Blocking stops requests whose address says that it is translated",
          "[unit][root][R11][R50]") {
  for (const bool enabled : {false, true}) {
    Wide filter(enabled ? unsigned{AcsTranslationBlocking} : 0u);
    for (const uint8_t address_type : {uint8_t{0}, uint8_t{1}, uint8_t{2}, uint8_t{3}}) {
      const pcie::Attributes attributes{.address_type = address_type};
      filter.p_in.send(pcie::encode(MemWrite{.requester = kAbove,
                                             .address = kSomewhere,
                                             .data = {1, 2, 3, 4},
                                             .attributes = attributes}));
      filter.np_in.send(pcie::encode(MemRead{.requester = kAbove,
                                             .address = kSomewhere,
                                             .length_bytes = 8,
                                             .attributes = attributes}));
    }
    filter.settle_traffic();
    CHECK(filter.p_out.size() == (enabled ? 1 : 4));
    CHECK(filter.np_out.size() == (enabled ? 1 : 4));
    CHECK(filter.cpl_out.size() == (enabled ? 3 : 0));
    CHECK(filter.violations == (enabled ? 6 : 0));
  }
}

TEST_CASE("The abort of an AtomicOp has the byte count of its operand", "[unit][root][R15][R50]") {
  Wide filter(AcsSourceValidation);
  for (const auto kind : {pcie::AtomicKind::FetchAdd, pcie::AtomicKind::CompareAndSwap}) {
    for (const uint32_t bytes : {4u, 8u, 16u}) {
      const bool cas = kind == pcie::AtomicKind::CompareAndSwap;
      if (bytes == 16 && !cas) continue;
      filter.np_in.send(
          pcie::encode(pcie::Atomic{.kind = kind,
                                    .requester = kAbove,
                                    .address = kSomewhere,
                                    .operands = std::vector<uint32_t>(bytes / (cas ? 2 : 4))}));
      filter.settle_traffic();
      const pcie::Completion answer = filter.answer();
      CHECK(answer.status == CplStatus::Ca);
      CHECK(answer.byte_count == bytes);
    }
  }
}

TEMPLATE_TEST_CASE("What is stopped is stopped whole, all else passes as it came",
                   "[unit][root][R30][R50]", Vcw_acs_filter, Vcw_acs_filter_w64) {
  uint64_t seed = 90;
  for (const agent::Stall stall : agent::kEveryStall) {
    Filter<TestType> filter(AcsSourceValidation, ++seed, stall);
    agent::Rng rng(seed, "tlps");
    std::deque<pcie::RawTlp> posted, non_posted, completions, host;
    unsigned bad = 0, bad_reads = 0;
    for (unsigned n = 0; n < 150; ++n) {
      const bool forged = rng.chance(40);
      const uint32_t id = forged ? 0x0700 : 0x0200;
      pcie::RawTlp tlp =
          test::random_tlp(rng, rng.chance(50) ? test::kPosted : test::kNonPosted, 256);
      if (rng.chance(20)) {  // a request with payload that is answered
        tlp = pcie::encode(pcie::Atomic{.kind = pcie::AtomicKind::CompareAndSwap,
                                        .operands = std::vector<uint32_t>(4)});
      }
      tlp.hdr[1] = (tlp.hdr[1] & 0xffff) | id << 16;
      bad += forged;
      const bool is_posted = test::class_of(tlp) == test::kPosted;
      bad_reads += forged && !is_posted;
      if (!forged) (is_posted ? posted : non_posted).push_back(tlp);
      (is_posted ? filter.p_in : filter.np_in).send(tlp);
      if (rng.chance(30)) {
        completions.push_back(test::random_completion(rng, 256, false));
        filter.cpl_in.send(completions.back());
      }
    }
    filter.settle_traffic();
    const auto headers = [](const std::deque<pcie::RawTlp>& tlps) {
      std::vector<std::array<uint32_t, 4>> all;
      for (const auto& tlp : tlps) all.push_back(tlp.hdr);
      return all;
    };
    CHECK(headers(filter.p_out.received()) == headers(posted));
    CHECK(headers(filter.np_out.received()) == headers(non_posted));
    CHECK(filter.violations == bad);
    unsigned aborts = 0;
    for (const auto& tlp : filter.cpl_out.received()) {
      const bool own = tlp.hdr[1] >> 13 == 4 && tlp.hdr[2] >> 16 == 0x0700;
      aborts += own;
      if (!own) host.push_back(tlp);
    }
    CHECK(host == completions);
    CHECK(aborts == bad_reads);
  }
}

}  // namespace
}  // namespace cw::unit
