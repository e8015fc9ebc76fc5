// SPDX-License-Identifier: Apache-2.0
//
// Elements of packed array ports as ports of their own, so that an agent can hang on one of them:
// outputs are copied before agents sample, inputs after they have committed.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "dut/bits.hpp"
#include "dut/kernel.hpp"

namespace cw::unit {

// Made before the agents. `close` is made after them.
class ArrayPins : public dut::Clocked {
 public:
  explicit ArrayPins(dut::Kernel& kernel) : kernel_(kernel) { kernel_.add(*this); }
  ~ArrayPins() override { kernel_.remove(*this); }
  ArrayPins(const ArrayPins&) = delete;
  ArrayPins& operator=(const ArrayPins&) = delete;

  // Element `index`, of `width` bits.
  template <class Port, class Element>
  void output(Port& port, unsigned width, unsigned index, Element& element) {
    outputs_.push_back([&port, &element, width, index] {
      for (unsigned at = 0; at < width; at += kStep) {
        const unsigned bits = std::min(width - at, kStep);
        dut::set_bits(element, at, bits, dut::get_bits(port, index * width + at, bits));
      }
    });
  }
  template <class Port, class Element>
  void input(Port& port, unsigned width, unsigned index, Element& element) {
    inputs_.push_back([&port, &element, width, index] {
      for (unsigned at = 0; at < width; at += kStep) {
        const unsigned bits = std::min(width - at, kStep);
        dut::set_bits(port, index * width + at, bits, dut::get_bits(element, at, bits));
      }
    });
  }

  void sample() override {
    for (const auto& copy : outputs_) copy();
  }
  void close() {
    for (const auto& copy : inputs_) copy();
  }

  struct Closer : dut::Clocked {
    explicit Closer(dut::Kernel& in, ArrayPins& of) : kernel(in), pins(of) { kernel.add(*this); }
    ~Closer() override { kernel.remove(*this); }
    Closer(const Closer&) = delete;
    Closer& operator=(const Closer&) = delete;
    void sample() override {}
    void commit() override { pins.close(); }
    void reset() override { pins.close(); }
    dut::Kernel& kernel;
    ArrayPins& pins;
  };

 private:
  static constexpr unsigned kStep = 32;

  dut::Kernel& kernel_;
  std::vector<std::function<void()>> outputs_, inputs_;
};

}  // namespace cw::unit
