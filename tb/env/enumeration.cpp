// SPDX-License-Identifier: Apache-2.0
#include "env/enumeration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "pcie/codec.hpp"

namespace cw::env {

using pcie::Bdf;
using pcie::CapId;
using pcie::ConfigView;
using pcie::HostPhysAddr;
namespace reg = pcie::reg;
namespace command = pcie::command;
namespace pcie_cap = pcie::pcie_cap;

namespace {

constexpr uint8_t kDevicesOfBus0 = 32;
constexpr uint8_t kFunctions = 8;
constexpr uint8_t kType0Bars = 6;
constexpr uint8_t kType1Bars = 2;
constexpr uint64_t kWindowStep = 1 << 20;  // bridges decode 1 MiB and more (7.5.1.3.6)

uint64_t align_up(uint64_t value, uint64_t step) { return (value + step - 1) / step * step; }

class Enumerator {
 public:
  Enumerator(ConfigPort& port, const EnumerationOptions& options)
      : port_(port), options_(options) {}

  Topology run() {
    scan_bus(0);
    Cursor memory{options_.memory.base.value, options_.memory.end()};
    Cursor prefetchable{options_.prefetchable.base.value, options_.prefetchable.end()};
    place_bus(0, memory, prefetchable);
    set_sizes();
    for (const Function& function : topology_.functions) enable(function);
    return std::move(topology_);
  }

 private:
  struct Cursor {
    uint64_t next = 0;
    uint64_t end = 0;

    uint64_t take(uint64_t bytes) {
      const uint64_t base = align_up(next, bytes);
      if (base + bytes > end) throw std::runtime_error("no room left for a BAR");
      next = base + bytes;
      return base;
    }
  };

  // ---- Who is there. Only bus 0 has more than one device: a link has one (7.3.1).

  void scan_bus(uint8_t bus) {
    const uint8_t devices = bus == 0 ? kDevicesOfBus0 : 1;
    for (uint8_t device = 0; device < devices; ++device) {
      const Bdf first{.bus = bus, .device = device};
      if (port_.config_read16(first, reg::kVendorId) == pcie::kNoVendor) continue;
      const uint8_t header = port_.config_read8(first, reg::kHeaderType);
      const uint8_t functions = (header & pcie::kHeaderMultiFunction) ? kFunctions : 1;
      for (uint8_t fn = 0; fn < functions; ++fn) {
        const Bdf bdf{.bus = bus, .device = device, .function = fn};
        if (fn && port_.config_read16(bdf, reg::kVendorId) == pcie::kNoVendor) continue;
        scan_function(bdf);
      }
    }
  }

  void scan_function(Bdf bdf) {
    const std::vector<uint8_t> image = port_.config_bytes(bdf);
    const ConfigView view(image);
    Function function{.bdf = bdf,
                      .vendor_id = view.u16(reg::kVendorId),
                      .device_id = view.u16(reg::kDeviceId),
                      .class_code = view.class_code(),
                      .capabilities = view.capabilities()};
    if (const auto cap = function.capability(CapId::Pcie)) {
      const uint32_t dev_cap = view.u32(static_cast<uint16_t>(*cap + pcie_cap::kDevCap));
      function.max_payload_bytes =
          static_cast<uint16_t>(pcie::size_bytes(dev_cap & pcie_cap::kSizeMask));
    }
    size_bars(function, view.is_bridge() ? kType1Bars : kType0Bars);
    const size_t place = topology_.functions.size();
    topology_.functions.push_back(std::move(function));
    if (view.is_bridge()) number_buses(place);
  }

  void number_buses(size_t place) {
    const Bdf bdf = topology_.functions[place].bdf;
    if (last_bus_ == 0xff) throw std::runtime_error("more than 256 buses");
    const uint8_t secondary = ++last_bus_;
    write_bus_numbers(bdf, secondary, 0xff);  // open while the far side is scanned
    scan_bus(secondary);
    write_bus_numbers(bdf, secondary, last_bus_);
    topology_.functions[place].bridge = Bridge{.secondary = secondary, .subordinate = last_bus_};
  }

