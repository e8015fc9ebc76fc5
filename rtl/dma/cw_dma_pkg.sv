// SPDX-License-Identifier: Apache-2.0
//
// The DMA engine's formats in host memory, what its registers say to it and hear from it, and what
// its stations hand to each other. All fields in memory little endian. Spec: docs/dma.md.
package cw_dma_pkg;

  import cw_endpoint_pkg::attr_t;

  // ---- Channels

  localparam int unsigned MaxChannels = 16;

  // Where a channel moves bytes from and to. Host addresses are whatever the card's requests reach:
  // memory behind an IOMMU, or the BAR of another device.
  typedef enum logic [2:0] {
    H2c = 3'd0,  // host to card
    C2h = 3'd1,  // card to host
    H2h = 3'd2,  // host to host
    C2c = 3'd3,  // card to card
    H2s = 3'd4,  // host to stream
    S2h = 3'd5   // stream to host
  } chan_kind_e;

  typedef chan_kind_e [MaxChannels-1:0] kinds_t;

  // One of each, over and over.
  function automatic kinds_t every_kind();
    for (int unsigned c = 0; c < MaxChannels; c++) every_kind[c] = chan_kind_e'(3'(c % 6));
  endfunction

  function automatic logic from_host(chan_kind_e kind);
    return kind inside {H2c, H2h, H2s};
  endfunction
  function automatic logic to_host(chan_kind_e kind);
    return kind inside {C2h, H2h, S2h};
  endfunction

  // What is never looked up is of kinds that are built, and spares a bit of a channel's number.
  function automatic kinds_t built_kinds(kinds_t kinds, int unsigned channels);
    for (int unsigned c = 0; c < MaxChannels; c++) begin
      automatic int unsigned same = c % (1 << $clog2(channels));
      built_kinds[c] = kinds[same < channels ? same : 0];
    end
  endfunction

  function automatic bit has_kind(kinds_t kinds, chan_kind_e kind);
    return count_kind(kinds, kind, MaxChannels) != 0;
  endfunction

  // Number of channels of a kind, and which of them channel `chan` is.
  function automatic int unsigned count_kind(kinds_t kinds, chan_kind_e kind, int unsigned below);
    count_kind = 0;
    for (int unsigned c = 0; c < MaxChannels; c++)
      if (c < below && kinds[c] == kind) count_kind++;
  endfunction

  // Ports for the streams of a kind: one at least, so that every build has the same ports.
  function automatic int unsigned stream_ports(
      kinds_t kinds, chan_kind_e kind, int unsigned channels);
    return count_kind(kinds, kind, channels) == 0 ? 1 : count_kind(kinds, kind, channels);
  endfunction

  // ---- Descriptor: 32 bytes, 32-byte aligned, read by the card (most significant field first)

  typedef enum logic [1:0] {
    Copy      = 2'd0,  // `bytes` bytes, side by side
    Rows      = 2'd1,  // 2-D: `rows` rows of `bytes` bytes, each so far behind the one before
    Immediate = 2'd2   // 1 to 8 bytes out of the descriptor itself; `src` is not used
  } desc_kind_e;       // 3 is reserved

  typedef struct packed {
    logic       phase;     // bit 15: 1 in the first round of the ring, then alternating
    logic [4:0] rsvd;      // must be zero
    attr_t      attr;      // bits 9-7: of the data, as wished for
    logic       quiet;     // bit 6: no record if the entry ends well
    logic       fence;     // bit 5: begin when all entries before it have ended
    logic       irq;       // bit 4: interrupt once the entry has ended
    logic       chain;     // bit 3: the entry goes on at `next`
    logic       last;      // bit 2: the entry ends here, else it goes on behind this descriptor
    desc_kind_e kind;      // bits 1-0
  } desc_flags_t;

  typedef struct packed {
    desc_flags_t flags;    // bytes 30-31: come last, so the phase vouches for the rest
    logic [15:0] tag;      // bytes 28-29: returned in the completion record
    logic [31:0] bytes;    // bytes 24-27: 1 to 2^32-1; of one row; Immediate: 1 to 8
    logic [63:0] arg;      // bytes 16-23: by kind: `next`, rows_t, or data
    logic [63:0] dst;      // bytes 8-15
    logic [63:0] src;      // bytes 0-7
  } desc_t;
  localparam int unsigned DescBytes = 32;

  typedef struct packed {
    logic [15:0] rows;       // bits 63-48: 1 to 65535
    logic [23:0] dst_pitch;  // bits 47-24: bytes from the start of a row to that of the next
    logic [23:0] src_pitch;  // bits 23-0
  } rows_t;

  // An entry is all from a descriptor to the one marked `last`. `tag`, `irq`, `quiet` and `fence`
  // of its first descriptor count.
  localparam int unsigned MaxSegments = 256;

  // Bytes that one entry can move: MaxSegments x 65535 rows x almost 4 GiB.
  localparam int unsigned EntryBytesW = 32 + 16 + $clog2(MaxSegments);

  // ---- Completion record: 16 bytes, written one behind the other into a ring

  typedef enum logic [7:0] {
    DmaOk         = 8'd0,
    DmaBadDesc    = 8'd1,   // reserved bits, no bytes, address that wraps, misaligned `next`
    DmaBadCard    = 8'd2,   // outside card memory
    DmaChainLong  = 8'd3,   // more than MaxSegments descriptors
    DmaDescFetch  = 8'd4,   // the descriptor could not be read
    DmaReadUr     = 8'd5,
    DmaReadCa     = 8'd6,
    DmaPoisoned   = 8'd7,
    DmaTimeout    = 8'd8,
    DmaReadLied   = 8'd9,   // a completion contradicted its request
    DmaStale      = 8'd10,  // the descriptor has the phase of the round before
    DmaCardError  = 8'd11,  // card memory behind AXI4 answered SLVERR or DECERR
    DmaAborted    = 8'd12   // cut short: by software, or by an error of an entry before it
  } dma_error_e;

  typedef struct packed {
    logic        phase;       // byte 15, bit 7: 1 in the first round of the ring, then alternating
    logic [5:0]  rsvd;
    logic        packet_end;  // byte 15, bit 0: S2h: the packet ended with these bytes
    dma_error_e  error;       // byte 14: the first error of the entry
    logic [15:0] head;        // bytes 12-13: descriptors before this index are the driver's again
    logic [15:0] tag;         // bytes 10-11
    logic [15:0] packet_info; // bytes 8-9: S2h: TID (low byte) and TUSER of the packet
    logic [63:0] bytes_done;  // bytes 0-7: of the entry, all its descriptors
  } record_t;
  localparam int unsigned RecordBytes = 16;

  // ---- Registers to channel, channel to registers

  typedef enum logic [1:0] {
    Weighted      = 2'd0,  // `weight` + 1 requests in a turn
    Burst         = 2'd1,  // keeps its turn until the descriptor is done
    CycleStealing = 2'd2,  // gives way after every request
    Transparent   = 2'd3   // only while nobody else wants the bus
  } share_mode_e;

  typedef struct packed {
    logic [3:0]  weight;
    logic [1:0]  level;    // priority: 3 before 0
    share_mode_e mode;
  } share_t;

  // Who goes before whom: 0 gives way to everybody else.
  typedef logic [2:0] rank_t;

  function automatic rank_t rank_of(share_t share);
    return share.mode == Transparent ? '0 : rank_t'(share.level) + 1'b1;
  endfunction

  // Requests of a turn, less one, where packets meet: no turn is without an end there.
  function automatic logic [3:0] turn_weight(share_t share);
    unique case (share.mode)
      Weighted: return share.weight;
      Burst:    return '1;
      default:  return '0;
    endcase
  endfunction

  typedef struct packed {
    logic [15:0] timer;    // x 16 clocks since the first event not told; 0: told at once
    logic [7:0]  count;    // events that are told at once; 0 and 1: every one
  } moderation_t;

  typedef struct packed {
    share_t      share;
    moderation_t moderation;
    logic        irq_enable;
    logic        enable;       // 0 stops: no new entry, what is in flight ends
    logic        restart;      // pulse: clears `halted` and all indices; only while at rest
    logic        abort_all;    // pulse: halts; what is under way is cut short
    logic [63:0] ring_iova;    // 32-byte aligned
    logic [63:0] record_iova;  // 16-byte aligned
    logic [3:0]  ring_log2;    // entries = 2^ring_log2, 1 to 15; of both rings
    logic        tail_write;   // pulse: the doorbell was written
    logic [15:0] tail;         // free-running: descriptors [head, tail) belong to the card
  } dma_ctl_t;

  typedef struct packed {
    logic        busy;         // an entry is open or a descriptor under way
    logic        halted;       // stopped: by an error of an entry, a bad doorbell, an abort
    logic        bad_doorbell; // pulse: tail more than the ring ahead of head, or while disabled
    logic        entry_error;  // pulse: an entry ended with an error
    logic [15:0] head;         // free-running: descriptors retired
    logic        moved;        // pulse with moved_bytes
    logic [12:0] moved_bytes;
  } dma_sta_t;

  // ---- What the stations hand to each other

  localparam int unsigned Entries = 16;  // of a channel, open at a time

  typedef logic [3:0] chan_t;
  typedef logic [3:0] entry_t;           // counts round

  // Travels with every request and its answer; rd_req_t.mark for data.
  typedef struct packed {
    logic        packet_end;  // H2s: the stream's packet ends with the chunk
    attr_t       attr;
    chan_t       chan;
    entry_t      entry;
  } mark_t;

  // Descriptors that lie side by side in the ring and in one 4 KiB page, to be read at once.
  localparam int unsigned MaxBatch = 16;

  typedef struct packed {
    chan_t       chan;
    logic [63:0] iova;
    logic [4:0]  count;  // 1 to MaxBatch
    logic [15:0] index;  // free-running, of the first
  } batch_t;

  // How many to leave a buffer of so many slots for at once: it still takes two.
  function automatic int unsigned batch_limit(int unsigned desc_slots);
    return desc_slots / 2 < MaxBatch ? desc_slots / 2 : MaxBatch;
  endfunction

  // rd_req_t.mark of a read of descriptors: of a batch, and which of those under way, or linked.
  typedef struct packed {
    logic        linked;
    logic [6:0]  read;
    chan_t       chan;
  } desc_mark_t;

  // The descriptors that `next` leads to, up to the end of their 64-byte line.
  typedef struct packed {
    chan_t       chan;
    logic [63:0] iova;
    logic        both;   // two, else one
  } link_t;

  // A descriptor at the head of its channel.
  typedef struct packed {
    desc_t       desc;
    dma_error_e  error;  // DmaOk, DmaDescFetch, DmaStale: then `desc` counts for nothing
    logic        linked; // came by `next`: its phase is not looked at
    logic [15:0] head;   // index behind the last descriptor of the ring that the entry has used
    chan_t       chan;
  } front_t;

  // An entry begins.
  typedef struct packed {
    chan_t       chan;
    entry_t      entry;
    logic [15:0] tag;
    logic        irq;
    logic        quiet;
  } open_t;

  // An entry gets no more chunks.
  typedef struct packed {
    chan_t       chan;
    entry_t      entry;
    logic [9:0]  chunks;       // issued in all, modulo 1024; fewer than that are ever in flight
    dma_error_e  error;
    logic [15:0] head;         // for the record
    logic        packet_end;
    logic [15:0] packet_info;
  } close_t;

  // What an entry has come to when all of it has landed.
  typedef struct packed {
    logic [EntryBytesW-1:0] bytes;
    dma_error_e             error;
    logic [15:0]            head;
    logic [15:0]            tag;
    logic                   irq;
    logic                   quiet;
    logic                   packet_end;
    logic [15:0]            packet_info;
  } ended_t;

  // Which source a chunk is for. Each takes its chunks in order; none waits for another.
  typedef enum logic [1:0] {
    PathHost = 2'd0,  // reads of host memory
    PathCard = 2'd1,  // reads of built-in card memory, or of a stream's buffer
    PathImm  = 2'd2,  // none: `src` is the data
    PathAxi  = 2'd3   // reads of card memory behind AXI4, which may be slow to answer
  } path_e;
  localparam int unsigned NumPaths = 4;

  // By path: whether channels of these kinds move bytes from it to the host, or else to the card.
  // What no channel can use is not built. `axi`: there is memory behind the AXI4 port.
  function automatic logic [NumPaths-1:0] paths_to(kinds_t kinds, bit axi, bit host);
    paths_to = '0;
    for (int unsigned c = 0; c < MaxChannels; c++) begin
      if (to_host(kinds[c]) == host) begin
        paths_to[PathHost] |= from_host(kinds[c]);
        paths_to[PathCard] |= !from_host(kinds[c]);
        paths_to[PathImm]  |= kinds[c] != S2h;
        paths_to[PathAxi]  |= axi && kinds[c] inside {C2h, C2c};
      end
    end
  endfunction

  // Whether channels can meet at that side that take their bytes from different paths. Immediate
  // data does not count: of that a request is one beat.
  function automatic bit channels_meet(
      kinds_t kinds, bit axi, int unsigned channels, bit host);
    automatic int unsigned count = 0;
    automatic logic [NumPaths-1:0] paths = paths_to(kinds, axi, host);
    paths[PathImm] = 1'b0;
    for (int unsigned c = 0; c < channels; c++) if (to_host(kinds[c]) == host) count++;
    return count > 1 && (paths & (paths - 1'b1)) != '0;
  endfunction

  // One request's worth of a transfer: as far as it touches the host, inside a 4 KiB page and
  // within Max_Read_Request_Size or Max_Payload_Size.
  typedef struct packed {
    mark_t       mark;
    logic [63:0] src;     // address; data in PathImm
    logic [63:0] dst;
    logic [12:0] bytes;   // 1 to 4096
    logic [2:0]  lane;    // PathImm: of the first byte in `src`; else 0
  } chunk_t;

  // What of a transfer stays the same.
  typedef struct packed {
    logic [31:0] bytes;      // of a row
    logic [23:0] dst_pitch;
    logic [23:0] src_pitch;
    attr_t       attr;
    logic        imm;        // `src` is the data
    logic        last;       // the entry ends with it
  } job_t;

  typedef logic signed [32:0] addr_step_t;  // bytes

  // What is left of a transfer. The side of a stream has no address here.
  typedef struct packed {
    logic [63:0] src;
    logic [63:0] dst;
    logic        src_past;   // a row would begin beyond 2^64
    logic        dst_past;
    logic [31:0] left;       // bytes of the row
    logic [15:0] rows;       // this one included; Copy and Immediate: 1
    logic        begins;     // nothing of the row is issued yet
  } rest_t;

  // Its next chunk, and by how much its addresses go on behind that.
  typedef struct packed {
    addr_step_t  src_step;
    addr_step_t  dst_step;
    logic [12:0] bytes;
    logic [2:0]  lane;       // as in chunk_t
    logic        row_over;   // the row ends with it
    logic        over;       // so does the transfer
  } cut_t;

  // A transfer under way.
  typedef struct packed {
    job_t        job;
    rest_t       rest;
    cut_t        cut;
  } held_t;

  // A transfer begins.
  typedef struct packed {
    chan_t       chan;
    logic        first;      // of its entry
    job_t        job;
    rest_t       rest;
  } start_t;

  // What has become of a channel's transfer in a clock.
  typedef struct packed {
    chan_t       chan;
    logic        chunk;        // a chunk is issued
    logic        over;         // the transfer has ended
    logic        last;         // its entry ends with it
    logic        packet_end;   // S2h: with the chunk ends its packet
    logic [15:0] packet_info;  // whose TUSER and TID
    dma_error_e  error;        // cut short: then neither chunk nor over
  } step_t;

  // One beat, beside a data vector, of a packet of bytes on the way from a source to a sink. A chunk
  // comes as one or more packets in address order, the last with `last`. A chunk that failed ends
  // with a packet of one beat without bytes.
  typedef struct packed {
    mark_t       mark;    // all but sop and eop: constant in the packet
    logic [63:0] dest;    // address of the packet's first byte in the sink's space
    logic [5:0]  lane;    // of the first byte in the first beat
    logic [12:0] bytes;   // of the packet; 0 only with an error
    logic        sop;
    logic        eop;
    logic        last;
    dma_error_e  error;
  } packet_t;

  // Bytes that have landed, or a chunk that has failed.
  typedef struct packed {
    chan_t       chan;
    entry_t      entry;
    logic [12:0] bytes;
    logic        ends;    // the chunk is over
    dma_error_e  error;   // also before the end: one of several writes to AXI4 has failed
  } landed_t;

  // ---- The card's side: its own address space

  // Built-in memory lies from 0 on; bit 40 chooses the AXI4 port, and the bits below address it.
  localparam int unsigned CardAxiBit = 40;

  // Who takes a packet that ends on the card.
  typedef enum logic [1:0] {
    CardMem    = 2'd0,  // built-in
    CardAxi    = 2'd1,
    CardStream = 2'd2   // the buffer of an H2s channel
  } card_target_e;
  localparam int unsigned NumCardTargets = 3;

  // A read of whole beats behind AXI4. Its error is told with its first beat, once all of it has
  // come: no byte of a read that failed goes anywhere.
  typedef struct packed {
    logic [CardAxiBit-1:0] addr;   // of a whole beat
    logic [9:0]            beats;
  } card_rd_t;

  // A write of a beat to card memory: address of a whole beat, what is left of its packet.
  typedef struct packed {
    logic [CardAxiBit:0] addr;
    logic [9:0]          beats;  // left of the packet, this one included
    logic                first;
    logic                last;
    logic                pad;    // bytes of the beat above the last one written are nobody's: with
                                 // the last beat of a chunk whose mark has packet_end
  } card_wr_t;

  // ---- Streams: each has a buffer of its own, from which its chunks are read or to which they are
  // written. `ptr` is an address there.

  localparam int unsigned MaxStreamBufBytes = 32768;

  // S2h: what has come of the packet that is next.
  typedef struct packed {
    logic [15:0] ptr;
    logic [12:0] avail;       // bytes from there on, at most 4096
    logic        ends;        // the packet ends with them; only with bytes
    logic [7:0]  tuser;       // with `ends`: those of the packet's last beat
    logic [7:0]  tid;
  } stream_in_t;

  // H2s: where the next chunk goes. A packet begins with a whole beat.
  typedef struct packed {
    logic [15:0] ptr;
    logic [15:0] room;        // bytes from there on that a chunk may have
  } stream_out_t;

  // A chunk for a stream: its bytes are written at `ptr` in any order, all of them.
  typedef struct packed {
    logic [12:0] bytes;       // not more than `room`
    logic        packet_end;
    logic [7:0]  tuser;       // constant in the packet
    logic [7:0]  tid;
  } stream_reserve_t;

  // ---- Arithmetic

  // Whether the card has all these bytes. `axi`: there is memory behind the AXI4 port.
  function automatic logic card_holds(
      logic [63:0] addr, logic [32:0] bytes, int unsigned card_mem_bytes, bit axi);
    logic [64:0] past;
    past = {1'b0, addr} + 65'(bytes);
    if (addr >> CardAxiBit == 64'd1) return axi && past <= 65'd2 << CardAxiBit;
    return past <= 65'(card_mem_bytes);
  endfunction

  function automatic card_target_e card_target(chan_kind_e kind, logic [63:0] dst);
    if (kind == H2s) return CardStream;
    return dst[CardAxiBit] ? CardAxi : CardMem;
  endfunction

  // Where the bytes of Copy and Rows come from.
  function automatic path_e source_path(chan_kind_e kind, logic [63:0] src);
    if (from_host(kind)) return PathHost;
    return kind != S2h && src[CardAxiBit] ? PathAxi : PathCard;
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

  // Bytes of a piece from card to card.
  localparam int unsigned CardPieceBytes = 512;

endpackage
