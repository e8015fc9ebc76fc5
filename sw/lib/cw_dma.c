/* SPDX-License-Identifier: Apache-2.0 */
#include "cw_dma.h"

#include "cw/cw_regs.h"

#define CHANNEL_REG(channel, name) ((channel)->block + (uint32_t)offsetof(cw_dma_regs_t, name))

/* Bytes 30 and 31 of a descriptor, byte 15 of a record. */
enum {
  FLAG_LAST = 1u << 2,
  FLAG_CHAIN = 1u << 3,
  FLAG_IRQ = 1u << 4,
  FLAG_FENCE = 1u << 5,
  FLAG_QUIET = 1u << 6,
  FLAG_ATTRIBUTES = 7, /* the lowest of three */
  FLAG_PHASE = 1u << 15,
  RECORD_PACKET_END = 1u << 0,
  RECORD_PHASE = 1u << 7,
  MAX_ATTRIBUTES = CW_DMA_NO_SNOOP | CW_DMA_RELAXED | CW_DMA_IDO,
  MAX_PITCH = 0xffffff,
  VERSION_MAJOR = 2
};

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

static uint32_t block_of(unsigned channel) {
  return (uint32_t)(offsetof(cw_regs_t, CHANNEL) + channel * sizeof(cw_dma_regs_t));
}

static uint32_t places(const cw_dma_channel* channel) { return 1u << channel->config.ring_log2; }

/* 1 in the first round of a ring, then alternating. */
static bool phase(const cw_dma_channel* channel, uint32_t number) {
  return (number >> channel->config.ring_log2 & 1) == 0;
}

size_t cw_dma_ring_bytes(unsigned ring_log2) {
  return (size_t)CW_DMA_DESCRIPTOR_BYTES << ring_log2;
}

size_t cw_dma_record_bytes(unsigned ring_log2) { return (size_t)CW_DMA_RECORD_BYTES << ring_log2; }

unsigned cw_dma_channels(const cw_dma_io* io) {
  const uint32_t version = io->reg_read(io->context, (uint32_t)offsetof(cw_regs_t, VERSION));
  if (version >> CW_REGS__VERSION__MAJOR_bp != VERSION_MAJOR) return 0;
  const uint32_t build = io->reg_read(io->context, (uint32_t)offsetof(cw_regs_t, BUILD));
  return (build & CW_REGS__BUILD__CHANNELS_bm) >> CW_REGS__BUILD__CHANNELS_bp;
}

cw_dma_kind cw_dma_kind_of(const cw_dma_io* io, unsigned channel) {
  const uint32_t at = block_of(channel) + (uint32_t)offsetof(cw_dma_regs_t, STATUS);
  const uint32_t value = io->reg_read(io->context, at);
  return (cw_dma_kind)((value & CW_DMA_REGS__STATUS__KIND_bm) >> CW_DMA_REGS__STATUS__KIND_bp);
}

/* ---- What was given */

static bool io_is_good(const cw_dma_io* io) {
  return io != NULL && io->reg_read != NULL && io->reg_write != NULL && io->mem_read != NULL &&
         io->mem_write != NULL;
}

static bool was_started(const cw_dma_channel* channel) {
  return channel != NULL && channel->io.reg_read != NULL;
}

/* From an address with this alignment, and not beyond the last one. */
static bool memory_is_good(uint64_t iova, uint64_t bytes, uint64_t alignment) {
  return iova % alignment == 0 && bytes - 1 <= UINT64_MAX - iova;
}

static bool config_is_good(const cw_dma_config* config) {
  return config->channel < CW_DMA_MAX_CHANNELS && config->ring_log2 >= 1 &&
         config->ring_log2 <= CW_DMA_MAX_RING_LOG2 &&
         memory_is_good(config->ring_iova, cw_dma_ring_bytes(config->ring_log2),
                        CW_DMA_DESCRIPTOR_BYTES) &&
         memory_is_good(config->record_iova, cw_dma_record_bytes(config->ring_log2),
                        CW_DMA_RECORD_BYTES) &&
         (unsigned)config->share <= CW_DMA_TRANSPARENT && config->level < 4 && config->weight < 16;
}

/* ---- Starting and stopping */

static void clear(const cw_dma_io* io, uint64_t iova, size_t bytes) {
  static const uint8_t nothing[CW_DMA_RECORD_BYTES] = {0};
  for (size_t at = 0; at < bytes; at += sizeof nothing) {
    io->mem_write(io->context, iova + at, nothing, sizeof nothing);
  }
}

static int until_at_rest(const cw_dma_channel* channel, unsigned polls) {
  for (; polls != 0; --polls) {
    if ((status(channel) & CW_DMA_REGS__STATUS__BUSY_bm) == 0) return CW_DMA_OK;
  }
  return CW_DMA_EBUSY;
}

