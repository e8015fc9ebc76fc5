// SPDX-License-Identifier: Apache-2.0
#include "random/tape_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "random/endpoint_dut.hpp"

namespace cw::random {

namespace {

constexpr const char* kFirstLine = "causeway random tape 2";
constexpr const char* kLastLine = "end";
constexpr const char* kDrawn = "drawn";
constexpr const char* kStallNames[] = {"none", "bursty", "slow", "adversarial"};

}  // namespace

std::string stall_name(agent::Stall stall) { return kStallNames[static_cast<size_t>(stall)]; }

std::optional<agent::Stall> stall_of(const std::string& name) {
  const auto found = std::ranges::find(kStallNames, name);
  if (found == std::end(kStallNames)) return std::nullopt;
  return agent::kEveryStall[found - std::begin(kStallNames)];
}

std::string to_text(const EpisodeSetup& setup) {
  std::string text =
      fmt::format("{}\nwidth {}\nseed {:#x}\nstall {}\nlength {}\n", kFirstLine, setup.width,
                  setup.seed, setup.stall ? stall_name(*setup.stall) : kDrawn, setup.length);
  for (const std::string& kind : setup.inject) text += fmt::format("inject {}\n", kind);
  for (const auto& [name, record] : setup.tapes) {
    text += fmt::format("tape {}\n", name);
    for (const TapeSpan& span : record.spans) {
      text += "span";
      for (const uint64_t draw : span) text += fmt::format(" {}", draw);
      text += '\n';
    }
  }
  return text + kLastLine + '\n';
}

EpisodeSetup setup_from_text(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != kFirstLine) throw BadTape("not a random tape");
  EpisodeSetup setup;
  TapeRecord* tape = nullptr;
  bool ended = false;
  for (size_t number = 2; std::getline(lines, line); ++number) {
    std::istringstream words(line);
    std::string key, value;
    words >> key;
    const auto wrong = [&] { throw BadTape(fmt::format("line {}: {}", number, line)); };
    if (ended = line == kLastLine; ended) break;
    if (key == "span") {
      if (!tape) wrong();
      TapeSpan& span = tape->spans.emplace_back();
      for (uint64_t draw; words >> draw;) span.push_back(draw);
      if (!words.eof()) wrong();
      continue;
    }
    if (!(words >> value)) wrong();
    try {
      if (key == "width") {
        setup.width = static_cast<unsigned>(std::stoul(value));
        if (std::ranges::find(kEndpointWidths, setup.width) == std::end(kEndpointWidths)) wrong();
      } else if (key == "seed") {
        setup.seed = std::stoull(value, nullptr, 0);
      } else if (key == "length") {
        setup.length = static_cast<unsigned>(std::stoul(value));
      } else if (key == "stall") {
        setup.stall = stall_of(value);
        if (!setup.stall && value != kDrawn) wrong();
      } else if (key == "inject") {
        if (!all_faults().contains(value)) wrong();
        setup.inject.insert(value);
      } else if (key == "tape") {
        tape = &setup.tapes[value];
        tape->replays = true;
      } else {
        wrong();
      }
    } catch (const std::logic_error&) {  // of std::stoul
      wrong();
    }
  }
  if (!ended) throw BadTape("the tape is cut off");
  return setup;
}

void save(const EpisodeSetup& setup, const std::filesystem::path& path) {
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path);
  file << to_text(setup);
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

EpisodeSetup load(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file || std::filesystem::is_directory(path)) throw BadTape("cannot read " + path.string());
  const std::string text(std::istreambuf_iterator<char>(file), {});
  try {
    return setup_from_text(text);
  } catch (const BadTape& bad) {
    throw BadTape(path.string() + ": " + bad.what());
  }
}

}  // namespace cw::random
