// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
#include "Vcw_dma_retire.h"
#include "Vcw_dma_retire_w64.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using dut::operator""_cycles;
using model::DmaError;
using model::DmaRecord;

template <class V>
struct Retire : dut::Module<V> {
  using dut::Module<V>::pins;

  Retire() {
    auto& p = pins();
    p.open_valid_i = p.issued_i = p.close_i = p.landed_valid_i = p.wr_ready_i = 0;
    p.head_i = 0x2345;
    p.phase_i = 1;
    p.record_iova_i = 0x7'0000'0010;
    this->reset();
    this->settle();
  }

  unsigned open(uint16_t tag, bool irq = false) {
    this->settle();
    REQUIRE(pins().open_ready_o);
    const unsigned slot = pins().open_slot_o;
    pins().open_tag_i = tag;
    pins().open_irq_i = irq;
    pulse(pins().open_valid_i);
    pins().slot_i = slot;
    return slot;
  }
  void issue(unsigned slot) {
    pins().slot_i = slot;
    pulse(pins().issued_i);
  }
  void close(unsigned slot, DmaError error = DmaError::Ok) {
    pins().slot_i = slot;
    pins().close_error_i = static_cast<uint8_t>(error);
    pulse(pins().close_i);
  }
  void land(const Landed& landed) {
    pins().landed_i = static_cast<uint32_t>(bits(landed));
    pulse(pins().landed_valid_i);
  }
  bool quiet(int clocks = 6) {
    for (int n = 0; n < clocks; n++) {
      this->step();
      this->settle();
      if (pins().wr_valid_o || pins().irq_o) return false;
    }
    return true;
  }

  // Takes the next record; the pulses of its last beat are checked by the caller.
  DmaRecord record(bool retires = true) {
    std::vector<uint8_t> bytes;
    this->run_until([&] { return pins().wr_valid_o; }, 10_cycles);
    pins().wr_ready_i = 1;
    for (bool more = true; more;) {
      this->settle();
      const WriteBeat beat = write_beat(pins().wr_beat_o);
      CHECK(beat == WriteBeat{.iova = 0x7'0000'0010,
                              .bytes = 16,
                              .sop = bytes.empty(),
                              .eop = bytes.size() + sizeof(pins().wr_data_o) >= 16});
      const auto part =
          get_bytes(pins().wr_data_o, 0, std::min<unsigned>(16, sizeof(pins().wr_data_o)));
      bytes.insert(bytes.end(), part.begin(), part.end());
      more = !beat.eop;
      CHECK(bool(pins().retired_o) == (beat.eop && retires));
      CHECK(bool(pins().halt_o) == (beat.eop && !retires));
      CHECK_FALSE(pins().irq_o);
      entry_error = pins().entry_error_o;
      this->step();
    }
    pins().wr_ready_i = 0;
    this->settle();
    return model::decode_record(std::span<const uint8_t, 16>(bytes.data(), 16));
  }

  bool entry_error = false;

 private:
  template <class Pin>
  void pulse(Pin& pin) {
    pin = 1;
    this->step();
    pin = 0;
    this->settle();
  }
};

TEST_CASE(
    "irq-before-data: DMA retire writes the record when the last byte has landed, then interrupts",
    "[unit][dma][R29][R32]") {
  Retire<Vcw_dma_retire> retire;
  const unsigned slot = retire.open(0xbeef, /*irq=*/true);
  retire.issue(slot);
  retire.issue(slot);
  retire.close(slot);
  retire.land({.slot = slot, .bytes = 100, .ends = true});
  retire.land({.slot = slot, .bytes = 30, .ends = false});
  CHECK(retire.quiet());
  retire.land({.slot = slot, .bytes = 5, .ends = true});
  CHECK(retire.record() ==
        DmaRecord{.phase = true, .tag = 0xbeef, .index = 0x2345, .bytes_done = 135});
  CHECK_FALSE(retire.entry_error);
  CHECK(retire.pins().irq_o);
  CHECK(retire.pins().busy_o);
  retire.step();
  retire.settle();
  CHECK_FALSE(retire.pins().irq_o);
  CHECK_FALSE(retire.pins().busy_o);
}

