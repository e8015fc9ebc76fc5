// SPDX-License-Identifier: Apache-2.0
//
// No table that was known before an invalidation of its address space is found after it. Tables of
// one address space have the top bit of their page number set until it is invalidated, after the
// change; no other table has it.
`include "cw_fv.svh"
module cw_iommu_pwc_fv
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
#(
  parameter int unsigned Entries = 4,
  parameter int unsigned Levels  = 4
) (
  input logic       clk_i,
  input logic       rst_i,
  input pscid_t     pscid_i,
  input vpn_t       vpn_i,
  input logic       fill_valid_i,
  input pscid_t     fill_pscid_i,
  input vpn_t       fill_vpn_i,
  input logic [1:0] fill_level_i,
  input ppn_t       fill_table_i,
  input logic       inval_valid_i,
  input inval_t     inval_i,
  input logic       changed_i,      // the change came before this invalidation
  input pscid_t     space_i
);

  logic hit, hits, invalidated_q;
  ppn_t found;

  cw_iommu_pwc #(.Entries(Entries), .Levels(Levels)) u_dut (
    .clk_i,
    .rst_i,
    .pscid_i,
    .vpn_i,
    .hit_o   (hit),
    .level_o (),
    .table_o (found),
    .fill_valid_i,
    .fill_pscid_i,
    .fill_vpn_i,
    .fill_level_i,
    .fill_table_i,
    .inval_valid_i,
    .inval_i
  );

  assign hits = inval_valid_i && changed_i && inval_i.pt && !inval_i.leaf
             && (!inval_i.pscv || inval_i.pscid == space_i);

  always_ff @(posedge clk_i) begin
    if (rst_i)     invalidated_q <= 1'b0;
    else if (hits) invalidated_q <= 1'b1;
  end

  `CW_FV_RESET
  `CW_ASSUME(WatchesOne, !started_q || $stable(space_i))
  `CW_ASSUME(FillIsBelowTheRoot, 32'(fill_level_i) < Levels - 1)
  // A walk that has met the invalidation fills nothing, but it may in that clock.
  `CW_ASSUME(OldIsOfTheSpace, !fill_valid_i || !fill_table_i[PpnBits-1]
      || (fill_pscid_i == space_i && !invalidated_q))

  `CW_ASSERT(NoStaleTable, !hit || !invalidated_q || !found[PpnBits-1])

  // The inside, for induction.
  for (genvar n = 0; n < Entries; n++) begin : gen_entry
    `CW_ASSERT(OldIsForgotten, !u_dut.valid_q[n] || !u_dut.table_q[n][PpnBits-1]
        || (u_dut.entry_q[n].pscid == space_i && !invalidated_q))
    for (genvar m = 0; m < n; m++) begin : gen_other
      `CW_ASSERT(NoTableTwice, !u_dut.valid_q[n] || !u_dut.valid_q[m]
          || u_dut.entry_q[n] != u_dut.entry_q[m])
    end
    `CW_ASSERT(OnlyItsRegion, !u_dut.valid_q[n] || (32'(u_dut.entry_q[n].level) < Levels - 1
        && u_dut.entry_q[n].vpn == (u_dut.entry_q[n].vpn & vpn_bits(Levels)
            & ~page_mask(page_size(1'b0, 2'(u_dut.entry_q[n].level) + 1'b1)))))
  end

endmodule
