// SPDX-License-Identifier: Apache-2.0
//
// Functions behind a configuration port, each a model of its registers, reached as bridges route
// configuration requests (PCIe Base 7.3.3).
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "env/config_port.hpp"
#include "model/config_space.hpp"

namespace cw::bench {

inline constexpr model::RootPortShape kRootPort{.vendor = 0xca5e, .device = 0xca01, .revision = 1};

inline constexpr model::EndpointShape kEndpoint{
    .vendor = 0xca5e,
    .device = 0xca05,
    .class_code = 0x12'0000,
    .revision = 1,
    .subsystem_vendor = 0xca5e,
    .subsystem = 1,
    .bars = {{{.kind = model::BarKind::Mem64, .size_log2 = 16},
              {},
              {.kind = model::BarKind::Mem64Prefetchable, .size_log2 = 16}}},
    .msix_vectors = 8,
    .msix_table = 0x2000,
    .msix_pba = 0x3000};

class FakeFabric : public env::ConfigPort {
 public:
  struct Node {
    Node(uint8_t at_device, const model::RootPortShape& shape) : device(at_device), space(shape) {}
    Node(uint8_t at_device, const model::EndpointShape& shape)
        : device(at_device),
          function(static_cast<uint8_t>(shape.extended.function)),
          space(shape) {}
    uint8_t device;
    uint8_t function = 0;
    model::ConfigSpace space;
    std::vector<std::unique_ptr<Node>> below{};
  };

  // Devices of bus 0, and so on downwards.
  template <class Shape>
  Node& add(std::vector<std::unique_ptr<Node>>& bus, uint8_t device, const Shape& shape) {
    bus.push_back(std::make_unique<Node>(device, shape));
    return *bus.back();
  }
  std::vector<std::unique_ptr<Node>>& bus0() { return bus0_; }

  uint32_t config_read(pcie::Bdf bdf, uint16_t offset, uint32_t bytes) override {
    Node* node = find(bus0_, 0, bdf);
    const uint32_t mask = bytes == 4 ? ~uint32_t{0} : (1u << 8 * bytes) - 1;
    if (!node) return mask;
    return node->space.read(offset & ~3u) >> 8 * (offset & 3) & mask;
  }

  void config_write(pcie::Bdf bdf, uint16_t offset, uint32_t bytes, uint32_t value) override {
    if (Node* node = find(bus0_, 0, bdf)) {
      const auto enables = static_cast<uint8_t>(((1u << bytes) - 1) << (offset & 3));
      node->space.write(offset & ~3u, value << 8 * (offset & 3), enables);
    }
  }

 private:
  Node* find(std::vector<std::unique_ptr<Node>>& bus, uint8_t number, pcie::Bdf bdf) {
    for (auto& node : bus) {
      if (bdf.bus == number) {
        if (node->device == bdf.device && node->function == bdf.function) return node.get();
        continue;
      }
      const uint8_t secondary = node->space.secondary_bus();
      if (secondary && bdf.bus >= secondary && bdf.bus <= node->space.subordinate_bus()) {
        return find(node->below, secondary, bdf);
      }
    }
    return nullptr;
  }

  std::vector<std::unique_ptr<Node>> bus0_;
};

}  // namespace cw::bench
