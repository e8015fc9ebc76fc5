// SPDX-License-Identifier: Apache-2.0
//
// Figures of two endpoints that compete for one host: what they have of its memory together, how
// far their shares lie apart, and what is left to one beside another that asks with all it has.
#pragma once

#include <cstdint>

#include "figure.hpp"

namespace cw::sim {

Figures two_endpoint_figures(uint64_t seed);

}  // namespace cw::sim