int cw_dma_stop(cw_dma_channel* channel, unsigned polls) {
  if (!was_started(channel)) return CW_DMA_EINVAL;
  reg_write(channel, CHANNEL_REG(channel, CONTROL), 0);
  return until_at_rest(channel, polls);
}

int cw_dma_abort(cw_dma_channel* channel, unsigned polls) {
  if (!was_started(channel)) return CW_DMA_EINVAL;
  reg_write(channel, CHANNEL_REG(channel, CONTROL), CW_DMA_REGS__CONTROL__ABORT_bm);
  return until_at_rest(channel, polls);
}

void cw_dma_resume(cw_dma_channel* channel) {
  reg_write(channel, CHANNEL_REG(channel, CONTROL),
            CW_DMA_REGS__CONTROL__ENABLE_bm |
                (channel->config.interrupts ? CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm : 0u));
}

int cw_dma_restart(cw_dma_channel* channel, unsigned polls) {
  if (!was_started(channel)) return CW_DMA_EINVAL;
  const cw_dma_config* config = &channel->config;
  channel->submitted = channel->head = 0;
  channel->taken = 0;
  const int stopped = cw_dma_abort(channel, polls);
  if (stopped != CW_DMA_OK) return stopped;

  /* The first round has phase 1, of descriptors and of records. */
  clear(&channel->io, config->ring_iova, cw_dma_ring_bytes(config->ring_log2));
  clear(&channel->io, config->record_iova, cw_dma_record_bytes(config->ring_log2));
  reg_write(channel, CHANNEL_REG(channel, CONTROL), CW_DMA_REGS__CONTROL__RESTART_bm);
  reg_write(channel, CHANNEL_REG(channel, STATUS),
            CW_DMA_REGS__STATUS__ENTRY_ERROR_bm | CW_DMA_REGS__STATUS__BAD_DOORBELL_bm);
  reg_write(channel, CHANNEL_REG(channel, RING_LO), (uint32_t)config->ring_iova);
  reg_write(channel, CHANNEL_REG(channel, RING_HI), (uint32_t)(config->ring_iova >> 32));
  reg_write(channel, CHANNEL_REG(channel, RECORD_LO), (uint32_t)config->record_iova);
  reg_write(channel, CHANNEL_REG(channel, RECORD_HI), (uint32_t)(config->record_iova >> 32));
  reg_write(channel, CHANNEL_REG(channel, SIZE), config->ring_log2);
  reg_write(channel, CHANNEL_REG(channel, VECTOR), config->vector);
  reg_write(channel, CHANNEL_REG(channel, SHARE),
            (uint32_t)config->share << CW_DMA_REGS__SHARE__MODE_bp |
                (uint32_t)config->level << CW_DMA_REGS__SHARE__LEVEL_bp |
                (uint32_t)config->weight << CW_DMA_REGS__SHARE__WEIGHT_bp);
  reg_write(channel, CHANNEL_REG(channel, MODERATION),
            (uint32_t)config->moderation_count << CW_DMA_REGS__MODERATION__COUNT_bp |
                (uint32_t)config->moderation_timer << CW_DMA_REGS__MODERATION__TIMER_bp);
  cw_dma_resume(channel);
  return CW_DMA_OK;
}

int cw_dma_start(cw_dma_channel* channel, const cw_dma_io* io, const cw_dma_config* config,
                 unsigned polls) {
  if (channel == NULL || !io_is_good(io) || config == NULL || !config_is_good(config)) {
    return CW_DMA_EINVAL;
  }
  if (config->channel >= cw_dma_channels(io)) return CW_DMA_EABSENT;
  channel->io = *io;
  channel->config = *config;
  channel->block = block_of(config->channel);
  return cw_dma_restart(channel, polls);
}

/* ---- Entries */

unsigned cw_dma_room(const cw_dma_channel* channel) {
  return places(channel) - (uint16_t)(channel->submitted - channel->head);
}

static uint64_t place_iova(const cw_dma_channel* channel, uint16_t number) {
  return channel->config.ring_iova +
         (uint64_t)(number & (places(channel) - 1)) * CW_DMA_DESCRIPTOR_BYTES;
}

static bool segment_is_good(const cw_dma_segment* segment) {
  if (segment->bytes == 0 || segment->attributes > MAX_ATTRIBUTES) return false;
  switch (segment->kind) {
    case CW_DMA_COPY:
      return true;
    case CW_DMA_ROWS:
      return segment->rows != 0 && segment->src_pitch <= MAX_PITCH &&
             segment->dst_pitch <= MAX_PITCH;
    case CW_DMA_IMMEDIATE:
      return segment->bytes <= 8;
  }
  return false;
}

