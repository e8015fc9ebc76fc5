// SPDX-License-Identifier: Apache-2.0
#include "env/dma_driver.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>

#include "cw/cw_regs.h"

namespace cw::env {

namespace {

constexpr uint64_t offset_of(DmaDriver::Direction direction) {
  return direction == DmaDriver::Direction::HostToCard ? offsetof(cw_regs_t, H2C)
                                                       : offsetof(cw_regs_t, C2H);
}

}  // namespace

DmaDriver::DmaDriver(Host& host, DmaSpace& space, pcie::HostPhysAddr registers, Options options)
    : host_(host),
      space_(space),
      options_(options),
      block_(registers + offset_of(options.direction)),
      ring_(space.map(uint64_t{size()} * model::kDescriptorBytes)),
      records_(space.map(uint64_t{size()} * model::kRecordBytes)),
      chains_(space.map(uint64_t{chain_slots()} * model::kDescriptorBytes)) {}

void DmaDriver::start() {
  stop();
  const std::vector<uint8_t> zero(records_.bytes, 0);
  space_.write(records_, 0, zero);
  submitted_ = taken_ = 0;
  host_.write32(reg(offsetof(cw_dma_regs_t, CONTROL)), CW_DMA_REGS__CONTROL__RESTART_bm);
  host_.write32(reg(offsetof(cw_dma_regs_t, RING_LO)), static_cast<uint32_t>(ring_.iova.value));
  host_.write32(reg(offsetof(cw_dma_regs_t, RING_HI)),
                static_cast<uint32_t>(ring_.iova.value >> 32));
  host_.write32(reg(offsetof(cw_dma_regs_t, RECORD_LO)),
                static_cast<uint32_t>(records_.iova.value));
  host_.write32(reg(offsetof(cw_dma_regs_t, RECORD_HI)),
                static_cast<uint32_t>(records_.iova.value >> 32));
  host_.write32(reg(offsetof(cw_dma_regs_t, SIZE)), options_.ring_log2);
  host_.write32(reg(offsetof(cw_dma_regs_t, VECTOR)), options_.vector);
  host_.write32(reg(offsetof(cw_dma_regs_t, CONTROL)),
                CW_DMA_REGS__CONTROL__ENABLE_bm | CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm);
}

void DmaDriver::stop() {
  constexpr unsigned kPolls = 1000;
  host_.write32(reg(offsetof(cw_dma_regs_t, CONTROL)), 0);
  for (unsigned poll = 0; poll < kPolls; ++poll) {
    if ((status() & CW_DMA_REGS__STATUS__BUSY_bm) == 0) return;
  }
  throw dut::Timeout("the DMA channel stays busy after it was stopped");
}

uint32_t DmaDriver::status() { return host_.read32(reg(offsetof(cw_dma_regs_t, STATUS))); }

bool DmaDriver::halted() { return (status() & CW_DMA_REGS__STATUS__HALTED_bm) != 0; }

uint16_t DmaDriver::head() {
  return static_cast<uint16_t>(status() >> CW_DMA_REGS__STATUS__HEAD_bp);
}

void DmaDriver::write_descriptor(const DmaSpace::Buffer& buffer, uint32_t slot,
                                 const model::DmaDescriptor& descriptor) {
  space_.write(buffer, uint64_t{slot} * model::kDescriptorBytes, model::encode(descriptor));
}

uint16_t DmaDriver::submit_raw(const model::DmaDescriptor& descriptor) {
  if (room() == 0) throw std::logic_error("the descriptor ring is full");
  write_descriptor(ring_, submitted_ % size(), descriptor);
  return submitted_++;
}

uint16_t DmaDriver::submit(const Entry& entry) {
  if (room() == 0) throw std::logic_error("the descriptor ring is full");
  for (size_t i = 0; i < entry.segments.size(); ++i) {
    const Segment& segment = entry.segments[i];
    const bool more = i + 1 < entry.segments.size();
    const model::DmaDescriptor descriptor{
        .chain = more,
        .irq = entry.irq,
        .tag = entry.tag,
        .bytes = segment.bytes,
        .iova = segment.iova,
        .card_addr = segment.card_addr,
        .next =
            more ? chains_.iova + uint64_t{next_chain_} * model::kDescriptorBytes : pcie::Iova{}};
    if (i == 0) {
      write_descriptor(ring_, submitted_ % size(), descriptor);
    } else {
      write_descriptor(chains_, (next_chain_ + chain_slots() - 1) % chain_slots(), descriptor);
    }
    if (more) next_chain_ = (next_chain_ + 1) % chain_slots();
  }
  return submitted_++;
}

void DmaDriver::ring_doorbell() { write_tail(submitted_); }

void DmaDriver::write_tail(uint16_t tail) {
  host_.write32(reg(offsetof(cw_dma_regs_t, TAIL)), tail);
}

bool DmaDriver::record_ready() const {
  std::array<uint8_t, model::kRecordBytes> raw;
  space_.read(records_, uint64_t{taken_ % size()} * model::kRecordBytes, raw);
  const bool round = ((taken_ >> options_.ring_log2) & 1) == 0;
  return model::decode_record(raw).phase == round;
}

model::DmaRecord DmaDriver::take_record(dut::Cycles budget) {
  host_.kernel().run_until([this] { return record_ready(); }, budget, "a DMA record");
  std::array<uint8_t, model::kRecordBytes> raw;
  space_.read(records_, uint64_t{taken_ % size()} * model::kRecordBytes, raw);
  ++taken_;
  return model::decode_record(raw);
}

}  // namespace cw::env
