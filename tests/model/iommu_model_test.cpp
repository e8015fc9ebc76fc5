// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>
#include <map>

#include "catch_shim.hpp"
#include "model/iommu.hpp"

namespace {

using namespace cw::model;

// Version 1.0, Sv39, wired interrupts, 46 bits of physical address.
constexpr uint64_t kCapabilities = 0x10 | 1u << 9 | 1u << 28 | uint64_t{46} << 32;
constexpr uint64_t kDirectory = 0x8000'1000, kContexts = 0x8000'2000, kRoot = 0x8000'3000,
                   kMiddle = 0x8000'4000, kLeaves = 0x8000'5000, kFaults = 0x8000'6000,
                   kCommands = 0x8000'7000;
constexpr uint32_t kDevice = 0x0100;  // 01:00.0
constexpr uint64_t kContext = kContexts + 0 * 32;
constexpr uint64_t V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128;
constexpr uint64_t kAll = V | R | W | U | A | D;
constexpr uint64_t kNapot = uint64_t{1} << 63;
constexpr uint64_t kIova = 0x1'0000'5678;  // entries 4, 0 and 5 of the three tables

uint64_t to(uint64_t hpa, uint64_t flags) { return hpa >> 12 << 10 | flags; }

struct Memory : IommuMemory {
  std::map<uint64_t, uint64_t> words{};
  std::map<uint64_t, Answer> bad{};  // by page

  Answer read(uint64_t hpa, std::span<uint8_t> bytes) override {
    if (bad.contains(hpa >> 12)) return bad.at(hpa >> 12);
    for (size_t n = 0; n < bytes.size(); n += 8) {
      const uint64_t word = words.contains(hpa + n) ? words.at(hpa + n) : 0;
      std::memcpy(&bytes[n], &word, std::min<size_t>(8, bytes.size() - n));
    }
    return Answer::Ok;
  }
  Answer write(uint64_t hpa, std::span<const uint8_t> bytes) override {
    if (bad.contains(hpa >> 12)) return bad.at(hpa >> 12);
    for (size_t n = 0; n < bytes.size(); n += 8) {
      std::memcpy(&words[hpa + n], &bytes[n], std::min<size_t>(8, bytes.size() - n));
    }
    return Answer::Ok;
  }
};

// Two-level directory, Sv39, one 4 KiB page at kIova; 64 faults and commands.
struct Bench {
  Memory memory{};
  Iommu iommu{kCapabilities, memory};

