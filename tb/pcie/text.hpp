// SPDX-License-Identifier: Apache-2.0
//
// Names of values for whoever reads a failure.
#pragma once

#include "pcie/tlp.hpp"

namespace cw::pcie {

// "SC", "UR", "RRS" or "CA".
const char* name_of(CplStatus status);

}  // namespace cw::pcie
