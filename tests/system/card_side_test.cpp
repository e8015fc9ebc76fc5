// SPDX-License-Identifier: Apache-2.0
//
// What lies behind the card: streams and memory behind AXI4; and the CPU's cache before host
// memory.
#include "catch_shim.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

constexpr uint64_t kAxi = uint64_t{1} << model::kDmaCardAxiBit;

struct CardSide : Fabric {
  explicit CardSide(const Setup& setup) : Fabric(setup) {
    for (DmaDriver* channel : {&up.c2c, &up.h2s, &up.s2h}) channel->start();
    for (uint8_t& byte : board.axi_card()) byte = static_cast<uint8_t>(rng.u32());
    system.card_memory().write({0}, board.axi_card());
  }
  env::DmaWatch& watch(const DmaDriver& channel) {
    return board.channel(static_cast<unsigned>(channel.kind()));
  }
  // A packet of the card's, and the bytes of an entry that would take it.
  void bring(std::vector<uint8_t> data, uint16_t info) {
    system.stream_in().send({.bytes = data,
                             .tid = static_cast<uint8_t>(info),
                             .tuser = static_cast<uint8_t>(info >> 8)});
    watch(up.s2h).stream_in.push_back({.data = std::move(data), .info = info});
  }
  std::vector<uint8_t> random_bytes(uint64_t count) {
    std::vector<uint8_t> data(count);
    for (uint8_t& byte : data) byte = static_cast<uint8_t>(rng.u32());
    return data;
  }
  // One segment of a whole buffer, with the wished attributes.
  void submit(DmaDriver& channel, const DmaSpace::Buffer& buffer, uint64_t card_addr,
              uint8_t attributes = 0) {
    const bool from_host = channel.kind() == model::DmaKind::H2c;
    const cw_dma_segment segment{.src = from_host ? buffer.iova.value : card_addr,
                                 .dst = from_host ? card_addr : buffer.iova.value,
                                 .bytes = static_cast<uint32_t>(buffer.bytes),
                                 .kind = CW_DMA_COPY,
                                 .attributes = attributes,
                                 .rows = 0,
                                 .src_pitch = 0,
                                 .dst_pitch = 0,
                                 .data = 0};
    channel.submit(std::span(&segment, 1));
  }
  void move(DmaDriver& channel) {
    go(channel);
    CHECK(channel.take_record().error == model::DmaError::Ok);
  }
  void check_streams() {
    std::deque<env::StreamPacket>& owed = watch(up.h2s).stream_out;
    system.kernel().run_until([&] { return system.stream_out().received().size() >= owed.size(); },
                              100'000_cycles);
    for (; !owed.empty(); owed.pop_front()) {
      const agent::AxisPacket came = system.stream_out().pop();
      CHECK(came.bytes == owed.front().data);
      CHECK((came.tid | came.tuser << 8) == owed.front().info);
      CHECK(came.cut == owed.front().cut);
    }
    CHECK(system.stream_out().received().empty());
  }
  void check_axi() {
    CHECK(system.card_memory().read({0}, board.axi_card().size()) == board.axi_card());
  }
};

}  // namespace

