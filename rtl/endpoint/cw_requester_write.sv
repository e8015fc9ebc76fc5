// SPDX-License-Identifier: Apache-2.0
//
// Turns the clients' writes of host memory into MWr, one beat a clock, whole packets in turn. A
// write that has begun ends even if bus mastership is lost; none begins without that of its
// function, nor without a bus number. When its function is reset in its midst, it is given up with
// `error`. Payload passes as it is: its first byte already lies where the header says.
// Spec: PCIe Base 2.2.7 (memory requests), 2.2.6.2 (ids), 7.5.1.1.3 (Bus Master Enable), 6.6.2.
`include "cw_assert.svh"
module cw_requester_write
  import cw_tlp_pkg::*;
  import cw_endpoint_pkg::*;
  import cw_requester_pkg::*;
#(
  parameter  int unsigned W         = 256,
  parameter  int unsigned Functions = 1,
  localparam int unsigned BeatDw    = W / 32
) (
  input  logic                               clk_i,
  input  logic                               rst_i,

  // Writes, by client
  input  wr_beat_t [NumWrClients-1:0]        wr_beat_i,
  input  logic     [NumWrClients-1:0][W-1:0] wr_data_i,
  input  logic     [NumWrClients-1:0]        wr_valid_i,
  output logic     [NumWrClients-1:0]        wr_ready_o,

  // Requests, to the port
  output tlp_ctl_t                           p_ctl_o,
  output logic [W-1:0]                       p_data_o,
  output logic                               p_valid_o,
  input  logic                               p_ready_i,

  // Each function
  input  cw_cfg_pkg::cfg_state_t [Functions-1:0] state_i,
  input  logic [Functions-1:0]               stop_i,     // to be reset: no write begins
  input  logic [Functions-1:0]               fn_rst_i,   // being reset: one that has begun is over
  output logic [Functions-1:0]               writing_o   // one has begun
);

  logic [$clog2(NumWrClients)-1:0] client;
  logic [NumWrClients-1:0]         grant;
  logic                            any;
  wr_beat_t                        beat;
  logic                            take;
  logic                            inside_q;   // between the first and the last beat of a packet
  logic [10:0]                     left_q;     // dwords after the beat taken last
  logic [10:0]                     left;       // dwords from this beat on
  logic [10:0]                     beat_dw;
  tlp_ctl_t                        ctl_d;
  tlp_ctl_t                        ctl_q;
  logic [W-1:0]                    data_q;
  logic                            valid_q;

  logic [NumWrClients-1:0]         may;        // begin: its function may, or has begun
  cw_cfg_pkg::cfg_state_t          state;      // of the function that writes
  logic [2:0]                      fn_q;       // the same, inside a packet
  logic                            in_reset;
  logic                            lost_q;     // the function was reset inside this packet
  logic                            give_up;

  always_comb begin
    may       = '0;
    state     = '0;
    in_reset  = 1'b0;
    writing_o = '0;
    for (int unsigned f = 0; f < Functions; f++) begin
      for (int unsigned c = 0; c < NumWrClients; c++) begin
        if (wr_beat_i[c].fn == 3'(f))
          may[c] = !wr_beat_i[c].sop || (may_master(state_i[f]) && !stop_i[f]);
      end
      if (beat.fn == 3'(f)) state = state_i[f];
      if (fn_q == 3'(f)) begin
        in_reset     = fn_rst_i[f];
        writing_o[f] = inside_q;
      end
    end
  end

  cw_rr_arbiter #(.N(NumWrClients)) u_arbiter (
    .clk_i,
    .rst_i   (rst_i || give_up),
    .req_i   (wr_valid_i & may),
    .take_i  (take && !give_up),
    .lock_i  (!beat.eop),
    .grant_o (grant),
    .index_o (client),
    .any_o   (any)
  );

  assign beat       = wr_beat_i[client];
  assign give_up    = inside_q && (in_reset || lost_q);
  assign take       = (any || give_up) && (!valid_q || p_ready_i);
  assign wr_ready_o = take && !give_up ? grant : '0;
  assign left       = inside_q ? left_q : span_dw(beat.iova[1:0], beat.bytes);
  assign beat_dw    = left > 11'(BeatDw) ? 11'(BeatDw) : left;

  always_comb begin
    ctl_d       = '0;
    ctl_d.sop   = !inside_q;
    ctl_d.eop   = give_up || left <= 11'(BeatDw);
    ctl_d.error = give_up;
    ctl_d.strb  = 16'((17'd1 << beat_dw) - 17'd1);
    ctl_d.hdr   = tlp_hdr_t'(with_attr(
        make_mem_request(1'b1, state.id, '0, beat.iova, beat.bytes),
        allowed_attr(beat.attr, state)));
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q <= 1'b0;
      valid_q  <= 1'b0;
      lost_q   <= 1'b0;
    end else begin
      if (take) inside_q <= !ctl_d.eop;
      valid_q <= take || (valid_q && !p_ready_i);
      lost_q  <= give_up && !take;
    end
  end

  // No reset: meaningful only with inside_q and valid_q.
  always_ff @(posedge clk_i) begin
    if (take) begin
      left_q <= left - beat_dw;
      if (!inside_q) fn_q <= beat.fn;
      ctl_q  <= ctl_d;
      data_q <= wr_data_i[client];
    end
  end

  assign p_ctl_o   = ctl_q;
  assign p_data_o  = data_q;
  assign p_valid_o = valid_q;

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of this fabric")
  `CW_REQUIRE(Functions >= 1 && Functions <= cw_cfg_pkg::MaxFunctions, "1 to 8 functions")
  `CW_ASSERT_HELD(WriteHeld, p_valid_o, p_ready_i, {p_ctl_o, p_data_o})
  `CW_ASSERT(WritesSomething, !take || inside_q || beat.bytes != '0)
  `CW_ASSERT(InsidePage, !take || inside_q || beat.bytes <= bytes_to_page_end(beat.iova[11:0]))
  `CW_ASSERT(InsideMaxPayload,
      !take || inside_q
      || beat.bytes + 13'(beat.iova[1:0]) <= size_bytes(state.max_payload))
  `CW_ASSERT(BeginsWithSop, !take || give_up || beat.sop == !inside_q)
  `CW_ASSERT(EndsWithItsBytes, !take || give_up || beat.eop == ctl_d.eop)
  `CW_ASSERT(BeginsOnlyIfAllowed, !take || inside_q || may_master(state))
  `CW_ASSERT(OnlyDataHasAttributes,  // an interrupt or a record must stay behind its data
      !take || give_up || client == 2'(WrData) || beat.attr == '0)

endmodule
