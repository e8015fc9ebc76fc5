// SPDX-License-Identifier: Apache-2.0
//
// What an operating system does to let an endpoint interrupt: it fills the MSI-X table behind BAR0
// with messages to the doorbell page, and enables the capability.
// Spec: PCIe Base 7.7.2.
#pragma once

#include <cstdint>

#include "env/host.hpp"
#include "env/topology.hpp"

namespace cw::env {

// Vector n, one for each DMA channel, will carry `first_data` + n.
void set_up_msix(Host& host, const Function& endpoint, uint32_t first_data);

}  // namespace cw::env
