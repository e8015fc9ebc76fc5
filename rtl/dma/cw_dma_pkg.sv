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
    cw_endpoint_pkg::attr_t attr;  // of data, as wished for; counts while the channel is idle
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

  // ---- What the stations of a channel hand to each other

  // What a descriptor in order asks for.
  typedef struct packed {
    logic [63:0] iova;
    logic [31:0] card_addr;
    logic [31:0] bytes;       // 1 to 2^32-1
  } transfer_t;

  // One memory request's worth of a transfer.
  typedef struct packed {
    logic [63:0] iova;
    logic [31:0] card_addr;
    logic [12:0] bytes;       // 1 to 4096, never across a 4 KiB page of `iova`
  } chunk_t;

  // Bytes that have landed, or a chunk that has failed.
  typedef struct packed {
    logic [3:0]  slot;        // the entry's
    logic [12:0] bytes;
    logic        ends;        // the chunk is over
    dma_error_e  error;       // with `ends`
  } landed_t;

  // Bytes that one entry can move: MaxChain transfers of almost 4 GiB.
  localparam int unsigned EntryBytesW = 32 + $clog2(MaxChain);

  // ---- Arithmetic

  // What is wrong with a descriptor that was read, before anything of it is done. A transfer may
  // end at 2^64 exactly; `next` counts only with `chain`.
  function automatic dma_error_e desc_error(desc_t desc, int unsigned card_mem_bytes);
    logic [64:0] iova_last, card_end;
    iova_last = {1'b0, desc.iova} + 65'(desc.bytes) - 65'd1;
    card_end  = {1'b0, desc.card_addr} + 65'(desc.bytes);
    if (desc.rsvd != '0 || desc.bytes == '0 || iova_last[64]
        || (desc.chain && desc.next[4:0] != '0)) return DmaBadDesc;
    if (card_end > 65'(card_mem_bytes)) return DmaBadCard;
    return DmaOk;
  endfunction

  // How a failed read shows in the completion record.
  function automatic dma_error_e read_error(cw_endpoint_pkg::rd_status_e status);
    unique case (status)
      cw_endpoint_pkg::RdOk:       return DmaOk;
      cw_endpoint_pkg::RdUr:       return DmaReadUr;
      cw_endpoint_pkg::RdCa:       return DmaReadCa;
      cw_endpoint_pkg::RdPoisoned: return DmaPoisoned;
      cw_endpoint_pkg::RdTimeout:  return DmaTimeout;
      default:                     return DmaReadLied;
    endcase
  endfunction

  // Entries of a ring, less one: what masks a free-running index.
  function automatic logic [15:0] ring_mask(logic [3:0] ring_log2);
    return 16'((17'd1 << ring_log2) - 17'd1);
  endfunction

  // Max_Payload_Size or Max_Read_Request_Size in bytes; a reserved encoding counts as 128, which
  // every partner takes (PCIe Base 7.5.3.4).
  function automatic logic [12:0] limit_bytes(logic [2:0] encoded);
    return encoded > 3'd5 ? 13'd128 : cw_tlp_pkg::size_bytes(encoded);
  endfunction

  // Bytes of the next chunk: the whole rest where one request may carry it, else up to the next
  // multiple of the limit, so that all later chunks are aligned and none crosses 4 KiB. The limit
  // is one of dwords (2.2.2): it counts the bytes before the first in its dword, too.
  function automatic logic [12:0] chunk_bytes(
      logic [63:0] iova, logic [31:0] left, logic [12:0] limit);
    logic [12:0] to_boundary;
    to_boundary = limit - (13'(iova[11:0]) & (limit - 13'd1));
    if (33'(left) + 33'(iova[1:0]) <= 33'(limit)
        && left <= 32'(cw_tlp_pkg::bytes_to_page_end(iova[11:0])))
      return 13'(left);
    return left < 32'(to_boundary) ? 13'(left) : to_boundary;
  endfunction

endpackage
