// SPDX-License-Identifier: Apache-2.0
//
// The one port of host memory, for the paths of all root ports: as it is for one path, joined for
// several. Composition only.
// Spec: AMBA AXI4 A3.4.1 (bursts), A5.2 (identifiers).
`include "cw_assert.svh"
module cw_root_memory
  import cw_axi_pkg::*;
#(
  parameter  int unsigned W     = 256,  // bits of a beat
  parameter  int unsigned Paths = 1,
  localparam int unsigned Bytes = W / 8
) (
  input  logic                        clk_i,
  input  logic                        rst_i,

  // Paths; past the CPU's caches with `no_snoop`
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
  input  axi_ax_t [Paths-1:0]         s_ar_i,
  input  logic [Paths-1:0]            s_ar_no_snoop_i,
  input  logic [Paths-1:0]            s_ar_valid_i,
  output logic [Paths-1:0]            s_ar_ready_o,
  output logic [Paths-1:0][W-1:0]     s_r_data_o,
  output logic [Paths-1:0][1:0]       s_r_resp_o,
  output logic [Paths-1:0]            s_r_last_o,
  output logic [Paths-1:0]            s_r_valid_o,
  input  logic [Paths-1:0]            s_r_ready_i,

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
  output logic                        m_b_ready_o,
  output axi_ax_t                     m_ar_o,
  output logic                        m_ar_no_snoop_o,
  output logic                        m_ar_valid_o,
  input  logic                        m_ar_ready_i,
  input  logic [3:0]                  m_r_id_i,
  input  logic [W-1:0]                m_r_data_i,
  input  logic [1:0]                  m_r_resp_i,
  input  logic                        m_r_last_i,
  input  logic                        m_r_valid_i,
  output logic                        m_r_ready_o
);

  if (Paths == 1) begin : gen_alone
    assign {m_aw_o, m_aw_no_snoop_o, m_aw_valid_o} = {s_aw_i, s_aw_no_snoop_i, s_aw_valid_i};
    assign {m_w_data_o, m_w_strb_o, m_w_last_o}    = {s_w_data_i, s_w_strb_i, s_w_last_i};
    assign {m_ar_o, m_ar_no_snoop_o, m_ar_valid_o} = {s_ar_i, s_ar_no_snoop_i, s_ar_valid_i};
    assign {s_r_data_o, s_r_resp_o, s_r_last_o}    = {m_r_data_i, m_r_resp_i, m_r_last_i};
    assign {s_aw_ready_o, s_w_ready_o}             = {m_aw_ready_i, m_w_ready_i};
    assign {s_ar_ready_o, m_r_ready_o}             = {m_ar_ready_i, s_r_ready_i};
    assign {m_w_valid_o, s_r_valid_o}              = {s_w_valid_i, m_r_valid_i};
    assign {s_b_o, s_b_valid_o, m_b_ready_o}       = {m_b_i, m_b_valid_i, s_b_ready_i};

    // One identifier is used, and answers to it come in order.
    logic unused;
    assign unused = &{1'b0, m_r_id_i};
  end else begin : gen_joined
    cw_root_write_join #(.W(W), .Paths(Paths)) u_writes (
      .clk_i,
      .rst_i,
      .s_aw_i, .s_aw_no_snoop_i, .s_aw_valid_i, .s_aw_ready_o,
      .s_w_data_i, .s_w_strb_i, .s_w_last_i, .s_w_valid_i, .s_w_ready_o,
      .s_b_o, .s_b_valid_o, .s_b_ready_i,
      .m_aw_o, .m_aw_no_snoop_o, .m_aw_valid_o, .m_aw_ready_i,
      .m_w_data_o, .m_w_strb_o, .m_w_last_o, .m_w_valid_o, .m_w_ready_i,
      .m_b_i, .m_b_valid_i, .m_b_ready_o
    );

    cw_root_read_join #(.W(W), .Paths(Paths)) u_reads (
      .clk_i,
      .rst_i,
      .s_ar_i, .s_ar_no_snoop_i, .s_ar_valid_i, .s_ar_ready_o,
      .s_r_data_o, .s_r_resp_o, .s_r_last_o, .s_r_valid_o, .s_r_ready_i,
      .m_ar_o, .m_ar_no_snoop_o, .m_ar_valid_o, .m_ar_ready_i,
      .m_r_id_i, .m_r_data_i, .m_r_resp_i, .m_r_last_i, .m_r_valid_i, .m_r_ready_o
    );
  end

  `CW_ASSERT(AnswerHasOneOwner, $onehot0(s_b_valid_o))
  `CW_ASSERT(WriteHasAnOwner, !m_w_valid_o || s_w_valid_i != '0)

endmodule
