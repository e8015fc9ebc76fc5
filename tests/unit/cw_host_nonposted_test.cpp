// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64 TimeoutCycles=100
// cw-variant: W=512 TimeoutCycles=100
#include <Vcw_host_nonposted_w512_timeoutcycles100.h>
#include <Vcw_host_nonposted_w64_timeoutcycles100.h>

#include <algorithm>
#include <vector>

#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "pcie/codec.hpp"
#include "unit/cfg_pins.hpp"
#include "unit/host_fields.hpp"

namespace cw::unit {
namespace {

using namespace cw::dut::literals;

template <class V>
struct Carrier : dut::Clocked {
  dut::Module<V> module;
  agent::TlpSink requests{module.kernel(),
                          dut::channel(module.pins().np_ctl_o, module.pins().np_data_o,
                                       module.pins().np_valid_o, module.pins().np_ready_i),
                          agent::Rng(1, "np"), agent::Stall::Bursty};
  agent::TlpSource completions{module.kernel(),
                               dut::channel(module.pins().cpl_ctl_i, module.pins().cpl_data_i,
                                            module.pins().cpl_valid_i, module.pins().cpl_ready_o),
                               agent::Rng(1, "cpl"), agent::Stall::Bursty};
  std::vector<uint32_t> dwords;
  bool done = false, ok = false;
  unsigned events = 0;

