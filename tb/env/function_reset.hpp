// SPDX-License-Identifier: Apache-2.0
//
// What an operating system does round the reset of one function while the rest of the fabric goes
// on: it keeps what enumeration wrote, resets, and writes it again.
// Spec: PCIe Base 6.6.2 (function-level reset).
#pragma once

#include <cstdint>
#include <vector>

#include "env/host.hpp"
#include "env/topology.hpp"

namespace cw::env {

// Command, BARs and Device Control, as they stand.
struct SavedConfig {
  uint16_t command = 0;
  std::vector<uint32_t> bars{};
  uint16_t device_control = 0;
};

SavedConfig save_config(Host& host, const Function& function);
void restore_config(Host& host, const Function& function, const SavedConfig& saved);
// Asks for it, and returns when software may go on: the function waits for nothing, is silent, and
// may be configured.
void reset_function(Host& host, const Function& function);
uint16_t device_status(Host& host, const Function& function);

}  // namespace cw::env
