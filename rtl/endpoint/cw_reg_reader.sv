// SPDX-License-Identifier: Apache-2.0
//
// Reads the dwords of one completion from the register bus, packs them into beats from lane 0 on;
// or writes the one dword of an I/O write, which gives no beat. Starts a beat only when there is
// room for it, so the bus never waits for a completion.
// Spec: PCIe Base 2.3.1.1 (data return for read requests).
`include "cw_assert.svh"
module cw_reg_reader
  import cw_endpoint_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned W = 256  // bits of a beat
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Piece, and its request; done in the clock of its last dword
  input  piece_t       piece_i,
  input  np_req_t      req_i,
  input  logic         valid_i,
  output logic         done_o,
  output logic         error_o,     // with done_o: the bus reported an error for one of them

  // Register bus
  output logic         reg_valid_o,
  output reg_req_t     reg_req_o,
  input  logic         reg_ready_i,
  input  logic [31:0]  reg_rdata_i,
  input  logic         reg_error_i,

  // Beats
  output logic [W-1:0] beat_data_o,
  output logic         beat_valid_o,
  input  logic         room_i       // for one more beat
);

  localparam int unsigned Lanes = W / 32;
  localparam int unsigned LaneW = $clog2(Lanes);

  logic [10:0]      dw_q;
  logic [LaneW-1:0] lane;
  logic [W-1:0]     data_q;
  logic             error_q, last, answered, write;

  assign write       = cw_tlp_pkg::has_payload(cw_tlp_pkg::tlp_hdr_t'(req_i.hdr));
  assign lane        = LaneW'(dw_q);
  assign last        = dw_q == piece_i.dw - 11'd1;
  assign reg_valid_o = valid_i && room_i;
  assign answered    = reg_valid_o && reg_ready_i;

  always_comb begin
    reg_req_o.target = req_i.target;
    reg_req_o.fn     = req_i.fn;
    reg_req_o.bar    = req_i.bar;
    reg_req_o.write  = write;
    reg_req_o.wdata  = write ? req_i.wdata : '0;
    reg_req_o.addr   = piece_i.offset + 32'({dw_q, 2'b00});
    reg_req_o.be     = (dw_q == '0 ? piece_i.first_be : 4'b1111)
                     & (last ? piece_i.last_be : 4'b1111);
  end

  always_comb begin
    beat_data_o                = data_q;
    beat_data_o[32*lane +: 32] = reg_rdata_i;
  end

  assign done_o       = answered && last;
  assign error_o      = error_q || reg_error_i;
  assign beat_valid_o = answered && !write && (last || lane == LaneW'(Lanes - 1));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      dw_q    <= '0;
      error_q <= 1'b0;
    end else if (answered) begin
      dw_q    <= last ? '0 : dw_q + 11'd1;
      error_q <= !last && error_o;
    end
  end

  // No reset: a lane is meaningful once its dword was read.
  always_ff @(posedge clk_i) begin
    if (answered) data_q <= beat_data_o;
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(SomethingToRead, !valid_i || piece_i.dw != '0)
  `CW_ASSERT(InsideCompletion, !valid_i || dw_q < piece_i.dw)
  `CW_ASSERT(OneDwordIsWritten, !(valid_i && write) || piece_i.dw == 11'd1)
  `CW_ASSERT(BeatsHaveRoom, !beat_valid_o || room_i)
  `CW_ASSERT_HELD(RegHeld, reg_valid_o, reg_ready_i, reg_req_o)

endmodule
