// SPDX-License-Identifier: Apache-2.0
//
// What an AtomicOp makes of the location that it names; values are dwords, the least significant
// first. Spec: PCIe Base 6.15.1 (the three operations), 2.2.7 (their operands).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pcie/tlp.hpp"

namespace cw::model {

// Dwords that the operation reads and writes: CompareAndSwap has two operands, the others one.
inline size_t operand_dwords(const pcie::Atomic& request) {
  return request.kind == pcie::AtomicKind::CompareAndSwap ? request.operands.size() / 2
                                                          : request.operands.size();
}

inline std::vector<uint32_t> atomic_result(const pcie::Atomic& request,
                                           const std::vector<uint32_t>& original) {
  const auto begin = request.operands.begin();
  const auto size = static_cast<std::ptrdiff_t>(operand_dwords(request));
  const std::vector<uint32_t> first(begin, begin + size);
  switch (request.kind) {
    case pcie::AtomicKind::FetchAdd: {  // two's complement; a carry out of the operand is lost
      std::vector<uint32_t> sum;
      uint64_t carry = 0;
      for (size_t dw = 0; dw < first.size(); ++dw) {
        carry += uint64_t{original[dw]} + first[dw];
        sum.push_back(static_cast<uint32_t>(carry));
        carry >>= 32;
      }
      return sum;
    }
    case pcie::AtomicKind::Swap:
      return first;
    case pcie::AtomicKind::CompareAndSwap:  // compare value, then swap value
      return original == first ? std::vector<uint32_t>(begin + size, request.operands.end())
                               : original;
  }
  return original;
}

}  // namespace cw::model
