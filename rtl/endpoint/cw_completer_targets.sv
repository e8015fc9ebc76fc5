// SPDX-License-Identifier: Apache-2.0
//
// What the completer works on, sorted by who answers: dword accesses and beats of memory go to the
// card or to the user's AXI4-Lite and AXI4 ports. Composition only.
// Spec: AMBA AXI4, A2 (signals), B1 (AXI4-Lite).
`include "cw_assert.svh"
module cw_completer_targets
  import cw_axi_pkg::*;
  import cw_completer_pkg::*;
  import cw_endpoint_pkg::reg_req_t;
#(
  parameter int unsigned            W        = 256,  // bits of a beat
  parameter int unsigned            Beats    = 16,   // of reads, asked for and not yet answered
  parameter cw_rom_pkg::rom_image_t RomImage = cw_rom_pkg::make_image(
      cw_cfg_pkg::VendorIdExample, cw_cfg_pkg::DeviceIdEndpoint, cw_cfg_pkg::ClassAccelerator)
) (
  input  logic           clk_i,
  input  logic           rst_i,

  // Dword accesses: posted writes, and the rest
  input  logic           p_valid_i,
  input  reg_req_t       p_req_i,
  output logic           p_ready_o,
  output logic           p_error_o,
  input  logic           np_valid_i,
  input  reg_req_t       np_req_i,
  output logic           np_ready_o,
  output logic [31:0]    np_rdata_o,
  output logic           np_error_o,

  // Beats to be written to the user's memory
  input  logic           ax_wr_valid_i,
  output logic           ax_wr_ready_o,
  input  write_to_t      ax_wr_to_i,
  input  logic           ax_wr_first_i,
  input  logic           ax_wr_last_i,
  input  logic [9:0]     ax_wr_beats_i,
  input  logic [31:0]    ax_wr_addr_i,
  input  logic [W-1:0]   ax_wr_data_i,
  input  logic [W/8-1:0] ax_wr_strb_i,
  output logic           ax_done_o,
  output logic           ax_error_o,

  // Beats to be read, from one memory at a time
  input  logic           rd_valid_i,
  output logic           rd_ready_o,
  input  beat_read_t     rd_req_i,
  input  logic [31:0]    rd_addr_i,
  output logic           rd_rvalid_o,
  output logic [W-1:0]   rd_rdata_o,
  output logic           rd_error_o,

  // Register block
  output logic           reg_valid_o,
  output reg_req_t       reg_req_o,
  input  logic           reg_ready_i,
  input  logic [31:0]    reg_rdata_i,
  input  logic           reg_error_i,

  // Card memory: reads; the address is that of the beat
  output logic           cm_rd_valid_o,
  input  logic           cm_rd_ready_i,
  input  logic           cm_rd_rvalid_i,
  input  logic [W-1:0]   cm_rd_rdata_i,

  // AXI4-Lite, AXI4
  output axil_drive_t    axil_o,
  input  axil_sense_t    axil_i,
  output axi_drive_t     axi_o,
  output logic [W-1:0]   axi_wdata_o,
  output logic [W/8-1:0] axi_wstrb_o,
  input  axi_sense_t     axi_i,
  input  logic [W-1:0]   axi_rdata_i
);

  logic         to_user, user_ready, user_rvalid, user_error;
  logic [W-1:0] user_rdata;

  cw_reg_targets #(.RomImage(RomImage)) u_regs (
    .clk_i,
    .rst_i,
    .p_valid_i,
    .p_req_i,
    .p_ready_o,
    .p_error_o,
    .np_valid_i,
    .np_req_i,
    .np_ready_o,
    .np_rdata_o,
    .np_error_o,
    .reg_valid_o,
    .reg_req_o,
    .reg_ready_i,
    .reg_rdata_i,
    .reg_error_i,
    .axil_o,
    .axil_i
  );

  cw_axi_write #(.W(W)) u_write (
    .clk_i,
    .rst_i,
    .wr_valid_i (ax_wr_valid_i),
    .wr_ready_o (ax_wr_ready_o),
    .wr_to_i    (ax_wr_to_i),
    .wr_first_i (ax_wr_first_i),
    .wr_last_i  (ax_wr_last_i),
    .wr_beats_i (ax_wr_beats_i),
    .wr_addr_i  (64'(ax_wr_addr_i)),
    .wr_data_i  (ax_wr_data_i),
    .wr_strb_i  (ax_wr_strb_i),
    .done_o     (ax_done_o),
    .error_o    (ax_error_o),
    .aw_o       (axi_o.aw),
    .aw_user_o  (axi_o.aw_user),
    .aw_valid_o (axi_o.aw_valid),
    .aw_ready_i (axi_i.aw_ready),
    .w_data_o   (axi_wdata_o),
    .w_strb_o   (axi_wstrb_o),
    .w_last_o   (axi_o.w_last),
    .w_valid_o  (axi_o.w_valid),
    .w_ready_i  (axi_i.w_ready),
    .b_i        (axi_i.b),
    .b_valid_i  (axi_i.b_valid),
    .b_ready_o  (axi_o.b_ready)
  );

  assign to_user       = rd_req_i.target == cw_cfg_pkg::TargetAxi;
  assign cm_rd_valid_o = rd_valid_i && !to_user;
  assign rd_ready_o    = to_user ? user_ready : cm_rd_ready_i;

  cw_axi_read #(.W(W), .Beats(Beats)) u_read (
    .clk_i,
    .rst_i,
    .rd_valid_i  (rd_valid_i && to_user),
    .rd_ready_o  (user_ready),
    .rd_req_i,
    .rd_addr_i,
    .rd_rvalid_o (user_rvalid),
    .rd_rdata_o  (user_rdata),
    .rd_error_o  (user_error),
    .ar_o        (axi_o.ar),
    .ar_user_o   (axi_o.ar_user),
    .ar_valid_o  (axi_o.ar_valid),
    .ar_ready_i  (axi_i.ar_ready),
    .r_data_i    (axi_rdata_i),
    .r_resp_i    (axi_i.r_resp),
    .r_last_i    (axi_i.r_last),
    .r_valid_i   (axi_i.r_valid),
    .r_ready_o   (axi_o.r_ready)
  );

  assign rd_rvalid_o = cm_rd_rvalid_i || user_rvalid;
  assign rd_rdata_o  = user_rvalid ? user_rdata : cm_rd_rdata_i;
  assign rd_error_o  = user_rvalid && user_error;

  logic unused;
  assign unused = &{1'b0, axi_i.r_id};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OneMemoryAnswers, !(cm_rd_rvalid_i && user_rvalid))
  `CW_ASSERT(OneMemoryIsAsked, !(cm_rd_valid_o && axi_o.ar_valid && axi_i.ar_ready))

endmodule
