/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_dma.h"

#include "cw/cw_regs.h"

#define CHANNEL_REG(channel, name) ((channel)->block + (uint32_t)offsetof(cw_dma_regs_t, name))

enum { DESCRIPTOR_CHAIN = 1u << 0, DESCRIPTOR_IRQ = 1u << 1, RECORD_PHASE = 1u << 0 };

/* Little endian, whatever the host is. */
static void put(uint8_t* to, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t* from, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) value |= (uint64_t)from[i] << 8 * i;
  return value;
}

static void reg_write(const cw_dma_channel* channel, uint32_t offset, uint32_t value) {
  channel->io.reg_write(channel->io.context, offset, value);
}

static uint32_t status(const cw_dma_channel* channel) {
  return channel->io.reg_read(channel->io.context, CHANNEL_REG(channel, STATUS));
}

static uint32_t entries(const cw_dma_channel* channel) { return 1u << channel->config.ring_log2; }

size_t cw_dma_ring_bytes(unsigned ring_log2) {
  return (size_t)CW_DMA_DESCRIPTOR_BYTES << ring_log2;
}

size_t cw_dma_record_bytes(unsigned ring_log2) { return (size_t)CW_DMA_RECORD_BYTES << ring_log2; }

size_t cw_dma_chain_bytes(unsigned ring_log2, unsigned max_segments) {
  return cw_dma_ring_bytes(ring_log2) * (max_segments - 1);
}

static bool config_is_good(const cw_dma_config* config) {
  return config->ring_log2 >= 1 && config->ring_log2 <= CW_DMA_MAX_RING_LOG2 &&
         config->max_segments >= 1 && config->max_segments <= CW_DMA_MAX_SEGMENTS &&
         config->ring_iova % CW_DMA_DESCRIPTOR_BYTES == 0 &&
         config->record_iova % CW_DMA_RECORD_BYTES == 0 &&
         config->chain_iova % CW_DMA_DESCRIPTOR_BYTES == 0;
}

int cw_dma_stop(cw_dma_channel* channel, unsigned polls) {
  reg_write(channel, CHANNEL_REG(channel, CONTROL), 0);
  for (; polls != 0; --polls) {
    if ((status(channel) & CW_DMA_REGS__STATUS__BUSY_bm) == 0) return CW_DMA_OK;
  }
  return CW_DMA_EBUSY;
}

int cw_dma_start(cw_dma_channel* channel, const cw_dma_io* io, const cw_dma_config* config,
                 unsigned polls) {
  static const uint8_t no_record[CW_DMA_RECORD_BYTES] = {0};
  if (!config_is_good(config)) return CW_DMA_EINVAL;
  channel->io = *io;
  channel->config = *config;
  channel->block = config->direction == CW_DMA_HOST_TO_CARD
                       ? (uint32_t)offsetof(cw_regs_t, CHANNEL[0])
                       : (uint32_t)offsetof(cw_regs_t, CHANNEL[1]);
  channel->submitted = channel->taken = 0;
  const int stopped = cw_dma_stop(channel, polls);
  if (stopped != CW_DMA_OK) return stopped;

  /* The first round writes records of phase 1. */
  for (uint32_t n = 0; n < entries(channel); ++n) {
    io->mem_write(io->context, config->record_iova + (uint64_t)n * CW_DMA_RECORD_BYTES, no_record,
                  sizeof no_record);
  }
  reg_write(channel, CHANNEL_REG(channel, CONTROL), CW_DMA_REGS__CONTROL__RESTART_bm);
  reg_write(channel, CHANNEL_REG(channel, RING_LO), (uint32_t)config->ring_iova);
  reg_write(channel, CHANNEL_REG(channel, RING_HI), (uint32_t)(config->ring_iova >> 32));
  reg_write(channel, CHANNEL_REG(channel, RECORD_LO), (uint32_t)config->record_iova);
  reg_write(channel, CHANNEL_REG(channel, RECORD_HI), (uint32_t)(config->record_iova >> 32));
  reg_write(channel, CHANNEL_REG(channel, SIZE), config->ring_log2);
  reg_write(channel, CHANNEL_REG(channel, VECTOR), config->vector);
  reg_write(channel, CHANNEL_REG(channel, CONTROL),
            CW_DMA_REGS__CONTROL__ENABLE_bm |
                (config->interrupts ? CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm : 0u));
  return CW_DMA_OK;
}

