// SPDX-License-Identifier: Apache-2.0
#include "random/completer_model.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <cstring>

#include "cw/cw_regs.h"
#include "env/endpoint_shape.hpp"
#include "model/atomic.hpp"
#include "pcie/byte_enables.hpp"
#include "pcie/config_space.hpp"
#include "random/judge.hpp"
#include "random/user_registers.hpp"

namespace cw::random {

using namespace pcie;
using model::ErrorEvent;

namespace {

constexpr unsigned kRegisterBar = 0, kCardBar = 2, kUserBar = env::kCardUserBar;
constexpr uint64_t kRegisterBytes = uint64_t{1} << 14,
                   kCardBytes = uint64_t{1} << env::kCardMemLog2;
constexpr uint8_t kPmeTurnOff = 0x19, kSetSlotPowerLimit = 0x50;
constexpr uint32_t kEmptyPage = 0x1000;  // of BAR0: reads zero
constexpr uint32_t kEndpointRcbBytes = 128;
constexpr uint16_t kIdoCompletionEnable = 1 << 9;    // of Device Control 2
constexpr uint32_t kTransactionsPending = 1u << 21;  // of the dword of Device Control and Status
// A function-level reset, in clocks (docs/endpoint.md), and the way of a request to the function.
constexpr uint64_t kLongestReset = 1034 + 100;

// What comes and goes with the traffic, the log of errors, and the width of the build.
constexpr uint32_t volatile_bits(unsigned offset) {
  using model::ConfigExtended;
  if (offset == model::ConfigSpace::kPcie + pcie_cap::kDevCtl) return kTransactionsPending;
  if (offset == ConfigExtended::kVsec + 12) return 0x0000'000f;
  if (offset == model::ConfigSpace::kMsi + 20) return ~0u;  // pending: as the card raises them
  // First error and log: `ErrorLedger::check_log`.
  if (offset == ConfigExtended::kAer + 0x18) return 0x0000'081f;
  const bool log = offset >= ConfigExtended::kAer + 0x1c && offset < ConfigExtended::kAer + 0x48;
  return log ? ~0u : 0;
}

// What a completion timeout sets.
constexpr uint32_t timeout_bits(unsigned offset) {
  if (offset == reg::kCommand) return 0x4000'0000;
  if (offset == model::ConfigSpace::kPcie + pcie_cap::kDevCtl) return 0x000f'0000;
  return offset == model::ConfigExtended::kAer + 4 ? 1u << 14 : 0;
}

const char* name_of(CplStatus status) {
  switch (status) {
    case CplStatus::Sc:
      return "SC";
    case CplStatus::Ur:
      return "UR";
    case CplStatus::Rrs:
      return "RRS";
    case CplStatus::Ca:
      return "CA";
  }
  return "?";
}

constexpr uint32_t lane_mask(uint8_t lanes) {
  uint32_t mask = 0;
  for (unsigned n = 0; n < 4; ++n) mask |= (lanes >> n & 1) ? 0xffu << 8 * n : 0;
  return mask;
}

// Byte Count of a completion that answers anything but a memory read (2.2.9).
uint32_t fixed_byte_count(const Tlp& request) {
  const auto* atomic = std::get_if<Atomic>(&request);
  if (!atomic) return kDwordBytes;
  const size_t dw = atomic->operands.size();
  return static_cast<uint32_t>(atomic->kind == AtomicKind::CompareAndSwap ? dw / 2 : dw) *
         kDwordBytes;
}

}  // namespace

uint32_t Answer::dword() const {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data(), std::min<size_t>(bytes.size(), sizeof value));
  return value;
}

CompleterModel::CompleterModel(ErrorLedger& ledger, Cover& cover, Hooks hooks)
    : ledger_(ledger),
      cover_(cover),
      hooks_(std::move(hooks)),
      card_(kCardBytes),
      registers_(kRegisterBytes),
      user_(kUserBytes),
      writable_(kRegisterBytes) {
  define_registers();
}

