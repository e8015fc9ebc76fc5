// SPDX-License-Identifier: Apache-2.0
#include "Vcw_requester_answer.h"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "unit/requester_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

constexpr unsigned kTag = 6;

// The module with a table of one tag: its state and what it is owed are the test's to say.
struct Bench : dut::Clocked {
  Bench()
      : cpl(module.kernel(),
            dut::channel(p().cpl_ctl_i, p().cpl_data_i, p().cpl_valid_i, p().cpl_ready_o),
            agent::Rng(1, "cpl")) {
    module.kernel().add(*this);
    p().due_valid_i = 0;
    p().lookup_due_i = 1;
    p().rsp_ready_i = 1;
    p().forget_i = p().issue_i = 0;
    p().now_i = 17;
    state(TagOpen);
    drive(p().lookup_owed_i,
          Owed{.client = 1, .mark = 0x804, .blocks = 2, .dest = 0x100, .bytes = 128});
    module.reset();
    issue(20);
  }
  ~Bench() override { module.kernel().remove(*this); }
  Vcw_requester_answer& p() { return module.pins(); }
  void state(TagState value) {
    drive(p().lookup_life_i, Life{.gen = true, .state = value, .since = 3, .bytes = 1000});
    last_state_ = value;
  }
  // So many requests are pending.
  void issue(unsigned count) {
    p().issue_i = 1;
    run(count);
    p().issue_i = 0;
  }

  void sample() override {
    if (p().rsp_valid_o && p().rsp_ready_i) beats.emplace_back(p().rsp_o);
    if (p().change_valid_o) change(life(p().change_life_o));
    if (p().freed_o) {
      ++freed;
      CHECK(p().freed_tag_o == kTag);
      CHECK(p().freed_blocks_o == 2);
    }
    events |= report_kinds(p().report_o);
    if (!report_kinds(p().report_o)) return;
    functions |= report_functions(p().report_o);
    header = report_header(p().report_o);
    prefix |= report_prefix(p().report_o);
  }
  void change(const Life& to) {
    CHECK(p().change_tag_o == kTag);
    CHECK(to.gen);
    CHECK(to.sent);
    advanced += to.bytes - 1000;
    restarts += to.since == 17;
    CHECK((to.since == 17 || to.since == 3));
    if (to.state != last_state_ && to.state != TagIdle) moves.push_back(to.state);
  }
  void run(unsigned cycles = 30) { module.step(dut::Cycles{cycles}); }
  void due() {
    p().due_tag_i = kTag;
    p().due_valid_i = 1;
    module.run_until([&] { return p().change_valid_o; }, dut::Cycles{50});
    module.step();
    p().due_valid_i = 0;
  }
  static Cpl part(uint32_t bytes, uint32_t left) {
    return {.tag = kTag, .byte_count = left, .length_dw = bytes / 4};
  }

  dut::Module<Vcw_requester_answer> module;
  agent::TlpSource cpl;
  std::vector<AnswerBeat> beats;
  std::vector<unsigned> moves;
  unsigned freed = 0, advanced = 0, restarts = 0, events = 0, functions = 0;
  std::array<uint32_t, 4> header{};  // of the error told last
  bool prefix = false;

 private:
  unsigned last_state_ = TagOpen;
};

}  // namespace

TEST_CASE("the last part closes the tag, which is freed when the client has taken it",
          "[unit][requester][R28]") {
  Bench bench;
  bench.p().rsp_ready_i = 0;
  bench.cpl.send(encode(Bench::part(128, 128)));
  bench.run();
  CHECK(bench.moves.empty());
  bench.p().rsp_ready_i = 1;
  bench.run(2);
  CHECK(bench.moves == std::vector<unsigned>{TagClosing});
  CHECK(bench.freed == 0);
  bench.run();
  CHECK(bench.beats.size() == 4);
  CHECK(bench.freed == 1);
  CHECK(bench.advanced == 128);
}

TEST_CASE("a final answer of one beat that waits for its client frees nothing yet",
          "[unit][requester][R28][tag-reuse]") {
  Bench bench;
  drive(bench.p().lookup_owed_i, Owed{.blocks = 2, .bytes = 32});
  bench.p().rsp_ready_i = 0;
  bench.cpl.send(encode(Bench::part(32, 32)));
  bench.run();
  REQUIRE(bench.p().rsp_valid_o);
  CHECK(bench.freed == 0);
  bench.p().rsp_ready_i = 1;
  bench.run();
  CHECK(bench.freed == 1);
}

