// SPDX-License-Identifier: Apache-2.0
#include "dma/engine_dut.hpp"

#include <fmt/core.h>

#include <array>
#include <cstring>
#include <stdexcept>

#include "dut/bits.hpp"

#ifdef CW_WIDTH_64
#include "Vcw_dma_w64.h"
#endif
#ifdef CW_WIDTH_128
#include "Vcw_dma_w128_channels16.h"
#endif
#ifdef CW_WIDTH_256
#include "Vcw_dma_w256.h"
#endif
#ifdef CW_WIDTH_512
#include "Vcw_dma_w512.h"
#endif

namespace cw::dma {

namespace {

template <class Port>
uint8_t* bytes_of(Port& port) {
  return reinterpret_cast<uint8_t*>(&port);
}

// `axi_drive_t` and `axi_sense_t` as pins.
template <class V>
class OpenAxi : public dut::Clocked {
 public:
  explicit OpenAxi(V& pins) : p_(pins) {}

  agent::AxiPins pins() {
    return {.aw = aw_,
            .aw_valid = aw_valid_,
            .aw_ready = aw_ready_,
            .w_data = p_.axi_wdata_o,
            .w_strb = p_.axi_wstrb_o,
            .w_last = w_last_,
            .w_valid = w_valid_,
            .w_ready = w_ready_,
            .b = b_,
            .b_valid = b_valid_,
            .b_ready = b_ready_,
            .ar = ar_,
            .ar_valid = ar_valid_,
            .ar_ready = ar_ready_,
            .r_id = r_id_,
            .r_data = p_.axi_rdata_i,
            .r_resp = r_resp_,
            .r_last = r_last_,
            .r_valid = r_valid_,
            .r_ready = r_ready_};
  }

  void sample() override {
    fields::FieldReader field(p_.axi_o, 0);
    const auto flag = [&] { return static_cast<uint8_t>(field(1)); };
    const auto address = [&](std::array<uint32_t, 3>& ax) {
      field(6);  // user
      ax = {field(32), field(32), field(17)};
    };
    r_ready_ = flag();
    ar_valid_ = flag();
    address(ar_);
    b_ready_ = flag();
    w_valid_ = flag();
    w_last_ = flag();
    aw_valid_ = flag();
    address(aw_);
  }
  // What the memory has put on its pins.
  void close() {
    fields::FieldWriter field(p_.axi_i, 0);
    field(1, r_valid_);
    field(1, r_last_);
    field(2, r_resp_);
    field(4, r_id_);
    field(1, ar_ready_);
    field(1, b_valid_);
    field(6, b_);
    field(1, w_ready_);
    field(1, aw_ready_);
  }

 private:
  V& p_;
  std::array<uint32_t, 3> aw_{}, ar_{};
  uint8_t aw_valid_ = 0, aw_ready_ = 0, w_last_ = 0, w_valid_ = 0, w_ready_ = 0, b_ = 0;
  uint8_t b_valid_ = 0, b_ready_ = 0, ar_valid_ = 0, ar_ready_ = 0, r_id_ = 0, r_resp_ = 0;
  uint8_t r_last_ = 0, r_valid_ = 0, r_ready_ = 0;
};

// `axis_t` and the handshakes of several streams side by side as pins; data and TKEEP fill whole
// bytes. `In`: the design takes them.
template <size_t Lanes, bool In, class Data, class Keep, class Side, class Valid, class Ready>
class OpenStreams : public dut::Clocked {
 public:
  OpenStreams(unsigned count, Data& data, Keep& keep, Side& side, Valid& valid, Ready& ready)
      : data_(data), keep_(keep), side_(side), valid_(valid), ready_(ready), open_(count) {}