// Values after reset (docs/registers/cw_regs.md).
void CompleterModel::define_registers() {
  const auto define = [&](size_t offset, uint32_t value, uint32_t writable = 0) {
    uint8_t bytes[4];
    std::memcpy(bytes, &value, 4);
    registers_.set(offset, bytes);
    std::memcpy(&writable_[offset], &writable, 4);
  };
  define(offsetof(cw_regs_t, ID), CW_REGS__ID__MAGIC_reset);
  define(offsetof(cw_regs_t, VERSION),
         CW_REGS__VERSION__MAJOR_reset << 16 | CW_REGS__VERSION__MINOR_reset);
  define(offsetof(cw_regs_t, SCRATCH), 0, ~0u);
  for (unsigned channel = 0; channel < env::kDmaChannels; ++channel) {
    const size_t block = env::dma_block(channel);
    define(block + offsetof(cw_dma_regs_t, CONTROL), 0,
           CW_DMA_REGS__CONTROL__ENABLE_bm | CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm);
    define(block + offsetof(cw_dma_regs_t, RING_LO), 0, CW_DMA_REGS__RING_LO__ADDR_bm);
    define(block + offsetof(cw_dma_regs_t, RING_HI), 0, ~0u);
    define(block + offsetof(cw_dma_regs_t, RECORD_LO), 0, CW_DMA_REGS__RECORD_LO__ADDR_bm);
    define(block + offsetof(cw_dma_regs_t, RECORD_HI), 0, ~0u);
    define(block + offsetof(cw_dma_regs_t, SIZE), CW_DMA_REGS__SIZE__LOG2_reset,
           CW_DMA_REGS__SIZE__LOG2_bm);
    define(block + offsetof(cw_dma_regs_t, VECTOR), 0, CW_DMA_REGS__VECTOR__VECTOR_bm);
  }
  for (uint32_t at = 0; at < kEmptyPage; at += 4) define(kEmptyPage + at, 0);
  for (uint32_t at = 0; at < env::kMsixVectors * msix_cap::kEntryBytes; at += 16) {
    const uint32_t entry = env::kMsixTableOffset + at;
    define(entry, 0, ~3u);
    define(entry + 4, 0, ~0u);
    define(entry + 8, 0, ~0u);
    registers_.forget(entry, 12);
    define(entry + 12, 1, 1);
  }
}

void CompleterModel::fail(const Owed& owed, const RawTlp& raw, const std::string& sentence,
                          std::vector<FieldDifference> fields) const {
  throw Fault(fmt::format("{} for {}: {}", to_text(raw), owed.name, sentence), std::move(fields));
}

std::string CompleterModel::oldest() const {
  return owed_.empty() ? "" : owed_.begin()->second.name;
}

// 7.5.1.1.3, 7.5.1.2.1: all of the range in one BAR, memory decoded, D0 (5.3.1.4.1).
std::optional<CompleterModel::Claim> CompleterModel::claim(uint64_t address, uint64_t bytes) const {
  const model::ConfigSpace& config = ledger_.config();
  if (!config.memory_enabled() || config.in_d3hot()) return std::nullopt;
  for (const auto& [bar, size] : {std::pair(kRegisterBar, kRegisterBytes),
                                  {kCardBar, kCardBytes},
                                  {kUserBar, uint64_t{kUserBytes}}}) {
    const uint64_t base = config.bar_base(bar);
    if (address >= base && address - base < size && bytes <= size - (address - base)) {
      return Claim{.bar = bar, .offset = address - base};
    }
  }
  return std::nullopt;
}

// 7.5.1.1.3: I/O Space Enable; the registers' first bytes (docs/endpoint.md).
std::optional<uint32_t> CompleterModel::claim_io(uint32_t address) const {
  const model::ConfigSpace& config = ledger_.config();
  const auto offset = static_cast<uint32_t>(address - config.bar_base(env::kIoBar));
  if (!config.io_enabled() || config.in_d3hot() || offset >> env::kIoLog2 != 0) return std::nullopt;
  return offset;
}

// ---- Requests

