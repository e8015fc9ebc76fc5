// SPDX-License-Identifier: Apache-2.0
// cw-variant: L2Entries=0 Walks=1 Pending=4 DcEntries=4 PwcEntries=4 PteLines=1
#include "Vcw_iommu_engine.h"
#include "Vcw_iommu_engine_l2entries0_walks1_pending4_dcentries4_pwcentries4_ptelines1.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_walk_bench.hpp"

namespace cw::unit::iommu {
namespace {

constexpr uint64_t kDirectory = 0x8000'0000, kPage = 4096;

// An answer, and in which clock it was seen.
struct Seen {
  unsigned port = 0, tag = 0;
  Answer answer{};
  uint64_t at = 0;
};

// Device n of eight is in a directory of three levels and has tables and an address space of its
// own.
template <class V>
struct Engine : dut::Module<V>, dut::Clocked {
  WalkPort<V> memory{this->kernel(), this->pins()};
  std::vector<Seen> seen;
  uint64_t records = 0, root[8] = {};

  Engine() {
    auto& p = this->pins();
    p.caps_i = kCaps;
    p.mode_i = ThreeLevels;
    p.directory_i = kDirectory >> 12;
    p.tr_valid_i = p.dbg_valid_i = p.inval_valid_i = 0;
    p.record_ready_i = 1;
    memory.memory.fill({kDirectory}, kPage, 0);
    const uint64_t middle = new_page(), last = new_page();
    write64(kDirectory, pte(middle, kV));
    write64(middle, pte(last, kV));
    for (uint64_t n = 0; n < 8; n++) {
      root[n] = new_page();
      context(n, n, root[n]);
    }
    this->kernel().add(*this);
    dut::ModuleBase::reset(3_cycles);
    this->step(200_cycles);
  }
  ~Engine() override { this->kernel().remove(*this); }

  // ---- Tables

  void write64(uint64_t hpa, uint64_t value) { memory.memory.write64({hpa}, value); }
  uint64_t read64(uint64_t hpa) { return memory.memory.read64({hpa}); }
  uint64_t new_page() {
    next_page_ += kPage;
    memory.memory.fill({next_page_}, kPage, 0);
    return next_page_;
  }
  void context(uint64_t did, uint64_t pscid, uint64_t table) {
    const uint64_t dc = kDirectory + 2 * kPage + 32 * did;  // the third page
    write64(dc, 1);
    write64(dc + 8, 0);
    write64(dc + 16, pscid << 12);
    write64(dc + 24, uint64_t{8} << 60 | table >> 12);
  }
  void map(uint64_t table, uint64_t iova, uint64_t hpa, uint64_t bits = kLeaf) {
    for (unsigned level = 2; level > 0; level--) {
      const uint64_t at = table + 8 * (iova >> (12 + 9 * level) & 511);
      if (!(read64(at) & kV)) write64(at, pte(new_page(), kV));
      table = read64(at) >> 10 << 12;
    }
    write64(table + 8 * (iova >> 12 & 511), pte(hpa, bits));
  }

  // ---- Requests

  void sample() override {
    auto& p = this->pins();
    records += p.record_valid_o && p.record_ready_i;
    for (unsigned port = 0; port < 2; port++) {
      if (!(p.tr_rsp_valid_o >> port & 1)) continue;
      seen.push_back({port, answer_tag(p.tr_rsp_o, port), answer(p.tr_rsp_o, port), now()});
    }
  }
  void commit() override {}
  void reset() override {}
  uint64_t now() const { return dut::ModuleBase::now().value; }

  // The number of the clock whose edge takes the request.
  uint64_t start(const Request& r, unsigned port = 0) {
    auto& p = this->pins();
    drive(p.tr_req_i, r, port);
    p.tr_valid_i = 1 << port;
    this->run_until([&] { return (p.tr_ready_o >> port & 1) != 0; }, 5000_cycles);
    const uint64_t taken = now();
    this->step();
    p.tr_valid_i = 0;
    return taken;
  }
  Seen wait_for(unsigned port, unsigned tag) {
    const auto mine = [&](const Seen& s) { return s.port == port && s.tag == tag; };
    this->run_until([&] { return std::any_of(seen.begin(), seen.end(), mine); }, 5000_cycles);
    const auto found = std::find_if(seen.begin(), seen.end(), mine);
    const Seen got = *found;
    seen.erase(found);
    return got;
  }
  Answer ask(uint32_t did, uint64_t iova, unsigned port = 0, bool write = false) {
    memory.reads.clear();
    start({.did = did, .iova = iova, .write = write}, port);
    return wait_for(port, 0).answer;
  }
  // Clocks from the edge that takes a request to the one after which its answer stands.
  uint64_t clocks(uint32_t did, uint64_t iova) {
    const uint64_t taken = start({.did = did, .iova = iova});
    const Seen got = wait_for(0, 0);
    CHECK_FALSE(got.answer.fault);
    this->step(300_cycles);  // the line has arrived whole
    return got.at - taken - 1;
  }
  void invalidate(const Inval& what) {
    auto& p = this->pins();
    drive(p.inval_i, what);
    p.inval_valid_i = 1;
    this->step();
    p.inval_valid_i = 0;
  }

