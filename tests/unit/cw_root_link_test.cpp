// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <deque>

#include "Vcw_root_link.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"
#include "unit/port_traffic.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;
using V = Vcw_root_link;

constexpr pcie::Bdf kDevice{.bus = 1}, kOther{.bus = 2};

// Those above the link send and take as they like; nothing is before a completion.
struct Link : dut::Clocked {
  explicit Link(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        function(module),
        rx(kernel(), dut::channel(p.rx_ctl_i, p.rx_data_i, p.rx_valid_i, p.rx_ready_o),
           {seed, "rx"}, stall),
        host_p(kernel(),
               dut::channel(p.host_p_ctl_i, p.host_p_data_i, p.host_p_valid_i, p.host_p_ready_o),
               {seed, "hp"}, stall),
        host_np(
            kernel(),
            dut::channel(p.host_np_ctl_i, p.host_np_data_i, p.host_np_valid_i, p.host_np_ready_o),
            {seed, "hnp"}, stall),
        peer_p(kernel(),
               dut::channel(p.peer_p_ctl_i, p.peer_p_data_i, p.peer_p_valid_i, p.peer_p_ready_o),
               {seed, "pp"}, stall),
        peer_np(kernel(), dut::channel(p.peer_np_ctl_i, none, p.peer_np_valid_i, p.peer_np_ready_o),
                {seed, "pnp"}, stall),
        mem_cpl(
            kernel(),
            dut::channel(p.mem_cpl_ctl_i, p.mem_cpl_data_i, p.mem_cpl_valid_i, p.mem_cpl_ready_o),
            {seed, "mem"}, stall),
        tx(kernel(), dut::channel(p.tx_ctl_o, p.tx_data_o, p.tx_valid_o, p.tx_ready_i),
           {seed, "tx"}, stall),
        up_p(kernel(), dut::channel(p.up_p_ctl_o, p.up_p_data_o, p.up_p_valid_o, p.up_p_ready_i),
             {seed, "up"}, stall),
        up_np(kernel(),
              dut::channel(p.up_np_ctl_o, p.up_np_data_o, p.up_np_valid_o, p.up_np_ready_i),
              {seed, "unp"}, stall),
        up_cpl(kernel(),
               dut::channel(p.up_cpl_ctl_o, p.up_cpl_data_o, p.up_cpl_valid_o, p.up_cpl_ready_i),
               {seed, "ucpl"}, stall) {
    for (unsigned cls = 0; cls < 3; ++cls) {  // a partner with endless room
      dut::set_bits(p.tx_fc_i, cls * test::kClassFcBits + 25, 1, 1);
      dut::set_bits(p.tx_fc_i, cls * test::kClassFcBits + 12, 1, 1);
    }
    p.cpl_pass_i = 1;
    p.retired_i = 0;
    kernel().add(*this);
    function.write(0x18, 0x0002'0100);  // buses 1 and 2
  }
  ~Link() override { kernel().remove(*this); }
  dut::Kernel& kernel() { return module.kernel(); }
  void sample() override {
    to_peer += p.cpl_to_peer_o;
    taken += p.cpl_take_o;
  }

  dut::Module<V> module;
  V& p = module.pins();
  CfgFunction<V> function;
  std::remove_reference_t<decltype(V::peer_p_data_i)> none{};
  agent::TlpSource rx, host_p, host_np, peer_p, peer_np, mem_cpl;
  agent::TlpSink tx, up_p, up_np, up_cpl;
  unsigned to_peer = 0, taken = 0;

  // So many requests of devices have come up: completions down are owed.
  void requested(unsigned count) {
    for (unsigned n = 0; n < count; ++n) {
      rx.send(pcie::encode(
          pcie::MemRead{.requester = kDevice, .address = {0x1000}, .length_bytes = 4}));
    }
    module.run_until([&] { return up_np.size() == count; }, 5000_cycles);
  }
};

pcie::RawTlp completion(pcie::Bdf requester, uint32_t bytes) {
  return pcie::encode(pcie::Completion{.byte_count = bytes,
                                       .requester = requester,
                                       .payload = std::vector<uint32_t>(bytes / 4, 0x1234)});
}

TEST_CASE("Host, devices and memory all reach the link, each with its TLPs in order",
          "[unit][root][R30][R31][R50]") {
  uint64_t seed = 60;
  for (const agent::Stall stall : agent::kEveryStall) {
    Link link(++seed, stall);
    agent::Rng rng(seed, "tlps");
    std::array<std::deque<pcie::RawTlp>, 5> sent, came;
    link.requested(100);
    agent::TlpSource* const sources[] = {&link.host_p, &link.peer_p, &link.host_np, &link.peer_np,
                                         &link.mem_cpl};
    for (unsigned n = 0; n < 100; ++n) {
      const auto from = static_cast<unsigned>(rng.range(0, 4));
      pcie::RawTlp tlp = from < 2 ? test::random_write(rng, 128)
                         : from == 4
                             ? completion({.bus = 1, .device = 4}, 64)
                             : pcie::encode(pcie::MemRead{.address = {0x1000}, .length_bytes = 4});
      tlp.hdr[1] = (tlp.hdr[1] & 0xffff) | from << 16;  // requester or completer: who it is
      sent[from].push_back(tlp);
      sources[from]->send(tlp);
    }
    link.module.run_until([&] { return link.tx.size() == 100; }, 20'000_cycles);
    for (const auto& tlp : link.tx.received()) came[tlp.hdr[1] >> 16].push_back(tlp);
    CHECK(came == sent);
  }
}

TEST_CASE("A completion that comes up goes down again to the device that it is for",
          "[unit][root][R22][R50]") {
  Link link(1, agent::Stall::Bursty);
  link.requested(3);
  const auto for_device = completion(kDevice, 96), for_other = completion(kOther, 4),
             for_host = completion({}, 128), for_nobody = completion({.bus = 3}, 4);
  for (const auto& tlp : {for_device, for_host, for_other, for_nobody}) link.rx.send(tlp);
  link.module.run_until([&] { return link.tx.size() + link.up_cpl.size() == 4; }, 2000_cycles);
  CHECK(link.tx.received() == std::deque<pcie::RawTlp>{for_device, for_other});
  CHECK(link.up_cpl.received() == std::deque<pcie::RawTlp>{for_host, for_nobody});
  CHECK(link.to_peer == 2);
  CHECK(link.taken == 4);
  link.p.cpl_pass_i = 0;
  link.rx.send(for_device);
  link.module.step(100_cycles);
  CHECK(link.p.cpl_wait_o);
  CHECK(link.tx.size() == 2);
}

TEST_CASE("Reads of devices that the partner has no room for hold back nothing but reads",
          "[unit][root][R30][R31][R50]") {
  Link link;
  dut::set_bits(link.p.tx_fc_i, test::kClassFcBits + 25, 1, 0);  // no non-posted header
  dut::set_bits(link.p.tx_fc_i, test::kClassFcBits + 13, 12, 0);
  agent::Rng rng(1, "tlps");
  for (unsigned n = 0; n < 10; ++n) {
    link.peer_np.send(pcie::encode(pcie::MemRead{.address = {0x1000}, .length_bytes = 4}));
  }
  link.module.step(50_cycles);
  CHECK(link.tx.empty());
  link.requested(2);
  link.peer_p.send(test::random_write(rng, 64));
  link.host_p.send(test::random_write(rng, 64));
  link.mem_cpl.send(completion(kDevice, 64));
  link.rx.send(completion(kDevice, 64));
  link.module.run_until([&] { return link.tx.size() == 4; }, 200_cycles);
}

}  // namespace
}  // namespace cw::unit
