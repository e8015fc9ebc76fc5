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

// error_class_t
enum CfgClass : unsigned {
  ClassCorrectable = 1u << 0,
  ClassNonFatal = 1u << 1,
  ClassFatal = 1u << 2,
  ClassUnsupported = 1u << 3
};

// The bits of Advanced Error Reporting that events are (PCIe Base 7.8.4.2): those that a completion
// or nobody is told of, and the others.
struct AerBits {
  uint32_t told = 0, untold = 0;
};
inline AerBits aer_bits(unsigned events) {
  AerBits bits;
  if (events & CfgInternalError) bits.untold |= 1u << 22;
  if (events & CfgUnsupported) (events & CfgAdvisory ? bits.told : bits.untold) |= 1u << 20;
  if (events & CfgEcrcError) bits.untold |= 1u << 19;
  if (events & CfgMalformed) bits.untold |= 1u << 18;
  if (events & CfgOverflow) bits.untold |= 1u << 17;
  if (events & CfgUnexpectedCpl) bits.told |= 1u << 16;
  if (events & CfgCompleterAbort) bits.told |= 1u << 15;
  if (events & CfgCplTimeout) bits.untold |= 1u << 14;
  if (events & CfgPoisoned) bits.untold |= 1u << 12;
  return bits;
}

// cfg_state_t, a field by its least significant bit and its width
struct StateField {
  unsigned lsb, width;
};
namespace cfg_state {
inline constexpr StateField kMsixMask{384, 1}, kMsixEnable{385, 1}, kTimeoutDisable{386, 1},
    kTimeoutRange{387, 4}, kNoSnoop{391, 1}, kRelaxed{392, 1}, kExtTag{393, 1},
    kMaxReadRequest{394, 3}, kMaxPayload{397, 3}, kPower{400, 2}, kBusMaster{402, 1},
    kMemEnable{403, 1}, kIoEnable{404, 1}, kIdValid{405, 1}, kId{406, 16}, kFlr{422, 1},
    kEcrcCheck{423, 1}, kEcrcGenerate{424, 1}, kPmeEnable{425, 1}, kLtrEnable{426, 1},
    kIdoCpl{427, 1}, kIdoRequest{428, 1}, kTag10{429, 1}, kRomBase{466, 32}, kRomEnable{498, 1},
    kIntxDisable{499, 1}, kMsiMask{500, 32}, kMsiData{532, 16}, kMsiAddress{548, 64},
    kMsiVectorsLog2{612, 3}, kMsiEnable{615, 1}, kPmeStatus{616, 1};
inline constexpr unsigned kBits = 617;  // of a function
constexpr StateField bar_base(unsigned bar) { return {64 * bar, 64}; }
constexpr StateField bar_log2(unsigned bar) { return {430 + 6 * bar, 6}; }
}  // namespace cfg_state

// Nothing is asked and nothing happens, on every pin of those that the module has.
template <class V>
void quiet(V& pins) {
#define CW_QUIET(pin) \
  if constexpr (requires { pins.pin; }) dut::clear_bits(pins.pin)
  CW_QUIET(cfg_valid_i);
  CW_QUIET(cfg_req_i);
  CW_QUIET(cfg_hdr_i);
  CW_QUIET(cfg_wdata_i);
  CW_QUIET(event_i);
  CW_QUIET(acs_dropped_i);
  CW_QUIET(errors_i);
  CW_QUIET(told_i);
  CW_QUIET(report_i);
  CW_QUIET(detected_i);
  CW_QUIET(error_sent_i);
  CW_QUIET(busy_i);
  CW_QUIET(pme_i);
  CW_QUIET(pending_i);
  CW_QUIET(intx_pending_i);
  CW_QUIET(msi_pending_i);
  CW_QUIET(slot_power_i);
  CW_QUIET(msg_seen_i);
  CW_QUIET(bar_log2_i);
  CW_QUIET(resetting_i);
  CW_QUIET(fn_rst_i);
  CW_QUIET(cold_rst_i);
#undef CW_QUIET
}

