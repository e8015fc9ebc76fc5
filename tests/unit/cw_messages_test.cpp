// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64 Functions=3 TickCycles=12 ServiceTicks=8
#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "Vcw_messages.h"
#include "Vcw_messages_w64_functions3_tickcycles12_serviceticks8.h"
#include "agent/rng.hpp"
#include "agent/tlp_monitor.hpp"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "pcie/codec.hpp"
#include "unit/interrupt_fields.hpp"

namespace cw::unit {
namespace {

using namespace cw::dut::literals;
using pcie::Message;
using Narrow = Vcw_messages_w64_functions3_tickcycles12_serviceticks8;

// Message codes and routings (PCIe Base 2.2.8, appendix F).
enum Code : uint8_t {
  Ltr = 0x10,
  PmPme = 0x18,
  PmeToAck = 0x1b,
  AssertInt = 0x20,
  DeassertInt = 0x24,
  ErrCor = 0x30,
  ErrNonFatal = 0x31,
  ErrFatal = 0x33
};
enum Routing : uint8_t { ToRoot = 0, Local = 4, Gather = 5 };
// `error_message_t`
enum Error : unsigned { Correctable = 1, NonFatal = 2, Fatal = 4 };

template <class V>
struct Bench {
  static constexpr unsigned kFunctions = std::is_same_v<V, Narrow> ? 3 : 1;

  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        requester(module.kernel(), dut::channel(p.p_ctl_i, p.p_data_i, p.p_valid_i, p.p_ready_o),
                  {seed, "p"}, stall),
        port(module.kernel(), out(), {seed, "port"}, stall),
        monitor(module.kernel(), out(), {.well_formed = true}) {
    p.error_i = p.intx_i = p.turn_off_i = p.fn_rst_i = 0;
    p.ltr_i = 0;
    p.ltr_max_i = 0x1fff'1fff;
    for (unsigned f = 0; f < kFunctions; ++f) state[f].id = static_cast<uint16_t>(0x0238 | f);
    configure();
    module.reset();
  }
  dut::ChannelPins out() { return dut::channel(p.p_ctl_o, p.p_data_o, p.p_valid_o, p.p_ready_i); }

  void configure() {
    for (unsigned f = 0; f < kFunctions; ++f) drive(p.state_i, state[f], f);
    module.settle();
  }
  void error(unsigned fn, unsigned kinds) {
    p.error_i = static_cast<uint16_t>(kinds << 3 * fn);
    module.step();
    p.error_i = 0;
  }
  void write(uint32_t address, uint32_t dwords) {
    requester.send(pcie::encode(
        pcie::MemWrite{.address = {address}, .data = std::vector<uint8_t>(4 * dwords, 0x5a)}));
  }
  // Everything that has come out since the last call.
  std::vector<pcie::Tlp> take() {
    std::vector<pcie::Tlp> tlps;
    while (!port.empty()) tlps.push_back(std::get<pcie::Tlp>(pcie::decode(port.pop())));
    return tlps;
  }
  std::vector<Message> messages(dut::Cycles wait = 60_cycles) {
    module.step(wait);
    std::vector<Message> found;
    for (const pcie::Tlp& tlp : take()) {
      if (const auto* message = std::get_if<Message>(&tlp)) found.push_back(*message);
    }
    return found;
  }
  Message message(uint8_t code, uint8_t routing, unsigned fn, uint32_t dw3 = 0) {
    const uint16_t id = state[fn].id;
    return {.requester = {.bus = static_cast<uint8_t>(id >> 8),
                          .device = static_cast<uint8_t>(id >> 3 & 31),
                          .function = static_cast<uint8_t>(fn)},
            .routing = routing,
            .code = code,
            .dw3 = dw3};
  }

