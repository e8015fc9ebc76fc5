// SPDX-License-Identifier: Apache-2.0
//
// Joins the reads of several paths into one port of host memory, in turn by whole bursts. A burst
// is asked for only where its path has room for all of it: what memory answers is always taken, so
// that a path which takes nothing holds up nobody but itself.
// Spec: AMBA AXI4 A3.4.1 (bursts), A5.2 (identifiers), A5.3.1 (bursts may interleave).
`include "cw_assert.svh"
module cw_root_read_join
  import cw_axi_pkg::*;
#(
  parameter  int unsigned W         = 256,   // bits of a beat
  parameter  int unsigned Paths     = 2,
  parameter  int unsigned RoomBeats = 1024,  // of a path: asked for, or answered and not yet taken
  localparam int unsigned IndexW    = $clog2(Paths),
  localparam int unsigned RoomW     = $clog2(RoomBeats + 1)
) (
  input  logic                    clk_i,
  input  logic                    rst_i,

  // Paths
  input  axi_ax_t [Paths-1:0]     s_ar_i,
  input  logic [Paths-1:0]        s_ar_no_snoop_i,
  input  logic [Paths-1:0]        s_ar_valid_i,
  output logic [Paths-1:0]        s_ar_ready_o,
  output logic [Paths-1:0][W-1:0] s_r_data_o,
  output logic [Paths-1:0][1:0]   s_r_resp_o,
  output logic [Paths-1:0]        s_r_last_o,
  output logic [Paths-1:0]        s_r_valid_o,
  input  logic [Paths-1:0]        s_r_ready_i,

  // Host memory
  output axi_ax_t                 m_ar_o,
  output logic                    m_ar_no_snoop_o,
  output logic                    m_ar_valid_o,
  input  logic                    m_ar_ready_i,
  input  logic [3:0]              m_r_id_i,
  input  logic [W-1:0]            m_r_data_i,
  input  logic [1:0]              m_r_resp_i,
  input  logic                    m_r_last_i,
  input  logic                    m_r_valid_i,
  output logic                    m_r_ready_o
);

  logic [Paths-1:0]  fits, grant;
  logic [IndexW-1:0] turn;
  logic              any, take, ar_ready;
  axi_ax_t           ar;

  // ---- Addresses, of those that have room

  cw_rr_arbiter #(.N(Paths)) u_turn (
    .clk_i,
    .rst_i,
    .req_i  (s_ar_valid_i & fits),
    .take_i (take),
    .lock_i (1'b0),
    .grant_o(grant),
    .index_o(turn),
    .any_o  (any)
  );

  assign take         = any && ar_ready;
  assign s_ar_ready_o = take ? grant : '0;

  always_comb begin
    ar    = s_ar_i[turn];
    ar.id = 4'(turn);
  end

  cw_skid #(.DataW($bits(axi_ax_t) + 1)) u_ar (
    .clk_i,
    .rst_i,
    .in_data_i  ({ar, s_ar_no_snoop_i[turn]}),
    .in_valid_i (take),
    .in_ready_o (ar_ready),
    .out_data_o ({m_ar_o, m_ar_no_snoop_o}),
    .out_valid_o(m_ar_valid_o),
    .out_ready_i(m_ar_ready_i)
  );

  // ---- Answers, each where its identifier says

  assign m_r_ready_o = 1'b1;

  for (genvar n = 0; n < Paths; n++) begin : gen_path
    logic [RoomW-1:0] room_q;  // beats that nobody has asked for
    logic             asked, freed, fifo_ready;

    assign asked   = s_ar_valid_i[n] && s_ar_ready_o[n];
    assign freed   = s_r_valid_o[n] && s_r_ready_i[n];
    assign fits[n] = 32'(room_q) > 32'(s_ar_i[n].len);

    always_ff @(posedge clk_i) begin
      if (rst_i) room_q <= RoomW'(RoomBeats);
      else room_q <= room_q + RoomW'(freed) - (asked ? RoomW'(s_ar_i[n].len) + 1'b1 : '0);
    end

    cw_fifo #(.DataW(W + 3), .Depth(RoomBeats)) u_answers (
      .clk_i,
      .rst_i,
      .in_data_i  ({m_r_last_i, m_r_resp_i, m_r_data_i}),
      .in_valid_i (m_r_valid_i && 32'(m_r_id_i) == n),
      .in_ready_o (fifo_ready),
      .out_data_o ({s_r_last_o[n], s_r_resp_o[n], s_r_data_o[n]}),
      .out_valid_o(s_r_valid_o[n]),
      .out_ready_i(s_r_ready_i[n]),
      .level_o    ()
    );

    `CW_ASSERT(BurstEverFits, !s_ar_valid_i[n] || 32'(s_ar_i[n].len) < RoomBeats)
    `CW_ASSERT(AskedForWhatFits, !asked || fits[n])
    `CW_ASSERT(AnswerWasAskedFor,
        !(m_r_valid_i && 32'(m_r_id_i) == n) || (32'(room_q) != RoomBeats && fifo_ready))
  end

  `CW_REQUIRE(Paths inside {[2:16]}, "an identifier has four bits")
  `CW_ASSERT(AnswerNamesAPath, !m_r_valid_i || 32'(m_r_id_i) < Paths)
  `CW_ASSERT_HELD(AddressHeld, m_ar_valid_o, m_ar_ready_i, {m_ar_o, m_ar_no_snoop_o})

endmodule
