// SPDX-License-Identifier: Apache-2.0
//
// The card's memory behind AXI4: the engine's reads and writes as one manager's port. The two do
// not wait for each other. A build that does not read or write has the port all the same, which
// does nothing. Composition only. Spec: AMBA AXI4, A2; docs/dma.md, "AXI4".
`include "cw_assert.svh"
module cw_dma_axi
  import cw_axi_pkg::*;
  import cw_dma_pkg::*;
#(
  parameter  int unsigned W      = 256,   // bits of a beat
  parameter  bit          Writes = 1'b1,  // the engine writes to the card's memory, reads from it
  parameter  bit          Reads  = 1'b1,
  localparam int unsigned Bytes  = W / 8
) (
  input  logic             clk_i,
  input  logic             rst_i,
  input  logic             flush_i,  // the engine is in reset, what is behind the port is not

  // Packets to write, and how they ended, in order
  input  card_wr_t         wr_i,
  input  logic [W-1:0]     wr_data_i,
  input  logic [Bytes-1:0] wr_strb_i,
  input  logic             wr_valid_i,
  output logic             wr_ready_o,
  output logic             done_valid_o,
  output logic             done_error_o,

  // Runs of beats to read, and the beats in order
  input  card_rd_t         rd_i,
  input  logic             rd_valid_i,
  output logic             rd_ready_o,
  output logic [W-1:0]     beat_data_o,
  output logic             beat_error_o,
  output logic             beat_valid_o,
  input  logic             beat_ready_i,

  // AXI4
  output axi_drive_t       axi_o,
  output logic [W-1:0]     axi_wdata_o,
  output logic [Bytes-1:0] axi_wstrb_o,
  input  axi_sense_t       axi_i,
  input  logic [W-1:0]     axi_rdata_i
);

  axi_ax_t aw, ar;
  logic    aw_valid, w_last, w_valid, b_ready, ar_valid, r_ready;

  if (Writes) begin : gen_write
    cw_dma_axi_write #(.W(W)) u_write (
      .clk_i, .rst_i, .flush_i,
      .wr_i, .wr_data_i, .wr_strb_i, .wr_valid_i, .wr_ready_o,
      .done_valid_o, .done_error_o,
      .aw_o(aw), .aw_valid_o(aw_valid), .aw_ready_i(axi_i.aw_ready),
      .w_data_o(axi_wdata_o), .w_strb_o(axi_wstrb_o), .w_last_o(w_last), .w_valid_o(w_valid),
      .w_ready_i(axi_i.w_ready),
      .b_i(axi_i.b), .b_valid_i(axi_i.b_valid), .b_ready_o(b_ready)
    );
  end else begin : gen_no_write
    logic unused_write;
    assign unused_write = &{1'b0, wr_i, wr_data_i, wr_strb_i};
    assign {wr_ready_o, done_valid_o, done_error_o, b_ready} = '0;
    assign {aw, aw_valid, axi_wdata_o, axi_wstrb_o, w_last, w_valid} = '0;
    `CW_ASSERT(NothingToWrite, !wr_valid_i)
  end

  if (Reads) begin : gen_read
    cw_dma_axi_read #(.W(W)) u_read (
      .clk_i, .rst_i, .flush_i,
      .rd_i, .rd_valid_i, .rd_ready_o,
      .beat_data_o, .beat_error_o, .beat_valid_o, .beat_ready_i,
      .ar_o(ar), .ar_valid_o(ar_valid), .ar_ready_i(axi_i.ar_ready),
      .r_data_i(axi_rdata_i), .r_resp_i(axi_i.r_resp), .r_valid_i(axi_i.r_valid),
      .r_ready_o(r_ready)
    );
  end else begin : gen_no_read
    logic unused_read;
    assign unused_read = &{1'b0, rd_i, beat_ready_i, axi_rdata_i};
    assign {rd_ready_o, beat_data_o, beat_error_o, beat_valid_o, ar, ar_valid, r_ready} = '0;
    `CW_ASSERT(NothingToRead, !rd_valid_i)
  end

  assign axi_o = '{
    aw: aw, aw_valid: aw_valid, w_last: w_last, w_valid: w_valid, b_ready: b_ready,
    ar: ar, ar_valid: ar_valid, r_ready: r_ready, default: '0
  };

  logic unused;  // one ID: answers come in order
  assign unused = &{1'b0, axi_i, flush_i};

  `CW_ASSERT_HELD(AwHeld, aw_valid, axi_i.aw_ready, aw)
  `CW_ASSERT_HELD(ArHeld, ar_valid, axi_i.ar_ready, ar)

endmodule
