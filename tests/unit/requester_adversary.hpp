// SPDX-License-Identifier: Apache-2.0
//
// A completer that follows a random plan for every read, and the account of what each read is owed:
// one final answer, the right status, the right bytes at the right places.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "unit/completer_plan.hpp"
#include "unit/requester_bench.hpp"

namespace cw::unit {

template <class V>
class Adversary : public dut::Clocked {
 public:
  static constexpr unsigned kRoomBlocks = 256;

  Adversary(RequesterBench<V>& bench, dut::Cycles timeout)
      : bench_(bench), rng_(bench.rng.fork("adversary")), timeout_(timeout.value) {
    bench.module.kernel().add(*this);
  }
  ~Adversary() override { bench_.module.kernel().remove(*this); }

  void run(unsigned reads) {
    for (unsigned part = 0; part < 4; ++part) {  // each with other attributes and tags allowed
      state_.allowed = random_attr();
      state_.tag10 = rng_.chance(50);
      bench_.configure(state_);
      for (unsigned i = 0; i < reads / 4; ++i) ask(random_bytes());
      bench_.module.run_until([&] { return bench_.reads.idle(); }, dut::Cycles{400'000});
    }
    settle();
    for (unsigned status = RdOk; status <= RdLied; ++status) CHECK(statuses_[status] > 0);
    CHECK(polluted_ < reads / 4);
    all_tags_work();
  }

  // Everybody is honest, but the function is reset again and again.
  void run_resets(unsigned resets) {
    honest_ = true;
    for (unsigned n = 0; n < resets; ++n) {
      state_.tag10 = rng_.chance(50);
      bench_.configure(state_);
      for (unsigned i = 0; i < 40; ++i) ask(few_bytes());
      bench_.step(static_cast<unsigned>(rng_.range(1, 400)));
      bench_.reset_function();
      give_up();
      CHECK_FALSE(bench_.p().busy_o);
    }
    for (unsigned i = 0; i < 40; ++i) ask(few_bytes());
    settle();
    CHECK(bench_.events(EventUnexpected) == 0);
    CHECK(bench_.events(EventMalformed) == 0);
    CHECK(bench_.events(EventTimeout) == 0);
    all_tags_work();
  }

  // All tags and all room at once, and everybody honest.
  void all_tags_work() {
    hold_ = honest_ = true;
    state_.timeout_disable = true;
    bench_.configure(state_);
    for (unsigned i = 0; i < 32; ++i) ask(512);
    bench_.module.run_until([&] { return live_.size() == 32; }, dut::Cycles{2000});
    bench_.step(3 * static_cast<unsigned>(timeout_));
    hold_ = false;
    const unsigned good = statuses_[RdOk];
    settle();
    CHECK(statuses_[RdOk] == good + 32);
  }

  void sample() override {
    if (bench_.p().fn_rst_o) bench_.answers.answers.clear();
    const uint64_t now = bench_.module.now().value;
    for (; taken_ < bench_.reads.taken().size(); ++taken_) {
      accounts_[index_of(bench_.reads.taken()[taken_].read.iova)].taken =
          bench_.reads.taken()[taken_].at;
    }
    while (!bench_.np.empty()) request(bench_.np.pop());
    while (!bench_.answers.answers.empty()) {
      answer(bench_.answers.answers.front());
      bench_.answers.answers.pop_front();
    }
    if (bench_.cpl.sent() != sent_) {
      sent_ = bench_.cpl.sent();
      deliveries_[sending_.tag].push_back({began_, now, sending_.owner});
    }
  }
  void commit() override {
    if (hold_ || bench_.cpl.waiting() || jobs_.empty()) return;
    const auto at = jobs_.begin() + static_cast<long>(rng_.range(0, jobs_.size() - 1));
    began_ = bench_.module.now().value - 1;
    if (at->not_before > began_) return;
    sending_ = {at->tlps.front().hdr[2] >> 8 & 31, at->owner};  // the tag's own number
    bench_.cpl.send(at->tlps.front());
    at->tlps.pop_front();
    if (at->tlps.empty()) jobs_.erase(at);
  }

 private:
  struct Account {
    Read read;
    unsigned tag = ~0u, expected = RdOk, status = RdOk;
    uint32_t done = 0;
    uint64_t taken = 0, ended = 0;
    bool final = false, wrong_data = false, gone = false;
  };
  struct Job {
    size_t owner;
    std::deque<pcie::RawTlp> tlps;
    uint64_t not_before;
  };
  struct Delivery {
    uint64_t from, to;
    size_t owner;
  };
  struct Sending {
    unsigned tag;
    size_t owner;
  };

  static constexpr uint64_t kHigh = uint64_t{1} << 40;  // every other read has a 4-DW header
  static size_t index_of(uint64_t iova) { return ((iova & ~kHigh) >> 13) - 1; }
  static unsigned blocks(const Read& r) {
    return static_cast<unsigned>(((r.iova & 63) + r.bytes + 63) / 64);
  }

  Attr random_attr() {
    return {.ido = rng_.chance(50), .relaxed = rng_.chance(50), .no_snoop = rng_.chance(50)};
  }
  // So few that an honest completer is never too late.
  uint32_t few_bytes() { return static_cast<uint32_t>(rng_.range(1, 128)); }
  uint32_t random_bytes() {
    const uint64_t most = rng_.pick(std::array{8, 64, 256, 256, 256, 1024, 1024, 4096});
    return static_cast<uint32_t>(rng_.chance(20) ? most : rng_.range(1, most));
  }

  void ask(uint32_t bytes) {
    const size_t i = accounts_.size();
    const uint64_t at = honest_ ? 0 : rng_.range(0, 4096 - bytes);
    const Read read{.client = static_cast<unsigned>(rng_.range(0, 1)),
                    .iova = (i + 1) << 13 | at | (i & 1 ? kHigh : 0),
                    .bytes = bytes,
                    .dest = uint64_t{i} << 40 | rng_.range(0xffff'e000, 0xffff'ffff),
                    .mark = static_cast<unsigned>(rng_.range(0, 4095)),
                    .attr = random_attr()};
    accounts_.push_back({.read = read});
    bench_.reads.send(read);
  }

  // What has not been answered yet never will be; its completions still come.
  void give_up() {
    for (size_t i = 0; i < accounts_.size(); ++i) {
      Account& a = accounts_[i];
      if (a.final) continue;
      a.final = a.gone = true;
      ++final_;
    }
    live_.clear();
  }

  // Until everything is answered, sent and quiet; then the accounts are closed.
  void settle() {
    bench_.module.run_until(
        [&] { return final_ == accounts_.size() && jobs_.empty() && bench_.cpl.idle(); },
        dut::Cycles{400'000});
    CHECK_FALSE(bench_.p().busy_o);
    bench_.step(3 * static_cast<unsigned>(timeout_));
    for (; closed_ < accounts_.size(); ++closed_) close(closed_);
  }

  // A true answer needs nothing to excuse it; completions meant for an earlier owner of the tag do.
  void close(size_t i) {
    const Account& a = accounts_[i];
    if (a.gone) return;
    ++statuses_[a.status];
    for (const Delivery& d : deliveries_[a.tag]) {
      if (d.owner != i && d.to >= a.taken && d.from <= a.ended) {
        ++polluted_;
        return;
      }
    }
    INFO("read " << i << " expected " << a.expected << " got " << a.status);
    CHECK_FALSE(a.wrong_data);
    if (a.status == RdTimeout) {
      CHECK(a.ended - a.taken >= timeout_);
    } else {
      CHECK(a.status == a.expected);
    }
    CHECK((a.status != RdOk || a.done == a.read.bytes));
  }

  void request(const pcie::RawTlp& tlp) {
    const bool wide = (tlp.hdr[0] >> 24) == 0x20;
    const uint64_t address = wide ? uint64_t{tlp.hdr[2]} << 32 | tlp.hdr[3] : tlp.hdr[2];
    const size_t i = index_of(address);
    Account& a = accounts_.at(i);
    CHECK(wide == (a.read.iova >= uint64_t{1} << 32));
    CHECK(address == (a.read.iova & ~uint64_t{3}));
    CHECK((tlp.hdr[0] & 0x3ff) == (((a.read.iova & 3) + a.read.bytes + 3) / 4 & 0x3ff));
    const unsigned tag = tag_of(tlp);
    a.tag = tag & 0xff;
    REQUIRE(a.tag < 32);
    CHECK(tag >> 8 <= 1);
    check_attributes(a.read.attr, attr_of(tlp));
    for (const Job& job : jobs_) {  // a tag given up is not used again before its rest has come
      if (accounts_[job.owner].gone) CHECK(accounts_[job.owner].tag != a.tag);
    }
    if (a.gone) {
      plan(i, tlp);
      return;
    }
    if (a.final) return;  // by a stray completion, before its request had left
    unsigned reserved = blocks(a.read);
    for (const size_t other : live_) {
      CHECK(accounts_[other].tag != a.tag);
      reserved += blocks(accounts_[other].read);
    }
    CHECK(reserved <= kRoomBlocks);
    live_.insert(i);
    plan(i, tlp);
  }
  // Never more than asked for; all of it, while nobody changes what is allowed.
  void check_attributes(const Attr& asked, const Attr& sent) {
    CHECK((!sent.ido || asked.ido));
    CHECK((!sent.relaxed || asked.relaxed));
    CHECK((!sent.no_snoop || asked.no_snoop));
  }

  void answer(const Answer& packet) {
    const size_t i = packet.dest >> 40;
    REQUIRE(i < accounts_.size());
    Account& a = accounts_[i];
    REQUIRE_FALSE(a.gone);
    const uint64_t iova = a.read.iova + a.done;
    REQUIRE_FALSE(a.final);
    REQUIRE(packet.client == a.read.client);
    REQUIRE(packet.mark == a.read.mark);
    REQUIRE(packet.dest == a.read.dest + a.done);
    REQUIRE(packet.offset == (iova & 3));
    REQUIRE(a.done + packet.bytes.size() <= a.read.bytes);
    for (size_t k = 0; k < packet.bytes.size(); ++k) {
      a.wrong_data |= packet.bytes[k] != memory_byte(iova + k);
    }
    a.done += static_cast<uint32_t>(packet.bytes.size());
    REQUIRE(packet.last == (packet.status != RdOk || a.done == a.read.bytes));
    if (!packet.last) return;
    a.final = true;
    a.status = packet.status;
    a.ended = packet.at;
    live_.erase(i);
    ++final_;
  }

  // What the completer will do with read `i`.
  void plan(size_t i, const pcie::RawTlp& request) {
    Account& a = accounts_[i];
    CompleterPlan plan(rng_, a.read, tag_of(request), attr_of(request), honest_);
    a.expected = plan.expected;
    const uint64_t delay = rng_.range(0, 60) + (plan.late ? 5 * timeout_ / 2 : 0);
    if (plan.tlps.empty()) return;
    jobs_.push_back({i, std::move(plan.tlps), bench_.module.now().value + delay});
  }

  RequesterBench<V>& bench_;
  agent::Rng rng_;
  CfgState state_{};
  uint64_t timeout_;
  std::vector<Account> accounts_;
  std::vector<Job> jobs_;
  std::set<size_t> live_;
  std::map<unsigned, std::vector<Delivery>> deliveries_;
  Sending sending_{};
  uint64_t began_ = 0, sent_ = 0;
  size_t taken_ = 0, final_ = 0, closed_ = 0;
  std::array<unsigned, 6> statuses_{};
  unsigned polluted_ = 0;
  bool hold_ = false, honest_ = false;
};

}  // namespace cw::unit
