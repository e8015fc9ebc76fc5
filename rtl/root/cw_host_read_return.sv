// SPDX-License-Identifier: Apache-2.0
//
// Turns what memory answers into completions: one packet of read beats and one waiting header make
// one CplD; a header without data leaves as it is. A packet with an AXI error is given up and
// answered by a Cpl with status CA, and the rest of its request is swallowed.
// Spec: PCIe Base 2.2.9, 2.3.1.1 (a request ends with its first unsuccessful completion).
`include "cw_assert.svh"
module cw_host_read_return #(
  parameter  int unsigned W     = 256,  // bits of a beat
  parameter  int unsigned Depth = 64,   // completions that wait for memory
  localparam int unsigned LaneW = $clog2(W / 8)
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  // Completions owed, in order. With data: `dw` dwords follow on m_r from byte lane `lane`
  input  cw_tlp_pkg::cpl_hdr_t   owed_hdr_i,
  input  logic                   owed_data_i,
  input  logic [10:0]            owed_dw_i,
  input  logic [LaneW-1:0]       owed_lane_i,
  input  logic                   owed_last_i,  // ends its request
  input  logic                   owed_valid_i,
  output logic                   owed_ready_o,

  // Host memory, read data
  input  logic [W-1:0]           m_r_data_i,
  input  logic [1:0]             m_r_resp_i,
  input  logic                   m_r_last_i,
  input  logic                   m_r_valid_i,
  output logic                   m_r_ready_o,

  // Completions
  output cw_tlp_pkg::tlp_ctl_t   cpl_ctl_o,
  output logic [W-1:0]           cpl_data_o,
  output logic                   cpl_valid_o,
  input  logic                   cpl_ready_i,

  // One pulse when a request has its last completion; one when memory reported an error
  output logic                   retired_o,
  output logic                   mem_error_o
);

  typedef struct packed {
    logic [10:0]      dw;
    logic [LaneW-1:0] lane;
  } packet_t;

  typedef struct packed {
    cw_tlp_pkg::cpl_hdr_t hdr;
    logic                 data;
    logic                 last;
  } owed_t;

  typedef enum logic [1:0] {
    StSend,     // the header at the front leaves, with its data
    StAbort,    // its data were bad: a Cpl with status CA takes its place
    StSwallow   // what is left of that request is read and forgotten
  } state_e;

  state_e           state_q, state_d;
  owed_t            owed;
  cw_tlp_pkg::cpl_hdr_t abort_hdr;
  packet_t          packet;
  logic             owed_room, owed_valid, owed_pop;
  logic             packet_room, packet_valid, packet_pop;
  logic             error_valid, error, error_room, beat_error_q;
  logic [W-1:0]     data;
  logic             data_last, data_valid, data_ready, first_q, beat_done, shift_ready, cpl_done;
  logic [10:0]      left_q, left;

  assign owed_ready_o = owed_room && packet_room;

  logic [$clog2(Depth + 1)-1:0] unused_owed_level, unused_packet_level;
  logic [2:0]                   unused_error_level;

  cw_fifo #(.DataW($bits(owed_t)), .Depth(Depth)) u_owed (
    .clk_i,
    .rst_i,
    .in_data_i  ({owed_hdr_i, owed_data_i, owed_last_i}),
    .in_valid_i (owed_valid_i && packet_room),
    .in_ready_o (owed_room),
    .out_data_o (owed),
    .out_valid_o(owed_valid),
    .out_ready_i(owed_pop),
    .level_o    (unused_owed_level)
  );

  cw_fifo #(.DataW($bits(packet_t)), .Depth(Depth)) u_packets (
    .clk_i,
    .rst_i,
    .in_data_i  ({owed_dw_i, owed_lane_i}),
    .in_valid_i (owed_valid_i && owed_room && owed_data_i),
    .in_ready_o (packet_room),
    .out_data_o (packet),
    .out_valid_o(packet_valid),
    .out_ready_i(packet_pop),
    .level_o    (unused_packet_level)
  );

  // ---- Read beats to dword lanes; the error of a packet is known when its last beat came in

  assign m_r_ready_o = shift_ready && packet_valid && error_room;
  assign packet_pop  = m_r_valid_i && m_r_ready_o && m_r_last_i;

  cw_lane_shift #(.W(W), .UnitBytes(4)) u_lanes (
    .clk_i,
    .rst_i,
    .in_data_i  (m_r_data_i),
    .in_last_i  (m_r_last_i),
    .shift_i    (-$signed({1'b0, packet.lane})),
    .bytes_i    (14'(packet.lane) + {1'b0, packet.dw, 2'b00}),
    .in_valid_i (m_r_valid_i && packet_valid && error_room),
    .in_ready_o (shift_ready),
    .out_data_o (data),
    .out_last_o (data_last),
    .out_valid_o(data_valid),
    .out_ready_i(data_ready)
  );

  cw_fifo #(.DataW(1), .Depth(4)) u_errors (
    .clk_i,
    .rst_i,
    .in_data_i  (beat_error_q || cw_axi_pkg::resp_is_error(m_r_resp_i)),
    .in_valid_i (packet_pop),
    .in_ready_o (error_room),
    .out_data_o (error),
    .out_valid_o(error_valid),
    .out_ready_i(data_valid && data_ready && data_last),
    .level_o    (unused_error_level)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) beat_error_q <= 1'b0;
    else if (m_r_valid_i && m_r_ready_o)
      beat_error_q <= !m_r_last_i && (beat_error_q || cw_axi_pkg::resp_is_error(m_r_resp_i));
  end

  // ---- Completions

  assign left      = first_q ? cw_tlp_pkg::length_dw(cw_tlp_pkg::tlp_hdr_t'(owed.hdr)) : left_q;
  assign beat_done = data_valid && data_ready;
  assign cpl_done  = cpl_valid_o && cpl_ready_i && cpl_ctl_o.eop;

  always_comb begin
    abort_hdr             = owed.hdr;
    abort_hdr.dw0.kind    = cw_tlp_pkg::TlpCpl;
    abort_hdr.dw0.length  = '0;
    abort_hdr.status      = cw_tlp_pkg::CplStatusCa;
  end

  always_comb begin
    state_d     = state_q;
    cpl_valid_o = 1'b0;
    data_ready  = 1'b0;
    owed_pop    = 1'b0;
    cpl_ctl_o   = '0;
    cpl_ctl_o.hdr = cw_tlp_pkg::tlp_hdr_t'(owed.hdr);
    unique case (state_q)
      StSend: begin  // the last beat waits for the verdict on its packet
        cpl_ctl_o.sop   = first_q;
        cpl_ctl_o.eop   = !owed.data || data_last;
        cpl_ctl_o.error = owed.data && data_last && error;
        cpl_ctl_o.strb  = !owed.data ? '0
            : left >= 11'(W / 32) ? 16'((17'd1 << (W / 32)) - 17'd1) : 16'((17'd1 << left) - 17'd1);
        cpl_valid_o     = owed_valid && (!owed.data || (data_valid && (!data_last || error_valid)));
        data_ready      = owed_valid && owed.data && cpl_ready_i && (!data_last || error_valid);
        owed_pop        = cpl_done && !cpl_ctl_o.error;
        if (cpl_done && cpl_ctl_o.error) state_d = StAbort;
      end
      StAbort: begin  // byte count and lower address stay those of the packet given up
        cpl_ctl_o.sop = 1'b1;
        cpl_ctl_o.eop = 1'b1;
        cpl_ctl_o.hdr = cw_tlp_pkg::tlp_hdr_t'(abort_hdr);
        cpl_valid_o   = 1'b1;
        owed_pop      = cpl_done;
        if (cpl_done) state_d = owed.last ? StSend : StSwallow;
      end
      StSwallow: begin  // up to the end of the aborted request
        data_ready = owed_valid && (!data_last || error_valid);
        owed_pop   = beat_done && data_last;
        if (owed_pop && owed.last) state_d = StSend;
      end
      default: state_d = StSend;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StSend;
      first_q <= 1'b1;
    end else begin
      state_q <= state_d;
      if (beat_done) first_q <= data_last;
    end
  end

  // No reset: read only after the first beat of a packet.
  always_ff @(posedge clk_i) if (beat_done) left_q <= left - 11'(W / 32);

  assign cpl_data_o  = data;
  assign retired_o   = owed_pop && owed.last;
  assign mem_error_o = state_q == StSend && cpl_done && cpl_ctl_o.error;

  `CW_ASSERT(DataOnlyWhereOwed, !m_r_valid_i || packet_valid)
  `CW_ASSERT(AbortOnlyWithData, state_q != StAbort || (owed_valid && owed.data))
  `CW_ASSERT(VerdictBeforeLastBeat, !data_valid || !data_last || error_valid)
  `CW_ASSERT_HELD(CplHeld, cpl_valid_o, cpl_ready_i, cpl_ctl_o)

endmodule
