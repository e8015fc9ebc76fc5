// SPDX-License-Identifier: Apache-2.0
//
// The walkers in front of a memory that answers by id, with its own latency, in order or not, and
// fails where a test says so; and the tables of one device.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <vector>

#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"
#include "model/host_memory.hpp"

namespace cw::unit::iommu {

using namespace dut::literals;
using agent::Rng;

struct WalkRead {
  uint64_t hpa = 0;
  unsigned doublewords = 1;
  bool wrap = false;
  bool operator==(const WalkRead&) const = default;
};

// A read sees memory as it is when it is taken; its first beat comes `latency` clocks later.
template <class V>
class WalkPort : public dut::Clocked {
 public:
  WalkPort(dut::Kernel& kernel, V& pins) : kernel_(kernel), p_(pins) { kernel.add(*this); }
  ~WalkPort() override { kernel_.remove(*this); }

  model::HostMemory memory;
  std::set<uint64_t> error, poison;
  std::vector<WalkRead> reads;
  unsigned latency = 2;
  bool reorder = false;  // ids overtake and mix
  bool stall = false;    // takes a read in one clock of three

  void sample() override {
    if (!p_.rd_valid_o || !p_.rd_ready_i) return;
    const WalkRead read{.hpa = get_bits(p_.rd_req_o, 3, 56),
                        .doublewords = static_cast<unsigned>(get_bits(p_.rd_req_o, 0, 3)) + 1,
                        .wrap = get_bits(p_.rd_req_o, 59, 1) != 0};
    reads.push_back(read);
    Answer answer{.id = static_cast<unsigned>(get_bits(p_.rd_req_o, 60, 3)),
                  .due = kernel_.now() + dut::Cycles{latency}};
    for (unsigned n = 0; n < read.doublewords; ++n) {
      uint64_t at = read.hpa + 8 * n;
      if (read.wrap) at = read.hpa / 64 * 64 + at % 64;
      answer.beats.push_back({memory.read64({at}), error.contains(at), poison.contains(at)});
    }
    answers_.push_back(answer);
  }

  void commit() override {
    p_.rd_ready_i = !stall || rng_.range(0, 2) == 0;
    p_.rd_rsp_valid_i = 0;
    std::vector<size_t> choices;
    std::set<unsigned> older;
    for (size_t n = 0; n < answers_.size(); ++n) {
      if (older.insert(answers_[n].id).second && kernel_.now() >= answers_[n].due) {
        choices.push_back(n);
      }
      if (!reorder) break;
    }
    if (choices.empty()) return;
    const size_t chosen = rng_.pick(choices);
    Answer& answer = answers_[chosen];
    const Beat beat = answer.beats.front();
    answer.beats.pop_front();
    p_.rd_rsp_valid_i = 1;
    p_.rd_rsp_id_i = answer.id;
    set_bits(p_.rd_rsp_i, 0, 1, answer.beats.empty());
    set_bits(p_.rd_rsp_i, 1, 1, beat.poison);
    set_bits(p_.rd_rsp_i, 2, 1, beat.error);
    set_bits(p_.rd_rsp_i, 3, 64, beat.data);
    if (answer.beats.empty()) answers_.erase(answers_.begin() + static_cast<ptrdiff_t>(chosen));
  }

  void reset() override {
    answers_.clear();
    p_.rd_rsp_valid_i = 0;
    p_.rd_ready_i = 1;
  }

 private:
  struct Beat {
    uint64_t data;
    bool error, poison;
  };
  struct Answer {
    unsigned id = 0;
    dut::Cycles due{};
    std::deque<Beat> beats{};
  };

  dut::Kernel& kernel_;
  V& p_;
  Rng rng_{1, "walk port"};
  std::deque<Answer> answers_;
};

struct WalkRequest {
  uint32_t did = 0;
  uint64_t iova = 0;
  bool write = false, exec = false, dc_only = false;
  std::optional<DcInfo> dc{};  // none: to be found
};

struct WalkAnswer {
  unsigned id = 0;
  bool done = false;
  unsigned cause = 0;
  bool dc_found = false;
  DcInfo dc{};
  TlbEntry entry{};
  bool stale = false;
  dut::Cycles at{};
};

// What a walk has said in the end.
struct WalkResult {
  unsigned cause = 0;
  std::optional<DcInfo> dc{};       // found by this walk
  std::optional<TlbEntry> entry{};  // without a cause, a Bare context or `dc_only`
  bool dc_stale = false, stale = false;
  uint64_t clocks = 0;  // request valid to answer valid
};

// Keeps every answer.
template <class V>
class WalkAnswers : public dut::Clocked {
 public:
  WalkAnswers(dut::Kernel& kernel, V& pins) : kernel_(kernel), p_(pins) { kernel.add(*this); }
  ~WalkAnswers() override { kernel_.remove(*this); }

  std::vector<WalkAnswer> all;

