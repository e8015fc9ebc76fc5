// SPDX-License-Identifier: Apache-2.0
//
// Brings the dword accesses of the completer to who answers them: the register block, the user's
// AXI4-Lite port, or the expansion ROM. Posted writes and the rest share what cannot do both at
// once, so a slow read of the user delays no write, and a slow user no register of the block.
// Spec: PCIe Base 2.4.1 (posted requests pass all others).
`include "cw_assert.svh"
module cw_reg_targets
  import cw_axi_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter cw_rom_pkg::rom_image_t RomImage = cw_rom_pkg::make_image(
      cw_cfg_pkg::VendorIdExample, cw_cfg_pkg::DeviceIdEndpoint, cw_cfg_pkg::ClassAccelerator)
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Posted writes
  input  logic        p_valid_i,
  input  reg_req_t    p_req_i,
  output logic        p_ready_o,
  output logic        p_error_o,   // with ready

  // Reads, and writes of the I/O space
  input  logic        np_valid_i,
  input  reg_req_t    np_req_i,
  output logic        np_ready_o,
  output logic [31:0] np_rdata_o,  // with ready
  output logic        np_error_o,

  // Register block; the answer comes with ready
  output logic        reg_valid_o,
  output reg_req_t    reg_req_o,
  input  logic        reg_ready_i,
  input  logic [31:0] reg_rdata_i,
  input  logic        reg_error_i,

  // AXI4-Lite
  output axil_drive_t axil_o,
  input  axil_sense_t axil_i
);

  // Clients of block and AXI4-Lite writes: 0 posted, 1 not.
  reg_req_t [1:0] req;
  logic     [1:0] block_valid, block_ready, axil_valid, axil_ready;
  logic           wr_valid, wr_ready, wr_error, rd_ready, rd_error;
  reg_req_t       wr_req;
  logic [31:0]    rd_rdata, rom_rdata;

  assign req            = {np_req_i, p_req_i};
  assign block_valid[0] = p_valid_i && p_req_i.target == RegBlock;
  assign block_valid[1] = np_valid_i && np_req_i.target == RegBlock;
  assign axil_valid[0]  = p_valid_i && p_req_i.target == RegAxil;
  assign axil_valid[1]  = np_valid_i && np_req_i.target == RegAxil && np_req_i.write;

  cw_reg_arbiter u_block (
    .clk_i,
    .rst_i,
    .client_valid_i (block_valid),
    .client_req_i   (req),
    .client_ready_o (block_ready),
    .reg_valid_o,
    .reg_req_o,
    .reg_ready_i
  );

  cw_reg_arbiter u_axil_writes (
    .clk_i,
    .rst_i,
    .client_valid_i (axil_valid),
    .client_req_i   (req),
    .client_ready_o (axil_ready),
    .reg_valid_o    (wr_valid),
    .reg_req_o      (wr_req),
    .reg_ready_i    (wr_ready)
  );

  cw_axil_manager u_axil (
    .clk_i,
    .rst_i,
    .wr_valid_i (wr_valid),
    .wr_req_i   (wr_req),
    .wr_ready_o (wr_ready),
    .wr_error_o (wr_error),
    .rd_valid_i (np_valid_i && np_req_i.target == RegAxil && !np_req_i.write),
    .rd_req_i   (np_req_i),
    .rd_ready_o (rd_ready),
    .rd_rdata_o (rd_rdata),
    .rd_error_o (rd_error),
    .aw_addr_o  (axil_o.aw_addr),
    .aw_user_o  (axil_o.aw_user),
    .aw_valid_o (axil_o.aw_valid),
    .aw_ready_i (axil_i.aw_ready),
    .w_data_o   (axil_o.w_data),
    .w_strb_o   (axil_o.w_strb),
    .w_valid_o  (axil_o.w_valid),
    .w_ready_i  (axil_i.w_ready),
    .b_resp_i   (axil_i.b_resp),
    .b_valid_i  (axil_i.b_valid),
    .b_ready_o  (axil_o.b_ready),
    .ar_addr_o  (axil_o.ar_addr),
    .ar_user_o  (axil_o.ar_user),
    .ar_valid_o (axil_o.ar_valid),
    .ar_ready_i (axil_i.ar_ready),
    .r_data_i   (axil_i.r_data),
    .r_resp_i   (axil_i.r_resp),
    .r_valid_i  (axil_i.r_valid),
    .r_ready_o  (axil_o.r_ready)
  );

  cw_rom #(.Image(RomImage)) u_rom (
    .clk_i,
    .rst_i,
    .valid_i (np_valid_i && np_req_i.target == RegRom),
    .addr_i  (np_req_i.addr),
    .rdata_o (rom_rdata)
  );

  always_comb begin
    unique case (p_req_i.target)
      RegBlock: {p_ready_o, p_error_o} = {block_ready[0], reg_error_i};
      RegAxil:  {p_ready_o, p_error_o} = {axil_ready[0], wr_error};
      default:  {p_ready_o, p_error_o} = {p_valid_i, 1'b0};
    endcase
  end

  always_comb begin
    np_ready_o = np_valid_i;
    np_rdata_o = rom_rdata;
    np_error_o = 1'b0;
    unique case (np_req_i.target)
      RegBlock: begin
        np_ready_o = block_ready[1];
        np_rdata_o = reg_rdata_i;
        np_error_o = reg_error_i;
      end
      RegAxil: begin
        np_ready_o = np_req_i.write ? axil_ready[1] : rd_ready;
        np_rdata_o = rd_rdata;
        np_error_o = np_req_i.write ? wr_error : rd_error;
      end
      default: np_ready_o = np_valid_i;  // the ROM answers at once
    endcase
  end

  `CW_ASSERT(PostedAreWrites, !p_valid_i || p_req_i.write)
  `CW_ASSERT(NobodyWritesTheRom, !p_valid_i || p_req_i.target != RegRom)
  `CW_ASSERT(ReadyOnlyAsked, (!p_ready_o || p_valid_i) && (!np_ready_o || np_valid_i))
  `CW_ASSERT_HELD(PHeld, p_valid_i, p_ready_o, p_req_i)
  `CW_ASSERT_HELD(NpHeld, np_valid_i, np_ready_o, np_req_i)

endmodule
