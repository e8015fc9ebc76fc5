// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
#include <map>

#include "Vcw_dma_movers.h"
#include "Vcw_dma_movers_w128.h"
#include "Vcw_dma_movers_w512.h"
#include "Vcw_dma_movers_w64.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

constexpr unsigned kPaths = 4, kPathAxi = 3;

// Where bytes are: `space` of a stream's buffer is its channel.
enum Space : unsigned { HostSpace = 16, MemSpace = 17, AxiSpace = 18 };

struct Movable {
  Chunk chunk;
  unsigned path;
  Space from = HostSpace, to = HostSpace;
};

// Everything around the movers: host, card memory, AXI4, stream buffers. Chunks carry their number
// in channel and entry; the destination of each is its own.
template <class V>
struct Movers : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::wr_data_o);
  static constexpr size_t kSize = 1 << 20;

  agent::Rng rng;
  std::map<unsigned, Bytes> memory;
  std::array<std::deque<Chunk>, kPaths> waiting;
  std::vector<Landed> landed_log;
  unsigned clocks = 0, stall_percent = 0, host_error_percent = 0;
  unsigned axi_read_error_percent = 0, axi_write_error_percent = 0;
  unsigned host_latency = 0;
  bool host_writes_blocked = false, axi_reads_silent = false, axi_writes_blocked = false;
  unsigned first_write = 0, write_beats = 0, card_beats = 0;

  explicit Movers(uint64_t seed = 1) : dut::Module<V>(seed), rng(seed, "movers") {
    for (unsigned space = 0; space <= AxiSpace; ++space) memory[space] = random_bytes(rng, kSize);
    V& p = pins();
    dut::clear_bits(p.share_i);
    p.chunk_valid_i = p.rd_ready_i = p.rsp_valid_i = p.wr_ready_i = p.cm_rd_ready_i = 0;
    p.cm_rd_rvalid_i = p.axi_rd_ready_i = p.axi_rvalid_i = p.axi_rerror_i = 0;
    p.card_ready_i = p.axi_done_valid_i = p.axi_done_error_i = 0;
    this->reset();
  }

  void tick() {
    V& p = pins();
    for (unsigned path = 0; path < kPaths; ++path) {
      if ((p.chunk_valid_i >> path & 1) || waiting[path].empty() || stall()) continue;
      drive(p.chunk_i, waiting[path].front(), path);
      p.chunk_valid_i |= 1u << path;
    }
    p.rd_ready_i = !stall();
    p.wr_ready_i = !host_writes_blocked && !stall();
    p.cm_rd_ready_i = !stall();
    p.axi_rd_ready_i = !stall();
    p.card_ready_i =
        (stall() ? 0u : 1u) | (stall() || axi_writes_blocked ? 0u : 2u) | (stall() ? 0u : 4u);
    p.axi_done_valid_i = !axi_answers_.empty() && !stall();
    p.axi_done_error_i = p.axi_done_valid_i && axi_answers_.front();
    if (p.axi_done_valid_i) axi_answers_.pop_front();
    offer_answer();
    if (!p.axi_rvalid_i && !axi_beats_.empty() && !axi_reads_silent && !stall()) {
      drive_bytes(p.axi_rdata_i, axi_beats_.front().first);
      p.axi_rerror_i = axi_beats_.front().second;
      p.axi_rvalid_i = 1;
    }
    this->settle();

    const unsigned chunks = p.chunk_valid_i & p.chunk_ready_o;
    if (p.rd_valid_o && p.rd_ready_i) take_read(read_req(p.rd_req_o));
    const bool answered = p.rsp_valid_i && p.rsp_ready_o;
    if (p.wr_valid_o && p.wr_ready_i) take_write(write_beat(p.wr_beat_o));
    if (p.cm_rd_valid_o && p.cm_rd_ready_i) card_.ask(beat(MemSpace, p.cm_rd_addr_o));
    if (p.st_rd_valid_o) stream_.ask(beat(p.st_rd_chan_o, p.st_rd_addr_o));
    if (p.axi_rd_valid_o && p.axi_rd_ready_i) {
      const uint64_t addr = dut::get_bits(p.axi_rd_o, 10, 40), beats = p.axi_rd_o & 0x3ff;
      const bool error = rng.chance(axi_read_error_percent);
      for (uint64_t n = 0; n < beats; ++n) {
        axi_beats_.push_back({beat(AxiSpace, addr + n * kBytes), error});
      }
    }
    const bool axi_taken = p.axi_rvalid_i && p.axi_rready_o;
    if (p.card_valid_o & p.card_ready_i) take_card(p.card_valid_o, card_write(p.card_wr_o));
    if (p.landed_valid_o) landed_log.push_back(landed(p.landed_o));

    this->step();
    ++clocks;
    for (unsigned path = 0; path < kPaths; ++path) {
      if (chunks >> path & 1) waiting[path].pop_front();
    }
    p.chunk_valid_i &= ~chunks;
    if (answered) {
      giver_.taken();
      p.rsp_valid_i = 0;
    }
    if (axi_taken) axi_beats_.pop_front();
    if (axi_taken) p.axi_rvalid_i = p.axi_rerror_i = 0;
    const auto from_card = card_.step(), from_stream = stream_.step();
    p.cm_rd_rvalid_i = from_card.has_value();
    drive_bytes(p.cm_rd_rdata_i, from_card.value_or(Bytes(kBytes, 0xee)));
    drive_bytes(p.st_rd_rdata_i, from_stream.value_or(Bytes(kBytes, 0xdd)));
  }
  void run(unsigned count) {
    for (unsigned n = 0; n < count; ++n) tick();
  }
  bool idle() const {
    for (const auto& chunks : waiting) {
      if (!chunks.empty()) return false;
    }
    return asked_.empty() && giver_.idle() && axi_beats_.empty() && axi_answers_.empty();
  }

 private:
  bool stall() { return rng.chance(stall_percent); }
  Bytes beat(unsigned space, uint64_t addr) {
    REQUIRE(addr % kBytes == 0);
    const auto begin = memory[space].begin() + static_cast<ptrdiff_t>(addr);
    return {begin, begin + kBytes};
  }

  // Answers in any order, in pieces that end at 64 bytes, the last of a failed one empty.
  struct Asked {
    ReadReq req;
    uint32_t done;
    unsigned due;
    int fails_at;  // bytes, or never
  };
  void take_read(const ReadReq& req) {
    const bool fails = rng.chance(host_error_percent);
    asked_.push_back({.req = req,
                      .done = 0,
                      .due = clocks + host_latency + (stall() ? 20 : 0),
                      .fails_at = fails ? static_cast<int>(rng.range(0, req.bytes - 1)) : -1});
  }
  void offer_answer() {
    V& p = pins();
    if (p.rsp_valid_i || stall()) return;
    if (giver_.idle()) {
      const size_t choice = stall_percent && !asked_.empty() ? rng.range(0, asked_.size() - 1) : 0;
      if (choice >= asked_.size() || asked_[choice].due > clocks) return;
      Asked& a = asked_[choice];
      const uint64_t iova = a.req.iova + a.done;
      const uint32_t piece = static_cast<uint32_t>(256 - iova % 256);
      Packet packet{.mark = Mark::of(a.req.mark),
                    .dest = a.req.dest + a.done,
                    .lane = static_cast<unsigned>(iova % 4),
                    .bytes = {}};
      status_ = RdOk;
      if (a.fails_at >= 0 && static_cast<uint32_t>(a.fails_at) < a.done + piece) {
        status_ = static_cast<unsigned>(rng.range(RdUr, RdLied));
      } else {
        const uint32_t bytes = std::min(piece, a.req.bytes - a.done);
        const auto begin = memory[HostSpace].begin() + static_cast<ptrdiff_t>(iova);
        packet.bytes = {begin, begin + bytes};
        a.done += bytes;
      }
      packet.last = status_ != RdOk || a.done == a.req.bytes;
      giver_.send(packet);
      if (packet.last) asked_.erase(asked_.begin() + static_cast<ptrdiff_t>(choice));
    }
    const PacketBeat b = giver_.beat();
    drive(p.rsp_i, ReadRsp{.client = ClientData,
                           .mark = b.mark.bits(),
                           .dest = b.dest,
                           .offset = b.lane,
                           .bytes = b.bytes,
                           .sop = b.sop,
                           .eop = b.eop,
                           .last = b.last,
                           .status = status_});
    drive_bytes(p.rsp_data_i, giver_.lanes());
    p.rsp_valid_i = 1;
  }
  void take_write(const WriteBeat& beat) {
    if (first_write == 0) first_write = clocks;
    ++write_beats;
    if (beat.sop) written_ = 0;
    const unsigned first = beat.sop ? beat.iova % 4 : 0;
    const unsigned count = std::min(kBytes - first, beat.bytes - written_);
    const Bytes part = get_bytes(pins().wr_data_o, first, count);
    std::ranges::copy(part,
                      memory[HostSpace].begin() + static_cast<ptrdiff_t>(beat.iova + written_));
    written_ += count;
    REQUIRE(beat.eop == (written_ == beat.bytes));
  }
  void take_card(unsigned targets, const CardWrite& beat) {
    ++card_beats;
    const unsigned chan = pins().card_chan_o;
    const unsigned space = targets & 4 ? chan : targets & 2 ? AxiSpace : MemSpace;
    const Bytes data = get_bytes(pins().card_data_o, 0, kBytes);
    for (unsigned n = 0; n < kBytes; ++n) {
      if (pins().card_strb_o >> n & 1) memory[space].at(beat.addr % kAxi + n) = data[n];
    }
    if (space == AxiSpace && beat.last) axi_answers_.push_back(rng.chance(axi_write_error_percent));
  }

  std::vector<Asked> asked_;
  PacketGiver giver_{kBytes};
  unsigned status_ = RdOk, written_ = 0;
  std::deque<std::pair<Bytes, bool>> axi_beats_;
  std::deque<bool> axi_answers_;
  TwoClocks card_, stream_;
};

