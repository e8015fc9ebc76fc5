// SPDX-License-Identifier: Apache-2.0
//
// Enumeration as an operating system does it: finds the functions depth first, numbers the buses,
// sizes and places the BARs and ROMs, opens the bridges' windows, sets payload sizes, enables what
// has a place; ROMs stay off.
// Spec: PCIe Base 7.3 (configuration transactions), 7.5.1 (headers).
#pragma once

#include <cstdint>
#include <optional>

#include "env/config_port.hpp"
#include "env/topology.hpp"

namespace cw::env {

struct EnumerationOptions {
  AddressWindow memory = map::kMem32;           // BARs that are not prefetchable
  AddressWindow prefetchable = map::kMem64;     // 64-bit prefetchable BARs
  AddressWindow io{};                           // I/O BARs; by default the host has no I/O space
  std::optional<uint16_t> max_payload_bytes{};  // default: the largest that all support
  uint16_t max_read_request_bytes = 512;
  bool bus_master_enable = true;  // of functions; bridges always forward
};

// Throws std::runtime_error, with a sentence, for a configuration space that breaks the rules.
Topology enumerate(ConfigPort& port, const EnumerationOptions& options = {});

}  // namespace cw::env
