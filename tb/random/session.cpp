// SPDX-License-Identifier: Apache-2.0
#include "random/session.hpp"

#include <fmt/format.h>

#include <chrono>

#include "random/tape_file.hpp"

namespace cw::random {

namespace {

constexpr size_t kLines = 14;  // of operations, of TLPs

template <class List>
std::string last_lines(const char* title, const List& lines) {
  std::string text;
  const size_t from = lines.size() > kLines ? lines.size() - kLines : 0;
  for (size_t n = from; n < lines.size(); ++n) {
    text += fmt::format("  {:<12}{}\n", n == from ? title : "", lines[n]);
  }
  if (from) text += fmt::format("  {:<12}({} before these)\n", "", from);
  return text;
}

double since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

uint64_t episode_seed(uint64_t base, uint64_t number) {
  return agent::Rng(base, fmt::format("episode.{}", number)).u64();
}

SessionResult run_session(const SessionOptions& options, Cover& cover) {
  const auto begin = std::chrono::steady_clock::now();
  SessionResult total;
  while (total.tlps < options.tlps) {
    const EpisodeSetup setup{.width = options.width,
                             .seed = episode_seed(options.seed, total.episodes),
                             .stall = options.stall,
                             .inject = options.inject};
    EpisodeResult result = run_episode(setup, cover);
    ++total.episodes;
    total.tlps += result.tlps;
    total.cycles += result.cycles;
    total.trace_hash = (total.trace_hash ^ result.trace_hash) * 0x100'0000'01b3;
    if (!result.failure) continue;
    const auto again = [](const EpisodeSetup& candidate) {
      Cover unused;
      return run_episode(candidate, unused);
    };
    Shrinker shrinker(again, std::chrono::duration<double>(options.shrink_seconds));
    total.failure = shrinker.shrink(setup, result);
    total.tape = options.out / fmt::format("random-{:x}.tape", setup.seed);
    save(total.failure->setup, total.tape);
    break;
  }
  total.seconds = since(begin);
  return total;
}

std::string report(const Shrunk& failure, const std::filesystem::path& tape) {
  const Failure& what = *failure.result.failure;
  std::string text =
      fmt::format("FAIL  random  seed {:#x}  shrunk {} -> {} operations in {:.1f} s ({} runs)\n",
                  failure.setup.seed, failure.operations_before, failure.result.operations,
                  failure.seconds, failure.runs);
  text += fmt::format("  cycle {:<6}{}\n", what.cycle,
                      what.sentence.substr(0, what.sentence.find('\n')));
  if (!what.fields.empty()) {
    text += fmt::format("  {:<12}{:<24}{:<24}{}\n", "", "field", "expected", "got");
    for (const FieldDifference& row : what.fields) {
      text += fmt::format("  {:<12}{:<24}{:<24}{}\n", "", row.field, row.expected, row.got);
    }
  }
  text += last_lines("set-up", what.setup);
  text += last_lines("operations", what.operations);
  text += last_lines("errors", what.errors);
  text += last_lines("last TLPs", what.last_tlps);
  text += fmt::format("  {:<12}{}\n", "bucket", bucket(what.sentence));
  text += fmt::format("  {:<12}cw-sim random --replay {}\n", "replay", tape.string());
  return text;
}

std::string summary(const SessionResult& result, const Cover& cover) {
  const std::vector<std::string> holes = cover.all.holes();
  std::string text = fmt::format(
      "{} TLPs in {} episodes, {} cycles, {:.1f} s, {:.0f} TLP/s, trace {:016x}\n"
      "coverage {} of {} bins",
      result.tlps, result.episodes, result.cycles, result.seconds,
      static_cast<double>(result.tlps) / std::max(result.seconds, 1e-9), result.trace_hash,
      cover.all.covered(), cover.all.declared());
  for (const std::string& hole : holes) text += (&hole == holes.data() ? "; empty: " : ", ") + hole;
  return text + "\n";
}

}  // namespace cw::random
