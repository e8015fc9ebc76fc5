// SPDX-License-Identifier: Apache-2.0
//
// Presents the descriptors that are there, each for one clock, in order within a channel and
// turn by turn between those that want one. What is behind the one on show is read as if that
// were taken and nothing but its successor: one channel alone has a descriptor a clock, and
// one that is not taken costs a clock more. An error is the last of its channel until `restart_i`.
`include "cw_assert.svh"
module cw_dma_present
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels  = 6,
  parameter  int unsigned DescSlots = 32,
  localparam int unsigned IndexW    = $clog2(DescSlots) + 1,
  localparam int unsigned ChanW     = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                            clk_i,
  input  logic                            rst_i,

  // By channel
  input  logic [Channels-1:0][3:0]        ring_log2_i,
  input  logic [Channels-1:0]             halted_i,
  input  logic [Channels-1:0]             restart_i,
  output logic [Channels-1:0][IndexW-1:0] index_o,        // of the ring's next, round and round

  // What is there of the ring, and of the linked descriptors that come before it
  input  logic [Channels-1:0][IndexW-1:0] filled_i,       // descriptors before this one
  input  logic [Channels-1:0]             failed_i,       // this one will not come
  input  logic [Channels-1:0]             linked_i,
  input  logic [Channels-1:0]             link_half_i,
  input  logic [Channels-1:0]             link_avail_i,
  input  logic [Channels-1:0]             link_failed_i,

  // Buffer: the descriptor comes one clock after
  output logic [ChanW-1:0]                rd_chan_o,
  output logic                            rd_linked_o,
  output logic [IndexW-1:0]               rd_index_o,
  output logic                            rd_en_o,
  input  desc_t                           rd_desc_i,

  // Descriptors
  input  logic [Channels-1:0]             want_i,         // could take one in the next clock
  output front_t                          front_o,
  output logic                            front_valid_o,
  input  logic                            take_i,
  input  logic                            follow_i,       // its successor is not behind it
  output logic                            used_o          // it was taken, and is good
);

  logic [Channels-1:0][15:0]       front_q;  // of the ring, not used yet
  logic [Channels-1:0]             dead_q;   // has shown an error
  logic [Channels-1:0]             shown, ready;
  logic [Channels-1:0][IndexW-1:0] next;

  logic [ChanW-1:0] chan;
  logic             any;
  logic [15:0]      index;

  logic [ChanW-1:0] chan_q;
  logic             valid_q, linked_q, failed_q, phase_q;
  logic [15:0]      head_q;
  logic             taken, stale, wrong, again;

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      shown[c] = valid_q && chan_q == ChanW'(c);
      index_o[c] = front_q[c][IndexW-1:0];
      next[c]  = index_o[c] + IndexW'(shown[c]);
      ready[c] = want_i[c] && !halted_i[c] && !restart_i[c] && !dead_q[c]
              && (linked_i[c] ? link_avail_i[c] && !shown[c]
                              : next[c] != filled_i[c] || failed_i[c]);
    end
  end

  cw_rr_arbiter #(.N(Channels)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (ready),
    .take_i  (any),
    .lock_i  (1'b0),
    .grant_o (),
    .index_o (chan),
    .any_o   (any)
  );

  assign index       = front_q[chan] + 16'(shown[chan]);
  assign rd_chan_o   = chan;
  assign rd_linked_o = linked_i[chan];
  assign rd_index_o  = linked_i[chan] ? IndexW'(link_half_i[chan]) : next[chan];
  assign rd_en_o     = any;

  assign taken = valid_q && take_i;
  assign stale = !linked_q && rd_desc_i.flags.phase != phase_q;
  assign wrong = failed_q || stale;
  assign again = chan == chan_q && valid_q && (!take_i || wrong || follow_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) valid_q <= 1'b0;
    else       valid_q <= any && !again;
  end

  // No reset: meaningful only with valid_q.
  always_ff @(posedge clk_i) begin
    chan_q   <= chan;
    linked_q <= linked_i[chan];
    failed_q <= linked_i[chan] ? link_failed_i[chan] : next[chan] == filled_i[chan];
    phase_q  <= !index[ring_log2_i[chan]];
    head_q   <= index + 16'(!linked_i[chan]);
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned c = 0; c < Channels; c++) begin
      if (rst_i || restart_i[c]) begin
        front_q[c] <= '0;
        dead_q[c]  <= 1'b0;
      end else if (taken && shown[c]) begin
        if (wrong) dead_q[c] <= 1'b1;
        else       front_q[c] <= head_q;
      end
    end
  end

  assign front_valid_o = valid_q;
  assign used_o        = taken && !wrong;
  always_comb begin
    front_o.desc   = rd_desc_i;
    front_o.error  = failed_q ? DmaDescFetch : stale ? DmaStale : DmaOk;
    front_o.linked = linked_q;
    front_o.head   = head_q;
    front_o.chan   = chan_t'(chan_q);
  end

  `CW_ASSERT(FailsOnlyWhatFailed, !front_valid_o || !failed_q || linked_q || failed_i[chan_q])
  `CW_ASSERT(LinkedOneByOne, !front_valid_o || linked_q == linked_i[chan_q])
  `CW_ASSERT(NothingBehindAnError, !front_valid_o || !dead_q[chan_q])
  `CW_ASSERT(OnlyWhatIsWanted, !any || want_i[chan])

endmodule
