// SPDX-License-Identifier: Apache-2.0
//
// The pins of one AXI4-Stream of any data width, and what crosses them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/axi_pins.hpp"

namespace cw::agent {

// `axis_t`: what goes beside TDATA and TKEEP.
struct AxisSide {
  bool last = false;
  uint8_t tid = 0, tuser = 0;

  bool operator==(const AxisSide&) const = default;
};

// A beat as it is on the pins; lanes that TKEEP leaves out included.
struct AxisBeat {
  std::vector<uint8_t> data{};
  uint64_t keep = 0;
  AxisSide side{};

  bool operator==(const AxisBeat&) const = default;
};

struct AxisPacket {
  std::vector<uint8_t> bytes{};
  uint8_t tid = 0, tuser = 0;
  bool cut = false;  // TUSER[0] was set with TLAST alone

  bool operator==(const AxisPacket&) const = default;
};

class AxisSidePins {
 public:
  struct Flat {
    using FlatPins = void;
    Pin last, id, user;
  };

  template <class T>
  requires detail::PortOtherThan<T, AxisSidePins> AxisSidePins(T& packed) : packed_(packed) {}
  AxisSidePins(Flat flat) : flat_(flat) {}

  AxisSide get() const {
    if (flat_) {
      return {.last = flat_->last.high(),
              .tid = static_cast<uint8_t>(flat_->id.get()),
              .tuser = static_cast<uint8_t>(flat_->user.get())};
    }
    const uint64_t v = packed_->get();
    return {.last = (v >> 16 & 1) != 0,
            .tid = static_cast<uint8_t>(v >> 8),
            .tuser = static_cast<uint8_t>(v)};
  }
  void set(const AxisSide& side) const {
    if (flat_) {
      flat_->last.drive(side.last);
      flat_->id.set(side.tid);
      flat_->user.set(side.tuser);
    } else {
      packed_->set(uint64_t{side.last} << 16 | uint64_t{side.tid} << 8 | side.tuser);
    }
  }

 private:
  std::optional<Pin> packed_;
  std::optional<Flat> flat_;
};

struct AxisPins {
  Pin data, keep;
  AxisSidePins side;
  Pin valid, ready;

  size_t lanes() const { return data.bytes(); }
  uint64_t all_lanes() const { return lanes() == 64 ? ~uint64_t{0} : (uint64_t{1} << lanes()) - 1; }
  AxisBeat get() const {
    AxisBeat beat{.data = std::vector<uint8_t>(lanes()), .keep = keep.get(), .side = side.get()};
    data.read(beat.data.data());
    return beat;
  }
  void set(const AxisBeat& beat) const {
    data.write(beat.data.data());
    keep.set(beat.keep);
    side.set(beat.side);
  }
};

}  // namespace cw::agent
