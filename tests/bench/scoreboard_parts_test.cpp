// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>

#include "catch_shim.hpp"
#include "cw/cw_regs.h"
#include "env/dma_watch.hpp"
#include "env/host_watch.hpp"
#include "env/memory_check.hpp"
#include "env/msix_watch.hpp"
#include "env/scoreboard_fault.hpp"
#include "pcie/codec.hpp"
#include "pcie/config_space.hpp"

namespace {

using namespace cw;
using namespace cw::pcie;
using env::ScoreboardFault;

constexpr Iova kRing{0x1'0000'0000}, kRecords{0x1'0001'0000}, kBuffer{0x1'0002'0000};

// A channel beside a plain array as host memory.
struct Channel {
  std::vector<uint8_t> host = std::vector<uint8_t>(0x30000), card = std::vector<uint8_t>(65536);
  env::DmaWatch watch{
      {.name = "channel", .byte = [this](Iova at) { return host.at(at - kRing); }, .card = card}};

  Channel() {
    watch.start({.ring = kRing, .records = kRecords});
    const auto raw = model::encode(model::DmaDescriptor{
        .phase = true, .tag = 5, .bytes = 100, .src = kBuffer.value, .dst = 40});
    std::ranges::copy(raw, host.begin());
    for (size_t n = 0; n < 100; ++n) host[kBuffer - kRing + n] = static_cast<uint8_t>(n);
    watch.doorbell(1);
  }
  void answer(env::SeenRead& read) {
    for (uint32_t n = 0; n < read.bytes; ++n) read.data.push_back(host.at(read.iova - kRing + n));
    read.ended = true;
    watch.arrived(read);
  }
  void read_descriptor() { answer(watch.descriptor_read(kRing, 32)); }
  void read_data(uint32_t bytes) { answer(watch.data_read(kBuffer, bytes)); }
  void record(model::DmaRecord record) {
    const auto raw = model::encode(record);
    watch.record({.address = kRecords, .data = {raw.begin(), raw.end()}});
  }
};

constexpr model::DmaRecord kGood{.phase = true, .head = 1, .tag = 5, .bytes_done = 100};

MemWrite message(uint32_t data) {
  return {.address = {0x2800'0000},
          .data = {static_cast<uint8_t>(data), static_cast<uint8_t>(data >> 8), 0, 0}};
}

}  // namespace

TEST_CASE("The DMA watch takes an entry that went as the model says", "[bench][scoreboard]") {
  Channel channel;
  CHECK(channel.watch.outstanding() == 1);
  channel.read_descriptor();
  channel.read_data(100);
  channel.record(kGood);
  CHECK(channel.watch.outstanding() == 0);
  CHECK(std::equal(channel.card.begin() + 40, channel.card.begin() + 140,
                   channel.host.begin() + (kBuffer - kRing)));
}

TEST_CASE("The DMA watch refuses what is not the entry's", "[bench][scoreboard]") {
  Channel channel;
  SECTION("a descriptor that is not the card's") {
    CHECK_THROWS_AS(channel.watch.reads_descriptor(kRing + uint64_t{32}, 32), ScoreboardFault);
  }
  SECTION("a record without its reads") { CHECK_THROWS_AS(channel.record(kGood), ScoreboardFault); }
  SECTION("a record though bytes were not read") {
    channel.read_descriptor();
    channel.read_data(64);
    CHECK_THROWS_AS(channel.record(kGood), ScoreboardFault);
  }
  SECTION("another byte count") {
    channel.read_descriptor();
    channel.read_data(100);
    auto wrong = kGood;
    wrong.bytes_done = 99;
    CHECK_THROWS_AS(channel.record(wrong), ScoreboardFault);
  }
  SECTION("a second record") {
    channel.read_descriptor();
    channel.read_data(100);
    channel.record(kGood);
    CHECK_THROWS_AS(channel.record(kGood), ScoreboardFault);
  }
  SECTION("a record before its data") {
    channel.read_descriptor();
    channel.watch.data_read(kBuffer, 100);
    CHECK_THROWS_AS(channel.record(kGood), ScoreboardFault);
  }
}

// A channel of any kind: one entry of two descriptors in the ring, both of 16 bytes.
struct AnyChannel {
  explicit AnyChannel(model::DmaKind kind, model::DmaDescriptor first = {}) {
    around.kind = kind;
    around.name = "channel";
    around.byte = [this](Iova at) { return host.at(at - kRing); };
    around.card = card;
    watch.emplace(around);
    watch->start({.kind = kind, .ring = kRing, .records = kRecords});
    first.last = false;
    first.phase = true;
    first.bytes = 16;
    auto second = first;
    second.last = true;
    second.src += 16;
    second.dst += 16;
    std::ranges::copy(model::encode(first), host.begin());
    std::ranges::copy(model::encode(second), host.begin() + 32);
    for (size_t n = 0x20000; n < 0x21000; ++n) host[n] = static_cast<uint8_t>(n * 7);
    watch->doorbell(2);
    answer(watch->descriptor_read(kRing, 64), 64);
  }
  void answer(env::SeenRead& read, uint32_t bytes) {
    for (uint32_t n = 0; n < bytes; ++n) read.data.push_back(host.at(read.iova - kRing + n));
    read.ended = true;
    watch->arrived(read);
  }
  void write(uint64_t at, std::vector<uint8_t> data) {
    REQUIRE(watch->writes_data({at}, data.size()));
    watch->data_write({.address = {at}, .data = std::move(data)});
  }
  const env::DmaWatch::Ended& record(model::DmaRecord record) {
    record.phase = true;
    record.head = 2;
    const auto raw = model::encode(record);
    return watch->record({.address = kRecords, .data = {raw.begin(), raw.end()}}).back();
  }
  std::vector<uint8_t> source(uint64_t at, size_t bytes) const {
    const auto from = host.begin() + static_cast<ptrdiff_t>(at - kRing.value);
    return {from, from + static_cast<ptrdiff_t>(bytes)};
  }

