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
constexpr uint64_t kWindowStep = 1 << 20;    // bridges decode 1 MiB and more (7.5.1.3.6),
constexpr uint64_t kIoWindowStep = 1 << 12;  // of I/O 4 KiB and more

uint64_t align_up(uint64_t value, uint64_t step) { return (value + step - 1) / step * step; }

class Enumerator {
 public:
  Enumerator(ConfigPort& port, const EnumerationOptions& options)
      : port_(port), options_(options) {}

  Topology run() {
    scan_bus(0);
    Cursors all{.memory = cursor(options_.memory),
                .prefetchable = cursor(options_.prefetchable),
                .io = cursor(options_.io)};
    place_bus(0, all);
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
    bool open() const { return next < end; }
  };
  struct Cursors {
    Cursor memory, prefetchable, io;
  };

  static Cursor cursor(const AddressWindow& window) { return {window.base.value, window.end()}; }

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
      function.extended_tags = (dev_cap & pcie_cap::kExtTagSupported) != 0;
    }
    size_bars(function, view.is_bridge() ? kType1Bars : kType0Bars);
    size_rom(function, view.is_bridge() ? reg::kRomBarBridge : reg::kRomBar);
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
    if (low == 0) return std::nullopt;
    if (low & pcie::bar::kIo) return size_io_bar(bdf, index, low);
    const bool wide = (low & pcie::bar::kTypeMask) == pcie::bar::k64Bit;
    const uint32_t high = wide ? probe(bdf, static_cast<uint16_t>(offset + 4)) : ~uint32_t{0};
    const uint64_t bytes = ~(uint64_t{high} << 32 | (low & pcie::bar::kMemMask)) + 1;
    check_size(bdf, fmt::format("BAR{}", index), bytes);
    return Bar{.index = index,
               .bytes = bytes,
               .is_64bit = wide,
               .prefetchable = (low & pcie::bar::kPrefetchable) != 0};
  }

  // The upper half of an I/O BAR may be hard-wired to zero.
  static Bar size_io_bar(Bdf bdf, uint8_t index, uint32_t low) {
    const uint32_t mask = low & pcie::bar::kIoMask;
    const uint32_t bytes = ~(mask | (mask >> 16 ? 0 : 0xffff'0000)) + 1;
    check_size(bdf, fmt::format("BAR{}", index), bytes);
    return {.index = index, .bytes = bytes, .is_io = true};
  }

  // 7.5.1.2.4: the enable is bit 0, and stays off.
  void size_rom(Function& function, uint16_t offset) {
    port_.config_write32(function.bdf, offset, pcie::bar::kRomMask);
    const uint32_t mask = port_.config_read32(function.bdf, offset) & pcie::bar::kRomMask;
    if (mask == 0) return;
    const uint32_t bytes = ~mask + 1;
    check_size(function.bdf, "ROM", bytes);
    function.rom = Bar{.bytes = bytes};
  }

  static void check_size(Bdf bdf, const std::string& what, uint64_t bytes) {
    if (std::has_single_bit(bytes)) return;
    throw std::runtime_error(fmt::format("{} {}: its size mask {:#x} is no power of two",
                                         pcie::to_text(bdf), what, ~(bytes - 1)));
  }

  uint32_t probe(Bdf bdf, uint16_t offset) {
    port_.config_write32(bdf, offset, ~uint32_t{0});
    return port_.config_read32(bdf, offset);
  }

  // ---- Where. A 64-bit BAR that is not prefetchable must lie below 4 GiB, as its bridge's window.

  void place_bus(uint8_t bus, Cursors& from) {
    std::vector<std::pair<size_t, Bar*>> bars;  // with their functions; the largest first
    for (size_t f = 0; f < topology_.functions.size(); ++f) {
      Function& function = topology_.functions[f];
      if (function.bdf.bus != bus) continue;
      for (Bar& bar : function.bars) bars.emplace_back(f, &bar);
      if (function.rom) bars.emplace_back(f, &*function.rom);
    }
    std::stable_sort(bars.begin(), bars.end(), [](const auto& a, const auto& b) {
      return a.second->bytes > b.second->bytes;
    });
    for (const auto& [f, bar] : bars) place_bar(topology_.functions[f], *bar, from);
    for (size_t f = 0; f < topology_.functions.size(); ++f) {
      if (topology_.functions[f].bdf.bus == bus && topology_.functions[f].bridge) {
        open_windows(topology_.functions[f], from);
      }
    }
  }

  void place_bar(const Function& function, Bar& bar, Cursors& from) {
    if (bar.is_io && !from.io.open()) {  // no way there: it keeps the address after reset, and off
      bar.placed = false;
      port_.config_write32(function.bdf, register_of(function, bar), 0);
      return;
    }
    Cursor& space = bar.is_io                          ? from.io
                    : bar.prefetchable && bar.is_64bit ? from.prefetchable
                                                       : from.memory;
    bar.base = {space.take(bar.bytes)};
    const uint16_t offset = register_of(function, bar);
    port_.config_write32(function.bdf, offset, static_cast<uint32_t>(bar.base.value));
    if (bar.is_64bit) {
      port_.config_write32(function.bdf, static_cast<uint16_t>(offset + 4),
                           static_cast<uint32_t>(bar.base.value >> 32));
    }
  }

  static uint16_t register_of(const Function& function, const Bar& bar) {
    if (function.rom && &bar == &*function.rom) {
      return function.bridge ? reg::kRomBarBridge : reg::kRomBar;
    }
    return static_cast<uint16_t>(reg::kBar0 + 4 * bar.index);
  }

  // Places what is behind a bridge and opens its windows round that; an unused window is closed by
  // a limit below its base (7.5.1.3.8).
  void open_windows(Function& function, Cursors& from) {
    Bridge& bridge = *function.bridge;
    Cursors below = from;
    if (!has_io_window(function.bdf)) below.io.end = below.io.next;
    start_windows(below);
    const Cursors start = below;
    place_bus(bridge.secondary, below);
    const Cursors used = below;
    start_windows(below);
    const auto span = [](const Cursor& first, const Cursor& last) {
      return AddressWindow{.base = {first.next}, .bytes = last.next - first.next};
    };
    bridge.memory = span(start.memory, below.memory);
    bridge.prefetchable = span(start.prefetchable, below.prefetchable);
    from.memory = below.memory;
    from.prefetchable = below.prefetchable;
    if (used.io.next != start.io.next) {
      bridge.io = span(start.io, below.io);
      from.io.next = below.io.next;
    }

    const uint64_t base = bridge.prefetchable.base.value;
    const uint64_t limit = bridge.prefetchable.end() - 1;
    const bool open = bridge.prefetchable.bytes != 0;
    port_.config_write16(function.bdf, reg::kIoWindow, io_window(bridge.io));
    port_.config_write32(function.bdf, reg::kMemWindow, window(bridge.memory));
    port_.config_write32(function.bdf, reg::kPrefWindow, window(bridge.prefetchable));
    port_.config_write32(function.bdf, reg::kPrefBaseUpper,
                         open ? static_cast<uint32_t>(base >> 32) : ~uint32_t{0});
    port_.config_write32(function.bdf, reg::kPrefLimitUpper,
                         open ? static_cast<uint32_t>(limit >> 32) : 0);
  }

  static void start_windows(Cursors& all) {
    all.memory.next = align_up(all.memory.next, kWindowStep);
    all.prefetchable.next = align_up(all.prefetchable.next, kWindowStep);
    if (all.io.open()) all.io.next = align_up(all.io.next, kIoWindowStep);
  }

  // 7.5.1.3.6: a bridge without an I/O window has base and limit hard-wired to zero.
  bool has_io_window(Bdf bdf) {
    port_.config_write16(bdf, reg::kIoWindow, 0x00f0);  // closed
    return (port_.config_read16(bdf, reg::kIoWindow) & 0x00f0) != 0;
  }

  static uint16_t io_window(const AddressWindow& range) {
    if (range.bytes == 0) return 0x00f0;
    const auto base = static_cast<uint16_t>(range.base.value >> 8 & 0xf0);
    const auto limit = static_cast<uint16_t>((range.end() - 1) >> 8 & 0xf0);
    return static_cast<uint16_t>(limit << 8 | base);
  }

  static uint32_t window(const AddressWindow& range) {
    if (range.bytes == 0) return 0x0000'fff0;
    const auto base = static_cast<uint32_t>(range.base.value >> 16 & 0xfff0);
    const auto limit = static_cast<uint32_t>((range.end() - 1) >> 16 & 0xfff0);
    return limit << 16 | base;
  }

  // ---- Sizes: one Max_Payload_Size for all, no larger than the smallest; tags of eight bits where
  // a function has them (7.5.3.4).

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
      if (f.extended_tags) control |= pcie_cap::kExtTagEnable;
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
    const auto uses_io = [](const Bar& bar) { return bar.is_io && bar.placed; };
    const bool io = std::any_of(function.bars.begin(), function.bars.end(), uses_io) ||
                    (function.bridge && function.bridge->io.bytes != 0);
    if (io) bits |= command::kIoEnable;
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
