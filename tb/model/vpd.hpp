// SPDX-License-Identifier: Apache-2.0
//
// The image of a function's vital product data: name, part number, serial number, checksum.
// Spec: PCIe Base 7.9.18, and the VPD format chapter that it names.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace cw::model {

struct VpdShape {
  std::string_view name{};  // empty: the function has no VPD
  std::string_view part_number{};
  std::string_view serial_number{};
};

// Whole dwords: the checksum field is made long enough.
std::vector<uint8_t> vpd_image(const VpdShape& shape);

}  // namespace cw::model
