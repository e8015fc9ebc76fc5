// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
#include "Vcw_dma_host_source.h"
#include "Vcw_dma_host_source_w128.h"
#include "Vcw_dma_host_source_w512.h"
#include "Vcw_dma_host_source_w64.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

template <class V>
struct HostSource : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::rsp_data_i);

  PacketTaker taker;
  unsigned clocks = 0, stall_percent = 0;
  bool blocked = false;
  agent::Rng rng;

  explicit HostSource(uint64_t seed = 1) : dut::Module<V>(seed), rng(seed, "host source") {
    pins().chunk_valid_i = pins().rd_ready_i = pins().rsp_valid_i = 0;
    pins().packet_ready_i = 1;
    this->reset();
  }
  void tick() {
    pins().packet_ready_i = !blocked && !rng.chance(stall_percent);
    this->settle();
    if (pins().packet_valid_o && pins().packet_ready_i) {
      taker.take(packet_beat(pins().packet_o), get_bytes(pins().packet_data_o, 0, kBytes));
    }
    this->step();
    ++clocks;
  }
  // An answer, offered until it is taken.
  void answer(ReadRsp rsp, const Packet& packet) {
    PacketGiver giver(kBytes);
    for (giver.send(packet); !giver.idle();) {
      const PacketBeat beat = giver.beat();
      rsp.sop = beat.sop, rsp.eop = beat.eop, rsp.last = beat.last, rsp.bytes = beat.bytes;
      rsp.mark = packet.mark.bits(), rsp.dest = packet.dest, rsp.offset = packet.lane;
      drive(pins().rsp_i, rsp);
      drive_bytes(pins().rsp_data_i, giver.lanes());
      pins().rsp_valid_i = 1;
      for (this->settle(); !pins().rsp_ready_o; this->settle()) tick();
      tick();
      giver.taken();
      pins().rsp_valid_i = 0;
    }
  }
  Packet random_packet() {
    return {.mark = random_mark(rng),
            .dest = rng.u64(),
            .lane = static_cast<unsigned>(rng.range(0, 3)),
            .last = rng.chance(50),
            .bytes = random_bytes(rng, random_count(rng, 512))};
  }
};

template <class V>
void answers_in_order(uint64_t seed) {
  HostSource<V> source(seed);
  source.stall_percent = 30;
  std::vector<Packet> expected;
  for (unsigned n = 0; n < 300; ++n) {
    Packet packet = source.random_packet();
    const unsigned client = source.rng.chance(20) ? ClientDesc : ClientData;
    unsigned status = RdOk;
    if (source.rng.chance(20)) {
      status = static_cast<unsigned>(source.rng.range(RdUr, RdLied));
      packet.bytes.clear();
      packet.last = true;
      packet.error = static_cast<Error>(static_cast<unsigned>(Error::ReadUr) + status - RdUr);
    }
    if (client == ClientData) expected.push_back(packet);
    source.answer({.client = client, .status = status}, packet);
  }
  for (unsigned n = 0; n < 60; ++n) source.tick();
  CHECK(source.taker.packets == expected);
}

TEST_CASE("DMA host source hands on every answer of its own as it comes, failures too",
          "[unit][dma][R26][R27]") {
  answers_in_order<Vcw_dma_host_source_w64>(1);
  answers_in_order<Vcw_dma_host_source_w128>(2);
  answers_in_order<Vcw_dma_host_source>(3);
  answers_in_order<Vcw_dma_host_source_w512>(4);
}

TEST_CASE("DMA host source asks for a chunk in the clock it is offered", "[unit][dma]") {
  HostSource<Vcw_dma_host_source> source;
  const Mark mark{.entry = 6, .chan = 11, .attr = 5, .packet_end = true};
  drive(source.pins().chunk_i,
        Chunk{.mark = mark, .src = 0x1234'5678'9abc, .dst = 0x9'0000'0001, .bytes = 77});
  source.pins().chunk_valid_i = 1;
  source.settle();
  CHECK(source.pins().rd_valid_o);
  CHECK_FALSE(source.pins().chunk_ready_o);
  source.pins().rd_ready_i = 1;
  source.settle();
  CHECK(source.pins().chunk_ready_o);
  CHECK(read_req(source.pins().rd_req_o) == ReadReq{.iova = 0x1234'5678'9abc,
                                                    .bytes = 77,
                                                    .dest = 0x9'0000'0001,
                                                    .mark = mark.bits(),
                                                    .attr = 5});
}

TEST_CASE("DMA host source takes descriptors also while its packets wait", "[unit][dma][R57]") {
  HostSource<Vcw_dma_host_source> source;
  source.blocked = true;
  source.pins().rsp_valid_i = 1;
  drive(source.pins().rsp_i, ReadRsp{.client = ClientData, .bytes = 8});
  unsigned taken = 0;
  for (source.settle(); source.pins().rsp_ready_o && taken < 100; source.settle()) {
    source.tick();
    ++taken;
  }
  CHECK(taken == 16);
  drive(source.pins().rsp_i, ReadRsp{.client = ClientDesc, .bytes = 32});
  source.settle();
  CHECK(source.pins().rsp_ready_o);
  source.tick();
  source.pins().rsp_valid_i = 0;
  source.blocked = false;
  for (unsigned n = 0; n < 40; ++n) source.tick();
  CHECK(source.taker.packets.size() == 16);
}

TEST_CASE("DMA host source passes a beat every clock", "[unit][dma][performance]") {
  HostSource<Vcw_dma_host_source_w512> source;
  for (unsigned n = 0; n < 100; ++n) source.answer({}, {.bytes = Bytes(64, 7)});
  source.tick();
  CHECK(source.clocks == 101);
  CHECK(source.taker.packets.size() == 100);
}

TEST_CASE("DMA host source raises the alarm on a failure that brings data", "[unit][dma][R26]") {
  HostSource<Vcw_dma_host_source> source;
  CHECK_THROWS_AS(source.answer({.status = RdPoisoned}, {.bytes = Bytes(8)}), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