template <class V>
void ring_order() {
  Retire<V> retire;
  std::vector<unsigned> slots;
  for (uint16_t n = 0; n < 8; n++) {
    slots.push_back(retire.open(n));
    retire.issue(slots.back());
    retire.close(slots.back());
  }
  CHECK_FALSE(retire.pins().open_ready_o);
  for (uint32_t n = 8; n-- > 1;) retire.land({.slot = slots[n], .bytes = n, .ends = true});
  CHECK(retire.quiet());
  retire.land({.slot = slots[0], .bytes = 0, .ends = true});
  for (uint16_t n = 0; n < 8; n++) {
    const DmaRecord record = retire.record();
    CHECK(record.tag == n);
    CHECK(record.bytes_done == n);
    CHECK_FALSE(retire.pins().irq_o);
  }
}

TEST_CASE("DMA retire ends entries in ring order whatever lands first", "[unit][dma][R29]") {
  ring_order<Vcw_dma_retire_w64>();
  ring_order<Vcw_dma_retire>();
}

TEST_CASE("DMA retire keeps the first error of an entry", "[unit][dma][R59]") {
  Retire<Vcw_dma_retire> retire;
  const unsigned slot = retire.open(1);
  for (int n = 0; n < 3; n++) retire.issue(slot);
  CHECK_FALSE(retire.pins().slot_failed_o);
  retire.land({.slot = slot, .bytes = 0, .ends = true, .error = DmaError::Timeout});
  CHECK(retire.pins().slot_failed_o);
  retire.land({.slot = slot, .bytes = 0, .ends = true, .error = DmaError::ReadCa});
  retire.land({.slot = slot, .bytes = 7, .ends = true});
  retire.close(slot, DmaError::BadCard);
  const DmaRecord record = retire.record();
  CHECK(record.error == DmaError::Timeout);
  CHECK(record.bytes_done == 7);
  CHECK(retire.entry_error);
}

TEST_CASE("DMA retire halts with an interrupt after a descriptor that could not be read",
          "[unit][dma][R26]") {
  Retire<Vcw_dma_retire> retire;
  const unsigned slot = retire.open(9);
  retire.close(slot, DmaError::DescFetch);
  CHECK(retire.record(/*retires=*/false).error == DmaError::DescFetch);
  CHECK(retire.pins().irq_o);
}

TEST_CASE("DMA retire takes an issue and a landing of one entry in one clock", "[unit][dma]") {
  Retire<Vcw_dma_retire> retire;
  const unsigned slot = retire.open(9);
  retire.issue(slot);
  retire.pins().issued_i = retire.pins().close_i = 1;
  retire.pins().close_error_i = 0;
  retire.land({.slot = slot, .bytes = 1, .ends = true});
  retire.pins().issued_i = retire.pins().close_i = 0;
  CHECK(retire.quiet());
  retire.land({.slot = slot, .bytes = 1, .ends = true});
  CHECK(retire.record().bytes_done == 2);
}

TEST_CASE("DMA retire bounds the chunks of an entry", "[unit][dma]") {
  Retire<Vcw_dma_retire> retire;
  const unsigned slot = retire.open(9);
  for (int n = 0; n < 63; n++) {
    CHECK(retire.pins().chunk_room_o);
    retire.issue(slot);
  }
  CHECK_FALSE(retire.pins().chunk_room_o);
  CHECK_THROWS_AS(retire.issue(slot), dut::AssertionFailed);
}

TEST_CASE("DMA retire raises the alarm when what nobody asked for lands", "[unit][dma][R29]") {
  Retire<Vcw_dma_retire> retire;
  retire.open(9);
  CHECK_THROWS_AS(retire.land({.slot = 3, .bytes = 1, .ends = true}), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
