// SPDX-License-Identifier: Apache-2.0
#include "env/msix_setup.hpp"

#include <stdexcept>

#include "env/endpoint_shape.hpp"

namespace cw::env {

namespace {

constexpr uint64_t kTableEntryBytes = 16;
constexpr uint16_t kMsixEnable = 1u << 15;  // of Message Control

}  // namespace

void set_up_msix(Host& host, const Function& endpoint, uint32_t first_data) {
  const auto table = endpoint.bar(0).base + uint64_t{kMsixTableOffset};
  for (unsigned vector = 0; vector < kDmaChannels; ++vector) {
    const auto entry = table + vector * kTableEntryBytes;
    host.write32(entry, static_cast<uint32_t>(map::kMsi.base.value));
    host.write32(entry + 4, static_cast<uint32_t>(map::kMsi.base.value >> 32));
    host.write32(entry + 8, first_data + vector);
    host.write32(entry + 12, 0);
  }
  const auto capability = endpoint.capability(pcie::CapId::MsiX);
  if (!capability) throw std::runtime_error("the endpoint has no MSI-X capability");
  const auto control = static_cast<uint16_t>(*capability + pcie::msix_cap::kControl);
  host.config_write16(endpoint.bdf, control,
                      host.config_read16(endpoint.bdf, control) | kMsixEnable);
}

}  // namespace cw::env
