// SPDX-License-Identifier: Apache-2.0
//
// Joins channels into one by whole TLPs, in turn among those that have one. Nothing is held: a beat
// passes in the clock in which it is taken, and what has been offered stays on offer.
`include "cw_assert.svh"
module cw_tlp_merge
  import cw_tlp_pkg::*;
#(
  parameter  int unsigned W      = 256,  // bits of a beat
  parameter  int unsigned N      = 2,    // channels
  localparam int unsigned IndexW = $clog2(N)
) (
  input  logic                clk_i,
  input  logic                rst_i,

  input  tlp_ctl_t [N-1:0]    in_ctl_i,
  input  logic [N-1:0][W-1:0] in_data_i,
  input  logic [N-1:0]        in_valid_i,
  output logic [N-1:0]        in_ready_o,

  output tlp_ctl_t            out_ctl_o,
  output logic [W-1:0]        out_data_o,
  output logic                out_valid_o,
  input  logic                out_ready_i
);

  logic [N-1:0]      grant;
  logic [IndexW-1:0] from;

  cw_rr_arbiter #(.N(N)) u_turn (
    .clk_i,
    .rst_i,
    .req_i  (in_valid_i),
    .take_i (out_valid_o && out_ready_i),
    .lock_i (!out_ctl_o.eop),
    .grant_o(grant),
    .index_o(from),
    .any_o  (out_valid_o)
  );

  assign out_ctl_o  = in_ctl_i[from];
  assign out_data_o = in_data_i[from];
  assign in_ready_o = out_ready_i ? grant : '0;

  `CW_REQUIRE(N >= 2, "one channel needs nobody to join it")
  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")
  `CW_ASSERT(OneAtATime, $onehot0(in_ready_o))
  // Data of a beat without payload mean nothing.
  `CW_ASSERT_HELD(TlpHeld, out_valid_o, out_ready_i,
                  {out_ctl_o, out_ctl_o.strb != '0 ? out_data_o : W'(0)})

endmodule
