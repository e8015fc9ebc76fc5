// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
#include "Vcw_nonposted_path.h"
#include "Vcw_nonposted_path_w128.h"
#include "Vcw_nonposted_path_w512.h"
#include "Vcw_nonposted_path_w64.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "unit/completer_stubs.hpp"

namespace cw::unit {
namespace {

constexpr uint64_t kCard = Claims{}.bar[2], kRegs = Claims{}.bar[0], kAxi = 0x90'0000'0000;
constexpr pcie::Bdf kHost{.bus = 0, .device = 1, .function = 2};

template <class V>
struct Bench : dut::Clocked {
  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : rng(seed, "path"),
        module(seed, rng.fork("regs"), stall),
        card(module, rng.fork("card"), stall),
        atomics(module, card.memory, rng.fork("atomics"), stall),
        reports(module),
        np(module.kernel(),
           dut::channel(p().np_ctl_i, p().np_data_i, p().np_valid_i, p().np_ready_o),
           rng.fork("np"), stall),
        cpl(module.kernel(),
            dut::channel(p().cpl_ctl_o, p().cpl_data_o, p().cpl_valid_o, p().cpl_ready_i),
            rng.fork("cpl"), stall) {
    module.kernel().add(*this);
    configure({});
    p().p_taken_i = p().p_done_i = 0;
    module.reset();
  }
  ~Bench() override { module.kernel().remove(*this); }
  V& p() { return module.pins(); }
  void configure(const Claims& claims) {
    drive(p().state_i, claims);
    drive(p().state_i, Claims{.id = 0x0101, .bar = {0, 0, kAxi}, .bar_log2 = {0, 0, 24}}, 1);
  }
  void send(const pcie::Tlp& tlp) { np.send(pcie::encode(tlp)); }
  pcie::Completion next() {
    module.run_until([&] { return !cpl.empty(); }, 2000_cycles);
    const auto decoded = pcie::decode(cpl.pop());
    if (const auto* bad = std::get_if<pcie::Malformed>(&decoded)) FAIL(bad->reason);
    return std::get<pcie::Completion>(std::get<pcie::Tlp>(decoded));
  }
  void sample() override {
    if (!(p().cpl_valid_o && p().cpl_ready_i)) return;
    if (beats++ == 0) first_beat = module.now().value;
    last_beat = module.now().value;
  }
  // Of the clocks from the first to the last beat, in per cent.
  unsigned busy() const {
    return static_cast<unsigned>(100 * beats / (last_beat - first_beat + 1));
  }

