// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include "Vcw_completer.h"
#include "Vcw_completer_w512.h"
#include "Vcw_completer_w64.h"
#include "unit/completer_bench.hpp"

using namespace cw;
using namespace cw::unit;
using Bench = CompleterBench<Vcw_completer>;
using pcie::CplStatus;

namespace {

constexpr uint64_t kRegs = Bench::kRegs;
constexpr uint64_t kCard = Bench::kCard;

pcie::MemRead read_of(uint64_t address, uint32_t bytes) {
  return {.requester = Bench::kHost, .tag = {0x2a}, .address = {address}, .length_bytes = bytes};
}

template <class V>
void random_run(uint64_t seed, agent::Stall stall, unsigned operations) {
  CompleterBench<V> bench(seed, stall);
  CompleterTraffic<V>(bench).run(operations, 256);
}

}  // namespace

TEST_CASE("iord-ur-bc4: what is not claimed is refused in the form of its kind",
          "[unit][endpoint][R15][R16][R17][R37][iord-ur-bc4]") {
  Bench bench;
  pcie::Completion answer;
  uint32_t byte_count = 4;
  bool locked = false;
  SECTION("I/O") {
    const bool write = GENERATE(false, true);
    const pcie::IoWrite io_write{.requester = Bench::kHost, .tag = {0x2a}};
    const pcie::IoRead io_read{.requester = Bench::kHost, .tag = {0x2a}};
    answer = bench.check_refused(write ? pcie::Tlp{io_write} : pcie::Tlp{io_read});
  }
  SECTION("configuration read of another bus or function") {
    pcie::CfgRead request{.requester = Bench::kHost, .tag = {0x2a}};
    if (GENERATE(false, true)) {
      request.type = pcie::CfgType::Type1;
    } else {
      request.target = {1, 0, 3};  // of two functions
    }
    answer = bench.check_refused(request);
  }
  SECTION("memory read beside the BARs") {
    answer = bench.check_refused(read_of(kRegs + 0x4000, 7));
    byte_count = 7;
  }
  SECTION("locked memory read") {
    pcie::MemRead request = read_of(kCard + 5, 300);
    request.locked = true;
    answer = bench.check_refused(request);
    byte_count = 300;
    locked = true;
  }
  SECTION("AtomicOp") {
    pcie::Atomic request{.requester = Bench::kHost, .tag = {0x2a}, .address = {kRegs}};
    const bool pair = GENERATE(false, true);
    if (pair) request.kind = pcie::AtomicKind::CompareAndSwap;
    request.operands.resize(pair ? 8 : 2);
    answer = bench.check_refused(request);
    byte_count = pair ? 16 : 8;
  }
  CHECK(answer.byte_count == byte_count);
  CHECK(answer.locked == locked);
  CHECK(bench.reports.count(ReportUnsupported) == 1);
  CHECK(bench.reports.count(ReportAdvisory) == 1);
}

TEST_CASE("bar64-low-half: a read that is not wholly in one BAR is refused",
          "[unit][endpoint][R21][R37][bar64-low-half]") {
  Bench bench;
  bench.check_refused(read_of(kRegs + 0x3ffc, 8));
  bench.check_refused(read_of(kCard + 0xfffc, 5));
  bench.check_refused(read_of(kRegs - 0x1'0000'0000, 4));
  bench.check_refused(read_of(kCard + 0x100'0000'0000, 4));
}

TEST_CASE("asleep or disabled, the function refuses memory and answers configuration",
          "[unit][endpoint][R37]") {
  Bench bench;
  SECTION("memory space disabled") { bench.configure({.mem_enable = false}); }
  SECTION("D3hot") { bench.configure({.power = 3}); }
  bench.check_refused(read_of(kRegs, 4));
  bench.send(pcie::MemWrite{.address = {kCard}, .data = {1, 2, 3, 4}});
  bench.send(pcie::CfgRead{.requester = Bench::kHost, .tag = {3}});
  const pcie::Completion answer = bench.next();
  CHECK(answer.payload == std::vector<uint32_t>{bench.module.cfg_rdata});
  CHECK(bench.card.writes == 0);
  CHECK(bench.reports.count(ReportUnsupported) == 2);
  CHECK(bench.reports.count(ReportAdvisory) == 1);
}

