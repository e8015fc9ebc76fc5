// SPDX-License-Identifier: Apache-2.0
//
// Interrupts of all functions. What a user's line or a DMA channel raises is told by MSI-X where
// that is enabled, else by MSI where that is, else by INTx. Function 0 has all three, the others
// MSI and INTx. `irq_i[f][v]` is high as long as condition v of function f holds: each rise is one
// event for vector v of MSI-X or MSI, and any high line is the function's INTx level.
// Spec: PCIe Base 6.1.
`include "cw_assert.svh"
module cw_interrupts
  import cw_endpoint_pkg::*, cw_cfg_pkg::cfg_state_t, cw_cfg_pkg::NumIntx;
#(
  parameter int unsigned W           = 256,  // bits of a beat
  parameter int unsigned Functions   = 1,
  parameter int unsigned MsixVectors = 8,    // of function 0
  parameter logic [31:0] TableOffset = msix_table_offset(MsixVectors),
  parameter logic [31:0] PbaOffset   = msix_pba_offset(MsixVectors)
) (
  input  logic                                      clk_i,
  input  logic                                      rst_i,
  input  logic       [Functions-1:0]                fn_rst_i,

  input  cfg_state_t [Functions-1:0]                state_i,

  // Sources: the user's lines, the DMA channels of function 0, and what function 0 has to say by
  // its interrupt registers
  input  logic [Functions-1:0][MaxMsiVectors-1:0]   irq_i,
  input  dma_irq_t                                  dma_irq_i,
  input  logic                                      level_i,

  // Register bus: accesses to the MSI-X table, or to its pending bits
  input  logic                                      reg_valid_i,
  input  logic                                      reg_pba_i,
  input  reg_req_t                                  reg_req_i,
  output logic                                      reg_ready_o,
  output logic [31:0]                               reg_rdata_o,

  // For configuration space
  output logic [Functions-1:0][MaxMsiVectors-1:0]   msi_pending_o,
  output logic [Functions-1:0]                      intx_status_o,

  // Virtual wires INTA to INTD, to be told by messages
  output logic [NumIntx-1:0]                        intx_o,

  // Messages as writes, to the requester; one on offer may be withdrawn
  output wr_beat_t                                  wr_beat_o,
  output logic [W-1:0]                              wr_data_o,
  output logic                                      wr_valid_o,
  input  logic                                      wr_ready_i
);

  localparam logic [12:0] MessageBytes = 13'd4;
  localparam int unsigned Clients      = Functions + 1;  // MSI of each function, MSI-X
  localparam int unsigned ClientW      = $clog2(Clients);
  localparam int unsigned MsixLines    = MsixVectors < MaxMsiVectors ? MsixVectors : MaxMsiVectors;

  logic [Functions-1:0][MaxMsiVectors-1:0] irq_q, msi_events;
  logic [Functions-1:0]                    reset, level;
  logic [MsixVectors-1:0]                  msix_events;
  msix_message_t [Clients-1:0]             message;
  logic [Clients-1:0]                      valid, grant;
  logic [ClientW-1:0]                      client;

  assign reset = fn_rst_i | {Functions{rst_i}};

  // ---- Events

  // No reset: it follows the lines.
  always_ff @(posedge clk_i) irq_q <= irq_i;

  always_comb begin
    for (int unsigned f = 0; f < Functions; f++) begin
      msi_events[f] = irq_i[f] & ~irq_q[f];
      level[f]      = irq_i[f] != '0;
    end
    level[0] = level_i;
    msi_events[0][dma_irq_i.vector[4:0]] |= dma_irq_i.valid;
    for (int unsigned f = 0; f < Functions; f++) begin
      if (state_i[f].msix_enable || !state_i[f].msi.enable) msi_events[f] = '0;
    end
  end

  // A vector number from `MsixVectors` on raises nothing.
  always_comb begin
    msix_events                  = '0;
    msix_events[MsixLines-1:0]   = MsixLines'(irq_i[0] & ~irq_q[0]);
    for (int unsigned v = 0; v < MsixVectors; v++) begin
      if (dma_irq_i.valid && 32'(dma_irq_i.vector) == v) msix_events[v] = 1'b1;
    end
    if (!state_i[0].msix_enable) msix_events = '0;
  end

  // ---- The three ways

  for (genvar f = 0; f < Functions; f++) begin : gen_msi
    cw_msi u_msi (
      .clk_i,
      .rst_i    (reset[f]),
      .state_i  (state_i[f]),
      .irq_i    (msi_events[f]),
      .pending_o(msi_pending_o[f]),
      .message_o(message[f]),
      .valid_o  (valid[f]),
      .ready_i  (grant[f] && wr_ready_i)
    );
  end

  cw_msix #(
    .Vectors    (MsixVectors),
    .TableOffset(TableOffset),
    .PbaOffset  (PbaOffset)
  ) u_msix (
    .clk_i,
    .rst_i    (reset[0]),
    .state_i  (state_i[0]),
    .irq_i    (msix_events),
    .reg_valid_i,
    .reg_pba_i,
    .reg_req_i,
    .reg_ready_o,
    .reg_rdata_o,
    .message_o(message[Functions]),
    .valid_o  (valid[Functions]),
    .ready_i  (grant[Functions] && wr_ready_i)
  );

  cw_intx #(.Functions(Functions)) u_intx (
    .clk_i,
    .rst_i,
    .state_i,
    .level_i (level & ~fn_rst_i),
    .status_o(intx_status_o),
    .wire_o  (intx_o)
  );

  // ---- One message at a time

  cw_rr_arbiter #(.N(Clients)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (valid),
    .take_i  (wr_valid_o && wr_ready_i),
    .lock_i  (1'b0),
    .grant_o (grant),
    .index_o (client),
    .any_o   (wr_valid_o)
  );

  assign wr_data_o = W'(message[client].data);
  assign wr_beat_o = '{
    fn:    32'(client) == Functions ? 3'd0 : 3'(client),
    iova:  {message[client].addr_hi, message[client].addr_lo[31:2], 2'b00},
    bytes: MessageBytes,
    sop:   1'b1,
    eop:   1'b1,
    default: '0
  };

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OneWay, !(valid[0] && valid[Functions]) || $past(state_i[0].msi.enable))
  `CW_ASSERT(WireNeedsALine, intx_o == '0 || $past(intx_status_o, 1) != '0)

endmodule
