// SPDX-License-Identifier: Apache-2.0
#include "random/endpoint_dut.hpp"

#include <fmt/core.h>

#include <stdexcept>

#include "dut/bits.hpp"

#ifdef CW_WIDTH_64
#include "Vcw_endpoint_w64_timeoutcycles2048_romlog20.h"
#endif
#ifdef CW_WIDTH_128
#include "Vcw_endpoint_w128_timeoutcycles2048_romlog20.h"
#endif
#ifdef CW_WIDTH_256
#include "Vcw_endpoint_w256_timeoutcycles2048_romlog20.h"
#endif
#ifdef CW_WIDTH_512
#include "Vcw_endpoint_w512_timeoutcycles2048_romlog20.h"
#endif

namespace cw::random {

namespace {

// `cw_port_pkg::class_fc_t`, the posted class uppermost in `fc_t`.
constexpr unsigned kClassBits = 26, kDataLsb = 0, kDataInfinite = 12, kHeaderLsb = 13,
                   kHeaderInfinite = 25, kLimitBits = 12;

constexpr unsigned class_lsb(FlowClass which) { return (kCompletion - which) * kClassBits; }

template <class V>
class TwoResets : public dut::Module<V> {
 public:
  using dut::Module<V>::Module;

  void hot_reset() {
    hot_ = true;
    this->reset();
    hot_ = false;
  }

 protected:
  void drive_reset(bool value) override {
    if (hot_) {
      this->pins().hot_reset_i = value;
    } else {
      dut::Module<V>::drive_reset(value);
    }
  }

 private:
  bool hot_ = false;
};

template <class V>
class EndpointDutOf : public EndpointDut {
 public:
  explicit EndpointDutOf(uint64_t seed) : module_(seed) {
    V& p = module_.pins();
    dut::clear_bits(p.tx_fc_i);
    p.hot_reset_i = 0;
    dut::clear_bits(p.irq_i);  // the user's logic is silent
    dut::clear_bits(p.pme_i);
    dut::clear_bits(p.ltr_i);
    dut::clear_bits(p.axil_i);
    dut::clear_bits(p.axi_i);
    dut::clear_bits(p.axi_rdata_i);
    dut::clear_bits(p.dma_axi_i);  // and so is its memory, and its streams
    dut::clear_bits(p.dma_axi_rdata_i);
    p.h2s_ready_i = 1;
    p.s2h_valid_i = 0;
    dut::clear_bits(p.s2h_i);
    dut::clear_bits(p.s2h_data_i);
    dut::clear_bits(p.s2h_keep_i);
  }

  dut::ModuleBase& module() override { return module_; }
  void hot_reset() override { module_.hot_reset(); }
  dut::ChannelPins rx() override {
    V& p = module_.pins();
    return dut::channel(p.rx_ctl_i, p.rx_data_i, p.rx_valid_i, p.rx_ready_o);
  }
  dut::ChannelPins tx() override {
    V& p = module_.pins();
    return dut::channel(p.tx_ctl_o, p.tx_data_o, p.tx_valid_o, p.tx_ready_i);
  }
  // `cw_axi_pkg::axil_drive_t` and `axil_sense_t`.
  UserDrive user() override {
    const auto& axil = module_.pins().axil_o;
    const auto bits = [&](unsigned lsb, unsigned count) {
      return static_cast<uint32_t>(dut::get_bits(axil, lsb, count));
    };
    return {.aw_valid = bits(78, 1) != 0,
            .w_valid = bits(41, 1) != 0,
            .b_ready = bits(40, 1) != 0,
            .ar_valid = bits(1, 1) != 0,
            .r_ready = bits(0, 1) != 0,
            .aw_address = bits(85, 32),
            .w_data = bits(46, 32),
            .ar_address = bits(8, 32),
            .w_strobes = static_cast<uint8_t>(bits(42, 4))};
  }
  void answer_user(const UserSense& sense) override {
    auto& axil = module_.pins().axil_i;
    dut::set_bits(axil, 0, 1, sense.r_valid);
    dut::set_bits(axil, 1, 2, sense.r_resp);
    dut::set_bits(axil, 3, 32, sense.r_data);
    dut::set_bits(axil, 35, 1, sense.ar_ready);
    dut::set_bits(axil, 36, 1, sense.b_valid);
    dut::set_bits(axil, 37, 2, sense.b_resp);
    dut::set_bits(axil, 39, 1, sense.w_ready);
    dut::set_bits(axil, 40, 1, sense.aw_ready);
  }
  CreditLimit granted(FlowClass which) override {
    const auto& fc = module_.pins().rx_fc_o;
    const unsigned lsb = class_lsb(which);
    return {.header_infinite = dut::get_bits(fc, lsb + kHeaderInfinite, 1) != 0,
            .header = static_cast<uint32_t>(dut::get_bits(fc, lsb + kHeaderLsb, kLimitBits)),
            .data_infinite = dut::get_bits(fc, lsb + kDataInfinite, 1) != 0,
            .data = static_cast<uint32_t>(dut::get_bits(fc, lsb + kDataLsb, kLimitBits))};
  }
  void grant(FlowClass which, const CreditLimit& limit) override {
    auto& fc = module_.pins().tx_fc_i;
    const unsigned lsb = class_lsb(which);
    dut::set_bits(fc, lsb + kHeaderInfinite, 1, limit.header_infinite);
    dut::set_bits(fc, lsb + kHeaderLsb, kLimitBits, limit.header);
    dut::set_bits(fc, lsb + kDataInfinite, 1, limit.data_infinite);
    dut::set_bits(fc, lsb + kDataLsb, kLimitBits, limit.data);
  }

 private:
  TwoResets<V> module_;
};

}  // namespace

namespace {

using Maker = std::unique_ptr<EndpointDut> (*)(uint64_t seed);

template <class V>
std::unique_ptr<EndpointDut> make_of(uint64_t seed) {
  return std::make_unique<EndpointDutOf<V>>(seed);
}

Maker maker(unsigned width) {
  switch (width) {
#ifdef CW_WIDTH_64
    case 64:
      return make_of<Vcw_endpoint_w64_timeoutcycles2048_romlog20>;
#endif
#ifdef CW_WIDTH_128
    case 128:
      return make_of<Vcw_endpoint_w128_timeoutcycles2048_romlog20>;
#endif
#ifdef CW_WIDTH_256
    case 256:
      return make_of<Vcw_endpoint_w256_timeoutcycles2048_romlog20>;
#endif
#ifdef CW_WIDTH_512
    case 512:
      return make_of<Vcw_endpoint_w512_timeoutcycles2048_romlog20>;
#endif
    default:
      return nullptr;
  }
}

}  // namespace

bool EndpointDut::built(unsigned width) { return maker(width) != nullptr; }

std::unique_ptr<EndpointDut> EndpointDut::make(unsigned width, uint64_t seed) {
  const Maker make = maker(width);
  if (!make) throw std::invalid_argument(fmt::format("an endpoint of {} bits is not built", width));
  return make(seed);
}

}  // namespace cw::random
