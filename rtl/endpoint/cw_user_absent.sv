// SPDX-License-Identifier: Apache-2.0
//
// Stands where a design has no logic of its own behind the endpoint's AXI4-Lite and AXI4 ports:
// answers every access with DECERR, so that whoever asks is told and nothing waits for ever.
// Spec: AMBA AXI4, A3.4.4 (DECERR), B1 (AXI4-Lite).
`include "cw_assert.svh"
module cw_user_absent
  import cw_axi_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_i,

  input  axil_drive_t axil_i,
  output axil_sense_t axil_o,
  input  axi_drive_t  axi_i,
  output axi_sense_t  axi_o
);

  // Addresses and data that have been taken, answers that are owed
  logic       lite_aw_q, lite_w_q, lite_ar_q, aw_q, w_q, ar_q;
  logic [3:0] aw_id_q, ar_id_q;
  logic [7:0] left_q;  // beats of a read behind the one that is offered
  logic       lite_b, lite_r, b, r;

  always_comb begin
    axil_o = '{
      aw_ready: !lite_aw_q,
      w_ready:  !lite_w_q,
      b_resp:   RespDecErr,
      b_valid:  lite_aw_q && lite_w_q,
      ar_ready: !lite_ar_q,
      r_data:   '1,
      r_resp:   RespDecErr,
      r_valid:  lite_ar_q
    };
    axi_o = '{
      aw_ready: !aw_q,
      w_ready:  !w_q,
      b:        '{id: aw_id_q, resp: RespDecErr},
      b_valid:  aw_q && w_q,
      ar_ready: !ar_q,
      r_id:     ar_id_q,
      r_resp:   RespDecErr,
      r_last:   left_q == '0,
      r_valid:  ar_q
    };
  end

  assign lite_b = axil_o.b_valid && axil_i.b_ready;
  assign lite_r = axil_o.r_valid && axil_i.r_ready;
  assign b      = axi_o.b_valid && axi_i.b_ready;
  assign r      = axi_o.r_valid && axi_i.r_ready;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      lite_aw_q <= 1'b0;
      lite_w_q  <= 1'b0;
      lite_ar_q <= 1'b0;
      aw_q      <= 1'b0;
      w_q       <= 1'b0;
      ar_q      <= 1'b0;
    end else begin
      lite_aw_q <= !lite_b && (lite_aw_q || axil_i.aw_valid);
      lite_w_q  <= !lite_b && (lite_w_q || axil_i.w_valid);
      lite_ar_q <= !lite_r && (lite_ar_q || axil_i.ar_valid);
      aw_q      <= !b && (aw_q || axi_i.aw_valid);
      w_q       <= !b && (w_q || (axi_i.w_valid && axi_i.w_last));
      ar_q      <= !(r && axi_o.r_last) && (ar_q || axi_i.ar_valid);
    end
  end

  // No reset: meaningful only with what has been taken.
  always_ff @(posedge clk_i) begin
    if (!aw_q) aw_id_q <= axi_i.aw.id;
    if (!ar_q) ar_id_q <= axi_i.ar.id;
    if (!ar_q)  left_q <= axi_i.ar.len;
    else if (r) left_q <= left_q - 8'd1;
  end

  logic unused;
  assign unused = &{1'b0, axil_i, axi_i};

  `CW_ASSERT_HELD(LiteBHeld, axil_o.b_valid, axil_i.b_ready, axil_o.b_resp)
  `CW_ASSERT_HELD(LiteRHeld, axil_o.r_valid, axil_i.r_ready, axil_o.r_resp)
  `CW_ASSERT_HELD(BHeld, axi_o.b_valid, axi_i.b_ready, axi_o.b)
  `CW_ASSERT_HELD(RHeld, axi_o.r_valid, axi_i.r_ready, {axi_o.r_id, axi_o.r_last})

endmodule
