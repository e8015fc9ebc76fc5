// SPDX-License-Identifier: Apache-2.0
#include "Vcw_completer_write.h"
#include "catch_shim.hpp"
#include "unit/completer_stubs.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

// Decoded requests in, beat by beat.
class RequestSource : public dut::Clocked {
 public:
  RequestSource(dut::Module<Vcw_completer_write>& module, agent::Rng rng, agent::Stall stall)
      : p_(module.pins()), stall_(stall, rng) {
    module.kernel().add(*this);
  }
  void send(const PRequest& request, std::vector<uint32_t> payload) {
    queue_.push_back({request, std::move(payload)});
  }
  bool idle() const { return queue_.empty(); }
  void sample() override {
    if (!p_.req_valid_i || !p_.req_ready_o) return;
    valid_ = false;
    at_ += kLanes;
    if (!p_.req_eop_i) return;
    queue_.pop_front();
    at_ = 0;
  }
  void commit() override {
    if (!valid_ && !queue_.empty() && !stall_.stalls()) {
      const Item& item = queue_.front();
      drive(p_.req_i, item.request);
      std::array<uint32_t, kLanes> lanes;
      lanes.fill(0xbadbadba);
      for (unsigned i = 0; i < kLanes && at_ + i < item.payload.size(); ++i)
        lanes[i] = item.payload[at_ + i];
      std::memcpy(&p_.req_data_i, lanes.data(), sizeof lanes);
      p_.req_sop_i = at_ == 0;
      p_.req_eop_i = at_ + kLanes >= item.payload.size();
      valid_ = true;
    }
    p_.req_valid_i = valid_;
  }
  void reset() override {
    queue_.clear();
    valid_ = false;
    p_.req_valid_i = 0;
  }

 private:
  static constexpr unsigned kLanes = 8;
  struct Item {
    PRequest request;
    std::vector<uint32_t> payload;
  };
  Vcw_completer_write& p_;
  agent::StallPolicy stall_;
  std::deque<Item> queue_;
  size_t at_ = 0;
  bool valid_ = false;
};

// The user's memory: takes beats, ends each write some clocks after its last.
class UserMemory : public dut::Clocked {
 public:
  explicit UserMemory(dut::Module<Vcw_completer_write>& module) : module_(module) {
    module.kernel().add(*this);
  }
  unsigned latency = 10;
  bool fails = false;
  unsigned beats = 0, ended = 0;
  size_t most = 0;  // writes that were owed an answer at once
  std::vector<unsigned> fns;
  void sample() override {
    auto& p = module_.pins();
    if (p.ax_done_i) ++ended;
    if (!p.ax_wr_valid_o || !p.ax_wr_ready_i) return;
    ++beats;
    if (p.ax_wr_first_o) {
      fns.push_back(dut::get_bits(p.ax_wr_to_o, 3, 3));
      left_ = p.ax_wr_beats_o;
    }
    --left_;
    CHECK((left_ == 0) == (p.ax_wr_last_o != 0));
    if (p.ax_wr_last_o) due_.push_back(module_.now().value + latency);
    most = std::max(most, due_.size());
  }
  void commit() override {
    auto& p = module_.pins();
    p.ax_wr_ready_i = 1;
    p.ax_done_i = !due_.empty() && due_.front() <= module_.now().value;
    p.ax_error_i = fails;
    if (p.ax_done_i) due_.pop_front();
  }
  void reset() override { module_.pins().ax_done_i = 0; }

 private:
  dut::Module<Vcw_completer_write>& module_;
  std::deque<uint64_t> due_;
  unsigned left_ = 0;
};

