// SPDX-License-Identifier: Apache-2.0
//
// What the host asks of the function without waiting: memory reads and writes of every size,
// alignment and enable pattern, inside the BARs, over their ends and beside them; and the requests
// that an endpoint refuses.
#pragma once

#include "random/host_port.hpp"
#include "random/tape.hpp"

namespace cw::random {

class MemoryTraffic {
 public:
  MemoryTraffic(HostPort& host, Tape& tape, size_t operations)
      : host_(host), tape_(tape), operations_(operations) {}

  // The sequence; it ends with the tape, or after so many operations.
  dut::Task<> run();

 private:
  struct Place {
    uint64_t address = 0;
    uint32_t dw = 1;
    pcie::ByteEnables enables{};
  };

  dut::Task<> operation();
  Place place(uint32_t most_dw, bool writes);
  uint64_t base_of(bool card);
  pcie::ByteEnables enables(uint32_t dw, uint64_t address);
  pcie::Attributes attributes();
  std::vector<uint8_t> bytes(size_t count);
  void write();
  void read(bool locked);
  void write_then_read();
  void write_combined();
  void user();
  void message();
  void input_output();
  void atomic();
  void strange_config();

  HostPort& host_;
  Tape& tape_;
  size_t operations_;
};

}  // namespace cw::random
