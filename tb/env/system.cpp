// SPDX-License-Identifier: Apache-2.0
#include "env/system.hpp"

#include <algorithm>

namespace cw::env {

namespace {

constexpr uint64_t kMemoryBytes = uint64_t{4} << 30;  // pages come from all over this much RAM

agent::AxiMemory::Options memory_options(const SystemOptions& options) {
  return {.read_latency = options.read_latency,
          .write_latency = options.write_latency,
          .stall = options.stall};
}

}  // namespace

MsiListener::MsiListener(dut::Kernel& kernel, MsiPins pins) : kernel_(kernel), pins_(pins) {
  kernel_.add(*this);
}

MsiListener::~MsiListener() { kernel_.remove(*this); }

void MsiListener::sample() {
  if (!pins_.valid.high()) return;
  messages_.push_back({.at = kernel_.now(),
                       .address = {pins_.addr.get()},
                       .data = static_cast<uint32_t>(pins_.data.get())});
}

uint64_t MsiListener::count(uint32_t data) const {
  return static_cast<uint64_t>(std::count_if(messages_.begin(), messages_.end(),
                                             [&](const Message& m) { return m.data == data; }));
}

System::System(const SystemOptions& options)
    : options_(options),
      dut_(make_system_dut(options.width, options.seed)),
      cache_(memory_),
      pages_({.base = map::kRam.base, .bytes = kMemoryBytes}, options.seed),
      memory_port_(kernel(), dut_->host_memory(), memory_, rng("host.memory"),
                   memory_options(options)),
      walk_port_(kernel(), dut_->walk_memory(), memory_, rng("host.walk"), memory_options(options)),
      card_port_(kernel(), dut_->card_memory(), card_memory_, rng("card.memory"),
                 {.read_latency = options.card_latency,
                  .write_latency = options.card_latency,
                  .stall = options.stall}),
      stream_out_(kernel(), dut_->stream_out(), rng("card.stream_out"), options.stall),
      stream_in_(kernel(), dut_->stream_in(), rng("card.stream_in"), options.stall),
      cpu_(kernel(), dut_->cpu(), rng("host.cpu"), {.stall = options.stall}),
      host_(kernel(), cpu_),
      interrupts_(kernel(), dut_->msi()),
      hot_reset_(dut_->hot_reset()),
      down_(kernel(), dut_->down(),
            {.name = "rp>ep", .well_formed = true, .link_down = [this] { return in_hot_reset(); }}),
      up_(kernel(), dut_->up(),
          {.name = "ep>rp", .well_formed = true, .link_down = [this] { return in_hot_reset(); }}),
      iommu_irq_(dut_->iommu_irq()),
      intx_(dut_->intx()),
      tell_(kernel(), down_, up_) {
  memory_port_.attach(cache_);
  walk_port_.attach(cache_);
}

}  // namespace cw::env
