// SPDX-License-Identifier: Apache-2.0
//
// INTx of a device: the level of each function, where it is told by neither MSI nor MSI-X, goes to
// the virtual wire of its pin; functions that share a pin are ORed into one wire. A wire falls when
// its last interrupt is cleared, and when Interrupt Disable, a power state or a reset silences it.
// Spec: PCIe Base 6.1.2 (INTx rules), 7.5.1.1.3 (Interrupt Disable), 7.5.1.1.4 (Interrupt Status).
`include "cw_assert.svh"
module cw_intx
  import cw_cfg_pkg::*;
#(
  parameter int unsigned Functions = 1
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  cfg_state_t [Functions-1:0] state_i,

  // An unmasked interrupt of the function waits for service
  input  logic       [Functions-1:0] level_i,

  output logic       [Functions-1:0] status_o,  // Interrupt Status
  output logic       [NumIntx-1:0]   wire_o     // INTA to INTD
);

  logic [NumIntx-1:0] wire_d, wire_q;

  always_comb begin
    wire_d = '0;
    for (int unsigned f = 0; f < Functions; f++) begin
      status_o[f] = level_i[f] && !state_i[f].msi.enable && !state_i[f].msix_enable;
      if (status_o[f] && !state_i[f].intx_disable && state_i[f].power == PowerD0)
        wire_d[2'(intx_pin(f) - 3'd1)] = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) wire_q <= '0;
    else       wire_q <= wire_d;
  end

  assign wire_o = wire_q;

  `CW_REQUIRE(Functions >= 1 && Functions <= MaxFunctions, "a device has 1 to 8 functions")
  `CW_ASSERT(WireHasAReason, wire_q == '0 || $past(|level_i))

endmodule
