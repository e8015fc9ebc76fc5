// SPDX-License-Identifier: Apache-2.0
//
// MSI of a function. A pulse on `irq_i[v]` sets the pending bit of vector v modulo the number of
// vectors that software grants; a pending vector that may be sent becomes one message, and the bit
// clears when that is taken. Vectors take turns. A message on offer is withdrawn when its vector
// or the function may no longer send. Spec: PCIe Base 6.1.4 (MSI), 7.7.1.
`include "cw_assert.svh"
module cw_msi
  import cw_endpoint_pkg::*;
(
  input  logic                     clk_i,
  input  logic                     rst_i,

  input  cw_cfg_pkg::cfg_state_t   state_i,

  // Interrupt events, one clock each
  input  logic [MaxMsiVectors-1:0] irq_i,

  // For the capability
  output logic [MaxMsiVectors-1:0] pending_o,

  // Messages: steady while valid, which may fall without ready
  output msix_message_t            message_o,
  output logic                     valid_o,
  input  logic                     ready_i
);

  localparam int unsigned VectorW = $clog2(MaxMsiVectors);

  // Bit v modulo 2^n for every bit v (6.1.4: a function with fewer vectors than it asked for).
  function automatic logic [MaxMsiVectors-1:0] fold(
      logic [MaxMsiVectors-1:0] bits, logic [2:0] vectors_log2);
    logic [MaxMsiVectors-1:0] folded;
    folded = bits;
    for (int unsigned half = MaxMsiVectors / 2; half >= 1; half /= 2) begin
      if ((32'd1 << vectors_log2) <= half) begin
        folded = (folded | folded >> half) & ((32'd1 << half) - 32'd1);
      end
    end
    return folded;
  endfunction

  logic [MaxMsiVectors-1:0] pending_q, sendable, sent, unused_grant;
  logic [VectorW-1:0]       choice, vector_q;
  logic                     sending_q, any, may_send;

  assign may_send = state_i.msi.enable && state_i.bus_master_enable && state_i.id_valid
                 && state_i.power == cw_cfg_pkg::PowerD0;
  assign sendable = may_send ? pending_q & ~state_i.msi.mask : '0;

  cw_rr_arbiter #(.N(MaxMsiVectors)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (sendable),
    .take_i  (!sending_q && any),
    .lock_i  (1'b0),
    .grant_o (unused_grant),
    .index_o (choice),
    .any_o   (any)
  );

  assign valid_o = sending_q && sendable[vector_q];

  always_comb begin
    sent = '0;
    sent[vector_q] = valid_o && ready_i;
  end

  // An event in the clock of the send is one more interrupt: set wins over clear.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      pending_q <= '0;
      sending_q <= 1'b0;
    end else begin
      pending_q <= fold((pending_q & ~sent) | irq_i, state_i.msi.vectors_log2);
      sending_q <= sending_q ? valid_o && !ready_i : any;
    end
  end

  // No reset: meaningful only with sending_q.
  always_ff @(posedge clk_i) if (!sending_q) vector_q <= choice;

  // The vector is below what is granted, whose bits of the data are zero for it.
  assign message_o = '{
      data:    {16'd0, state_i.msi.data & ~16'((32'd1 << state_i.msi.vectors_log2) - 32'd1)
                       | 16'(vector_q)},
      addr_hi: state_i.msi.address[63:32],
      addr_lo: state_i.msi.address[31:0]};
  assign pending_o = pending_q;

  `CW_ASSERT(SentWasPending, (sent & ~pending_q) == '0)
  `CW_ASSERT(NothingSentWhileDisabled, sent == '0 || may_send)
  `CW_ASSERT(PendingIsGranted, $changed(state_i.msi.vectors_log2)
      || fold(pending_q, state_i.msi.vectors_log2) == pending_q)

endmodule
