// SPDX-License-Identifier: Apache-2.0
//
// The Verilated system of one width behind an interface that knows no width.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "agent/axi_pins.hpp"
#include "agent/axis_pins.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"

namespace cw::env {

inline constexpr unsigned kSystemWidths[] = {64, 128, 256, 512};

struct MsiPins {
  agent::Pin valid, addr, data;
};

class SystemDut {
 public:
  virtual ~SystemDut() = default;

  virtual dut::ModuleBase& module() = 0;
  virtual agent::AxiPins cpu() = 0;          // a slave of the design
  virtual agent::AxiPins host_memory() = 0;  // masters of the design
  virtual agent::AxiPins walk_memory() = 0;
  virtual agent::AxiPins card_memory() = 0;  // behind the DMA engine's AXI4 port
  virtual agent::AxisPins stream_out() = 0;  // of the card
  virtual agent::AxisPins stream_in() = 0;
  virtual dut::ChannelPins down() = 0;
  virtual dut::ChannelPins up() = 0;
  virtual MsiPins msi() = 0;
  virtual agent::Pin iommu_irq() = 0;
  virtual agent::Pin intx() = 0;  // INTA to INTD of devices
  virtual agent::Pin hot_reset() = 0;
  // Waves from here on.
  virtual void trace(const std::string& path) = 0;
};

// True for a width that this build has.
bool system_built(unsigned width);

// Throws std::invalid_argument for another one.
std::unique_ptr<SystemDut> make_system_dut(unsigned width, uint64_t seed);

}  // namespace cw::env
