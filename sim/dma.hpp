// SPDX-License-Identifier: Apache-2.0
//
// cw-sim dma: random traffic against the DMA engine alone, or against two endpoints at one host,
// with faults and replay.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <vector>

namespace cw::sim {

struct DmaOptions {
  uint64_t seed = 1;
  uint64_t descriptors = 100'000;
  std::vector<unsigned> widths{};
  unsigned endpoints = 0;             // of a whole system; 0: the engine alone
  std::optional<uint64_t> episode{};  // this one alone
};

CLI::App* add_dma(CLI::App& app, DmaOptions& options);
// False: the engine failed.
bool run_dma(const DmaOptions& options);

}  // namespace cw::sim
