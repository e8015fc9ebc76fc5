// SPDX-License-Identifier: Apache-2.0
//
// Configuration spaces of all functions of a device; an access reaches the one that it names, or is
// put off while that one is being reset. A request for a function that is absent must not arrive
// here: it is an Unsupported Request. Function 0 is the card; the others are the user's.
// Spec: PCIe Base 7.3.1 (device and function numbers), 2.3.1 (Request Retry Status), 6.6.
`include "cw_assert.svh"
module cw_functions
  import cw_cfg_pkg::*;
#(
  parameter int unsigned                      Functions       = 1,  // 1 to 8
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars            =
      {{(MaxFunctions - 1){BarsUserExample}}, BarsExample},
  parameter int unsigned                      RomLog2         = 0,   // function 0; 0: none
  parameter int unsigned                      MsiVectors      = 32,  // each function
  parameter int unsigned                      MsixVectors     = 8,   // function 0
  parameter logic [2:0]                       MsixTableBir    = 3'd0,
  parameter logic [31:0]                      MsixTableOffset = 32'h2000,  // in its BAR
  parameter logic [2:0]                       MsixPbaBir      = 3'd0,
  parameter logic [31:0]                      MsixPbaOffset   = 32'h3000,
  parameter cw_cfg_ext_pkg::build_t           Build           = cw_cfg_ext_pkg::BuildExample,
  parameter logic [63:0]                      SerialNumber    =
      cw_cfg_ext_pkg::SerialNumberExample,
  parameter int unsigned                      Sources         = 4,  // stations that report errors
  parameter int unsigned                      Posted          = 0   // as cw_error_merge says
) (
  input  logic                                  clk_i,
  input  logic                                  rst_i,       // fundamental or hot reset
  input  logic                                  cold_rst_i,  // fundamental reset
  input  logic [Functions-1:0]                  fn_rst_i,    // function-level reset
  input  logic [Functions-1:0]                  resetting_i, // a function-level reset is under way

  // A type 0 configuration request; its answer
  input  cw_tlp_pkg::cfg_hdr_t                  cfg_hdr_i,
  input  logic [31:0]                           cfg_wdata_i,
  input  logic                                  cfg_valid_i,
  output logic                                  cfg_ready_o,
  output logic [31:0]                           cfg_rdata_o,
  output cw_tlp_pkg::cpl_status_e               cfg_status_o,
  output logic                                  cfg_done_o,

  // Errors as the stations report them, as the functions hear of them, as they have to tell them
  input  error_report_t  [Sources-1:0]          report_i,
  output cfg_event_t     [Functions-1:0]        event_o,
  output error_message_t [Functions-1:0]        message_o,

  // Each function: what it is told, what happens in it
  output cfg_state_t [Functions-1:0]            state_o,
  input  logic [Functions-1:0]                  pme_i,       // it asks to be woken, one clock
  input  logic [Functions-1:0]                  busy_i,      // own requests wait for completions
  input  logic [Functions-1:0]                  intx_pending_i,
  input  logic [Functions-1:0][31:0]            msi_pending_i,

  // All of them together: messages received, what the port goes by
  input  cw_endpoint_pkg::msg_seen_t            msg_seen_i,
  output port_ctl_t                             port_ctl_o,
  output cw_cfg_ext_pkg::ltr_t                  ltr_max_o    // latencies: the largest allowed
);

  logic [Functions-1:0]       chosen, ready, done;
  logic [Functions-1:0][31:0] rdata;
  logic                       put_off;
  slot_power_t                slot_power;
  cfg_event_t                   [Functions-1:0] events;
  cw_aer_pkg::function_errors_t [Functions-1:0] errors;
  cw_aer_pkg::aer_settings_t    [Functions-1:0] settings;
  error_message_t               [Functions:0]   told;  // by the functions below
  cw_cfg_ext_pkg::ltr_t         [Functions-1:0] ltr_max;

  assign slot_power = '{
      seen: msg_seen_i.slot_power, scale: msg_seen_i.slot_power_scale,
      value: msg_seen_i.slot_power_value};

  cw_error_merge #(.Sources(Sources), .Functions(Functions), .Posted(Posted)) u_merge (
    .clk_i,
    .rst_i,
    .report_i,
    .settings_i(settings),
    .event_o   (events),
    .errors_o  (errors)
  );

  assign told[0] = '0;

  for (genvar f = 0; f < Functions; f++) begin : gen_function
    always_comb begin
      event_o[f]     = events[f];
      event_o[f].pme = pme_i[f];
    end

    assign chosen[f] = cfg_hdr_i.target_id.fn == 3'(f);

    cw_cfg_space #(
      .Function       (f),
      .Functions      (Functions),
      .DeviceId       (f == 0 ? DeviceIdEndpoint : DeviceIdUser),
      .ClassCode      (f == 0 ? ClassAccelerator : ClassMemory),
      .SubsysId       (16'(f + 1)),
      .Bars           (Bars[f]),
      .RomLog2        (f == 0 ? RomLog2 : 0),
      .IntxPin        (32'(intx_pin(f))),
      .MsiVectors     (MsiVectors),
      .MsixVectors    (f == 0 ? MsixVectors : 0),
      .MsixTableBir   (MsixTableBir),
      .MsixTableOffset(MsixTableOffset),
      .MsixPbaBir     (MsixPbaBir),
      .MsixPbaOffset  (MsixPbaOffset),
      .HasVpd         (f == 0),
      .SerialNumber   (SerialNumber),
      .Build          (cw_cfg_ext_pkg::build_of(Build, Functions, f == 0))
    ) u_space (
      .clk_i,
      .rst_i,
      .cold_rst_i,
      .fn_rst_i      (fn_rst_i[f]),
      .cfg_hdr_i,
      .cfg_wdata_i,
      .cfg_valid_i   (cfg_valid_i && chosen[f] && !put_off),
      .cfg_ready_o   (ready[f]),
      .cfg_rdata_o   (rdata[f]),
      .cfg_done_o    (done[f]),
      .state_o       (state_o[f]),
      .event_i       (event_o[f]),
      .errors_i      (errors[f]),
      .settings_o    (settings[f]),
      .told_i        (told[f]),
      .told_o        (told[f+1]),
      .message_o     (message_o[f]),
      .slot_power_i  (slot_power),
      .busy_i        (busy_i[f]),
      .intx_pending_i(intx_pending_i[f]),
      .msi_pending_i (msi_pending_i[f]),
      .ltr_max_o     (ltr_max[f])
    );
  end

  assign ltr_max_o = ltr_max[0];  // function 0 speaks for the device

  assign put_off = (chosen & (resetting_i | fn_rst_i)) != '0;

  always_comb begin
    cfg_rdata_o = '0;
    for (int unsigned f = 0; f < Functions; f++) if (done[f]) cfg_rdata_o |= rdata[f];
  end

  always_comb begin
    port_ctl_o = '0;
    for (int unsigned f = 0; f < Functions; f++) begin
      if (state_o[f].max_payload > port_ctl_o.max_payload)
        port_ctl_o.max_payload = state_o[f].max_payload;
      port_ctl_o.ecrc_check      |= state_o[f].ecrc_check;
      port_ctl_o.ecrc_generate[f] = state_o[f].ecrc_generate;
      port_ctl_o.np_hold[f]       = !state_o[f].bus_master_enable || state_o[f].power != PowerD0;
    end
  end

  assign cfg_ready_o  = put_off || (ready & chosen) != '0;
  assign cfg_done_o   = done != '0 || (cfg_valid_i && put_off);
  assign cfg_status_o = put_off ? cw_tlp_pkg::CplStatusRrs : cw_tlp_pkg::CplStatusSc;

  logic unused;
  assign unused = &{1'b0, msg_seen_i.pme_turn_off, told[Functions], ltr_max};

  `CW_REQUIRE(Functions >= 1 && Functions <= MaxFunctions, "a device has 1 to 8 functions")
  `CW_ASSERT(FunctionIsThere, !cfg_valid_i || chosen != '0)
  `CW_ASSERT(OneAnswers, $onehot0(done))
  `CW_ASSERT(AnswerWasAsked, !cfg_done_o || cfg_valid_i)

endmodule