  dut::Module<V> module;
  V& p = module.pins();
  std::array<FunctionState, kFunctions> state{};
  agent::TlpSource requester;
  agent::TlpSink port;
  agent::TlpMonitor monitor;
};

using Messages = std::vector<Message>;

TEST_CASE("Each error is told by the message of its kind, from its function",
          "[unit][messages][R38]") {
  Bench<Narrow> bench;
  for (unsigned f = 0; f < 3; ++f) {
    bench.error(f, Correctable);
    CHECK(bench.messages() == Messages{bench.message(ErrCor, ToRoot, f)});
    bench.error(f, NonFatal);
    CHECK(bench.messages() == Messages{bench.message(ErrNonFatal, ToRoot, f)});
    bench.error(f, Fatal);
    CHECK(bench.messages() == Messages{bench.message(ErrFatal, ToRoot, f)});
  }
}

TEST_CASE("Errors of one clock are all told, and later ones by later messages",
          "[unit][messages][R38]") {
  Bench<Narrow> bench;
  bench.p.error_i = 0x1ff;
  bench.module.step();
  bench.p.error_i = 0;
  CHECK(bench.messages().size() == 9);
  bench.port.block(true);
  bench.error(0, Correctable);
  bench.module.step(10_cycles);  // its message waits at the port
  bench.error(0, Correctable);
  bench.port.block(false);
  CHECK(bench.messages().size() == 2);
}

TEST_CASE("An error in the clock in which the message of the last one goes is told by one more",
          "[unit][messages][R38]") {
  Bench<Narrow> bench;
  bench.p.error_i = NonFatal << 3;
  bench.module.step(2_cycles);  // the message of the first is made in the clock of the second
  bench.p.error_i = 0;
  CHECK(bench.messages() == Messages(2, bench.message(ErrNonFatal, ToRoot, 1)));
}

TEST_CASE("An error that comes in every clock keeps no other message from being told",
          "[unit][messages][R38]") {
  Bench<Narrow> bench;
  bench.p.error_i = Correctable << 3;
  bench.module.step(20_cycles);
  bench.p.intx_i = 1;
  bench.p.error_i = (Correctable << 3) | (Fatal << 6);
  const Messages told = bench.messages(100_cycles);
  for (const Message& m : {bench.message(AssertInt, Local, 0), bench.message(ErrCor, ToRoot, 1),
                           bench.message(ErrFatal, ToRoot, 2)}) {
    CHECK(std::count(told.begin(), told.end(), m) != 0);
  }
}

TEST_CASE("INTx is told once when it rises and once when it falls, from the device",
          "[unit][messages][intx]") {
  Bench<Narrow> bench;
  for (unsigned pin = 0; pin < 4; ++pin) {
    bench.p.intx_i = 1u << pin;
    const auto rises = static_cast<uint8_t>(AssertInt + pin);
    const auto falls = static_cast<uint8_t>(DeassertInt + pin);
    CHECK(bench.messages() == Messages{bench.message(rises, Local, 0)});
    CHECK(bench.messages().empty());
    bench.p.intx_i = 0;
    CHECK(bench.messages() == Messages{bench.message(falls, Local, 0)});
  }
  bench.state[0].id = 0x0239;  // as if the ID of function 0 had a function number
  bench.configure();
  bench.p.intx_i = 1;
  const Messages told = bench.messages();
  CHECK(told.size() == 1);
  CHECK(told.at(0).requester.function == 0);
}

TEST_CASE("INTx messages take turns, whatever the wire does while they wait",
          "[unit][messages][intx]") {
  for (const auto stall : agent::kEveryStall) {
    Bench<Narrow> bench(7, stall);
    agent::Rng rng(7, "intx");
    std::array<bool, 4> high{};
    for (int i = 0; i < 600; ++i) {
      if (rng.chance(3)) bench.p.intx_i ^= 1u << rng.range(0, 3);
      if (rng.chance(6)) bench.write(0x1000, 5);
      for (const Message& m : bench.messages(2_cycles)) {
        const bool rises = m.code < DeassertInt;
        CHECK(high.at(m.code & 3) != rises);
        high.at(m.code & 3) = rises;
      }
    }
    bench.module.run_until([&] { return bench.requester.idle(); }, 20'000_cycles);
    for (const Message& m : bench.messages(400_cycles)) high.at(m.code & 3) = m.code < DeassertInt;
    for (unsigned pin = 0; pin < 4; ++pin) CHECK(high[pin] == ((bench.p.intx_i >> pin & 1) != 0));
  }
}

TEST_CASE("PM_PME comes from its function, and again as long as nobody serves it",
          "[unit][messages][pme]") {
  Bench<Narrow> bench;
  bench.state[2].pme_enable = bench.state[2].pme_status = true;
  bench.state[2].power = 3;
  bench.state[2].bus_master = false;
  bench.configure();
  CHECK(bench.messages() == Messages{bench.message(PmPme, ToRoot, 2)});
  CHECK(bench.messages(100_cycles) == Messages{bench.message(PmPme, ToRoot, 2)});
  // Not before the service timeout, and within a tick of it: 8 ticks of 12 clocks.
  const auto told = [&] {
    bench.module.run_until([&] { return !bench.port.empty(); }, 200_cycles);
    bench.take();
    return bench.module.now().value;
  };
  const uint64_t first = told();
  CHECK(told() - first == 8 * 12);
  bench.state[2].pme_status = false;
  bench.configure();
  CHECK(bench.messages(400_cycles).empty());
}

TEST_CASE("PME_Turn_Off is acknowledged behind every posted request before it",
          "[unit][messages][pme][R47]") {
  Bench<Narrow> bench;
  bench.state[0].power = 3;
  bench.configure();
  bench.port.block(true);
  bench.write(0x1000, 40);
  bench.module.step(20_cycles);
  bench.p.turn_off_i = 1;
  bench.module.step();
  bench.p.turn_off_i = 0;
  bench.module.step(20_cycles);
  bench.port.block(false);
  bench.module.step(200_cycles);
  const auto tlps = bench.take();
  CHECK(tlps.size() == 2);
  CHECK(std::holds_alternative<pcie::MemWrite>(tlps.at(0)));
  CHECK(tlps.at(1) == pcie::Tlp{bench.message(PmeToAck, Gather, 0)});
}

TEST_CASE("LTR says the user's latencies, no-snoop first, and takes them back",
          "[unit][messages][ltr]") {
  Bench<Narrow> bench;
  bench.p.ltr_i = 0x8803'9005;
  CHECK(bench.messages().empty());
  bench.state[0].ltr_enable = true;
  bench.configure();
  CHECK(bench.messages() == Messages{bench.message(Ltr, Local, 0, 0x8803'9005)});
  bench.error(1, Correctable);  // the latencies are in no other message
  CHECK(bench.messages() == Messages{bench.message(ErrCor, ToRoot, 1)});
  bench.p.ltr_i = 0x8803'9006;
  CHECK(bench.messages() == Messages{bench.message(Ltr, Local, 0, 0x8803'9006)});
  bench.state[0].ltr_enable = false;
  bench.configure();
  CHECK(bench.messages() == Messages{bench.message(Ltr, Local, 0, 0)});
}

TEST_CASE("No message before the bus number is known, none is lost by it",
          "[unit][messages][R09]") {
  Bench<Vcw_messages> bench;
  bench.state[0].id_valid = false;
  bench.configure();
  bench.error(0, Fatal);
  bench.p.intx_i = 1;
  bench.p.turn_off_i = 1;
  bench.module.step();
  bench.p.turn_off_i = 0;
  CHECK(bench.messages().empty());
  bench.state[0] = {.bus_master = false, .id = 0x5500};
  bench.configure();
  const Messages told = bench.messages();
  CHECK(told.size() == 3);
  for (const Message& m : told) CHECK(m.requester.bus == 0x55);
}

TEST_CASE("A function-level reset takes the errors of its function alone",
          "[unit][messages][R43]") {
  Bench<Narrow> bench;
  bench.port.block(true);
  bench.write(0x1000, 4);
  bench.module.step(5_cycles);
  bench.error(0, Correctable);  // this one waits behind the write
  bench.module.step(2_cycles);
  bench.p.error_i = Fatal << 3 | Fatal << 6;
  bench.module.step();
  bench.p.error_i = 0;
  bench.p.fn_rst_i = 1u << 1;
  bench.module.step();
  bench.p.fn_rst_i = 0;
  bench.port.block(false);
  const Messages told = bench.messages();
  CHECK(told == Messages{bench.message(ErrCor, ToRoot, 0), bench.message(ErrFatal, ToRoot, 2)});
}

TEST_CASE("An interrupt never overtakes what the requester already held", "[unit][messages][R32]") {
  const uint32_t dwords = GENERATE(1u, 6u, 20u);
  for (const unsigned held : {1u, 2u}) {
    Bench<Narrow> bench;
    bench.port.block(true);
    for (unsigned i = 0; i < held; ++i) bench.write(0x1000 * (i + 1), dwords);
    bench.module.step(10_cycles);
    bench.p.intx_i = 1;
    bench.module.step(10_cycles);
    for (unsigned i = 0; i < 6; ++i) bench.write(0x8000, dwords);
    bench.port.block(false);
    bench.module.step(300_cycles);
    const auto tlps = bench.take();
    CHECK(tlps.size() == held + 7);
    const auto at = std::find_if(tlps.begin(), tlps.end(), [](const pcie::Tlp& tlp) {
      return std::holds_alternative<Message>(tlp);
    });
    CHECK(at - tlps.begin() >= held);
    CHECK(at - tlps.begin() <= 3);  // nor does it wait for all that came later
  }
}

template <class V>
void under_any_traffic(agent::Stall stall) {
  Bench<V> bench(11, stall);
  agent::Rng rng(11, "traffic");
  std::map<std::pair<unsigned, unsigned>, unsigned> raised, told;
  uint32_t written = 0, seen = 0;
  const auto look = [&] {
    for (const pcie::Tlp& tlp : bench.take()) {
      if (const auto* write = std::get_if<pcie::MemWrite>(&tlp)) {
        CHECK(write->address.value == 0x1000 * ++seen);
        CHECK(std::count(write->data.begin(), write->data.end(), 0x5a) == std::ssize(write->data));
      } else {
        const auto& m = std::get<Message>(tlp);
        ++told[{m.requester.function, m.code}];
      }
    }
  };
  for (int i = 0; i < 1500; ++i) {
    if (rng.chance(4)) bench.write(0x1000 * ++written, static_cast<uint32_t>(rng.range(1, 30)));
    if (rng.chance(8)) {
      const auto f = static_cast<unsigned>(rng.range(0, Bench<V>::kFunctions - 1));
      const auto kind = static_cast<unsigned>(rng.range(0, 2));
      ++raised[{f, kind == 2 ? unsigned{ErrFatal} : ErrCor + kind}];
      bench.error(f, 1u << kind);
    }
    bench.module.step();
    look();
  }
  bench.module.run_until([&] { return bench.requester.idle(); }, 100'000_cycles);
  bench.module.step(500_cycles);
  look();
  CHECK(seen == written);
  CHECK(raised.size() == 3 * Bench<V>::kFunctions);
  CHECK(told.size() == raised.size());
  for (const auto& [what, count] : told) {
    CHECK(count >= 1);
    CHECK(count <= raised[what]);
  }
}

TEST_CASE("Whole TLPs of both, in order, and neither starves the other",
          "[unit][messages][R30][R38]") {
  for (const auto stall : agent::kEveryStall) {
    under_any_traffic<Vcw_messages>(stall);
    under_any_traffic<Narrow>(stall);
  }
}

TEST_CASE("Posted requests pass without a lost clock while there is nothing to tell",
          "[unit][messages]") {
  Bench<Vcw_messages> bench;
  for (uint32_t i = 0; i < 50; ++i) bench.write(0x1000, 8);
  bench.module.step(52_cycles);
  CHECK(bench.monitor.tlps() >= 50);
}

}  // namespace
}  // namespace cw::unit
