// SPDX-License-Identifier: Apache-2.0
#include "dut/module.hpp"

namespace cw::dut {

AssertionFailed::AssertionFailed(std::string in_file, int at_line, std::string in_hierarchy)
    : std::runtime_error("assertion failed at " + in_file + ":" + std::to_string(at_line) +
                         (in_hierarchy.empty() ? "" : " in " + in_hierarchy)),
      file(std::move(in_file)),
      line(at_line),
      hierarchy(std::move(in_hierarchy)) {}

ModuleBase::ModuleBase(uint64_t seed) {
  constexpr int kRandomised = 2;
  context_.randReset(kRandomised);
  context_.randSeed(static_cast<int>(seed % 0x7fff'ffff) + 1);  // 0 would mean the wall clock
  context_.traceEverOn(true);
  kernel_.attach(*this);
}

void ModuleBase::dump() {
  if (trace_) trace_->dump(context_.time());
  context_.timeInc(1);
}

void ModuleBase::step() {
  settle();
  dump();
  kernel_.before_edge();
  rising_edge();
  dump();
  kernel_.after_edge();
}

void ModuleBase::step(Cycles count) {
  for (uint64_t i = 0; i < count.value; ++i) step();
}

void ModuleBase::reset(Cycles length) {
  kernel_.reset_objects();
  drive_reset(true);
  for (uint64_t i = 0; i < length.value; ++i) {
    settle();
    dump();
    rising_edge();
    dump();
  }
  drive_reset(false);
  settle();
}

}  // namespace cw::dut

// Verilator calls these for a failing assertion, $stop and $fatal.
void vl_stop(const char* file, int line, const char* hierarchy) {
  throw cw::dut::AssertionFailed(file ? file : "", line, hierarchy ? hierarchy : "");
}

void vl_fatal(const char* file, int line, const char* hierarchy, const char* message) {
  const std::string where = hierarchy ? hierarchy : "";
  throw cw::dut::AssertionFailed(file ? file : "", line,
                                 message && *message ? where + ": " + message : where);
}