TEST_CASE("a configuration write is completed with the ID that it captures",
          "[unit][endpoint][R09][R15]") {
  Bench bench;
  bench.send(pcie::CfgWrite{.requester = Bench::kHost,
                            .tag = {0x1f},
                            .target = {7, 3, 0},
                            .offset = 0x10,
                            .data = 0x1234'5678});
  bench.module.run_until([&] { return bench.p().cfg_done_i != 0; }, 50_cycles);
  bench.step();
  bench.configure({.id = 0x0718});
  const pcie::Completion answer = bench.next();
  CHECK(bench.module.cfg_writes == std::vector<uint32_t>{0x1234'5678});
  CHECK(answer.completer == pcie::Bdf{7, 3, 0});
  CHECK(answer.status == CplStatus::Sc);
  CHECK(answer.payload.empty());
  CHECK(answer.byte_count == 4);
}

TEST_CASE("poisoned-mwr: poisoned data change nothing", "[unit][endpoint][R37][poisoned-mwr]") {
  Bench bench;
  const uint64_t to = GENERATE(kRegs + 0x100, kCard + 0x40);
  bench.send(pcie::MemWrite{
      .address = {to}, .data = std::vector<uint8_t>(64, 0xee), .attributes = {.poisoned = true}});
  bench.send(pcie::CfgWrite{.requester = Bench::kHost, .tag = {0x2a}, .data = 1, .poisoned = true});
  const pcie::Completion answer = bench.next();
  CHECK(answer.status == CplStatus::Ur);
  CHECK(bench.module.cfg_writes.empty());
  CHECK(bench.module.reg_log.empty());
  CHECK(bench.card.writes == 0);
  CHECK(bench.reports.count(ReportPoisoned) == 2);
}

TEST_CASE("msg-no-completion: no posted request is ever completed",
          "[unit][endpoint][R37][R40][msg-no-completion]") {
  Bench bench;
  for (unsigned code = 0; code < 256; ++code) {
    bench.send(pcie::Message{.requester = Bench::kHost,
                             .routing = 4,
                             .code = static_cast<uint8_t>(code),
                             .payload = std::vector<uint32_t>(code & 1, 0x55)});
  }
  bench.send(pcie::MemWrite{.address = {0x4000}, .data = {1, 2, 3, 4}});
  bench.drain();
  CHECK(bench.cpl.empty());
  // 12 codes are taken, vendor-defined type 1 among them; the write has no BAR.
  CHECK(bench.reports.count(ReportUnsupported) == 256 - 12 + 1);
  CHECK(bench.reports.count(ReportAdvisory) == 0);
}

TEST_CASE("zero-length requests touch nothing; the read waits for the writes before it",
          "[unit][endpoint][R06][R07]") {
  Bench bench;
  bench.card.block_writes = true;
  bench.send(pcie::MemWrite{.address = {kCard}, .data = {1, 2, 3, 4}});
  bench.send(
      pcie::MemWrite{.address = {kRegs + 8}, .data = {0, 0, 0, 0}, .enables = pcie::ByteEnables{}});
  bench.send(read_of(kRegs + 0x1c, 0));
  bench.step(100);
  CHECK(bench.cpl.empty());
  bench.card.block_writes = false;
  const pcie::Completion answer = bench.next();
  CHECK(bench.card.memory.at(0) == 1);
  CHECK(answer.payload.size() == 1);
  CHECK(answer.byte_count == 1);
  CHECK(answer.lower_address == 0x1c);
  CHECK(bench.module.reg_log.empty());
  CHECK(bench.reports.any() == 0);
}

TEST_CASE("writes move on while completions are blocked", "[unit][endpoint][R30][R31]") {
  Bench bench;
  bench.cpl.block(true);
  for (unsigned i = 0; i < 40; ++i) {
    bench.send(read_of(i & 1 ? kCard + 256 * i : kRegs + 4 * i, i & 1 ? 256 : 64));
  }
  bench.step(500);
  for (unsigned i = 0; i < 20; ++i) {
    bench.send(pcie::MemWrite{.address = {kRegs + 4 * i}, .data = {1, 2, 3, 4}});
    bench.send(pcie::MemWrite{.address = {kCard + 64 * i}, .data = std::vector<uint8_t>(64, 9)});
  }
  bench.module.run_until([&] { return bench.posted.idle(); }, 400_cycles);
  bench.step(20);
  CHECK(bench.card.memory.at(64 * 19 + 63) == 9);
  CHECK(bench.module.regs.dword(4 * 19) == 0x04030201);
  CHECK(bench.cpl.empty());
}

TEST_CASE("a register bus error ends the request with one Completer Abort",
          "[unit][endpoint][R17][R20]") {
  Bench bench;
  bench.module.reg_errors = {0x134};
  bench.send(read_of(kRegs + 0x40, 384));
  const pcie::Completion first = bench.next();
  CHECK(first.status == CplStatus::Sc);
  CHECK(first.payload.size() == 16);
  CHECK(bench.next().payload.size() == 32);
  const pcie::Completion abort = bench.next();
  CHECK(abort.status == CplStatus::Ca);
  CHECK(abort.payload.empty());
  CHECK(abort.byte_count == 384 - 64 - 128);
  bench.send(read_of(kRegs + 4, 4));
  CHECK(bench.next().payload == std::vector<uint32_t>{bench.module.regs.dword(4)});
  CHECK(bench.cpl.empty());
  CHECK(bench.reports.count(ReportAbort) == 1);
  bench.send(pcie::MemWrite{.address = {kRegs + 0x134}, .data = {1, 2, 3, 4}});
  bench.drain();
  CHECK(bench.cpl.empty());
  CHECK(bench.reports.count(ReportAbort) == 2);
}

TEST_CASE("a register is read within six clocks", "[unit][endpoint][performance]") {
  Bench bench;
  bench.send(read_of(kRegs + 0x10, 4));
  bench.module.run_until([&] { return bench.p().np_valid_i && bench.p().np_ready_o; }, 20_cycles);
  const uint64_t asked = bench.module.now().value;
  bench.module.run_until([&] { return bench.p().cpl_valid_o != 0; }, 20_cycles);
  CHECK(bench.module.now().value - asked <= 6);
  CHECK(bench.next().payload == std::vector<uint32_t>{bench.module.regs.dword(0x10)});
}

TEST_CASE("card memory is read at one beat per clock", "[unit][endpoint][performance]") {
  Bench bench;
  bench.send(read_of(kCard, 4096));
  bench.module.run_until([&] { return bench.p().cpl_valid_o != 0; }, 40_cycles);
  bench.step(128);
  CHECK(bench.cpl.size() == 16);
  uint32_t left = 4096;
  for (; left; left -= 256) CHECK(bench.next().byte_count == left);
}

TEST_CASE("requests that no port would let through raise the alarm", "[unit][endpoint][R36]") {
  Bench bench;
  SECTION("a completion as a posted request") {
    bench.posted.send(pcie::encode(pcie::Completion{}));
  }
  SECTION("a write as a non-posted request") {
    bench.np.send(pcie::encode(pcie::MemWrite{.address = {kCard}, .data = {1, 2, 3, 4}}));
  }
  CHECK_THROWS_AS(bench.step(10), dut::AssertionFailed);
}

TEST_CASE("every read is completed with the bytes that were written before it, at every width",
          "[unit][endpoint][R03][R05][R08][R13][R14][R16][R18][R30][R33]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  const auto seed = GENERATE(uint64_t{1}, uint64_t{2});
  random_run<Vcw_completer>(seed, stall, 400);
  random_run<Vcw_completer_w64>(seed + 10, stall, 300);
  random_run<Vcw_completer_w512>(seed + 20, stall, 400);
}

TEST_CASE("registers of another function are the user's, dword by dword",
          "[unit][endpoint][R05][R16]") {
  Bench bench(1, GENERATE(agent::Stall::None, agent::Stall::Adversarial));
  bench.send(pcie::MemWrite{.address = {Bench::kUserRegs + 0x22}, .data = {1, 2, 3, 4, 5, 6}});
  bench.send(read_of(Bench::kUserRegs + 0x20, 8));
  const pcie::Completion answer = bench.next();
  CHECK(answer.payload == std::vector<uint32_t>{0x0201'a5a5, 0x0605'0403});
  CHECK(answer.completer == pcie::Bdf{1, 0, 1});
  CHECK(bench.user.axil_write == UserPorts<Vcw_completer>::User{1, 0});
  CHECK(bench.user.axil_read == UserPorts<Vcw_completer>::User{1, 0});
  CHECK(bench.module.reg_log.empty());
}

TEST_CASE("memory of another function is the user's; a read sees every write before it",
          "[unit][endpoint][R30][R33][R58]") {
  Bench bench(1, GENERATE(agent::Stall::None, agent::Stall::Adversarial));
  bench.user.memory.set_latency(3_cycles, 200_cycles);
  std::vector<uint8_t> data;
  for (unsigned i = 0; i < 200; ++i) data.push_back(static_cast<uint8_t>(i * 7));
  bench.send(pcie::MemWrite{.address = {Bench::kUserMemory + 0x1035}, .data = data});
  CHECK(bench.read(read_of(Bench::kUserMemory + 0x1035, 200)) == data);
  CHECK(bench.user.axi_write == UserPorts<Vcw_completer>::User{1, 2});
  CHECK(bench.user.axi_read == UserPorts<Vcw_completer>::User{1, 2});
  CHECK(bench.card.reads + bench.card.writes == 0);
}

TEST_CASE("slverr-to-ca: an error of the user is a Completer Abort, told once to who asked",
          "[unit][endpoint][R17][R20][R38][slverr-to-ca]") {
  Bench bench(1, GENERATE(agent::Stall::None, agent::Stall::Adversarial));
  const auto resp = GENERATE(agent::AxiResp::SlvErr, agent::AxiResp::DecErr);
  bench.user.registers.add_error_range({.base = {0x40}, .bytes = 4, .resp = resp});
  bench.user.memory.add_error_range({.base = {0x80}, .bytes = 4, .resp = resp});
  const uint64_t to = GENERATE(Bench::kUserRegs + 0x40, Bench::kUserMemory + 0x80);
  bench.send(read_of(to, 4));
  const pcie::Completion answer = bench.next();
  CHECK(answer.status == CplStatus::Ca);
  CHECK(answer.payload.empty());
  CHECK(answer.byte_count == 4);
  bench.send(pcie::MemWrite{.address = {to}, .data = {1, 2, 3, 4}});
  bench.drain(1000);
  CHECK(bench.cpl.empty());
  REQUIRE(bench.reports.log.size() == 2);
  for (const ErrorReport& report : bench.reports.log) {
    CHECK(report.kinds == ReportAbort);
    CHECK(report.functions == 0b10);
    CHECK(report.hdr != std::array<uint32_t, 4>{});
  }
  bench.send(read_of(to + 0x40, 4));
  CHECK(bench.next().status == CplStatus::Sc);
}

TEST_CASE("the user's registers are read within eight clocks, its memory within ten",
          "[unit][endpoint][performance]") {
  Bench bench;
  const auto clocks = [&](uint64_t address) {
    bench.send(read_of(address, 4));
    bench.module.run_until([&] { return bench.p().np_valid_i && bench.p().np_ready_o; }, 20_cycles);
    const uint64_t start = bench.module.now().value;
    bench.module.run_until([&] { return bench.p().cpl_valid_o != 0; }, 40_cycles);
    const uint64_t end = bench.module.now().value;
    bench.next();
    bench.drain();
    return end - start;
  };
  CHECK(clocks(Bench::kUserRegs) <= 8);
  CHECK(clocks(Bench::kUserMemory) <= 10);
}

TEST_CASE("a slow user delays neither posted writes nor registers", "[unit][endpoint][R31]") {
  Bench bench;
  bench.user.registers.set_latency(2000_cycles, 0_cycles);
  bench.send(read_of(Bench::kUserRegs, 4));
  bench.step(20);
  for (unsigned i = 0; i < 10; ++i) {
    bench.send(pcie::MemWrite{.address = {kRegs + 4 * i}, .data = {1, 2, 3, 4}});
    bench.send(pcie::MemWrite{.address = {Bench::kUserRegs + 4 * i}, .data = {1, 2, 3, 4}});
  }
  bench.step(200);
  CHECK(bench.module.reg_log.size() == 10);
  CHECK(bench.user.registers.counters().writes == 10);
  CHECK(bench.cpl.empty());
  CHECK(bench.next(3000_cycles).status == CplStatus::Sc);
}

TEST_CASE("I/O requests reach the same registers as memory requests",
          "[unit][endpoint][R05][R15][R37]") {
  Bench bench(1, GENERATE(agent::Stall::None, agent::Stall::Adversarial));
  const auto io = static_cast<uint32_t>(Claims{}.bar[4]);
  bench.configure({.io_enable = true});
  const pcie::IoWrite write{.requester = Bench::kHost,
                            .tag = {0x31},
                            .address = io + 0x24,
                            .first_be = 0b0110,
                            .data = 0x4433'2211};
  bench.send(write);
  const pcie::Completion done = bench.next();
  CHECK(done.status == CplStatus::Sc);
  CHECK(done.payload.empty());
  CHECK(done.byte_count == 4);
  CHECK(done.lower_address == 0);
  REQUIRE(bench.module.reg_log.size() == 1);
  CHECK(bench.module.reg_log[0] == RegAccess{true, 0x24, 0b0110, 0x4433'2211, RegBlock, 0, 4});
  bench.send(pcie::IoRead{.requester = Bench::kHost, .tag = {0x32}, .address = io + 0x24});
  const pcie::Completion answer = bench.next();
  CHECK(answer.payload == std::vector<uint32_t>{bench.module.regs.dword(0x24)});
  CHECK(answer.byte_count == 4);
  CHECK(answer.lower_address == 0);
  bench.send(read_of(kRegs + 0x24, 4));
  CHECK(bench.next().payload == answer.payload);
  CHECK(bench.reports.any() == 0);
}

TEST_CASE("I/O requests without bytes change nothing and are no error",
          "[unit][endpoint][R06][R07]") {
  Bench bench;
  const auto io = static_cast<uint32_t>(Claims{}.bar[4]);
  bench.configure({.io_enable = true});
  bench.send(pcie::IoWrite{.requester = Bench::kHost, .address = io, .first_be = 0});
  CHECK(bench.next().status == CplStatus::Sc);
  bench.send(pcie::IoRead{.requester = Bench::kHost, .address = io, .first_be = 0});
  const pcie::Completion answer = bench.next();
  CHECK(answer.payload.size() == 1);
  CHECK(answer.byte_count == 4);
  CHECK(bench.module.reg_log.empty());
  CHECK(bench.reports.any() == 0);
}

TEST_CASE("iord-ur-bc4: an I/O request that is not enabled, or poisoned, is refused",
          "[unit][endpoint][R15][R17][R37][iord-ur-bc4]") {
  Bench bench;
  const auto io = static_cast<uint32_t>(Claims{}.bar[4]);
  const pcie::IoRead read{.requester = Bench::kHost, .tag = {0x2a}, .address = io};
  const pcie::IoWrite write{
      .requester = Bench::kHost, .tag = {0x2a}, .address = io, .poisoned = true};
  SECTION("disabled") { CHECK(bench.check_refused(read).byte_count == 4); }
  SECTION("asleep") {
    bench.configure({.io_enable = true, .power = 3});
    CHECK(bench.check_refused(read).byte_count == 4);
  }
  SECTION("behind the last byte") {
    bench.configure({.io_enable = true});
    pcie::IoRead behind = read;
    behind.address += 0x100;
    CHECK(bench.check_refused(behind).byte_count == 4);
  }
  SECTION("poisoned") {
    bench.configure({.io_enable = true});
    CHECK(bench.check_refused(write).byte_count == 4);
    CHECK(bench.reports.count(ReportPoisoned) == 1);
    CHECK(bench.reports.count(ReportUnsupported) == 0);
  }
}

TEST_CASE("slverr-to-ca: an error of the register bus ends an I/O request as a Completer Abort",
          "[unit][endpoint][R17][R20][slverr-to-ca]") {
  Bench bench;
  const auto io = static_cast<uint32_t>(Claims{}.bar[4]);
  bench.configure({.io_enable = true});
  bench.module.reg_errors = {0x8};
  if (GENERATE(false, true)) {
    bench.send(pcie::IoWrite{.requester = Bench::kHost, .address = io + 8, .data = 1});
  } else {
    bench.send(pcie::IoRead{.requester = Bench::kHost, .address = io + 8});
  }
  const pcie::Completion answer = bench.next();
  CHECK(answer.status == CplStatus::Ca);
  CHECK(answer.payload.empty());
  CHECK(answer.byte_count == 4);
  CHECK(bench.reports.count(ReportAbort) == 1);
}

TEST_CASE("the expansion ROM is read, and a write to it is lost in silence",
          "[unit][endpoint][R42]") {
  Bench bench;
  bench.configure({.rom_enable = true, .rom_base = 0x8000'0000});
  bench.send(pcie::MemWrite{.address = {0x8000'0000}, .data = {1, 2, 3, 4}});
  bench.send(read_of(0x8000'0000, 2));
  CHECK((bench.next().payload.at(0) & 0xffff) == 0xaa55);
  bench.send(read_of(0x8000'0200, 128));
  CHECK(bench.next().payload == std::vector<uint32_t>(32, 0xffff'ffff));
  CHECK(bench.reports.any() == 0);
  bench.check_refused(read_of(0x8001'0000 - 4, 8));
}
