// SPDX-License-Identifier: Apache-2.0
#include "env/function_reset.hpp"

#include <stdexcept>

namespace cw::env {

namespace reg = pcie::reg;

namespace {

constexpr unsigned kBars = 6;
constexpr uint16_t kInitiateFlr = 1u << 15, kTransactionsPending = 1u << 5;
constexpr uint16_t kEnables =
    pcie::command::kIoEnable | pcie::command::kMemEnable | pcie::command::kBusMasterEnable;

uint16_t in_capability(const Function& function, uint16_t offset) {
  const auto capability = function.capability(pcie::CapId::Pcie);
  if (!capability) throw std::logic_error("a function without a PCI Express capability");
  return static_cast<uint16_t>(*capability + offset);
}

uint16_t device_control(const Function& function) {
  return in_capability(function, pcie::pcie_cap::kDevCtl);
}

}  // namespace

SavedConfig save_config(Host& host, const Function& function) {
  SavedConfig saved{.command = host.config_read16(function.bdf, reg::kCommand)};
  for (unsigned n = 0; n < kBars; ++n) {
    saved.bars.push_back(
        host.config_read32(function.bdf, static_cast<uint16_t>(reg::kBar0 + 4 * n)));
  }
  saved.device_control = host.config_read16(function.bdf, device_control(function));
  return saved;
}

void restore_config(Host& host, const Function& function, const SavedConfig& saved) {
  for (unsigned n = 0; n < kBars; ++n) {
    host.config_write32(function.bdf, static_cast<uint16_t>(reg::kBar0 + 4 * n), saved.bars[n]);
  }
  host.config_write16(function.bdf, device_control(function), saved.device_control);
  host.config_write16(function.bdf, reg::kCommand, saved.command);
}

void reset_function(Host& host, const Function& function) {
  const uint16_t control = device_control(function);
  host.config_write16(function.bdf, control,
                      host.config_read16(function.bdf, control) | kInitiateFlr);
  if (device_status(host, function) & kTransactionsPending) {
    throw std::runtime_error("a function that was reset still waits for completions");
  }
  if (host.config_read16(function.bdf, reg::kCommand) & kEnables) {
    throw std::runtime_error("a function that was reset may still request or is still decoded");
  }
}

uint16_t device_status(Host& host, const Function& function) {
  return host.config_read16(function.bdf, in_capability(function, pcie::pcie_cap::kDevSta));
}

}  // namespace cw::env
