// SPDX-License-Identifier: Apache-2.0
//
// Sends each access to a register BAR to its owner: MSI-X for its table and pending bits, the
// register block for the first page of BAR0 and of any such BAR where MSI-X has nothing. All else
// reads as zero and ignores writes.
// Combinational.
`include "cw_assert.svh"
module cw_reg_router
  import cw_endpoint_pkg::*;
#(
  parameter int unsigned Vectors     = 8,  // of MSI-X
  parameter int unsigned TableBir    = 0,  // 0 to 5
  parameter logic [31:0] TableOffset = msix_table_offset(Vectors, TableBir),
  parameter int unsigned PbaBir      = 0,
  parameter logic [31:0] PbaOffset   = msix_pba_offset(Vectors, TableBir, PbaBir)
) (
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
  output logic        msix_pba_o,    // pending bits, not the table
  input  logic        msix_ready_i,
  input  logic [31:0] msix_rdata_i
);

  localparam int unsigned BlockLog2  = 12;  // bytes of the register block
  localparam int unsigned TableBytes = msix_table_bytes(Vectors);
  localparam int unsigned PbaBytes   = msix_pba_bytes(Vectors);

  logic [31:0] bar;
  logic        in_table, in_pba, in_block;

  // An address below the structure wraps round to a large offset.
  assign bar      = 32'(reg_req_i.bar);
  assign in_table = bar == TableBir && reg_req_i.addr - TableOffset < TableBytes;
  assign in_pba   = bar == PbaBir && reg_req_i.addr - PbaOffset < PbaBytes;
  assign in_block = !in_table && !in_pba && reg_req_i.addr >> BlockLog2 == '0
                 && (bar == 0 || (bar != TableBir && bar != PbaBir));

  assign regs_valid_o = reg_valid_i && in_block;
  assign msix_valid_o = reg_valid_i && (in_table || in_pba);
  assign msix_pba_o   = in_pba;

  always_comb begin
    reg_ready_o = reg_valid_i;
    reg_rdata_o = '0;
    if (in_block) begin
      reg_ready_o = regs_ready_i;
      reg_rdata_o = regs_rdata_i;
    end else if (in_table || in_pba) begin
      reg_ready_o = msix_ready_i;
      reg_rdata_o = msix_rdata_i;
    end
  end

  // Who else the register bus may reach was decided before.
  logic unused;
  assign unused = &{1'b0, reg_req_i.target, reg_req_i.fn, reg_req_i.write, reg_req_i.be,
      reg_req_i.wdata};

  `CW_REQUIRE(TableBir != PbaBir || TableOffset + TableBytes <= PbaOffset
      || PbaOffset + PbaBytes <= TableOffset, "MSI-X table and pending bits overlap")
  `CW_ASSERT(OneOwner, $onehot0({regs_valid_o, msix_valid_o}))
  `CW_ASSERT(OneStructure, !reg_valid_i || !(in_table && in_pba))
  `CW_ASSERT(BlockFunctionOnly, !reg_valid_i || reg_req_i.target == RegBlock)

endmodule
