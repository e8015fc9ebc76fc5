// SPDX-License-Identifier: Apache-2.0
//
// Joins the writes of several paths into one port of host memory, in turn by whole bursts. A
// path's answers bear its number as their identifier and find it by that, in any order between
// paths. Data follow in the order of the addresses; a path that offers one has its data at hand.
// Spec: AMBA AXI4 A3.4.1 (bursts), A5.2 (identifiers), A5.3.2 (data in the order of addresses).
`include "cw_assert.svh"
module cw_root_write_join
  import cw_axi_pkg::*;
#(
  parameter  int unsigned W      = 256,  // bits of a beat
  parameter  int unsigned Paths  = 2,
  localparam int unsigned Bytes  = W / 8,
  localparam int unsigned IndexW = $clog2(Paths)
) (
  input  logic                        clk_i,
  input  logic                        rst_i,

  // Paths
  input  axi_ax_t [Paths-1:0]         s_aw_i,
  input  logic [Paths-1:0]            s_aw_no_snoop_i,
  input  logic [Paths-1:0]            s_aw_valid_i,
  output logic [Paths-1:0]            s_aw_ready_o,
  input  logic [Paths-1:0][W-1:0]     s_w_data_i,
  input  logic [Paths-1:0][Bytes-1:0] s_w_strb_i,
  input  logic [Paths-1:0]            s_w_last_i,
  input  logic [Paths-1:0]            s_w_valid_i,
  output logic [Paths-1:0]            s_w_ready_o,
  output axi_b_t                      s_b_o,
  output logic [Paths-1:0]            s_b_valid_o,
  input  logic [Paths-1:0]            s_b_ready_i,

  // Host memory
  output axi_ax_t                     m_aw_o,
  output logic                        m_aw_no_snoop_o,
  output logic                        m_aw_valid_o,
  input  logic                        m_aw_ready_i,
  output logic [W-1:0]                m_w_data_o,
  output logic [Bytes-1:0]            m_w_strb_o,
  output logic                        m_w_last_o,
  output logic                        m_w_valid_o,
  input  logic                        m_w_ready_i,
  input  axi_b_t                      m_b_i,
  input  logic                        m_b_valid_i,
  output logic                        m_b_ready_o
);

  localparam int unsigned Ahead = 8;  // addresses before their data

  logic [Paths-1:0]  grant;
  logic [IndexW-1:0] turn, owner, answered;
  logic              any, take, aw_ready, order_ready, owner_valid;
  axi_ax_t           aw;

  // ---- Addresses

  cw_rr_arbiter #(.N(Paths)) u_turn (
    .clk_i,
    .rst_i,
    .req_i  (s_aw_valid_i),
    .take_i (take),
    .lock_i (1'b0),
    .grant_o(grant),
    .index_o(turn),
    .any_o  (any)
  );

  assign take         = any && aw_ready && order_ready;
  assign s_aw_ready_o = take ? grant : '0;

  always_comb begin
    aw    = s_aw_i[turn];
    aw.id = 4'(turn);
  end

  cw_skid #(.DataW($bits(axi_ax_t) + 1)) u_aw (
    .clk_i,
    .rst_i,
    .in_data_i  ({aw, s_aw_no_snoop_i[turn]}),
    .in_valid_i (take),
    .in_ready_o (aw_ready),
    .out_data_o ({m_aw_o, m_aw_no_snoop_o}),
    .out_valid_o(m_aw_valid_o),
    .out_ready_i(m_aw_ready_i)
  );

  // ---- Data, by whose address came first

  cw_fifo #(.DataW(IndexW), .Depth(Ahead)) u_order (
    .clk_i,
    .rst_i,
    .in_data_i  (turn),
    .in_valid_i (take),
    .in_ready_o (order_ready),
    .out_data_o (owner),
    .out_valid_o(owner_valid),
    .out_ready_i(m_w_valid_o && m_w_ready_i && m_w_last_o),
    .level_o    ()
  );

  assign m_w_data_o  = s_w_data_i[owner];
  assign m_w_strb_o  = s_w_strb_i[owner];
  assign m_w_last_o  = s_w_last_i[owner];
  assign m_w_valid_o = owner_valid && s_w_valid_i[owner];
  assign s_w_ready_o = owner_valid && m_w_ready_i ? Paths'(1) << owner : '0;

  // ---- Answers

  assign answered    = IndexW'(m_b_i.id);
  assign s_b_o       = m_b_i;
  assign s_b_valid_o = m_b_valid_i ? Paths'(1) << answered : '0;
  assign m_b_ready_o = s_b_ready_i[answered];

  `CW_REQUIRE(Paths inside {[2:16]}, "an identifier has four bits")
  `CW_ASSERT(AnswerNamesAPath, !m_b_valid_i || 32'(m_b_i.id) < Paths)
  `CW_ASSERT(DataGoToTheirOwner, $onehot0(s_w_ready_o) && $onehot0(s_b_valid_o))
  `CW_ASSERT_HELD(AddressHeld, m_aw_valid_o, m_aw_ready_i, {m_aw_o, m_aw_no_snoop_o})
  `CW_ASSERT_HELD(DataHeld, m_w_valid_o, m_w_ready_i, {m_w_last_o, m_w_strb_o, m_w_data_o})

endmodule
