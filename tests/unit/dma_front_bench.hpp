// SPDX-License-Identifier: Apache-2.0
//
// The fetch among its neighbours: rings whose descriptors come from a map of host memory, a host
// that answers reads late, in any order and in any pieces, and a launch that takes what it likes.
// What is presented is compared with a walk along the rings and their chains.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {

// batch_t
struct Batch {
  unsigned index = 0, count = 0;
  uint64_t iova = 0;
  unsigned chan = 0;
  bool operator==(const Batch&) const = default;
};

template <class Port>
void drive(Port& port, const Batch& b) {
  FieldWriter field(port, 0);
  field(16, b.index);
  field(5, b.count);
  field(64, b.iova);
  field(4, b.chan);
}

template <class Port>
Batch batch(const Port& port) {
  FieldReader field(port, 0);
  Batch b;
  b.index = field(16);
  b.count = field(5);
  b.iova = field.wide(64);
  b.chan = field(4);
  return b;
}

inline std::vector<uint8_t> bytes_of(const Desc& d) {
  VlWide<8> words{};
  drive(words, d);
  return get_bytes(words, 0, 32);
}

template <class V, unsigned kChannels, unsigned kBatch = 16>
struct FrontBench : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::rsp_data_i);

  struct Ring {
    uint64_t iova = 0;
    unsigned log2 = 5;
    unsigned next = 0, tail = 0;  // asked for; given to the card
    // The walk: the next ring index, or where the chain goes on.
    unsigned index = 0;
    std::optional<uint64_t> link{};
    bool over = false;  // an error was taken
    bool halted = false;
    unsigned taken = 0, presented = 0;
    Error error = Error::Ok;
    std::vector<unsigned> tags{};  // taken
  };
  struct Read {
    ReadReq req;
    unsigned come = 0;
    uint64_t due = 0;
    bool open = true;
  };

  std::map<uint64_t, Desc> memory;
  std::set<uint64_t> come;    // descriptors all of whose bytes have come
  std::set<uint64_t> failed;  // descriptors that were not there when their read failed
  Ring ring[kChannels];
  std::vector<Read> reads;
  std::vector<ReadReq> log;

  agent::Rng rng;
  unsigned latency = 5, spread = 0;  // clocks from a read to its answer
  unsigned ready_percent = 100, want_percent = 100, take_percent = 100, fail_percent = 0;
  unsigned gap_percent = 0;  // of clocks without an answer
  bool whole = false;        // answers in one piece, in order
  unsigned cut = 4;          // else in pieces of any multiple
  unsigned wants = ~0u;      // channels that want at all
  unsigned answered = ~0u;   // channels whose reads are answered
  uint64_t clock = 0;
  std::optional<size_t> answering;  // the read whose packet is under way
  unsigned packet_left = 0, packet_bytes = 0;
  std::vector<uint8_t> packet;
  ReadRsp head{};

  explicit FrontBench(uint64_t seed = 1) : rng(seed, "front") {
    auto& p = pins();
    for (unsigned c = 0; c < kChannels; c++) {
      ring[c].iova = 0x10'0000'0000 * (c + 1);
      dut::set_bits(p.ring_log2_i, 4 * c, 4, ring[c].log2);
    }
    p.halted_i = p.restart_i = p.want_i = 0;
    p.batch_valid_i = p.rd_ready_i = p.rsp_valid_i = p.take_i = 0;
    this->reset();
  }

  uint64_t slot(unsigned c, unsigned index) const {
    return ring[c].iova + 32 * (index & ((1u << ring[c].log2) - 1));
  }
  bool phase(unsigned c, unsigned index) const { return !(index >> ring[c].log2 & 1); }
  void set_log2(unsigned c, unsigned log2) {
    ring[c].log2 = log2;
    dut::set_bits(pins().ring_log2_i, 4 * c, 4, log2);
  }

  // Gives the card one more descriptor.
  Desc& give(unsigned c, Desc d = {}) {
    const unsigned index = ring[c].tail++;
    d.phase = phase(c, index);
    come.erase(slot(c, index));
    failed.erase(slot(c, index));
    return memory[slot(c, index)] = d;
  }

  // One clock: drives all inputs of this clock, looks at all outputs, steps.
  void tick() {
    auto& p = pins();
    offer_batch();
    p.rd_ready_i = rng.chance(ready_percent);
    answer();
    unsigned want = 0;
    for (unsigned c = 0; c < kChannels; c++) {
      want |= (rng.chance(want_percent) ? 1u : 0u) << c;
      dut::set_bits(p.halted_i, c, 1, ring[c].halted);
    }
    dut::set_bits(p.want_i, 0, kChannels, want & wants);
    p.take_i = 0;
    this->settle();
    if (p.batch_valid_i && p.batch_ready_o) {
      ring[offered.chan].next += offered.count;
    }
    if (p.rd_valid_o && p.rd_ready_i) asked(read_req(p.rd_req_o));
    if (p.front_valid_o) present(front(p.front_o));
    for (unsigned c = 0; c < kChannels; c++) {
      if (owed(c)) REQUIRE(busy(c));
    }
    this->step();
    clock++;
  }
  void tick(unsigned clocks) {
    for (unsigned n = 0; n < clocks; n++) tick();
  }

  bool owed(unsigned c) const {
    for (const auto& r : reads) {
      if (r.open && (r.req.mark & 15) == c) return true;
    }
    return false;
  }

  bool busy(unsigned c) {
    this->settle();
    return pins().busy_o >> c & 1;
  }

  void restart(unsigned c) {
    REQUIRE_FALSE(owed(c));
    REQUIRE_FALSE(busy(c));
    Ring& r = ring[c];
    Ring fresh;
    fresh.iova = r.iova;
    fresh.log2 = r.log2;
    r = fresh;
    pins().restart_i = 1u << c;
    tick();
    pins().restart_i = 0;
  }

 private:
  Batch offered;
  unsigned turn = 0;

  void offer_batch() {
    auto& p = pins();
    p.batch_valid_i = 0;
    this->settle();
    for (unsigned n = 0; n < kChannels; n++) {
      const unsigned c = (turn + n) % kChannels;
      Ring& r = ring[c];
      if (r.next == r.tail || r.halted || !(p.room_o >> c & 1)) continue;
      const unsigned size = 1u << r.log2;
      unsigned count = std::min({kBatch, r.tail - r.next, size - (r.next & (size - 1))});
      if (!whole) count = static_cast<unsigned>(rng.range(1, count));
      offered = {.index = r.next & 0xffff, .count = count, .iova = slot(c, r.next), .chan = c};
      drive(p.batch_i, offered);
      p.batch_valid_i = 1;
      turn = c + 1;
      return;
    }
  }

  void asked(const ReadReq& req) {
    log.push_back(req);
    REQUIRE(req.attr == 0);
    REQUIRE(req.iova % 32 == 0);
    for (unsigned at = 0; at < req.bytes; at += 32) {
      come.erase(req.iova + at);
      failed.erase(req.iova + at);
    }
    reads.push_back({.req = req, .due = clock + latency + (spread ? rng.range(0, spread) : 0)});
  }

  void answer() {
    auto& p = pins();
    p.rsp_valid_i = 0;
    if (rng.chance(gap_percent)) return;
    if (!answering) begin_packet();
    if (!answering) return;
    Read& r = reads[*answering];
    const unsigned here = std::min(kBytes, packet_left);
    head.sop = packet_left == packet_bytes;
    head.eop = here == packet_left;
    drive(p.rsp_i, head);
    std::vector<uint8_t> lanes(kBytes);
    for (auto& lane : lanes) lane = static_cast<uint8_t>(rng.u32());
    std::copy_n(packet.begin() + (packet_bytes - packet_left), here, lanes.begin());
    drive_bytes(p.rsp_data_i, lanes);
    p.rsp_valid_i = 1;
    packet_left -= here;
    const unsigned before = r.come / 32;
    r.come += here;
    for (unsigned n = before; n < r.come / 32; n++) come.insert(r.req.iova + 32 * n);
    if (!head.eop) return;
    if (head.status != RdOk) {
      for (unsigned at = r.come / 32 * 32; at < r.req.bytes; at += 32) {
        failed.insert(r.req.iova + at);
      }
    }
    if (head.last) r.open = false;
    answering.reset();
    if (head.last) std::erase_if(reads, [](const Read& read) { return !read.open; });
  }

  void begin_packet() {
    std::vector<size_t> due;
    for (size_t n = 0; n < reads.size(); n++) {
      if (reads[n].due <= clock && (answered >> (reads[n].req.mark & 15) & 1)) due.push_back(n);
    }
    if (due.empty()) return;
    answering = whole ? due.front() : rng.pick(due);
    Read& r = reads[*answering];
    const unsigned left = r.req.bytes - r.come;
    head = {.client = ClientDesc, .mark = r.req.mark, .dest = r.req.dest + r.come};
    if (rng.chance(fail_percent)) {
      head.status = static_cast<unsigned>(rng.range(RdUr, RdLied));
      packet.clear();
    } else {
      const unsigned bytes =
          whole || rng.chance(30) ? left : cut * static_cast<unsigned>(rng.range(1, left / cut));
      packet.resize(bytes);
      for (unsigned n = 0; n < bytes; n++) {
        const uint64_t at = r.req.iova + r.come + n;
        const auto found = memory.find(at / 32 * 32);
        packet[n] = found == memory.end() ? 0xa5 : bytes_of(found->second)[at % 32];
      }
      head.last = bytes == left;
    }
    packet_bytes = packet_left = head.bytes = static_cast<unsigned>(packet.size());
  }

  void present(const Front& f) {
    REQUIRE(f.chan < kChannels);
    Ring& r = ring[f.chan];
    r.presented++;
    REQUIRE_FALSE(r.over);
    const bool linked = r.link.has_value();
    REQUIRE(f.linked == linked);
    if (!linked) REQUIRE(r.index < r.tail);
    const uint64_t at = linked ? *r.link : slot(f.chan, r.index);
    REQUIRE(f.head == ((r.index + (linked ? 0 : 1)) & 0xffff));
    if (failed.count(at)) {
      REQUIRE(f.error == Error::DescFetch);
    } else {
      REQUIRE(come.count(at));
      const bool stale = !linked && memory.at(at).phase != phase(f.chan, r.index);
      REQUIRE(f.error == (stale ? Error::Stale : Error::Ok));
      if (!stale) REQUIRE(f.desc == memory.at(at));
    }
    if (!rng.chance(take_percent)) return;
    pins().take_i = 1;
    r.taken++;
    if (f.error != Error::Ok) {
      r.over = true;
      r.error = f.error;
      return;
    }
    r.tags.push_back(f.desc.tag);
    if (!linked) r.index++;
    const Desc& d = f.desc;
    if (d.chain && !d.last && d.kind == 0 && d.arg % 32 == 0) {
      r.link = d.arg;
    } else if (linked && (d.last || d.chain)) {
      r.link.reset();
    } else if (linked) {
      r.link = at + 32;
    }
  }
};

}  // namespace cw::unit::dma
