// SPDX-License-Identifier: Apache-2.0
//
// A whole endpoint at one end of a link; at the other a host that configures it, and whose memory
// answers what the endpoint asks for.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "model/host_memory.hpp"
#include "pcie/codec.hpp"
#include "unit/dma_fields.hpp"
#include "unit/port_traffic.hpp"
#include "unit/user_ports.hpp"

namespace cw::unit {

using namespace cw::dut::literals;

namespace endpoint_reg {  // BAR0
inline constexpr uint32_t kId = 0x000, kScratch = 0x00c, kErrors = 0x010, kIrqStatus = 0x014,
                          kIrqEnable = 0x018, kH2c = 0x100, kC2h = 0x140, kMsixTable = 0x2000;
inline constexpr uint32_t kControl = 0x00, kStatus = 0x04, kRing = 0x08, kRecord = 0x10,
                          kSize = 0x18, kVector = 0x1c, kTail = 0x20;  // of a channel
}  // namespace endpoint_reg

template <class V>
struct EndpointBench : dut::Clocked {
  static constexpr pcie::Bdf kHost{.bus = 0, .device = 0}, kId{.bus = 3, .device = 0};
  static constexpr uint64_t kRegs = 0x4000'0000, kCard = 0x10'0000'0000, kMsi = 0xfee0'0000;
  static constexpr uint64_t kRing = 0x1'0000'0000, kRecord = 0x1'0000'1000;

  explicit EndpointBench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rx(module.kernel(), dut::channel(p.rx_ctl_i, p.rx_data_i, p.rx_valid_i, p.rx_ready_o),
           {seed, "rx"}, stall),
        tx(module.kernel(), dut::channel(p.tx_ctl_o, p.tx_data_o, p.tx_valid_o, p.tx_ready_i),
           {seed, "tx"}, stall),
        user(module, {seed, "user"}, stall) {
    for (const unsigned cls : {test::kPosted, test::kNonPosted, test::kCompletion}) {
      set_credits(cls, /*endless=*/true, 0);
    }
    dut::clear_bits(p.irq_i);
    p.pme_i = 0;
    p.ltr_i = 0;
    p.hot_reset_i = 0;
    dut::clear_bits(p.dma_axi_i);
    p.h2s_ready_i = p.s2h_valid_i = 0;
    module.kernel().add(*this);
    module.reset();
  }
  ~EndpointBench() override { module.kernel().remove(*this); }

  // ---- The host's requests

