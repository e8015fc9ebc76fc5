// SPDX-License-Identifier: Apache-2.0
//
// Writes beats of memory through AXI4: one burst for each memory write, several under
// way, their answers in order. One beat per clock, whatever the lengths.
// Spec: AMBA AXI4, A3.2 (handshakes), A3.4 (bursts never cross 4 KiB).
`include "cw_assert.svh"
module cw_axi_write
  import cw_axi_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned W      = 256,  // bits of a beat
  parameter int unsigned Writes = 8     // given and not yet done, at most
) (
  input  logic           clk_i,
  input  logic           rst_i,

  // Beats; what a write says of itself is constant from its first to its last
  input  logic           wr_valid_i,
  output logic           wr_ready_o,
  input  write_to_t      wr_to_i,
  input  logic           wr_first_i,
  input  logic           wr_last_i,
  input  logic [9:0]     wr_beats_i,
  input  logic [63:0]    wr_addr_i,   // of this beat
  input  logic [W-1:0]   wr_data_i,
  input  logic [W/8-1:0] wr_strb_i,

  // The oldest write has been answered
  output logic           done_o,
  output logic           error_o,

  // AXI4
  output axi_ax_t        aw_o,
  output axi_user_t      aw_user_o,
  output logic           aw_valid_o,
  input  logic           aw_ready_i,
  output logic [W-1:0]   w_data_o,
  output logic [W/8-1:0] w_strb_o,
  output logic           w_last_o,
  output logic           w_valid_o,
  input  logic           w_ready_i,
  input  axi_b_t         b_i,
  input  logic           b_valid_i,
  output logic           b_ready_o
);

  localparam int unsigned CountW = $clog2(Writes + 1);

  logic              aw_room, w_room, take;
  logic [CountW-1:0] owed_q;  // writes whose address has been given, without an answer
  axi_ax_t           aw;

  assign wr_ready_o = w_room && (aw_room || !wr_first_i);
  assign take       = wr_valid_i && wr_ready_o;

  assign aw = '{
    id:    '0,
    addr:  wr_addr_i,
    len:   8'(wr_beats_i - 10'd1),
    size:  full_size(W),
    burst: BurstIncr
  };

  cw_skid #(.DataW($bits(axi_ax_t) + $bits(axi_user_t))) u_aw (
    .clk_i,
    .rst_i,
    .in_data_i   ({aw, wr_to_i.bar, wr_to_i.fn}),
    .in_valid_i  (wr_valid_i && wr_first_i && w_room),
    .in_ready_o  (aw_room),
    .out_data_o  ({aw_o, aw_user_o}),
    .out_valid_o (aw_valid_o),
    .out_ready_i (aw_ready_i)
  );

  cw_skid #(.DataW(W + W / 8 + 1)) u_w (
    .clk_i,
    .rst_i,
    .in_data_i   ({wr_data_i, wr_strb_i, wr_last_i}),
    .in_valid_i  (wr_valid_i && (aw_room || !wr_first_i)),
    .in_ready_o  (w_room),
    .out_data_o  ({w_data_o, w_strb_o, w_last_o}),
    .out_valid_o (w_valid_o),
    .out_ready_i (w_ready_i)
  );

  assign b_ready_o = owed_q != '0;
  assign done_o    = b_valid_i && b_ready_o;
  assign error_o   = resp_is_error(b_i.resp);

  always_ff @(posedge clk_i) begin
    if (rst_i) owed_q <= '0;
    else       owed_q <= owed_q + CountW'(take && wr_first_i) - CountW'(done_o);
  end

  logic unused;
  assign unused = &{1'b0, wr_to_i.axi, b_i.id};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(ForTheUser, !wr_valid_i || wr_to_i.axi)
  `CW_ASSERT(BurstFits, !take || !wr_first_i || (wr_beats_i inside {[10'd1:10'd256]}))
  `CW_ASSERT(BurstInsidePage, !take || !wr_first_i
      || 14'(wr_addr_i[11:0]) + 14'(wr_beats_i) * 14'(W / 8) <= 14'd4096)
  `CW_ASSERT(NotMoreThanAllowed, 32'(owed_q) <= Writes)
  `CW_ASSERT(AnswerWasOwed, !b_valid_i || b_ready_o)
  `CW_ASSERT_HELD(AwHeld, aw_valid_o, aw_ready_i, {aw_o, aw_user_o})
  `CW_ASSERT_HELD(WHeld, w_valid_o, w_ready_i, {w_data_o, w_strb_o, w_last_o})

endmodule
