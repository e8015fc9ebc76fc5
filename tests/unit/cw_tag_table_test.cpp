// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Tags=256
#include <array>

#include "Vcw_tag_table.h"
#include "Vcw_tag_table_tags256.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/requester_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

template <class V>
struct Table : dut::Module<V> {
  using dut::Module<V>::pins;

  explicit Table(uint64_t seed = 1, unsigned tags = 32) : dut::Module<V>(seed) {
    V& p = pins();
    p.open_valid_i = p.left_valid_i = p.change_valid_i = p.clear_valid_i = p.forget_i = 0;
    p.now_i = 0;
    this->reset();
    for (unsigned tag = 0; tag < tags; ++tag) {
      p.clear_tag_i = tag;
      p.clear_valid_i = 1;
      this->step();
    }
    p.clear_valid_i = 0;
  }
  void tick() {
    this->step();
    V& p = pins();
    p.open_valid_i = p.left_valid_i = p.change_valid_i = p.forget_i = 0;
    drive(p.open_owed_i, Owed{});
  }
  void open(unsigned tag, const Owed& what) {
    pins().open_tag_i = tag;
    drive(pins().open_owed_i, what);
    pins().open_valid_i = 1;
  }
  void leave(unsigned tag) {
    pins().left_tag_i = tag;
    pins().left_valid_i = 1;
  }
  void change(unsigned tag, const Life& to) {
    pins().change_tag_i = tag;
    drive(pins().change_life_i, to);
    pins().change_valid_i = 1;
  }
  void forget(unsigned tag) {
    pins().scan_tag_i = tag;
    pins().forget_i = 1;
  }
  Owed owed_by(unsigned tag) {
    pins().lookup_tag_i = tag;
    this->settle();
    return owed(pins().lookup_owed_o);
  }
  Life life_of(unsigned tag) {
    pins().lookup_tag_i = pins().scan_tag_i = tag;
    this->settle();
    const Life seen = life(pins().lookup_life_o);
    CHECK(seen == life(pins().scan_life_o));
    return seen;
  }
};

Owed random_owed(agent::Rng& rng) {
  return {.requester_id = static_cast<uint16_t>(rng.u32()),
          .client = static_cast<unsigned>(rng.range(0, 1)),
          .mark = static_cast<unsigned>(rng.range(0, 4095)),
          .blocks = static_cast<unsigned>(rng.range(1, 64)),
          .dest = rng.u64(),
          .lower_addr = static_cast<unsigned>(rng.range(0, 127)),
          .bytes = static_cast<unsigned>(rng.range(1, 4096))};
}

unsigned given_up(unsigned state) {
  return state == TagOpen || state == TagMuted || state == TagLate ? unsigned{TagGone} : state;
}

// Every tag lives as its life allows: issued, sent, changed, given up, issued again.
template <class V>
void any_lives(uint64_t seed, unsigned tags) {
  struct Tag {
    Owed owed;
    Life life{.state = TagIdle};
    bool used = false, forgotten_unsent = false;
    unsigned advanced = 0;
  };
  Table<V> table(seed, tags);
  agent::Rng rng(seed, "table");
  std::vector<Tag> model(tags);
  unsigned now = 0;
  const auto any = [&] { return static_cast<unsigned>(rng.range(0, tags - 1)); };
  for (unsigned cycle = 0; cycle < 12'000; ++cycle) {
    if (rng.chance(20)) table.pins().now_i = now = (now + 1) & 63;
    const unsigned seen = any();
    Life expected = model[seen].life;
    if (!expected.sent) expected.since = now;
    REQUIRE(table.life_of(seen) == expected);
    if (model[seen].used) {
      Owed owed = model[seen].owed;
      owed.bytes -= expected.bytes;
      owed.dest += expected.bytes;
      owed.lower_addr = (owed.lower_addr + expected.bytes) & 127;
      REQUIRE(table.owed_by(seen) == owed);
    }
    const unsigned issued = any(), left = any(), changed = any();
    const bool forgets = rng.chance(5);
    if (model[issued].life.state == TagIdle && rng.chance(70)) {
      Tag& tag = model[issued];
      tag.owed = random_owed(rng);
      tag.used = true;
      tag.life = {.gen = !tag.life.gen, .sent = false, .state = TagOpen};
      table.open(issued, tag.owed);
    } else if (!model[left].life.sent && rng.chance(80)) {
      model[left].life.sent = true;
      model[left].life.since = now;
      table.leave(left);
    }
    Tag& tag = model[changed];
    if (forgets && changed != issued && changed != left) {
      tag.life.state = given_up(tag.life.state);
      tag.life.since = now;
      table.forget(changed);
    } else if (changed != issued && changed != left && tag.life.sent && tag.life.state != TagIdle) {
      tag.life.bytes += static_cast<unsigned>(rng.range(0, tag.owed.bytes - tag.life.bytes));
      if (rng.chance(50)) tag.life.since = now;
      if (rng.chance(50)) tag.life.state = static_cast<unsigned>(rng.range(TagIdle, TagGone));
      table.change(changed, tag.life);
    }
    table.tick();
  }
}

}  // namespace

TEST_CASE("what is owed shrinks by what has come, and starts anew with the next request",
          "[unit][requester][R23][R28]") {
  any_lives<Vcw_tag_table>(11, 32);
  any_lives<Vcw_tag_table_tags256>(12, 256);
}

TEST_CASE("the time of a request given up before it left runs from when it leaves",
          "[unit][requester][R27][R43]") {
  Table<Vcw_tag_table> table;
  table.open(4, {.bytes = 64});
  table.tick();
  table.pins().now_i = 10;
  table.forget(4);
  table.tick();
  CHECK(table.life_of(4) == Life{.gen = true, .sent = false, .state = TagGone, .since = 10});
  table.pins().now_i = 20;
  table.leave(4);
  table.tick();
  table.pins().now_i = 30;
  CHECK(table.life_of(4) == Life{.gen = true, .sent = true, .state = TagGone, .since = 20});
}

TEST_CASE("while tags are cleared all are idle", "[unit][requester][R22]") {
  Table<Vcw_tag_table> table;
  table.open(4, {.bytes = 64});
  table.tick();
  CHECK(table.life_of(4).state == TagOpen);
  table.pins().clear_tag_i = 9;
  table.pins().clear_valid_i = 1;
  CHECK(table.life_of(4).state == TagIdle);
}

TEST_CASE("a change that cannot be is an alarm", "[unit][requester][R23]") {
  Table<Vcw_tag_table> table;
  table.open(4, {.bytes = 64});
  table.tick();
  table.leave(4);
  table.tick();
  Life to = table.life_of(4);
  CHECK(table.owed_by(4).bytes == 64);
  SECTION("more than what is owed") { to.bytes = 65; }
  SECTION("of a request before") { to.gen = !to.gen; }
  SECTION("while the function is reset") { table.pins().forget_i = 1; }
  SECTION("while the tag is issued") { table.open(4, {.bytes = 64}); }
  table.change(4, to);
  CHECK_THROWS_AS(table.tick(), dut::AssertionFailed);
}
