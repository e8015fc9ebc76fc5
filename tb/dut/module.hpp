// SPDX-License-Identifier: Apache-2.0
//
// One Verilated module with its clock, reset and kernel. Registers start at random values drawn
// from the seed, so nothing can rely on what reset does not set.
//
// The model's ports are `clk_i`/`rst_i`, or `clk`/`rst` at a boundary, or neither.
#pragma once

#include <verilated.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "dut/kernel.hpp"
#include "dut/trace.hpp"

namespace cw::dut {

// An assertion of the RTL failed.
struct AssertionFailed : std::runtime_error {
  AssertionFailed(std::string in_file, int at_line, std::string in_hierarchy);
  std::string file;
  int line;
  std::string hierarchy;
};

// What does not depend on the model.
class ModuleBase : public ClockSource {
 public:
  explicit ModuleBase(uint64_t seed);

  Kernel& kernel() { return kernel_; }
  Cycles now() const { return kernel_.now(); }

  // settle; sample; rising edge; commit.
  void step() override;
  void step(Cycles count);
  // Combinational outputs follow the inputs; no edge.
  virtual void settle() = 0;
  // Holds reset for `length` edges. Clocked objects go idle and do not see these edges.
  void reset(Cycles length = Cycles{3});
  // Until `done` of the settled pins; a Timeout after the budget.
  template <class P>
  void run_until(P done, Cycles budget) {
    kernel_.run_until(
        [&] {
          settle();
          return done();
        },
        budget);
  }

 protected:
  virtual void rising_edge() = 0;
  virtual void drive_reset(bool value) = 0;
  void dump();  // one half cycle of the waves

  VerilatedContext context_;
  Kernel kernel_;
  std::optional<TraceFile> trace_;
};

template <class V>
class Module : public ModuleBase {
 public:
  explicit Module(uint64_t seed = 1) : ModuleBase(seed), model_(&context_, "top") {
    drive_clock(false);
    drive_reset(false);
  }

  V& pins() { return model_; }

  void settle() override {
    drive_clock(false);
    model_.eval();
  }

  // Writes waves from here on. The class must be Verilated with tracing.
  void trace(const std::string& path, int levels = 99) {
    trace_.emplace();
    model_.trace(trace_->sink(), levels);
    trace_->open(path);
  }

 protected:
  void rising_edge() override {
    drive_clock(true);
    model_.eval();
  }
  void drive_clock(bool value) {
    if constexpr (requires(V & v) { v.clk_i; }) {
      model_.clk_i = value;
    } else if constexpr (requires(V & v) { v.clk; }) {
      model_.clk = value;
    }
  }
  void drive_reset(bool value) override {
    if constexpr (requires(V & v) { v.rst_i; }) {
      model_.rst_i = value;
    } else if constexpr (requires(V & v) { v.rst; }) {
      model_.rst = value;
    }
  }

 private:
  V model_;
};

}  // namespace cw::dut
