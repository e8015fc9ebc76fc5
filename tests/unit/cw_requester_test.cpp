// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: TimeoutCycles=512
// cw-variant: W=64 TimeoutCycles=4096
// cw-variant: Tags=64
// cw-variant: W=512 TimeoutCycles=4096
// cw-variant: Tags=256 CplBufBytes=131072
#include "Vcw_requester.h"
#include "Vcw_requester_tags256_cplbufbytes131072.h"
#include "Vcw_requester_tags64.h"
#include "Vcw_requester_timeoutcycles512.h"
#include "Vcw_requester_w512_timeoutcycles4096.h"
#include "Vcw_requester_w64_timeoutcycles4096.h"
#include "unit/requester_adversary.hpp"
#include "unit/requester_bench.hpp"

using namespace cw;
using namespace cw::unit;
using Bench = RequesterBench<Vcw_requester_timeoutcycles512>;

namespace {

constexpr uint64_t kIova = 0x1'2345'6000;

bool holds_memory(const Answer& answer, uint64_t iova) {
  for (size_t i = 0; i < answer.bytes.size(); ++i) {
    if (answer.bytes[i] != memory_byte(iova + i)) return false;
  }
  return true;
}

// One lie about a read of 256 bytes, told in its first completion: the request is aborted once, no
// byte moves, and the true completion that comes after it is unexpected.
void check_lie(Cpl lie) {
  Bench bench;
  bench.reads.send({.client = 0, .iova = kIova, .bytes = 256, .dest = 0x1000, .mark = 0xa05});
  lie.tag = bench.next_tag();
  bench.cpl.send(encode(lie));
  const Answer answer = bench.next_answer();
  CHECK(answer.status == RdLied);
  CHECK(answer.last);
  CHECK(answer.mark == 0xa05);
  CHECK(answer.bytes.empty());
  bench.cpl.send(bench.truth(lie.tag, kIova, 256, 256));
  bench.step(200);
  CHECK(bench.answers.answers.empty());
  CHECK(bench.answers.beats == 1);
  CHECK(bench.events(EventMalformed) == 1);
  CHECK(bench.events(EventUnexpected) == 1);
}

template <class V>
void random_resets(uint64_t seed, agent::Stall stall) {
  RequesterBench<V> bench(seed, stall);
  Adversary<V> adversary(bench, 4096_cycles);
  adversary.run_resets(15);
}

template <class V>
void random_run(uint64_t seed, agent::Stall stall, unsigned reads,
                dut::Cycles timeout = 512_cycles) {
  RequesterBench<V> bench(seed, stall);
  Adversary<V> adversary(bench, timeout);
  adversary.run(reads);
}

}  // namespace

TEST_CASE("byte-count-lie: a completion that contradicts its read moves no byte",
          "[unit][requester][R22][R23][R25][byte-count-lie]") {
  const Cpl truth = honest_cpl(0, kIova, 256, 256);
  Cpl lie = truth;
  SECTION("byte count too small") { lie.byte_count = 252; }
  SECTION("byte count too large") { lie.byte_count = 260; }
  SECTION("byte count 4096") { lie.byte_count = 0; }
  SECTION("lower address") { lie.lower_addr = 4; }
  SECTION("one dword too much") { lie.length_dw = 65; }
  SECTION("the largest payload") { lie.length_dw = 1024; }
  SECTION("ends between two boundaries") { lie.length_dw = 15; }
  SECTION("data with a status of failure") { lie.status = 1; }
  SECTION("success without data") { lie.data = false; }
  SECTION("retry status") { lie.data = false, lie.status = 2; }
  SECTION("answer to a locked read") { lie.locked = true; }
  SECTION("traffic class") { lie.tc = 3; }
  SECTION("attributes") { lie.relaxed = true; }
  SECTION("byte count of a first part is longer than the read") {
    lie.bcm = true, lie.byte_count = 512, lie.length_dw = 128;
  }
  check_lie(lie);
}

