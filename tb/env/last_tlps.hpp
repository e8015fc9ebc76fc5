// SPDX-License-Identifier: Apache-2.0
//
// What the link carried last, for whoever reads a failure.
#pragma once

#include <cstddef>
#include <string>

#include "agent/tlp_monitor.hpp"

namespace cw::env {

// The last TLPs of both ways in the order in which they ended, a line each.
std::string last_tlps(const agent::TlpMonitor& down, const agent::TlpMonitor& up, dut::Cycles now,
                      size_t most = 20);

// Prints them where an exception leaves its scope.
class TlpsOnFailure {
 public:
  TlpsOnFailure(dut::Kernel& kernel, const agent::TlpMonitor& down, const agent::TlpMonitor& up);
  ~TlpsOnFailure();
  TlpsOnFailure(const TlpsOnFailure&) = delete;
  TlpsOnFailure& operator=(const TlpsOnFailure&) = delete;

 private:
  dut::Kernel& kernel_;
  const agent::TlpMonitor& down_;
  const agent::TlpMonitor& up_;
  int exceptions_;
};

}  // namespace cw::env