static bool entry_is_good(const cw_dma_entry* entry) {
  if (entry == NULL || entry->segments == NULL) return false;
  if (entry->count == 0 || entry->count > CW_DMA_MAX_SEGMENTS) return false;
  const uint64_t linked = entry->count > 1 ? entry->count - 1 : 1;
  if (!memory_is_good(entry->linked_iova, linked * CW_DMA_DESCRIPTOR_BYTES,
                      CW_DMA_DESCRIPTOR_BYTES)) {
    return false;
  }
  for (unsigned n = 0; n < entry->count; ++n) {
    if (!segment_is_good(&entry->segments[n])) return false;
  }
  /* Only a Copy has room for the address of what it leads to. */
  return entry->linked_iova == 0 || entry->count == 1 || entry->segments[0].kind == CW_DMA_COPY;
}

static void write_segment(const cw_dma_channel* channel, uint64_t iova,
                          const cw_dma_segment* segment, uint16_t tag, unsigned flags,
                          uint64_t next) {
  uint8_t raw[CW_DMA_DESCRIPTOR_BYTES];
  const uint64_t rows = (uint64_t)segment->rows << 48 | (uint64_t)segment->dst_pitch << 24 |
                        (uint64_t)segment->src_pitch;
  put(raw + 0, segment->src, 8);
  put(raw + 8, segment->dst, 8);
  put(raw + 16,
      segment->kind == CW_DMA_ROWS        ? rows
      : segment->kind == CW_DMA_IMMEDIATE ? segment->data
                                          : next,
      8);
  put(raw + 24, segment->bytes, 4);
  put(raw + 28, tag, 2);
  put(raw + 30, flags | (unsigned)segment->kind | (unsigned)segment->attributes << FLAG_ATTRIBUTES,
      2);
  channel->io.mem_write(channel->io.context, iova, raw, sizeof raw);
}

int cw_dma_submit(cw_dma_channel* channel, const cw_dma_entry* entry) {
  if (!was_started(channel) || !entry_is_good(entry)) return CW_DMA_EINVAL;
  const bool linked = entry->linked_iova != 0 && entry->count > 1;
  const unsigned used = linked ? 1 : entry->count;
  if (used > places(channel)) return CW_DMA_EINVAL;
  if (used > cw_dma_room(channel)) return CW_DMA_EFULL;
  const unsigned wishes = (entry->interrupt ? FLAG_IRQ : 0u) | (entry->fence ? FLAG_FENCE : 0u) |
                          (entry->quiet ? FLAG_QUIET : 0u);
  for (unsigned n = 0; n < entry->count; ++n) {
    const bool in_ring = n == 0 || !linked;
    const uint16_t number = (uint16_t)(channel->submitted + n);
    unsigned flags = wishes;
    if (n + 1 == entry->count) flags |= FLAG_LAST;
    if (n == 0 && linked) flags |= FLAG_CHAIN;
    if (in_ring && phase(channel, number)) flags |= FLAG_PHASE;
    write_segment(channel,
                  in_ring ? place_iova(channel, number)
                          : entry->linked_iova + (uint64_t)(n - 1) * CW_DMA_DESCRIPTOR_BYTES,
                  &entry->segments[n], entry->tag, flags,
                  n == 0 && linked ? entry->linked_iova : 0);
  }
  channel->submitted = (uint16_t)(channel->submitted + used);
  return channel->submitted;
}

int cw_dma_submit_raw(cw_dma_channel* channel, const uint8_t* descriptor) {
  if (!was_started(channel) || descriptor == NULL) return CW_DMA_EINVAL;
  if (cw_dma_room(channel) == 0) return CW_DMA_EFULL;
  channel->io.mem_write(channel->io.context, place_iova(channel, channel->submitted), descriptor,
                        CW_DMA_DESCRIPTOR_BYTES);
  return ++channel->submitted;
}

void cw_dma_doorbell(cw_dma_channel* channel) {
  reg_write(channel, CHANNEL_REG(channel, TAIL), channel->submitted);
}

/* ---- Records */

static bool next_record(const cw_dma_channel* channel, uint8_t* raw) {
  const uint64_t place = channel->taken & (places(channel) - 1);
  channel->io.mem_read(channel->io.context,
                       channel->config.record_iova + place * CW_DMA_RECORD_BYTES, raw,
                       CW_DMA_RECORD_BYTES);
  return ((raw[15] & RECORD_PHASE) != 0) == phase(channel, channel->taken);
}

