// SPDX-License-Identifier: Apache-2.0
//
// An FST wave file of a model that was Verilated with tracing.
#pragma once

#include <verilated_fst_c.h>

#include <cstdint>
#include <string>

namespace cw::dut {

class TraceFile {
 public:
  TraceFile() = default;
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  VerilatedFstC* sink() { return &sink_; }
  void open(const std::string& path);
  void dump(uint64_t time);
  void flush();

 private:
  VerilatedFstC sink_;
};

}  // namespace cw::dut
