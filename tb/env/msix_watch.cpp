// SPDX-License-Identifier: Apache-2.0
#include "env/msix_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "env/scoreboard_fault.hpp"

namespace cw::env {

// 7.7.2.5 to 7.7.2.8: address, upper address, data, vector control
void MsixWatch::write_table(uint32_t offset_in_table, uint32_t dword) {
  const size_t number = offset_in_table / 16;
  if (number >= vectors_.size()) return;
  Vector& vector = vectors_[number];
  switch (offset_in_table / 4 % 4) {
    case 0:
      vector.address = (vector.address >> 32 << 32) | (dword & ~3u);
      break;
    case 1:
      vector.address = uint64_t{dword} << 32 | (vector.address & 0xffff'ffff);
      break;
    case 2:
      vector.data = dword;
      break;
    default:
      vector.masked = (dword & 1) != 0;
      break;
  }
  release();
}

void MsixWatch::set_function(bool enabled, bool masked) {
  enabled_ = enabled;
  sending_ = enabled && !masked;
  release();
}

void MsixWatch::release() {
  for (Vector& vector : vectors_) {
    if (!vector.pending || vector.masked || !sending_) continue;
    vector.pending = false;
    vector.must = true;
    ++vector.may;
  }
}

void MsixWatch::event(unsigned vector) {
  if (!enabled_ || vector >= vectors_.size()) return;
  vectors_[vector].pending = true;
  release();
}

bool MsixWatch::message(const pcie::MemWrite& write) {
  if (write.data.size() != 4) return false;
  uint32_t data;
  std::memcpy(&data, write.data.data(), sizeof data);
  const auto addressed = [&](const Vector& v) {
    return v.address != 0 && v.address == write.address.value;
  };
  if (std::ranges::none_of(vectors_, addressed)) return false;
  for (Vector& vector : vectors_) {
    if (!addressed(vector) || vector.data != data || vector.may == 0) continue;
    vector.must = false;
    --vector.may;
    return true;
  }
  throw ScoreboardFault(fmt::format("interrupt message {:#x} that nobody owes", data));
}

size_t MsixWatch::outstanding() const {
  return static_cast<size_t>(std::ranges::count_if(
      vectors_, [&](const Vector& v) { return v.must && !v.masked && sending_; }));
}

}  // namespace cw::env
