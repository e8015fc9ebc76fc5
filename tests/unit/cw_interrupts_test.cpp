// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64 Functions=4 MsixVectors=300
#include <array>
#include <vector>

#include "Vcw_interrupts.h"
#include "Vcw_interrupts_w64_functions4_msixvectors300.h"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "unit/dma_fields.hpp"
#include "unit/interrupt_fields.hpp"

namespace cw::unit {
namespace {

using Wide = Vcw_interrupts_w64_functions4_msixvectors300;

struct Sent {
  unsigned fn = 0;
  uint64_t iova = 0;
  uint32_t data = 0;
  bool operator==(const Sent&) const = default;
};
using SentList = std::vector<Sent>;

enum class Way { Intx, Msi, Msix };

constexpr uint64_t msi_address(unsigned fn) { return 0x7'fee0'0000 + 0x1000 * fn; }
constexpr uint64_t kMsixAddress = 0x9'fee0'8000;

template <class V>
struct Interrupts : dut::Module<V> {
  static constexpr bool kWide = std::is_same_v<V, Wide>;
  static constexpr unsigned kFunctions = kWide ? 4 : 1;
  static constexpr uint32_t kVectors = kWide ? 300 : 8;

  explicit Interrupts(Way way = Way::Msix) : bus(*this) {
    auto& p = this->pins();
    dut::clear_bits(p.irq_i);
    p.fn_rst_i = p.dma_irq_i = p.level_i = p.reg_pba_i = p.wr_ready_i = 0;
    for (unsigned f = 0; f < kFunctions; ++f) {
      state[f].msi = {.data = static_cast<uint16_t>(0x100 * (f + 1)),
                      .address = msi_address(f),
                      .vectors_log2 = 5,
                      .enable = way == Way::Msi || (way == Way::Msix && f != 0)};
    }
    state[0].msix_enable = way == Way::Msix;
    configure();
    this->reset();
    for (uint32_t v = 0; v < kVectors; ++v) {
      const uint32_t table = kWide ? msix::kLongTable : msix::kTable;
      bus.write(msix::entry(v, msix::kAddrLo, table), static_cast<uint32_t>(kMsixAddress));
      bus.write(msix::entry(v, msix::kAddrHi, table), kMsixAddress >> 32);
      bus.write(msix::entry(v, msix::kData, table), 0x8000 + v);
      bus.write(msix::entry(v, msix::kControl, table), 0);
    }
  }
  void configure() {
    for (unsigned f = 0; f < kFunctions; ++f) drive(this->pins().state_i, state[f], f);
    this->settle();
  }
  void line(unsigned fn, unsigned vector, bool high) {
    dut::set_bits(this->pins().irq_i, 32 * fn + vector, 1, high);
  }
  void raise(const dma::Irq& irq) {
    dma::drive(this->pins().dma_irq_i, irq);
    step();
    this->pins().dma_irq_i = 0;
  }
  void step() override {
    auto& p = this->pins();
    this->settle();
    if (p.wr_valid_o && p.wr_ready_i) {
      const dma::WriteBeat beat = dma::write_beat(p.wr_beat_o, 0);
      CHECK((beat.sop && beat.eop));
      CHECK(beat.bytes == 4);
      CHECK(dut::get_bits(p.wr_data_o, 32, 32) == 0);
      sent.push_back({.fn = static_cast<unsigned>(dut::get_bits(p.wr_beat_o, 82, 3)),
                      .iova = beat.iova,
                      .data = static_cast<uint32_t>(dut::get_bits(p.wr_data_o, 0, 32))});
    }
    dut::Module<V>::step();
  }
  SentList drain(unsigned cycles = 100) {
    sent.clear();
    this->pins().wr_ready_i = 1;
    for (unsigned i = 0; i < cycles; ++i) step();
    this->pins().wr_ready_i = 0;
    return sent;
  }
  static Sent msix_sent(uint32_t v) { return {.fn = 0, .iova = kMsixAddress, .data = 0x8000 + v}; }
  static Sent msi_sent(unsigned fn, uint32_t v) {
    return {.fn = fn, .iova = msi_address(fn), .data = 0x100 * (fn + 1) | v};
  }

