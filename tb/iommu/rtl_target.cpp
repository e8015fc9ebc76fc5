// SPDX-License-Identifier: Apache-2.0
#include "iommu/rtl_target.hpp"

#include <array>
#include <deque>

#include "Vcw_iommu_ptelines4.h"
#include "agent/axi_pins.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::iommu {

using dut::get_bits;
using dut::set_bits;
using namespace dut::literals;
using namespace model::iommu_reg;

namespace {

using Pins = Vcw_iommu_ptelines4;

// What a request may take, a register write until nothing is busy, and a settled IOMMU to stay so.
constexpr dut::Cycles kAnswerBudget = 20'000_cycles, kBusyBudget = 20'000_cycles;
constexpr dut::Cycles kQuiet = 64_cycles, kNoProgress = 20'000_cycles;
// After an operation: a counter shows a count after some clocks.
constexpr dut::Cycles kRest = 16_cycles;

// `tr_req_t` and `tr_rsp_t` of two ports.
constexpr unsigned kRequestBits = 97, kAnswerBits = 62;
constexpr unsigned kPosted = 0, kNonPosted = 1;

// The trace's memory behind the AXI port. Answers come in order; each beat of a read has the marks
// of its own 8 bytes, a write those of all its bytes.
class MemoryAgent : public dut::Clocked {
 public:
  MemoryAgent(dut::Kernel& kernel, Pins& pins, unsigned read_latency)
      : kernel_(kernel),
        p_(pins),
        ar_(pins.m_ar_o),
        aw_(pins.m_aw_o),
        b_(pins.m_b_i),
        read_latency_(read_latency) {
    kernel.add(*this);
    reset();
  }
  ~MemoryAgent() override { kernel_.remove(*this); }

  Memory memory;
  bool idle() const { return beats_.empty() && writes_.empty() && data_.empty() && !answer_; }
  uint64_t transfers() const { return transfers_; }

  void sample() override {
    if (p_.m_r_valid_i && p_.m_r_ready_o) beats_.pop_front();
    if (p_.m_b_valid_i && p_.m_b_ready_o) answer_ = false;
    if (p_.m_ar_valid_o && p_.m_ar_ready_i) take_read(ar_.get());
    if (p_.m_aw_valid_o && p_.m_aw_ready_i) writes_.push_back(aw_.get());
    if (p_.m_w_valid_o && p_.m_w_ready_i) {
      data_.push_back({.data = p_.m_w_data_o, .strobe = static_cast<uint8_t>(p_.m_w_strb_o)});
    }
    transfers_ += p_.m_r_valid_i + p_.m_b_valid_i + p_.m_ar_valid_o + p_.m_aw_valid_o;
  }

  void commit() override {
    p_.m_ar_ready_i = p_.m_aw_ready_i = p_.m_w_ready_i = 1;
    p_.m_r_valid_i = !beats_.empty() && kernel_.now() >= beats_.front().due;
    if (p_.m_r_valid_i) {
      const Beat& beat = beats_.front();
      p_.m_r_id_i = beat.id;
      p_.m_r_data_i = beat.data;
      p_.m_r_resp_i =
          static_cast<uint8_t>(beat.fault ? agent::AxiResp::SlvErr : agent::AxiResp::Okay);
      p_.m_r_poison_i = beat.poison;
      p_.m_r_last_i = beat.last;
    }
    if (!answer_ && !writes_.empty() && data_.size() >= writes_.front().beats()) perform_write();
    p_.m_b_valid_i = answer_;
  }

  void reset() override {
    p_.m_ar_ready_i = p_.m_aw_ready_i = p_.m_w_ready_i = 0;
    p_.m_r_valid_i = p_.m_b_valid_i = 0;
    beats_.clear();
    writes_.clear();
    data_.clear();
    answer_ = false;
  }

 private:
  static constexpr unsigned kBusBytes = 8;
  struct Beat {
    dut::Cycles due;
    uint8_t id = 0;
    uint64_t data = 0;
    bool fault = false, poison = false, last = false;
  };
  struct Data {
    uint64_t data = 0;
    uint8_t strobe = 0;
  };

