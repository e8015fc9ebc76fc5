// SPDX-License-Identifier: Apache-2.0
//
// How channels share the bus, as it is seen on the link and by the host: docs/dma.md, "Sharing the
// bus".
#include <algorithm>
#include <cstddef>
#include <deque>

#include "catch_shim.hpp"
#include "cw/cw_regs.h"
#include "pcie/codec.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

constexpr uint64_t kOnTheWay = 4;  // requests between a turn and the link
constexpr uint32_t kBytes = 60'000, kLong = 120'000;
constexpr auto kH2c = model::DmaKind::H2c, kH2h = model::DmaKind::H2h, kH2s = model::DmaKind::H2s,
               kC2h = model::DmaKind::C2h;

// The requests of each channel as they cross the link, in their order: of C2h its writes, of others
// their reads of data.
class RequestOrder : public agent::TlpListener {
 public:
  explicit RequestOrder(agent::TlpMonitor& up) { up.listen(*this); }
  // Requests of this buffer are the channel's.
  void watch(model::DmaKind kind, const DmaSpace::Buffer& buffer) {
    sources_.push_back({kind, buffer.iova.value, buffer.bytes});
  }
  void on_tlp(const agent::SeenTlp& seen) override {
    const auto decoded = pcie::decode(seen.tlp);
    const auto* tlp = std::get_if<pcie::Tlp>(&decoded);
    const auto* read = tlp ? std::get_if<pcie::MemRead>(tlp) : nullptr;
    const auto* write = tlp ? std::get_if<pcie::MemWrite>(tlp) : nullptr;
    if (!read && !write) return;
    const uint64_t at = read ? read->address.value : write->address.value;
    for (const Source& source : sources_) {
      if (at - source.at < source.bytes) order_.push_back(source.kind);
    }
  }
  uint64_t count(model::DmaKind kind) const {
    return static_cast<uint64_t>(std::ranges::count(order_, kind));
  }
  // Requests of one channel between the first and the last one of another.
  uint64_t between(model::DmaKind one, model::DmaKind other) const {
    const auto first = std::ranges::find(order_, other);
    const auto past = std::find(order_.rbegin(), order_.rend(), other).base();
    return first == order_.end() ? 0 : static_cast<uint64_t>(std::count(first, past, one));
  }
  // The longest run of one channel without another, while both are under way.
  uint64_t longest_wait(model::DmaKind one, model::DmaKind other) const {
    const auto last_of = [&](model::DmaKind kind) {
      return std::find(order_.rbegin(), order_.rend(), kind).base();
    };
    const auto begin = std::max(std::ranges::find(order_, one), std::ranges::find(order_, other));
    const auto end = std::min(last_of(one), last_of(other));
    uint64_t longest = 0, run = 0;
    for (auto at = begin; at < end; ++at) {
      if (*at == other) run = 0;
      if (*at == one) longest = std::max(longest, ++run);
    }
    return longest;
  }

 private:
  struct Source {
    model::DmaKind kind;
    uint64_t at, bytes;
  };
  std::vector<Source> sources_;
  std::deque<model::DmaKind> order_;
};

struct Sharing : Fabric {
  explicit Sharing(const Setup& setup) : Fabric(setup), requests(system.up()) {
    fill_card();
    for (DmaDriver* channel : {&up.h2h, &up.h2s}) channel->start();
  }

