// SPDX-License-Identifier: Apache-2.0
//
// The fault injector between the ports: changes requests of the host, and decides what becomes of
// the host's answers. It knows how to break a TLP, and nothing of what must follow: that is for the
// models to say of whatever TLP comes.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pcie/tlp.hpp"
#include "random/cover.hpp"
#include "random/tape.hpp"

namespace cw::random {

// What becomes of the completions of one read.
struct AnswerPlan {
  std::optional<std::string> fault{};
  unsigned at_piece = 0;     // the fault is in this piece, or in the last if there are not so many
  uint64_t latency = 0;      // clocks before the first piece
  uint32_t piece_bytes = 0;  // 0: as few pieces as the limits allow
  uint32_t salt = 0;         // of the fault's details
};

class Injector {
 public:
  // Kinds by name; of those only such are injected. `percent` of the TLPs get one.
  Injector(TapeDeck& deck, Cover& cover, const std::set<std::string>& kinds, unsigned percent);

  // May change the request. `limit`: Max_Payload_Size.
  void request(pcie::RawTlp& raw, uint32_t limit);
  AnswerPlan plan(uint64_t longest_latency);
  // Breaks one completion as planned; returns what is sent instead of it, in order.
  std::vector<pcie::RawTlp> completion(const AnswerPlan& plan, pcie::RawTlp raw);
  // For how many clocks credits are withheld from now on; mostly 0.
  uint64_t withhold(uint64_t longest);

  bool late_allowed() const { return late_; }
  void allow_late(bool allowed) { late_ = allowed; }

 private:
  Tape& requests_;
  Tape& answers_;
  Tape& link_;
  Cover& cover_;
  std::vector<std::string> request_kinds_;
  std::vector<std::string> answer_kinds_;
  bool credits_ = false;
  bool late_ = true;
  unsigned percent_;
};

}  // namespace cw::random