// Advisory, as a completion tells of it (6.2.3.2.4.1); but what a poisoned one carried is lost.
void CompleterModel::refuse(Owed& owed, bool poisoned) {
  owed.status = CplStatus::Ur;
  ledger_.must(poisoned ? ErrorEvent::UnsupportedPosted : ErrorEvent::UnsupportedTold);
  if (poisoned) ledger_.may(ErrorEvent::Poisoned);
}

void CompleterModel::memory_read(const RawTlp& raw, const MemRead& read, Owed& owed) {
  const uint32_t dw = length_dw(raw);
  const uint64_t first_dw = read.address.value & ~uint64_t{3};
  const ByteEnables enables{.first = static_cast<uint8_t>(raw.hdr[1] & 0xf),
                            .last = static_cast<uint8_t>(raw.hdr[1] >> 4 & 0xf)};
  owed.memory = true;
  owed.attributes = read.attributes;
  owed.locked = read.locked;
  owed.nothing = enables.first == 0;
  owed.byte_count = requested_bytes(enables, dw);
  const auto skip = owed.nothing ? 0u : static_cast<uint32_t>(std::countr_zero(enables.first));
  owed.address = first_dw + skip;
  cover_.read(enables, dw, owed.address);
  const auto place = claim(first_dw, uint64_t{dw} * kDwordBytes);
  cover_.claimed(place.has_value(), place ? place->bar : 0);
  if (place) cover_order(read, *place, dw);
  if (!place || read.locked || raw.prefix) {
    refuse(owed);
    return;
  }
  owed.enabled.assign(owed.byte_count, false);
  if (resetting()) {  // answered before, or refused after
    ledger_.may(ErrorEvent::UnsupportedTold);
    return;
  }
  if (place->bar == kUserBar && place->offset >= kUserSlverrAt) {  // of its own logic
    owed.status = CplStatus::Ca;
    ledger_.about(raw, Station::UserRead, now_);
    ledger_.must(ErrorEvent::CompleterAbort);
    return;
  }
  owed.place = place->bar == kCardBar ? &card_ : place->bar == kUserBar ? &user_ : &registers_;
  owed.view = owed.place->open(place->offset, uint64_t{dw} * kDwordBytes);
  owed.first_offset = skip;
  owed.enabled.assign(owed.byte_count, !owed.nothing);
  for (uint32_t n = 0; n < owed.byte_count; ++n) {
    const uint32_t lane = skip + n;
    if (lane < 4) {
      owed.enabled[n] = (enables.first >> lane & 1) != 0;
    } else if (lane / 4 == dw - 1) {
      owed.enabled[n] = (enables.last >> lane % 4 & 1) != 0;
    }
  }
}

void CompleterModel::cover_order(const MemRead& read, const Claim& place, uint32_t dw) {
  const uint64_t end = place.offset + uint64_t{dw} * kDwordBytes;
  if (read.length_bytes == 0) cover_.order.hit("flush");
  if (read.attributes.relaxed_ordering) cover_.order.hit("relaxed-read");
  if (place.bar == last_write_.bar && place.offset < last_write_end_ && end > last_write_.offset) {
    cover_.order.hit("read-after-write");
  }
  if (place.bar == kRegisterBar && place.offset <= env::kMsixPbaOffset &&
      end > env::kMsixPbaOffset) {
    cover_.interrupt.hit("pending-read");
  }
}

void CompleterModel::write_register(uint32_t offset, uint32_t value, uint8_t lanes) {
  uint32_t writable;
  std::memcpy(&writable, &writable_[offset], 4);
  for (unsigned n = 0; n < 4; ++n) {
    const auto mask = static_cast<uint8_t>(writable >> 8 * n);
    if ((lanes >> n & 1) == 0 || mask == 0) continue;
    const uint8_t kept = registers_.value(offset + n) & static_cast<uint8_t>(~mask);
    registers_.write(offset + n, kept | (static_cast<uint8_t>(value >> 8 * n) & mask));
  }
  if (offset == offsetof(cw_regs_t, ERRORS)) ledger_.clear_errors(value & lane_mask(lanes));
  // What does not stay in a register is in the write all the same.
  const uint32_t passing = value & ~writable & lane_mask(lanes);
  if (hooks_.register_write) {
    hooks_.register_write(offset, (registers_.dword(offset) & writable) | passing);
  }
}

