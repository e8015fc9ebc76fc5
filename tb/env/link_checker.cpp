// SPDX-License-Identifier: Apache-2.0
#include "env/link_checker.hpp"

#include <fmt/format.h>

#include "env/endpoint_shape.hpp"
#include "pcie/byte_enables.hpp"
#include "pcie/codec.hpp"

namespace cw::env {

using namespace pcie;

namespace {

constexpr Bdf kHost{};  // the root complex as a requester
// Attributes in the first dword of a header (2.2.1), and what enables them (7.5.3.4, 7.5.3.16)
constexpr uint32_t kIdo = 1u << 18, kRelaxed = 1u << 13, kNoSnoop = 1u << 12;
constexpr uint32_t kRelaxedEnable = 1u << 4, kNoSnoopEnable = 1u << 11, kIdoRequestEnable = 1u << 8;
constexpr uint32_t kRootRcbBytes = 64, kEndpointRcbBytes = 128;

template <class T>
constexpr bool is(const Tlp& tlp) {
  return std::holds_alternative<T>(tlp);
}

}  // namespace

LinkChecker::LinkChecker(agent::TlpMonitor& down, agent::TlpMonitor& up)
    : config_(system_function(0)),
      down_(*this, /*towards_endpoint=*/true),
      up_(*this, /*towards_endpoint=*/false) {
  attributes_ = attributes_enabled();
  down.listen(down_);
  up.listen(up_);
}

void LinkChecker::fail(const std::string& sentence) const {
  throw agent::ProtocolViolation(name_ + ": " + sentence);
}

void LinkChecker::forget() {
  down_.owed.clear();
  up_.owed.clear();
  config_.reset(model::ResetKind::Hot);
  endpoint_ = {};
  functions_ = unknown_functions();
  captured_ = bus_master_ = was_reset_ = false;
  attributes_ = attributes_enabled();
}

uint32_t LinkChecker::attributes_enabled() const {
  return (config_.device_control() & kRelaxedEnable ? kRelaxed : 0) |
         (config_.device_control() & kNoSnoopEnable ? kNoSnoop : 0) |
         (config_.device_control2() & kIdoRequestEnable ? kIdo : 0);
}

void LinkChecker::mix(uint64_t value) { hash_ = (hash_ ^ value) * 0x100'0000'01b3; }

void LinkChecker::look(Direction& way, const agent::SeenTlp& seen) {
  const RawTlp& raw = seen.tlp;
  mix(seen.at.value << 1 | way.down);
  for (const uint32_t dword : raw.hdr) mix(dword);
  for (const uint32_t dword : raw.payload) mix(dword);
  if (raw.error) return;  // given up by its sender

  name_ = (way.down ? "rp>ep " : "ep>rp ") + to_text(raw);
  const Decoded decoded = decode(raw);
  if (const auto* malformed = std::get_if<Malformed>(&decoded)) fail(malformed->reason);
  if (raw.prefix) fail("a prefix that nobody enabled");
  if (raw.payload.size() * kDwordBytes > config_.max_payload_bytes()) {
    fail(fmt::format("{} bytes of payload, Max_Payload_Size is {}",
                     raw.payload.size() * kDwordBytes, config_.max_payload_bytes()));
  }
  const Tlp& tlp = std::get<Tlp>(decoded);
  if (const auto* cpl = std::get_if<Completion>(&tlp)) {
    completion(way, raw, *cpl);
  } else {
    request(way, raw, tlp);
  }
}

void LinkChecker::request(Direction& way, const RawTlp& raw, const Tlp& tlp) {
  const Bdf asks = requester(raw);
  if (way.down) {
    if (asks != kHost) fail("the host asks under a foreign requester ID");
  } else {
    ++requests_up_;
    if (!captured_) fail("a request before the function knows its bus number");
    const bool other =
        is<Message>(tlp) && asks.function < functions_.size() && asks == functions_[asks.function];
    if (asks != endpoint_ && !other) fail("the requester ID is not " + to_text(endpoint_));
    if (!bus_master_ && !is<Message>(tlp)) fail("a request with Bus Master Enable off");
    if (!is<MemRead>(tlp) && !is<MemWrite>(tlp) && !is<Message>(tlp)) {
      fail("not a request of this endpoint");
    }
  }
  if (!way.down && (raw.hdr[0] & (kIdo | kRelaxed | kNoSnoop) & ~attributes_) != 0) {
    fail("an attribute that is not enabled");
  }
  if (tlp_class(raw) == TlpClass::Posted) return;

  Owed owed{.request = tlp};
  if (const auto* read = std::get_if<MemRead>(&tlp)) {
    const uint32_t asked = length_dw(raw) * kDwordBytes;
    if (!way.down && asked > config_.max_read_request_bytes()) {
      fail(fmt::format("asks for {} bytes, Max_Read_Request_Size is {}", asked,
                       config_.max_read_request_bytes()));
    }
    owed.attributes = read->attributes;
    const ByteEnables enables = read->enables.value_or(
        byte_enables(static_cast<uint32_t>(read->address.value % 4), read->length_bytes));
    owed.bytes = requested_bytes(enables, length_dw(raw));
    owed.address = read->address.value;
    if (read->enables && enables.first != 0) {
      owed.address += static_cast<uint64_t>(std::countr_zero(enables.first));
    }
  }
  if (const auto* write = std::get_if<CfgWrite>(&tlp)) follow_config_write(*write, owed);
  const auto key = std::pair(asks.id(), tag(raw).value);
  if (!way.owed.emplace(key, std::move(owed)).second) fail("its tag is still in use");
}

// Every CfgWr0 tells the function its number (2.2.6.2). Turned on, mastering may begin at once;
// turned off, it has ended when the write is completed.
void LinkChecker::follow_config_write(const CfgWrite& write, Owed& owed) {
  owed.bus_master_after = bus_master_;
  owed.attributes_after = attributes_;
  if (write.type != CfgType::Type0 || write.poisoned) return;
  if (write.target.function < functions_.size()) functions_[write.target.function] = write.target;
  if (write.target.function != 0) return;
  endpoint_ = {.bus = write.target.bus, .device = write.target.device};
  captured_ = true;
  config_.write(write.offset, write.data, write.first_be);
  owed.bus_master_after = config_.bus_master_enabled() && !config_.in_d3hot();
  bus_master_ = bus_master_ || owed.bus_master_after;
  owed.attributes_after = attributes_enabled();
  attributes_ |= owed.attributes_after;
  owed.resets = config_.take_function_reset();
}

// A function that has been reset is as after power-up, but for what belongs to the link. Requests
// that it had sent before may leave until software comes to it again.
void LinkChecker::finish_config_write(const Owed& owed) {
  attributes_ = owed.attributes_after;
  if (!owed.resets) {
    bus_master_ = owed.bus_master_after;
    return;
  }
  config_.reset(model::ResetKind::Function);
  was_reset_ = true;
}

// A configuration request is answered in the name of the function that it asks, there or not, a
// memory request in that of the one that claims it; before its first CfgWr0 a function calls itself
// 00:00 (2.2.9).
Bdf LinkChecker::completer_of(const Tlp& request, Bdf answers) const {
  if (is<MemRead>(request) && answers.function < functions_.size()) {
    return functions_[answers.function];
  }
  Bdf completer = endpoint_;
  if (const auto* read = std::get_if<CfgRead>(&request)) completer.function = read->target.function;
  if (const auto* write = std::get_if<CfgWrite>(&request)) {
    completer.function = write->target.function;
  }
  return completer.function < functions_.size() ? functions_[completer.function] : completer;
}

void LinkChecker::completion(const Direction& way, const RawTlp& raw, const Completion& cpl) {
  Table& table = (way.down ? up_ : down_).owed;
  const auto found = table.find({cpl.requester.id(), tag(raw).value});
  if (found == table.end()) fail("a completion that nobody asked for");
  Owed& owed = found->second;
  if (!way.down && cpl.completer != completer_of(owed.request, cpl.completer)) {
    fail("the completer ID is not " + to_text(completer_of(owed.request, cpl.completer)));
  }
  Attributes attributes = cpl.attributes;
  attributes.poisoned = false;
  if (attributes.traffic_class != owed.attributes.traffic_class ||
      attributes.relaxed_ordering != owed.attributes.relaxed_ordering ||
      attributes.no_snoop != owed.attributes.no_snoop ||
      attributes.id_ordering != owed.attributes.id_ordering) {
    fail("traffic class or attributes are not the request's");
  }
  if (cpl.byte_count_modified) fail("BCM is set, and this is not PCI-X");
  if (cpl.status == CplStatus::Rrs && !was_reset_) {
    fail("a function that is always ready asks for a retry");
  }

  if (is<MemRead>(owed.request)) {
    memory_completion(way, owed, cpl);
    if (cpl.status == CplStatus::Sc && owed.bytes != 0) return;
  } else {
    const bool reads = is<CfgRead>(owed.request) || is<IoRead>(owed.request);
    const bool data = reads && cpl.status == CplStatus::Sc;
    if (cpl.byte_count != 4 || cpl.lower_address != 0)
      fail("Byte Count is not 4 or Lower Address not 0");
    if (cpl.payload.size() != (data ? 1u : 0u)) fail("not the data that the request is owed");
    if (is<CfgWrite>(owed.request) && cpl.status == CplStatus::Sc) finish_config_write(owed);
  }
  table.erase(found);
}

// 2.3.1.1: in address order, each but the last up to a Read Completion Boundary.
void LinkChecker::memory_completion(const Direction& way, Owed& owed, const Completion& cpl) const {
  if (cpl.byte_count != owed.bytes) {
    fail(fmt::format("Byte Count {}, still owed are {}", cpl.byte_count, owed.bytes));
  }
  if (cpl.status != CplStatus::Sc) return;
  const auto& read = std::get<MemRead>(owed.request);
  const bool nothing = !owed.begun && read.length_bytes == 0;
  const auto lower =
      static_cast<uint8_t>((nothing ? owed.address & ~uint64_t{3} : owed.address) & 127);
  if (cpl.lower_address != lower) fail(fmt::format("Lower Address should be {:#04x}", lower));
  if (cpl.payload.empty()) fail("a successful completion of a read without data");
  const auto offset = static_cast<uint32_t>(owed.address % 4);
  const auto carried = static_cast<uint32_t>(cpl.payload.size()) * kDwordBytes - offset;
  const bool last = span_dw(offset, owed.bytes) <= cpl.payload.size();
  if (last && span_dw(offset, owed.bytes) != cpl.payload.size())
    fail("more data than were asked for");
  const uint32_t rcb = way.down ? kRootRcbBytes : kEndpointRcbBytes;
  if (!last && (owed.address + carried) % rcb != 0) {
    fail(fmt::format("ends at {:#x}, which is no multiple of {} bytes", owed.address + carried,
                     rcb));
  }
  owed.begun = true;
  owed.bytes = last ? 0 : owed.bytes - carried;
  owed.address += carried;
}

}  // namespace cw::env