TEST_CASE("a completion at fault is told with its header, a read out of time with none",
          "[unit][requester][R27][R38]") {
  Bench bench;
  const auto lie = encode(Bench::part(128, 124));
  bench.cpl.send(lie);
  bench.run();
  CHECK(bench.header == lie.hdr);
  bench.events = 0;
  bench.state(TagOpen);
  bench.due();
  bench.run();
  CHECK(bench.events == EventTimeout);
  CHECK(bench.header == std::array<uint32_t, 4>{});
  CHECK_FALSE(bench.prefix);
}

TEST_CASE("a part that is not the last frees nothing", "[unit][requester][R28][R29]") {
  Bench bench;
  bench.cpl.send(encode(Bench::part(64, 128)));
  bench.run();
  CHECK(bench.moves.empty());
  CHECK(bench.freed == 0);
  CHECK(bench.advanced == 64);
  CHECK_FALSE(bench.beats.back().last);
}

TEST_CASE("a lie ends the request, bans its tag and frees nothing", "[unit][requester][R23]") {
  Bench bench;
  bench.cpl.send(encode(Bench::part(128, 124)));
  bench.run();
  REQUIRE(bench.beats.size() == 1);
  CHECK(bench.beats[0].status == RdLied);
  CHECK(bench.moves == std::vector<unsigned>{TagBanned});
  CHECK(bench.advanced == 0);
  CHECK(bench.restarts == 1);
  CHECK(bench.freed == 0);
  CHECK(bench.events == EventMalformed);
  CHECK(bench.functions == 0xff);  // of no function in particular
}

TEST_CASE("poison that is not the last mutes the tag, the rest spends it",
          "[unit][requester][R26]") {
  Bench bench;
  Cpl poisoned = Bench::part(64, 128);
  poisoned.poisoned = true;
  bench.cpl.send(encode(poisoned));
  bench.run();
  REQUIRE(bench.beats.size() == 1);
  CHECK(bench.beats[0].status == RdPoisoned);
  CHECK(bench.moves == std::vector<unsigned>{TagMuted});
  bench.state(TagMuted);
  bench.cpl.send(encode(Bench::part(128, 128)));
  bench.run();
  CHECK(bench.moves == std::vector<unsigned>{TagMuted, TagSpent});
  CHECK(bench.beats.size() == 1);
  CHECK(bench.events == (EventPoisoned | EventPoisonedCpl));
}

TEST_CASE("time over: an open tag times out, a quarantined one is freed",
          "[unit][requester][R27]") {
  Bench bench;
  bench.due();
  bench.run();
  REQUIRE(bench.beats.size() == 1);
  CHECK(bench.beats[0].status == RdTimeout);
  CHECK(bench.moves == std::vector<unsigned>{TagLate});
  CHECK(bench.freed == 0);
  for (const TagState quarantine : {TagLate, TagBanned, TagSpent}) {
    bench.freed = 0;
    bench.state(quarantine);
    bench.due();
    bench.run();
    CHECK(bench.freed == 1);
  }
  CHECK(bench.beats.size() == 1);
  CHECK(bench.events == EventTimeout);
}

TEST_CASE("time over waits for the end of a packet and for the client", "[unit][requester][R27]") {
  Bench bench;
  bench.cpl.send(encode(Bench::part(64, 128)));
  bench.module.run_until([&] { return bench.beats.size() == 1; }, dut::Cycles{20});
  bench.p().rsp_ready_i = 0;
  bench.p().due_tag_i = kTag;
  bench.p().due_valid_i = 1;
  bench.run();
  CHECK(bench.moves.empty());
  bench.p().rsp_ready_i = 1;
  bench.due();
  bench.run();
  REQUIRE(bench.beats.size() == 3);
  CHECK(bench.beats[1].eop);
  CHECK(bench.beats[2].status == RdTimeout);
}

TEST_CASE("late completions are unexpected; the last of them spends the tag",
          "[unit][requester][R22][R27]") {
  Bench bench;
  bench.state(TagLate);
  Cpl cpl = Bench::part(128, 128);
  unsigned expected = TagSpent;
  SECTION("data") {}
  SECTION("UR") { cpl.data = false, cpl.status = 1; }
  SECTION("a lie") { cpl.byte_count = 64, expected = TagBanned; }
  bench.cpl.send(encode(cpl));
  bench.run();
  CHECK(bench.moves == std::vector<unsigned>{expected});
  CHECK(bench.beats.empty());
  CHECK((bench.events & EventUnexpected) != 0);
}

TEST_CASE("what comes for a tag given up leaves no trace at all", "[unit][requester][R43]") {
  Bench bench;
  bench.state(TagGone);
  Cpl cpl = Bench::part(128, 128);
  std::vector<unsigned> moves{TagSpent};
  unsigned restarts = 0;
  SECTION("data") {}
  SECTION("a part") { cpl = Bench::part(64, 128), moves.clear(); }
  SECTION("UR") { cpl.data = false, cpl.status = 1; }
  SECTION("poison") { cpl.poisoned = true; }
  SECTION("a lie") { cpl.byte_count = 64, moves = {TagBanned}, restarts = 1; }
  bench.cpl.send(encode(cpl));
  bench.run();
  CHECK(bench.moves == moves);
  CHECK(bench.restarts == restarts);
  CHECK(bench.beats.empty());
  CHECK(bench.freed == 0);
  CHECK(bench.events == 0);
}

