// SPDX-License-Identifier: Apache-2.0
#include "env/topology.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "pcie/codec.hpp"

namespace cw::env {

namespace {

const char* class_name(uint32_t class_code) {
  switch (class_code >> 8) {
    case 0x0604:
      return "PCI bridge";
    case 0x0880:
      return "system peripheral";
    case 0x0801:
      return "DMA controller";
    case 0x1200:
      return "processing accelerator";
    default:
      return "device";
  }
}

std::string window_text(const char* name, const AddressWindow& window) {
  if (window.bytes == 0) return "";
  return fmt::format("  {} {:#x}-{:#x}", name, window.base.value, window.end() - 1);
}

std::string size_text(uint64_t bytes) {
  if (bytes % (1 << 20) == 0) return fmt::format("{} MiB", bytes >> 20);
  if (bytes % (1 << 10) == 0) return fmt::format("{} KiB", bytes >> 10);
  return fmt::format("{} B", bytes);
}

// Bridges between the root and a bus.
unsigned depth(const Topology& topology, uint8_t bus) {
  return static_cast<unsigned>(
      std::count_if(topology.functions.begin(), topology.functions.end(), [&](const Function& f) {
        return f.bridge && bus >= f.bridge->secondary && bus <= f.bridge->subordinate;
      }));
}

}  // namespace

std::optional<uint8_t> Function::capability(pcie::CapId id) const {
  for (const pcie::Capability& found : capabilities) {
    if (found.id == id) return found.offset;
  }
  return std::nullopt;
}

const Bar& Function::bar(uint8_t index) const {
  const auto found = std::find_if(bars.begin(), bars.end(),
                                  [&](const Bar& candidate) { return candidate.index == index; });
  if (found == bars.end()) {
    throw std::logic_error(fmt::format("{} has no BAR{}", pcie::to_text(bdf), index));
  }
  return *found;
}

const Function& Topology::at(pcie::Bdf bdf) const {
  for (const Function& function : functions) {
    if (function.bdf == bdf) return function;
  }
  throw std::logic_error("there is no function " + pcie::to_text(bdf));
}

const Function* Topology::find_device(uint16_t vendor_id, uint16_t device_id) const {
  for (const Function& function : functions) {
    if (function.vendor_id == vendor_id && function.device_id == device_id) return &function;
  }
  return nullptr;
}

std::string tree(const Topology& topology) {
  std::string text;
  for (const Function& f : topology.functions) {
    const unsigned level = depth(topology, f.bdf.bus);
    text += fmt::format("{:{}}{}{}  {:04x}:{:04x}  {}", "", level ? 3 * (level - 1) : 0,
                        level ? "+- " : "", pcie::to_text(f.bdf), f.vendor_id, f.device_id,
                        class_name(f.class_code));
    if (f.bridge) {
      text += fmt::format("  bus {:02x}-{:02x}", f.bridge->secondary, f.bridge->subordinate);
      text += window_text("mem", f.bridge->memory);
      text += window_text("pref", f.bridge->prefetchable);
      text += window_text("io", f.bridge->io);
    }
    text += '\n';
  }
  return text;
}

namespace {

std::string bar_line(const Function& f, const std::string& name, const Bar& bar) {
  const std::string kind = bar.is_io ? "I/O"
                                     : fmt::format("{}-bit{}", bar.is_64bit ? 64 : 32,
                                                   bar.prefetchable ? " prefetchable" : "");
  const std::string base = bar.placed ? fmt::format("{:#018x}", bar.base.value) : "off";
  return fmt::format("{}  {}  {:<18}  {:>8}  {}\n", pcie::to_text(f.bdf), name, base,
                     size_text(bar.bytes), kind);
}

}  // namespace

std::string bar_map(const Topology& topology) {
  std::string text;
  for (const Function& f : topology.functions) {
    for (const Bar& bar : f.bars) text += bar_line(f, fmt::format("BAR{}", bar.index), bar);
    if (f.rom) text += bar_line(f, "ROM ", *f.rom);
  }
  return text;
}

}  // namespace cw::env
