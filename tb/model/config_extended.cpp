// SPDX-License-Identifier: Apache-2.0
#include "model/config_extended.hpp"

#include <stdexcept>

namespace cw::model {
namespace {

constexpr unsigned kRebarSmallest = 20;  // 1 MiB

// The registers of AER; its header is of the chain.
constexpr bool in_aer(unsigned offset) {
  return offset > ConfigExtended::kAer && offset < ConfigExtended::kAer + Aer::kBytes;
}

}  // namespace

ConfigExtended::ConfigExtended(const ExtendedShape& shape) : shape_(shape) {
  // 7.9.3
  define_header(kDsn, 0x0003);
  define(kDsn + 4, 4, static_cast<uint32_t>(shape.serial_number));
  define(kDsn + 8, 4, static_cast<uint32_t>(shape.serial_number >> 32));
  // 7.9.5: VSEC ID 1, revision 1, 20 bytes
  define_header(kVsec, 0x000b);
  define(kVsec + 4, 4, 0x0141'0001);
  for (unsigned i = 0; i < shape.build.size(); ++i) define(kVsec + 8 + 4 * i, 4, shape.build[i]);
  define_header(kAer, 0x0001, /*version=*/2);
  if (shape.functions > 1) {
    // 7.8.8: Next Function Number, zero in the last
    define_header(kAri, 0x000e);
    const unsigned next = shape.function + 1;
    define(kAri + 5, 1, next < shape.functions ? next : 0);
    // 7.7.8, 6.12.1.2: no peer-to-peer traffic, so no control
    define_header(kAcs, 0x000d);
  }
  if (shape.function == 0) {
    // 7.8.2: two latencies, each a value of 10 bits and a scale of 3
    define_header(kLtr, 0x0018);
    define(kLtr + 4, 4, 0, 0x1fff'1fff);
  }
  define_rebar();
  after_reset_ = bytes_;
}

// 7.8.6: a pair of dwords for each BAR; the first says how many there are.
void ConfigExtended::define_rebar() {
  unsigned count = 0;
  for (unsigned bar = 0; bar < shape_.resizable_log2.size(); ++bar) {
    const unsigned full = shape_.resizable_log2[bar];
    if (full == 0) continue;
    if (count == 0) define_header(kRebar, 0x0015);
    const unsigned entry = kRebar + 4 + 8 * count++;
    for (unsigned size = kRebarSmallest; size <= full; ++size) {
      const unsigned bit = 4 + size - kRebarSmallest;
      at(entry + bit / 8) |= 1 << bit % 8;
    }
    define(entry + 4, 1, bar);
  }
  if (count) at(kRebar + 8) |= count << 5;
}

void ConfigExtended::define(unsigned offset, unsigned width, uint32_t value, uint32_t writable) {
  for (unsigned i = 0; i < width; ++i) {
    at(offset + i) = static_cast<uint8_t>(value >> 8 * i);
    writable_.at(offset + i - kFirst) = static_cast<uint8_t>(writable >> 8 * i);
  }
}

void ConfigExtended::define_header(unsigned offset, uint16_t id, uint8_t version) {
  define(offset, 2, id);
  define(offset + 2, 1, version);  // and the end of the chain
  if (last_) {
    at(last_ + 2) |= (offset & 0xf) << 4;
    at(last_ + 3) = static_cast<uint8_t>(offset >> 4);
  }
  last_ = offset;
}

uint32_t ConfigExtended::read(unsigned offset) const {
  if (offset % 4 || offset < kFirst || offset >= kEnd) {
    throw std::logic_error("not a dword of extended space");
  }
  if (in_aer(offset)) return aer_.read(offset - kAer);
  uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= uint32_t{at(offset + i)} << 8 * i;
  return value;
}

void ConfigExtended::write(unsigned offset, uint32_t value, uint8_t byte_enables,
                           bool memory_enabled) {
  read(offset);  // refuses what is not there
  if (in_aer(offset)) {
    aer_.write(offset - kAer, value, byte_enables);
    return;
  }
  for (unsigned i = 0; i < 4; ++i) {
    if (!(byte_enables >> i & 1)) continue;
    const auto written = static_cast<uint8_t>(value >> 8 * i);
    const uint8_t writable = writable_.at(offset + i - kFirst);
    at(offset + i) = (at(offset + i) & ~writable) | (written & writable);
    if (i == 1 && !memory_enabled) write_rebar_size(offset, written);
  }
}

// 7.8.6.3: BAR Size is the second byte of a control register; a size that is not offered is not
// taken.
void ConfigExtended::write_rebar_size(unsigned offset, uint8_t value) {
  unsigned entry = kRebar + 4;
  for (const unsigned full : shape_.resizable_log2) {
    if (full == 0) continue;
    const unsigned size = value & 0x3f;
    if (offset == entry + 4 && kRebarSmallest + size <= full) {
      at(offset + 1) = static_cast<uint8_t>(size);
    }
    entry += 8;
  }
}

// 7.8.4: every register of AER is sticky, no other of this space.
void ConfigExtended::reset(bool cold) {
  bytes_ = after_reset_;
  if (cold) aer_ = Aer();
}

unsigned ConfigExtended::resizable_bar_log2(unsigned bar) const {
  unsigned entry = kRebar + 4;
  for (unsigned i = 0; i < bar; ++i) entry += shape_.resizable_log2.at(i) ? 8 : 0;
  return kRebarSmallest + (at(entry + 5) & 0x3f);
}

}  // namespace cw::model
