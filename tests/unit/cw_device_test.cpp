// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64 Functions=3 Channels=2
#include <deque>
#include <vector>

#include "Vcw_device.h"
#include "Vcw_device_w64_functions3_channels2.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "model/host_memory.hpp"
#include "pcie/codec.hpp"
#include "unit/atomic_fields.hpp"
#include "unit/dma_fields.hpp"
#include "unit/interrupt_fields.hpp"
#include "unit/msix_pins.hpp"

namespace cw::unit {
namespace {

using namespace cw::dut::literals;

constexpr uint64_t kRing = 0x1'0000'0000, kRecords = 0x1'0000'1000, kData = 0x2'0000'0000;
constexpr uint32_t kH2c = 0x100, kControl = 0x00, kRingAt = 0x08, kRecordAt = 0x10, kSize = 0x18,
                   kTail = 0x20;

// The device between registers, and a port whose partner has all its reads answered from memory.
template <class V>
struct DeviceBench : dut::Clocked {
  static constexpr unsigned kFunctions =
      std::is_same_v<V, Vcw_device_w64_functions3_channels2> ? 3 : 1;

  DeviceBench()
      : posted(module.kernel(), dut::channel(p.p_ctl_o, p.p_data_o, p.p_valid_o, p.p_ready_i),
               {1, "posted"}),
        nonposted(module.kernel(),
                  dut::channel(p.np_ctl_o, p.np_data_o, p.np_valid_o, p.np_ready_i),
                  {1, "nonposted"}),
        answers(module.kernel(),
                dut::channel(p.cpl_ctl_i, p.cpl_data_i, p.cpl_valid_i, p.cpl_ready_o),
                {1, "answers"}) {
    for (unsigned f = 0; f < kFunctions; ++f) {
      FunctionState state{.msix_enable = f == 0, .id = static_cast<uint16_t>(0x0300 + f)};
      if (f != 0) state.msi = {.data = 0x40, .address = 0x5000, .enable = true};
      drive(p.state_i, state, f);
      dut::set_bits(p.state_i, f * kFunctionStateBits + 397, 3, 1);  // Max_Payload_Size 256
      dut::set_bits(p.state_i, f * kFunctionStateBits + 394, 3, 2);  // Max_Read_Request_Size 512
    }
    p.event_i = p.turn_off_i = p.others_i = p.np_left_i = p.np_left_tag_i = 0;
    dut::clear_bits(p.irq_i);
    dut::clear_bits(p.error_i);
    p.ltr_i = p.ltr_max_i = 0;
    p.cm_wr_valid_i = p.cm_rd_valid_i = 0;
    drive_atomic(p.atomic_req_i, {}, /*valid=*/false);
    dut::clear_bits(p.axi_i);
    p.h2s_ready_i = p.s2h_valid_i = 0;
    module.kernel().add(*this);
    module.reset();
  }
  ~DeviceBench() override { module.kernel().remove(*this); }

  void sample() override {
    while (!nonposted.empty()) {
      const auto tlp = std::get<pcie::Tlp>(pcie::decode(nonposted.pop()));
      const auto& read = std::get<pcie::MemRead>(tlp);
      reads.push_back(read);
      left.push_back(read.tag.value);
    }
    while (!posted.empty()) {
      writes.push_back(std::get<pcie::Tlp>(pcie::decode(posted.pop())));
      if (const auto* write = std::get_if<pcie::MemWrite>(&writes.back())) {
        memory.write({write->address.value}, write->data);
      }
    }
  }
  void commit() override {
    p.np_left_i = !left.empty();
    if (left.empty()) return;
    p.np_left_tag_i = static_cast<uint16_t>(left.front());
    left.pop_front();
    const pcie::MemRead& read = reads[answered++];
    answers.send(pcie::encode(completion_of(read)));
  }
  pcie::Completion completion_of(const pcie::MemRead& read) const {
    const uint64_t from = read.address.value / 4 * 4;
    const uint64_t past = (read.address.value + read.length_bytes + 3) / 4 * 4;
    const auto bytes = memory.read({from}, past - from);
    pcie::Completion completion{.byte_count = read.length_bytes,
                                .requester = read.requester,
                                .tag = read.tag,
                                .lower_address = static_cast<uint8_t>(read.address.value & 0x7f)};
    for (size_t n = 0; n < bytes.size(); n += 4) {
      completion.payload.push_back(uint32_t{bytes[n]} | uint32_t{bytes[n + 1]} << 8 |
                                   uint32_t{bytes[n + 2]} << 16 | uint32_t{bytes[n + 3]} << 24);
    }
    return completion;
  }

