// SPDX-License-Identifier: Apache-2.0
#include "env/host.hpp"

#include <fmt/format.h>

#include <cstring>

namespace cw::env {

using agent::AxiResp;
using agent::AxiResult;
using pcie::HostPhysAddr;

namespace {

template <class T>
std::vector<uint8_t> to_bytes(T value, size_t count = sizeof(T)) {
  std::vector<uint8_t> bytes(count);
  std::memcpy(bytes.data(), &value, count);
  return bytes;
}

template <class T>
T from_bytes(const std::vector<uint8_t>& bytes) {
  T value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}

}  // namespace

BusError::BusError(HostPhysAddr at, AxiResp answer)
    : std::runtime_error(fmt::format("bus error at {:#x}: {}", at.value,
                                     answer == AxiResp::DecErr ? "DECERR" : "SLVERR")),
      address(at),
      resp(answer) {}

std::vector<uint8_t> Host::mem_read(HostPhysAddr from, uint32_t bytes) {
  AxiResult result = port_.read(from, bytes);
  if (result.resp != AxiResp::Okay) throw BusError(from, result.resp);
  return std::move(result.data);
}

void Host::mem_write(HostPhysAddr to, std::vector<uint8_t> data) {
  const AxiResult result = port_.write(to, std::move(data));
  if (result.resp != AxiResp::Okay) throw BusError(to, result.resp);
}

dut::Pending<AxiResult> Host::start_mem_read(HostPhysAddr from, uint32_t bytes) {
  return port_.start_read(from, bytes);
}

dut::Pending<AxiResult> Host::start_mem_write(HostPhysAddr to, std::vector<uint8_t> data) {
  return port_.start_write(to, std::move(data));
}

uint32_t Host::read32(HostPhysAddr from) { return from_bytes<uint32_t>(mem_read(from, 4)); }
uint64_t Host::read64(HostPhysAddr from) { return from_bytes<uint64_t>(mem_read(from, 8)); }
void Host::write32(HostPhysAddr to, uint32_t value) { mem_write(to, to_bytes(value)); }
void Host::write64(HostPhysAddr to, uint64_t value) { mem_write(to, to_bytes(value)); }

uint32_t Host::config_read(pcie::Bdf bdf, uint16_t offset, uint32_t bytes) {
  return from_bytes<uint32_t>(mem_read(ecam_address(bdf, offset), bytes));
}

void Host::config_write(pcie::Bdf bdf, uint16_t offset, uint32_t bytes, uint32_t value) {
  mem_write(ecam_address(bdf, offset), to_bytes(value, bytes));
}

dut::Pending<AxiResult> Host::start_config_read(pcie::Bdf bdf, uint16_t offset, uint32_t bytes) {
  return port_.start_read(ecam_address(bdf, offset), bytes);
}

dut::Pending<AxiResult> Host::start_config_write(pcie::Bdf bdf, uint16_t offset, uint32_t value) {
  return port_.start_write(ecam_address(bdf, offset), to_bytes(value));
}

uint32_t Host::poll32(HostPhysAddr from, uint32_t mask, uint32_t wanted, dut::Cycles budget) {
  const dut::Cycles end = kernel_.now() + budget;
  for (;;) {
    const uint32_t value = read32(from);
    if ((value & mask) == wanted) return value;
    if (kernel_.now() >= end) {
      throw dut::Timeout(
          fmt::format("{:#x} reads {:#010x} after {} cycles; wanted {:#x} under {:#x}", from.value,
                      value, budget.value, wanted, mask));
    }
  }
}

}  // namespace cw::env
