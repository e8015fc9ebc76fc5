// SPDX-License-Identifier: Apache-2.0
#include "dma/card_side.hpp"

#include <fmt/format.h>

#include "env/scoreboard_fault.hpp"

namespace cw::dma {

namespace {

constexpr uint64_t kLatency = 2;  // clocks from a read taken to its answer

}  // namespace

CardSide::CardSide(EngineDut& dut, agent::Rng rng, agent::Stall stall)
    : dut_(dut),
      write_stall_(stall, rng.fork("writes")),
      read_stall_(stall, rng.fork("reads")),
      memory_(kCardBytes) {
  for (uint8_t& byte : memory_) byte = static_cast<uint8_t>(rng.u32());
  dut_.module().kernel().add(*this);
}

CardSide::~CardSide() { dut_.module().kernel().remove(*this); }

void CardSide::reset() {
  dut_.card_write_ready(false);
  dut_.card_read_ready(false);
  dut_.card_answer({});
}

void CardSide::sample() {
  ++now_;
  if (const auto write = write_ready_ ? dut_.card_write() : std::nullopt) {
    if (write->addr % dut_.beat_bytes() != 0 || write->addr >= memory_.size()) {
      throw env::ScoreboardFault(fmt::format("writes card memory at {:#x}", write->addr));
    }
    for (size_t n = 0; n < write->data.size(); ++n) {
      if ((write->strobe >> n & 1) != 0) memory_[write->addr + n] = write->data[n];
    }
  }
  if (const auto at = read_ready_ ? dut_.card_read() : std::nullopt) {
    if (*at % dut_.beat_bytes() != 0 || *at >= memory_.size()) {
      throw env::ScoreboardFault(fmt::format("reads card memory at {:#x}", *at));
    }
    const auto from = memory_.begin() + static_cast<ptrdiff_t>(*at);
    answers_.push_back({now_ + kLatency, {from, from + dut_.beat_bytes()}});
  }
}

void CardSide::commit() {
  write_ready_ = !write_stall_.stalls();
  read_ready_ = !read_stall_.stalls();
  dut_.card_write_ready(write_ready_);
  dut_.card_read_ready(read_ready_);
  if (!answers_.empty() && answers_.front().due <= now_ + 1) {
    dut_.card_answer(answers_.front().data);
    answers_.pop_front();
  } else {
    dut_.card_answer({});
  }
}

}  // namespace cw::dma
