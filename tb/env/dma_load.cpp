// SPDX-License-Identifier: Apache-2.0
#include "env/dma_load.hpp"

#include <algorithm>
#include <stdexcept>

namespace cw::env {

namespace {

constexpr unsigned kPages = 8;  // of the host and of the card, in turn; what is written to the
                                // host by host to host and read from the card lies behind them
constexpr dut::Cycles kBudget{500'000};

}  // namespace

DmaLoad::DmaLoad(DmaSpace& space, DmaDriver& channel, Options options)
    : channel_(channel),
      options_(options),
      buffer_(space.map(uint64_t{2 * kPages} * pcie::kPageBytes)) {}

void DmaLoad::start() {
  submitted_ = 0;
  ends_.clear();
  submit(options_.entries);
}

void DmaLoad::submit(unsigned entries) {
  for (unsigned n = 0; n < entries; ++n, ++submitted_) {
    const uint64_t place = uint64_t{submitted_ % kPages} * pcie::kPageBytes;
    const uint64_t behind = uint64_t{kPages} * pcie::kPageBytes + place;
    const uint64_t other = channel_.kind() == model::DmaKind::H2h   ? buffer_.iova.value + behind
                           : channel_.kind() == model::DmaKind::C2h ? behind
                                                                    : place;
    channel_.submit(
        {.segments = {{.iova = buffer_.iova + place, .card_addr = other, .bytes = options_.bytes}},
         .tag = static_cast<uint16_t>(submitted_)});
  }
  channel_.ring_doorbell();
}

void DmaLoad::top_up() {
  const auto under_way = submitted_ - static_cast<unsigned>(ends_.size());
  if (under_way <= options_.entries / 2) submit(options_.entries - under_way);
}

void DmaLoad::take(dut::Cycles now) {
  while (record_ready()) {
    const auto record = channel_.take_record();
    if (record.error != model::DmaError::Ok || record.bytes_done != options_.bytes) {
      throw std::runtime_error("an entry of a DMA load failed: " + to_text(record));
    }
    ends_.push_back(now);
  }
}

void DmaLoad::finish(dut::Kernel& kernel) {
  while (!ended()) {
    kernel.run_until([&] { return record_ready(); }, kBudget, "an entry of a DMA load");
    take(kernel.now());
  }
}

std::vector<double> measure(dut::Kernel& kernel, std::span<DmaLoad> loads, unsigned entries) {
  const auto any_ready = [&] { return std::ranges::any_of(loads, &DmaLoad::record_ready); };
  const auto busy = [&] {
    return std::ranges::any_of(loads, [&](const DmaLoad& l) { return l.ends().size() < entries; });
  };
  for (DmaLoad& load : loads) load.start();
  while (busy()) {
    kernel.run_until(any_ready, kBudget, "an entry of a DMA load");
    for (DmaLoad& load : loads) load.take(kernel.now());
    for (DmaLoad& load : loads) load.top_up();
  }
  dut::Cycles from{};
  const dut::Cycles to = kernel.now();
  for (const DmaLoad& load : loads) from = std::max(from, load.ends()[entries / 4]);
  for (DmaLoad& load : loads) load.finish(kernel);
  std::vector<double> rates;
  for (const DmaLoad& load : loads) {
    const auto inside =
        std::ranges::count_if(load.ends(), [&](dut::Cycles at) { return at > from && at <= to; });
    rates.push_back(static_cast<double>(load.bytes()) * static_cast<double>(inside) /
                    static_cast<double>((to - from).value));
  }
  return rates;
}

}  // namespace cw::env
