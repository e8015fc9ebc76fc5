// SPDX-License-Identifier: Apache-2.0
//
// What a root port makes of the messages that come up: the levels of INTA to INTD, and one clock
// for each error, power management event, acknowledgement and latency report. A message counts
// when the posted requests before it are in memory. A reset of the link drops every level.
// Spec: PCIe Base 2.2.8.1 (INTx), 2.2.8.2 (power management), 2.2.8.3 (errors), 2.2.8.8 (LTR).
`include "cw_assert.svh"
module cw_root_messages
  import cw_tlp_pkg::*, cw_msg_pkg::*, cw_root_pkg::root_message_t;
(
  input  logic          clk_i,
  input  logic          rst_i,
  input  logic          link_reset_i,

  // A posted request is done with
  input  tlp_hdr_t      hdr_i,
  input  logic          take_i,

  output logic [3:0]    intx_o,  // INTA to INTD
  output root_message_t msg_o
);

  msg_hdr_t   msg;
  logic       seen;
  logic [3:0] intx_q, rise, fall;

  assign msg  = msg_hdr_t'(hdr_i);
  assign seen = take_i && is_msg(hdr_i) && msg_goes_up(msg);

  always_comb begin
    for (int unsigned n = 0; n < 4; n++) begin
      rise[n] = seen && msg.code == intx_message(2'(n), 1'b1);
      fall[n] = seen && msg.code == intx_message(2'(n), 1'b0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i || link_reset_i) intx_q <= '0;
    else                       intx_q <= (intx_q | rise) & ~fall;
  end

  assign intx_o = intx_q;
  assign msg_o  = '{
    err_cor:       seen && msg.code == MsgErrCor,
    err_non_fatal: seen && msg.code == MsgErrNonFatal,
    err_fatal:     seen && msg.code == MsgErrFatal,
    pm_pme:        seen && msg.code == MsgPmPme,
    pme_to_ack:    seen && msg.code == MsgPmeToAck,
    ltr:           seen && msg.code == MsgLtr,
    source:        msg.requester_id,
    latencies:     msg.dw3};

  `CW_ASSERT(OneKindAtATime, $onehot0({rise, fall, msg_o.err_cor, msg_o.err_non_fatal,
      msg_o.err_fatal, msg_o.pm_pme, msg_o.pme_to_ack, msg_o.ltr}))

endmodule
