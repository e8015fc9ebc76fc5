// SPDX-License-Identifier: Apache-2.0
//
// Cuts what is left in the write buffer into legal memory write requests.
// Spec: PCIe Base 2.2.5 (byte enables), 2.2.7 (memory requests).
`include "cw_assert.svh"
module cw_host_posted
  import cw_host_pkg::*;
#(
  parameter  int unsigned W      = 256,
  localparam int unsigned BeatDw = W / 32
) (
  input  logic                    clk_i,
  input  logic                    rst_i,

  // The write buffer, dword 0 at the bottom; while `go_i`, it is emptied
  input  logic                    go_i,
  input  logic [63:0]             addr_i,
  input  logic [BurstDw-1:0][3:0] be_i,
  input  logic [W-1:0]            data_i,
  output logic                    skip_o,
  output logic                    beat_o,
  output logic                    done_o,
  output logic [4:0]              done_dw_o,

  // Posted TLPs
  output cw_tlp_pkg::tlp_ctl_t    p_ctl_o,
  output logic [W-1:0]            p_data_o,
  output logic                    p_valid_o,
  input  logic                    p_ready_i
);

  logic [4:0]           left_q, run, left;  // dwords of the TLP still to go
  logic                 first;
  cw_tlp_pkg::mem_hdr_t hdr;

  assign first = left_q == '0;
  assign run   = write_run(be_i);
  assign left  = first ? run : left_q;

  always_comb begin
    hdr = cw_tlp_pkg::make_mem_request(
        1'b1, HostId, '0, {addr_i[63:2], 2'b00}, {6'd0, run, 2'b00});
    hdr.first_be = be_i[0];
    hdr.last_be  = run == 5'd1 ? 4'b0000 : be_i[4'(run - 5'd1)];
  end

  always_comb begin
    p_ctl_o     = '0;
    p_ctl_o.sop = first;
    p_ctl_o.eop = 32'(left) <= BeatDw;
    p_ctl_o.hdr = hdr;
    for (int unsigned i = 0; i < BeatDw; i++) p_ctl_o.strb[i] = 5'(i) < left;
  end

  assign p_valid_o = go_i && (!first || be_i[0] != '0);
  assign p_data_o  = data_i;

  assign skip_o    = go_i && first && be_i[0] == '0;
  assign beat_o    = p_valid_o && p_ready_i && !p_ctl_o.eop;
  assign done_o    = p_valid_o && p_ready_i && p_ctl_o.eop;
  assign done_dw_o = left;

  always_ff @(posedge clk_i) begin
    if (rst_i || done_o) left_q <= '0;
    else if (beat_o)     left_q <= left - 5'(BeatDw);
  end

  `CW_ASSERT(LegalByteEnables, !p_valid_o || !first
      || cw_tlp_pkg::byte_enables_legal(hdr, !addr_i[2]))
  `CW_ASSERT(InsidePage, !p_valid_o || !first
      || 13'({run, 2'b00}) <= cw_tlp_pkg::bytes_to_page_end(addr_i[11:0]))
  `CW_ASSERT_HELD(PostedHeld, p_valid_o, p_ready_i, {p_ctl_o, p_data_o})

endmodule
