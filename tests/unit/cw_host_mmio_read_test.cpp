// SPDX-License-Identifier: Apache-2.0
#include <Vcw_host_mmio_read.h>

#include <functional>
#include <vector>

#include "agent/axi_pins.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/host_fields.hpp"

namespace cw::unit {
namespace {

using agent::AxiAddress;
using agent::AxiBurst;
using agent::AxiResp;

struct Answer {
  bool ok = true;
  std::vector<uint32_t> dwords{};
};

struct Beat {
  uint64_t data = 0;
  AxiResp resp = AxiResp::Okay;
  bool last = false;
  uint8_t id = 0;
  bool operator==(const Beat&) const = default;
};

struct Reader {
  dut::Module<Vcw_host_mmio_read> module;
  std::vector<HostOp> asked;
  Reader() {
    auto& p = module.pins();
    drive(p.state_i, RootPortState{});
    p.port_id_i = 0;
    p.s_ar_valid_i = p.s_r_ready_i = p.op_done_i = p.op_ok_i = p.op_data_valid_i = 0;
    module.reset();
  }
  // One burst; each access is answered by `answer`, a dword a clock.
  std::vector<Beat> read(const AxiAddress& address, std::function<Answer(const HostOp&)> answer) {
    auto& p = module.pins();
    agent::AxiAddressPins(p.s_ar_i).set(address);
    p.s_ar_valid_i = 1;
    module.settle();
    REQUIRE(p.s_ar_ready_o == 1);
    module.step();
    p.s_ar_valid_i = 0;
    std::vector<Beat> beats;
    for (unsigned cycles = 0; beats.empty() || !beats.back().last; ++cycles) {
      REQUIRE(cycles < 100);
      module.settle();
      if (p.op_valid_o) {
        asked.push_back(host_op(p.op_o));
        const Answer given = answer(asked.back());
        for (const uint32_t dword : given.dwords) {
          p.op_data_i = dword;
          p.op_data_valid_i = 1;
          module.step();
        }
        p.op_data_valid_i = 0;
        p.op_done_i = 1;
        p.op_ok_i = given.ok;
        module.step();
        p.op_done_i = 0;
        continue;
      }
      p.s_r_ready_i = cycles % 2;
      module.settle();
      if (p.s_r_valid_o && p.s_r_ready_i) {
        beats.push_back({.data = p.s_r_data_o,
                         .resp = static_cast<AxiResp>(p.s_r_resp_o),
                         .last = p.s_r_last_o != 0,
                         .id = p.s_r_id_o});
      }
      module.step();
    }
    return beats;
  }
};

TEST_CASE("A read of memory is one access for exactly its bytes", "[unit][root]") {
  Reader dut;
  const auto beats =
      dut.read({.id = 5, .addr = 0x4000'0016, .len = 1, .size = 3}, [](const HostOp&) {
        return Answer{.dwords = {0x1111'1111, 0x2222'2222, 0x3333'3333}};
      });
  CHECK(dut.asked ==
        std::vector<HostOp>{{.target = TargetMemory, .addr = 0x4000'0016, .bytes = 10, .be = 0xc}});
  REQUIRE(beats.size() == 2);
  CHECK(beats[0].data >> 32 == 0x1111'1111);
  CHECK(beats[1] == Beat{.data = 0x3333'3333'2222'2222, .last = true, .id = 5});
}

TEST_CASE("Narrow beats lie in their lanes", "[unit][root]") {
  Reader dut;
  const auto beats = dut.read({.addr = 0x4000'0004, .len = 2, .size = 2}, [](const HostOp& op) {
    CHECK(op.bytes == 12);
    return Answer{.dwords = {1, 2, 3}};
  });
  REQUIRE(beats.size() == 3);
  CHECK(beats[0].data >> 32 == 1);
  CHECK((beats[1].data & 0xffff'ffff) == 2);
  CHECK(beats[2].data >> 32 == 3);
}

TEST_CASE("Configuration is read dword by dword; one that fails is all ones", "[unit][root][R52]") {
  Reader dut;
  const auto beats = dut.read({.addr = 0x3010'0000, .size = 3}, [](const HostOp& op) {
    CHECK(op.target == TargetConfig0);
    CHECK(op.be == 0xf);
    return op.addr % 8 ? Answer{.dwords = {7}} : Answer{.ok = false};
  });
  CHECK(dut.asked.size() == 2);
  CHECK(beats == std::vector<Beat>{{.data = 0x7'ffff'ffff, .last = true}});
}

TEST_CASE("A memory read that fails half way gives nothing of what came", "[unit][root][R52]") {
  Reader dut;
  const auto beats = dut.read({.addr = 0x4000'0000, .len = 1, .size = 3}, [](const HostOp&) {
    return Answer{.ok = false, .dwords = {1, 2, 3}};
  });
  for (const Beat& beat : beats) CHECK(beat.data == ~uint64_t{0});
}

TEST_CASE("Bursts that are not served get an error and every beat", "[unit][root]") {
  Reader dut;
  const auto none = [](const HostOp&) { return Answer{}; };
  const std::pair<AxiAddress, AxiResp> bursts[] = {
      {{.addr = 0x4000'0000, .len = 8, .size = 3}, AxiResp::SlvErr},
      {{.addr = 0x4000'0000, .len = 1, .size = 3, .burst = AxiBurst::Wrap}, AxiResp::SlvErr},
      {{.addr = 0x4000'0000, .len = 1, .size = 3, .burst = AxiBurst::Fixed}, AxiResp::SlvErr},
      {{.addr = 0x8000'0000, .len = 3, .size = 3}, AxiResp::DecErr},
      {{.addr = 0x5000'0000, .len = 3, .size = 3}, AxiResp::Okay}};
  for (const auto& [address, resp] : bursts) {
    const auto beats = dut.read(address, none);
    CHECK(beats.size() == address.beats());
    for (const Beat& beat : beats) CHECK(beat.resp == resp);
    CHECK(beats.back().data == ~uint64_t{0});
  }
  CHECK(dut.asked.empty());
}

}  // namespace
}  // namespace cw::unit
