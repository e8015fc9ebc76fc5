// SPDX-License-Identifier: Apache-2.0
//
// Configuration spaces of all functions of a device; an access reaches the one that it names. A
// request for a function that is absent must not arrive here: it is an Unsupported Request.
// Spec: PCIe Base 7.3.1 (device and function numbers).
`include "cw_assert.svh"
module cw_functions
  import cw_cfg_pkg::*;
#(
  parameter int unsigned                      Functions   = 1,  // 1 to 8
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars        = {MaxFunctions{BarsExample}},
  parameter int unsigned                      MsixVectors = 8   // of function 0
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  // A type 0 configuration request
  input  cw_tlp_pkg::cfg_hdr_t       cfg_hdr_i,
  input  logic [31:0]                cfg_wdata_i,
  input  logic                       cfg_valid_i,
  output logic                       cfg_ready_o,
  output logic [31:0]                cfg_rdata_o,
  output logic                       cfg_done_o,

  // Each function
  output cfg_state_t [Functions-1:0] state_o,
  input  cfg_event_t [Functions-1:0] event_i,
  input  logic       [Functions-1:0] busy_i,   // own requests wait for completions

  // All of them together
  output port_ctl_t                  port_ctl_o
);

  logic [Functions-1:0]       chosen, ready, done;
  logic [Functions-1:0][31:0] rdata;

  for (genvar f = 0; f < Functions; f++) begin : gen_function
    assign chosen[f] = cfg_hdr_i.target_id.fn == 3'(f);

    cw_cfg_space #(
      .Function   (f),
      .Functions  (Functions),
      .Bars       (Bars[f]),
      .MsixVectors(MsixVectors)
    ) u_space (
      .clk_i,
      .rst_i,
      .cfg_hdr_i,
      .cfg_wdata_i,
      .cfg_valid_i(cfg_valid_i && chosen[f]),
      .cfg_ready_o(ready[f]),
      .cfg_rdata_o(rdata[f]),
      .cfg_done_o (done[f]),
      .state_o    (state_o[f]),
      .event_i    (event_i[f]),
      .busy_i     (busy_i[f])
    );
  end

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
    end
  end

  assign cfg_ready_o = (ready & chosen) != '0;
  assign cfg_done_o  = done != '0;

  `CW_REQUIRE(Functions >= 1 && Functions <= MaxFunctions, "a device has 1 to 8 functions")
  `CW_ASSERT(FunctionIsThere, !cfg_valid_i || chosen != '0)
  `CW_ASSERT(OneAnswers, $onehot0(done))

endmodule
