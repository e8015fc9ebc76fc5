// SPDX-License-Identifier: Apache-2.0
#include "env/lspci.hpp"

#include <fmt/format.h>

#include "pcie/codec.hpp"

namespace cw::env {

std::string lspci_dump(ConfigPort& port, const Topology& topology) {
  constexpr uint32_t kRow = 16;
  std::string text;
  for (const Function& function : topology.functions) {
    const std::vector<uint8_t> bytes = port.config_bytes(function.bdf, pcie::kConfigBytes);
    text += fmt::format("{} Class {:04x}: {:04x}:{:04x}\n", pcie::to_text(function.bdf),
                        function.class_code >> 8, function.vendor_id, function.device_id);
    for (uint32_t row = 0; row < bytes.size(); row += kRow) {
      text += fmt::format("{:02x}:", row);
      for (uint32_t i = 0; i < kRow; ++i) text += fmt::format(" {:02x}", bytes[row + i]);
      text += '\n';
    }
    text += '\n';
  }
  return text;
}

}  // namespace cw::env
