// SPDX-License-Identifier: Apache-2.0
// cw-variant: TimeoutCycles=200
#include <deque>
#include <vector>

#include "Vcw_peer_reads_timeoutcycles200.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "pcie/codec.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {
namespace {

using V = Vcw_peer_reads_timeoutcycles200;
using pcie::MemRead;

constexpr pcie::Bdf kDevice{.bus = 1, .device = 2, .function = 3};
constexpr uint64_t kPeer = 0x4000'0000, kRam = 0x9000'0000;

// Requests come in; those for the host are answered by the test.
struct PeerReads : dut::Clocked {
  explicit PeerReads(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "reads"),
        np(module.kernel(), dut::channel(p.np_ctl_i, data, p.np_valid_i, p.np_ready_o),
           rng.fork("np"), stall),
        down(module.kernel(), dut::channel(p.down_ctl_o, data, p.down_valid_o, p.down_ready_i),
             rng.fork("down"), stall) {
    p.link_up_i = p.order_ok_i = 1;
    p.host_ready_i = 1;
    p.host_retired_i = p.cpl_take_i = 0;
    dut::clear_bits(p.cpl_hdr_i);
    module.kernel().add(*this);
    module.reset();
  }
  ~PeerReads() override { module.kernel().remove(*this); }

  void read(uint64_t iova, uint16_t tag, uint32_t bytes = 4) {
    np.send(pcie::encode(
        MemRead{.requester = kDevice, .tag = {tag}, .address = {iova}, .length_bytes = bytes}));
  }
  // The address stands for itself, and is a device's below RAM.
  void commit() override {
    const dut::TlpCtl ctl = dut::channel(p.np_ctl_i, data, p.np_valid_i, p.np_ready_o).ctl();
    if (!p.np_valid_i || !ctl.sop) return;
    p.np_hpa_i = request_address(ctl.hdr);
    p.np_peer_i = p.np_hpa_i < 0x8000'0000;
  }
  void sample() override {
    retired += p.retired_o;
    if (p.host_valid_o && p.host_ready_i) ++to_host;
  }
  void complete(const pcie::Completion& completion) {
    const pcie::RawTlp raw = pcie::encode(completion);
    for (unsigned dw = 0; dw < 4; ++dw) {
      dut::set_bits(p.cpl_hdr_i, 96 - 32 * dw, 32, raw.hdr[dw]);
    }
    p.cpl_take_i = 1;
    module.step();
    p.cpl_take_i = 0;
    module.step(2_cycles);
  }
  void complete(uint16_t tag, uint32_t owed = 4, std::vector<uint32_t> payload = {0}) {
    complete(pcie::Completion{
        .byte_count = owed, .requester = kDevice, .tag = {tag}, .payload = std::move(payload)});
  }
  void answer_host() {
    p.host_retired_i = 1;
    module.step();
    p.host_retired_i = 0;
    module.step(2_cycles);
  }

