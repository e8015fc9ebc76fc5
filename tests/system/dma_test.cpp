// SPDX-License-Identifier: Apache-2.0
#include "catch_shim.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

constexpr uint64_t kSlotBytes = 8192;

// What an entry may take of the ring, and how many may be under way.
constexpr unsigned kMostPlaces = 4, kMost = 4;

// Random entries in both directions, each in card memory of its own; a ring of eight wraps often.
void copy_at_random(Fabric& fabric, unsigned entries, bool to_card, bool to_host) {
  unsigned sent_down = to_card ? 0 : entries, sent_up = to_host ? 0 : entries;
  unsigned taken_down = sent_down, taken_up = sent_up;
  const auto submit = [&](DmaDriver& channel, unsigned& sent, uint64_t half) {
    const uint64_t slot = half + sent % kMost * kSlotBytes;
    const auto buffer =
        fabric.buffer(fabric.length(), static_cast<uint32_t>(fabric.rng.range(0, 4095)));
    channel.submit(fabric.entry(buffer, slot + fabric.rng.range(0, 127)));
    ++sent;
  };
  while (taken_down < entries || taken_up < entries) {
    const auto another = [&](const DmaDriver& channel, unsigned sent, unsigned taken) {
      return sent < entries && sent - taken < kMost && channel.room() >= kMostPlaces;
    };
    while (another(fabric.up.h2c, sent_down, taken_down)) submit(fabric.up.h2c, sent_down, 0);
    while (another(fabric.up.c2h, sent_up, taken_up)) {
      submit(fabric.up.c2h, sent_up, kMost * kSlotBytes);
    }
    fabric.go();
    const unsigned down = sent_down - taken_down, up = sent_up - taken_up;
    for (unsigned n = 0; n < down; ++n) {
      const auto record = fabric.up.h2c.take_record();
      CHECK(record.error == model::DmaError::Ok);
    }
    for (unsigned n = 0; n < up; ++n) {
      const auto record = fabric.up.c2h.take_record();
      CHECK(record.error == model::DmaError::Ok);
    }
    taken_down = sent_down;
    taken_up = sent_up;
    fabric.finish();
  }
}

}  // namespace

TEST_CASE("unaligned: host-to-card entries of any length and alignment arrive as the model says",
          "[system][dma][R01][R02][R29][R55]") {
  Setup setup("dma.h2c", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  setup.bringup.ring_log2 = 3;
  Fabric fabric(setup);
  fabric.fill_card();
  copy_at_random(fabric, 10, /*to_card=*/true, /*to_host=*/false);
  fabric.read_back_card();
  // The same memory through BAR2
  for (unsigned n = 0; n < 20; ++n) {
    const uint64_t at = fabric.rng.range(0, fabric.up.card_bytes() / 64 - 1) * 64;
    const auto bytes = fabric.host().mem_read(fabric.up.card_memory + at, 64);
    CHECK(std::equal(bytes.begin(), bytes.end(), fabric.board.host().card().begin() + at));
  }
  CHECK(fabric.finish().empty());
}

TEST_CASE("unaligned: card-to-host entries of any length and alignment arrive as the model says",
          "[system][dma][R01][R02][R29][R55]") {
  Setup setup("dma.c2h", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  setup.bringup.ring_log2 = 3;
  Fabric fabric(setup);
  fabric.fill_card();
  copy_at_random(fabric, 10, /*to_card=*/false, /*to_host=*/true);
  CHECK(fabric.finish().empty());
}

TEST_CASE("Two directions at once do not disturb each other", "[system][dma]") {
  Setup setup("dma.both", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  setup.bringup.ring_log2 = 3;
  Fabric fabric(setup);
  fabric.fill_card();
  copy_at_random(fabric, 12, /*to_card=*/true, /*to_host=*/true);
  fabric.read_back_card();
  CHECK(fabric.finish().empty());
  CHECK(fabric.board.channel(0).entries() == 13);
  CHECK(fabric.board.channel(1).entries() == 13);
}

TEST_CASE("A transfer that is as long as Max_Payload_Size and misaligned is cut in two",
          "[system][dma][R02]") {
  Setup setup("dma.sizes", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  setup.bringup.enumeration.max_payload_bytes = 128;
  setup.bringup.enumeration.max_read_request_bytes = 128;
  Fabric fabric(setup);
  fabric.fill_card();
  for (uint32_t offset = 0; offset < 4; ++offset) {
    for (const uint64_t bytes : {127u, 128u, 129u}) {
      fabric.up.h2c.submit(fabric.entry(fabric.buffer(bytes, 64 + offset), offset * 256));
      fabric.up.c2h.submit(fabric.entry(fabric.buffer(bytes, 64 + offset), 32768 + offset * 256));
      fabric.go();
      const auto down = fabric.up.h2c.take_record(), up = fabric.up.c2h.take_record();
      CHECK(down.bytes_done == bytes);
      CHECK(up.bytes_done == bytes);
    }
  }
  fabric.read_back_card();
  CHECK(fabric.finish().empty());
}

TEST_CASE("The same seed gives the same TLPs in the same cycles, another seed others",
          "[system][dma][determinism]") {
  Setup setup("determinism", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  const auto trace_of = [](const Setup& drawn) {
    Fabric fabric(drawn);
    const auto source = fabric.buffer(3000, 17), target = fabric.buffer(3000, 5);
    fabric.up.h2c.submit(fabric.entry(source, 100));
    fabric.go(fabric.up.h2c);
    fabric.up.h2c.take_record();
    fabric.up.c2h.submit(fabric.entry(target, 100));
    fabric.go(fabric.up.c2h);
    fabric.up.c2h.take_record();
    CHECK(fabric.contents(source) == fabric.contents(target));
    fabric.finish();
    return fabric.link.trace_hash();
  };
  const uint64_t first = trace_of(setup);
  CHECK(trace_of(setup) == first);
  ++setup.system.seed;
  CHECK(trace_of(setup) != first);
}

}  // namespace cw::system_test
