// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include "Vcw_port.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "unit/port_traffic.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;

pcie::RawTlp write_of(uint32_t bytes) {
  return pcie::encode(
      pcie::MemWrite{.address = {0x4000}, .data = std::vector<uint8_t>(bytes, 0x5a)});
}
pcie::RawTlp read_of(uint8_t tag) {
  return pcie::encode(pcie::MemRead{.tag = {tag}, .address = {0x8000}, .length_bytes = 64});
}

struct Port {
  dut::Module<Vcw_port> module{1};
  Vcw_port& p = module.pins();
  dut::Kernel& kernel = module.kernel();
  agent::TlpSource rx{kernel,
                      dut::channel(p.rx_ctl_i, p.rx_data_i, p.rx_valid_i, p.rx_ready_o),
                      {1, "rx"},
                      agent::Stall::None};
  agent::TlpSink tx{kernel,
                    dut::channel(p.tx_ctl_o, p.tx_data_o, p.tx_valid_o, p.tx_ready_i),
                    {1, "tx"},
                    agent::Stall::None};
  agent::TlpSink in_p{kernel,
                      dut::channel(p.in_p_ctl_o, p.in_p_data_o, p.in_p_valid_o, p.in_p_ready_i),
                      {1, "in_p"},
                      agent::Stall::None};
  agent::TlpSink in_np{
      kernel,
      dut::channel(p.in_np_ctl_o, p.in_np_data_o, p.in_np_valid_o, p.in_np_ready_i),
      {1, "in_np"},
      agent::Stall::None};
  agent::TlpSource out_p{
      kernel,
      dut::channel(p.out_p_ctl_i, p.out_p_data_i, p.out_p_valid_i, p.out_p_ready_o),
      {1, "out_p"},
      agent::Stall::None};
  agent::TlpSource out_np{
      kernel,
      dut::channel(p.out_np_ctl_i, p.out_np_data_i, p.out_np_valid_i, p.out_np_ready_o),
      {1, "out_np"},
      agent::Stall::None};

  Port() {
    p.max_payload_i = 1;
    p.ecrc_check_i = p.ecrc_generate_i = 0;
    p.np_hold_i = p.np_drop_i = 0;
    p.out_cpl_valid_i = 0;
    p.in_cpl_ready_i = 1;
    grant(~uint64_t{0}, ~uint64_t{0});
    module.reset();
  }
  // All credits of the partner, bit by bit.
  void grant(uint64_t low, uint64_t high) {
    dut::set_bits(p.tx_fc_i, 0, 64, low);
    dut::set_bits(p.tx_fc_i, 64, 14, high);
  }
};

TEST_CASE("A port files what arrives by class, and sends what its device offers",
          "[unit][port][R31]") {
  Port port;
  port.rx.send(read_of(1));
  port.rx.send(write_of(64));
  port.out_p.send(write_of(128));
  port.out_np.send(read_of(2));
  port.module.step(40_cycles);
  CHECK(port.in_p.received() == std::deque{write_of(64)});
  CHECK(port.in_np.received() == std::deque{read_of(1)});
  CHECK(port.tx.size() == 2);
  CHECK_FALSE(port.p.malformed_o);
}

TEST_CASE("A port drops what is malformed, and tells its header", "[unit][port][R36]") {
  Port port;
  const pcie::RawTlp big = write_of(512);  // Max_Payload_Size is 256
  bool told = false;
  port.rx.send(big);
  for (unsigned i = 0; i < 40; ++i) {
    port.module.settle();
    if (port.p.malformed_o) {
      told = true;
      CHECK(dut::get_bits(port.p.dropped_hdr_o, 96, 32) == big.hdr[0]);
    }
    port.module.step();
  }
  CHECK(told);
  CHECK(port.in_p.size() == 0);
}

TEST_CASE("A port without the partner's credits sends nothing", "[unit][port][R35]") {
  Port port;
  port.grant(0, 0);
  port.out_p.send(write_of(64));
  port.out_np.send(read_of(3));
  port.module.step(60_cycles);
  CHECK(port.tx.size() == 0);
  port.grant(~uint64_t{0}, ~uint64_t{0});
  port.module.step(20_cycles);
  CHECK(port.tx.size() == 2);
}

TEST_CASE("A port drops what fails its ECRC and tells it; what it sends can have a digest",
          "[unit][port][R35][R39]") {
  Port port;
  port.p.ecrc_check_i = 1;
  port.p.ecrc_generate_i = 1;
  pcie::RawTlp wrong = pcie::with_ecrc(write_of(64));
  wrong.payload[3] ^= 4;
  unsigned told = 0;
  port.rx.send(wrong);
  port.rx.send(pcie::with_ecrc(write_of(32)));
  port.out_p.send(write_of(128));
  for (unsigned i = 0; i < 40; ++i) {
    port.module.settle();
    told += port.p.ecrc_error_o;
    CHECK_FALSE(port.p.malformed_o);
    port.module.step();
  }
  CHECK(told == 1);
  pcie::RawTlp kept = pcie::with_ecrc(write_of(32));
  kept.digest = 0;  // it ends here; the header stays
  CHECK(port.in_p.received() == std::deque{kept});
  CHECK(port.tx.received() == std::deque{pcie::with_ecrc(write_of(128))});
}

}  // namespace
}  // namespace cw::unit
