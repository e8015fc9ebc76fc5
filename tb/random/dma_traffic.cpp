// SPDX-License-Identifier: Apache-2.0
#include "random/dma_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "cw/cw_regs.h"
#include "env/endpoint_shape.hpp"

namespace cw::random {

using model::DmaDescriptor;

namespace {

constexpr uint32_t kCardBytes = 1u << env::kCardMemLog2;
constexpr unsigned kChainSlots = 512;
constexpr uint32_t kLargest = 24 * 1024;  // of one entry; a ring of 16 stays within the arena

std::vector<uint8_t> image(const DmaDescriptor& descriptor) {
  const auto raw = model::encode(descriptor);
  return {raw.begin(), raw.end()};
}

}  // namespace

uint64_t DmaTraffic::arena(Channel channel) {
  return (channel == kToCard ? uint64_t{1} << 32 : uint64_t{2} << 32) - kArenaBytes / 2;
}

uint64_t DmaTraffic::ring_at() const { return 0x8000'0000 + channel_ * 0x10'0000; }
uint64_t DmaTraffic::records_at() const { return ring_at() + 0x1'0000; }
uint64_t DmaTraffic::chains_at() const { return ring_at() + 0x2'0000; }

uint64_t DmaTraffic::reg(size_t offset) const {
  return host_.config().bar_base(0) + env::dma_block(channel_) + offset;
}

dut::Task<> DmaTraffic::run() {
  try {
    co_await host_.open();
    while ((tape_.replays() || tape_.spans_begun() < operations_) && tape_.next_span()) {
      co_await operation();
    }
    co_await host_.open();
    if (set_up_ && !watch().halted()) doorbell(submitted_);
  } catch (const HostPort::Ended&) {
  }
}

// The first round of records writes phase 1: they are cleared before.
void DmaTraffic::setup() {
  submitted_ = rung_ = 0;
  long_chain_ = 0xffff;
  set_up_ = true;
  ring_log2_ = static_cast<unsigned>(tape_.range(1, 4));
  if (tape_.draw(2)) next_buffer_ = kArenaBytes / 2 - tape_.draw(4096);  // up to 4 GiB and over
  const uint64_t ring = ring_at() + tape_.draw(2) * model::kDescriptorBytes;
  host_.store(records_at(), std::vector<uint8_t>(uint64_t{model::kRecordBytes} << ring_log2_, 0));
  host_.write32(reg(offsetof(cw_dma_regs_t, RING_LO)), static_cast<uint32_t>(ring));
  host_.write32(reg(offsetof(cw_dma_regs_t, RING_HI)), static_cast<uint32_t>(ring >> 32));
  host_.write32(reg(offsetof(cw_dma_regs_t, RECORD_LO)), static_cast<uint32_t>(records_at()));
  host_.write32(reg(offsetof(cw_dma_regs_t, RECORD_HI)), static_cast<uint32_t>(records_at() >> 32));
  host_.write32(reg(offsetof(cw_dma_regs_t, SIZE)), ring_log2_);
  // Four vectors for each channel, and at times one that is not there.
  const auto vector = static_cast<uint32_t>(tape_.draw(5) + (channel_ == kToCard ? 0 : 4));
  if (vector >= env::kMsixVectors) cover_.interrupt.hit("no-such-vector");
  host_.write32(reg(offsetof(cw_dma_regs_t, VECTOR)), vector);
  host_.write32(reg(offsetof(cw_dma_regs_t, CONTROL)),
                CW_DMA_REGS__CONTROL__ENABLE_bm | CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm);
  next_ring_ = ring;
}

dut::Task<> DmaTraffic::until_stopped() {
  co_await host_.open();
  host_.write32(reg(offsetof(cw_dma_regs_t, CONTROL)), 0);
  for (;;) {
    co_await host_.open();
    const uint32_t status = co_await read_status();
    if ((status & CW_DMA_REGS__STATUS__BUSY_bm) == 0) break;
    co_await host_.idle(50);
  }
}

// A record that STATUS tells of is in host memory (2.4.1: the completion pushes it).
dut::Task<uint32_t> DmaTraffic::read_status() {
  const uint32_t status = co_await host_.read32(reg(offsetof(cw_dma_regs_t, STATUS)));
  const auto head = static_cast<uint16_t>(status >> CW_DMA_REGS__STATUS__HEAD_bp);
  if (static_cast<int16_t>(head - watch().head()) > 0) {
    throw Fault("STATUS tells of a record that has not been written [R33]",
                {{"head", std::to_string(watch().head()), std::to_string(head)}});
  }
  cover_.order.hit("record-before-status");
  co_return status;
}

// Every entry that was rung for has its record, or the channel has halted.
dut::Task<> DmaTraffic::until_retired() {
  while (!watch().halted() && watch().head() != rung_) co_await host_.idle(20);
}

dut::Task<> DmaTraffic::restart() {
  const HostPort::Section section(host_);
  cover_.queue.hit("restart");
  co_await until_stopped();
  co_await host_.open();
  host_.write32(reg(offsetof(cw_dma_regs_t, CONTROL)), CW_DMA_REGS__CONTROL__RESTART_bm);
  setup();
  co_await host_.read32(reg(offsetof(cw_dma_regs_t, STATUS)));  // all of it is done
}

dut::Task<> DmaTraffic::operation() {
  co_await host_.open();
  if (!set_up_) setup();
  if (watch().halted()) co_await restart();
  co_await host_.open();
  switch (tape_.weighted({20, 10, 4, 1, 1, 1, 1})) {
    case 0: {  // some entries, and mostly the doorbell
      const uint64_t entries = tape_.range(1, 4);
      for (uint64_t n = 0; n < entries && room() > 0; ++n) submit();
      if (tape_.weighted({4, 1}) == 0) doorbell(submitted_);
      break;
    }
    case 1:
      if (room() == 0 || tape_.draw(2)) {
        doorbell(submitted_);
        co_await until_retired();
      } else {
        co_await host_.idle(tape_.range(0, 200));
      }
      break;
    case 2:
      doorbell(submitted_);
      co_await host_.idle(tape_.range(0, 100));
      co_await host_.open();
      co_await read_status();
      break;
    case 3: {  // stops in the middle of it, and goes on
      doorbell(submitted_);
      co_await host_.idle(tape_.range(0, 100));
      co_await host_.open();
      const HostPort::Section section(host_);
      cover_.queue.hit("stop");
      co_await until_stopped();
      cover_.queue.hit("resume");
      co_await host_.open();
      host_.write32(reg(offsetof(cw_dma_regs_t, CONTROL)),
                    CW_DMA_REGS__CONTROL__ENABLE_bm | CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm);
      doorbell(rung_);
      break;
    }
    case 4:  // claims more than the ring has, or takes entries back
      doorbell(submitted_);
      co_await until_retired();
      co_await host_.open();
      if (!watch().halted()) {
        doorbell(static_cast<uint16_t>(submitted_ + (tape_.draw(2) ? ring_size() + 1 : 0xffffu)));
      }
      break;
    case 5:  // cuts short what is under way
      doorbell(submitted_);
      co_await host_.idle(tape_.range(0, 200));
      co_await host_.open();
      cover_.queue.hit("abort");
      host_.write32(reg(offsetof(cw_dma_regs_t, CONTROL)), CW_DMA_REGS__CONTROL__ENABLE_bm |
                                                               CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm |
                                                               CW_DMA_REGS__CONTROL__ABORT_bm);
      break;
    default:
      doorbell(submitted_);
      co_await until_retired();
      co_await restart();
      break;
  }
}

DmaDescriptor DmaTraffic::descriptor(uint32_t bytes) {
  // Odd addresses as often as not; a gap before each buffer that nobody may write.
  const uint64_t gap = tape_.draw(2) ? 64 + tape_.draw(64) : 64;
  next_buffer_ += gap;
  if (bytes >= pcie::kPageBytes && tape_.draw(2)) {  // in whole pages
    next_buffer_ += pcie::kPageBytes - (arena(channel_) + next_buffer_) % pcie::kPageBytes;
  }
  if (next_buffer_ + bytes > kArenaBytes) next_buffer_ = gap;
  uint64_t card = tape_.draw(kCardBytes - bytes + 1);
  if (tape_.draw(2) == 0) card &= ~uint64_t{63};
  DmaDescriptor d{
      .irq = tape_.draw(2) != 0, .tag = static_cast<uint16_t>(tape_.draw(0x10000)), .bytes = bytes};
  host_side(d) = arena(channel_) + next_buffer_;
  card_side(d) = card;
  next_buffer_ += bytes;
  return d;
}

uint64_t& DmaTraffic::host_side(DmaDescriptor& d) const {
  return channel_ == kToCard ? d.src : d.dst;
}
uint64_t& DmaTraffic::card_side(DmaDescriptor& d) const {
  return channel_ == kToCard ? d.dst : d.src;
}

void DmaTraffic::spoil(DmaDescriptor& d) {
  switch (tape_.draw(7)) {
    case 0:
      d.reserved = static_cast<uint8_t>(1 + tape_.draw(31));
      break;
    case 1:
      d.bytes = 0;
      break;
    case 2:
      card_side(d) = kCardBytes - d.bytes + 1 + tape_.draw(64);
      break;
    case 3:
      d.last = false;
      d.chain = true;
      d.arg = chains_at() + 1 + tape_.draw(31);
      break;
    case 4:
      d.kind = model::DmaDescKind::Reserved;
      break;
    case 5:
      d.last = d.chain = true;
      break;
    default:
      host_side(d) = ~uint64_t{0} - tape_.draw(d.bytes);
      if (host_side(d) + d.bytes - 1 >= host_side(d)) d.bytes = 0;
      break;
  }
}

// Into the next place of the ring, with the phase of its round, or with the other one.
void DmaTraffic::store(DmaDescriptor d, bool stale) {
  const bool odd_round = (submitted_ >> ring_log2_ & 1) != 0;
  d.phase = odd_round == stale;
  const uint64_t slot = submitted_ & (ring_size() - 1);
  host_.store(next_ring_ + slot * model::kDescriptorBytes, image(d));
  ++submitted_;
}

// One entry of as many descriptors as there may be, and the last is not marked so.
void DmaTraffic::submit_long_chain() {
  const uint64_t at = chains_at() + uint64_t{kChainSlots} * model::kDescriptorBytes;
  const auto bytes = static_cast<uint32_t>(tape_.range(1, 16));
  DmaDescriptor d = descriptor(bytes);
  const uint64_t host = host_side(d), card = card_side(d);
  long_chain_ = submitted_;
  if (host_.logs()) host_.note(fmt::format("entry at {}: a chain without end", submitted_));
  for (uint32_t n = 0; n < model::kMaxSegments; ++n) {
    d.last = false;
    d.chain = n == 0 || tape_.weighted({7, 1}) != 0;
    d.arg = at + n * model::kDescriptorBytes;
    host_side(d) = host + uint64_t{n} * bytes;
    card_side(d) = (card + uint64_t{n} * bytes) % (kCardBytes - bytes);
    if (n == 0) {
      store(d);
    } else {
      host_.store(at + (n - 1) * model::kDescriptorBytes, image(d));
    }
  }
  next_buffer_ += uint64_t{model::kMaxSegments} * bytes;
}

uint32_t DmaTraffic::length() {
  constexpr uint32_t kSizes[] = {64, 256, 1024, 4096};
  const uint32_t bytes = tape_.pick(kSizes);
  switch (tape_.weighted({3, 3, 2, 1})) {
    case 0:
      return bytes;
    case 1:
      return static_cast<uint32_t>(tape_.range(1, bytes));
    case 2:
      return static_cast<uint32_t>(tape_.range(1, 80));
    default:
      return static_cast<uint32_t>(tape_.range(1, kLargest / 4));
  }
}

// One descriptor, or a few: in the ring where there is room, or linked behind the first.
void DmaTraffic::submit() {
  const bool last_long_is_over = static_cast<int16_t>(watch().head() - long_chain_) > 0;
  if (last_long_is_over && next_buffer_ + 8192 < kArenaBytes && tape_.weighted({30, 1})) {
    submit_long_chain();
    return;
  }
  const uint64_t parts = tape_.weighted({6, 2}) ? tape_.range(2, 4) : 1;
  const bool bad = tape_.weighted({30, 1}) != 0;
  const uint64_t bad_at = bad ? tape_.draw(parts) : parts;
  const bool stale = bad && bad_at == 0 && tape_.weighted({4, 1}) != 0;
  const bool linked = parts > 1 && (parts > room() || tape_.draw(2) != 0);
  if (next_chain_ + parts > kChainSlots) next_chain_ = 0;
  const uint64_t chain = chains_at() + uint64_t{next_chain_} * model::kDescriptorBytes;
  if (linked) next_chain_ += static_cast<unsigned>(parts);
  const uint16_t first = submitted_;
  for (uint64_t n = 0; n < parts; ++n) {
    DmaDescriptor d = descriptor(length());
    const uint64_t next = chain + n * model::kDescriptorBytes;
    d.last = n + 1 == parts;
    if (linked && !d.last && (n == 0 || tape_.draw(2) != 0)) {
      d.chain = true;
      d.arg = next;
    }
    if (host_.logs() && n == 0) {
      host_.note(fmt::format("{} entry at {}: {} bytes, from {:#x} to {:#x}, {} descriptors{}",
                             channel_ == kToCard ? "to card" : "to host", first, d.bytes, d.src,
                             d.dst, parts, bad ? ", a bad one" : ""));
    }
    if (n == bad_at && !stale) spoil(d);
    if (linked && n != 0) {
      host_.store(next - model::kDescriptorBytes, image(d));
    } else {
      store(d, stale && n == 0);
    }
  }
}

void DmaTraffic::doorbell(uint16_t tail) {
  if (!set_up_) return;
  host_.write32(reg(offsetof(cw_dma_regs_t, TAIL)), tail);
  rung_ = tail;
}

dut::Task<> DmaTraffic::prove(uint32_t bytes) {
  if (!set_up_) setup();
  co_await restart();
  next_buffer_ = 0;
  DmaDescriptor proof{.irq = true, .tag = 0x600d, .bytes = bytes};
  host_side(proof) = arena(channel_) + 4096;
  store(proof);
  doorbell(submitted_);
  co_await until_retired();
}

}  // namespace cw::random
