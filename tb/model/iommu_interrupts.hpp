// SPDX-License-Identifier: Apache-2.0
//
// Interrupts of the IOMMU's model: pending bits, their vectors, and the table of messages.
// RISC-V IOMMU 1.0: ipsr, icvec, msi_cfg_tbl.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace cw::model {

// Bits of ipsr.
enum class IommuInterrupt : uint32_t { Command = 1, Fault = 2, Counter = 4 };

class IommuInterrupts {
 public:
  static constexpr unsigned kVectors = 4;  // of the sixteen that there can be

  struct Message {
    uint64_t address = 0;
    uint32_t data = 0;
  };

  // A pending bit is set; where interrupts are messages, one is due on its way from 0 to 1.
  void raise(IommuInterrupt cause, bool wired);
  void clear(uint32_t bits) { pending_ &= ~bits; }
  uint32_t pending() const { return pending_; }

  // Bit v: wire v is asserted, where interrupts are wires.
  uint16_t wires() const;
  // Takes the next message whose vector is not masked.
  std::optional<Message> take_message();

  uint64_t vectors() const { return icvec_; }
  void write_vectors(uint64_t value, bool has_counters);
  // One doubleword of the table, by its number: address, then data and control.
  uint64_t read_table(unsigned doubleword) const;
  void write_table(unsigned doubleword, uint64_t value);

 private:
  struct Entry {
    Message message{};
    bool masked = false;
    bool due = false;
  };

  unsigned vector_of(IommuInterrupt cause) const;

  uint32_t pending_ = 0;
  uint64_t icvec_ = 0;
  std::array<Entry, kVectors> table_{};
};

}  // namespace cw::model
