// SPDX-License-Identifier: Apache-2.0
//
// What the DMA engine's fake surroundings hold, how they behave, and what they write down.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace cw::unit::dma {

// Host memory: every byte has a value, its own until it is written.
class HostImage {
 public:
  uint8_t byte(uint64_t iova) const {
    const auto found = written_.find(iova);
    return found != written_.end() ? found->second
                                   : static_cast<uint8_t>(iova * 0x9e37'79b9'7f4a'7c15 >> 56);
  }
  template <class Bytes>
  void write(uint64_t iova, const Bytes& bytes) {
    for (const uint8_t value : bytes) written_[iova++] = value;
  }

 private:
  std::unordered_map<uint64_t, uint8_t> written_;
};

struct FakePolicy {
  unsigned latency_low = 2, latency_high = 2;  // of the first piece of an answer
  bool reorder = false;                        // requests among each other
  uint32_t piece_bytes = 256;  // pieces end at its multiples; 0: at any multiple of 64
  unsigned stall_percent = 0;  // of every channel
  unsigned outstanding = 32;
  std::optional<unsigned> withheld{};  // a client that is never answered
};

struct LoggedWrite {
  unsigned port;
  uint64_t iova;
  std::vector<uint8_t> data;
  std::vector<uint8_t> card;  // card memory at that time, with a record
};

struct LoggedIrq {
  unsigned channel;
  size_t writes_before;
};

// Ports of wr_*_o, and the first bit of the interrupts.
enum WritePort : unsigned { H2cDone, C2hDone, C2hData, NumWritePorts };

}  // namespace cw::unit::dma
