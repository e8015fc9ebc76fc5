// SPDX-License-Identifier: Apache-2.0
#include "iommu.hpp"

#include <fmt/core.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>

#include "iommu/model_target.hpp"
#include "iommu/player.hpp"
#include "iommu/random_trace.hpp"
#include "iommu/rtl_target.hpp"
#include "iommu/trace.hpp"
#include "number.hpp"
#include "usage.hpp"

namespace cw::sim {

namespace {

struct File {
  std::string name;
  iommu::Trace trace;
};

File load(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  if (std::filesystem::is_directory(path) || !in || !(text << in.rdbuf())) {
    throw UsageError(fmt::format("{}: cannot be read", path.string()));
  }
  const std::string all = text.str();
  if (!all.empty() && all.back() != '\n') {
    throw UsageError(
        fmt::format("{}: the last line has no end: is the file cut off?", path.string()));
  }
  auto parsed = iommu::parse(all);
  if (const auto* bad = std::get_if<iommu::BadLine>(&parsed)) {
    throw UsageError(fmt::format("{}:{}: {}", path.string(), bad->number, bad->reason));
  }
  return {.name = path.string(), .trace = std::get<iommu::Trace>(std::move(parsed))};
}

iommu::Build build_of(const IommuOptions& options) {
  return options.smallest ? iommu::Build::Smallest : iommu::Build::Usual;
}

std::unique_ptr<iommu::Target> target_of(const IommuOptions& options) {
  if (options.on == "model") return std::make_unique<iommu::ModelTarget>();
  return iommu::rtl_target({.build = build_of(options)});
}

// A line for each mismatch; true where there is none.
bool play(const std::string& name, const iommu::Trace& trace, iommu::Target& target) {
  const auto mismatches = iommu::play(trace, target);
  for (const iommu::Mismatch& mismatch : mismatches) {
    fmt::print("{}:{}: expected {}; got {}\n", name, mismatch.line, mismatch.expected,
               mismatch.got);
  }
  return mismatches.empty();
}

bool run_files(const IommuOptions& options) {
  // Every file is read before the first is played
  std::vector<File> files;
  for (const auto& path : options.files) files.push_back(load(path));
  const auto target = target_of(options);
  size_t passed = 0, operations = 0;
  for (const File& file : files) {
    operations += file.trace.size();
    passed += play(file.name, file.trace, *target);
  }
  fmt::print("{}: {} of {} traces as expected, {} operations\n", options.on, passed, files.size(),
             operations);
  return passed == files.size();
}

uint64_t capabilities_of(const std::string& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw UsageError(fmt::format("capabilities '{}' are not a hexadecimal number", text));
  }
  if (const uint64_t bad = model::Iommu::unsupported(value)) {
    throw UsageError(fmt::format("capabilities: the bits {:x} ask for what is not there", bad));
  }
  return value;
}

// The model says what must come out; the RTL is held to it under another memory latency each time.
bool run_random(const IommuOptions& options) {
  const uint64_t offered = capabilities_of(options.capabilities);
  check_folder(options.out);
  size_t operations = 0;
  for (uint64_t n = 0; n < options.count; ++n) {
    const uint64_t seed = *options.random_seed + n;
    const iommu::Trace trace = iommu::random_trace(seed, offered);
    operations += trace.size();
    constexpr unsigned kLatencies = 24;
    const auto target =
        iommu::rtl_target({.build = build_of(options),
                           .seed = seed,
                           .read_latency = 1 + static_cast<unsigned>(seed % kLatencies)});
    const auto path = options.out / fmt::format("iommu-{}.trace", seed);
    if (play(path.string(), trace, *target)) continue;
    std::string text = fmt::format("# cw-sim iommu --random {} -n 1\n", seed);
    for (const iommu::Line& line : trace) text += iommu::text_of(line.operation) + '\n';
    write_file(path, text);
    fmt::print("random trace {} of seed {} differs: written to {}\n  again: cw-sim iommu {}{}\n", n,
               seed, path.string(), path.string(), options.smallest ? " --smallest" : "");
    return false;
  }
  fmt::print("random: {} traces of {} operations, the same on RTL and model\n", options.count,
             operations);
  return true;
}

}  // namespace

CLI::App* add_iommu(CLI::App& app, IommuOptions& options) {
  auto* command = app.add_subcommand("iommu", "play traces on the IOMMU's RTL or model");
  auto* files = command->add_option("files", options.files, "traces: docs/iommu.md, \"Traces\"");
  command->add_option("--on", options.on, "rtl or model")
      ->capture_default_str()
      ->check(CLI::IsMember({"rtl", "model"}));
  command->add_flag("--smallest", options.smallest, "the smallest build of the RTL: without Sv48");
  auto* random = command
                     ->add_option("--random", options.random_seed,
                                  "make traces from this seed on, and hold the RTL to the model")
                     ->check(check_number);
  command->add_option("-n", options.count, "how many random traces")
      ->capture_default_str()
      ->check(check_number)
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--caps", options.capabilities, "capabilities of which random traces use some")
      ->capture_default_str();
  command->add_option("--out", options.out, "where a random trace goes that differs")
      ->capture_default_str();
  files->excludes(random);
  return command;
}

bool run_iommu(const IommuOptions& options) {
  if (options.random_seed) return run_random(options);
  if (options.files.empty()) throw UsageError("iommu: no trace is named");
  return run_files(options);
}

}  // namespace cw::sim
