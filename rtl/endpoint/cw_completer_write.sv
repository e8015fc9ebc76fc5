// SPDX-License-Identifier: Apache-2.0
//
// Carries out posted requests in order: memory writes go to the registers, dword by dword, or to
// card memory, beat by beat; what may not be carried out is dropped and reported. Nothing here is
// ever answered, or waits for a completion.
// Spec: PCIe Base 2.3.1 (request handling rules), 2.7.2.2 (poisoned data), 2.2.8 (messages).
`include "cw_assert.svh"
module cw_completer_write
  import cw_tlp_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned                 W    = 256,  // bits of a beat
  parameter cw_cfg_pkg::bar_cfg_t [5:0]  Bars = endpoint_bars(16)
) (
  input  logic                      clk_i,
  input  logic                      rst_i,

  input  cw_cfg_pkg::cfg_state_t    state_i,
  output cw_cfg_pkg::cfg_event_t    event_o,

  // Posted requests
  input  tlp_ctl_t                  p_ctl_i,
  input  logic [W-1:0]              p_data_i,
  input  logic                      p_valid_i,
  output logic                      p_ready_o,

  // Register bus
  output logic                      reg_valid_o,
  output cw_endpoint_pkg::reg_req_t reg_req_o,
  input  logic                      reg_ready_i,
  input  logic                      reg_error_i,

  // Card memory
  output logic                      cm_wr_valid_o,
  input  logic                      cm_wr_ready_i,
  output logic [31:0]               cm_wr_addr_o,
  output logic [W-1:0]              cm_wr_data_o,
  output logic [W/8-1:0]            cm_wr_strb_o,

  // Requests taken and requests carried out, modulo 16: a read that waits until the second reaches
  // the first sees every write that came before it
  output logic [3:0]                taken_o,
  output logic [3:0]                done_o
);

  localparam int unsigned Lanes = W / 32;
  localparam int unsigned LaneW = $clog2(Lanes);

  // What counts of a request beyond its first beat.
  typedef struct packed {
    route_e      route;
    logic [31:0] offset;
    logic [10:0] dw;
    logic [3:0]  first_be;
    logic [3:0]  last_be;
  } write_t;

  mem_hdr_t    in_hdr;
  logic        hit;
  logic [2:0]  bar;
  logic [63:0] offset;
  write_t      in_write;

  assign in_hdr = mem_hdr_t'(p_ctl_i.hdr);

  cw_bar_decoder #(.Bars(Bars)) u_bars (
    .clk_i,
    .rst_i,
    .state_i,
    .addr_i   (request_addr(in_hdr)),
    .dw_i     (length_dw(p_ctl_i.hdr)),
    .is_io_i  (1'b0),
    .hit_o    (hit),
    .bar_o    (bar),
    .offset_o (offset)
  );

  always_comb begin
    in_write = '{
      route:    RouteUr,
      offset:   32'(offset),
      dw:       length_dw(p_ctl_i.hdr),
      first_be: in_hdr.first_be,
      last_be:  in_hdr.last_be
    };
    if (is_msg(p_ctl_i.hdr)) begin
      if (msg_accepted(p_ctl_i.hdr))
        in_write.route = in_hdr.dw0.ep ? RoutePoisoned : RouteNothing;
    end else if (hit && (bar inside {RegBar, CardBar})) begin
      if (in_hdr.dw0.ep)          in_write.route = RoutePoisoned;
      else if (no_bytes(in_hdr))  in_write.route = RouteNothing;
      else if (bar == RegBar)     in_write.route = RouteRegs;
      else                        in_write.route = RouteCard;
    end
  end

  logic         beat_valid, beat_ready, beat_sop, beat_eop;
  logic [W-1:0] beat_data;
  write_t       beat_write, held_q, write;

  cw_skid #(.DataW($bits(write_t) + 2 + W)) u_slice (
    .clk_i,
    .rst_i,
    .in_data_i   ({in_write, p_ctl_i.sop, p_ctl_i.eop, p_data_i}),
    .in_valid_i  (p_valid_i),
    .in_ready_o  (p_ready_o),
    .out_data_o  ({beat_write, beat_sop, beat_eop, beat_data}),
    .out_valid_o (beat_valid),
    .out_ready_i (beat_ready)
  );

  assign write = beat_sop ? beat_write : held_q;

  // Anything but card memory waits until the writes to it before have ended.
  logic             card_ready, card_busy, card_done, alone;
  logic [10:0]      dw_q;       // dword of the request, registers only
  logic [LaneW-1:0] lane;
  logic             dw_last, reg_done, beat_done;

  assign alone     = beat_valid && !card_busy;
  assign lane      = LaneW'(dw_q);
  assign dw_last   = dw_q == write.dw - 11'd1;
  assign reg_done  = reg_valid_o && reg_ready_i;
  assign beat_done = reg_done && (dw_last || lane == LaneW'(Lanes - 1));

  always_comb begin
    unique case (write.route)
      RouteCard: beat_ready = card_ready;
      RouteRegs: beat_ready = beat_done;
      default:   beat_ready = !card_busy;
    endcase
  end

  assign reg_valid_o = alone && write.route == RouteRegs;
  always_comb begin
    reg_req_o       = '0;
    reg_req_o.write = 1'b1;
    reg_req_o.addr  = write.offset + 32'({dw_q, 2'b00});
    reg_req_o.wdata = beat_data[32*lane +: 32];
    if (dw_q == '0)   reg_req_o.be = write.first_be;
    else if (dw_last) reg_req_o.be = write.last_be;
    else              reg_req_o.be = 4'b1111;
  end

  cw_card_writer #(.W(W)) u_card (
    .clk_i,
    .rst_i,
    .in_data_i     (beat_data),
    .in_last_i     (beat_eop),
    .in_addr_i     (write.offset),
    .in_dw_i       (write.dw),
    .in_first_be_i (write.first_be),
    .in_last_be_i  (write.last_be),
    .in_valid_i    (beat_valid && write.route == RouteCard),
    .in_ready_o    (card_ready),
    .cm_wr_valid_o,
    .cm_wr_ready_i,
    .cm_wr_addr_o,
    .cm_wr_data_o,
    .cm_wr_strb_o,
    .busy_o        (card_busy),
    .done_o        (card_done)
  );

  logic other_done;
  assign other_done = beat_valid && beat_ready && beat_eop && write.route != RouteCard;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      dw_q    <= '0;
      taken_o <= '0;
      done_o  <= '0;
    end else begin
      if (reg_done) dw_q <= dw_last ? '0 : dw_q + 11'd1;
      taken_o <= taken_o + 4'(p_valid_i && p_ready_o && p_ctl_i.eop);
      done_o  <= done_o + 4'(card_done || other_done);
    end
  end

  // No reset: meaningful only after the first beat of a request.
  always_ff @(posedge clk_i) begin
    if (beat_valid && beat_ready && beat_sop) held_q <= beat_write;
  end

  always_comb begin
    event_o             = '0;
    event_o.unsupported = (alone && beat_sop && write.route == RouteUr)
                       || (reg_done && reg_error_i);
    event_o.poisoned    = alone && beat_sop && write.route == RoutePoisoned;
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OnlyPosted, !(p_valid_i && p_ctl_i.sop) || tlp_class(p_ctl_i.hdr) == ClassPosted)
  `CW_ASSERT(NobodyGaveUp, !p_valid_i || !p_ctl_i.error)
  `CW_ASSERT(OneEndsAtATime, !(card_done && other_done))
  `CW_ASSERT(FewInFlight, 4'(taken_o - done_o) <= 4'd10)
  `CW_ASSERT(NoDataFromPoison, !(reg_valid_o || (beat_valid && write.route == RouteCard))
      || write.route != RoutePoisoned)
  `CW_ASSERT_HELD(RegHeld, reg_valid_o, reg_ready_i, reg_req_o)

endmodule
