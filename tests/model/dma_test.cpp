// SPDX-License-Identifier: Apache-2.0
#include "model/dma.hpp"

#include <map>
#include <set>

#include "catch_shim.hpp"

namespace cw::model {
namespace {

// A ring of eight at 0x1000, records at 0x2000.
struct Bench {
  explicit Bench(DmaKind kind = DmaKind::H2c)
      : channel({.kind = kind, .ring = {0x1000}, .records = {0x2000}}) {}

  std::optional<DmaDescriptor> fetch(pcie::Iova iova) const {
    std::array<uint8_t, kDescriptorBytes> bytes{};
    for (size_t n = 0; n < bytes.size(); n++) {
      if (const auto found = host.find(iova.value + n); found != host.end())
        bytes[n] = found->second;
    }
    if (lost.contains(iova.value)) return std::nullopt;
    return decode_descriptor(bytes);
  }
  void put(uint64_t at, const DmaDescriptor& descriptor) {
    for (const uint8_t value : encode(descriptor)) host[at++] = value;
  }
  // Into the next slot of the ring, with its phase.
  void push(DmaDescriptor descriptor) {
    descriptor.phase = (tail >> 3 & 1) == 0;
    put(0x1000 + tail % 8 * 32, descriptor);
    tail++;
  }
  DmaPlan plan() {
    REQUIRE(channel.doorbell(tail));
    const auto found = channel.plan([this](pcie::Iova at) { return fetch(at); });
    REQUIRE(found);
    return *found;
  }
  // The record of an entry that ended like that.
  std::string end(const DmaPlan& plan, DmaRecord record, std::vector<DmaError> faults = {}) {
    const uint64_t landed = record.bytes_done;
    record.phase = true;
    if (record.head == 0) record.head = plan.head;
    record.tag = plan.tag;
    return channel
        .end(plan, {.record = record, .landed = landed, .wanted = plan.bytes(), .faults = faults})
        .violation;
  }

