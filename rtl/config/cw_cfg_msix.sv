// SPDX-License-Identifier: Apache-2.0
//
// MSI-X capability: enable, function mask, and where table and pending bits lie; both are memory
// of the function, not of configuration space.
// Spec: PCIe Base 7.7.2.
`include "cw_assert.svh"
module cw_cfg_msix
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter logic [7:0]  Base        = MsixCapOffset,
  parameter logic [7:0]  Next        = PcieCapOffset,
  parameter int unsigned Vectors     = 8,
  parameter logic [31:0] TableOffset = 32'h2000,  // bytes from the start of the BAR
  parameter logic [2:0]  TableBir    = 3'd0,
  parameter logic [31:0] PbaOffset   = 32'h3000,
  parameter logic [2:0]  PbaBir      = 3'd0
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o,

  output logic        enable_o,
  output logic        mask_o     // function mask
);

  localparam msix_header_t Reset = '{
      last_vector: 11'(Vectors - 1), next: Next, id: CapIdMsix, default: '0};
  localparam msix_header_t Writable = '{
      enable: 1'b1, mask: 1'b1, id: cap_id_e'(8'h00), default: '0};
  localparam msix_where_t Table = '{offset_qw: TableOffset[31:3], bir: TableBir};
  localparam msix_where_t Pba   = '{offset_qw: PbaOffset[31:3], bir: PbaBir};

  logic         written;
  msix_header_t header_q;

  assign written = cfg_valid_i && cfg_req_i.write && cfg_req_i.reg_dw == cap_dw(Base, 10'd0);

  always_ff @(posedge clk_i) begin
    if (rst_i) header_q <= Reset;
    else       header_q <= next_value(header_q, cfg_req_i, written, Writable, '0, '0);
  end

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      cap_dw(Base, 10'd0): rdata_o = header_q;
      cap_dw(Base, 10'd1): rdata_o = Table;
      cap_dw(Base, 10'd2): rdata_o = Pba;
      default:             rdata_o = '0;
    endcase
  end

  assign enable_o = header_q.enable;
  assign mask_o   = header_q.mask;

  `CW_REQUIRE(Vectors >= 1 && Vectors <= 2048, "an MSI-X table has 1 to 2048 entries")
  `CW_REQUIRE(TableOffset[2:0] == '0 && PbaOffset[2:0] == '0, "table and PBA are QW aligned")
  `CW_ASSERT(ReservedZero, header_q.rsvd13_11 == '0)
  `CW_ASSERT(HeaderFixed, header_q.id == CapIdMsix && header_q.next == Next
      && header_q.last_vector == 11'(Vectors - 1))

endmodule
