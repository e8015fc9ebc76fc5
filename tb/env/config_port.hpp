// SPDX-License-Identifier: Apache-2.0
//
// Access to the configuration space of every function, by whatever way.
#pragma once

#include <cstdint>
#include <vector>

#include "pcie/config_space.hpp"
#include "pcie/types.hpp"

namespace cw::env {

class ConfigPort {
 public:
  virtual ~ConfigPort() = default;

  // 1, 2 or 4 bytes, aligned. A function that is not there reads as all ones.
  virtual uint32_t config_read(pcie::Bdf bdf, uint16_t offset, uint32_t bytes) = 0;
  virtual void config_write(pcie::Bdf bdf, uint16_t offset, uint32_t bytes, uint32_t value) = 0;

  uint8_t config_read8(pcie::Bdf bdf, uint16_t offset) {
    return static_cast<uint8_t>(config_read(bdf, offset, 1));
  }
  uint16_t config_read16(pcie::Bdf bdf, uint16_t offset) {
    return static_cast<uint16_t>(config_read(bdf, offset, 2));
  }
  uint32_t config_read32(pcie::Bdf bdf, uint16_t offset) { return config_read(bdf, offset, 4); }
  void config_write8(pcie::Bdf bdf, uint16_t offset, uint8_t value) {
    config_write(bdf, offset, 1, value);
  }
  void config_write16(pcie::Bdf bdf, uint16_t offset, uint16_t value) {
    config_write(bdf, offset, 2, value);
  }
  void config_write32(pcie::Bdf bdf, uint16_t offset, uint32_t value) {
    config_write(bdf, offset, 4, value);
  }

  // The first `bytes` bytes of a function, for a pcie::ConfigView.
  std::vector<uint8_t> config_bytes(pcie::Bdf bdf, uint32_t bytes = pcie::kPciConfigBytes);
};

}  // namespace cw::env
