// SPDX-License-Identifier: Apache-2.0
//
// Keeps the requests that miss, each at its place: as it came, or as it has been settled.
`include "cw_assert.svh"
module cw_iommu_asks import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Entries = 8,
  localparam int unsigned IndexW  = $clog2(Entries)
) (
  input  logic              clk_i,
  input  logic              rst_i,      // for the assertions

  // A request takes its place
  input  logic              put_i,
  input  logic [IndexW-1:0] place_i,
  input  ask_t              ask_i,

  // What is at a place; it may be settled, while none takes its place
  input  logic [IndexW-1:0] index_i,
  output ask_t              ask_o,
  input  logic              settle_i,
  input  fate_e             fate_i,
  input  logic              page_valid_i,  // with `settle_i`: it is granted, at another page
  input  ppn_t              page_i
);

  // No reset: read only where a request is. What is settled has another fate, and its page.
  (* ram_style = "auto" *) ask_t  ask_q [Entries];
  (* ram_style = "auto" *) fate_e fate_q [Entries];
  (* ram_style = "auto" *) ppn_t  page_q [Entries];

  logic [IndexW-1:0] index;
  assign index = put_i ? place_i : index_i;

  always_ff @(posedge clk_i) begin
    if (put_i) ask_q[place_i] <= ask_i;
    if (put_i || settle_i) fate_q[index] <= put_i ? FateOpen : fate_i;
    if (put_i || (settle_i && page_valid_i)) begin
      page_q[index] <= put_i ? ask_i.req.iova[HpaBits-1:12] : page_i;
    end
  end

  always_comb begin
    ask_o                        = ask_q[index_i];
    ask_o.fate                   = fate_q[index_i];
    ask_o.req.iova[HpaBits-1:12] = page_q[index_i];
  end

  `CW_ASSERT(SettledBesideNoNewPlace, !settle_i || !put_i)
  `CW_ASSERT(PageOnlyWhereGranted, !page_valid_i || !settle_i || fate_i == FateGranted)
  `CW_ASSERT(ComesOpen, !put_i || ask_i.fate == FateOpen)

endmodule
