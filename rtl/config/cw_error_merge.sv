// SPDX-License-Identifier: Apache-2.0
//
// Gives each function the errors that the stations of the device report in a clock, and the header
// of the one that it logs: that of the error that counts most among those that it has not masked.
// Nothing waits here, and nothing is lost.
// Spec: PCIe Base 6.2.3.2.3 (error pollution), 6.2.4 (error logging).
`include "cw_assert.svh"
module cw_error_merge
  import cw_cfg_pkg::*, cw_aer_pkg::*;
#(
  parameter int unsigned Sources   = 4,
  parameter int unsigned Functions = 1,
  parameter int unsigned Posted    = 0  // bit n: station n deals with posted requests alone
) (
  input  logic                             clk_i,
  input  logic                             rst_i,

  // From the stations; a report that names more than one function concerns none in particular
  input  error_report_t    [Sources-1:0]   report_i,

  // To and from each function
  input  aer_settings_t    [Functions-1:0] settings_i,
  output cfg_event_t       [Functions-1:0] event_o,
  output function_errors_t [Functions-1:0] errors_o
);

  logic [Sources-1:0] shared;

  for (genvar s = 0; s < Sources; s++) begin : gen_source
    assign shared[s] = $countones(report_i[s].functions[Functions-1:0]) > 1;
  end

  for (genvar f = 0; f < Functions; f++) begin : gen_function
    cfg_event_t     [Sources-1:0] kinds;
    errors_t        [Sources-1:0] errors;
    uncorrectable_t [Sources-1:0] candidates;
    uncorrectable_t               any;
    logic           [4:0]         first;

    always_comb begin
      event_o[f] = '0;
      any        = '0;
      for (int unsigned s = 0; s < Sources; s++) begin
        kinds[s]      = report_i[s].functions[f] ? report_i[s].kinds : '0;
        errors[s]     = errors_of(kinds[s], Posted[s]);
        candidates[s] = logged(errors[s], settings_i[f]);
        event_o[f]   |= kinds[s];
        any          |= candidates[s];
      end
      first = first_of(any);
    end

    always_comb begin
      errors_o[f] = '0;
      for (int unsigned s = Sources; s > 0; s--) begin
        if (shared[s - 1]) errors_o[f].shared |= errors[s - 1];
        else               errors_o[f].own    |= errors[s - 1];
        if (candidates[s - 1][first]) begin
          errors_o[f].hdr          = report_i[s - 1].hdr;
          errors_o[f].prefix_valid = report_i[s - 1].prefix_valid;
          errors_o[f].prefix       = report_i[s - 1].prefix;
        end
      end
    end

    `CW_ASSERT(NothingLost,
        any_of(errors_o[f].own | errors_o[f].shared) == any_of(errors_of(event_o[f], 1'b0)))
  end

  `CW_REQUIRE(Sources >= 1 && Functions >= 1 && Functions <= MaxFunctions, "nothing to merge")

endmodule