  void write_bus_numbers(Bdf bdf, uint8_t secondary, uint8_t subordinate) {
    port_.config_write32(bdf, reg::kBusNumbers,
                         bdf.bus | uint32_t{secondary} << 8 | uint32_t{subordinate} << 16);
  }

  // ---- How large. Decoding is off meanwhile, so that no address is claimed (7.5.1.2.1).

  void size_bars(Function& function, uint8_t count) {
    const uint16_t enables = port_.config_read16(function.bdf, reg::kCommand);
    const auto off = static_cast<uint16_t>(enables & ~(command::kMemEnable | command::kIoEnable));
    port_.config_write16(function.bdf, reg::kCommand, off);
    for (uint8_t index = 0; index < count; ++index) {
      const auto bar = size_bar(function.bdf, index);
      if (!bar) continue;
      function.bars.push_back(*bar);
      index = static_cast<uint8_t>(index + bar->is_64bit);
    }
    port_.config_write16(function.bdf, reg::kCommand, enables);
  }

  std::optional<Bar> size_bar(Bdf bdf, uint8_t index) {
    const auto offset = static_cast<uint16_t>(reg::kBar0 + 4 * index);
    const uint32_t low = probe(bdf, offset);
    if (low == 0 || (low & pcie::bar::kIo)) return std::nullopt;  // nothing, or I/O: not placed
    const bool wide = (low & pcie::bar::kTypeMask) == pcie::bar::k64Bit;
    const uint32_t high = wide ? probe(bdf, static_cast<uint16_t>(offset + 4)) : ~uint32_t{0};
    const uint64_t bytes = ~(uint64_t{high} << 32 | (low & pcie::bar::kMemMask)) + 1;
    if (!std::has_single_bit(bytes)) {
      throw std::runtime_error(fmt::format("{} BAR{}: its size mask {:#x} is no power of two",
                                           pcie::to_text(bdf), index, ~(bytes - 1)));
    }
    return Bar{.index = index,
               .bytes = bytes,
               .is_64bit = wide,
               .prefetchable = (low & pcie::bar::kPrefetchable) != 0};
  }

  uint32_t probe(Bdf bdf, uint16_t offset) {
    port_.config_write32(bdf, offset, ~uint32_t{0});
    return port_.config_read32(bdf, offset);
  }

  // ---- Where. A 64-bit BAR that is not prefetchable must lie below 4 GiB, as its bridge's window.

  void place_bus(uint8_t bus, Cursor& memory, Cursor& prefetchable) {
    std::vector<std::pair<size_t, size_t>> bars;  // function, BAR; the largest first
    for (size_t f = 0; f < topology_.functions.size(); ++f) {
      if (topology_.functions[f].bdf.bus != bus) continue;
      for (size_t b = 0; b < topology_.functions[f].bars.size(); ++b) bars.emplace_back(f, b);
    }
    std::stable_sort(bars.begin(), bars.end(), [&](const auto& a, const auto& b) {
      return topology_.functions[a.first].bars[a.second].bytes >
             topology_.functions[b.first].bars[b.second].bytes;
    });
    for (const auto& [f, b] : bars) {
      Function& function = topology_.functions[f];
      place_bar(function, function.bars[b], memory, prefetchable);
    }
    for (size_t f = 0; f < topology_.functions.size(); ++f) {
      if (topology_.functions[f].bdf.bus == bus && topology_.functions[f].bridge) {
        open_windows(topology_.functions[f], memory, prefetchable);
      }
    }
  }

  void place_bar(const Function& function, Bar& bar, Cursor& memory, Cursor& prefetchable) {
    const bool high = bar.prefetchable && bar.is_64bit;
    bar.base = {(high ? prefetchable : memory).take(bar.bytes)};
    const auto offset = static_cast<uint16_t>(reg::kBar0 + 4 * bar.index);
    port_.config_write32(function.bdf, offset, static_cast<uint32_t>(bar.base.value));
    if (bar.is_64bit) {
      port_.config_write32(function.bdf, static_cast<uint16_t>(offset + 4),
                           static_cast<uint32_t>(bar.base.value >> 32));
    }
  }

