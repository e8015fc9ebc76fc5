// SPDX-License-Identifier: Apache-2.0
//
// The lookup in front of walks that know every table at once: a walk sees the tables as they are
// when it begins, answers after a while, in any order, and is stale after any invalidation.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {

using namespace dut::literals;

// Contexts by device, pages by address space and VPN.
struct Tables {
  std::map<uint32_t, DcInfo> contexts;
  std::map<std::pair<uint32_t, uint64_t>, TlbEntry> pages;

  void map(uint32_t pscid, uint64_t vpn, uint64_t ppn, bool w = true) {
    pages[{pscid, vpn}] = {.pscid = pscid, .vpn = vpn, .w = w, .ppn = ppn};
  }
};

// What the lookup asked of a walk.
struct AskedWalk {
  uint32_t did = 0;
  uint64_t iova = 0;
  bool write = false, exec = false, dc_only = false, dc_hit = false;
  DcInfo dc{};
};

template <class P>
AskedWalk asked_walk(const P& port) {
  return {.did = static_cast<uint32_t>(get_bits(port, 135, 24)),
          .iova = get_bits(port, 71, 64),
          .write = get_bits(port, 70, 1) != 0,
          .exec = get_bits(port, 69, 1) != 0,
          .dc_only = get_bits(port, 68, 1) != 0,
          .dc_hit = get_bits(port, 67, 1) != 0,
          .dc = dc_info(port)};
}

// An answer of a walk.
struct ToldWalk {
  unsigned id = 0;
  bool done = true;
  unsigned cause = 0;
  bool dc_found = false;
  DcInfo dc{};
  TlbEntry entry{};
  bool stale = false;
};

template <class P>
void drive(P& port, const ToldWalk& w) {
  set_bits(port, 0, 1, w.stale);
  drive(port, w.entry, 1);
  drive(port, w.dc, 107);
  set_bits(port, 174, 1, w.dc_found);
  set_bits(port, 175, 12, w.cause);
  set_bits(port, 187, 1, w.done);
  set_bits(port, 188, 3, w.id);
}

template <class V>
class Walks : public dut::Clocked {
 public:
  Walks(dut::Kernel& kernel, V& pins, Tables& tables) : kernel_(kernel), p_(pins), tables_(tables) {
    kernel.add(*this);
  }
  ~Walks() override { kernel_.remove(*this); }

  unsigned slots = 4;
  uint64_t shortest = 5, longest = 5;  // clocks to an answer
  unsigned busy_percent = 0;           // takes no request although a walk is free
  std::vector<AskedWalk> begun;
  size_t most = 0;  // under way at once

  size_t under_way() const {
    return std::count_if(walk_.begin(), walk_.end(), [](const auto& w) { return w.has_value(); });
  }

  void sample() override {
    if (p_.inval_valid_i) {
      for (auto& walk : walk_) {
        if (walk) walk->stale = true;
      }
    }
    if (p_.walk_rsp_valid_i) {
      auto& walk = walk_[answering_];
      walk->told.erase(walk->told.begin());
      walk->due = due();
      if (walk->told.empty()) walk.reset();
    }
    if (p_.walk_valid_o && p_.walk_ready_i) {
      begun.push_back(asked_walk(p_.walk_req_o));
      walk_[p_.walk_id_i] = {.told = result(begun.back()), .due = due()};
      most = std::max(most, under_way());
    }
  }

  void commit() override {
    unsigned free = 0;
    while (free < slots && walk_[free]) free++;
    p_.walk_ready_i = free < slots && !rng_.chance(busy_percent);
    p_.walk_id_i = free;
    std::vector<unsigned> ready;
    for (unsigned n = 0; n < slots; n++) {
      if (walk_[n] && walk_[n]->due <= kernel_.now().value) ready.push_back(n);
    }
    p_.walk_rsp_valid_i = !ready.empty();
    if (ready.empty()) return;
    answering_ = rng_.pick(ready);
    ToldWalk told = walk_[answering_]->told.front();
    told.id = answering_;
    told.stale = walk_[answering_]->stale;
    drive(p_.walk_rsp_i, told);
  }

  void reset() override {
    walk_ = {};
    commit();
  }

 private:
  struct Walk {
    std::vector<ToldWalk> told{};
    uint64_t due = 0;
    bool stale = false;
  };

  uint64_t due() { return kernel_.now().value + rng_.range(shortest, longest); }

