// SPDX-License-Identifier: Apache-2.0
//
// TLPs to bits and back: pure functions. Encoding obeys no link partner's limits, so a test can
// encode what a design must refuse; decoding names the first rule that the bits break.
// Spec: PCIe Base 2.2.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "pcie/tlp.hpp"
#include "pcie/types.hpp"

namespace cw::pcie {

RawTlp encode(const Tlp& tlp);

using Decoded = std::variant<Tlp, Malformed>;
Decoded decode(const RawTlp& raw);

// The same for the dwords of the link: header in wire order, then payload.
Decoded decode(std::span<const uint32_t> dwords);
std::vector<uint32_t> to_dwords(const RawTlp& raw);
std::variant<RawTlp, Malformed> from_dwords(std::span<const uint32_t> dwords);

// Fields that every TLP has in one place.
enum class TlpClass : uint8_t { Posted, NonPosted, Completion, Unknown };
TlpClass tlp_class(const RawTlp& raw);
uint8_t kind(const RawTlp& raw);        // Fmt[2:0], Type[4:0]
bool has_payload(const RawTlp& raw);    // by Fmt
bool has_digest(const RawTlp& raw);     // by TD
uint32_t header_dw(const RawTlp& raw);  // 3 or 4, by Fmt
uint32_t length_dw(const RawTlp& raw);  // 1 to 1024
Bdf requester(const RawTlp& raw);
Tag tag(const RawTlp& raw);

// The digest that a TLP must have, and the TLP with it (2.7.1).
uint32_t ecrc(const RawTlp& raw);
RawTlp with_ecrc(RawTlp raw);

// One line for a log: what it is, who asks, what for.
std::string to_text(const RawTlp& raw);
std::string to_text(Bdf bdf);

}  // namespace cw::pcie
