// SPDX-License-Identifier: Apache-2.0
//
// The pins of one AXI4 port of any data width: with `cw_axi_pkg` structs, or flat as at the
// boundary of the design.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

namespace cw::agent {

namespace detail {

// What a constructor from any port must leave to the copy constructor and to the flat form.
template <class T, class Wrapper>
concept PortOtherThan = !std::is_same_v<std::remove_cv_t<T>, Wrapper> && !requires {
  typename T::FlatPins;
};

}  // namespace detail

// A port of the model, whatever its Verilated type. VlWide and integers alike are little-endian
// bytes.
class Pin {
 public:
  template <class T>
  requires detail::PortOtherThan<T, Pin> Pin(T& port)
      : at_(&port), bytes_(sizeof(T)) {}  // implicit: pins are listed by name

  size_t bytes() const { return bytes_; }
  // A port of one bit.
  bool high() const { return *static_cast<const uint8_t*>(at_) != 0; }
  void drive(bool value) const { *static_cast<uint8_t*>(at_) = value; }
  uint64_t get() const {
    uint64_t value = 0;
    std::memcpy(&value, at_, bytes_);  // a port of at most 64 bits
    return value;
  }
  void set(uint64_t value) const { std::memcpy(at_, &value, bytes_); }
  void read(void* to) const { std::memcpy(to, at_, bytes_); }
  void write(const void* from) const { std::memcpy(at_, from, bytes_); }

 private:
  void* at_;
  size_t bytes_;
};

enum class AxiResp : uint8_t { Okay = 0, ExOkay = 1, SlvErr = 2, DecErr = 3 };
enum class AxiBurst : uint8_t { Fixed = 0, Incr = 1, Wrap = 2 };

// `axi_ax_t`: an address phase.
struct AxiAddress {
  uint8_t id = 0;
  uint64_t addr = 0;
  uint8_t len = 0;   // beats - 1
  uint8_t size = 0;  // log2 of the bytes of a beat
  AxiBurst burst = AxiBurst::Incr;

  bool operator==(const AxiAddress&) const = default;
  uint32_t beats() const { return len + 1u; }
  uint64_t bytes() const { return uint64_t{beats()} << size; }
  // Address of a beat (AXI A3.4.1); only the first may be unaligned.
  uint64_t beat_addr(uint32_t beat) const {
    const uint64_t linear = beat ? (addr >> size << size) + (uint64_t{beat} << size) : addr;
    return burst == AxiBurst::Wrap ? first() + (linear - first()) % bytes() : linear;
  }
  // What the burst touches: from `first` up to, but without, `past`.
  uint64_t first() const { return burst == AxiBurst::Wrap ? addr / bytes() * bytes() : addr; }
  uint64_t past() const {
    return burst == AxiBurst::Wrap ? first() + bytes() : (addr >> size << size) + bytes();
  }
};

class AxiAddressPins {
 public:
  struct Flat {
    using FlatPins = void;
    Pin id, addr, len, size, burst;
  };

  template <class T>
  requires detail::PortOtherThan<T, AxiAddressPins> AxiAddressPins(T& packed) : packed_(packed) {}
  AxiAddressPins(Flat flat) : flat_(flat) {}

  AxiAddress get() const {
    if (flat_) {
      return {.id = static_cast<uint8_t>(flat_->id.get()),
              .addr = flat_->addr.get(),
              .len = static_cast<uint8_t>(flat_->len.get()),
              .size = static_cast<uint8_t>(flat_->size.get()),
              .burst = static_cast<AxiBurst>(flat_->burst.get())};
    }
    uint32_t w[3];
    packed_->read(w);
    return {.id = static_cast<uint8_t>(w[2] >> 13 & 15),
            .addr = uint64_t{w[2]} << 51 | uint64_t{w[1]} << 19 | w[0] >> 13,
            .len = static_cast<uint8_t>(w[0] >> 5),
            .size = static_cast<uint8_t>(w[0] >> 2 & 7),
            .burst = static_cast<AxiBurst>(w[0] & 3)};
  }