  dut::Module<V> module;
  V& p = module.pins();
  std::array<uint32_t, 2> data{};
  agent::Rng rng;
  agent::TlpSource np;
  agent::TlpSink down;
  unsigned retired = 0, to_host = 0;
};

TEST_CASE("A read for a device goes down under its own ID and tag, one for the host to the host",
          "[unit][root][R50]") {
  PeerReads reads;
  reads.read(kPeer + 0x10, 0x2a5, 100);
  reads.read(kRam, 6);
  reads.module.step(20_cycles);
  CHECK(reads.to_host == 1);
  REQUIRE(reads.down.size() == 1);
  const auto sent = std::get<MemRead>(std::get<pcie::Tlp>(pcie::decode(reads.down.pop())));
  CHECK(sent ==
        MemRead{
            .requester = kDevice, .tag = {0x2a5}, .address = {kPeer + 0x10}, .length_bytes = 100});
}

TEST_CASE("Reads retire in the order of arrival, those of devices with their last completion",
          "[unit][root][R30][R50]") {
  PeerReads reads;
  reads.read(kPeer, 1, 16);
  reads.read(kRam, 2);
  reads.read(kPeer, 3);
  reads.module.step(20_cycles);
  reads.answer_host();
  reads.complete(3);
  CHECK(reads.retired == 0);
  reads.complete(1, 16, {1, 2});
  CHECK(reads.retired == 0);
  reads.complete(4);  // somebody else's
  reads.complete({.byte_count = 4, .requester = {.bus = 1}, .tag = {1}, .payload = {1}});
  CHECK(reads.retired == 0);
  reads.complete(1, 8, {3, 4});
  reads.module.step(5_cycles);
  CHECK(reads.retired == 3);
}

TEST_CASE("An answer that is not a success is the last one", "[unit][root][R17][R50]") {
  for (const pcie::CplStatus status : {pcie::CplStatus::Ur, pcie::CplStatus::Ca}) {
    PeerReads reads;
    reads.read(kPeer, 1, 64);
    reads.module.step(20_cycles);
    reads.complete({.status = status, .byte_count = 64, .requester = kDevice, .tag = {1}});
    CHECK(reads.retired == 1);
  }
}

TEST_CASE("Eight reads are open at a time, the ninth waits with all behind it",
          "[unit][root][R50]") {
  PeerReads reads;
  for (uint16_t tag = 0; tag < 9; ++tag) reads.read(kPeer, tag);
  reads.read(kRam, 9);
  reads.module.step(50_cycles);
  CHECK(reads.down.size() == 8);
  CHECK(reads.to_host == 0);
  reads.complete(0);
  reads.module.step(5_cycles);
  CHECK(reads.down.size() == 9);
  CHECK(reads.to_host == 1);
}

TEST_CASE("No read goes before the writes before it are done with", "[unit][root][R30]") {
  PeerReads reads;
  reads.p.order_ok_i = 0;
  reads.read(kPeer, 0);
  reads.module.step(50_cycles);
  CHECK(reads.down.empty());
  reads.p.order_ok_i = 1;
  reads.module.step(5_cycles);
  CHECK(reads.down.size() == 1);
}

TEST_CASE("A read that nobody answers is done with in time; its answer then is nobody's",
          "[unit][root][R27][R50][R52]") {
  PeerReads reads;
  reads.module.step(150_cycles);
  reads.read(kPeer, 1);
  reads.module.step(200_cycles);
  CHECK(reads.retired == 0);
  reads.module.step(250_cycles);
  CHECK(reads.retired == 1);
  reads.complete(1);
  CHECK(reads.retired == 1);
}

TEST_CASE("What is open when the link goes down is done with", "[unit][root][R45][R50]") {
  PeerReads reads;
  for (uint16_t tag = 0; tag < 4; ++tag) reads.read(kPeer, tag);
  reads.module.step(20_cycles);
  reads.p.link_up_i = 0;
  reads.module.step(10_cycles);
  CHECK(reads.retired == 4);
  reads.p.link_up_i = 1;
  reads.read(kPeer, 1);
  reads.module.step(10_cycles);
  CHECK(reads.retired == 4);
  reads.complete(1);
  CHECK(reads.retired == 5);
}

TEST_CASE("Random reads of both kinds all retire, in order, whoever stalls",
          "[unit][root][R30][R50]") {
  uint64_t seed = 80;
  for (const agent::Stall stall : agent::kEveryStall) {
    PeerReads reads(++seed, stall);
    constexpr unsigned kReads = 200;
    std::vector<bool> peer;
    std::deque<uint16_t> open;
    unsigned hosts = 0, retired_peers = 0, answered = 0;
    for (unsigned n = 0; n < kReads; ++n) {
      peer.push_back(reads.rng.chance(50));
      reads.read(peer.back() ? kPeer : kRam, static_cast<uint16_t>(n));
    }
    unsigned seen_down = 0, wait = 0;
    std::vector<bool> done(kReads);
    unsigned next_host = 0;
    const auto answer_next_host = [&] {
      while (next_host < kReads && peer[next_host]) ++next_host;
      done[next_host++] = true;
      reads.answer_host();
      ++answered;
    };
    while (reads.retired < kReads && ++wait < 20'000) {
      for (; seen_down < reads.down.size(); ++seen_down) {
        open.push_back(pcie::tag(reads.down.received()[seen_down]).value);
      }
      hosts = reads.to_host;
      if (answered < hosts && reads.rng.chance(30)) answer_next_host();
      if (!open.empty() && reads.rng.chance(30)) {
        const size_t pick = reads.rng.range(0, open.size() - 1);
        const uint16_t tag = open[pick];
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
        done[tag] = true;
        reads.complete(tag);
        ++retired_peers;
      }
      reads.module.step();
      for (unsigned n = 0; n < reads.retired; ++n) REQUIRE(done[n]);
    }
    CHECK(reads.retired == kReads);
    CHECK(retired_peers + answered == kReads);
  }
}

}  // namespace
}  // namespace cw::unit
