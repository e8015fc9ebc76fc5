// SPDX-License-Identifier: Apache-2.0
//
// Serves the CPU's writes, one burst at a time: memory of devices by posted requests, anything else
// by accesses that are answered. The CPU gets its response when all of it has left.
// Spec: AMBA AXI4 A3.4; PCIe Base 2.4.1 (a write is posted: nobody answers it).
`include "cw_assert.svh"
module cw_host_mmio_write
  import cw_host_pkg::*;
#(
  parameter int unsigned W = 256
) (
  input  logic                         clk_i,
  input  logic                         rst_i,

  // The root port that the burst concerns
  input  cw_tlp_pkg::bdf_t             port_id_i,
  input  cw_cfg_pkg::root_port_state_t state_i,

  // CPU, 64 bits
  input  cw_axi_pkg::axi_ax_t          s_aw_i,
  input  logic                         s_aw_valid_i,
  output logic                         s_aw_ready_o,
  input  logic [63:0]                  s_w_data_i,
  input  logic [7:0]                   s_w_strb_i,
  input  logic                         s_w_last_i,
  input  logic                         s_w_valid_i,
  output logic                         s_w_ready_o,
  output cw_axi_pkg::axi_b_t           s_b_o,
  output logic                         s_b_valid_o,
  input  logic                         s_b_ready_i,

  // Posted TLPs
  output cw_tlp_pkg::tlp_ctl_t         p_ctl_o,
  output logic [W-1:0]                 p_data_o,
  output logic                         p_valid_o,
  input  logic                         p_ready_i,

  // Accesses that are answered; `op_o` holds until `op_done_i`
  output host_op_t                     op_o,
  output logic                         op_valid_o,
  input  logic                         op_done_i
);

  typedef enum logic [1:0] {StIdle, StCollect, StDrain, StRespond} state_e;

  state_e                  state_q, state_d;
  logic [3:0]              id_q;
  logic [2:0]              size_q;
  host_target_e            target_q;
  cw_axi_pkg::axi_resp_e   resp_q, resp_d;
  logic [6:0]              position_q;  // of this beat, from the first 8 bytes on

  logic                    take_aw, take_w;
  logic [63:0]             addr;
  logic [BurstDw-1:0][3:0] be;
  logic [W-1:0]            data;
  logic                    empty, skip, posted_skip, posted_done, done, whole, whole8;
  logic [4:0]              done_dw, posted_dw;
  logic                    posted_go, posted_beat, partial;

  assign take_aw = s_aw_valid_i && s_aw_ready_o;
  assign take_w  = s_w_valid_i && s_w_ready_o;

  assign s_aw_ready_o = state_q == StIdle;
  assign s_w_ready_o  = state_q == StCollect;
  assign s_b_valid_o  = state_q == StRespond;
  assign s_b_o        = '{id: id_q, resp: resp_q};

  // The IOMMU has registers of 4 and 8 bytes; a part of one cannot be written.
  assign whole   = be[0] == 4'b1111;
  assign whole8  = whole && be[1] == 4'b1111 && !addr[2];
  assign partial = target_q == TargetIommu && be[0] != '0 && !whole;

  assign op_o = '{
      target: target_q,
      write:  1'b1,
      addr:   {addr[63:2], 2'b00},
      bytes:  '0,
      be:     be[0],
      size8:  target_q == TargetIommu && whole8,
      wdata:  data[63:0]};

  always_comb begin
    state_d    = state_q;
    resp_d     = resp_q;
    skip       = 1'b0;
    done       = 1'b0;
    done_dw    = 5'd1;
    op_valid_o = 1'b0;
    posted_go  = 1'b0;
    unique case (state_q)
      StIdle: begin
        resp_d = cw_axi_pkg::RespOkay;
        if (s_aw_valid_i) begin
          state_d = StCollect;
          if (host_target(s_aw_i.addr, state_i, port_id_i) == TargetError)
            resp_d = cw_axi_pkg::RespDecErr;
          else if (!burst_legal(s_aw_i)) resp_d = cw_axi_pkg::RespSlvErr;
        end
      end
      StCollect: if (take_w && s_w_last_i) state_d = StDrain;
      StDrain: begin  // until no byte is left
        if (empty || resp_q == cw_axi_pkg::RespDecErr || target_q == TargetNobody) begin
          state_d = StRespond;
        end else if (target_q == TargetMemory) begin
          posted_go = 1'b1;
          skip      = posted_skip;
          done      = posted_done;
          done_dw   = posted_dw;
        end else if (be[0] == '0) begin
          skip = 1'b1;
        end else if (partial) begin
          resp_d = cw_axi_pkg::RespSlvErr;
          done   = 1'b1;
        end else begin
          op_valid_o = 1'b1;
          done       = op_done_i;
          done_dw    = op_o.size8 ? 5'd2 : 5'd1;
        end
      end
      StRespond: if (s_b_ready_i) state_d = StIdle;
      default:   state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else       state_q <= state_d;
  end

  // No reset: set when a burst begins.
  always_ff @(posedge clk_i) begin
    resp_q <= resp_d;
    if (take_aw) begin
      id_q       <= s_aw_i.id;
      size_q     <= s_aw_i.size;
      position_q <= 7'(s_aw_i.addr[2:0]);
      target_q   <= burst_legal(s_aw_i) ? host_target(s_aw_i.addr, state_i, port_id_i)
                                        : TargetNobody;
    end else if (take_w) begin
      position_q <= next_beat(position_q, size_q);
    end
  end

  cw_host_write_buffer #(.W(W)) u_buffer (
    .clk_i,
    .rst_i,
    .start_i      (take_aw),
    .start_addr_i (s_aw_i.addr[63:3]),
    .load_i       (take_w),
    .load_index_i (position_q[5:3]),
    .load_data_i  (s_w_data_i),
    .load_strb_i  (s_w_strb_i),
    .addr_o       (addr),
    .be_o         (be),
    .data_o       (data),
    .empty_o      (empty),
    .skip_i       (skip),
    .beat_i       (posted_beat),
    .done_i       (done),
    .done_dw_i    (done_dw)
  );

  cw_host_posted #(.W(W)) u_posted (
    .clk_i,
    .rst_i,
    .go_i      (posted_go),
    .addr_i    (addr),
    .be_i      (be),
    .data_i    (data),
    .skip_o    (posted_skip),
    .beat_o    (posted_beat),
    .done_o    (posted_done),
    .done_dw_o (posted_dw),
    .p_ctl_o,
    .p_data_o,
    .p_valid_o,
    .p_ready_i
  );

  `CW_ASSERT_HELD(OpHeld, op_valid_o, op_done_i, op_o)
  `CW_ASSERT_HELD(ResponseHeld, s_b_valid_o, s_b_ready_i, s_b_o)
  `CW_ASSERT(NothingLeftAtResponse, state_q != StRespond || empty || resp_q != cw_axi_pkg::RespOkay
      || target_q == TargetNobody)

endmodule
