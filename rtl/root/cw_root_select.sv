// SPDX-License-Identifier: Apache-2.0
//
// Says which root port an access of the CPU concerns: the first one whose own registers, whose
// buses or whose windows its address names, else the first of all. What was said of an access that
// is taken stays until the next one is.
// Spec: PCIe Base 7.3.1 (a root port is a device of bus 0), 7.5.1.3 (bus numbers, windows).
`include "cw_assert.svh"
module cw_root_select
  import cw_host_pkg::*;
#(
  parameter  int unsigned Ports = 2,  // devices 0, 1, ... of bus 0
  localparam int unsigned PortW = Ports > 1 ? $clog2(Ports) : 1
) (
  input  logic                                     clk_i,
  input  logic                                     rst_i,

  input  cw_cfg_pkg::root_port_state_t [Ports-1:0] state_i,

  // An access, and the port that it concerns
  input  logic [63:0]                              addr_i,
  input  logic                                     take_i,
  output cw_tlp_pkg::bdf_t                         id_o,
  output cw_cfg_pkg::root_port_state_t             state_o,

  // That of the access under way
  output logic [PortW-1:0]                         port_o
);

  logic [Ports-1:0] named;
  logic [PortW-1:0] port, port_q;

  for (genvar n = 0; n < Ports; n++) begin : gen_port
    assign named[n] = host_target(addr_i, state_i[n], cw_root_pkg::root_port_id(n))
        inside {TargetOwnConfig, TargetConfig0, TargetConfig1, TargetMemory};
  end

  always_comb begin
    port = '0;
    for (int unsigned n = Ports; n > 0; n--) if (named[n-1]) port = PortW'(n - 1);
  end

  assign id_o    = cw_root_pkg::root_port_id(32'(port));
  assign state_o = state_i[port];

  // With one port there is nothing to remember.
  assign port_o = Ports > 1 ? port_q : '0;

  always_ff @(posedge clk_i) begin
    if (rst_i)       port_q <= '0;
    else if (take_i) port_q <= port;
  end

  `CW_REQUIRE(Ports inside {[1:32]}, "a bus has 32 devices")
  `CW_ASSERT(PortIsThere, 32'(port_o) < Ports && 32'(port) < Ports)
  `CW_ASSERT(NamedIsChosen, named == '0 || named[port])

endmodule
