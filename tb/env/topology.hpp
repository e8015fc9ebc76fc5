// SPDX-License-Identifier: Apache-2.0
//
// What enumeration found and assigned, as a value, and its printed forms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "env/address_map.hpp"
#include "pcie/config_space.hpp"
#include "pcie/types.hpp"

namespace cw::env {

struct Bar {
  uint8_t index = 0;  // of the low half
  pcie::HostPhysAddr base{};
  uint64_t bytes = 0;
  bool is_64bit = false;
  bool prefetchable = false;
  bool is_io = false;
  bool placed = true;  // false: no port above lets I/O through, the BAR stays off

  bool operator==(const Bar&) const = default;
};

// What a bridge passes downstream; closed windows have no bytes.
struct Bridge {
  uint8_t secondary = 0;
  uint8_t subordinate = 0;
  AddressWindow memory{};
  AddressWindow prefetchable{};
  AddressWindow io{};
};

struct Function {
  pcie::Bdf bdf{};
  uint16_t vendor_id = 0;
  uint16_t device_id = 0;
  uint32_t class_code = 0;
  uint16_t max_payload_bytes = 0;  // 0: no PCI Express capability
  bool extended_tags = false;      // can use tags of eight bits
  std::vector<pcie::Capability> capabilities{};
  std::vector<Bar> bars{};
  std::optional<Bar> rom{};  // placed, but not enabled
  std::optional<Bridge> bridge{};

  std::optional<uint8_t> capability(pcie::CapId id) const;
  const Bar& bar(uint8_t index) const;  // throws if there is none
};

struct Topology {
  std::vector<Function> functions{};  // a bridge stands before what is behind it

  const Function& at(pcie::Bdf bdf) const;  // throws if there is none
  const Function* find_device(uint16_t vendor_id, uint16_t device_id) const;
};

std::string tree(const Topology& topology);
std::string bar_map(const Topology& topology);

}  // namespace cw::env
