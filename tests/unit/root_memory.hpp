// SPDX-License-Identifier: Apache-2.0
//
// Host memory and the translation as the tests of the root's data path give them to a module: pins
// of a port of which it may have one half, and an IOMMU that needs no tables.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <set>

#include "agent/axi_memory.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "pcie/tlp.hpp"

namespace cw::unit {

using namespace cw::dut::literals;

// The half of an AXI port that a module does not have.
template <size_t BusBytes>
struct IdleHalf {
  std::array<uint32_t, 3> ax{};
  std::array<uint8_t, BusBytes> data{};
  uint64_t strb = 0;
  uint8_t b = 0, id = 0, resp = 0, last = 0, valid = 0, ready = 0, answer_valid = 0,
          answer_ready = 0;
};

// The IOMMU's port to host memory.
template <class V>
agent::AxiPins walk_pins(V& p) {
  return {.aw = p.walk_aw_o,
          .aw_valid = p.walk_aw_valid_o,
          .aw_ready = p.walk_aw_ready_i,
          .w_data = p.walk_w_data_o,
          .w_strb = p.walk_w_strb_o,
          .w_last = p.walk_w_last_o,
          .w_valid = p.walk_w_valid_o,
          .w_ready = p.walk_w_ready_i,
          .b = p.walk_b_i,
          .b_valid = p.walk_b_valid_i,
          .b_ready = p.walk_b_ready_o,
          .ar = p.walk_ar_o,
          .ar_valid = p.walk_ar_valid_o,
          .ar_ready = p.walk_ar_ready_i,
          .r_id = p.walk_r_id_i,
          .r_data = p.walk_r_data_i,
          .r_resp = p.walk_r_resp_i,
          .r_last = p.walk_r_last_i,
          .r_valid = p.walk_r_valid_i,
          .r_ready = p.walk_r_ready_o};
}

template <class V, class Idle>
agent::AxiPins read_half(V& p, Idle& idle) {
  agent::AxiPins pins{.aw = idle.ax,
                      .aw_valid = idle.valid,
                      .aw_ready = idle.ready,
                      .w_data = idle.data,
                      .w_strb = idle.strb,
                      .w_last = idle.last,
                      .w_valid = idle.valid,
                      .w_ready = idle.ready,
                      .b = idle.b,
                      .b_valid = idle.answer_valid,
                      .b_ready = idle.answer_ready,
                      .ar = p.m_ar_o,
                      .ar_valid = p.m_ar_valid_o,
                      .ar_ready = p.m_ar_ready_i,
                      .r_id = idle.id,
                      .r_data = p.m_r_data_i,
                      .r_resp = p.m_r_resp_i,
                      .r_last = p.m_r_last_i,
                      .r_valid = p.m_r_valid_i,
                      .r_ready = p.m_r_ready_o};
  if constexpr (requires { p.m_ar_no_snoop_o; }) {
    pins.ar_snoop = agent::AxiSnoopPin::no_snoop(p.m_ar_no_snoop_o);
  }
  return pins;
}

template <class V, class Idle>
agent::AxiPins write_half(V& p, Idle& idle) {
  agent::AxiPins pins{.aw = p.m_aw_o,
                      .aw_valid = p.m_aw_valid_o,
                      .aw_ready = p.m_aw_ready_i,
                      .w_data = p.m_w_data_o,
                      .w_strb = p.m_w_strb_o,
                      .w_last = p.m_w_last_o,
                      .w_valid = p.m_w_valid_o,
                      .w_ready = p.m_w_ready_i,
                      .b = p.m_b_i,
                      .b_valid = p.m_b_valid_i,
                      .b_ready = p.m_b_ready_o,
                      .ar = idle.ax,
                      .ar_valid = idle.valid,
                      .ar_ready = idle.ready,
                      .r_id = idle.id,
                      .r_data = idle.data,
                      .r_resp = idle.resp,
                      .r_last = idle.last,
                      .r_valid = idle.answer_valid,
                      .r_ready = idle.answer_ready};
  if constexpr (requires { p.m_aw_no_snoop_o; }) {
    pins.aw_snoop = agent::AxiSnoopPin::no_snoop(p.m_aw_no_snoop_o);
  }
  return pins;
}

template <class V, class Idle>
agent::AxiPins both_halves(V& p, Idle& idle) {
  agent::AxiPins pins = write_half(p, idle);
  const agent::AxiPins reads = read_half(p, idle);
  pins.ar = reads.ar;
  pins.ar_snoop = reads.ar_snoop;
  pins.ar_valid = reads.ar_valid;
  pins.ar_ready = reads.ar_ready;
  pins.r_id = reads.r_id;
  pins.r_data = reads.r_data;
  pins.r_resp = reads.r_resp;
  pins.r_last = reads.r_last;
  pins.r_valid = reads.r_valid;
  pins.r_ready = reads.r_ready;
  return pins;
}

// ---- Translation: bit 31 is turned over, bit 62 asks for a fault

inline constexpr uint64_t kFaultBit = uint64_t{1} << 62;

struct Translated {
  uint64_t hpa = 0;
  bool fault = false;
};

inline Translated translate(uint64_t iova) {
  return {.hpa = (iova ^ 0x8000'0000) & 0xff'ffff'ffff'ffff & ~kFaultBit,
          .fault = (iova & kFaultBit) != 0};
}

// The IOVA that is translated to this address.
inline pcie::Iova iova_of(uint64_t hpa) { return {hpa ^ 0x8000'0000}; }

inline uint64_t request_address(const std::array<uint32_t, 4>& hdr) {
  const bool wide = (hdr[0] >> 29 & 1) != 0;
  return wide ? uint64_t{hdr[2]} << 32 | (hdr[3] & ~3u) : hdr[2] & ~3u;
}

// Holds `hpa` and `fault` beside the TLP that a source drives. Added after the source.
template <class Hpa>
class TranslationPins : public dut::Clocked {
 public:
  TranslationPins(dut::Kernel& kernel, dut::ChannelPins channel, Hpa& hpa, uint8_t& fault)
      : kernel_(kernel), channel_(channel), hpa_(hpa), fault_(fault) {
    kernel_.add(*this);
  }
  ~TranslationPins() override { kernel_.remove(*this); }
  void sample() override {}
  void commit() override {
    const dut::TlpCtl ctl = channel_.ctl();
    if (!channel_.valid() || !ctl.sop) return;
    const Translated to = translate(request_address(ctl.hdr));
    hpa_ = static_cast<Hpa>(to.hpa);
    fault_ = to.fault;
  }

 private:
  dut::Kernel& kernel_;
  dut::ChannelPins channel_;
  Hpa& hpa_;
  uint8_t& fault_;
};

// Lets single beats of read bursts answer with SLVERR. Added after the memory.
template <class V>
class BadBeats : public dut::Clocked {
 public:
  BadBeats(dut::Kernel& kernel, V& pins) : kernel_(kernel), p_(pins) { kernel_.add(*this); }
  ~BadBeats() override { kernel_.remove(*this); }
  std::set<uint64_t> addresses{};  // of whole beats

  void sample() override {
    if (p_.m_r_valid_i && p_.m_r_ready_o) beats_.pop_front();
    if (!p_.m_ar_valid_o || !p_.m_ar_ready_i) return;
    const agent::AxiAddress burst = agent::AxiAddressPins(p_.m_ar_o).get();
    for (uint32_t n = 0; n < burst.beats(); ++n) beats_.push_back(burst.beat_addr(n));
  }
  void commit() override {
    if (p_.m_r_valid_i) p_.m_r_resp_i = addresses.contains(beats_.front()) ? 2 : 0;
  }

 private:
  dut::Kernel& kernel_;
  V& p_;
  std::deque<uint64_t> beats_;
};

}  // namespace cw::unit
