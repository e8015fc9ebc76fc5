// SPDX-License-Identifier: Apache-2.0
// cw-variant: Channels=1
// cw-variant: Channels=16
#include "../../sw/include/cw/cw_regs.h"
#include "Vcw_endpoint_regs.h"
#include "Vcw_endpoint_regs_channels1.h"
#include "Vcw_endpoint_regs_channels16.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"
#include "unit/dma_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

#define CW_CHANNEL(n, reg)                                                           \
  static_cast<uint16_t>(offsetof(cw_regs_t, CHANNEL) + (n) * sizeof(cw_dma_regs_t) + \
                        offsetof(cw_dma_regs_t, reg))

template <class V = Vcw_endpoint_regs>
struct Regs {
  Regs() {
    p().reg_valid_i = 0;
    p().event_i = 0;
    dut::clear_bits(p().sta_i);
    p().dma_irq_chan_i = p().dma_irq_valid_i = p().user_level_i = 0;
    module.reset();
  }
  V& p() { return module.pins(); }
  uint32_t access(const RegAccess& access) {
    drive(p().reg_req_i, access);
    p().reg_valid_i = 1;
    module.settle();
    CHECK(p().reg_ready_o);
    const uint32_t value = p().reg_rdata_o;
    module.step();
    p().reg_valid_i = 0;
    module.settle();
    return value;
  }
  uint32_t read(unsigned at) { return access({.addr = static_cast<uint16_t>(at)}); }
  void write(unsigned at, uint32_t value, unsigned be = 0xf) {
    access({.write = true, .addr = static_cast<uint16_t>(at), .be = be, .wdata = value});
  }
  // A DMA channel's interrupt.
  void event(unsigned channel) {
    p().dma_irq_chan_i = channel & 15;
    p().dma_irq_valid_i = 1;
    module.step();
    p().dma_irq_valid_i = 0;
    module.settle();
  }
  // What a channel reports for one clock.
  void report(unsigned channel, const dma::Sta& sta) {
    dma::drive(p().sta_i, sta, channel);
    module.step();
    dma::drive(p().sta_i, dma::Sta{}, channel);
    module.settle();
  }
  dma::Ctl ctl(unsigned channel) { return dma::ctl(p().ctl_o, channel); }
  dut::Module<V> module{1};
};

constexpr unsigned kChannels = 6;
constexpr dma::Ctl kUntouched{.irq_enable = false, .ring_log2 = 1};

constexpr unsigned kErrors = offsetof(cw_regs_t, ERRORS);
constexpr unsigned kIrqStatus = offsetof(cw_regs_t, IRQ_STATUS);
constexpr unsigned kIrqEnable = offsetof(cw_regs_t, IRQ_ENABLE);

