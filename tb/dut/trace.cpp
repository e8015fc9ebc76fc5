// SPDX-License-Identifier: Apache-2.0
#include "dut/trace.hpp"

namespace cw::dut {

TraceFile::~TraceFile() { sink_.close(); }

void TraceFile::open(const std::string& path) { sink_.open(path.c_str()); }

void TraceFile::dump(uint64_t time) { sink_.dump(time); }

void TraceFile::flush() { sink_.flush(); }

}  // namespace cw::dut
