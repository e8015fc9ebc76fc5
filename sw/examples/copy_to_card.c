/* SPDX-License-Identifier: Apache-2.0 */
#include "copy_to_card.h"

enum { POLLS = 100000 };

static int fail(FILE* log, const char* step, const char* why) {
  fprintf(log, "copy_to_card: %s: %s\n", step, why);
  return -1;
}

int copy_to_card(const cw_dma_io* io, const copy_job* job, FILE* log) {
  cw_dma_config config = {
      .ring_log2 = COPY_RING_LOG2, .ring_iova = job->ring_iova, .record_iova = job->record_iova};
  cw_dma_segment segments[COPY_MOST_PIECES];
  cw_dma_channel channel;
  cw_dma_record record;
  cw_dma_list list;

  /* The first channel that goes this way; it runs on the two pieces of memory. */
  const unsigned channels = cw_dma_channels(io);
  while (config.channel < channels && cw_dma_kind_of(io, config.channel) != CW_DMA_HOST_TO_CARD) {
    ++config.channel;
  }
  int status = cw_dma_start(&channel, io, &config, POLLS);
  if (status != CW_DMA_OK) return fail(log, "start", cw_dma_status_text(status));

  /* Scatter-gather: a segment for each piece, but neighbours are joined. */
  uint64_t to = job->card_addr;
  cw_dma_list_init(&list, segments, COPY_MOST_PIECES, CW_DMA_HOST_TO_CARD);
  for (unsigned n = 0; n < job->count; ++n) {
    status = cw_dma_list_add(&list, job->pieces[n].iova, to, job->pieces[n].bytes);
    if (status != CW_DMA_OK) return fail(log, "list", cw_dma_status_text(status));
    to += job->pieces[n].bytes;
  }
  const cw_dma_entry entry = {.segments = list.segments, .count = list.count, .tag = 7};
  status = cw_dma_submit(&channel, &entry);
  if (status < 0) return fail(log, "submit", cw_dma_status_text(status));
  cw_dma_doorbell(&channel);

  /* One record tells how the whole entry ended. Once the channel is at rest, ring and records are
   * the caller's again; to go on instead, cw_dma_restart() after an error, nothing otherwise. */
  status = cw_dma_wait(&channel, &record, POLLS);
  const int rest = cw_dma_abort(&channel, POLLS);
  if (status != 1) return fail(log, "wait", cw_dma_status_text(status));
  if (rest != CW_DMA_OK) return fail(log, "abort", cw_dma_status_text(rest));
  if (record.error != CW_DMA_DONE) return fail(log, "record", cw_dma_error_text(record.error));
  fprintf(log, "copy_to_card: tag %u: %llu bytes\n", (unsigned)record.tag,
          (unsigned long long)record.bytes_done);
  return 0;
}
