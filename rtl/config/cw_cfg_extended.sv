// SPDX-License-Identifier: Apache-2.0
//
// Extended configuration space of a function: the chain of capabilities from 0x100 on. What a
// function does not have drops out: ARI and ACS belong to devices of more than one function, LTR to
// function 0, Resizable BAR to functions with such a BAR. `rst_i` is any reset, a
// function-level one as well.
// Spec: PCIe Base 7.6.
`include "cw_assert.svh"
module cw_cfg_extended
  import cw_cfg_pkg::*, cw_cfg_ext_pkg::*, cw_aer_pkg::*;
#(
  parameter int unsigned    Function     = 0,
  parameter int unsigned    Functions    = 1,  // of the device
  parameter logic [63:0]    SerialNumber = SerialNumberExample,
  parameter build_t         Build        = BuildExample,
  parameter bar_cfg_t [5:0] Bars         = BarsResizable
) (
  input  logic             clk_i,
  input  logic             rst_i,
  input  logic             cold_rst_i,

  // Access; `rdata_o` is zero below 0x100
  input  logic             cfg_valid_i,
  input  cfg_req_t         cfg_req_i,
  output logic [31:0]      rdata_o,

  // Errors of this clock, and what software decides about them; messages that may be sent, that
  // functions before this one have sent for errors of no function in particular, that are owed
  input  function_errors_t errors_i,
  output aer_settings_t    settings_o,
  output error_class_t     detected_o,
  input  report_enable_t   report_i,
  input  error_message_t   told_i,
  output error_message_t   told_o,
  output error_message_t   message_o,    // the clock after
  output logic             ecrc_generate_o,
  output logic             ecrc_check_o,

  input  logic             mem_enable_i,  // Command: Memory Space Enable
  output logic [5:0][5:0]  bar_log2_o,    // bytes of each BAR now; 0: no BAR
  output ltr_t             ltr_max_o
);

  localparam bit HasMany  = Functions > 1;
  localparam bit HasLtr   = Function == 0;
  localparam bit HasRebar = resizable_below(Bars, 6) != 0;

  // The capability at a place, or the next that is there.
  localparam logic [11:0] AtRebar = HasRebar ? RebarOffset : ExtEnd;
  localparam logic [11:0] AtLtr   = HasLtr ? LtrOffset : AtRebar;
  localparam logic [11:0] AtAri   = HasMany ? AriOffset : AtLtr;

  logic [31:0] dsn_rdata, vsec_rdata, aer_rdata, ari_rdata, acs_rdata, ltr_rdata, rebar_rdata;

  assign rdata_o = dsn_rdata | vsec_rdata | aer_rdata | ari_rdata | acs_rdata | ltr_rdata
                 | rebar_rdata;

  cw_cfg_dsn #(.Base(DsnOffset), .Next(VsecOffset), .SerialNumber(SerialNumber)) u_dsn (
    .clk_i,
    .rst_i,
    .cfg_valid_i,
    .cfg_req_i,
    .rdata_o(dsn_rdata)
  );

  cw_cfg_vsec #(.Base(VsecOffset), .Next(AerOffset), .Build(Build)) u_vsec (
    .clk_i,
    .rst_i,
    .cfg_valid_i,
    .cfg_req_i,
    .rdata_o(vsec_rdata)
  );

  cw_cfg_aer #(.Base(AerOffset), .Next(AtAri)) u_aer (
    .clk_i,
    .rst_i,
    .cold_rst_i,
    .cfg_valid_i,
    .cfg_req_i,
    .rdata_o(aer_rdata),
    .errors_i,
    .settings_o,
    .detected_o,
    .report_i,
    .told_i,
    .told_o,
    .message_o,
    .ecrc_generate_o,
    .ecrc_check_o
  );

  if (HasMany) begin : gen_many
    localparam int unsigned NextFunction = Function + 1 < Functions ? Function + 1 : 0;

    cw_cfg_ari #(.Base(AriOffset), .Next(AcsOffset), .NextFunction(NextFunction)) u_ari (
      .clk_i,
      .rst_i,
      .cfg_valid_i,
      .cfg_req_i,
      .rdata_o(ari_rdata)
    );

    cw_cfg_acs #(.Base(AcsOffset), .Next(AtLtr)) u_acs (
      .clk_i,
      .rst_i,
      .cfg_valid_i,
      .cfg_req_i,
      .rdata_o(acs_rdata),
      .control_o()
    );
  end else begin : gen_single
    assign ari_rdata = '0;
    assign acs_rdata = '0;
  end

  if (HasLtr) begin : gen_ltr
    cw_cfg_ltr #(.Base(LtrOffset), .Next(AtRebar)) u_ltr (
      .clk_i,
      .rst_i,
      .cfg_valid_i,
      .cfg_req_i,
      .rdata_o(ltr_rdata),
      .max_o  (ltr_max_o)
    );
  end else begin : gen_no_ltr
    assign ltr_rdata = '0;
    assign ltr_max_o = '0;
  end

  if (HasRebar) begin : gen_rebar
    cw_cfg_rebar #(.Base(RebarOffset), .Next(ExtEnd), .Bars(Bars)) u_rebar (
      .clk_i,
      .rst_i,
      .cfg_valid_i,
      .cfg_req_i,
      .rdata_o(rebar_rdata),
      .mem_enable_i,
      .bar_log2_o
    );
  end else begin : gen_no_rebar
    assign rebar_rdata = '0;
    for (genvar i = 0; i < 6; i++) begin : gen_bar
      assign bar_log2_o[i] = fixed_log2(Bars[i]);
    end
  end

  `CW_REQUIRE(Function < Functions && Functions <= MaxFunctions, "not a function of the device")
  `CW_ASSERT(NothingBelow, !cfg_valid_i || cfg_req_i.reg_dw >= ext_dw(DsnOffset, 10'd0)
      || rdata_o == '0)
  `CW_ASSERT(OneOwnerOfADword, $countones({dsn_rdata != '0, vsec_rdata != '0, aer_rdata != '0,
      ari_rdata != '0, acs_rdata != '0, ltr_rdata != '0, rebar_rdata != '0}) <= 1)

endmodule
