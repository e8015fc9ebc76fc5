// SPDX-License-Identifier: Apache-2.0
//
// Vital product data as a list of resources: product name, read-only fields, checksum, end.
// Byte 0 is the most significant of each vector, so that text reads as it is written.
// Spec: PCIe Base 7.9.18, and the VPD format chapter that it names.
package cw_vpd_pkg;

  typedef enum logic [7:0] {
    VpdEnd      = 8'h78,  // small resource, no data
    VpdIdString = 8'h82,  // large resource, as the next
    VpdReadOnly = 8'h90
  } vpd_tag_e;

  // Lengths of the texts; a text that is shorter is filled up with spaces behind.
  localparam int unsigned NameBytes = 20;
  localparam int unsigned TextBytes = 12;  // of a field

  typedef struct packed {
    logic [15:0]                keyword;
    logic [7:0]                 bytes;
    logic [TextBytes-1:0][7:0]  text;
  } vpd_field_t;

  typedef struct packed {
    logic [15:0] keyword;   // RV: makes the sum of all bytes up to `checksum` zero
    logic [7:0]  bytes;
    logic [7:0]  checksum;
    logic [23:0] spare;     // brings the image to whole dwords
  } vpd_checksum_t;

  localparam int unsigned FieldsBytes = ($bits(vpd_field_t) * 2 + $bits(vpd_checksum_t)) / 8;

  typedef struct packed {
    vpd_tag_e                  name_tag;
    logic [15:0]               name_bytes;  // least significant byte first, as the next
    logic [NameBytes-1:0][7:0] name;
    vpd_tag_e                  fields_tag;
    logic [15:0]               fields_bytes;
    vpd_field_t                part_number;
    vpd_field_t                serial_number;
    vpd_checksum_t             check;
    vpd_tag_e                  end_tag;
  } vpd_image_t;

  localparam int unsigned ImageBytes = $bits(vpd_image_t) / 8;
  localparam int unsigned ImageDw    = ImageBytes / 4;

  // Length of a large resource.
  function automatic logic [15:0] resource_bytes(int unsigned bytes);
    return {8'(bytes), 8'(bytes >> 8)};
  endfunction

  // The byte that makes the sum of the image up to itself zero; it and what is spare behind it are
  // zero in `image`.
  function automatic logic [7:0] vpd_checksum(vpd_image_t image);
    logic [ImageBytes-1:0][7:0] bytes;
    logic [7:0]                 sum;
    bytes = image;
    sum   = '0;
    for (int unsigned i = 0; i < ImageBytes; i++) sum += bytes[i];
    return 8'h00 - (sum - image.end_tag);
  endfunction

  function automatic vpd_image_t make_vpd(
      logic [NameBytes-1:0][7:0] name, logic [TextBytes-1:0][7:0] part,
      logic [TextBytes-1:0][7:0] serial);
    vpd_image_t image;
    image = '{
        name_tag: VpdIdString, name_bytes: resource_bytes(NameBytes), name: name,
        fields_tag: VpdReadOnly, fields_bytes: resource_bytes(FieldsBytes),
        part_number: '{keyword: "PN", bytes: 8'(TextBytes), text: part},
        serial_number: '{keyword: "SN", bytes: 8'(TextBytes), text: serial},
        check: '{keyword: "RV", bytes: 8'($bits(vpd_checksum_t) / 8 - 3), default: '0},
        end_tag: VpdEnd};
    image.check.checksum = vpd_checksum(image);
    return image;
  endfunction

  // Dword `index` of an image, its first byte in the low bits; zero beyond the end.
  function automatic logic [31:0] vpd_dword(vpd_image_t image, logic [12:0] index);
    logic [ImageDw-1:0][31:0] dwords;
    dwords    = image;
    vpd_dword = '0;
    for (int unsigned i = 0; i < ImageDw; i++)
      if (index == 13'(i)) vpd_dword = {<<8{dwords[ImageDw - 1 - i]}};
  endfunction

  // ---- The example functions

  localparam vpd_image_t VpdExample =
      make_vpd("Causeway endpoint   ", "CW-EP-DMA   ", "000000000001");

endpackage
