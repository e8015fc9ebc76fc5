// SPDX-License-Identifier: Apache-2.0
//
// Turns the clients' writes of host memory into MWr, one beat a clock, whole packets in turn. A
// write that has begun ends even if bus mastership is lost; none begins without it, nor without a
// bus number. Payload passes as it is: its first byte already lies where the header says.
// Spec: PCIe Base 2.2.7 (memory requests), 2.2.6.2 (ids), 7.5.1.1.3 (Bus Master Enable).
`include "cw_assert.svh"
module cw_requester_write
  import cw_tlp_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W      = 256,
  localparam int unsigned BeatDw = W / 32
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

  input  cw_cfg_pkg::cfg_state_t             state_i
);

  logic [$clog2(NumWrClients)-1:0] client;
  logic [NumWrClients-1:0]         grant;
  logic                            any;
  wr_beat_t                        beat;
  logic                            may_master;
  logic                            take;
  logic                            inside_q;   // between the first and the last beat of a packet
  logic [10:0]                     left_q;     // dwords after the beat taken last
  logic [10:0]                     left;       // dwords from this beat on
  logic [10:0]                     beat_dw;
  tlp_ctl_t                        ctl_d;
  tlp_ctl_t                        ctl_q;
  logic [W-1:0]                    data_q;
  logic                            valid_q;

  cw_rr_arbiter #(.N(NumWrClients)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (wr_valid_i),
    .take_i  (take),
    .lock_i  (!beat.eop),
    .grant_o (grant),
    .index_o (client),
    .any_o   (any)
  );

  assign beat       = wr_beat_i[client];
  assign may_master = state_i.id_valid && state_i.bus_master_enable
                   && state_i.power == cw_cfg_pkg::PowerD0;
  assign take       = any && (inside_q || may_master) && (!valid_q || p_ready_i);
  assign wr_ready_o = take ? grant : '0;
  assign left       = inside_q ? left_q : span_dw(beat.iova[1:0], beat.bytes);
  assign beat_dw    = left > 11'(BeatDw) ? 11'(BeatDw) : left;

  always_comb begin
    ctl_d      = '0;
    ctl_d.sop  = !inside_q;
    ctl_d.eop  = left <= 11'(BeatDw);
    ctl_d.strb = 16'((17'd1 << beat_dw) - 17'd1);
    ctl_d.hdr  = tlp_hdr_t'(make_mem_request(1'b1, state_i.id, '0, beat.iova, beat.bytes));
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q <= 1'b0;
      valid_q  <= 1'b0;
    end else begin
      if (take) inside_q <= !ctl_d.eop;
      valid_q <= take || (valid_q && !p_ready_i);
    end
  end

  // No reset: meaningful only with inside_q and valid_q.
  always_ff @(posedge clk_i) begin
    if (take) begin
      left_q <= left - beat_dw;
      ctl_q  <= ctl_d;
      data_q <= wr_data_i[client];
    end
  end

  assign p_ctl_o   = ctl_q;
  assign p_data_o  = data_q;
  assign p_valid_o = valid_q;

  logic unused;
  assign unused = &{1'b0, beat.fn, beat.attr};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of this fabric")
  `CW_ASSERT_HELD(WriteHeld, p_valid_o, p_ready_i, {p_ctl_o, p_data_o})
  `CW_ASSERT(WritesSomething, !take || inside_q || beat.bytes != '0)
  `CW_ASSERT(InsidePage, !take || inside_q || beat.bytes <= bytes_to_page_end(beat.iova[11:0]))
  `CW_ASSERT(InsideMaxPayload,
      !take || inside_q
      || beat.bytes + 13'(beat.iova[1:0]) <= size_bytes(state_i.max_payload))
  `CW_ASSERT(BeginsWithSop, !take || beat.sop == !inside_q)
  `CW_ASSERT(EndsWithItsBytes, !take || beat.eop == ctl_d.eop)

endmodule
