// SPDX-License-Identifier: Apache-2.0
//
// What a receiver must make of one TLP by itself, before it knows what the function owes or is
// owed. Spec: PCIe Base 2.2 (formats), 2.3 (handling).
#pragma once

#include <string>

#include "pcie/codec.hpp"

namespace cw::random {

enum class Verdict {
  GivenUp,    // by its sender: dropped without a report
  Malformed,  // dropped, reported as fatal
  BadEcrc,    // dropped, and reported
  Good,
};

struct Judgement {
  Verdict verdict = Verdict::Good;
  std::string reason{};     // of a malformed one
  pcie::Decoded decoded{};  // of a good one
};

struct Receiver {
  unsigned max_payload_bytes = 128;
  bool from_root = true;  // faces the root
  bool checks_ecrc = false;
};

Judgement judge(const pcie::RawTlp& raw, const Receiver& receiver);

// The routing that a message should have; local where the specification leaves it open.
uint8_t message_routing(uint8_t code);

// Messages that an endpoint takes without complaint (2.2.8, appendix F).
bool endpoint_knows_message(uint8_t code);

// The mnemonic of a kind, as in to_text(); "reserved" for one that the specification leaves open.
std::string kind_name(const pcie::RawTlp& raw);

}  // namespace cw::random
