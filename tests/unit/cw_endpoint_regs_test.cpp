// SPDX-License-Identifier: Apache-2.0
#include "../../sw/include/cw/cw_regs.h"
#include "Vcw_endpoint_regs.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"
#include "unit/interrupt_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

constexpr uint16_t kH2c = offsetof(cw_regs_t, H2C);
constexpr uint16_t kC2h = offsetof(cw_regs_t, C2H);
#define CW_CHANNEL(reg) static_cast<uint16_t>(offsetof(cw_dma_regs_t, reg))

// `dma_ctl_t`, `dma_sta_t`
struct Control {
  bool enable, restart;
  uint64_t ring, record;
  unsigned log2;
  bool tail_write;
  unsigned tail;
  bool operator==(const Control&) const = default;
};
template <class Port>
Control control(const Port& port) {
  return {dut::get_bits(port, 150, 1) != 0,
          dut::get_bits(port, 149, 1) != 0,
          dut::get_bits(port, 85, 64),
          dut::get_bits(port, 21, 64),
          static_cast<unsigned>(dut::get_bits(port, 17, 4)),
          dut::get_bits(port, 16, 1) != 0,
          static_cast<unsigned>(dut::get_bits(port, 0, 16))};
}
struct Status {
  bool busy = false, halted = false, bad_doorbell = false, entry_error = false;
  unsigned head = 0, moved = 0;
};
uint64_t to_bits(const Status& s) {
  return uint64_t{s.busy} << 33 | uint64_t{s.halted} << 32 | uint64_t{s.bad_doorbell} << 31 |
         uint64_t{s.entry_error} << 30 | uint64_t{s.head} << 14 | uint64_t{s.moved != 0} << 13 |
         s.moved;
}

struct Regs {
  Regs() {
    p().reg_valid_i = 0;
    p().event_i = 0;
    p().h2c_sta_i = p().c2h_sta_i = 0;
    p().dma_irq_i = p().user_level_i = 0;
    module.reset();
  }
  Vcw_endpoint_regs& p() { return module.pins(); }
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
  // Interrupts of the DMA channels in one clock.
  void event(unsigned channels) {
    p().dma_irq_i = channels;
    module.step();
    p().dma_irq_i = 0;
    module.settle();
  }
  dut::Module<Vcw_endpoint_regs> module{1};
};

constexpr unsigned kErrors = offsetof(cw_regs_t, ERRORS);
constexpr unsigned kIrqStatus = offsetof(cw_regs_t, IRQ_STATUS);
constexpr unsigned kIrqEnable = offsetof(cw_regs_t, IRQ_ENABLE);

}  // namespace

