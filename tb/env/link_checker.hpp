// SPDX-License-Identifier: Apache-2.0
//
// Holds every TLP of the endpoint's link against the rules that both sides keep: sizes,
// identifiers, tags, who may ask, and that each completion answers a request piece by piece in
// address order. Spec: PCIe Base 2.2.6 to 2.2.9 (requests, identifiers, completions), 2.3.1.1
// (RCB).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "agent/tlp_monitor.hpp"
#include "env/endpoint_shape.hpp"
#include "model/config_space.hpp"
#include "pcie/tlp.hpp"

namespace cw::env {

class LinkChecker {
 public:
  // `down` goes to the endpoint. Both are listened to from now on, which is before enumeration.
  LinkChecker(agent::TlpMonitor& down, agent::TlpMonitor& up);
  LinkChecker(const LinkChecker&) = delete;
  LinkChecker& operator=(const LinkChecker&) = delete;

  // Requests that are owed a completion; 0 at the end of every test.
  size_t outstanding() const { return down_.owed.size() + up_.owed.size(); }
  // Of every TLP, its direction and its moment.
  uint64_t trace_hash() const { return hash_; }
  uint64_t requests_up() const { return requests_up_; }

 private:
  struct Owed {
    pcie::Tlp request{};
    pcie::Attributes attributes{};
    uint32_t bytes = 0;    // still owed; of a memory read
    uint64_t address = 0;  // of the next byte
    bool begun = false;
    bool bus_master_after = true;   // a CfgWr0: what the Command register says afterwards
    uint32_t attributes_after = 0;  // and what requests may carry then
    bool resets = false;            // a CfgWr0 that asks for a function-level reset
  };
  // Requests that went one way, by requester and tag.
  using Table = std::map<std::pair<uint16_t, uint16_t>, Owed>;
  struct Direction : agent::TlpListener {
    Direction(LinkChecker& owner, bool towards_endpoint) : checker(owner), down(towards_endpoint) {}
    void on_tlp(const agent::SeenTlp& seen) override { checker.look(*this, seen); }
    void on_link_down() override { checker.forget(); }
    LinkChecker& checker;
    bool down;
    Table owed{};
  };

  static std::array<pcie::Bdf, kSystemFunctions> unknown_functions() {
    std::array<pcie::Bdf, kSystemFunctions> functions{};
    for (unsigned f = 0; f < functions.size(); ++f) functions[f].function = static_cast<uint8_t>(f);
    return functions;
  }
  void forget();  // nothing is owed across a reset, and the endpoint is as after power-up
  void look(Direction& way, const agent::SeenTlp& seen);
  void request(Direction& way, const pcie::RawTlp& raw, const pcie::Tlp& tlp);
  void completion(const Direction& way, const pcie::RawTlp& raw, const pcie::Completion& cpl);
  void memory_completion(const Direction& way, Owed& owed, const pcie::Completion& cpl) const;
  void follow_config_write(const pcie::CfgWrite& write, Owed& owed);
  pcie::Bdf completer_of(const pcie::Tlp& request, pcie::Bdf answers) const;
  void finish_config_write(const Owed& owed);
  uint32_t attributes_enabled() const;
  void mix(uint64_t value);
  [[noreturn]] void fail(const std::string& sentence) const;

  std::string name_;           // of the TLP at hand
  model::ConfigSpace config_;  // what the host made of the endpoint
  pcie::Bdf endpoint_{};       // function 0, as captured
  std::array<pcie::Bdf, kSystemFunctions> functions_ = unknown_functions();
  bool captured_ = false;
  bool bus_master_ = false;
  uint32_t attributes_ = 0;  // that requests may carry, as in the first dword of a header
  bool was_reset_ = false;   // by function-level reset: it may ask for retries
  uint64_t hash_ = 0xcbf2'9ce4'8422'2325;
  uint64_t requests_up_ = 0;
  Direction down_;
  Direction up_;
};

}  // namespace cw::env
