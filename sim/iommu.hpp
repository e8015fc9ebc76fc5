// SPDX-License-Identifier: Apache-2.0
//
// cw-sim iommu: traces on the IOMMU's RTL or on its reference model, and random ones on both.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cw::sim {

struct IommuOptions {
  std::vector<std::filesystem::path> files{};
  std::string on = "rtl";
  bool smallest = false;  // of the RTL
  std::optional<uint64_t> random_seed{};
  uint64_t count = 100;                     // random traces
  std::string capabilities = "2ee0000610";  // offered to them, hexadecimal
  std::filesystem::path out = "out/fail";
};

CLI::App* add_iommu(CLI::App& app, IommuOptions& options);
// False: the IOMMU did not do what a trace expects.
bool run_iommu(const IommuOptions& options);

}  // namespace cw::sim
