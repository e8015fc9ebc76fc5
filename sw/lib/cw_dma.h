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

typedef enum cw_dma_direction { CW_DMA_HOST_TO_CARD, CW_DMA_CARD_TO_HOST } cw_dma_direction;

#define CW_DMA_DESCRIPTOR_BYTES 32u
#define CW_DMA_RECORD_BYTES 16u
#define CW_DMA_MAX_SEGMENTS 256u /* of one entry */
#define CW_DMA_MAX_RING_LOG2 15u

/* What a channel runs on. The three pieces of memory belong to the caller, are seen by the device
 * at these addresses, and stay until the channel has been stopped. */
typedef struct cw_dma_config {
  cw_dma_direction direction;
  unsigned ring_log2;    /* 2^ring_log2 entries, 1 to CW_DMA_MAX_RING_LOG2 */
  unsigned max_segments; /* of one entry, 1 to CW_DMA_MAX_SEGMENTS */
  uint64_t ring_iova;    /* cw_dma_ring_bytes(), at a multiple of 32 (of 64: read two by two) */
  uint64_t record_iova;  /* cw_dma_record_bytes(), at a multiple of 16 */
  uint64_t chain_iova;   /* cw_dma_chain_bytes(), at a multiple of 32; unused if that is 0 */
  uint16_t vector;       /* of MSI-X or MSI */
  bool interrupts;       /* false: the records are polled */
} cw_dma_config;

/* Why a call was refused; every function that returns int returns one of these or a result >= 0. */
typedef enum cw_dma_status {
  CW_DMA_OK = 0,
  CW_DMA_EINVAL = -1, /* an argument, or the configuration, is outside its range */
  CW_DMA_EFULL = -2,  /* no entry of the ring is free */
  CW_DMA_EBUSY = -3,  /* the channel has not come to rest in so many polls */
  CW_DMA_EHALTED = -4 /* the channel has stopped itself: an error of the ring */
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
  CW_DMA_READ_LIED = 9
} cw_dma_error;

/* Bytes that lie side by side on both sides. */
typedef struct cw_dma_segment {
  uint64_t iova;      /* first byte in host memory */
  uint64_t card_addr; /* first byte in card memory */
  uint32_t bytes;     /* at least 1 */
} cw_dma_segment;

/* What is to be done as one: one record tells of all its segments. */
typedef struct cw_dma_entry {
  const cw_dma_segment* segments;
  unsigned count;
  uint16_t tag;   /* comes back in the record */
  bool interrupt; /* once the record is written */
} cw_dma_entry;

typedef struct cw_dma_record {
  uint64_t bytes_done;
  uint16_t index; /* the entry's number, as cw_dma_submit() gave it */
  uint16_t tag;
  cw_dma_error error;
} cw_dma_record;

/* A channel. Its fields are the library's. */
typedef struct cw_dma_channel {
  cw_dma_io io;
  cw_dma_config config;
  uint32_t block;     /* offset of its registers in BAR0 */
  uint16_t submitted; /* free-running numbers of entries */
  uint16_t taken;
} cw_dma_channel;

/* Sizes of the three pieces of memory, in bytes. */
size_t cw_dma_ring_bytes(unsigned ring_log2);
size_t cw_dma_record_bytes(unsigned ring_log2);
size_t cw_dma_chain_bytes(unsigned ring_log2, unsigned max_segments);

/* Stops the channel if it runs, sets it up afresh and starts it. `polls`: reads of the status
 * register until it has to be at rest. CW_DMA_EINVAL, CW_DMA_EBUSY. */
int cw_dma_start(cw_dma_channel* channel, const cw_dma_io* io, const cw_dma_config* config,
                 unsigned polls);

/* Takes no further entry; what is in flight ends. CW_DMA_EBUSY if it has not in so many polls.
 * Records that are there can still be taken. */
int cw_dma_stop(cw_dma_channel* channel, unsigned polls);

/* Entries that can be submitted now. */
unsigned cw_dma_room(const cw_dma_channel* channel);

/* Writes the descriptors of an entry; the card sees them with the next doorbell. Returns the
 * entry's number (0 to 65535), CW_DMA_EINVAL or CW_DMA_EFULL. */
int cw_dma_submit(cw_dma_channel* channel, const cw_dma_entry* entry);

/* An entry of one descriptor as it stands, CW_DMA_DESCRIPTOR_BYTES of it, unchecked: the card
 * checks it. Returns as cw_dma_submit(). */
int cw_dma_submit_raw(cw_dma_channel* channel, const uint8_t* descriptor);

/* Gives all submitted entries to the card. */
void cw_dma_doorbell(cw_dma_channel* channel);

/* Takes the record of the oldest entry: 1 if it was there, else 0. No register is read. */
int cw_dma_poll(cw_dma_channel* channel, cw_dma_record* record);

/* Polls until the record of the oldest entry is there, with a look at the status register between
 * two looks at memory. 1; CW_DMA_EBUSY after so many polls; CW_DMA_EHALTED if none will come;
 * CW_DMA_EINVAL if no entry is under way. */
int cw_dma_wait(cw_dma_channel* channel, cw_dma_record* record, unsigned polls);

bool cw_dma_halted(const cw_dma_channel* channel);

/* Builds the segments of an entry: what goes on where the last one ended is joined to it. */
typedef struct cw_dma_list {
  cw_dma_segment* segments; /* `capacity` of them, the caller's */
  unsigned capacity;
  unsigned count;
} cw_dma_list;

void cw_dma_list_init(cw_dma_list* list, cw_dma_segment* segments, unsigned capacity);

/* CW_DMA_EFULL, and the list as it was, if that takes more segments than there are; CW_DMA_EINVAL
 * for a piece that wraps round the end of an address space. A piece of 0 bytes adds nothing. */
int cw_dma_list_add(cw_dma_list* list, uint64_t iova, uint64_t card_addr, uint64_t bytes);

/* One line without an end of line, never NULL: for a cw_dma_status, for a cw_dma_error. */
const char* cw_dma_status_text(int status);
const char* cw_dma_error_text(cw_dma_error error);

#ifdef __cplusplus
}
#endif

#endif /* CW_DMA_H */
