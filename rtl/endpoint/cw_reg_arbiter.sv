// SPDX-License-Identifier: Apache-2.0
//
// Shares the register bus between the posted writes (client 0) and the reads (client 1), dword by
// dword and fairly. A client asks only when it can take the answer, so the bus never waits for one.
`include "cw_assert.svh"
module cw_reg_arbiter
  import cw_endpoint_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_i,

  // Clients; the answer comes with ready
  input  logic [1:0]     client_valid_i,
  input  reg_req_t [1:0] client_req_i,
  output logic [1:0]     client_ready_o,

  // Bus
  output logic           reg_valid_o,
  output reg_req_t       reg_req_o,
  input  logic           reg_ready_i
);

  logic [1:0] grant;
  logic       index;

  cw_rr_arbiter #(.N(2)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (client_valid_i),
    .take_i  (reg_valid_o && reg_ready_i),
    .lock_i  (1'b0),
    .grant_o (grant),
    .index_o (index),
    .any_o   (reg_valid_o)
  );

  assign reg_req_o      = index ? client_req_i[1] : client_req_i[0];
  assign client_ready_o = grant & {2{reg_ready_i}};

  `CW_ASSERT(OneClientAtATime, $onehot0(client_ready_o))
  `CW_ASSERT_HELD(RequestHeld, reg_valid_o, reg_ready_i, reg_req_o)

endmodule
