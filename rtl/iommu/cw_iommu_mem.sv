// SPDX-License-Identifier: Apache-2.0
//
// Shares one 64-bit AXI4 port between the readers and the writers of the IOMMU, each side with one
// burst under way, fairly. An address beyond the physical address space is answered with an access
// fault and never leaves. A write is over when memory has acknowledged it.
// Spec: AMBA AXI4 A3; AXI5 RPOISON; RISC-V IOMMU, capabilities.PAS.
`include "cw_assert.svh"
module cw_iommu_mem import cw_iommu_pkg::*; #(
  parameter  int unsigned Readers = 2,
  parameter  int unsigned Writers = 2,
  localparam int unsigned RdIndexW = Readers > 1 ? $clog2(Readers) : 1,
  localparam int unsigned WrIndexW = Writers > 1 ? $clog2(Writers) : 1
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  logic [5:0]                 pas_i,         // physical address bits

  // Reads; the beats of an answer come in order and are taken as they come
  input  mem_rd_req_t [Readers-1:0]  rd_req_i,
  input  logic [Readers-1:0]         rd_valid_i,
  output logic [Readers-1:0]         rd_ready_o,
  output mem_rd_rsp_t                rd_rsp_o,
  output logic [Readers-1:0]         rd_rsp_valid_o,

  // Writes; `done` lasts one clock
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

  typedef enum logic [1:0] { RdIdle, RdAddress, RdData, RdRefuse } rd_state_e;
  typedef enum logic [1:0] { WrIdle, WrData, WrResponse, WrRefuse } wr_state_e;

  // ---- Reads

  rd_state_e           rd_state_q, rd_state_d;
  mem_rd_req_t         rd_q;                    // no reset: read only outside RdIdle
  logic [RdIndexW-1:0] reader, reader_q;
  logic [Readers-1:0]  reader_grant;
  logic [2:0]          rd_beat_q, rd_beat_d;
  logic                rd_any, rd_take, rd_beat;

  assign rd_take = rd_state_q == RdIdle && rd_any;

  cw_rr_arbiter #(.N(Readers)) u_readers (
    .clk_i,
    .rst_i,
    .req_i   (rd_valid_i),
    .take_i  (rd_take),
    .lock_i  (1'b0),
    .grant_o (reader_grant),
    .index_o (reader),
    .any_o   (rd_any)
  );

  assign rd_ready_o   = rd_state_q == RdIdle ? reader_grant : '0;
  assign m_ar_valid_o = rd_state_q == RdAddress;
  assign m_ar_o       = '{id: '0, addr: {8'd0, rd_q.hpa}, len: {5'd0, rd_q.len},
                          size: cw_axi_pkg::full_size(64), burst: cw_axi_pkg::BurstIncr};
  assign m_r_ready_o  = rd_state_q == RdData;
  assign rd_beat      = rd_state_q == RdRefuse || (rd_state_q == RdData && m_r_valid_i);
  assign rd_rsp_o     = '{data:   m_r_data_i,
                          error:  rd_state_q == RdRefuse || cw_axi_pkg::resp_is_error(m_r_resp_i),
                          poison: rd_state_q == RdData && m_r_poison_i,
                          last:   rd_beat_q == rd_q.len};

  always_comb begin
    rd_rsp_valid_o           = '0;
    rd_rsp_valid_o[reader_q] = rd_beat;
  end

  always_comb begin
    rd_state_d = rd_state_q;
    rd_beat_d  = rd_beat ? rd_beat_q + 1'b1 : rd_beat_q;
    unique case (rd_state_q)
      RdIdle: begin  // the next reader's request
        rd_beat_d = '0;
        if (rd_take) rd_state_d = beyond_pas(rd_req_i[reader].hpa, pas_i) ? RdRefuse : RdAddress;
      end
      RdAddress: if (m_ar_ready_i) rd_state_d = RdData;
      RdData, RdRefuse: if (rd_beat && rd_rsp_o.last) rd_state_d = RdIdle;
      default: rd_state_d = RdIdle;
    endcase
  end

  // ---- Writes

  wr_state_e           wr_state_q, wr_state_d;
  mem_wr_req_t         wr_q;                    // no reset: read only outside WrIdle
  logic [WrIndexW-1:0] writer, writer_q;
  logic [Writers-1:0]  writer_grant;
  logic [1:0]          wr_beat_q, wr_beat_d;
  logic                aw_done_q, aw_done_d, w_done_q, w_done_d, wr_any, wr_take, wr_over;

  assign wr_take = wr_state_q == WrIdle && wr_any;

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

  assign wr_ready_o   = wr_state_q == WrIdle ? writer_grant : '0;
  assign m_aw_valid_o = wr_state_q == WrData && !aw_done_q;
  assign m_aw_o       = '{id: '0, addr: {8'd0, wr_q.hpa}, len: {6'd0, wr_q.len},
                          size: cw_axi_pkg::full_size(64), burst: cw_axi_pkg::BurstIncr};
  assign m_w_valid_o  = wr_state_q == WrData && !w_done_q;
  assign m_w_data_o   = wr_q.data[wr_beat_q];
  assign m_w_strb_o   = wr_q.strb;
  assign m_w_last_o   = wr_beat_q == wr_q.len;
  assign m_b_ready_o  = wr_state_q == WrResponse;
  assign wr_over      = wr_state_q == WrRefuse || (wr_state_q == WrResponse && m_b_valid_i);
  assign wr_error_o   = wr_state_q == WrRefuse || cw_axi_pkg::resp_is_error(m_b_i.resp);

  always_comb begin
    wr_done_o           = '0;
    wr_done_o[writer_q] = wr_over;
  end

  always_comb begin
    wr_state_d = wr_state_q;
    wr_beat_d  = wr_beat_q;
    aw_done_d  = aw_done_q;
    w_done_d   = w_done_q;
    unique case (wr_state_q)
      WrIdle: begin  // the next writer's request
        wr_beat_d = '0;
        aw_done_d = 1'b0;
        w_done_d  = 1'b0;
        if (wr_take) wr_state_d = beyond_pas(wr_req_i[writer].hpa, pas_i) ? WrRefuse : WrData;
      end
      WrData: begin  // address and data go independently
        aw_done_d = aw_done_q || m_aw_ready_i;
        if (m_w_valid_o && m_w_ready_i) begin
          wr_beat_d = wr_beat_q + 1'b1;
          w_done_d  = m_w_last_o;
        end
        if (aw_done_d && w_done_d) wr_state_d = WrResponse;
      end
      WrResponse, WrRefuse: if (wr_over) wr_state_d = WrIdle;
      default: wr_state_d = WrIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      rd_state_q <= RdIdle;
      wr_state_q <= WrIdle;
    end else begin
      rd_state_q <= rd_state_d;
      wr_state_q <= wr_state_d;
    end
    rd_beat_q <= rd_beat_d;
    wr_beat_q <= wr_beat_d;
    aw_done_q <= aw_done_d;
    w_done_q  <= w_done_d;
    if (rd_take) begin
      rd_q     <= rd_req_i[reader];
      reader_q <= reader;
    end
    if (wr_take) begin
      wr_q     <= wr_req_i[writer];
      writer_q <= writer;
    end
  end

  `CW_ASSERT_HELD(ArHeld, m_ar_valid_o, m_ar_ready_i, m_ar_o)
  `CW_ASSERT_HELD(AwHeld, m_aw_valid_o, m_aw_ready_i, m_aw_o)
  `CW_ASSERT_HELD(WHeld, m_w_valid_o, m_w_ready_i, {m_w_data_o, m_w_strb_o, m_w_last_o})
  `CW_ASSERT(ReadInsidePas, !m_ar_valid_o || !beyond_pas(rd_q.hpa, pas_i))
  `CW_ASSERT(WriteInsidePas, !m_aw_valid_o || !beyond_pas(wr_q.hpa, pas_i))
  `CW_ASSERT(MemoryAgreesOnLast, !(m_r_valid_i && m_r_ready_o) || m_r_last_i == rd_rsp_o.last)
  `CW_ASSERT(OneIdInUse, !(m_r_valid_i && m_r_id_i != '0) && !(m_b_valid_i && m_b_i.id != '0))
  `CW_ASSERT(AnswerOnlyWhenAsked, !m_r_valid_i || rd_state_q != RdIdle)

endmodule
