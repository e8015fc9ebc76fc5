// SPDX-License-Identifier: Apache-2.0
//
// Beats of whole TLPs, driven one clock each into a module that looks at them as they pass.
#pragma once

#include <algorithm>
#include <vector>

#include "agent/rng.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "pcie/codec.hpp"
#include "unit/port_traffic.hpp"

namespace cw::unit {

inline std::vector<dut::TlpCtl> controls(const pcie::RawTlp& tlp, unsigned lanes, agent::Rng& rng) {
  std::vector<dut::TlpCtl> beats;
  for (size_t at = 0; at == 0 || at < tlp.payload.size(); at += lanes) {
    beats.push_back(agent::beat_of(tlp, at, lanes, rng));
  }
  return beats;
}

template <class Port>
void drive_ctl(Port& port, const dut::TlpCtl& ctl) {
  const auto words = dut::pack(ctl);
  std::copy(words.begin(), words.end(), port.data());
}

// Junk beyond the strobes.
template <class Port>
void drive_payload(Port& port, const pcie::RawTlp& tlp, size_t beat, unsigned lanes,
                   agent::Rng& rng) {
  for (unsigned lane = 0; lane < lanes; ++lane) {
    const size_t at = beat * lanes + lane;
    dut::set_bits(port, 32 * lane, 32, at < tlp.payload.size() ? tlp.payload[at] : rng.u32());
  }
}

inline pcie::RawTlp any_tlp(agent::Rng& rng) {
  pcie::RawTlp tlp = test::random_tlp(rng, static_cast<unsigned>(rng.range(0, 2)), 256);
  if (rng.chance(30)) tlp.prefix = 0x9100'0000 | static_cast<uint32_t>(rng.range(0, 0xfffff));
  return tlp;
}

}  // namespace cw::unit
