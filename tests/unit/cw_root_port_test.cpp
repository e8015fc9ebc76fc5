// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <deque>

#include "Vcw_root_port.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "unit/cfg_pins.hpp"
#include "unit/port_traffic.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;
using test::kCompletion, test::kNonPosted, test::kPosted;

constexpr unsigned kDevCtl = 0x68, kCommand = 0x04, kBuses = 0x18, kSecondaryStatus = 0x1c,
                   kBridgeControl = 0x3c;
constexpr uint32_t kFatalDetected = 1u << 18, kUrDetected = 1u << 19;

struct RootPort {
  dut::Module<Vcw_root_port> module;
  Vcw_root_port& p = module.pins();
  agent::TlpSource rx;
  agent::TlpSink tx;
  std::array<agent::TlpSource, 3> down;
  std::array<agent::TlpSink, 3> up;
  CfgFunction<Vcw_root_port> function{module};

  explicit RootPort(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rx(kernel(), dut::channel(p.rx_ctl_i, p.rx_data_i, p.rx_valid_i, p.rx_ready_o),
           {seed, "rx"}, agent::Stall::None),
        tx(kernel(), dut::channel(p.tx_ctl_o, p.tx_data_o, p.tx_valid_o, p.tx_ready_i),
           {seed, "tx"}, stall),
        down{
            {{kernel(),
              dut::channel(p.down_p_ctl_i, p.down_p_data_i, p.down_p_valid_i, p.down_p_ready_o),
              {seed, "dp"},
              stall},
             {kernel(),
              dut::channel(p.down_np_ctl_i, p.down_np_data_i, p.down_np_valid_i, p.down_np_ready_o),
              {seed, "dnp"},
              stall},
             {kernel(),
              dut::channel(p.down_cpl_ctl_i, p.down_cpl_data_i, p.down_cpl_valid_i,
                           p.down_cpl_ready_o),
              {seed, "dcpl"},
              stall}}},
        up{{{kernel(),
             dut::channel(p.up_p_ctl_o, p.up_p_data_o, p.up_p_valid_o, p.up_p_ready_i),
             {seed, "up"},
             stall},
            {kernel(),
             dut::channel(p.up_np_ctl_o, p.up_np_data_o, p.up_np_valid_o, p.up_np_ready_i),
             {seed, "unp"},
             stall},
            {kernel(),
             dut::channel(p.up_cpl_ctl_o, p.up_cpl_data_o, p.up_cpl_valid_o, p.up_cpl_ready_i),
             {seed, "ucpl"},
             stall}}} {
    for (unsigned cls = 0; cls < 3; ++cls) {  // a partner with endless room
      dut::set_bits(p.tx_fc_i, cls * test::kClassFcBits + 25, 1, 1);
      dut::set_bits(p.tx_fc_i, cls * test::kClassFcBits + 12, 1, 1);
    }
    p.retired_i = 0;
    module.settle();
  }
  dut::Kernel& kernel() { return module.kernel(); }
  // Credits granted so far, headers and data.
  std::pair<uint64_t, uint64_t> granted(unsigned cls) {
    const unsigned lsb = (kCompletion - cls) * test::kClassFcBits;
    return {dut::get_bits(p.rx_fc_o, lsb + 13, 12), dut::get_bits(p.rx_fc_o, lsb, 12)};
  }
  void settle_traffic() {
    module.run_until([&] { return rx.idle(); }, 5000_cycles);
    module.step(50_cycles);
  }
};

pcie::RawTlp write_of(uint32_t bytes) {
  return pcie::encode(
      pcie::MemWrite{.address = {0x9000'0000}, .data = std::vector<uint8_t>(bytes, 0x5a)});
}

TEST_CASE("TLPs pass a root port whole in both directions, by class", "[unit][root][R31]") {
  for (const agent::Stall stall : {agent::Stall::None, agent::Stall::Bursty}) {
    RootPort port(5, stall);
    agent::Rng rng(5, "tlps");
    std::deque<pcie::RawTlp> sent_up[3], sent_down[3], came[3];
    for (unsigned n = 0; n < 60; ++n) {
      const auto cls = static_cast<unsigned>(rng.range(0, 2));
      sent_up[cls].push_back(test::random_tlp(rng, cls, 128));
      port.rx.send(sent_up[cls].back());
      sent_down[cls].push_back(test::random_tlp(rng, cls, 128));
      if (cls == kCompletion) {  // somebody asked for it
        const pcie::Tag tag = pcie::tag(sent_down[cls].back());
        sent_up[kNonPosted].push_back(
            pcie::encode(pcie::MemRead{.tag = tag, .address = {64}, .length_bytes = 4}));
        port.rx.send(sent_up[kNonPosted].back());
      }
    }
    const size_t all_up = sent_up[0].size() + sent_up[1].size() + sent_up[2].size();
    port.module.run_until(
        [&] { return port.up[0].size() + port.up[1].size() + port.up[2].size() == all_up; },
        20'000_cycles);
    for (unsigned cls = 0; cls < 3; ++cls) {
      for (const auto& tlp : sent_down[cls]) port.down[cls].send(tlp);
    }
    port.module.run_until([&] { return port.tx.size() == 60; }, 20'000_cycles);
    for (const auto& tlp : port.tx.received()) came[test::class_of(tlp)].push_back(tlp);
    for (unsigned cls = 0; cls < 3; ++cls) {
      CHECK(port.up[cls].received() == sent_up[cls]);
      CHECK(came[cls] == sent_down[cls]);
    }
  }
}

TEST_CASE("A malformed TLP ends at the root port, is recorded, and its credits come back",
          "[unit][root][R36]") {
  RootPort port;
  const auto before = port.granted(kPosted);
  pcie::RawTlp longer = write_of(32);
  longer.payload.push_back(0);
  port.rx.send(longer);
  port.settle_traffic();
  CHECK(port.up[kPosted].empty());
  CHECK(port.granted(kPosted).first == before.first + 1);
  CHECK(port.granted(kPosted).second == before.second + 2);
  CHECK((port.function.read(kDevCtl) & kFatalDetected) != 0);
  port.rx.send(write_of(32));
  port.settle_traffic();
  CHECK(port.up[kPosted].size() == 1);
}

TEST_CASE("Max_Payload_Size in Device Control bounds what a root port takes",
          "[unit][root][R02][R36]") {
  RootPort port;
  port.rx.send(write_of(256));
  port.settle_traffic();
  CHECK(port.up[kPosted].empty());
  port.function.write(kDevCtl, 1u << 5);
  port.rx.send(write_of(256));
  port.settle_traffic();
  CHECK(port.up[kPosted].size() == 1);
}

TEST_CASE("A request behind a write comes up behind it", "[unit][root][R30]") {
  RootPort port;
  port.up[kPosted].block(true);
  port.rx.send(write_of(64));
  port.rx.send(pcie::encode(pcie::MemRead{.address = {0x1000}, .length_bytes = 4}));
  port.settle_traffic();
  CHECK(port.up[kNonPosted].empty());
  port.up[kPosted].block(false);
  port.settle_traffic();
  CHECK(port.up[kNonPosted].size() == 1);
}

TEST_CASE("What a root port's registers hold, it says; what happens to it, they hold",
          "[unit][root][R38][R41][R48][R49]") {
  RootPort port;
  port.function.write(kCommand, 0x0006);
  port.function.write(kBuses, 0x0003'0201);
  CHECK(port.function.read(0x00) == 0xca01'ca5e);
  CHECK(dut::get_bits(port.p.state_o, 271, 24) == 0x010203);
  CHECK(dut::get_bits(port.p.state_o, 297, 2) == 3);
  port.function.event(CfgUnsupported);
  CHECK((port.function.read(kDevCtl) & kUrDetected) != 0);
  port.function.event(CfgPoisoned);
  CHECK((port.function.read(kSecondaryStatus) >> 31) == 1);
  CHECK((port.function.read(kDevCtl) & kFatalDetected) == 0);
}

TEST_CASE("A root port sends no more than its partner has room for", "[unit][root][R35]") {
  RootPort port;
  dut::clear_bits(port.p.tx_fc_i);
  dut::set_bits(port.p.tx_fc_i, 2 * test::kClassFcBits + 13, 12, 2);  // two posted headers,
  dut::set_bits(port.p.tx_fc_i, 2 * test::kClassFcBits, 12, 100);     // data enough
  for (unsigned n = 0; n < 3; ++n) port.down[kPosted].send(write_of(16));
  port.module.step(50_cycles);
  CHECK(port.tx.size() == 2);
  dut::set_bits(port.p.tx_fc_i, 2 * test::kClassFcBits + 13, 12, 3);
  port.module.step(20_cycles);
  CHECK(port.tx.size() == 3);
}

// What comes up is done with a while later; the other side of the link follows its resets.
struct Host : dut::Clocked {
  explicit Host(RootPort& owner) : port(owner) { port.kernel().add(*this); }
  ~Host() override { port.kernel().remove(*this); }
  void sample() override {
    if (port.p.link_up_o) arrived = port.rx.sent();
    if (!port.p.link_up_o) port.tx.reset();
  }
  void commit() override {
    constexpr size_t kLatency = 60;
    unsigned retired = 0;
    for (const unsigned cls : {kPosted, kNonPosted}) {
      due[cls].resize(due[cls].size() + 1, port.up[cls].received().size());
      if (due[cls].size() <= kLatency || done[cls] == due[cls][due[cls].size() - kLatency])
        continue;
      ++done[cls];
      retired |= cls == kPosted ? 1u : 2u;
    }
    port.p.retired_i = retired;
  }
  RootPort& port;
  std::array<std::vector<size_t>, 3> due{};
  std::array<size_t, 3> done{};
  uint64_t arrived = 0;  // TLPs that came before the link went down
};

TEST_CASE(
    "Secondary Bus Reset: what had arrived whole comes up, nothing goes down, then all is new",
    "[unit][root][R45]") {
  constexpr uint32_t kSecondaryReset = 1u << 22;
  for (const uint64_t seed : {1u, 2u, 3u, 4u, 5u, 6u}) {
    RootPort port(seed, agent::Stall::Bursty);
    Host host(port);
    agent::Rng rng(seed, "tlps");
    const auto credits = port.granted(kPosted);
    std::deque<pcie::RawTlp> sent;
    for (unsigned n = 0; n < 40; ++n) {
      sent.push_back(write_of(128));
      port.rx.send(sent.back());
      for (const unsigned cls : {kPosted, kNonPosted}) {
        port.down[cls].send(test::random_tlp(rng, cls, 128));
      }
    }
    port.module.step(dut::Cycles{rng.range(20, 150)});
    port.function.write(kBridgeControl, kSecondaryReset);
    port.module.step(2_cycles);
    CHECK_FALSE(port.p.link_up_o);
    const size_t arrived = host.arrived, went = port.tx.size();
    port.rx.drop_all();
    port.module.run_until([&] { return port.down[kPosted].idle() && port.down[kNonPosted].idle(); },
                          4000_cycles);
    port.module.step(1500_cycles);
    CHECK(port.up[kPosted].size() == arrived);
    CHECK(port.tx.size() == went);
    port.function.write(kBridgeControl, 0);
    port.module.step(20_cycles);
    CHECK(port.p.link_up_o);
    CHECK(port.granted(kPosted) == credits);  // counted from zero again
    port.rx.send(write_of(128));
    const pcie::RawTlp down = test::random_tlp(rng, kNonPosted, 128);
    port.down[kNonPosted].send(down);
    port.settle_traffic();
    CHECK(port.up[kPosted].size() == arrived + 1);
    REQUIRE(port.tx.size() == went + 1);
    CHECK(port.tx.received().back() == down);
  }
}

}  // namespace
}  // namespace cw::unit
