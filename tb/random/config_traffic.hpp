// SPDX-License-Identifier: Apache-2.0
//
// The host's configuration accesses, one after the other as an operating system makes them, beside
// everything else: reads of anything, writes that matter little, and at times one that changes how
// the function answers. Before such a one the other sequences are held and the link runs dry.
#pragma once

#include "random/host_port.hpp"
#include "random/tape.hpp"

namespace cw::random {

class ConfigTraffic {
 public:
  ConfigTraffic(HostPort& host, Tape& tape, Cover& cover, size_t operations)
      : host_(host), tape_(tape), cover_(cover), operations_(operations) {}

  dut::Task<> run();
  // Gives the function its number and places its BARs.
  dut::Task<> bring_up(uint32_t mps, uint32_t mrrs, uint32_t timeout_range);
  dut::Task<> set_limits(uint32_t mps, uint32_t mrrs);

 private:
  dut::Task<> operation();
  dut::Task<> quiet(bool dma_too);
  dut::Task<> harmless_write();
  dut::Task<> sizing();
  dut::Task<> bus_master_off();
  dut::Task<> decode_off(bool by_power);
  dut::Task<> move_bar();
  dut::Task<> limits();
  dut::Task<> msix_vector();
  dut::Task<> msix_function();
  dut::Task<> probe();

  HostPort& host_;
  Tape& tape_;
  Cover& cover_;
  size_t operations_;
};

}  // namespace cw::random
