// SPDX-License-Identifier: Apache-2.0
#include "random/msix_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "random/fault.hpp"

namespace cw::random {

// 7.7.2.5 to 7.7.2.8: address, upper address, data, vector control
void MsixModel::write_table(uint32_t offset_in_table, uint32_t dword, uint64_t sequence) {
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
      if ((dword & 1) != 0 && !vector.masked) vector.masked_at = sequence;
      vector.masked = (dword & 1) != 0;
      break;
  }
  release();
}

void MsixModel::set_function(bool enabled, bool masked) {
  sending_ = enabled && !masked;
  release();
}

// 7.7.1.6
void MsixModel::set_msi(const model::MsiSetting& setting) {
  granted_ = std::min<unsigned>(setting.vectors, vectors_.size());
  for (unsigned n = 0; n < vectors_.size(); ++n) {
    vectors_[n].address = setting.address;
    vectors_[n].data = (setting.data & ~(*granted_ - 1)) | n;
    vectors_[n].masked = n >= *granted_;
  }
  sending_ = setting.enabled;
  release();
}

void MsixModel::release() {
  for (Vector& vector : vectors_) {
    if (vector.masked || !sending_) continue;
    vector.may += vector.waiting;
    vector.waiting = 0;
  }
}

void MsixModel::event(unsigned number, bool certain) {
  if (granted_) number %= *granted_;
  if (number >= vectors_.size()) return;
  Vector& vector = vectors_[number];
  if (certain) {
    vector.owed = Owed::Yes;
  } else if (vector.owed == Owed::No) {
    vector.owed = Owed::Maybe;
  }
  ++(certainly_masked(vector) ? vector.waiting : vector.may);
}

bool MsixModel::message(const pcie::MemWrite& write) {
  if (write.data.size() != 4) return false;
  uint32_t data;
  std::memcpy(&data, write.data.data(), sizeof data);
  bool addressed = false;
  for (Vector& vector : vectors_) {
    if (vector.address == 0 || vector.address != write.address.value) continue;
    addressed = true;
    if (vector.data != data || vector.may == 0) continue;
    --vector.may;
    vector.owed = vector.may + vector.waiting ? Owed::Maybe : Owed::No;
    return true;
  }
  if (!addressed) return false;
  throw Fault(fmt::format(
      "interrupt message {:#x} that nobody owes, or whose vector is masked [R46]", data));
}

size_t MsixModel::outstanding() const {
  return static_cast<size_t>(std::ranges::count_if(
      vectors_, [&](const Vector& v) { return v.owed == Owed::Yes && !v.masked && sending_; }));
}

std::pair<uint32_t, uint32_t> MsixModel::pending() const {
  uint32_t bits = 0, certain = 0;
  for (size_t n = 0; n < vectors_.size(); ++n) {
    const Vector& vector = vectors_[n];
    if (vector.owed != Owed::No) bits |= 1u << n;
    if (vector.owed != Owed::Maybe) certain |= 1u << n;
  }
  return {bits, certain};
}

void MsixModel::settle() {
  for (Vector& vector : vectors_) {
    vector.may = vector.waiting = 0;
    vector.owed = Owed::No;
  }
}

}  // namespace cw::random