  // AXI A3.4.1: a burst that wraps goes on at the start of its own aligned block.
  static uint64_t place_of(const agent::AxiAddress& address, unsigned beat) {
    const uint64_t start = address.addr / kBusBytes * kBusBytes;
    const uint64_t next = start + uint64_t{beat} * kBusBytes;
    if (address.burst != agent::AxiBurst::Wrap) return next;
    const uint64_t block = uint64_t{address.beats()} * kBusBytes;
    return start / block * block + next % block;
  }

  void take_read(const agent::AxiAddress& address) {
    for (unsigned n = 0; n < address.beats(); ++n) {
      const uint64_t at = place_of(address, n);
      std::array<uint8_t, kBusBytes> bytes{};
      const auto answer = memory.read(at, bytes);
      Beat beat{.due = kernel_.now() + dut::Cycles{read_latency_},
                .id = address.id,
                .fault = answer == Memory::Answer::AccessFault,
                .poison = memory.touches(Memory::Mark::Poison, at, kBusBytes),
                .last = n + 1 == address.beats()};
      std::memcpy(&beat.data, bytes.data(), bytes.size());
      beats_.push_back(beat);
    }
  }

  void perform_write() {
    const agent::AxiAddress address = writes_.front();
    writes_.pop_front();
    bool fault = false;
    struct Byte {
      uint64_t at;
      uint8_t value;
    };
    std::vector<Byte> bytes;
    for (unsigned n = 0; n < address.beats(); ++n) {
      const Data data = data_.front();
      data_.pop_front();
      for (unsigned byte = 0; byte < kBusBytes; ++byte) {
        if ((data.strobe >> byte & 1) == 0) continue;
        const uint64_t at = place_of(address, n) + byte;
        fault |= at >> Memory::kAddressBits != 0 || memory.touches(Memory::Mark::Fault, at, 1);
        bytes.push_back({.at = at, .value = static_cast<uint8_t>(data.data >> (8 * byte))});
      }
    }
    if (!fault) {
      for (const Byte& byte : bytes) memory.poke(byte.at, std::span(&byte.value, 1));
    }
    b_.set(address.id, fault ? agent::AxiResp::SlvErr : agent::AxiResp::Okay);
    answer_ = true;
  }

  dut::Kernel& kernel_;
  Pins& p_;
  agent::AxiAddressPins ar_, aw_;
  agent::AxiResponsePins b_;
  unsigned read_latency_;
  std::deque<Beat> beats_;
  std::deque<agent::AxiAddress> writes_;
  std::deque<Data> data_;
  bool answer_ = false;
  uint64_t transfers_ = 0;
};

}  // namespace

class RtlTarget::Bench : public dut::Module<Pins> {
 public:
  Bench(Options options, uint64_t capabilities)
      : Module(options.seed), agent(kernel(), pins(), options.read_latency) {
    auto& p = pins();
    p.caps_i = capabilities;
    p.reg_valid_i = p.reg_write_i = 0;
    p.tr_valid_i = 0;
    p.retired_i = 0;
    reset();
  }

  MemoryAgent agent;

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

RtlTarget::RtlTarget(Options options) : options_(options) {}
RtlTarget::~RtlTarget() = default;

void RtlTarget::reset(uint64_t capabilities) {
  bench_ = std::make_unique<Bench>(options_, capabilities);
}

Memory& RtlTarget::memory() { return bench_->agent.memory; }

void RtlTarget::write_register(uint32_t offset, unsigned size, uint64_t value) {
  bench_->write(offset, size, value);
}

uint64_t RtlTarget::read_register(uint32_t offset, unsigned size) {
  return bench_->read(offset, size);
}

void RtlTarget::settle() { bench_->run_to_rest(); }

Outcome RtlTarget::translate(const Translate& request) { return bench_->ask(request); }

}  // namespace cw::iommu
