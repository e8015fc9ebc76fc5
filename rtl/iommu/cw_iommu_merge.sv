// SPDX-License-Identifier: Apache-2.0
//
// Knows of each walk under way for which page of which device it is, so that none is begun twice,
// where the request is that began it, and whether its context has DTF.
`include "cw_assert.svh"
module cw_iommu_merge import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Walks  = 4,
  parameter  int unsigned IndexW = 3,                        // of a place
  localparam int unsigned WalkW  = Walks > 1 ? $clog2(Walks) : 1
) (
  input  logic              clk_i,
  input  logic              rst_i,

  // The walk for a page, also if it ends in this clock
  input  did_t              did_i,
  input  vpn_t              vpn_i,
  output logic              same_o,
  output logic [WalkW-1:0]  same_walk_o,     // zero without

  // A walk begins, for that page
  input  logic              begin_i,
  input  logic [WalkW-1:0]  begin_walk_i,
  input  logic [IndexW-1:0] begin_index_i,
  input  logic              begin_dtf_i,     // zero where its context is not known yet

  // A walk answers: it has found its context, or ends
  input  logic [WalkW-1:0]  walk_i,
  input  logic              found_i,
  input  logic              found_dtf_i,
  input  logic              end_i,
  output logic [IndexW-1:0] index_o,
  output logic              dtf_o,

  output logic [Walks-1:0]  busy_o
);

  typedef struct packed {
    did_t did;
    vpn_t vpn;
  } page_t;

  logic [Walks-1:0]             busy_q, busy_d, same;
  logic [Walks-1:0][IndexW-1:0] index_q;   // no reset: these are read only where busy_q
  page_t [Walks-1:0]            page_q;
  logic [Walks-1:0]             dtf_q;
  page_t                        page;

  assign page    = '{did: did_i, vpn: vpn_i};
  assign same_o  = same != '0;
  assign index_o = index_q[walk_i];
  assign dtf_o   = dtf_q[walk_i];
  assign busy_o  = busy_q;

  always_comb begin
    same_walk_o = '0;
    for (int unsigned n = 0; n < Walks; n++) begin
      same[n] = busy_q[n] && page_q[n] == page;
      if (same[n]) same_walk_o |= WalkW'(n);
    end
    busy_d = busy_q;
    if (begin_i) busy_d[begin_walk_i] = 1'b1;
    if (end_i) busy_d[walk_i] = 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) busy_q <= '0;
    else       busy_q <= busy_d;
    if (found_i) dtf_q[walk_i] <= found_dtf_i;
    if (begin_i) begin
      index_q[begin_walk_i] <= begin_index_i;
      page_q[begin_walk_i]  <= page;
      dtf_q[begin_walk_i]   <= begin_dtf_i;
    end
  end

  `CW_ASSERT(OneWalkPerPage, $onehot0(same) && !(begin_i && same_o))
  `CW_ASSERT(WalkHasANumberOfItsOwn, !begin_i || !busy_q[begin_walk_i])
  `CW_ASSERT(OnlyWalksAnswer, !(found_i || end_i) || busy_q[walk_i])

endmodule
