// SPDX-License-Identifier: Apache-2.0
#include "env/dma_load.hpp"

#include <algorithm>
#include <stdexcept>

namespace cw::env {

namespace {

constexpr unsigned kPages = 8;  // of the host, in turn; another so many are written by host to host
constexpr dut::Cycles kBudget{500'000};

}  // namespace

DmaLoad::DmaLoad(DmaSpace& space, DmaDriver& channel, Options options)
    : channel_(channel),
      options_(options),
      buffer_(space.map(uint64_t{2 * kPages} * pcie::kPageBytes)) {}

void DmaLoad::start() {
  ends_.clear();
  for (unsigned n = 0; n < options_.entries; ++n) {
    const uint64_t place = uint64_t{n % kPages} * pcie::kPageBytes;
    const uint64_t other = channel_.kind() == model::DmaKind::H2h
                               ? buffer_.iova.value + (kPages + n % kPages) * pcie::kPageBytes
                               : place;
    channel_.submit(
        {.segments = {{.iova = buffer_.iova + place, .card_addr = other, .bytes = options_.bytes}},
         .tag = static_cast<uint16_t>(n)});
  }
  channel_.ring_doorbell();
}

bool DmaLoad::take(dut::Cycles now) {
  if (ended() || !channel_.record_ready()) return false;
  const auto record = channel_.take_record();
  if (record.error != model::DmaError::Ok || record.bytes_done != options_.bytes) {
    throw std::runtime_error("an entry of a DMA load failed: " + to_text(record));
  }
  ends_.push_back(now);
  return true;
}

void DmaLoad::finish(dut::Kernel& kernel) {
  while (!ended()) {
    kernel.run_until([&] { return take(kernel.now()); }, kBudget, "an entry of a DMA load");
  }
}

std::vector<double> measure(dut::Kernel& kernel, std::span<DmaLoad> loads) {
  for (DmaLoad& load : loads) load.start();
  const auto all_ended = [&] {
    for (DmaLoad& load : loads) load.take(kernel.now());
    return std::ranges::all_of(loads, [](const DmaLoad& load) { return load.ended(); });
  };
  kernel.run_until(all_ended, kBudget, "DMA loads");
  dut::Cycles from{}, to{~uint64_t{0}};
  for (const DmaLoad& load : loads) {
    from = std::max(from, load.ends()[load.ends().size() / 4]);
    to = std::min(to, load.ends().back());
  }
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