  dut::Module<V> module{1};
  V& p = module.pins();
  agent::TlpSink posted, nonposted;
  agent::TlpSource answers;
  msix::RegBus<V> regs{module};
  model::HostMemory memory;
  std::vector<pcie::MemRead> reads;
  std::deque<unsigned> left;
  size_t answered = 0;
  std::vector<pcie::Tlp> writes;
};

template <class V>
void host_to_card() {
  DeviceBench<V> bench;
  auto& p = bench.p;
  std::vector<uint8_t> data(300);
  for (size_t n = 0; n < data.size(); ++n) data[n] = static_cast<uint8_t>(7 * n);
  bench.memory.write({kData}, data);
  bench.memory.write({kRing}, dma::to_bytes({.src = kData, .dst = 0, .bytes = 300, .phase = true}));
  bench.regs.write(kH2c + kRingAt, static_cast<uint32_t>(kRing));
  bench.regs.write(kH2c + kRingAt + 4, kRing >> 32);
  bench.regs.write(kH2c + kRecordAt, static_cast<uint32_t>(kRecords));
  bench.regs.write(kH2c + kRecordAt + 4, kRecords >> 32);
  bench.regs.write(kH2c + kSize, 1);
  bench.regs.write(kH2c + kControl, 1);
  bench.regs.write(kH2c + kTail, 1);
  bench.module.run_until([&] { return !bench.writes.empty(); }, 2000_cycles);
  CHECK(dma::record(bench.memory.read({kRecords}, 16)) ==
        dma::Record{.bytes_done = 300, .head = 1, .phase = true});
  CHECK(bench.reads.front().address.value == kRing);
  CHECK(bench.reads.size() >= 2);
  CHECK(bench.reads.back().requester == pcie::Bdf{.bus = 3});

  p.cm_rd_addr_i = 64;
  p.cm_rd_valid_i = 1;
  bench.module.run_until([&] { return p.cm_rd_ready_o; }, 20_cycles);
  bench.module.step();
  p.cm_rd_valid_i = 0;
  bench.module.run_until([&] { return p.cm_rd_rvalid_o; }, 20_cycles);
  CHECK(dma::get_bytes(p.cm_rd_rdata_o, 0, 8) ==
        std::vector<uint8_t>(data.begin() + 64, data.begin() + 72));
}

TEST_CASE("What the card asks for leaves as requests, and their answers reach it",
          "[unit][endpoint][dma]") {
  host_to_card<Vcw_device>();
  host_to_card<Vcw_device_w64_functions3_channels2>();
}

TEST_CASE("Interrupts and error messages share the posted requests of a device",
          "[unit][endpoint][interrupts][messages]") {
  DeviceBench<Vcw_device_w64_functions3_channels2> bench;
  auto& p = bench.p;
  dut::set_bits(p.irq_i, 32 * 2, 1, 1);  // a line of function 2
  dut::set_bits(p.error_i, 2, 1, 1);     // of function 0
  bench.module.step();
  dut::clear_bits(p.error_i);
  bench.module.step(50_cycles);
  REQUIRE(bench.writes.size() == 2);
  unsigned messages = 0, interrupts = 0;
  for (const pcie::Tlp& tlp : bench.writes) {
    if (const auto* write = std::get_if<pcie::MemWrite>(&tlp)) {
      CHECK(write->requester == pcie::Bdf{.bus = 3, .function = 2});
      CHECK(write->address.value == 0x5000);
      ++interrupts;
    }
    messages += std::holds_alternative<pcie::Message>(tlp);
  }
  CHECK(messages == 1);
  CHECK(interrupts == 1);
}

}  // namespace
}  // namespace cw::unit
