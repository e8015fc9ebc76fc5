// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512 Channels=1
// cw-variant: W=128 Channels=16
#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "Vcw_dma_retire.h"
#include "Vcw_dma_retire_w128_channels16.h"
#include "Vcw_dma_retire_w512_channels1.h"
#include "Vcw_dma_retire_w64.h"
#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using dut::operator""_cycles;

constexpr uint64_t record_ring(unsigned chan) { return 0x7'0000'0010 + 0x10'0000 * uint64_t{chan}; }

struct Written {
  uint64_t iova = 0;
  Record record{};
  bool operator==(const Written&) const = default;
};
struct Retired {
  unsigned chan = 0;
  uint16_t head = 0;
  bool operator==(const Retired&) const = default;
};

template <class V = Vcw_dma_retire>
struct Retire : dut::Module<V> {
  explicit Retire(unsigned channels = 6, unsigned ring_log2 = 3, uint64_t seed = 1)
      : dut::Module<V>(seed), next(channels), channels(channels) {
    auto& p = this->pins();
    dut::clear_bits(p.ctl_i);
    for (unsigned c = 0; c < channels; ++c) {
      drive(p.ctl_i, Ctl{.records = record_ring(c), .ring_log2 = ring_log2}, c);
    }
    p.restart_i = 0;
    p.wr_ready_i = 1;
    idle();
    this->reset();
  }
  void idle() {
    auto& p = this->pins();
    p.open_valid_i = p.close_valid_i = p.landed_valid_i = 0;
  }
  // What is put on offer goes in with the next clock.
  unsigned open(unsigned chan, const Open& what = {}) {
    Open o = what;
    o.chan = chan;
    o.entry = next[chan]++ & 15;
    drive(this->pins().open_i, o);
    this->pins().open_valid_i = 1;
    return o.entry;
  }
  void close(const Close& c) {
    drive(this->pins().close_i, c);
    this->pins().close_valid_i = 1;
  }
  void land(const Landed& l) {
    drive(this->pins().landed_i, l);
    this->pins().landed_valid_i = 1;
  }
  // Logs what leaves in this clock.
  void step() override {
    auto& p = this->pins();
    this->settle();
    failed = p.failed_o;
    errors = p.entry_error_o;
    retired.reset();
    event.reset();
    written.reset();
    if (p.retired_valid_o) {
      retired = {p.retired_chan_o, static_cast<uint16_t>(p.retired_head_o)};
    }
    if (p.event_valid_o) event = p.event_chan_o;
    if (p.wr_valid_o && p.wr_ready_i) {
      const WriteBeat beat = write_beat(p.wr_beat_o);
      const auto part =
          get_bytes(p.wr_data_o, 0, std::min<unsigned>(Record::kBytes, sizeof(p.wr_data_o)));
      REQUIRE(beat.bytes == Record::kBytes);
      REQUIRE(beat.attr == 0);
      REQUIRE(beat.fn == 0);
      REQUIRE(beat.sop == bytes_.empty());
      bytes_.insert(bytes_.end(), part.begin(), part.end());
      REQUIRE(beat.eop == (bytes_.size() == Record::kBytes));
      if (beat.eop) {
        written = {beat.iova, record(bytes_)};
        bytes_.clear();
      }
    }
    dut::Module<V>::step();
    idle();
  }
  Written next_record(unsigned budget = 20) {
    for (unsigned n = 0; n < budget; ++n) {
      step();
      if (written) return *written;
    }
    FAIL("no record");
    return {};
  }
  bool nothing_leaves(unsigned clocks = 20) {
    for (unsigned n = 0; n < clocks; ++n) {
      step();
      if (written || retired || event) return false;
    }
    return true;
  }
  bool is_idle(unsigned chan) {
    this->settle();
    return this->pins().idle_o >> chan & 1;
  }
  bool has_room(unsigned chan) {
    this->settle();
    return this->pins().room_o >> chan & 1;
  }

  std::optional<Written> written;
  std::optional<Retired> retired;
  std::optional<unsigned> event;
  unsigned failed = 0, errors = 0;
  std::vector<unsigned> next;  // entry of each channel
  unsigned channels;

 private:
  std::vector<uint8_t> bytes_;
};

TEST_CASE(
    "irq-before-data: DMA retire writes the record when the last byte has landed, then interrupts",
    "[unit][dma][R29][R32][irq-before-data]") {
  Retire r;
  r.pins().wr_ready_i = 0;
  const unsigned e = r.open(2, {.irq = true, .tag = 0xbeef});
  r.step();
  CHECK_FALSE(r.is_idle(2));
  r.land({.chan = 2, .entry = e, .bytes = 256, .ends = true});
  r.close(
      {.packet_info = 0x1234, .packet_end = true, .head = 77, .chunks = 2, .entry = e, .chan = 2});
  r.step();
  CHECK(r.nothing_leaves());
  r.land({.chan = 2, .entry = e, .bytes = 44, .ends = true});
  r.step();
  r.run_until([&] { return r.pins().wr_valid_o; }, 6_cycles);
  CHECK(r.nothing_leaves());
  CHECK_FALSE(r.is_idle(2));
  r.pins().wr_ready_i = 1;
  r.step();
  CHECK(r.written == Written{record_ring(2),
                             {.bytes_done = 300,
                              .packet_info = 0x1234,
                              .tag = 0xbeef,
                              .head = 77,
                              .packet_end = true,
                              .phase = true}});
  CHECK(r.retired == Retired{2, 77});
  CHECK_FALSE(r.event);
  CHECK(r.errors == 0);
  CHECK(r.is_idle(2));
  r.step();
  CHECK(r.event == 2);
  CHECK(r.nothing_leaves());
}

TEST_CASE("DMA retire: a record is one write of 16 bytes at every width", "[unit][dma][R53]") {
  const auto check = [](auto& r) {
    for (unsigned n = 0; n < 3; ++n) {
      const unsigned e = r.open(0, {.tag = n});
      r.step();
      r.close({.head = 9, .entry = e, .chan = 0});
      CHECK(r.next_record() ==
            Written{record_ring(0) + 16 * n, {.tag = n, .head = 9, .phase = true}});
    }
  };
  Retire<Vcw_dma_retire_w64> w64;
  check(w64);
  Retire<Vcw_dma_retire_w128_channels16> w128(16);
  check(w128);
  Retire<Vcw_dma_retire_w512_channels1> w512(1);
  check(w512);
}

TEST_CASE("DMA retire: records lie one behind the other, and their phase turns with the ring",
          "[unit][dma][R54]") {
  for (const unsigned log2 : {1u, 3u}) {
    Retire r(6, log2);
    const unsigned size = 1u << log2;
    for (unsigned n = 0; n < 3 * size + 1; ++n) {
      const unsigned e = r.open(4, {.quiet = n % 3 == 2});  // as if it were not there
      r.step();
      r.close({.head = static_cast<uint16_t>(n), .entry = e, .chan = 4});
      if (n % 3 == 2) {
        for (unsigned clocks = 0; !r.retired && clocks < 10; ++clocks) r.step();
        CHECK(r.retired == Retired{4, static_cast<uint16_t>(n)});
        CHECK_FALSE(r.written);
        continue;
      }
      const unsigned place = n - n / 3;
      const Written w = r.next_record();
      CHECK(w.iova == record_ring(4) + 16 * (place % size));
      CHECK(w.record.phase == (place / size % 2 == 0));
    }
  }
}

TEST_CASE("DMA retire: the longest ring of records goes round, too", "[unit][dma][R54]") {
  Retire<Vcw_dma_retire_w512_channels1> r(1, 15);
  for (unsigned n = 0; n < 65'537; ++n) {
    const unsigned e = r.open(0);
    r.step();
    r.close({.entry = e, .chan = 0});
    const Written w = r.next_record();
    REQUIRE(w.iova == record_ring(0) + 16 * (n % 32'768));
    REQUIRE(w.record.phase == (n / 32'768 % 2 == 0));
  }
}

TEST_CASE("DMA retire: a quiet entry has no record, but moves head and raises its event",
          "[unit][dma][R56]") {
  Retire r;
  for (const bool irq : {false, true}) {
    const unsigned e = r.open(1, {.quiet = true, .irq = irq});
    r.step();
    r.close({.head = 5, .chunks = 1, .entry = e, .chan = 1});
    r.step();
    CHECK(r.nothing_leaves());
    r.land({.chan = 1, .entry = e, .bytes = 1, .ends = true});
    for (unsigned n = 0; !r.retired && n < 10; ++n) r.step();
    CHECK(r.retired == Retired{1, 5});
    CHECK_FALSE(r.written);
    r.step();
    CHECK(r.event.has_value() == irq);
  }
}

TEST_CASE("DMA retire: an error is told at once, and has a record and an event in any case",
          "[unit][dma][R59]") {
  Retire r;
  const unsigned e = r.open(3, {.quiet = true});
  r.step();
  r.land({.chan = 3, .entry = e, .bytes = 64, .ends = false, .error = Error::ReadUr});
  r.step();
  r.step();
  r.step();
  CHECK(r.failed == 1u << 3);
  CHECK(r.nothing_leaves());
  CHECK(r.failed == 0);
  r.land({.chan = 3, .entry = e, .bytes = 0, .ends = true});
  r.close({.error = Error::Aborted, .chunks = 1, .entry = e, .chan = 3});
  CHECK(r.next_record().record == Record{.bytes_done = 64, .error = Error::ReadUr, .phase = true});
  CHECK(r.errors == 1u << 3);
  r.step();
  CHECK(r.event == 3);
  CHECK(r.errors == 0);
}

TEST_CASE("DMA retire: an entry that is closed with an error fails its channel", "[unit][dma]") {
  Retire r;
  const unsigned e = r.open(5);
  r.step();
  r.close({.head = 3, .error = Error::BadDesc, .entry = e, .chan = 5});
  unsigned failed = 0;
  for (unsigned n = 0; n < 3; ++n) {
    r.step();
    failed |= r.failed;
  }
  CHECK(failed == 1u << 5);
}

TEST_CASE(
    "DMA retire: behind the first record with an error there is none without, until a restart",
    "[unit][dma][R59]") {
  Retire r;
  std::vector<unsigned> e;
  for (unsigned n = 0; n < 5; ++n) {
    e.push_back(r.open(0, {.quiet = n == 4, .tag = n}));
    r.step();
  }
  const unsigned other = r.open(1);
  r.step();
  std::vector<Error> seen[2];
  const auto note = [&] {
    if (r.written) seen[r.written->iova >= record_ring(1)].push_back(r.written->record.error);
  };
  r.land({.chan = 0, .entry = e[1], .ends = true, .error = Error::Timeout});
  for (unsigned n = 0; n < 5; ++n) {
    r.close({.chunks = n == 1, .entry = e[n], .chan = 0});
    if (n == 3) r.close({.error = Error::BadCard, .entry = e[n], .chan = 0});
    r.step();
    note();
  }
  r.close({.entry = other, .chan = 1});
  for (unsigned n = 0; n < 20; ++n) {
    r.step();
    note();
  }
  CHECK(seen[0] ==
        std::vector{Error::Ok, Error::Timeout, Error::Aborted, Error::BadCard, Error::Aborted});
  CHECK(seen[1] == std::vector{Error::Ok});
  r.pins().restart_i = 1;
  r.step();
  r.pins().restart_i = 0;
  const unsigned again = r.open(0);
  r.step();
  r.close({.entry = again, .chan = 0});
  CHECK(r.next_record() == Written{record_ring(0), {.phase = true}});
  const unsigned next = r.open(1);
  r.step();
  r.close({.entry = next, .chan = 1});
  CHECK(r.next_record() == Written{record_ring(1) + 16, {.phase = true}});
}

TEST_CASE("DMA retire: sixteen entries of a channel are open at a time, and room comes in order",
          "[unit][dma]") {
  Retire r;
  std::vector<unsigned> e;
  for (unsigned n = 0; n < 16; ++n) {
    CHECK(r.has_room(2));
    e.push_back(r.open(2));
    r.step();
  }
  CHECK_FALSE(r.has_room(2));
  for (unsigned c = 0; c < 6; ++c) CHECK((c == 2 || r.has_room(c)));
  r.close({.entry = e[1], .chan = 2});
  r.step();
  CHECK(r.nothing_leaves());
  CHECK_FALSE(r.has_room(2));
  r.close({.entry = e[0], .chan = 2});
  r.next_record();
  CHECK(r.has_room(2));
}

TEST_CASE("DMA retire: one channel alone retires an entry in every other clock or faster",
          "[unit][dma]") {
  const auto check = [](auto& r, unsigned budget) {
    const unsigned channels = r.channels;
    for (unsigned c = 0; c + 1 < channels; ++c) {  // the others wait for ever
      r.open(c);
      r.step();
    }
    unsigned open = 0, retired = 0, clocks = 0;
    std::deque<unsigned> entries;
    for (; retired < 400 && clocks < 2000; ++clocks) {
      if (entries.size() > 4) {
        r.close({.entry = entries.front(), .chan = channels - 1});
        entries.pop_front();
      }
      if (r.has_room(channels - 1)) {
        entries.push_back(r.open(channels - 1));
        ++open;
      }
      r.step();
      retired += r.retired.has_value();
    }
    CHECK(clocks < budget);
  };
  Retire<> w256;
  check(w256, 430);
  Retire<Vcw_dma_retire_w64> w64;
  check(w64, 830);
  Retire<Vcw_dma_retire_w512_channels1> w512(1);
  check(w512, 430);
  Retire<Vcw_dma_retire_w128_channels16> w128(16);
  check(w128, 430);
}

TEST_CASE("DMA retire: channels whose entries have ended take turns, whenever records are taken",
          "[unit][dma][R57]") {
  const auto check = [](auto& r, unsigned period) {
    INFO("a beat is taken in one of " << period << " clocks");
    r.pins().wr_ready_i = 0;
    for (unsigned n = 0; n < 16; ++n) {
      for (const unsigned chan : {1u, 4u}) {
        const unsigned entry = r.open(chan);
        r.step();
        r.close({.entry = entry, .chan = chan});
        r.step();
      }
    }
    std::vector<unsigned> order;
    for (unsigned n = 0; n < 400; ++n) {
      r.pins().wr_ready_i = n % period == 0;
      r.step();
      if (r.retired) order.push_back(r.retired->chan);
    }
    REQUIRE(order.size() == 32);
    for (size_t n = 2; n < order.size(); ++n) {
      CHECK_FALSE((order[n] == order[n - 1] && order[n] == order[n - 2]));
    }
  };
  for (const unsigned period : {1u, 2u, 3u, 4u}) {
    Retire<> w256;
    check(w256, period);
    Retire<Vcw_dma_retire_w64> w64;
    check(w64, period);
  }
}

TEST_CASE("DMA retire: what lands or has failed as the reset comes is forgotten",
          "[unit][dma][R43]") {
  for (const unsigned clocks : {0u, 1u, 2u}) {  // from the landing to the reset
    Retire r;
    r.open(3);
    r.step();
    r.land({.chan = 3, .entry = 0, .error = Error::ReadUr});
    for (unsigned n = 0; n < clocks; ++n) r.step();
    r.reset(1_cycles);
    r.idle();
    for (unsigned n = 0; n < 4; ++n) {
      r.step();
      CHECK(r.failed == 0);
    }
    CHECK(r.nothing_leaves());
  }
}

// ---- Everything at once, against a model of one entry after the other

struct Entry {
  unsigned number = 0;
  bool quiet = false, irq = false, closed = false;
  unsigned left = 0, issued = 0;  // chunks
  Record record{};
};

template <class V>
class Traffic {
 public:
  Traffic(unsigned channels, unsigned ring_log2, agent::Stall stall, uint64_t seed)
      : r_(channels, ring_log2, seed),
        rng_(seed, "retire"),
        stall_(stall, rng_.fork("stall")),
        ring_(1u << ring_log2),
        chan_(channels) {}

  void run(unsigned clocks) {
    for (unsigned n = 0; n < clocks; ++n) clock(/*more=*/true);
    const auto busy = [&] {
      return std::any_of(chan_.begin(), chan_.end(),
                         [](const Channel& c) { return !c.entries.empty(); });
    };
    for (unsigned n = 0; busy() && n < 100'000; ++n) clock(/*more=*/false);
    for (unsigned c = 0; c < chan_.size(); ++c) {
      REQUIRE(chan_[c].entries.empty());
      REQUIRE(r_.is_idle(c));
    }
    CHECK(records_ > clocks / 20);
    CHECK(errors_ > 10);
  }

 private:
  struct Channel {
    std::deque<Entry> entries;
    unsigned records = 0;
    bool failed = false, halted = false;  // an error was told; a record with an error is out
  };

  void clock(bool more) {
    auto& p = r_.pins();
    const auto c = static_cast<unsigned>(rng_.range(0, chan_.size() - 1));
    Channel& chan = chan_[c];
    p.wr_ready_i = !stall_.stalls();
    p.restart_i = 0;
    const bool rests = chan.entries.empty() && r_.is_idle(c);
    if (chan.halted && rests) {
      p.restart_i = static_cast<uint16_t>(1u << c);
      chan = {};
    } else if (more && !chan.failed && r_.has_room(c) && rng_.chance(70)) {
      open(c, chan);
    }
    const auto k = static_cast<unsigned>(rng_.range(0, chan_.size() - 1));
    if (k != c || !p.open_valid_i) close(k, chan_[k]);
    const auto l = static_cast<unsigned>(rng_.range(0, chan_.size() - 1));
    if (l != c || !p.open_valid_i) land(l, chan_[l], /*errors=*/l != k);
    r_.step();
    judge();
  }
  void open(unsigned c, Channel& chan) {
    Entry e{.quiet = rng_.chance(30),
            .irq = rng_.chance(50),
            .left = static_cast<unsigned>(rng_.range(0, 4))};
    e.issued = e.left;
    e.record.tag = rng_.u32() & 0xffff;
    e.number = r_.open(c, {.quiet = e.quiet, .irq = e.irq, .tag = e.record.tag});
    chan.entries.push_back(e);
  }
  void close(unsigned c, Channel& chan) {
    for (Entry& e : chan.entries) {
      if (e.closed) continue;
      Close what{.packet_info = rng_.u32() & 0xffff,
                 .packet_end = rng_.chance(50),
                 .head = static_cast<uint16_t>(rng_.u32()),
                 .chunks = e.issued,
                 .entry = e.number,
                 .chan = c};
      if (chan.failed)
        what.error = Error::Aborted;
      else if (rng_.chance(1))
        what.error = Error::BadDesc;
      r_.close(what);
      e.closed = true;
      e.record.head = what.head;
      e.record.packet_info = what.packet_info;
      e.record.packet_end = what.packet_end;
      failed(chan, e, what.error);
      return;
    }
  }
  void land(unsigned c, Channel& chan, bool errors) {
    if (chan.entries.empty()) return;
    Entry& e = chan.entries[rng_.range(0, chan.entries.size() - 1)];
    if (e.left == 0) return;
    Landed what{.chan = c,
                .entry = e.number,
                .bytes = static_cast<uint32_t>(rng_.range(0, 4096)),
                .ends = rng_.chance(70)};
    if (errors && rng_.chance(1)) what.error = Error::CardError;
    r_.land(what);
    e.left -= what.ends;
    e.record.bytes_done += what.bytes;
    failed(chan, e, what.error);
  }
  void failed(Channel& chan, Entry& e, Error error) {
    if (error == Error::Ok) return;
    chan.failed = true;
    if (e.record.error == Error::Ok) e.record.error = error;
  }
  void judge() {
    const auto event = std::exchange(event_, std::nullopt);
    REQUIRE(r_.event == event);
    if (!r_.retired) {
      REQUIRE_FALSE(r_.written);
      REQUIRE(r_.errors == 0);
      return;
    }
    const unsigned c = r_.retired->chan;
    Channel& chan = chan_.at(c);
    REQUIRE_FALSE(chan.entries.empty());
    Entry e = chan.entries.front();
    chan.entries.pop_front();
    REQUIRE(e.closed);
    REQUIRE(e.left == 0);
    REQUIRE(r_.retired->head == e.record.head);
    if (chan.halted && e.record.error == Error::Ok) e.record.error = Error::Aborted;
    const bool bad = e.record.error != Error::Ok;
    chan.halted |= bad;
    errors_ += bad;
    REQUIRE(r_.errors == (bad ? 1u << c : 0));
    REQUIRE(r_.written.has_value() == (bad || !e.quiet));
    if (r_.written) {
      e.record.phase = chan.records / ring_ % 2 == 0;
      REQUIRE(*r_.written == Written{record_ring(c) + 16 * (chan.records % ring_), e.record});
      chan.records++;
      records_++;
    }
    if (bad || e.irq) event_ = c;
  }

  Retire<V> r_;
  agent::Rng rng_;
  agent::StallPolicy stall_;
  unsigned ring_;
  std::vector<Channel> chan_;
  std::optional<unsigned> event_;
  unsigned records_ = 0, errors_ = 0;
};

TEST_CASE("DMA retire: entries of all channels end in order and whole, under any stalls",
          "[unit][dma][R29][R56][R57][R59]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Traffic<Vcw_dma_retire>(6, 3, stall, 1).run(20'000);
    Traffic<Vcw_dma_retire_w64>(6, 1, stall, 2).run(20'000);
    Traffic<Vcw_dma_retire_w512_channels1>(1, 4, stall, 3).run(20'000);
    Traffic<Vcw_dma_retire_w128_channels16>(16, 2, stall, 4).run(20'000);
  }
}

TEST_CASE("DMA retire: entries out of turn and chunks of nobody are caught", "[unit][dma]") {
  {
    Retire r;
    r.next[0] = 3;
    r.open(0);
    CHECK_THROWS_AS(r.step(), dut::AssertionFailed);
  }
  {
    Retire r;
    r.land({.chan = 0, .entry = 0, .ends = true});
    r.step();
    CHECK_THROWS_AS(r.step(), dut::AssertionFailed);
  }
  Retire r;
  r.close({.entry = 0, .chan = 0});
  CHECK_THROWS_AS(r.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
