// SPDX-License-Identifier: Apache-2.0
//
// The pins of one TLP channel of any width, and its control struct `cw_tlp_pkg::tlp_ctl_t` as a
// value.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace cw::dut {

// `tlp_ctl_t`: hdr[0] is DW0.
struct TlpCtl {
  std::array<uint32_t, 4> hdr{};
  uint16_t strb = 0;
  uint32_t prefix = 0;
  bool prefix_valid = false;
  bool error = false;
  bool eop = false;
  bool sop = false;
  uint32_t digest = 0;

  bool operator==(const TlpCtl&) const = default;
};

inline constexpr unsigned kTlpCtlWords = 7;  // 212 bits

inline std::array<uint32_t, kTlpCtlWords> pack(const TlpCtl& ctl) {
  return {ctl.hdr[3],
          ctl.hdr[2],
          ctl.hdr[1],
          ctl.hdr[0],
          uint32_t{ctl.strb} | ctl.prefix << 16,
          ctl.prefix >> 16 | uint32_t{ctl.prefix_valid} << 16 | uint32_t{ctl.error} << 17 |
              uint32_t{ctl.eop} << 18 | uint32_t{ctl.sop} << 19 | ctl.digest << 20,
          ctl.digest >> 12};
}

inline TlpCtl unpack_tlp_ctl(const std::array<uint32_t, kTlpCtlWords>& words) {
  return {.hdr = {words[3], words[2], words[1], words[0]},
          .strb = static_cast<uint16_t>(words[4]),
          .prefix = words[4] >> 16 | words[5] << 16,
          .prefix_valid = (words[5] >> 16 & 1) != 0,
          .error = (words[5] >> 17 & 1) != 0,
          .eop = (words[5] >> 18 & 1) != 0,
          .sop = (words[5] >> 19 & 1) != 0,
          .digest = words[5] >> 20 | words[6] << 12};
}

// References to the four ports. A port wider than 64 bits is a VlWide, else a plain integer: both
// are the same little-endian bytes.
class ChannelPins {
 public:
  template <class Ctl, class Data>
  ChannelPins(Ctl& ctl, Data& data, uint8_t& valid, uint8_t& ready)
      : ctl_(&ctl), data_(&data), data_dw_(sizeof(Data) / 4), valid_(&valid), ready_(&ready) {
    static_assert(sizeof(Ctl) == kTlpCtlWords * 4, "the control port is a tlp_ctl_t");
  }

  unsigned data_dw() const { return data_dw_; }
  bool valid() const { return *valid_ != 0; }
  bool ready() const { return *ready_ != 0; }
  bool transfers() const { return (*valid_ & *ready_) != 0; }

  TlpCtl ctl() const {
    std::array<uint32_t, kTlpCtlWords> words;
    std::memcpy(words.data(), ctl_, sizeof words);
    return unpack_tlp_ctl(words);
  }
  void read_data(uint32_t* dwords, unsigned count) const { std::memcpy(dwords, data_, count * 4u); }

  void drive_valid(bool value) const { *valid_ = value; }
  void drive_ready(bool value) const { *ready_ = value; }
  void drive_ctl(const TlpCtl& value) const {
    const auto words = pack(value);
    std::memcpy(ctl_, words.data(), sizeof words);
  }
  void drive_data(const uint32_t* dwords, unsigned count) const {
    if (count) std::memcpy(data_, dwords, count * 4u);
  }
  void drive_lane(unsigned lane, uint32_t dword) const {
    std::memcpy(static_cast<char*>(data_) + lane * 4u, &dword, sizeof dword);
  }

 private:
  void* ctl_;
  void* data_;
  unsigned data_dw_;
  uint8_t* valid_;
  uint8_t* ready_;
};

template <class Ctl, class Data>
ChannelPins channel(Ctl& ctl, Data& data, uint8_t& valid, uint8_t& ready) {
  return ChannelPins(ctl, data, valid, ready);
}

}  // namespace cw::dut
