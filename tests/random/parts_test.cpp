// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "catch_shim.hpp"
#include "pcie/codec.hpp"
#include "random/coverage.hpp"
#include "random/error_ledger.hpp"
#include "random/racy_memory.hpp"
#include "random/shrinker.hpp"
#include "random/tape.hpp"
#include "random/tape_file.hpp"

namespace cw::random {
namespace {

TEST_CASE("A tape that is replayed draws what it drew, and 0 where it was cut", "[random][tape]") {
  TapeDeck first(7);
  std::vector<uint64_t> drawn;
  for (int operation = 0; operation < 3; ++operation) {
    REQUIRE(first["host.ops"].next_span());
    drawn.push_back(first["host.ops"].draw(1000));
    drawn.push_back(first["host.ops"].range(5, 9));
  }
  auto records = first.records();
  TapeDeck again(7, records);
  std::vector<uint64_t> replayed;
  while (again["host.ops"].next_span()) {
    replayed.push_back(again["host.ops"].draw(1000));
    replayed.push_back(again["host.ops"].range(5, 9));
  }
  CHECK(replayed == drawn);

  records["host.ops"].spans.erase(records["host.ops"].spans.begin());
  records["host.ops"].spans[0].resize(1);
  TapeDeck cut(7, records);
  REQUIRE(cut["host.ops"].next_span());
  CHECK(cut["host.ops"].draw(1000) == drawn[2]);
  CHECK(cut["host.ops"].range(5, 9) == 5);
  REQUIRE(cut["host.ops"].next_span());
  CHECK(cut["host.ops"].draw(1000) == drawn[4]);
  CHECK_FALSE(cut["host.ops"].next_span());
  cut["host.ops"].draw(1000);  // what is left of the last
  CHECK(cut["host.ops"].draw(1000) == 0);
}

TEST_CASE("A tape gives the same choices whatever the others do", "[random][tape]") {
  TapeDeck alone(3), beside(3);
  beside["inject"].next_span();
  beside["inject"].u32();
  CHECK(alone["host.ops"].u32() == beside["host.ops"].u32());
}

TEST_CASE("A file holds an episode, and is refused with its line where it does not",
          "[random][tape]") {
  EpisodeSetup setup{
      .width = 64, .seed = 0x1234, .stall = agent::Stall::Slow, .inject = {"poison"}, .length = 30};
  setup.tapes["host.ops"] = {.replays = true, .spans = {{1, 2, 3}, {}, {9}}};
  const EpisodeSetup same = setup_from_text(to_text(setup));
  CHECK(same.width == 64);
  CHECK(same.seed == 0x1234);
  CHECK(same.stall == agent::Stall::Slow);
  CHECK(same.inject == setup.inject);
  CHECK(same.length == 30);
  CHECK(same.tapes == setup.tapes);

  CHECK_THROWS_AS(setup_from_text("something else"), BadTape);
  for (const char* line : {"width 100", "seed x", "stall often", "inject nothing", "span 1", "span",
                           "tape", "what 1"}) {
    CAPTURE(line);
    CHECK_THROWS_AS(setup_from_text(std::string("causeway random tape 2\n") + line + "\nend\n"),
                    BadTape);
  }
  const std::string whole = to_text(setup);
  for (size_t bytes = 0; bytes + 1 < whole.size(); ++bytes) {  // but for the last end of line
    CAPTURE(bytes);
    CHECK_THROWS_AS(setup_from_text(whole.substr(0, bytes)), BadTape);
  }
}

TEST_CASE("Bins are merged by name, and an empty one is a hole", "[random][coverage]") {
  Coverage one, other;
  Point kinds = one.point("kind", {"read", "write"});
  Cross pairs = one.cross("pair", {"a", "b"}, {"x", "y"}, {"b-x"});
  CHECK(one.declared() == 5);
  kinds.hit("write");
  pairs.hit(0, 1);
  pairs.hit(1, 0);  // impossible: no bin
  CHECK(one.covered() == 2);
  CHECK(one.holes() == std::vector<std::string>{"kind.read", "pair.a-x", "pair.b-y"});
  CHECK_THROWS_AS(kinds.hit("erase"), std::logic_error);

  other.point("kind", {"read"}).hit(0);
  other.merge(one);
  CHECK(other.count("kind.read") == 1);
  CHECK(other.count("kind.write") == 1);
  one.merge_json(other.json());
  CHECK(one.count("kind.write") == 2);
  CHECK(one.count("kind.read") == 1);
}

TEST_CASE("A reader may see what was written before it or meanwhile, and nothing else",
          "[random][model][R30]") {
  RacyMemory memory(16);
  memory.write(4, 0x11);
  const auto reader = memory.open(0, 16);
  CHECK(reader->exact(4));
  CHECK(reader->allows(4, 0x11));
  CHECK_FALSE(reader->allows(4, 0x22));
  CHECK(reader->allows(5, 0x99));  // never written
  memory.write(4, 0x22);
  CHECK(reader->allows(4, 0x11));
  CHECK(reader->allows(4, 0x22));
  CHECK_FALSE(reader->allows(4, 0x33));
  memory.close(reader);
  const auto later = memory.open(4, 1);
  CHECK_FALSE(later->allows(0, 0x11));
}

TEST_CASE("A DMA write may land at any time until its record, and has landed then",
          "[random][model][R29]") {
  RacyMemory memory(16);
  const uint8_t old[] = {1, 1, 1, 1}, fresh[] = {2, 2};
  memory.set(0, old);
  const auto early = memory.open(0, 4);
  const auto flight = memory.take_off(1, fresh);
  const auto during = memory.open(0, 4);
  for (const auto view : {early, during}) {
    CHECK(view->allows(1, 1));
    CHECK(view->allows(1, 2));
    CHECK_FALSE(view->allows(0, 2));
  }
  memory.land(flight);
  const auto after = memory.open(0, 4);
  CHECK(after->allows(2, 2));
  CHECK_FALSE(after->allows(2, 1));

  const auto contested = memory.take_off(0, fresh);
  memory.write(0, 7);
  memory.land(contested);
  CHECK_FALSE(memory.known(0));  // either
  CHECK(memory.value(1) == 2);
}

TEST_CASE("What an AtomicOp writes is known when it is answered, and free until then",
          "[random][model][R30]") {
  RacyMemory memory(16);
  const uint8_t old[] = {1, 1, 1, 1}, fresh[] = {9, 9, 9, 9};
  memory.set(0, old);
  const auto own = memory.open(0, 4);
  const auto flight = memory.take_off_blind(0, 4, own);
  const auto during = memory.open(0, 4);
  CHECK(own->exact(0));
  CHECK(during->allows(0, 77));
  flight->data.assign(std::begin(fresh), std::end(fresh));
  memory.land(flight);
  memory.close(own);
  CHECK(memory.open(0, 4)->exact(0));
  CHECK(memory.value(3) == 9);

  const auto next = memory.open(0, 4);
  const auto contested = memory.take_off_blind(0, 4, next);
  memory.write(2, 5);
  memory.land(contested);
  CHECK_FALSE(memory.known(2));
  CHECK(memory.known(3));
}

TEST_CASE("An error owes its message once, and the log holds the first of each station",
          "[random][model][R38]") {
  constexpr unsigned kDeviceControl = 0x68, kAerStatus = 0x144, kAerCorrectableMask = 0x154;
  using model::ErrorEvent;
  ErrorLedger ledger;
  ledger.config_write(kDeviceControl, 0x000f, 0x1);
  ledger.config_write(kAerCorrectableMask, 0, 0xf);
  CHECK_FALSE(ledger.take_message(ErrorMessage::NonFatal, 0));
  pcie::RawTlp first, second, third;
  first.hdr[1] = 1;
  second.hdr[1] = 2;
  third.hdr[1] = 3;
  ledger.about(first, Station::Posted, 1);
  ledger.must(ErrorEvent::UnsupportedPosted);
  ledger.about(second, Station::Posted, 2);
  ledger.must(ErrorEvent::UnsupportedPosted);
  ledger.about(third, Station::NonPosted, 3);
  ledger.must(ErrorEvent::UnsupportedTold);
  CHECK(ledger.messages_owed() == 2);
  CHECK(ledger.take_message(ErrorMessage::Correctable, 4));
  CHECK(ledger.take_message(ErrorMessage::NonFatal, 4));
  CHECK(ledger.messages_owed() == 0);
  CHECK(ledger.take_message(ErrorMessage::NonFatal, 4));
  CHECK_FALSE(ledger.take_message(ErrorMessage::NonFatal, 4));
  ledger.settle();
  CHECK_THROWS_AS(ledger.check_log({.control = 0}), Fault);
  CHECK_THROWS_AS(ledger.check_log({.control = 20, .header = second.hdr}), Fault);
  CHECK_THROWS_AS(ledger.check_log({.control = 18, .header = first.hdr}), Fault);
  ledger.check_log({.control = 20, .header = third.hdr});
  CHECK_THROWS_AS(ledger.check_log({.control = 20, .header = first.hdr}), Fault);
  ledger.config_write(kAerStatus, ~0u, 0xf);
  ledger.check_log({.control = 0});
}

// Fails if some operation draws 42 while the injector is on.
EpisodeResult fake_run(const EpisodeSetup& setup) {
  TapeDeck deck(setup.seed, setup.tapes);
  EpisodeResult result;
  Tape& tape = deck["host.ops"];
  bool found = false;
  while ((tape.replays() || tape.spans_begun() < 200) && tape.next_span()) {
    ++result.operations;
    tape.draw(1000);
    found |= tape.draw(1000) >= 900;
    tape.draw(5);
    if (found) break;
  }
  deck["inject.requests"].next_span();
  deck["inject.requests"].draw(2);
  result.tapes = deck.records();
  if (found) result.failure = Failure{.sentence = "byte 17 at 0x40 is wrong [R33]"};
  return result;
}

TEST_CASE("A failure is shrunk to the operation that causes it, and its simplest draws",
          "[random][shrink]") {
  EpisodeSetup setup{.seed = 11};
  const EpisodeResult failed = fake_run(setup);
  REQUIRE(failed.failure);
  Shrinker shrinker(fake_run, std::chrono::seconds(5));
  const Shrunk small = shrinker.shrink(setup, failed);
  CHECK(small.operations_before == failed.operations);
  CHECK(small.result.operations == 1);
  CHECK(small.setup.tapes.at("host.ops").spans == std::vector<TapeSpan>{{0, 900, 0}});
  CHECK(fake_run(small.setup).failure);
}

TEST_CASE("A failure is known by its words, not by its numbers", "[random][shrink]") {
  CHECK(bucket("MRd32 t1e 128B: with Bus Master off [R10]") ==
        bucket("MWr64 t00 4B: with Bus Master off [R10]"));
  CHECK(bucket("a tag is lost [R28]") != bucket("a credit is lost [R35]"));
}

}  // namespace
}  // namespace cw::random
