// SPDX-License-Identifier: Apache-2.0
//
// The smallest legal expansion ROM: one image of 512 bytes for PC-AT compatible firmware whose
// initialization entry returns at once. A product gives its own.
// Spec: PCI Firmware 3.3, 5.1 (expansion ROM contents).
package cw_rom_pkg;

  localparam int unsigned ImageBytes = 512;  // the unit in which an image gives its length

  typedef logic [ImageBytes-1:0][7:0] rom_image_t;  // byte 0 in the low bits

  localparam logic [15:0] Signature     = 16'hAA55;
  localparam logic [31:0] DataSignature = {"R", "I", "C", "P"};  // "PCIR" in memory
  localparam logic [7:0]  ReturnFar     = 8'hCB;                 // x86: retf
  localparam logic [7:0]  CodeTypePcAt  = 8'h00;
  localparam logic [7:0]  LastImage     = 8'h80;
  localparam int unsigned DataOffset    = 28;                    // of the PCI data structure

  // Header of the image (5.1.2.1 and 5.1.1.1), last field first.
  typedef struct packed {
    logic [15:0]  rsvd1;
    logic [15:0]  data_pointer;
    logic [159:0] rsvd0;
    logic [7:0]   entry;        // first byte of the initialization function
    logic [7:0]   init_blocks;  // length in units of 512 bytes
    logic [15:0]  signature;
  } rom_header_t;

  // PCI data structure, revision 3 (5.1.2.2), last field first.
  typedef struct packed {
    logic [15:0] clp_pointer;
    logic [15:0] utility_pointer;
    logic [15:0] max_run_blocks;
    logic [7:0]  indicator;
    logic [7:0]  code_type;
    logic [15:0] code_revision;
    logic [15:0] image_blocks;
    logic [23:0] class_code;
    logic [7:0]  revision;
    logic [15:0] length;        // of this structure
    logic [15:0] device_list;
    logic [15:0] device_id;
    logic [15:0] vendor_id;
    logic [31:0] signature;
  } rom_data_t;

  // The image for a function; its bytes add up to zero.
  function automatic rom_image_t make_image(
      logic [15:0] vendor_id, logic [15:0] device_id, logic [23:0] class_code);
    rom_image_t  image;
    rom_header_t header;
    rom_data_t   data;
    logic [7:0]  sum;
    header = '{
      signature:    Signature,
      init_blocks:  8'd1,
      entry:        ReturnFar,
      data_pointer: 16'(DataOffset),
      default:      '0
    };
    data = '{
      signature:      DataSignature,
      vendor_id:      vendor_id,
      device_id:      device_id,
      length:         16'($bits(rom_data_t) / 8),
      revision:       8'd3,
      class_code:     class_code,
      image_blocks:   16'd1,
      code_type:      CodeTypePcAt,
      indicator:      LastImage,
      max_run_blocks: 16'd1,
      default:        '0
    };
    image = (($bits(rom_image_t))'(data) << (8 * DataOffset)) | ($bits(rom_image_t))'(header);
    sum   = '0;
    for (int unsigned i = 0; i < ImageBytes; i++) sum += image[i];
    image[ImageBytes - 1] = 8'd0 - sum;
    return image;
  endfunction

endpackage
