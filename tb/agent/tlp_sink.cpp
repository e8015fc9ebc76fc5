// SPDX-License-Identifier: Apache-2.0
#include "agent/tlp_sink.hpp"

namespace cw::agent {

TlpSink::TlpSink(dut::Kernel& kernel, dut::ChannelPins pins, Rng rng, Stall stall)
    : kernel_(kernel), pins_(pins), stall_(stall, rng), arrived_(kernel, "a TLP to arrive") {
  kernel_.add(*this);
  TlpSink::reset();
}

TlpSink::~TlpSink() { kernel_.remove(*this); }

pcie::RawTlp TlpSink::pop() {
  if (received_.empty()) throw std::logic_error("TlpSink::pop(): nothing was received");
  pcie::RawTlp tlp = std::move(received_.front());
  received_.pop_front();
  return tlp;
}

dut::Task<pcie::RawTlp> TlpSink::next(dut::Cycles deadline) {
  const dut::Cycles end = kernel_.now() + deadline;
  while (received_.empty()) {
    if (kernel_.now() >= end || !co_await arrived_.within(end - kernel_.now())) {
      throw dut::Timeout("no TLP within " + std::to_string(deadline.value) + " cycles");
    }
  }
  co_return pop();
}

void TlpSink::reset() {
  assembler_.reset();
  pins_.drive_ready(false);
}

void TlpSink::sample() {
  if (!pins_.transfers()) return;
  kernel_.progress();
  if (auto tlp = assembler_.beat(pins_)) {
    received_.push_back(std::move(*tlp));
    arrived_.notify();
  }
}

void TlpSink::commit() { pins_.drive_ready(!blocked_ && !stall_.stalls()); }

}  // namespace cw::agent
