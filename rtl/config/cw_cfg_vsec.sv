// SPDX-License-Identifier: Apache-2.0
//
// Vendor-Specific capability: what this build is, as its parameters say.
// Spec: PCIe Base 7.9.5.
`include "cw_assert.svh"
module cw_cfg_vsec
  import cw_cfg_pkg::*, cw_cfg_ext_pkg::*;
#(
  parameter logic [11:0] Base  = VsecOffset,
  parameter logic [11:0] Next  = ExtEnd,
  parameter build_t      Build = BuildExample
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o
);

  localparam ext_header_t  Header = '{next: Next, version: 4'd1, id: ExtIdVsec};
  localparam vsec_header_t Vendor = '{
      bytes: 12'(4 * VsecDwords), revision: VsecRevision, id: VsecIdBuild};
  // Header dwords first.
  localparam logic [VsecDwords-1:0][31:0] Content = {Build, Vendor, Header};

  logic [9:0] index;

  assign index   = cfg_req_i.reg_dw - ext_dw(Base, 10'd0);
  assign rdata_o = 32'(index) < VsecDwords ? Content[3'(index)] : '0;

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_REQUIRE({Build.rsvd31_22, Build.rsvd11_6, Build.rsvd31_28, Build.rsvd7_4} == '0,
      "reserved bits of the build are zero")
  `CW_ASSERT(HeaderIsFirst, !cfg_valid_i || cfg_req_i.reg_dw != ext_dw(Base, 10'd0)
      || rdata_o == Header)

endmodule
