/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs one DMA channel of the card: its ring of descriptors, its completion records, its doorbell.
 * C11 without a dependency: no allocation, no lock, no system call; how the device and its memory
 * are reached is a table of functions. Formats and rules: docs/dma.md.
 */
#ifndef CW_DMA_H
#define CW_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the device and the memory that it sees are reached; each function is given `context`. A
 * register write must not overtake a memory write before it, nor a memory read one before it. */
typedef struct cw_dma_io {
  void* context;
  uint32_t (*reg_read)(void* context, uint32_t offset); /* 4 bytes at BAR0 + offset */
  void (*reg_write)(void* context, uint32_t offset, uint32_t value);
  void (*mem_read)(void* context, uint64_t iova, void* to, size_t bytes);
  void (*mem_write)(void* context, uint64_t iova, const void* from, size_t bytes);
} cw_dma_io;

/* Where a channel moves bytes from and to; built in. */
typedef enum cw_dma_kind {
  CW_DMA_HOST_TO_CARD = 0,
  CW_DMA_CARD_TO_HOST = 1,
  CW_DMA_HOST_TO_HOST = 2,
  CW_DMA_CARD_TO_CARD = 3,
  CW_DMA_HOST_TO_STREAM = 4,
  CW_DMA_STREAM_TO_HOST = 5
} cw_dma_kind;

/* When a channel has its turn on the bus. */
typedef enum cw_dma_share {
  CW_DMA_WEIGHTED = 0,       /* `weight` + 1 requests in a turn */
  CW_DMA_BURST = 1,          /* until the descriptor is done */
  CW_DMA_CYCLE_STEALING = 2, /* one request */
  CW_DMA_TRANSPARENT = 3     /* only while nobody else wants the bus */
} cw_dma_share;

#define CW_DMA_DESCRIPTOR_BYTES 32u
#define CW_DMA_RECORD_BYTES 16u
#define CW_DMA_MAX_CHANNELS 16u
#define CW_DMA_MAX_SEGMENTS 256u /* of one entry */
#define CW_DMA_MAX_RING_LOG2 15u

/* What a channel runs on. The two pieces of memory belong to the caller, are seen by the device at
 * these addresses, and stay until the channel has been stopped. */
typedef struct cw_dma_config {
  unsigned channel;          /* 0 to cw_dma_channels() - 1 */
  unsigned ring_log2;        /* 2^ring_log2 descriptors, 1 to CW_DMA_MAX_RING_LOG2 */
  uint64_t ring_iova;        /* cw_dma_ring_bytes(), at a multiple of 32 */
  uint64_t record_iova;      /* cw_dma_record_bytes(), at a multiple of 16 */
  uint16_t vector;           /* of MSI-X or MSI */
  bool interrupts;           /* false: the records are polled */
  uint8_t moderation_count;  /* events that make an interrupt, or ... */
  uint16_t moderation_timer; /* ... 16 clocks each since the first; 0: every event at once */
  cw_dma_share share;
  unsigned level;  /* priority, 0 to 3 */
  unsigned weight; /* 0 to 15 */
} cw_dma_config;

/* Why a call was refused; every function that returns int returns one of these or a result >= 0. It
 * checks its arguments first; the others expect a channel that cw_dma_start() has set up. */
typedef enum cw_dma_status {
  CW_DMA_OK = 0,
  CW_DMA_EINVAL = -1,  /* NULL, misaligned or outside its range; a channel that is all zeroes */
  CW_DMA_EFULL = -2,   /* the ring, or the list, has no room for that now */
  CW_DMA_EBUSY = -3,   /* the channel has not come to rest in so many polls */
  CW_DMA_EHALTED = -4, /* the channel has halted, and no record will come */
  CW_DMA_EABSENT = -5  /* the card has no such channel, or other registers than these */
} cw_dma_status;

/* How an entry ended: the byte `error` of its record. */
typedef enum cw_dma_error {
  CW_DMA_DONE = 0,
  CW_DMA_BAD_DESCRIPTOR = 1,
  CW_DMA_BAD_CARD_ADDRESS = 2,
  CW_DMA_CHAIN_TOO_LONG = 3,
  CW_DMA_DESCRIPTOR_FETCH = 4,
  CW_DMA_READ_UR = 5,
  CW_DMA_READ_CA = 6,
  CW_DMA_POISONED = 7,
  CW_DMA_TIMEOUT = 8,
  CW_DMA_READ_LIED = 9,
  CW_DMA_STALE = 10,
  CW_DMA_CARD_ERROR = 11,
  CW_DMA_ABORTED = 12
} cw_dma_error;

typedef enum cw_dma_segment_kind {
  CW_DMA_COPY = 0,     /* bytes that lie side by side on both sides */
  CW_DMA_ROWS = 1,     /* `rows` rows of `bytes` bytes */
  CW_DMA_IMMEDIATE = 2 /* `data` itself, 1 to 8 bytes, the first in bits 7 to 0 */
} cw_dma_segment_kind;

/* Wishes for the attributes of the data's requests. */
#define CW_DMA_NO_SNOOP 1u
#define CW_DMA_RELAXED 2u
#define CW_DMA_IDO 4u

/* One descriptor. */
typedef struct cw_dma_segment {
  uint64_t src;   /* first byte to read; not of a stream */
  uint64_t dst;   /* first byte to write; to a stream: TID in bits 7 to 0, TUSER in 15 to 8 */
  uint32_t bytes; /* at least 1; of one row */
  cw_dma_segment_kind kind;
  uint8_t attributes; /* CW_DMA_NO_SNOOP, CW_DMA_RELAXED, CW_DMA_IDO */
  uint16_t rows;
  uint32_t src_pitch; /* bytes from row to row, below 2^24 */
  uint32_t dst_pitch;
  uint64_t data;
} cw_dma_segment;

