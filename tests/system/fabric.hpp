// SPDX-License-Identifier: Apache-2.0
//
// A system under test: brought up, with its link checked and every TLP compared, behind memory and
// a CPU that hold back at random. All choices come from one seed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "env/bringup.hpp"
#include "env/link_checker.hpp"
#include "env/scoreboard.hpp"
#include "env/system.hpp"

namespace cw::system_test {

using dut::operator""_cycles;
using env::DmaDriver;
using env::DmaSpace;

// What a test draws before it begins. The base seed is CW_SEED, or 1.
struct Setup {
  Setup(const std::string& test_name, unsigned data_width);
  std::string replay() const;

  std::string test;
  uint64_t base_seed = 1;
  uint64_t seed = 1;
  env::SystemOptions system{};
  env::BringupOptions bringup{};
};

class Fabric {
 public:
  explicit Fabric(const Setup& setup);
  ~Fabric();  // of a test that failed: prints the last TLPs
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;

  env::System system;
  env::LinkChecker link;
  env::HostModel model;
  env::Scoreboard board;
  env::Bringup up;
  agent::Rng rng;

  env::Host& host() { return system.host(); }
  void write_register(uint32_t offset, uint32_t value) {
    host().write32(up.registers + offset, value);
  }
  uint32_t read_register(uint32_t offset) { return host().read32(up.registers + offset); }

  // A buffer of random bytes.
  DmaSpace::Buffer buffer(uint64_t bytes, uint32_t offset = 0,
                          env::IoPageTable::Access access = {});
  std::vector<uint8_t> contents(const DmaSpace::Buffer& buffer) const;
  // One entry for a whole buffer, of one to four descriptors in the ring or linked.
  DmaDriver::Entry entry(const DmaSpace::Buffer& buffer, uint64_t card_addr);
  uint64_t length();  // of a transfer: often short, often near a power of two

  // Rings the doorbell, after a last look at memory: from here on only the device may change it.
  void go(DmaDriver& channel);
  void go();  // both channels
  // Random bytes into all of card memory, and all of it back.
  void fill_card();
  void read_back_card();

  // Nothing is owed any more, memory and faults are as predicted. The faults.
  std::vector<env::IommuFault> finish();

 private:
  void move_whole_card(DmaDriver& channel);

  int exceptions_ = 0;
};

}  // namespace cw::system_test
