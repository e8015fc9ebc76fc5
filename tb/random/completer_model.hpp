// SPDX-License-Identifier: Apache-2.0
//
// What the endpoint owes the host: for each request the completions that may come for it, byte by
// byte, while other requests race with it.
//
// Configuration writes change what later requests meet from the moment they are sent: the host lets
// no request race with one that changes how it would be answered.
// Spec: PCIe Base 2.2.9, 2.3.1 (completer rules), 2.3.1.1 (RCB), 2.4.1 (ordering).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pcie/codec.hpp"
#include "random/cover.hpp"
#include "random/error_ledger.hpp"
#include "random/fault.hpp"
#include "random/racy_memory.hpp"

namespace cw::random {

// How a request of the host ended.
struct Answer {
  bool dropped = false;  // malformed or given up: there is no completion
  pcie::CplStatus status = pcie::CplStatus::Sc;
  std::vector<uint8_t> bytes{};  // of a read

  uint32_t dword() const;
};

class CompleterModel {
 public:
  struct Hooks {
    std::function<void(uint32_t offset, uint32_t value)> register_write{};  // of BAR0, by dword
    std::function<void()> config_changed{};
    // A function-level reset that was asked for then is over.
    std::function<void(uint64_t asked_at)> function_reset{};
    // A read of the endpoint waits, and has waited since then: it is pending beyond doubt.
    std::function<bool(uint64_t since)> pending{};
    // The completion timeout of a read may be over, and nobody has been told.
    std::function<bool()> overdue{};
    std::function<void(pcie::Tag tag, const Answer& answer)> done{};
  };

  CompleterModel(ErrorLedger& ledger, Cover& cover, Hooks hooks);
  CompleterModel(const CompleterModel&) = delete;
  CompleterModel& operator=(const CompleterModel&) = delete;

  // The clock of what comes next.
  void at(uint64_t now) { now_ = now; }
  // Sent to the endpoint, well-formed.
  void request(const pcie::RawTlp& raw, const pcie::Tlp& tlp);
  // Came from the endpoint, well-formed.
  void completion(const pcie::RawTlp& raw, const pcie::Completion& cpl);

  size_t outstanding() const { return owed_.size(); }
  // A function-level reset is under way.
  bool resetting() const { return reset_asked_.has_value(); }
  std::string oldest() const;
  pcie::Bdf endpoint() const { return endpoint_; }
  bool captured() const { return captured_; }
  // A request may leave the endpoint: turned on, from the write on; off, from its completion on.
  bool may_master() const { return may_master_; }
  // A message of the endpoint that answers one of the host.
  bool take_pme_ack() { return pme_acks_owed_ != 0 && pme_acks_owed_-- != 0; }
  size_t pme_acks_owed() const { return pme_acks_owed_; }
  RacyMemory& card() { return card_; }
  RacyMemory& registers() { return registers_; }

 private:
  struct Owed {
    pcie::Tlp request{};
    std::string name{};
    pcie::Attributes attributes{};
    pcie::CplStatus status = pcie::CplStatus::Sc;
    bool locked = false;
    bool memory = false;
    bool nothing = false;     // a zero-length read
    uint32_t byte_count = 4;  // of the next completion
    uint64_t address = 0;     // of the next byte
    uint32_t data_dw = 0;     // of anything but a memory read
    RacyMemory* place = nullptr;
    RacyMemory::ViewRef view{};
    // Of an AtomicOp, or the bytes of an I/O write: they land when it is completed.
    std::vector<RacyMemory::FlightRef> flights{};
    uint32_t first_offset = 0;    // of byte 0 of the answer, in the view
    std::vector<bool> enabled{};  // holes of the byte enables are free
    uint32_t done = 0;            // bytes answered
    unsigned config_offset = 0;
    std::pair<uint32_t, uint32_t> config{};  // value, certain bits when it was sent
    std::optional<bool> master_after{};      // of a write that has its effect
    bool clears = false;                     // status bits, when it is completed
    uint64_t sent_at = 0;
    bool in_reset = false;  // sent while the function is being reset
    Answer answer{};
  };
  struct Claim {
    unsigned bar = 0;
    uint64_t offset = 0;
  };

  void cover_order(const pcie::MemRead& read, const Claim& place, uint32_t dw);
  void define_registers();
  void end_function_reset();
  void check_reset_answer(Owed& owed, const pcie::RawTlp& raw, const pcie::Completion& cpl);
  void apply(const pcie::CfgWrite& write, Owed& owed);
  void atomic(const pcie::RawTlp& raw, const pcie::Atomic& atomic, Owed& owed);
  void check_atomic(Owed& owed, const pcie::RawTlp& raw, const pcie::Completion& cpl);
  std::optional<uint32_t> claim_io(uint32_t address) const;
  void io_read(const pcie::IoRead& read, Owed& owed);
  void io_write(const pcie::IoWrite& write, Owed& owed);
  void check_io(Owed& owed, const pcie::RawTlp& raw, const pcie::Completion& cpl);
  std::optional<Claim> claim(uint64_t address, uint64_t bytes) const;
  void memory_read(const pcie::RawTlp& raw, const pcie::MemRead& read, Owed& owed);
  void memory_write(const pcie::RawTlp& raw, const pcie::MemWrite& write);
  void write_register(uint32_t offset, uint32_t value, uint8_t lanes);
  void config_read(const pcie::CfgRead& read, Owed& owed);
  void config_write(const pcie::CfgWrite& write, Owed& owed);
  void message(const pcie::Message& message);
  void check_memory(Owed& owed, const pcie::RawTlp& raw, const pcie::Completion& cpl);
  void check_data(Owed& owed, const pcie::Completion& cpl);
  void check_pending(const Owed& owed, uint32_t got) const;
  void refuse(Owed& owed, bool poisoned = false);
  void end(std::map<std::pair<uint16_t, uint16_t>, Owed>::iterator found);
  [[noreturn]] void fail(const Owed& owed, const pcie::RawTlp& raw, const std::string& sentence,
                         std::vector<FieldDifference> fields = {}) const;

  ErrorLedger& ledger_;
  Cover& cover_;
  Hooks hooks_;
  RacyMemory card_;
  RacyMemory registers_;
  RacyMemory user_;
  std::vector<uint8_t> writable_;                       // of the registers, by byte
  std::map<std::pair<uint16_t, uint16_t>, Owed> owed_;  // by requester and tag
  pcie::Bdf endpoint_{};
  bool captured_ = false;
  bool may_master_ = false;
  Claim last_write_{};
  uint64_t last_write_end_ = 0;
  uint64_t now_ = 0;
  std::optional<uint64_t> reset_asked_{};     // when the write was sent
  std::optional<uint64_t> reset_answered_{};  // when it was completed
  bool mastered_ = false;                     // since the last reset
  size_t pme_acks_owed_ = 0;
};

}  // namespace cw::random
