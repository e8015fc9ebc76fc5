// SPDX-License-Identifier: Apache-2.0
//
// The books of all open entries: what is said when one begins, what is said when it gets no more
// chunks, and what has landed, each in a memory with one write port. An entry has ended when it is
// closed and as many of its chunks have ended as were issued. Looks up in the same clock; what is
// written is seen from the next clock on. Nothing is reset: two marks of a place tell what is this
// entry's from what an earlier one left, set apart when an entry begins, made the same by the first
// that comes. Spec: docs/dma.md, "What is ordered".
`include "cw_assert.svh"
module cw_dma_books
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  localparam int unsigned ChanW    = Channels > 1 ? $clog2(Channels) : 1,
  localparam int unsigned Slots    = Entries << ChanW
) (
  input  logic    clk_i,
  input  logic    rst_i,

  // An entry begins; gets no more chunks; some of it has landed
  input  open_t   open_i,
  input  logic    open_valid_i,
  input  close_t  close_i,
  input  logic    close_valid_i,
  input  landed_t landed_i,
  input  logic    landed_valid_i,

  // An open entry
  input  chan_t   look_chan_i,
  input  entry_t  look_entry_i,
  output ended_t  ended_o,       // meaningful with ended_valid_o
  output logic    ended_valid_o
);

  typedef logic [ChanW+$bits(entry_t)-1:0] slot_t;

  typedef struct packed {
    logic [15:0] tag;
    logic        irq;
    logic        quiet;
  } begun_t;

  typedef struct packed {
    dma_error_e  error;
    logic [15:0] head;
    logic        packet_end;
    logic [15:0] packet_info;
    logic [9:0]  chunks;
  } shut_t;

  typedef struct packed {
    logic [EntryBytesW-1:0] bytes;
    logic [9:0]             chunks;  // that have ended
    dma_error_e             error;
  } come_t;

  // No reset: read only after they were written for the entry.
  (* ram_style = "auto" *) logic [$bits(begun_t)-1:0] begun_q    [Slots];
  (* ram_style = "auto" *) logic [$bits(shut_t)-1:0]  shut_q     [Slots];
  (* ram_style = "auto" *) logic                      shut_bad_q [Slots];
  (* ram_style = "auto" *) logic [$bits(come_t)-1:0]  come_q     [Slots];
  (* ram_style = "auto" *) logic begun_shut_q [Slots];  // marks: the same once it is closed,
  (* ram_style = "auto" *) logic shut_mark_q  [Slots];
  (* ram_style = "auto" *) logic begun_come_q [Slots];  // and once something has landed
  (* ram_style = "auto" *) logic come_mark_q  [Slots];

  slot_t  open_slot, close_slot, landed_slot, look_slot;
  begun_t begun;
  shut_t  shut;
  come_t  had, has, come;     // where something lands, and at the entry looked at
  logic   shut_before;

  assign open_slot   = slot_t'({open_i.chan, open_i.entry});
  assign close_slot  = slot_t'({close_i.chan, close_i.entry});
  assign landed_slot = slot_t'({landed_i.chan, landed_i.entry});
  assign look_slot   = slot_t'({look_chan_i, look_entry_i});

  always_ff @(posedge clk_i) begin
    if (open_valid_i) begin
      begun_q[open_slot]      <= {open_i.tag, open_i.irq, open_i.quiet};
      begun_shut_q[open_slot] <= !shut_mark_q[open_slot];
      begun_come_q[open_slot] <= !come_mark_q[open_slot];
    end
  end

  always_ff @(posedge clk_i) begin
    if (close_valid_i) begin
      shut_q[close_slot] <= {close_i.error, close_i.head, close_i.packet_end, close_i.packet_info,
                             close_i.chunks};
      shut_bad_q[close_slot]  <= close_i.error != DmaOk;
      shut_mark_q[close_slot] <= begun_shut_q[close_slot];
    end
  end

  // ---- Bytes land; the first error counts, be it of a chunk or of the end

  assign had = begun_come_q[landed_slot] != come_mark_q[landed_slot]
      ? come_t'('0) : come_t'(come_q[landed_slot]);
  assign shut_before = begun_shut_q[landed_slot] == shut_mark_q[landed_slot];

  always_comb begin
    has        = had;
    has.bytes  = had.bytes + EntryBytesW'(landed_i.bytes);
    has.chunks = had.chunks + 10'(landed_i.ends);
    if (had.error == DmaOk && !(shut_before && shut_bad_q[landed_slot])) begin
      has.error = landed_i.error;
    end
  end

  always_ff @(posedge clk_i) begin
    if (landed_valid_i) begin
      come_q[landed_slot]      <= has;
      come_mark_q[landed_slot] <= begun_come_q[landed_slot];
    end
  end

  // ---- Look

  assign begun = begun_t'(begun_q[look_slot]);
  assign shut  = shut_t'(shut_q[look_slot]);
  assign come  = begun_come_q[look_slot] != come_mark_q[look_slot]
      ? come_t'('0) : come_t'(come_q[look_slot]);

  assign ended_valid_o = begun_shut_q[look_slot] == shut_mark_q[look_slot]
      && come.chunks == shut.chunks;
  assign ended_o = '{
    bytes:       come.bytes,
    error:       come.error != DmaOk ? come.error : shut.error,
    head:        shut.head,
    tag:         begun.tag,
    irq:         begun.irq,
    quiet:       begun.quiet,
    packet_end:  shut.packet_end,
    packet_info: shut.packet_info
  };

  `CW_REQUIRE(Channels inside {[1:MaxChannels]}, "a channel's number has four bits")
  `CW_ASSERT(ClosesOnce, !close_valid_i || begun_shut_q[close_slot] != shut_mark_q[close_slot])
  `CW_ASSERT(OneThingAtATime, !open_valid_i
      || !((close_valid_i && close_slot == open_slot)
           || (landed_valid_i && landed_slot == open_slot)))
  `CW_ASSERT(NeverMoreThanWasIssued, !landed_valid_i || !landed_i.ends || !shut_before
      || had.chunks != 10'(shut_q[landed_slot]))
  `CW_ASSERT(BuiltChannelsOnly, (!open_valid_i || 32'(open_i.chan) < Channels)
      && (!close_valid_i || 32'(close_i.chan) < Channels)
      && (!landed_valid_i || 32'(landed_i.chan) < Channels))

endmodule