TEST_CASE("forgetting ends an answer in its midst; the rest of the completion goes nowhere",
          "[unit][requester][R43]") {
  Bench bench;
  const unsigned before = GENERATE(range(1u, 9u));
  bench.cpl.send(encode(Bench::part(128, 128)));
  bench.run(before);
  bench.p().forget_i = 1;
  bench.module.step();
  CHECK(bench.freed == bench.moves.size());  // what was closing is closed
  bench.state(bench.moves.empty() ? TagGone : TagSpent);
  const size_t beats = bench.beats.size();
  const unsigned freed = bench.freed;
  bench.run(3);
  bench.p().forget_i = 0;
  bench.run();
  CHECK(bench.beats.size() == beats);
  CHECK(bench.freed == freed);
  CHECK(bench.events == 0);
  CHECK(bench.moves.size() == 1);  // closing before, or spent after
}

TEST_CASE("forgetting keeps a quarantined tag that was at hand as due: its time begins anew",
          "[unit][requester][R27][R43]") {
  Bench bench;
  bench.state(TagSpent);
  bench.p().due_tag_i = kTag;
  bench.p().due_valid_i = 1;
  bench.module.step();
  bench.p().due_valid_i = 0;
  bench.p().forget_i = 1;
  bench.run(3);
  bench.p().forget_i = 0;
  bench.run();
  CHECK(bench.freed == 0);
  CHECK(bench.moves.empty());
}

TEST_CASE("forgetting also drops an answer that its client does not take, and overdue tags",
          "[unit][requester][R27][R43]") {
  Bench bench;
  bench.p().rsp_ready_i = 0;
  bench.cpl.send(encode(Bench::part(128, 128)));
  bench.run();
  bench.p().due_tag_i = kTag;
  bench.p().due_valid_i = 1;
  bench.run(3);
  bench.p().forget_i = 1;
  bench.module.step();
  bench.p().due_valid_i = 0;
  bench.run(3);
  bench.p().forget_i = 0;
  bench.p().rsp_ready_i = 1;
  bench.run();
  CHECK(bench.beats.empty());
  CHECK(bench.moves == std::vector<unsigned>{TagSpent});  // nothing more is owed
  CHECK(bench.freed == 0);
  CHECK(bench.events == 0);
}

TEST_CASE("completions for tags that are owed nothing leave no trace but the event",
          "[unit][requester][R22]") {
  Bench bench;
  const auto state = GENERATE(TagIdle, TagClosing, TagBanned, TagSpent);
  bench.state(state);
  bench.cpl.send(encode(Bench::part(128, 128)));
  bench.run();
  CHECK(bench.beats.empty());
  CHECK(bench.moves.empty());
  CHECK(bench.freed == 0);
  CHECK(bench.events == EventUnexpected);
  CHECK(bench.restarts == (state == TagBanned));
}

TEST_CASE("a request is pending until its last answer is taken, or it ended without one",
          "[unit][requester][R43]") {
  Bench bench;
  bench.p().forget_i = 1;
  bench.module.step();
  bench.p().forget_i = 0;
  bench.module.settle();
  CHECK_FALSE(bench.p().busy_o);
  bench.issue(1);
  Cpl cpl = Bench::part(128, 128);
  bool answered = true;
  SECTION("data") {}
  SECTION("UR") { cpl.data = false, cpl.status = 1; }
  SECTION("a lie") { cpl.byte_count = 64; }
  SECTION("the rest of a poisoned one") { bench.state(TagMuted), answered = false; }
  bench.p().rsp_ready_i = 0;
  bench.cpl.send(encode(cpl));
  bench.run();
  CHECK(bench.p().busy_o == answered);
  bench.p().rsp_ready_i = 1;
  bench.run();
  CHECK_FALSE(bench.p().busy_o);
}

TEST_CASE("a tag that was due when it was looked for, and is not any more, stays as it is",
          "[unit][requester][R27]") {
  Bench bench;
  bench.p().lookup_due_i = 0;
  bench.p().due_tag_i = kTag;
  bench.p().due_valid_i = 1;
  bench.run(5);
  bench.p().due_valid_i = 0;
  bench.run();
  CHECK(bench.beats.empty());
  CHECK(bench.moves.empty());
  CHECK(bench.freed == 0);
  CHECK(bench.restarts == 0);
}