  void set(const AxiAddress& a) const {
    if (flat_) {
      flat_->id.set(a.id);
      flat_->addr.set(a.addr);
      flat_->len.set(a.len);
      flat_->size.set(a.size);
      flat_->burst.set(static_cast<uint64_t>(a.burst));
      return;
    }
    const uint32_t w[3] = {static_cast<uint32_t>(a.burst) | a.size << 2u | uint32_t{a.len} << 5 |
                               static_cast<uint32_t>(a.addr) << 13,
                           static_cast<uint32_t>(a.addr >> 19),
                           static_cast<uint32_t>(a.addr >> 51) | uint32_t{a.id} << 13};
    packed_->write(w);
  }

 private:
  std::optional<Pin> packed_;
  std::optional<Flat> flat_;
};

// `axi_b_t`, or id and response apart.
class AxiResponsePins {
 public:
  struct Flat {
    using FlatPins = void;
    Pin id, resp;
  };

  template <class T>
  requires detail::PortOtherThan<T, AxiResponsePins> AxiResponsePins(T& packed) : packed_(packed) {}
  AxiResponsePins(Flat flat) : flat_(flat) {}

  AxiResp resp() const {
    return static_cast<AxiResp>(flat_ ? flat_->resp.get() : packed_->get() & 3);
  }
  void set(uint8_t id, AxiResp resp) const {
    if (flat_) {
      flat_->id.set(id);
      flat_->resp.set(static_cast<uint64_t>(resp));
    } else {
      packed_->set(uint64_t{id} << 2 | static_cast<uint64_t>(resp));
    }
  }

 private:
  std::optional<Pin> packed_;
  std::optional<Flat> flat_;
};

// Whether an address phase is to be looked up in caches: AxCACHE (A4.4), or a `no_snoop` inside the
// design. Without a pin it is.
class AxiSnoopPin {
 public:
  AxiSnoopPin() = default;
  static AxiSnoopPin cache(Pin pin) { return AxiSnoopPin(pin, 0b1100, false); }
  static AxiSnoopPin no_snoop(Pin pin) { return AxiSnoopPin(pin, 1, true); }

  bool snoops() const { return !pin_ || ((pin_->get() & mask_) != 0) != inverted_; }

 private:
  AxiSnoopPin(Pin pin, uint64_t mask, bool inverted)
      : pin_(pin), mask_(mask), inverted_(inverted) {}

  std::optional<Pin> pin_;
  uint64_t mask_ = 0;
  bool inverted_ = false;
};

struct AxiPins {
  AxiAddressPins aw;
  Pin aw_valid, aw_ready;
  Pin w_data, w_strb, w_last, w_valid, w_ready;
  AxiResponsePins b;
  Pin b_valid, b_ready;
  AxiAddressPins ar;
  Pin ar_valid, ar_ready;
  Pin r_id, r_data, r_resp, r_last, r_valid, r_ready;
  AxiSnoopPin aw_snoop{}, ar_snoop{};
};

// The pins of a module whose manager port is called m_*, its channels packed.
template <class Pins>
AxiPins manager_pins(Pins& p) {
  return {.aw = p.m_aw_o,
          .aw_valid = p.m_aw_valid_o,
          .aw_ready = p.m_aw_ready_i,
          .w_data = p.m_w_data_o,
          .w_strb = p.m_w_strb_o,
          .w_last = p.m_w_last_o,
          .w_valid = p.m_w_valid_o,
          .w_ready = p.m_w_ready_i,
          .b = p.m_b_i,
          .b_valid = p.m_b_valid_i,
          .b_ready = p.m_b_ready_o,
          .ar = p.m_ar_o,
          .ar_valid = p.m_ar_valid_o,
          .ar_ready = p.m_ar_ready_i,
          .r_id = p.m_r_id_i,
          .r_data = p.m_r_data_i,
          .r_resp = p.m_r_resp_i,
          .r_last = p.m_r_last_i,
          .r_valid = p.m_r_valid_i,
          .r_ready = p.m_r_ready_o};
}

inline bool transfers(const Pin& valid, const Pin& ready) { return valid.high() && ready.high(); }

}  // namespace cw::agent
