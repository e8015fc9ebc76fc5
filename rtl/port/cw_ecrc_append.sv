// SPDX-License-Identifier: Apache-2.0
//
// Gives the TLPs that are sent their digest where the function that sends them is asked to: TD with
// the header, the ECRC with the last beat. Combinational.
// Spec: PCIe Base 2.7.1, 7.8.4.7 (ECRC Generation Enable).
`include "cw_assert.svh"
module cw_ecrc_append
  import cw_tlp_pkg::*;
#(
  parameter int unsigned W       = 256,  // bits of a beat
  parameter bit          Present = 1'b1  // without it no TLP has a digest
) (
  input  logic         clk_i,
  input  logic         rst_i,

  input  logic [7:0]   generate_i,  // ECRC Generation Enable, by function

  // A beat, and whether it is taken in this clock
  input  tlp_ctl_t     ctl_i,
  input  logic [W-1:0] data_i,
  input  logic         valid_i,
  input  logic         ready_i,

  output tlp_ctl_t     ctl_o
);

  if (Present) begin : gen_present
    msg_hdr_t    hdr;
    tlp_ctl_t    covered;
    logic        td, td_q, held_q;
    logic [31:0] digest;

    // Requester ID and Completer ID lie in the same place. A change of the enable does not reach a
    // TLP that waits or has begun.
    assign hdr = msg_hdr_t'(ctl_i.hdr);
    assign td  = ctl_i.sop && !held_q ? generate_i[hdr.requester_id.fn] : td_q;

    always_ff @(posedge clk_i) begin
      if (rst_i) held_q <= 1'b0;
      else       held_q <= valid_i && !ready_i;
    end

    // No reset: meaningful only inside a TLP.
    always_ff @(posedge clk_i) begin
      if (valid_i) td_q <= td;
    end

    // The digest covers TD itself.
    always_comb begin
      covered            = ctl_i;
      covered.hdr.dw0.td = 1'b1;
      ctl_o              = ctl_i;
      ctl_o.hdr.dw0.td   = td;
      ctl_o.digest       = td && ctl_i.eop ? digest : '0;
    end

    cw_ecrc #(.W(W)) u_ecrc (
      .clk_i,
      .rst_i,
      .ctl_i   (covered),
      .data_i,
      .enable_i(valid_i && td),
      .take_i  (valid_i && ready_i),
      .digest_o(digest)
    );

    logic unused;
    assign unused = &{1'b0, hdr};
  end else begin : gen_absent
    always_comb begin
      ctl_o            = ctl_i;
      ctl_o.digest     = '0;
      ctl_o.hdr.dw0.td = 1'b0;
    end
    logic unused;
    assign unused = &{1'b0, generate_i, data_i, valid_i, ready_i};
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")
  `CW_ASSERT(NothingElseChanges, ctl_o.sop == ctl_i.sop && ctl_o.eop == ctl_i.eop
      && ctl_o.strb == ctl_i.strb)

endmodule
