// SPDX-License-Identifier: Apache-2.0
//
// Answers non-posted requests: decodes each, holds it back until the posted requests before it have
// been carried out, carries it out, and sends its completions. Composition only.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.4.1 (ordering).
`include "cw_assert.svh"
module cw_nonposted_path
  import cw_tlp_pkg::*;
  import cw_cfg_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned                      W         = 256,  // bits of a beat
  parameter int unsigned                      Functions = 2,    // 1 to 8
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars      = device_bars(16),
  parameter int unsigned                      RomLog2   = 16    // ROM of function 0; 0: none
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  cfg_state_t [Functions-1:0] state_i,
  output error_report_t              report_o,

  // Posted requests taken and carried out, modulo 16
  input  logic [3:0]                 p_taken_i,
  input  logic [3:0]                 p_done_i,

  // Non-posted requests; one is offered once every posted one before it has been taken
  input  tlp_ctl_t                   np_ctl_i,
  input  logic [W-1:0]               np_data_i,
  input  logic                       np_valid_i,
  output logic                       np_ready_o,

  // Completions
  output tlp_ctl_t                   cpl_ctl_o,
  output logic [W-1:0]               cpl_data_o,
  output logic                       cpl_valid_o,
  input  logic                       cpl_ready_i,

  // Register bus
  output logic                       reg_valid_o,
  output cw_endpoint_pkg::reg_req_t  reg_req_o,
  input  logic                       reg_ready_i,
  input  logic [31:0]                reg_rdata_i,
  input  logic                       reg_error_i,

  // Beats of card memory and of the AXI4 port, never of both at a time; answers in order
  output beat_read_t                 cm_rd_req_o,
  output logic                       cm_rd_valid_o,
  input  logic                       cm_rd_ready_i,
  output logic [31:0]                cm_rd_addr_o,
  input  logic                       cm_rd_rvalid_i,
  input  logic [W-1:0]               cm_rd_rdata_i,
  input  logic                       cm_rd_error_i,  // TargetAxi only

  // AtomicOps on card memory
  output cw_atomic_pkg::atomic_req_t atomic_req_o,
  input  cw_atomic_pkg::atomic_rsp_t atomic_rsp_i,

  // Configuration space; done in the clock of ready or later
  output cfg_hdr_t                   cfg_hdr_o,
  output logic [31:0]                cfg_wdata_o,
  output logic                       cfg_valid_o,
  input  logic                       cfg_ready_i,
  input  logic [31:0]                cfg_rdata_i,
  input  cpl_status_e                cfg_status_i,
  input  logic                       cfg_done_i
);

  // Room for a piece of register data, and for the way to card memory and back.
  localparam int unsigned Beats = 16;

  np_req_t req;
  logic    head_valid, req_valid, req_ready;

  logic         decoder_ready, operands_room, operands_valid, operands_take;
  logic [255:0] operands;

  assign np_ready_o = decoder_ready && operands_room;

  cw_atomic_operands #(.W(W)) u_operands (
    .clk_i,
    .rst_i,
    .np_ctl_i,
    .np_data_i,
    .np_take_i  (np_valid_i && np_ready_o),
    .room_o     (operands_room),
    .operands_o (operands),
    .valid_o    (operands_valid),
    .take_i     (operands_take)
  );

  cw_np_decoder #(
    .Functions (Functions),
    .Bars      (Bars),
    .RomLog2   (RomLog2)
  ) u_np_decoder (
    .clk_i,
    .rst_i,
    .state_i,
    .np_ctl_i,
    .np_dword_i  (np_data_i[31:0]),
    .np_valid_i  (np_valid_i && operands_room),
    .np_ready_o  (decoder_ready),
    .req_o       (req),
    .req_valid_o (head_valid),
    .req_ready_i (req_valid && req_ready)
  );

  cw_write_fence u_fence (
    .clk_i,
    .rst_i,
    .p_taken_i (p_taken_i),
    .p_done_i  (p_done_i),
    .valid_i   (head_valid),
    .take_i    (req_valid && req_ready),
    .pass_o    (req_valid)
  );

  cpl_entry_t   entry;
  logic         entry_valid, entry_ready, data_valid, data_taken;
  logic [W-1:0] data;

  cw_completer_read #(
    .W         (W),
    .Functions (Functions),
    .Beats     (Beats)
  ) u_read (
    .clk_i,
    .rst_i,
    .state_i,
    .report_o,
    .req_i          (req),
    .req_valid_i    (req_valid),
    .req_ready_o    (req_ready),
    .operands_i     (operands),
    .operands_valid_i(operands_valid),
    .operands_take_o(operands_take),
    .reg_valid_o,
    .reg_req_o,
    .reg_ready_i,
    .reg_rdata_i,
    .reg_error_i,
    .cm_rd_req_o,
    .cm_rd_valid_o,
    .cm_rd_ready_i,
    .cm_rd_addr_o,
    .cm_rd_rvalid_i,
    .cm_rd_rdata_i,
    .cm_rd_error_i,
    .atomic_req_o,
    .atomic_rsp_i,
    .cfg_hdr_o,
    .cfg_wdata_o,
    .cfg_valid_o,
    .cfg_ready_i,
    .cfg_rdata_i,
    .cfg_status_i,
    .cfg_done_i,
    .entry_o        (entry),
    .entry_valid_o  (entry_valid),
    .entry_ready_i  (entry_ready),
    .data_o         (data),
    .data_valid_o   (data_valid),
    .data_taken_i   (data_taken)
  );

  cw_cpl_sender #(
    .W       (W),
    .Entries (8),
    .Beats   (Beats)
  ) u_sender (
    .clk_i,
    .rst_i,
    .entry_i       (entry),
    .entry_valid_i (entry_valid),
    .entry_ready_o (entry_ready),
    .data_i        (data),
    .data_valid_i  (data_valid),
    .data_taken_o  (data_taken),
    .cpl_ctl_o,
    .cpl_data_o,
    .cpl_valid_o,
    .cpl_ready_i
  );

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OnlyCompletions, !(cpl_valid_o && cpl_ctl_o.sop)
      || tlp_class(cpl_ctl_o.hdr) == ClassCompletion)
  `CW_ASSERT(ConfigAccessIsType0, !cfg_valid_o
      || (cfg_hdr_o.dw0.kind inside {TlpCfgRd0, TlpCfgWr0}))
  `CW_ASSERT_HELD(CplHeld, cpl_valid_o, cpl_ready_i, cpl_ctl_o)
  `CW_ASSERT_HELD(CplDataHeld, cpl_valid_o, cpl_ready_i, cpl_ctl_o.strb == '0 ? '0 : cpl_data_o)

endmodule
