// The receive side stores, checks, orders, and returns credits, whatever its partner does.
// cw-variant: W=64 PHdrs=4 PBeats=128
// cw-variant: W=512 PHdrs=4 PBeats=16 NpHdrs=4 NpBeats=8
#include "Vcw_port_rx.h"
#include "Vcw_port_rx_w512_phdrs4_pbeats16_nphdrs4_npbeats8.h"
#include "Vcw_port_rx_w64_phdrs4_pbeats128.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "port_traffic.hpp"

using namespace cw;
using namespace cw::dut::literals;
using test::kCompletion, test::kNonPosted, test::kPosted;

namespace {

using W64 = Vcw_port_rx_w64_phdrs4_pbeats128;
using W512 = Vcw_port_rx_w512_phdrs4_pbeats16_nphdrs4_npbeats8;

constexpr uint32_t kMaxPayload = 256, kBlockDw = 16, kReservedBlocks = 256;

uint32_t blocks(const pcie::RawTlp& tlp) {
  return std::max(1u, (static_cast<uint32_t>(tlp.payload.size()) + kBlockDw - 1) / kBlockDw);
}

template <class V>
struct Bench : dut::Clocked {
  explicit Bench(uint64_t seed, agent::Stall in = agent::Stall::None,
                 agent::Stall stall = agent::Stall::None)
      : module(seed),
        p(module.pins()),
        rx(dut::channel(p.rx_ctl_i, p.rx_data_i, p.rx_valid_i, p.rx_ready_o)),
        out{dut::channel(p.p_ctl_o, p.p_data_o, p.p_valid_o, p.p_ready_i),
            dut::channel(p.np_ctl_o, p.np_data_o, p.np_valid_o, p.np_ready_i),
            dut::channel(p.cpl_ctl_o, p.cpl_data_o, p.cpl_valid_o, p.cpl_ready_i)},
        source(module.kernel(), rx, {seed, "rx"}, in),
        posted(module.kernel(), out[kPosted], {seed, "p"}, stall),
        non_posted(module.kernel(), out[kNonPosted], {seed, "np"}, stall),
        completion(module.kernel(), out[kCompletion], {seed, "cpl"}, stall) {
    p.max_payload_i = 1;
    module.kernel().add(*this);
    module.reset();
    module.settle();
    for (unsigned c = 0; c < 3; ++c) start[c] = fc(c);
  }
  ~Bench() override { module.kernel().remove(*this); }

  test::ClassFc fc(unsigned cls) const {
    const unsigned lsb = (kCompletion - cls) * test::kClassFcBits;
    const auto field = [&](unsigned at, unsigned width) {
      return static_cast<uint32_t>(dut::get_bits(p.fc_o, lsb + at, width));
    };
    return {.hdr_infinite = field(25, 1) != 0, .hdr_limit = field(13, 12),
            .data_infinite = field(12, 1) != 0, .data_limit = field(0, 12)};
  }
  agent::TlpSink& sink(unsigned cls) {
    return cls == kPosted ? posted : cls == kNonPosted ? non_posted : completion;
  }

  // Through the credits; a bad one is to vanish.
  void send(pcie::RawTlp tlp, bool bad = false) {
    if (bad && !tlp.error) malformed_owed.push_back(tlp.hdr);
    if (!bad && !tlp.error) kept[test::class_of(tlp)].push_back(tlp);
    queue.push_back({std::move(tlp), bad});
  }
  void run(dut::Cycles budget = 300'000_cycles) {
    module.run_until(
        [&] {
          bool done = queue.empty() && source.idle();
          for (unsigned c = 0; c < 3; ++c) done = done && sink(c).size() >= kept[c].size();
          return done;
        },
        budget);
    module.step(8_cycles);
    module.settle();
    for (unsigned c = 0; c < 3; ++c) CHECK(sink(c).received() == kept[c]);
    CHECK(malformed_seen == malformed_owed);
    for (const unsigned c : {kPosted, kNonPosted}) {
      CHECK(fc(c).hdr_limit == (start[c].hdr_limit + used_hdr[c]) % 4096);
      CHECK(fc(c).data_limit == (start[c].data_limit + used_data[c]) % 4096);
    }
  }

