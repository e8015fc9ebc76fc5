// SPDX-License-Identifier: Apache-2.0
//
// Advanced Error Reporting capability: logs errors, keeps the header of the first until software
// clears it, and says which messages are owed. Where no TLP is known the header is zero, or all
// ones for an internal error. The log outlives every reset but a cold one; `rst_i` is any of them.
// Spec: PCIe Base 7.8.4, 6.2.
`include "cw_assert.svh"
module cw_cfg_aer
  import cw_cfg_pkg::*, cw_cfg_ext_pkg::*, cw_aer_pkg::*;
#(
  parameter logic [11:0] Base = AerOffset,
  parameter logic [11:0] Next = ExtEnd
) (
  input  logic             clk_i,
  input  logic             rst_i,
  input  logic             cold_rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic             cfg_valid_i,
  input  cfg_req_t         cfg_req_i,
  output logic [31:0]      rdata_o,

  // What happened; which of these errors would be logged is for `settings_o` to say
  input  function_errors_t errors_i,
  output aer_settings_t    settings_o,
  output error_class_t     detected_o,

  // Messages. An error of no function in particular is told by the first function that may:
  // `told` is what functions before this one have said of it.
  input  report_enable_t   report_i,
  input  error_message_t   told_i,
  output error_message_t   told_o,
  output error_message_t   message_o,

  output logic             ecrc_generate_o,
  output logic             ecrc_check_o
);

  localparam ext_header_t Header = '{next: Next, version: 4'd2, id: ExtIdAer};

  logic                 write;
  errors_t              errors;
  uncorrectable_t       status_q, mask_q, severity_q, candidates;
  logic [31:0]          status_kept;
  correctable_t         cor_status_q, cor_mask_q, cor_set;
  aer_control_t         control_q, control_d;
  cw_tlp_pkg::tlp_hdr_t header_q;
  logic [31:0]          prefix_q;
  logic                 free, log;
  error_message_t       shared, message_q;

  assign write  = cfg_valid_i && cfg_req_i.write;
  assign errors = errors_i.own | errors_i.shared;

  function automatic logic at(aer_dw_e index);
    return cfg_req_i.reg_dw == ext_dw(Base, index);
  endfunction

  assign settings_o = '{
      severity: severity_q, mask: mask_q, mask_advisory: cor_mask_q.advisory};

  // The first error is the oldest that software has not cleared; while there is one, no other
  // header is recorded (6.2.4.2).
  assign status_kept = cw_cfg_reg_pkg::next_value(
      status_q, cfg_req_i, write && at(AerDwStatus), '0, UncorrectableBits, '0);
  assign candidates  = logged(errors, settings_o);
  assign free        = !status_kept[control_q.first_error];
  assign log         = free && candidates != '0;

  always_comb begin
    cor_set          = '0;
    cor_set.advisory = advisory(errors, settings_o) != '0;
    control_d        = cw_cfg_reg_pkg::next_value(
        control_q, cfg_req_i, write && at(AerDwControl), ControlRw, '0, '0);
    if (free) begin
      control_d.first_error    = first_of(candidates);
      control_d.prefix_present = log && errors_i.prefix_valid;
    end
  end

  always_ff @(posedge clk_i) begin
    if (cold_rst_i) begin
      status_q     <= '0;
      mask_q       <= MaskReset;
      severity_q   <= SeverityReset;
      cor_status_q <= '0;
      cor_mask_q   <= CorMaskReset;
      control_q    <= ControlReset;
      header_q     <= '0;
      prefix_q     <= '0;
    end else begin
      status_q     <= status_kept | status_set(errors, settings_o);
      mask_q       <= cw_cfg_reg_pkg::next_value(
          mask_q, cfg_req_i, write && at(AerDwMask), UncorrectableBits, '0, '0);
      severity_q   <= cw_cfg_reg_pkg::next_value(
          severity_q, cfg_req_i, write && at(AerDwSeverity), UncorrectableBits, '0, '0);
      cor_status_q <= cw_cfg_reg_pkg::next_value(
          cor_status_q, cfg_req_i, write && at(AerDwCorStatus), '0, CorrectableBits, cor_set);
      cor_mask_q   <= cw_cfg_reg_pkg::next_value(
          cor_mask_q, cfg_req_i, write && at(AerDwCorMask), CorrectableBits, '0, '0);
      control_q    <= control_d;
      if (log) begin
        header_q <= candidates.internal_error && errors_i.hdr == '0 ? '1 : errors_i.hdr;
        prefix_q <= errors_i.prefix_valid ? errors_i.prefix : '0;
      end
    end
    if (rst_i) message_q <= '0;
    else       message_q <= error_messages(errors_i.own, settings_o, report_i) | (shared & ~told_i);
  end

  assign shared = error_messages(errors_i.shared, settings_o, report_i);
  assign told_o = told_i | shared;

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      ext_dw(Base, AerDwHeader):     rdata_o = Header;
      ext_dw(Base, AerDwStatus):     rdata_o = status_q;
      ext_dw(Base, AerDwMask):       rdata_o = mask_q;
      ext_dw(Base, AerDwSeverity):   rdata_o = severity_q;
      ext_dw(Base, AerDwCorStatus):  rdata_o = cor_status_q;
      ext_dw(Base, AerDwCorMask):    rdata_o = cor_mask_q;
      ext_dw(Base, AerDwControl):    rdata_o = control_q;
      ext_dw(Base, AerDwHeaderLog0): rdata_o = header_q.dw0;
      ext_dw(Base, AerDwHeaderLog1): rdata_o = header_q.dw1;
      ext_dw(Base, AerDwHeaderLog2): rdata_o = header_q.dw2;
      ext_dw(Base, AerDwHeaderLog3): rdata_o = header_q.dw3;
      ext_dw(Base, AerDwPrefixLog):  rdata_o = prefix_q;
      default:                       rdata_o = '0;
    endcase
  end

  assign detected_o      = error_class(errors, settings_o);
  assign message_o       = message_q;
  assign ecrc_generate_o = control_q.ecrc_generate;
  assign ecrc_check_o    = control_q.ecrc_check;

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(OnlyRealErrors, ((status_q | mask_q | severity_q) & ~UncorrectableBits) == '0
      && ((cor_status_q | cor_mask_q) & ~CorrectableBits) == '0)
  `CW_ASSERT(FirstErrorIsSet, control_q.first_error == '0 || status_q[control_q.first_error])
  `CW_ASSERT(FirstErrorStays, !$past(!free && !rst_i && !cold_rst_i)
      || $stable({control_q.first_error, control_q.prefix_present, header_q, prefix_q}))
  `CW_ASSERT(ErrorIsRecorded, !$past(!rst_i && !cold_rst_i)
      || ($past(status_set(errors, settings_o)) & ~status_q) == '0)

endmodule
