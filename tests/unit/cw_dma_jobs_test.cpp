// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_jobs.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_cutting.hpp"

namespace cw::unit::dma {
namespace {

constexpr uint64_t kAxi = uint64_t{1} << 40;

struct Jobs : dut::Module<Vcw_dma_jobs> {
  explicit Jobs(Limits value = {}, uint64_t seed = 1)
      : dut::Module<Vcw_dma_jobs>(seed), limits(value) {
    pins().max_payload_i = encoded(limits.payload);
    pins().max_read_i = encoded(limits.read);
    dut::clear_bits(pins().share_i);
    dut::clear_bits(pins().stream_in_i);
    dut::clear_bits(pins().stream_out_i);
    pins().yield_i = 0;
    pins().others_i = pins().start_valid_i = pins().pass_i = pins().stop_i = pins().hold_i = 0;
    pins().start_good_i = pins().start_first_i = 1;
    pins().entry_i = 0x65'4321;
    pins().chunk_ready_i = 0xf;
    reset();
  }
  void begin(unsigned chan, const Desc& d, bool first = true) {
    const bool imm = d.kind == Immediate;
    drive(pins().start_i,
          Start{.chan = chan,
                .first = first,
                .job = {.bytes = d.bytes,
                        .dst_pitch = static_cast<uint32_t>(d.arg >> 24 & 0xff'ffff),
                        .src_pitch = static_cast<uint32_t>(d.arg & 0xff'ffff),
                        .attr = d.attr,
                        .imm = imm,
                        .last = d.last},
                .rest = {.src = imm ? d.arg : d.src,
                         .dst = d.dst,
                         .left = d.bytes,
                         .rows = d.kind == Rows ? static_cast<unsigned>(d.arg >> 48) : 1}});
    pins().start_valid_i = 1;
    settle();
  }
  // One clock; what left on each path is kept.
  void clock() {
    settle();
    for (unsigned p = 0; p < 4; p++) {
      if (pins().chunk_valid_o >> p & pins().chunk_ready_i >> p & 1) {
        left.push_back({chunk(pins().chunk_o, p), p});
      }
    }
    check_streams();
    if (pins().step_valid_o) steps.push_back(dma::step(pins().step_o));
    step();
    pins().start_valid_i = 0;
    drive(pins().start_i, Start{.chan = junk_++ % 6, .job = {.imm = junk_ % 2 == 0}});
    pins().start_good_i = 1;
    settle();
  }
  void clocks(int count) {
    for (int n = 0; n < count; n++) clock();
  }
  bool busy(unsigned chan) { return pins().busy_o >> chan & 1; }

  Limits limits;
  std::vector<Piece> left;
  std::vector<Step> steps;

 private:
  // A stream moves with a chunk of its channel, and only then.
  void check_streams() {
    const Step now = dma::step(pins().step_o);
    const unsigned bit = pins().step_valid_o && now.chunk ? 1u << now.chan : 0;
    CHECK(pins().stream_take_o == (bit & 1u << S2h));
    CHECK(pins().reserve_valid_o == (bit & 1u << H2s));
  }

  unsigned junk_ = 0;
};

Desc copy(uint64_t src, uint64_t dst, uint32_t bytes) {
  return {.src = src, .dst = dst, .bytes = bytes};
}

TEST_CASE("DMA jobs have a transfer's first chunk on its path one clock after it began",
          "[unit][dma]") {
  const std::array<std::pair<unsigned, Desc>, 7> cases{
      {{H2c, copy(0x1001, 0x22, 9)},
       {H2h, copy(0x1001, 0x22, 9)},
       {C2h, copy(0x1001, 0x22, 9)},
       {C2c, copy(0x1001, 0x22, 9)},
       {C2c, copy(kAxi, 0x22, 9)},
       {C2h, copy(kAxi + 7, 0x22, 9)},
       {C2h, {.dst = 7, .arg = 5, .bytes = 8, .kind = Immediate}}}};
  for (const auto& [chan, d] : cases) {
    Jobs jobs;
    jobs.begin(chan, d);
    jobs.clock();
    CHECK_FALSE(jobs.busy(chan));
    jobs.clock();
    Planner planner(chan, chan, jobs.limits, {});
    CHECK(jobs.left == planner.plan({{.desc = d}}, chan + 1, {}).pieces);
    REQUIRE(jobs.steps.size() == 1);
    CHECK(jobs.steps[0] == Step{.chan = chan, .chunk = true, .over = true, .last = true});
  }
}

TEST_CASE("DMA jobs cut a transfer to its end, a chunk a clock", "[unit][dma][R01][R02]") {
  Jobs jobs;
  const Desc d{.src = 0x1234,
               .dst = 0x99,
               .arg = rows_arg(3, 0x1000, 0x801),
               .bytes = 2000,
               .kind = Rows,
               .last = false,
               .attr = 3};
  jobs.begin(H2c, d);
  const auto expected = Planner(H2c, H2c, jobs.limits, {}).plan({{.desc = d}}, 1, {}).pieces;
  jobs.clocks(static_cast<int>(expected.size()) - 1);
  CHECK(jobs.busy(H2c));
  CHECK(jobs.steps.size() == expected.size() - 1);
  jobs.clock();
  CHECK_FALSE(jobs.busy(H2c));
  jobs.clock();
  CHECK(jobs.left == expected);
  CHECK(jobs.steps.size() == expected.size());
  CHECK(jobs.steps.back().over);
  CHECK_FALSE(jobs.steps.back().last);
}

TEST_CASE("DMA jobs hold what goes on to limits that change, both sides in the same clock",
          "[unit][dma][R02]") {
  Jobs jobs({.payload = 512, .read = 512});
  jobs.begin(H2h, copy(0x1000, 0x8000, 8192));
  jobs.clocks(4);
  jobs.pins().max_payload_i = encoded(128);
  jobs.clocks(70);
  CHECK_FALSE(jobs.busy(H2h));
  uint32_t bytes = 0;
  for (const Piece& p : jobs.left) {
    bytes += p.chunk.bytes;
    CHECK(p.chunk.bytes == (bytes <= 5 * 512 ? 512 : 128));
  }
  CHECK(bytes == 8192);
}

TEST_CASE("DMA jobs say in which clock a transfer's last chunk may go", "[unit][dma]") {
  Jobs jobs;
  jobs.begin(H2c, copy(0x1000, 0, 1100));
  for (const unsigned expected : {0u, 0u, 1u << H2c}) {
    jobs.settle();
    CHECK(jobs.pins().ending_o == expected);
    jobs.clock();
  }
  CHECK(jobs.pins().ending_o == 0);
  CHECK_FALSE(jobs.busy(H2c));
}

TEST_CASE("DMA jobs hold host to host to the smaller limit", "[unit][dma][R02]") {
  for (const bool read_more : {false, true}) {
    Jobs jobs({.payload = read_more ? 128u : 512u, .read = read_more ? 512u : 128u});
    jobs.begin(H2h, copy(0x1000, 0x2000, 512));
    jobs.clocks(12);
    CHECK(jobs.left.size() == 4);
  }
}

TEST_CASE("DMA jobs hold a chunk until its path takes it, and nobody else's", "[unit][dma][R57]") {
  for (unsigned stalled = 0; stalled < 4; stalled++) {
    Jobs jobs;
    jobs.pins().chunk_ready_i = 0xf & ~(1u << stalled);
    jobs.begin(H2c, copy(0x1000, 0, 2048));
    jobs.clock();
    jobs.begin(C2h, copy(0x1000, 0, 2048));
    jobs.clock();
    jobs.begin(C2c, copy(kAxi, 0, 2048));
    jobs.clock();
    jobs.begin(H2h, {.dst = 0xffc, .arg = 1, .bytes = 8, .kind = Immediate});
    jobs.clocks(40);
    const std::array<unsigned, 4> user{H2c, C2h, H2h, C2c};
    for (unsigned p = 0; p < 4; p++) {  // immediate data wait in their queue
      CHECK(jobs.busy(user[p]) == (p == stalled && p != PathImm));
    }
    for (const Piece& p : jobs.left) CHECK(p.path != stalled);
    jobs.pins().chunk_ready_i = 0xf;
    jobs.clocks(20);
    CHECK(jobs.pins().busy_o == 0);
  }
}

TEST_CASE("DMA jobs look at the path of the transfer that begins, not of the one before",
          "[unit][dma][R57]") {
  const Desc data{.dst = 0x100, .arg = 1, .bytes = 8, .kind = Immediate};
  Jobs jobs;
  jobs.pins().chunk_ready_i = 0;
  jobs.begin(H2h, copy(0x1000, 0x2000, 64));
  jobs.clock();
  CHECK(jobs.pins().chunk_valid_o == 1u << PathHost);
  jobs.begin(H2h, data);  // its path is free
  jobs.clock();
  CHECK(jobs.pins().chunk_valid_o == (1u << PathHost | 1u << PathImm));
  jobs.begin(C2h, copy(0, 0x2000, 64));
  jobs.clock();
  for (unsigned n = 0; n < 3; n++) {  // they fill the queue of theirs
    jobs.begin(C2c, data);
    jobs.clock();
    CHECK_FALSE(jobs.busy(C2c));
  }
  jobs.begin(C2h, data);  // its path is not free
  jobs.clock();
  CHECK(jobs.busy(C2h));
  jobs.pins().chunk_ready_i = 0xf;
  jobs.clocks(6);
  CHECK(jobs.left.size() == 7);
}

// Fills the path of host reads by a chunk of a stream.
void fill_host_path(Jobs& jobs) {
  drive(jobs.pins().stream_out_i, StreamOut{.room = 4096}, H2s);
  jobs.pins().chunk_ready_i = 0;
  jobs.begin(H2s, copy(0x7000, 0, 64));
  jobs.clock();
  REQUIRE(jobs.pins().chunk_valid_o == 1u << PathHost);
}

TEST_CASE("DMA jobs keep a transfer that is not granted at once", "[unit][dma]") {
  Jobs jobs;
  fill_host_path(jobs);
  const auto keep = [&](unsigned chan, uint64_t src) {
    jobs.begin(chan, copy(src, 0x40, 64));
    jobs.clock();
    CHECK(jobs.busy(chan));
  };
  keep(H2c, 0x1000);
  keep(H2h, 0x3000);
  jobs.clocks(5);
  CHECK(jobs.steps.size() == 1);
  jobs.pins().chunk_ready_i = 0xf;
  jobs.pins().hold_i = 1;
  jobs.clocks(3);
  CHECK(jobs.steps.size() == 1);
  jobs.pins().hold_i = 0;
  jobs.clocks(5);
  REQUIRE(jobs.left.size() == 3);
  CHECK(jobs.left[1].chunk.src == 0x1000);
  CHECK(jobs.left[2].chunk.src == 0x3000);
  CHECK(jobs.pins().busy_o == 0);
}

TEST_CASE("DMA jobs take no transfer while held, nor before one that goes on unless it is first",
          "[unit][dma][R57]") {
  Jobs jobs;
  jobs.pins().start_first_i = 0;
  const auto ready = [&] {
    jobs.settle();
    return bool(jobs.pins().start_ready_o);
  };
  CHECK(ready());
  jobs.pins().hold_i = 1;
  CHECK_FALSE(ready());
  jobs.pins().hold_i = 0;
  jobs.begin(H2c, copy(0x1000, 0, 4096));
  jobs.clock();
  CHECK_FALSE(ready());
  jobs.pins().start_first_i = 1;
  CHECK(ready());
  jobs.pins().hold_i = 1;
  CHECK_FALSE(ready());
  jobs.clocks(3);
  CHECK(jobs.steps.size() == 1);  // nothing happens
  jobs.pins().hold_i = 0;
  // What begins is cut and kept; the other goes on where it was.
  jobs.begin(C2h, copy(0x100, 0x2000, 64));
  jobs.clock();
  CHECK(jobs.steps.size() == 1);
  jobs.clocks(40);
  CHECK(jobs.left.size() == 9);
  std::vector<uint64_t> sources;
  for (const Piece& piece : jobs.left) {
    if (piece.path == PathHost) sources.push_back(piece.chunk.src);
  }
  for (size_t n = 0; n < 8; n++) CHECK(sources.at(n) == 0x1000 + 512 * n);
}

TEST_CASE("DMA jobs lose nothing when they are held or something begins in any clock",
          "[unit][dma]") {
  agent::Rng rng(9, "held");
  for (int round = 0; round < 60; round++) {
    Jobs jobs({.payload = 128, .read = 128}, static_cast<uint64_t>(round + 1));
    size_t chunks = 0;
    for (int n = 0; n < 150; n++) {
      const std::array<unsigned, 4> kinds{H2c, C2h, H2h, C2c};
      const unsigned chan = rng.pick(kinds);
      jobs.pins().hold_i = rng.chance(20);
      jobs.pins().start_first_i = rng.chance(50);
      jobs.pins().chunk_ready_i = static_cast<uint8_t>(rng.u32() & 0xf);
      jobs.settle();
      if (jobs.pins().start_ready_o && !jobs.busy(chan) && rng.chance(60)) {
        const auto bytes = static_cast<uint32_t>(rng.range(1, 5));
        jobs.begin(chan, copy(0x1000, 0x2000, 512 * bytes));
        chunks += chan == C2c ? bytes : 4 * bytes;
      }
      jobs.clock();
    }
    jobs.pins().hold_i = 0;
    jobs.pins().chunk_ready_i = 0xf;
    jobs.clocks(100);
    CHECK(jobs.left.size() == chunks);
    CHECK(jobs.pins().busy_o == 0);
    std::array<uint64_t, 6> next{};
    for (const Piece& p : jobs.left) {
      const Chunk& c = p.chunk;
      const unsigned chan = c.mark.chan;
      CHECK((c.src == 0x1000 || c.src == next[chan]));
      CHECK(c.dst == c.src + 0x1000);
      next[chan] = c.src + c.bytes;
    }
  }
}

TEST_CASE("DMA jobs drop what goes on of a stopped channel in any clock", "[unit][dma][R44]") {
  for (int clocks = 1; clocks < 6; clocks++) {
    for (const bool held : {false, true}) {
      Jobs jobs;
      jobs.begin(H2c, copy(0x1000, 0, 65536));
      jobs.clocks(clocks);
      const size_t before = jobs.steps.size();
      jobs.pins().hold_i = held;
      jobs.pins().stop_i = 1;
      jobs.clock();
      jobs.pins().hold_i = 0;
      jobs.pins().stop_i = 0;
      CHECK_FALSE(jobs.busy(H2c));
      jobs.begin(C2h, copy(0, 0, 64));
      jobs.clocks(6);
      REQUIRE(jobs.steps.size() == before + 1);
      CHECK(jobs.steps.back().chan == C2h);
    }
  }
}

TEST_CASE("DMA jobs do not do a transfer that is refused", "[unit][dma][R55]") {
  Jobs jobs;
  for (const bool stalled : {false, true}) {
    jobs.pins().chunk_ready_i = stalled ? 0 : 0xf;
    jobs.begin(H2c, copy(0x1000, 0, 64));
    jobs.pins().start_good_i = 0;
    jobs.clocks(4);
    CHECK(jobs.left.empty());
    CHECK(jobs.steps.empty());
    CHECK(jobs.pins().busy_o == 0);
  }
}

TEST_CASE("DMA jobs fail a transfer that is out of bounds when its row begins",
          "[unit][dma][R55]") {
  Jobs jobs;
  jobs.begin(C2h, copy(65536 - 63, 0, 64));
  jobs.clock();
  CHECK(jobs.steps == std::vector<Step>{{.chan = C2h, .last = true, .error = Error::BadCard}});
  const Desc rows{
      .src = 65536 - 100, .dst = 0, .arg = rows_arg(3, 50, 0), .bytes = 50, .kind = Rows};
  jobs.begin(C2h, rows);
  jobs.clocks(8);
  REQUIRE(jobs.steps.size() == 4);
  CHECK(jobs.steps[3].error == Error::BadCard);
  CHECK_FALSE(jobs.steps[3].chunk);
  CHECK_FALSE(jobs.steps[3].over);
  CHECK(jobs.left.size() == 2);
  CHECK(jobs.pins().busy_o == 0);
}

TEST_CASE("DMA jobs fail a bad transfer to a stream that has no room", "[unit][dma][R55]") {
  Jobs jobs;
  jobs.begin(H2s, copy(~uint64_t{0}, 0, 2));
  jobs.clock();
  REQUIRE(jobs.steps.size() == 1);
  CHECK(jobs.steps[0].error == Error::BadDesc);
}

TEST_CASE("DMA jobs drop the transfer of a stopped channel and keep the chunk on offer",
          "[unit][dma][R44]") {
  Jobs jobs;
  jobs.pins().chunk_ready_i = 0;
  jobs.begin(H2c, copy(0x1000, 0, 4096));
  jobs.clocks(3);
  jobs.pins().chunk_ready_i = 1;  // it could go on in this clock
  jobs.pins().stop_i = 1;
  jobs.clock();
  jobs.pins().stop_i = 0;
  jobs.clocks(5);
  CHECK(jobs.left.size() == 1);
  CHECK(jobs.steps.size() == 1);
  CHECK_FALSE(jobs.busy(H2c));
}

TEST_CASE("DMA jobs take a stream's bytes as whole chunks, and the end of its packet",
          "[unit][dma][R02]") {
  Jobs jobs({.payload = 128, .read = 512});
  jobs.begin(S2h, copy(0, 0x1000, 1000));
  jobs.clock();
  CHECK(jobs.busy(S2h));
  CHECK(jobs.steps.empty());
  drive(jobs.pins().stream_in_i, StreamIn{.ptr = 0x70, .avail = 300, .tuser = 1, .tid = 2}, S2h);
  jobs.settle();
  CHECK(jobs.pins().stream_take_o == 1u << S2h);
  CHECK(jobs.pins().stream_bytes_o == 128);
  jobs.clock();
  drive(jobs.pins().stream_in_i, StreamIn{.ptr = 0xf0, .avail = 77, .tuser = 1, .tid = 2}, S2h);
  jobs.clocks(3);
  CHECK(jobs.pins().stream_take_o == 0);
  drive(jobs.pins().stream_in_i,
        StreamIn{.ptr = 0xf0, .avail = 99, .ends = true, .tuser = 3, .tid = 4}, S2h);
  jobs.settle();
  CHECK(jobs.pins().stream_bytes_o == 99);
  jobs.clocks(2);
  const Mark mark{.entry = 6, .chan = S2h};
  CHECK(jobs.left ==
        std::vector<Piece>{{{.mark = mark, .src = 0x70, .dst = 0x1000, .bytes = 128}, PathCard},
                           {{.mark = mark, .src = 0xf0, .dst = 0x1080, .bytes = 99}, PathCard}});
  CHECK(jobs.steps ==
        std::vector<Step>{{.chan = S2h, .chunk = true, .last = true, .packet_info = 0x102},
                          {.chan = S2h,
                           .chunk = true,
                           .over = true,
                           .last = true,
                           .packet_end = true,
                           .packet_info = 0x304}});
  CHECK_FALSE(jobs.busy(S2h));
}

TEST_CASE("DMA jobs take a short packet at once, whatever the transfer before it needed",
          "[unit][dma]") {
  Jobs jobs;
  drive(jobs.pins().stream_in_i, StreamIn{.avail = 64}, S2h);
  jobs.begin(S2h, copy(0, 0x1000, 5));
  jobs.clock();
  drive(jobs.pins().stream_in_i, StreamIn{.avail = 10, .ends = true}, S2h);
  jobs.begin(S2h, copy(0, 0x2000, 100));
  CHECK(jobs.pins().stream_bytes_o == 10);
  jobs.clocks(2);
  REQUIRE(jobs.left.size() == 2);
  CHECK(jobs.left[1].chunk.bytes == 10);
  CHECK(jobs.steps[1].packet_end);
  CHECK_FALSE(jobs.busy(S2h));
}

TEST_CASE("DMA jobs pass over what comes behind a packet's end, but check it", "[unit][dma][R55]") {
  Jobs jobs;
  jobs.pins().pass_i = 1u << S2h;
  jobs.pins().chunk_ready_i = 0;
  jobs.begin(S2h, copy(0, 0x1000, 1000));
  jobs.clock();
  CHECK(jobs.steps == std::vector<Step>{{.chan = S2h, .over = true, .last = true}});
  jobs.begin(S2h, copy(0, ~uint64_t{0}, 2));
  jobs.clock();
  CHECK(jobs.steps.back().error == Error::BadDesc);
  CHECK_FALSE(jobs.steps.back().over);
  jobs.clock();
  CHECK(jobs.pins().busy_o == 0);
  CHECK(jobs.pins().chunk_valid_o == 0);
}

TEST_CASE("DMA jobs reserve room for each chunk to a stream", "[unit][dma][R57]") {
  Jobs jobs({.payload = 128, .read = 128});
  drive(jobs.pins().stream_out_i, StreamOut{.ptr = 0x40, .room = 127}, H2s);
  Desc d = copy(0x1000, 0xab'cd12, 256);
  d.last = false;
  jobs.begin(H2s, d);
  jobs.clocks(4);
  CHECK(jobs.steps.empty());
  drive(jobs.pins().stream_out_i, StreamOut{.ptr = 0x40, .room = 128}, H2s);
  jobs.settle();
  CHECK(jobs.pins().reserve_valid_o == 1u << H2s);
  CHECK(reserve(jobs.pins().reserve_o) == Reserve{.bytes = 128, .tuser = 0xcd, .tid = 0x12});
  jobs.clock();
  drive(jobs.pins().stream_out_i, StreamOut{.ptr = 0xc0, .room = 4096}, H2s);
  jobs.clocks(2);
  CHECK_FALSE(jobs.busy(H2s));
  // The entry's next descriptor: the stream's are those of the first.
  drive(jobs.pins().stream_out_i, StreamOut{.ptr = 0x140, .room = 4096}, H2s);
  jobs.begin(H2s, {.dst = 0x7777, .arg = 42, .bytes = 3, .kind = Immediate}, /*first=*/false);
  CHECK(reserve(jobs.pins().reserve_o) ==
        Reserve{.bytes = 3, .packet_end = true, .tuser = 0xcd, .tid = 0x12});
  jobs.clocks(2);
  const Mark mark{.entry = 5, .chan = H2s};
  Mark end = mark;
  end.packet_end = true;
  CHECK(jobs.left ==
        std::vector<Piece>{{{.mark = mark, .src = 0x1000, .dst = 0x40, .bytes = 128}, PathHost},
                           {{.mark = mark, .src = 0x1080, .dst = 0xc0, .bytes = 128}, PathHost},
                           {{.mark = end, .src = 42, .dst = 0x140, .bytes = 3}, PathImm}});
}

TEST_CASE("DMA jobs give a packet that begins its own TID and TUSER at once", "[unit][dma]") {
  Jobs jobs;
  drive(jobs.pins().stream_out_i, StreamOut{.room = 4096}, H2s);
  for (const unsigned info : {0x1234u, 0xabcdu}) {
    jobs.begin(H2s, copy(0x1000, info, 8));
    CHECK(reserve(jobs.pins().reserve_o) ==
          Reserve{.bytes = 8, .packet_end = true, .tuser = info >> 8, .tid = info & 255});
    jobs.clock();
  }
}

TEST_CASE("DMA jobs give turns by the channels' share", "[unit][dma][R57]") {
  Jobs jobs({.payload = 128, .read = 128});
  dut::set_bits(jobs.pins().share_i, 8 * H2h, 8, 1);  // burst
  fill_host_path(jobs);
  jobs.begin(H2c, copy(0x1000, 0, 512));
  jobs.clock();
  jobs.begin(H2h, copy(0x2000, 0x4000, 512));
  jobs.clock();
  jobs.pins().chunk_ready_i = 0xf;
  jobs.clocks(30);
  std::vector<unsigned> order;
  for (const Piece& p : jobs.left) order.push_back(p.chunk.mark.chan);
  CHECK(order == std::vector<unsigned>{H2s, H2c, H2h, H2h, H2h, H2h, H2c, H2c, H2c});
}

TEST_CASE("DMA jobs end a burst with its transfer, and with a stop", "[unit][dma][R57]") {
  Jobs jobs({.payload = 128, .read = 128});
  dut::set_bits(jobs.pins().share_i, 8 * H2c, 8, 1);        // burst, level 0
  dut::set_bits(jobs.pins().share_i, 8 * H2h, 8, 3u << 2);  // level 3
  const bool stopped = GENERATE(false, true);
  jobs.pins().chunk_ready_i = 0xf;
  jobs.begin(H2c, copy(0x1000, 0, stopped ? 0x8000 : 256));
  jobs.clocks(2);
  if (stopped) {
    jobs.pins().stop_i = 1u << H2c;
    jobs.clock();
    jobs.pins().stop_i = 0;
  }
  while (jobs.busy(H2c)) jobs.clock();
  jobs.clocks(4);
  jobs.left.clear();
  fill_host_path(jobs);
  jobs.begin(H2c, copy(0x1000, 0, 256));
  jobs.clock();
  jobs.begin(H2h, copy(0x2000, 0x4000, 256));
  jobs.clock();
  jobs.pins().chunk_ready_i = 0xf;
  jobs.clocks(30);
  std::vector<unsigned> order;
  for (const Piece& p : jobs.left) order.push_back(p.chunk.mark.chan);
  CHECK(order == std::vector<unsigned>{H2s, H2h, H2h, H2c, H2c});
}

TEST_CASE("DMA jobs keep the bus for a higher level between its chunks", "[unit][dma]") {
  Jobs jobs({.payload = 128, .read = 128});
  dut::set_bits(jobs.pins().share_i, 8 * H2h, 8, 1u << 2);
  fill_host_path(jobs);
  jobs.begin(H2c, copy(0x1000, 0, 256));
  jobs.clock();
  jobs.begin(H2h, copy(0x2000, 0x4000, 512));
  jobs.clock();
  jobs.pins().chunk_ready_i = 0xf;
  jobs.clocks(30);
  std::vector<unsigned> order;
  for (const Piece& p : jobs.left) order.push_back(p.chunk.mark.chan);
  CHECK(order == std::vector<unsigned>{H2s, H2h, H2h, H2h, H2h, H2c, H2c});
}

TEST_CASE("DMA jobs issue nothing of a channel that gives way, and all of it afterwards",
          "[unit][dma][R57]") {
  Jobs jobs({.payload = 128, .read = 128});
  jobs.pins().chunk_ready_i = 0xf;
  jobs.pins().yield_i = 1u << H2h;
  jobs.begin(H2h, copy(0x2000, 0x4000, 256));
  jobs.clock();
  jobs.begin(H2c, copy(0x1000, 0, 256));
  jobs.clocks(20);
  const auto order = [&] {
    std::vector<unsigned> chans;
    for (const Piece& p : jobs.left) chans.push_back(p.chunk.mark.chan);
    return chans;
  };
  CHECK(order() == std::vector<unsigned>{H2c, H2c});
  CHECK(jobs.busy(H2h));
  jobs.pins().yield_i = 0;
  jobs.clocks(10);
  CHECK(order() == std::vector<unsigned>{H2c, H2c, H2h, H2h});
  CHECK_FALSE(jobs.busy(H2h));
}

TEST_CASE("DMA jobs keep a transparent channel back while another one has a chunk to issue",
          "[unit][dma]") {
  Jobs jobs;
  dut::set_bits(jobs.pins().share_i, 8 * C2h, 8, 3);
  jobs.pins().chunk_ready_i = 0xf & ~(1u << PathHost);
  jobs.begin(H2c, copy(0x1000, 0, 4096));
  jobs.clock();
  jobs.begin(C2h, copy(0, 0x1000, 64));
  jobs.clocks(10);
  CHECK(jobs.busy(C2h));
  jobs.pins().chunk_ready_i = 0xf;
  jobs.clocks(7);
  CHECK(jobs.busy(C2h));
  jobs.clocks(3);
  CHECK_FALSE(jobs.busy(C2h));
  jobs.pins().others_i = 1;
  jobs.begin(C2h, copy(0, 0x1000, 64));
  jobs.clocks(10);
  CHECK(jobs.busy(C2h));
}

TEST_CASE("DMA jobs give all up with reset", "[unit][dma][R43]") {
  Jobs jobs;
  jobs.pins().chunk_ready_i = 0;
  jobs.begin(H2c, copy(0x1000, 0, 4096));
  jobs.clocks(2);
  CHECK(jobs.pins().chunk_valid_o == 1);
  jobs.reset();
  jobs.settle();
  CHECK(jobs.pins().chunk_valid_o == 0);
  CHECK(jobs.pins().busy_o == 0);
}

TEST_CASE("DMA jobs raise the alarm when a busy channel begins again", "[unit][dma]") {
  Jobs jobs;
  jobs.begin(H2c, copy(0x1000, 0, 4096));
  jobs.clock();
  jobs.begin(H2c, copy(0x1000, 0, 4096));
  CHECK_THROWS_AS(jobs.step(), dut::AssertionFailed);
}

TEST_CASE("DMA jobs raise the alarm on an empty transfer", "[unit][dma][R55]") {
  Jobs jobs;
  jobs.begin(H2c, copy(0x1000, 0, 0));
  CHECK_THROWS_AS(jobs.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