template <class V>
void cold_reset(dut::Module<V>& module) {
  quiet(module.pins());
  if constexpr (requires { module.pins().cold_rst_i; }) module.pins().cold_rst_i = 1;
  module.reset();
  if constexpr (requires { module.pins().cold_rst_i; }) module.pins().cold_rst_i = 0;
  module.settle();
}

template <class V>
void hot_reset(dut::Module<V>& module) {
  quiet(module.pins());
  module.reset();
}

// Of the function of a module that has one; elsewhere it is a reset.
template <class V>
void function_reset(dut::Module<V>& module) {
  if constexpr (requires { module.pins().fn_rst_i; }) {
    module.pins().fn_rst_i = 1;
    module.step();
    module.pins().fn_rst_i = 0;
    module.settle();
  } else {
    hot_reset(module);
  }
}

// Write data of a read, and what looks like a write where nothing is asked: they mean nothing.
inline constexpr uint32_t kJunk = 0x5a96'c3a5;

// One capability or header alone: `cfg_req_t` in, read data out. Offsets are bytes.
template <class V>
class CfgBus {
 public:
  explicit CfgBus(dut::Module<V>& module) : module_(module) { cold_reset(module_); }
  V& pins() { return module_.pins(); }

  uint32_t read(unsigned offset) {
    present(/*write=*/false, offset, kJunk, 0xf);
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
    const uint64_t request = pins().cfg_req_i;
    module_.step();
    pins().cfg_valid_i = 0;
    pins().cfg_req_i = (request >> 32 | uint64_t{1} << 14 | 0xf) << 32 | kJunk;
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
  explicit CfgFunction(dut::Module<V>& module) : module_(module) { cold_reset(module_); }
  V& pins() { return module_.pins(); }

  uint32_t read(unsigned offset) {
    present(0x04, offset, kJunk, 0xf);
    const uint32_t value = pins().cfg_rdata_o;
    finish();
    return value;
  }
  void write(unsigned offset, uint32_t value, unsigned byte_enables = 0xf) {
    present(0x44, offset, value, byte_enables);
    finish();
  }
  // What stations report for the function that `target` names; its module takes reports, or the
  // event and its errors, or the event alone.
  void event(unsigned events) {
    if constexpr (requires { pins().report_i; }) {
      dut::set_bits(pins().report_i, 128, 14, events);
      dut::set_bits(pins().report_i, 142, 8, 1u << (target & 7));
    } else {
      dut::set_bits(pins().event_i, 0, 14, events);
    }
    if constexpr (requires { pins().errors_i; }) {
      const auto [told, untold] = aer_bits(events);
      dut::set_bits(pins().errors_i, 225, 32, untold);
      dut::set_bits(pins().errors_i, 257, 32, told);
    }
    module_.step();
    if constexpr (requires { pins().report_i; }) dut::clear_bits(pins().report_i);
    if constexpr (requires { pins().event_i; }) dut::clear_bits(pins().event_i);
    if constexpr (requires { pins().errors_i; }) dut::clear_bits(pins().errors_i);
    module_.step();  // a message that is owed for it marks Status one clock later
  }
  void slot_power(unsigned value, unsigned scale) {
    pins().slot_power_i = static_cast<uint16_t>(1u << 10 | scale << 8 | value);
    module_.step();
    pins().slot_power_i = 0;
    module_.settle();
  }
  uint64_t state(StateField field) const {
    return dut::get_bits(module_.pins().state_o, field.lsb, field.width);
  }
  dut::Module<V>& module() { return module_; }
  uint16_t target = 0x0100;

 private:
  void finish() {
    module_.step();
    pins().cfg_valid_i = 0;
    dut::set_bits(pins().cfg_hdr_i, 120, 8, 0x44);
    dut::set_bits(pins().cfg_hdr_i, 64, 4, 0xf);
    pins().cfg_wdata_i = kJunk;
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
