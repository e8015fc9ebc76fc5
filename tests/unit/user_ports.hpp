// SPDX-License-Identifier: Apache-2.0
//
// The user behind an endpoint's AXI4-Lite and AXI4 ports: a memory on each. `AxiHalf` and
// `AxilRest` are the pins that a module with a part of a port does not have; `UserPorts` opens the
// structs of a module that has both ports.
#pragma once

#include <array>
#include <vector>

#include "agent/axi_memory.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"
#include "unit/axi_struct.hpp"

namespace cw::unit {

// Stands in for the channels of an AXI4 port that are not there.
struct AxiHalf {
  std::array<uint32_t, 3> address{};
  uint8_t valid = 0, ready = 0, id = 0, resp = 0, last = 0, out_valid = 0, out_ready = 0, b = 0;
  std::array<uint8_t, 64> data{};
  uint64_t strb = 0;
};

// What AXI4 has beyond AXI4-Lite.
struct AxilRest {
  uint8_t id = 0, len = 0, size = 2, burst = 1, w_last = 1, b_id = 0, r_id = 0, r_last = 0;
};

template <class V>
agent::AxiPins write_pins(V& p, AxiHalf& none) {
  return {.aw = p.aw_o,
          .aw_valid = p.aw_valid_o,
          .aw_ready = p.aw_ready_i,
          .w_data = p.w_data_o,
          .w_strb = p.w_strb_o,
          .w_last = p.w_last_o,
          .w_valid = p.w_valid_o,
          .w_ready = p.w_ready_i,
          .b = p.b_i,
          .b_valid = p.b_valid_i,
          .b_ready = p.b_ready_o,
          .ar = none.address,
          .ar_valid = none.valid,
          .ar_ready = none.ready,
          .r_id = none.id,
          .r_data = none.data,
          .r_resp = none.resp,
          .r_last = none.last,
          .r_valid = none.out_valid,
          .r_ready = none.out_ready};
}

// The data bus of the missing writes must be as wide as that of the reads.
template <class V>
agent::AxiPins read_pins(V& p, AxiHalf& none, uint8_t& r_id) {
  return {.aw = none.address,
          .aw_valid = none.valid,
          .aw_ready = none.ready,
          .w_data = p.r_data_i,
          .w_strb = none.strb,
          .w_last = none.last,
          .w_valid = none.out_valid,
          .w_ready = none.out_ready,
          .b = none.b,
          .b_valid = none.id,
          .b_ready = none.resp,
          .ar = p.ar_o,
          .ar_valid = p.ar_valid_o,
          .ar_ready = p.ar_ready_i,
          .r_id = r_id,
          .r_data = p.r_data_i,
          .r_resp = p.r_resp_i,
          .r_last = p.r_last_i,
          .r_valid = p.r_valid_i,
          .r_ready = p.r_ready_o};
}

template <class V>
agent::AxiPins lite_pins(V& p, AxilRest& rest) {
  return {.aw = agent::AxiAddressPins::Flat{rest.id, p.aw_addr_o, rest.len, rest.size, rest.burst},
          .aw_valid = p.aw_valid_o,
          .aw_ready = p.aw_ready_i,
          .w_data = p.w_data_o,
          .w_strb = p.w_strb_o,
          .w_last = rest.w_last,
          .w_valid = p.w_valid_o,
          .w_ready = p.w_ready_i,
          .b = agent::AxiResponsePins::Flat{rest.b_id, p.b_resp_i},
          .b_valid = p.b_valid_i,
          .b_ready = p.b_ready_o,
          .ar = agent::AxiAddressPins::Flat{rest.id, p.ar_addr_o, rest.len, rest.size, rest.burst},
          .ar_valid = p.ar_valid_o,
          .ar_ready = p.ar_ready_i,
          .r_id = rest.r_id,
          .r_data = p.r_data_i,
          .r_resp = p.r_resp_i,
          .r_last = rest.r_last,
          .r_valid = p.r_valid_i,
          .r_ready = p.r_ready_o};
}

// `axil_drive_t`, `axil_sense_t`, `axi_drive_t` and `axi_sense_t` as pins.
template <class V>
class UserPorts {
 public:
  UserPorts(dut::Module<V>& module, agent::Rng rng, agent::Stall stall)
      : p_(module.pins()),
        opener_(module.kernel(), *this),
        registers(
            module.kernel(), lite_pins(lite_, rest_), register_space, rng.fork("axil"),
            {.read_latency = dut::Cycles{0}, .write_latency = dut::Cycles{0}, .stall = stall}),
        memory(module.kernel(), full_.pins(p_.axi_wdata_o, p_.axi_wstrb_o, p_.axi_rdata_i),
               memory_space, rng.fork("axi"),
               {.read_latency = dut::Cycles{0}, .write_latency = dut::Cycles{0}, .stall = stall}),
        closer_(module.kernel(), *this) {}

