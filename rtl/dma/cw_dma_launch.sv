// SPDX-License-Identifier: Apache-2.0
//
// Takes descriptors in order, refuses the bad ones, and starts the others: opens an entry with its
// first descriptor, hands every transfer to the splitter, closes the entry with its last chunk.
// Once an entry has an error, nothing more of it is started.
// Spec: docs/dma.md, "Errors".
`include "cw_assert.svh"
module cw_dma_launch
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Slots        = 8,      // entries in flight
  parameter  int unsigned CardMemBytes = 65536,
  localparam int unsigned SlotW        = $clog2(Slots)
) (
  input  logic             clk_i,
  input  logic             rst_i,

  // Descriptors
  input  desc_t            desc_i,
  input  logic             desc_first_i,
  input  logic             desc_failed_i,
  input  logic             desc_valid_i,
  output logic             desc_ready_o,
  output logic             desc_follow_o,

  // Entries: opened, closed, and whether one has failed
  output logic [15:0]      open_tag_o,
  output logic             open_irq_o,
  output logic             open_valid_o,
  input  logic             open_ready_i,
  input  logic [SlotW-1:0] open_slot_i,
  output logic [SlotW-1:0] slot_o,         // of the transfer in the splitter
  output logic             close_o,        // pulse: slot_o gets no more chunks
  output dma_error_e       close_error_o,
  input  logic             slot_failed_i,  // slot_o has an error

  // Transfers
  output transfer_t        transfer_o,
  output logic             transfer_valid_o,
  input  logic             transfer_ready_i,
  input  logic             end_i           // pulse: the transfer is cut
);

  localparam int unsigned PosW = $clog2(MaxChain);

  logic [PosW-1:0]  pos_q, pos_d;          // place of the descriptor in its chain
  logic [SlotW-1:0] slot_q, slot_d;
  logic             last_q, last_d;        // the transfer in the splitter is the entry's last
  dma_error_e       end_error_q, end_error_d;
  dma_error_e       found;
  logic             good, at_limit, taken, refused_q, refused_d;
  dma_error_e       refusal_q, refusal_d;

  assign found    = desc_failed_i ? DmaDescFetch : desc_error(desc_i, CardMemBytes);
  assign good     = found == DmaOk && (desc_first_i || !slot_failed_i);
  assign at_limit = pos_q == PosW'(MaxChain - 1);

  // A refusal closes the entry a clock later, so one may not meet the next descriptor.
  assign desc_ready_o = transfer_ready_i && !refused_q && (!desc_first_i || open_ready_i);
  assign taken        = desc_valid_i && desc_ready_o;
  assign desc_follow_o = good && desc_i.chain && !at_limit;

  assign open_tag_o   = desc_failed_i ? '0 : desc_i.tag;
  assign open_irq_o   = desc_failed_i || desc_i.irq;
  assign open_valid_o = taken && desc_first_i;

  assign transfer_o       = '{iova: desc_i.iova, card_addr: 32'(desc_i.card_addr),
                              bytes: desc_i.bytes};
  assign transfer_valid_o = taken && good;

  assign slot_o        = slot_q;
  assign close_o       = refused_q || (end_i && last_q);
  assign close_error_o = refused_q ? refusal_q : end_error_q;

  always_comb begin
    pos_d       = pos_q;
    slot_d      = slot_q;
    last_d      = last_q;
    end_error_d = end_error_q;
    refused_d   = taken && !good;
    refusal_d   = found;
    if (taken) begin
      pos_d       = desc_follow_o ? pos_q + 1'b1 : '0;
      slot_d      = desc_first_i ? open_slot_i : slot_q;
      last_d      = !desc_follow_o;
      end_error_d = desc_i.chain && at_limit ? DmaChainLong : DmaOk;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      pos_q     <= '0;
      refused_q <= 1'b0;
    end else begin
      pos_q     <= pos_d;
      refused_q <= refused_d;
    end
  end

  // No reset: meaningful only with a transfer in the splitter or a refusal.
  always_ff @(posedge clk_i) begin
    slot_q      <= slot_d;
    last_q      <= last_d;
    end_error_q <= end_error_d;
    refusal_q   <= refusal_d;
  end

  `CW_REQUIRE(CardMemBytes >= 64, "card memory is smaller than a beat")
  `CW_ASSERT(StartOnlyInsideCard, !transfer_valid_o
      || 33'(transfer_o.card_addr) + 33'(transfer_o.bytes) <= 33'(CardMemBytes))
  `CW_ASSERT(StartNothingAfterAnError, !transfer_valid_o || desc_first_i || !slot_failed_i)
  `CW_ASSERT(OneCloseAtATime, !(refused_q && end_i))
  `CW_ASSERT(FirstIsPlaceZero, !desc_valid_i || desc_first_i == (pos_q == '0))

endmodule
