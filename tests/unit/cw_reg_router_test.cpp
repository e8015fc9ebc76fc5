// SPDX-License-Identifier: Apache-2.0
#include "Vcw_reg_router.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Router {
  Router() {
    auto& p = module.pins();
    p.reg_valid_i = 0;
    p.regs_ready_i = p.msix_ready_i = 1;
    p.regs_rdata_i = 0x1111'1111;
    p.msix_rdata_i = 0x2222'2222;
    module.reset();
  }
  Vcw_reg_router& ask(uint16_t address) {
    module.pins().reg_valid_i = 1;
    drive(module.pins().reg_req_i, RegAccess{.addr = address});
    module.settle();
    return module.pins();
  }
  dut::Module<Vcw_reg_router> module{1};
};

}  // namespace

TEST_CASE("each page of BAR0 has one owner", "[unit][endpoint]") {
  Router router;
  for (const uint16_t offset : {0x000, 0xffc}) {
    CHECK(router.ask(offset).regs_valid_o);
    CHECK_FALSE(router.ask(offset).msix_valid_o);
    CHECK(router.ask(offset).reg_rdata_o == 0x1111'1111);
    for (const unsigned page : {0x2000u, 0x3000u}) {
      CHECK(router.ask(static_cast<uint16_t>(page + offset)).msix_valid_o);
      CHECK_FALSE(router.ask(static_cast<uint16_t>(page + offset)).regs_valid_o);
      CHECK(router.ask(static_cast<uint16_t>(page + offset)).reg_rdata_o == 0x2222'2222);
    }
  }
}

TEST_CASE("the page of nobody reads as zero at once and reaches nobody", "[unit][endpoint]") {
  Router router;
  router.module.pins().regs_ready_i = router.module.pins().msix_ready_i = 0;
  for (const uint16_t offset : {0x1000, 0x1ffc}) {
    CHECK(router.ask(offset).reg_ready_o);
    CHECK(router.ask(offset).reg_rdata_o == 0);
    CHECK_FALSE(router.ask(offset).regs_valid_o);
    CHECK_FALSE(router.ask(offset).msix_valid_o);
  }
}

TEST_CASE("an access waits for its owner", "[unit][endpoint]") {
  Router router;
  router.module.pins().regs_ready_i = 0;
  CHECK_FALSE(router.ask(0x40).reg_ready_o);
  CHECK(router.ask(0x2040).reg_ready_o);
  router.module.pins().msix_ready_i = 0;
  CHECK_FALSE(router.ask(0x2040).reg_ready_o);
}

TEST_CASE("an offset beyond the BAR raises the alarm", "[unit][endpoint]") {
  Router router;
  router.ask(0x4000);
  CHECK_THROWS_AS(router.module.step(), dut::AssertionFailed);
}