  std::vector<ToldWalk> result(const AskedWalk& ask) const {
    std::vector<ToldWalk> told;
    DcInfo dc = ask.dc;
    if (!ask.dc_hit) {
      const auto found = tables_.contexts.find(ask.did);
      if (found == tables_.contexts.end()) return {{.cause = 258}};
      dc = found->second;
      told.push_back({.done = dc.bare || ask.dc_only, .dc_found = true, .dc = dc});
      if (told.back().done) return told;
    }
    const auto page = tables_.pages.find({dc.pscid, ask.iova >> 12 & 0xf'ffff'ffff});
    const bool right = page != tables_.pages.end() && (!ask.write || page->second.w) &&
                       (!ask.exec || page->second.x);
    if (right) {
      told.push_back({.entry = page->second});
    } else {
      told.push_back({.cause = ask.write ? 15u : ask.exec ? 12u : 13u});
    }
    return told;
  }

  dut::Kernel& kernel_;
  V& p_;
  Tables& tables_;
  agent::Rng rng_{1, "walks"};
  std::array<std::optional<Walk>, 8> walk_{};
  unsigned answering_ = 0;
};

// An answer of the lookup: at which port, and when.
struct Told {
  unsigned port = 0, tag = 0;
  Answer answer{};
  uint64_t at = 0;
};

template <class V>
struct Lookup : dut::Module<V>, dut::Clocked {
  Tables tables;
  Walks<V> walks{this->kernel(), this->pins(), tables};
  std::vector<Told> told;
  std::vector<Record> records;
  std::map<uint64_t, unsigned> events;  // by bit of the event port: how often

  Lookup() {
    V& p = this->pins();
    p.mode_i = 4;
    p.tr_valid_i = p.dbg_valid_i = p.inval_valid_i = 0;
    p.record_ready_i = 1;
    for (uint32_t did = 0; did < 32; did++) tables.contexts[did] = {.pscid = did};
    this->kernel().add(*this);
    dut::ModuleBase::reset(3_cycles);
    this->step(200_cycles);  // the second level is empty
  }
  ~Lookup() override { this->kernel().remove(*this); }

  void sample() override {
    V& p = this->pins();
    for (unsigned port = 0; port < 2; port++) {
      if (!(p.tr_rsp_valid_o >> port & 1)) continue;
      told.push_back({port, answer_tag(p.tr_rsp_o, port), answer(p.tr_rsp_o, port), now()});
    }
    if (p.dbg_rsp_valid_o) {
      const bool fault = get_bits(p.dbg_rsp_o, 0, 1) != 0;
      told.push_back({2, 0, fault ? kRefused : at(get_bits(p.dbg_rsp_o, 1, 44) << 12), now()});
    }
    if (p.record_valid_o && p.record_ready_i) {
      records.push_back(record({get_bits(p.record_o, 0, 64), get_bits(p.record_o, 64, 64),
                                get_bits(p.record_o, 128, 64), get_bits(p.record_o, 192, 64)}));
    }
    for (unsigned bit = 45; bit < 47; bit++) events[bit] += get_bits(p.perf_o, bit, 1);
  }
  void commit() override {}
  void reset() override {}

  uint64_t now() const { return dut::ModuleBase::now().value; }

  // Puts a request on a port; the number of the clock whose edge takes it.
  uint64_t start(const Request& r, unsigned port = 0) {
    V& p = this->pins();
    drive(p.tr_req_i, r, port);
    p.tr_valid_i |= 1 << port;
    this->run_until([&] { return (p.tr_ready_o >> port & 1) != 0; }, 2000_cycles);
    const uint64_t taken = now();
    this->step();
    p.tr_valid_i &= ~(1 << port);
    return taken;
  }
  Told wait_for(unsigned port, unsigned tag = 0) {
    const auto mine = [&](const Told& t) { return t.port == port && t.tag == tag; };
    this->run_until([&] { return std::any_of(told.begin(), told.end(), mine); }, 5000_cycles);
    const auto found = std::find_if(told.begin(), told.end(), mine);
    const Told got = *found;
    told.erase(found);
    return got;
  }
  Answer ask(const Request& r, unsigned port = 0) {
    start(r, port);
    return wait_for(port, r.tag).answer;
  }
  Answer debug(uint32_t did, uint64_t iova, bool write = false, bool exec = false) {
    V& p = this->pins();
    set_bits(p.dbg_req_i, 0, 1, exec);
    set_bits(p.dbg_req_i, 1, 1, write);
    set_bits(p.dbg_req_i, 2, 64, iova);
    set_bits(p.dbg_req_i, 66, 24, did);
    p.dbg_valid_i = 1;
    this->run_until([&] { return p.dbg_ready_o != 0; }, 2000_cycles);
    this->step();
    p.dbg_valid_i = 0;
    return wait_for(2).answer;
  }
  void invalidate(const Inval& what) {
    V& p = this->pins();
    drive(p.inval_i, what);
    p.inval_valid_i = 1;
    this->step();
    p.inval_valid_i = 0;
  }
};

}  // namespace cw::unit::iommu