TEST_CASE("Packets go out of the card as the host has them, and into the host as they came",
          "[system][dma][R57]") {
  Setup setup("stream.both", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  CardSide fabric(setup);
  for (unsigned n = 0; n < 8; ++n) {
    const uint64_t bytes = fabric.length();
    fabric.up.h2s.submit(fabric.entry(fabric.buffer(bytes), 0x5400 + 0x201 * n));
    fabric.bring(fabric.random_bytes(fabric.length()), static_cast<uint16_t>(0x8001 + 0x305 * n));
    fabric.up.s2h.submit({.segments = {{.iova = fabric.buffer(6000).iova, .bytes = 6000}}});
  }
  fabric.go(fabric.up.h2s);
  fabric.up.s2h.ring_doorbell();
  for (unsigned n = 0; n < 8; ++n) {
    CHECK(fabric.up.h2s.take_record().error == model::DmaError::Ok);
    const model::DmaRecord in = fabric.up.s2h.take_record();
    CHECK(in.error == model::DmaError::Ok);
    CHECK(in.packet_end);
    CHECK(in.packet_info == 0x8001 + 0x305 * n);
  }
  fabric.check_streams();
  CHECK(fabric.finish().empty());
}

TEST_CASE("A stream that stands still in either direction holds up no other channel",
          "[system][dma][R57]") {
  Setup setup("stream.stalled", GENERATE(64u, 256u));
  INFO(setup.replay());
  CardSide fabric(setup);
  fabric.system.stream_out().block(true);
  fabric.up.h2s.submit(fabric.entry(fabric.buffer(30'000), 0x1200));
  fabric.up.s2h.submit({.segments = {{.iova = fabric.buffer(100).iova, .bytes = 100}}});
  fabric.go(fabric.up.h2s);
  fabric.up.s2h.ring_doorbell();
  for (unsigned n = 0; n < 4; ++n) {
    fabric.up.h2c.submit(fabric.entry(fabric.buffer(3000), 8192 * n));
    fabric.move(fabric.up.h2c);
  }
  CHECK_FALSE(fabric.up.h2s.record_ready());
  CHECK_FALSE(fabric.up.s2h.record_ready());
  fabric.system.stream_out().block(false);
  fabric.bring(fabric.random_bytes(100), 7);
  CHECK(fabric.up.h2s.take_record().error == model::DmaError::Ok);
  CHECK(fabric.up.s2h.take_record().packet_end);
  fabric.check_streams();
  CHECK(fabric.finish().empty());
}

TEST_CASE("unaligned: memory behind the card's AXI4 port is written and read as the model says",
          "[system][dma][R55][R58]") {
  Setup setup("card.axi", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  CardSide fabric(setup);
  for (unsigned n = 0; n < 6; ++n) {
    const uint64_t place = kAxi + 0x10000 * n + fabric.rng.range(0, 5000);
    const auto from =
        fabric.buffer(fabric.length(), static_cast<uint32_t>(fabric.rng.range(0, 99)));
    fabric.up.h2c.submit(fabric.entry(from, place));
    fabric.move(fabric.up.h2c);
    fabric.up.c2c.submit({.segments = {{.iova = {place},
                                        .card_addr = kAxi + 0x8'0000 + 0x4001 * n,
                                        .bytes = static_cast<uint32_t>(from.bytes)}}});
    fabric.move(fabric.up.c2c);
    const auto to = fabric.buffer(from.bytes, static_cast<uint32_t>(fabric.rng.range(0, 99)));
    fabric.up.c2h.submit(fabric.entry(to, kAxi + 0x8'0000 + 0x4001 * n));
    fabric.move(fabric.up.c2h);
    CHECK(fabric.contents(to) == fabric.contents(from));
  }
  CHECK(fabric.finish().empty());
  fabric.check_axi();
}

TEST_CASE("An error of memory behind AXI4 ends an entry with DmaCardError, read or written",
          "[system][dma][R58][R59]") {
  Setup setup("card.error", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  CardSide fabric(setup);
  constexpr uint64_t kBytes = 4096, kWritten = 0x3'0000, kRead = 0x5'0000, kBad = 1024, kSpan = 64;
  const auto refuse = [&](uint64_t at, agent::AxiResp resp) {
    fabric.system.card_port().add_error_range({.base = {at}, .bytes = kSpan, .resp = resp});
    fabric.board.card_refuses({.base = {at}, .bytes = kSpan});
  };
  refuse(kWritten + kBad, agent::AxiResp::SlvErr);
  refuse(kRead + kBad, agent::AxiResp::DecErr);
  const auto card = [&](uint64_t at) { return fabric.system.card_memory().read({at}, kBytes); };
  const auto run = [&](DmaDriver& channel, const DmaSpace::Buffer& buffer, uint64_t place) {
    channel.submit(fabric.entry(buffer, kAxi + place));
    fabric.go(channel);
    return channel.take_record();
  };

  const auto source = fabric.buffer(kBytes, 5), target = fabric.buffer(kBytes, 9);
  const std::vector<uint8_t> wanted = fabric.contents(source), before = card(kWritten);
  const auto written = run(fabric.up.h2c, source, kWritten);
  CHECK(written.error == model::DmaError::CardError);
  CHECK(written.bytes_done <= kBytes - kSpan);
  CHECK(fabric.up.h2c.halted());
  const std::vector<uint8_t> after = card(kWritten);
  for (uint64_t n = 0; n < kBytes; ++n) {
    if (after[n] != before[n]) CHECK(after[n] == wanted[n]);
    if (n - kBad < kSpan) CHECK(after[n] == before[n]);
  }
  std::copy(after.begin(), after.end(), fabric.board.axi_card().begin() + kWritten);

  const std::vector<uint8_t> kept = fabric.contents(target), held = card(kRead);
  const auto read = run(fabric.up.c2h, target, kRead);
  CHECK(read.error == model::DmaError::CardError);
  CHECK(read.bytes_done <= kBytes - kSpan);
  const std::vector<uint8_t> taken = fabric.contents(target);
  for (uint64_t n = 0; n < kBytes; ++n) {
    if (taken[n] != kept[n]) CHECK(taken[n] == held[n]);
    if (n - kBad < kSpan) CHECK(taken[n] == kept[n]);
  }

  // Beside them, and started again, all is well.
  CHECK_FALSE(fabric.up.c2c.halted());
  fabric.up.h2c.start();
  fabric.up.c2h.start();
  CHECK(run(fabric.up.h2c, source, kWritten + kBytes).error == model::DmaError::Ok);
  CHECK(run(fabric.up.c2h, target, kWritten + kBytes).error == model::DmaError::Ok);
  CHECK(fabric.contents(target) == wanted);
  CHECK(fabric.finish().empty());
  fabric.check_axi();
}

TEST_CASE("A snooped DMA read sees what the CPU's cache alone has, one with No Snoop does not",
          "[system][dma]") {
  Setup setup("dma.no_snoop", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  CardSide fabric(setup);
  fabric.fill_card();
  auto& cache = fabric.system.cache();
  const auto source = fabric.buffer(1024);
  const std::vector<uint8_t> in_memory = fabric.contents(source);
  const pcie::HostPhysAddr at = source.place(0);
  const std::vector<uint8_t> fresh = fabric.random_bytes(1024);
  cache.write(at, fresh);
  CHECK(fabric.contents(source) == in_memory);
  fabric.submit(fabric.up.h2c, source, 0x1000);
  fabric.submit(fabric.up.h2c, source, 0x2000, CW_DMA_NO_SNOOP);
  fabric.go(fabric.up.h2c);
  for (unsigned n = 0; n < 2; ++n) {
    CHECK(fabric.up.h2c.take_record().error == model::DmaError::Ok);
  }
  const auto& card = fabric.board.host().card();
  CHECK(std::equal(fresh.begin(), fresh.end(), card.begin() + 0x1000));
  CHECK(std::equal(in_memory.begin(), in_memory.end(), card.begin() + 0x2000));
  fabric.read_back_card();

  // A write with No Snoop leaves the copy in the cache as it is; the driver drops it.
  fabric.submit(fabric.up.c2h, source, 0x4000, CW_DMA_NO_SNOOP);
  fabric.move(fabric.up.c2h);
  CHECK(fabric.finish().empty());
  CHECK(cache.read(at, 1024) == fresh);
  cache.drop(at, 1024);
  const std::vector<uint8_t> written(card.begin() + 0x4000, card.begin() + 0x4400);
  CHECK(cache.read(at, 1024) == written);

  // A snooped one takes the lines away.
  fabric.submit(fabric.up.c2h, source, 0x5000);
  fabric.move(fabric.up.c2h);
  CHECK(fabric.finish().empty());
  CHECK(cache.read(at, 1024) == std::vector<uint8_t>(card.begin() + 0x5000, card.begin() + 0x5400));
}

}  // namespace cw::system_test
