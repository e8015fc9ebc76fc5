// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_debug.h"
#include "catch_shim.hpp"
#include "iommu_access.hpp"

namespace cw::unit::iommu {
namespace {

constexpr unsigned kIova = 0x258, kCtl = 0x260, kResponse = 0x268;
constexpr uint64_t kGo = 1, kExe = 4, kNw = 8;

struct Debug : RegisterGroup<Vcw_iommu_debug> {
  explicit Debug(bool present = true) {
    auto& p = pins();
    p.present_i = present;
    p.req_ready_i = p.rsp_valid_i = 0;
    reset();
    idle();
  }
  void accept() {
    pins().req_ready_i = 1;
    step();
    pins().req_ready_i = 0;
    settle();
  }
  void answer(uint64_t ppn, bool fault = false) {
    set_bits(pins().rsp_i, 0, 1, fault);
    set_bits(pins().rsp_i, 1, 44, ppn);
    pins().rsp_valid_i = 1;
    step();
    pins().rsp_valid_i = 0;
    settle();
  }
};

TEST_CASE("Go asks the engine once and reads 1 until the answer is there", "[unit][iommu]") {
  Debug debug;
  debug.write(kIova, 0x1234'5678'9abc'def0, 8);
  debug.write(kCtl, uint64_t{0xabcdef} << 40 | kNw | kGo, 8);
  CHECK(debug.pins().req_valid_o);
  CHECK(get_bits(debug.pins().req_o, 66, 24) == 0xabcdef);
  CHECK(get_bits(debug.pins().req_o, 2, 64) == 0x1234'5678'9abc'd000);
  CHECK(get_bits(debug.pins().req_o, 0, 2) == 0);
  CHECK(debug.read(kCtl) == (kNw | kGo));
  debug.accept();
  CHECK_FALSE(debug.pins().req_valid_o);
  CHECK(debug.read(kCtl) == (kNw | kGo));
  debug.answer(0x765'4321);
  CHECK(debug.read(kCtl, 8) == (uint64_t{0xabcdef} << 40 | kNw));
  CHECK(debug.read(kResponse, 8) == uint64_t{0x765'4321} << 10);
  CHECK_FALSE(debug.pins().req_valid_o);
}

TEST_CASE("Without NW a debug request asks for write permission, with Exe for execute permission",
          "[unit][iommu]") {
  Debug debug;
  debug.write(kCtl, kGo);
  CHECK(get_bits(debug.pins().req_o, 0, 2) == 2);
  debug.accept();
  debug.answer(0);
  debug.write(kCtl, kGo | kExe | kNw);
  CHECK(get_bits(debug.pins().req_o, 0, 2) == 1);
}

TEST_CASE("A debug fault reads fault = 1 and nothing else", "[unit][iommu]") {
  Debug debug;
  debug.write(kCtl, kGo);
  debug.accept();
  debug.answer(0xfff, /*fault=*/true);
  CHECK(debug.read(kResponse, 8) == 1);
  debug.write(kResponse, ~uint64_t{0}, 8);
  CHECK(debug.read(kResponse, 8) == 1);
}

TEST_CASE("Go cannot be cleared, and what a debug request asks cannot be changed under way",
          "[unit][iommu]") {
  Debug debug;
  debug.write(kIova, 0x5000, 8);
  debug.write(kCtl, kGo);
  debug.write(kCtl, 0, 8);
  debug.write(kIova, 0x6000, 8);
  CHECK(debug.read(kCtl, 8) == kGo);
  CHECK(debug.read(kIova, 8) == 0x5000);
}

TEST_CASE("The debug registers keep page, device, Exe and NW, by halves in both orders",
          "[unit][iommu]") {
  for (const bool high_first : {false, true}) {
    Debug debug;
    for (const bool high : {high_first, !high_first}) {
      debug.write(kIova + 4 * high, 0xffff'ffff);
      debug.write(kCtl + 4 * high, 0xffff'fffe);
    }
    CHECK(debug.read(kIova, 8) == 0xffff'ffff'ffff'f000);
    CHECK(debug.read(kCtl, 8) == 0xffff'ff00'0000'000c);  // no Priv, PID, PV
  }
}

TEST_CASE("Without the capability there is no debug interface", "[unit][iommu]") {
  Debug debug(/*present=*/false);
  for (unsigned offset = kIova; offset <= kResponse; offset += 8) {
    debug.write(offset, ~uint64_t{0}, 8);
    CHECK(debug.read(offset, 8) == 0);
  }
  CHECK_FALSE(debug.pins().req_valid_o);
}

}  // namespace
}  // namespace cw::unit::iommu