  void sample() override {
    if (!p_.walk_rsp_valid_o) return;
    const auto& rsp = p_.walk_rsp_o;
    all.push_back({.id = static_cast<unsigned>(get_bits(rsp, 188, 3)),
                   .done = get_bits(rsp, 187, 1) != 0,
                   .cause = static_cast<unsigned>(get_bits(rsp, 175, 12)),
                   .dc_found = get_bits(rsp, 174, 1) != 0,
                   .dc = dc_info(rsp, 107),
                   .entry = tlb_entry(rsp, 1),
                   .stale = get_bits(rsp, 0, 1) != 0,
                   .at = kernel_.now()});
  }
  void commit() override {}
  void reset() override { all.clear(); }

 private:
  dut::Kernel& kernel_;
  V& p_;
};

enum DdtMode : unsigned { OneLevel = 2, TwoLevels = 3, ThreeLevels = 4 };

template <class V>
class WalkBench : public dut::Module<V> {
 public:
  explicit WalkBench(uint64_t caps = kCaps) {
    auto& p = this->pins();
    p.caps_i = caps;
    p.mode_i = ThreeLevels;
    p.directory_i = kDirectory >> 12;
    p.walk_valid_i = p.inval_valid_i = 0;
    this->reset();
  }

  static constexpr uint64_t kDirectory = 0x8000'0000;

  WalkPort<V> port{this->kernel(), this->pins()};
  WalkAnswers<V> answers{this->kernel(), this->pins()};

  // ---- Requests

  // Its number; the clock after its acceptance is running.
  unsigned begin(const WalkRequest& r) {
    auto& p = this->pins();
    dut::clear_bits(p.walk_req_i);
    drive(p.walk_req_i, r.dc.value_or(DcInfo{}));
    set_bits(p.walk_req_i, 67, 1, r.dc.has_value());
    set_bits(p.walk_req_i, 68, 1, r.dc_only);
    set_bits(p.walk_req_i, 69, 1, r.exec);
    set_bits(p.walk_req_i, 70, 1, r.write);
    set_bits(p.walk_req_i, 71, 64, r.iova);
    set_bits(p.walk_req_i, 135, 24, r.did);
    p.walk_valid_i = 1;
    asked_at = this->now();
    this->run_until([&] { return p.walk_ready_o != 0; }, 2000_cycles);
    const unsigned id = p.walk_id_o;
    this->step();
    p.walk_valid_i = 0;
    return id;
  }

  WalkResult finish(unsigned id) {
    const auto done = [&](const WalkAnswer& a) { return a.id == id && a.done; };
    this->run_until([&] { return std::any_of(answers.all.begin(), answers.all.end(), done); },
                    20'000_cycles);
    WalkResult result;
    std::vector<WalkAnswer> others;
    bool over = false;
    for (const WalkAnswer& a : answers.all) {
      if (a.id != id || over) {
        others.push_back(a);
        continue;
      }
      over = a.done;
      result.cause = a.cause;
      result.stale = a.stale;
      result.clocks = (a.at - asked_at).value;
      if (a.dc_found) {
        result.dc = a.dc;
        result.dc_stale = a.stale;
      } else if (a.cause == 0) {
        result.entry = a.entry;
      }
    }
    answers.all = others;
    return result;
  }

  WalkResult walk(const WalkRequest& r) {
    port.reads.clear();
    const WalkResult result = finish(begin(r));
    settle_reads();
    return result;
  }
  // From memory only.
  WalkResult cold(const WalkRequest& r) {
    invalidate({.pt = true});
    return walk(r);
  }
  // Lines have arrived whole.
  void settle_reads() { this->step(dut::Cycles{port.latency + 40}); }

  void invalidate(const Inval& what) {
    drive(this->pins().inval_i, what);
    this->pins().inval_valid_i = 1;
    this->step();
    this->pins().inval_valid_i = 0;
  }

  // ---- Tables

  void write64(uint64_t hpa, uint64_t value) { port.memory.write64({hpa}, value); }
  uint64_t read64(uint64_t hpa) { return port.memory.read64({hpa}); }
  uint64_t new_page() {
    port.memory.fill({next_page_}, 4096, 0);
    return std::exchange(next_page_, next_page_ + 4096);
  }
  // Where the PTE of a level is; tables on the way are made.
  uint64_t pte_at(uint64_t root, uint64_t iova, unsigned level = 0, unsigned levels = 3) {
    for (unsigned above = levels - 1; above > level; --above) {
      const uint64_t at = root + 8 * (iova >> (12 + 9 * above) & 511);
      if (!(read64(at) & kV)) write64(at, pte(new_page(), kV));
      root = read64(at) >> 10 << 12;
    }
    return root + 8 * (iova >> (12 + 9 * level) & 511);
  }

  dut::Cycles asked_at{};

 private:
  uint64_t next_page_ = 0x8100'0000;
};

}  // namespace cw::unit::iommu
