// SPDX-License-Identifier: Apache-2.0
//
// Answers translated non-posted requests: a read of host memory with its data, anything else with
// status UR. Many reads are in flight; completions leave in the order of their requests. A request
// starts once `order_ok_i` says that every posted write before it is in memory.
// Spec: PCIe Base 2.2.6.5 (No Snoop), 2.3.1 (request handling), 2.3.1.1 (read completion boundary),
// 2.4.1 (ordering).
`include "cw_assert.svh"
module cw_host_read
  import cw_root_pkg::*;
#(
  parameter  int unsigned W     = 256,  // bits of a beat, of TLPs as of memory
  parameter  int unsigned Depth = 64,   // completions that wait for memory
  localparam int unsigned LaneW = $clog2(W / 8)
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  input  logic [2:0]             max_payload_i,  // encoding of Device Control

  // Non-posted requests, their address translated; `hpa` and `fault` hold during the TLP
  input  cw_tlp_pkg::tlp_ctl_t   np_ctl_i,
  input  logic [55:0]            np_hpa_i,
  input  logic                   np_fault_i,
  input  logic                   np_valid_i,
  output logic                   np_ready_o,
  input  logic                   order_ok_i,

  // Host memory, read half
  output cw_axi_pkg::axi_ax_t    m_ar_o,
  output logic                   m_ar_no_snoop_o,  // past the CPU's caches
  output logic                   m_ar_valid_o,
  input  logic                   m_ar_ready_i,
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

  // One pulse a request: it is done with; it was refused; memory reported an error
  output logic                   retired_o,
  output logic                   refused_o,
  output logic                   mem_error_o
);

  localparam cw_tlp_pkg::bdf_t RootId = '0;  // bus 0, device 0, function 0

  cw_tlp_pkg::mem_hdr_t hdr;
  cw_tlp_pkg::cpl_hdr_t piece_hdr, ur_hdr_q;
  logic [63:0]          piece_addr;
  logic [10:0]          piece_dw;
  logic                 piece_last, piece_valid, piece_ready;
  logic                 readable, first, split_ready, take, ur_q, ur_pop;
  logic [51:0]          page_q;
  logic [LaneW-1:0]     lane;
  logic                 owed_ready, ar_ready;

  assign hdr      = cw_tlp_pkg::mem_hdr_t'(np_ctl_i.hdr);
  assign readable = (hdr.dw0.kind inside {cw_tlp_pkg::TlpMRd32, cw_tlp_pkg::TlpMRd64})
                 && !np_fault_i && is_ram(64'(np_hpa_i));

  // A request without a readable address is answered after all pieces before it, in order.
  assign first      = np_ctl_i.sop;
  assign np_ready_o = !first || (order_ok_i && !ur_q
                                 && (readable ? split_ready : !piece_valid && split_ready));
  assign take       = np_valid_i && np_ready_o;

  always_ff @(posedge clk_i) begin
    if (rst_i) ur_q <= 1'b0;
    else if (take && first) ur_q <= !readable;
    else if (ur_pop) ur_q <= 1'b0;
  end

  // No reset: meaningful with ur_q, or while the splitter holds a request.
  always_ff @(posedge clk_i) begin
    if (take && first) begin
      ur_hdr_q <= cw_completer_pkg::plain_cpl(hdr, RootId, cw_tlp_pkg::CplStatusUr);
      page_q   <= {8'd0, np_hpa_i[55:12]};
    end
  end

  cw_cpl_splitter #(.RcbBytes(64)) u_split (
    .clk_i,
    .rst_i,
    .completer_id_i(RootId),
    .max_payload_i,
    .req_hdr_i     (hdr),
    .req_valid_i   (np_valid_i && first && order_ok_i && !ur_q && readable),
    .req_ready_o   (split_ready),
    .cpl_hdr_o     (piece_hdr),
    .cpl_addr_o    (piece_addr),
    .cpl_dw_o      (piece_dw),
    .cpl_last_o    (piece_last),
    .cpl_valid_o   (piece_valid),
    .cpl_ready_i   (piece_ready)
  );

  // ---- A piece is one burst of memory and one completion that waits for it

  assign lane        = {piece_addr[LaneW-1:2], 2'b00};
  assign piece_ready = owed_ready && ar_ready;
  assign ur_pop      = ur_q && !piece_valid && owed_ready;

  cw_axi_pkg::axi_ax_t ar;
  assign ar = '{
    id:    4'd0,
    addr:  {page_q, piece_addr[11:LaneW], LaneW'(0)},
    len:   8'((14'(lane) + {1'b0, piece_dw, 2'b00} - 14'd1) >> LaneW),
    size:  cw_axi_pkg::full_size(W),
    burst: cw_axi_pkg::BurstIncr
  };

  cw_skid #(.DataW($bits(ar) + 1)) u_ar (
    .clk_i,
    .rst_i,
    .in_data_i  ({ar, piece_hdr.dw0.no_snoop}),
    .in_valid_i (piece_valid && owed_ready),
    .in_ready_o (ar_ready),
    .out_data_o ({m_ar_o, m_ar_no_snoop_o}),
    .out_valid_o(m_ar_valid_o),
    .out_ready_i(m_ar_ready_i)
  );

  cw_host_read_return #(.W(W), .Depth(Depth)) u_return (
    .clk_i,
    .rst_i,
    .owed_hdr_i  (piece_valid ? piece_hdr : ur_hdr_q),
    .owed_data_i (piece_valid),
    .owed_dw_i   (piece_dw),
    .owed_lane_i (lane),
    .owed_last_i (!piece_valid || piece_last),
    .owed_valid_i((piece_valid && ar_ready) || (ur_q && !piece_valid)),
    .owed_ready_o(owed_ready),
    .m_r_data_i,
    .m_r_resp_i,
    .m_r_last_i,
    .m_r_valid_i,
    .m_r_ready_o,
    .cpl_ctl_o,
    .cpl_data_o,
    .cpl_valid_o,
    .cpl_ready_i,
    .retired_o,
    .mem_error_o
  );

  assign refused_o = ur_pop;

  logic unused;
  assign unused = &{1'b0, np_ctl_i, piece_addr[63:12], piece_addr[1:0]};

  `CW_ASSERT(OneKindAtATime, !ur_q || !(take && first))
  `CW_ASSERT(NothingBeforeItsTurn, !(take && first) || order_ok_i)
  `CW_ASSERT_HELD(CplHeld, cpl_valid_o, cpl_ready_i, cpl_ctl_o)

endmodule
