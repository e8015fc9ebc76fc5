// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64 MsixVectors=2048
// cw-variant: W=512
// cw-variant: Functions=3 MsixVectors=100 MsixTableBir=5 CreditCheck=1 AxiCard=0
#include "Vcw_endpoint.h"
#include "Vcw_endpoint_functions3_msixvectors100_msixtablebir5_creditcheck1_axicard0.h"
#include "Vcw_endpoint_w512.h"
#include "Vcw_endpoint_w64_msixvectors2048.h"
#include "model/atomic.hpp"
#include "unit/endpoint_bench.hpp"

namespace cw::unit {
namespace {

using namespace endpoint_reg;
using Bench = EndpointBench<Vcw_endpoint>;
using Three =
    EndpointBench<Vcw_endpoint_functions3_msixvectors100_msixtablebir5_creditcheck1_axicard0>;
using pcie::CplStatus;

constexpr uint16_t kDeviceControl = 0x68, kMsi = 0xa0;
constexpr uint32_t kInterruptStatus = 1u << 19;
constexpr uint32_t kFatalDetected = 1u << 18, kUrDetected = 1u << 19;

std::vector<uint8_t> pattern(uint32_t bytes, uint8_t from) {
  std::vector<uint8_t> data(bytes);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(from = from * 5 + 3);
  return data;
}

TEST_CASE("An endpoint answers configuration reads, and takes its ID from configuration writes",
          "[unit][endpoint][R09][R15][R41]") {
  Bench bench;
  CHECK(bench.config_read(0x00) == 0xca05'ca5e);
  bench.config_write(0x3c, 0x12);
  const pcie::Completion answer = bench.ask(pcie::CfgRead{
      .requester = {.bus = 9, .device = 2}, .tag = {0x77}, .target = Bench::kId, .offset = 0x3c});
  CHECK(answer.completer == Bench::kId);
  CHECK(answer.requester == pcie::Bdf{.bus = 9, .device = 2});
  CHECK(answer.tag == pcie::Tag{0x77});
  CHECK(answer.byte_count == 4);
  CHECK((answer.payload.at(0) & 0xff) == 0x12);
}

TEST_CASE("Registers and card memory are written and read through their BARs",
          "[unit][endpoint][R13][R14]") {
  for (const agent::Stall stall : {agent::Stall::None, agent::Stall::Adversarial}) {
    Bench bench(2, stall);
    bench.configure();
    CHECK(bench.read32(Bench::kRegs + kId) == 0x4357'4159);
    bench.write32(Bench::kRegs + kScratch, 0x8765'4321);
    CHECK(bench.read32(Bench::kRegs + kScratch) == 0x8765'4321);
    const auto data = pattern(100, 7);
    bench.write(Bench::kCard + 0x1f73, data);
    CHECK(bench.read(Bench::kCard + 0x1f73, 100) == data);
    CHECK(bench.read(Bench::kCard + 0x1f80, 1) == std::vector{data[13]});
    CHECK(bench.requests == 0);
  }
}

TEST_CASE("A read of a register is answered within 8 clocks, of the MSI-X table or card memory 12",
          "[unit][endpoint][performance]") {
  Bench bench;
  bench.configure();
  bench.write32(Bench::kCard, 5);
  bench.module.step(100_cycles);
  for (const auto& [at, most] : {std::pair{Bench::kRegs + kScratch, 8u},
                                 {Bench::kRegs + kMsixTable, 12u},
                                 {Bench::kCard, 12u}}) {
    bench.read32(at);
    CHECK(bench.last_tx - bench.last_rx <= most);
    bench.module.step(20_cycles);
  }
}

// Beats of completions per clock, while reads of 64 bytes come as fast as credits allow.
template <class Endpoint>
double reads_keep_busy(Endpoint& bench, uint64_t at) {
  constexpr uint64_t kReads = 1000, kCredits = 16;
  bench.module.step(100_cycles);
  const pcie::MemRead read{.requester = Bench::kHost, .address = {at}, .length_bytes = 64};
  const uint64_t before = bench.granted(test::kNonPosted).first;
  uint64_t sent = 0;
  const auto done = [&](size_t count) {
    bench.module.run_until(
        [&] {
          const uint64_t returned = (bench.granted(test::kNonPosted).first - before) % 4096;
          for (; sent < std::min(kReads, kCredits + returned); ++sent) {
            bench.rx.send(pcie::encode(read));
          }
          return bench.completions.size() >= count;
        },
        80'000_cycles);
  };
  done(20);
  const auto beats = bench.tx_beats, begin = bench.last_tx;
  done(kReads);
  return static_cast<double>(bench.tx_beats - beats) / static_cast<double>(bench.last_tx - begin);
}

TEST_CASE("Reads of 64 bytes of card memory keep the link busy with completions",
          "[unit][endpoint][performance]") {
  const auto busy = [](auto bench, uint64_t at) {
    bench.configure();
    bench.write32(Bench::kCard, 5);
    return reads_keep_busy(bench, at);
  };
  CHECK(busy(Bench(), Bench::kCard) > 0.95);
  CHECK(busy(EndpointBench<Vcw_endpoint_w512>(), Bench::kCard) > 0.95);
  CHECK(busy(EndpointBench<Vcw_endpoint_w64_msixvectors2048>(), Bench::kCard) > 0.95);
  CHECK(busy(Bench(), Bench::kRegs) < 0.2);  // a dword per clock: the measure can fail
}

TEST_CASE("AtomicOps of the host change card memory, and answer with what was there",
          "[unit][endpoint][R15]") {
  Bench bench(3, agent::Stall::Adversarial);
  bench.configure();
  bench.write(Bench::kCard + 0x40, pattern(16, 3));
  std::vector<uint32_t> held(4);
  std::memcpy(held.data(), pattern(16, 3).data(), 16);
  using enum pcie::AtomicKind;
  pcie::Atomic request{.requester = Bench::kHost, .address = {Bench::kCard + 0x40}};
  for (const auto kind : {CompareAndSwap, CompareAndSwap, FetchAdd, Swap}) {
    request.kind = kind;
    request.operands = {held[0], held[1]};
    if (kind == CompareAndSwap) {
      request.operands = held;
      request.operands.insert(request.operands.end(), {1, 2, 3, ~held[3]});
      if (held[0] == 1) ++request.operands[3];  // the second time it compares unequal
    }
    const auto answer = bench.ask(request);
    CHECK(answer.status == CplStatus::Sc);
    const std::vector<uint32_t> was(
        held.begin(), held.begin() + static_cast<long>(model::operand_dwords(request)));
    CHECK(answer.payload == was);
    CHECK(answer.byte_count == 4 * was.size());
    const auto now = model::atomic_result(request, was);
    std::copy(now.begin(), now.end(), held.begin());
    for (uint32_t dw = 0; dw < 4; ++dw)
      CHECK(bench.read32(Bench::kCard + 0x40 + 4 * dw) == held[dw]);
  }
  request.address = {Bench::kRegs + kScratch};
  request.operands = {1};
  CHECK(bench.ask(request).status == CplStatus::Ur);
}

TEST_CASE("Registers are reached in I/O space, the user by its BAR, the ROM by its own",
          "[unit][endpoint][R37][R42]") {
  constexpr uint32_t kIo = 0xe000, kUser = 0x5000'0000, kRom = 0x6000'0000;
  for (const agent::Stall stall : {agent::Stall::None, agent::Stall::Adversarial}) {
    Bench bench(2, stall);
    bench.configure();
    bench.config_write(0x20, ~0u);
    CHECK(bench.config_read(0x20) == 0xffff'ff01);  // 256 bytes of I/O space
    bench.config_write(0x24, ~0u);
    CHECK(bench.config_read(0x24) == 0xffff'0000);
    bench.config_write(0x30, 0xffff'f800);
    CHECK(bench.config_read(0x30) == 0xffff'0000);
    bench.config_write(0x20, kIo);
    bench.config_write(0x24, kUser);
    bench.config_write(0x30, kRom | 1);
    bench.config_write(0x04, 7);
    const auto done = bench.ask(
        pcie::IoWrite{.requester = Bench::kHost, .address = kIo + kScratch, .data = 0x1234'5678});
    CHECK(done.status == CplStatus::Sc);
    CHECK(bench.read32(Bench::kRegs + kScratch) == 0x1234'5678);
    const auto answer =
        bench.ask(pcie::IoRead{.requester = Bench::kHost, .address = kIo + kScratch});
    CHECK(answer.payload == std::vector<uint32_t>{0x1234'5678});
    bench.write32(kUser + 0x44, 0xfeed'f00d);
    CHECK(bench.read32(kUser + 0x44) == 0xfeed'f00d);
    CHECK(bench.user.register_space.read32({0x44}) == 0xfeed'f00d);
    CHECK((bench.read32(kRom) & 0xffff) == 0xaa55);
    CHECK(bench.read32(Bench::kRegs + kErrors) == 0);
  }
}

TEST_CASE("One posted write of one beat is taken each clock", "[unit][endpoint][performance]") {
  Bench bench;
  bench.configure();
  bench.module.step(100_cycles);
  constexpr unsigned kWrites = 200;
  for (unsigned i = 0; i < kWrites; ++i) {
    bench.write(Bench::kCard + 32 * i, pattern(32, static_cast<uint8_t>(i)));
  }
  const uint64_t start = bench.module.now().value;
  bench.module.run_until([&] { return bench.rx.idle(); }, 2000_cycles);
  CHECK(bench.module.now().value - start <= kWrites + 8);
  CHECK(bench.read(Bench::kCard + 32 * (kWrites - 1), 32) == pattern(32, kWrites - 1));
}

TEST_CASE("A malformed TLP is dropped and recorded, and its credits come back",
          "[unit][endpoint][R35][R36]") {
  Bench bench;
  bench.configure();
  bench.module.step(50_cycles);
  const auto before = bench.granted(test::kPosted);
  pcie::RawTlp raw = pcie::encode(
      pcie::MemWrite{.requester = Bench::kHost, .address = {Bench::kCard}, .data = pattern(64, 1)});
  raw.payload.pop_back();
  bench.rx.send(raw);
  bench.module.step(50_cycles);
  CHECK(bench.granted(test::kPosted).first == before.first + 1);
  CHECK(bench.granted(test::kPosted).second == before.second + 4);
  CHECK((bench.config_read(kDeviceControl) & kFatalDetected) != 0);
  CHECK(bench.read32(Bench::kRegs + kErrors) == 1);
}

TEST_CASE("An error is logged with its header, and told by the message of its class",
          "[unit][endpoint][R38]") {
  constexpr uint16_t kAerStatus = 0x144, kAerCorMask = 0x154, kAerControl = 0x158,
                     kHeaderLog = 0x15c, kPrefixLog = 0x178;
  constexpr uint8_t kErrCor = 0x30, kErrNonFatal = 0x31, kErrFatal = 0x33;
  Bench bench;
  bench.configure();
  bench.config_write(kDeviceControl, 0x000f, 0b0011);  // all reporting enables
  bench.config_write(kAerCorMask, 0);
  const auto is_told = [&](const pcie::RawTlp& raw, unsigned bit, uint8_t code) {
    bench.messages.clear();
    bench.rx.send(raw);
    bench.module.step(100_cycles);
    bench.completions.clear();
    REQUIRE(bench.messages.size() == 1);
    CHECK(bench.messages.front().code == code);
    CHECK(bench.config_read(kAerStatus) == 1u << bit);
    CHECK((bench.config_read(kAerControl) & 0x1f) == bit);
    for (unsigned i = 0; i < raw.hdr.size(); ++i) {
      CHECK(bench.config_read(static_cast<uint16_t>(kHeaderLog + 4 * i)) == raw.hdr[i]);
    }
    CHECK((bench.config_read(kAerControl) >> 11 & 1) == raw.prefix.has_value());
    CHECK(bench.config_read(kPrefixLog) == raw.prefix.value_or(0));
    bench.config_write(kAerStatus, ~0u);
  };
  constexpr uint64_t kNobody = 0x7000'0000;
  is_told(pcie::encode(pcie::MemRead{
              .requester = Bench::kHost, .tag = {9}, .address = {kNobody}, .length_bytes = 64}),
          20, kErrCor);  // a completion says so too
  is_told(pcie::encode(pcie::MemWrite{
              .requester = Bench::kHost, .address = {kNobody}, .data = pattern(8, 1)}),
          20, kErrNonFatal);
  is_told(pcie::encode(pcie::MemWrite{.requester = Bench::kHost,
                                      .address = {Bench::kCard},
                                      .data = pattern(8, 1),
                                      .attributes = {.poisoned = true}}),
          12, kErrNonFatal);
  is_told(pcie::encode(pcie::Completion{.completer = Bench::kHost,
                                        .byte_count = 4,
                                        .requester = Bench::kId,
                                        .tag = {3},
                                        .payload = {1}}),
          16, kErrCor);
  pcie::RawTlp malformed = pcie::encode(
      pcie::MemWrite{.requester = Bench::kHost, .address = {Bench::kCard}, .data = pattern(8, 1)});
  malformed.payload.pop_back();
  is_told(malformed, 18, kErrFatal);
  malformed.prefix = 0x9100'0042;
  is_told(malformed, 18, kErrFatal);
  // The card has no address spaces of processes: a PASID is refused.
  pcie::RawTlp write = pcie::encode(
      pcie::MemWrite{.requester = Bench::kHost, .address = {Bench::kCard}, .data = pattern(8, 1)});
  write.prefix = 0x9112'3456;
  is_told(write, 20, kErrNonFatal);
  pcie::RawTlp read = pcie::encode(pcie::MemRead{
      .requester = Bench::kHost, .tag = {9}, .address = {Bench::kCard}, .length_bytes = 4});
  read.prefix = 0x9100'0001;
  is_told(read, 20, kErrCor);
}

TEST_CASE("What nobody claims is refused, once, and recorded",
          "[unit][endpoint][R17][R21][R37][R40]") {
  Bench bench;
  bench.configure();
  const pcie::Tlp refused[] = {
      pcie::MemRead{.requester = Bench::kHost, .address = {0x7000'0000}, .length_bytes = 64},
      pcie::MemRead{.requester = Bench::kHost,
                    .address = {Bench::kCard + 0xffc},
                    .length_bytes = 4,
                    .locked = true},
      pcie::CfgRead{.type = pcie::CfgType::Type1, .requester = Bench::kHost, .target = {.bus = 4}},
      pcie::CfgRead{.requester = Bench::kHost, .target = {.bus = 3, .function = 1}},
      pcie::IoRead{.requester = Bench::kHost, .address = 0x100}};
  for (const pcie::Tlp& request : refused) CHECK(bench.ask(request).status == CplStatus::Ur);
  CHECK((bench.config_read(kDeviceControl) & kUrDetected) != 0);
  bench.rx.send(pcie::encode(pcie::Message{.requester = Bench::kHost, .code = 0x19}));
  bench.module.step(100_cycles);
  CHECK(bench.completions.empty());
}

TEST_CASE("msg-no-completion: messages of every code come over the link, and none is completed",
          "[unit][endpoint][R40][msg-no-completion]") {
  Bench bench;
  bench.configure();
  for (unsigned code = 0; code < 256; ++code) {
    bench.rx.send(pcie::encode(pcie::Message{.requester = Bench::kHost,
                                             .tag = {static_cast<uint8_t>(code)},
                                             .routing = static_cast<uint8_t>(code % 2 ? 4 : 3),
                                             .code = static_cast<uint8_t>(code),
                                             .payload = std::vector<uint32_t>(code / 8 % 2)}));
  }
  bench.module.run_until([&] { return bench.rx.idle(); }, 2000_cycles);
  bench.module.step(200_cycles);
  CHECK(bench.completions.empty());
  CHECK(bench.read32(Bench::kRegs + kId) == 0x4357'4159);  // the next completion is the read's
}

TEST_CASE("A function that is being reset puts configuration requests off, then begins anew",
          "[unit][endpoint][R19][R43]") {
  Bench bench;
  bench.configure();
  bench.config_write(0x3c, 0x0b);
  const auto access = [&](uint16_t offset, std::optional<uint32_t> data) {
    if (data) {
      bench.rx.send(pcie::encode(pcie::CfgWrite{
          .requester = Bench::kHost, .target = Bench::kId, .offset = offset, .data = *data}));
    } else {
      bench.rx.send(pcie::encode(
          pcie::CfgRead{.requester = Bench::kHost, .target = Bench::kId, .offset = offset}));
    }
  };
  access(kDeviceControl, 0x8000);  // Initiate Function Level Reset
  access(0x00, std::nullopt);      // both arrive before it has ended
  access(0x3c, 0x16);
  bench.module.run_until([&] { return bench.completions.size() == 3; }, 1000_cycles);
  const std::vector<pcie::Completion> answers(bench.completions.begin(), bench.completions.end());
  bench.completions.clear();
  CHECK(answers[0].status == CplStatus::Sc);
  CHECK(answers[1].status == CplStatus::Rrs);
  CHECK(answers[1].payload.empty());
  CHECK(answers[1].completer == Bench::kId);
  CHECK(answers[2].status == CplStatus::Rrs);
  bench.module.step(100_cycles);
  CHECK(bench.config_read(0x00) == 0xca05ca5e);
  CHECK((bench.config_read(0x3c) & 0xff) == 0);
  CHECK((bench.config_read(0x04) & 0x407) == 0);
  CHECK(bench.config_read(0x10) == 0x4);
  bench.configure();
  bench.write32(Bench::kCard + 0x40, 0x600d'f00d);
  CHECK(bench.read32(Bench::kCard + 0x40) == 0x600d'f00d);
}

TEST_CASE("Host memory moves to card memory; then the record is written, then the message",
          "[unit][endpoint][R10][R29][R32]") {
  for (const agent::Stall stall : {agent::Stall::None, agent::Stall::Bursty}) {
    Bench bench(4, stall);
    bench.configure(/*bus_master=*/false);
    bench.enable_interrupts();
    const auto data = pattern(1000, 9);
    bench.memory.write({0x2'0000'0123}, data);
    bench.start_dma(
        kH2c, {.src = 0x2'0000'0123, .dst = 0x345, .bytes = 1000, .tag = 0xbeef, .irq = true});
    bench.module.step(300_cycles);
    CHECK(bench.requests == 0);  // Bus Master Enable is clear
    bench.config_write(0x04, 6);
    bench.module.run_until([&] { return !bench.interrupts.empty(); }, 5000_cycles);
    CHECK(bench.interrupts == std::vector<uint32_t>{0x101});
    CHECK(bench.writes == std::vector<uint64_t>{Bench::kRecord});
    CHECK(bench.interrupt_after == 1);
    CHECK(bench.record() ==
          dma::Record{.bytes_done = 1000, .tag = 0xbeef, .head = 1, .phase = true});
    CHECK(bench.read(Bench::kCard + 0x345, 1000) == data);
    CHECK(bench.read32(Bench::kRegs + kErrors) == 0);
  }
}

TEST_CASE("Card memory moves to host memory; then the record is written, then the message",
          "[unit][endpoint][R02][R29][R32]") {
  Bench bench;
  bench.configure();
  bench.enable_interrupts();
  const auto data = pattern(100, 11);
  bench.write(Bench::kCard + 0x201, data);
  bench.start_dma(kC2h, {.src = 0x201, .dst = 0x2'0000'0ff0, .bytes = 100, .irq = true});
  bench.module.run_until([&] { return !bench.interrupts.empty(); }, 5000_cycles);
  CHECK(bench.memory.read({0x2'0000'0ff0}, 100) == data);
  CHECK(bench.writes == std::vector<uint64_t>{0x2'0000'0ff0, 0x2'0000'1000, Bench::kRecord});
  CHECK(bench.interrupt_after == 3);
}

TEST_CASE("INTx is asserted behind data and record, and deasserted when software clears it",
          "[unit][endpoint][intx][R29][R32]") {
  Bench bench;
  bench.configure();
  bench.write32(Bench::kRegs + kIrqEnable, 3);
  bench.start_dma(kC2h, {.dst = 0x3'0000'0000, .bytes = 300, .irq = true});
  bench.module.run_until([&] { return !bench.messages.empty(); }, 5000_cycles);
  CHECK(bench.messages.at(0).code == 0x20);
  CHECK(bench.messages.at(0).routing == 4);
  CHECK(bench.message_after == 4);  // three writes of data, the record
  CHECK(bench.interrupts.empty());
  CHECK(bench.read32(Bench::kRegs + kIrqStatus) == 2);
  CHECK((bench.config_read(0x04) & kInterruptStatus) != 0);
  bench.config_write(0x04, 0x0406);  // Interrupt Disable
  bench.module.step(30_cycles);
  REQUIRE(bench.messages.size() == 2);
  CHECK(bench.messages.at(1).code == 0x24);
  CHECK((bench.config_read(0x04) & kInterruptStatus) != 0);
  bench.config_write(0x04, 0x0006);
  bench.module.step(30_cycles);
  REQUIRE(bench.messages.size() == 3);
  bench.write32(Bench::kRegs + kIrqStatus, 2);
  CHECK(bench.read32(Bench::kRegs + kIrqStatus) == 0);
  bench.module.step(30_cycles);
  REQUIRE(bench.messages.size() == 4);
  CHECK(bench.messages.at(3).code == 0x24);
  CHECK((bench.config_read(0x04) & kInterruptStatus) == 0);
}

TEST_CASE("With MSI an interrupt is a write of its data and vector, behind data and record",
          "[unit][endpoint][msi][R29][R32]") {
  Bench bench;
  bench.configure();
  bench.config_write(kMsi + 4, static_cast<uint32_t>(Bench::kMsi));
  bench.config_write(kMsi + 12, 0x4440);
  bench.config_write(kMsi, 0x0031'0000, 0xc);  // enabled, 8 vectors
  bench.p.irq_i = 1u << 5;
  bench.module.run_until([&] { return bench.interrupts.size() == 1; }, 200_cycles);
  bench.p.irq_i = 0;
  bench.start_dma(kC2h, {.dst = 0x3'0000'0000, .bytes = 300, .irq = true});
  bench.module.run_until([&] { return bench.interrupts.size() == 2; }, 5000_cycles);
  CHECK(bench.interrupts == std::vector<uint32_t>{0x4445, 0x4441});
  CHECK(bench.interrupt_after == 4);
  CHECK(bench.messages.empty());

  bench.config_write(kMsi + 16, 1u << 5);  // masked
  bench.p.irq_i = 1u << 5;
  bench.module.step(50_cycles);
  CHECK(bench.config_read(kMsi + 20) == 1u << 5);
  CHECK(bench.interrupts.size() == 2);
  bench.config_write(kMsi + 16, 0);
  bench.module.step(50_cycles);
  CHECK(bench.interrupts.size() == 3);
  CHECK(bench.config_read(kMsi + 20) == 0);
}

TEST_CASE("An error is told by the message that Device Control asks for",
          "[unit][endpoint][messages][R38]") {
  Bench bench;
  bench.configure(/*bus_master=*/false);
  bench.write32(Bench::kRegs + 0x10'0000, 1);  // nobody's, and nobody is told
  bench.module.step(50_cycles);
  CHECK(bench.messages.empty());
  bench.config_write(kDeviceControl, 0xf, 0x1);
  bench.write32(Bench::kRegs + 0x10'0000, 1);
  bench.module.step(50_cycles);
  REQUIRE(bench.messages.size() == 1);
  CHECK(bench.messages.at(0).code == 0x31);
  CHECK(bench.messages.at(0).routing == 0);
}

TEST_CASE("A wake-up request is told by PM_PME when it is enabled", "[unit][endpoint][pme]") {
  Bench bench;
  bench.configure();
  const auto wake = [&] {
    bench.p.pme_i = 1;
    bench.module.step();
    bench.p.pme_i = 0;
    bench.module.step(50_cycles);
  };
  wake();
  CHECK(bench.messages.empty());
  bench.config_write(0x44, 0x8103);  // clears PME_Status; PME_En, D3hot
  wake();
  REQUIRE(bench.messages.size() == 1);
  CHECK(bench.messages.at(0) == pcie::Message{.requester = Bench::kId, .code = 0x18});
}

TEST_CASE("Latencies are told once LTR is enabled, and taken back with it",
          "[unit][endpoint][ltr]") {
  Bench bench;
  bench.configure();
  bench.p.ltr_i = 0x8803'9005;
  bench.config_write(0x1a4, 0x0803'1005);  // the largest that software allows, one of both
  bench.config_write(0x88, 0x0400);        // Device Control 2: LTR Mechanism Enable
  bench.module.step(50_cycles);
  REQUIRE(bench.messages.size() == 1);
  CHECK(bench.messages.at(0) ==
        pcie::Message{.requester = Bench::kId, .routing = 4, .code = 0x10, .dw3 = 0x8803'9005});
  bench.config_write(0x1a4, 0x0803'0001);
  bench.module.run_until([&] { return bench.messages.size() == 2; }, 400'000_cycles);
  CHECK(bench.messages.at(1).dw3 == 0x8803'8001);
  bench.config_write(0x88, 0);
  bench.module.step(50_cycles);
  REQUIRE(bench.messages.size() == 3);
  CHECK(bench.messages.at(2).dw3 == 0);
}

TEST_CASE("2048 vectors have their table in the upper half of a register BAR of 64 KiB",
          "[unit][endpoint][msix][R46]") {
  EndpointBench<Vcw_endpoint_w64_msixvectors2048> bench;
  bench.config_write(0x10, ~0u);
  CHECK(bench.config_read(0x10) == 0xffff'0004);
  bench.configure();
  CHECK((bench.config_read(0x50) >> 16 & 0x7ff) == 2047);
  CHECK(bench.config_read(0x54) == 0x8000);
  CHECK(bench.config_read(0x58) == 0x3000);
  bench.config_write(0x50, 0x8000'0000, 0xc);
  const uint64_t entry = Bench::kRegs + 0x8000 + 16 * 2047;
  bench.write32(entry, static_cast<uint32_t>(Bench::kMsi));
  bench.write32(entry + 4, 0);
  bench.write32(entry + 8, 0x7ff);
  CHECK(bench.read(entry + 8, 8) == std::vector<uint8_t>{0xff, 7, 0, 0, 1, 0, 0, 0});
  bench.start_dma(kH2c, {.src = 0x3'0000'0000, .bytes = 64, .irq = true});
  bench.write32(Bench::kRegs + kH2c + kVector, 2047);
  bench.module.step(1000_cycles);
  CHECK(bench.read32(Bench::kRegs + 0x30fc) == 1u << 31);
  bench.write32(entry + 12, 0);
  bench.module.run_until([&] { return !bench.interrupts.empty(); }, 500_cycles);
  CHECK(bench.interrupts == std::vector<uint32_t>{0x7ff});
  CHECK(bench.read32(Bench::kRegs + 0x30fc) == 0);
}

// ---- Three functions, the structures of MSI-X in BAR5, credits checked, no memory behind AXI4

constexpr uint32_t kMsixBar = 0x4800'0000;  // where the tests put BAR5
constexpr uint32_t user_registers(unsigned fn) { return 0x5000'0000 + fn * 0x10'0000; }
constexpr uint64_t user_memory(unsigned fn) { return 0x20'0000'0000 + fn * 0x1'0000'0000ull; }

// All functions, their memory decoded and their requests allowed.
void configure_all(Three& bench) {
  bench.configure();
  bench.config_write(0x24, kMsixBar);
  for (unsigned fn = 1; fn < 3; ++fn) {
    bench.config_write(0x10, user_registers(fn), 0xf, fn);
    bench.config_write(0x18, static_cast<uint32_t>(user_memory(fn)), 0xf, fn);
    bench.config_write(0x1c, user_memory(fn) >> 32, 0xf, fn);
    bench.config_write(0x04, 6, 0xf, fn);
  }
}
void line(Three& bench, unsigned fn, unsigned vector, bool high) {
  dut::set_bits(bench.p.irq_i, 32 * fn + vector, 1, high);
}

TEST_CASE("An endpoint without memory behind AXI4 refuses its addresses, and moves all others",
          "[unit][endpoint][dma][R55]") {
  constexpr uint64_t kAxi = uint64_t{1} << 40, kHostData = 0x2'0000'0000;
  constexpr unsigned kArValid = 1, kAwValid = 92;  // of axi_drive_t
  Three bench(7);
  configure_all(bench);
  const auto data = pattern(100, 5);
  bench.memory.write({kHostData}, data);
  bool asked = false;
  const auto moved = [&](uint32_t channel, uint64_t src, uint64_t dst) {
    bench.writes.clear();
    bench.start_dma(channel, {.src = src, .dst = dst, .bytes = 100});
    bench.module.run_until(
        [&] {
          asked |= dut::get_bits(bench.p.dma_axi_o, kArValid, 1) != 0;
          asked |= dut::get_bits(bench.p.dma_axi_o, kAwValid, 1) != 0;
          return !bench.writes.empty() && bench.writes.back() == Three::kRecord;
        },
        5000_cycles);
    return bench.record().error;
  };
  SECTION("refused to the card") {
    bench.write(Three::kCard + 0x345, data);
    CHECK(moved(kH2c, kHostData, kAxi) == dma::Error::BadCard);
    CHECK(moved(kC2h, 0x345, kHostData + 0x1001) == dma::Error::Ok);
    CHECK(bench.memory.read({kHostData + 0x1001}, 100) == data);
  }
  SECTION("refused from the card") {
    CHECK(moved(kC2h, kAxi, kHostData + 0x1001) == dma::Error::BadCard);
    CHECK(moved(kH2c, kHostData, 0x345) == dma::Error::Ok);
    CHECK(bench.read(Three::kCard + 0x345, 100) == data);
  }
  CHECK_FALSE(asked);
}

TEST_CASE("Each function has BARs of its own, and the user hears whose and which was meant",
          "[unit][endpoint][R16][R37][R42]") {
  Three bench(5, GENERATE(agent::Stall::None, agent::Stall::Adversarial));
  configure_all(bench);
  for (unsigned fn = 1; fn < 3; ++fn) {
    bench.write32(user_registers(fn) + 0x20, 0xabcd'0000 + fn);
    CHECK(bench.read32(user_registers(fn) + 0x20) == 0xabcd'0000 + fn);
    CHECK((bench.user.axil_write.fn == fn && bench.user.axil_write.bar == 0));
    CHECK((bench.user.axil_read.fn == fn && bench.user.axil_read.bar == 0));
    const auto data = pattern(100, static_cast<uint8_t>(fn));
    const uint64_t at = user_memory(fn) + 0x1'1003 * fn;
    bench.write(at, data);
    CHECK(bench.read(at, 100) == data);
    CHECK(bench.user.memory_space.read({at - user_memory(fn)}, 100) == data);
    CHECK((bench.user.axi_write.fn == fn && bench.user.axi_write.bar == 2));
    CHECK((bench.user.axi_read.fn == fn && bench.user.axi_read.bar == 2));
  }
  const auto read_of = [](uint64_t at) {
    return pcie::MemRead{.requester = Three::kHost, .address = {at}, .length_bytes = 4};
  };
  CHECK(bench.ask(read_of(user_memory(2))).completer == Three::id(2));
  bench.config_write(0x04, 4, 0xf, 1);  // Memory Space Enable of function 1 alone
  CHECK(bench.ask(read_of(user_memory(1))).status == CplStatus::Ur);
  CHECK(bench.ask(read_of(user_memory(2))).status == CplStatus::Sc);
  CHECK(bench.read32(Three::kRegs + kId) == 0x4357'4159);
  CHECK(bench.read32(Three::kRegs + kErrors) != 0);  // a range of nobody concerns all
}

TEST_CASE("Every function interrupts under its own ID: by MSI-X, by MSI, by its own wire",
          "[unit][endpoint][msi][intx][R10][R46]") {
  Three bench;
  configure_all(bench);
  for (unsigned fn = 1; fn < 3; ++fn) {
    bench.config_write(kMsi + 4, static_cast<uint32_t>(Three::kMsi), 0xf, fn);
    bench.config_write(kMsi + 12, 0x1000 * fn, 0xf, fn);
  }
  bench.config_write(kMsi, 0x0021'0000, 0xc, 1);  // function 1 enabled, four vectors
  line(bench, 1, 6, true);
  line(bench, 2, 0, true);
  bench.module.step(100_cycles);
  CHECK(bench.interrupts == std::vector<uint32_t>{0x1002});
  CHECK(bench.interrupt_from == std::vector<unsigned>{1});
  REQUIRE(bench.messages.size() == 1);
  CHECK(bench.messages.at(0).code == 0x22);  // Assert_INTC: the pin of function 2
  CHECK((bench.config_read(0x04, 2) & kInterruptStatus) != 0);
  CHECK((bench.config_read(0x04, 0) & kInterruptStatus) == 0);
  line(bench, 2, 0, false);
  bench.module.step(50_cycles);
  REQUIRE(bench.messages.size() == 2);
  CHECK(bench.messages.at(1).code == 0x26);

  bench.config_write(kMsi, 0x0001'0000, 0xc, 2);
  bench.config_write(0x04, 2, 0xf, 2);  // Bus Master Enable of function 2 alone
  line(bench, 2, 9, true);
  line(bench, 1, 6, false);
  bench.module.step(50_cycles);
  line(bench, 1, 6, true);
  bench.module.step(100_cycles);
  CHECK(bench.interrupt_from == std::vector<unsigned>{1, 1});
  bench.config_write(0x04, 6, 0xf, 2);
  bench.module.step(50_cycles);
  CHECK(bench.interrupts == std::vector<uint32_t>{0x1002, 0x1002, 0x2000});
  CHECK(bench.interrupt_from == std::vector<unsigned>{1, 1, 2});
  CHECK(bench.messages.size() == 2);
}

TEST_CASE("A wake-up request is told under the ID of the function that asks",
          "[unit][endpoint][pme][R47]") {
  Three bench;
  configure_all(bench);
  for (const unsigned fn : {2u, 0u, 1u}) bench.config_write(0x44, 0x0103, 0xf, fn);  // D3hot
  for (const unsigned fn : {2u, 0u, 1u}) {
    bench.messages.clear();
    bench.p.pme_i = static_cast<uint8_t>(1u << fn);
    bench.module.step();
    bench.p.pme_i = 0;
    bench.module.step(50_cycles);
    CHECK(bench.messages == std::vector{pcie::Message{.requester = Three::id(fn), .code = 0x18}});
  }
}

TEST_CASE("Functions are chained by ARI, offer ACS with nothing to control, and no more are there",
          "[unit][endpoint][R41]") {
  constexpr uint16_t kAri = 0x190, kAcs = 0x198;
  Three bench;
  for (unsigned fn = 0; fn < 3; ++fn) {
    CHECK((bench.config_read(0x0c, fn) >> 16 & 0xff) == 0x80);
    CHECK((bench.config_read(kAri, fn) & 0xffff) == 0x000e);
    CHECK(bench.config_read(kAri + 4, fn) == (fn + 1) % 3 << 8);
    CHECK((bench.config_read(kAcs, fn) & 0xffff) == 0x000d);
    CHECK(bench.config_read(kAcs + 4, fn) == 0);
  }
  const auto absent =
      bench.ask(pcie::CfgRead{.requester = Three::kHost, .target = Three::id(3), .offset = 0});
  CHECK(absent.status == CplStatus::Ur);
}

TEST_CASE("masked-msix-lost: a masked vector of a table in BAR5 waits, then goes to 64 bits",
          "[unit][endpoint][msix][R46][masked-msix-lost]") {
  constexpr uint32_t kVector = 7, kEntry = kMsixBar + 16 * kVector, kPending = kMsixBar + 0x1000;
  constexpr uint64_t kTo = 0x1234'5678'9abc'def0;
  Three bench;
  bench.config_write(0x24, ~0u);
  CHECK(bench.config_read(0x24) == 0xffff'e000);  // a page of table, a page of pending bits
  configure_all(bench);
  CHECK((bench.config_read(0x50) >> 16 & 0x7ff) == 99);
  CHECK(bench.config_read(0x54) == 5);
  CHECK(bench.config_read(0x58) == 0x1005);
  bench.config_write(0x50, 0x8000'0000, 0xc);
  bench.write32(kEntry, static_cast<uint32_t>(kTo));
  bench.write32(kEntry + 4, kTo >> 32);
  bench.write32(kEntry + 8, 0x777);
  CHECK(bench.read(kEntry, 8) ==
        std::vector<uint8_t>{0xf0, 0xde, 0xbc, 0x9a, 0x78, 0x56, 0x34, 0x12});
  for (const uint64_t nothing : std::array<uint64_t, 4>{
           kMsixBar + 16 * 100, kMsixBar + 0x1800, Three::kRegs + 0x2000, Three::kRegs + 0x3000}) {
    bench.write32(nothing, ~0u);
    CHECK(bench.read32(nothing) == 0);
  }
  line(bench, 0, kVector, true);
  bench.module.step(100_cycles);
  CHECK(bench.writes.empty());
  CHECK(bench.read32(kPending) == 1u << kVector);
  bench.write32(kEntry + 12, 0);
  bench.module.run_until([&] { return !bench.writes.empty(); }, 100_cycles);
  bench.module.step(100_cycles);
  CHECK(bench.writes == std::vector{kTo});
  CHECK(bench.memory.read32({kTo}) == 0x777);
  CHECK(bench.read32(kPending) == 0);
}

TEST_CASE("What the partner sends beyond its credits is lost, and told as a receiver overflow",
          "[unit][endpoint][R35][R38]") {
  constexpr uint16_t kAerStatus = 0x144, kHeaderLog = 0x15c;
  constexpr unsigned kGranted = 16, kBeyond = 3;
  Three bench;
  configure_all(bench);
  bench.config_write(kDeviceControl, 0x000f, 0b0011);
  bench.module.step(50_cycles);
  bench.tx.block(true);
  std::vector<pcie::RawTlp> reads;
  for (unsigned n = 0; n < 200; ++n) {
    reads.push_back(pcie::encode(pcie::MemRead{.requester = Three::kHost,
                                               .tag = {static_cast<uint16_t>(n)},
                                               .address = {Three::kCard + 64 * n},
                                               .length_bytes = 64}));
    bench.rx.send(reads.back());
  }
  bench.module.step(1000_cycles);
  CHECK(bench.rx.idle());  // nothing waits for room
  bench.tx.block(false);
  bench.module.step(2000_cycles);
  const size_t answered = bench.completions.size();
  CHECK(answered >= kGranted);
  CHECK(answered < 200 - kBeyond);
  for (size_t n = 0; n < answered; ++n) CHECK(bench.completions[n].tag.value == n);
  bench.completions.clear();
  REQUIRE(bench.messages.size() >= 1);
  CHECK(bench.messages.front().code == 0x33);
  CHECK(bench.config_read(kAerStatus) == 1u << 17);
  CHECK((bench.config_read(kDeviceControl) & kFatalDetected) != 0);
  for (unsigned i = 0; i < 4; ++i) {
    CHECK(bench.config_read(static_cast<uint16_t>(kHeaderLog + 4 * i)) == reads[answered].hdr[i]);
  }
  CHECK(bench.read32(Three::kRegs + kId) == 0x4357'4159);  // and all goes on
}

TEST_CASE("A read of the user's AXI4-Lite is answered within 9 clocks, of its AXI4 within 12",
          "[unit][endpoint][performance]") {
  Three bench;
  configure_all(bench);
  bench.write32(user_registers(1), 1);
  bench.write32(user_memory(1), 1);
  bench.module.step(100_cycles);
  for (const auto& [at, most] :
       {std::pair<uint64_t, unsigned>{user_registers(1), 9}, {user_memory(1), 12}}) {
    bench.read32(at);
    UNSCOPED_INFO("clocks: " << bench.last_tx - bench.last_rx);
    CHECK(bench.last_tx - bench.last_rx <= most);
    bench.module.step(20_cycles);
  }
}

TEST_CASE("Reads of 64 bytes of the user's AXI4 keep the link busy with completions",
          "[unit][endpoint][performance]") {
  Three bench;
  configure_all(bench);
  bench.write(user_memory(1), pattern(64, 1));
  CHECK(reads_keep_busy(bench, user_memory(1)) > 0.95);
}

TEST_CASE("PME_Turn_Off is acknowledged, with bus mastering off, too",
          "[unit][endpoint][pme][R47]") {
  Bench bench;
  bench.configure(/*bus_master=*/false);
  bench.rx.send(pcie::encode(pcie::Message{.requester = Bench::kHost, .routing = 3, .code = 0x19}));
  bench.module.run_until([&] { return !bench.messages.empty(); }, 200_cycles);
  bench.module.step(100_cycles);
  REQUIRE(bench.messages.size() == 1);
  CHECK(bench.messages.at(0) == pcie::Message{.requester = Bench::kId, .routing = 5, .code = 0x1b});
  CHECK(bench.read32(Bench::kRegs + kErrors) == 0);
}

// Between host and card in the channel's direction, with an interrupt.
dma::Desc copy_of(uint32_t channel, uint64_t host, uint64_t card, uint32_t bytes) {
  const bool to_card = channel == kH2c;
  return {.src = to_card ? host : card, .dst = to_card ? card : host, .bytes = bytes, .irq = true};
}

TEST_CASE("bme-drop: once the write that clears Bus Master Enable is answered, no request leaves",
          "[unit][endpoint][R10][bme-drop]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    for (const uint32_t channel : {kH2c, kC2h}) {
      Bench bench(6, stall);
      bench.configure();
      bench.start_dma(channel, copy_of(channel, 0x2'0000'0000, 0, 32768));
      bench.module.run_until([&] { return bench.requests > 20; }, 20'000_cycles);
      bench.config_write(0x04, 2);
      const unsigned before = bench.requests;
      bench.module.step(500_cycles);
      CHECK(bench.requests == before);
      CHECK(bench.read32(Bench::kRegs + kId) == 0x4357'4159);  // completions still flow
      bench.config_write(0x04, 6);
      bench.module.run_until([&] { return bench.record().phase; }, 50'000_cycles);
      CHECK(bench.record().bytes_done == 32768);
    }
  }
}

TEST_CASE(
    "bme-drop: a read that waits for credits stays where it is while Bus Master Enable is clear",
    "[unit][endpoint][R10][bme-drop]") {
  Bench bench;
  bench.no_credits(test::kNonPosted);
  bench.configure();
  bench.start_dma(kH2c, {.src = 0x2'0000'0000, .bytes = 64});
  bench.module.step(200_cycles);
  CHECK(bench.requests == 0);
  bench.config_write(0x04, 2);
  bench.grant(test::kNonPosted, 100);
  bench.module.step(500_cycles);
  CHECK(bench.requests == 0);
  CHECK(bench.read32(Bench::kRegs + kId) == 0x4357'4159);
  bench.config_write(0x04, 6);
  bench.module.run_until([&] { return bench.record().phase; }, 5000_cycles);
  CHECK(bench.record().bytes_done == 64);
}

// Brought up from nothing, the function moves all of a buffer and says so once.
template <class V>
void copy_works(EndpointBench<V>& bench, uint32_t channel) {
  bench.configure();
  bench.enable_interrupts();
  bench.interrupts.clear();
  bench.memory.write({EndpointBench<V>::kRecord}, std::vector<uint8_t>(64, 0));
  const auto data = pattern(3000, 77);
  const uint64_t host = 0x5'0000'0123, card = EndpointBench<V>::kCard + 0x345;
  if (channel == kH2c) {
    bench.memory.write({host}, data);
  } else {
    for (uint32_t at = 0; at < data.size(); at += 100) {
      bench.write(card + at, {data.begin() + at, data.begin() + at + 100});
    }
  }
  bench.start_dma(channel, copy_of(channel, host, 0x345, 3000));
  bench.module.run_until([&] { return !bench.interrupts.empty(); }, 60'000_cycles);
  CHECK(bench.interrupts == std::vector<uint32_t>{0x101});
  CHECK(bench.record().bytes_done == 3000);
  if (channel == kH2c) {
    for (uint32_t at = 0; at < data.size(); at += 100) {
      CHECK(bench.read(card + at, 100) ==
            std::vector<uint8_t>(data.begin() + at, data.begin() + at + 100));
    }
  } else {
    CHECK(bench.memory.read({host}, 3000) == data);
  }
}

// Whether no memory outside record, buffer and doorbell was written.
template <class V>
bool writes_inside(const EndpointBench<V>& bench, uint64_t buffer, uint64_t bytes) {
  return std::ranges::all_of(bench.writes, [&](uint64_t at) {
    return at == EndpointBench<V>::kRecord || (at >= buffer && at < buffer + bytes);
  });
}

template <class V>
void flr_under_load(uint64_t seed, agent::Stall stall) {
  constexpr uint32_t kInitiateFlr = 1u << 15, kPending = 1u << 21, kErrorsDetected = 0xf << 16;
  constexpr uint64_t kBuffer = 0x2'0000'0000;
  using Endpoint = EndpointBench<V>;
  agent::Rng rng(seed, "flr");
  Endpoint bench(seed, stall);
  const uint32_t channel = rng.pick(std::array{kH2c, kC2h});
  bench.configure();
  bench.enable_interrupts();
  bench.start_dma(channel, copy_of(channel, kBuffer, 0, 32768));
  bench.module.step(dut::Cycles{rng.range(1, 1500)});
  bench.config_write(kDeviceControl, kInitiateFlr | 0x2800, 0x2);  // the rest as it was
  const auto asked = bench.module.now().value;
  const pcie::CfgRead read{
      .requester = Endpoint::kHost, .target = Endpoint::kId, .offset = kDeviceControl};
  pcie::Completion answer = bench.ask(read);
  for (unsigned tries = 0; answer.status == CplStatus::Rrs && tries < 500; ++tries) {
    CHECK(answer.payload.empty());
    answer = bench.ask(read);
  }
  REQUIRE(answer.status == CplStatus::Sc);
  CHECK(bench.module.now().value - asked < 4000);
  CHECK((answer.payload.at(0) & kPending) == 0);
  CHECK((bench.config_read(0x04) & 7) == 0);
  bench.module.step(300_cycles);  // what lies in the port leaves, and its answers come
  const unsigned requests = bench.requests;
  CHECK(bench
            .ask(pcie::MemRead{
                .requester = Endpoint::kHost, .address = {Endpoint::kRegs}, .length_bytes = 4})
            .status == CplStatus::Ur);
  bench.config_write(kDeviceControl, kErrorsDetected);  // of that
  bench.module.step(1500_cycles);
  CHECK(bench.requests == requests);
  CHECK((bench.config_read(kDeviceControl) & (kErrorsDetected | kPending)) == 0);
  CHECK(writes_inside(bench, kBuffer, 32768));
  copy_works(bench, channel);
  CHECK((bench.config_read(kDeviceControl) & kErrorsDetected) == 0);
}

TEST_CASE("flr-under-load: a function reset while it copies is silent, and works when set up again",
          "[unit][endpoint][R22][R43][flr-under-load]") {
  const auto seed = GENERATE(range(uint64_t{1}, uint64_t{7}));
  const auto stall = agent::kEveryStall[seed % std::size(agent::kEveryStall)];
  flr_under_load<Vcw_endpoint>(seed, stall);
  flr_under_load<Vcw_endpoint_w512>(seed + 20, stall);
}

TEST_CASE("flr-under-load: a partner without credits or completions does not hold up a reset",
          "[unit][endpoint][R43][flr-under-load]") {
  Bench bench;
  bench.configure();
  bench.silent = true;  // no read is ever answered
  bench.start_dma(kH2c, {.src = 0x2'0000'0000, .bytes = 32768});
  bench.module.step(500_cycles);
  CHECK((bench.config_read(kDeviceControl) & 1u << 21) != 0);
  bench.config_write(kDeviceControl, 0xa800, 0x2);
  bench.module.step(1100_cycles);
  CHECK((bench.config_read(kDeviceControl) & 1u << 21) == 0);
  bench.silent = false;
  copy_works(bench, kH2c);  // with the tags that are not in quarantine
}

TEST_CASE("flr-under-load: a read that waits for credits is not sent once its function was reset",
          "[unit][endpoint][R43][flr-under-load]") {
  constexpr unsigned kHeaderInfinite = test::kNonPosted * test::kClassFcBits + 25;
  Bench bench;
  bench.configure();
  dut::set_bits(bench.p.tx_fc_i, kHeaderInfinite - 12, 13, 0);  // and a limit of zero
  bench.start_dma(kH2c, {.src = 0x2'0000'0000, .bytes = 32768});
  bench.module.step(500_cycles);
  REQUIRE(bench.requests == 0);
  CHECK((bench.config_read(kDeviceControl) & 1u << 21) != 0);
  bench.config_write(kDeviceControl, 0xa800, 0x2);
  bench.module.step(100_cycles);
  CHECK((bench.config_read(kDeviceControl) & 1u << 21) == 0);
  bench.configure();
  dut::set_bits(bench.p.tx_fc_i, kHeaderInfinite, 1, 1);
  bench.module.step(500_cycles);
  CHECK(bench.requests == 0);
  copy_works(bench, kH2c);
}

TEST_CASE(
    "flr-under-load: a read behind a write that waits for credits is not sent after the reset",
    "[unit][endpoint][R43][flr-under-load]") {
  constexpr uint64_t kBuffer = 0x2'0000'0000;
  Bench bench;
  bench.no_credits(test::kPosted);
  bench.configure();
  bench.start_dma(kC2h, {.dst = kBuffer, .bytes = 32768});
  bench.module.step(300_cycles);
  bench.start_dma(kH2c, {.src = kBuffer, .bytes = 32768});
  bench.module.step(300_cycles);
  REQUIRE(bench.requests == 1);  // the first descriptor's read
  bench.rx.send(pcie::encode(pcie::CfgWrite{.requester = Bench::kHost,
                                            .target = Bench::kId,
                                            .offset = kDeviceControl,
                                            .first_be = 0x2,
                                            .data = 0xa800}));
  bench.module.step(1500_cycles);  // longer than the reset; even its completion waits
  bench.grant(test::kPosted, 1000);
  bench.module.run_until([&] { return !bench.completions.empty(); }, 100_cycles);
  bench.completions.clear();
  bench.module.step(100_cycles);
  const unsigned requests = bench.requests;
  bench.configure();
  bench.module.step(500_cycles);
  CHECK(bench.requests == requests);
  CHECK((bench.config_read(kDeviceControl) & 1u << 21) == 0);
  copy_works(bench, kH2c);
}

TEST_CASE("A hot reset in the midst of a copy: credits afresh, registers as after power-up",
          "[unit][endpoint][R45]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    for (const uint32_t channel : {kH2c, kC2h}) {
      Bench bench(9, stall);
      const auto credits = bench.granted(test::kPosted);
      bench.configure();
      bench.enable_interrupts();
      bench.start_dma(channel, copy_of(channel, 0x2'0000'0000, 0, 32768));
      bench.module.step(dut::Cycles{700});
      bench.p.hot_reset_i = 1;
      bench.rx.drop_all();
      bench.tx.reset();
      bench.module.step(10_cycles);
      bench.rx.drop_all();
      bench.tx.reset();
      bench.completions.clear();
      bench.p.hot_reset_i = 0;
      const unsigned requests = bench.requests;
      bench.module.step(200_cycles);
      CHECK(bench.requests == requests);
      CHECK(bench.granted(test::kPosted) == credits);
      CHECK((bench.config_read(0x04) & 7) == 0);
      CHECK(bench.config_read(0x10) == 4);  // 64 bits, nowhere
      copy_works(bench, channel);
    }
  }
}

TEST_CASE("A completion that breaks the rules is recorded as malformed, and ends its descriptor",
          "[unit][endpoint][R23][R25]") {
  Bench bench;
  bench.configure();
  bench.answer_badly = true;
  bench.start_dma(kH2c, {.src = 0x1000, .bytes = 64});
  const auto halted = [&] { return bench.read32(Bench::kRegs + kH2c + kStatus) & 2; };
  for (unsigned n = 0; n < 20 && !halted(); ++n) bench.module.step(20_cycles);
  CHECK(halted());  // the descriptor could not be read
  CHECK((bench.read32(Bench::kRegs + kErrors) & 1) == 1);
  CHECK((bench.config_read(kDeviceControl) & kFatalDetected) != 0);
}

TEST_CASE("A completion that nobody asked for is dropped and recorded", "[unit][endpoint][R22]") {
  Bench bench;
  bench.configure();
  bench.rx.send(pcie::encode(pcie::Completion{
      .completer = Bench::kHost, .requester = Bench::kId, .tag = {3}, .payload = {1}}));
  bench.module.step(50_cycles);
  CHECK(bench.read32(Bench::kRegs + kErrors) == 1u << 4);
}

}  // namespace
}  // namespace cw::unit
