// SPDX-License-Identifier: Apache-2.0
//
// Says up to which descriptor each channel's ring has been read without a gap, whatever the order
// in which reads are answered. A number stands for a read from its issue until all of it has come
// and has been seen to follow what came before it; a channel has `Reads` of them. A read that fails
// fails all of its descriptors that had not come. One channel is looked at in a clock: the answer's
// bytes count two clocks after it, later only while other channels' are looked at.
`include "cw_assert.svh"
module cw_dma_order
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels  = 6,
  parameter  int unsigned DescSlots = 32,                   // of each channel
  parameter  int unsigned Reads     = 8,                    // of each channel, under way
  localparam int unsigned IndexW    = $clog2(DescSlots) + 1,  // of a descriptor, round and round
  localparam int unsigned ReadW     = $clog2(Reads),
  localparam int unsigned ChanW     = Channels > 1 ? $clog2(Channels) : 1,
  localparam int unsigned AddrW     = $clog2(Channels * Reads)
) (
  input  logic                            clk_i,
  input  logic                            rst_i,
  input  logic [Channels-1:0]             restart_i,      // begin at index 0; only while at rest

  // A read is issued
  input  logic [ChanW-1:0]                issue_chan_i,
  input  logic [IndexW-1:0]               issue_end_i,    // index behind its last descriptor
  input  logic                            issue_valid_i,
  output logic [ReadW-1:0]                issue_read_o,   // its number, in the same clock

  // Some of it has come
  input  logic [ChanW-1:0]                come_chan_i,
  input  logic [ReadW-1:0]                come_read_i,
  input  logic [IndexW-1:0]               come_index_i,   // all before this index has
  input  logic                            come_failed_i,  // and nothing else will: index may be old
  input  logic                            come_valid_i,

  // By channel
  input  logic [Channels-1:0][IndexW-1:0] front_i,        // descriptors before this one are used up
  output logic [Channels-1:0][IndexW-1:0] filled_o,       // descriptors before this one are there
  output logic [Channels-1:0]             failed_o,       // this one will not come
  output logic [Channels-1:0]             room_o          // for a read of a whole batch
);

  // A number with one bit more: all numbers in use is not none.
  logic [Channels-1:0][ReadW:0]    issue_q, fill_q;
  logic [Channels-1:0][IndexW-1:0] end_q, filled_q;
  logic [Channels-1:0]             failed_q, look_q, look_d;
  logic [Channels*Reads-1:0]       fresh_q;  // nothing has come; come_q is of an earlier read

  // No reset: by read, meaningful from its issue and with its first bytes.
  (* ram_style = "auto" *) logic [IndexW-1:0] last_q [Channels*Reads];
  (* ram_style = "auto" *) logic [IndexW-1:0] come_q [Channels*Reads];
  (* ram_style = "auto" *) logic              fail_q [Channels*Reads];

  logic [AddrW-1:0]  issue_at, come_at, look_at;
  logic [ChanW-1:0]  look;
  logic              looks, here, whole, fails;
  logic [IndexW-1:0] come;

  assign issue_read_o = issue_q[issue_chan_i][ReadW-1:0];
  assign issue_at     = AddrW'({issue_chan_i, issue_read_o});
  assign come_at      = AddrW'({come_chan_i, come_read_i});

  always_ff @(posedge clk_i) begin
    if (issue_valid_i) last_q[issue_at] <= issue_end_i;
  end
  always_ff @(posedge clk_i) begin
    if (come_valid_i && (!come_failed_i || fresh_q[come_at])) come_q[come_at] <= come_index_i;
  end
  always_ff @(posedge clk_i) begin
    if (come_valid_i) fail_q[come_at] <= come_failed_i;
  end

  cw_rr_arbiter #(.N(Channels)) u_look (
    .clk_i,
    .rst_i,
    .req_i   (look_q),
    .take_i  (looks),
    .lock_i  (1'b0),
    .grant_o (),
    .index_o (look),
    .any_o   (looks)
  );

  assign look_at = AddrW'({look, fill_q[look][ReadW-1:0]});
  assign here    = looks && fill_q[look] != issue_q[look] && !fresh_q[look_at];
  assign come    = come_q[look_at];
  assign whole   = here && come == last_q[look_at];
  assign fails   = here && !whole && fail_q[look_at];

  always_comb begin
    look_d = look_q;
    if (looks && !whole) look_d[look] = 1'b0;  // else the next read may have come long ago
    if (come_valid_i) look_d[come_chan_i] = 1'b1;
    look_d &= ~restart_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      look_q   <= '0;
      issue_q  <= '0;
      fill_q   <= '0;
      end_q    <= '0;
      filled_q <= '0;
      failed_q <= '0;
    end else begin
      look_q <= look_d;
      if (issue_valid_i) issue_q[issue_chan_i] <= issue_q[issue_chan_i] + 1'b1;
      if (issue_valid_i) end_q[issue_chan_i] <= issue_end_i;
      if (here)  filled_q[look] <= come;
      if (whole) fill_q[look] <= fill_q[look] + 1'b1;
      if (fails) failed_q[look] <= 1'b1;
      for (int unsigned c = 0; c < Channels; c++) begin
        if (restart_i[c]) begin
          issue_q[c]  <= '0;
          fill_q[c]   <= '0;
          end_q[c]    <= '0;
          filled_q[c] <= '0;
          failed_q[c] <= 1'b0;
        end
      end
    end
  end

  // No reset: of reads that are issued.
  always_ff @(posedge clk_i) begin
    if (come_valid_i)  fresh_q[come_at] <= 1'b0;
    if (issue_valid_i) fresh_q[issue_at] <= 1'b1;
  end

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      room_o[c] = IndexW'(end_q[c] - front_i[c]) <= IndexW'(DescSlots - batch_limit(DescSlots))
               && (ReadW + 1)'(issue_q[c] - fill_q[c]) != (ReadW + 1)'(Reads);
    end
  end

  assign filled_o = filled_q;
  assign failed_o = failed_q;

  logic [IndexW-1:0] issued;
  assign issued = issue_end_i - end_q[issue_chan_i];

  `CW_REQUIRE(DescSlots >= 4 && (DescSlots & (DescSlots - 1)) == 0, "slots are counted in bits")
  `CW_REQUIRE(Reads >= 2 && (Reads & (Reads - 1)) == 0 && Reads <= 128, "so are reads")
  `CW_ASSERT(IssueOnlyWithRoom, !issue_valid_i || (room_o[issue_chan_i] && issued != '0
      && 32'(issued) <= batch_limit(DescSlots)))
  `CW_ASSERT(NeverMoreThanAsked, !here
      || IndexW'(come - filled_q[look]) <= IndexW'(last_q[look_at] - filled_q[look]))
  `CW_ASSERT(NotUsedBeforeItCame, !here || IndexW'(come - front_i[look]) <= IndexW'(DescSlots))

endmodule
