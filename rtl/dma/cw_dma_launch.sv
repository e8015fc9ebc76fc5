// SPDX-License-Identifier: Apache-2.0
//
// Takes descriptors as their channels have room for them: begins an entry with the first one,
// starts the transfer of each that is good, says which are refused. A descriptor is on offer for
// one clock; one that is not taken comes again.
// Spec: docs/dma.md, "Entries", "Errors".
`include "cw_assert.svh"
module cw_dma_launch
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  parameter  kinds_t      Kinds    = every_kind(),
  localparam int unsigned ChanW    = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_i,

  // Descriptors
  input  front_t                front_i,
  input  logic                  front_valid_i,
  output logic                  take_o,
  output logic   [Channels-1:0] want_o,         // may take one in the next clock

  // Channels
  input  logic   [Channels-1:0] enable_i,       // 0: begins no entry
  input  logic   [Channels-1:0] stop_i,
  input  logic   [Channels-1:0] room_i,         // for an entry more
  input  logic   [Channels-1:0] idle_i,         // all entries have ended

  // Entries
  input  logic   [Channels-1:0] begun_i,
  input  logic   [Channels-1:0] blocked_i,
  input  entry_t [Channels-1:0] entry_i,
  output open_t                 open_o,
  output logic                  open_valid_o,   // with take_o
  output dma_error_e            error_o,        // with take_o: refused, unless DmaOk

  // Transfers
  input  logic   [Channels-1:0] busy_i,
  input  logic   [Channels-1:0] ending_i,       // may be over in the next clock
  input  logic                  start_ready_i,
  output start_t                start_o,
  output logic                  start_valid_o,  // with take_o
  output logic                  start_good_o,
  output logic                  start_first_o   // one had to wait for start_ready_i before
);

  localparam int unsigned PlaceW = $clog2(MaxSegments) + 1;

  logic [Channels-1:0] fenced_q, fenced_d;  // the next entry waits for those before it
  logic [ChanW-1:0]    at;
  logic                begun, fence, readable, may_take, late_q;
  desc_t               desc;
  rows_t               rows;
  logic                rows_kind, imm;
  logic [PlaceW-1:0]   place;               // of the descriptor in its entry

  // No reset: read only in an entry.
  (* ram_style = "auto" *) logic [PlaceW-1:0] next_place_q [Channels];

  assign at        = ChanW'(front_i.chan);
  assign desc      = front_i.desc;
  assign rows      = rows_t'(desc.arg);
  assign readable  = front_i.error == DmaOk;
  assign begun     = begun_i[at];
  assign place     = begun ? next_place_q[at] : '0;
  assign rows_kind = desc.flags.kind == Rows;
  assign imm       = desc.flags.kind == Immediate;
  assign fence     = !begun && readable && desc.flags.fence && !idle_i[at];

  assign may_take = front_valid_i && !busy_i[at] && !blocked_i[at] && !stop_i[at]
      && (begun || (enable_i[at] && room_i[at] && !fence));
  assign take_o   = may_take && start_ready_i;

  // Whoever has one now is thought to be done with it at once; if not, the next is not taken.
  assign want_o = (~busy_i | ending_i) & ~blocked_i & ~stop_i & ~fenced_q
      & (begun_i | (enable_i & room_i));

  cw_dma_desc_check u_check (
    .clk_i, .rst_i,
    .desc_i        (desc),
    .fetch_error_i (front_i.error),
    .kind_i        (Kinds[front_i.chan]),
    .surplus_i     (place == PlaceW'(MaxSegments)),
    .error_o
  );

  assign open_valid_o = take_o && !begun;
  assign open_o       = '{chan:  front_i.chan,
                          entry: entry_i[at],
                          tag:   readable ? desc.tag : '0,
                          irq:   desc.flags.irq || !readable,
                          quiet: desc.flags.quiet && readable};

  assign start_valid_o = take_o;
  assign start_good_o  = error_o == DmaOk;
  assign start_first_o = late_q;
  assign start_o.chan  = front_i.chan;
  assign start_o.first = !begun;
  assign start_o.job   = '{bytes:     desc.bytes,
                           dst_pitch: rows.dst_pitch,
                           src_pitch: rows.src_pitch,
                           attr:      desc.flags.attr,
                           imm:       imm,
                           last:      desc.flags.last};
  assign start_o.rest  = '{src:      imm ? desc.arg : desc.src,
                           dst:      desc.dst,
                           src_past: 1'b0,
                           dst_past: 1'b0,
                           left:     desc.bytes,
                           rows:     rows_kind ? rows.rows : 16'd1,
                           begins:   1'b1};

  // A fence is seen when its descriptor is on offer; until it opens others are offered instead.
  always_comb begin
    fenced_d = fenced_q;
    if (front_valid_i && fence) fenced_d[at] = 1'b1;
    fenced_d &= ~idle_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      fenced_q <= '0;
      late_q   <= 1'b0;
    end else begin
      fenced_q <= fenced_d;
      late_q   <= (late_q || may_take) && !take_o;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take_o) next_place_q[at] <= place + 1'b1;
  end

  logic unused;
  assign unused = ^{front_i.head, front_i.linked, desc.flags};

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(FrontOfAChannel, !front_valid_i || 32'(front_i.chan) < Channels)
  `CW_ASSERT(FrontErrorIsOfFetch,
      !front_valid_i || front_i.error inside {DmaOk, DmaDescFetch, DmaStale})
  `CW_ASSERT(OpenOnlyWithRoom, !open_valid_o || (room_i[at] && enable_i[at]))
  `CW_ASSERT(EntryNotTooLong, !take_o || !start_good_o || 32'(place) < MaxSegments)
  `CW_ASSERT(BusyInsideEntry, !front_valid_i || !busy_i[at] || begun)

endmodule
