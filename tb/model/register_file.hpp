// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a configuration space, and what writes and resets do to them by the kinds of bits
// that the specification names (RO, RW, RW1C, and each of them sticky).
// Spec: PCIe Base 7.4 (register types), 6.6 (resets).
#pragma once

#include <cstdint>
#include <vector>

namespace cw::model {

enum class ResetKind : uint8_t {
  Cold,     // fundamental reset
  Hot,      // hot reset, link down: sticky bits stay
  Function  // function-level reset: what belongs to the link stays as well (6.6.2)
};

// One register, little-endian, of up to four bytes. A bit in none of the masks is read-only.
struct RegisterBits {
  uint32_t value = 0;      // after reset
  uint32_t writable = 0;   // RW
  uint32_t clearable = 0;  // RW1C
  uint32_t sticky = 0;     // keeps its value in every reset but a cold one
  uint32_t of_link = 0;    // keeps its value in a function-level reset
};

class RegisterFile {
 public:
  explicit RegisterFile(unsigned bytes) : bytes_(bytes) {}

  unsigned size() const { return static_cast<unsigned>(bytes_.size()); }
  // `width` bytes; what was defined there before is replaced.
  void define(unsigned offset, unsigned width, const RegisterBits& bits);

  uint8_t byte(unsigned offset) const { return bytes_.at(offset).now; }
  uint32_t word(unsigned offset, unsigned width) const;
  // What hardware does: replace, set and clear bits of any kind.
  void put(unsigned offset, unsigned width, uint32_t value);
  void set(unsigned offset, unsigned width, uint32_t bits);
  void clear(unsigned offset, unsigned width, uint32_t bits);
  // Which bits of a register software writes from now on.
  void make_writable(unsigned offset, unsigned width, uint32_t bits);

  // What software does: the dword at `offset`, the bytes that are enabled.
  void write(unsigned offset, uint32_t value, uint8_t byte_enables);
  void reset(ResetKind kind);

 private:
  struct Byte {
    uint8_t now = 0, after_reset = 0, writable = 0, clearable = 0, sticky = 0, of_link = 0;
  };
  std::vector<Byte> bytes_;
};

}  // namespace cw::model