unsigned cw_dma_room(const cw_dma_channel* channel) {
  return entries(channel) - (uint16_t)(channel->submitted - channel->taken);
}

/* Where descriptor n of the entry that is submitted next lies: the first in the ring, the others
 * in the part of the chain memory that belongs to its place in the ring. */
static uint64_t descriptor_iova(const cw_dma_channel* channel, unsigned n) {
  const cw_dma_config* config = &channel->config;
  const uint64_t place = channel->submitted & (entries(channel) - 1);
  return n == 0 ? config->ring_iova + place * CW_DMA_DESCRIPTOR_BYTES
                : config->chain_iova +
                      (place * (config->max_segments - 1) + n - 1) * CW_DMA_DESCRIPTOR_BYTES;
}

int cw_dma_submit(cw_dma_channel* channel, const cw_dma_entry* entry) {
  if (entry->count == 0 || entry->count > channel->config.max_segments) return CW_DMA_EINVAL;
  for (unsigned n = 0; n < entry->count; ++n) {
    if (entry->segments[n].bytes == 0) return CW_DMA_EINVAL;
  }
  if (cw_dma_room(channel) == 0) return CW_DMA_EFULL;
  for (unsigned n = 0; n < entry->count; ++n) {
    const cw_dma_segment* segment = &entry->segments[n];
    const bool more = n + 1 < entry->count;
    uint8_t raw[CW_DMA_DESCRIPTOR_BYTES];
    put(raw + 0, (more ? DESCRIPTOR_CHAIN : 0u) | (entry->interrupt ? DESCRIPTOR_IRQ : 0u), 2);
    put(raw + 2, entry->tag, 2);
    put(raw + 4, segment->bytes, 4);
    put(raw + 8, segment->iova, 8);
    put(raw + 16, segment->card_addr, 8);
    put(raw + 24, more ? descriptor_iova(channel, n + 1) : 0, 8);
    channel->io.mem_write(channel->io.context, descriptor_iova(channel, n), raw, sizeof raw);
  }
  return channel->submitted++;
}

int cw_dma_submit_raw(cw_dma_channel* channel, const uint8_t* descriptor) {
  if (cw_dma_room(channel) == 0) return CW_DMA_EFULL;
  channel->io.mem_write(channel->io.context, descriptor_iova(channel, 0), descriptor,
                        CW_DMA_DESCRIPTOR_BYTES);
  return channel->submitted++;
}

void cw_dma_doorbell(cw_dma_channel* channel) {
  reg_write(channel, CHANNEL_REG(channel, TAIL), channel->submitted);
}

int cw_dma_poll(cw_dma_channel* channel, cw_dma_record* record) {
  uint8_t raw[CW_DMA_RECORD_BYTES];
  const uint64_t place = channel->taken & (entries(channel) - 1);
  const bool odd_round = (channel->taken >> channel->config.ring_log2 & 1) != 0;
  if (channel->taken == channel->submitted) return 0;
  channel->io.mem_read(channel->io.context,
                       channel->config.record_iova + place * CW_DMA_RECORD_BYTES, raw, sizeof raw);
  if (((raw[0] & RECORD_PHASE) == 0) != odd_round) return 0;
  record->error = (cw_dma_error)raw[1];
  record->tag = (uint16_t)get(raw + 2, 2);
  record->index = (uint16_t)get(raw + 4, 2);
  record->bytes_done = get(raw + 8, 8);
  ++channel->taken;
  return 1;
}