// A transfer of a channel, at a place of its own in the upper half of where it goes.
template <class V>
Movable random_movable(Movers<V>& movers, std::map<unsigned, uint64_t>& next) {
  agent::Rng& rng = movers.rng;
  Movable m{.chunk = {.mark = random_mark(rng)}, .path = PathHost};
  Chunk& c = m.chunk;
  const Kind kind = kind_of(c.mark.chan);
  const bool immediate = kind != S2h && rng.chance(10);
  c.bytes = immediate ? static_cast<uint32_t>(rng.range(1, 8)) : random_count(rng, 512);
  if (kind == C2h || kind == C2c) m.from = rng.chance(30) ? AxiSpace : MemSpace;
  if (kind == S2h) m.from = static_cast<Space>(c.mark.chan);
  if (kind == H2c || kind == C2c) m.to = rng.chance(30) ? AxiSpace : MemSpace;
  if (kind == H2s) m.to = static_cast<Space>(c.mark.chan);
  m.path = immediate ? PathImm : from_host(c.mark.chan) ? PathHost : PathCard;
  if (m.path == PathCard && m.from == AxiSpace) m.path = kPathAxi;
  c.src = immediate ? rng.u64() : rng.range(0, Movers<V>::kSize / 2 - 4096);
  if (m.path == PathHost) c.src = (c.src & ~uint64_t{0xfff}) | rng.range(0, 4096 - c.bytes);
  if (m.path == kPathAxi) c.src |= kAxi;
  uint64_t& to = next[m.to];
  if (to == 0) to = Movers<V>::kSize / 2;
  if (to % 4096 + c.bytes > 4096) to = (to & ~uint64_t{0xfff}) + 4096;
  c.dst = to;
  to += c.bytes + rng.range(0, 9);
  if (m.to == AxiSpace) c.dst |= kAxi;
  return m;
}