  std::array<FunctionState, kFunctions> state{};
  msix::RegBus<V> bus;
  SentList sent;
};

TEST_CASE("A line that rises is told once, by MSI-X before MSI, and as a level by INTx alone",
          "[unit][interrupts][R46]") {
  for (const Way way : {Way::Msix, Way::Msi, Way::Intx}) {
    Interrupts<Wide> irq(way);
    for (unsigned f = 0; f < 4; ++f) irq.line(f, 5, true);
    irq.pins().level_i = 1;  // what function 0's registers make of it
    const SentList sent = irq.drain();
    for (unsigned f = 0; f < 4; ++f) irq.line(f, 5, true);
    CHECK(irq.drain().empty());
    using I = Interrupts<Wide>;
    SentList expected;
    for (unsigned f = 1; way != Way::Intx && f < 4; ++f) expected.push_back(I::msi_sent(f, 5));
    if (way == Way::Msi) expected.push_back(I::msi_sent(0, 5));
    if (way == Way::Msix) expected.push_back(I::msix_sent(5));
    CHECK(sent.size() == expected.size());
    for (const Sent& e : expected) CHECK(std::count(sent.begin(), sent.end(), e) == 1);
    CHECK(irq.pins().intx_o == (way == Way::Intx ? 0xf : 0));
    CHECK(irq.pins().intx_status_o == (way == Way::Intx ? 0xf : 0));
    for (unsigned f = 0; f < 4; ++f) irq.line(f, 5, false);
    irq.pins().level_i = 0;
    CHECK(irq.drain().empty());
    CHECK(irq.pins().intx_o == 0);
  }
}

TEST_CASE("What was told by MSI is not told once more when MSI-X comes on",
          "[unit][interrupts][R46]") {
  Interrupts<Vcw_interrupts> irq(Way::Msi);
  irq.line(0, 3, true);
  irq.raise({.valid = true, .vector = 5});
  CHECK(irq.drain().size() == 2);
  CHECK(irq.bus.read(msix::kPba) == 0);
  irq.state[0].msix_enable = true;
  irq.configure();
  CHECK(irq.drain().empty());
}

TEST_CASE("MSI-X has the say where software enables both", "[unit][interrupts][R46]") {
  Interrupts<Vcw_interrupts> irq(Way::Msix);
  irq.state[0].msi.enable = true;
  irq.configure();
  irq.line(0, 3, true);
  CHECK(irq.drain() == SentList{Interrupts<Vcw_interrupts>::msix_sent(3)});
  CHECK(irq.pins().msi_pending_o == 0);
}

TEST_CASE("A DMA channel raises its vector, and a vector that is not there raises nothing",
          "[unit][interrupts][R46]") {
  using I = Interrupts<Wide>;
  I irq(Way::Msix);
  irq.raise({.valid = true, .vector = 299});
  CHECK(irq.drain() == SentList{I::msix_sent(299)});
  irq.raise({.valid = false, .vector = 7});
  CHECK(irq.drain().empty());
  for (const unsigned vector : {300u, 2047u}) irq.raise({.valid = true, .vector = vector});
  CHECK(irq.drain().empty());
  for (const unsigned vector : {9u, 0u, 9u}) irq.raise({.valid = true, .vector = vector});
  CHECK(irq.drain() == SentList{I::msix_sent(0), I::msix_sent(9)});
}

TEST_CASE("A DMA channel's vector counts modulo what MSI grants", "[unit][interrupts]") {
  using I = Interrupts<Vcw_interrupts>;
  I irq(Way::Msi);
  irq.state[0].msi.vectors_log2 = 2;
  irq.configure();
  irq.raise({.valid = true, .vector = 0x46});
  CHECK(irq.drain() == SentList{I::msi_sent(0, 2)});
}

TEST_CASE("A user's line beyond the MSI-X table raises nothing", "[unit][interrupts][R46]") {
  Interrupts<Vcw_interrupts> irq(Way::Msix);
  irq.line(0, 8, true);
  irq.line(0, 31, true);
  CHECK(irq.drain().empty());
}

TEST_CASE("A masked MSI waits in the pending bits of its own function", "[unit][interrupts]") {
  using I = Interrupts<Wide>;
  I irq(Way::Msi);
  irq.state[2].msi.mask = 1u << 6;
  irq.configure();
  irq.line(2, 6, true);
  CHECK(irq.drain().empty());
  for (unsigned f = 0; f < 4; ++f) {
    CHECK(dut::get_bits(irq.pins().msi_pending_o, 32 * f, 32) == (f == 2 ? 1u << 6 : 0));
  }
  irq.state[2].msi.mask = 0;
  irq.configure();
  CHECK(irq.drain() == SentList{I::msi_sent(2, 6)});
}

TEST_CASE("A function that may not send keeps no other function from sending",
          "[unit][interrupts][R10]") {
  using I = Interrupts<Wide>;
  I irq(Way::Msi);
  for (unsigned f = 0; f < 4; ++f) irq.line(f, 1, true);
  irq.run_until([&] { return irq.pins().wr_valid_o; }, {10});
  irq.state[0].bus_master = irq.state[2].bus_master = false;
  irq.configure();
  const SentList sent = irq.drain();
  CHECK(sent.size() == 2);
  for (const unsigned f : {1u, 3u}) CHECK(std::count(sent.begin(), sent.end(), I::msi_sent(f, 1)));
  irq.state[0].bus_master = irq.state[2].bus_master = true;
  irq.configure();
  CHECK(irq.drain().size() == 2);
}

TEST_CASE("The reset of a function takes its interrupts alone", "[unit][interrupts][R43]") {
  using I = Interrupts<Wide>;
  for (unsigned reset = 0; reset < 4; ++reset) {
    I irq(Way::Msi);
    for (unsigned f = 0; f < 4; ++f) irq.line(f, 2, true);
    irq.step();
    for (unsigned f = 0; f < 4; ++f) irq.line(f, 2, false);
    irq.pins().fn_rst_i = 1u << reset;
    irq.step();
    irq.pins().fn_rst_i = 0;
    const SentList sent = irq.drain();
    CHECK(sent.size() == 3);
    CHECK(std::count(sent.begin(), sent.end(), I::msi_sent(reset, 2)) == 0);
  }
  I irq(Way::Msix);
  irq.pins().fn_rst_i = 1;
  irq.step();
  irq.pins().fn_rst_i = 0;
  irq.line(0, 2, true);
  CHECK(irq.drain().empty());  // every vector is masked
  CHECK(irq.bus.read(msix::kPba) == 1u << 2);
}

TEST_CASE("Each message waits until the requester takes it, beside those of others",
          "[unit][interrupts][R46]") {
  using I = Interrupts<Wide>;
  for (const auto kind : agent::kEveryStall) {
    I irq(Way::Msix);
    agent::StallPolicy stall(kind, {4, "requester"});
    for (unsigned round = 0; round < 40; ++round) {
      irq.sent.clear();
      for (unsigned f = 0; f < 4; ++f) irq.line(f, round % 32, true);
      for (unsigned i = 0, after = 0; i < 2000 && after < 20; ++i) {
        irq.pins().wr_ready_i = i >= 8 && !stall.stalls();
        irq.step();
        after += irq.sent.size() >= 4;
      }
      irq.pins().wr_ready_i = 0;
      CHECK(irq.sent.size() == 4);
      CHECK(std::count(irq.sent.begin(), irq.sent.end(), I::msix_sent(round % 32)) == 1);
      for (unsigned f = 1; f < 4; ++f) {
        CHECK(std::count(irq.sent.begin(), irq.sent.end(), I::msi_sent(f, round % 32)) == 1);
      }
      for (unsigned f = 0; f < 4; ++f) irq.line(f, round % 32, false);
    }
  }
}

TEST_CASE("No function starves another under any stalls", "[unit][interrupts]") {
  for (const auto kind : agent::kEveryStall) {
    Interrupts<Wide> irq(Way::Msi);
    agent::StallPolicy stall(kind, {3, "requester"});
    for (int i = 0; i < 800; ++i) {
      for (unsigned f = 0; f < 4; ++f) irq.line(f, i / 2 % 32, i % 2 == 0);
      irq.pins().wr_ready_i = !stall.stalls();
      irq.step();
    }
    for (unsigned f = 0; f < 4; ++f) {
      CHECK(std::count_if(irq.sent.begin(), irq.sent.end(),
                          [&](const Sent& s) { return s.fn == f; }) >= 10);
    }
  }
}

}  // namespace
}  // namespace cw::unit