/* What is to be done as one: one record tells of all its segments. */
typedef struct cw_dma_entry {
  const cw_dma_segment* segments;
  unsigned count;
  uint16_t tag;   /* comes back in the record */
  bool interrupt; /* once it has ended */
  bool fence;     /* begin when all entries before it have ended */
  bool quiet;     /* no record if it ends well: cw_dma_reclaim() */
  /* 0: every segment takes a place of the ring. Else the first alone does, and the others are
   * written to this memory of the caller's, (count - 1) * CW_DMA_DESCRIPTOR_BYTES bytes at a
   * multiple of 32 that stay until the entry has ended. */
  uint64_t linked_iova;
} cw_dma_entry;

typedef struct cw_dma_record {
  uint64_t bytes_done;
  uint16_t head; /* as cw_dma_submit() of the entry gave it; less if it was cut short */
  uint16_t tag;
  cw_dma_error error;
  bool packet_end; /* from a stream: a packet ended with these bytes */
  uint8_t tid;     /* of that packet */
  uint8_t tuser;
} cw_dma_record;

/* A channel. Its fields are the library's. */
typedef struct cw_dma_channel {
  cw_dma_io io;
  cw_dma_config config;
  uint32_t block;     /* offset of its registers in BAR0 */
  uint16_t submitted; /* free-running numbers of places in the ring */
  uint16_t head;      /* those before are the caller's again */
  uint32_t taken;     /* records */
} cw_dma_channel;

/* Sizes of the two pieces of memory, in bytes. */
size_t cw_dma_ring_bytes(unsigned ring_log2);
size_t cw_dma_record_bytes(unsigned ring_log2);

/* Channels of the card, 0 if its registers are others than these; the kind of one of them. */
unsigned cw_dma_channels(const cw_dma_io* io);
cw_dma_kind cw_dma_kind_of(const cw_dma_io* io, unsigned channel);

/* Cuts short what the channel does, sets it up afresh and starts it. `polls`: reads of the status
 * register until it has to be at rest. CW_DMA_EINVAL, CW_DMA_EABSENT, CW_DMA_EBUSY. */
int cw_dma_start(cw_dma_channel* channel, const cw_dma_io* io, const cw_dma_config* config,
                 unsigned polls);

/* The same with what it was started with: after a halt. Records not taken are lost. */
int cw_dma_restart(cw_dma_channel* channel, unsigned polls);

/* Begins no further entry; what is under way ends. CW_DMA_EBUSY if it has not in so many polls.
 * Records that are there can still be taken; cw_dma_resume() goes on. */
int cw_dma_stop(cw_dma_channel* channel, unsigned polls);
void cw_dma_resume(cw_dma_channel* channel);

/* Stops the channel and cuts short what is under way: halts it. As cw_dma_stop(). */
int cw_dma_abort(cw_dma_channel* channel, unsigned polls);

/* Places of the ring that are free now: an entry takes one for each segment, or one if linked. */
unsigned cw_dma_room(const cw_dma_channel* channel);

/* Writes the descriptors of an entry; the card sees them with the next doorbell. Returns what
 * `head` of its record will be (0 to 65535); CW_DMA_EFULL; CW_DMA_EINVAL, also for more segments
 * than the whole ring has places. The card checks the addresses. */
int cw_dma_submit(cw_dma_channel* channel, const cw_dma_entry* entry);

/* One descriptor as it stands, CW_DMA_DESCRIPTOR_BYTES of it, phase and all, unchecked: the card
 * checks it. Returns as cw_dma_submit(). */
int cw_dma_submit_raw(cw_dma_channel* channel, const uint8_t* descriptor);

/* Gives all submitted entries to the card. */
void cw_dma_doorbell(cw_dma_channel* channel);

/* Takes the oldest record: 1 if one was there, else 0; CW_DMA_EINVAL. No register is read. */
int cw_dma_poll(cw_dma_channel* channel, cw_dma_record* record);

/* Frees places of quiet entries that have ended, by the status register; nothing while a record
 * waits to be taken. Returns cw_dma_room(). */
unsigned cw_dma_reclaim(cw_dma_channel* channel);

/* Polls until a record is there, with a look at the status register between two looks at memory.
 * 1; CW_DMA_EBUSY after so many polls; CW_DMA_EHALTED if none will come; CW_DMA_EINVAL if no entry
 * is under way. */
int cw_dma_wait(cw_dma_channel* channel, cw_dma_record* record, unsigned polls);

bool cw_dma_halted(const cw_dma_channel* channel);

/* Builds the segments of an entry: what goes on where the last one ended is joined to it. */
typedef struct cw_dma_list {
  cw_dma_segment* segments; /* `capacity` of them, the caller's */
  unsigned capacity;
  unsigned count;
  cw_dma_kind kind; /* of the channel: the side of a stream has no addresses */
} cw_dma_list;

void cw_dma_list_init(cw_dma_list* list, cw_dma_segment* segments, unsigned capacity,
                      cw_dma_kind kind);

/* CW_DMA_EFULL, and the list as it was, if that takes more segments than there are; CW_DMA_EINVAL
 * for a piece that wraps round the end of an address space. A piece of 0 bytes adds nothing. */
int cw_dma_list_add(cw_dma_list* list, uint64_t src, uint64_t dst, uint64_t bytes);

/* One line without an end of line, never NULL: for a cw_dma_status, for a cw_dma_error. */
const char* cw_dma_status_text(int status);
const char* cw_dma_error_text(cw_dma_error error);

#ifdef __cplusplus
}
#endif

#endif /* CW_DMA_H */