template <class V>
void everything_at_once(uint64_t seed, unsigned stall_percent) {
  Movers<V> movers(seed);
  movers.stall_percent = stall_percent;
  movers.host_latency = 30;
  auto expected = movers.memory;
  std::map<unsigned, uint64_t> next;
  std::map<std::pair<unsigned, unsigned>, std::pair<unsigned, uint64_t>> owed;  // chunks, bytes
  for (unsigned n = 0; n < 1500; ++n) {
    const Movable m = random_movable(movers, next);
    Bytes bytes(m.chunk.bytes);
    for (uint32_t b = 0; b < m.chunk.bytes; ++b) {
      bytes[b] = m.path == PathImm ? static_cast<uint8_t>(m.chunk.src >> (8 * b))
                                   : movers.memory[m.from][m.chunk.src % kAxi + b];
    }
    std::ranges::copy(bytes, expected[m.to].begin() + static_cast<ptrdiff_t>(m.chunk.dst % kAxi));
    auto& [chunks, count] = owed[{m.chunk.mark.chan, m.chunk.mark.entry}];
    ++chunks;
    count += m.chunk.bytes;
    movers.waiting[m.path].push_back(m.chunk);
  }
  while (!movers.idle() && movers.clocks < 200'000) movers.tick();
  movers.run(100);
  CHECK(movers.memory == expected);
  for (const Landed& l : movers.landed_log) {
    CHECK(l.error == Error::Ok);
    auto& [chunks, count] = owed[{l.chan, l.entry}];
    chunks -= l.ends;
    count -= l.bytes;
  }
  for (const auto& [entry, left] : owed) CHECK((left.first == 0 && left.second == 0));
}

TEST_CASE("unaligned: DMA movers bring every byte of every chunk to its place, and land each once",
          "[unit][dma][R55][R29][R18][unaligned]") {
  const auto stall = GENERATE(0u, 25u, 70u);
  everything_at_once<Vcw_dma_movers_w64>(1, stall);
  everything_at_once<Vcw_dma_movers_w128>(2, stall);
  everything_at_once<Vcw_dma_movers>(3, stall);
  everything_at_once<Vcw_dma_movers_w512>(4, stall);
}

// So many percent of what AXI4 answers are errors, of the reads and of the writes.
template <class V>
void failures(uint64_t seed, unsigned axi_reads, unsigned axi_writes) {
  Movers<V> movers(seed);
  movers.stall_percent = 30;
  movers.host_error_percent = 20;
  movers.axi_read_error_percent = axi_reads;
  movers.axi_write_error_percent = axi_writes;
  auto before = movers.memory;
  std::map<unsigned, uint64_t> next;
  std::map<std::pair<unsigned, unsigned>, unsigned> owed;
  uint64_t most = 0;
  std::vector<Movable> moved;
  for (unsigned n = 0; n < 800; ++n) {
    moved.push_back(random_movable(movers, next));
    ++owed[{moved.back().chunk.mark.chan, moved.back().chunk.mark.entry}];
    most += moved.back().chunk.bytes;
    movers.waiting[moved.back().path].push_back(moved.back().chunk);
  }
  while (!movers.idle() && movers.clocks < 200'000) movers.tick();
  movers.run(200);
  std::map<Error, unsigned> errors;
  for (const Landed& l : movers.landed_log) {
    owed[{l.chan, l.entry}] -= l.ends;
    errors[l.error] += 1;
    most -= l.bytes;
    if (l.error == Error::Ok) CHECK(l.bytes != 0);
  }
  for (const auto& [entry, left] : owed) CHECK(left == 0);
  CHECK(most > 0);
  for (unsigned error = 5; error <= 9; ++error) CHECK(errors[static_cast<Error>(error)] > 0);
  CHECK(errors[Error::CardError] > 0);
  // A byte of a destination is what it was, or what it was to be.
  for (const Movable& m : moved) {
    for (uint32_t b = 0; b < m.chunk.bytes; ++b) {
      const uint64_t at = m.chunk.dst % kAxi + b;
      const uint8_t wish = m.path == PathImm ? static_cast<uint8_t>(m.chunk.src >> (8 * b))
                                             : before[m.from][m.chunk.src % kAxi + b];
      const uint8_t is = movers.memory[m.to][at];
      REQUIRE((is == wish || is == before[m.to][at]));
    }
  }
}

TEST_CASE("error-hang: DMA movers end every chunk whatever fails, and move no false byte",
          "[unit][dma][R26][R27][error-hang]") {
  failures<Vcw_dma_movers_w64>(1, 20, 20);
  failures<Vcw_dma_movers>(2, 20, 20);
  failures<Vcw_dma_movers_w512>(3, 20, 20);
  failures<Vcw_dma_movers>(4, /*axi_reads=*/20, /*axi_writes=*/0);
  failures<Vcw_dma_movers>(5, /*axi_reads=*/0, /*axi_writes=*/20);
}

TEST_CASE("DMA movers offer the first write three clocks after they take the chunk",
          "[unit][dma][performance]") {
  Movers<Vcw_dma_movers> movers;
  movers.run(5);
  const unsigned chan = GENERATE(unsigned{C2h}, unsigned{S2h});
  movers.waiting[PathCard].push_back(
      {.mark = {.chan = chan}, .src = 64, .dst = 0x1000, .bytes = 32});
  const unsigned taken = movers.clocks;
  movers.run(6);
  CHECK(movers.first_write == taken + 3);
}

TEST_CASE("DMA movers fill both sides every clock, and either with packets of one beat",
          "[unit][dma][performance]") {
  Movers<Vcw_dma_movers_w512> movers;
  const bool both = GENERATE(false, true), up = GENERATE(false, true);
  const uint32_t bytes = both ? 128 : 64;  // landed: one a clock in all
  for (unsigned n = 0; n < 200; ++n) {
    if (both || up) {
      movers.waiting[PathCard].push_back(
          {.mark = {.chan = C2h}, .src = n * 256, .dst = n * 256, .bytes = bytes});
    }
    if (both || !up) {
      movers.waiting[PathHost].push_back(
          {.mark = {.chan = H2c}, .src = n * 256, .dst = n * 256, .bytes = bytes});
    }
  }
  movers.run(200 * bytes / 64 + 5);
  CHECK(movers.write_beats == (both || up ? 200 * bytes / 64 : 0));
  CHECK(movers.card_beats == (both || !up ? 200 * bytes / 64 : 0));
}

TEST_CASE("DMA movers keep two thirds of the width for 64 bytes between any two alignments",
          "[unit][dma][performance]") {
  Movers<Vcw_dma_movers> movers;
  const uint64_t card = GENERATE(1u, 13u, 31u), host = GENERATE(0u, 1u, 3u, 30u);
  for (unsigned n = 0; n < 100; ++n) {
    movers.waiting[PathCard].push_back(
        {.mark = {.chan = C2h}, .src = n * 256 + card, .dst = n * 256 + host, .bytes = 64});
    movers.waiting[PathHost].push_back(
        {.mark = {.chan = H2c}, .src = n * 256 + host, .dst = n * 256 + card, .bytes = 64});
  }
  movers.run(3 * 100 + 10);
  CHECK(movers.landed_log.size() == 200);
}

// What waits for the host would hold up what comes behind it: descriptors, and bytes to the card.
TEST_CASE("DMA movers let a higher level hold up nothing that has been asked for",
          "[unit][dma][R57]") {
  Movers<Vcw_dma_movers> movers;
  dut::set_bits(movers.pins().share_i, 8 * C2h, 8, 3u << 2);
  dut::set_bits(movers.pins().share_i, 8 * H2c, 8, 1u << 2);
  constexpr unsigned kBytes = 128, kBeats = kBytes / 32, kCount = 40;
  for (unsigned n = 0; n < kCount; ++n) {
    movers.waiting[PathHost].push_back(
        {.mark = {.chan = H2h}, .src = n * 256, .dst = 0x10000 + n * 256, .bytes = kBytes});
  }
  movers.waiting[PathHost].push_back({.mark = {.chan = H2c}, .src = 0, .dst = 0, .bytes = kBytes});
  for (unsigned n = 0; n < 10 * kCount; ++n) {
    movers.waiting[PathCard].push_back(
        {.mark = {.chan = C2h}, .src = n % 8 * 256, .dst = n * 256, .bytes = kBytes});
  }
  const auto ended = [&](unsigned chan) {
    return std::ranges::count(movers.landed_log, chan, &Landed::chan);
  };
  movers.run(20);
  CHECK((movers.pins().yield_o >> H2h & 1) == 1);  // it asks for no more
  CHECK((movers.pins().yield_o >> H2c & 1) == 0);
  CHECK((movers.pins().yield_o >> C2h & 1) == 0);
  movers.run(2 * kCount * kBeats);
  CHECK(ended(H2h) == kCount);
  CHECK(ended(H2c) == 1);
  CHECK(ended(C2h) >= kCount - 5);
}

TEST_CASE("stalled-channel: DMA movers go on where nothing stands in the way",
          "[unit][dma][R57][stalled-channel]") {
  Movers<Vcw_dma_movers> movers;
  const auto give = [&](unsigned path, unsigned chan, uint64_t src, uint64_t dst) {
    for (unsigned n = 0; n < 50; ++n) {
      movers.waiting[path].push_back({.mark = {.chan = chan}, .src = src, .dst = dst, .bytes = 64});
    }
  };
  const auto ended = [&](unsigned chan) {
    return std::ranges::count(movers.landed_log, chan, &Landed::chan);
  };
  SECTION("AXI4 does not answer reads") {
    movers.axi_reads_silent = true;
    give(kPathAxi, C2c, kAxi, 0);
    give(PathCard, C2h, 0, 0x1000);
    give(PathHost, H2c, 0, 0x1000);
    movers.run(400);
    CHECK(ended(C2c) == 0);
    CHECK(ended(C2h) == 50);
    CHECK(ended(H2c) == 50);
  }
  SECTION("AXI4 takes no writes") {
    movers.axi_writes_blocked = true;
    give(kPathAxi, C2c, kAxi, kAxi);
    give(PathCard, C2h, 0, 0x1000);
    give(PathHost, H2h, 0, 0x2000);
    movers.run(400);
    CHECK(ended(C2c) == 0);
    CHECK(ended(C2h) == 50);
    CHECK(ended(H2h) == 50);
  }
  SECTION("the host takes no writes") {
    movers.host_writes_blocked = true;
    give(PathCard, C2h, 0, 0x1000);
    give(PathHost, H2c, 0, 0x1000);
    give(kPathAxi, C2c, kAxi, 0);
    movers.run(400);
    CHECK(ended(C2h) == 0);
    CHECK(ended(H2c) == 50);
    CHECK(ended(C2c) == 50);
  }
}

TEST_CASE("DMA movers raise the alarm on a chunk that is taken back", "[unit][dma]") {
  Movers<Vcw_dma_movers> movers;
  movers.settle();
  drive(movers.pins().chunk_i, Chunk{.mark = {.chan = C2h}, .bytes = 8}, PathCard);
  movers.pins().chunk_valid_i = 1u << PathCard;
  movers.step();
  movers.pins().chunk_valid_i = 0;
  CHECK_THROWS_AS(movers.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