  bool credits_for(const pcie::RawTlp& tlp) const {
    const unsigned c = test::class_of(tlp);
    if (c == kCompletion) return reserved + blocks(tlp) <= kReservedBlocks;
    if (c > kCompletion) return true;
    const test::ClassFc limit = fc(c);
    return (limit.hdr_limit - used_hdr[c] - 1) % 4096 <= 2048 &&
           (limit.data_limit - used_data[c] - test::data_credits(tlp)) % 4096 <= 2048;
  }
  void sample() override {
    refusals += rx.valid() && !rx.ready();
    if (p.malformed_o) {
      malformed_seen.push_back({p.malformed_hdr_o[3], p.malformed_hdr_o[2], p.malformed_hdr_o[1],
                                p.malformed_hdr_o[0]});
    }
    for (const unsigned c : {kNonPosted, kCompletion}) check_order(c);
    if (out[kPosted].transfers() && out[kPosted].ctl().eop) ++posted_out;
    if (source.idle() && !queue.empty() && credits_for(queue.front().tlp)) pass_on();
  }
  // The k-th to leave its class had so many posted TLPs before it: all are out in earlier clocks.
  void check_order(unsigned c) {
    if (!out[c].transfers()) return;
    const dut::TlpCtl ctl = out[c].ctl();
    if (ctl.sop && !marks[c].empty()) {
      const bool may = c == kCompletion && (ctl.hdr[0] >> 13 & 1);
      if (!may && posted_out < marks[c].front()) ++overtakes;
      marks[c].pop_front();
    }
    if (ctl.eop && c == kCompletion) reserved -= sizes.front(), sizes.pop_front();
  }
  void pass_on() {
    auto [tlp, bad] = std::move(queue.front());
    queue.pop_front();
    const unsigned c = test::class_of(tlp);
    if (c < 3) {
      ++used_hdr[c];
      used_data[c] += test::data_credits(tlp);
      if (!bad && !tlp.error) {
        if (c == kPosted) ++posted_in;
        marks[c].push_back(posted_in);
        if (c == kCompletion) reserved += blocks(tlp), sizes.push_back(blocks(tlp));
      }
    }
    source.send(std::move(tlp));
  }

  struct Queued {
    pcie::RawTlp tlp;
    bool bad;
  };
  dut::Module<V> module;
  V& p;
  dut::ChannelPins rx, out[3];
  agent::TlpSource source;
  agent::TlpSink posted, non_posted, completion;
  test::ClassFc start[3];
  std::deque<Queued> queue;
  std::deque<pcie::RawTlp> kept[3];
  std::deque<std::array<uint32_t, 4>> malformed_owed, malformed_seen;
  std::deque<uint64_t> marks[3];
  std::deque<uint32_t> sizes;
  uint32_t used_hdr[3] = {}, used_data[3] = {}, reserved = 0;
  uint64_t posted_in = 0, posted_out = 0, overtakes = 0, refusals = 0;
};

pcie::RawTlp spoil(agent::Rng& rng, pcie::RawTlp tlp) {
  switch (rng.range(0, 3)) {
    case 0: tlp.hdr[0] |= 1u << 15; break;                   // a digest
    case 1: tlp.payload.resize(tlp.payload.size() + rng.range(1, 300)); break;
    case 2: tlp.prefix = 0x9000'0000; break;
    default: tlp.hdr[0] |= 0xe0u << 24; break;               // a reserved kind
  }
  return tlp;
}

template <class V>
void random_traffic(int tlps) {
  uint64_t seed = 20;
  for (const agent::Stall in : {agent::Stall::None, agent::Stall::Adversarial}) {
    for (const agent::Stall stall : agent::kEveryStall) {
      Bench<V> bench(++seed, in, stall);
      agent::Rng rng(seed, "ops");
      for (int n = 0; n < tlps; ++n) {
        pcie::RawTlp tlp =
            test::random_tlp(rng, static_cast<unsigned>(rng.range(0, 2)), kMaxPayload);
        const bool bad = rng.chance(10);
        if (bad) tlp = spoil(rng, std::move(tlp));
        tlp.error = rng.chance(5);
        bench.send(std::move(tlp), bad);
      }
      bench.run();
      CHECK(bench.refusals == 0);
      CHECK(bench.overtakes == 0);
    }
  }
}

pcie::RawTlp write_of(uint32_t bytes) {
  return pcie::encode(pcie::MemWrite{.address = {0x1000},
                                     .data = std::vector<uint8_t>(bytes, 0x33)});
}
pcie::RawTlp read_of(uint8_t tag) {
  return pcie::encode(pcie::MemRead{.tag = {tag}, .length_bytes = 4});
}
pcie::RawTlp completion_of(size_t dw, bool relaxed = false) {
  return pcie::encode(pcie::Completion{.payload = std::vector<uint32_t>(dw, 0x44),
                                       .attributes = {.relaxed_ordering = relaxed}});
}

}  // namespace

TEST_CASE("Port RX never refuses a partner that keeps to the credits, and returns every credit",
          "[unit][port][R30][R31][R35][R36]") {
  random_traffic<W64>(250);
  random_traffic<Vcw_port_rx>(400);
  random_traffic<W512>(400);
}

