// SPDX-License-Identifier: Apache-2.0
//
// An FST wave file of a model that was Verilated with tracing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

class VerilatedFstC;

namespace cw::dut {

class TraceFile {
 public:
  TraceFile();
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  VerilatedFstC* sink() { return sink_.get(); }
  void open(const std::string& path);
  void dump(uint64_t time);
  void flush();

 private:
  std::unique_ptr<VerilatedFstC> sink_;
};

}  // namespace cw::dut
