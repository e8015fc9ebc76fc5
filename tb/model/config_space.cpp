// SPDX-License-Identifier: Apache-2.0
#include "model/config_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

namespace cw::model {
namespace {

// Status and Secondary Status (7.5.1.1.4, 7.5.1.3.7).
constexpr uint16_t kMasterDataParity = 1 << 8;
constexpr uint16_t kSignaledTargetAbort = 1 << 11;
constexpr uint16_t kReceivedTargetAbort = 1 << 12;
constexpr uint16_t kReceivedMasterAbort = 1 << 13;
constexpr uint16_t kSignaledSystemError = 1 << 14;
constexpr uint16_t kDetectedParity = 1 << 15;
constexpr uint16_t kErrorBits = kMasterDataParity | kSignaledTargetAbort | kReceivedTargetAbort |
                                kReceivedMasterAbort | kDetectedParity;
constexpr uint16_t kInterruptStatus = 1 << 3;

// Command (7.5.1.1.3).
constexpr uint16_t kIoEnable = 1 << 0, kMemoryEnable = 1 << 1, kBusMasterEnable = 1 << 2,
                   kParityResponse = 1 << 6, kSerrEnable = 1 << 8, kInterruptDisable = 1 << 10;
constexpr uint16_t kCommandOfAll = kMemoryEnable | kBusMasterEnable | kParityResponse | kSerrEnable;

// Device Status (7.5.3.5).
constexpr uint8_t kCorrectable = 0x01;
constexpr uint8_t kNonFatal = 0x02;
constexpr uint8_t kFatal = 0x04;
constexpr uint8_t kUnsupported = 0x08;
constexpr uint8_t kTransactionsPending = 0x20;

// Power Management Control/Status (7.5.2.2).
constexpr uint32_t kPowerState = 3, kPmeEnable = 1 << 8, kPmeStatus = 1 << 15;

// Completion Timeout Value (7.5.3.16): each of four ranges has two settings, 0 is the default.
bool names_timeout_range(uint32_t value) {
  return value == 0 || (value >> 2 <= 3 && ((value & 3) == 1 || (value & 3) == 2));
}

// Bits of Device Status; those of Device Control that allow a message are in the same order.
uint8_t status_bits(const ErrorClasses& classes) {
  return static_cast<uint8_t>((classes.correctable ? kCorrectable : 0) |
                              (classes.non_fatal ? kNonFatal : 0) | (classes.fatal ? kFatal : 0) |
                              (classes.unsupported ? kUnsupported : 0));
}

// Address bits of a BAR that software writes: those above its size (7.5.1.2.1).
uint64_t address_mask(unsigned size_log2) { return ~((uint64_t{1} << size_log2) - 1); }

bool is_64bit(BarKind kind) { return kind == BarKind::Mem64 || kind == BarKind::Mem64Prefetchable; }

}  // namespace

std::optional<SeenError> seen_error(ErrorEvent event) {
  switch (event) {
    case ErrorEvent::Malformed:
      return SeenError{.error = Uncorrectable::Malformed};
    case ErrorEvent::UnsupportedTold:
      return SeenError{.error = Uncorrectable::Unsupported, .told = true};
    case ErrorEvent::UnsupportedPosted:
      return SeenError{.error = Uncorrectable::Unsupported};
    case ErrorEvent::CompleterAbort:
      return SeenError{.error = Uncorrectable::CompleterAbort, .told = true};
    case ErrorEvent::CompleterAbortPosted:
      return SeenError{.error = Uncorrectable::CompleterAbort};
    case ErrorEvent::Poisoned:
    case ErrorEvent::PoisonedCompletion:
      return SeenError{.error = Uncorrectable::Poisoned};
    case ErrorEvent::UnexpectedCompletion:
      return SeenError{.error = Uncorrectable::UnexpectedCompletion};
    case ErrorEvent::CompletionTimeout:
      return SeenError{.error = Uncorrectable::CompletionTimeout};
    case ErrorEvent::Ecrc:
      return SeenError{.error = Uncorrectable::Ecrc};
    case ErrorEvent::ReceiverOverflow:
      return SeenError{.error = Uncorrectable::Overflow};
    case ErrorEvent::Internal:
      return SeenError{.error = Uncorrectable::Internal};
    case ErrorEvent::ReceivedUr:
    case ErrorEvent::ReceivedCa:
      return std::nullopt;
  }
  return std::nullopt;
}

ConfigSpace::ConfigSpace(const EndpointShape& shape)
    : role_(Role::Endpoint),
      extended_(shape.extended),
      bars_(shape.bars),
      has_msix_(shape.msix_vectors != 0),
      msi_vectors_(shape.msi_vectors) {
  define_common_header(shape.vendor, shape.device, shape.class_code, shape.revision);
  registers_.define(0x0e, 1, {.value = shape.extended.functions > 1 ? 0x80u : 0});
  define_bars();
  uint32_t command = kCommandOfAll;
  const auto is_io = [](const BarShape& bar) { return bar.kind == BarKind::Io; };
  if (std::ranges::any_of(shape.bars, is_io)) command |= kIoEnable;
  if (shape.intx_pin) command |= kInterruptDisable;
  registers_.define(0x04, 2, {.writable = command});
  registers_.define(0x2c, 2, {.value = shape.subsystem_vendor});
  registers_.define(0x2e, 2, {.value = shape.subsystem});
  if (shape.rom_log2) define_rom(shape.rom_log2);
  registers_.define(0x3c, 2, {.value = uint32_t{shape.intx_pin} << 8, .writable = 0xff});
  if (!shape.vpd.name.empty()) vpd_ = vpd_image(shape.vpd);
  // The list goes up in addresses, without what is absent.
  const uint8_t vpd = vpd_.empty() ? 0 : kVpd;
  const uint8_t msi = msi_vectors_ ? kMsi : vpd;
  define_pm(/*next=*/has_msix_ ? kMsix : kPcie);
  if (has_msix_) define_msix(shape);
  define_pcie(msi, /*card=*/shape.extended.function == 0);
  if (msi_vectors_) define_msi(msi_vectors_, vpd);
  if (!vpd_.empty()) define_vpd();
  for (unsigned i = 0; i < bars_.size(); ++i) resizable_[i] = shape.extended.resizable_log2[i] != 0;
  resize_bars();
}

ConfigSpace::ConfigSpace(const RootPortShape& shape) : role_(Role::RootPort) {
  define_common_header(shape.vendor, shape.device, /*class_code=*/0x060400, shape.revision);
  const uint32_t io_enable = shape.io_window ? kIoEnable : 0;
  registers_.define(0x04, 2, {.writable = kCommandOfAll | io_enable});
  if (shape.io_window) registers_.define(0x1c, 2, {.writable = 0xf0f0});
  registers_.define(0x0e, 1, {.value = 0x01});            // Header Type
  registers_.define(0x18, 3, {.writable = 0xffffff});     // bus numbers
  registers_.define(0x1e, 2, {.clearable = kErrorBits});  // Secondary Status
  registers_.define(0x20, 4, {.writable = 0xfff0fff0});   // memory window
  registers_.define(0x24, 4, {.value = 0x00010001, .writable = 0xfff0fff0});
  registers_.define(0x28, 4, {.writable = 0xffffffff});
  registers_.define(0x2c, 4, {.writable = 0xffffffff});
  registers_.define(0x3c, 1, {.writable = 0xff});
  registers_.define(0x3e, 2, {.writable = 0x0043});  // parity, SERR, secondary bus reset
  define_pm(/*next=*/kPcie);
  define_pcie(/*next=*/0, /*card=*/false);
  // 7.7.8, 6.12.1.1: source validation, translation blocking, upstream forwarding
  registers_.define(kRootAcs, 4, {.value = 0x0001000d});
  registers_.define(kRootAcs + 4, 2, {.value = 0x0013});
  registers_.define(kRootAcs + 6, 2, {.writable = 0x0013});
}

void ConfigSpace::define_common_header(uint16_t vendor, uint16_t device, uint32_t class_code,
                                       uint8_t revision) {
  const bool endpoint = role_ == Role::Endpoint;
  registers_.define(0x00, 2, {.value = vendor});
  registers_.define(0x02, 2, {.value = device});
  registers_.define(
      0x06, 2,
      {.value = 0x0010,
       .clearable = endpoint ? uint32_t{kErrorBits} | uint32_t{kSignaledSystemError} : 0});
  registers_.define(0x08, 1, {.value = revision});
  registers_.define(0x09, 3, {.value = class_code});
  registers_.define(0x0c, 1, {.writable = 0xff});  // Cache Line Size
  registers_.define(0x34, 1, {.value = kPm});
}

// 7.5.1.2.1: address bits above the size can be written, type bits are below.
void ConfigSpace::define_bars() {
  for (unsigned i = 0; i < bars_.size(); ++i) {
    const auto& [kind, size_log2] = bars_[i];
    const unsigned offset = 0x10 + 4 * i;
    const uint64_t mask = address_mask(size_log2);
    const auto low = static_cast<uint32_t>(mask);
    switch (kind) {
      case BarKind::Off:
        break;
      case BarKind::Mem32:
        registers_.define(offset, 4, {.writable = low});
        break;
      case BarKind::Io:
        registers_.define(offset, 4, {.value = 0x1, .writable = low});
        break;
      case BarKind::Mem64:
      case BarKind::Mem64Prefetchable:
        if (i == 5) throw std::logic_error("a 64-bit BAR needs the next one");
        registers_.define(offset, 4,
                          {.value = kind == BarKind::Mem64 ? 0x4u : 0xcu, .writable = low});
        registers_.define(offset + 4, 4, {.writable = static_cast<uint32_t>(mask >> 32)});
        ++i;
        break;
    }
  }
}

// 7.5.1.2.4: address bits from 11 up, and the enable.
void ConfigSpace::define_rom(unsigned size_log2) {
  registers_.define(0x30, 4, {.writable = static_cast<uint32_t>(address_mask(size_log2)) | 0x1});
}

void ConfigSpace::define_pm(uint8_t next) {
  const bool bridge = role_ == Role::RootPort;
  registers_.define(kPm, 1, {.value = 0x01});
  registers_.define(kPm + 1, 1, {.value = next});
  // Version 3; PME from D0 and D3hot, of a bridge from D3cold as well.
  registers_.define(kPm + 2, 2, {.value = bridge ? 0xc803u : 0x4803u});
  // No_Soft_Reset. PME_Status is sticky, PME_En only with PME from D3cold.
  registers_.define(kPm + 4, 2,
                    {.value = 0x0008,
                     .writable = kPowerState | kPmeEnable,
                     .clearable = kPmeStatus,
                     .sticky = kPmeStatus | (bridge ? kPmeEnable : 0)});
}

void ConfigSpace::define_msix(const EndpointShape& shape) {
  registers_.define(kMsix, 1, {.value = 0x11});
  registers_.define(kMsix + 1, 1, {.value = kPcie});
  registers_.define(kMsix + 2, 2, {.value = shape.msix_vectors - 1, .writable = 0xc000});
  registers_.define(kMsix + 4, 4, {.value = shape.msix_table});
  registers_.define(kMsix + 8, 4, {.value = shape.msix_pba});
}

void ConfigSpace::define_pcie(uint8_t next, bool card) {
  const bool root = role_ == Role::RootPort;
  registers_.define(kPcie, 1, {.value = 0x10});
  registers_.define(kPcie + 1, 1, {.value = next});
  registers_.define(kPcie + 2, 2, {.value = root ? 0x0042u : 0x0002u});
  // Role-based errors, extended tags, 512-byte payloads; an endpoint has function-level reset.
  // The slot power limit that was captured belongs to the link.
  registers_.define(kPcie + 4, 4,
                    {.value = root ? 0x00008022u : 0x10008022u, .of_link = root ? 0 : 0x0ffc0000u});
  registers_.define(kPcie + 8, 2, {.value = 0x2810, .writable = 0x79ff, .of_link = 0x00e0});
  registers_.define(kPcie + 10, 2, {.clearable = 0x000f});
  registers_.define(kPcie + 12, 4, {.value = root ? 0x00500011u : 0x00400011u});  // 2.5 GT/s, x1
  registers_.define(kPcie + 16, 2,
                    {.writable = root ? 0x00c0u : 0x00c8u, .of_link = root ? 0x00c0u : 0x00c8u});
  registers_.define(kPcie + 18, 2, {.value = root ? 0x3011u : 0x1011u});
  if (root) {  // Root Control, and Root Capabilities: RRS Software Visibility
    registers_.define(kPcie + 28, 2, {.writable = 0x001f});
    registers_.define(kPcie + 30, 2, {.value = 0x0001});
  }
  // Completion timeout ranges A to D, and disable. An endpoint besides: LTR, 10-bit tags completed
  // and requested, one end-end prefix; the card AtomicOps of 32, 64 and 128 bits completed.
  const uint32_t atomics = card ? 0x0380 : 0;
  registers_.define(kPcie + 36, 4, {.value = root ? 0x0000001fu : 0x0073081fu | atomics});
  const uint32_t ltr_enable = card ? 0x0400 : 0;
  registers_.define(kPcie + 40, 2, {.writable = root ? 0x001f : 0x131f | ltr_enable});
  registers_.define(kPcie + 44, 4, {.value = 0x00000002});
  registers_.define(kPcie + 48, 2, {.value = 0x0001});
}

void ConfigSpace::define_msi(unsigned vectors, uint8_t next) {
  const auto capable = static_cast<uint32_t>(std::countr_zero(vectors));
  registers_.define(kMsi, 1, {.value = 0x05});
  registers_.define(kMsi + 1, 1, {.value = next});
  // 64-bit address, per-vector masking; software sets enable and Multiple Message Enable.
  registers_.define(kMsi + 2, 2, {.value = 0x0180 | capable << 1, .writable = 0x0071});
  registers_.define(kMsi + 4, 4, {.writable = 0xfffffffc});
  registers_.define(kMsi + 8, 4, {.writable = 0xffffffff});
  registers_.define(kMsi + 12, 2, {.writable = 0xffff});
  registers_.define(
      kMsi + 16, 4,
      {.writable = static_cast<uint32_t>((uint64_t{1} << vectors) - 1)});  // mask bits
}

void ConfigSpace::define_vpd() {
  registers_.define(kVpd, 1, {.value = 0x03});
  registers_.define(kVpd + 2, 2, {.writable = 0xffff});
  registers_.define(kVpd + 4, 4, {.writable = 0xffffffff});
}

uint32_t ConfigSpace::read(unsigned offset) const {
  if (offset % 4 || offset >= kBytes) throw std::logic_error("not a dword of the space");
  if (extended_ && offset >= ConfigExtended::kFirst) return extended_->read(offset);
  uint32_t value = registers_.word(offset, 4);
  if (role_ == Role::RootPort) return value;
  if (offset == 0x04 && intx_pending_ && registers_.byte(0x3d) != 0) {
    value |= uint32_t{kInterruptStatus} << 16;
  }
  if (offset == kPcie + 8 && transactions_pending_) value |= uint32_t{kTransactionsPending} << 16;
  if (offset == kMsi + 20 && msi_vectors_) {
    value = msi_pending_ & static_cast<uint32_t>((uint64_t{1} << msi_vectors_) - 1);
  }
  return value;
}

void ConfigSpace::write(unsigned offset, uint32_t value, uint8_t byte_enables) {
  if (offset % 4 || offset >= kBytes) throw std::logic_error("not a dword of the space");
  if (extended_ && offset >= ConfigExtended::kFirst) {
    extended_->write(offset, value, byte_enables, memory_enabled());
    resize_bars();
    return;
  }
  const uint32_t old = registers_.word(offset, 4);
  registers_.write(offset, value, byte_enables);
  if (offset == kPm + 4) write_power_state(old);
  if (offset == kPcie + 8) write_device_control(value, byte_enables);
  if (offset == kPcie + 40) write_device_control2(old);
  if (offset == kMsi && msi_vectors_) write_msi_control();
  if (offset == kVpd && !vpd_.empty()) transfer_vpd(byte_enables);
}

// 5.3.1: D1 and D2 do not exist, the write is dropped.
void ConfigSpace::write_power_state(uint32_t old) {
  const uint32_t state = registers_.byte(kPm + 4) & kPowerState;
  if (state != 1 && state != 2) return;
  registers_.clear(kPm + 4, 1, kPowerState);
  registers_.set(kPm + 4, 1, old & kPowerState);
}

// 7.5.3.4: Max_Payload_Size is at most what is supported, Max_Read_Request_Size 6 and 7 are
// reserved; Initiate Function Level Reset reads as zero.
void ConfigSpace::write_device_control(uint32_t value, uint8_t byte_enables) {
  uint32_t control = registers_.word(kPcie + 8, 2);
  if ((control >> 5 & 7) > 2) control = (control & ~0x00e0u) | 2 << 5;
  if ((control >> 12 & 7) > 5) control = (control & ~0x7000u) | 5 << 12;
  registers_.put(kPcie + 8, 2, control);
  if (role_ == Role::Endpoint && (byte_enables & 2) && (value & 0x8000)) {
    function_reset_asked_ = true;
  }
}

void ConfigSpace::write_device_control2(uint32_t old) {
  if (names_timeout_range(registers_.byte(kPcie + 40) & 0xf)) return;
  registers_.clear(kPcie + 40, 1, 0xf);
  registers_.set(kPcie + 40, 1, old & 0xf);
}

// 7.7.1.2: no more messages are enabled than the function is capable of.
void ConfigSpace::write_msi_control() {
  const uint32_t control = registers_.word(kMsi + 2, 2);
  const uint32_t capable = control >> 1 & 7;
  const uint32_t enable = std::min(control >> 4 & 7, capable);
  registers_.put(kMsi + 2, 2, (control & ~0x0070u) | enable << 4);
}

// 7.9.18: the byte with the flag starts a transfer. A read (zero) ends with the flag set, a write
// (one) with the flag cleared; the image is read-only, and zero behind its end.
void ConfigSpace::transfer_vpd(uint8_t byte_enables) {
  if (!(byte_enables & 8)) return;
  const uint32_t control = registers_.word(kVpd + 2, 2);
  const bool read = !(control & 0x8000);
  registers_.put(kVpd + 2, 2, control ^ 0x8000);
  if (!read) return;
  const uint32_t address = control & 0x7ffc;
  for (uint32_t i = 0; i < 4; ++i) {
    registers_.put(kVpd + 4 + i, 1, address + i < vpd_.size() ? vpd_[address + i] : 0);
  }
}

void ConfigSpace::reset(ResetKind kind) {
  registers_.reset(kind);
  if (extended_) extended_->reset(/*cold=*/kind == ResetKind::Cold);
  resize_bars();
  function_reset_asked_ = false;
}

// 7.5.1.1.4, 7.5.1.3.7: a bridge logs what happens below it in Secondary Status.
void ConfigSpace::record_in_status(ErrorEvent event) {
  const bool root = role_ == Role::RootPort;
  const unsigned status = root ? 0x1e : 0x06;
  const bool parity_response =
      root ? registers_.byte(0x3e) & 1 : (command() & kParityResponse) != 0;
  switch (event) {
    case ErrorEvent::CompleterAbort:
    case ErrorEvent::CompleterAbortPosted:
      registers_.set(status, 2, kSignaledTargetAbort);
      break;
    case ErrorEvent::PoisonedCompletion:
      if (parity_response) registers_.set(status, 2, kMasterDataParity);
      [[fallthrough]];
    case ErrorEvent::Poisoned:
      registers_.set(status, 2, kDetectedParity);
      break;
    case ErrorEvent::ReceivedUr:
      registers_.set(status, 2, kReceivedMasterAbort);
      break;
    case ErrorEvent::ReceivedCa:
      registers_.set(status, 2, kReceivedTargetAbort);
      break;
    default:
      break;
  }
}

void ConfigSpace::record(ErrorEvent event) {
  record_in_status(event);
  const auto seen = seen_error(event);
  if (!seen) return;
  // Without Advanced Error Reporting the severities are those after reset, and nothing is masked.
  const ReportEnables enables = report_enables();
  const Reported reported =
      extended_ ? extended_->report({*seen}, enables) : Aer().report({*seen}, enables);
  registers_.set(kPcie + 10, 1, status_bits(reported.detected));
  // 7.5.1.1.4: Signaled System Error, where SERR# Enable lets the message be one.
  const bool grave = reported.messages.fatal || reported.messages.non_fatal;
  if (extended_ && grave && enables.serr) registers_.set(0x06, 2, kSignaledSystemError);
}

ReportEnables ConfigSpace::report_enables() const {
  const uint32_t control = device_control();
  return {.serr = (command() & kSerrEnable) != 0,
          .unsupported = (control & kUnsupported) != 0,
          .fatal = (control & kFatal) != 0,
          .non_fatal = (control & kNonFatal) != 0,
          .correctable = (control & kCorrectable) != 0};
}

void ConfigSpace::wake() { registers_.set(kPm + 4, 2, kPmeStatus); }

void ConfigSpace::slot_power(uint8_t value, uint8_t scale) {
  const uint32_t kept = registers_.word(kPcie + 4, 4) & ~0x0ffc0000u;
  registers_.put(kPcie + 4, 4, kept | uint32_t{value} << 18 | uint32_t{scale} << 26);
}

// 7.8.6: a BAR has the size that software chose; address bits that are inside it after it has grown
// are zero.
void ConfigSpace::resize_bars() {
  for (unsigned i = 0; i < bars_.size(); ++i) {
    if (!resizable_[i]) continue;
    const uint64_t mask = address_mask(extended_->resizable_bar_log2(i));
    const unsigned offset = 0x10 + 4 * i;
    const auto low = static_cast<uint32_t>(mask), high = static_cast<uint32_t>(mask >> 32);
    registers_.make_writable(offset, 4, low);
    registers_.clear(offset, 4, ~low & ~uint32_t{0xf});
    if (!is_64bit(bars_[i].kind)) continue;
    registers_.make_writable(offset + 4, 4, high);
    registers_.clear(offset + 4, 4, ~high);
  }
}

uint64_t ConfigSpace::bar_base(unsigned index) const {
  const uint64_t low = registers_.word(0x10 + 4 * index, 4);
  switch (bars_.at(index).kind) {
    case BarKind::Off:
      return 0;
    case BarKind::Io:
      return low & ~uint64_t{0x3};
    case BarKind::Mem32:
      return low & ~uint64_t{0xf};
    default:
      return uint64_t{registers_.word(0x14 + 4 * index, 4)} << 32 | (low & ~uint64_t{0xf});
  }
}

MsiSetting ConfigSpace::msi() const {
  if (!msi_vectors_) return {};
  return {.enabled = (registers_.byte(kMsi + 2) & 1) != 0,
          .vectors = 1u << (registers_.byte(kMsi + 2) >> 4 & 7),
          .address = uint64_t{registers_.word(kMsi + 8, 4)} << 32 | registers_.word(kMsi + 4, 4),
          .data = static_cast<uint16_t>(registers_.word(kMsi + 12, 2)),
          .mask = registers_.word(kMsi + 16, 4)};
}

bool ConfigSpace::take_function_reset() { return std::exchange(function_reset_asked_, false); }

Window ConfigSpace::io_window() const {
  return {.base = uint64_t{registers_.word(0x1c, 1) & 0xf0} << 8,
          .limit = uint64_t{registers_.word(0x1d, 1) & 0xf0} << 8 | 0xfff};
}

Window ConfigSpace::memory_window() const {
  return {.base = uint64_t{registers_.word(0x20, 2) & 0xfff0} << 16,
          .limit = uint64_t{registers_.word(0x22, 2) & 0xfff0} << 16 | 0xf'ffff};
}

Window ConfigSpace::prefetchable_window() const {
  return {.base = uint64_t{registers_.word(0x28, 4)} << 32 |
                  uint64_t{registers_.word(0x24, 2) & 0xfff0} << 16,
          .limit = uint64_t{registers_.word(0x2c, 4)} << 32 |
                   uint64_t{registers_.word(0x26, 2) & 0xfff0} << 16 | 0xf'ffff};
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
