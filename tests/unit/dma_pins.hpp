// SPDX-License-Identifier: Apache-2.0
//
// The engine's ports, or one channel's, as the fake around them sees them.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "unit/dma_fields.hpp"

namespace cw::unit::dma {

// What cw_dma and cw_dma_channel name alike.
template <class V>
struct CommonPins {
  static constexpr unsigned kBytes = sizeof(V::rsp_data_i);
  V* v;

  void rsp(const ReadRsp& rsp, std::span<const uint8_t> data, uint8_t junk) {
    drive(v->rsp_i, rsp);
    const std::vector<uint8_t> filler(kBytes, junk);
    drive_bytes(v->rsp_data_i, filler);
    drive_bytes(v->rsp_data_i, data);
  }
  void rsp_valid(bool valid) { v->rsp_valid_i = valid; }
  bool rsp_ready() const { return v->rsp_ready_o; }

  bool cm_wr_valid() const { return v->cm_wr_valid_o; }
  bool cm_rd_valid() const { return v->cm_rd_valid_o; }
  uint32_t cm_rd_addr() const { return v->cm_rd_addr_o; }
  void cm_ready(bool wr, bool rd) {
    v->cm_wr_ready_i = wr;
    v->cm_rd_ready_i = rd;
  }
  void cm_write(std::vector<uint8_t>& card) const {
    const auto data = get_bytes(v->cm_wr_data_o, 0, kBytes);
    for (unsigned n = 0; n < kBytes; n++) {
      if (v->cm_wr_strb_o >> n & 1) card.at(v->cm_wr_addr_o + n) = data[n];
    }
  }
  void cm_rd_answer(const std::optional<std::vector<uint8_t>>& data) {
    v->cm_rd_rvalid_i = data.has_value();
    if (data) drive_bytes(v->cm_rd_rdata_i, *data);
  }
};

template <class V>
struct EnginePins : CommonPins<V> {
  using CommonPins<V>::v;
  using CommonPins<V>::kBytes;

  static void set(uint8_t& port, unsigned bit, bool value) {
    port = static_cast<uint8_t>((port & ~(1u << bit)) | (value ? 1u << bit : 0u));
  }
  bool rd_valid(unsigned client) const { return v->rd_valid_o >> client & 1; }
  ReadReq rd_req(unsigned client) const { return read_req(v->rd_req_o, client); }
  void rd_ready(unsigned client, bool ready) { set(v->rd_ready_i, client, ready); }
  bool wr_valid(unsigned port) const { return v->wr_valid_o >> port & 1; }
  WriteBeat wr_beat(unsigned port) const { return write_beat(v->wr_beat_o, port); }
  std::vector<uint8_t> wr_data(unsigned port, unsigned first, unsigned count) const {
    return get_bytes(v->wr_data_o, port * kBytes + first, count);
  }
  void wr_ready(unsigned port, bool ready) { set(v->wr_ready_i, port, ready); }
  bool irq(unsigned channel) const { return v->irq_o >> channel & 1; }
  void ctl(unsigned channel, const Ctl& value) {
    drive(channel ? v->c2h_ctl_i : v->h2c_ctl_i, value);
  }
  Sta sta(unsigned channel) const { return Sta(channel ? v->c2h_sta_o : v->h2c_sta_o); }
};

// One channel, in the engine's numbering of clients and ports.
template <class V, bool kToCard>
struct ChannelPins : CommonPins<V> {
  using CommonPins<V>::v;
  static constexpr unsigned kDesc = kToCard ? 1 : 2;
  static constexpr unsigned kDone = kToCard ? 0 : 1;

  bool rd_valid(unsigned client) const {
    return client == 0 ? v->data_req_valid_o : client == kDesc && v->desc_req_valid_o;
  }
  ReadReq rd_req(unsigned client) const {
    return read_req(client == 0 ? v->data_req_o : v->desc_req_o);
  }
  void rd_ready(unsigned client, bool ready) {
    if (client == 0) v->data_req_ready_i = ready;
    if (client == kDesc) v->desc_req_ready_i = ready;
  }
  bool wr_valid(unsigned port) const {
    return port == 2 ? v->data_valid_o : port == kDone && v->done_valid_o;
  }
  WriteBeat wr_beat(unsigned port) const {
    return write_beat(port == 2 ? v->data_beat_o : v->done_beat_o);
  }
  std::vector<uint8_t> wr_data(unsigned port, unsigned first, unsigned count) const {
    return get_bytes(port == 2 ? v->data_data_o : v->done_data_o, first, count);
  }
  void wr_ready(unsigned port, bool ready) {
    if (port == 2) v->data_ready_i = ready;
    if (port == kDone) v->done_ready_i = ready;
  }
  bool irq(unsigned channel) const { return channel == !kToCard && v->irq_o; }
  void ctl(unsigned channel, const Ctl& value) {
    if (channel == !kToCard) drive(v->ctl_i, value);
  }
  Sta sta(unsigned) const { return Sta(v->sta_o); }
};

}  // namespace cw::unit::dma
