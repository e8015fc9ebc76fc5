// SPDX-License-Identifier: Apache-2.0
#include "random/shrinker.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <vector>

namespace cw::random {

namespace {

constexpr size_t kCoarse = 8;  // parts of a long tape, before single draws of operations

bool is_operations(const std::string& tape) { return tape.ends_with(".ops"); }

}  // namespace

// Words with a digit are numbers, addresses and TLPs.
std::string bucket(const std::string& sentence) {
  std::istringstream words(sentence.substr(0, sentence.find('\n')));
  std::string text;
  for (std::string word; words >> word;) {
    const bool number = std::ranges::any_of(
        word, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; });
    if (!number || word.front() == '[') text += word + ' ';
  }
  return text;
}

bool Shrinker::over() const { return std::chrono::steady_clock::now() - begin_ > budget_; }

bool Shrinker::try_setup(EpisodeSetup candidate) {
  if (over()) return false;
  ++best_.runs;
  // One that fails much later than the best is no simpler, and one that passes takes long.
  candidate.stop_after = best_.result.failure->cycle + best_.result.failure->cycle / 4 + 1000;
  EpisodeResult result = run_(candidate);
  if (!result.failure || bucket(result.failure->sentence) != bucket_) return false;
  candidate.stop_after = 0;
  // What the failing run never drew is not part of it.
  for (auto& [name, record] : candidate.tapes) {
    const auto drawn = result.tapes.find(name);
    if (drawn != result.tapes.end()) record = drawn->second;
  }
  best_.setup = std::move(candidate);
  best_.result = std::move(result);
  return true;
}

void Shrinker::silence() {
  EpisodeSetup calm = best_.setup;
  calm.stall = agent::Stall::None;
  try_setup(calm);
  std::vector<std::string> names;
  for (const auto& [name, record] : best_.setup.tapes) names.push_back(name);
  for (const std::string& name : names) {
    EpisodeSetup quiet = best_.setup;
    quiet.tapes[name].spans.clear();
    try_setup(quiet);
  }
}

// One pass over a tape, from its end: leaves out parts of a size, as long as that leaves the
// failure.
void Shrinker::delete_operations(const std::string& tape, size_t part) {
  for (size_t end = best_.setup.tapes[tape].spans.size(); end > 0 && !over();) {
    const size_t from = end > part ? end - part : 0;
    EpisodeSetup fewer = best_.setup;
    auto& spans = fewer.tapes[tape].spans;
    end = std::min(end, spans.size());
    if (from >= end) break;
    spans.erase(spans.begin() + static_cast<ptrdiff_t>(from),
                spans.begin() + static_cast<ptrdiff_t>(end));
    try_setup(std::move(fewer));
    end = from;
  }
}

// Where the place of a span counts, what is in it becomes the simplest choice.
void Shrinker::silence_spans(const std::string& tape, size_t smallest_part) {
  for (size_t part = best_.setup.tapes[tape].spans.size();
       part >= std::max<size_t>(smallest_part, 1) && !over(); part /= 2) {
    for (size_t from = 0; from < best_.setup.tapes[tape].spans.size() && !over(); from += part) {
      EpisodeSetup calmer = best_.setup;
      auto& spans = calmer.tapes[tape].spans;
      bool changes = false;
      for (size_t n = from; n < std::min(from + part, spans.size()); ++n) {
        changes |= std::ranges::any_of(spans[n], [](uint64_t draw) { return draw != 0; });
        spans[n].clear();
      }
      if (changes) try_setup(std::move(calmer));
    }
  }
}

void Shrinker::simplify_draws(const std::string& tape) {
  for (size_t span = 0; span < best_.setup.tapes[tape].spans.size() && !over(); ++span) {
    for (size_t n = 0; n < best_.setup.tapes[tape].spans[span].size() && !over(); ++n) {
      // 0 first; then as if all above the smallest that fails did fail.
      uint64_t low = 0, high = best_.setup.tapes[tape].spans[span][n];
      for (uint64_t middle = 0; low < high && !over(); middle = low + (high - low) / 2) {
        EpisodeSetup simpler = best_.setup;
        simpler.tapes[tape].spans[span][n] = middle;
        if (try_setup(std::move(simpler))) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      if (span >= best_.setup.tapes[tape].spans.size()) return;
    }
  }
}

Shrunk Shrinker::shrink(const EpisodeSetup& setup, const EpisodeResult& failed) {
  begin_ = std::chrono::steady_clock::now();
  bucket_ = bucket(failed.failure->sentence);
  best_ = {.setup = setup, .result = failed, .operations_before = failed.operations};
  best_.setup.tapes = failed.tapes;
  silence();
  std::vector<std::string> operations, others;
  for (const auto& [name, record] : best_.setup.tapes) {
    (is_operations(name) ? operations : others).push_back(name);
  }
  // Halves of every tape before quarters of any; the last round again while it helps.
  size_t longest = 0;
  for (const std::string& name : operations) {
    longest = std::max(longest, best_.setup.tapes[name].spans.size());
  }
  for (size_t part = longest; part > 0 && !over();) {
    const size_t before = best_.result.operations;
    for (const std::string& name : operations) delete_operations(name, part);
    if (part > 1) {
      part /= 2;
    } else if (best_.result.operations >= before) {
      part = 0;
    }
  }
  for (const std::string& name : others) {
    silence_spans(name, best_.setup.tapes[name].spans.size() / kCoarse);
  }
  for (const std::string& name : operations) simplify_draws(name);
  for (const std::string& name : others) silence_spans(name, 1);
  best_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  return best_;
}

}  // namespace cw::random
