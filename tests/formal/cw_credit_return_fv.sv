// SPDX-License-Identifier: Apache-2.0
//
// A receive buffer cannot overflow while its partner keeps to the credits: what is advertised fits,
// in TLPs and in beats, whatever their sizes, however late the partner hears of what came free. The
// partner is cw_credit_counter, one for headers and one for data. Spec: PCIe Base 2.6.1.
`include "cw_fv.svh"
module cw_credit_return_fv
  import cw_port_pkg::*;
#(
  parameter  int unsigned W       = 256,
  parameter  int unsigned Hdrs    = 2,
  parameter  int unsigned Beats   = 16,
  localparam int unsigned SlotW   = $clog2(Hdrs),
  localparam int unsigned PerBeat = W / 128  // data credits
) (
  input logic             clk_i,
  input logic             rst_i,
  input logic             send_i,
  input logic             drop_i,       // it is dropped as it arrives
  input logic [5:0]       data_i,       // its data credits: 512 bytes at most
  input logic             leave_i,
  input logic [SlotW-1:0] leave_slot_i,
  input logic [11:0]      hear_hdr_i,   // how much of what came free the partner hears of now
  input logic [11:0]      hear_data_i
);

  localparam logic [5:0] MostData = 6'd32;

  class_fc_t   fc;
  logic        hdr_ok, data_ok, come;
  logic [11:0] hdr_consumed, data_consumed;
  logic [11:0] hdr_heard_q, data_heard_q;   // limits as the partner knows them

  // The buffer: TLPs that are inside, in no order, with their data credits.
  logic [Hdrs-1:0]      used_q;
  logic [Hdrs-1:0][5:0] data_q;
  logic [SlotW-1:0]     free_slot;
  logic [11:0]          tlps, data, beats;  // inside

  assign come = send_i && !drop_i;

  cw_credit_return #(.W(W), .Hdrs(Hdrs), .Beats(Beats)) u_dut (
    .clk_i,
    .rst_i,
    .taken_i        (leave_i),
    .taken_data_i   (9'(data_q[leave_slot_i])),
    .dropped_i      (send_i && drop_i),
    .dropped_data_i (9'(data_i)),
    .fc_o           (fc)
  );

  cw_credit_counter u_hdr (
    .clk_i,
    .rst_i,
    .limit_i    (hdr_heard_q),
    .infinite_i (1'b0),
    .need_i     (9'd1),
    .ok_o       (hdr_ok),
    .consume_i  (send_i),
    .consumed_o (hdr_consumed)
  );

  cw_credit_counter u_data (
    .clk_i,
    .rst_i,
    .limit_i    (data_heard_q),
    .infinite_i (1'b0),
    .need_i     (9'(data_i)),
    .ok_o       (data_ok),
    .consume_i  (send_i),
    .consumed_o (data_consumed)
  );

  always_comb begin
    free_slot = '0;
    tlps      = '0;
    data      = '0;
    beats     = '0;
    for (int unsigned s = 0; s < Hdrs; s++) begin
      if (!used_q[s]) begin
        free_slot = SlotW'(s);
      end else begin
        tlps  = tlps + 12'd1;
        data  = data + 12'(data_q[s]);
        beats = beats + (12'(data_q[s]) + 12'(PerBeat - 1)) / 12'(PerBeat);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      used_q       <= '0;
      hdr_heard_q  <= '0;
      data_heard_q <= '0;
    end else begin
      hdr_heard_q  <= hdr_heard_q + hear_hdr_i;
      data_heard_q <= data_heard_q + hear_data_i;
      if (leave_i) used_q[leave_slot_i] <= 1'b0;
      if (come)    used_q[free_slot]    <= 1'b1;
    end
    if (come) data_q[free_slot] <= data_i;
  end

  `CW_FV_RESET
  `CW_ASSUME(KeepsToTheCredits, !send_i || (hdr_ok && data_ok))
  `CW_ASSUME(SendsLegalPayloads, data_i <= MostData)
  `CW_ASSUME(LeavesFromInside, !leave_i || used_q[leave_slot_i])
  `CW_ASSUME(HearsOfWhatIsFree, hear_hdr_i <= fc.hdr_limit - hdr_heard_q
      && hear_data_i <= fc.data_limit - data_heard_q)

  `CW_ASSERT(RoomForEveryTlp, !come || used_q != '1)
  `CW_ASSERT(RoomForEveryBeat, 32'(beats) <= Beats)

  // What makes the proof inductive: what is granted is consumed, heard of, or still to be heard of.
  `CW_ASSERT(HeadersAddUp, fc.hdr_limit == hdr_consumed + 12'(Hdrs) - tlps
      && fc.hdr_limit - hdr_heard_q <= 12'(Hdrs) - tlps)
  `CW_ASSERT(DataAddsUp, fc.data_limit == data_consumed + 12'(u_dut.Data) - data
      && data <= 12'(u_dut.Data) && fc.data_limit - data_heard_q <= 12'(u_dut.Data) - data)
  for (genvar s = 0; s < Hdrs; s++) begin : gen_slot
    `CW_ASSERT(PayloadIsLegal, !used_q[s] || data_q[s] <= MostData)
  end

endmodule
