// SPDX-License-Identifier: Apache-2.0
#include "bench_duo.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "env/dma_load.hpp"
#include "env/two_endpoints.hpp"

namespace cw::sim {

namespace {

using env::DmaLoad;
using env::TwoEndpoints;

constexpr double kBeat = TwoEndpoints::kWidth / 8.0;  // bytes per clock of each direction
constexpr double kFull = 0.98, kApart = 0.02;

// What each of two endpoints has, with as many entries as it is given.
struct Shares {
  double first = 0, second = 0;

  double sum() const { return first + second; }
  double apart() const { return std::abs(first - second) / sum(); }
};

env::DmaDriver& channel(TwoEndpoints& system, unsigned n, bool to_card) {
  return to_card ? system.card(n).h2c : system.card(n).c2h;
}

Shares shares_of(const env::TwoEndpointsOptions& options, bool to_card,
                 const DmaLoad::Options& first = {}, const DmaLoad::Options& second = {}) {
  TwoEndpoints system(options);
  DmaLoad loads[] = {{system.card(0).space, channel(system, 0, to_card), first},
                     {system.card(1).space, channel(system, 1, to_card), second}};
  const auto rates = options.stall == agent::Stall::None
                         ? measure(system.kernel(), loads)
                         : measure(system.kernel(), loads, /*entries=*/4);
  return {.first = rates[0], .second = rates[1]};
}

// The second endpoint's one channel, beside three channels of the first.
double beside_hog(uint64_t seed, bool to_card) {
  TwoEndpoints system({.seed = seed});
  auto& hog = system.card(0);
  DmaLoad loads[] = {{system.card(1).space, channel(system, 1, to_card)},
                     {hog.space, hog.h2c},
                     {hog.space, hog.c2h},
                     {hog.space, hog.h2h}};
  return measure(system.kernel(), loads)[0];
}

}  // namespace

Figures two_endpoint_figures(uint64_t seed) {
  Figures figures;
  for (const bool to_card : {true, false}) {
    const char* way = to_card ? "h2c" : "c2h";
    const Shares shares = shares_of({.seed = seed}, to_card);
    const auto name = [&](const char* what) { return fmt::format("dma.two.{}.{}", way, what); };
    const Figure sum{.name = name("sum"),
                     .value = shares.sum(),
                     .unit = "bytes/clock",
                     .ceiling = kBeat,
                     .target = kFull};
    figures.push_back(sum);
    const Figure apart{.name = name("apart"),
                       .value = shares.apart(),
                       .unit = "of the sum",
                       .ceiling = 1,
                       .target = kApart,
                       .at_most = true};
    figures.push_back(apart);
    figures.push_back({.name = name("hog"),
                       .value = beside_hog(seed, to_card),
                       .unit = "bytes/clock",
                       .ceiling = kBeat / 2,
                       .target = kFull});
    // Negative controls: memory that stalls must be seen in the sum, and that turns are by burst in
    // the shares, where one endpoint has shorter ones.
    constexpr DmaLoad::Options kFew{.entries = 8}, kShort{.bytes = 128};
    figures.push_back(control(
        sum, shares_of({.seed = seed, .stall = agent::Stall::Slow}, to_card, kFew, kFew).sum()));
    figures.push_back(
        control(apart, shares_of({.seed = seed}, to_card, DmaLoad::Options{}, kShort).apart()));
  }
  return figures;
}

}  // namespace cw::sim
