// SPDX-License-Identifier: Apache-2.0
#include "model/vpd.hpp"

#include <numeric>

namespace cw::model {
namespace {

// Large resources have a length of two bytes, the low one first; the end is a small resource.
constexpr uint8_t kIdentifierString = 0x82, kReadOnly = 0x90, kEnd = 0x78;

void append(std::vector<uint8_t>& to, std::string_view text) {
  to.insert(to.end(), text.begin(), text.end());
}

void append_resource(std::vector<uint8_t>& to, uint8_t tag, const std::vector<uint8_t>& data) {
  to.push_back(tag);
  to.push_back(static_cast<uint8_t>(data.size()));
  to.push_back(static_cast<uint8_t>(data.size() >> 8));
  to.insert(to.end(), data.begin(), data.end());
}

void append_field(std::vector<uint8_t>& to, std::string_view keyword, std::string_view text) {
  append(to, keyword);
  to.push_back(static_cast<uint8_t>(text.size()));
  append(to, text);
}

}  // namespace

std::vector<uint8_t> vpd_image(const VpdShape& shape) {
  std::vector<uint8_t> image;
  append_resource(image, kIdentifierString, {shape.name.begin(), shape.name.end()});
  std::vector<uint8_t> fields;
  append_field(fields, "PN", shape.part_number);
  append_field(fields, "SN", shape.serial_number);
  append(fields, "RV");
  const size_t header = 3, checksum = 1, length = 1, end = 1;
  const size_t used = image.size() + header + fields.size() + length + checksum + end;
  const size_t spare = (4 - used % 4) % 4;
  fields.push_back(static_cast<uint8_t>(checksum + spare));
  fields.resize(fields.size() + checksum + spare);
  append_resource(image, kReadOnly, fields);
  // All bytes from the first up to the checksum add up to zero.
  const unsigned sum = std::accumulate(image.begin(), image.end(), 0u);
  image[image.size() - spare - checksum] = static_cast<uint8_t>(0 - sum);
  image.push_back(kEnd);
  return image;
}

}  // namespace cw::model