TEST_CASE("a completion for nobody is dropped and the read goes on", "[unit][requester][R22]") {
  Bench bench;
  bench.reads.send({.client = 1, .iova = kIova, .bytes = 128, .dest = 0x40, .mark = 1});
  const unsigned tag = bench.next_tag();
  Cpl stray = honest_cpl(tag, kIova, 128, 128);
  SECTION("another requester") { stray.requester_id = 0x0501; }
  SECTION("idle tag") { stray.tag = tag + 1; }
  SECTION("tag of eight bits") { stray.tag = tag + 32; }
  SECTION("tag of ten bits") { stray.tag = tag + 256; }
  SECTION("tag of ten bits, upper half") { stray.tag = tag + 512; }
  bench.cpl.send(encode(stray));
  bench.step(20);
  CHECK(bench.answers.beats == 0);
  CHECK(bench.events(EventUnexpected) == 1);
  CHECK(bench.last_header == encode(stray).hdr);
  bench.cpl.send(bench.truth(tag, kIova, 128, 128));
  CHECK(bench.next_answer().status == RdOk);
}

TEST_CASE("a tag of ten bits is one only with its upper two bits", "[unit][requester][R12][R22]") {
  Bench bench;
  bench.configure({.tag10 = true});
  bench.reads.send({.client = 1, .iova = kIova, .bytes = 128, .dest = 0x40});
  const unsigned tag = bench.next_tag();
  CHECK(tag >> 8 == 1);
  bench.configure({});  // concerns later requests
  bench.cpl.send(bench.truth(tag & 0xff, kIova, 128, 128));
  bench.step(20);
  CHECK(bench.answers.beats == 0);
  CHECK(bench.events(EventUnexpected) == 1);
  bench.cpl.send(bench.truth(tag, kIova, 128, 128));
  CHECK(bench.next_answer().status == RdOk);
  bench.reads.send({.client = 1, .iova = kIova, .bytes = 128, .dest = 0x40});
  CHECK(bench.next_tag() >> 8 == 0);
}

TEST_CASE("more than 32 tags are used only with Extended Tag Field Enable",
          "[unit][requester][R12]") {
  RequesterBench<Vcw_requester_tags64> bench;
  CfgState state{.ext_tag = false};
  unsigned most = 32;
  SECTION("neither") {}
  SECTION("eight bits") { state.ext_tag = true, most = 64; }
  SECTION("ten bits") { state.tag10 = true, most = 64; }
  bench.configure(state);
  for (unsigned i = 0; i < 80; ++i) {
    bench.reads.send({.client = i % 2, .iova = kIova + i * 64, .bytes = 32, .dest = i * 64});
  }
  bench.step(150);
  CHECK(bench.np.size() == most);
  for (const pcie::RawTlp& request : bench.np.received()) {
    CHECK((tag_of(request) & 0xff) < most);
    CHECK(tag_of(request) >> 8 == (state.tag10 ? 1 : 0));
  }
}

