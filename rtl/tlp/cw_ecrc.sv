// SPDX-License-Identifier: Apache-2.0
//
// The end-to-end CRC of the TLPs of one channel, as they pass: over end-to-end prefix, header and
// payload, with the bits that may change on the way taken as ones. Right in the clock of the last
// beat. Spec: PCIe Base 2.7.1.
`include "cw_assert.svh"
module cw_ecrc
  import cw_tlp_pkg::*;
#(
  parameter  int unsigned W     = 256,  // bits of a beat
  localparam int unsigned Lanes = W / 32,
  localparam int unsigned LaneW = $clog2(Lanes)
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // A beat, whether it counts, and whether it is taken in this clock
  input  tlp_ctl_t     ctl_i,
  input  logic [W-1:0] data_i,
  input  logic         enable_i,
  input  logic         take_i,

  output logic [31:0]  digest_o  // as on the wire: first byte in [7:0]
);

  localparam int unsigned HeadDw = 5;  // one prefix, four dwords of header
  localparam logic [31:0] Seed   = 32'hffff_ffff;

  // ---- Prefix and header, at the end of their place; the state is added to the first dword
  tlp_hdr_t              hdr;
  logic [HeadDw-1:0][31:0] head;
  logic [31:0]             head_crc;

  // Byte 0 of a header dword is sent first.
  function automatic logic [31:0] sent(logic [31:0] dword);
    return {dword[7:0], dword[15:8], dword[23:16], dword[31:24]};
  endfunction

  always_comb begin
    hdr             = ctl_i.hdr;
    hdr.dw0.kind    = tlp_kind_e'(ctl_i.hdr.dw0.kind | 8'b000_00001);  // Type[0] and EP may change
    hdr.dw0.ep      = 1'b1;
    head            = '0;
    if (is_4dw(ctl_i.hdr)) begin
      head[4] = sent(hdr.dw3);
      head[3] = sent(hdr.dw2);
      head[2] = sent(hdr.dw1);
      head[1] = sent(hdr.dw0);
      head[0] = ctl_i.prefix_valid ? sent(ctl_i.prefix) : '0;
      if (ctl_i.prefix_valid) head[0] ^= Seed;
      else                    head[1] ^= Seed;
    end else begin
      head[4] = sent(hdr.dw2);
      head[3] = sent(hdr.dw1);
      head[2] = sent(hdr.dw0);
      head[1] = ctl_i.prefix_valid ? sent(ctl_i.prefix) : '0;
      if (ctl_i.prefix_valid) head[1] ^= Seed;
      else                    head[2] ^= Seed;
    end
  end

  cw_crc32 #(.Dwords(HeadDw)) u_head (
    .clk_i,
    .rst_i,
    .enable_i (enable_i && ctl_i.sop),
    .message_i(head),
    .crc_o    (head_crc)
  );

  // ---- Payload, moved to the end of the beat; what lies behind it falls off
  logic [31:0]      state, body_crc, state_q;
  logic [LaneW-1:0] last, up;  // dword; ~last is how far it is from the end
  logic             some;
  logic [W-1:0]     body;

  assign state = ctl_i.sop ? head_crc : state_q;
  assign some  = ctl_i.strb[0];
  assign up    = ~last;

  always_comb begin
    last = '0;
    for (int unsigned i = 1; i < Lanes; i++) begin
      if (ctl_i.strb[i]) last = LaneW'(i);
    end
    body        = data_i;
    body[31:0] ^= state;
    for (int b = int'(LaneW) - 1; b >= 0; b--) begin
      if (up[b]) body = body << (32 << b);
    end
  end

  cw_crc32 #(.Dwords(Lanes)) u_body (
    .clk_i,
    .rst_i,
    .enable_i (enable_i && some),
    .message_i(body),
    .crc_o    (body_crc)
  );

  logic [31:0] after;
  assign after    = some ? body_crc : state;
  assign digest_o = ~after;

  // No reset: meaningful only inside a TLP.
  always_ff @(posedge clk_i) begin
    if (take_i) state_q <= after;
  end

  logic unused;
  assign unused = &{1'b0, ctl_i.digest, ctl_i.error, ctl_i.eop, ctl_i.strb};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")
  `CW_ASSERT(PayloadCounts, !take_i || !some || !enable_i || digest_o == ~body_crc)
  `CW_ASSERT(PayloadFromLane0, !take_i || (ctl_i.strb & (ctl_i.strb + 16'd1)) == '0)

endmodule
