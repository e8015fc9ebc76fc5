// SPDX-License-Identifier: Apache-2.0
//
// Says when every request that was accepted before a fence began is finished in memory: one that
// has no answer yet may still hold a translation from before. Requests of a port finish in the
// order in which they were accepted. Each user raises `drain` and holds it until `drained`, which
// then lasts until it lets go.
// Spec: RISC-V IOMMU, IOFENCE.C (PR, PW), ddtp (change of mode).
`include "cw_assert.svh"
module cw_iommu_drain import cw_iommu_pkg::*; #(
  parameter int unsigned Users  = 2,
  parameter int unsigned CountW = 10    // counts more than are ever accepted and not ended
) (
  input  logic             clk_i,
  input  logic             rst_i,

  // By port: a request was accepted; a request is in memory, or was refused
  input  logic [Ports-1:0] accepted_i,
  input  logic [Ports-1:0] retired_i,

  input  logic [Users-1:0] drain_i,
  output logic [Users-1:0] drained_o
);

  typedef logic [CountW-1:0] count_t;

  count_t [Ports-1:0]            accepted_q, retired_q;
  count_t [Users-1:0][Ports-1:0] mark_q;      // no reset: read only where marked_q
  logic   [Users-1:0]            marked_q;
  logic   [Users-1:0][Ports-1:0] reached, reached_q;  // by what retires, since the mark

  always_comb begin
    for (int unsigned user = 0; user < Users; user++) begin
      for (int unsigned port = 0; port < Ports; port++) begin
        reached[user][port] = reached_q[user][port] || mark_q[user][port] == retired_q[port];
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
      for (int unsigned port = 0; port < Ports; port++) begin
        accepted_q[port] <= accepted_q[port] + count_t'(accepted_i[port]);
        retired_q[port]  <= retired_q[port] + count_t'(retired_i[port]);
      end
      marked_q <= drain_i;
    end
    // A port that has reached its mark goes on, however long the other one takes.
    for (int unsigned user = 0; user < Users; user++) begin
      reached_q[user] <= marked_q[user] ? reached[user] : '0;
      if (drain_i[user] && !marked_q[user]) mark_q[user] <= accepted_q;
    end
  end

  for (genvar port = 0; port < Ports; port++) begin : gen_port
    `CW_ASSERT(RetiredWasAccepted, !retired_i[port] || accepted_q[port] != retired_q[port])
    `CW_ASSERT(CountInRange, !accepted_i[port] || retired_i[port]
        || count_t'(accepted_q[port] + 1'b1) != retired_q[port])
  end

endmodule
