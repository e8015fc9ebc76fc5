// SPDX-License-Identifier: Apache-2.0
#include "model/config_space.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace cw::model {
namespace {

// Status registers (7.5.1.1.4, 7.5.1.3.7), high byte.
constexpr uint8_t kMasterDataParity = 0x01;
constexpr uint8_t kSignaledTargetAbort = 0x08;
constexpr uint8_t kReceivedTargetAbort = 0x10;
constexpr uint8_t kReceivedMasterAbort = 0x20;
constexpr uint8_t kDetectedParity = 0x80;
constexpr uint16_t kStatusClearable = 0xb900;

// Device Status (7.5.3.5).
constexpr uint8_t kCorrectable = 0x01;
constexpr uint8_t kNonFatal = 0x02;
constexpr uint8_t kFatal = 0x04;
constexpr uint8_t kUnsupported = 0x08;

// Completion Timeout Value (7.5.3.16): each of four ranges has two settings, 0 is the default.
bool names_timeout_range(uint8_t value) {
  return value == 0 || (value >> 2 <= 3 && ((value & 3) == 1 || (value & 3) == 2));
}

// The bit of Advanced Error Reporting, if it has one.
std::optional<SeenError> seen_error(ErrorEvent event) {
  switch (event) {
    case ErrorEvent::Malformed:
      return SeenError{.error = Uncorrectable::Malformed};
    case ErrorEvent::UnsupportedTold:
      return SeenError{.error = Uncorrectable::Unsupported, .told = true};
    case ErrorEvent::UnsupportedPosted:
      return SeenError{.error = Uncorrectable::Unsupported};
    case ErrorEvent::CompleterAbort:
      return SeenError{.error = Uncorrectable::CompleterAbort};
    case ErrorEvent::Poisoned:
    case ErrorEvent::PoisonedCompletion:
      return SeenError{.error = Uncorrectable::Poisoned};
    case ErrorEvent::UnexpectedCompletion:
      return SeenError{.error = Uncorrectable::UnexpectedCompletion};
    case ErrorEvent::CompletionTimeout:
      return SeenError{.error = Uncorrectable::CompletionTimeout};
    case ErrorEvent::ReceivedUr:
    case ErrorEvent::ReceivedCa:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

ConfigSpace::ConfigSpace(const EndpointShape& shape)
    : role_(Role::Endpoint), extended_(shape.extended) {
  define_common_header(shape.vendor, shape.device, shape.class_code, shape.revision);
  define_bars(shape.bars);
  define(0x2c, 2, shape.subsystem_vendor);
  define(0x2e, 2, shape.subsystem);
  define(0x3c, 1, 0, 0xff);  // Interrupt Line; no pin
  define_pm(/*next=*/kMsix, /*forwards_pme=*/false);
  define_msix(shape);
  define_pcie();
}

ConfigSpace::ConfigSpace(const RootPortShape& shape) : role_(Role::RootPort) {
  define_common_header(shape.vendor, shape.device, /*class_code=*/0x060400, shape.revision);
  define(0x0e, 1, 0x01);         // Header Type
  define(0x18, 3, 0, 0xffffff);  // bus numbers
  define(0x1e, 2, 0, 0, kStatusClearable);
  define(0x20, 4, 0, 0xfff0fff0);  // memory window
  define(0x24, 4, 0x00010001, 0xfff0fff0);
  define(0x28, 4, 0, 0xffffffff);
  define(0x2c, 4, 0, 0xffffffff);
  define(0x3c, 1, 0, 0xff);
  define(0x3e, 2, 0, 0x0043);  // Bridge Control: parity, SERR, secondary bus reset
  define_pm(/*next=*/kPcie, /*forwards_pme=*/true);
  define_pcie();
}

void ConfigSpace::define(unsigned offset, unsigned width, uint32_t value, uint32_t writable,
                         uint32_t clearable) {
  for (unsigned i = 0; i < width; ++i) {
    bytes_[offset + i] = static_cast<uint8_t>(value >> 8 * i);
    writable_[offset + i] = static_cast<uint8_t>(writable >> 8 * i);
    clearable_[offset + i] = static_cast<uint8_t>(clearable >> 8 * i);
  }
}

void ConfigSpace::define_common_header(uint16_t vendor, uint16_t device, uint32_t class_code,
                                       uint8_t revision) {
  define(0x00, 2, vendor);
  define(0x02, 2, device);
  define(0x04, 2, 0, 0x0146);  // memory, bus master, parity, SERR
  define(0x06, 2, 0x0010, 0, role_ == Role::Endpoint ? kStatusClearable : 0);
  define(0x08, 1, revision);
  define(0x09, 3, class_code);
  define(0x0c, 1, 0, 0xff);  // Cache Line Size
  define(0x34, 1, kPm);
}

// 7.5.1.2.1: address bits above the size can be written, type bits are below.
void ConfigSpace::define_bars(const std::array<BarShape, 6>& bars) {
  for (unsigned i = 0; i < bars.size(); ++i) {
    const auto& [kind, size_log2] = bars[i];
    bar_kinds_[i] = kind;
    const uint64_t address = ~((uint64_t{1} << size_log2) - 1);
    const auto low = static_cast<uint32_t>(address);
    switch (kind) {
      case BarKind::Off:
        break;
      case BarKind::Mem32:
        define(0x10 + 4 * i, 4, 0x0, low);
        break;
      case BarKind::Io:
        define(0x10 + 4 * i, 4, 0x1, low);
        writable_[0x04] |= 0x01;  // I/O Space Enable
        break;
      case BarKind::Mem64:
      case BarKind::Mem64Prefetchable:
        if (i == 5) throw std::logic_error("a 64-bit BAR needs the next one");
        define(0x10 + 4 * i, 4, kind == BarKind::Mem64 ? 0x4 : 0xc, low);
        define(0x14 + 4 * i, 4, 0, static_cast<uint32_t>(address >> 32));
        ++i;
        break;
    }
  }
}

void ConfigSpace::define_pm(uint8_t next, bool forwards_pme) {
  define(kPm, 1, 0x01);
  define(kPm + 1, 1, next);
  // Version 3; a bridge forwards PME from D0, D3hot and D3cold.
  define(kPm + 2, 2, forwards_pme ? 0xc803 : 0x0003);
  // No_Soft_Reset; PowerState, and PME_En where PME exists.
  define(kPm + 4, 2, 0x0008, forwards_pme ? 0x0103 : 0x0003);
}

void ConfigSpace::define_msix(const EndpointShape& shape) {
  define(kMsix, 1, 0x11);
  define(kMsix + 1, 1, kPcie);
  define(kMsix + 2, 2, shape.msix_vectors - 1, 0xc000);
  define(kMsix + 4, 4, shape.msix_table);
  define(kMsix + 8, 4, shape.msix_pba);
}

void ConfigSpace::define_pcie() {
  const bool root = role_ == Role::RootPort;
  define(kPcie, 1, 0x10);
  define(kPcie + 1, 1, 0);
  define(kPcie + 2, 2, root ? 0x0042 : 0x0002);
  define(kPcie + 4, 4, 0x00008022);  // role-based errors, extended tags, 512-byte payloads
  define(kPcie + 8, 2, 0x2810, 0x79ff);
  define(kPcie + 10, 2, 0, 0, 0x000f);
  define(kPcie + 12, 4, root ? 0x00500011 : 0x00400011);  // 2.5 GT/s, x1
  define(kPcie + 16, 2, 0, root ? 0x00c0 : 0x00c8);
  define(kPcie + 18, 2, root ? 0x3011 : 0x1011);
  if (root) define(kPcie + 28, 2, 0, 0x000f);
  define(kPcie + 36, 4, 0x0000001f);  // completion timeout ranges A to D, and disable
  define(kPcie + 40, 2, 0, 0x001f);
  define(kPcie + 44, 4, 0x00000002);
  define(kPcie + 48, 2, 0x0001);
}

uint32_t ConfigSpace::word(unsigned offset, unsigned width) const {
  uint32_t value = 0;
  for (unsigned i = 0; i < width; ++i) value |= uint32_t{bytes_[offset + i]} << 8 * i;
  return value;
}

uint32_t ConfigSpace::read(unsigned offset) const {
  if (offset % 4 || offset >= kBytes) throw std::logic_error("not a dword of the space");
  if (extended_ && offset >= ConfigExtended::kFirst) return extended_->read(offset);
  return word(offset, 4);
}

void ConfigSpace::write(unsigned offset, uint32_t value, uint8_t byte_enables) {
  if (offset % 4 || offset >= kBytes) throw std::logic_error("not a dword of the space");
  if (extended_ && offset >= ConfigExtended::kFirst) {
    extended_->write(offset, value, byte_enables, memory_enabled());
    return;
  }
  for (unsigned i = 0; i < 4; ++i) {
    if (!(byte_enables >> i & 1)) continue;
    const unsigned at = offset + i;
    const auto written = static_cast<uint8_t>(value >> 8 * i);
    uint8_t next = (bytes_[at] & ~writable_[at]) | (written & writable_[at]);
    next &= ~(written & clearable_[at]);
    switch (at) {
      case kPm + 4:  // 5.3.1: D1 and D2 do not exist, the write is dropped
        if ((next & 3) == 1 || (next & 3) == 2) next = (next & ~3) | (bytes_[at] & 3);
        break;
      case kPcie + 8:  // Max_Payload_Size: at most what is supported
        if (next >> 5 > 2) next = (next & 0x1f) | 2 << 5;
        break;
      case kPcie + 9:  // Max_Read_Request_Size: 6 and 7 are reserved
        if ((next >> 4 & 7) > 5) next = (next & 0x8f) | 5 << 4;
        break;
      case kPcie + 40:
        if (!names_timeout_range(next & 0xf)) next = (next & 0xf0) | (bytes_[at] & 0xf);
        break;
      default:
        break;
    }
    bytes_[at] = next;
  }
}

void ConfigSpace::record(ErrorEvent event) {
  if (const auto seen = seen_error(event); seen && extended_) extended_->report({*seen}, {});
  // A bridge logs what happens below it in Secondary Status.
  const bool root = role_ == Role::RootPort;
  const unsigned status = root ? 0x1f : 0x07;
  const bool parity_response = root ? bytes_[0x3e] & 1 : bytes_[0x04] & 0x40;
  const unsigned device_status = kPcie + 10;
  switch (event) {
    case ErrorEvent::Malformed:
      set_bits(device_status, kFatal);
      break;
    case ErrorEvent::UnsupportedTold:
      set_bits(device_status, kUnsupported | kCorrectable);
      break;
    case ErrorEvent::UnsupportedPosted:
      set_bits(device_status, kUnsupported | kNonFatal);
      break;
    case ErrorEvent::CompleterAbort:
      set_bits(device_status, kCorrectable);
      set_bits(status, kSignaledTargetAbort);
      break;
    case ErrorEvent::PoisonedCompletion:
      if (parity_response) set_bits(status, kMasterDataParity);
      [[fallthrough]];
    case ErrorEvent::Poisoned:
      set_bits(device_status, kNonFatal);
      set_bits(status, kDetectedParity);
      break;
    case ErrorEvent::UnexpectedCompletion:
      set_bits(device_status, kCorrectable);
      break;
    case ErrorEvent::CompletionTimeout:
      set_bits(device_status, kNonFatal);
      break;
    case ErrorEvent::ReceivedUr:
      set_bits(status, kReceivedMasterAbort);
      break;
    case ErrorEvent::ReceivedCa:
      set_bits(status, kReceivedTargetAbort);
      break;
  }
}

uint64_t ConfigSpace::bar_base(unsigned index) const {
  const uint64_t low = word(0x10 + 4 * index, 4);
  switch (bar_kinds_.at(index)) {
    case BarKind::Off:
      return 0;
    case BarKind::Io:
      return low & ~uint64_t{0x3};
    case BarKind::Mem32:
      return low & ~uint64_t{0xf};
    default:
      return uint64_t{word(0x14 + 4 * index, 4)} << 32 | (low & ~uint64_t{0xf});
  }
}

Window ConfigSpace::memory_window() const {
  return {.base = uint64_t{word(0x20, 2) & 0xfff0} << 16,
          .limit = uint64_t{word(0x22, 2) & 0xfff0} << 16 | 0xf'ffff};
}

Window ConfigSpace::prefetchable_window() const {
  return {
      .base = uint64_t{word(0x28, 4)} << 32 | uint64_t{word(0x24, 2) & 0xfff0} << 16,
      .limit = uint64_t{word(0x2c, 4)} << 32 | uint64_t{word(0x26, 2) & 0xfff0} << 16 | 0xf'ffff};
}

std::string lspci_text(const std::string& slot, const std::string& title,
                       const std::vector<uint32_t>& dwords) {
  std::string text = fmt::format("{} {}", slot, title);
  for (unsigned offset = 0; offset < dwords.size() * 4; ++offset) {
    if (offset % 16 == 0) text += fmt::format("\n{:02x}:", offset);
    text += fmt::format(" {:02x}", dwords[offset / 4] >> offset % 4 * 8 & 0xff);
  }
  return text + "\n\n";
}

}  // namespace cw::model
