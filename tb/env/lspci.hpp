// SPDX-License-Identifier: Apache-2.0
//
// A dump of configuration space that `lspci -F` reads: a foreign judge of our registers.
#pragma once

#include <string>

#include "env/config_port.hpp"
#include "env/topology.hpp"

namespace cw::env {

// All 4 KiB of every function, as `lspci -xxxx` writes them.
std::string lspci_dump(ConfigPort& port, const Topology& topology);

}  // namespace cw::env
