// SPDX-License-Identifier: Apache-2.0
//
// What a random run found wrong: the sentence, and where there is one, the table of fields.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cw::random {

struct FieldDifference {
  std::string field{};
  std::string expected{};
  std::string got{};
};

struct Fault : std::runtime_error {
  Fault(const std::string& sentence, std::vector<FieldDifference> table = {})
      : std::runtime_error(sentence), fields(std::move(table)) {}
  std::vector<FieldDifference> fields;
};

}  // namespace cw::random
