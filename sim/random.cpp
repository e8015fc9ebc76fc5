// SPDX-License-Identifier: Apache-2.0
#include "random.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "number.hpp"
#include "random/endpoint_dut.hpp"
#include "random/session.hpp"
#include "random/tape_file.hpp"
#include "usage.hpp"

namespace cw::sim {

namespace {

std::string check_width(const std::string& text) {
  const bool known = std::ranges::any_of(
      random::kEndpointWidths, [&](unsigned width) { return std::to_string(width) == text; });
  return known ? "" : "a data path of " + text + " bits is not built: 64, 128, 256 or 512";
}

std::string check_stall(const std::string& text) {
  const bool known = text == "drawn" || random::stall_of(text).has_value();
  return known ? "" : text + " is no stall policy: none, bursty, slow, adversarial or drawn";
}

std::string check_fault(const std::string& text) {
  const bool known = text == "all" || text == "none" || random::all_faults().contains(text);
  return known ? "" : text + " is no fault: see `cw-sim random --list-bins`, group inject";
}

std::set<std::string> faults_of(const std::vector<std::string>& names) {
  std::set<std::string> faults;
  for (const std::string& name : names) {
    if (name == "all") return random::all_faults();
    if (name != "none") faults.insert(name);
  }
  return faults;
}

// Adds what an earlier run has left there.
void merge_coverage(const std::filesystem::path& path, random::Cover& cover) {
  std::ifstream before(path);
  if (!before) return;
  try {
    cover.all.merge_json({std::istreambuf_iterator<char>(before), {}});
  } catch (const nlohmann::json::exception&) {
    throw UsageError(fmt::format("{}: not a file of coverage bins", path.string()));
  }
}

bool replay(const RandomOptions& options) {
  random::EpisodeSetup setup;
  try {
    setup = random::load(options.replay);
  } catch (const random::BadTape& bad) {
    throw UsageError(bad.what());
  }
  if (!random::EndpointDut::built(setup.width)) {
    throw UsageError(fmt::format("an endpoint of {} bits is not built", setup.width));
  }
  random::Cover cover;
  random::EpisodeResult result = random::run_episode(setup, cover);
  if (!result.failure) {
    fmt::print("{}: passes, {} TLPs, {} cycles, trace {:016x}\n", options.replay.string(),
               result.tlps, result.cycles, result.trace_hash);
    return true;
  }
  const size_t operations = result.operations;
  fmt::print("{}", random::report({.setup = std::move(setup),
                                   .result = std::move(result),
                                   .operations_before = operations},
                                  options.replay));
  return false;
}

}  // namespace

CLI::App* add_random(CLI::App& app, RandomOptions& options) {
  auto* command = app.add_subcommand("random", "random traffic against the endpoint alone");
  command->add_option("--seed", options.seed, "of every random choice")
      ->capture_default_str()
      ->check(check_number);
  command->add_option("--tlps", options.tlps, "TLPs on the link, both ways, at least")
      ->capture_default_str()
      ->check(check_number)
      ->check(CLI::PositiveNumber);
  command->add_option("--width", options.width, "of the data path in bits: 64, 128, 256, 512")
      ->capture_default_str()
      ->check(check_width);
  command->add_option("--stall", options.stall, "none, bursty, slow, adversarial, or drawn")
      ->capture_default_str()
      ->check(check_stall);
  command->add_option("--inject", options.inject, "faults by name, or all, or none")
      ->delimiter(',')
      ->capture_default_str()
      ->check(check_fault);
  command->add_option("--replay", options.replay, "play a tape that a failure left");
  command->add_option("--shrink-budget", options.shrink_seconds, "seconds to make a failure small")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--out", options.out, "where tapes of failures go")->capture_default_str();
  command->add_option("--coverage", options.coverage, "merge the bins into this JSON file");
  command->add_flag("--list-bins", options.list_bins, "print every bin there is, and stop");
  return command;
}

bool run_random(const RandomOptions& options) {
  random::Cover cover;
  if (options.list_bins) {
    for (const std::string& name : cover.all.names()) fmt::print("{}\n", name);
    return true;
  }
  if (!options.replay.empty()) return replay(options);
  if (!random::EndpointDut::built(options.width)) {
    throw UsageError(fmt::format("an endpoint of {} bits is not built", options.width));
  }
  check_folder(options.out);
  if (!options.coverage.empty()) {
    check_folder(std::filesystem::absolute(options.coverage).parent_path());
    merge_coverage(options.coverage, cover);
  }
  const random::SessionResult result =
      random::run_session({.seed = options.seed,
                           .tlps = options.tlps,
                           .width = options.width,
                           .stall = random::stall_of(options.stall),
                           .inject = faults_of(options.inject),
                           .shrink_seconds = options.shrink_seconds,
                           .out = options.out},
                          cover);
  if (!options.coverage.empty()) write_file(options.coverage, cover.all.json());
  if (result.failure) fmt::print("{}", random::report(*result.failure, result.tape));
  fmt::print("{}", random::summary(result, cover));
  return !result.failure;
}

}  // namespace cw::sim
