// SPDX-License-Identifier: Apache-2.0
#include "env/link_checker.hpp"

#include <array>

#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "pcie/codec.hpp"
#include "pcie/config_space.hpp"

namespace {

using namespace cw;
using namespace cw::pcie;
using namespace cw::dut::literals;
using agent::ProtocolViolation;
using agent::Stall;

constexpr Bdf kCard{.bus = 1}, kHost{};

struct Wire {
  std::array<uint32_t, dut::kTlpCtlWords> ctl{};
  std::array<uint32_t, 8> data{};
  uint8_t valid = 0, ready = 0;
  dut::ChannelPins pins() { return dut::channel(ctl, data, valid, ready); }
};

// Both directions of a link, and what the test puts on them.
struct Link {
  struct Direction {
    Direction(dut::Kernel& kernel)
        : source(kernel, wire.pins(), agent::Rng(1, "source"), Stall::None),
          sink(kernel, wire.pins(), agent::Rng(1, "sink"), Stall::None),
          monitor(kernel, wire.pins()) {}
    Wire wire{};
    agent::TlpSource source;
    agent::TlpSink sink;
    agent::TlpMonitor monitor;
  };
  dut::Kernel kernel;
  Direction down{kernel}, up{kernel};
  env::LinkChecker checker{down.monitor, up.monitor};

  void send(Direction& way, const RawTlp& raw) {
    way.source.send(raw);
    kernel.run_until([&] { return way.source.idle(); }, 1000_cycles);
    for (unsigned n = 0; n < 4; ++n) kernel.step();
  }
  void host(const Tlp& tlp) { send(down, encode(tlp)); }
  void card(const Tlp& tlp) { send(up, encode(tlp)); }

  // The card has its number, and may ask.
  void enumerate() { config_write(reg::kCommand, command::kMemEnable | command::kBusMasterEnable); }
  void config_write(uint16_t offset, uint32_t data) {
    host(CfgWrite{.target = kCard, .offset = offset, .data = data});
    card(Completion{.completer = kCard, .requester = kHost});
  }
};

MemRead read_of(uint32_t bytes) {
  return {.requester = kCard, .tag = {3}, .address = {0x8000'0010}, .length_bytes = bytes};
}
Completion piece(uint32_t byte_count, uint8_t lower_address, uint32_t dw) {
  return {.completer = kHost,
          .byte_count = byte_count,
          .requester = kCard,
          .tag = {3},
          .lower_address = lower_address,
          .payload = std::vector<uint32_t>(dw, 0x1234)};
}

}  // namespace

TEST_CASE("The link checker lets legal traffic pass and knows what is owed", "[bench][link]") {
  Link link;
  link.enumerate();
  link.card(read_of(100));
  CHECK(link.checker.outstanding() == 1);
  link.host(piece(100, 0x10, 12));  // up to 0x40
  link.host(piece(52, 0x40, 13));
  CHECK(link.checker.outstanding() == 0);
  link.card(read_of(0));
  link.host(piece(1, 0x10, 1));
  link.host(MemRead{.address = {0x4000'0000}, .length_bytes = 4});
  link.card(Completion{.completer = kCard, .status = CplStatus::Ur, .requester = kHost});
  CHECK(link.checker.outstanding() == 0);
}

TEST_CASE("The link checker refuses a completion that does not answer its request",
          "[bench][link]") {
  Link link;
  link.enumerate();
  link.card(read_of(100));
  const auto bad = [&](const Completion& completion) {
    CHECK_THROWS_AS(link.host(completion), ProtocolViolation);
  };
  SECTION("another tag") {
    auto stray = piece(100, 0x10, 12);
    stray.tag = {4};
    bad(stray);
  }
  SECTION("Byte Count") { bad(piece(99, 0x10, 12)); }
  SECTION("Lower Address") { bad(piece(100, 0x14, 12)); }
  SECTION("a cut where there is no boundary") { bad(piece(100, 0x10, 11)); }
  SECTION("more data than were asked for") { bad(piece(100, 0x10, 26)); }
  SECTION("another traffic class") {
    auto other = piece(100, 0x10, 12);
    other.attributes.traffic_class = 1;
    bad(other);
  }
  SECTION("a second one") {
    link.host(piece(100, 0x10, 25));
    bad(piece(100, 0x10, 25));
  }
  SECTION("no data") { bad(piece(100, 0x10, 0)); }
}

TEST_CASE("The link checker refuses a request that this endpoint may not send", "[bench][link]") {
  Link link;
  const auto bad = [&](const Tlp& tlp) { CHECK_THROWS_AS(link.card(tlp), ProtocolViolation); };
  SECTION("before it has a number") { bad(read_of(4)); }
  SECTION("before it may ask") {
    link.config_write(reg::kCommand, command::kMemEnable);
    bad(read_of(4));
  }
  SECTION("after it may not any more") {
    link.enumerate();
    link.card(read_of(4));
    link.config_write(reg::kCommand, 0);
    bad(MemWrite{.requester = kCard, .address = {0x8000'0000}, .data = {1}});
  }
  SECTION("under another number") {
    link.enumerate();
    auto other = read_of(4);
    other.requester = {.bus = 2};
    bad(other);
  }
  SECTION("with a tag in use") {
    link.enumerate();
    link.card(read_of(4));
    bad(read_of(8));
  }
  SECTION("longer than Max_Read_Request_Size") {
    link.enumerate();
    bad(read_of(516));
  }
  SECTION("with more than Max_Payload_Size") {
    link.enumerate();
    bad(MemWrite{.requester = kCard, .address = {0x8000'0000}, .data = std::vector<uint8_t>(132)});
  }
  SECTION("across 4 KiB") {
    link.enumerate();
    auto raw = encode(read_of(64));
    raw.hdr[2] = 0x8000'0fe0;
    CHECK_THROWS_AS(link.send(link.up, raw), ProtocolViolation);
  }
}

TEST_CASE("The link checker refuses a completion under a foreign number", "[bench][link]") {
  Link link;
  link.host(CfgRead{.target = kCard, .offset = 0});
  auto answer = Completion{.completer = {.bus = 9}, .requester = kHost, .payload = {0}};
  CHECK_THROWS_AS(link.card(answer), ProtocolViolation);
}

TEST_CASE("The link checker wants a configuration request answered in the name that it asks",
          "[bench][link]") {
  constexpr Bdf kAbsent{.bus = 1, .function = 5};
  Link link;
  link.enumerate();
  link.host(CfgRead{.target = kAbsent});
  SECTION("its own") {
    link.card(Completion{.completer = kAbsent, .status = CplStatus::Ur, .requester = kHost});
    CHECK(link.checker.outstanding() == 0);
  }
  SECTION("function 0's") {
    CHECK_THROWS_AS(
        link.card(Completion{.completer = kCard, .status = CplStatus::Ur, .requester = kHost}),
        ProtocolViolation);
  }
}