  Carrier() {
    module.pins().op_valid_i = module.pins().timeout_disable_i = 0;
    module.pins().rrs_visible_i = 0;
    module.pins().link_up_i = 1;
    dut::clear_bits(module.pins().op_i);
    module.kernel().add(*this);
    module.reset();
  }
  void sample() override {
    auto& p = module.pins();
    events |= p.event_o;
    if (p.data_valid_o) dwords.push_back(p.data_o);
    if (p.done_o) {
      done = true;
      ok = p.ok_o;
    }
  }
  void commit() override {
    if (done) module.pins().op_valid_i = 0;
  }
  void start(const HostOp& op) {
    done = ok = false;
    events = 0;
    dwords.clear();
    drive(module.pins().op_i, op);
    module.pins().op_valid_i = 1;
  }
  pcie::RawTlp request() {
    module.run_until([&] { return !requests.empty(); }, 200_cycles);
    return requests.pop();
  }
  void finish() {
    module.run_until([&] { return done; }, 300_cycles);
  }
};

template <class V>
void read_in_pieces() {
  Carrier<V> dut;
  for (unsigned round = 0; round < 40; ++round) {
    dut.start({.target = TargetMemory, .addr = 0x4000'0034, .bytes = 60});
    const pcie::RawTlp request = dut.request();
    CHECK(std::get<pcie::MemRead>(std::get<pcie::Tlp>(pcie::decode(request))).length_bytes == 60);
    std::vector<uint32_t> all(15);
    for (uint32_t& dword : all) dword = round * 100 + static_cast<uint32_t>(&dword - all.data());
    // A stray completion between the two that belong to the read.
    const auto tag = pcie::tag(request);
    dut.completions.send(pcie::encode(pcie::Completion{
        .byte_count = 60, .tag = tag, .lower_address = 0x34, .payload = {&all[0], &all[3]}}));
    dut.completions.send(pcie::encode(pcie::Completion{
        .byte_count = 64, .tag = tag + 1, .payload = std::vector<uint32_t>(16, 0xdead'dead)}));
    dut.completions.send(pcie::encode(pcie::Completion{
        .byte_count = 48, .tag = tag, .lower_address = 0x40, .payload = {&all[3], &all[15]}}));
    dut.finish();
    CHECK(dut.ok);
    CHECK(dut.dwords == all);
    CHECK(dut.events == CfgUnexpectedCpl);
  }
}

TEST_CASE("The dwords of a read come in order, from as many completions as it takes",
          "[unit][root][R22][R23]") {
  read_in_pieces<Vcw_host_nonposted_w64_timeoutcycles100>();
  read_in_pieces<Vcw_host_nonposted_w512_timeoutcycles100>();
}

using Dut = Carrier<Vcw_host_nonposted_w64_timeoutcycles100>;

TEST_CASE("A poisoned completion of many beats is dropped whole", "[unit][root][R26]") {
  Dut dut;
  for (const bool poisoned : {true, false}) {
    dut.start({.target = TargetMemory, .addr = 0x4000'0000, .bytes = 64});
    dut.completions.send(pcie::encode(pcie::Completion{.byte_count = 64,
                                                       .tag = pcie::tag(dut.request()),
                                                       .payload = std::vector<uint32_t>(16, 5),
                                                       .attributes = {.poisoned = poisoned}}));
    dut.finish();
    CHECK(dut.ok == !poisoned);
    CHECK(dut.dwords.size() == (poisoned ? 0 : 16));
  }
}

TEST_CASE("Configuration requests have the type, target and dword of the access",
          "[unit][root][R49]") {
  Dut dut;
  for (const unsigned target : {TargetConfig0, TargetConfig1}) {
    dut.start(
        {.target = target, .write = true, .addr = 0x3025'1124, .be = 0b0110, .wdata = 0xabcd'1234});
    const auto write = std::get<pcie::CfgWrite>(std::get<pcie::Tlp>(pcie::decode(dut.request())));
    CHECK(write == pcie::CfgWrite{.type = target == TargetConfig0 ? pcie::CfgType::Type0
                                                                  : pcie::CfgType::Type1,
                                  .tag = write.tag,
                                  .target = {.bus = 2, .device = 10, .function = 1},
                                  .offset = 0x124,
                                  .first_be = 0b0110,
                                  .data = 0xabcd'1234});
    dut.completions.send(pcie::encode(pcie::Completion{.tag = write.tag}));
    dut.finish();
    CHECK(dut.ok);
    CHECK(dut.events == 0);
  }
}

TEST_CASE("A request without answer fails once its time is over", "[unit][root][R27][R52]") {
  Dut dut;
  dut.start({.target = TargetMemory, .addr = 0x4000'0000, .bytes = 4});
  dut.module.step(90_cycles);
  CHECK(!dut.done);
  dut.finish();
  CHECK(!dut.ok);
  CHECK(dut.events == CfgCplTimeout);
}

// Tags of so many reads, one after the other, each answered.
std::vector<unsigned> tags_of(Dut& dut, unsigned reads) {
  std::vector<unsigned> tags;
  for (unsigned n = 0; n < reads; ++n) {
    dut.start({.target = TargetMemory, .addr = 0x4000'0000, .bytes = 4});
    const pcie::Tag tag = pcie::tag(dut.request());
    tags.push_back(tag.value);
    dut.completions.send(
        pcie::encode(pcie::Completion{.byte_count = 4, .tag = tag, .payload = {n}}));
    dut.finish();
    CHECK(dut.ok);
  }
  return tags;
}

TEST_CASE("A tag of the host is not used again while completions of it are still to come",
          "[unit][root][R27][R28]") {
  Dut dut;
  dut.start({.target = TargetMemory, .addr = 0x4000'0000, .bytes = 64});
  pcie::Completion cpl{.tag = pcie::tag(dut.request())};
  const unsigned lost = cpl.tag.value;
  SECTION("because one was poisoned that was not the last") {
    cpl.byte_count = 64;
    cpl.payload.assign(8, 5);
    cpl.attributes.poisoned = true;
    dut.completions.send(pcie::encode(cpl));
    dut.finish();
    cpl.attributes.poisoned = false;
  }
  SECTION("because its time was over, whatever comes under a tag or an ID that is none of ours") {
    dut.finish();
    pcie::Completion stray{.byte_count = 4, .tag = cpl.tag + 32, .payload = {1}};
    dut.completions.send(pcie::encode(stray));
    stray.tag = cpl.tag;
    stray.requester = {.bus = 0, .device = 3, .function = 0};
    dut.completions.send(pcie::encode(stray));
    dut.module.step(50_cycles);
  }
  CHECK(!dut.ok);
  for (const unsigned tag : tags_of(dut, 40)) CHECK(tag != lost);
  cpl.byte_count = 32;
  cpl.lower_address = 0x20;
  cpl.payload.assign(8, 6);
  dut.completions.send(pcie::encode(cpl));
  dut.module.step(50_cycles);
  const std::vector<unsigned> tags = tags_of(dut, 32);
  CHECK(std::count(tags.begin(), tags.end(), lost) == 1);
}

TEST_CASE("While the link is down a request fails at once, and its completion is nobody's",
          "[unit][root][R45][R52]") {
  Carrier<Vcw_host_nonposted_w64_timeoutcycles100> dut;
  const HostOp read{.target = TargetMemory, .addr = 0x4000'0000, .bytes = 8};
  const auto fails_within = [&](unsigned cycles) {
    dut.module.step(dut::Cycles{cycles});
    return dut.done && !dut.ok && dut.events == 0;
  };
  SECTION("before it is asked") {
    dut.module.pins().link_up_i = 0;
    dut.start(read);
    CHECK(fails_within(2));
    CHECK(dut.requests.empty());
  }
  SECTION("while it waits for the link") {
    dut.requests.block(true);
    dut.start(read);
    dut.module.step(10_cycles);
    dut.module.pins().link_up_i = 0;
    dut.requests.block(false);  // what is sent goes nowhere now
    CHECK(fails_within(12));
  }
  SECTION("while it waits for its completion") {
    dut.start(read);
    const pcie::RawTlp request = dut.request();
    dut.module.pins().link_up_i = 0;
    CHECK(fails_within(3));
    pcie::Completion late{.byte_count = 8, .payload = {1, 2}};
    late.tag = pcie::tag(request);
    dut.completions.send(pcie::encode(late));
    dut.module.step(20_cycles);
    CHECK(dut.dwords.empty());
    CHECK(dut.events == 0);
    CHECK(dut.completions.idle());
  }
  dut.module.pins().link_up_i = 1;
  while (!dut.requests.empty()) dut.requests.pop();
  dut.start(read);
  pcie::Completion good{.byte_count = 8, .payload = {3, 4}};
  good.tag = pcie::tag(dut.request());
  dut.completions.send(pcie::encode(good));
  dut.finish();
  CHECK(dut.ok);
  CHECK(dut.dwords == std::vector<uint32_t>{3, 4});
}

}  // namespace
}  // namespace cw::unit
