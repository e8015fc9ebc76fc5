// SPDX-License-Identifier: Apache-2.0
//
// Ends the digest of received TLPs: holds it against the ECRC of what came, if asked to. The header
// stays as it came, for the log; TD means nothing behind this module. Combinational.
// Spec: PCIe Base 2.7.1.
`include "cw_assert.svh"
module cw_ecrc_check
  import cw_tlp_pkg::*;
#(
  parameter int unsigned W       = 256,  // bits of a beat
  parameter bit          Present = 1'b1  // without it no digest is ever wrong
) (
  input  logic         clk_i,
  input  logic         rst_i,

  input  logic         check_i,    // ECRC Check Enable of any function

  // A beat, and whether it is taken in this clock
  input  tlp_ctl_t     ctl_i,
  input  logic [W-1:0] data_i,
  input  logic         valid_i,
  input  logic         ready_i,

  output tlp_ctl_t     ctl_o,
  output logic         wrong_o     // with the last beat: the TLP is not what was sent
);

  logic td, td_q;

  assign td = ctl_i.sop ? ctl_i.hdr.dw0.td : td_q;

  always_comb begin
    ctl_o        = ctl_i;
    ctl_o.digest = '0;
  end

  // No reset: meaningful only inside a TLP.
  always_ff @(posedge clk_i) begin
    if (valid_i && ready_i) td_q <= td;
  end

  if (Present) begin : gen_present
    logic        checks;
    logic [31:0] digest;

    assign checks  = valid_i && td && check_i;
    assign wrong_o = checks && ctl_i.eop && digest != ctl_i.digest;

    cw_ecrc #(.W(W)) u_ecrc (
      .clk_i,
      .rst_i,
      .ctl_i,
      .data_i,
      .enable_i(checks),
      .take_i  (valid_i && ready_i),
      .digest_o(digest)
    );
  end else begin : gen_absent
    assign wrong_o = 1'b0;
    logic unused;
    assign unused = &{1'b0, check_i, data_i};
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")
  `CW_ASSERT(WrongOnlyAtTheEnd, !wrong_o || (valid_i && ctl_i.eop && td))

endmodule