  pcie::Completion ask(const pcie::Tlp& request) {
    rx.send(pcie::encode(request));
    module.run_until([&] { return !completions.empty(); }, 20'000_cycles);
    const pcie::Completion answer = completions.front();
    completions.pop_front();
    return answer;
  }
  static constexpr pcie::Bdf id(unsigned fn) {
    return {.bus = kId.bus, .device = kId.device, .function = static_cast<uint8_t>(fn)};
  }
  uint32_t config_read(uint16_t offset, unsigned fn = 0) {
    const auto answer = ask(pcie::CfgRead{.requester = kHost, .target = id(fn), .offset = offset});
    REQUIRE(answer.payload.size() == 1);
    return answer.payload[0];
  }
  void config_write(uint16_t offset, uint32_t data, uint8_t enables = 0xf, unsigned fn = 0) {
    const auto answer = ask(pcie::CfgWrite{
        .requester = kHost, .target = id(fn), .offset = offset, .first_be = enables, .data = data});
    REQUIRE(answer.status == pcie::CplStatus::Sc);
  }
  void write(uint64_t at, std::vector<uint8_t> data) {
    rx.send(
        pcie::encode(pcie::MemWrite{.requester = kHost, .address = {at}, .data = std::move(data)}));
  }
  void write32(uint64_t at, uint32_t value) {
    std::vector<uint8_t> data(4);
    std::memcpy(data.data(), &value, 4);
    write(at, std::move(data));
  }
  std::vector<uint8_t> read(uint64_t at, uint32_t bytes) {
    std::vector<uint8_t> data;
    const pcie::MemRead request{.requester = kHost, .address = {at}, .length_bytes = bytes};
    for (pcie::Completion part = ask(request);;) {
      REQUIRE(part.status == pcie::CplStatus::Sc);
      const auto more = pcie::enabled_bytes(part);
      data.insert(data.end(), more.begin(), more.end());
      if (data.size() == bytes) return data;
      module.run_until([&] { return !completions.empty(); }, 20'000_cycles);
      part = completions.front();
      completions.pop_front();
    }
  }
  uint32_t read32(uint64_t at) {
    uint32_t value = 0;
    std::memcpy(&value, read(at, 4).data(), 4);
    return value;
  }

  // ---- Bringing it up

  void configure(bool bus_master = true) {
    config_write(0x10, static_cast<uint32_t>(kRegs));
    config_write(0x14, 0);
    config_write(0x18, static_cast<uint32_t>(kCard));
    config_write(0x1c, kCard >> 32);
    config_write(0x04, bus_master ? 6 : 2);
  }
  void enable_interrupts() {
    config_write(0x50, 0x8000'0000, 0xc);  // MSI-X Enable
    for (uint32_t vector = 0; vector < 2; ++vector) {
      const uint64_t entry = kRegs + endpoint_reg::kMsixTable + 16 * vector;
      write32(entry, static_cast<uint32_t>(kMsi));
      write32(entry + 4, 0);
      write32(entry + 8, 0x100 + vector);
      write32(entry + 12, 0);
    }
  }
  // One ring entry; the channel is told of it.
  void start_dma(uint32_t channel, dma::Desc desc) {
    const uint64_t base = kRegs + channel;
    desc.phase = true;
    memory.write({kRing}, dma::to_bytes(desc));
    memory.fill({kRecord}, dma::Record::kBytes, 0);
    write32(base + endpoint_reg::kRing, static_cast<uint32_t>(kRing));
    write32(base + endpoint_reg::kRing + 4, kRing >> 32);
    write32(base + endpoint_reg::kRecord, static_cast<uint32_t>(kRecord));
    write32(base + endpoint_reg::kRecord + 4, kRecord >> 32);
    write32(base + endpoint_reg::kSize, 2);
    write32(base + endpoint_reg::kVector, 1);
    write32(base + endpoint_reg::kControl, 5);
    write32(base + endpoint_reg::kTail, 1);
  }
  dma::Record record() const { return dma::record(memory.read({kRecord}, 16)); }
  // The partner has no room for a class, from reset on; and then room for so many TLPs.
  void no_credits(unsigned cls) {
    set_credits(cls, /*endless=*/false, 0);
    module.reset();
  }
  void grant(unsigned cls, unsigned tlps) { set_credits(cls, /*endless=*/false, tlps); }
  // Credits granted so far, headers and data.
  std::pair<uint64_t, uint64_t> granted(unsigned cls) {
    const unsigned lsb = (test::kCompletion - cls) * test::kClassFcBits;
    return {dut::get_bits(p.rx_fc_o, lsb + 13, 12), dut::get_bits(p.rx_fc_o, lsb, 12)};
  }

  void sample() override {
    const auto now = module.now().value;
    if (p.rx_valid_i && p.rx_ready_o) last_rx = now;
    if (p.tx_valid_o && p.tx_ready_i) {
      last_tx = now;
      ++tx_beats;
    }
    while (!tx.empty()) take(tx.pop());
  }

  dut::Module<V> module;
  V& p = module.pins();
  agent::TlpSource rx;
  agent::TlpSink tx;
  UserPorts<V> user;
  model::HostMemory memory;
  std::deque<pcie::Completion> completions;
  std::vector<uint64_t> writes;          // where the endpoint wrote, in order
  std::vector<uint32_t> interrupts;      // their data
  std::vector<unsigned> interrupt_from;  // the functions that sent them
  unsigned requests = 0;                 // reads and writes of the endpoint
  unsigned interrupt_after = 0;          // writes before the last interrupt
  std::vector<pcie::Message> messages;
  unsigned message_after = 0;  // writes before the last message
  bool silent = false;         // reads are not answered
  bool answer_badly = false;   // with a completion that is malformed
  uint64_t last_rx = 0, last_tx = 0, tx_beats = 0;

 private:
  void set_credits(unsigned cls, bool endless, unsigned limit) {
    const unsigned lsb = (test::kCompletion - cls) * test::kClassFcBits;
    for (const unsigned at : {lsb + 13, lsb}) {
      dut::set_bits(p.tx_fc_i, at, 12, limit);
      dut::set_bits(p.tx_fc_i, at + 12, 1, endless);
    }
  }
  void take(const pcie::RawTlp& raw) {
    if (raw.error) return;  // given up
    const auto decoded = pcie::decode(raw);
    if (const auto* bad = std::get_if<pcie::Malformed>(&decoded)) FAIL(bad->reason);
    const pcie::Tlp& tlp = std::get<pcie::Tlp>(decoded);
    if (const auto* completion = std::get_if<pcie::Completion>(&tlp)) {
      completions.push_back(*completion);
    } else if (const auto* message = std::get_if<pcie::Message>(&tlp)) {
      CHECK(id(message->requester.function) == message->requester);
      messages.push_back(*message);
      message_after = static_cast<unsigned>(writes.size());
    } else if (const auto* write = std::get_if<pcie::MemWrite>(&tlp)) {
      ++requests;
      CHECK(id(write->requester.function) == write->requester);
      if (write->address.value == kMsi) {
        interrupt_from.push_back(write->requester.function);
        interrupts.push_back(raw.payload.at(0));
        interrupt_after = static_cast<unsigned>(writes.size());
      } else {
        writes.push_back(write->address.value);
        memory.write({write->address.value}, write->data);
      }
    } else if (const auto* read = std::get_if<pcie::MemRead>(&tlp)) {
      ++requests;
      CHECK(read->requester == kId);
      if (!silent) answer(*read);
    }
  }
  // In completions that end at multiples of 64 bytes.
  void answer(const pcie::MemRead& read) {
    uint32_t left = read.length_bytes;
    for (uint64_t at = read.address.value; left;) {
      const auto bytes = std::min<uint32_t>(left, 64 - static_cast<uint32_t>(at % 64));
      pcie::Completion cpl{.completer = kHost,
                           .byte_count = left,
                           .requester = read.requester,
                           .tag = read.tag,
                           .lower_address = static_cast<uint8_t>(at & 0x7f)};
      for (uint64_t dword = at & ~3ull; dword < at + bytes; dword += 4) {
        cpl.payload.push_back(memory.read32({dword}));
      }
      if (answer_badly) cpl.payload.clear();  // successful, and without data
      rx.send(pcie::encode(cpl));
      if (answer_badly) return;
      at += bytes;
      left -= bytes;
    }
  }
};

}  // namespace cw::unit
