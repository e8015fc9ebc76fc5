// SPDX-License-Identifier: Apache-2.0
// cw-variant: Vectors=2048
// cw-variant: Vectors=64 TableBir=2 TableOffset=0 PbaOffset=4096
#include "Vcw_reg_router.h"
#include "Vcw_reg_router_vectors2048.h"
#include "Vcw_reg_router_vectors64_tablebir2_tableoffset0_pbaoffset4096.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

enum class Owner { Nobody, Block, Table, Pending };

template <class V = Vcw_reg_router>
struct Router {
  Router() {
    auto& p = module.pins();
    p.reg_valid_i = 0;
    p.regs_ready_i = p.msix_ready_i = 1;
    p.regs_rdata_i = 0x1111'1111;
    p.msix_rdata_i = 0x2222'2222;
    module.reset();
  }
  V& ask(uint32_t address, unsigned bar = 0) {
    module.pins().reg_valid_i = 1;
    drive(module.pins().reg_req_i, RegAccess{.addr = address});
    dut::set_bits(module.pins().reg_req_i, 69, 3, bar);
    module.settle();
    return module.pins();
  }
  // Who is asked, and whether the answer is that owner's.
  Owner owner(uint32_t address, unsigned bar = 0) {
    V& p = ask(address, bar);
    CHECK(p.reg_ready_o);
    CHECK(p.reg_rdata_o == (p.regs_valid_o ? 0x1111'1111u : p.msix_valid_o ? 0x2222'2222u : 0));
    CHECK_FALSE((p.regs_valid_o && p.msix_valid_o));
    if (p.msix_valid_o) return p.msix_pba_o ? Owner::Pending : Owner::Table;
    return p.regs_valid_o ? Owner::Block : Owner::Nobody;
  }
  dut::Module<V> module{1};
};

}  // namespace

TEST_CASE("each structure of BAR0 has one owner", "[unit][endpoint][R46]") {
  Router router;
  for (const uint32_t at : {0x000u, 0xffcu}) CHECK(router.owner(at) == Owner::Block);
  for (const uint32_t at : {0x2000u, 0x207cu}) CHECK(router.owner(at) == Owner::Table);
  for (const uint32_t at : {0x3000u, 0x3004u}) CHECK(router.owner(at) == Owner::Pending);
}

TEST_CASE("what lies beyond the last vector is nobody's: it reads as zero at once",
          "[unit][endpoint][R46]") {
  Router router;
  router.module.pins().regs_ready_i = router.module.pins().msix_ready_i = 0;
  for (const uint32_t at : {0x1000u, 0x1ffcu, 0x2080u, 0x2ffcu, 0x3008u, 0x3ffcu}) {
    CHECK(router.owner(at) == Owner::Nobody);
  }
}

TEST_CASE("the register block is the first page of any register BAR", "[unit][endpoint]") {
  Router router;
  CHECK(router.owner(0x10, 4) == Owner::Block);
  CHECK(router.owner(0x2000, 4) == Owner::Nobody);
  CHECK(router.owner(0x3000, 4) == Owner::Nobody);
}

TEST_CASE("a long MSI-X table takes the upper half of a larger BAR", "[unit][endpoint][R46]") {
  Router<Vcw_reg_router_vectors2048> router;
  for (const uint32_t at : {0x8000u, 0xfffcu}) CHECK(router.owner(at) == Owner::Table);
  for (const uint32_t at : {0x3000u, 0x30fcu}) CHECK(router.owner(at) == Owner::Pending);
  for (const uint32_t at : {0x2000u, 0x3100u, 0x7ffcu}) CHECK(router.owner(at) == Owner::Nobody);
}

TEST_CASE("table and pending bits may lie in different BARs at any offset",
          "[unit][endpoint][R46]") {
  Router<Vcw_reg_router_vectors64_tablebir2_tableoffset0_pbaoffset4096> router;
  for (const uint32_t at : {0x0u, 0x3fcu}) CHECK(router.owner(at, 2) == Owner::Table);
  CHECK(router.owner(0x400, 2) == Owner::Nobody);  // that BAR is for MSI-X alone
  CHECK(router.owner(0x0, 0) == Owner::Block);
  for (const uint32_t at : {0x1000u, 0x1004u}) CHECK(router.owner(at, 0) == Owner::Pending);
  CHECK(router.owner(0x1008, 0) == Owner::Nobody);
}

TEST_CASE("an access waits for its owner", "[unit][endpoint]") {
  Router router;
  router.module.pins().regs_ready_i = 0;
  CHECK_FALSE(router.ask(0x40).reg_ready_o);
  CHECK(router.ask(0x2040).reg_ready_o);
  router.module.pins().msix_ready_i = 0;
  CHECK_FALSE(router.ask(0x2040).reg_ready_o);
}

TEST_CASE("an access that is the user's to answer raises the alarm", "[unit][endpoint]") {
  Router router;
  router.ask(0x40);
  dut::set_bits(router.module.pins().reg_req_i, 75, 2, 1);  // RegAxil
  CHECK_THROWS_AS(router.module.step(), dut::AssertionFailed);
}
