// SPDX-License-Identifier: Apache-2.0
//
// Which interrupt messages the endpoint owes: one for every event of a vector that may be sent,
// one for all events of a vector that was masked meanwhile. Events that come before the message of
// the last one has left may share it. An event while MSI-X is disabled is told another way.
// Spec: PCIe Base 6.1.4.
#pragma once

#include <array>
#include <cstdint>

#include "env/endpoint_shape.hpp"
#include "pcie/tlp.hpp"

namespace cw::env {

class MsixWatch {
 public:
  // Software's writes.
  void write_table(uint32_t offset_in_table, uint32_t dword);
  void set_function(bool enabled, bool masked);

  // The function raises a vector; a number that is not there raises nothing.
  void event(unsigned vector);
  // A write of the endpoint: true if it is the message of some vector. Throws ScoreboardFault if
  // nobody owes it.
  bool message(const pcie::MemWrite& write);

  // Messages that must still come: none of a vector that may not be sent now.
  size_t outstanding() const;
  bool pending(unsigned vector) const { return vectors_.at(vector).pending; }

 private:
  struct Vector {
    uint64_t address = 0;
    uint32_t data = 0;
    bool masked = true;
    bool pending = false;
    bool must = false;
    unsigned may = 0;
  };

  void release();

  std::array<Vector, kMsixVectors> vectors_{};
  bool enabled_ = false;
  bool sending_ = false;
};

}  // namespace cw::env