  std::map<uint64_t, uint8_t> host;
  std::set<uint64_t> lost;
  uint16_t tail = 0;
  DmaChannelModel channel;
};

const DmaDescriptor kSome{.bytes = 64, .src = 0x8000, .dst = 0x40};

DmaError error_of(DmaKind kind, const DmaDescriptor& descriptor) {
  Bench bench(kind);
  bench.push(descriptor);
  return bench.plan().error;
}

TEST_CASE("A DMA descriptor's fields lie where the format says", "[model][dma]") {
  const DmaDescriptor d{.kind = DmaDescKind::Rows,
                        .last = false,
                        .chain = true,
                        .quiet = true,
                        .attributes = {.relaxed = true},
                        .reserved = 1,
                        .phase = true,
                        .tag = 0x1122,
                        .bytes = 0x33445566,
                        .src = 0x778899aabbccddee,
                        .dst = 0x0102030405060708,
                        .arg = 0x1112131415161718};
  const auto bytes = encode(d);
  CHECK(bytes[0] == 0xee);
  CHECK(bytes[8] == 0x08);
  CHECK(bytes[23] == 0x11);
  CHECK(bytes[24] == 0x66);
  CHECK(bytes[28] == 0x22);
  CHECK(bytes[30] == 0x49);  // quiet, chain, Rows
  CHECK(bytes[31] == 0x85);  // phase, reserved, relaxed
  CHECK(decode_descriptor(bytes) == d);

  const DmaRows rows{.rows = 0x1122, .dst_pitch = 0x334455, .src_pitch = 0x667788};
  CHECK(encode(rows) == 0x1122'3344'5566'7788);
  CHECK(decode_rows(encode(rows)) == rows);
}

TEST_CASE("A DMA record's fields lie where the format says", "[model][dma]") {
  const DmaRecord r{.phase = true,
                    .packet_end = true,
                    .error = DmaError::Timeout,
                    .head = 0x3344,
                    .tag = 0x1122,
                    .packet_info = 0x5566,
                    .bytes_done = 0x0102030405060708};
  const std::array<uint8_t, 16> bytes{8,    7,    6,    5,    4,    3,    2, 1,
                                      0x66, 0x55, 0x22, 0x11, 0x44, 0x33, 8, 0x81};
  CHECK(encode(r) == bytes);
  CHECK(decode_record(bytes) == r);
}

TEST_CASE("DMA requests end at multiples of their limits on both sides", "[model][dma][R01][R02]") {
  const DmaLimits limits{.read_bytes = 512, .payload_bytes = 128};
  const DmaMove move{.src = 0x8f81, .dst = 0x2ff0, .bytes = 300};
  CHECK(split(DmaKind::H2c, move, limits) ==
        std::vector<DmaChunk>{{0x8f81, 0x2ff0, 127}, {0x9000, 0x306f, 173}});
  CHECK(split(DmaKind::C2h, move, limits) == std::vector<DmaChunk>{{0x8f81, 0x2ff0, 16},
                                                                   {0x8f91, 0x3000, 128},
                                                                   {0x9011, 0x3080, 128},
                                                                   {0x9091, 0x3100, 28}});
  for (const DmaChunk& chunk : split(DmaKind::H2h, move, limits)) {
    CHECK(chunk.src % 4 + chunk.bytes <= 128);
    CHECK(chunk.dst % 4 + chunk.bytes <= 128);
    CHECK(chunk.src % 4096 + chunk.bytes <= 4096);
    CHECK(chunk.dst % 4096 + chunk.bytes <= 4096);
  }
}

TEST_CASE("A DMA entry goes on in the ring, then in a chain, to its last descriptor",
          "[model][dma]") {
  Bench bench;
  bench.push({.last = false, .irq = true, .tag = 7, .bytes = 8, .src = 0x8000, .dst = 0});
  bench.push({.last = false, .chain = true, .tag = 8, .bytes = 8, .src = 0x9000, .arg = 0x5000});
  bench.push(kSome);
  bench.put(0x5000, {.last = false, .bytes = 8, .src = 0xa000});
  bench.put(0x5020, {.last = false, .chain = true, .bytes = 8, .src = 0xb000, .arg = 0x7000});
  bench.put(0x7000, {.kind = DmaDescKind::Immediate, .bytes = 3, .dst = 5, .arg = 0x112233});
  const DmaPlan plan = bench.plan();
  CHECK(plan.descriptors ==
        std::vector<pcie::Iova>{{0x1000}, {0x1020}, {0x5000}, {0x5020}, {0x7000}});
  CHECK(plan.head == 2);
  CHECK(plan.tag == 7);
  CHECK(plan.irq);
  REQUIRE(plan.moves.size() == 5);
  CHECK(plan.moves[4] == DmaMove{.src = 0x112233, .dst = 5, .bytes = 3, .immediate = true});
  CHECK(plan.bytes() == 35);
  CHECK(plan.error == DmaError::Ok);
  CHECK(bench.end(plan, {.bytes_done = 35}) == "");
  CHECK(bench.channel.head() == 2);
  CHECK(bench.plan().moves[0].src == 0x8000);
  CHECK(bench.channel.plans([&](pcie::Iova at) { return bench.fetch(at); }).size() == 1);
}

TEST_CASE("A DMA entry whose last descriptor is not given stays open", "[model][dma][R54]") {
  Bench bench;
  bench.push({.last = false, .bytes = 8});
  CHECK_FALSE(bench.plan().given);
  bench.push({.bytes = 8});
  CHECK(bench.plan().given);
  CHECK(bench.plan().moves.size() == 2);
}

TEST_CASE("Rows of a DMA descriptor lie their pitches apart, and end with the bad one",
          "[model][dma]") {
  Bench bench;
  bench.push({.kind = DmaDescKind::Rows,
              .bytes = 16,
              .src = 0x8000,
              .dst = 65536 - 40,
              .arg = encode(DmaRows{.rows = 4, .dst_pitch = 24, .src_pitch = 3})});
  const DmaPlan plan = bench.plan();
  CHECK(plan.moves == std::vector<DmaMove>{{.src = 0x8000, .dst = 65496, .bytes = 16},
                                           {.src = 0x8003, .dst = 65520, .bytes = 16}});
  CHECK(plan.error == DmaError::BadCard);
  CHECK(bench.end(plan, {.error = DmaError::BadCard, .bytes_done = 32}) == "");
}

TEST_CASE("A DMA descriptor is refused for what the page says, and for no more",
          "[model][dma][R55]") {
  constexpr uint64_t kTop = ~uint64_t{0};
  const auto with = [](auto change) {
    DmaDescriptor d = kSome;
    change(d);
    return d;
  };
  using D = DmaDescriptor;
  const std::vector<DmaDescriptor> bad{
      with([](D& d) { d.reserved = 16; }),
      with([](D& d) { d.kind = DmaDescKind::Reserved; }),
      with([](D& d) { d.bytes = 0; }),
      with([](D& d) { d.kind = DmaDescKind::Rows; }),
      with([](D& d) { d.chain = true; }),
      with([](D& d) { d.last = false, d.chain = true, d.arg = 16; }),
      with([](D& d) {
        d.last = false, d.chain = true, d.kind = DmaDescKind::Immediate, d.bytes = 8;
      }),
      with([](D& d) { d.kind = DmaDescKind::Immediate, d.bytes = 9; }),
      with([](D& d) { d.src = kTop - 62; })};
  for (const DmaDescriptor& d : bad) CHECK(error_of(DmaKind::H2c, d) == DmaError::BadDesc);
  CHECK(error_of(DmaKind::H2c, with([](D& d) { d.src = kTop - 63; })) == DmaError::Ok);
  CHECK(error_of(DmaKind::C2h, with([](D& d) { d.dst = kTop - 62; })) == DmaError::BadDesc);
  CHECK(error_of(DmaKind::H2s, with([](D& d) { d.dst = kTop; })) == DmaError::Ok);
  CHECK(error_of(DmaKind::S2h, with([](D& d) { d.src = kTop; })) == DmaError::Ok);
  CHECK(error_of(DmaKind::H2c, with([](D& d) { d.dst = 65536 - 64; })) == DmaError::Ok);
  CHECK(error_of(DmaKind::H2c, with([](D& d) { d.dst = 65536 - 63; })) == DmaError::BadCard);
  CHECK(error_of(DmaKind::C2h, with([](D& d) { d.src = kTop - 63; })) == DmaError::BadCard);
  CHECK(error_of(DmaKind::C2c, with([](D& d) { d.dst = uint64_t{1} << 40; })) == DmaError::BadCard);
  const auto immediate = with([](D& d) { d.kind = DmaDescKind::Immediate, d.bytes = 8; });
  CHECK(error_of(DmaKind::S2h, immediate) == DmaError::BadDesc);
  CHECK(error_of(DmaKind::H2s, immediate) == DmaError::Ok);
}

TEST_CASE("A DMA descriptor of the round before is stale; a linked one has no phase",
          "[model][dma][R53]") {
  Bench bench;
  for (unsigned n = 0; n < 8; n++) bench.push(kSome);
  for (unsigned n = 0; n < 8; n++) {
    const DmaPlan plan = bench.plan();
    CHECK(plan.error == DmaError::Ok);
    CHECK(bench.end(plan, {.bytes_done = 64}) == "");
  }
  bench.tail++;  // nobody wrote the ninth
  CHECK(bench.plan().error == DmaError::Stale);
  CHECK(bench.plan().tag == 0);
}

TEST_CASE("A DMA chain without end is cut at its 257th descriptor", "[model][dma]") {
  Bench bench;
  bench.push({.last = false, .chain = true, .bytes = 1, .arg = 0x5000});
  bench.put(0x5000, {.last = false, .chain = true, .bytes = 1, .arg = 0x5000});
  const DmaPlan plan = bench.plan();
  CHECK(plan.error == DmaError::ChainLong);
  CHECK(plan.moves.size() == 256);
  CHECK(bench.end(plan, {.error = DmaError::ChainLong, .bytes_done = 256}) == "");
}

TEST_CASE("A DMA entry past a failed read shows an error that it met, and what landed",
          "[model][dma][R59]") {
  Bench bench;
  bench.push(kSome);
  const DmaPlan plan = bench.plan();
  const std::vector<DmaError> faults{DmaError::ReadCa, DmaError::Poisoned};
  SECTION("either of two") {
    CHECK(bench.end(plan, {.error = DmaError::Poisoned, .bytes_done = 32}, faults) == "");
    CHECK(bench.channel.halted());
  }
  SECTION("an error that did not happen") {
    CHECK(bench.end(plan, {.error = DmaError::Timeout, .bytes_done = 32}, faults) != "");
  }
  SECTION("none at all") { CHECK(bench.end(plan, {.bytes_done = 64}, faults) != ""); }
  SECTION("none, though bytes are missing") { CHECK(bench.end(plan, {.bytes_done = 63}) != ""); }
}

TEST_CASE("Behind the first DMA record with an error there is none that is good", "[model][dma]") {
  Bench bench;
  for (unsigned n = 0; n < 3; n++) bench.push(kSome);
  DmaPlan plan = bench.plan();
  SECTION("aborted without a cause") {
    CHECK(bench.end(plan, {.error = DmaError::Aborted, .bytes_done = 0}) != "");
  }
  SECTION("behind an error") {
    CHECK(bench.end(plan, {.error = DmaError::ReadUr}, {DmaError::ReadUr}) == "");
    plan = bench.plan();
    CHECK(bench.end(plan, {.error = DmaError::Aborted, .bytes_done = 64}) == "");
    plan = bench.plan();
    CHECK(bench.end(plan, {.bytes_done = 64}) != "");
  }
  SECTION("by software") {
    bench.channel.abort();
    CHECK(bench.end(plan, {.bytes_done = 64}) == "");  // had been issued
    plan = bench.plan();
    CHECK(bench.end(plan, {.error = DmaError::Aborted, .bytes_done = 10}) == "");
  }
}

TEST_CASE("A quiet DMA entry has a record only if it fails", "[model][dma]") {
  Bench bench;
  DmaDescriptor d = kSome;
  d.quiet = true;
  bench.push(d);
  const DmaPlan plan = bench.plan();
  SECTION("none") {
    CHECK(bench.channel.end(plan, {.landed = 64, .wanted = 64}).violation == "");
    CHECK(bench.channel.head() == 1);
  }
  SECTION("good") { CHECK(bench.end(plan, {.bytes_done = 64}) != ""); }
  SECTION("an error") {
    CHECK(bench.end(plan, {.error = DmaError::ReadUr}, {DmaError::ReadUr}) == "");
  }
}

TEST_CASE("A linked DMA descriptor beyond the address space cannot be read", "[model][dma][R55]") {
  Bench bench;
  const uint64_t end = uint64_t{0} - 32;
  bench.push({.last = false, .chain = true, .bytes = 8, .arg = end});
  SECTION("none is wanted") {
    bench.put(end, kSome);
    const DmaPlan plan = bench.plan();
    CHECK(plan.error == DmaError::Ok);
    CHECK(plan.moves.size() == 2);
  }
  SECTION("one is") {
    bench.put(end, {.last = false, .bytes = 8});
    bench.put(0, kSome);
    const DmaPlan plan = bench.plan();
    CHECK(plan.error == DmaError::DescFetch);
    CHECK(plan.moves.size() == 2);
  }
}

TEST_CASE("An unreadable DMA descriptor ends its entry", "[model][dma][R26]") {
  Bench bench;
  bench.push({.last = false, .tag = 9, .bytes = 8});
  bench.push(kSome);
  bench.lost.insert(0x1020);
  const DmaPlan plan = bench.plan();
  CHECK(plan.error == DmaError::DescFetch);
  CHECK(plan.tag == 9);
  CHECK(plan.moves.size() == 1);
  CHECK(plan.head == 2);
}

TEST_CASE("A DMA doorbell is bad beyond the ring, backwards, and while disabled",
          "[model][dma][R54]") {
  Bench bench;
  CHECK(bench.channel.doorbell(8));
  CHECK_FALSE(bench.channel.doorbell(7));
  CHECK(bench.channel.halted());
  bench.channel.restart();
  CHECK_FALSE(bench.channel.doorbell(9));
  bench.channel.restart();
  CHECK_FALSE(bench.channel.doorbell(1, /*enabled=*/false));
}

TEST_CASE("A DMA doorbell is bad if the ring or its records go beyond the address space",
          "[model][dma][R54]") {
  const auto good = [](uint64_t ring, uint64_t records) {
    return DmaChannelModel({.ring = pcie::Iova{ring}, .records = pcie::Iova{records}}).doorbell(1);
  };
  CHECK(good(0xffff'ffff'ffff'ff00, 0xffff'ffff'ffff'ff80));  // of eight each
  CHECK_FALSE(good(0xffff'ffff'ffff'ff20, 0));
  CHECK_FALSE(good(0, 0xffff'ffff'ffff'ff90));
}

}  // namespace
}  // namespace cw::model
