// SPDX-License-Identifier: Apache-2.0
//
// Sends each access of BAR0 to what owns its 4 KiB page: the register block, or MSI-X for its table
// and pending bits. The page between reads as zero and ignores writes. Combinational.
`include "cw_assert.svh"
module cw_reg_router
  import cw_endpoint_pkg::*;
  import cw_completer_pkg::*;
(
  input  logic        clk_i,  // for the assertions
  input  logic        rst_i,

  // Register bus of the completer
  input  logic        reg_valid_i,
  input  reg_req_t    reg_req_i,
  output logic        reg_ready_o,
  output logic [31:0] reg_rdata_o,

  // Register block
  output logic        regs_valid_o,
  input  logic        regs_ready_i,
  input  logic [31:0] regs_rdata_i,

  // MSI-X
  output logic        msix_valid_o,
  input  logic        msix_ready_i,
  input  logic [31:0] msix_rdata_i
);

  logic [1:0] page;
  assign page = 2'(reg_req_i.addr >> 12);

  always_comb begin
    regs_valid_o = 1'b0;
    msix_valid_o = 1'b0;
    reg_ready_o  = reg_valid_i;
    reg_rdata_o  = '0;
    unique case (page)
      PageRegs: begin
        regs_valid_o = reg_valid_i;
        reg_ready_o  = regs_ready_i;
        reg_rdata_o  = regs_rdata_i;
      end
      PageTable, PagePba: begin
        msix_valid_o = reg_valid_i;
        reg_ready_o  = msix_ready_i;
        reg_rdata_o  = msix_rdata_i;
      end
      default: reg_ready_o = reg_valid_i;
    endcase
  end

  `CW_REQUIRE(MsixTableOffset >> 12 == 16'(PageTable) && MsixPbaOffset >> 12 == 16'(PagePba),
      "MSI-X lies in other pages")
  `CW_ASSERT(InsideBar, !reg_valid_i || reg_req_i.addr >> RegBarLog2 == '0)
  `CW_ASSERT(OneOwner, $onehot0({regs_valid_o, msix_valid_o}))

endmodule
