// SPDX-License-Identifier: Apache-2.0
#include "agent/tlp_assembler.hpp"

#include <bit>

#include "pcie/codec.hpp"

namespace cw::agent {

std::optional<pcie::RawTlp> TlpAssembler::beat(const dut::ChannelPins& pins) {
  const dut::TlpCtl ctl = pins.ctl();
  if (ctl.sop == inside_) {
    throw ProtocolViolation(inside_ ? "sop inside a TLP" : "a TLP begins without sop");
  }
  if (ctl.sop) {
    tlp_ = {.hdr = ctl.hdr, .payload = {}, .error = false, .prefix = {}, .digest = {}};
    if (ctl.prefix_valid) tlp_.prefix = ctl.prefix;
  }
  const auto dwords = static_cast<unsigned>(std::popcount(ctl.strb));
  if ((ctl.strb & (ctl.strb + 1u)) != 0 || dwords > pins.data_dw()) {
    throw ProtocolViolation("dword strobes are not contiguous from lane 0");
  }
  if (!ctl.eop && dwords != pins.data_dw()) {
    throw ProtocolViolation("a beat before the last is not full");
  }
  if (dwords) {
    const size_t held = tlp_.payload.size();
    tlp_.payload.resize(held + dwords);
    pins.read_data(&tlp_.payload[held], dwords);
  }
  inside_ = !ctl.eop;
  if (inside_) return std::nullopt;
  tlp_.error = ctl.error;
  if (pcie::has_digest(tlp_)) tlp_.digest = ctl.digest;
  return std::move(tlp_);
}

}  // namespace cw::agent
