// SPDX-License-Identifier: Apache-2.0
#include "model/register_file.hpp"

#include <stdexcept>

namespace cw::model {

void RegisterFile::define(unsigned offset, unsigned width, const RegisterBits& bits) {
  for (unsigned i = 0; i < width; ++i) {
    const auto lane = [i](uint32_t value) { return static_cast<uint8_t>(value >> 8 * i); };
    bytes_.at(offset + i) = {.now = lane(bits.value),
                             .after_reset = lane(bits.value),
                             .writable = lane(bits.writable),
                             .clearable = lane(bits.clearable),
                             .sticky = lane(bits.sticky),
                             .of_link = lane(bits.of_link)};
  }
}

uint32_t RegisterFile::word(unsigned offset, unsigned width) const {
  uint32_t value = 0;
  for (unsigned i = 0; i < width; ++i) value |= uint32_t{byte(offset + i)} << 8 * i;
  return value;
}

void RegisterFile::put(unsigned offset, unsigned width, uint32_t value) {
  for (unsigned i = 0; i < width; ++i) {
    bytes_.at(offset + i).now = static_cast<uint8_t>(value >> 8 * i);
  }
}

void RegisterFile::set(unsigned offset, unsigned width, uint32_t bits) {
  put(offset, width, word(offset, width) | bits);
}

void RegisterFile::clear(unsigned offset, unsigned width, uint32_t bits) {
  put(offset, width, word(offset, width) & ~bits);
}

void RegisterFile::make_writable(unsigned offset, unsigned width, uint32_t bits) {
  for (unsigned i = 0; i < width; ++i) {
    bytes_.at(offset + i).writable = static_cast<uint8_t>(bits >> 8 * i);
  }
}

void RegisterFile::write(unsigned offset, uint32_t value, uint8_t byte_enables) {
  if (offset % 4 != 0) throw std::logic_error("not a dword of the space");
  for (unsigned i = 0; i < 4; ++i) {
    if ((byte_enables >> i & 1) == 0) continue;
    Byte& byte = bytes_.at(offset + i);
    const auto written = static_cast<uint8_t>(value >> 8 * i);
    byte.now = static_cast<uint8_t>((byte.now & ~byte.writable) | (written & byte.writable));
    byte.now = static_cast<uint8_t>(byte.now & ~(written & byte.clearable));
  }
}

void RegisterFile::reset(ResetKind kind) {
  for (Byte& byte : bytes_) {
    uint8_t kept = 0;
    if (kind != ResetKind::Cold) kept |= byte.sticky;
    if (kind == ResetKind::Function) kept |= byte.of_link;
    byte.now = static_cast<uint8_t>((byte.now & kept) | (byte.after_reset & ~kept));
  }
}

}  // namespace cw::model
