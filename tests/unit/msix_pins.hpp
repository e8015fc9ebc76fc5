// SPDX-License-Identifier: Apache-2.0
//
// The register bus of the MSI-X modules, as software uses it: `reg_req_t` in, dwords out.
#pragma once

#include <cstdint>

#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::unit::msix {

inline constexpr uint32_t kTable = 0x2000, kPba = 0x3000;
inline constexpr uint32_t kLongTable = 0x8000;  // of more than 256 vectors
// Dwords of a table entry.
inline constexpr uint32_t kAddrLo = 0, kAddrHi = 4, kData = 8, kControl = 12;

constexpr uint32_t entry(uint32_t vector, uint32_t field, uint32_t table = kTable) {
  return table + 16 * vector + field;
}

// `msix_message_t`
struct Message {
  uint64_t address = 0;
  uint32_t data = 0;
  bool operator==(const Message&) const = default;
};
template <class Port>
Message message(const Port& port) {
  return {.address = dut::get_bits(port, 0, 64),
          .data = static_cast<uint32_t>(dut::get_bits(port, 64, 32))};
}

template <class V>
class RegBus {
 public:
  explicit RegBus(dut::Module<V>& module) : module_(module) {
    module_.pins().reg_valid_i = 0;
    dut::clear_bits(module_.pins().reg_req_i);
  }

  void write(uint32_t addr, uint32_t value, uint32_t byte_enables = 0xf) {
    access(/*write=*/true, addr, value, byte_enables);
  }
  uint32_t read(uint32_t addr) { return access(/*write=*/false, addr, 0, 0xf); }

  uint64_t clocks = 0;  // of the last access

 private:
  uint32_t access(bool write, uint32_t addr, uint32_t value, uint32_t byte_enables) {
    auto& pins = module_.pins();
    dut::set_bits(pins.reg_req_i, 68, 1, write);
    dut::set_bits(pins.reg_req_i, 36, 32, addr);
    dut::set_bits(pins.reg_req_i, 32, 4, byte_enables);
    dut::set_bits(pins.reg_req_i, 0, 32, value);
    if constexpr (requires { pins.reg_pba_i; }) {
      pins.reg_pba_i = addr >= kPba && addr < kPba + 0x1000;
    }
    pins.reg_valid_i = 1;
    const auto start = module_.now();
    module_.run_until([&] { return pins.reg_ready_o; }, {10});
    const uint32_t answer = pins.reg_rdata_o;
    module_.step();
    clocks = (module_.now() - start).value;
    pins.reg_valid_i = 0;
    module_.settle();
    return answer;
  }

  dut::Module<V>& module_;
};

}  // namespace cw::unit::msix
