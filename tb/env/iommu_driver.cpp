// SPDX-License-Identifier: Apache-2.0
#include "env/iommu_driver.hpp"

#include <fmt/core.h>

#include <stdexcept>

#include "env/address_map.hpp"
#include "model/iommu.hpp"

namespace cw::env {

namespace {

// Registers (RISC-V IOMMU 1.0, chapter 6): offsets are those of the model
using namespace model::iommu_reg;
constexpr uint32_t kQueueEnable = 1, kQueueOn = 1u << 16, kQueueErrors = 0xf00;
constexpr uint64_t kDdtpBusy = 16, kModeBare = 1, kModeOneLevel = 2;

// Structures (chapters 2 and 4)
constexpr uint64_t kContextBytes = 32, kCommandBytes = 16, kFaultBytes = 32;
constexpr uint64_t kValid = 1, kModeSv39 = uint64_t{8} << 60;
constexpr uint64_t kIotinvalVma = 1, kIofence = 2, kIodirDdt = 3;
constexpr uint64_t kAv = 1u << 10, kPscv = uint64_t{1} << 32, kDv = uint64_t{1} << 33;
constexpr uint64_t kPrPw = 3u << 12;

uint64_t base_of(pcie::HostPhysAddr place, uint64_t low) { return place.value >> 12 << 10 | low; }

pcie::HostPhysAddr reg(uint32_t offset) { return map::kIommu.base + uint64_t{offset}; }

const char* cause_name(uint16_t cause) {
  switch (cause) {
    case 5:
      return "read access fault";
    case 7:
      return "write access fault";
    case 13:
      return "read page fault";
    case 15:
      return "write page fault";
    case 256:
      return "all inbound transactions disallowed";
    case 257:
      return "directory entry load access fault";
    case 258:
      return "directory entry not valid";
    case 259:
      return "directory entry misconfigured";
    case 260:
      return "transaction type disallowed";
    case 268:
      return "directory data corruption";
    case 274:
      return "page table data corruption";
    default:
      return "unknown cause";
  }
}

}  // namespace

std::string describe(const IommuFault& fault) {
  const auto id = pcie::Bdf::from_id(static_cast<uint16_t>(fault.device_id));
  const char* type = fault.transaction_type == 2   ? "untranslated read"
                     : fault.transaction_type == 3 ? "untranslated write"
                                                   : "transaction";
  return fmt::format("{} (cause {}): {:02x}:{:02x}.{} {} at iova {:#x}", cause_name(fault.cause),
                     fault.cause, id.bus, id.device, id.function, type, fault.iova.value);
}

IommuDriver::IommuDriver(Host& host, model::HostMemory& memory, model::PageAllocator& pages,
                         Options options)
    : host_(host), memory_(memory), pages_(pages), options_(options) {}

void IommuDriver::expect(const char* what, uint64_t got, uint64_t wanted) {
  if (got != wanted) {
    throw std::runtime_error(
        fmt::format("IOMMU: {} reads {:#x}, expected {:#x}", what, got, wanted));
  }
}

uint32_t IommuDriver::read_register(uint32_t offset) { return host_.read32(reg(offset)); }

void IommuDriver::wait_register(const char* what, uint32_t offset, uint32_t mask, uint32_t wanted) {
  constexpr unsigned kPolls = 1000;
  for (unsigned poll = 0; poll < kPolls; ++poll) {
    if ((read_register(offset) & mask) == wanted) return;
  }
  throw dut::Timeout(fmt::format("IOMMU: {} did not become {:#x}", what, wanted));
}

void IommuDriver::start() {
  const auto queue_pages = [&](uint64_t entry_bytes) {
    const uint64_t bytes = entry_bytes << options_.queue_log2;
    const auto place = pages_.contiguous(bytes);
    memory_.fill(place, bytes, 0);
    return place;
  };
  capabilities_ = host_.read64(reg(kCapabilities));
  constexpr uint64_t kSv39 = 1u << 9;
  if ((capabilities_ & 0xff) != 0x10 || (capabilities_ & kSv39) == 0) {
    throw std::runtime_error(
        fmt::format("IOMMU: capabilities {:#x} are not usable", capabilities_));
  }
  commands_ = queue_pages(kCommandBytes);
  faults_ = queue_pages(kFaultBytes);
  const uint64_t log2_less_1 = options_.queue_log2 - 1;

  host_.write64(reg(kCqb), base_of(commands_, log2_less_1));
  expect("cqb", host_.read64(reg(kCqb)), base_of(commands_, log2_less_1));
  host_.write32(reg(kCqt), 0);
  host_.write32(reg(kCqcsr), kQueueEnable);
  wait_register("cqcsr.cqon", kCqcsr, kQueueOn, kQueueOn);

  host_.write64(reg(kFqb), base_of(faults_, log2_less_1));
  expect("fqb", host_.read64(reg(kFqb)), base_of(faults_, log2_less_1));
  host_.write32(reg(kFqh), 0);
  host_.write32(reg(kFqcsr), kQueueEnable);
  wait_register("fqcsr.fqon", kFqcsr, kQueueOn, kQueueOn);

  directory_ = pages_.page();
  memory_.fill(directory_, pcie::kPageBytes, 0);
  const uint64_t mode = kModeOneLevel + options_.directory_levels - 1;
  host_.write64(reg(kDdtp), base_of(directory_, mode));
  wait_register("ddtp.busy", kDdtp, kDdtpBusy, 0);
  expect("ddtp", host_.read64(reg(kDdtp)), base_of(directory_, mode));
}

AddressWindow IommuDriver::fault_queue() const {
  return {.base = faults_, .bytes = kFaultBytes << options_.queue_log2};
}

void IommuDriver::bypass() {
  host_.write64(reg(kDdtp), kModeBare);
  wait_register("ddtp.busy", kDdtp, kDdtpBusy, 0);
}

// Base format: the last level has 128 contexts of 32 bytes.
pcie::HostPhysAddr IommuDriver::context(pcie::Bdf device) {
  constexpr uint32_t kOneLevelIds = 128;
  const uint32_t id = device.id();
  if (options_.directory_levels == 1 && id >= kOneLevelIds) {
    throw std::invalid_argument("a directory of one level has no place for this device");
  }
  pcie::HostPhysAddr table = directory_;
  if (options_.directory_levels == 2) {
    const pcie::HostPhysAddr place = directory_ + (id >> 7) * uint64_t{8};
    const uint64_t entry = memory_.read64(place);
    if ((entry & kValid) != 0) {
      table = {(entry >> 10 & 0xfff'ffff'ffff) << 12};
    } else {
      table = pages_.page();
      memory_.fill(table, pcie::kPageBytes, 0);
      memory_.write64(place, base_of(table, kValid));
    }
  }
  return table + (id & 127) * kContextBytes;
}

void IommuDriver::write_context(pcie::Bdf device, uint64_t tc, uint64_t ta, uint64_t fsc) {
  const auto place = context(device);
  memory_.write64(place + 8, 0);
  memory_.write64(place + 16, ta);
  memory_.write64(place + 24, fsc);
  memory_.write64(place, tc);
  submit(kIodirDdt | kDv | uint64_t{device.id()} << 40, 0);
  fence();
}

void IommuDriver::attach(pcie::Bdf device, const IoPageTable& table, uint32_t pscid) {
  write_context(device, kValid, uint64_t{pscid} << 12, kModeSv39 | table.root().value >> 12);
}

void IommuDriver::attach_identity(pcie::Bdf device) { write_context(device, kValid, 0, 0); }

void IommuDriver::detach(pcie::Bdf device) { write_context(device, 0, 0, 0); }

void IommuDriver::invalidate(uint32_t pscid, pcie::Iova iova) {
  submit(kIotinvalVma | kAv | kPscv | uint64_t{pscid} << 12, iova.value >> 12 << 10);
  fence();
}

void IommuDriver::invalidate(uint32_t pscid) {
  submit(kIotinvalVma | kPscv | uint64_t{pscid} << 12, 0);
  fence();
}

void IommuDriver::fence() { command(kIofence | kPrPw, 0); }

void IommuDriver::submit(uint64_t low, uint64_t high) {
  const pcie::HostPhysAddr place = commands_ + command_tail_ * kCommandBytes;
  memory_.write64(place, low);
  memory_.write64(place + 8, high);
  command_tail_ = (command_tail_ + 1) & ((1u << options_.queue_log2) - 1);
}

void IommuDriver::command(uint64_t low, uint64_t high) {
  submit(low, high);
  host_.write32(reg(kCqt), command_tail_);
  wait_register("cqh", kCqh, ~0u, command_tail_);
  expect("cqcsr errors", read_register(kCqcsr) & kQueueErrors, 0);
}

std::vector<IommuFault> IommuDriver::take_faults() {
  std::vector<IommuFault> records;
  const uint32_t tail = read_register(kFqt);
  while (fault_head_ != tail) {
    const pcie::HostPhysAddr place = faults_ + fault_head_ * kFaultBytes;
    const uint64_t word = memory_.read64(place);
    records.push_back({.cause = static_cast<uint16_t>(word & 0xfff),
                       .transaction_type = static_cast<uint8_t>(word >> 34 & 63),
                       .device_id = static_cast<uint32_t>(word >> 40),
                       .iova = {memory_.read64(place + 16)}});
    fault_head_ = (fault_head_ + 1) & ((1u << options_.queue_log2) - 1);
  }
  host_.write32(reg(kFqh), fault_head_);
  return records;
}

}  // namespace cw::env