void CompleterModel::memory_write(const RawTlp& raw, const MemWrite& write) {
  const uint32_t dw = length_dw(raw);
  const ByteEnables enables{.first = static_cast<uint8_t>(raw.hdr[1] & 0xf),
                            .last = static_cast<uint8_t>(raw.hdr[1] >> 4 & 0xf)};
  cover_.write(enables, dw, write.address.value);
  const auto place = claim(write.address.value & ~uint64_t{3}, uint64_t{dw} * kDwordBytes);
  cover_.claimed(place.has_value(), place ? place->bar : 0);
  if (raw.prefix) cover_.atomic.hit("pasid");
  if (!place || raw.prefix) {
    ledger_.must(ErrorEvent::UnsupportedPosted);
    if (write.attributes.poisoned) ledger_.may(ErrorEvent::Poisoned);
    return;
  }
  if (write.attributes.poisoned) {
    ledger_.must(ErrorEvent::Poisoned);
    return;
  }
  if (resetting()) {  // carried out before, or refused after
    if (place->bar == kCardBar) card_.forget(place->offset, uint64_t{dw} * kDwordBytes);
    ledger_.may(ErrorEvent::UnsupportedPosted);
    return;
  }
  if (place->bar == kUserBar && place->offset >= kUserSlverrAt) {
    const bool nothing = dw == 1 && enables.first == 0;
    ledger_.about(raw, Station::UserWrite, now_);
    if (!nothing) ledger_.must(ErrorEvent::CompleterAbortPosted);
    return;
  }
  last_write_ = *place;
  last_write_end_ = place->offset + uint64_t{dw} * kDwordBytes;
  for (uint32_t n = 0; n < dw; ++n) {
    const uint8_t lanes = n == 0 ? enables.first : n == dw - 1 ? enables.last : 0xf;
    if (lanes == 0) continue;
    const auto at = static_cast<uint32_t>(place->offset) + n * kDwordBytes;
    if (place->bar == kRegisterBar) {
      write_register(at, raw.payload[n], lanes);
      continue;
    }
    for (unsigned b = 0; b < 4; ++b) {
      if (lanes >> b & 1)
        (place->bar == kCardBar ? card_ : user_)
            .write(at + b, static_cast<uint8_t>(raw.payload[n] >> 8 * b));
    }
  }
}

void CompleterModel::config_read(const CfgRead& read, Owed& owed) {
  if (read.type != CfgType::Type0 || read.target.function != 0) {
    refuse(owed);
    return;
  }
  if (!captured_) cover_.gate.hit("before-capture");
  owed.data_dw = 1;
  owed.config_offset = read.offset;
  owed.config = ledger_.config_dword(read.offset);
  owed.config.second &= ~volatile_bits(read.offset);
  owed.enabled = {(read.first_be & 1) != 0, (read.first_be & 2) != 0, (read.first_be & 4) != 0,
                  (read.first_be & 8) != 0};
}

// Every CfgWr0 tells the function its number (2.2.6.2).
void CompleterModel::config_write(const CfgWrite& write, Owed& owed) {
  if (write.type != CfgType::Type0 || write.target.function != 0) {
    refuse(owed, write.poisoned);
    return;
  }
  const Bdf before = endpoint_;
  endpoint_ = {.bus = write.target.bus, .device = write.target.device};
  if (captured_ && endpoint_ != before) cover_.config.hit("recapture");
  captured_ = true;
  if (write.poisoned) {
    owed.status = CplStatus::Ur;
    ledger_.must(ErrorEvent::Poisoned);
    ledger_.may(ErrorEvent::UnsupportedTold);
    return;
  }
  if (!resetting()) apply(write, owed);
}

void CompleterModel::apply(const CfgWrite& write, Owed& owed) {
  owed.clears = ledger_.config_write(write.offset, write.data, write.first_be);
  if (ledger_.begin_function_reset()) {  // what it does is seen when it is over
    reset_asked_ = now_;
    reset_answered_.reset();
    return;
  }
  const model::ConfigSpace& config = ledger_.config();
  owed.master_after = config.bus_master_enabled() && !config.in_d3hot();
  may_master_ = may_master_ || *owed.master_after;
  mastered_ |= may_master_;
  if (hooks_.config_changed) hooks_.config_changed();
}

