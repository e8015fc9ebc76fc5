// SPDX-License-Identifier: Apache-2.0
//
// When a device owes PM_PME and PME_TO_Ack. A function tells of its PME once when PME_Status and
// PME_En meet, and again as long as nobody serves it. PME_Turn_Off is acknowledged each time; after
// it no PM_PME is owed until a reset.
// Spec: PCIe Base 5.3.3.2 (PME_Turn_Off), 5.3.3.3.1 (PME service timeout: 100 ms, +50 %, -5 %).
`include "cw_assert.svh"
module cw_pme
  import cw_cfg_pkg::*;
#(
  parameter int unsigned Functions    = 1,
  parameter int unsigned ServiceTicks = 400  // until a PME counts as lost
) (
  input  logic                       clk_i,
  input  logic                       rst_i,
  input  logic                       tick_i,      // one clock each quarter of a millisecond or so

  input  cfg_state_t [Functions-1:0] state_i,
  input  logic                       turn_off_i,  // PME_Turn_Off was received; one clock

  // Owed until sent
  output logic       [Functions-1:0] pme_o,
  input  logic       [Functions-1:0] pme_sent_i,
  output logic                       ack_o,
  input  logic                       ack_sent_i
);

  localparam int unsigned AgeW = $clog2(ServiceTicks + 1);

  logic [Functions-1:0]           asked, told_q, lost;
  logic [Functions-1:0][AgeW-1:0] age_q;  // ticks since it was told
  logic                           off_q;
  logic [3:0]                     acks_q;  // owed; no root waits for more than one

  for (genvar f = 0; f < Functions; f++) begin : gen_function
    assign asked[f] = state_i[f].pme_status && state_i[f].pme_enable && !off_q;
    assign lost[f]  = 32'(age_q[f]) >= ServiceTicks;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      told_q <= '0;
      off_q  <= 1'b0;
      acks_q <= '0;
    end else begin
      told_q <= asked & (pme_sent_i | (told_q & ~lost));
      off_q  <= off_q || turn_off_i;
      acks_q <= acks_q + 4'(turn_off_i && acks_q != '1) - 4'(ack_sent_i);
    end
  end

  // No reset: meaningful only with told_q.
  always_ff @(posedge clk_i) begin
    for (int unsigned f = 0; f < Functions; f++) begin
      if (pme_sent_i[f]) age_q[f] <= '0;
      else if (tick_i && !lost[f]) age_q[f] <= age_q[f] + AgeW'(1);
    end
  end

  assign pme_o = asked & ~told_q;
  assign ack_o = acks_q != '0;

  `CW_REQUIRE(ServiceTicks >= 1, "a PME needs time to be served")
  `CW_ASSERT(NothingAfterTurnOff, !off_q || pme_o == '0)
  `CW_ASSERT(OnlyOwedIsSent, (pme_sent_i & ~pme_o) == '0 && (!ack_sent_i || ack_o))

endmodule
