// SPDX-License-Identifier: Apache-2.0
//
// Answers the requests that reach the endpoint: carries out posted ones, completes the others. The
// two paths share nothing but their targets, where no access waits for a completion, so posted
// requests always move on. A read of one register is answered within six clocks.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.4.1 (ordering).
`include "cw_assert.svh"
module cw_completer
  import cw_tlp_pkg::*;
  import cw_cfg_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned                      W            = 256,    // bits of a beat
  parameter int unsigned                      Functions    = 2,      // 1 to 8
  parameter int unsigned                      CardMemBytes = 65536,
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars         = device_bars($clog2(CardMemBytes)),
  parameter int unsigned                      RomLog2      = 16      // ROM of function 0; 0: none
) (
  input  logic                      clk_i,
  input  logic                      rst_i,

  input  cfg_state_t [Functions-1:0] state_i,

  // Errors of posted and of non-posted requests; messages with an effect
  output error_report_t             p_report_o,
  output error_report_t             np_report_o,
  output cw_endpoint_pkg::msg_seen_t msg_seen_o,

  // Posted requests
  input  tlp_ctl_t                  p_ctl_i,
  input  logic [W-1:0]              p_data_i,
  input  logic                      p_valid_i,
  output logic                      p_ready_o,

  // Non-posted requests; one is offered once every posted one before it has been taken
  input  tlp_ctl_t                  np_ctl_i,
  input  logic [W-1:0]              np_data_i,
  input  logic                      np_valid_i,
  output logic                      np_ready_o,

  // Completions
  output tlp_ctl_t                  cpl_ctl_o,
  output logic [W-1:0]              cpl_data_o,
  output logic                      cpl_valid_o,
  input  logic                      cpl_ready_i,

  // Register bus, BAR0; the answer comes with ready
  output logic                      reg_valid_o,
  output cw_endpoint_pkg::reg_req_t reg_req_o,
  input  logic                      reg_ready_i,
  input  logic [31:0]               reg_rdata_i,
  input  logic                      reg_error_i,

  // Card memory, BAR2: addresses of beats; answers in order, any time later
  output logic                      cm_wr_valid_o,
  input  logic                      cm_wr_ready_i,
  output logic [31:0]               cm_wr_addr_o,
  output logic [W-1:0]              cm_wr_data_o,
  output logic [W/8-1:0]            cm_wr_strb_o,
  output logic                      cm_rd_valid_o,
  input  logic                      cm_rd_ready_i,
  output logic [31:0]               cm_rd_addr_o,
  input  logic                      cm_rd_rvalid_i,
  input  logic [W-1:0]              cm_rd_rdata_i,

  // The user's AXI4-Lite and AXI4 ports
  output cw_axi_pkg::axil_drive_t   axil_o,
  input  cw_axi_pkg::axil_sense_t   axil_i,
  output cw_axi_pkg::axi_drive_t    axi_o,
  output logic [W-1:0]              axi_wdata_o,
  output logic [W/8-1:0]            axi_wstrb_o,
  input  cw_axi_pkg::axi_sense_t    axi_i,
  input  logic [W-1:0]              axi_rdata_i,

  // AtomicOps on card memory
  output cw_atomic_pkg::atomic_req_t atomic_req_o,
  input  cw_atomic_pkg::atomic_rsp_t atomic_rsp_i,

  // Configuration space; done in the clock of ready or later
  output cfg_hdr_t                  cfg_hdr_o,
  output logic [31:0]               cfg_wdata_o,
  output logic                      cfg_valid_o,
  input  logic                      cfg_ready_i,
  input  logic [31:0]               cfg_rdata_i,
  input  cpl_status_e               cfg_status_i,
  input  logic                      cfg_done_i
);

  // What the two halves ask of their targets
  cw_endpoint_pkg::reg_req_t p_reg, np_reg;
  logic         p_reg_valid, p_reg_ready, p_reg_error, np_reg_valid, np_reg_ready, np_reg_error;
  logic [31:0]  np_reg_rdata;
  write_to_t    ax_to;
  logic         ax_valid, ax_ready, ax_first, ax_last, ax_done, ax_error;
  logic [9:0]   ax_beats;
  beat_read_t   rd_req;
  logic         rd_valid, rd_ready, rd_rvalid, rd_error;
  logic [W-1:0] rd_rdata;

  logic [3:0] p_taken, p_done;

  cw_posted_path #(
    .W         (W),
    .Functions (Functions),
    .Bars      (Bars),
    .RomLog2   (RomLog2)
  ) u_posted (
    .clk_i,
    .rst_i,
    .state_i,
    .report_o      (p_report_o),
    .msg_seen_o,
    .p_ctl_i,
    .p_data_i,
    .p_valid_i,
    .p_ready_o,
    .reg_valid_o   (p_reg_valid),
    .reg_req_o     (p_reg),
    .reg_ready_i   (p_reg_ready),
    .reg_error_i   (p_reg_error),
    .cm_wr_valid_o,
    .cm_wr_ready_i,
    .cm_wr_addr_o,
    .cm_wr_data_o,
    .cm_wr_strb_o,
    .ax_wr_valid_o (ax_valid),
    .ax_wr_ready_i (ax_ready),
    .ax_wr_to_o    (ax_to),
    .ax_wr_first_o (ax_first),
    .ax_wr_last_o  (ax_last),
    .ax_wr_beats_o (ax_beats),
    .ax_done_i     (ax_done),
    .ax_error_i    (ax_error),
    .taken_o       (p_taken),
    .done_o        (p_done)
  );

  cw_nonposted_path #(
    .W         (W),
    .Functions (Functions),
    .Bars      (Bars),
    .RomLog2   (RomLog2)
  ) u_nonposted (
    .clk_i,
    .rst_i,
    .state_i,
    .report_o      (np_report_o),
    .p_taken_i     (p_taken),
    .p_done_i      (p_done),
    .np_ctl_i,
    .np_data_i,
    .np_valid_i,
    .np_ready_o,
    .cpl_ctl_o,
    .cpl_data_o,
    .cpl_valid_o,
    .cpl_ready_i,
    .reg_valid_o   (np_reg_valid),
    .reg_req_o     (np_reg),
    .reg_ready_i   (np_reg_ready),
    .reg_rdata_i   (np_reg_rdata),
    .reg_error_i   (np_reg_error),
    .cm_rd_req_o   (rd_req),
    .cm_rd_valid_o (rd_valid),
    .cm_rd_ready_i (rd_ready),
    .cm_rd_addr_o,
    .cm_rd_rvalid_i(rd_rvalid),
    .cm_rd_rdata_i (rd_rdata),
    .cm_rd_error_i (rd_error),
    .atomic_req_o,
    .atomic_rsp_i,
    .cfg_hdr_o,
    .cfg_wdata_o,
    .cfg_valid_o,
    .cfg_ready_i,
    .cfg_rdata_i,
    .cfg_status_i,
    .cfg_done_i
  );

  cw_completer_targets #(.W(W)) u_targets (
    .clk_i,
    .rst_i,
    .p_valid_i     (p_reg_valid),
    .p_req_i       (p_reg),
    .p_ready_o     (p_reg_ready),
    .p_error_o     (p_reg_error),
    .np_valid_i    (np_reg_valid),
    .np_req_i      (np_reg),
    .np_ready_o    (np_reg_ready),
    .np_rdata_o    (np_reg_rdata),
    .np_error_o    (np_reg_error),
    .ax_wr_valid_i (ax_valid),
    .ax_wr_ready_o (ax_ready),
    .ax_wr_to_i    (ax_to),
    .ax_wr_first_i (ax_first),
    .ax_wr_last_i  (ax_last),
    .ax_wr_beats_i (ax_beats),
    .ax_wr_addr_i  (cm_wr_addr_o),
    .ax_wr_data_i  (cm_wr_data_o),
    .ax_wr_strb_i  (cm_wr_strb_o),
    .ax_done_o     (ax_done),
    .ax_error_o    (ax_error),
    .rd_valid_i    (rd_valid),
    .rd_ready_o    (rd_ready),
    .rd_req_i      (rd_req),
    .rd_addr_i     (cm_rd_addr_o),
    .rd_rvalid_o   (rd_rvalid),
    .rd_rdata_o    (rd_rdata),
    .rd_error_o    (rd_error),
    .reg_valid_o,
    .reg_req_o,
    .reg_ready_i,
    .reg_rdata_i,
    .reg_error_i,
    .cm_rd_valid_o,
    .cm_rd_ready_i,
    .cm_rd_rvalid_i,
    .cm_rd_rdata_i,
    .axil_o,
    .axil_i,
    .axi_o,
    .axi_wdata_o,
    .axi_wstrb_o,
    .axi_i,
    .axi_rdata_i
  );

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  for (genvar f = 0; f < MaxFunctions; f++) begin : gen_function
    for (genvar b = 0; b < 6; b++) begin : gen_bar
      `CW_REQUIRE(f == 0 || Bars[f][b].kind == BarOff
          || !(Bars[f][b].target inside {TargetRegs, TargetCard}), "function 0 has the card")
      `CW_REQUIRE(Bars[f][b].kind == BarOff || Bars[f][b].target != TargetCard
          || Bars[f][b].size_log2 == 6'($clog2(CardMemBytes)), "card memory has another size")
    end
  end
  `CW_ASSERT(OnlyCompletions, !(cpl_valid_o && cpl_ctl_o.sop)
      || tlp_class(cpl_ctl_o.hdr) == ClassCompletion)
  `CW_ASSERT(CardWriteInside, !cm_wr_valid_o || cm_wr_addr_o < CardMemBytes)
  `CW_ASSERT(CardReadInside, !cm_rd_valid_o || cm_rd_addr_o < CardMemBytes)
  `CW_ASSERT_HELD(CplHeld, cpl_valid_o, cpl_ready_i, cpl_ctl_o)
  `CW_ASSERT_HELD(CplDataHeld, cpl_valid_o, cpl_ready_i, cpl_ctl_o.strb == '0 ? '0 : cpl_data_o)

endmodule
