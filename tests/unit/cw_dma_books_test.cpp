// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Channels=1
// cw-variant: Channels=16
#include <array>

#include "Vcw_dma_books.h"
#include "Vcw_dma_books_channels1.h"
#include "Vcw_dma_books_channels16.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

template <class V = Vcw_dma_books>
struct Books : dut::Module<V> {
  explicit Books(uint64_t seed = 1) : dut::Module<V>(seed) {
    idle();
    this->reset();
  }
  void idle() {
    auto& p = this->pins();
    p.open_valid_i = p.close_valid_i = p.landed_valid_i = 0;
  }
  // What is put on offer goes in with the next clock.
  Books& open(const Open& o) {
    drive(this->pins().open_i, o);
    this->pins().open_valid_i = 1;
    return *this;
  }
  Books& close(const Close& c) {
    drive(this->pins().close_i, c);
    this->pins().close_valid_i = 1;
    return *this;
  }
  Books& land(const Landed& l) {
    drive(this->pins().landed_i, l);
    this->pins().landed_valid_i = 1;
    return *this;
  }
  void clock() {
    this->step();
    idle();
  }
  bool has_ended(unsigned chan, unsigned entry) {
    this->pins().look_chan_i = chan & 15;
    this->pins().look_entry_i = entry & 15;
    this->settle();
    return this->pins().ended_valid_o;
  }
  Ended look(unsigned chan, unsigned entry) {
    has_ended(chan, entry);
    return ended(this->pins().ended_o);
  }
};

TEST_CASE("DMA books: an entry has ended when it is closed and all its chunks have, in any order",
          "[unit][dma][R29]") {
  for (const unsigned close_at : {0u, 1u, 2u, 3u}) {
    Books books;
    books.open({.irq = true, .tag = 0xabcd, .entry = 5, .chan = 2}).clock();
    for (unsigned n = 0; n < 4; ++n) {
      if (n == close_at) {
        books.close({.packet_info = 0x1234,
                     .packet_end = true,
                     .head = 0xfedc,
                     .chunks = 3,
                     .entry = 5,
                     .chan = 2});
      }
      if (n < 3) books.land({.chan = 2, .entry = 5, .bytes = 4096, .ends = true});
      CHECK(books.has_ended(2, 5) == (n == 3 && close_at < 3));
      books.clock();
    }
    CHECK(books.has_ended(2, 5));
    CHECK(books.look(2, 5) == Ended{.packet_info = 0x1234,
                                    .packet_end = true,
                                    .irq = true,
                                    .tag = 0xabcd,
                                    .head = 0xfedc,
                                    .bytes = 3 * 4096});
  }
}

TEST_CASE("DMA books: parts of a chunk count their bytes, its last part the chunk", "[unit][dma]") {
  Books books;
  books.open({.quiet = true, .entry = 0, .chan = 5}).clock();
  books.close({.chunks = 1, .entry = 0, .chan = 5}).clock();
  books.land({.chan = 5, .entry = 0, .bytes = 100}).clock();
  books.land({.chan = 5, .entry = 0, .bytes = 1}).clock();
  CHECK_FALSE(books.has_ended(5, 0));
  books.land({.chan = 5, .entry = 0, .bytes = 0, .ends = true}).clock();
  CHECK(books.has_ended(5, 0));
  CHECK(books.look(5, 0) == Ended{.quiet = true, .bytes = 101});
}

TEST_CASE("DMA books: an entry whose number was used before begins with nothing", "[unit][dma]") {
  Books books;
  books.open({.tag = 1, .entry = 3, .chan = 1}).clock();
  books.close({.error = Error::BadCard, .chunks = 2, .entry = 3, .chan = 1}).clock();
  books.land({.chan = 1, .entry = 3, .bytes = 7, .ends = true, .error = Error::Timeout}).clock();
  books.land({.chan = 1, .entry = 3, .bytes = 7, .ends = true}).clock();
  books.open({.tag = 2, .entry = 3, .chan = 1}).clock();
  CHECK_FALSE(books.has_ended(1, 3));
  books.close({.chunks = 0, .entry = 3, .chan = 1}).clock();
  CHECK(books.look(1, 3) == Ended{.tag = 2});
  books.open({.tag = 3, .entry = 3, .chan = 1}).clock();
  books.land({.chan = 1, .entry = 3, .bytes = 9, .ends = true}).clock();
  books.close({.chunks = 1, .entry = 3, .chan = 1}).clock();
  CHECK(books.look(1, 3) == Ended{.tag = 3, .bytes = 9});
}

