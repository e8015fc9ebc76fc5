// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

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
