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
  // The run has ended with a function-level reset.
  bool function_was_reset() const { return function_was_reset_; }
  // Gives the function its number and places its BARs.
  dut::Task<> bring_up(uint32_t mps, uint32_t mrrs, uint32_t timeout_range);
  dut::Task<> set_limits(uint32_t mps, uint32_t mrrs);
  dut::Task<> turn_on();
  // Every register is what the model says.
  dut::Task<> read_all();
  // At rest: the log of errors is what it must be.
  dut::Task<> check_errors();

 private:
  dut::Task<> operation();
  dut::Task<> quiet(bool dma_too);
  // Command with bits set and cleared; what else is in it stays.
  dut::Task<> command(uint16_t set, uint16_t clear = 0);
  dut::Task<> errors();
  dut::Task<> draw_error_settings();
  dut::Task<> begin_interrupts();
  dut::Task<> enable_msix(bool masked);
  dut::Task<> function_reset();
  dut::Task<> recapture();
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
  bool function_was_reset_ = false;
  bool by_msi_ = false;  // interrupts; else by MSI-X
};

}  // namespace cw::random
