// SPDX-License-Identifier: Apache-2.0
#include "iommu/timed_iommu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <utility>

#include "Vcw_iommu_levels4.h"
#include "agent/axi_memory.hpp"
#include "agent/rng.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"
#include "model/host_memory.hpp"
#include "model/iommu.hpp"

namespace cw::iommu {

using dut::get_bits;
using dut::set_bits;
using namespace dut::literals;
using namespace model::iommu_reg;

namespace {

using Pins = Vcw_iommu_levels4;

// Version 1.0, Sv39, wired interrupts, 46 address bits: what every build has.
constexpr uint64_t kCapabilities = 0x0000'002e'1000'0210;
constexpr unsigned kPorts = 2, kTags = 32;

// `tr_req_t` and `tr_rsp_t`.
constexpr unsigned kRequestBits = 97, kAnswerBits = 62;
constexpr unsigned kIova = 3, kDevice = 67, kRequestTag = 92, kHpa = 1, kAnswerTag = 57;

// Where structures lie in memory.
constexpr uint64_t kDirectory = 0x8000'0000, kCommands = 0x8001'0000, kFaults = 0x8002'0000;
constexpr uint64_t kTables = 0x8100'0000, kPageBytes = 4096;
constexpr unsigned kQueueLog2 = 6, kEntryBytes = 16;

// PTEs, directory entries, commands.
constexpr uint64_t kValid = 1, kLeaf = 0xd7;  // V R W U A D
constexpr uint64_t kSv39 = uint64_t{8} << 60;
constexpr uint64_t kInvalidatePages = 1, kInvalidateDirectory = 3, kWithAddress = 1 << 10;
constexpr uint64_t kWithSpace = uint64_t{1} << 32, kFence = 2 | 3 << 12;  // PR and PW
constexpr unsigned kThreeLevels = 4;

uint64_t pointer(uint64_t hpa) { return hpa >> 12 << 10; }
unsigned index(TimedRequest::Port port) { return port == TimedRequest::Port::Posted ? 0 : 1; }

}  // namespace

class TimedIommu::Rig : public dut::Module<Pins>, private dut::Clocked {
 public:
  explicit Rig(Options options)
      : Module(options.seed),
        memory_port_(kernel(), agent::manager_pins(pins()), memory_, {options.seed, "memory"},
                     {.read_latency = dut::Cycles{options.latency},
                      .write_latency = dut::Cycles{options.latency}}),
        skips_(options.seed, "skips") {
    kernel().add(*this);
    auto& p = pins();
    p.caps_i = kCapabilities;
    p.reg_valid_i = p.reg_write_i = 0;
    Module::reset();
    for (const uint64_t page : {kDirectory, kCommands, kFaults}) zero(page);
  }
  ~Rig() override { kernel().remove(*this); }

  uint64_t bursts() const { return memory_port_.counters().reads; }

  // ---- Registers

  void write(uint32_t offset, uint64_t value, unsigned bytes = 4) {
    auto& p = pins();
    p.reg_valid_i = p.reg_write_i = 1;
    p.reg_addr_i = offset;
    p.reg_size8_i = bytes == 8;
    p.reg_wdata_i = value;
    step();
    p.reg_valid_i = p.reg_write_i = 0;
  }
  uint64_t read(uint32_t offset) {
    auto& p = pins();
    p.reg_addr_i = offset;
    p.reg_size8_i = 0;
    p.reg_valid_i = 1;
    settle();
    p.reg_valid_i = 0;
    return p.reg_rdata_o;
  }

  void start() {
    constexpr uint64_t kBusy = 1 << 4;
    write(kDdtp, pointer(kDirectory) | kThreeLevels, 8);
    run_until([&] { return (read(kDdtp) & kBusy) == 0; }, 2000_cycles);
    write(kFqb, pointer(kFaults) | (kQueueLog2 - 1), 8);
    write(kFqcsr, 1);
    write(kCqb, pointer(kCommands) | (kQueueLog2 - 1), 8);
    write(kCqcsr, 1);
    step(4_cycles);
  }

  // ---- Commands

