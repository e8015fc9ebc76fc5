// SPDX-License-Identifier: Apache-2.0
#include "env/dma_driver.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>

#include "cw/cw_regs.h"
#include "env/endpoint_shape.hpp"

namespace cw::env {

namespace {

constexpr unsigned kPolls = 20'000;

// What the library refuses here is the bench's own mistake.
uint16_t good(int result) {
  if (result < 0) throw std::logic_error(cw_dma_status_text(result));
  return static_cast<uint16_t>(result);
}

void at_rest(int status) {
  if (status == CW_DMA_EBUSY) throw dut::Timeout("the DMA channel stays busy after it was stopped");
  good(status);
}

}  // namespace

DmaDriver::DmaDriver(Host& host, DmaSpace& space, pcie::HostPhysAddr registers, Options options)
    : host_(host),
      space_(space),
      registers_(registers),
      ring_(space.map(cw_dma_ring_bytes(options.ring_log2))),
      records_(space.map(cw_dma_record_bytes(options.ring_log2))),
      linked_(space.map(cw_dma_ring_bytes(options.ring_log2) * (options.max_segments - 1))),
      config_{.channel = options.channel,
              .ring_log2 = options.ring_log2,
              .ring_iova = ring_.iova.value,
              .record_iova = records_.iova.value,
              .vector = options.vector,
              .interrupts = true,
              .moderation_count = 0,
              .moderation_timer = 0,
              .share = CW_DMA_WEIGHTED,
              .level = 0,
              .weight = 0},
      kind_(static_cast<cw_dma_kind>(dma_kind(options.channel))),
      max_segments_(options.max_segments) {}

const DmaSpace::Buffer& DmaDriver::buffer_at(uint64_t iova) const {
  for (const DmaSpace::Buffer* buffer : {&ring_, &records_, &linked_}) {
    if (iova - buffer->iova.value < buffer->bytes) return *buffer;
  }
  throw std::logic_error("the DMA library left its memory");
}

cw_dma_io DmaDriver::io() {
  return {.context = this,
          .reg_read =
              [](void* context, uint32_t offset) {
                const auto& driver = *static_cast<DmaDriver*>(context);
                return driver.host_.read32(driver.reg(offset));
              },
          .reg_write =
              [](void* context, uint32_t offset, uint32_t value) {
                const auto& driver = *static_cast<DmaDriver*>(context);
                driver.host_.write32(driver.reg(offset), value);
              },
          .mem_read =
              [](void* context, uint64_t iova, void* to, size_t bytes) {
                const auto& driver = *static_cast<DmaDriver*>(context);
                const DmaSpace::Buffer& buffer = driver.buffer_at(iova);
                driver.space_.read(buffer, iova - buffer.iova.value,
                                   {static_cast<uint8_t*>(to), bytes});
              },
          .mem_write =
              [](void* context, uint64_t iova, const void* from, size_t bytes) {
                const auto& driver = *static_cast<DmaDriver*>(context);
                const DmaSpace::Buffer& buffer = driver.buffer_at(iova);
                driver.space_.write(buffer, iova - buffer.iova.value,
                                    {static_cast<const uint8_t*>(from), bytes});
              }};
}

void DmaDriver::start() {
  const cw_dma_io table = io();
  at_rest(cw_dma_start(&channel_, &table, &config_, kPolls));
}

void DmaDriver::stop() { at_rest(cw_dma_stop(&channel_, kPolls)); }
void DmaDriver::abort() { at_rest(cw_dma_abort(&channel_, kPolls)); }

uint16_t DmaDriver::head() {
  return static_cast<uint16_t>(
      host_.read32(reg(channel_.block + offsetof(cw_dma_regs_t, STATUS))) >>
      CW_DMA_REGS__STATUS__HEAD_bp);
}

uint16_t DmaDriver::submit_raw(model::DmaDescriptor descriptor, bool stale) {
  const bool first = (channel_.submitted >> config_.ring_log2 & 1) == 0;
  descriptor.phase = first != stale;
  return good(cw_dma_submit_raw(&channel_, model::encode(descriptor).data()));
}

uint16_t DmaDriver::submit(const cw_dma_entry& entry) {
  return good(cw_dma_submit(&channel_, &entry));
}

uint16_t DmaDriver::submit(std::span<const cw_dma_segment> segments) {
  cw_dma_entry entry{};
  entry.segments = segments.data();
  entry.count = static_cast<unsigned>(segments.size());
  return submit(entry);
}

uint16_t DmaDriver::submit(const Entry& entry) {
  std::vector<cw_dma_segment> segments(entry.segments.size());
  const bool from_iova = from_host(kind()) || kind() == model::DmaKind::C2c;
  for (size_t n = 0; n < segments.size(); ++n) {
    const Segment& segment = entry.segments[n];
    segments[n].src = from_iova ? segment.iova.value : segment.card_addr;
    segments[n].dst = from_iova ? segment.card_addr : segment.iova.value;
    segments[n].bytes = segment.bytes;
  }
  const uint64_t place = channel_.submitted & ((1u << config_.ring_log2) - 1);
  const uint64_t linked =
      linked_.iova.value + place * (max_segments_ - 1) * CW_DMA_DESCRIPTOR_BYTES;
  if (entry.linked && segments.size() > max_segments_) throw std::logic_error("too many segments");
  return submit({.segments = segments.data(),
                 .count = static_cast<unsigned>(segments.size()),
                 .tag = entry.tag,
                 .interrupt = entry.irq,
                 .fence = entry.fence,
                 .quiet = entry.quiet,
                 .linked_iova = entry.linked ? linked : 0});
}

void DmaDriver::write_tail(uint16_t tail) {
  host_.write32(reg(channel_.block + offsetof(cw_dma_regs_t, TAIL)), tail);
}

bool DmaDriver::record_ready() const {
  cw_dma_channel peek = channel_;
  cw_dma_record record;
  return cw_dma_poll(&peek, &record) != 0;
}

model::DmaRecord DmaDriver::take_record(dut::Cycles budget) {
  cw_dma_record record;
  host_.kernel().run_until([&] { return cw_dma_poll(&channel_, &record) != 0; }, budget,
                           "a DMA record");
  return {.phase = ((channel_.taken - 1) >> config_.ring_log2 & 1) == 0,
          .packet_end = record.packet_end,
          .error = static_cast<model::DmaError>(record.error),
          .head = record.head,
          .tag = record.tag,
          .packet_info = static_cast<uint16_t>(record.tuser << 8 | record.tid),
          .bytes_done = record.bytes_done};
}

}  // namespace cw::env
