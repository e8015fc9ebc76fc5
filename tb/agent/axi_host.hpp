// SPDX-License-Identifier: Apache-2.0
//
// The CPU's side of a 64-bit AXI4 port: reads and writes of 1 to 64 bytes, each exactly the bytes
// asked for. Reads and writes started together may overlap; each kind keeps its order.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "agent/axi_pins.hpp"
#include "agent/stall_policy.hpp"
#include "dut/kernel.hpp"
#include "pcie/types.hpp"

namespace cw::agent {

struct AxiResult {
  AxiResp resp = AxiResp::Okay;
  std::vector<uint8_t> data{};  // of a read

  bool operator==(const AxiResult&) const = default;
};

class AxiHost : public dut::Clocked {
 public:
  static constexpr uint32_t kBusBytes = 8;
  static constexpr uint32_t kMaxBytes = 64;

  struct Options {
    Stall stall = Stall::None;
    dut::Cycles deadline{200'000};  // of one access
  };

  AxiHost(dut::Kernel& kernel, AxiPins pins, Rng rng, Options options);
  ~AxiHost() override;
  AxiHost(const AxiHost&) = delete;
  AxiHost& operator=(const AxiHost&) = delete;

  // Run the clock until done.
  AxiResult read(pcie::HostPhysAddr from, uint32_t bytes);
  AxiResult write(pcie::HostPhysAddr to, std::vector<uint8_t> data);

  // Return at once.
  dut::Pending<AxiResult> start_read(pcie::HostPhysAddr from, uint32_t bytes);
  dut::Pending<AxiResult> start_write(pcie::HostPhysAddr to, std::vector<uint8_t> data);

  // For coroutines.
  dut::Task<AxiResult> async_read(pcie::HostPhysAddr from, uint32_t bytes);
  dut::Task<AxiResult> async_write(pcie::HostPhysAddr to, std::vector<uint8_t> data);

  void sample() override;
  void commit() override;
  void reset() override;

 private:
  struct Access {  // lives in the coroutine that waits for it
    Access(dut::Kernel& kernel, const char* what) : done(kernel, what) {}
    AxiAddress address{};
    std::vector<uint8_t> lanes{};    // whole beats
    std::vector<uint8_t> strobes{};  // of a write
    AxiResp resp = AxiResp::Okay;
    uint32_t next_beat = 0;
    dut::Event done;
  };

  void sample_write();
  void sample_read();
  void commit_write();
  void commit_read();
  dut::Task<> finish(Access& access);

  dut::Kernel& kernel_;
  AxiPins pins_;
  Options options_;
  StallPolicy aw_stall_, w_stall_, b_stall_, ar_stall_, r_stall_;
  std::deque<Access*> aw_queue_, w_queue_, b_queue_, ar_queue_, r_queue_;
  bool aw_valid_ = false, w_valid_ = false, ar_valid_ = false;
};

}  // namespace cw::agent