// 6.6.2: registers are as after power-on but for those of the link, and nothing is owed.
void CompleterModel::end_function_reset() {
  const uint64_t asked_at = *reset_asked_;
  reset_asked_.reset();
  ledger_.reset(model::ResetKind::Function);
  define_registers();
  may_master_ = mastered_ = false;
  if (hooks_.function_reset) hooks_.function_reset(asked_at);
}

// 2.3.1: put off until the reset is over, and then answered by what it has left.
void CompleterModel::check_reset_answer(Owed& owed, const RawTlp& raw, const Completion& cpl) {
  if (cpl.status == CplStatus::Rrs) {
    if (reset_answered_ && owed.sent_at > *reset_answered_ + kLongestReset) {
      fail(owed, raw, "the function-level reset does not end [R43]");
    }
    owed.status = CplStatus::Rrs;
    cover_.reset.hit("put-off");
    return;
  }
  if (resetting()) end_function_reset();
  if (const auto* write = std::get_if<CfgWrite>(&owed.request)) apply(*write, owed);
  if (std::holds_alternative<CfgRead>(owed.request)) {
    owed.config = ledger_.config_dword(owed.config_offset);
    owed.config.second &= ~volatile_bits(owed.config_offset);
  }
}

void CompleterModel::io_read(const IoRead& read, Owed& owed) {
  const auto offset = claim_io(read.address);
  cover_.claimed(offset.has_value(), env::kIoBar);
  if (!offset) {
    refuse(owed);
    return;
  }
  owed.data_dw = 1;
  owed.place = &registers_;
  owed.view = registers_.open(*offset, kDwordBytes);
  for (unsigned n = 0; n < 4; ++n) owed.enabled.push_back((read.first_be >> n & 1) != 0);
}

// Others may pass it until it is completed (2.4.1).
void CompleterModel::io_write(const IoWrite& write, Owed& owed) {
  const auto offset = claim_io(write.address);
  cover_.claimed(offset.has_value(), env::kIoBar);
  if (!offset) {
    refuse(owed, write.poisoned);
    return;
  }
  if (write.poisoned) {
    owed.status = CplStatus::Ur;
    ledger_.must(ErrorEvent::Poisoned);
    return;
  }
  for (unsigned n = 0; n < 4; ++n) {
    if ((write.first_be >> n & 1) == 0 || writable_[*offset + n] != 0xff) continue;
    const uint8_t byte[] = {static_cast<uint8_t>(write.data >> 8 * n)};
    owed.flights.push_back(registers_.take_off(*offset + n, byte));
  }
}

void CompleterModel::check_io(Owed& owed, const RawTlp& raw, const Completion& cpl) {
  for (unsigned n = 0; n < 4; ++n) {
    const auto byte = static_cast<uint8_t>(cpl.payload[0] >> 8 * n);
    if (!owed.enabled[n] || owed.view->allows(n, byte)) continue;
    fail(owed, raw, fmt::format("byte {} of the register is none of its legal values [R33]", n),
         {{"byte", fmt::format("{:#04x}", owed.view->value[n]), fmt::format("{:#04x}", byte)}});
  }
}

// 6.15: on card memory alone. What it leaves is known by what it answers.
void CompleterModel::atomic(const RawTlp& raw, const Atomic& atomic, Owed& owed) {
  owed.attributes = atomic.attributes;
  const size_t bytes = model::operand_dwords(atomic) * kDwordBytes;
  const auto place = claim(atomic.address.value, bytes);
  if (!place || place->bar != kCardBar || raw.prefix) {
    refuse(owed, atomic.attributes.poisoned);
    return;
  }
  if (atomic.attributes.poisoned) {
    owed.status = CplStatus::Ur;
    ledger_.must(ErrorEvent::Poisoned);
    return;
  }
  owed.data_dw = static_cast<uint32_t>(bytes / kDwordBytes);
  owed.place = &card_;
  owed.view = card_.open(place->offset, bytes);
  owed.flights = {card_.take_off_blind(place->offset, bytes, owed.view)};
}

