// SPDX-License-Identifier: Apache-2.0
//
// Carries the dword accesses of the register bus to the user's AXI4-Lite port: one write and one
// read at a time, neither of which waits for the other. The address is the offset in the BAR;
// AxUSER says which BAR of which function. Costs one clock beyond what the user takes.
// Spec: AMBA AXI4, B1 (AXI4-Lite); PCIe Base 2.4.1 (writes pass reads).
`include "cw_assert.svh"
module cw_axil_manager
  import cw_axi_pkg::*;
  import cw_endpoint_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_i,

  // Writes; done with ready
  input  logic        wr_valid_i,
  input  reg_req_t    wr_req_i,
  output logic        wr_ready_o,
  output logic        wr_error_o,  // with ready: SLVERR or DECERR

  // Reads; the answer comes with ready
  input  logic        rd_valid_i,
  input  reg_req_t    rd_req_i,
  output logic        rd_ready_o,
  output logic [31:0] rd_rdata_o,
  output logic        rd_error_o,

  // AXI4-Lite
  output logic [31:0] aw_addr_o,
  output axi_user_t   aw_user_o,
  output logic        aw_valid_o,
  input  logic        aw_ready_i,
  output logic [31:0] w_data_o,
  output logic [3:0]  w_strb_o,
  output logic        w_valid_o,
  input  logic        w_ready_i,
  input  axi_resp_e   b_resp_i,
  input  logic        b_valid_i,
  output logic        b_ready_o,
  output logic [31:0] ar_addr_o,
  output axi_user_t   ar_user_o,
  output logic        ar_valid_o,
  input  logic        ar_ready_i,
  input  logic [31:0] r_data_i,
  input  axi_resp_e   r_resp_i,
  input  logic        r_valid_i,
  output logic        r_ready_o
);

  logic aw_sent_q, w_sent_q, ar_sent_q;

  // A request stays on the register bus until it is done, and so do address and data here.
  assign aw_addr_o  = wr_req_i.addr;
  assign aw_user_o  = '{bar: wr_req_i.bar, fn: wr_req_i.fn};
  assign w_data_o   = wr_req_i.wdata;
  assign w_strb_o   = wr_req_i.be;
  assign aw_valid_o = wr_valid_i && !aw_sent_q;
  assign w_valid_o  = wr_valid_i && !w_sent_q;
  assign b_ready_o  = aw_sent_q && w_sent_q;
  assign wr_ready_o = b_ready_o && b_valid_i;
  assign wr_error_o = resp_is_error(b_resp_i);

  assign ar_addr_o  = rd_req_i.addr;
  assign ar_user_o  = '{bar: rd_req_i.bar, fn: rd_req_i.fn};
  assign ar_valid_o = rd_valid_i && !ar_sent_q;
  assign r_ready_o  = ar_sent_q;
  assign rd_ready_o = r_ready_o && r_valid_i;
  assign rd_rdata_o = r_data_i;
  assign rd_error_o = resp_is_error(r_resp_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      aw_sent_q <= 1'b0;
      w_sent_q  <= 1'b0;
      ar_sent_q <= 1'b0;
    end else begin
      aw_sent_q <= !wr_ready_o && (aw_sent_q || (aw_valid_o && aw_ready_i));
      w_sent_q  <= !wr_ready_o && (w_sent_q || (w_valid_o && w_ready_i));
      ar_sent_q <= !rd_ready_o && (ar_sent_q || (ar_valid_o && ar_ready_i));
    end
  end

  logic unused;
  assign unused = &{1'b0, wr_req_i.target, rd_req_i.target, rd_req_i.be, rd_req_i.wdata};

  `CW_ASSERT(WritesAreWrites, !wr_valid_i || wr_req_i.write)
  `CW_ASSERT(ReadsAreReads, !rd_valid_i || !rd_req_i.write)
  `CW_ASSERT(DwordAligned, !wr_valid_i || wr_req_i.addr[1:0] == '0)
  `CW_ASSERT(ResponseWasAsked, !b_valid_i || b_ready_o)
  `CW_ASSERT(DataWereAsked, !r_valid_i || r_ready_o)
  `CW_ASSERT_HELD(AwHeld, aw_valid_o, aw_ready_i, {aw_addr_o, aw_user_o})
  `CW_ASSERT_HELD(WHeld, w_valid_o, w_ready_i, {w_data_o, w_strb_o})
  `CW_ASSERT_HELD(ArHeld, ar_valid_o, ar_ready_i, {ar_addr_o, ar_user_o})

endmodule
