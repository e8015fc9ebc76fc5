// SPDX-License-Identifier: Apache-2.0
//
// Host memory behind an AXI4 port of 64 to 512 data bits, as unhelpful as AXI allows: a write is
// in memory only when its response is offered, a read sees memory as it was when its address was
// taken. Bursts are INCR or WRAP. Answers come after a latency and in order, reads of different ids
// in any order where a test wants that. With a cache attached, an access whose AxCACHE asks for it
// is looked up there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/axi_pins.hpp"
#include "agent/ring.hpp"
#include "agent/stall_policy.hpp"
#include "dut/kernel.hpp"
#include "model/host_cache.hpp"
#include "model/host_memory.hpp"

namespace cw::agent {

class AxiMemory : public dut::Clocked {
 public:
  struct Options {
    dut::Cycles read_latency{20};   // address taken to first data
    dut::Cycles write_latency{10};  // last data taken to response
    Stall stall = Stall::None;      // on every channel
    uint32_t outstanding = 1024;    // bursts of each direction
    bool reorder = false;           // reads of different ids overtake and interleave
  };
  struct ErrorRange {
    pcie::HostPhysAddr base{};
    uint64_t bytes = 0;
    AxiResp resp = AxiResp::SlvErr;
  };
  struct Counters {
    uint64_t reads = 0, writes = 0;            // bursts
    uint64_t read_beats = 0, write_beats = 0;  // transferred
    uint64_t read_errors = 0, write_errors = 0;
  };

  AxiMemory(dut::Kernel& kernel, AxiPins pins, model::HostMemory& memory, Rng rng, Options options);
  ~AxiMemory() override;
  AxiMemory(const AxiMemory&) = delete;
  AxiMemory& operator=(const AxiMemory&) = delete;

  // Bursts that touch the range answer with the error; writes among them change nothing.
  void add_error_range(ErrorRange range) { errors_.push_back(range); }
  void clear_error_ranges() { errors_.clear(); }
  // Of the CPU; on the same memory.
  void attach(model::HostCache& cache) { cache_ = &cache; }
  void set_latency(dut::Cycles read, dut::Cycles write);
  void set_reorder(bool reorder) { options_.reorder = reorder; }

  const Counters& counters() const { return counters_; }
  bool idle() const { return writes_.empty() && reads_.empty() && data_bursts_.empty(); }

  void sample() override;
  void commit() override;
  void reset() override;

 private:
  struct Write {  // an address, waiting for its data, then for its time
    AxiAddress address;
    bool snooped = true;
    dut::Cycles due;
  };
  struct DataBurst {
    std::vector<uint8_t> data;
    std::vector<uint64_t> strobes;
    dut::Cycles last_at;
    bool complete = false;
  };
  struct Read {
    AxiAddress address;
    std::vector<uint8_t> data;
    dut::Cycles due;
    uint32_t next_beat = 0;
    AxiResp resp = AxiResp::Okay;
  };

  void sample_writes();
  void sample_reads();
  void commit_writes();
  void commit_reads();
  void take_write_data();
  void take_read(const AxiAddress& address);
  std::optional<size_t> next_read();
  AxiResp perform(const Write& write, const DataBurst& burst);
  void check(const AxiAddress& address) const;
  AxiResp resp_of(const AxiAddress& address) const;

  dut::Kernel& kernel_;
  AxiPins pins_;
  model::HostMemory& memory_;
  model::HostCache* cache_ = nullptr;
  Options options_;
  uint32_t bus_bytes_;
  StallPolicy aw_stall_, w_stall_, b_stall_, ar_stall_, r_stall_;
  Rng order_;
  std::vector<ErrorRange> errors_;
  Counters counters_;
  Ring<Write> writes_;
  Ring<DataBurst> data_bursts_;
  Ring<Read> reads_;
  size_t offered_ = 0;  // the read whose beat is on the bus
  bool b_valid_ = false;
  bool r_valid_ = false;
};

}  // namespace cw::agent
