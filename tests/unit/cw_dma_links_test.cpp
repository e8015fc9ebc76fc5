// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Channels=1
// cw-variant: Channels=16
#include "Vcw_dma_links.h"
#include "Vcw_dma_links_channels1.h"
#include "Vcw_dma_links_channels16.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using dut::operator""_cycles;

// link_t
struct Link {
  bool both = false;
  uint64_t iova = 0;
  unsigned chan = 0;
  bool operator==(const Link&) const = default;
};

template <class V, unsigned kChannels>
struct LinksBench : dut::Module<V> {
  using dut::Module<V>::pins;

  LinksBench() {
    auto& p = pins();
    p.restart_i = p.halted_i = 0;
    p.desc_taken_i = p.ask_ready_i = p.come_valid_i = 0;
    this->reset();
  }

  void take(unsigned c, const Desc& d, bool linked) {
    auto& p = pins();
    p.desc_chan_i = static_cast<uint8_t>(c);
    drive(p.desc_i, d);
    p.desc_linked_i = linked;
    p.desc_taken_i = 1;
    this->step();
    p.desc_taken_i = 0;
    this->settle();
  }
  std::optional<Link> asks() {
    this->settle();
    if (!pins().ask_valid_o) return std::nullopt;
    FieldReader field(pins().ask_o, 0);
    Link link;
    link.both = field.bit();
    link.iova = field.wide(64);
    link.chan = field(4);
    return link;
  }
  std::optional<Link> ask() {
    const auto link = asks();
    pins().ask_ready_i = 1;
    this->step();
    pins().ask_ready_i = 0;
    this->settle();
    return link;
  }
  void come(unsigned c, unsigned count, bool last = true, bool failed = false) {
    auto& p = pins();
    p.come_chan_i = static_cast<uint8_t>(c);
    p.come_count_i = static_cast<uint8_t>(count);
    p.come_last_i = last;
    p.come_failed_i = failed;
    p.come_valid_i = 1;
    this->step();
    p.come_valid_i = 0;
    this->settle();
  }
  bool linked(unsigned c) { return pins().linked_o >> c & 1; }
  bool avail(unsigned c) { return pins().avail_o >> c & 1; }
  bool half(unsigned c) { return pins().half_o >> c & 1; }
  bool failed(unsigned c) { return pins().failed_o >> c & 1; }
};

using Links = LinksBench<Vcw_dma_links, 6>;

Desc chain_to(uint64_t iova) { return {.arg = iova, .last = false, .chain = true}; }
const Desc kMore{.last = false};
const Desc kLast{};

TEST_CASE("DMA links look at what is taken and at what has come, not at what is on offer",
          "[unit][dma][R53]") {
  Links links;
  links.take(2, chain_to(0x5'0000'0020), /*linked=*/false);
  CHECK(links.ask() == Link{.both = false, .iova = 0x5'0000'0020, .chan = 2});
  auto& p = links.pins();
  p.come_chan_i = 2;
  p.come_count_i = 1;
  p.come_last_i = p.come_failed_i = 1;
  drive(p.desc_i, kMore);
  p.desc_linked_i = 1;
  links.step(5_cycles);
  CHECK_FALSE(links.avail(2));
  CHECK_FALSE(links.failed(2));
  links.come(2, 2);
  links.step(5_cycles);
  CHECK(links.avail(2));
  links.take(2, kMore, true);
  CHECK(links.ask() == Link{.both = true, .iova = 0x5'0000'0040, .chan = 2});
}

TEST_CASE("DMA links read consecutive descriptors a line at a time up to the last",
          "[unit][dma][R53]") {
  Links links;
  links.take(2, chain_to(0x5'0000'0020), /*linked=*/false);
  CHECK(links.linked(2));
  CHECK_FALSE(links.linked(1));
  CHECK_FALSE(links.avail(2));
  CHECK(links.ask() == Link{.both = false, .iova = 0x5'0000'0020, .chan = 2});
  CHECK_FALSE(links.asks());
  CHECK_FALSE(links.avail(2));
  links.come(2, 2);
  CHECK(links.avail(2));
  CHECK(links.half(2));
  links.take(2, kMore, true);
  CHECK(links.ask() == Link{.both = true, .iova = 0x5'0000'0040, .chan = 2});
  links.come(2, 1, /*last=*/false);
  CHECK(links.avail(2));
  CHECK_FALSE(links.half(2));
  links.take(2, kMore, true);
  CHECK(links.linked(2));
  CHECK_FALSE(links.asks());
  CHECK_FALSE(links.avail(2));  // the other half has not come
  links.come(2, 2);
  CHECK(links.avail(2));
  CHECK(links.half(2));
  links.take(2, kLast, true);
  CHECK_FALSE(links.linked(2));
  CHECK_FALSE(links.asks());
}

