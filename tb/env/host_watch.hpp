// SPDX-License-Identifier: Apache-2.0
//
// What the host does to the endpoint, and the endpoint's answer to each: configuration space, the
// registers behind BAR0, card memory behind BAR2, Unsupported Request for the rest. Predicts what
// every read returns; registers that the hardware changes are left to the tests.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "env/endpoint_shape.hpp"
#include "pcie/tlp.hpp"

namespace cw::env {

class HostWatch {
 public:
  HostWatch();

  // A request of the host, and the completions that come for its tag.
  void request(const pcie::RawTlp& raw, const pcie::Tlp& tlp);
  void completion(const pcie::Completion& completion);
  size_t outstanding() const { return owed_.size(); }

  // Of BAR0: the last value written to a register, and the writes since the last call.
  struct RegisterWrite {
    uint32_t offset = 0;
    uint32_t value = 0;  // of the whole dword
  };
  uint32_t value(uint32_t offset) const;
  std::vector<RegisterWrite> take_writes() { return std::exchange(writes_, {}); }
  // What the hardware does to a register.
  void clear(uint32_t offset);

  const model::ConfigSpace& config() const { return functions_[0]; }
  std::vector<uint8_t>& card() { return card_; }
  void mark_known(uint64_t card_addr, uint64_t bytes);
  bool known(uint64_t card_addr) const { return known_[card_addr]; }
  // A byte of card memory may hold this, too, until it is settled.
  void loosen(uint64_t card_addr, uint8_t value);
  void settle(uint64_t card_addr, uint64_t bytes);
  bool may_hold(uint64_t card_addr, uint8_t value) const;

  // A function-level reset of the card's function is over: software was answered again. Registers
  // are as after it.
  bool take_reset() { return std::exchange(reset_, false); }
  void link_down();  // everything is reset, and nothing owed

 private:
  struct Register {
    uint32_t value = 0;
    uint32_t writable = 0;
    bool known = true;
  };
  struct Owed {
    pcie::CplStatus status = pcie::CplStatus::Sc;
    std::vector<std::optional<uint8_t>> bytes{};  // what must come; none: anything
    uint32_t done = 0;
    bool asks_reset = false;                // of the function that it configures
    bool in_reset = false;                  // asked in the midst of one: it may be put off
    unsigned function = 0;                  // that it configures
    std::optional<pcie::CfgWrite> write{};  // that takes effect if it is not put off
    std::string what{};
  };

  std::optional<uint8_t> read_byte(unsigned bar, uint64_t offset) const;
  void write_byte(unsigned bar, uint64_t offset, uint8_t value);
  // The BAR that claims all of a range, and where in it.
  std::optional<std::pair<unsigned, uint64_t>> claim(uint64_t address, uint64_t bytes) const;
  Owed answer(const pcie::RawTlp& raw, const pcie::MemRead& read) const;
  Owed answer(const pcie::CfgRead& read) const;
  void write(const pcie::RawTlp& raw, const pcie::MemWrite& write);

  bool user_claims(uint64_t address, uint64_t bytes) const;
  void define_registers();
  void begin_reset(unsigned function);

  std::vector<model::ConfigSpace> functions_;  // the card, and the user's
  std::map<uint32_t, Register> registers_;
  std::vector<RegisterWrite> writes_;
  std::vector<uint8_t> card_;
  std::vector<bool> known_;
  std::map<uint64_t, std::set<uint8_t>> loose_;  // what bytes of the card may hold beside card_
  std::map<uint16_t, Owed> owed_;
  std::array<bool, kSystemFunctions> resetting_{};
  bool reset_ = false;
};

}  // namespace cw::env
