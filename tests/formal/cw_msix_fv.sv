// SPDX-License-Identifier: Apache-2.0
//
// MSI-X of one vector, whichever the prover picks: every event sets its pending bit, its message
// alone clears it, an event in the clock of the message is not lost, nothing is sent while masked
// or disabled, each message has an event, and a vector that may be sent is sent in time.
// Spec: PCIe Base 6.1.4.3 to 6.1.4.6, 7.7.2.
`include "cw_fv.svh"
module cw_msix_fv
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned Vectors    = 3,
  parameter  int unsigned TurnClocks = 24,  // in which a vector that may be is sent; 0: not said
  localparam int unsigned VectorW    = Vectors > 1 ? $clog2(Vectors) : 1,
  localparam int unsigned TurnW      = $clog2(TurnClocks + 2),
  localparam int unsigned Padded     = (Vectors + 31) / 32 * 32
) (
  input logic                   clk_i,
  input logic                   rst_i,
  input cw_cfg_pkg::cfg_state_t state_i,
  input logic [Vectors-1:0]     irq_i,
  input logic                   reg_valid_i,
  input logic                   reg_pba_i,
  input reg_req_t               reg_req_i,
  input logic                   ready_i,
  input logic [VectorW-1:0]     vector_i  // the one that is followed
);

  localparam logic [31:0] TableOffset = 32'h0;
  localparam logic [31:0] PbaOffset   = 32'h1000;
  localparam logic [3:0]  CtrlByte    = 4'd12;  // Vector Control in an entry of 16 bytes

  logic          reg_ready, valid;
  logic [31:0]   reg_rdata;
  msix_message_t message;

  cw_msix #(.Vectors(Vectors), .TableOffset(TableOffset), .PbaOffset(PbaOffset)) u_dut (
    .clk_i,
    .rst_i,
    .state_i,
    .irq_i,
    .reg_valid_i,
    .reg_pba_i,
    .reg_req_i,
    .reg_ready_o (reg_ready),
    .reg_rdata_o (reg_rdata),
    .message_o   (message),
    .valid_o     (valid),
    .ready_i
  );

  `CW_FV_RESET
  `CW_ASSUME(FollowsOne, 32'(vector_i) < Vectors && (!started_q || $stable(vector_i)))
  `CW_ASSUME(AccessInside, !reg_valid_i || (reg_req_i.addr[1:0] == '0 && (reg_pba_i
      ? reg_req_i.addr inside {PbaOffset, PbaOffset + 32'd4}
      : reg_req_i.addr < TableOffset + 32'(16 * Vectors))))
  `CW_ASSUME_HELD(AccessHeld, reg_valid_i, reg_ready, {reg_pba_i, reg_req_i})

  // The followed vector: its event, its message, its mask as software wrote it.
  logic [Padded-1:0] all_sent, all_pending, all_mask;
  logic              writes_ctrl, event_now, sent, may_send;
  logic              pending_q, mask_q;

  assign all_sent    = u_dut.sent;
  assign all_pending = u_dut.pending_q;
  assign all_mask    = u_dut.mask;
  assign event_now   = irq_i[vector_i];
  assign sent        = all_sent[vector_i];
  assign writes_ctrl = reg_valid_i && reg_ready && reg_req_i.write && !reg_pba_i && reg_req_i.be[0]
                    && reg_req_i.addr == TableOffset + {24'(vector_i), CtrlByte};
  assign may_send    = state_i.msix_enable && !state_i.msix_mask && state_i.bus_master_enable
                    && state_i.id_valid && state_i.power == cw_cfg_pkg::PowerD0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      pending_q <= 1'b0;
      mask_q    <= 1'b1;
    end else begin
      pending_q <= event_now || (pending_q && !sent);
      if (writes_ctrl) mask_q <= reg_req_i.wdata[0];
    end
  end

  // How long the vector could have been sent, with nothing in its way.
  logic [TurnW-1:0] waits_q;
  logic             waits;

  assign waits = pending_q && !mask_q && may_send && ready_i && !reg_valid_i;

  always_ff @(posedge clk_i) begin
    if (rst_i || !waits || sent) waits_q <= '0;
    else                         waits_q <= waits_q + 1'b1;
  end

  `CW_ASSERT(PendingIsKept, all_pending[vector_i] == pending_q)
  `CW_ASSERT(PendingIsShown, !(reg_valid_i && reg_ready && reg_pba_i && !reg_req_i.write
      && reg_req_i.addr == PbaOffset + 32'(vector_i / 32 * 4))
      || reg_rdata[5'(vector_i)] == pending_q)
  `CW_ASSERT(MaskIsKept, all_mask[vector_i] == mask_q)
  `CW_ASSERT(MaskedNeverSent, !sent || !$past(mask_q))
  `CW_ASSERT(DisabledNeverSent, !sent || $past(may_send))
  `CW_ASSERT(SentOncePerEvent, !sent || pending_q)
  `CW_ASSERT(SentIsOffered, !sent || (valid && ready_i))
  `CW_ASSERT(EveryVectorHasItsTurn, TurnClocks == 0 || 32'(waits_q) < TurnClocks)

endmodule
