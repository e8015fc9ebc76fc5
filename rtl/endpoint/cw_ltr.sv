// SPDX-License-Identifier: Apache-2.0
//
// When a device owes an LTR message: soon after software enables them, and when its latencies (or
// the largest that software allows) change, but no third one within 500 us. When they are disabled,
// or function 0 leaves D0, the last requirement that was told is taken back at once.
// Spec: PCIe Base 6.18 (LTR mechanism), 2.2.8.8 (LTR message), 7.8.2 (largest latencies).
`include "cw_assert.svh"
module cw_ltr (
  input  logic                   clk_i,
  input  logic                   rst_i,
  input  logic                   tick_i,   // one clock each quarter of a millisecond or more

  input  cw_cfg_pkg::cfg_state_t state_i,  // of function 0, which speaks for the device
  input  cw_msg_pkg::ltr_t       ltr_i,    // what the user's logic tolerates now
  input  cw_msg_pkg::ltr_t       max_i,    // what it may ask for

  // Owed until sent, with what is to be said
  output logic                   owed_o,
  output cw_msg_pkg::ltr_t       ltr_o,
  input  logic                   sent_i
);

  cw_msg_pkg::ltr_t told_q;        // last
  cw_msg_pkg::ltr_t wish;
  logic             active, required, first_q;
  logic [1:0]       quiet_q;       // ticks to come until the next

  assign active   = state_i.ltr_enable && state_i.power == cw_cfg_pkg::PowerD0;
  assign required = told_q.snoop.requirement || told_q.no_snoop.requirement;
  assign wish     = '{snoop:    cw_msg_pkg::at_most(ltr_i.snoop, max_i.snoop),
                      no_snoop: cw_msg_pkg::at_most(ltr_i.no_snoop, max_i.no_snoop)};
  assign ltr_o    = active ? wish : '0;
  assign owed_o   = active ? (first_q || wish != told_q) && quiet_q == '0 : required;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      told_q  <= '0;
      first_q <= 1'b1;
      quiet_q <= '0;
    end else begin
      if (sent_i) told_q <= ltr_o;
      first_q <= !active || (first_q && !sent_i);
      if (sent_i) quiet_q <= 2'd2;  // more than one whole tick
      else if (tick_i && quiet_q != '0) quiet_q <= quiet_q - 2'd1;
    end
  end

  `CW_ASSERT(OnlyOwedIsSent, !sent_i || owed_o)
  `CW_ASSERT(NoRequirementWhileInactive, active || ltr_o == '0)
  `CW_ASSERT(NoMoreThanAllowed, (!ltr_o.snoop.requirement
      || !cw_msg_pkg::longer(ltr_o.snoop, max_i.snoop)) && (!ltr_o.no_snoop.requirement
      || !cw_msg_pkg::longer(ltr_o.no_snoop, max_i.no_snoop)))

endmodule
