// SPDX-License-Identifier: Apache-2.0
//
// Shares one 64-bit AXI4 port between the readers and the writers of the IOMMU, fairly. Reads leave
// in the clock in which they are asked and are answered in the clock in which memory answers, by id
// in any order; one write is under way at a time, and over when memory has acknowledged it. An
// address beyond the physical address space never leaves: one beat, or `done`, with an error.
// Spec: AMBA AXI4 A3, A5.3; AXI5 RPOISON; RISC-V IOMMU, capabilities.PAS.
`include "cw_assert.svh"
module cw_iommu_mem
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
#(
  parameter  int unsigned Writers  = 3,
  localparam int unsigned WrIndexW = Writers > 1 ? $clog2(Writers) : 1
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  logic [5:0]                 pas_i,         // physical address bits

  // Reads of walks; the beats of an answer come in order and are taken as they come
  input  mem_walk_req_t              walk_req_i,
  input  logic                       walk_valid_i,
  output logic                       walk_ready_o,
  output walk_id_t                   walk_rsp_id_o,
  output logic                       walk_rsp_valid_o,

  // Reads of the command queue, likewise
  input  mem_rd_req_t                cmd_req_i,
  input  logic                       cmd_valid_i,
  output logic                       cmd_ready_o,
  output logic                       cmd_rsp_valid_o,
  output mem_rd_rsp_t                rd_rsp_o,      // of either

  // Writes; taken when memory has their data, `done` lasts one clock
  input  mem_wr_req_t [Writers-1:0]  wr_req_i,
  input  logic [Writers-1:0]         wr_valid_i,
  output logic [Writers-1:0]         wr_ready_o,
  output logic [Writers-1:0]         wr_done_o,
  output logic                       wr_error_o,    // with `done`: access fault

  // Memory
  output cw_axi_pkg::axi_ax_t        m_aw_o,
  output logic                       m_aw_valid_o,
  input  logic                       m_aw_ready_i,
  output logic [63:0]                m_w_data_o,
  output logic [7:0]                 m_w_strb_o,
  output logic                       m_w_last_o,
  output logic                       m_w_valid_o,
  input  logic                       m_w_ready_i,
  input  cw_axi_pkg::axi_b_t         m_b_i,
  input  logic                       m_b_valid_i,
  output logic                       m_b_ready_o,
  output cw_axi_pkg::axi_ax_t        m_ar_o,
  output logic                       m_ar_valid_o,
  input  logic                       m_ar_ready_i,
  input  logic [3:0]                 m_r_id_i,
  input  logic [63:0]                m_r_data_i,
  input  logic [1:0]                 m_r_resp_i,
  input  logic                       m_r_poison_i,
  input  logic                       m_r_last_i,
  input  logic                       m_r_valid_i,
  output logic                       m_r_ready_o
);

  typedef enum logic [1:0] { WrSend, WrResponse, WrRefuse } wr_state_e;

  // ---- Reads

  logic [1:0]  rd_grant;
  logic        rd_is_walk, rd_any, rd_take, rd_beyond, rd_wrap;
  mem_rd_req_t rd_req;
  logic [3:0]  rd_id, rsp_id;
  logic        refuse_q;        // a read was refused in the last clock
  logic [3:0]  refused_id_q;    // no reset: read only with refuse_q

  cw_rr_arbiter #(.N(2)) u_readers (
    .clk_i,
    .rst_i,
    .req_i   ({walk_valid_i, cmd_valid_i}),
    .take_i  (rd_take),
    .lock_i  (1'b0),
    .grant_o (rd_grant),
    .index_o (rd_is_walk),
    .any_o   (rd_any)
  );

  assign rd_req    = rd_is_walk ? walk_req_i.rd : cmd_req_i;
  assign rd_wrap   = rd_is_walk && walk_req_i.wrap;
  assign rd_id     = rd_is_walk ? 4'(walk_req_i.id) : IdCmd;
  assign rd_beyond = beyond_pas(rd_req.hpa, pas_i);
  assign rd_take   = rd_any && (rd_beyond || m_ar_ready_i);

  assign {walk_ready_o, cmd_ready_o} = rd_take ? rd_grant : '0;

  assign m_ar_valid_o = rd_any && !rd_beyond;
  assign m_ar_o       = '{id: rd_id, addr: {8'd0, rd_req.hpa}, len: {5'd0, rd_req.len},
                          size: cw_axi_pkg::full_size(64),
                          burst: rd_wrap ? cw_axi_pkg::BurstWrap : cw_axi_pkg::BurstIncr};
  assign m_r_ready_o  = !refuse_q;

  assign rsp_id           = refuse_q ? refused_id_q : m_r_id_i;
  assign walk_rsp_id_o    = walk_id_t'(rsp_id);
  assign walk_rsp_valid_o = (refuse_q || m_r_valid_i) && rsp_id != IdCmd;
  assign cmd_rsp_valid_o  = (refuse_q || m_r_valid_i) && rsp_id == IdCmd;
  assign rd_rsp_o         = '{data:   m_r_data_i,
                              error:  refuse_q || cw_axi_pkg::resp_is_error(m_r_resp_i),
                              poison: !refuse_q && m_r_poison_i,
                              last:   refuse_q || m_r_last_i};

  always_ff @(posedge clk_i) begin
    if (rst_i) refuse_q <= 1'b0;
    else       refuse_q <= rd_any && rd_beyond;
    refused_id_q <= rd_id;
  end

  // ---- Writes

  wr_state_e           wr_state_q, wr_state_d;
  mem_wr_req_t         wr;
  logic [WrIndexW-1:0] writer, writer_q;        // no reset: read only outside WrSend
  logic [Writers-1:0]  writer_grant;
  logic [1:0]          wr_beat_q, wr_beat_d;
  logic                aw_done_q, aw_done_d, w_done_q, w_done_d;
  logic                wr_any, wr_send, wr_take, wr_beyond, wr_over;

  cw_rr_arbiter #(.N(Writers)) u_writers (
    .clk_i,
    .rst_i,
    .req_i   (wr_valid_i),
    .take_i  (wr_take),
    .lock_i  (1'b0),
    .grant_o (writer_grant),
    .index_o (writer),
    .any_o   (wr_any)
  );

  assign wr        = wr_req_i[writer];
  assign wr_beyond = beyond_pas(wr.hpa, pas_i);
  assign wr_send   = wr_state_q == WrSend && wr_any && !wr_beyond;
  assign wr_take   = wr_state_q == WrSend && wr_any && (wr_beyond || (aw_done_d && w_done_d));

  assign wr_ready_o   = wr_take ? writer_grant : '0;
  assign m_aw_valid_o = wr_send && !aw_done_q;
  assign m_aw_o       = '{id: '0, addr: {8'd0, wr.hpa}, len: {6'd0, wr.len},
                          size: cw_axi_pkg::full_size(64), burst: cw_axi_pkg::BurstIncr};
  assign m_w_valid_o  = wr_send && !w_done_q;
  assign m_w_data_o   = wr.data[wr_beat_q];
  assign m_w_strb_o   = wr.strb;
  assign m_w_last_o   = wr_beat_q == wr.len;
  assign m_b_ready_o  = wr_state_q == WrResponse;
  assign wr_over      = wr_state_q == WrRefuse || (wr_state_q == WrResponse && m_b_valid_i);
  assign wr_error_o   = wr_state_q == WrRefuse || cw_axi_pkg::resp_is_error(m_b_i.resp);

  always_comb begin
    wr_done_o           = '0;
    wr_done_o[writer_q] = wr_over;
  end

  // Address and data go independently.
  assign aw_done_d = aw_done_q || (m_aw_valid_o && m_aw_ready_i);
  assign w_done_d  = w_done_q || (m_w_valid_o && m_w_ready_i && m_w_last_o);
  assign wr_beat_d = m_w_valid_o && m_w_ready_i ? wr_beat_q + 1'b1 : wr_beat_q;

  always_comb begin
    wr_state_d = wr_state_q;
    unique case (wr_state_q)
      WrSend: if (wr_take) wr_state_d = wr_beyond ? WrRefuse : WrResponse;
      WrResponse, WrRefuse: if (wr_over) wr_state_d = WrSend;
      default: wr_state_d = WrSend;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) wr_state_q <= WrSend;
    else       wr_state_q <= wr_state_d;
    if (rst_i || wr_take) {aw_done_q, w_done_q, wr_beat_q} <= '0;
    else                  {aw_done_q, w_done_q, wr_beat_q} <= {aw_done_d, w_done_d, wr_beat_d};
    if (wr_take) writer_q <= writer;
  end

  `CW_ASSERT_HELD(ArHeld, m_ar_valid_o, m_ar_ready_i, m_ar_o)
  `CW_ASSERT_HELD(AwHeld, m_aw_valid_o, m_aw_ready_i, m_aw_o)
  `CW_ASSERT_HELD(WHeld, m_w_valid_o, m_w_ready_i, {m_w_data_o, m_w_strb_o, m_w_last_o})
  `CW_ASSERT(ReadInsidePas, !m_ar_valid_o || !beyond_pas(hpa_t'(m_ar_o.addr), pas_i))
  `CW_ASSERT(WriteInsidePas, !m_aw_valid_o || !wr_beyond)
  `CW_ASSERT(BurstInsidePage, !m_ar_valid_o || rd_wrap
      || 13'(m_ar_o.addr[11:0]) + {7'd0, rd_req.len, 3'd0} < 13'd4096)
  `CW_ASSERT(WrapOfEight, !m_ar_valid_o || !rd_wrap || &rd_req.len)
  `CW_ASSERT(AnswerHasAnId, !m_r_valid_i || m_r_id_i <= IdCmd)
  `CW_ASSERT(OneWriteId, !m_b_valid_i || m_b_i.id == '0)
  `CW_ASSERT(OneReaderAnswered, !(walk_rsp_valid_o && cmd_rsp_valid_o))

endmodule