  // Places what is behind a bridge and opens its windows round that; an unused window is closed by
  // a limit below its base (7.5.1.3.8).
  void open_windows(Function& function, Cursor& memory, Cursor& prefetchable) {
    Bridge& bridge = *function.bridge;
    memory.next = align_up(memory.next, kWindowStep);
    prefetchable.next = align_up(prefetchable.next, kWindowStep);
    bridge.memory.base = {memory.next};
    bridge.prefetchable.base = {prefetchable.next};
    place_bus(bridge.secondary, memory, prefetchable);
    memory.next = align_up(memory.next, kWindowStep);
    prefetchable.next = align_up(prefetchable.next, kWindowStep);
    bridge.memory.bytes = memory.next - bridge.memory.base.value;
    bridge.prefetchable.bytes = prefetchable.next - bridge.prefetchable.base.value;

    const uint64_t base = bridge.prefetchable.base.value;
    const uint64_t limit = bridge.prefetchable.end() - 1;
    const bool open = bridge.prefetchable.bytes != 0;
    port_.config_write32(function.bdf, reg::kMemWindow, window(bridge.memory));
    port_.config_write32(function.bdf, reg::kPrefWindow, window(bridge.prefetchable));
    port_.config_write32(function.bdf, reg::kPrefBaseUpper,
                         open ? static_cast<uint32_t>(base >> 32) : ~uint32_t{0});
    port_.config_write32(function.bdf, reg::kPrefLimitUpper,
                         open ? static_cast<uint32_t>(limit >> 32) : 0);
  }

  static uint32_t window(const AddressWindow& range) {
    if (range.bytes == 0) return 0x0000'fff0;
    const auto base = static_cast<uint32_t>(range.base.value >> 16 & 0xfff0);
    const auto limit = static_cast<uint32_t>((range.end() - 1) >> 16 & 0xfff0);
    return limit << 16 | base;
  }

  // ---- Sizes: one Max_Payload_Size for all, no larger than the smallest (7.5.3.4).

  void set_sizes() {
    uint16_t payload = options_.max_payload_bytes.value_or(pcie::kPageBytes);
    for (const Function& f : topology_.functions) {
      if (f.max_payload_bytes) payload = std::min(payload, f.max_payload_bytes);
    }
    for (Function& f : topology_.functions) {
      const auto cap = f.capability(CapId::Pcie);
      if (!cap) continue;
      const auto at = static_cast<uint16_t>(*cap + pcie_cap::kDevCtl);
      uint16_t control = port_.config_read16(f.bdf, at);
      control &= static_cast<uint16_t>(~(pcie_cap::kSizeMask << pcie_cap::kMaxPayloadLsb |
                                         pcie_cap::kSizeMask << pcie_cap::kMaxReadRequestLsb));
      control |= static_cast<uint16_t>(encode_size(payload) << pcie_cap::kMaxPayloadLsb |
                                       encode_size(options_.max_read_request_bytes)
                                           << pcie_cap::kMaxReadRequestLsb |
                                       pcie_cap::kCorrectableReport | pcie_cap::kNonFatalReport |
                                       pcie_cap::kFatalReport | pcie_cap::kUnsupportedReport);
      port_.config_write16(f.bdf, at, control);
      f.max_payload_bytes = payload;
    }
  }

  static unsigned encode_size(uint16_t bytes) {
    if (!std::has_single_bit(bytes) || bytes < 128 || bytes > 4096) {
      throw std::logic_error(fmt::format("{} bytes is no PCIe size", bytes));
    }
    return static_cast<unsigned>(std::countr_zero(bytes)) - 7;
  }

  void enable(const Function& function) {
    uint16_t bits = command::kMemEnable | command::kIntxDisable;
    if (function.bridge || options_.bus_master_enable) bits |= command::kBusMasterEnable;
    const uint16_t was = port_.config_read16(function.bdf, reg::kCommand);
    port_.config_write16(function.bdf, reg::kCommand, static_cast<uint16_t>(was | bits));
  }

  ConfigPort& port_;
  const EnumerationOptions& options_;
  Topology topology_;
  uint8_t last_bus_ = 0;
};

}  // namespace

Topology enumerate(ConfigPort& port, const EnumerationOptions& options) {
  return Enumerator(port, options).run();
}

}  // namespace cw::env
