// SPDX-License-Identifier: Apache-2.0
#include "latency.hpp"

#include <stdexcept>

#include "pcie/codec.hpp"

namespace cw::sim {

namespace {

constexpr unsigned kQuiet = 400;  // cycles after which nothing of before is under way

}  // namespace

MmioLatency mmio_read_latency(env::Bringup& fabric) {
  fabric.system.run(dut::Cycles{kQuiet});
  const dut::Cycles begin = fabric.system.now();
  fabric.system.host().read32(fabric.registers);
  const dut::Cycles end = fabric.system.now();
  return {.endpoint = fabric.system.up().seen().back().at - fabric.system.down().seen().back().at,
          .cpu = end - begin};
}

dut::Cycles doorbell_latency(env::Bringup& fabric, const env::DmaSpace::Buffer& buffer) {
  constexpr uint32_t kBytes = 256;
  fabric.system.run(dut::Cycles{kQuiet});
  fabric.h2c.submit({.segments = {{.iova = buffer.iova, .card_addr = 0, .bytes = kBytes}}});
  const uint64_t before = fabric.system.up().tlps();
  fabric.h2c.ring_doorbell();
  const dut::Cycles doorbell = fabric.system.down().seen().back().at;
  // Upstream come the read of the descriptor, then that of the data; downstream their completions.
  fabric.system.kernel().run_until([&] { return fabric.system.up().tlps() >= before + 2; },
                                   dut::Cycles{100'000}, "the read of the payload");
  const dut::Cycles payload = fabric.system.up().seen().back().at;
  if (fabric.h2c.take_record().error != model::DmaError::Ok) {
    throw std::runtime_error("the transfer that measures the doorbell failed");
  }
  return payload - doorbell;
}

}  // namespace cw::sim
