// SPDX-License-Identifier: Apache-2.0
//
// Says when every request that was accepted before a fence began is finished in memory: one that
// has no answer yet may still hold a translation from before. Requests of a flow, which is
// a port of one path, finish in the order in which they were accepted. Each user raises `drain` and
// holds it until `drained`, which then lasts until it lets go.
// Spec: RISC-V IOMMU, IOFENCE.C (PR, PW), ddtp (change of mode).
`include "cw_assert.svh"
module cw_iommu_drain import cw_iommu_pkg::*; #(
  parameter int unsigned Users  = 2,
  parameter int unsigned Flows  = Ports,  // ports, of each path
  parameter int unsigned CountW = 10      // counts more than are ever accepted and not ended
) (
  input  logic             clk_i,
  input  logic             rst_i,

  // By flow: a request was accepted; a request is in memory, or was refused
  input  logic [Flows-1:0] accepted_i,
  input  logic [Flows-1:0] retired_i,

  input  logic [Users-1:0] drain_i,
  output logic [Users-1:0] drained_o
);

  typedef logic [CountW-1:0] count_t;

  count_t [Flows-1:0]            accepted_q, retired_q;
  count_t [Users-1:0][Flows-1:0] mark_q;      // no reset: read only where marked_q
  logic   [Users-1:0]            marked_q;
  logic   [Users-1:0][Flows-1:0] reached, reached_q;  // by what retires, since the mark

  always_comb begin
    for (int unsigned user = 0; user < Users; user++) begin
      for (int unsigned flow = 0; flow < Flows; flow++) begin
        reached[user][flow] = reached_q[user][flow] || mark_q[user][flow] == retired_q[flow];
      end
      drained_o[user] = drain_i[user] && marked_q[user] && reached[user] == '1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      accepted_q <= '0;
      retired_q  <= '0;
      marked_q   <= '0;
    end else begin
      for (int unsigned flow = 0; flow < Flows; flow++) begin
        accepted_q[flow] <= accepted_q[flow] + count_t'(accepted_i[flow]);
        retired_q[flow]  <= retired_q[flow] + count_t'(retired_i[flow]);
      end
      marked_q <= drain_i;
    end
    // A flow that has reached its mark goes on, however long the other one takes.
    for (int unsigned user = 0; user < Users; user++) begin
      reached_q[user] <= marked_q[user] ? reached[user] : '0;
      if (drain_i[user] && !marked_q[user]) mark_q[user] <= accepted_q;
    end
  end

  for (genvar flow = 0; flow < Flows; flow++) begin : gen_flow
    `CW_ASSERT(RetiredWasAccepted, !retired_i[flow] || accepted_q[flow] != retired_q[flow])
    `CW_ASSERT(CountInRange, !accepted_i[flow] || retired_i[flow]
        || count_t'(accepted_q[flow] + 1'b1) != retired_q[flow])
  end

endmodule
