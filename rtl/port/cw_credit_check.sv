// SPDX-License-Identifier: Apache-2.0
//
// CREDITS_RECEIVED of one class: whether the TLP that begins here has been granted. One that has
// not is not counted. Spec: PCIe Base 2.6.1.2 (receiver overflow).
`include "cw_assert.svh"
module cw_credit_check
  import cw_port_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_i,

  input  class_fc_t  fc_i,     // CREDITS_ALLOCATED of the class

  // A TLP of the class begins: one header credit and these data credits
  input  logic [8:0] data_i,
  input  logic       begin_i,
  output logic       over_o    // more than granted
);

  logic        hdr_ok, data_ok, counts;
  logic [11:0] hdrs, data;

  assign over_o = !(hdr_ok && data_ok);
  assign counts = begin_i && !over_o;

  cw_credit_counter u_hdr (
    .clk_i,
    .rst_i,
    .limit_i    (fc_i.hdr_limit),
    .infinite_i (fc_i.hdr_infinite),
    .need_i     (9'd1),
    .ok_o       (hdr_ok),
    .consume_i  (counts),
    .consumed_o (hdrs)
  );

  cw_credit_counter u_data (
    .clk_i,
    .rst_i,
    .limit_i    (fc_i.data_limit),
    .infinite_i (fc_i.data_infinite),
    .need_i     (data_i),
    .ok_o       (data_ok),
    .consume_i  (counts),
    .consumed_o (data)
  );

  `CW_ASSERT(HeadersWithinGrant, fc_i.hdr_infinite || 12'(fc_i.hdr_limit - hdrs) <= 12'd2048)
  `CW_ASSERT(DataWithinGrant, fc_i.data_infinite || 12'(fc_i.data_limit - data) <= 12'd2048)

endmodule