TEST_CASE("256 reads of 128 KiB in all are in flight at once, answered in any order",
          "[unit][requester][R12][R28][R34][performance]") {
  RequesterBench<Vcw_requester_tags256_cplbufbytes131072> bench;
  agent::Rng rng(7, "many tags");
  const auto of = [](uint64_t n) {
    return Read{.iova = kIova + n * 512, .bytes = 512, .dest = n << 12};
  };
  for (unsigned n = 0; n < 1000; ++n) bench.reads.send(of(n));
  bench.step(260);
  REQUIRE(bench.np.size() == 256);
  bench.step(300);
  CHECK(bench.np.size() == 256);  // neither tags nor room for more
  std::vector<pcie::RawTlp> open;
  std::vector<bool> silent(256), done(1000);
  const auto take_all = [&] {
    while (!bench.np.empty()) open.push_back(bench.np.pop());
  };
  for (take_all(); !open.empty(); take_all()) {
    const size_t at = rng.range(0, open.size() - 1);
    const pcie::RawTlp request = open[at];
    open.erase(open.begin() + static_cast<ptrdiff_t>(at));
    REQUIRE_FALSE(silent[tag_of(request)]);
    if (rng.chance(1)) {
      silent[tag_of(request)] = true;
      continue;
    }
    const uint64_t address = uint64_t{request.hdr[2]} << 32 | request.hdr[3];
    bench.cpl.send(bench.truth(tag_of(request), address, 512, 512));
    const Answer answer = bench.next_answer();
    REQUIRE(answer.status == RdOk);
    REQUIRE(answer.dest == (address - kIova) / 512 << 12);
    REQUIRE(holds_memory(answer, address));
    REQUIRE_FALSE(done[answer.dest >> 12]);
    done[answer.dest >> 12] = true;
    bench.step(3);
  }
  const auto lost = std::ranges::count(silent, true);
  REQUIRE(lost > 0);
  CHECK(std::ranges::count(done, false) == lost);
  for (long n = 0; n < lost; ++n) {
    const Answer answer = bench.next_answer(80'000_cycles);
    CHECK(answer.status == RdTimeout);
    CHECK_FALSE(done[answer.dest >> 12]);
  }
  CHECK_FALSE(bench.p().busy_o);
  bench.step(80'000);  // quiet for so long that their tags come back
  for (unsigned n = 0; n < 256; ++n) bench.reads.send(of(n));
  bench.step(300);
  CHECK(bench.np.size() == 256);
}

TEST_CASE("flr-under-load: a reset gives up all of 256 tags", "[unit][requester][R43]") {
  RequesterBench<Vcw_requester_tags256_cplbufbytes131072> bench;
  for (unsigned n = 0; n < 256; ++n) bench.reads.send({.iova = kIova, .bytes = 64, .dest = n});
  bench.step(270);
  REQUIRE(bench.np.size() == 256);
  bench.reset_function();
  CHECK_FALSE(bench.p().busy_o);
  for (unsigned n = 0; n < 256; ++n) {
    bench.cpl.send(bench.truth(tag_of(bench.np.pop()), kIova, 64, 64));
    bench.step(4);
  }
  bench.step(300);
  CHECK(bench.answers.beats == 0);
  CHECK(bench.events(EventUnexpected) == 0);
  for (unsigned n = 0; n < 256; ++n) bench.reads.send({.iova = kIova, .bytes = 64, .dest = n});
  bench.step(300);
  CHECK(bench.np.size() == 256);
}

TEST_CASE("a read carries the attributes it wishes for where they are enabled, and no others",
          "[unit][requester][R11][R16]") {
  Bench bench;
  for (unsigned bits = 0; bits < 64; ++bits) {
    const Attr wish{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    const Attr allowed{(bits & 8) != 0, (bits & 16) != 0, (bits & 32) != 0};
    bench.configure({.allowed = allowed});
    bench.reads.send({.client = 0, .iova = kIova, .bytes = 64, .dest = 0, .attr = wish});
    bench.module.run_until([&] { return !bench.np.empty(); }, 50_cycles);
    const pcie::RawTlp request = bench.np.pop();
    const Attr sent = attr_of(request);
    CHECK(sent == Attr{wish.ido && allowed.ido, wish.relaxed && allowed.relaxed,
                       wish.no_snoop && allowed.no_snoop});
    CHECK((request.hdr[0] >> 10 & 3) == 0);  // AT: untranslated
    bench.configure({});                     // concerns later requests
    Cpl cpl = honest_cpl(tag_of(request), kIova, 64, 64);
    cpl.relaxed = sent.relaxed;
    cpl.no_snoop = sent.no_snoop;
    cpl.ido = bits % 3 == 0;
    bench.cpl.send(encode(cpl, memory_dwords(kIova, 64)));
    CHECK(bench.next_answer().status == RdOk);
  }
}

TEST_CASE("flr-under-load: what was asked for before a reset comes late, silently, to nobody",
          "[unit][requester][R43][flr-under-load]") {
  Bench bench;
  for (unsigned i = 0; i < 3; ++i) {
    bench.reads.send({.client = i & 1, .iova = kIova + i * 256, .bytes = 256, .dest = i * 256});
  }
  std::array<unsigned, 3> tags{};
  for (unsigned& tag : tags) tag = bench.next_tag();
  bench.cpl.send(bench.truth(tags[0], kIova, 128, 256));
  bench.step(3);
  CHECK(bench.p().busy_o);
  bench.reset_function();
  bench.step();
  CHECK_FALSE(bench.p().busy_o);
  const uint64_t beats = bench.answers.beats;
  bench.cpl.send(bench.truth(tags[0], kIova + 128, 128, 128));
  Cpl refused = honest_cpl(tags[1], kIova + 256, 256, 256);
  refused.data = false, refused.status = 1;
  bench.cpl.send(encode(refused));
  Cpl lie = honest_cpl(tags[2], kIova + 512, 256, 256);
  lie.byte_count = 4;
  bench.cpl.send(encode(lie));
  bench.step(50);
  CHECK(bench.answers.beats == beats);
  for (const Event event : {EventUnexpected, EventMalformed, EventReceivedUr, EventTimeout}) {
    CHECK(bench.events(event) == 0);
  }
  // The first two tags are back; the third has lied, and waits until it is quiet.
  for (unsigned i = 0; i < 32; ++i) {
    bench.reads.send({.client = 0, .iova = kIova, .bytes = 4, .dest = 0});
  }
  bench.step(100);
  REQUIRE(bench.np.size() == 31);
  for (const pcie::RawTlp& request : bench.np.received()) CHECK(tag_of(request) != tags[2]);
}

TEST_CASE("flr-under-load: a tag given up whose rest never comes is back after the timeout",
          "[unit][requester][R27][R43][flr-under-load]") {
  Bench bench;
  for (unsigned i = 0; i < 32; ++i) {
    bench.reads.send({.client = 0, .iova = kIova, .bytes = 64, .dest = 0});
  }
  bench.step(400);
  REQUIRE(bench.np.size() == 32);
  while (!bench.np.empty()) bench.np.pop();
  bench.reset_function();
  bench.reads.send({.client = 1, .iova = kIova, .bytes = 64, .dest = 0});
  bench.step(500);  // a whole period from the reset on
  CHECK(bench.np.empty());
  bench.step(200);
  CHECK(bench.np.size() == 1);
  CHECK(bench.events(EventTimeout) == 0);
}

TEST_CASE("flr-under-load: no tag is lost or used early, whenever the function is reset",
          "[unit][requester][R28][R34][R43][flr-under-load]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  random_resets<Vcw_requester_w64_timeoutcycles4096>(12, stall);
  random_resets<Vcw_requester_w512_timeoutcycles4096>(13, stall);
}

TEST_CASE("mrrs-4096: one request of 4096 bytes fills exactly its buffer",
          "[unit][requester][R02][R03][mrrs-4096]") {
  Bench bench;
  bench.reads.send({.client = 0, .iova = kIova, .bytes = 4096, .dest = 0, .mark = 0});
  bench.module.run_until([&] { return !bench.np.empty(); }, 50_cycles);
  const pcie::RawTlp request = bench.np.pop();
  CHECK((request.hdr[0] & 0x3ff) == 0);
  uint32_t received = 0;
  for (uint32_t at = 0; at < 4096; at += 256) {
    bench.cpl.send(bench.truth(request.hdr[1] >> 8 & 31, kIova + at, 256, 4096 - at));
    const Answer answer = bench.next_answer();
    CHECK(answer.dest == received);
    CHECK(holds_memory(answer, kIova + received));
    received += static_cast<uint32_t>(answer.bytes.size());
    CHECK(answer.last == (received == 4096));
  }
  bench.step(50);
  CHECK(bench.np.empty());
  CHECK(bench.answers.answers.empty());
}

TEST_CASE("irq-before-data: the final answer comes with the last byte, not with the request",
          "[unit][requester][R29][irq-before-data]") {
  Bench bench;
  bench.reads.send({.client = 0, .iova = kIova, .bytes = 128, .dest = 0, .mark = 0});
  const unsigned tag = bench.next_tag();
  bench.step(100);
  CHECK(bench.answers.answers.empty());
  bench.cpl.send(bench.truth(tag, kIova, 64, 128));
  CHECK_FALSE(bench.next_answer().last);
  bench.step(50);
  CHECK(bench.p().busy_o);
  bench.cpl.send(bench.truth(tag, kIova + 64, 64, 64));
  CHECK(bench.next_answer().last);
  bench.step(2);
  CHECK_FALSE(bench.p().busy_o);
}

TEST_CASE("tag-reuse: a tag is not used again before its last byte is taken",
          "[unit][requester][R28][tag-reuse]") {
  Bench bench;
  for (unsigned i = 0; i < 33; ++i) {
    bench.reads.send({.client = i % 2, .iova = kIova + i * 64, .bytes = 32, .dest = i * 64});
  }
  bench.step(60);
  REQUIRE(bench.np.size() == 32);
  bench.answers.block(true);
  const pcie::RawTlp first = bench.np.pop();
  const unsigned tag = first.hdr[1] >> 8 & 31;
  bench.step(2);
  bench.cpl.send(bench.truth(tag, (uint64_t{first.hdr[2]} << 32) | first.hdr[3], 32, 32));
  bench.step(50);
  CHECK(bench.np.size() == 31);
  bench.answers.block(false);
  bench.next_answer();
  bench.step(10);
  CHECK(bench.np.size() == 32);
  CHECK((bench.np.received().back().hdr[1] >> 8 & 31) == tag);
}

TEST_CASE(
    "tag-reuse: a read that is not answered times out once, and its tag is back when it is quiet",
    "[unit][requester][R27][R28][tag-reuse]") {
  Bench bench;
  const bool late = GENERATE(true, false);
  bench.reads.send({.client = 1, .iova = kIova, .bytes = 128, .dest = 0, .mark = 9});
  const unsigned tag = bench.next_tag();
  bench.step(500);
  CHECK(bench.answers.answers.empty());
  const Answer answer = bench.next_answer(150_cycles);
  CHECK(answer.status == RdTimeout);
  CHECK(answer.client == 1);
  if (late) bench.cpl.send(bench.truth(tag, kIova, 128, 128));
  bench.step(700);
  CHECK(bench.answers.answers.empty());
  CHECK(bench.events(EventUnexpected) == late);
  CHECK(bench.events(EventTimeout) == 1);
  CHECK_FALSE(bench.p().busy_o);
  for (unsigned i = 0; i < 32; ++i) {
    bench.reads.send({.client = 0, .iova = kIova, .bytes = 4, .dest = 0});
  }
  bench.step(100);
  CHECK(bench.np.size() == 32);  // none is lost
}

TEST_CASE("a read that the port holds back neither times out nor can be answered",
          "[unit][requester][R22][R27]") {
  Bench bench;
  bench.hold = true;
  bench.reads.send({.client = 1, .iova = kIova, .bytes = 64, .dest = 0, .mark = 3});
  const unsigned tag = bench.next_tag();
  bench.step(1500);
  CHECK(bench.answers.answers.empty());
  bench.cpl.send(bench.truth(tag, kIova, 64, 64));
  bench.step(50);
  CHECK(bench.answers.answers.empty());
  CHECK(bench.events(EventUnexpected) == 1);
  bench.hold = false;
  bench.step(500);
  CHECK(bench.answers.answers.empty());
  CHECK(bench.next_answer(150_cycles).status == RdTimeout);
}

TEST_CASE("flr-under-load: a reset begins when the port has dropped what it held",
          "[unit][requester][R28][R43]") {
  Bench bench;
  bench.hold = true;
  for (unsigned i = 0; i < 8; ++i) {
    bench.reads.send({.client = i % 2, .iova = kIova, .bytes = 64, .dest = 0, .mark = i});
  }
  bench.step(30);
  REQUIRE(bench.np.size() == 8);
  bench.reset_function();
  CHECK(bench.held() == 0);
  CHECK_FALSE(bench.p().busy_o);
  bench.step(1500);
  CHECK(bench.events(EventTimeout) == 0);
}

TEST_CASE("flr-under-load: reads that are stuck in the port go before another is asked for",
          "[unit][requester][R28][R43]") {
  Bench bench;
  bench.hold = bench.stuck = true;
  const auto ask = [&] {
    for (unsigned i = 0; i < 4; ++i) {
      bench.reads.send({.client = i % 2, .iova = kIova, .bytes = 64, .dest = 0, .mark = i});
    }
    bench.step(30);
  };
  ask();
  REQUIRE(bench.np.size() == 4);
  bench.request_reset();
  bench.step(1200);  // longer than the function waits for what it sends
  CHECK_FALSE(bench.p().stop_o);
  CHECK(bench.p().np_drop_o == 1);
  ask();
  CHECK(bench.held() == 4);
  bench.stuck = false;
  bench.step(30);
  CHECK_FALSE(bench.p().np_drop_o);
  CHECK(bench.held() == 4);
  CHECK(bench.np.size() == 8);
}

TEST_CASE("failures end a read once, with their own status", "[unit][requester][R17][R25][R26]") {
  Bench bench;
  bench.reads.send({.client = 1, .iova = kIova, .bytes = 128, .dest = 0});
  const unsigned tag = bench.next_tag();
  Cpl cpl = honest_cpl(tag, kIova, 64, 128);
  unsigned expected = RdUr;
  SECTION("UR") { cpl.data = false, cpl.status = 1; }
  SECTION("a reserved status is UR") { cpl.data = false, cpl.status = 7; }
  SECTION("CA") { cpl.data = false, cpl.status = 4, expected = RdCa; }
  SECTION("poisoned") { cpl.poisoned = true, expected = RdPoisoned; }
  bench.cpl.send(encode(cpl));
  const Answer answer = bench.next_answer();
  CHECK(answer.status == expected);
  CHECK(answer.bytes.empty());
  CHECK(answer.last);
  if (cpl.data) bench.cpl.send(bench.truth(tag, kIova + 64, 64, 64));
  bench.step(20);
  CHECK(bench.answers.answers.empty());
  CHECK(bench.events(EventUnexpected) == 0);
  CHECK(bench.events(EventPoisonedCpl) == (expected == RdPoisoned));
  CHECK_FALSE(bench.p().busy_o);
}

TEST_CASE("BCM says the size of the first part and changes no account", "[unit][requester][R24]") {
  Bench bench;
  bench.reads.send({.client = 0, .iova = kIova + 3, .bytes = 189, .dest = 7});
  const unsigned tag = bench.next_tag();
  Cpl first = honest_cpl(tag, kIova + 3, 61, 61);
  first.bcm = true;
  bench.cpl.send(encode(first, memory_dwords(kIova + 3, 61)));
  Answer answer = bench.next_answer();
  CHECK(answer.bytes.size() == 61);
  CHECK_FALSE(answer.last);
  bench.cpl.send(bench.truth(tag, kIova + 64, 128, 128));
  answer = bench.next_answer();
  CHECK(answer.dest == 7 + 61);
  CHECK(answer.last);
  CHECK(holds_memory(answer, kIova + 64));
}

TEST_CASE("every read is answered once and every tag comes back, whatever a completer does",
          "[unit][requester][R22][R23][R24][R25][R26][R27][R28][R34]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  const auto seed = GENERATE(uint64_t{1}, uint64_t{2}, uint64_t{3});
  random_run<Vcw_requester_timeoutcycles512>(seed, stall, 600);
}

TEST_CASE("the same at 64 and at 512 bits", "[unit][requester][R22][R23][R28]") {
  random_run<Vcw_requester_w64_timeoutcycles4096>(4, agent::Stall::Bursty, 400, 4096_cycles);
  random_run<Vcw_requester_w512_timeoutcycles4096>(5, agent::Stall::Bursty, 400, 4096_cycles);
  random_run<Vcw_requester_w512_timeoutcycles4096>(6, agent::Stall::None, 400, 4096_cycles);
}

TEST_CASE("a read every clock, a beat of answers every clock", "[unit][requester][performance]") {
  RequesterBench<Vcw_requester> bench;
  for (unsigned i = 0; i < 32; ++i) {
    bench.reads.send({.client = i % 2, .iova = kIova + i * 512, .bytes = 512, .dest = i * 512});
  }
  bench.step(35);
  REQUIRE(bench.np.size() == 32);
  for (unsigned i = 0; i < 32; ++i) {
    const pcie::RawTlp request = bench.np.pop();
    bench.cpl.send(bench.truth(request.hdr[1] >> 8 & 31,
                               (uint64_t{request.hdr[2]} << 32) | request.hdr[3], 512, 512));
  }
  bench.step(32 * 16 + 4);
  CHECK(bench.answers.beats == 32 * 16);
}
