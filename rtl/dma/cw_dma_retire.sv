// SPDX-License-Identifier: Apache-2.0
//
// Keeps the books of up to `Slots` ring entries in flight and ends them in ring order: when every
// chunk of the oldest has landed, its completion record leaves, and only then the interrupt.
// Spec: docs/dma.md, "Completion record"; PCIe Base 2.4.1 (posted writes stay in order).
`include "cw_assert.svh"
module cw_dma_retire
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W         = 256,  // bits of a beat
  parameter  int unsigned Slots     = 8,    // entries in flight
  parameter  int unsigned MaxChunks = 63,   // of one entry in flight
  localparam int unsigned SlotW     = $clog2(Slots),
  localparam int unsigned ChunksW   = $clog2(MaxChunks + 1)
) (
  input  logic             clk_i,
  input  logic             rst_i,
  output logic             busy_o,

  // Entries opened, in ring order
  input  logic [15:0]      open_tag_i,
  input  logic             open_irq_i,
  input  logic             open_valid_i,
  output logic             open_ready_o,
  output logic [SlotW-1:0] open_slot_o,

  // The entry being cut
  input  logic [SlotW-1:0] slot_i,
  input  logic             issued_i,       // pulse: one more chunk of it is on its way
  output logic             chunk_room_o,   // one more may be issued
  input  logic             close_i,        // pulse: no more chunks, perhaps after this one
  input  dma_error_e       close_error_i,
  output logic             slot_failed_o,

  // Chunks, or parts of them, that landed
  input  landed_t          landed_i,
  input  logic             landed_valid_i,

  // The ring's place for the oldest entry
  input  logic [15:0]      head_i,
  input  logic             phase_i,
  input  logic [63:0]      record_iova_i,
  output logic             retired_o,      // pulse: its record has left
  output logic             halt_o,         // pulse: so has one that stops the channel
  output logic             entry_error_o,  // pulse
  output logic             irq_o,          // pulse

  // Completion records to host memory
  output wr_beat_t         wr_beat_o,
  output logic [W-1:0]     wr_data_o,
  output logic             wr_valid_o,
  input  logic             wr_ready_i
);

  logic [SlotW-1:0]                   open_q, oldest_q;
  logic [Slots-1:0]                   used_q, irq_q, halts_q, closed_q, complete;
  logic [Slots-1:0][15:0]             tag_q;
  dma_error_e [Slots-1:0]             error_q;
  logic [Slots-1:0][EntryBytesW-1:0]  bytes_q;
  logic [Slots-1:0][ChunksW-1:0]      chunks_q;
  logic                               send_q, send_d, second_q, second_d;
  logic                               load, sent;
  record_t                            record_q, record_d;
  logic                               record_irq_q, record_halts_q;

  assign open_ready_o  = !used_q[open_q];
  assign open_slot_o   = open_q;
  assign busy_o        = used_q != '0 || send_q || irq_o;
  assign chunk_room_o  = 32'(chunks_q[slot_i]) != MaxChunks;
  assign slot_failed_o = error_q[slot_i] != DmaOk;

  for (genvar s = 0; s < Slots; s++) begin : gen_slot
    logic opens, issues, closes, lands, ends;
    assign opens  = open_valid_i && open_ready_o && open_q == SlotW'(s);
    assign issues = issued_i && slot_i == SlotW'(s);
    assign closes = close_i && slot_i == SlotW'(s);
    assign lands  = landed_valid_i && landed_i.slot == 4'(s);
    assign ends   = lands && landed_i.ends;

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        used_q[s] <= 1'b0;
      end else begin
        if (load && oldest_q == SlotW'(s)) used_q[s] <= 1'b0;
        if (opens) used_q[s] <= 1'b1;
      end
    end

    // No reset: written when the slot is opened.
    always_ff @(posedge clk_i) begin
      if (opens) begin
        tag_q[s]    <= open_tag_i;
        irq_q[s]    <= open_irq_i;
        halts_q[s]  <= 1'b0;
        closed_q[s] <= 1'b0;
        error_q[s]  <= DmaOk;
        bytes_q[s]  <= '0;
        chunks_q[s] <= '0;
      end else begin
        if (lands) bytes_q[s] <= bytes_q[s] + EntryBytesW'(landed_i.bytes);
        if (closes) closed_q[s] <= 1'b1;
        chunks_q[s] <= chunks_q[s] + ChunksW'(issues) - ChunksW'(ends);
        if (error_q[s] == DmaOk) begin  // the first error counts
          if (ends && landed_i.error != DmaOk) error_q[s] <= landed_i.error;
          else if (closes)                     error_q[s] <= close_error_i;
        end
        if (closes && close_error_i == DmaDescFetch) begin  // the driver must hear of it
          halts_q[s] <= 1'b1;
          irq_q[s]   <= 1'b1;
        end
      end
    end

    assign complete[s] = used_q[s] && closed_q[s] && chunks_q[s] == '0;

    `CW_ASSERT(ChunksNeverBelowZero, !(ends && !issues) || chunks_q[s] != '0)
    `CW_ASSERT(LandsOnlyInFlight, !lands || (used_q[s] && chunks_q[s] != '0))
    `CW_ASSERT(IssuesOnlyWhileOpen, !issues || (used_q[s] && !closed_q[s]))
    `CW_ASSERT(ClosesOnce, !closes || (used_q[s] && !closed_q[s]))
  end

  assign load = complete[oldest_q] && !send_q;

  always_comb begin
    record_d            = '0;
    record_d.bytes_done = 64'(bytes_q[oldest_q]);
    record_d.index      = head_i;
    record_d.tag        = tag_q[oldest_q];
    record_d.error      = error_q[oldest_q];
    record_d.phase      = phase_i;
  end

  // A record takes two beats where a beat has only 8 bytes.
  localparam bit TwoBeats = W / 8 < RecordBytes;

  assign wr_valid_o  = send_q;
  assign wr_beat_o   = '{iova: record_iova_i, bytes: 13'(RecordBytes), sop: !second_q,
                         eop: !TwoBeats || second_q, default: '0};
  if (TwoBeats) begin : gen_two_beats
    assign wr_data_o = second_q ? W'(record_q >> W) : W'(record_q);
  end else begin : gen_one_beat
    assign wr_data_o = W'(record_q);
  end

  assign sent     = wr_valid_o && wr_ready_i && wr_beat_o.eop;
  assign send_d   = load || (send_q && !sent);
  assign second_d = wr_valid_o && wr_ready_i ? !wr_beat_o.eop : second_q;

  assign halt_o        = sent && record_halts_q;
  assign retired_o     = sent && !halt_o;
  assign entry_error_o = sent && record_q.error != DmaOk;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q   <= '0;
      oldest_q <= '0;
      send_q   <= 1'b0;
      second_q <= 1'b0;
      irq_o    <= 1'b0;
    end else begin
      if (open_valid_i && open_ready_o) open_q <= open_q + 1'b1;
      if (load) oldest_q <= oldest_q + 1'b1;
      send_q   <= send_d;
      second_q <= second_d;
      irq_o    <= sent && record_irq_q;
    end
  end

  // No reset: meaningful only with send_q.
  always_ff @(posedge clk_i) begin
    if (load) record_q <= record_d;
    if (load) record_irq_q <= irq_q[oldest_q];
    if (load) record_halts_q <= halts_q[oldest_q];
  end

  `CW_REQUIRE(Slots inside {2, 4, 8, 16}, "landed_t.slot has four bits")
  `CW_ASSERT(OpenOnlyFree, !open_valid_i || open_ready_o)
  `CW_ASSERT(IssueOnlyWithRoom, !issued_i || chunk_room_o)
  `CW_ASSERT_HELD(RecordHeld, wr_valid_o, wr_ready_i, {wr_beat_o, wr_data_o})

endmodule
