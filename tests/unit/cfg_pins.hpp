// SPDX-License-Identifier: Apache-2.0
//
// The ports of configuration modules as plain values: accesses, `cfg_event_t`, `cfg_state_t`.
#pragma once

#include <cstdint>

#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::unit {

// cfg_event_t
enum CfgEvent : unsigned {
  CfgReceivedCa = 1u << 0,
  CfgReceivedUr = 1u << 1,
  CfgCplTimeout = 1u << 2,
  CfgUnexpectedCpl = 1u << 3,
  CfgPoisonedCpl = 1u << 4,
  CfgPoisoned = 1u << 5,
  CfgCompleterAbort = 1u << 6,
  CfgAdvisory = 1u << 7,
  CfgUnsupported = 1u << 8,
  CfgMalformed = 1u << 9,
  CfgInternalError = 1u << 10,
  CfgOverflow = 1u << 11,
  CfgEcrcError = 1u << 12,
  CfgPme = 1u << 13
};

// One capability or header alone: `cfg_req_t` in, read data out. Offsets are bytes.
template <class V>
class CfgBus {
 public:
  explicit CfgBus(dut::Module<V>& module) : module_(module) {
    pins().cfg_valid_i = 0;
    module_.reset();
  }
  V& pins() { return module_.pins(); }

  uint32_t read(unsigned offset) {
    present(/*write=*/false, offset, 0, 0xf);
    const uint32_t value = pins().rdata_o;
    finish();
    return value;
  }
  void write(unsigned offset, uint32_t value, unsigned byte_enables = 0xf) {
    present(/*write=*/true, offset, value, byte_enables);
    finish();
  }

 private:
  void finish() {
    module_.step();
    pins().cfg_valid_i = 0;
    module_.settle();
  }
  void present(bool write, unsigned offset, uint32_t value, unsigned byte_enables) {
    pins().cfg_valid_i = 1;
    pins().cfg_req_i =
        uint64_t{write} << 46 | uint64_t{offset / 4} << 36 | uint64_t{byte_enables} << 32 | value;
    module_.settle();
  }
  dut::Module<V>& module_;
};

// A whole function: configuration request headers in. `target` is the ID that the request carries.
template <class V>
class CfgFunction {
 public:
  explicit CfgFunction(dut::Module<V>& module) : module_(module) {
    pins().cfg_valid_i = 0;
    dut::clear_bits(pins().event_i);
    module_.reset();
  }
  V& pins() { return module_.pins(); }

  uint32_t read(unsigned offset) {
    present(0x04, offset, 0, 0xf);
    const uint32_t value = pins().cfg_rdata_o;
    finish();
    return value;
  }
  void write(unsigned offset, uint32_t value, unsigned byte_enables = 0xf) {
    present(0x44, offset, value, byte_enables);
    finish();
  }
  void event(unsigned events) {
    dut::set_bits(pins().event_i, 0, 14, events);
    module_.step();
    dut::clear_bits(pins().event_i);
    module_.settle();
  }
  uint16_t target = 0x0100;

 private:
  void finish() {
    module_.step();
    pins().cfg_valid_i = 0;
    module_.settle();
  }
  void present(unsigned kind, unsigned offset, uint32_t value, unsigned byte_enables) {
    dut::clear_bits(pins().cfg_hdr_i);
    dut::set_bits(pins().cfg_hdr_i, 120, 8, kind);
    dut::set_bits(pins().cfg_hdr_i, 96, 10, 1);  // Length
    dut::set_bits(pins().cfg_hdr_i, 64, 4, byte_enables);
    dut::set_bits(pins().cfg_hdr_i, 48, 16, target);
    dut::set_bits(pins().cfg_hdr_i, 34, 10, offset / 4);
    pins().cfg_wdata_i = value;
    pins().cfg_valid_i = 1;
    module_.settle();
  }
  dut::Module<V>& module_;
};

}  // namespace cw::unit
