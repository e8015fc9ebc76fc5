// SPDX-License-Identifier: Apache-2.0
//
// Reads beats of the user's memory through AXI4: one burst for each piece of a read, asked for with
// its first beat; the others say that there is room for them. An answer is taken only with room.
// Spec: AMBA AXI4, A3.2 (handshakes), A3.4 (bursts never cross 4 KiB).
`include "cw_assert.svh"
module cw_axi_read
  import cw_axi_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned W     = 256,  // bits of a beat
  parameter int unsigned Beats = 32    // asked for and not yet answered, at most
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Beats
  input  logic         rd_valid_i,
  output logic         rd_ready_o,
  input  beat_read_t   rd_req_i,
  input  logic [31:0]  rd_addr_i,
  output logic         rd_rvalid_o,
  output logic [W-1:0] rd_rdata_o,
  output logic         rd_error_o,   // of this beat

  // AXI4
  output axi_ax_t      ar_o,
  output axi_user_t    ar_user_o,
  output logic         ar_valid_o,
  input  logic         ar_ready_i,
  input  logic [W-1:0] r_data_i,
  input  axi_resp_e    r_resp_i,
  input  logic         r_last_i,
  input  logic         r_valid_i,
  output logic         r_ready_o
);

  localparam int unsigned RoomW = $clog2(Beats + 1);

  logic [RoomW-1:0] room_q;  // answers that may come
  logic             ar_room;
  axi_ax_t          ar;

  assign rd_ready_o = !rd_req_i.first || ar_room;

  assign ar = '{
    id:    '0,
    addr:  64'(rd_addr_i),
    len:   8'(rd_req_i.beats - 11'd1),
    size:  full_size(W),
    burst: BurstIncr
  };

  cw_skid #(.DataW($bits(axi_ax_t) + $bits(axi_user_t))) u_ar (
    .clk_i,
    .rst_i,
    .in_data_i   ({ar, rd_req_i.bar, rd_req_i.fn}),
    .in_valid_i  (rd_valid_i && rd_req_i.first),
    .in_ready_o  (ar_room),
    .out_data_o  ({ar_o, ar_user_o}),
    .out_valid_o (ar_valid_o),
    .out_ready_i (ar_ready_i)
  );

  assign r_ready_o   = room_q != '0;
  assign rd_rvalid_o = r_valid_i && r_ready_o;
  assign rd_rdata_o  = r_data_i;
  assign rd_error_o  = resp_is_error(r_resp_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) room_q <= '0;
    else       room_q <= room_q + RoomW'(rd_valid_i && rd_ready_o) - RoomW'(rd_rvalid_o);
  end

  logic unused;
  assign unused = &{1'b0, rd_req_i.target, r_last_i};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(ForTheUser, !rd_valid_i || rd_req_i.target == cw_cfg_pkg::TargetAxi)
  `CW_ASSERT(BurstFits, !(rd_valid_i && rd_req_i.first)
      || (rd_req_i.beats inside {[11'd1:11'd256]}))
  `CW_ASSERT(BurstInsidePage, !(rd_valid_i && rd_req_i.first)
      || 14'(rd_addr_i[11:0]) + 14'(rd_req_i.beats) * 14'(W / 8) <= 14'd4096)
  `CW_ASSERT(NotMoreThanAllowed, !(rd_valid_i && rd_ready_o) || 32'(room_q) < Beats || rd_rvalid_o)
  `CW_ASSERT_HELD(ArHeld, ar_valid_o, ar_ready_i, {ar_o, ar_user_o})

endmodule
