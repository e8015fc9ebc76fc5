// SPDX-License-Identifier: Apache-2.0
//
// An episode as a file of lines: what it is set up with, and every draw of its tapes.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "random/episode.hpp"

namespace cw::random {

// Not a tape file, or one that this program cannot play.
struct BadTape : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string to_text(const EpisodeSetup& setup);
EpisodeSetup setup_from_text(const std::string& text);

void save(const EpisodeSetup& setup, const std::filesystem::path& path);
EpisodeSetup load(const std::filesystem::path& path);

// Names of the stall policies, as on the command line.
std::string stall_name(agent::Stall stall);
std::optional<agent::Stall> stall_of(const std::string& name);

}  // namespace cw::random
