// SPDX-License-Identifier: Apache-2.0
//
// The expansion ROM: constants, read by dwords. Behind the image all bytes are ones, like flash
// that nobody has written. Combinational.
// Spec: PCIe Base 7.5.1.2.4 (Expansion ROM Base Address); PCI Firmware 3.3, 5.1 (its contents).
`include "cw_assert.svh"
module cw_rom
  import cw_rom_pkg::*;
#(
  parameter rom_image_t Image = make_image(
      cw_cfg_pkg::VendorIdExample, cw_cfg_pkg::DeviceIdEndpoint, cw_cfg_pkg::ClassAccelerator)
) (
  input  logic        clk_i,  // for the assertions
  input  logic        rst_i,

  input  logic        valid_i,
  input  logic [31:0] addr_i,  // bytes, dword aligned
  output logic [31:0] rdata_o
);

  localparam int unsigned Dwords = ImageBytes / 4;
  localparam logic [Dwords-1:0][31:0] Contents = Image;

  always_comb begin
    rdata_o = '1;
    if (addr_i < ImageBytes) rdata_o = Contents[addr_i[$clog2(ImageBytes)-1:2]];
  end

  `CW_REQUIRE(Image[1:0] == Signature, "an image begins with its signature")
  `CW_ASSERT(DwordAligned, !valid_i || addr_i[1:0] == '0)

endmodule
