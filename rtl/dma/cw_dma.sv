// SPDX-License-Identifier: Apache-2.0
//
// Scatter-gather DMA engine: a channel from host memory to card memory (h2c) and one back (c2h),
// with their ports grouped as the requester's client numbers expect them.
// Spec: docs/dma.md.
`include "cw_assert.svh"
module cw_dma
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W            = 256,    // bits of a beat
  parameter  int unsigned CardMemBytes = 65536,
  localparam int unsigned Bytes        = W / 8
) (
  input  logic                          clk_i,
  input  logic                          rst_i,

  // Registers
  input  dma_ctl_t                      h2c_ctl_i,
  output dma_sta_t                      h2c_sta_o,
  input  dma_ctl_t                      c2h_ctl_i,
  output dma_sta_t                      c2h_sta_o,
  output logic [1:0]                    irq_o,          // pulses: h2c, c2h
  input  logic [2:0]                    max_payload_i,  // encodings
  input  logic [2:0]                    max_read_i,

  // Reads of host memory, in the order of rd_client_e
  output rd_req_t [NumRdClients-1:0]    rd_req_o,
  output logic [NumRdClients-1:0]       rd_valid_o,
  input  logic [NumRdClients-1:0]       rd_ready_i,
  input  rd_rsp_t                       rsp_i,
  input  logic [W-1:0]                  rsp_data_i,
  input  logic                          rsp_valid_i,
  output logic                          rsp_ready_o,

  // Writes to host memory: WrH2cDone, WrC2hDone, WrC2hData
  output wr_beat_t [2:0]                wr_beat_o,
  output logic [2:0][W-1:0]             wr_data_o,
  output logic [2:0]                    wr_valid_o,
  input  logic [2:0]                    wr_ready_i,

  // Card memory
  output logic                          cm_wr_valid_o,
  input  logic                          cm_wr_ready_i,
  output logic [31:0]                   cm_wr_addr_o,
  output logic [W-1:0]                  cm_wr_data_o,
  output logic [Bytes-1:0]              cm_wr_strb_o,
  output logic                          cm_rd_valid_o,
  input  logic                          cm_rd_ready_i,
  output logic [31:0]                   cm_rd_addr_o,
  input  logic                          cm_rd_rvalid_i,
  input  logic [W-1:0]                  cm_rd_rdata_i
);

  // Places in wr_*_o: a DMA client's number less the one before it in wr_client_e.
  localparam int unsigned H2cDone = 32'(WrH2cDone) - 32'(WrMsix) - 1;
  localparam int unsigned C2hDone = 32'(WrC2hDone) - 32'(WrMsix) - 1;
  localparam int unsigned C2hData = 32'(WrC2hData) - 32'(WrMsix) - 1;

  logic h2c_rsp_ready, c2h_rsp_ready;

  assign rsp_ready_o = h2c_rsp_ready || c2h_rsp_ready;

  // What a channel has no use for, by its direction.
  wr_beat_t         h2c_data_beat;
  logic [W-1:0]     h2c_data_data;
  logic             h2c_data_valid, h2c_cm_rd_valid, c2h_data_req_valid, c2h_cm_wr_valid;
  logic [31:0]      h2c_cm_rd_addr, c2h_cm_wr_addr;
  rd_req_t          c2h_data_req;
  logic [W-1:0]     c2h_cm_wr_data;
  logic [Bytes-1:0] c2h_cm_wr_strb;
  logic             unused;

  assign unused = ^{h2c_data_beat, h2c_data_data, h2c_data_valid, h2c_cm_rd_valid,
                    h2c_cm_rd_addr, c2h_data_req, c2h_data_req_valid, c2h_cm_wr_valid,
                    c2h_cm_wr_addr, c2h_cm_wr_data, c2h_cm_wr_strb};

  cw_dma_channel #(.W(W), .ToCard(1'b1), .CardMemBytes(CardMemBytes)) u_h2c (
    .clk_i,
    .rst_i,
    .ctl_i            (h2c_ctl_i),
    .sta_o            (h2c_sta_o),
    .irq_o            (irq_o[0]),
    .max_payload_i,
    .max_read_i,
    .desc_req_o       (rd_req_o[ClientH2cDesc]),
    .desc_req_valid_o (rd_valid_o[ClientH2cDesc]),
    .desc_req_ready_i (rd_ready_i[ClientH2cDesc]),
    .data_req_o       (rd_req_o[ClientH2cData]),
    .data_req_valid_o (rd_valid_o[ClientH2cData]),
    .data_req_ready_i (rd_ready_i[ClientH2cData]),
    .rsp_i,
    .rsp_data_i,
    .rsp_valid_i,
    .rsp_ready_o      (h2c_rsp_ready),
    .done_beat_o      (wr_beat_o[H2cDone]),
    .done_data_o      (wr_data_o[H2cDone]),
    .done_valid_o     (wr_valid_o[H2cDone]),
    .done_ready_i     (wr_ready_i[H2cDone]),
    .data_beat_o      (h2c_data_beat),
    .data_data_o      (h2c_data_data),
    .data_valid_o     (h2c_data_valid),
    .data_ready_i     (1'b0),
    .cm_wr_valid_o,
    .cm_wr_ready_i,
    .cm_wr_addr_o,
    .cm_wr_data_o,
    .cm_wr_strb_o,
    .cm_rd_valid_o    (h2c_cm_rd_valid),
    .cm_rd_ready_i    (1'b0),
    .cm_rd_addr_o     (h2c_cm_rd_addr),
    .cm_rd_rvalid_i   (1'b0),
    .cm_rd_rdata_i    ('0)
  );

  cw_dma_channel #(.W(W), .ToCard(1'b0), .CardMemBytes(CardMemBytes)) u_c2h (
    .clk_i,
    .rst_i,
    .ctl_i            (c2h_ctl_i),
    .sta_o            (c2h_sta_o),
    .irq_o            (irq_o[1]),
    .max_payload_i,
    .max_read_i,
    .desc_req_o       (rd_req_o[ClientC2hDesc]),
    .desc_req_valid_o (rd_valid_o[ClientC2hDesc]),
    .desc_req_ready_i (rd_ready_i[ClientC2hDesc]),
    .data_req_o       (c2h_data_req),
    .data_req_valid_o (c2h_data_req_valid),
    .data_req_ready_i (1'b0),
    .rsp_i,
    .rsp_data_i,
    .rsp_valid_i,
    .rsp_ready_o      (c2h_rsp_ready),
    .done_beat_o      (wr_beat_o[C2hDone]),
    .done_data_o      (wr_data_o[C2hDone]),
    .done_valid_o     (wr_valid_o[C2hDone]),
    .done_ready_i     (wr_ready_i[C2hDone]),
    .data_beat_o      (wr_beat_o[C2hData]),
    .data_data_o      (wr_data_o[C2hData]),
    .data_valid_o     (wr_valid_o[C2hData]),
    .data_ready_i     (wr_ready_i[C2hData]),
    .cm_wr_valid_o    (c2h_cm_wr_valid),
    .cm_wr_ready_i    (1'b0),
    .cm_wr_addr_o     (c2h_cm_wr_addr),
    .cm_wr_data_o     (c2h_cm_wr_data),
    .cm_wr_strb_o     (c2h_cm_wr_strb),
    .cm_rd_valid_o,
    .cm_rd_ready_i,
    .cm_rd_addr_o,
    .cm_rd_rvalid_i,
    .cm_rd_rdata_i
  );

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OneOwnerOfAnAnswer, !rsp_valid_i || !(h2c_rsp_ready && c2h_rsp_ready))

endmodule
