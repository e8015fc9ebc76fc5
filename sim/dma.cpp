// SPDX-License-Identifier: Apache-2.0
#include "dma.hpp"

#include <fmt/core.h>

#include "dma/engine_dut.hpp"
#include "dma/episode.hpp"
#include "duo/episode.hpp"
#include "env/two_endpoints.hpp"
#include "number.hpp"
#include "usage.hpp"

namespace cw::sim {

CLI::App* add_dma(CLI::App& app, DmaOptions& options) {
  auto* command =
      app.add_subcommand("dma", "random traffic against the DMA engine alone, or in two endpoints");
  command->add_option("--seed", options.seed, "of every random choice")
      ->capture_default_str()
      ->check(check_number);
  command->add_option("-n", options.descriptors, "descriptors, at least")
      ->capture_default_str()
      ->check(check_number)
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--width", options.widths,
                   "of the data path in bits: 64, 128 (16 channels), 256, 512")
      ->delimiter(',');
  command
      ->add_option("--endpoints", options.endpoints,
                   "2: two endpoints at one host, of 128 bits, in place of the engine")
      ->check(check_number);
  command->add_option("--episode", options.episode, "play one again, as a failure says")
      ->check(check_number);
  return command;
}

namespace {

bool tell(const dma::SessionResult& result) {
  fmt::print("{}", dma::summary(result));
  if (result.failure) fmt::print("{}", dma::report(*result.failure));
  return !result.failure;
}

bool run_two_endpoints(const DmaOptions& options) {
  constexpr unsigned kWidth = env::TwoEndpoints::kWidth;
  if (options.endpoints != env::TwoEndpoints::kEndpoints) {
    throw UsageError(fmt::format("a system of {} endpoints is not built", options.endpoints));
  }
  for (const unsigned width : options.widths) {
    if (width == kWidth) continue;
    throw UsageError(fmt::format("two endpoints are built at {} bits, not {}", kWidth, width));
  }
  if (options.episode) {
    return tell(dma::run_one({.width = kWidth,
                              .endpoints = options.endpoints,
                              .seed = *options.episode,
                              .descriptors = options.descriptors},
                             duo::run_episode));
  }
  return tell(dma::run_session({.seed = options.seed,
                                .descriptors = options.descriptors,
                                .widths = {kWidth},
                                .endpoints = options.endpoints},
                               duo::run_episode));
}

}  // namespace

bool run_dma(const DmaOptions& options) {
  if (options.endpoints != 0) return run_two_endpoints(options);
  for (const unsigned width : options.widths) {
    if (!dma::EngineDut::built(width)) {
      throw UsageError(fmt::format("a DMA engine of {} bits is not built", width));
    }
  }
  dma::SessionResult result;
  if (options.episode) {
    if (options.widths.size() != 1) throw UsageError("--episode wants its --width");
    result = dma::run_one({.width = options.widths.front(),
                           .seed = *options.episode,
                           .descriptors = options.descriptors});
  } else {
    result = dma::run_session(
        {.seed = options.seed, .descriptors = options.descriptors, .widths = options.widths});
  }
  return tell(result);
}

}  // namespace cw::sim