  std::vector<agent::AxisPins> pins() {
    std::vector<agent::AxisPins> pins;
    for (size_t n = 0; n < open_.size(); ++n) {
      using Bytes = std::array<uint8_t, Lanes>;
      using Bits = std::array<uint8_t, Lanes / 8>;
      pins.push_back({.data = *reinterpret_cast<Bytes*>(bytes_of(data_) + n * sizeof(Bytes)),
                      .keep = *reinterpret_cast<Bits*>(bytes_of(keep_) + n * sizeof(Bits)),
                      .side = open_[n].side,
                      .valid = open_[n].valid,
                      .ready = open_[n].ready});
    }
    return pins;
  }
  void sample() override {
    for (unsigned n = 0; n < open_.size(); ++n) {
      if constexpr (In) {
        open_[n].ready = static_cast<uint8_t>(dut::get_bits(ready_, n, 1));
      } else {
        open_[n].valid = static_cast<uint8_t>(dut::get_bits(valid_, n, 1));
        open_[n].side = static_cast<uint32_t>(dut::get_bits(side_, n * kSideBits, kSideBits));
      }
    }
  }
  // What the agents have put on their pins.
  void close() {
    for (unsigned n = 0; n < open_.size(); ++n) {
      if constexpr (In) {
        dut::set_bits(valid_, n, 1, open_[n].valid);
        dut::set_bits(side_, n * kSideBits, kSideBits, open_[n].side);
      } else {
        dut::set_bits(ready_, n, 1, open_[n].ready);
      }
    }
  }

 private:
  static constexpr unsigned kSideBits = 17;
  struct Open {
    uint32_t side = 0;
    uint8_t valid = 0, ready = 0;
  };

  Data& data_;
  Keep& keep_;
  Side& side_;
  Valid& valid_;
  Ready& ready_;
  std::vector<Open> open_;
};

template <class V, unsigned Channels>
class EngineDutOf : public EngineDut {
 public:
  explicit EngineDutOf(uint64_t seed)
      : module_(seed),
        axi_(p()),
        outputs_(count(model::DmaKind::H2s), p().h2s_data_o, p().h2s_keep_o, p().h2s_o,
                 p().h2s_valid_o, p().h2s_ready_i),
        inputs_(count(model::DmaKind::S2h), p().s2h_data_i, p().s2h_keep_i, p().s2h_i,
                p().s2h_valid_i, p().s2h_ready_o) {
    p().flush_i = 0;
    module_.kernel().add(axi_);
    module_.kernel().add(outputs_);
    module_.kernel().add(inputs_);
  }
  ~EngineDutOf() override {
    module_.kernel().remove(axi_);
    module_.kernel().remove(outputs_);
    module_.kernel().remove(inputs_);
  }

  dut::ModuleBase& module() override { return module_; }
  unsigned beat_bytes() const override { return kBytes; }
  unsigned channels() const override { return Channels; }

  void ctl(unsigned channel, const fields::Ctl& ctl) override { drive(p().ctl_i, ctl, channel); }
  fields::Sta sta(unsigned channel) override { return fields::sta(p().sta_o, channel); }
  void limits(unsigned max_payload, unsigned max_read) override {
    p().max_payload_i = max_payload;
    p().max_read_i = max_read;
  }
  void others(bool want) override { p().others_i = want; }
  void flush(bool on) override { p().flush_i = on; }
  std::optional<unsigned> irq() override {
    return p().irq_valid_o ? std::optional<unsigned>(p().irq_chan_o) : std::nullopt;
  }

  std::optional<fields::ReadReq> read(unsigned client) override {
    if ((p().rd_valid_o >> client & 1) == 0) return std::nullopt;
    return fields::read_req(p().rd_req_o, client);
  }
  void read_ready(unsigned client, bool ready) override {
    dut::set_bits(p().rd_ready_i, client, 1, ready);
  }
  void answer(const fields::ReadRsp& rsp, std::span<const uint8_t> data) override {
    drive(p().rsp_i, rsp);
    std::memcpy(bytes_of(p().rsp_data_i), data.data(), data.size());
  }
  void answer_valid(bool valid) override { p().rsp_valid_i = valid; }
  bool answer_ready() override { return p().rsp_ready_o != 0; }
  std::optional<fields::WriteBeat> write(unsigned port) override {
    if ((p().wr_valid_o >> port & 1) == 0) return std::nullopt;
    return fields::write_beat(p().wr_beat_o, port);
  }
  std::vector<uint8_t> write_data(unsigned port) override {
    const uint8_t* from = bytes_of(p().wr_data_o) + port * kBytes;
    return {from, from + kBytes};
  }
  void write_ready(unsigned port, bool ready) override {
    dut::set_bits(p().wr_ready_i, port, 1, ready);
  }