struct Bench {
  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : rng(seed, "posted"),
        module(seed, rng.fork("regs"), stall),
        card(module, rng.fork("card"), stall),
        user(module),
        reports(module),
        source(module, rng.fork("source"), stall) {
    module.reset();
  }
  Vcw_completer_write& p() { return module.pins(); }
  void send(const PRequest& to, const pcie::Tlp& tlp) {
    const pcie::RawTlp raw = pcie::encode(tlp);
    PRequest request = to;
    request.hdr = raw.hdr;
    source.send(request, raw.payload);
    ++sent;
  }
  // A write to an offset of what the route leads to.
  void write(Route route, uint32_t offset, std::vector<uint8_t> data, PRequest to = {}) {
    to.route = route;
    to.offset = offset & ~3u;
    send(to, pcie::MemWrite{.address = {offset}, .data = std::move(data)});
  }
  void drain() {
    module.run_until([&] { return source.idle() && p().done_o == sent % 16; }, 20000_cycles);
  }

  agent::Rng rng;
  AnsweredModule<Vcw_completer_write> module;
  CardStub<Vcw_completer_write> card;
  UserMemory user;
  ReportCounter<Vcw_completer_write> reports;
  RequestSource source;
  unsigned sent = 0;
};

}  // namespace

TEST_CASE("a write to registers is done dword by dword with its byte enables",
          "[unit][endpoint][R05]") {
  Bench bench;
  std::vector<uint8_t> data;
  for (uint8_t i = 0; i < 40; ++i) data.push_back(i);
  bench.write(RouteRegs, 0x103, data, {.target = RegAxil, .fn = 3, .bar = 5});
  bench.drain();
  REQUIRE(bench.module.reg_log.size() == 11);
  CHECK(bench.module.reg_log[0] == RegAccess{true, 0x100, 0b1000, 0x0000'0000, RegAxil, 3, 5});
  CHECK(bench.module.reg_log[1] == RegAccess{true, 0x104, 0b1111, 0x0403'0201, RegAxil, 3, 5});
  CHECK(bench.module.reg_log[10].addr == 0x128);
  CHECK(bench.module.reg_log[10].be == 0b0111);
}

TEST_CASE("every byte-enable pattern of one dword and of two reaches the registers",
          "[unit][endpoint][R05][R08]") {
  Bench bench;
  for (uint8_t first = 1; first < 16; ++first) {
    for (uint8_t last = 0; last < 16; ++last) {
      bench.module.reg_log.clear();
      bench.send({.route = RouteRegs, .offset = 0x40},
                 pcie::MemWrite{.address = {0x40},
                                .data = std::vector<uint8_t>(last ? 8 : 4, 0x5a),
                                .enables = pcie::ByteEnables{first, last}});
      bench.drain();
      REQUIRE(bench.module.reg_log.size() == (last ? 2 : 1));
      CHECK(bench.module.reg_log[0].be == first);
      if (last) CHECK(bench.module.reg_log[1].be == last);
    }
  }
}

TEST_CASE("a doorbell after data waits until memory has the data", "[unit][endpoint][R30]") {
  Bench bench;
  bench.card.block_writes = true;
  bench.user.latency = 60;
  const Route memory = GENERATE(RouteCard, RouteAxi);
  bench.write(memory, 8, std::vector<uint8_t>(16, 1));
  bench.write(RouteRegs, 0x120, {1, 0, 0, 0});
  bench.module.step(50_cycles);
  CHECK(bench.module.reg_log.empty());
  CHECK(bench.p().done_o == 0);
  bench.card.block_writes = false;
  bench.drain();
  CHECK(bench.module.reg_log.size() == 1);
}

TEST_CASE("writes of one memory overlap, those of another wait until they ended",
          "[unit][endpoint][R30]") {
  Bench bench;
  for (unsigned i = 0; i < 20; ++i) bench.write(RouteAxi, 64 * i, std::vector<uint8_t>(64, 1));
  bench.write(RouteCard, 0, std::vector<uint8_t>(64, 2));
  bench.module.run_until([&] { return bench.card.writes != 0; }, 500_cycles);
  CHECK(bench.user.ended == 20);
  CHECK(bench.user.most > 3);
  bench.card.block_writes = true;
  bench.write(RouteCard, 0x40, std::vector<uint8_t>(64, 2));
  bench.write(RouteAxi, 0, std::vector<uint8_t>(64, 3));
  bench.module.step(50_cycles);
  CHECK(bench.user.beats == 40);
  bench.card.block_writes = false;
  bench.drain();
  CHECK(bench.user.beats == 42);
}

TEST_CASE("no more writes of the user's memory begin than can be told apart in a report",
          "[unit][endpoint][R20][R31]") {
  constexpr unsigned kMost = 8;
  Bench bench;
  bench.user.latency = 200;
  for (unsigned i = 0; i < 20; ++i) bench.write(RouteAxi, 64 * i, std::vector<uint8_t>(64, 1));
  bench.drain();
  CHECK(bench.user.most == kMost);
  CHECK(bench.user.ended == 20);
}

TEST_CASE("poisoned-mwr: a poisoned write is dropped whole and reported with its header",
          "[unit][endpoint][R37][R38][poisoned-mwr]") {
  Bench bench;
  bench.write(RoutePoisoned, 0x100, std::vector<uint8_t>(256, 9), {.functions = 0b100});
  bench.drain();
  CHECK(bench.card.writes == 0);
  CHECK(bench.user.beats == 0);
  CHECK(bench.module.reg_log.empty());
  REQUIRE(bench.reports.log.size() == 1);
  CHECK(bench.reports.log[0].kinds == ReportPoisoned);
  CHECK(bench.reports.log[0].functions == 0b100);
  CHECK(bench.reports.log[0].hdr[2] == 0x100);
}

TEST_CASE("an unsupported write is dropped whole and reported with its header",
          "[unit][endpoint][R37][R38]") {
  Bench bench;
  bench.write(RouteUr, 0x200, std::vector<uint8_t>(100, 9), {.functions = 0b11});
  bench.write(RouteNothing, 0x300, {0});
  bench.drain();
  CHECK(bench.card.writes == 0);
  CHECK(bench.module.reg_log.empty());
  REQUIRE(bench.reports.log.size() == 1);
  CHECK(bench.reports.log[0].kinds == ReportUnsupported);
  CHECK(bench.reports.log[0].functions == 0b11);
  CHECK(bench.reports.log[0].hdr[2] == 0x200);
}

TEST_CASE("messages with an effect are told once, in their place among the writes",
          "[unit][endpoint][R40][R47]") {
  Bench bench;
  unsigned turn_off = 0, power = 0;
  const auto clock = [&] {
    bench.module.settle();
    const uint64_t seen = bench.p().msg_seen_o;
    if (dut::get_bits(seen, 11, 1)) ++turn_off;
    if (dut::get_bits(seen, 10, 1)) {
      ++power;
      CHECK(dut::get_bits(seen, 8, 2) == 2);
      CHECK(dut::get_bits(seen, 0, 8) == 0x4b);
    }
    bench.module.step();
  };
  bench.card.block_writes = true;
  bench.write(RouteCard, 0, {1});
  bench.send({.route = RouteNothing}, pcie::Message{.routing = 3, .code = 0x19});
  bench.send({.route = RouteNothing},
             pcie::Message{.routing = 4, .code = 0x50, .payload = {0xffff'fe4b}});
  bench.send({.route = RouteNothing}, pcie::Message{.routing = 3, .code = 0x00});
  bench.send({.route = RoutePoisoned}, pcie::Message{.routing = 4, .code = 0x50, .payload = {1}});
  for (unsigned i = 0; i < 20; ++i) clock();
  CHECK(turn_off + power == 0);
  bench.card.block_writes = false;
  for (unsigned i = 0; i < 20; ++i) clock();
  CHECK(turn_off == 1);
  CHECK(power == 1);
}

TEST_CASE(
    "slverr-to-ca: a refusal of the user ends a posted write as a Completer Abort, reported once",
    "[unit][endpoint][R20][R40][slverr-to-ca]") {
  Bench bench(1, GENERATE(agent::Stall::None, agent::Stall::Adversarial));
  SECTION("of a register, among others of the same write") {
    bench.module.reg_errors = {0x44, 0x48};
    bench.write(RouteRegs, 0x40, std::vector<uint8_t>(16, 1), {.functions = 2, .target = RegAxil});
    bench.drain();
    CHECK(bench.module.reg_log.size() == 4);
  }
  SECTION("of memory, while other writes follow") {
    bench.user.fails = true;
    bench.write(RouteAxi, 0x40, std::vector<uint8_t>(16, 1), {.functions = 2});
    bench.module.run_until([&] { return bench.user.ended == 1; }, 100_cycles);
    bench.user.fails = false;
    bench.write(RouteAxi, 0x80, std::vector<uint8_t>(16, 1), {.functions = 4});
    bench.drain();
  }
  REQUIRE(bench.reports.log.size() == 1);
  CHECK(bench.reports.log[0].kinds == ReportAbort);
  CHECK(bench.reports.log[0].functions == 2);
  CHECK(bench.reports.log[0].hdr[2] == 0x40);
  CHECK_FALSE(bench.reports.log[0].prefix);
}

TEST_CASE("a write to a memory takes as many clocks as it has beats",
          "[unit][endpoint][performance]") {
  Bench bench;
  const Route memory = GENERATE(RouteCard, RouteAxi);
  bench.user.latency = 2;
  const unsigned bytes = GENERATE(32u, 256u);
  for (unsigned i = 0; i < 64; ++i) {
    bench.write(memory, 256 * i, std::vector<uint8_t>(bytes, 1));
  }
  const uint64_t start = bench.module.now().value;
  bench.drain();
  CHECK(bench.module.now().value - start <= 64 * bytes / 32 + 8);
  CHECK(bench.card.writes + bench.user.beats == 64 * bytes / 32);
}

TEST_CASE("what is sent arrives once and in order, whoever stalls", "[unit][endpoint][R30][R31]") {
  const auto stall = GENERATE(agent::Stall::Bursty, agent::Stall::Adversarial);
  Bench bench(GENERATE(1u, 2u), stall);
  agent::Rng rng = bench.rng.fork("ops");
  Bytes card = bench.card.memory;
  std::vector<uint32_t> registers;
  unsigned user_beats = 0;
  for (unsigned i = 0; i < 200; ++i) {
    const auto offset = static_cast<uint32_t>(rng.range(0, 0x3ff));
    const auto bytes = static_cast<uint32_t>(rng.range(1, 64));
    const auto route = static_cast<Route>(rng.chance(40)   ? RouteCard
                                          : rng.chance(70) ? RouteAxi
                                                           : RouteRegs);
    if (route == RouteRegs) {
      for (uint32_t at = offset & ~3u; at < offset + bytes; at += 4) registers.push_back(at);
    }
    if (route == RouteAxi) user_beats += (offset % 32 + bytes + 31) / 32;
    std::vector<uint8_t> data(bytes);
    for (uint8_t& byte : data) byte = static_cast<uint8_t>(rng.u64());
    for (uint32_t at = 0; route == RouteCard && at < bytes; ++at) card.put(offset + at, data[at]);
    bench.write(route, offset, data);
  }
  bench.drain();
  for (uint32_t at = 0; at < 0x440; ++at) REQUIRE(bench.card.memory.at(at) == card.at(at));
  REQUIRE(bench.module.reg_log.size() == registers.size());
  for (size_t i = 0; i < registers.size(); ++i)
    REQUIRE(bench.module.reg_log[i].addr == registers[i]);
  CHECK(bench.user.beats == user_beats);
  CHECK(bench.reports.any() == 0);
}

TEST_CASE("an answer that nobody owes raises the alarm", "[unit][endpoint][R31]") {
  Bench bench;
  bench.p().ax_done_i = 1;
  CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
}