bool cw_dma_halted(const cw_dma_channel* channel) {
  return (status(channel) & CW_DMA_REGS__STATUS__HALTED_bm) != 0;
}

int cw_dma_wait(cw_dma_channel* channel, cw_dma_record* record, unsigned polls) {
  if (channel->taken == channel->submitted) return CW_DMA_EINVAL;
  for (; polls != 0; --polls) {
    if (cw_dma_poll(channel, record)) return 1;
    /* Of a channel at rest and halted the last record may have come since. */
    const uint32_t now = status(channel);
    if ((now & CW_DMA_REGS__STATUS__HALTED_bm) && !(now & CW_DMA_REGS__STATUS__BUSY_bm)) {
      return cw_dma_poll(channel, record) ? 1 : CW_DMA_EHALTED;
    }
  }
  return CW_DMA_EBUSY;
}

void cw_dma_list_init(cw_dma_list* list, cw_dma_segment* segments, unsigned capacity) {
  list->segments = segments;
  list->capacity = capacity;
  list->count = 0;
}

int cw_dma_list_add(cw_dma_list* list, uint64_t iova, uint64_t card_addr, uint64_t bytes) {
  if (bytes == 0) return CW_DMA_OK;
  if (bytes - 1 > UINT64_MAX - iova || bytes - 1 > UINT64_MAX - card_addr) return CW_DMA_EINVAL;
  const cw_dma_list before = *list;
  uint32_t grown = 0; /* by so much the last segment */
  if (list->count != 0) {
    cw_dma_segment* last = &list->segments[list->count - 1];
    /* What ends with an address space has no neighbour there. */
    if (iova != 0 && card_addr != 0 && last->iova + last->bytes == iova &&
        last->card_addr + last->bytes == card_addr) {
      const uint32_t room = UINT32_MAX - last->bytes;
      grown = bytes < room ? (uint32_t)bytes : room;
      last->bytes += grown;
    }
  }
  for (uint64_t done = grown; done < bytes;) {
    const uint64_t left = bytes - done;
    if (list->count == list->capacity) {
      if (before.count != 0) list->segments[before.count - 1].bytes -= grown;
      *list = before;
      return CW_DMA_EFULL;
    }
    list->segments[list->count++] =
        (cw_dma_segment){.iova = iova + done,
                         .card_addr = card_addr + done,
                         .bytes = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX};
    done += list->segments[list->count - 1].bytes;
  }
  return CW_DMA_OK;
}

const char* cw_dma_status_text(int code) {
  switch (code) {
    case CW_DMA_EINVAL:
      return "argument outside its range";
    case CW_DMA_EFULL:
      return "no room left";
    case CW_DMA_EBUSY:
      return "still busy after the polls that were allowed";
    case CW_DMA_EHALTED:
      return "the channel halted: a descriptor was unreadable, or a doorbell bad";
    default:
      return code >= 0 ? "good" : "unknown status";
  }
}

const char* cw_dma_error_text(cw_dma_error error) {
  switch (error) {
    case CW_DMA_DONE:
      return "done";
    case CW_DMA_BAD_DESCRIPTOR:
      return "bad descriptor: reserved bit, no bytes, or address wrap";
    case CW_DMA_BAD_CARD_ADDRESS:
      return "outside card memory";
    case CW_DMA_CHAIN_TOO_LONG:
      return "chain of more than 256 descriptors";
    case CW_DMA_DESCRIPTOR_FETCH:
      return "descriptor could not be read; the channel halted";
    case CW_DMA_READ_UR:
      return "host memory refused a read (Unsupported Request)";
    case CW_DMA_READ_CA:
      return "host memory failed a read (Completer Abort)";
    case CW_DMA_POISONED:
      return "data arrived poisoned";
    case CW_DMA_TIMEOUT:
      return "a read was not answered in time";
    case CW_DMA_READ_LIED:
      return "a completion contradicted its request";
  }
  return "unknown error";
}
