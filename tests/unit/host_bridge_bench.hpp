// SPDX-License-Identifier: Apache-2.0
//
// The host bridge between a CPU and a link: what leaves it is kept, what it asks for is answered by
// the test. The root port's configuration space and the IOMMU are small register files.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/axi_host.hpp"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "pcie/codec.hpp"
#include "unit/cfg_pins.hpp"
#include "unit/host_fields.hpp"

namespace cw::unit {

using namespace cw::dut::literals;
using pcie::HostPhysAddr;

// Answers an access one clock after it is seen, and records writes.
template <class V>
class HostRegisters : public dut::Clocked {
 public:
  explicit HostRegisters(dut::Module<V>& module) : module_(module) { module.kernel().add(*this); }
  ~HostRegisters() override { module_.kernel().remove(*this); }

  std::vector<std::pair<unsigned, uint64_t>> iommu_writes, config_writes;
  static constexpr uint64_t iommu_value(unsigned addr) { return 0x1111'1111'2222'0000 + addr; }
  static constexpr uint32_t config_value(unsigned offset) { return 0xc0de'0000 + offset; }

  void sample() override {
    V& pins = module_.pins();
    reg_answer_ = pins.reg_valid_o && !pins.reg_ready_i;
    if (pins.reg_valid_o && pins.reg_ready_i && pins.reg_write_o) {
      const uint64_t data = pins.reg_size8_o ? pins.reg_wdata_o : pins.reg_wdata_o & 0xffff'ffff;
      iommu_writes.emplace_back(pins.reg_addr_o, data);
    }
    reg_data_ = iommu_value(pins.reg_addr_o);
    cfg_answer_ = pins.cfg_valid_o && pins.cfg_ready_i;
    const auto offset = static_cast<unsigned>(dut::get_bits(pins.cfg_hdr_o, 34, 10)) * 4;
    if (cfg_answer_ && dut::get_bits(pins.cfg_hdr_o, 120, 8) == 0x44) {
      config_writes.emplace_back(offset, pins.cfg_wdata_o);
    }
    cfg_data_ = config_value(offset);
  }
  void commit() override {
    V& pins = module_.pins();
    pins.reg_ready_i = reg_answer_;
    pins.reg_rdata_i = reg_data_;
    pins.cfg_ready_i = 1;
    pins.cfg_done_i = cfg_answer_;
    pins.cfg_rdata_i = cfg_data_;
  }

 private:
  dut::Module<V>& module_;
  bool reg_answer_ = false, cfg_answer_ = false;
  uint64_t reg_data_ = 0;
  uint32_t cfg_data_ = 0;
};

// Ors the events of every clock.
template <class V>
class EventLog : public dut::Clocked {
 public:
  explicit EventLog(dut::Module<V>& module) : module_(module) { module.kernel().add(*this); }
  ~EventLog() override { module_.kernel().remove(*this); }
  unsigned take() { return std::exchange(seen_, 0); }
  void sample() override { seen_ |= module_.pins().event_o; }

 private:
  dut::Module<V>& module_;
  unsigned seen_ = 0;
};

template <class V>
struct HostBridge {
  dut::Module<V> module;
  agent::AxiHost cpu;
  agent::TlpSink posted, nonposted;
  agent::TlpSource completions;
  HostRegisters<V> registers{module};
  EventLog<V> events{module};

  explicit HostBridge(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        cpu(module.kernel(), axi(module.pins()), agent::Rng(seed, "cpu"), {.stall = stall}),
        posted(module.kernel(), channel_p(module.pins()), agent::Rng(seed, "p"), stall),
        nonposted(module.kernel(), channel_np(module.pins()), agent::Rng(seed, "np"), stall),
        completions(module.kernel(), channel_cpl(module.pins()), agent::Rng(seed, "cpl"), stall) {
    module.pins().link_up_i = 1;
    drive(module.pins().state_i, RootPortState{});
    module.reset();
  }

  static agent::AxiPins axi(V& p) {
    return {.aw = p.s_aw_i,
            .aw_valid = p.s_aw_valid_i,
            .aw_ready = p.s_aw_ready_o,
            .w_data = p.s_w_data_i,
            .w_strb = p.s_w_strb_i,
            .w_last = p.s_w_last_i,
            .w_valid = p.s_w_valid_i,
            .w_ready = p.s_w_ready_o,
            .b = p.s_b_o,
            .b_valid = p.s_b_valid_o,
            .b_ready = p.s_b_ready_i,
            .ar = p.s_ar_i,
            .ar_valid = p.s_ar_valid_i,
            .ar_ready = p.s_ar_ready_o,
            .r_id = p.s_r_id_o,
            .r_data = p.s_r_data_o,
            .r_resp = p.s_r_resp_o,
            .r_last = p.s_r_last_o,
            .r_valid = p.s_r_valid_o,
            .r_ready = p.s_r_ready_i};
  }
  static dut::ChannelPins channel_p(V& p) {
    return dut::channel(p.p_ctl_o, p.p_data_o, p.p_valid_o, p.p_ready_i);
  }
  static dut::ChannelPins channel_np(V& p) {
    return dut::channel(p.np_ctl_o, p.np_data_o, p.np_valid_o, p.np_ready_i);
  }
  static dut::ChannelPins channel_cpl(V& p) {
    return dut::channel(p.cpl_ctl_i, p.cpl_data_i, p.cpl_valid_i, p.cpl_ready_o);
  }

  // The next request of a kind that was sent down.
  template <class T>
  T request() {
    module.run_until([&] { return !nonposted.empty(); }, 2000_cycles);
    return std::get<T>(std::get<pcie::Tlp>(pcie::decode(nonposted.pop())));
  }
  pcie::MemWrite write() {
    return std::get<pcie::MemWrite>(std::get<pcie::Tlp>(pcie::decode(posted.pop())));
  }
  // A successful completion, of the bytes from `from` on out of `owed`.
  void complete(pcie::Tag tag, uint64_t address, uint32_t owed, std::vector<uint32_t> payload) {
    completions.send(
        pcie::encode(pcie::Completion{.completer = {.bus = 1},
                                      .byte_count = owed,
                                      .tag = tag,
                                      .lower_address = static_cast<uint8_t>(address & 0x7f),
                                      .payload = std::move(payload)}));
  }
  void refuse(pcie::Tag tag, pcie::CplStatus status) {
    completions.send(
        pcie::encode(pcie::Completion{.completer = {.bus = 1}, .status = status, .tag = tag}));
  }
};

inline std::vector<uint8_t> ones(uint32_t bytes) { return std::vector<uint8_t>(bytes, 0xff); }

inline std::vector<uint8_t> counting(uint32_t bytes, uint8_t from = 1) {
  std::vector<uint8_t> data(bytes);
  for (uint8_t& byte : data) byte = from++;
  return data;
}

inline uint32_t dword_at(const std::vector<uint8_t>& data, uint32_t at) {
  uint32_t value = 0;
  for (uint32_t i = 0; i < 4 && at + i < data.size(); ++i) value |= uint32_t{data[at + i]} << 8 * i;
  return value;
}

}  // namespace cw::unit