  std::vector<uint8_t> host = std::vector<uint8_t>(0x30000), card = std::vector<uint8_t>(65536);
  env::DmaWatch::Surroundings around;
  std::optional<env::DmaWatch> watch;
};

TEST_CASE("The DMA watch follows bytes from host to host", "[bench][scoreboard]") {
  const uint64_t src = kBuffer.value, dst = kBuffer.value + 0x800;
  AnyChannel channel(model::DmaKind::H2h, {.src = src, .dst = dst});
  CHECK(channel.watch->reads_data({src + 3}, 13));
  CHECK_FALSE(channel.watch->reads_data({src + 3}, 14));
  CHECK_FALSE(channel.watch->writes_data({src}, 1));
  channel.answer(channel.watch->data_read({src}, 16), 16);
  auto& second = channel.watch->data_read({src + 16}, 16);
  SECTION("whole") {
    channel.answer(second, 16);
    channel.write(dst + 16, channel.source(src + 16, 16));  // in any order, in any pieces
    channel.write(dst, channel.source(src, 5));
    channel.write(dst + 5, channel.source(src + 5, 11));
    CHECK(channel.record({.bytes_done = 32}).bytes == 32);
    CHECK(channel.watch->unclaimed() == 0);
  }
  SECTION("another byte") {
    channel.answer(second, 16);
    auto bytes = channel.source(src, 16);
    bytes[7] ^= 1;
    channel.write(dst, bytes);
    CHECK_THROWS_AS(channel.record({.bytes_done = 32}), ScoreboardFault);
  }
  SECTION("twice") {
    channel.answer(second, 16);
    channel.write(dst, channel.source(src, 16));
    channel.write(dst, channel.source(src, 16));
    CHECK_THROWS_AS(channel.record({.bytes_done = 32}), ScoreboardFault);
  }
  SECTION("as far as a failed read gave them") {
    second.error = model::DmaError::Poisoned;
    channel.answer(second, 4);
    channel.write(dst, channel.source(src, 16));
    channel.write(dst + 16, channel.source(src + 16, 4));
    const auto& ended = channel.record({.error = model::DmaError::Poisoned, .bytes_done = 20});
    CHECK(ended.event);
    CHECK(channel.watch->halted());
  }
  SECTION("beyond a failed read") {
    second.error = model::DmaError::Poisoned;
    channel.answer(second, 4);
    channel.write(dst, channel.source(src, 16));
    channel.write(dst + 16, channel.source(src + 16, 8));
    CHECK_THROWS_AS(channel.record({.error = model::DmaError::Poisoned, .bytes_done = 24}),
                    ScoreboardFault);
  }
}

TEST_CASE("The DMA watch ends an entry with the packet of its stream", "[bench][scoreboard]") {
  const uint64_t dst = kBuffer.value;
  AnyChannel channel(model::DmaKind::S2h, {.dst = dst});
  const std::vector<uint8_t> packet{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
  channel.watch->stream_in.push_back({.data = packet, .info = 0x1234});
  channel.write(dst, {packet.begin(), packet.begin() + 16});
  SECTION("early") {
    channel.write(dst + 16, {17, 18});
    channel.record({.packet_end = true, .packet_info = 0x1234, .bytes_done = 18});
    CHECK(channel.watch->stream_in.empty());
  }
  SECTION("without a word of it") {
    channel.write(dst + 16, {17, 18});
    CHECK_THROWS_AS(channel.record({.bytes_done = 18}), ScoreboardFault);
  }
  SECTION("before all that was there") {
    channel.write(dst + 16, {17});
    CHECK_THROWS_AS(channel.record({.bytes_done = 17}), ScoreboardFault);
  }
}

TEST_CASE("The DMA watch makes packets of entries, and cut ones of those that fail",
          "[bench][scoreboard]") {
  const uint64_t src = kBuffer.value;
  AnyChannel channel(model::DmaKind::H2s, {.src = src, .dst = 0x1234});
  channel.answer(channel.watch->data_read({src}, 16), 16);
  SECTION("whole") {
    channel.answer(channel.watch->data_read({src + 16}, 16), 16);
    channel.record({.bytes_done = 32});
    CHECK(channel.watch->stream_out ==
          std::deque<env::StreamPacket>{{channel.source(src, 32), 0x1234, false}});
  }
  SECTION("cut") {
    channel.watch->abort();
    channel.record({.error = model::DmaError::Aborted, .bytes_done = 16});
    CHECK(channel.watch->stream_out ==
          std::deque<env::StreamPacket>{{channel.source(src, 16), 0x1234, true}});
  }
}

TEST_CASE("The DMA watch ends quiet entries by what the card says of its head",
          "[bench][scoreboard]") {
  AnyChannel channel(model::DmaKind::C2c, {.irq = true, .quiet = true, .src = 0x100, .dst = 0x200});
  channel.card[0x105] = 0xab;
  CHECK(channel.watch->retired(1).empty());
  const auto& ended = channel.watch->retired(2);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].event);
  CHECK_FALSE(ended[0].record);
  CHECK(channel.card[0x205] == 0xab);
  CHECK(channel.watch->outstanding() == 0);
}

