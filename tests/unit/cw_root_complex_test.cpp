// SPDX-License-Identifier: Apache-2.0
// cw-variant: TimeoutCycles=500
#include "Vcw_root_complex_timeoutcycles500.h"
#include "unit/root_complex_bench.hpp"

namespace cw::unit {
namespace {

using RootComplex = RootComplexBench<Vcw_root_complex_timeoutcycles500>;
using agent::AxiResp;
using pcie::CplStatus;
using pcie::MemRead;
using pcie::MemWrite;

constexpr uint64_t kEcam = RootComplex::kEcam, kWindow = 0x4000'0000;
constexpr uint64_t kRam = 0x9000'0000, kDoorbell = 0x2800'0040;
constexpr uint64_t kBus1 = kEcam + (1 << 20), kBus2 = kEcam + (2 << 20);
constexpr pcie::Bdf kDevice = RootComplex::kDevice;

TEST_CASE("A root complex finds its own port on bus 0, and nothing beside it",
          "[unit][root][R41][R49]") {
  RootComplex root;
  CHECK(root.read32(kEcam) == 0xca01'ca5e);
  CHECK(root.read32(kEcam + 0x08) >> 8 == 0x060400);
  CHECK(root.read32(kEcam + (1 << 15)) == 0xffff'ffff);
  root.write(kEcam + 0x18, 0x0002'0100, 4);
  CHECK((root.read32(kEcam + 0x18) & 0xff'ffff) == 0x0002'0100);
  CHECK(root.link.empty());
}

TEST_CASE("Configuration of what is behind the port goes down as type 0 or type 1",
          "[unit][root][R49]") {
  RootComplex root;
  root.open();
  for (const bool further : {false, true}) {
    auto pending = root.cpu.start_read({further ? kBus2 : kBus1}, 4);
    const auto read = root.next<pcie::CfgRead>();
    CHECK(read.type == (further ? pcie::CfgType::Type1 : pcie::CfgType::Type0));
    CHECK(read.target == pcie::Bdf{.bus = static_cast<uint8_t>(further ? 2 : 1)});
    root.send(pcie::Completion{.completer = read.target, .tag = read.tag, .payload = {0x1234}});
    CHECK(dword_at(pending.wait().data, 0) == 0x1234);
  }
}

TEST_CASE("A store of the CPU becomes a memory write, a load a memory read and its answer",
          "[unit][root][R05][R48]") {
  RootComplex root;
  CHECK(root.cpu.read({kWindow + 8}, 4).data == ones(4));  // no window is open yet
  root.open();
  CHECK(root.cpu.write({kWindow + 0x13}, counting(6)).resp == AxiResp::Okay);
  const auto write = root.next<MemWrite>();
  CHECK(write.address.value == kWindow + 0x13);
  CHECK(write.data == counting(6));
  auto pending = root.cpu.start_read({kWindow + 8}, 8);
  const auto read = root.next<MemRead>();
  CHECK(read.address.value == kWindow + 8);
  CHECK(read.length_bytes == 8);
  root.send(pcie::Completion{.completer = kDevice,
                             .byte_count = 8,
                             .tag = read.tag,
                             .lower_address = 8,
                             .payload = {0x1111'1111, 0x2222'2222}});
  CHECK(dword_at(pending.wait().data, 4) == 0x2222'2222);
}

TEST_CASE("A device reaches memory only when the IOMMU and Bus Master Enable allow it",
          "[unit][root][R10][R37]") {
  RootComplex root;
  const MemRead read{.requester = kDevice, .tag = {7}, .address = {kRam}, .length_bytes = 64};
  for (const bool untranslated : {false, true}) {
    if (untranslated) {
      root.write(RootComplex::kDdtp, RootComplex::kBare, 8);  // and Bus Master Enable is clear
    } else {
      root.open();  // and the IOMMU is off
    }
    root.write(kEcam + 0x04, untranslated ? 0x0002 : 0x0006, 2);
    root.send_write(kRam, counting(64));
    root.send_write(kDoorbell, counting(4));
    root.send(read);
    const auto answer = root.next<pcie::Completion>();
    CHECK(answer.status == CplStatus::Ur);
    CHECK(answer.tag == read.tag);
    CHECK(root.port.counters().reads + root.port.counters().writes + root.messages.size() == 0);
  }
  root.open_untranslated();
  root.send_write(kRam, counting(64));
  root.send(read);
  const auto answer = root.next<pcie::Completion>();
  CHECK(answer.status == CplStatus::Sc);
  CHECK(pcie::enabled_bytes(answer) == counting(64));  // behind the write
  CHECK(root.memory.read({kRam}, 64) == counting(64));
}

TEST_CASE("A message of a device rings after its data is in memory", "[unit][root][R32]") {
  RootComplex root(300_cycles);
  root.open_untranslated();
  for (unsigned n = 0; n < 4; ++n) root.send_write(kRam + 128 * n, counting(128));
  root.send_write(kDoorbell, {0x78, 0x56, 0x34, 0x12});
  root.module.run_until([&] { return !root.messages.empty(); }, 1000_cycles);
  CHECK(root.port.counters().writes == 4);
  CHECK(root.messages[0] == std::pair<uint64_t, uint32_t>{kDoorbell, 0x1234'5678});
}

TEST_CASE("A load of the CPU returns when the device's writes before the answer are in memory",
          "[unit][root][R33]") {
  RootComplex root(300_cycles);
  root.open_untranslated();
  for (unsigned round = 1; round <= 3; ++round) {
    auto pending = root.cpu.start_read({kWindow}, 4);
    const auto read = root.next<MemRead>();
    root.send_write(kRam, counting(64));
    root.send(pcie::Completion{.completer = kDevice, .tag = read.tag, .payload = {round}});
    CHECK(dword_at(pending.wait(1000_cycles).data, 0) == round);
    CHECK(root.port.counters().writes == round);
  }
}

TEST_CASE("In D3hot the port lets nothing through but configuration", "[unit][root][R47]") {
  RootComplex root;
  root.open_untranslated();
  root.write(kEcam + 0x44, 3, 2);
  root.send_write(kRam, counting(64));
  root.settle_traffic();
  CHECK(root.port.counters().writes == 0);
  CHECK(root.cpu.read({kWindow}, 4).data == ones(4));
  CHECK(root.read32(kEcam) == 0xca01'ca5e);
  root.write(kEcam + 0x44, 0, 2);
  root.open_untranslated();
  root.send_write(kRam, counting(64));
  root.settle_traffic();
  CHECK(root.port.counters().writes == 1);
}

TEST_CASE("A load that nobody answers returns all ones", "[unit][root][R27][R52]") {
  RootComplex root;
  root.open();
  CHECK(root.cpu.read({kWindow}, 4) == agent::AxiResult{.resp = AxiResp::Okay, .data = ones(4)});
  CHECK(root.link.size() == 1);
}

TEST_CASE("Refused, poisoned and malformed writes of a device stand in the port's status",
          "[unit][root][R26][R36][R37]") {
  RootComplex root;
  root.open_untranslated();
  const auto status = [&] {  // of the device, then cleared
    const uint32_t value = root.read32(kEcam + 0x68) >> 16;
    root.write(kEcam + 0x6a, 0xf, 2);
    return value & 0xf;
  };
  constexpr uint32_t kNonFatal = 2, kFatal = 4, kUnsupported = 8;
  root.send_write(kRam, counting(64));
  root.settle_traffic();
  CHECK(status() == 0);
  root.send_write(0x1000, counting(64));  // not memory
  root.settle_traffic();
  CHECK(status() == (kNonFatal | kUnsupported));
  root.send(MemWrite{.requester = kDevice,
                     .address = {kRam},
                     .data = counting(4),
                     .attributes = {.poisoned = true}});
  root.settle_traffic();
  CHECK(status() == kNonFatal);
  pcie::RawTlp raw = pcie::encode(MemWrite{.address = {kRam}, .data = counting(8)});
  raw.payload.pop_back();
  root.device.send(raw);
  root.settle_traffic();
  CHECK(status() == kFatal);
  CHECK(root.port.counters().writes == 1);
}

}  // namespace
}  // namespace cw::unit
