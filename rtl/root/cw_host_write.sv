// SPDX-License-Identifier: Apache-2.0
//
// Carries translated posted requests to where they may go: host memory (one AXI burst for a TLP),
// the MSI doorbell page, down again to a device, or nowhere. Everything that is not a clean memory
// write to one of these is dropped whole and reported, as poisoned or as refused. Requests retire
// in order, each once, when memory has answered or the last beat has gone down.
// Spec: PCIe Base 2.2.5 (byte enables), 2.2.6.5 (No Snoop), 2.7.2.2 (poisoned writes), 6.1.4
// (message signalling).
`include "cw_assert.svh"
module cw_host_write
  import cw_root_pkg::*;
#(
  parameter  int unsigned W           = 256,  // bits of a beat, of TLPs as of memory
  parameter  int unsigned Outstanding = 64,   // bursts that memory has not answered, power of two
  localparam int unsigned Bytes       = W / 8,
  localparam int unsigned LaneW       = $clog2(Bytes)
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  // Posted requests, their address translated; `hpa` and `fault` hold during the TLP
  input  cw_tlp_pkg::tlp_ctl_t   p_ctl_i,
  input  logic [W-1:0]           p_data_i,
  input  logic [55:0]            p_hpa_i,
  input  logic                   p_fault_i,
  input  logic                   p_peer_i,    // memory of a device, which may be written
  input  logic                   p_valid_i,
  output logic                   p_ready_o,

  // Host memory, write half
  output cw_axi_pkg::axi_ax_t    m_aw_o,
  output logic                   m_aw_no_snoop_o,  // past the CPU's caches
  output logic                   m_aw_valid_o,
  input  logic                   m_aw_ready_i,
  output logic [W-1:0]           m_w_data_o,
  output logic [Bytes-1:0]       m_w_strb_o,
  output logic                   m_w_last_o,
  output logic                   m_w_valid_o,
  input  logic                   m_w_ready_i,
  input  cw_axi_pkg::axi_b_t     m_b_i,
  input  logic                   m_b_valid_i,
  output logic                   m_b_ready_o,

  // Down to a device, after every write before it is in memory; data pass beside
  output cw_tlp_pkg::tlp_ctl_t   peer_ctl_o,
  output logic                   peer_valid_o,
  input  logic                   peer_ready_i,

  // A message-signalled interrupt, after every write before it is in memory
  output logic                   msi_valid_o,
  input  logic                   msi_ready_i,
  output logic [63:0]            msi_addr_o,
  output logic [31:0]            msi_data_o,

  // One pulse a TLP: it is done with; it was a write that may not be carried out, or one with
  // poisoned data that else might have been; memory refused it
  output logic                   retired_o,
  output logic                   refused_o,
  output logic                   poisoned_o,
  output logic                   mem_error_o
);

  typedef enum logic [2:0] {
    RouteMemory, RouteMsi, RoutePeer, RoutePoisoned, RouteNowhere
  } route_e;

  // What the write channel needs to know of a burst, beside its data.
  typedef struct packed {
    logic [LaneW-1:0] first_lane;  // byte lane of the first dword
    logic [LaneW-1:0] last_lane;   // byte lane of the last dword
    logic [3:0]       first_be;
    logic [3:0]       last_be;     // that of the first dword where there is only one
  } burst_t;

  localparam int unsigned CountW = $clog2(Outstanding) + 1;

  cw_tlp_pkg::mem_hdr_t hdr;
  route_e               route, route_q;
  burst_t               burst, burst_out;
  logic [10:0]          dw;
  logic [LaneW-1:0]     lane, lane_q;
  logic [13:0]          tlp_bytes, tlp_bytes_q;
  logic [CountW-1:0]    open_q;
  logic                 open_none, is_write, start_ok, take, open, close;
  logic                 offered_q;  // a first beat waits to go down
  logic                 aw_ready, burst_ready, shift_ready, first_out_q, burst_valid;
  logic [W-1:0]         shifted;

  assign hdr      = cw_tlp_pkg::mem_hdr_t'(p_ctl_i.hdr);
  assign dw       = cw_tlp_pkg::length_dw(p_ctl_i.hdr);
  assign is_write = hdr.dw0.kind inside {cw_tlp_pkg::TlpMWr32, cw_tlp_pkg::TlpMWr64};

  always_comb begin
    route = RouteNowhere;
    if (!p_ctl_i.sop) route = route_q;
    else if (offered_q) route = RoutePeer;
    else if (is_write && !p_fault_i) begin
      if (is_ram(64'(p_hpa_i))) route = RouteMemory;
      else if (inside_window(64'(p_hpa_i), MsiBase, MsiBytes)
               && dw == 11'd1 && hdr.first_be == 4'b1111) route = RouteMsi;
      else if (p_peer_i) route = RoutePeer;
      if (route inside {RouteMemory, RouteMsi} && hdr.dw0.ep) route = RoutePoisoned;
    end
  end

  // A TLP goes into memory through the lane shifter; anything else waits until memory is quiet,
  // so that it neither overtakes a write nor retires out of order.
  assign open_none = open_q == '0;
  assign start_ok  = aw_ready && burst_ready && open_q < CountW'(Outstanding);
  always_comb begin
    unique case (route)
      RouteMemory: p_ready_o = shift_ready && (!p_ctl_i.sop || start_ok);
      RoutePeer:   p_ready_o = open_none && peer_ready_i;
      RouteMsi:    p_ready_o = open_none && msi_ready_i;
      default:     p_ready_o = open_none;
    endcase
  end
  assign take      = p_valid_i && p_ready_o;
  assign open      = take && p_ctl_i.sop && route == RouteMemory;
  assign close     = m_b_valid_i && m_b_ready_o;

  assign peer_valid_o = p_valid_i && open_none && route == RoutePeer;

  always_comb begin
    peer_ctl_o              = p_ctl_i;
    peer_ctl_o.prefix_valid = 1'b0;
    peer_ctl_o.hdr          = cw_host_pkg::peer_request(hdr, p_hpa_i);
  end

  assign lane      = p_ctl_i.sop ? {p_hpa_i[LaneW-1:2], 2'b00} : lane_q;
  assign tlp_bytes = p_ctl_i.sop ? {1'b0, dw, 2'b00} : tlp_bytes_q;

  always_comb begin
    burst.first_lane = lane;
    burst.last_lane  = LaneW'(14'(lane) + tlp_bytes - 14'd4);
    burst.first_be   = hdr.first_be;
    burst.last_be    = dw == 11'd1 ? hdr.first_be : hdr.last_be;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q      <= '0;
      first_out_q <= 1'b1;
      offered_q   <= 1'b0;
    end else begin
      offered_q <= p_ctl_i.sop && peer_valid_o && !peer_ready_i;
      open_q <= open_q + CountW'(open) - CountW'(close);
      if (m_w_valid_o && m_w_ready_i) first_out_q <= m_w_last_o;
    end
  end

  // No reset: written by the first beat of every TLP.
  always_ff @(posedge clk_i) begin
    if (take) route_q <= route;
    if (take) lane_q <= lane;
    if (take) tlp_bytes_q <= tlp_bytes;
  end

  cw_axi_pkg::axi_ax_t aw;
  assign aw = '{
    id:    4'd0,
    addr:  {8'd0, p_hpa_i[55:LaneW], LaneW'(0)},
    len:   8'((14'(lane) + tlp_bytes - 14'd1) >> LaneW),
    size:  cw_axi_pkg::full_size(W),
    burst: cw_axi_pkg::BurstIncr
  };

  cw_skid #(.DataW($bits(aw) + 1)) u_aw (
    .clk_i,
    .rst_i,
    .in_data_i  ({aw, hdr.dw0.no_snoop}),
    .in_valid_i (open),
    .in_ready_o (aw_ready),
    .out_data_o ({m_aw_o, m_aw_no_snoop_o}),
    .out_valid_o(m_aw_valid_o),
    .out_ready_i(m_aw_ready_i)
  );

  logic [2:0] unused_level;
  cw_fifo #(.DataW($bits(burst_t)), .Depth(4)) u_bursts (
    .clk_i,
    .rst_i,
    .in_data_i  (burst),
    .in_valid_i (open),
    .in_ready_o (burst_ready),
    .out_data_o (burst_out),
    .out_valid_o(burst_valid),
    .out_ready_i(m_w_valid_o && m_w_ready_i && m_w_last_o),
    .level_o    (unused_level)
  );

  cw_lane_shift #(.W(W), .UnitBytes(4)) u_lanes (
    .clk_i,
    .rst_i,
    .in_data_i  (p_data_i),
    .in_last_i  (p_ctl_i.eop),
    .shift_i    ({1'b0, lane}),
    .bytes_i    (tlp_bytes),
    .in_valid_i (p_valid_i && route == RouteMemory && (!p_ctl_i.sop || start_ok)),
    .in_ready_o (shift_ready),
    .out_data_o (shifted),
    .out_last_o (m_w_last_o),
    .out_valid_o(m_w_valid_o),
    .out_ready_i(m_w_ready_i)
  );

  // Strobes: whole beats but for the lanes before the first and after the last dword.
  always_comb begin
    m_w_strb_o = '1;
    for (int unsigned n = 0; n < Bytes; n += 4) begin
      if (m_w_last_o && n == 32'(burst_out.last_lane))   m_w_strb_o[n +: 4] = burst_out.last_be;
      if (m_w_last_o && n > 32'(burst_out.last_lane))    m_w_strb_o[n +: 4] = '0;
      if (first_out_q && n == 32'(burst_out.first_lane))
        m_w_strb_o[n +: 4] = m_w_strb_o[n +: 4] & burst_out.first_be;
      if (first_out_q && n < 32'(burst_out.first_lane))  m_w_strb_o[n +: 4] = '0;
    end
  end

  assign m_w_data_o  = shifted;
  assign m_b_ready_o = 1'b1;
  assign msi_valid_o = p_valid_i && open_none && route == RouteMsi;  // of one beat
  assign msi_addr_o  = 64'(p_hpa_i);
  assign msi_data_o  = p_data_i[31:0];
  assign retired_o   = close || (take && p_ctl_i.eop && route != RouteMemory);
  assign refused_o   = take && p_ctl_i.sop && route == RouteNowhere
                    && !cw_tlp_pkg::is_msg(p_ctl_i.hdr);
  assign poisoned_o  = take && p_ctl_i.sop && route == RoutePoisoned;
  assign mem_error_o = close && cw_axi_pkg::resp_is_error(m_b_i.resp);

  logic unused;
  assign unused = &{1'b0, hdr, p_ctl_i, m_b_i.id};

  `CW_ASSERT(MemoryOnlyWithoutFault, !open || !p_fault_i)
  `CW_ASSERT(AnswersAreOwed, !close || !open_none)
  `CW_ASSERT(PeerAfterMemory, !peer_valid_o || open_none)
  `CW_ASSERT_HELD(PeerHeld, peer_valid_o, peer_ready_i, peer_ctl_o)
  `CW_ASSERT(MsiAfterMemory, !msi_valid_o || open_none)
  `CW_ASSERT(MsiIsOneBeat, !msi_valid_o || (p_ctl_i.sop && p_ctl_i.eop))
  `CW_ASSERT(StrobesHaveTheirBurst, !m_w_valid_o || burst_valid)
  `CW_ASSERT_HELD(DataHeld, m_w_valid_o, m_w_ready_i, {m_w_last_o, m_w_strb_o, m_w_data_o})

endmodule