 private:
  uint64_t next_page_ = kDirectory;
};
using Full = Engine<Vcw_iommu_engine>;
using Small = Engine<Vcw_iommu_engine_l2entries0_walks1_pending4_dcentries4_pwcentries4_ptelines1>;

TEMPLATE_TEST_CASE("A cold request walks directory then tables; the next one neither",
                   "[unit][iommu]", Full, Small) {
  TestType engine;
  engine.map(engine.root[3], 0x123456, 0x1'2345'6000);
  CHECK(engine.ask(3, 0x123456) == at(0x1'2345'6456));
  CHECK(engine.memory.reads.size() == 6);
  engine.step(40_cycles);
  CHECK(engine.ask(3, 0x123fff, 1) == at(0x1'2345'6fff));
  CHECK(engine.memory.reads.empty());
}

TEMPLATE_TEST_CASE("Each kind of invalidation clears its caches and no other", "[unit][iommu]",
                   Full, Small) {
  TestType engine;
  engine.map(engine.root[0], 0, kPage);
  engine.ask(0, 0);
  engine.step(40_cycles);
  engine.invalidate({.dir = true, .dv = true, .did = 1});
  CHECK(engine.ask(0, 0) == at(kPage));
  CHECK(engine.memory.reads.empty());
  engine.invalidate({.dir = true});
  CHECK(engine.ask(0, 0) == at(kPage));
  CHECK(engine.memory.reads.size() <= 4);  // the directory, and a last PTE if none was kept
  engine.step(40_cycles);
  engine.invalidate({.pt = true, .pscv = true, .pscid = 1});
  CHECK(engine.ask(0, 0) == at(kPage));
  CHECK(engine.memory.reads.empty());
  engine.invalidate({.pt = true, .leaf = true, .vpn = 0, .pscv = true, .pscid = 0});
  CHECK(engine.ask(0, 0) == at(kPage));
  CHECK(engine.memory.reads.size() == 1);
  engine.step(40_cycles);
  engine.invalidate({.pt = true});
  CHECK(engine.ask(0, 0) == at(kPage));
  CHECK(engine.memory.reads.size() == 3);
}

TEMPLATE_TEST_CASE("A miss costs what it says, with memory that answers after L clocks",
                   "[unit][iommu]", Full, Small) {
  for (const unsigned latency : {1, 10, 50, 100}) {
    TestType engine;
    engine.memory.latency = latency;
    engine.map(engine.root[0], 0, kPage);
    engine.map(engine.root[0], 100 * kPage, 2 * kPage);
    CHECK(engine.clocks(0, 0) <= 6 * latency + 10);
    CHECK(engine.clocks(0, 8) == 2);
    CHECK(engine.clocks(0, 100 * kPage) <= latency + 4);
    engine.invalidate({.pt = true});
    engine.step(200_cycles);
    CHECK(engine.clocks(0, 0) <= 3 * latency + 4);
  }
}

// Twelve reads leave one a clock at most, and four requests enter one a clock.
TEST_CASE("Four independent misses take no longer than the port to memory does", "[unit][iommu]") {
  const unsigned latency = GENERATE(1u, 10u, 50u, 100u);
  Full engine;
  engine.memory.latency = latency;
  for (uint64_t n = 0; n < 8; n++) engine.map(engine.root[n], 0, (n + 1) * kPage);
  for (uint32_t n = 0; n < 8; n++) engine.ask(n, 0);  // contexts
  engine.step(100_cycles);
  engine.invalidate({.pt = true});
  const uint64_t one = engine.clocks(0, 0);
  engine.step(200_cycles);
  engine.invalidate({.pt = true});
  const uint64_t begin = engine.now();
  for (uint32_t n = 0; n < 4; n++) engine.start({.did = n, .iova = 0, .tag = n}, n & 1);
  uint64_t end = 0;
  for (uint32_t n = 0; n < 4; n++) end = std::max(end, engine.wait_for(n & 1, n).at);
  CHECK(one == 3 * latency + 4);
  CHECK(end - begin - 1 <= std::max(latency + 13, 3 * latency + 7));
}

TEST_CASE("Neighbouring pages read memory once for eight of them", "[unit][iommu]") {
  Full engine;
  for (uint64_t n = 0; n < 64; n++) engine.map(engine.root[0], n * kPage, (100 + n) * kPage);
  engine.ask(0, 0);
  engine.step(40_cycles);
  engine.memory.reads.clear();
  for (uint64_t n = 8; n < 64; n++) {
    engine.start({.did = 0, .iova = n * kPage});
    CHECK(engine.wait_for(0, 0).answer == at((100 + n) * kPage));
    engine.step(20_cycles);
  }
  CHECK(engine.memory.reads.size() == 7);
}

TEMPLATE_TEST_CASE("A walk under way when its page is invalidated answers and is forgotten",
                   "[unit][iommu]", Full, Small) {
  const bool dir = GENERATE(false, true), warm = GENERATE(false, true);
  for (unsigned delay = 0; delay < 60; delay++) {
    TestType engine;
    engine.memory.latency = 5;
    engine.map(engine.root[0], 0, kPage);
    engine.map(engine.root[0], 2 * kPage, 7 * kPage);
    engine.map(engine.root[1], 2 * kPage, 9 * kPage);
    if (warm) engine.ask(0, 0);
    engine.start({.did = 0, .iova = 2 * kPage, .tag = 1});
    engine.step({delay});
    if (dir) {
      engine.context(0, 1, engine.root[1]);
      engine.invalidate({.dir = true, .dv = true, .did = 0});
    } else {
      engine.map(engine.root[0], 2 * kPage, 9 * kPage);
      engine.invalidate({.pt = true, .leaf = true, .vpn = 2, .pscv = true, .pscid = 0});
    }
    engine.start({.did = 0, .iova = 2 * kPage, .tag = 2}, 1);
    CHECK(engine.wait_for(1, 2).answer == at(9 * kPage));
    const Answer old = engine.wait_for(0, 1).answer;
    CHECK((old == at(7 * kPage) || old == at(9 * kPage)));
    engine.step(60_cycles);
    CHECK(engine.ask(0, 2 * kPage) == at(9 * kPage));
  }
}

// A request may be answered by what its page was at any time from the last invalidation before it
// was taken until its answer.
TEMPLATE_TEST_CASE("Tables change under traffic: no answer is older than the last invalidation",
                   "[unit][iommu]", Full, Small) {
  const uint64_t seed = GENERATE(1, 2, 3);
  const bool slow = GENERATE(false, true);
  TestType engine;
  auto& p = engine.pins();
  agent::Rng rng(seed, "tables");
  engine.memory.latency = slow ? 20 : 3;
  engine.memory.reorder = true;
  engine.memory.stall = slow;
  constexpr uint64_t kDevices = 4, kPages = 6;
  struct Value {
    uint64_t hpa = 0;  // 0: not mapped
    bool write = false;
    uint64_t until = ~uint64_t{0};
  };
  struct Open {
    uint64_t device = 0, page = 0, since = 0;
    bool write = false;
  };
  std::vector<Value> history[kDevices][kPages];
  uint64_t invalidated[kDevices][kPages] = {};
  std::map<unsigned, Open> open[2];
  uint64_t next_hpa = 0x1'0000'0000, answers = 0, refused = 0;
  const auto change = [&](uint64_t device, uint64_t page) {
    auto& values = history[device][page];
    if (!values.empty()) values.back().until = engine.now();
    values.push_back({.hpa = rng.chance(80) ? next_hpa += kPage : 0, .write = rng.chance(60)});
    engine.map(engine.root[device], page * 3 * kPage, values.back().hpa,
               !values.back().hpa    ? 0
               : values.back().write ? kLeaf
                                     : kLeaf & ~uint64_t{kW});
  };
  for (uint64_t d = 0; d < kDevices; d++) {
    for (uint64_t page = 0; page < kPages; page++) change(d, page);
  }
  size_t done = 0;
  for (unsigned n = 0; n < 12'000; n++) {
    if (rng.chance(10)) change(rng.range(0, kDevices - 1), rng.range(0, kPages - 1));
    for (unsigned port = 0; port < 2; port++) {
      const unsigned tag = static_cast<unsigned>(rng.range(0, 31));
      if (n > 11'000 || p.tr_valid_i >> port & 1 || open[port].contains(tag)) continue;
      if (!rng.chance(30)) continue;
      const Open o{.device = rng.range(0, kDevices - 1),
                   .page = rng.range(0, kPages - 1),
                   .write = rng.chance(50)};
      open[port][tag] = o;
      drive(p.tr_req_i,
            Request{.did = static_cast<uint32_t>(o.device),
                    .iova = o.page * 3 * kPage,
                    .write = o.write,
                    .tag = tag},
            port);
      p.tr_valid_i |= 1 << port;
    }
    Inval what{};
    p.inval_valid_i = rng.chance(6);
    if (p.inval_valid_i) {
      const uint64_t device = rng.range(0, kDevices - 1), page = rng.range(0, kPages - 1);
      what = {.dir = rng.chance(20),
              .dv = rng.chance(50),
              .did = static_cast<uint32_t>(device),
              .leaf = rng.chance(60),
              .vpn = page * 3,
              .pscv = rng.chance(70),
              .pscid = static_cast<uint32_t>(device)};
      what.pt = !what.dir;
      for (uint64_t d = 0; what.pt && d < kDevices; d++) {
        for (uint64_t at_page = 0; at_page < kPages; at_page++) {
          if ((what.pscv && d != device) || (what.leaf && at_page != page)) continue;
          invalidated[d][at_page] = engine.now();
        }
      }
    }
    drive(p.inval_i, what);
    p.record_ready_i = rng.chance(50);
    engine.settle();
    const unsigned taken = p.tr_valid_i & p.tr_ready_o;
    for (unsigned port = 0; port < 2; port++) {
      if (!(taken >> port & 1)) continue;
      Open& o =
          open[port][static_cast<unsigned>(get_bits(p.tr_req_i, port * kRequestBits + 92, 5))];
      // One that is taken in the clock of the invalidation comes after it.
      o.since = invalidated[o.device][o.page];
    }
    engine.step();
    p.tr_valid_i &= ~taken;
    for (; done < engine.seen.size(); done++) {
      const Seen& s = engine.seen[done];
      REQUIRE(open[s.port].contains(s.tag));
      const Open o = open[s.port][s.tag];
      open[s.port].erase(s.tag);
      bool legal = false;
      for (const Value& v : history[o.device][o.page]) {
        if (v.until < o.since) continue;
        const bool granted = v.hpa && (!o.write || v.write);
        legal |= s.answer == (granted ? at(v.hpa) : kRefused);
      }
      REQUIRE(legal);
      ++answers;
      refused += s.answer == kRefused;
    }
  }
  p.inval_valid_i = 0;
  p.record_ready_i = 1;
  engine.step(1000_cycles);
  CHECK(open[0].size() + open[1].size() == engine.seen.size() - done);
  for (; done < engine.seen.size(); done++) refused += engine.seen[done].answer == kRefused;
  CHECK(answers > 50);
  CHECK(engine.records == refused);
}

TEMPLATE_TEST_CASE("Devices take turns in the caches without mixing", "[unit][iommu]", Full,
                   Small) {
  TestType engine;
  for (uint64_t n = 0; n < 8; n++) engine.map(engine.root[n], 0, (n + 1) * kPage);
  for (unsigned n = 0; n < 64; n++) {
    const uint32_t did = n * 5 % 8;
    CHECK(engine.ask(did, n, n & 1) == at((did + 1) * kPage + n));
  }
}

TEST_CASE("A walk is counted when it begins, one of the tables also behind one of the directory",
          "[unit][iommu]") {
  Full engine;
  auto& p = engine.pins();
  engine.map(engine.root[0], 0, kPage);
  unsigned directory = 0, first_stage = 0;
  for (unsigned n = 0; n < 3; n++) {
    if (n == 1) engine.invalidate({.pt = true});
    engine.start({.did = 0, .iova = 0});
    for (unsigned clock = 0; clock < 60; clock++) {
      engine.settle();
      directory += get_bits(p.perf_o, 46, 1);
      first_stage += get_bits(p.perf_o, 45, 1);
      engine.step();
    }
  }
  CHECK(directory == 1);
  CHECK(first_stage == 2);
}

}  // namespace
}  // namespace cw::unit::iommu
