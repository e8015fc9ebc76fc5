// SPDX-License-Identifier: Apache-2.0
//
// Serves the CPU's reads, one burst at a time: memory of devices by one request for exactly the
// bytes asked for, anything else dword by dword. What fails or is not there reads as all ones.
// Spec: AMBA AXI4 A3.4; PCIe Base 2.3.2 (all ones), 7.2.2 (configuration access).
`include "cw_assert.svh"
module cw_host_mmio_read
  import cw_host_pkg::*;
(
  input  logic                         clk_i,
  input  logic                         rst_i,

  // The root port that the burst concerns
  input  cw_tlp_pkg::bdf_t             port_id_i,
  input  cw_cfg_pkg::root_port_state_t state_i,

  // CPU, 64 bits
  input  cw_axi_pkg::axi_ax_t          s_ar_i,
  input  logic                         s_ar_valid_i,
  output logic                         s_ar_ready_o,
  output logic [3:0]                   s_r_id_o,
  output logic [63:0]                  s_r_data_o,
  output logic [1:0]                   s_r_resp_o,
  output logic                         s_r_last_o,
  output logic                         s_r_valid_o,
  input  logic                         s_r_ready_i,

  // Accesses; `op_o` holds until `op_done_i`, its dwords come before or with that
  output host_op_t                     op_o,
  output logic                         op_valid_o,
  input  logic                         op_done_i,
  input  logic                         op_ok_i,
  input  logic [31:0]                  op_data_i,
  input  logic                         op_data_valid_i
);

  typedef enum logic [1:0] {StIdle, StAsk, StAnswer} state_e;

  state_e                   state_q, state_d;
  logic [3:0]               id_q;
  logic [2:0]               size_q;
  logic [7:0]               beats_left_q;  // beats - 1
  host_target_e             target_q, target;
  cw_axi_pkg::axi_resp_e    resp_q;
  logic [6:0]               position_q;    // of this beat, from the first 8 bytes on
  logic [63:0]              addr_q;        // what is still to be asked for
  logic [6:0]               left_q;        // bytes of it
  logic [3:0]               dword_q;       // where the next dword goes
  logic [BurstDw-1:0][31:0] data_q;

  logic                     take_ar, step, size8, legal;
  logic [6:0]               step_bytes;

  assign take_ar = s_ar_valid_i && s_ar_ready_o;
  assign target  = host_target(s_ar_i.addr, state_i, port_id_i);
  assign legal   = burst_legal(s_ar_i);

  assign s_ar_ready_o = state_q == StIdle;
  assign s_r_valid_o  = state_q == StAnswer;
  assign s_r_id_o     = id_q;
  assign s_r_data_o   = {data_q[{position_q[5:3], 1'b1}], data_q[{position_q[5:3], 1'b0}]};
  assign s_r_resp_o   = resp_q;
  assign s_r_last_o   = beats_left_q == '0;

  // How far this access goes.
  always_comb begin
    size8      = target_q == TargetIommu && addr_q[2:0] == '0 && left_q >= 7'd8;
    step_bytes = 7'd4 - 7'(addr_q[1:0]);
    if (size8) step_bytes = 7'd8;
    if (target_q == TargetMemory || step_bytes > left_q) step_bytes = left_q;
  end

  assign op_valid_o = state_q == StAsk;
  assign step       = op_valid_o && op_done_i;
  assign op_o = '{
      target: target_q,
      write:  1'b0,
      addr:   addr_q,
      bytes:  left_q,
      be:     cw_tlp_pkg::first_be(addr_q[1:0], 13'(left_q)),
      size8:  size8,
      wdata:  '0};

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StIdle: if (s_ar_valid_i)
        state_d = legal && !(target inside {TargetNobody, TargetError}) ? StAsk : StAnswer;
      StAsk:    if (op_done_i && step_bytes == left_q) state_d = StAnswer;
      StAnswer: if (s_r_ready_i && s_r_last_o) state_d = StIdle;
      default:  state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else       state_q <= state_d;
  end

  // No reset: set when a burst begins.
  always_ff @(posedge clk_i) begin
    if (take_ar) begin
      id_q         <= s_ar_i.id;
      size_q       <= s_ar_i.size;
      beats_left_q <= s_ar_i.len;
      target_q     <= target;
      addr_q       <= s_ar_i.addr;
      left_q       <= burst_bytes(s_ar_i);
      position_q   <= 7'(s_ar_i.addr[2:0]);
      dword_q      <= {3'd0, s_ar_i.addr[2]};
      data_q       <= '1;
      resp_q <= target == TargetError ? cw_axi_pkg::RespDecErr
          : legal ? cw_axi_pkg::RespOkay : cw_axi_pkg::RespSlvErr;
    end
    if (op_valid_o && op_data_valid_i) begin
      data_q[dword_q] <= op_data_i;
      dword_q         <= dword_q + 4'd1;
    end
    if (step) begin
      addr_q <= addr_q + 64'(step_bytes);
      left_q <= left_q - step_bytes;
      if (!op_ok_i) begin
        // A memory read that fails half way gives nothing of what came.
        if (target_q == TargetMemory) data_q <= '1;
        else dword_q <= dword_q + 4'd1;
      end
    end
    if (s_r_valid_o && s_r_ready_i) begin
      beats_left_q <= beats_left_q - 8'd1;
      position_q   <= next_beat(position_q, size_q);
    end
  end

  `CW_ASSERT_HELD(OpHeld, op_valid_o, op_done_i, op_o)
  `CW_ASSERT_HELD(AnswerHeld, s_r_valid_o, s_r_ready_i, {s_r_data_o, s_r_resp_o, s_r_last_o})
  `CW_ASSERT(DataOnlyWhileAsking, !op_data_valid_i || op_valid_o)

endmodule