void CompleterModel::check_atomic(Owed& owed, const RawTlp& raw, const Completion& cpl) {
  const auto& request = std::get<Atomic>(owed.request);
  const auto* original = reinterpret_cast<const uint8_t*>(cpl.payload.data());
  RacyMemory::Flight& flight = *owed.flights.front();
  for (uint32_t n = 0; n < flight.data.size(); ++n) {
    cover_.saw_byte(owed.view->exact(n));
    if (owed.view->allows(n, original[n])) continue;
    fail(owed, raw, fmt::format("byte {} of the original is none of its legal values [R30]", n),
         {{fmt::format("card {:#x}", flight.at + n), fmt::format("{:#04x}", owed.view->value[n]),
           fmt::format("{:#04x}", original[n])}});
  }
  const std::vector<uint32_t> result = model::atomic_result(request, cpl.payload);
  std::memcpy(flight.data.data(), result.data(), flight.data.size());
  cover_.operation(request, result != cpl.payload);
  card_.land(owed.flights.front());
}

void CompleterModel::message(const Message& message) {
  const bool known = endpoint_knows_message(message.code);
  cover_.message(message.code, known);
  if (!known) {
    ledger_.must(ErrorEvent::UnsupportedPosted);
    if (message.attributes.poisoned) ledger_.may(ErrorEvent::Poisoned);
  } else if (message.attributes.poisoned) {
    ledger_.must(ErrorEvent::Poisoned);
  } else if (message.code == kPmeTurnOff) {
    ++pme_acks_owed_;
  } else if (message.code == kSetSlotPowerLimit) {  // 2.2.8.5
    const uint32_t data = message.payload.at(0);
    ledger_.slot_power(static_cast<uint8_t>(data), static_cast<uint8_t>(data >> 8 & 3));
  }
}

void CompleterModel::request(const RawTlp& raw, const Tlp& tlp) {
  if (const auto* write = std::get_if<MemWrite>(&tlp)) {
    memory_write(raw, *write);
    return;
  }
  if (const auto* posted = std::get_if<Message>(&tlp)) {
    message(*posted);
    return;
  }
  Owed owed{.request = tlp, .name = to_text(raw)};
  owed.sent_at = now_;
  owed.in_reset = resetting();
  owed.byte_count = fixed_byte_count(tlp);
  if (const auto* read = std::get_if<MemRead>(&tlp)) {
    memory_read(raw, *read, owed);
  } else if (const auto* cfg_read = std::get_if<CfgRead>(&tlp)) {
    config_read(*cfg_read, owed);
  } else if (const auto* cfg_write = std::get_if<CfgWrite>(&tlp)) {
    config_write(*cfg_write, owed);
  } else if (const auto* operation = std::get_if<Atomic>(&tlp)) {
    atomic(raw, *operation, owed);
  } else if (const auto* io_in = std::get_if<IoRead>(&tlp)) {
    io_read(*io_in, owed);
  } else {
    io_write(std::get<IoWrite>(tlp), owed);
  }
  owed.attributes.poisoned = false;
  const auto key = std::pair(requester(raw).id(), tag(raw).value);
  if (!owed_.emplace(key, std::move(owed)).second)
    throw std::logic_error("the host's tag is in use");
}

// ---- Completions

