// SPDX-License-Identifier: Apache-2.0
//
// AtomicOps at the ports of the completer and of card memory.
#pragma once

#include <vector>

#include "agent/rng.hpp"
#include "dut/bits.hpp"
#include "model/atomic.hpp"

namespace cw::unit {

// `atomic_req_t`
template <class Port>
void drive_atomic(Port& port, const pcie::Atomic& request, bool valid = true) {
  dut::clear_bits(port);
  for (unsigned i = 0; i < request.operands.size(); ++i) {
    dut::set_bits(port, 32 * i, 32, request.operands[i]);
  }
  dut::set_bits(port, 256, 32, request.address.value);
  dut::set_bits(port, 288, 3, model::operand_dwords(request));
  dut::set_bits(port, 291, 2, static_cast<unsigned>(request.kind));
  dut::set_bits(port, 293, 1, valid);
}
template <class Port>
bool atomic_valid(const Port& port) {
  return dut::get_bits(port, 293, 1) != 0;
}
template <class Port>
pcie::Atomic atomic(const Port& port) {
  pcie::Atomic request{.kind = static_cast<pcie::AtomicKind>(dut::get_bits(port, 291, 2)),
                       .address = {dut::get_bits(port, 256, 32)}};
  const auto dw = static_cast<unsigned>(dut::get_bits(port, 288, 3));
  const unsigned operands = request.kind == pcie::AtomicKind::CompareAndSwap ? 2 * dw : dw;
  for (unsigned i = 0; i < operands; ++i) {
    request.operands.push_back(static_cast<uint32_t>(dut::get_bits(port, 32 * i, 32)));
  }
  return request;
}

// `atomic_rsp_t`
struct AtomicRsp {
  bool ready = false, valid = false;
  std::vector<uint32_t> data = std::vector<uint32_t>(4);
};
template <class Port>
void drive(Port& port, const AtomicRsp& rsp) {
  for (unsigned i = 0; i < 4; ++i) dut::set_bits(port, 32 * i, 32, rsp.data[i]);
  dut::set_bits(port, 128, 1, rsp.valid);
  dut::set_bits(port, 129, 1, rsp.ready);
}
template <class Port>
AtomicRsp atomic_rsp(const Port& port) {
  AtomicRsp rsp{.ready = dut::get_bits(port, 129, 1) != 0,
                .valid = dut::get_bits(port, 128, 1) != 0};
  for (unsigned i = 0; i < 4; ++i) {
    rsp.data[i] = static_cast<uint32_t>(dut::get_bits(port, 32 * i, 32));
  }
  return rsp;
}

// Any AtomicOp at an address below `span`, aligned as it must be.
inline pcie::Atomic random_atomic(agent::Rng& rng, uint64_t span) {
  using enum pcie::AtomicKind;
  pcie::Atomic request{.kind = rng.pick(std::array{FetchAdd, Swap, CompareAndSwap})};
  const bool pair = request.kind == CompareAndSwap;
  const uint64_t dw = uint64_t{1} << rng.range(0, pair ? 2 : 1);
  request.address = {rng.range(0, span / (4 * dw) - 1) * 4 * dw};
  for (uint64_t i = 0; i < (pair ? 2 : 1) * dw; ++i) {
    request.operands.push_back(rng.chance(30) ? ~0u : rng.u32());
  }
  return request;
}

}  // namespace cw::unit
