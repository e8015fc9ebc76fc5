// SPDX-License-Identifier: Apache-2.0
//
// Which interrupt messages the endpoint owes, may send, and may not, by MSI-X or by MSI, while
// software masks and unmasks. A mask is certain once a read that was sent after it has been
// answered; an event that comes later waits in the pending bits. Spec: PCIe
// Base 6.1.4, 7.7.1, 7.7.2.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "env/endpoint_shape.hpp"
#include "pcie/tlp.hpp"

namespace cw::random {

class MsixModel {
 public:
  enum class Owed : uint8_t { No, Maybe, Yes };

  // Software's writes, numbered in the order of the link.
  void write_table(uint32_t offset_in_table, uint32_t dword, uint64_t sequence);
  void set_function(bool enabled, bool masked);
  // By MSI all vectors have one address, and their number in the low bits of the data.
  void set_msi(const model::MsiSetting& setting);
  // All that was sent up to this number has been carried out.
  void flushed(uint64_t sequence) { flushed_ = std::max(flushed_, sequence); }

  // The function raises a vector; a number that is not there raises nothing.
  // Not certain: the write that forbids it is on its way.
  void event(unsigned vector, bool certain);
  // True if the write is the message of a vector. A Fault if nobody owes it.
  bool message(const pcie::MemWrite& write);

  // Messages that must still come, if nothing masks them.
  size_t outstanding() const;
  // At rest: the pending bits, and those of them that are certain.
  std::pair<uint32_t, uint32_t> pending() const;
  // At rest, with nothing masked: what had to come has come.
  void settle();
  bool masked(unsigned vector) const { return vectors_.at(vector).masked || !sending_; }

 private:
  struct Vector {
    uint64_t address = 0;
    uint32_t data = 0;
    bool masked = true;
    uint64_t masked_at = 0;
    unsigned may = 0;      // messages that may come
    unsigned waiting = 0;  // events under a certain mask
    Owed owed = Owed::No;
  };

  bool certainly_masked(const Vector& vector) const {
    return vector.masked && flushed_ >= vector.masked_at;
  }
  void release();

  std::array<Vector, env::kMsixVectors> vectors_{};
  uint64_t flushed_ = 0;
  bool sending_ = false;
  std::optional<unsigned> granted_{};  // messages, by MSI: vectors share them
};

}  // namespace cw::random
