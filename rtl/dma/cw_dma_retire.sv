// SPDX-License-Identifier: Apache-2.0
//
// Ends the entries of every channel in the order in which they began: once all of one has landed,
// its completion record leaves, then `head` moves, then its event is raised. The first error of an
// entry is told at once by `failed_o`; behind the first record with an error there is none without
// until the channel is restarted. Spec: docs/dma.md, "Completion record"; PCIe Base 2.4.1 (posted
// writes stay in order).
`include "cw_assert.svh"
module cw_dma_retire
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W        = 256,  // bits of a beat
  parameter  int unsigned Channels = 6,
  localparam int unsigned ChanW    = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                    clk_i,
  input  logic                    rst_i,

  // By channel: where records go; entries may be opened; none is open, no record is owed; pulses
  input  dma_ctl_t [Channels-1:0] ctl_i,
  input  logic     [Channels-1:0] restart_i,
  output logic     [Channels-1:0] room_o,
  output logic     [Channels-1:0] idle_o,
  output logic     [Channels-1:0] failed_o,
  output logic     [Channels-1:0] entry_error_o,

  // Entries begin in turn, get no more chunks; bytes land
  input  open_t                   open_i,
  input  logic                    open_valid_i,
  input  close_t                  close_i,
  input  logic                    close_valid_i,
  input  landed_t                 landed_i,
  input  logic                    landed_valid_i,

  // An entry has ended: descriptors before `head` are the driver's again; pulses
  output chan_t                   retired_chan_o,
  output logic [15:0]             retired_head_o,
  output logic                    retired_valid_o,
  output chan_t                   event_chan_o,
  output logic                    event_valid_o,

  // Completion records to host memory
  output wr_beat_t                wr_beat_o,
  output logic [W-1:0]            wr_data_o,
  output logic                    wr_valid_o,
  input  logic                    wr_ready_i
);

  localparam int unsigned CountW = $clog2(Entries + 1);

  typedef logic [ChanW-1:0] index_t;

  landed_t                         landed_q;
  logic                            landed_valid_q;
  logic   [Channels-1:0]           hint_q, hint_d;   // look: something has ended
  logic   [Channels-1:0]           halted_q;         // there was a record with an error
  logic   [Channels-1:0]           failed_d;
  entry_t [Channels-1:0]           oldest_q;
  logic   [Channels-1:0][CountW-1:0] open_q;         // entries
  index_t                          choice, look_q;
  logic                            choice_valid, look_valid_q, ended_valid, found, waits;
  logic                            load, done;
  ended_t                          ended, told_q;    // looked at; on its way out
  dma_error_e                      error;
  index_t                          told_chan_q;
  logic                            told_valid_q, wants_record, second_q, second_d;

  // One stage, so that nobody's path goes through the books.
  always_ff @(posedge clk_i) begin
    if (rst_i) landed_valid_q <= 1'b0;
    else       landed_valid_q <= landed_valid_i;
  end
  // No reset: meaningful only with landed_valid_q.
  always_ff @(posedge clk_i) landed_q <= landed_i;

  cw_dma_books #(.Channels(Channels)) u_books (
    .clk_i,
    .rst_i,
    .open_i,
    .open_valid_i,
    .close_i,
    .close_valid_i,
    .landed_i      (landed_q),
    .landed_valid_i(landed_valid_q),
    .look_chan_i   (4'(look_q)),
    .look_entry_i  (oldest_q[look_q]),
    .ended_o       (ended),
    .ended_valid_o (ended_valid)
  );

  // ---- Whose oldest entry to look at: one of whom something has ended since the last look

  cw_rr_arbiter #(.N(Channels)) u_choice (
    .clk_i,
    .rst_i,
    .req_i  (hint_q),
    .take_i (choice_valid && !waits),
    .lock_i (1'b0),
    .grant_o(),
    .index_o(choice),
    .any_o  (choice_valid)
  );

  // What has been found keeps its turn until it can be told: else whose turn it is then would hang
  // on when records are taken, and some channel's might never be.
  assign found = look_valid_q && open_q[look_q] != '0 && ended_valid;
  assign waits = found && told_valid_q && !done;
  assign load  = found && !waits;
  assign error = ended.error == DmaOk && halted_q[look_q] ? DmaAborted : ended.error;

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    logic opens, closes, lands, looked;
    assign opens  = open_valid_i && 32'(open_i.chan) == c;
    assign closes = close_valid_i && 32'(close_i.chan) == c;
    assign lands  = landed_valid_q && 32'(landed_q.chan) == c;
    assign looked = look_valid_q && 32'(look_q) == c;

    assign hint_d[c] = closes || (lands && landed_q.ends)
        || (hint_q[c] && !(looked && (open_q[c] == '0 || !ended_valid)));
    assign failed_d[c] = (closes && close_i.error != DmaOk)
        || (lands && landed_q.error != DmaOk);
    assign room_o[c] = 32'(open_q[c]) != Entries;
    assign idle_o[c] = open_q[c] == '0 && !(told_valid_q && 32'(told_chan_q) == c);
    assign entry_error_o[c] = done && told_q.error != DmaOk && 32'(told_chan_q) == c;

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        oldest_q[c] <= '0;
        open_q[c]   <= '0;
        halted_q[c] <= 1'b0;
      end else begin
        oldest_q[c] <= oldest_q[c] + entry_t'(load && looked);
        open_q[c]   <= open_q[c] + CountW'(opens) - CountW'(load && looked);
        halted_q[c] <= (halted_q[c] && !restart_i[c]) || (load && looked && error != DmaOk);
      end
    end

    `CW_ASSERT(OpensWithRoom, !opens || room_o[c])
    `CW_ASSERT(OpensInTurn, !opens || open_i.entry == oldest_q[c] + entry_t'(open_q[c]))
    `CW_ASSERT(ClosesWhatIsOpen, !closes
        || 5'(entry_t'(close_i.entry - oldest_q[c])) < open_q[c])
    `CW_ASSERT(LandsInWhatIsOpen, !lands
        || 5'(entry_t'(landed_q.entry - oldest_q[c])) < open_q[c])
    `CW_ASSERT(RestartsAtRest, !restart_i[c] || idle_o[c])
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      hint_q        <= '0;
      failed_o      <= '0;
      look_valid_q  <= 1'b0;
      told_valid_q  <= 1'b0;
      second_q      <= 1'b0;
      event_valid_o <= 1'b0;
    end else begin
      hint_q        <= hint_d;
      failed_o      <= failed_d;
      look_valid_q  <= choice_valid;
      told_valid_q  <= load || (told_valid_q && !done);
      second_q      <= second_d;
      event_valid_o <= done && (told_q.irq || told_q.error != DmaOk);
    end
  end

  // No reset: meaningful only with the valid bit of each.
  always_ff @(posedge clk_i) begin
    if (!waits) look_q <= choice;
    event_chan_o <= 4'(told_chan_q);
    if (load) begin
      told_q       <= ended;
      told_q.error <= error;
      told_chan_q  <= look_q;
    end
  end

  // ---- Records, one behind the other, however many entries had none

  (* ram_style = "auto" *) logic [15:0] placed_q [2**ChanW];  // records so far
  logic [Channels-1:0] fresh_q;                               // none since the restart
  logic [15:0]         place;
  logic [63:0]         record_iova;
  logic [3:0]          ring_log2;
  record_t             told_record;

  assign record_iova = ctl_i[told_chan_q].record_iova;
  assign ring_log2   = ctl_i[told_chan_q].ring_log2;
  assign place       = fresh_q[told_chan_q] ? '0 : placed_q[told_chan_q];

  always_ff @(posedge clk_i) if (done && wants_record) placed_q[told_chan_q] <= place + 16'd1;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      fresh_q <= '1;
    end else begin
      fresh_q <= fresh_q | restart_i;
      if (done && wants_record) fresh_q[told_chan_q] <= 1'b0;
    end
  end

  always_comb begin
    told_record             = '0;
    told_record.phase       = !place[ring_log2];
    told_record.packet_end  = told_q.packet_end;
    told_record.error       = told_q.error;
    told_record.head        = told_q.head;
    told_record.tag         = told_q.tag;
    told_record.packet_info = told_q.packet_info;
    told_record.bytes_done  = 64'(told_q.bytes);
  end

  // A record takes two beats where a beat has only 8 bytes.
  localparam bit TwoBeats = W / 8 < RecordBytes;

  assign wants_record = !told_q.quiet || told_q.error != DmaOk;
  assign wr_valid_o   = told_valid_q && wants_record;
  assign wr_beat_o    = '{iova: record_iova + 64'(RecordBytes) * 64'(place & ring_mask(ring_log2)),
                          bytes: 13'(RecordBytes), sop: !second_q, eop: !TwoBeats || second_q,
                          default: '0};
  if (TwoBeats) begin : gen_two_beats
    assign wr_data_o = second_q ? W'(told_record >> W) : W'(told_record);
  end else begin : gen_one_beat
    assign wr_data_o = W'(told_record);
  end

  assign done     = told_valid_q && (!wants_record || (wr_ready_i && wr_beat_o.eop));
  assign second_d = wr_valid_o && wr_ready_i ? !wr_beat_o.eop : second_q;

  assign retired_chan_o  = 4'(told_chan_q);
  assign retired_head_o  = told_q.head;
  assign retired_valid_o = done;

  `CW_ASSERT_HELD(RecordHeld, wr_valid_o, wr_ready_i, {wr_beat_o, wr_data_o})
  `CW_ASSERT(EventBehindItsRecord, !event_valid_o || $past(retired_valid_o))

endmodule
