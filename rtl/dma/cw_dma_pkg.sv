// SPDX-License-Identifier: Apache-2.0
//
// The DMA engine's formats in host memory, and what its registers say to it and hear from it.
// All fields little endian.
package cw_dma_pkg;

  // ---- Descriptor: 32 bytes, 32-byte aligned, read by the card (most significant field first)

  typedef struct packed {
    logic [63:0] next;       // bytes 24-31: IOVA of the next descriptor of the chain
    logic [63:0] card_addr;  // bytes 16-23: byte address in card memory
    logic [63:0] iova;       // bytes 8-15:  byte address in host memory
    logic [31:0] bytes;      // bytes 4-7:   1 to 2^32-1
    logic [15:0] tag;        // bytes 2-3:   returned in the completion record
    logic [13:0] rsvd;       // must be zero
    logic        irq;        // bit 1: raise the channel's vector once the record is written
    logic        chain;      // bit 0: go on at `next` before the next ring entry
  } desc_t;
  localparam int unsigned DescBytes = 32;

  // A chain is one ring entry: `tag` and `irq` of its first descriptor count.
  localparam int unsigned MaxChain = 256;

  // ---- Completion record: 16 bytes, one for every ring entry, at the same index

  typedef enum logic [7:0] {
    DmaOk         = 8'd0,
    DmaBadDesc    = 8'd1,  // reserved bits, zero length, address that wraps, misaligned `next`
    DmaBadCard    = 8'd2,  // outside card memory
    DmaChainLong  = 8'd3,  // more than MaxChain descriptors
    DmaDescFetch  = 8'd4,  // the descriptor could not be read; the channel halts
    DmaReadUr     = 8'd5,
    DmaReadCa     = 8'd6,
    DmaPoisoned   = 8'd7,
    DmaTimeout    = 8'd8,
    DmaReadLied   = 8'd9   // a completion contradicted its request
  } dma_error_e;

  typedef struct packed {
    logic [63:0] bytes_done;  // bytes 8-15: bytes moved by the entry, all its descriptors
    logic [15:0] rsvd;
    logic [15:0] index;       // bytes 4-5: free-running number of the entry
    logic [15:0] tag;         // bytes 2-3
    dma_error_e  error;       // byte 1: the first error of the entry
    logic [6:0]  rsvd1;
    logic        phase;       // bit 0: 1 in the first round of the ring, then alternating
  } record_t;
  localparam int unsigned RecordBytes = 16;

  // ---- Registers to channel, channel to registers

  typedef struct packed {
    logic        enable;        // 0 stops: no new descriptor, what is in flight ends
    logic        restart;       // pulse: clears `halted`, head and indices; only while stopped
    logic [63:0] ring_iova;     // 32-byte aligned
    logic [63:0] record_iova;   // 16-byte aligned
    logic [3:0]  ring_log2;     // entries = 2^ring_log2, 1 to 15
    logic        tail_write;    // pulse: the doorbell was written
    logic [15:0] tail;          // free-running: descriptors [head, tail) belong to the card
  } dma_ctl_t;

  typedef struct packed {
    logic        busy;          // anything in flight
    logic        halted;        // stopped by an error: DmaDescFetch or a bad doorbell
    logic        bad_doorbell;  // pulse: tail more than the ring ahead of head, or while disabled
    logic        entry_error;   // pulse: an entry ended with an error
    logic [15:0] head;          // free-running: entries retired
    logic        moved;         // pulse with moved_bytes
    logic [12:0] moved_bytes;
  } dma_sta_t;

endpackage
