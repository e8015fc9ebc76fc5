// SPDX-License-Identifier: Apache-2.0
//
// Store-and-forward buffer of whole TLPs: one beat per clock in and out, one is offered two clocks
// after its last beat was taken. A TLP that is dropped, or marked `error` by its sender, leaves no
// trace; `in_drop_i` may rise on any beat and then stays until eop, and nothing more is stored from
// there on, so that no length of a bad TLP fills the buffer. The payload of a TLP that is kept has
// the length its header says. Spec: PCIe Base 2.2.2.
`include "cw_assert.svh"
module cw_tlp_buffer
  import cw_tlp_pkg::*;
#(
  parameter  int unsigned W     = 256,  // bits of a beat
  parameter  int unsigned Hdrs  = 16,   // TLPs, a power of two
  parameter  int unsigned Beats = 64,   // beats of payload, a power of two
  localparam int unsigned Lanes = W / 32
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // TLPs in
  input  tlp_ctl_t     in_ctl_i,
  input  logic [W-1:0] in_data_i,
  input  logic         in_drop_i,
  input  logic         in_valid_i,
  output logic         in_ready_o,
  output logic         stored_o,  // the last beat of a TLP that is kept is taken in this clock

  // TLPs out, complete and in order
  output tlp_ctl_t     out_ctl_o,
  output logic [W-1:0] out_data_o,
  output logic         out_valid_o,
  input  logic         out_ready_i,

  // A TLP leaves completely in this clock: the room that comes free
  output logic         taken_o,
  output tlp_hdr_t     taken_hdr_o,
  output logic [8:0]   taken_data_credits_o
);

  localparam int unsigned HdrW  = $clog2(Hdrs);
  localparam int unsigned BeatW = $clog2(Beats);

  typedef struct packed {
    logic        prefix_valid;
    logic [31:0] prefix;
    tlp_hdr_t    hdr;
  } entry_t;

  // Pointers count one bit further than the address, so that full and empty differ.
  logic [HdrW:0]  hdr_wr_q, hdr_rd_q, hdr_rd_d;
  logic [HdrW:0]  hdr_seen_q;    // headers that the RAM's read port has seen
  logic [BeatW:0] beat_wr_q, beat_rd_q, beat_rd_d;
  logic [BeatW:0] beat_start_q;  // where the payload of the TLP being written began

  // ---- In: a header at sop, a beat of payload each; eop keeps both or forgets both
  logic hdr_room, beat_room, in_payload, in_drop, in_take;

  assign hdr_room   = (hdr_wr_q - hdr_rd_q) != (HdrW + 1)'(Hdrs);
  assign beat_room  = (beat_wr_q - beat_rd_q) != (BeatW + 1)'(Beats);
  assign in_payload = !in_ctl_i.sop || has_payload(in_ctl_i.hdr);
  assign in_ready_o = hdr_room && (beat_room || !in_payload);
  assign in_take    = in_valid_i && in_ready_o;
  assign in_drop    = in_drop_i || (in_ctl_i.error && in_ctl_i.eop);
  assign stored_o   = in_take && in_ctl_i.eop && !in_drop;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      hdr_wr_q     <= '0;
      beat_wr_q    <= '0;
      beat_start_q <= '0;
    end else if (in_take) begin
      if (in_drop) begin
        beat_wr_q <= beat_start_q;
      end else begin
        if (in_payload) beat_wr_q <= beat_wr_q + 1'b1;
        if (in_ctl_i.eop) begin
          hdr_wr_q     <= hdr_wr_q + 1'b1;
          beat_start_q <= beat_wr_q + (BeatW + 1)'(in_payload);
        end
      end
    end
  end

  // ---- Stores: both read where the next clock's pointer will stand, so no clock is lost, and hold
  // what is on offer
  entry_t head;

  cw_ram_sdp #(.DataW($bits(entry_t)), .Depth(Hdrs)) u_hdrs (
    .clk_i,
    .rst_i,
    .wr_en_i   (in_take && in_ctl_i.sop),
    .wr_strb_i (1'b1),
    .wr_addr_i (hdr_wr_q[HdrW-1:0]),
    .wr_data_i ({in_ctl_i.prefix_valid, in_ctl_i.prefix, in_ctl_i.hdr}),
    .rd_en_i   (!out_valid_o || out_ready_i),
    .rd_addr_i (hdr_rd_d[HdrW-1:0]),
    .rd_data_o (head)
  );

  cw_ram_sdp #(.DataW(W), .Depth(Beats)) u_beats (
    .clk_i,
    .rst_i,
    .wr_en_i   (in_take && in_payload && !in_drop),
    .wr_strb_i (1'b1),
    .wr_addr_i (beat_wr_q[BeatW-1:0]),
    .wr_data_i (in_data_i),
    .rd_en_i   (!out_valid_o || out_ready_i),
    .rd_addr_i (beat_rd_d[BeatW-1:0]),
    .rd_data_o (out_data_o)
  );

  // ---- Out: the strobes and the last beat follow from the header's length
  logic        out_take, mid_q;
  logic [10:0] left_q, left;  // dwords still to leave

  assign left        = mid_q ? left_q : payload_dw(head.hdr);
  assign out_valid_o = hdr_rd_q != hdr_seen_q;
  assign out_take    = out_valid_o && out_ready_i;
  assign taken_o     = out_take && out_ctl_o.eop;
  assign hdr_rd_d    = hdr_rd_q + (HdrW + 1)'(taken_o);
  assign beat_rd_d   = beat_rd_q + (BeatW + 1)'(out_take && left != '0);

  always_comb begin
    out_ctl_o              = '0;
    out_ctl_o.sop          = !mid_q;
    out_ctl_o.eop          = 32'(left) <= Lanes;
    out_ctl_o.prefix_valid = head.prefix_valid;
    out_ctl_o.prefix       = head.prefix;
    out_ctl_o.strb         = beat_strb(left, Lanes);
    out_ctl_o.hdr          = head.hdr;
  end

  assign taken_hdr_o          = head.hdr;
  assign taken_data_credits_o = data_credits(payload_dw(head.hdr));

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      hdr_rd_q   <= '0;
      hdr_seen_q <= '0;
      beat_rd_q  <= '0;
      mid_q      <= 1'b0;
    end else begin
      hdr_rd_q   <= hdr_rd_d;
      hdr_seen_q <= hdr_wr_q;
      beat_rd_q  <= beat_rd_d;
      if (out_take) mid_q <= !out_ctl_o.eop;
    end
  end

  // No reset: meaningful only with mid_q.
  always_ff @(posedge clk_i) begin
    if (out_take) left_q <= left - 11'(Lanes);
  end

  // The digest is checked before the buffer.
  logic unused;
  assign unused = &{1'b0, in_ctl_i.digest};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")
  `CW_REQUIRE(Hdrs >= 2 && $onehot(Hdrs), "headers are a power of two")
  `CW_REQUIRE(Beats >= 2 && $onehot(Beats), "beats are a power of two")
  `CW_ASSERT(HeadersNeverOverflow, 32'((HdrW + 1)'(hdr_wr_q - hdr_rd_q)) <= Hdrs)
  `CW_ASSERT(BeatsNeverOverflow, 32'((BeatW + 1)'(beat_wr_q - beat_rd_q)) <= Beats)
  `CW_ASSERT(RollBackOnlyOwnBeats,
      (BeatW + 1)'(beat_wr_q - beat_start_q) <= (BeatW + 1)'(beat_wr_q - beat_rd_q))
  `CW_ASSERT(PayloadStoredBeforeOffered, !out_valid_o || left == '0 || beat_rd_q != beat_start_q)
  `CW_ASSERT(NothingLeftOver, hdr_wr_q != hdr_rd_q || beat_start_q == beat_rd_q)
  `CW_ASSERT(LengthIsPayload, !stored_o || !in_ctl_i.sop
      || in_ctl_i.strb == beat_strb(payload_dw(in_ctl_i.hdr), Lanes))
  `CW_ASSERT(BeatBeforeLastIsFull, !in_take || in_drop || in_ctl_i.eop
      || in_ctl_i.strb == beat_strb(11'(Lanes), Lanes))
  `CW_ASSERT(DropStaysToTheEnd,
      !$past(in_take && in_drop_i && !in_ctl_i.eop && !rst_i) || !in_valid_i || in_drop_i)
  `CW_ASSERT_HELD(OutHeld, out_valid_o, out_ready_i, {out_ctl_o, out_data_o})

endmodule
