// SPDX-License-Identifier: Apache-2.0
#include "iommu/rtl_target.hpp"

#include "Vcw_iommu_l2entries0_dcentries4_walks1_pending4_pwcentries4_ptelines1.h"
#include "Vcw_iommu_levels4.h"
#include "dut/bits.hpp"
#include "dut/module.hpp"
#include "iommu/memory_agent.hpp"

namespace cw::iommu {

using dut::get_bits;
using dut::set_bits;
using namespace dut::literals;
using namespace model::iommu_reg;

namespace {

// What a request may take, a register write until nothing is busy, and a settled IOMMU to stay so.
constexpr dut::Cycles kAnswerBudget = 20'000_cycles, kBusyBudget = 20'000_cycles;
constexpr dut::Cycles kQuiet = 64_cycles, kNoProgress = 20'000_cycles;
// After an operation: a counter shows a count after some clocks.
constexpr dut::Cycles kRest = 16_cycles;

// `tr_req_t` and `tr_rsp_t` of two ports.
constexpr unsigned kRequestBits = 97, kAnswerBits = 62;
constexpr unsigned kPosted = 0, kNonPosted = 1;

template <class Pins>
class Bench : public dut::Module<Pins> {
 public:
  using dut::ModuleBase::kernel;
  using dut::ModuleBase::reset;
  using dut::ModuleBase::run_until;
  using dut::ModuleBase::step;
  using dut::Module<Pins>::pins;
  using dut::Module<Pins>::settle;

  Bench(RtlOptions options, uint64_t capabilities)
      : dut::Module<Pins>(options.seed), agent(kernel(), pins(), options.read_latency) {
    auto& p = pins();
    p.caps_i = capabilities;
    p.reg_valid_i = p.reg_write_i = 0;
    p.tr_valid_i = 0;
    p.retired_i = 0;
    reset();
  }

  MemoryAgent<Pins> agent;

  uint64_t read(uint32_t offset, unsigned size) {
    auto& p = pins();
    p.reg_valid_i = 1;
    p.reg_write_i = 0;
    p.reg_addr_i = offset;
    p.reg_size8_i = size == 8;
    settle();
    const uint64_t value = p.reg_rdata_o;
    p.reg_valid_i = 0;
    return value;
  }
  void write(uint32_t offset, unsigned size, uint64_t value) {
    auto& p = pins();
    p.reg_valid_i = p.reg_write_i = 1;
    p.reg_addr_i = offset;
    p.reg_size8_i = size == 8;
    p.reg_wdata_i = value;
    run_until([&] { return p.reg_ready_o != 0; }, kBusyBudget);
    step();
    p.reg_valid_i = p.reg_write_i = 0;
    run_until([&] { return !busy(); }, kBusyBudget);
    step(kRest);
  }

  bool busy() {
    constexpr uint64_t kDdtpBusy = 1u << 4, kQueueBusy = 1u << 17;
    return (read(kDdtp, 4) & kDdtpBusy) != 0 || (read(kCqcsr, 4) & kQueueBusy) != 0 ||
           (read(kFqcsr, 4) & kQueueBusy) != 0;
  }
  // Nothing to do for the command queue, the debug interface and the memory port.
  bool at_rest() {
    constexpr uint64_t kErrors = 0x700, kOn = 1u << 16, kGo = 1;
    const uint64_t control = read(kCqcsr, 4);
    const bool commands =
        (control & kOn) != 0 && (control & kErrors) == 0 && read(kCqh, 4) != read(kCqt, 4);
    return !commands && !busy() && (read(kTrReqCtl, 4) & kGo) == 0 && agent.idle();
  }
  // As long as something moves, and not longer.
  void run_to_rest() {
    dut::Cycles quiet, stuck;
    uint64_t seen = 0;
    while (quiet < kQuiet) {
      step();
      const uint64_t moved = agent.transfers() + read(kCqh, 4);
      stuck = moved == seen ? stuck + 1_cycles : 0_cycles;
      quiet = moved == seen && at_rest() ? quiet + 1_cycles : 0_cycles;
      seen = moved;
      if (stuck > kNoProgress) throw dut::Timeout("the IOMMU neither works nor comes to rest");
    }
  }

  Outcome ask(const Translate& request) {
    auto& p = pins();
    const unsigned port = request.write ? kPosted : kNonPosted, base = port * kRequestBits;
    dut::clear_bits(p.tr_req_i);
    set_bits(p.tr_req_i, base + 2, 1, request.write);
    set_bits(p.tr_req_i, base + 3, 64, request.iova);
    set_bits(p.tr_req_i, base + 67, 24, request.device_id);
    p.tr_valid_i = 1 << port;
    run_until([&] { return (p.tr_ready_o >> port & 1) != 0; }, kAnswerBudget);
    step();
    p.tr_valid_i = 0;
    run_until([&] { return (p.tr_rsp_valid_o >> port & 1) != 0; }, kAnswerBudget);
    const bool fault = get_bits(p.tr_rsp_o, port * kAnswerBits, 1) != 0;
    const uint64_t hpa = get_bits(p.tr_rsp_o, port * kAnswerBits + 1, 56);
    step();
    p.retired_i = 1 << port;
    step();
    p.retired_i = 0;
    step(kRest);
    return fault ? Outcome{.status = Status::Ur} : Outcome{.status = Status::Ok, .address = hpa};
  }
};

// A bench from reset to reset.
template <class Pins>
class RtlTarget : public Target {
 public:
  explicit RtlTarget(RtlOptions options) : options_(options) {}

  void reset(uint64_t capabilities) override {
    bench_ = std::make_unique<Bench<Pins>>(options_, capabilities);
  }
  Memory& memory() override { return bench_->agent.memory; }
  void write_register(uint32_t offset, unsigned size, uint64_t value) override {
    bench_->write(offset, size, value);
  }
  uint64_t read_register(uint32_t offset, unsigned size) override {
    return bench_->read(offset, size);
  }
  void settle() override { bench_->run_to_rest(); }
  Outcome translate(const Translate& request) override { return bench_->ask(request); }

 private:
  RtlOptions options_;
  std::unique_ptr<Bench<Pins>> bench_;
};

}  // namespace

std::unique_ptr<Target> rtl_target(RtlOptions options) {
  if (options.build == Build::Smallest) {
    return std::make_unique<
        RtlTarget<Vcw_iommu_l2entries0_dcentries4_walks1_pending4_pwcentries4_ptelines1>>(options);
  }
  return std::make_unique<RtlTarget<Vcw_iommu_levels4>>(options);
}

}  // namespace cw::iommu