TEST_CASE("The MSI-X watch owes one message for each event, and one for all that were masked",
          "[bench][scoreboard]") {
  env::MsixWatch msix;
  msix.write_table(0, 0x2800'0000);
  msix.write_table(4, 0);
  msix.write_table(8, 0x4000);
  msix.set_function(/*enabled=*/true, /*masked=*/false);
  msix.event(0);
  msix.event(0);
  CHECK(msix.outstanding() == 0);  // masked since reset
  CHECK(msix.pending(0));
  CHECK_THROWS_AS(msix.message(message(0x4000)), ScoreboardFault);
  msix.write_table(12, 0);
  CHECK(msix.outstanding() == 1);
  CHECK(msix.message(message(0x4000)));
  CHECK(msix.outstanding() == 0);
  CHECK_THROWS_AS(msix.message(message(0x4000)), ScoreboardFault);
  CHECK(!msix.message({.address = {0x9000'0000}, .data = {1, 2, 3, 4}}));
  msix.event(0);
  CHECK_THROWS_AS(msix.message(message(0x4001)), ScoreboardFault);
  msix.write_table(12, 1);  // masked before it was sent: nothing may come, and nothing must
  CHECK(msix.outstanding() == 0);
  msix.write_table(12, 0);
  CHECK(msix.outstanding() == 1);
  CHECK(msix.message(message(0x4000)));
  msix.set_function(/*enabled=*/false, /*masked=*/false);
  msix.event(0);  // told by INTx
  msix.set_function(/*enabled=*/true, /*masked=*/false);
  CHECK(msix.outstanding() == 0);
  msix.event(99);
}

TEST_CASE("The memory check finds the byte that nobody may have written", "[bench][scoreboard]") {
  model::HostMemory memory;
  env::MemoryCheck check(memory);
  memory.fill({0x8000'0000}, 8192, 1);
  check.begin();
  CHECK(check.difference() == "");
  check.write({0x8000'0ffe}, std::vector<uint8_t>{7, 8, 9});
  CHECK(check.difference() != "");  // what should be there is not
  memory.write({0x8000'0ffe}, std::vector<uint8_t>{7, 8, 9});
  CHECK(check.difference() == "");
  memory.fill({0x8000'1fff}, 1, 2);
  CHECK(check.difference() == "host memory at 0x80001fff is 0x02, and should be 0x01");
  check.ignore({0x8000'1000});
  CHECK(check.difference() == "");
  memory.fill({0x9000'0000}, 1, 2);  // a page that was not there
  CHECK(check.difference() != "");
}

TEST_CASE("The host watch predicts registers, card memory and refusals", "[bench][scoreboard]") {
  env::HostWatch host;
  const auto request = [&](const Tlp& tlp) { host.request(encode(tlp), tlp); };
  const auto config = [&](uint16_t offset, uint32_t data) {
    request(CfgWrite{.target = {.bus = 1}, .offset = offset, .data = data});
    host.completion({});
  };
  config(reg::kBar0, 0x4000'0000);
  config(reg::kBar0 + 8, 0x5000'0000);
  config(reg::kCommand, command::kMemEnable);
  CHECK(host.outstanding() == 0);
  const auto answer = [](uint32_t value, uint32_t bytes) {
    return Completion{.byte_count = bytes, .payload = {value}};
  };
  SECTION("a register") {
    request(MemRead{.address = {0x4000'0000}, .length_bytes = 4});
    CHECK_THROWS_AS(host.completion(answer(0x4357'4158, 4)), ScoreboardFault);
  }
  SECTION("a register as it was written") {
    const auto scratch = Iova{0x4000'0000 + offsetof(cw_regs_t, SCRATCH)};
    request(MemWrite{.address = scratch + uint64_t{1}, .data = {0x12}});
    request(MemRead{.address = scratch, .length_bytes = 4});
    host.completion(answer(0x1200, 4));
    CHECK(host.outstanding() == 0);
  }
  SECTION("card memory, where it is known") {
    request(MemWrite{.address = {0x5000'0002}, .data = {0xaa}});
    request(MemRead{.address = {0x5000'0000}, .length_bytes = 4});
    host.completion(answer(0x77aa'7777, 4));
    request(MemRead{.address = {0x5000'0000}, .length_bytes = 4});
    CHECK_THROWS_AS(host.completion(answer(0x77ab'7777, 4)), ScoreboardFault);
  }
  SECTION("nobody's address") {
    request(MemRead{.address = {0x4000'4000}, .length_bytes = 4});
    CHECK_THROWS_AS(host.completion(answer(0, 4)), ScoreboardFault);
  }
  SECTION("a refusal of what is there") {
    request(MemRead{.address = {0x4000'0000}, .length_bytes = 4});
    CHECK_THROWS_AS(host.completion({.status = CplStatus::Ur}), ScoreboardFault);
  }
}