  agent::Rng rng;
  AnsweredModule<V> module;
  CardStub<V> card;
  AtomicStub<V> atomics;
  ReportCounter<V> reports;
  agent::TlpSource np;
  agent::TlpSink cpl;
  uint64_t beats = 0, first_beat = 0, last_beat = 0;
};

// 1000 reads of 64 bytes, each right or `skew` bytes behind a multiple of 64.
template <class V>
unsigned busy_with_reads(uint32_t skew) {
  Bench<V> bench;
  for (uint32_t i = 0; i < 1000; ++i) {
    bench.send(pcie::MemRead{.requester = kHost,
                             .tag = {static_cast<uint16_t>(i & 0xff)},
                             .address = {kCard + i % 32 * 64 + skew},
                             .length_bytes = 64});
  }
  bench.module.run_until([&] { return bench.cpl.size() == 1000; }, 20'000_cycles);
  return bench.busy();
}

template <class V>
void check_atomics(uint64_t seed, agent::Stall stall) {
  Bench<V> bench(seed, stall);
  Bytes expected;
  for (unsigned i = 0; i < 60; ++i) {
    pcie::Atomic request = random_atomic(bench.rng, 512);
    const uint64_t at = request.address.value;
    request.address.value += kCard;
    request.requester = kHost;
    request.tag = {static_cast<uint16_t>(i)};
    bench.send(request);
    const pcie::Completion answer = bench.next();
    std::vector<uint32_t> original;
    for (size_t dw = 0; dw < model::operand_dwords(request); ++dw) {
      original.push_back(expected.dword(at + 4 * dw));
    }
    REQUIRE(answer.payload == original);
    REQUIRE(answer.byte_count == 4 * original.size());
    REQUIRE(answer.lower_address == 0);
    REQUIRE(answer.tag.value == i);
    const auto result = model::atomic_result(request, original);
    for (size_t b = 0; b < 4 * result.size(); ++b) {
      expected.put(at + b, static_cast<uint8_t>(result[b / 4] >> 8 * (b % 4)));
    }
    for (uint32_t dw = 0; dw < 512; dw += 4) {
      REQUIRE(bench.card.memory.dword(dw) == expected.dword(dw));
    }
  }
  CHECK(bench.reports.any() == 0);
}

}  // namespace

TEST_CASE("64-byte reads of card memory keep the completion channel busy, at every width",
          "[unit][endpoint][performance]") {
  CHECK(busy_with_reads<Vcw_nonposted_path_w64>(0) >= 99);
  CHECK(busy_with_reads<Vcw_nonposted_path_w128>(0) >= 99);
  CHECK(busy_with_reads<Vcw_nonposted_path>(0) >= 99);
  CHECK(busy_with_reads<Vcw_nonposted_path_w512>(0) >= 99);
}

TEST_CASE("reads that are not aligned to a beat cost the one beat more that they touch",
          "[unit][endpoint][performance]") {
  CHECK(busy_with_reads<Vcw_nonposted_path_w64>(4) >= 100 * 8 / 9);
  CHECK(busy_with_reads<Vcw_nonposted_path_w128>(4) >= 100 * 4 / 5);
  CHECK(busy_with_reads<Vcw_nonposted_path>(4) >= 100 * 2 / 3);
  CHECK(busy_with_reads<Vcw_nonposted_path_w512>(4) >= 100 * 1 / 2);
}

TEST_CASE("reads of registers, a dword per clock, leave the completion channel mostly idle",
          "[unit][endpoint][performance]") {
  Bench<Vcw_nonposted_path> bench;
  for (unsigned i = 0; i < 50; ++i) {
    bench.send(pcie::MemRead{.address = {kRegs + 64 * i % 4096}, .length_bytes = 64});
  }
  bench.module.run_until([&] { return bench.cpl.size() == 50; }, 20'000_cycles);
  CHECK(bench.busy() < 20);  // a dword per clock, eight times slower than a beat
}

TEST_CASE("a register is read within six clocks, alone or behind another",
          "[unit][endpoint][performance]") {
  Bench<Vcw_nonposted_path> bench;
  for (unsigned i = 0; i < 2; ++i) {
    bench.send(pcie::MemRead{.address = {kRegs + 4 * i}, .length_bytes = 4});
  }
  bench.module.run_until([&] { return bench.p().np_valid_i != 0; }, 20_cycles);
  const uint64_t asked = bench.module.now().value;
  bench.module.run_until([&] { return bench.beats == 2; }, 20_cycles);
  CHECK(bench.first_beat - asked <= 5);
  CHECK(bench.last_beat - bench.first_beat <= 1);
}

TEST_CASE("AtomicOps change card memory as the model does, at every width",
          "[unit][endpoint][R15][R16]") {
  for (const agent::Stall stall : {agent::Stall::None, agent::Stall::Adversarial}) {
    check_atomics<Vcw_nonposted_path>(1, stall);
    check_atomics<Vcw_nonposted_path_w64>(2, stall);
    check_atomics<Vcw_nonposted_path_w128>(3, stall);
    check_atomics<Vcw_nonposted_path_w512>(4, stall);
  }
}

TEST_CASE("an AtomicOp on anything but card memory, or poisoned, is refused and changes nothing",
          "[unit][endpoint][R17][R37]") {
  Bench<Vcw_nonposted_path_w64> bench;
  const pcie::Atomic good{.kind = pcie::AtomicKind::CompareAndSwap,
                          .requester = kHost,
                          .address = {kCard + 0x20},
                          .operands = {9, 8, 7, 6, 5, 4, 3, 2}};
  for (const uint64_t to : {kRegs, kAxi, uint64_t{0x4000}, kCard}) {
    pcie::Atomic bad = good;
    bad.address = {to};
    bad.attributes.poisoned = to == kCard;
    bench.send(bad);
  }
  bench.send(good);
  for (unsigned i = 0; i < 4; ++i) {
    const pcie::Completion answer = bench.next();
    CHECK(answer.status == pcie::CplStatus::Ur);
    CHECK(answer.byte_count == 16);
    CHECK(answer.payload.empty());
  }
  CHECK(bench.next().status == pcie::CplStatus::Sc);
  REQUIRE(bench.atomics.done.size() == 1);  // and with its own operands
  CHECK(bench.atomics.done[0].operands == good.operands);
  CHECK(bench.reports.count(ReportUnsupported) == 3);
  CHECK(bench.reports.count(ReportPoisoned) == 1);
  CHECK(bench.reports.log[0].hdr == pcie::encode([&] {
                                      pcie::Atomic bad = good;
                                      bad.address = {kRegs};
                                      return bad;
                                    }())
                                        .hdr);
}

TEST_CASE("an AtomicOp waits for the posted requests before it", "[unit][endpoint][R30]") {
  Bench<Vcw_nonposted_path> bench;
  bench.p().p_taken_i = 1;
  bench.send(pcie::Atomic{.address = {kCard}, .operands = {1}});
  bench.module.step(30_cycles);
  CHECK(bench.atomics.done.empty());
  bench.p().p_done_i = 1;
  CHECK(bench.next().status == pcie::CplStatus::Sc);
}

TEST_CASE("the user's AXI4 port answers reads of its function, in the pieces of one boundary",
          "[unit][endpoint][R13][R14][R16][R20]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Adversarial);
  Bench<Vcw_nonposted_path> bench(2, stall);
  bench.card.axi_errors = {0x400 + 0xc0};
  bench.send(pcie::MemRead{.address = {kAxi + 0x13}, .length_bytes = 500});
  bench.send(pcie::MemRead{.address = {kAxi + 0x400}, .length_bytes = 512});
  bench.send(pcie::MemRead{.address = {kCard + 0x40}, .length_bytes = 4});
  std::vector<uint8_t> data;
  for (uint32_t left = 500; left;) {
    const pcie::Completion part = bench.next();
    REQUIRE(part.byte_count == left);
    CHECK(part.completer == pcie::Bdf{1, 0, 1});
    const auto bytes = pcie::enabled_bytes(part);
    data.insert(data.end(), bytes.begin(), bytes.end());
    left -= static_cast<uint32_t>(bytes.size());
  }
  for (uint32_t i = 0; i < 500; ++i) REQUIRE(data[i] == bench.card.memory.at(0x13 + i));
  CHECK(bench.next().payload.size() == 32);
  const pcie::Completion abort = bench.next();
  CHECK(abort.status == pcie::CplStatus::Ca);
  CHECK(abort.byte_count == 512 - 128);
  CHECK(bench.next().payload == std::vector{bench.card.memory.dword(0x40)});
  bench.module.step(100_cycles);
  CHECK(bench.cpl.empty());
  REQUIRE(bench.reports.log.size() == 1);
  CHECK(bench.reports.log[0].functions == 2);
  CHECK(bench.reports.log[0].kinds == ReportAbort);
}

TEST_CASE("a configuration request before the device is ready is told to come again",
          "[unit][endpoint][R15][R19]") {
  Bench<Vcw_nonposted_path> bench;
  bench.module.cfg_status = pcie::CplStatus::Rrs;
  bench.send(pcie::CfgRead{.tag = {5}});
  const pcie::Completion answer = bench.next();
  CHECK(answer.status == pcie::CplStatus::Rrs);
  CHECK(answer.payload.empty());
  CHECK(answer.byte_count == 4);
}

TEST_CASE("the path of non-posted requests alarms at a posted one", "[unit][endpoint][R31]") {
  Bench<Vcw_nonposted_path> bench;
  bench.send(pcie::MemWrite{.address = {kCard}, .data = {1, 2, 3, 4}});
  CHECK_THROWS_AS(bench.module.step(10_cycles), dut::AssertionFailed);
}

}  // namespace cw::unit
