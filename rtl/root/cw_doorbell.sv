// SPDX-License-Identifier: Apache-2.0
//
// Takes the IOMMU's writes to the doorbell page out of its way to memory and rings with them, in
// turn with the messages of devices, which do not wait. A write of anything but one whole dword
// does not ring and is answered with SLVERR. One write is under way at a time.
// Spec: PCIe Base 6.1.4 (an interrupt is a write of one dword); AMBA AXI4 A3.
`include "cw_assert.svh"
module cw_doorbell
  import cw_axi_pkg::*, cw_root_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_i,

  // Writes of the IOMMU
  input  axi_ax_t     s_aw_i,
  input  logic        s_aw_valid_i,
  output logic        s_aw_ready_o,
  input  logic [63:0] s_w_data_i,
  input  logic [7:0]  s_w_strb_i,
  input  logic        s_w_last_i,
  input  logic        s_w_valid_i,
  output logic        s_w_ready_o,
  output axi_b_t      s_b_o,
  output logic        s_b_valid_o,
  input  logic        s_b_ready_i,

  // Those to memory; address and data pass beside
  output logic        m_aw_valid_o,
  input  logic        m_aw_ready_i,
  output logic        m_w_valid_o,
  input  logic        m_w_ready_i,
  input  axi_b_t      m_b_i,
  input  logic        m_b_valid_i,
  output logic        m_b_ready_o,

  // Messages of devices
  input  logic        dev_valid_i,
  input  logic [63:0] dev_addr_i,
  input  logic [31:0] dev_data_i,

  output logic        msi_valid_o,
  output logic [63:0] msi_addr_o,
  output logic [31:0] msi_data_o
);

  typedef enum logic [2:0] {StIdle, StPass, StTake, StRing, StAnswer} state_e;

  state_e      state_q, state_d;
  logic        aw_done_q, w_done_q, first_q, good_q;
  logic        aw_take, w_take, aw_done, w_done, b_take, high, good;
  logic [3:0]  id_q;
  logic [63:0] addr_q;  // of the dword
  logic [31:0] data_q;

  assign aw_take = s_aw_valid_i && s_aw_ready_o;
  assign w_take  = s_w_valid_i && s_w_ready_o;
  assign b_take  = s_b_valid_o && s_b_ready_i;
  assign aw_done = aw_done_q || aw_take;
  assign w_done  = w_done_q || (w_take && s_w_last_i);

  assign high = s_w_strb_i == 8'hf0;
  assign good = first_q && s_w_last_i && (high || s_w_strb_i == 8'h0f);

  always_comb begin
    state_d      = state_q;
    s_aw_ready_o = 1'b0;
    s_w_ready_o  = 1'b0;
    m_aw_valid_o = 1'b0;
    m_w_valid_o  = 1'b0;
    m_b_ready_o  = 1'b0;
    s_b_o        = '{id: id_q, resp: good_q ? RespOkay : RespSlvErr};
    s_b_valid_o  = 1'b0;
    unique case (state_q)
      StIdle: begin  // the address decides
        if (s_aw_valid_i)
          state_d = inside_window(s_aw_i.addr, MsiBase, MsiBytes) ? StTake : StPass;
      end
      StPass: begin  // address and data independently, then the answer
        m_aw_valid_o = s_aw_valid_i && !aw_done_q;
        s_aw_ready_o = m_aw_ready_i && !aw_done_q;
        m_w_valid_o  = s_w_valid_i && !w_done_q;
        s_w_ready_o  = m_w_ready_i && !w_done_q;
        s_b_o        = m_b_i;
        s_b_valid_o  = m_b_valid_i;
        m_b_ready_o  = s_b_ready_i;
        if (b_take) state_d = StIdle;
      end
      StTake: begin
        s_aw_ready_o = !aw_done_q;
        s_w_ready_o  = !w_done_q;
        if (aw_done && w_done) state_d = StRing;
      end
      StRing: if (!good_q || !dev_valid_i) state_d = StAnswer;
      StAnswer: begin
        s_b_valid_o = 1'b1;
        if (b_take) state_d = StIdle;
      end
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q   <= StIdle;
      aw_done_q <= 1'b0;
      w_done_q  <= 1'b0;
      first_q   <= 1'b1;
    end else begin
      state_q   <= state_d;
      aw_done_q <= aw_done && !b_take;
      w_done_q  <= w_done && !b_take;
      if (w_take) first_q <= s_w_last_i;
    end
  end

  // No reset: written before StRing.
  always_ff @(posedge clk_i) begin
    if (s_aw_valid_i && !aw_done_q) begin
      id_q         <= s_aw_i.id;
      addr_q[63:3] <= s_aw_i.addr[63:3];
    end
    if (w_take) begin
      addr_q[2:0] <= {high, 2'b00};
      data_q      <= high ? s_w_data_i[63:32] : s_w_data_i[31:0];
      good_q      <= good;
    end
  end

  assign msi_valid_o = dev_valid_i || (state_q == StRing && good_q);
  assign msi_addr_o  = dev_valid_i ? dev_addr_i : addr_q;
  assign msi_data_o  = dev_valid_i ? dev_data_i : data_q;

  logic unused;
  assign unused = &{1'b0, s_aw_i};

  `CW_ASSERT(DoorbellIsNotMemory,
      !m_aw_valid_o || !inside_window(s_aw_i.addr, MsiBase, MsiBytes))
  `CW_ASSERT(AnswerAfterItsWrite, !s_b_valid_o || (aw_done_q && w_done_q))
  `CW_ASSERT_HELD(AnswerHeld, s_b_valid_o, s_b_ready_i, s_b_o)

endmodule
