// SPDX-License-Identifier: Apache-2.0
//
// What an operating system does with the IOMMU: probes it, gives it a device directory and queues,
// attaches devices to I/O page tables, invalidates, and reads fault records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dut/kernel.hpp"
#include "env/host.hpp"
#include "env/io_page_table.hpp"
#include "model/host_memory.hpp"
#include "model/page_allocator.hpp"
#include "pcie/types.hpp"

namespace cw::env {

// A fault record, decoded (RISC-V IOMMU 1.0, 4.2).
struct IommuFault {
  uint16_t cause = 0;
  uint8_t transaction_type = 0;
  uint32_t device_id = 0;
  pcie::Iova iova{};

  bool operator==(const IommuFault&) const = default;
};

// "write page fault (cause 15): 01:00.0 untranslated write at iova 0x..."
std::string describe(const IommuFault& fault);

class IommuDriver {
 public:
  struct Options {
    unsigned directory_levels = 2;  // 1 or 2
    unsigned queue_log2 = 6;        // entries of either queue
  };

  IommuDriver(Host& host, model::HostMemory& memory, model::PageAllocator& pages, Options options);

  // Probes, sets up queues and directory, turns translation on. Throws std::runtime_error where the
  // IOMMU does not read back what it must.
  void start();
  // ddtp to Bare: addresses pass untranslated.
  void bypass();

  // The device's requests go through `table` in the address space `pscid`.
  void attach(pcie::Bdf device, const IoPageTable& table, uint32_t pscid);
  // The device's addresses pass untranslated, but it is known.
  void attach_identity(pcie::Bdf device);
  void detach(pcie::Bdf device);

  // One page of an address space, or all of it; returns when no request uses the old mapping.
  void invalidate(uint32_t pscid, pcie::Iova iova);
  void invalidate(uint32_t pscid);

  // Records since the last call, oldest first.
  std::vector<IommuFault> take_faults();

  // Raw commands and registers, for tests.
  void command(uint64_t low, uint64_t high);
  void fence();
  uint32_t read_register(uint32_t offset);
  uint64_t capabilities() const { return capabilities_; }
  AddressWindow fault_queue() const;  // in host memory
  pcie::HostPhysAddr context(pcie::Bdf device);

 private:
  void expect(const char* what, uint64_t got, uint64_t wanted);
  void wait_register(const char* what, uint32_t offset, uint32_t mask, uint32_t wanted);
  void write_context(pcie::Bdf device, uint64_t tc, uint64_t ta, uint64_t fsc);
  void submit(uint64_t low, uint64_t high);

  Host& host_;
  model::HostMemory& memory_;
  model::PageAllocator& pages_;
  Options options_;
  uint64_t capabilities_ = 0;
  pcie::HostPhysAddr directory_{};
  pcie::HostPhysAddr commands_{};
  pcie::HostPhysAddr faults_{};
  uint32_t command_tail_ = 0;
  uint32_t fault_head_ = 0;
};

}  // namespace cw::env
