// SPDX-License-Identifier: Apache-2.0
// cw-variant: Number=1
#include <algorithm>
#include <optional>
#include <vector>

#include "Vcw_root_branch.h"
#include "Vcw_root_branch_number1.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "pcie/codec.hpp"
#include "unit/cfg_pins.hpp"
#include "unit/port_traffic.hpp"
#include "unit/translator.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;
using pcie::CplStatus;
using pcie::MemRead;
using pcie::MemWrite;

constexpr pcie::Bdf kDevice{.bus = 1};
constexpr uint64_t kRam = 0x1'2345'6000, kDoorbell = 0x2800'0040;

// A device below, host memory and an IOMMU without tables beside it, and the host's requests above.
template <class V>
struct Branch : dut::Clocked {
  Branch()
      : function(module),
        device(kernel(), dut::channel(p.rx_ctl_i, p.rx_data_i, p.rx_valid_i, p.rx_ready_o),
               {1, "rx"}, agent::Stall::None),
        link(kernel(), dut::channel(p.tx_ctl_o, p.tx_data_o, p.tx_valid_o, p.tx_ready_i), {1, "tx"},
             agent::Stall::None),
        posted(kernel(),
               dut::channel(p.host_p_ctl_i, p.host_p_data_i, p.host_p_valid_i, p.host_p_ready_o),
               {1, "p"}, agent::Stall::None),
        np(kernel(),
           dut::channel(p.host_np_ctl_i, p.host_np_data_i, p.host_np_valid_i, p.host_np_ready_o),
           {1, "np"}, agent::Stall::None),
        completions(kernel(),
                    dut::channel(p.host_cpl_ctl_o, p.host_cpl_data_o, p.host_cpl_valid_o,
                                 p.host_cpl_ready_i),
                    {1, "cpl"}, agent::Stall::None),
        translator(module, {1, "iommu"}, agent::Stall::None),
        port(kernel(), both_halves(p, idle), memory, {1, "memory"}, {.write_latency = 30_cycles}) {
    for (unsigned cls = 0; cls < 3; ++cls) {  // a device with endless room
      dut::set_bits(p.tx_fc_i, cls * test::kClassFcBits + 25, 1, 1);
      dut::set_bits(p.tx_fc_i, cls * test::kClassFcBits + 12, 1, 1);
    }
    p.msi_ready_i = 1;
    p.tr_rsp_valid_i = 0;
    kernel().add(*this);
    module.reset();
    function.write(0x18, 0x0002'0100);  // buses 1 and 2
    function.write(0x04, 0x0006, 0x3);
  }
  ~Branch() override { kernel().remove(*this); }
  dut::Kernel& kernel() { return module.kernel(); }
  void sample() override {
    if (p.msi_valid_o && p.msi_ready_i) messages.push_back(p.msi_data_o);
  }
  void send(const pcie::Tlp& tlp) { device.send(pcie::encode(tlp)); }
  void write(uint64_t hpa, uint32_t value) {
    std::vector<uint8_t> data(4);
    std::memcpy(data.data(), &value, 4);
    send(MemWrite{.requester = kDevice, .address = iova_of(hpa), .data = data});
  }
  template <class T>
  T next(agent::TlpSink& from) {
    module.run_until([&] { return !from.empty(); }, 1000_cycles);
    return std::get<T>(std::get<pcie::Tlp>(pcie::decode(from.pop())));
  }

  dut::Module<V> module;
  V& p = module.pins();
  CfgFunction<V> function;
  IdleHalf<sizeof(V::m_w_data_o)> idle;
  model::HostMemory memory;
  agent::TlpSource device;
  agent::TlpSink link;
  agent::TlpSource posted, np;
  agent::TlpSink completions;
  Translator<V> translator;
  agent::AxiMemory port;
  std::vector<uint32_t> messages;
};

TEST_CASE("A device's read waits in its branch for the writes before it, and sees them",
          "[unit][root][duo][R29][R37]") {
  Branch<Vcw_root_branch> branch;
  for (uint32_t n = 0; n < 8; ++n) branch.write(kRam + 4 * n, 0x100 + n);
  branch.send(
      MemRead{.requester = kDevice, .tag = {5}, .address = iova_of(kRam), .length_bytes = 32});
  const auto answer = branch.next<pcie::Completion>(branch.link);
  CHECK(answer.status == CplStatus::Sc);
  REQUIRE(answer.payload.size() == 8);
  for (uint32_t n = 0; n < 8; ++n) CHECK(answer.payload[n] == 0x100 + n);
}

TEST_CASE("The host's requests go down a branch, and their completions come up",
          "[unit][root][duo][R48]") {
  Branch<Vcw_root_branch> branch;
  branch.posted.send(pcie::encode(MemWrite{.address = {0x4000'0000}, .data = {1, 2, 3, 4}}));
  CHECK(branch.next<MemWrite>(branch.link).data == std::vector<uint8_t>{1, 2, 3, 4});
  branch.np.send(pcie::encode(MemRead{.tag = {3}, .address = {0x4000'0000}, .length_bytes = 4}));
  CHECK(branch.next<MemRead>(branch.link).tag == pcie::Tag{3});
  branch.send(pcie::Completion{.completer = kDevice, .byte_count = 4, .tag = {3}, .payload = {7}});
  CHECK(branch.next<pcie::Completion>(branch.completions).payload == std::vector<uint32_t>{7});
}

TEST_CASE("An interrupt waits for its turn, and what is behind it with it",
          "[unit][root][duo][R29][R32]") {
  Branch<Vcw_root_branch> branch;
  branch.p.msi_ready_i = 0;
  branch.write(kRam, 1);
  branch.write(kDoorbell, 0xbe11);
  branch.write(kRam, 2);
  branch.module.step(300_cycles);
  CHECK(branch.p.msi_valid_o == 1);
  CHECK(branch.memory.read32({kRam}) == 1);
  CHECK(branch.messages.empty());
  branch.p.msi_ready_i = 1;
  branch.module.step(100_cycles);
  CHECK(branch.messages == std::vector<uint32_t>{0xbe11});
  CHECK(branch.memory.read32({kRam}) == 2);
}

TEST_CASE("What access control forbids is answered in the name of its own root port",
          "[unit][root][duo][R50]") {
  Branch<Vcw_root_branch_number1> branch;
  branch.function.write(0x104, 1u << 16, 0xf);  // ACS Source Validation
  branch.send(
      MemRead{.requester = {.bus = 9}, .tag = {1}, .address = iova_of(kRam), .length_bytes = 4});
  const auto answer = branch.next<pcie::Completion>(branch.link);
  CHECK(answer.status == CplStatus::Ca);
  CHECK(answer.completer == pcie::Bdf{.bus = 0, .device = 1});
}

}  // namespace
}  // namespace cw::unit
