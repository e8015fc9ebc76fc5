/* SPDX-License-Identifier: Apache-2.0
 *
 * An example of cw_dma.h: pieces of host memory go to the card as one entry.
 */
#ifndef CW_COPY_TO_CARD_H
#define CW_COPY_TO_CARD_H

#include <stdio.h>

#include "cw_dma.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { COPY_RING_LOG2 = 4, COPY_MOST_PIECES = 8 };

/* Addresses are those that the device uses. */
typedef struct copy_job {
  uint64_t ring_iova;   /* cw_dma_ring_bytes(COPY_RING_LOG2) */
  uint64_t record_iova; /* cw_dma_record_bytes(COPY_RING_LOG2) */
  struct {
    uint64_t iova;
    uint32_t bytes;
  } pieces[COPY_MOST_PIECES];
  unsigned count;
  uint64_t card_addr; /* of the first byte; the others follow it */
} copy_job;

/* 0, or -1 and why in one line on `log`. */
int copy_to_card(const cw_dma_io* io, const copy_job* job, FILE* log);

#ifdef __cplusplus
}
#endif

#endif /* CW_COPY_TO_CARD_H */