TEST_CASE("the card says what it is and how it was built", "[unit][endpoint]") {
  Regs<> regs;
  CHECK(regs.read(offsetof(cw_regs_t, ID)) == CW_REGS__ID__MAGIC_reset);
  CHECK(regs.read(offsetof(cw_regs_t, VERSION)) == 0x0002'0000);
  CHECK(regs.read(offsetof(cw_regs_t, BUILD)) == (5u | 16u << 8 | 8u << 16 | 6u << 27));
  regs.write(offsetof(cw_regs_t, ID), 0);
  CHECK(regs.read(offsetof(cw_regs_t, ID)) == CW_REGS__ID__MAGIC_reset);
  CHECK(regs.read(0xffc) == 0);
}

TEST_CASE("byte enables reach the register", "[unit][endpoint][R05]") {
  Regs<> regs;
  constexpr unsigned kScratch = offsetof(cw_regs_t, SCRATCH);
  regs.write(kScratch, 0x1122'3344);
  regs.write(kScratch, 0xaabb'ccdd, 0b0110);
  CHECK(regs.read(kScratch) == 0x11bb'cc44);
  regs.write(kScratch, 0xffff'ffff, 0);
  CHECK(regs.read(kScratch) == 0x11bb'cc44);
}

TEST_CASE("an error stays until 1 is written to it, and longer if it comes again",
          "[unit][endpoint]") {
  Regs<> regs;
  regs.p().event_i = ReportUnsupported;
  regs.module.step();
  regs.p().event_i = ReportPoisoned;
  regs.module.step();
  regs.p().event_i = 0;
  const uint32_t both = CW_REGS__ERRORS__UNSUPPORTED_bm | CW_REGS__ERRORS__POISONED_bm;
  CHECK(regs.read(kErrors) == both);
  CHECK(regs.read(kErrors) == both);
  regs.write(kErrors, CW_REGS__ERRORS__UNSUPPORTED_bm);
  CHECK(regs.read(kErrors) == CW_REGS__ERRORS__POISONED_bm);
  regs.p().event_i = ReportPoisoned;  // in the clock of the clear
  regs.write(kErrors, CW_REGS__ERRORS__POISONED_bm);
  regs.p().event_i = 0;
  CHECK(regs.read(kErrors) == CW_REGS__ERRORS__POISONED_bm);
}

TEST_CASE("each error has its bit", "[unit][endpoint]") {
  Regs<> regs;
  const struct {
    unsigned event;
    uint32_t bit;
  } rows[] = {
      {1u << 9, CW_REGS__ERRORS__MALFORMED_bm},       {1u << 8, CW_REGS__ERRORS__UNSUPPORTED_bm},
      {1u << 6, CW_REGS__ERRORS__COMPLETER_ABORT_bm}, {1u << 5, CW_REGS__ERRORS__POISONED_bm},
      {1u << 3, CW_REGS__ERRORS__UNEXPECTED_CPL_bm},  {1u << 2, CW_REGS__ERRORS__CPL_TIMEOUT_bm},
      {1u << 1, CW_REGS__ERRORS__RECEIVED_UR_bm},     {1u << 0, CW_REGS__ERRORS__RECEIVED_CA_bm}};
  for (const auto& row : rows) {
    regs.p().event_i = static_cast<uint16_t>(row.event);
    regs.module.step();
    regs.p().event_i = 0;
    CHECK(regs.read(kErrors) == row.bit);
    regs.write(kErrors, ~0u);
  }
  regs.report(3, {.entry_error = true});
  CHECK(regs.read(kErrors) == CW_REGS__ERRORS__DMA_ENTRY_bm);
  regs.report(kChannels - 1, {.bad_doorbell = true});
  CHECK(regs.read(kErrors) == (CW_REGS__ERRORS__DMA_ENTRY_bm | CW_REGS__ERRORS__DMA_DOORBELL_bm));
}

TEST_CASE("a channel's errors stay in its own status until 1 is written to them",
          "[unit][endpoint][dma]") {
  Regs<> regs;
  constexpr uint32_t entry = CW_DMA_REGS__STATUS__ENTRY_ERROR_bm;
  constexpr uint32_t doorbell = CW_DMA_REGS__STATUS__BAD_DOORBELL_bm;
  regs.report(0, {.entry_error = true, .bad_doorbell = true});
  CHECK(regs.read(CW_CHANNEL(0, STATUS)) == (entry | doorbell));
  for (unsigned c = 1; c < kChannels; ++c) CHECK(regs.read(CW_CHANNEL(c, STATUS)) == c << 4);
  regs.write(CW_CHANNEL(0, STATUS), entry);
  CHECK(regs.read(CW_CHANNEL(0, STATUS)) == doorbell);
  dma::drive(regs.p().sta_i, {.bad_doorbell = true}, 0);  // in the clock of the clear
  regs.write(CW_CHANNEL(0, STATUS), ~0u);
  dma::drive(regs.p().sta_i, dma::Sta{}, 0);
  CHECK(regs.read(CW_CHANNEL(0, STATUS)) == doorbell);
  CHECK(regs.read(kErrors) == (CW_REGS__ERRORS__DMA_ENTRY_bm | CW_REGS__ERRORS__DMA_DOORBELL_bm));
}

TEST_CASE("the bytes moved are counted and cleared by the read, and none is lost",
          "[unit][endpoint]") {
  Regs<> regs;
  dma::drive(regs.p().sta_i, {.moved_bytes = 4096, .moved = true}, 2);
  dma::drive(regs.p().sta_i, {.moved_bytes = 1, .moved = true}, 5);
  regs.module.step(3_cycles);
  CHECK(regs.read(CW_CHANNEL(2, MOVED)) == 3 * 4096);
  CHECK(regs.read(CW_CHANNEL(2, MOVED)) == 4096);  // what came with the first read
  CHECK(regs.read(CW_CHANNEL(5, MOVED)) == 5);
  CHECK(regs.read(CW_CHANNEL(4, MOVED)) == 0);
}

TEST_CASE("what software sets reaches its channel alone", "[unit][endpoint][dma]") {
  for (unsigned chan = 0; chan < kChannels; ++chan) {
    Regs<> regs;
    regs.write(CW_CHANNEL(chan, RING_LO), 0x89ab'cdff);
    regs.write(CW_CHANNEL(chan, RING_HI), 0x0123'4567);
    regs.write(CW_CHANNEL(chan, RECORD_LO), 0x7654'321f);
    regs.write(CW_CHANNEL(chan, RECORD_HI), 0xfedc'ba98);
    regs.write(CW_CHANNEL(chan, SIZE), 9);
    regs.write(CW_CHANNEL(chan, VECTOR), 0x7ff);
    regs.write(CW_CHANNEL(chan, SHARE), ~0u);
    regs.write(CW_CHANNEL(chan, MODERATION), 0xa55a'0037);
    regs.write(CW_CHANNEL(chan, CONTROL),
               CW_DMA_REGS__CONTROL__ENABLE_bm | CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm);
    const dma::Ctl set{.enable = true,
                       .irq_enable = true,
                       .ring = 0x0123'4567'89ab'cde0,
                       .records = 0xfedc'ba98'7654'3210,
                       .ring_log2 = 9,
                       .count = 0x37,
                       .timer = 0xa55a,
                       .mode = 3,
                       .level = 3,
                       .weight = 15};
    for (unsigned c = 0; c < kChannels; ++c) CHECK(regs.ctl(c) == (c == chan ? set : kUntouched));
    for (unsigned c = 0; c < kChannels; ++c) {
      regs.p().dma_irq_chan_i = c;
      regs.p().dma_irq_valid_i = 1;
      regs.module.settle();
      CHECK(dma::irq(regs.p().dma_irq_o) == dma::Irq{true, c == chan ? 0x7ffu : 0});
    }
    regs.p().dma_irq_valid_i = 0;
  }
}

TEST_CASE("the share of the bus has its fields", "[unit][endpoint][dma]") {
  Regs<> regs;
  regs.write(CW_CHANNEL(1, SHARE), 2u << CW_DMA_REGS__SHARE__MODE_bp |
                                       1u << CW_DMA_REGS__SHARE__LEVEL_bp |
                                       7u << CW_DMA_REGS__SHARE__WEIGHT_bp);
  CHECK(regs.ctl(1).mode == 2);
  CHECK(regs.ctl(1).level == 1);
  CHECK(regs.ctl(1).weight == 7);
}

TEST_CASE("channels that were not built read zero and take writes", "[unit][endpoint][dma]") {
  Regs<Vcw_endpoint_regs_channels1> one;
  CHECK(one.read(offsetof(cw_regs_t, BUILD)) >> CW_REGS__BUILD__CHANNELS_bp == 1);
  for (unsigned at = CW_CHANNEL(0, CONTROL); at < CW_CHANNEL(16, CONTROL); at += 4) {
    one.write(at, ~0u);
  }
  CHECK(one.ctl(0).weight == 15);
  for (unsigned at = CW_CHANNEL(1, CONTROL); at < 0x1000; at += 4) CHECK(one.read(at) == 0);

  Regs<Vcw_endpoint_regs_channels16> all;
  CHECK(all.read(offsetof(cw_regs_t, BUILD)) >> CW_REGS__BUILD__CHANNELS_bp == 16);
  for (unsigned c = 0; c < 16; ++c) all.write(CW_CHANNEL(c, SHARE), c << 8);
  for (unsigned c = 0; c < 16; ++c) {
    CHECK(all.ctl(c).weight == c);
    CHECK(all.read(CW_CHANNEL(c, SHARE)) == c << 8);
    CHECK(all.read(CW_CHANNEL(c, STATUS)) == c % 6 << 4);
    all.event(c);
    CHECK(all.read(kIrqStatus) == (2u << c) - 1);
  }
}

TEST_CASE("an interrupt is the level of INTx from its event until software clears it",
          "[unit][endpoint][interrupts][R29]") {
  for (unsigned chan = 0; chan < kChannels; ++chan) {
    Regs<> regs;
    const uint32_t mine = 1u << chan, other = 1u << (chan + 1) % kChannels;
    regs.write(kIrqEnable, mine);
    regs.event((chan + 1) % kChannels);
    CHECK(regs.read(kIrqStatus) == other);
    CHECK_FALSE(regs.p().level_o);
    regs.event(chan);
    CHECK(regs.read(kIrqStatus) == (mine | other));
    CHECK(regs.p().level_o);
    regs.write(kIrqEnable, 0);
    CHECK_FALSE(regs.p().level_o);
    CHECK(regs.read(kIrqStatus) == (mine | other));
    regs.write(kIrqEnable, mine);
    regs.write(kIrqStatus, other);
    CHECK(regs.p().level_o);
    CHECK(regs.read(kIrqStatus) == mine);
    regs.write(kIrqStatus, mine, 0b1100);  // none of the channels' bytes
    CHECK(regs.p().level_o);
    regs.write(kIrqStatus, mine);
    CHECK_FALSE(regs.p().level_o);
    CHECK(regs.read(kIrqStatus) == 0);
  }
}

TEST_CASE(
    "an interrupt in the clock in which its status is cleared stays, and costs no other clear",
    "[unit][endpoint][interrupts][R46][R56]") {
  Regs<> regs;
  regs.write(kIrqEnable, 1);
  regs.event(0);
  regs.event(3);
  regs.p().dma_irq_chan_i = 0;
  regs.p().dma_irq_valid_i = 1;
  regs.write(kIrqStatus, 1u << 0 | 1u << 3);
  regs.p().dma_irq_valid_i = 0;
  CHECK(regs.read(kIrqStatus) == 1);
  CHECK(regs.p().level_o);
}

TEST_CASE("the user's lines are a level that software cannot clear",
          "[unit][endpoint][interrupts]") {
  Regs<> regs;
  constexpr uint32_t user = CW_REGS__IRQ_STATUS__USER_bm;
  regs.p().user_level_i = 1;
  CHECK(regs.read(kIrqStatus) == user);
  CHECK_FALSE(regs.p().level_o);
  regs.write(kIrqEnable, user);
  CHECK(regs.p().level_o);
  regs.write(kIrqStatus, user);
  CHECK(regs.read(kIrqStatus) == user);
  regs.p().user_level_i = 0;
  CHECK(regs.read(kIrqStatus) == 0);
  CHECK_FALSE(regs.p().level_o);
}

TEST_CASE("every write of the doorbell rings once, with the new tail", "[unit][endpoint][R54]") {
  Regs<> regs;
  for (const unsigned tail : {7u, 7u, 8u}) {
    CHECK_FALSE(regs.ctl(4).tail_write);
    regs.write(CW_CHANNEL(4, TAIL), tail);
    CHECK(regs.ctl(4).tail_write);
    CHECK(regs.ctl(4).tail == tail);
    CHECK_FALSE(regs.ctl(3).tail_write);
    CHECK_FALSE(regs.ctl(5).tail_write);
    regs.module.step();
    regs.module.settle();
  }
  regs.write(CW_CHANNEL(4, TAIL), 0x0009'0000, 0b1100);  // none of the tail's bytes
  CHECK_FALSE(regs.ctl(4).tail_write);
}

TEST_CASE("a restart and an abort are one pulse each, and a restart clears the tail",
          "[unit][endpoint][dma][R54]") {
  Regs<> regs;
  regs.write(CW_CHANNEL(1, TAIL), 5);
  regs.write(CW_CHANNEL(1, CONTROL), CW_DMA_REGS__CONTROL__ABORT_bm);
  CHECK(regs.ctl(1).abort_all);
  CHECK_FALSE(regs.ctl(0).abort_all);
  CHECK(regs.read(CW_CHANNEL(1, CONTROL)) == 0);  // in the clock of the pulse, too
  CHECK_FALSE(regs.ctl(1).abort_all);
  CHECK(regs.read(CW_CHANNEL(1, TAIL)) == 5);
  regs.write(CW_CHANNEL(1, CONTROL), CW_DMA_REGS__CONTROL__RESTART_bm);
  CHECK(regs.ctl(1).restart);
  CHECK_FALSE(regs.ctl(1).abort_all);
  CHECK(regs.read(CW_CHANNEL(1, CONTROL)) == 0);
  CHECK_FALSE(regs.ctl(1).restart);
  CHECK(regs.read(CW_CHANNEL(1, CONTROL)) == 0);
  CHECK(regs.read(CW_CHANNEL(1, TAIL)) == 0);
}

TEST_CASE("status shows the channel as it is", "[unit][endpoint]") {
  Regs<> regs;
  dma::drive(regs.p().sta_i, {.head = 0xabcd, .halted = true, .busy = true}, 2);
  CHECK(regs.read(CW_CHANNEL(2, STATUS)) == 0xabcd'0023);
  for (const unsigned c : {0u, 1u, 3u, 4u, 5u}) CHECK(regs.read(CW_CHANNEL(c, STATUS)) == c << 4);
}

}  // namespace
