// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "Vcw_crc32.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kDwords = 8;

// What the module gives for a message at the end of its place, sent after `before`.
uint32_t of(dut::Module<Vcw_crc32>& module, const std::vector<uint32_t>& message, uint32_t before) {
  auto& p = module.pins();
  dut::clear_bits(p.message_i);
  const size_t skip = kDwords - message.size();
  for (size_t i = 0; i < message.size(); ++i) {
    const auto lsb = static_cast<unsigned>(32 * (skip + i));
    dut::set_bits(p.message_i, lsb, 32, message[i] ^ (i == 0 ? before : 0));
  }
  p.enable_i = 1;
  module.settle();
  return ~p.crc_o;
}

TEST_CASE("A message of any number of dwords has the CRC-32 that zlib gives it",
          "[unit][tlp][R39]") {
  dut::Module<Vcw_crc32> module;
  module.reset();
  agent::Rng rng(1, "crc");
  for (unsigned n = 0; n < 200; ++n) {
    std::vector<uint32_t> message(rng.range(1, kDwords));
    for (uint32_t& dword : message) dword = n == 0 ? 0 : rng.u32();
    std::vector<uint8_t> bytes(message.size() * 4);
    std::memcpy(bytes.data(), message.data(), bytes.size());
    CHECK(of(module, message, ~0u) == crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
  }
}

TEST_CASE("A longer message is worked on piece by piece", "[unit][tlp][R39]") {
  dut::Module<Vcw_crc32> module;
  module.reset();
  const std::vector<uint32_t> first{1, 2, 3, 4, 5, 6, 7, 0x8000'0000}, second{9, 10};
  const uint32_t state = ~of(module, first, ~0u);
  std::vector<uint32_t> both = first;
  both.insert(both.end(), second.begin(), second.end());
  CHECK(of(module, second, state) == crc32(0, reinterpret_cast<const uint8_t*>(both.data()),
                                           static_cast<uInt>(4 * both.size())));
}

TEST_CASE("Without the enable the result is zero", "[unit][tlp]") {
  dut::Module<Vcw_crc32> module;
  module.reset();
  of(module, {0x1234'5678}, 0);
  module.pins().enable_i = 0;
  module.settle();
  CHECK(module.pins().crc_o == 0);
}

}  // namespace
}  // namespace cw::unit