TEST_CASE("DMA books: the first error of an entry counts, of a chunk or of its end",
          "[unit][dma][R59]") {
  Books books;
  const auto land = [&](Error error) {
    books.land({.chan = 0, .entry = 0, .bytes = 1, .ends = true, .error = error}).clock();
  };
  const auto close = [&](Error error) {
    books.close({.error = error, .chunks = 3, .entry = 0, .chan = 0}).clock();
  };
  const auto again = [&] { books.open({.entry = 0, .chan = 0}).clock(); };

  again(), land(Error::Ok), land(Error::ReadUr), close(Error::Aborted), land(Error::Timeout);
  CHECK(books.look(0, 0) == Ended{.error = Error::ReadUr, .bytes = 3});
  again(), land(Error::Ok), close(Error::BadDesc), land(Error::ReadCa), land(Error::Ok);
  CHECK(books.look(0, 0) == Ended{.error = Error::BadDesc, .bytes = 3});
  again(), close(Error::Ok), land(Error::Ok), land(Error::Poisoned), land(Error::ReadLied);
  CHECK(books.look(0, 0) == Ended{.error = Error::Poisoned, .bytes = 3});
  again(), land(Error::CardError), land(Error::Ok), land(Error::Ok), close(Error::Ok);
  CHECK(books.look(0, 0) == Ended{.error = Error::CardError, .bytes = 3});
}

TEST_CASE("DMA books: chunks are counted modulo 1024, bytes are not", "[unit][dma]") {
  Books books;
  books.open({.entry = 15, .chan = 3}).clock();
  for (unsigned n = 0; n < 1024 + 6; ++n) {
    books.land({.chan = 3, .entry = 15, .bytes = 4096, .ends = true}).clock();
  }
  books.close({.chunks = 7, .entry = 15, .chan = 3}).clock();
  CHECK_FALSE(books.has_ended(3, 15));
  books.land({.chan = 3, .entry = 15, .bytes = 4096, .ends = true}).clock();
  CHECK(books.has_ended(3, 15));
  CHECK(books.look(3, 15).bytes == 1031 * 4096);
}

// Every entry of every channel at once, with all three things in every clock.
template <class V>
void all_at_once(unsigned channels, uint64_t seed) {
  struct Entry {
    bool open = false, closed = false;
    unsigned left = 0, chunks = 0;
    Ended ended{};
  };
  Books<V> books(seed);
  agent::Rng rng(seed, "books");
  std::array<Entry, 16 * 16> entries{};
  const auto any = [&]() -> unsigned {
    return static_cast<unsigned>(rng.range(0, 16 * channels - 1));
  };
  for (unsigned clock = 0; clock < 20'000; ++clock) {
    const unsigned o = any(), c = any(), l = any();
    if (!entries[o].open) {
      entries[o] = {.open = true,
                    .left = static_cast<unsigned>(rng.range(0, 5)),
                    .ended = {.quiet = rng.chance(50), .irq = rng.chance(50), .tag = clock}};
      entries[o].ended.tag &= 0xffff;
      entries[o].chunks = entries[o].left;
      books.open({.quiet = entries[o].ended.quiet,
                  .irq = entries[o].ended.irq,
                  .tag = entries[o].ended.tag,
                  .entry = o % 16,
                  .chan = o / 16});
    }
    if (c != o && entries[c].open && !entries[c].closed) {
      entries[c].closed = true;
      entries[c].ended.head = static_cast<uint16_t>(clock * 3);
      entries[c].ended.packet_info = clock * 7 & 0xffff;
      books.close({.packet_info = entries[c].ended.packet_info,
                   .head = entries[c].ended.head,
                   .chunks = entries[c].chunks,
                   .entry = c % 16,
                   .chan = c / 16});
    }
    if (l != o && entries[l].open && entries[l].left != 0) {
      const auto bytes = static_cast<uint32_t>(rng.range(1, 4096));
      const bool ends = rng.chance(60);
      entries[l].ended.bytes += bytes;
      entries[l].left -= ends;
      books.land({.chan = l / 16, .entry = l % 16, .bytes = bytes, .ends = ends});
    }
    books.clock();
    const unsigned k = any();
    Entry& entry = entries[k];
    if (!entry.open) continue;
    REQUIRE(books.has_ended(k / 16, k % 16) == (entry.closed && entry.left == 0));
    if (entry.closed && entry.left == 0) {
      REQUIRE(books.look(k / 16, k % 16) == entry.ended);
      entry.open = false;
    }
  }
}

TEST_CASE("DMA books: no entry touches another's", "[unit][dma][R57]") {
  all_at_once<Vcw_dma_books>(6, 1);
  all_at_once<Vcw_dma_books_channels1>(1, 2);
  all_at_once<Vcw_dma_books_channels16>(16, 3);
}

TEST_CASE("DMA books: a chunk that was never issued, and an entry closed twice, are caught",
          "[unit][dma]") {
  {
    Books books;
    books.open({}).clock();
    books.close({.chunks = 0}).clock();
    books.land({.ends = true});
    CHECK_THROWS_AS(books.step(), dut::AssertionFailed);
  }
  Books books;
  books.open({}).clock();
  books.close({.chunks = 1}).clock();
  books.close({.chunks = 1});
  CHECK_THROWS_AS(books.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
