// SPDX-License-Identifier: Apache-2.0
#include "pcie/text.hpp"

#include <fmt/format.h>

#include "pcie/codec.hpp"
#include "pcie/wire.hpp"

namespace cw::pcie {

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

namespace {

using namespace wire;

std::string name_of(const RawTlp& raw) {
  const uint8_t value = kind(raw);
  const char* width = header_dw(raw) == 4 ? "64" : "32";
  const bool data = has_payload(raw);
  if (tlp_class(raw) == TlpClass::Unknown) return fmt::format("?{:02x}", value);
  switch (value & 0x1f) {
    case 0b00000:
      return fmt::format("{}{}", data ? "MWr" : "MRd", width);
    case 0b00001:
      return fmt::format("MRdLk{}", width);
    case 0b00010:
      return data ? "IOWr" : "IORd";
    case 0b00100:
      return data ? "CfgWr0" : "CfgRd0";
    case 0b00101:
      return data ? "CfgWr1" : "CfgRd1";
    case 0b01010:
      return data ? "CplD" : "Cpl";
    case 0b01011:
      return data ? "CplDLk" : "CplLk";
    case 0b01100:
      return fmt::format("FetchAdd{}", width);
    case 0b01101:
      return fmt::format("Swap{}", width);
    case 0b01110:
      return fmt::format("CAS{}", width);
    default:
      return data ? "MsgD" : "Msg";
  }
}

struct Details {
  std::string operator()(const MemRead& t) const {
    return fmt::format("{:#010x} {}B", t.address.value, t.length_bytes);
  }
  std::string operator()(const MemWrite& t) const {
    return fmt::format("{:#010x} {}B", t.address.value, t.data.size());
  }
  std::string operator()(const IoRead& t) const { return fmt::format("{:#010x}", t.address); }
  std::string operator()(const IoWrite& t) const {
    return fmt::format("{:#010x} = {:#010x}", t.address, t.data);
  }
  std::string operator()(const CfgRead& t) const {
    return fmt::format("{} [{:#05x}] be {:04b}", to_text(t.target), t.offset, t.first_be);
  }
  std::string operator()(const CfgWrite& t) const {
    return fmt::format("{} [{:#05x}] be {:04b} = {:#010x}", to_text(t.target), t.offset, t.first_be,
                       t.data);
  }
  std::string operator()(const Atomic& t) const {
    return fmt::format("{:#010x} {}DW", t.address.value, t.operands.size());
  }
  std::string operator()(const Message& t) const {
    return fmt::format("code {:#04x} routing {}", t.code, t.routing);
  }
  std::string operator()(const Completion& t) const {
    return fmt::format("{} bc={} la={:#04x} {}DW from {}", name_of(t.status), t.byte_count,
                       t.lower_address, t.payload.size(), to_text(t.completer));
  }
};

}  // namespace

std::string to_text(Bdf bdf) {
  return fmt::format("{:02x}:{:02x}.{}", bdf.bus, bdf.device, bdf.function);
}

std::string to_text(const RawTlp& raw) {
  const Decoded decoded = decode(raw);
  std::string text =
      fmt::format("{} {} t{:02x} ", name_of(raw), to_text(requester(raw)), tag(raw).value);
  if (const auto* malformed = std::get_if<Malformed>(&decoded)) {
    return text + fmt::format("malformed: {} ({:08x} {:08x} {:08x} {:08x} +{}DW)",
                              malformed->reason, raw.hdr[0], raw.hdr[1], raw.hdr[2], raw.hdr[3],
                              raw.payload.size());
  }
  text += std::visit(Details{}, std::get<Tlp>(decoded));
  if (kEp.get(raw.hdr[0])) text += " poisoned";
  return text;
}

}  // namespace cw::pcie