TEST_CASE("the card says what it is and how it was built", "[unit][endpoint]") {
  Regs regs;
  CHECK(regs.read(offsetof(cw_regs_t, ID)) == CW_REGS__ID__MAGIC_reset);
  CHECK(regs.read(offsetof(cw_regs_t, VERSION)) == 0x0001'0001);
  CHECK(regs.read(offsetof(cw_regs_t, BUILD)) == (5u | 1u << 4 | 16u << 8 | 8u << 16));
  regs.write(offsetof(cw_regs_t, ID), 0);
  CHECK(regs.read(offsetof(cw_regs_t, ID)) == CW_REGS__ID__MAGIC_reset);
  CHECK(regs.read(0xffc) == 0);
}

TEST_CASE("byte enables reach the register", "[unit][endpoint][R05]") {
  Regs regs;
  constexpr unsigned kScratch = offsetof(cw_regs_t, SCRATCH);
  regs.write(kScratch, 0x1122'3344);
  regs.write(kScratch, 0xaabb'ccdd, 0b0110);
  CHECK(regs.read(kScratch) == 0x11bb'cc44);
  regs.write(kScratch, 0xffff'ffff, 0);
  CHECK(regs.read(kScratch) == 0x11bb'cc44);
}

TEST_CASE("an error stays until 1 is written to it, and longer if it comes again",
          "[unit][endpoint]") {
  Regs regs;
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
  Regs regs;
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
  regs.p().h2c_sta_i = to_bits(Status{.entry_error = true});
  regs.p().c2h_sta_i = to_bits(Status{.bad_doorbell = true});
  regs.module.step();
  regs.p().h2c_sta_i = regs.p().c2h_sta_i = 0;
  CHECK(regs.read(kErrors) == (CW_REGS__ERRORS__H2C_ENTRY_bm | CW_REGS__ERRORS__C2H_DOORBELL_bm));
}

TEST_CASE("the bytes moved are counted and cleared by the read, and none is lost",
          "[unit][endpoint]") {
  Regs regs;
  regs.p().h2c_sta_i = to_bits(Status{.moved = 4096});
  regs.p().c2h_sta_i = to_bits(Status{.moved = 1});
  regs.module.step(3_cycles);
  CHECK(regs.read(kH2c + CW_CHANNEL(MOVED)) == 3 * 4096);
  CHECK(regs.read(kH2c + CW_CHANNEL(MOVED)) == 4096);  // what came with the first read
  CHECK(regs.read(kC2h + CW_CHANNEL(MOVED)) == 5);
}

TEST_CASE("what software sets reaches its channel alone", "[unit][endpoint]") {
  Regs regs;
  const uint16_t base = GENERATE(kH2c, kC2h);
  regs.write(base + CW_CHANNEL(RING_LO), 0x89ab'cdff);
  regs.write(base + CW_CHANNEL(RING_HI), 0x0123'4567);
  regs.write(base + CW_CHANNEL(RECORD_LO), 0x7654'321f);
  regs.write(base + CW_CHANNEL(RECORD_HI), 0xfedc'ba98);
  regs.write(base + CW_CHANNEL(SIZE), 9);
  regs.write(base + CW_CHANNEL(VECTOR), 0x7ff);
  regs.write(base + CW_CHANNEL(CONTROL),
             CW_DMA_REGS__CONTROL__ENABLE_bm | CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm);
  const Control set{true, false, 0x0123'4567'89ab'cde0, 0xfedc'ba98'7654'3210, 9, false, 0};
  const Control untouched{false, false, 0, 0, 1, false, 0};
  CHECK(control(regs.p().h2c_ctl_o) == (base == kH2c ? set : untouched));
  CHECK(control(regs.p().c2h_ctl_o) == (base == kC2h ? set : untouched));
  regs.p().dma_irq_i = 3;
  regs.module.settle();
  CHECK(dma_irq(regs.p().dma_irq_o) == (base == kH2c ? DmaIrq{.h2c = true, .h2c_vector = 0x7ff}
                                                     : DmaIrq{.c2h = true, .c2h_vector = 0x7ff}));
  regs.p().dma_irq_i = 0;
}

TEST_CASE("an interrupt is the level of INTx from its event until software clears it",
          "[unit][endpoint][interrupts][R29]") {
  Regs regs;
  const uint16_t base = GENERATE(kH2c, kC2h);
  const unsigned channel = base == kH2c ? 1 : 2;
  regs.write(kIrqEnable, 3);
  regs.event(channel);  // the channel's interrupt is off
  CHECK(regs.read(kIrqStatus) == 0);
  regs.write(base + CW_CHANNEL(CONTROL), CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm);
  regs.event(3);
  CHECK(regs.read(kIrqStatus) == channel);
  CHECK(regs.p().level_o);
  regs.write(kIrqEnable, 3 & ~channel);
  CHECK_FALSE(regs.p().level_o);
  CHECK(regs.read(kIrqStatus) == channel);
  regs.write(kIrqEnable, channel);
  CHECK(regs.p().level_o);
  regs.write(kIrqStatus, 3 & ~channel);
  CHECK(regs.p().level_o);
  regs.write(kIrqStatus, channel);
  CHECK_FALSE(regs.p().level_o);
  CHECK(regs.read(kIrqStatus) == 0);
}

TEST_CASE("an interrupt in the clock in which its status is cleared stays",
          "[unit][endpoint][interrupts][R46]") {
  Regs regs;
  regs.write(kH2c + CW_CHANNEL(CONTROL), CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm);
  regs.write(kIrqEnable, 1);
  regs.event(1);
  regs.p().dma_irq_i = 1;
  regs.write(kIrqStatus, 1);
  regs.p().dma_irq_i = 0;
  CHECK(regs.read(kIrqStatus) == 1);
  CHECK(regs.p().level_o);
}

TEST_CASE("the user's lines are a level that software cannot clear",
          "[unit][endpoint][interrupts]") {
  Regs regs;
  regs.p().user_level_i = 1;
  CHECK(regs.read(kIrqStatus) == 4);
  CHECK_FALSE(regs.p().level_o);
  regs.write(kIrqEnable, 4);
  CHECK(regs.p().level_o);
  regs.write(kIrqStatus, 4);
  CHECK(regs.read(kIrqStatus) == 4);
  regs.p().user_level_i = 0;
  CHECK(regs.read(kIrqStatus) == 0);
  CHECK_FALSE(regs.p().level_o);
}

TEST_CASE("every write of the doorbell rings once, with the new tail", "[unit][endpoint][R54]") {
  Regs regs;
  for (const unsigned tail : {7u, 7u, 8u}) {
    CHECK_FALSE(control(regs.p().h2c_ctl_o).tail_write);
    regs.write(kH2c + CW_CHANNEL(TAIL), tail);
    CHECK(control(regs.p().h2c_ctl_o).tail_write);
    CHECK(control(regs.p().h2c_ctl_o).tail == tail);
    CHECK_FALSE(control(regs.p().c2h_ctl_o).tail_write);
    regs.module.step();
    regs.module.settle();
  }
  regs.write(kH2c + CW_CHANNEL(TAIL), 0x0009'0000, 0b1100);  // none of the tail's bytes
  CHECK_FALSE(control(regs.p().h2c_ctl_o).tail_write);
}

TEST_CASE("a restart is one pulse and clears the tail", "[unit][endpoint][R54]") {
  Regs regs;
  regs.write(kC2h + CW_CHANNEL(TAIL), 5);
  regs.write(kC2h + CW_CHANNEL(CONTROL), CW_DMA_REGS__CONTROL__RESTART_bm);
  CHECK(control(regs.p().c2h_ctl_o).restart);
  CHECK(regs.read(kC2h + CW_CHANNEL(CONTROL)) == 0);  // in the clock of the pulse, too
  CHECK_FALSE(control(regs.p().c2h_ctl_o).restart);
  CHECK(regs.read(kC2h + CW_CHANNEL(CONTROL)) == 0);
  CHECK(regs.read(kC2h + CW_CHANNEL(TAIL)) == 0);
}

TEST_CASE("status shows the channel as it is", "[unit][endpoint]") {
  Regs regs;
  regs.p().h2c_sta_i = to_bits(Status{.busy = true, .halted = true, .head = 0xabcd});
  CHECK(regs.read(kH2c + CW_CHANNEL(STATUS)) == 0xabcd'0003);
  CHECK(regs.read(kC2h + CW_CHANNEL(STATUS)) == 0);
}