  using Command = std::pair<uint64_t, uint64_t>;
  dut::Cycles command(std::span<const Command> commands) {
    uint64_t tail = read(kCqt);
    for (const auto& [low, high] : commands) {
      memory_.write64({kCommands + kEntryBytes * tail}, low);
      memory_.write64({kCommands + kEntryBytes * tail + 8}, high);
      tail = (tail + 1) % (1u << kQueueLog2);
    }
    write(kCqt, tail);
    const dut::Cycles begin = now();
    run_until([&] { return read(kCqh) == tail; }, 100'000_cycles);
    return now() - begin;
  }

  // ---- Tables

  void add_device(uint32_t device, uint32_t pscid) {
    const uint64_t middle = table(kDirectory + 8 * (device >> 16));
    const uint64_t last = table(middle + 8 * (device >> 7 & 0x1ff));
    const uint64_t root = roots_[device] = new_table();
    const std::array<uint64_t, 4> context = {kValid, 0, uint64_t{pscid} << 12, kSv39 | root >> 12};
    for (unsigned n = 0; n < 4; ++n) {
      memory_.write64({last + 32 * (device & 0x7f) + 8 * n}, context[n]);
    }
  }
  void map(uint32_t device, uint64_t iova, uint64_t hpa, unsigned level) {
    uint64_t root = roots_.at(device);
    for (unsigned above = 2; above > level; --above) {
      root = table(root + 8 * (iova >> (12 + 9 * above) & 0x1ff));
    }
    memory_.write64({root + 8 * (iova >> (12 + 9 * level) & 0x1ff)}, pointer(hpa) | kLeaf);
    for (unsigned n = 0; n < 1u << (9 * level); ++n) {
      pages_[{device, (iova >> 12) + n}] = (hpa >> 12) + n;
    }
  }

  // ---- Streams of requests

  std::vector<Timing> run(std::span<const TimedRequest> requests, const Pace& pace) {
    requests_ = requests;
    pace_ = pace;
    timings_.assign(requests.size(), {});
    left_ = requests.size();
    begin_ = now();
    for (Port& port : ports_) port.order.clear();
    for (size_t n = 0; n < requests.size(); ++n) {
      ports_[index(requests[n].port)].order.push_back(n);
    }
    for (Port& port : ports_) {
      port.taken = port.answered = port.retired = 0;
      port.next_at = now();
      port.done.assign(port.order.size(), false);
    }
    run_until([&] { return left_ == 0; }, dut::Cycles{10'000 + 2000 * requests.size()});
    const auto gone = [](const Port& port) { return port.retired == port.order.size(); };
    run_until([&] { return std::all_of(ports_.begin(), ports_.end(), gone); },
              dut::Cycles{100 + requests.size()});
    step(2_cycles);
    requests_ = {};
    return std::move(timings_);
  }

 private:
  // Requests of a port by their numbers; each leaves in the order in which it came.
  struct Port {
    std::vector<size_t> order;
    std::vector<bool> done;
    size_t taken = 0, answered = 0, retired = 0;
    bool offered = false;
    dut::Cycles next_at{};
  };

  void sample() override {
    auto& p = pins();
    for (unsigned n = 0; n < kPorts; ++n) {
      Port& port = ports_[n];
      if (port.offered && (p.tr_ready_o >> n & 1) != 0) {
        timings_[port.order[port.taken++]].taken = now();
        port.next_at = now() + dut::Cycles{pace_.clocks_per_request};
        port.offered = false;
      }
      if ((p.tr_rsp_valid_o >> n & 1) != 0) take_answer(n);
      while (port.answered < port.order.size() && port.done[port.answered]) ++port.answered;
    }
  }
  void take_answer(unsigned n) {
    Port& port = ports_[n];
    const unsigned base = n * kAnswerBits;
    const auto tag = static_cast<size_t>(get_bits(pins().tr_rsp_o, base + kAnswerTag, 5));
    const size_t at = port.answered + (tag - port.answered) % kTags;
    if (at >= port.taken || port.done[at]) throw std::runtime_error("an answer nobody waits for");
    port.done[at] = true;
    Timing& timing = timings_[port.order[at]];
    timing.answered = now();
    timing.fault = get_bits(pins().tr_rsp_o, base, 1) != 0;
    timing.hpa = get_bits(pins().tr_rsp_o, base + kHpa, 56);
    check(requests_[port.order[at]], timing);
    --left_;
  }
  void check(const TimedRequest& request, const Timing& timing) const {
    const auto page = pages_.find({request.device, request.iova >> 12});
    const bool mapped = page != pages_.end();
    if (timing.fault == mapped ||
        (mapped && timing.hpa != (page->second << 12 | (request.iova & 0xfff)))) {
      throw std::runtime_error(fmt::format("device {:#x}, IOVA {:#x}: answer {:#x}{}",
                                           request.device, request.iova, timing.hpa,
                                           timing.fault ? ", refused" : ""));
    }
  }

  void commit() override {
    auto& p = pins();
    p.tr_valid_i = p.retired_i = 0;
    for (unsigned n = 0; n < kPorts; ++n) {
      Port& port = ports_[n];
      if (!port.offered && port.taken < port.order.size() && now() >= port.next_at &&
          now() >= begin_ + dut::Cycles{requests_[port.order[port.taken]].not_before} &&
          port.taken - port.answered < pace_.outstanding &&
          (pace_.skip_percent == 0 || !skips_.chance(pace_.skip_percent))) {
        offer(n);
      }
      p.tr_valid_i |= port.offered << n;
      if (port.retired < port.answered) {
        ++port.retired;
        p.retired_i |= 1u << n;
      }
    }
  }
  void offer(unsigned n) {
    Port& port = ports_[n];
    const TimedRequest& request = requests_[port.order[port.taken]];
    const unsigned base = n * kRequestBits;
    set_bits(pins().tr_req_i, base, 2, 0);  // AT: untranslated
    set_bits(pins().tr_req_i, base + 2, 1, n == 0);
    set_bits(pins().tr_req_i, base + kIova, 64, request.iova);
    set_bits(pins().tr_req_i, base + kDevice, 24, request.device);
    set_bits(pins().tr_req_i, base + 91, 1, 0);
    set_bits(pins().tr_req_i, base + kRequestTag, 5, port.taken % kTags);
    port.offered = true;
  }

  void reset() override { pins().tr_valid_i = pins().retired_i = 0; }

  void zero(uint64_t page) { memory_.fill({page}, kPageBytes, 0); }
  uint64_t new_table() {
    zero(next_table_);
    return std::exchange(next_table_, next_table_ + kPageBytes);
  }
  // The table that an entry points to; made when it is first asked for.
  uint64_t table(uint64_t entry) {
    if ((memory_.read64({entry}) & kValid) == 0) {
      memory_.write64({entry}, pointer(new_table()) | kValid);
    }
    return memory_.read64({entry}) >> 10 << 12;
  }

  model::HostMemory memory_;
  agent::AxiMemory memory_port_;
  agent::Rng skips_;
  uint64_t next_table_ = kTables;
  std::map<uint32_t, uint64_t> roots_;
  std::map<std::pair<uint32_t, uint64_t>, uint64_t> pages_;  // what the tables say, by 4 KiB

  std::span<const TimedRequest> requests_;
  Pace pace_;
  std::vector<Timing> timings_;
  size_t left_ = 0;
  dut::Cycles begin_{};
  std::array<Port, kPorts> ports_;
};

TimedIommu::TimedIommu(Options options) : rig_(std::make_unique<Rig>(options)) {}
TimedIommu::~TimedIommu() = default;

void TimedIommu::add_device(uint32_t device, uint32_t pscid) { rig_->add_device(device, pscid); }
void TimedIommu::map(uint32_t device, uint64_t iova, uint64_t hpa, Page size) {
  rig_->map(device, iova, hpa, size == Page::Size2M ? 1 : 0);
}
void TimedIommu::start() { rig_->start(); }

std::vector<Timing> TimedIommu::run(std::span<const TimedRequest> requests, const Pace& pace) {
  return rig_->run(requests, pace);
}
Timing TimedIommu::run(const TimedRequest& request) {
  return rig_->run(std::span(&request, 1), {}).front();
}

dut::Cycles TimedIommu::forget_page(uint32_t pscid, uint64_t iova) {
  return rig_->command(std::array<Rig::Command, 2>{
      {{kInvalidatePages | kWithAddress | kWithSpace | uint64_t{pscid} << 12, iova >> 12 << 10},
       {kFence, 0}}});
}
void TimedIommu::forget_pages() {
  rig_->command(std::array<Rig::Command, 2>{{{kInvalidatePages, 0}, {kFence, 0}}});
}
void TimedIommu::forget_everything() {
  rig_->command(
      std::array<Rig::Command, 3>{{{kInvalidateDirectory, 0}, {kInvalidatePages, 0}, {kFence, 0}}});
}

uint64_t TimedIommu::bursts() const { return rig_->bursts(); }

}  // namespace cw::iommu