  Bench() {
    memory.words[kDirectory + (kDevice >> 7) * 8] = to(kContexts, V);
    memory.words[kContext] = V;
    memory.words[kContext + 24] = uint64_t{8} << 60 | kRoot >> 12;
    memory.words[kRoot + 4 * 8] = to(kMiddle, V);
    memory.words[kMiddle] = to(kLeaves, V);
    memory.words[kLeaves + 5 * 8] = to(0x9000'0000, kAll);
    iommu.write_register(iommu_reg::kFqb, 8, to(kFaults, 5));
    iommu.write_register(iommu_reg::kFqcsr, 4, 1);
    iommu.write_register(iommu_reg::kCqb, 8, to(kCommands, 5));
    iommu.write_register(iommu_reg::kCqcsr, 4, 1);
    iommu.write_register(iommu_reg::kDdtp, 8, to(kDirectory, 3));
  }
  uint64_t& leaf() { return memory.words[kLeaves + 5 * 8]; }
  IommuAnswer read(uint64_t iova = kIova) {
    return iommu.translate({.device_id = kDevice, .iova = iova});
  }
  IommuAnswer write(uint64_t iova = kIova) {
    return iommu.translate({.device_id = kDevice, .iova = iova, .write = true});
  }
  uint32_t faults() const { return static_cast<uint32_t>(iommu.read_register(iommu_reg::kFqt, 4)); }
  void command(uint64_t low, uint64_t high) {
    const auto tail = static_cast<uint32_t>(iommu.read_register(iommu_reg::kCqt, 4));
    memory.words[kCommands + tail * 16] = low;
    memory.words[kCommands + tail * 16 + 8] = high;
    iommu.write_register(iommu_reg::kCqt, 4, tail + 1);
  }
};

IommuAnswer refused(IommuCause cause) { return {.fault = cause}; }

}  // namespace

TEST_CASE("The IOMMU's mode decides whether an address is refused, passed or walked",
          "[model][iommu]") {
  Bench bench;
  CHECK(bench.read() == IommuAnswer{.hpa = 0x9000'0678});
  CHECK(bench.write() == IommuAnswer{.hpa = 0x9000'0678});
  CHECK(bench.iommu.translate({.device_id = kDevice, .iova = kIova, .address_type = 2}) ==
        refused(IommuCause::TypeDisallowed));
  bench.iommu.write_register(iommu_reg::kDdtp, 8, 1);  // Bare
  CHECK(bench.read() == IommuAnswer{.hpa = kIova});
  bench.iommu.write_register(iommu_reg::kDdtp, 8, to(kDirectory, 2));  // one level: 7 bits
  CHECK(bench.read() == refused(IommuCause::TypeDisallowed));
  bench.iommu.write_register(iommu_reg::kDdtp, 8, 0);  // Off
  CHECK(bench.read() == refused(IommuCause::AllDisallowed));
}

TEST_CASE("A directory entry that is not valid or not legal refuses the device", "[model][iommu]") {
  Bench bench;
  const uint64_t entry = kDirectory + (kDevice >> 7) * 8;
  bench.memory.words[entry] = to(kContexts, 0);
  CHECK(bench.read() == refused(IommuCause::DdtNotValid));
  bench.memory.words[entry] = to(kContexts, V | 2);
  CHECK(bench.read() == refused(IommuCause::DdtMisconfigured));
  bench.memory.words[entry] = to(kContexts, V);
  bench.memory.words[kContext] = 0;
  CHECK(bench.read() == refused(IommuCause::DdtNotValid));
  for (const uint64_t tc : {V | 1u << 1, V | 1u << 9, V | 1u << 12, V | uint64_t{1} << 32}) {
    bench.memory.words[kContext] = tc;
    CHECK(bench.read() == refused(IommuCause::DdtMisconfigured));
  }
  bench.memory.words[kContext] = V;
  bench.memory.words[kContext + 24] = uint64_t{9} << 60 | kRoot >> 12;  // Sv48 is not there
  CHECK(bench.read() == refused(IommuCause::DdtMisconfigured));
  bench.memory.words[kContext + 24] = 0;
  CHECK(bench.read() == IommuAnswer{.hpa = kIova});
}

TEST_CASE("A leaf at every level of Sv39 maps its page, and a superpage must be aligned",
          "[model][iommu]") {
  Bench bench;
  auto& root = bench.memory.words[kRoot + 4 * 8];
  auto& middle = bench.memory.words[kMiddle];
  middle = to(0x9020'0000, kAll);
  CHECK(bench.read() == IommuAnswer{.hpa = 0x9020'5678});
  middle = to(0x9020'1000, kAll);
  CHECK(bench.read() == refused(IommuCause::ReadPageFault));
  root = to(0x8'4000'0000, kAll);
  CHECK(bench.read() == IommuAnswer{.hpa = 0x8'4000'5678});
  root = to(0x8'4020'0000, kAll);
  CHECK(bench.write() == refused(IommuCause::WritePageFault));
}

TEST_CASE("A 64 KiB page takes the low address bits from the IOVA", "[model][iommu]") {
  Bench bench;
  bench.leaf() = to(0x9000'8000, kAll) | kNapot;
  CHECK(bench.read() == IommuAnswer{.hpa = 0x9000'5678});
  bench.leaf() = to(0x9000'4000, kAll) | kNapot;  // a size that is not defined
  CHECK(bench.read() == refused(IommuCause::ReadPageFault));
}

TEST_CASE("Permissions, accessed and dirty bits decide over a read and a write apart",
          "[model][iommu]") {
  Bench bench;
  const auto outcome = [&](uint64_t flags) {
    bench.leaf() = to(0x9000'0000, flags);
    return std::pair(!bench.read().fault, !bench.write().fault);
  };
  CHECK(outcome(kAll) == std::pair(true, true));
  CHECK(outcome(kAll & ~W) == std::pair(true, false));
  CHECK(outcome(kAll & ~D) == std::pair(true, false));
  CHECK(outcome(kAll & ~A) == std::pair(false, false));
  CHECK(outcome(kAll & ~U) == std::pair(false, false));
  CHECK(outcome(kAll & ~V) == std::pair(false, false));
  CHECK(outcome(kAll & ~R) == std::pair(false, false));  // W without R is reserved
  CHECK(outcome((kAll & ~(R | W)) | X) == std::pair(false, false));
  CHECK(outcome(kAll | uint64_t{1} << 54) == std::pair(false, false));
  CHECK(outcome(kAll | uint64_t{1} << 61) == std::pair(false, false));  // Svpbmt is not there
}

TEST_CASE("An address that is not canonical faults", "[model][iommu]") {
  Bench bench;
  CHECK(bench.read(kIova | uint64_t{1} << 39) == refused(IommuCause::ReadPageFault));
  CHECK(bench.write(kIova | uint64_t{1} << 63) == refused(IommuCause::WritePageFault));
}

TEST_CASE("What memory refuses or has lost is another cause than a page fault", "[model][iommu]") {
  using Answer = IommuMemory::Answer;
  Bench bench;
  bench.memory.bad[kLeaves >> 12] = Answer::AccessFault;
  CHECK(bench.read() == refused(IommuCause::ReadAccessFault));
  CHECK(bench.write() == refused(IommuCause::WriteAccessFault));
  bench.memory.bad[kLeaves >> 12] = Answer::Corrupted;
  CHECK(bench.read() == refused(IommuCause::PtCorrupted));
  bench.memory.bad[kContexts >> 12] = Answer::AccessFault;
  CHECK(bench.read() == refused(IommuCause::DdtLoadFault));
  bench.memory.bad[kContexts >> 12] = Answer::Corrupted;
  CHECK(bench.read() == refused(IommuCause::DdtCorrupted));
}

TEST_CASE("A fault record says what, who and where, until the queue is full", "[model][iommu]") {
  Bench bench;
  bench.leaf() = 0;
  bench.write();
  REQUIRE(bench.faults() == 1);
  const uint64_t record = bench.memory.words[kFaults];
  CHECK((record & 0xfff) == 15);
  CHECK((record >> 34 & 63) == 3);  // untranslated write
  CHECK(record >> 40 == kDevice);
  CHECK(bench.memory.words[kFaults + 16] == kIova);

  bench.memory.words[kContext] = V | 1u << 4;  // DTF: the device's faults are not told
  bench.read();
  CHECK(bench.faults() == 1);
  bench.memory.words[kContext] = 0;  // but the directory's are
  bench.read();
  CHECK(bench.faults() == 2);

  constexpr uint32_t kOverflow = 1u << 9;
  for (unsigned n = 0; n < 64; ++n) bench.read();
  CHECK(bench.faults() == 63);
  CHECK((bench.iommu.read_register(iommu_reg::kFqcsr, 4) & kOverflow) != 0);
}

TEST_CASE("Commands are taken in order, a fence writes its data, an illegal one stops the queue",
          "[model][iommu]") {
  Bench bench;
  const auto head = [&] { return bench.iommu.read_register(iommu_reg::kCqh, 4); };
  constexpr uint64_t kIotinvalVma = 1, kIofence = 2, kIodir = 3, kAv = 1u << 10;
  bench.command(kIotinvalVma | uint64_t{1} << 32, 0);
  bench.command(kIodir | uint64_t{1} << 33 | uint64_t{kDevice} << 40, 0);
  bench.command(kIofence | kAv | uint64_t{0xcafe} << 32, 0x8000'9000 >> 2);
  CHECK(head() == 3);
  CHECK((bench.memory.words[0x8000'9000] & 0xffff'ffff) == 0xcafe);

  constexpr uint32_t kIllegal = 1u << 10;
  bench.command(0x7f, 0);
  bench.command(kIotinvalVma, 0);
  CHECK(head() == 3);
  CHECK((bench.iommu.read_register(iommu_reg::kCqcsr, 4) & kIllegal) != 0);
}

TEST_CASE("Capabilities beyond the first stage are named", "[model][iommu]") {
  CHECK(Iommu::unsupported(kCapabilities) == 0);
  CHECK(Iommu::unsupported(0x2e'e000'0610) == 0);
  CHECK(Iommu::unsupported(kCapabilities | 1u << 25) == 1u << 25);  // ATS
  CHECK(Iommu::unsupported(kCapabilities | 3u << 28) == 3u << 28);  // an IGS that is reserved
  CHECK(Iommu::unsupported(0x10) != 0);                             // no address bits
}

TEST_CASE("A request with a process id needs a context with a process directory",
          "[model][iommu]") {
  Bench bench;
  const IommuRequest request{.device_id = kDevice, .iova = kIova, .process_id = 5};
  CHECK(bench.iommu.translate(request) == refused(IommuCause::TypeDisallowed));
  CHECK(bench.memory.words[kFaults] ==
        (260 | 5u << 12 | uint64_t{1} << 32 | uint64_t{2} << 34 | uint64_t{kDevice} << 40));
  bench.memory.words[kContext] = V | 1u << 5;  // PDTV, and a directory that is Bare
  bench.memory.words[kContext + 24] = 0;
  CHECK(bench.iommu.translate(request) == IommuAnswer{.hpa = kIova});
}

TEST_CASE("Messages go out on edges, wait behind a mask, and fail with a record of their own",
          "[model][iommu]") {
  constexpr uint64_t kBoth = 0x2e'e000'0210, kBox = 0x8000'9000;
  Memory memory;
  Iommu iommu(kBoth, memory);
  const auto fault = [&] { iommu.translate({.device_id = kDevice, .iova = kIova}); };
  iommu.write_register(iommu_reg::kMsiCfgTbl + 16, 8, kBox);
  iommu.write_register(iommu_reg::kMsiCfgTbl + 24, 8, 0x77);
  iommu.write_register(iommu_reg::kIcvec, 8, 1u << 4);
  iommu.write_register(iommu_reg::kFqb, 8, to(kFaults, 5));
  iommu.write_register(iommu_reg::kFqcsr, 4, 3);
  fault();
  CHECK(memory.words[kBox] == 0x77);
  memory.words[kBox] = 0;
  fault();
  CHECK(memory.words[kBox] == 0);  // no edge
  iommu.write_register(iommu_reg::kIpsr, 4, 2);
  iommu.write_register(iommu_reg::kMsiCfgTbl + 28, 4, 1);
  fault();
  CHECK(memory.words[kBox] == 0);  // masked
  iommu.write_register(iommu_reg::kMsiCfgTbl + 28, 4, 0);
  CHECK(memory.words[kBox] == 0x77);
  iommu.write_register(iommu_reg::kIpsr, 4, 2);
  memory.bad[kBox >> 12] = IommuMemory::Answer::AccessFault;
  fault();
  CHECK(iommu.read_register(iommu_reg::kFqt, 4) == 5);
  CHECK((memory.words[kFaults + 4 * 32] & 0xffff'ffff'ffff) == 273);
  CHECK(memory.words[kFaults + 4 * 32 + 16] == kBox);
  CHECK(iommu.interrupts() == 0);
}

TEST_CASE("A debug translation answers in its register and reports as a request does",
          "[model][iommu]") {
  Memory memory;
  Iommu iommu(0x2e'e000'0210, memory);
  iommu.write_register(iommu_reg::kTrReqIova, 8, kIova);
  iommu.write_register(iommu_reg::kTrReqCtl, 8, 1 | 8);
  CHECK(iommu.read_register(iommu_reg::kTrResponse, 8) == 1);
  iommu.write_register(iommu_reg::kDdtp, 8, 1);
  iommu.write_register(iommu_reg::kTrReqCtl, 8, 1 | 8 | uint64_t{kDevice} << 40);
  CHECK(iommu.read_register(iommu_reg::kTrReqCtl, 8) == (8 | uint64_t{kDevice} << 40));
  CHECK(iommu.read_register(iommu_reg::kTrResponse, 8) == to(kIova & ~uint64_t{0xfff}, 0));
}

TEST_CASE("Counters count what their selector names, and an overflow interrupts once",
          "[model][iommu]") {
  using Counters = IommuCounters;
  Counters counters;
  constexpr uint64_t kDv = uint64_t{1} << 61, kPv = uint64_t{1} << 60, kOf = uint64_t{1} << 63;
  counters.write_selector(0, 1 | kDv | uint64_t{0x103} << 36 | 1u << 15);  // devices 0x100 to 0x107
  counters.write_selector(1, 4);
  counters.write_selector(2, 1 | kPv | 7u << 16);
  counters.write_selector(3, 2);  // translated requests: not in this profile
  CHECK(counters.selector(3) == 0);
  counters.write_selector(3, 5);
  counters.write_selector(3, kDv | 6);
  CHECK(counters.selector(3) == (kDv | 5));
  for (const uint32_t id : {0x100u, 0x107u, 0x108u}) {
    counters.count(IommuEvent::UntranslatedRequest, {.device_id = id});
  }
  counters.count(IommuEvent::UntranslatedRequest, {.device_id = 0, .process_id = 7});
  CHECK(counters.counter(0) == 2);
  CHECK(counters.counter(1) == 0);
  CHECK(counters.counter(2) == 1);
  counters.write_counter(1, ~uint64_t{0});
  CHECK(counters.counter(1) == (uint64_t{1} << 40) - 1);
  CHECK(counters.count(IommuEvent::TlbMiss, {}));
  CHECK(counters.selector(1) == (4 | kOf));
  CHECK(counters.overflows() == 4);
  counters.write_counter(1, ~uint64_t{0});
  CHECK_FALSE(counters.count(IommuEvent::TlbMiss, {}));
  counters.write_inhibits(~0u);
  CHECK(counters.inhibits() == 0x1f);
  CHECK_FALSE(counters.count(IommuEvent::TlbMiss, {}));
  CHECK(counters.counter(1) == 0);

  constexpr uint64_t kIdt = uint64_t{1} << 62;
  counters.write_inhibits(0);
  counters.write_selector(0, 7 | kIdt | kPv | 9u << 16);  // by address space
  counters.write_selector(1, 5 | kIdt);                   // which a directory walk does not know
  counters.write_counter(0, 0);
  for (const uint32_t pscid : {9u, 8u}) {
    counters.count(IommuEvent::FirstStageWalk, {.device_id = 1, .pscid = pscid});
    counters.count(IommuEvent::DirectoryWalk, {.device_id = 1});
  }
  CHECK(counters.counter(0) == 1);
  CHECK(counters.counter(1) == 0);
}