void CompleterModel::completion(const RawTlp& raw, const Completion& cpl) {
  const auto found = owed_.find({cpl.requester.id(), tag(raw).value});
  if (found == owed_.end())
    throw Fault(to_text(raw) + ": a completion that nobody asked for [R40]");
  Owed& owed = found->second;
  // For a function that is not there, its own number or the device's first (2.2.9).
  Bdf absent = endpoint_;
  if (const auto* read = std::get_if<CfgRead>(&owed.request))
    absent.function = read->target.function;
  if (const auto* write = std::get_if<CfgWrite>(&owed.request)) {
    absent.function = write->target.function;
  }
  if (cpl.completer != endpoint_ && cpl.completer != absent) {
    fail(owed, raw, "the completer ID is not the one captured [R09]",
         {{"completer", to_text(endpoint_), to_text(cpl.completer)}});
  }
  Attributes attributes = cpl.attributes;
  attributes.poisoned = false;
  attributes.address_type = owed.attributes.address_type;
  // ID-based ordering is the completer's own choice, where it is enabled (2.2.6.4, 7.5.3.16).
  if (attributes.id_ordering && (ledger_.config().device_control2() & kIdoCompletionEnable) == 0) {
    fail(owed, raw, "ID-based ordering that nobody enabled [R11]");
  }
  attributes.id_ordering = owed.attributes.id_ordering;
  if (attributes != owed.attributes) {
    const auto text = [](const Attributes& a) {
      return fmt::format("TC {} RO {} NS {} IDO {}", a.traffic_class, a.relaxed_ordering ? 1 : 0,
                         a.no_snoop ? 1 : 0, a.id_ordering ? 1 : 0);
    };
    fail(owed, raw, "traffic class or attributes are not the request's [R16]",
         {{"attributes", text(owed.attributes), text(attributes)}});
  }
  if (cpl.attributes.poisoned) fail(owed, raw, "poisoned, and no data was bad [R26]");
  if (cpl.byte_count_modified) fail(owed, raw, "BCM is set, and this is not PCI-X [R24]");
  if (cpl.locked != owed.locked) fail(owed, raw, "not of the kind that answers the request [R17]");
  const bool of_config = std::holds_alternative<CfgRead>(owed.request) ||
                         std::holds_alternative<CfgWrite>(owed.request);
  if (owed.in_reset && of_config && owed.status == CplStatus::Sc) {
    check_reset_answer(owed, raw, cpl);
  } else if (owed.in_reset && owed.memory && cpl.status == CplStatus::Ur) {
    owed.status = CplStatus::Ur;
  }
  if (reset_asked_ && !owed.in_reset && !reset_answered_) reset_answered_ = now_;
  if (cpl.status != owed.status) {
    fail(owed, raw, "another status than the request is owed [R17][R37]",
         {{"status", name_of(owed.status), name_of(cpl.status)}});
  }
  owed.answer.status = cpl.status;
  if (cpl.byte_count != owed.byte_count) {
    fail(owed, raw, "Byte Count is not what is owed [R14][R15]",
         {{"byte count", std::to_string(owed.byte_count), std::to_string(cpl.byte_count)}});
  }
  if (owed.memory) {
    check_memory(owed, raw, cpl);
    if (cpl.status == CplStatus::Sc && owed.byte_count != 0) return;
  } else {
    const uint32_t data_dw = cpl.status == CplStatus::Sc ? owed.data_dw : 0;
    if (cpl.lower_address != 0) fail(owed, raw, "Lower Address is not 0 [R15]");
    if (cpl.payload.size() != data_dw) {
      fail(owed, raw, "not the data that the request is owed [R25]",
           {{"dwords", std::to_string(data_dw), std::to_string(cpl.payload.size())}});
    }
    if (data_dw && !owed.flights.empty()) {
      check_atomic(owed, raw, cpl);
    } else if (data_dw && owed.place) {
      check_io(owed, raw, cpl);
    } else if (std::holds_alternative<IoWrite>(owed.request)) {
      for (const auto flight : owed.flights) registers_.land(flight);
    } else if (data_dw) {
      check_data(owed, cpl);
    }
    if (owed.clears) ledger_.clear_completed();
    if (owed.master_after) may_master_ = *owed.master_after;
  }
  cover_.completed(owed.request, cpl.status);
  end(found);
}

void CompleterModel::end(std::map<std::pair<uint16_t, uint16_t>, Owed>::iterator found) {
  Owed owed = std::move(found->second);
  const Tag ended{found->first.second};
  owed_.erase(found);
  if (owed.place) owed.place->close(owed.view);
  if (hooks_.done) hooks_.done(ended, owed.answer);
}

