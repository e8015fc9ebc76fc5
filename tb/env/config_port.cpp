// SPDX-License-Identifier: Apache-2.0
#include "env/config_port.hpp"

#include <cstring>

namespace cw::env {

std::vector<uint8_t> ConfigPort::config_bytes(pcie::Bdf bdf, uint32_t bytes) {
  std::vector<uint8_t> image(bytes);
  for (uint32_t at = 0; at < bytes; at += pcie::kDwordBytes) {
    const uint32_t dword = config_read32(bdf, static_cast<uint16_t>(at));
    std::memcpy(&image[at], &dword, sizeof dword);
  }
  return image;
}

}  // namespace cw::env
