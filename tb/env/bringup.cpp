// SPDX-License-Identifier: Apache-2.0
#include "env/bringup.hpp"

#include <stdexcept>

#include "env/msix_setup.hpp"

namespace cw::env {

namespace {

constexpr uint16_t kVendor = 0xca5e, kEndpoint = 0xca05;
constexpr uint32_t kPscid = 1;

Topology enumerate_after_reset(System& system, const EnumerationOptions& options) {
  system.reset();
  return enumerate(system.host(), options);
}

const Function& find_endpoint(const Topology& topology) {
  const Function* function = topology.find_device(kVendor, kEndpoint);
  if (function == nullptr) throw std::runtime_error("enumeration did not find the endpoint");
  return *function;
}

// One channel of each kind, numbered like the kinds.
DmaDriver::Options channel(model::DmaKind kind, const BringupOptions& options) {
  return {.channel = static_cast<unsigned>(kind),
          .ring_log2 = options.ring_log2,
          .vector = static_cast<uint16_t>(kind)};
}

IommuDriver start_iommu(System& system, unsigned levels) {
  IommuDriver iommu(system.host(), system.memory(), system.pages(), {.directory_levels = levels});
  iommu.start();
  return iommu;
}

}  // namespace

Bringup::Bringup(System& sys, const BringupOptions& options)
    : system(sys),
      topology(enumerate_after_reset(sys, options.enumeration)),
      endpoint(find_endpoint(topology)),
      registers(endpoint.bar(0).base),
      card_memory(endpoint.bar(2).base),
      iommu(start_iommu(sys, options.directory_levels)),
      space(iommu, sys.memory(), sys.pages(), endpoint.bdf, kPscid, options.placement),
      h2c(sys.host(), space, registers, channel(model::DmaKind::H2c, options)),
      c2h(sys.host(), space, registers, channel(model::DmaKind::C2h, options)),
      h2h(sys.host(), space, registers, channel(model::DmaKind::H2h, options)),
      c2c(sys.host(), space, registers, channel(model::DmaKind::C2c, options)),
      h2s(sys.host(), space, registers, channel(model::DmaKind::H2s, options)),
      s2h(sys.host(), space, registers, channel(model::DmaKind::S2h, options)),
      enumeration_(options.enumeration) {
  // The doorbell page is mapped like any page: an interrupt is a write, and writes are translated.
  space.table().map({map::kMsi.base.value}, map::kMsi.base);
  set_up_msix(system.host(), endpoint, kMsiData);
  h2c.start();
  c2h.start();
}

void Bringup::restart_endpoint() {
  const Topology again = enumerate(system.host(), enumeration_);
  if (find_endpoint(again).bar(0).base != registers) {
    throw std::runtime_error("enumeration placed the endpoint elsewhere");
  }
  set_up_msix(system.host(), endpoint, kMsiData);
  h2c.start();
  c2h.start();
}

}  // namespace cw::env
