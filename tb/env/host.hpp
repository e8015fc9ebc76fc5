// SPDX-License-Identifier: Apache-2.0
//
// The CPU as software sees it: loads and stores to memory-mapped I/O, and configuration accesses
// through ECAM. Blocking calls run the clock; start_ forms return at once.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "agent/axi_host.hpp"
#include "dut/kernel.hpp"
#include "env/address_map.hpp"
#include "env/config_port.hpp"
#include "pcie/types.hpp"

namespace cw::env {

// The host bus refused an address (a data abort, to a CPU).
struct BusError : std::runtime_error {
  BusError(pcie::HostPhysAddr at, agent::AxiResp answer);
  pcie::HostPhysAddr address;
  agent::AxiResp resp;
};

class Host : public ConfigPort {
 public:
  Host(dut::Kernel& kernel, agent::AxiHost& port) : kernel_(kernel), port_(port) {}

  dut::Kernel& kernel() { return kernel_; }

  // 1 to 64 bytes; a bus error throws. What a device refuses reads as all ones.
  std::vector<uint8_t> mem_read(pcie::HostPhysAddr from, uint32_t bytes);
  void mem_write(pcie::HostPhysAddr to, std::vector<uint8_t> data);
  dut::Pending<agent::AxiResult> start_mem_read(pcie::HostPhysAddr from, uint32_t bytes);
  dut::Pending<agent::AxiResult> start_mem_write(pcie::HostPhysAddr to, std::vector<uint8_t> data);

  uint32_t read32(pcie::HostPhysAddr from);
  uint64_t read64(pcie::HostPhysAddr from);
  void write32(pcie::HostPhysAddr to, uint32_t value);
  void write64(pcie::HostPhysAddr to, uint64_t value);

  uint32_t config_read(pcie::Bdf bdf, uint16_t offset, uint32_t bytes) override;
  void config_write(pcie::Bdf bdf, uint16_t offset, uint32_t bytes, uint32_t value) override;
  dut::Pending<agent::AxiResult> start_config_read(pcie::Bdf bdf, uint16_t offset, uint32_t bytes);
  dut::Pending<agent::AxiResult> start_config_write(pcie::Bdf bdf, uint16_t offset, uint32_t value);

  // Reads until (value & mask) == wanted; a Timeout after the budget.
  uint32_t poll32(pcie::HostPhysAddr from, uint32_t mask, uint32_t wanted, dut::Cycles budget);

 private:
  dut::Kernel& kernel_;
  agent::AxiHost& port_;
};

}  // namespace cw::env