TEST_CASE("Port RX offers non-posted and plain completions only after older posted TLPs left",
          "[unit][port][R30]") {
  Bench<Vcw_port_rx> bench(2);
  bench.posted.block(true);
  bench.send(completion_of(1));
  bench.send(read_of(1));
  bench.send(write_of(64));
  bench.send(read_of(2));
  bench.send(completion_of(2));
  bench.module.step(40_cycles);
  CHECK(bench.completion.size() == 1);
  CHECK(bench.non_posted.size() == 1);
  bench.posted.block(false);
  bench.run(100_cycles);
}

TEST_CASE("Port RX lets a relaxed completion pass posted TLPs", "[unit][port][R30]") {
  Bench<Vcw_port_rx> bench(3);
  bench.posted.block(true);
  bench.send(write_of(64));
  bench.send(completion_of(1, /*relaxed=*/true));
  bench.module.step(40_cycles);
  CHECK(bench.completion.size() == 1);
  bench.posted.block(false);
  bench.run(100_cycles);
}

TEST_CASE("Port RX delivers posted TLPs and completions past stuck non-posted ones",
          "[unit][port][R30][R31]") {
  Bench<W512> bench(4);
  bench.non_posted.block(true);
  for (uint8_t n = 0; n < 4; ++n) bench.send(read_of(n));  // all there is room for
  for (int n = 0; n < 40; ++n) {
    bench.send(write_of(128));
    bench.send(completion_of(16));
  }
  bench.module.step(500_cycles);
  CHECK(bench.posted.size() == 40);
  CHECK(bench.completion.size() == 40);
  CHECK(bench.refusals == 0);
  bench.non_posted.block(false);
  bench.run(100_cycles);
}

TEST_CASE("Port RX has room for all the completions that the requester reserved",
          "[unit][port][R34]") {
  for (const size_t dw : {0, 1, 16}) {  // one 64-byte block each
    Bench<Vcw_port_rx> bench(5);
    CHECK(bench.start[kCompletion] ==
          test::ClassFc{.hdr_infinite = true, .data_infinite = true});
    bench.completion.block(true);
    for (uint32_t n = 0; n < kReservedBlocks; ++n) bench.send(completion_of(dw));
    bench.module.step(dut::Cycles{kReservedBlocks * 3});
    CHECK(bench.source.sent() == kReservedBlocks);
    CHECK(bench.refusals == 0);
    bench.completion.block(false);
    bench.run(3'000_cycles);
  }
}

TEST_CASE("Port RX holds off a partner that ignores the credits and loses nothing",
          "[unit][port][R35]") {
  Bench<W512> bench(6);
  bench.posted.block(true);
  for (int n = 0; n < 10; ++n) {
    bench.source.send(write_of(256));  // past the bench's credits
    bench.kept[kPosted].push_back(write_of(256));
    bench.used_hdr[kPosted] += 1;
    bench.used_data[kPosted] += 16;
  }
  bench.module.step(200_cycles);
  CHECK(bench.refusals > 0);
  CHECK(bench.source.sent() == 4);
  bench.posted.block(false);
  bench.run(500_cycles);
}

TEST_CASE("Port RX is not filled by a TLP longer than announced or than the payload limit",
          "[unit][port][R36]") {
  Bench<W512> bench(7);
  pcie::RawTlp longer = write_of(4);
  longer.payload.resize(5'000);
  bench.source.send(longer);
  bench.source.send(write_of(4096));  // the buffer holds a quarter of it
  bench.malformed_owed = {longer.hdr, write_of(4096).hdr};
  bench.used_hdr[kPosted] = 2;
  bench.used_data[kPosted] = 1 + 256;
  bench.send(write_of(256));
  bench.run(1'000_cycles);
  CHECK(bench.refusals == 0);
}

TEST_CASE("Port RX offers a request two clocks after its last beat", "[unit][port]") {
  Bench<Vcw_port_rx> bench(8);
  bench.source.send(read_of(1));
  bench.module.run_until([&] { return bench.rx.transfers(); }, 10_cycles);
  const dut::Cycles taken = bench.module.now();
  bench.module.run_until([&] { return bench.out[kNonPosted].valid(); }, 10_cycles);
  CHECK((bench.module.now() - taken).value == 2);
}

TEST_CASE("Port RX passes one beat per clock", "[unit][port]") {
  Bench<Vcw_port_rx> bench(9);
  for (int n = 0; n < 100; ++n) bench.send(write_of(n % 4 ? 256 : 32));
  const dut::Cycles start = bench.module.now();
  bench.module.run_until([&] { return bench.posted.size() == 100; }, 2'000_cycles);
  CHECK((bench.module.now() - start).value <= 75 * 8 + 25 + 8 + 4);
}
