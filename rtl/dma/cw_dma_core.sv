// SPDX-License-Identifier: Apache-2.0
//
// From descriptors to chunks: entries are begun, their transfers cut, and each entry is closed
// exactly once. A descriptor on offer that finds its path free is a chunk in the next clock.
// Spec: docs/dma.md.
`include "cw_assert.svh"
module cw_dma_core
  import cw_dma_pkg::*;
#(
  parameter int unsigned Channels     = 6,
  parameter kinds_t      Kinds        = every_kind(),
  parameter int unsigned CardMemBytes = 65536,
  parameter bit          AxiCard      = 1'b1    // there is memory behind the AXI4 port
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  logic   [2:0]               max_payload_i,  // encodings
  input  logic   [2:0]               max_read_i,
  input  share_t [Channels-1:0]      share_i,
  input  logic                       others_i,       // somebody else wants the bus
  input  logic   [Channels-1:0]      yield_i,        // gives way where its bytes go

  // Descriptors, each for one clock; one that is not taken comes again
  input  front_t                     front_i,
  input  logic                       front_valid_i,
  output logic                       take_o,
  output logic   [Channels-1:0]      want_o,         // may take one in the next clock

  // Channels
  input  logic   [Channels-1:0]      enable_i,       // 0: begins no entry
  input  logic   [Channels-1:0]      stop_i,         // halted: what is begun is closed
  output logic   [Channels-1:0]      begun_o,        // an entry is begun and not closed
  output logic   [Channels-1:0]      refused_o,      // pulse: halt it; it waits for stop_i

  // Entries
  input  logic   [Channels-1:0]      room_i,         // for one more
  input  logic   [Channels-1:0]      idle_i,         // all have ended
  output open_t                      open_o,
  output logic                       open_valid_o,
  output close_t                     close_o,        // a clock or more after it was opened
  output logic                       close_valid_o,

  // Streams: S2h
  input  stream_in_t [Channels-1:0]  stream_in_i,
  output logic   [Channels-1:0]      stream_take_o,  // pulse: stream_bytes_o are taken
  output logic   [12:0]              stream_bytes_o,

  // H2s
  input  stream_out_t [Channels-1:0] stream_out_i,
  output logic   [Channels-1:0]      reserve_valid_o,
  output stream_reserve_t            reserve_o,

  // Chunks, by path
  output chunk_t [NumPaths-1:0]      chunk_o,
  output logic   [NumPaths-1:0]      chunk_valid_o,
  input  logic   [NumPaths-1:0]      chunk_ready_i
);

  logic   [Channels-1:0] begun, blocked, pass, busy, ending;
  entry_t [Channels-1:0] entry;
  logic                  hold, start_valid, start_good, start_first, start_ready, step_valid;
  start_t                start;
  step_t                 step;
  dma_error_e            error;

  cw_dma_launch #(.Channels(Channels), .Kinds(Kinds)) u_launch (
    .clk_i, .rst_i,
    .front_i, .front_valid_i, .take_o, .want_o,
    .enable_i, .stop_i, .room_i, .idle_i,
    .begun_i       (begun),
    .blocked_i     (blocked),
    .entry_i       (entry),
    .open_o, .open_valid_o,
    .error_o       (error),
    .busy_i        (busy),
    .ending_i      (ending),
    .start_ready_i (start_ready),
    .start_o       (start),
    .start_valid_o (start_valid),
    .start_good_o  (start_good),
    .start_first_o (start_first)
  );

  cw_dma_jobs #(
    .Channels(Channels), .Kinds(Kinds), .CardMemBytes(CardMemBytes), .AxiCard(AxiCard)
  ) u_jobs (
    .clk_i, .rst_i,
    .max_payload_i, .max_read_i, .share_i, .others_i, .yield_i,
    .start_i       (start),
    .start_valid_i (start_valid),
    .start_good_i  (start_good),
    .start_first_i (start_first),
    .start_ready_o (start_ready),
    .busy_o        (busy),
    .ending_o      (ending),
    .entry_i       (entry),
    .pass_i        (pass),
    .stop_i,
    .hold_i        (hold),
    .step_o        (step),
    .step_valid_o  (step_valid),
    .stream_in_i, .stream_take_o, .stream_bytes_o,
    .stream_out_i, .reserve_valid_o, .reserve_o,
    .chunk_o, .chunk_valid_o, .chunk_ready_i
  );

  cw_dma_close #(.Channels(Channels)) u_close (
    .clk_i, .rst_i,
    .taken_valid_i (take_o),
    .taken_chan_i  (front_i.chan),
    .taken_head_i  (front_i.head),
    .taken_error_i (error),
    .step_i        (step),
    .step_valid_i  (step_valid),
    .hold_o        (hold),
    .stop_i,
    .begun_o       (begun),
    .pass_o        (pass),
    .blocked_o     (blocked),
    .entry_o       (entry),
    .refused_o,
    .close_o, .close_valid_o
  );

  assign begun_o = begun;

  `CW_ASSERT(TransferInsideEntry, (busy & ~begun) == '0)
  `CW_ASSERT(CloseAfterOpen, !(close_valid_o && open_valid_o)
      || close_o.chan != open_o.chan || close_o.entry != open_o.entry)

endmodule
