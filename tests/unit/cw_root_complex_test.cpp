// SPDX-License-Identifier: Apache-2.0
// cw-variant: TimeoutCycles=500
// cw-variant: W=512
// cw-variant: W=128 Ports=2 TimeoutCycles=500
#include "Vcw_root_complex_timeoutcycles500.h"
#include "Vcw_root_complex_w128_ports2_timeoutcycles500.h"
#include "Vcw_root_complex_w512.h"
#include "unit/isolation.hpp"
#include "unit/root_complex_bench.hpp"
#include "unit/root_ports_bench.hpp"

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
          "[unit][root][R49]") {
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

TEST_CASE("A snooped access finds what only the CPU's cache has, one with No Snoop goes past it",
          "[unit][root]") {
  RootComplex root;
  root.open_untranslated();
  model::HostCache cache(root.memory);
  root.port.attach(cache);
  root.memory.fill({kRam}, 64, 1);
  const std::vector<uint8_t> fresh = counting(64);
  cache.write({kRam}, fresh);
  const auto read = [&](bool no_snoop) {
    root.send(MemRead{.requester = kDevice,
                      .address = {kRam},
                      .length_bytes = 64,
                      .attributes = {.no_snoop = no_snoop}});
    return pcie::enabled_bytes(root.next<pcie::Completion>());
  };
  CHECK(read(/*no_snoop=*/false) == fresh);
  CHECK(read(/*no_snoop=*/true) == std::vector<uint8_t>(64, 1));

  root.send(pcie::MemWrite{.requester = kDevice,
                           .address = {kRam + 8},
                           .data = {0xe0, 0xe1, 0xe2, 0xe3},
                           .attributes = {.no_snoop = true}});
  root.settle_traffic();
  CHECK(cache.read({kRam}, 64) == fresh);
  CHECK(root.memory.read({kRam + 8}, 4) == std::vector<uint8_t>{0xe0, 0xe1, 0xe2, 0xe3});

  root.send_write(kRam + 4, {0xd0, 0xd1, 0xd2, 0xd3});
  root.settle_traffic();
  CHECK(cache.read({kRam + 4}, 8) ==
        std::vector<uint8_t>{0xd0, 0xd1, 0xd2, 0xd3, fresh[8], fresh[9], fresh[10], fresh[11]});
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

// Behind a device directory, with the device in an address space of its own.
struct TranslatedRoot : RootComplex {
  static constexpr uint32_t kPscid = 7;

  explicit TranslatedRoot(dut::Cycles write_latency = 20_cycles) : RootComplex(write_latency) {
    open();
    iommu.start();
    iommu.attach(kDevice, table, kPscid);
  }
  void map(uint64_t iova, uint64_t hpa) { table.map({iova}, {hpa}); }
  // The answer to a request that is answered.
  pcie::Completion ask(const pcie::Tlp& tlp) {
    send(tlp);
    return next<pcie::Completion>();
  }
  std::vector<env::IommuFault> faults() {
    settle_traffic();
    return iommu.take_faults();
  }
  void write_acs(unsigned control) { write(kEcam + 0x106, control, 2); }

  model::PageAllocator pages{{.base = {0xa000'0000}, .bytes = 0x100'0000}, 1};
  env::Host host{module.kernel(), cpu};
  env::IommuDriver iommu{host, memory, pages, {.directory_levels = 2, .queue_log2 = 6}};
  env::IoPageTable table{memory, pages};
};

constexpr uint64_t kIova = 0x5000'0000;
constexpr unsigned kAcsSource = 1, kAcsBlocking = 2, kAcsForwarding = 0x10;
constexpr uint16_t kReadPageFault = 13, kWritePageFault = 15, kDisallowed = 260;

TEST_CASE("A device writes and reads memory of a device through its page table",
          "[unit][root][iommu][R48][R50]") {
  TranslatedRoot root;
  root.write_acs(kAcsForwarding);
  root.map(kIova, kWindow + 0x1000);
  root.map(kIova + 0x1000, kRam);
  root.send_write(kIova + 0x1000, counting(64));
  root.send_write(kIova + 0x10, counting(128));
  const auto write = root.next<MemWrite>();
  CHECK(write.requester == kDevice);
  CHECK(write.address.value == kWindow + 0x1010);
  CHECK(write.data == counting(128));
  CHECK(root.memory.read({kRam}, 64) == counting(64));  // which came before it

  root.send(MemRead{
      .requester = kDevice, .tag = {0x155}, .address = {kIova + 0x20}, .length_bytes = 256});
  const auto read = root.next<MemRead>();
  CHECK(read == MemRead{.requester = kDevice,
                        .tag = {0x155},
                        .address = {kWindow + 0x1020},
                        .length_bytes = 256});
  for (const uint32_t part : {0u, 1u}) {
    const pcie::Completion answer{.completer = {.bus = 2},
                                  .byte_count = 256 - 128 * part,
                                  .requester = kDevice,
                                  .tag = {0x155},
                                  .lower_address = 0x20,
                                  .payload = std::vector<uint32_t>(32, 0x1111 * part)};
    root.send(answer);
    CHECK(root.next<pcie::Completion>() == answer);
  }
  root.iommu.fence();  // nothing is open any more
  CHECK(root.faults().empty());
}

TEST_CASE("A fence waits for a read of a device by another, and for no longer than its time",
          "[unit][root][iommu][R27][R50][R52]") {
  TranslatedRoot root;
  root.write_acs(kAcsForwarding);
  root.map(kIova, kWindow);
  root.send(MemRead{.requester = kDevice, .tag = {1}, .address = {kIova}, .length_bytes = 4});
  root.next<MemRead>();
  const auto start = root.module.now();
  root.iommu.fence();
  CHECK((root.module.now() - start).value > 300);
  CHECK((root.module.now() - start).value < 1200);
}

TEST_CASE("Memory of devices is out of reach unless the port forwards, and outside its windows",
          "[unit][root][iommu][R37][R48][R50]") {
  TranslatedRoot root;
  root.map(kIova, kWindow);
  root.map(kIova + 0x1000, kWindow + 0x100'0000);
  const auto refused = [&](uint64_t iova) {
    root.send_write(iova, counting(8));
    const auto answer =
        root.ask(MemRead{.requester = kDevice, .tag = {2}, .address = {iova}, .length_bytes = 8});
    CHECK(answer.status == CplStatus::Ur);
    CHECK(root.link.empty());
  };
  refused(kIova);
  root.write_acs(kAcsForwarding);
  refused(kIova + 0x1000);
  root.send_write(kIova, counting(8));
  CHECK(root.next<MemWrite>().address.value == kWindow);
  root.write_acs(0);
  refused(kIova);
  CHECK(root.faults().empty());  // it was translated
}

TEST_CASE("A request that says its address is translated is refused, and a record says so",
          "[unit][root][iommu][R11][R50]") {
  TranslatedRoot root;
  root.map(kIova, kRam);
  for (const uint8_t address_type : {uint8_t{1}, uint8_t{2}, uint8_t{3}}) {
    const pcie::Attributes attributes{.address_type = address_type};
    root.send(MemWrite{
        .requester = kDevice, .address = {kRam}, .data = counting(8), .attributes = attributes});
    const auto answer = root.ask(MemRead{
        .requester = kDevice, .address = {kRam}, .length_bytes = 8, .attributes = attributes});
    CHECK(answer.status == CplStatus::Ur);
    const auto faults = root.faults();
    CHECK(faults.size() == 2);
    for (const auto& fault : faults) CHECK(fault.cause == kDisallowed);
  }
  CHECK(root.port.counters().reads + root.port.counters().writes == 0);
  root.write_acs(kAcsBlocking);  // then it ends at the port
  const auto answer = root.ask(MemRead{.requester = kDevice,
                                       .address = {kRam},
                                       .length_bytes = 8,
                                       .attributes = {.address_type = 2}});
  CHECK(answer.status == CplStatus::Ca);
  CHECK(root.faults().empty());
}

TEST_CASE("A device cannot speak for one that is not behind the port, if the port looks",
          "[unit][root][iommu][R50]") {
  constexpr pcie::Bdf kVictim{.bus = 9};
  TranslatedRoot root;
  root.iommu.attach(kVictim, root.table, TranslatedRoot::kPscid);
  root.map(kIova, kRam);
  const MemWrite write{.requester = kVictim, .address = {kIova}, .data = counting(8)};
  const MemRead read{.requester = kVictim, .tag = {3}, .address = {kIova}, .length_bytes = 8};
  root.write_acs(kAcsSource);
  root.send(write);
  const auto answer = root.ask(read);
  CHECK(answer.status == CplStatus::Ca);
  CHECK(answer.requester == kVictim);
  CHECK(root.faults().empty());
  CHECK(root.port.counters().reads + root.port.counters().writes == 0);
  constexpr uint32_t kCorrectable = 1, kNonFatal = 2;  // a completion told of the read
  CHECK((root.read32(kEcam + 0x68) >> 16 & 0xf) == (kCorrectable | kNonFatal));
  root.write_acs(0);
  root.send(write);
  CHECK(root.ask(read).status == CplStatus::Sc);
}

TEST_CASE("Messages are not translated", "[unit][root][iommu][R40]") {
  TranslatedRoot root;
  root.iommu.detach(kDevice);
  unsigned levels = 0;
  root.send(pcie::Message{.requester = kDevice, .routing = 4, .code = 0x20});
  root.module.run_until([&] { return (levels = root.p.intx_o) != 0; }, 200_cycles);
  CHECK(levels == 1);
  CHECK(root.faults().empty());
}

TEST_CASE("An interrupt is a write as any other: translated, and refused where it is not mapped",
          "[unit][root][iommu][R32][R46]") {
  TranslatedRoot root;
  root.map(kIova, kDoorbell & ~uint64_t{0xfff});
  root.send_write(kIova + 0x40, {0x78, 0x56, 0x34, 0x12});
  root.settle_traffic();
  CHECK(root.messages == std::vector<std::pair<uint64_t, uint32_t>>{{kDoorbell, 0x1234'5678}});
  root.send_write(kDoorbell, {1, 0, 0, 0});
  const auto faults = root.faults();
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].cause == kWritePageFault);
  CHECK(faults[0].iova.value == kDoorbell);
  CHECK(root.messages.size() == 1);
}

TEST_CASE("A fence of the IOMMU rings the doorbell", "[unit][root][iommu][R46]") {
  TranslatedRoot root;
  constexpr uint64_t kFenceAv = 2 | 1 << 10 | uint64_t{0xbeef} << 32;
  root.iommu.command(kFenceAv, kDoorbell >> 2);
  CHECK(root.messages == std::vector<std::pair<uint64_t, uint32_t>>{{kDoorbell, 0xbeef}});
  CHECK(root.memory.pages().size() < 100);
  CHECK(root.memory.read32({kDoorbell}) == 0xa5a5'a5a5);
}

TEST_CASE(
    "Zero-length reads and requests that end with their page are translated, AtomicOps refused",
    "[unit][root][iommu][R01][R06][R37]") {
  TranslatedRoot root;
  root.map(kIova, kRam);
  root.memory.write32({kRam}, 0x1234);
  const auto flush = root.ask(MemRead{.requester = kDevice, .tag = {1}, .address = {kIova}});
  CHECK(flush.status == CplStatus::Sc);
  CHECK(flush.byte_count == 1);
  CHECK(root.ask(MemRead{.requester = kDevice, .address = {kIova + 0x1000}}).status ==
        CplStatus::Ur);
  auto faults = root.faults();
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].cause == kReadPageFault);

  root.send_write(kIova + 0xf80, counting(128));  // up to the last byte, and the next is not mapped
  const auto read = root.ask(
      MemRead{.requester = kDevice, .tag = {2}, .address = {kIova + 0xf80}, .length_bytes = 128});
  CHECK(pcie::enabled_bytes(read) == counting(128));
  CHECK(root.faults().empty());

  for (const uint64_t iova : {kIova, kIova + 0x1000}) {
    const auto answer = root.ask(
        pcie::Atomic{.requester = kDevice, .tag = {4}, .address = {iova}, .operands = {5}});
    CHECK(answer.status == CplStatus::Ur);
    CHECK(root.memory.read32({kRam}) == 0x1234);
    faults = root.faults();
    CHECK(faults.size() == (iova == kIova ? 0 : 1));
    for (const auto& fault : faults) CHECK(fault.cause == kWritePageFault);
  }
}

TEST_CASE("Walks, records and commands go on while ordinary memory answers nobody",
          "[unit][root][iommu][R31]") {
  constexpr auto kNever = dut::Cycles{1'000'000};
  TranslatedRoot root;
  for (uint64_t page = 0; page < 64; ++page) root.map(kIova + 4096 * page, kRam + 4096 * page);
  root.port.set_latency(kNever, kNever);
  for (uint64_t page = 0; page < 30; ++page) {
    root.send(MemRead{.requester = kDevice,
                      .tag = {static_cast<uint16_t>(page)},
                      .address = {kIova + 4096 * page},
                      .length_bytes = 64});
  }
  for (uint64_t page = 30; page < 60; ++page) root.send_write(kIova + 4096 * page, counting(64));
  root.module.run_until([&] { return root.device.idle(); }, 5000_cycles);
  const uint64_t walks = root.walks.counters().reads;
  for (unsigned n = 0; n < 10; ++n) root.send_write(kIova + 0x100'0000 + 4096 * n, counting(4));
  root.module.step(4000_cycles);
  CHECK(root.walks.counters().reads > walks);
  CHECK(root.iommu.take_faults().size() == 10);
  CHECK(root.port.counters().writes == 0);
  root.iommu.command(1, 0);  // IOTINVAL.VMA of everything
}

TEST_CASE("Walks, commands, records and interrupts share a port, and all go on, whoever stalls",
          "[unit][root][iommu][isolation][R31]") {
  uint64_t seed = 30;
  for (const agent::Stall stall : agent::kEveryStall) {
    INFO("stall " << static_cast<int>(stall));
    RootComplex root(30_cycles, stall, ++seed);
    root.open();
    Isolation<Vcw_root_complex_timeoutcycles500> world(root, seed);
    for (unsigned n = 0; n < 6; ++n) world.change();
    world.probe();
    world.stop();
    CHECK(world.reads_refused > 10);
    CHECK(root.messages.empty() != world.has_messages());
    for (const auto& message : root.messages) {
      CHECK(message == std::pair{world.kDoorbell, world.kMessage});
    }
  }
}

TEST_CASE("No device reaches what is not mapped for it, whatever happens to its tables meanwhile",
          "[unit][root][iommu][isolation][R30][R50]") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    INFO("seed " << seed);
    RootComplex root;
    agent::Rng rng(seed, "memory");
    root.open();
    Isolation<Vcw_root_complex_timeoutcycles500> world(root, seed);
    for (unsigned n = 0; n < 40; ++n) {
      if (n % 10 == 0) {
        root.port.set_latency(dut::Cycles{rng.range(2, 80)}, dut::Cycles{rng.range(2, 80)});
      }
      world.change();
      if (n % 8 == 7) world.probe();
    }
    world.stop();
    CHECK(world.reads_with_data > 100);
    CHECK(world.reads_refused > 100);
  }
}

TEST_CASE("Requests of one beat stream at one a clock while memory takes 250",
          "[unit][root][R31]") {
  constexpr unsigned kRequests = 2000, kBytes = 64;
  constexpr dut::Cycles kLatency = 250_cycles;
  RootComplexBench<Vcw_root_complex_w512> root(kLatency);
  root.port.set_latency(kLatency, kLatency);
  root.open_untranslated();
  const auto before = root.port.counters();
  const auto begin = root.module.now();
  const auto at = [](unsigned n) { return kRam + uint64_t{kBytes} * n; };

  SECTION("writes") {
    for (unsigned n = 0; n < kRequests; ++n) root.send_write(at(n), counting(kBytes));
    root.module.run_until(
        [&] {
          return root.port.counters().writes == before.writes + kRequests && root.port.idle();
        },
        10'000_cycles);
  }
  SECTION("reads") {
    for (unsigned n = 0; n < kRequests; ++n) {
      root.send(MemRead{.requester = kDevice,
                        .tag = {static_cast<uint16_t>(n % 256)},
                        .address = {at(n)},
                        .length_bytes = kBytes});
    }
    root.module.run_until([&] { return root.link.size() == kRequests; }, 10'000_cycles);
  }
  CHECK((root.module.now() - begin).value <= kRequests + kLatency.value + 32);
}

// ---- Two root ports

using RootPorts = RootPortsBench<Vcw_root_complex_w128_ports2_timeoutcycles500>;

TEST_CASE("Two root ports are devices 0 and 1 of bus 0, each with its buses and its windows",
          "[unit][root][duo][R48][R49]") {
  RootPorts root;
  constexpr uint64_t kLinkCapabilities = 0x6c;
  for (unsigned n = 0; n < 2; ++n) {
    CHECK(root.read32(RootPorts::config(n)) == 0xca01'ca5e);
    CHECK(root.read32(RootPorts::config(n) + kLinkCapabilities) >> 24 == n);
  }
  CHECK(root.read32(RootPorts::config(2)) == 0xffff'ffff);
  root.open();
  for (unsigned n = 0; n < 2; ++n) {
    const pcie::Bdf device = RootPorts::device(n);
    auto pending = root.cpu->start_read({kEcam + (uint64_t{device.bus} << 20)}, 4);
    const auto read = root.next<pcie::CfgRead>(n);
    CHECK(read.type == pcie::CfgType::Type0);
    CHECK(read.target == device);
    root.send(n, pcie::Completion{.completer = device, .tag = read.tag, .payload = {0x99 + n}});
    CHECK(dword_at(pending.wait().data, 0) == 0x99 + n);

    root.cpu->write({RootPorts::window(n) + 0x20}, counting(8));
    CHECK(root.next<MemWrite>(n).address.value == RootPorts::window(n) + 0x20);
    auto load = root.cpu->start_read({RootPorts::window(n) + 0x40}, 4);
    const auto down = root.next<MemRead>(n);
    CHECK(down.address.value == RootPorts::window(n) + 0x40);
    root.send(n, pcie::Completion{.completer = device,
                                  .byte_count = 4,
                                  .tag = down.tag,
                                  .lower_address = 0x40,
                                  .payload = {5 + n}});
    CHECK(dword_at(load.wait().data, 0) == 5 + n);
    CHECK(root.links[1 - n]->empty());
  }
  // Below neither: all ones.
  CHECK(root.read32(kEcam + (3 << 20)) == 0xffff'ffff);
  CHECK(root.read32(RootPorts::window(2)) == 0xffff'ffff);
}

TEST_CASE("A port that answers nothing delays one access, and the other port none",
          "[unit][root][duo][R27][R45][R52]") {
  const unsigned stuck = GENERATE(0u, 1u);
  const bool blocked = GENERATE(false, true);
  RootPorts root;
  root.open();
  root.links[stuck]->block(blocked);
  for (unsigned round = 0; round < 2; ++round) {
    CHECK(root.read32(RootPorts::window(stuck)) == 0xffff'ffff);  // in its time
    for (unsigned n = 0; n < 3; ++n) {
      auto load = root.cpu->start_read({RootPorts::window(1 - stuck)}, 4);
      const auto down = root.next<MemRead>(1 - stuck);
      root.send(1 - stuck, pcie::Completion{.completer = RootPorts::device(1 - stuck),
                                            .byte_count = 4,
                                            .tag = down.tag,
                                            .payload = {0x77}});
      CHECK(dword_at(load.wait(100_cycles).data, 0) == 0x77);
    }
  }
}

TEST_CASE("Devices of both ports share one memory, each with its completions, whoever stalls",
          "[unit][root][duo][R31][R37]") {
  uint64_t seed = 50;
  for (const agent::Stall stall : agent::kEveryStall) {
    RootPorts root(++seed, stall);
    root.open_untranslated();
    agent::Rng rng(seed, "sizes");
    for (unsigned round = 0; round < 8; ++round) {
      std::array<std::vector<std::pair<uint64_t, std::vector<uint8_t>>>, 2> written;
      for (unsigned k = 0; k < 6; ++k) {
        for (unsigned n = 0; n < 2; ++n) {
          const uint64_t at = kRam + n * 0x10000 + k * 0x100 + 4 * rng.range(0, 31);
          const auto data = counting(4 * static_cast<uint32_t>(rng.range(1, 32)),
                                     static_cast<uint8_t>(rng.u32()));
          root.send_write(n, at, data);
          written[n].emplace_back(at, data);
        }
      }
      for (unsigned n = 0; n < 2; ++n) {
        for (unsigned k = 0; k < 6; ++k) {
          root.send(n, MemRead{.requester = RootPorts::device(n),
                               .tag = {static_cast<uint16_t>(k)},
                               .address = {written[n][k].first},
                               .length_bytes = static_cast<uint32_t>(written[n][k].second.size())});
        }
      }
      for (unsigned n = 0; n < 2; ++n) {
        for (unsigned k = 0; k < 6; ++k) {
          std::vector<uint8_t> bytes;
          while (bytes.size() < written[n][k].second.size()) {
            const auto answer = root.next<pcie::Completion>(n);
            CHECK(answer.tag == pcie::Tag{static_cast<uint16_t>(k)});
            CHECK(answer.requester == RootPorts::device(n));
            for (const uint8_t byte : pcie::enabled_bytes(answer)) bytes.push_back(byte);
          }
          CHECK(bytes == written[n][k].second);
        }
      }
    }
  }
}

TEST_CASE("Interrupts of both ports ring, also those that come in the same clock",
          "[unit][root][duo][R32]") {
  RootPorts root;
  root.open_untranslated();
  std::vector<uint32_t> expected;
  for (uint32_t k = 0; k < 50; ++k) {
    for (unsigned n = 0; n < 2; ++n) {
      const uint32_t data = n << 8 | k;
      root.send_write(n, kDoorbell, {static_cast<uint8_t>(k), static_cast<uint8_t>(n), 0, 0});
      expected.push_back(data);
    }
  }
  root.module.step(600_cycles);
  auto rung = root.messages;
  std::ranges::sort(rung);
  std::ranges::sort(expected);
  CHECK(rung == expected);
  std::erase_if(root.messages, [](uint32_t data) { return data >= 0x100; });
  CHECK(std::ranges::is_sorted(root.messages));  // those of a port in their order
}

TEST_CASE("A device's request for what lies behind the other port is refused",
          "[unit][root][duo][R37][R50]") {
  RootPorts root;
  root.open_untranslated();
  for (unsigned n = 0; n < 2; ++n) {
    root.write(RootPorts::config(n) + 0x106, kAcsForwarding, 2);
    root.send_write(n, RootPorts::window(1 - n), counting(8));
    CHECK(root.ask(n, MemRead{.requester = RootPorts::device(n),
                              .tag = {3},
                              .address = {RootPorts::window(1 - n)},
                              .length_bytes = 4})
              .status == CplStatus::Ur);
    CHECK(root.links[1 - n]->empty());
  }
}

TEST_CASE("A fence waits for the requests of every port that were accepted before it",
          "[unit][root][iommu][duo]") {
  const unsigned slow = GENERATE(0u, 1u);
  RootPorts root;
  root.open_translated();
  for (unsigned n = 0; n < 2; ++n) root.tables[n]->map({kIova}, {kRam + 0x1000 * n});
  for (unsigned n = 0; n < 2; ++n) {  // known from here on
    root.ask(n, MemRead{.requester = RootPorts::device(n), .address = {kIova}, .length_bytes = 4});
  }
  root.port->set_latency(400_cycles, 400_cycles);
  root.send_write(slow, kIova, counting(8));
  root.module.step(30_cycles);
  const auto start = root.module.now();
  root.iommu->fence();
  CHECK((root.module.now() - start).value > 300);
  CHECK(root.memory.read({kRam + 0x1000 * slow}, 8) == counting(8));
  CHECK(root.iommu->take_faults().empty());
}

TEST_CASE("Each device of two ports is translated by its own tables",
          "[unit][root][iommu][duo][R30]") {
  RootPorts root;
  root.open_translated();
  for (unsigned n = 0; n < 2; ++n) {
    root.tables[n]->map({kIova}, {kRam + 0x1000 * n});
    root.memory.write32({kRam + 0x1000 * n}, 0x50 + n);
  }
  root.tables[1]->map({kIova + 0x1000}, {kRam + 0x8000});
  for (unsigned n = 0; n < 2; ++n) {
    for (unsigned k = 0; k < 4; ++k) {
      root.send(n, MemRead{.requester = RootPorts::device(n),
                           .tag = {static_cast<uint16_t>(k)},
                           .address = {kIova},
                           .length_bytes = 4});
    }
  }
  for (unsigned n = 0; n < 2; ++n) {
    for (unsigned k = 0; k < 4; ++k) {
      CHECK(root.next<pcie::Completion>(n).payload == std::vector<uint32_t>{0x50 + n});
    }
  }
  CHECK(root.ask(0, MemRead{.requester = RootPorts::device(0),
                            .address = {kIova + 0x1000},
                            .length_bytes = 4})
            .status == CplStatus::Ur);
  root.module.step(300_cycles);
  const auto faults = root.iommu->take_faults();
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].device_id == RootPorts::device(0).id());
}

}  // namespace
}  // namespace cw::unit
