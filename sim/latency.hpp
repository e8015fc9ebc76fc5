// SPDX-License-Identifier: Apache-2.0
//
// How long single operations take, as the monitors on the link see them.
#pragma once

#include <cstdint>

#include "dut/kernel.hpp"
#include "env/bringup.hpp"

namespace cw::sim {

struct MmioLatency {
  dut::Cycles endpoint{};  // request TLP into the endpoint to completion TLP out of it
  dut::Cycles cpu{};       // the whole load
};
// A read of one register dword with nothing else under way.
MmioLatency mmio_read_latency(env::Bringup& fabric);

// Doorbell TLP into the endpoint to the first payload TLP of a host-to-card transfer of `buffer`.
dut::Cycles doorbell_latency(env::Bringup& fabric, const env::DmaSpace::Buffer& buffer);

}  // namespace cw::sim