  void share(DmaDriver& channel, uint32_t mode, uint32_t level, uint32_t weight = 0) {
    const uint32_t block = env::dma_block(static_cast<unsigned>(channel.kind()));
    write_register(block + offsetof(cw_dma_regs_t, SHARE),
                   mode << CW_DMA_REGS__SHARE__MODE_bp | level << CW_DMA_REGS__SHARE__LEVEL_bp |
                       weight << CW_DMA_REGS__SHARE__WEIGHT_bp);
  }
  // One descriptor between the host and the channel's other side.
  void submit(DmaDriver& channel, uint32_t bytes = kBytes) {
    const auto source = buffer(bytes);
    requests.watch(channel.kind(), source);
    const uint64_t to = channel.kind() == kH2h ? buffer(bytes).iova.value
                        : (channel.kind() == kH2c || channel.kind() == kC2h) ? 0u
                                                                             : 0x1200u;
    channel.submit({.segments = {{.iova = source.iova, .card_addr = to, .bytes = bytes}}});
  }
  void begin(std::initializer_list<DmaDriver*> channels) {
    model.memory().begin();
    for (DmaDriver* channel : channels) channel->ring_doorbell();
  }
  void until_reads(model::DmaKind kind, uint64_t count) {
    system.kernel().run_until([&] { return requests.count(kind) >= count; }, 100'000_cycles,
                              "reads of a channel");
  }
  void end(std::initializer_list<DmaDriver*> channels) {
    for (DmaDriver* channel : channels) {
      const auto record = channel->take_record(1'000'000_cycles);
      CHECK(record.error == model::DmaError::Ok);
      CHECK(record.bytes_done >= kBytes);
    }
  }

  RequestOrder requests;
};

// Many short reads, so that there is something to share.
Setup short_reads(const std::string& name, unsigned width) {
  Setup setup(name, width);
  setup.bringup.enumeration.max_payload_bytes = 128;
  setup.bringup.enumeration.max_read_request_bytes = 128;
  return setup;
}

}  // namespace