  std::optional<CardWrite> card_write() override {
    if (!p().cm_wr_valid_o) return std::nullopt;
    const uint8_t* from = bytes_of(p().cm_wr_data_o);
    return CardWrite{
        .addr = p().cm_wr_addr_o, .data = {from, from + kBytes}, .strobe = p().cm_wr_strb_o};
  }
  void card_write_ready(bool ready) override { p().cm_wr_ready_i = ready; }
  std::optional<uint64_t> card_read() override {
    if (!p().cm_rd_valid_o) return std::nullopt;
    return p().cm_rd_addr_o;
  }
  void card_read_ready(bool ready) override { p().cm_rd_ready_i = ready; }
  void card_answer(std::span<const uint8_t> data) override {
    p().cm_rd_rvalid_i = !data.empty();
    if (!data.empty()) std::memcpy(bytes_of(p().cm_rd_rdata_i), data.data(), data.size());
  }
  agent::AxiPins axi() override { return axi_.pins(); }
  std::vector<agent::AxisPins> stream_outputs() override { return outputs_.pins(); }
  std::vector<agent::AxisPins> stream_inputs() override { return inputs_.pins(); }
  void drive_pins() override {
    axi_.close();
    outputs_.close();
    inputs_.close();
  }

 private:
  static constexpr unsigned kBytes = sizeof(V::rsp_data_i);
  V& p() { return module_.pins(); }
  unsigned count(model::DmaKind wanted) const {
    unsigned sum = 0;
    for (unsigned c = 0; c < Channels; ++c) sum += kind(c) == wanted;
    return sum;
  }

  dut::Module<V> module_;
  OpenAxi<V> axi_;
  OpenStreams<kBytes, false, decltype(V::h2s_data_o), decltype(V::h2s_keep_o), decltype(V::h2s_o),
              decltype(V::h2s_valid_o), decltype(V::h2s_ready_i)>
      outputs_;
  OpenStreams<kBytes, true, decltype(V::s2h_data_i), decltype(V::s2h_keep_i), decltype(V::s2h_i),
              decltype(V::s2h_valid_i), decltype(V::s2h_ready_o)>
      inputs_;
};

}  // namespace

bool EngineDut::built([[maybe_unused]] unsigned width) {
#ifdef CW_WIDTH_64
  if (width == 64) return true;
#endif
#ifdef CW_WIDTH_128
  if (width == 128) return true;
#endif
#ifdef CW_WIDTH_256
  if (width == 256) return true;
#endif
#ifdef CW_WIDTH_512
  if (width == 512) return true;
#endif
  return false;
}

std::unique_ptr<EngineDut> EngineDut::make(unsigned width, [[maybe_unused]] uint64_t seed) {
#ifdef CW_WIDTH_64
  if (width == 64) return std::make_unique<EngineDutOf<Vcw_dma_w64, 6>>(seed);
#endif
#ifdef CW_WIDTH_128
  if (width == 128) return std::make_unique<EngineDutOf<Vcw_dma_w128_channels16, 16>>(seed);
#endif
#ifdef CW_WIDTH_256
  if (width == 256) return std::make_unique<EngineDutOf<Vcw_dma_w256, 6>>(seed);
#endif
#ifdef CW_WIDTH_512
  if (width == 512) return std::make_unique<EngineDutOf<Vcw_dma_w512, 6>>(seed);
#endif
  throw std::invalid_argument(fmt::format("an engine of {} bits was not built", width));
}

}  // namespace cw::dma