int cw_dma_poll(cw_dma_channel* channel, cw_dma_record* record) {
  uint8_t raw[CW_DMA_RECORD_BYTES];
  if (!was_started(channel) || record == NULL) return CW_DMA_EINVAL;
  if (channel->head == channel->submitted || !next_record(channel, raw)) return 0;
  record->bytes_done = get(raw + 0, 8);
  record->tid = raw[8];
  record->tuser = raw[9];
  record->tag = (uint16_t)get(raw + 10, 2);
  record->head = (uint16_t)get(raw + 12, 2);
  record->error = (cw_dma_error)raw[14];
  record->packet_end = (raw[15] & RECORD_PACKET_END) != 0;
  channel->head = record->head;
  ++channel->taken;
  return 1;
}

/* A record that the status tells of is in memory: the answer of the read pushed it there. */
unsigned cw_dma_reclaim(cw_dma_channel* channel) {
  uint8_t raw[CW_DMA_RECORD_BYTES];
  const uint16_t head = (uint16_t)(status(channel) >> CW_DMA_REGS__STATUS__HEAD_bp);
  if (!next_record(channel, raw)) channel->head = head;
  return cw_dma_room(channel);
}

bool cw_dma_halted(const cw_dma_channel* channel) {
  return (status(channel) & CW_DMA_REGS__STATUS__HALTED_bm) != 0;
}

int cw_dma_wait(cw_dma_channel* channel, cw_dma_record* record, unsigned polls) {
  if (!was_started(channel) || record == NULL || channel->head == channel->submitted) {
    return CW_DMA_EINVAL;
  }
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

/* ---- Lists */

void cw_dma_list_init(cw_dma_list* list, cw_dma_segment* segments, unsigned capacity,
                      cw_dma_kind kind) {
  list->segments = segments;
  list->capacity = capacity;
  list->count = 0;
  list->kind = kind;
}

/* Where `at` goes on behind `bytes` bytes; the side of a stream stays. What ends with an address
 * space has no neighbour there. */
static bool goes_on(uint64_t at, uint64_t bytes, uint64_t here, bool stream) {
  return stream ? at == here : here != 0 && at + bytes == here;
}

int cw_dma_list_add(cw_dma_list* list, uint64_t src, uint64_t dst, uint64_t bytes) {
  if (list == NULL || list->segments == NULL) return CW_DMA_EINVAL;
  const bool src_stream = list->kind == CW_DMA_STREAM_TO_HOST;
  const bool dst_stream = list->kind == CW_DMA_HOST_TO_STREAM;
  if (bytes == 0) return CW_DMA_OK;
  if ((!src_stream && bytes - 1 > UINT64_MAX - src) ||
      (!dst_stream && bytes - 1 > UINT64_MAX - dst)) {
    return CW_DMA_EINVAL;
  }
  const cw_dma_list before = *list;
  uint32_t grown = 0; /* by so much the last segment */
  if (list->count != 0) {
    cw_dma_segment* last = &list->segments[list->count - 1];
    if (goes_on(last->src, last->bytes, src, src_stream) &&
        goes_on(last->dst, last->bytes, dst, dst_stream)) {
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
        (cw_dma_segment){.src = src_stream ? src : src + done,
                         .dst = dst_stream ? dst : dst + done,
                         .bytes = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX};
    done += list->segments[list->count - 1].bytes;
  }
  return CW_DMA_OK;
}

/* ---- Texts */

const char* cw_dma_status_text(int code) {
  switch (code) {
    case CW_DMA_EINVAL:
      return "an argument is missing, misaligned or outside its range";
    case CW_DMA_EFULL:
      return "no room left in the ring or the list";
    case CW_DMA_EBUSY:
      return "still busy after the polls that were allowed";
    case CW_DMA_EHALTED:
      return "the channel halted, and no record will come";
    case CW_DMA_EABSENT:
      return "no such channel, or a card with other registers";
    default:
      return code >= 0 ? "good" : "unknown status";
  }
}

const char* cw_dma_error_text(cw_dma_error error) {
  switch (error) {
    case CW_DMA_DONE:
      return "done";
    case CW_DMA_BAD_DESCRIPTOR:
      return "bad descriptor: reserved bit, no bytes, bad kind or chain, or address wrap";
    case CW_DMA_BAD_CARD_ADDRESS:
      return "outside card memory";
    case CW_DMA_CHAIN_TOO_LONG:
      return "more than 256 descriptors";
    case CW_DMA_DESCRIPTOR_FETCH:
      return "descriptor could not be read";
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
    case CW_DMA_STALE:
      return "descriptor has the phase of the round before";
    case CW_DMA_CARD_ERROR:
      return "memory behind the card's AXI4 port answered with an error";
    case CW_DMA_ABORTED:
      return "cut short by software, or by an error of an entry before";
  }
  return "unknown error";
}