TEST_CASE("Registers and card memory answer while a channel holds the bus in a burst",
          "[system][dma][R57]") {
  const Setup setup = short_reads("share.mmio", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Sharing fabric(setup);
  fabric.share(fabric.up.h2c, CW_DMA_BURST, 3);
  for (unsigned n = 0; n < 3; ++n) fabric.submit(fabric.up.h2c);
  fabric.begin({&fabric.up.h2c});
  fabric.until_reads(kH2c, 5);
  unsigned accesses = 0;
  for (; !fabric.up.h2c.record_ready(); ++accesses) {
    const dut::Cycles before = fabric.system.now();
    CHECK(fabric.read_register(0) == 0x4357'4159);
    fabric.host().mem_read(fabric.up.card_memory + 0xf000, 64);
    CHECK((fabric.system.now() - before).value < 4000);
  }
  CHECK(accesses != 0);
  fabric.end({&fabric.up.h2c, &fabric.up.h2c, &fabric.up.h2c});
  CHECK(fabric.finish().empty());
}

TEST_CASE("A transparent channel gives way while another wants the bus, and ends behind it",
          "[system][dma][R57]") {
  const Setup setup = short_reads("share.transparent", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Sharing fabric(setup);
  fabric.share(fabric.up.h2h, CW_DMA_TRANSPARENT, 3);  // whatever its level
  fabric.share(fabric.up.h2c, CW_DMA_CYCLE_STEALING, 0);
  fabric.submit(fabric.up.h2h, kLong);
  fabric.submit(fabric.up.h2c);
  fabric.begin({&fabric.up.h2h});
  fabric.until_reads(kH2h, 20);  // alone it has the bus
  fabric.begin({&fabric.up.h2c});
  fabric.end({&fabric.up.h2c});
  CHECK(fabric.requests.between(kH2h, kH2c) <= kOnTheWay);
  CHECK(fabric.requests.count(kH2h) < kLong / 128);  // had some left, and waited
  fabric.end({&fabric.up.h2h});
  CHECK(fabric.finish().empty());
}

TEST_CASE("A channel of a higher level goes before one of a lower level from its first request on",
          "[system][dma][R57]") {
  const Setup setup = short_reads("share.level", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Sharing fabric(setup);
  fabric.share(fabric.up.h2h, CW_DMA_WEIGHTED, 0, 15);
  fabric.share(fabric.up.h2c, CW_DMA_WEIGHTED, 2);
  fabric.submit(fabric.up.h2h, kLong);
  fabric.submit(fabric.up.h2c);
  fabric.begin({&fabric.up.h2h});
  fabric.until_reads(kH2h, 20);
  fabric.begin({&fabric.up.h2c});
  fabric.end({&fabric.up.h2c});
  CHECK(fabric.requests.between(kH2h, kH2c) <= kOnTheWay);
  CHECK(fabric.requests.count(kH2h) < kLong / 128);  // had some left, and waited
  fabric.end({&fabric.up.h2h});
  CHECK(fabric.finish().empty());
}

// They take no place from each other where requests are issued: they meet on their way to the host.
TEST_CASE("Nothing is read of the host for a lower level while bytes of the card go there",
          "[system][dma][R57]") {
  const Setup setup = short_reads("share.meet", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Sharing fabric(setup);
  fabric.share(fabric.up.h2h, CW_DMA_WEIGHTED, 0, 15);
  fabric.share(fabric.up.c2h, CW_DMA_WEIGHTED, 1);
  fabric.submit(fabric.up.h2h, kLong);
  fabric.submit(fabric.up.c2h);
  fabric.begin({&fabric.up.h2h});
  fabric.until_reads(kH2h, 20);
  fabric.begin({&fabric.up.c2h});
  fabric.end({&fabric.up.c2h});
  CHECK(fabric.requests.count(kC2h) >= kBytes / 128);
  CHECK(fabric.requests.between(kH2h, kC2h) <= kOnTheWay);
  CHECK(fabric.requests.count(kH2h) < kLong / 128);  // had some left, and waited
  fabric.end({&fabric.up.h2h});
  CHECK(fabric.finish().empty());
}

TEST_CASE("A burst that has begun is ended before a higher level has its turn",
          "[system][dma][R57]") {
  const Setup setup = short_reads("share.burst", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Sharing fabric(setup);
  fabric.share(fabric.up.h2h, CW_DMA_BURST, 0);
  fabric.share(fabric.up.h2c, CW_DMA_WEIGHTED, 3, 15);
  fabric.submit(fabric.up.h2h, kLong);
  fabric.submit(fabric.up.h2c);
  fabric.begin({&fabric.up.h2h});
  fabric.until_reads(kH2h, 20);
  fabric.begin({&fabric.up.h2c});
  fabric.end({&fabric.up.h2h, &fabric.up.h2c});
  CHECK(fabric.requests.between(kH2c, kH2h) <= kOnTheWay);
  CHECK(fabric.finish().empty());
}

TEST_CASE("Channels of one level take turns by their weights, and none of them starves",
          "[system][dma][R57]") {
  const Setup setup = short_reads("share.turns", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Sharing fabric(setup);
  constexpr uint32_t kWeight = 5;
  fabric.share(fabric.up.h2c, CW_DMA_WEIGHTED, 1, kWeight);
  fabric.share(fabric.up.h2h, CW_DMA_CYCLE_STEALING, 1);
  fabric.share(fabric.up.h2s, CW_DMA_WEIGHTED, 1, kWeight);
  for (DmaDriver* channel : {&fabric.up.h2c, &fabric.up.h2h, &fabric.up.h2s}) {
    fabric.submit(*channel);
  }
  fabric.begin({&fabric.up.h2c, &fabric.up.h2h, &fabric.up.h2s});
  fabric.end({&fabric.up.h2c, &fabric.up.h2h, &fabric.up.h2s});
  // The end of a turn, and the next.
  CHECK(fabric.requests.longest_wait(kH2c, kH2h) <= 2 * (kWeight + 1) + kOnTheWay);
  CHECK(fabric.requests.longest_wait(kH2s, kH2h) <= 2 * (kWeight + 1) + kOnTheWay);
  CHECK(fabric.requests.longest_wait(kH2h, kH2c) <= 2 + kOnTheWay);
  // Rates follow the turns.
  const uint64_t wanted = fabric.requests.count(kH2c) / (kWeight + 1);
  CHECK(fabric.requests.between(kH2h, kH2c) <= wanted + wanted / 4);
  CHECK(fabric.requests.count(kH2s) >= kBytes / 128);
  CHECK(fabric.finish().empty());
}

}  // namespace cw::system_test