  // What the last address of each channel said of function and BAR.
  using User = AxiStruct::User;
  User axil_write, axil_read, axi_write, axi_read;

 private:
  struct Lite {
    uint32_t aw_addr_o = 0, ar_addr_o = 0, w_data_o = 0, r_data_i = 0;
    uint8_t aw_valid_o = 0, aw_ready_i = 0, w_strb_o = 0, w_valid_o = 0, w_ready_i = 0;
    uint8_t b_resp_i = 0, b_valid_i = 0, b_ready_o = 0, ar_valid_o = 0, ar_ready_i = 0;
    uint8_t r_resp_i = 0, r_valid_i = 0, r_ready_o = 0;
  };
  template <class Port>
  static User user(const Port& port, unsigned lsb) {
    return {.fn = static_cast<unsigned>(dut::get_bits(port, lsb, 3)),
            .bar = static_cast<unsigned>(dut::get_bits(port, lsb + 3, 3))};
  }
  void open() {
    const auto& lite = p_.axil_o;
    lite_.r_ready_o = static_cast<uint8_t>(dut::get_bits(lite, 0, 1));
    lite_.ar_valid_o = static_cast<uint8_t>(dut::get_bits(lite, 1, 1));
    lite_.ar_addr_o = static_cast<uint32_t>(dut::get_bits(lite, 8, 32));
    lite_.b_ready_o = static_cast<uint8_t>(dut::get_bits(lite, 40, 1));
    lite_.w_valid_o = static_cast<uint8_t>(dut::get_bits(lite, 41, 1));
    lite_.w_strb_o = static_cast<uint8_t>(dut::get_bits(lite, 42, 4));
    lite_.w_data_o = static_cast<uint32_t>(dut::get_bits(lite, 46, 32));
    lite_.aw_valid_o = static_cast<uint8_t>(dut::get_bits(lite, 78, 1));
    lite_.aw_addr_o = static_cast<uint32_t>(dut::get_bits(lite, 85, 32));
    if (lite_.ar_valid_o) axil_read = user(lite, 2);
    if (lite_.aw_valid_o) axil_write = user(lite, 79);
    full_.open(p_.axi_o);
    axi_read = full_.ar_user;
    axi_write = full_.aw_user;
  }
  void close() {
    auto& lite = p_.axil_i;
    dut::set_bits(lite, 0, 1, lite_.r_valid_i);
    dut::set_bits(lite, 1, 2, lite_.r_resp_i);
    dut::set_bits(lite, 3, 32, lite_.r_data_i);
    dut::set_bits(lite, 35, 1, lite_.ar_ready_i);
    dut::set_bits(lite, 36, 1, lite_.b_valid_i);
    dut::set_bits(lite, 37, 2, lite_.b_resp_i);
    dut::set_bits(lite, 39, 1, lite_.w_ready_i);
    dut::set_bits(lite, 40, 1, lite_.aw_ready_i);
    full_.close(p_.axi_i);
  }
  // The memories sample between the one and commit before the other.
  struct Opener : dut::Clocked {
    Opener(dut::Kernel& kernel, UserPorts& ports) : ports(ports) { kernel.add(*this); }
    void sample() override { ports.open(); }
    UserPorts& ports;
  };
  struct Closer : dut::Clocked {
    Closer(dut::Kernel& kernel, UserPorts& ports) : ports(ports) { kernel.add(*this); }
    void sample() override {}
    void commit() override { ports.close(); }
    void reset() override { ports.close(); }
    UserPorts& ports;
  };

  V& p_;
  Lite lite_;
  AxiStruct full_;
  AxilRest rest_;
  Opener opener_;

 public:
  model::HostMemory register_space, memory_space;
  agent::AxiMemory registers, memory;

 private:
  Closer closer_;
};

}  // namespace cw::unit
