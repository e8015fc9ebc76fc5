// SPDX-License-Identifier: Apache-2.0
#include "env/lspci.hpp"

#include <fmt/format.h>

#include "model/config_space.hpp"
#include "pcie/codec.hpp"

namespace cw::env {

std::string lspci_dump(ConfigPort& port, const Topology& topology) {
  std::string text;
  for (const Function& function : topology.functions) {
    std::vector<uint32_t> dwords(pcie::kConfigBytes / pcie::kDwordBytes);
    for (size_t i = 0; i < dwords.size(); ++i) {
      dwords[i] = port.config_read32(function.bdf, static_cast<uint16_t>(i * pcie::kDwordBytes));
    }
    const std::string title = fmt::format("Class {:04x}: {:04x}:{:04x}", function.class_code >> 8,
                                          function.vendor_id, function.device_id);
    text += model::lspci_text(pcie::to_text(function.bdf), title, dwords);
  }
  return text;
}

}  // namespace cw::env