// 7.5.3.5: set while a read of the function waits, clear where it has never been allowed one.
void CompleterModel::check_pending(const Owed& owed, uint32_t got) const {
  if (owed.config_offset != model::ConfigSpace::kPcie + pcie_cap::kDevCtl) return;
  if (!owed.enabled[2]) return;
  const bool says = (got & kTransactionsPending) != 0;
  if (says && !mastered_) throw Fault(owed.name + ": nothing can be pending [R43]");
  if (!says && !owed.in_reset && hooks_.pending && hooks_.pending(owed.sent_at)) {
    throw Fault(owed.name + ": a read waits, and Transactions Pending is clear [R43]");
  }
}

// A dword of configuration space: what was certain when it was asked for, and still is.
void CompleterModel::check_data(Owed& owed, const Completion& cpl) {
  const uint32_t got = cpl.payload[0];
  const auto now = ledger_.config_dword(owed.config_offset);
  uint32_t certain = owed.config.second & now.second & ~(owed.config.first ^ now.first);
  if (hooks_.overdue && hooks_.overdue()) certain &= ~timeout_bits(owed.config_offset);
  check_pending(owed, got);
  for (unsigned n = 0; n < 4; ++n) {
    if (!owed.enabled[n]) certain &= ~(0xffu << 8 * n);
    owed.answer.bytes.push_back(static_cast<uint8_t>(got >> 8 * n));
  }
  if (((got ^ now.first) & certain) != 0) {
    throw Fault(owed.name + ": reads other bits than were written [R41]",
                {{"dword", fmt::format("{:08x}", now.first), fmt::format("{:08x}", got)},
                 {"certain bits", fmt::format("{:08x}", certain), ""}});
  }
}

// 2.3.1.1: in address order, each part but the last up to a Read Completion Boundary.
void CompleterModel::check_memory(Owed& owed, const RawTlp& raw, const Completion& cpl) {
  if (cpl.status != CplStatus::Sc) {
    if (!cpl.payload.empty()) fail(owed, raw, "data with an unsuccessful completion [R25]");
    return;
  }
  const auto lower = static_cast<uint8_t>(owed.address & 127);
  if (cpl.lower_address != lower) {
    fail(owed, raw, "Lower Address is not that of the next byte [R13]",
         {{"lower address", fmt::format("{:#04x}", lower),
           fmt::format("{:#04x}", cpl.lower_address)}});
  }
  if (cpl.payload.empty()) fail(owed, raw, "success without data [R25]");
  const auto offset = static_cast<uint32_t>(owed.address % 4);
  const auto dw = static_cast<uint32_t>(cpl.payload.size());
  const uint32_t owed_dw = span_dw(offset, owed.byte_count);
  if (dw > owed_dw) fail(owed, raw, "more data than were asked for [R14]");
  const bool last = dw == owed_dw;
  const uint32_t carried = last ? owed.byte_count : dw * kDwordBytes - offset;
  if (!last && (owed.address + carried) % kEndpointRcbBytes != 0) {
    fail(owed, raw,
         fmt::format("ends at {:#x}, no multiple of {} bytes [R13]", owed.address + carried,
                     kEndpointRcbBytes));
  }
  cover_.split(owed.done != 0 || !last);
  const auto* bytes = reinterpret_cast<const uint8_t*>(cpl.payload.data()) + offset;
  for (uint32_t n = 0; n < carried; ++n, ++owed.done) {
    owed.answer.bytes.push_back(bytes[n]);
    if (!owed.enabled[owed.done]) continue;
    const uint32_t place = owed.first_offset + owed.done;
    cover_.saw_byte(owed.view->exact(place));
    if (owed.view->allows(place, bytes[n])) continue;
    fail(owed, raw,
         fmt::format("byte {} of the read is none of its legal values [R33][R30]", owed.done),
         {{fmt::format("byte at {:#x}", owed.address + n),
           fmt::format("{:#04x}", owed.view->value[place]), fmt::format("{:#04x}", bytes[n])}});
  }
  owed.byte_count -= carried;
  owed.address += carried;
}

}  // namespace cw::random
