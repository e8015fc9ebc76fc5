// SPDX-License-Identifier: Apache-2.0
//
// A group of the IOMMU's registers behind its `access_i` and `rdata_o`, as software reads and
// writes it.
#pragma once

#include <cstdint>

#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {

template <class V>
struct RegisterGroup : dut::Module<V> {
  using dut::Module<V>::Module;

  void write(unsigned offset, uint64_t value, unsigned bytes = 4) {
    access(offset, value, bytes == 8 ? 3 : offset & 4 ? 2 : 1);
    this->step();
    idle();
  }
  uint64_t read(unsigned offset, unsigned bytes = 4) {
    access(offset, 0, 0);
    this->settle();
    const uint64_t value = this->pins().rdata_o;
    idle();
    return bytes == 8 ? value : value >> (offset & 4 ? 32 : 0) & 0xffff'ffff;
  }
  void idle() {
    access(0xff8, 0, 0);
    set_bits(this->pins().access_i, 64, 1, 0);
    this->settle();
  }

 private:
  void access(unsigned offset, uint64_t value, unsigned halves) {
    auto& port = this->pins().access_i;
    if (halves == 1 || halves == 2) value = (value & 0xffff'ffff) * 0x1'0000'0001;
    set_bits(port, 0, 64, value);
    set_bits(port, 64, 1, 1);
    set_bits(port, 65, 2, halves);
    set_bits(port, 67, 9, offset >> 3);
  }
};

// What happened in one clock, for the counters.
struct Happened {
  bool first = false, second = false;  // untranslated, miss; directory walk, table walk
  uint32_t did = 0;
  bool pscv = false;
  uint32_t pscid = 0;
};

template <class P>
void drive_perf(P& port, const Happened& lookup, const Happened& walk) {
  for (const bool of_lookup : {false, true}) {
    const unsigned base = of_lookup ? 47 : 0;
    const Happened& h = of_lookup ? lookup : walk;
    set_bits(port, base, 20, h.pscid);
    set_bits(port, base + 20, 1, h.pscv);
    set_bits(port, base + 21, 24, h.did);
    set_bits(port, base + 45, 1, h.second);
    set_bits(port, base + 46, 1, h.first);
  }
}

// A store on a writer's port.
struct Store {
  uint64_t hpa = 0, data = 0;
  unsigned strb = 0;
  bool operator==(const Store&) const = default;
};

template <class P>
Store store(const P& port) {
  return {.hpa = get_bits(port, 266, 56),
          .data = get_bits(port, 0, 64),
          .strb = static_cast<unsigned>(get_bits(port, 256, 8))};
}

template <class P>
Record record_of(const P& port, unsigned base = 0) {
  return record({get_bits(port, base, 64), get_bits(port, base + 64, 64),
                 get_bits(port, base + 128, 64), get_bits(port, base + 192, 64)});
}

}  // namespace cw::unit::iommu