TEST_CASE("DMA links follow a chain in the chain, but not before its line is answered",
          "[unit][dma][R53]") {
  Links links;
  links.take(0, chain_to(0x40), false);
  CHECK(links.ask() == Link{.both = true, .iova = 0x40});
  links.come(0, 1, false);
  links.take(0, chain_to(0x1020), true);
  CHECK_FALSE(links.asks());
  links.come(0, 2);  // of the old line: nothing of the new one
  CHECK_FALSE(links.avail(0));
  CHECK(links.ask() == Link{.both = false, .iova = 0x1020});
  CHECK_FALSE(links.avail(0));
  links.come(0, 2);
  CHECK(links.avail(0));
}

TEST_CASE("DMA links do not follow what the launch refuses", "[unit][dma]") {
  Links links;
  Desc d = chain_to(0x40);
  SECTION("chain with last") { d.last = true; }
  SECTION("chain of another kind") { d.kind = 1; }
  SECTION("immediate") { d.kind = 2; }
  SECTION("misaligned") { d.arg = 0x50; }
  SECTION("no chain") { d.chain = false; }
  links.take(4, d, false);
  CHECK_FALSE(links.linked(4));
  CHECK_FALSE(links.asks());
}

TEST_CASE("DMA links tell which linked descriptor could not be read", "[unit][dma][R26]") {
  Links links;
  links.take(1, chain_to(0x80), false);
  links.ask();
  SECTION("both") {
    links.come(1, 0, true, /*failed=*/true);
    CHECK(links.avail(1));
    CHECK(links.failed(1));
  }
  SECTION("the upper one") {
    links.come(1, 1, false);
    links.come(1, 0, true, /*failed=*/true);
    CHECK(links.avail(1));
    CHECK_FALSE(links.failed(1));
    links.take(1, kMore, true);
    CHECK(links.avail(1));
    CHECK(links.failed(1));
  }
  links.pins().halted_i = 2;
  links.pins().restart_i = 2;
  links.step();
  links.pins().restart_i = links.pins().halted_i = 0;
  links.settle();
  CHECK_FALSE(links.linked(1));
  links.take(1, chain_to(0xc0), false);
  CHECK(links.ask() == Link{.both = true, .iova = 0xc0, .chan = 1});
  CHECK_FALSE(links.avail(1));
  links.come(1, 2);
  CHECK(links.avail(1));
  CHECK_FALSE(links.failed(1));
}

TEST_CASE("DMA links ask nothing for a halted channel, and for the others in turn",
          "[unit][dma][R57]") {
  LinksBench<Vcw_dma_links_channels16, 16> links;
  for (unsigned c = 0; c < 16; c++) links.take(c, chain_to(0x1000 * (c + 1)), false);
  links.pins().halted_i = 0x00f0;
  std::vector<unsigned> asked;
  while (const auto link = links.ask()) {
    CHECK(link->iova == 0x1000 * (link->chan + 1));
    asked.push_back(link->chan);
  }
  CHECK(asked == std::vector<unsigned>{0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15});
  links.pins().restart_i = 0x00f0;
  links.step();
  links.pins().restart_i = links.pins().halted_i = 0;
  CHECK_FALSE(links.asks());
}

TEST_CASE("DMA links of one channel", "[unit][dma]") {
  LinksBench<Vcw_dma_links_channels1, 1> links;
  links.take(0, chain_to(0xffff'ffff'ffff'ffc0), false);
  CHECK(links.ask() == Link{.both = true, .iova = 0xffff'ffff'ffff'ffc0});
  links.come(0, 2);
  links.take(0, kMore, true);
  links.take(0, kLast, true);
  CHECK_FALSE(links.linked(0));
}

TEST_CASE("DMA links do not go on behind the last byte of the address space", "[unit][dma][R55]") {
  Links links;
  links.take(1, chain_to(0xffff'ffff'ffff'ffc0), false);
  CHECK(links.ask() == Link{.both = true, .iova = 0xffff'ffff'ffff'ffc0, .chan = 1});
  links.come(1, 2, /*last=*/false);
  links.take(1, kMore, true);
  CHECK_FALSE(links.failed(1));
  links.take(1, kMore, true);
  const auto failed_for_good = [&] {
    CHECK(links.linked(1));
    CHECK(links.avail(1));
    CHECK(links.failed(1));
    CHECK_FALSE(links.asks());
  };
  failed_for_good();
  links.come(1, 0);  // the end of the read before
  failed_for_good();
  links.pins().halted_i = 2;
  links.pins().restart_i = 2;
  links.step();
  links.pins().restart_i = links.pins().halted_i = 0;
  links.settle();
  CHECK_FALSE(links.linked(1));
  links.take(1, chain_to(0), false);  // the first there is
  CHECK(links.ask() == Link{.both = true, .iova = 0, .chan = 1});
  CHECK_FALSE(links.avail(1));
  links.come(1, 2);
  CHECK(links.avail(1));
  CHECK_FALSE(links.failed(1));
}

TEST_CASE("DMA links raise the alarm on an answer that nobody asked for", "[unit][dma][R22]") {
  Links links;
  CHECK_THROWS_AS(links.come(3, 1), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
