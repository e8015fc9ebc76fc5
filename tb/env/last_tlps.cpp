// SPDX-License-Identifier: Apache-2.0
#include "env/last_tlps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "pcie/codec.hpp"

namespace cw::env {

std::string last_tlps(const agent::TlpMonitor& down, const agent::TlpMonitor& up, dut::Cycles now,
                      size_t most) {
  std::vector<std::pair<uint64_t, std::string>> lines;
  for (const auto* monitor : {&down, &up}) {
    for (const agent::SeenTlp& seen : monitor->seen()) {
      lines.emplace_back(seen.at.value, monitor->name() + " " + pcie::to_text(seen.tlp));
    }
  }
  std::ranges::stable_sort(lines, {}, &std::pair<uint64_t, std::string>::first);
  std::string text = fmt::format("the last TLPs before cycle {}:\n", now.value);
  for (size_t n = lines.size() > most ? lines.size() - most : 0; n < lines.size(); ++n) {
    text += fmt::format("{:>8}  {}\n", lines[n].first, lines[n].second);
  }
  return text;
}

TlpsOnFailure::TlpsOnFailure(dut::Kernel& kernel, const agent::TlpMonitor& down,
                             const agent::TlpMonitor& up)
    : kernel_(kernel), down_(down), up_(up), exceptions_(std::uncaught_exceptions()) {}

TlpsOnFailure::~TlpsOnFailure() {
  if (std::uncaught_exceptions() <= exceptions_) return;
  fmt::print(stderr, "{}", last_tlps(down_, up_, kernel_.now()));
}

}  // namespace cw::env
