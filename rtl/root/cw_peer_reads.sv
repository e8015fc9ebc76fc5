// SPDX-License-Identifier: Apache-2.0
//
// Sends translated reads of memory behind the root port down again, under the ID and the tag of
// their requester; every other request goes on to the host. Retires both kinds in the order of
// arrival, a read that went down when its last completion has come up, its time is over, or the
// link is down. Few are open at a time; one that finds no place waits, and what is behind it.
// Spec: PCIe Base 2.2.7 (memory requests), 2.2.9 (completions); RISC-V IOMMU, IOFENCE.C (PR).
`include "cw_assert.svh"
module cw_peer_reads
  import cw_tlp_pkg::*;
#(
  parameter  int unsigned Reads         = 8,      // open at a time
  parameter  int unsigned Requests      = 128,    // of either kind, from arrival to retirement
  parameter  int unsigned TimeoutCycles = 65536,  // at least; a read is given up within twice that
  localparam int unsigned SlotW         = $clog2(Reads),
  localparam int unsigned TimerW        = $clog2(TimeoutCycles),
  localparam int unsigned CountW        = $clog2(Requests + 1)
) (
  input  logic        clk_i,
  input  logic        rst_i,

  input  logic        link_up_i,

  // Non-posted requests, their address translated; `np_peer_i`: it may go down
  input  tlp_ctl_t    np_ctl_i,
  input  logic [55:0] np_hpa_i,
  input  logic        np_peer_i,
  input  logic        np_valid_i,
  output logic        np_ready_o,
  input  logic        order_ok_i,   // the posted requests before it are done with

  // To the host, which answers them; control and data pass beside
  output logic        host_valid_o,
  input  logic        host_ready_i,
  input  logic        host_retired_i,

  // Down; a read has no payload
  output tlp_ctl_t    down_ctl_o,
  output logic        down_valid_o,
  input  logic        down_ready_i,

  // A completion to a device passes
  input  cpl_hdr_t    cpl_hdr_i,
  input  logic        cpl_take_i,

  output logic        retired_o
);

  typedef struct packed {
    bdf_t       requester_id;
    logic [9:0] tag;
  } transaction_t;

  typedef struct packed {
    logic             peer;
    logic [SlotW-1:0] slot;
  } place_t;

  mem_hdr_t   hdr;
  logic       down, offered_q, room, take, sent;
  place_t     place_in, place;
  logic       place_valid;

  // ---- Which way

  assign hdr  = np_ctl_i.hdr;
  assign down = np_ctl_i.sop
      && (offered_q || (np_peer_i && hdr.dw0.kind inside {TlpMRd32, TlpMRd64}));

  always_comb begin
    down_ctl_o     = '0;
    down_ctl_o.sop = 1'b1;
    down_ctl_o.eop = 1'b1;
    down_ctl_o.hdr = cw_host_pkg::peer_request(hdr, np_hpa_i);
  end

  // ---- Places of open reads

  logic [Reads-1:0]         open_q, done_q, old_q, named, overdue;
  transaction_t [Reads-1:0] who_q;  // no reset: read only where open_q
  logic [SlotW-1:0]         slot;   // the lowest that is free
  logic                     slot_free, final_cpl, tick, retire;
  logic [TimerW-1:0]        timer_q;

  assign down_valid_o = np_valid_i && down && slot_free && room && order_ok_i;
  assign host_valid_o = np_valid_i && !down && (!np_ctl_i.sop || room);
  assign np_ready_o   = down ? down_ready_i && slot_free && room && order_ok_i
                             : host_ready_i && (!np_ctl_i.sop || room);
  assign take = np_valid_i && np_ready_o && np_ctl_i.sop;
  assign sent = take && down;

  always_comb begin
    slot      = '0;
    slot_free = 1'b0;
    for (int unsigned n = Reads; n > 0; n--) begin
      if (!open_q[n-1]) begin
        slot      = SlotW'(n - 1);
        slot_free = 1'b1;
      end
    end
  end

  // The bytes still owed are all in this one, or none will come.
  assign final_cpl = cpl_hdr_i.status != CplStatusSc || !has_payload(tlp_hdr_t'(cpl_hdr_i))
      || byte_count_bytes(cpl_hdr_i.byte_count)
         <= {length_dw(tlp_hdr_t'(cpl_hdr_i)), 2'b00} - 13'(cpl_hdr_i.lower_addr[1:0]);

  always_comb begin
    named = '0;
    for (int unsigned n = 0; n < Reads; n++) begin
      if (open_q[n] && !done_q[n] && named == '0
          && who_q[n] == {cpl_hdr_i.requester_id, cpl_tag(cpl_hdr_i)}) named[n] = 1'b1;
    end
  end

  assign tick    = 32'(timer_q) == TimeoutCycles - 1;
  assign overdue = tick ? old_q : '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q    <= '0;
      done_q    <= '0;
      offered_q <= 1'b0;
      timer_q   <= '0;
    end else begin
      offered_q <= down_valid_o && !down_ready_i;
      timer_q   <= tick ? '0 : timer_q + 1'b1;
      done_q    <= done_q | overdue | (cpl_take_i && final_cpl ? named : '0)
                          | (link_up_i ? '0 : open_q);
      if (retire && place.peer) open_q[place.slot] <= 1'b0;
      if (sent) begin
        open_q[slot] <= 1'b1;
        done_q[slot] <= 1'b0;
      end
    end
  end

  // No reset: read only where open_q.
  always_ff @(posedge clk_i) begin
    if (tick) old_q <= '1;
    if (sent) begin
      old_q[slot] <= 1'b0;
      who_q[slot] <= {hdr.requester_id, request_tag(hdr)};
    end
  end

  // ---- Retirement, in order

  logic [CountW-1:0] host_done_q;  // answered by the host, and not retired

  assign place_in = '{peer: down, slot: slot};
  assign retire   = place_valid && (place.peer ? done_q[place.slot] && open_q[place.slot]
                                               : host_done_q != '0);

  cw_fifo #(.DataW($bits(place_t)), .Depth(Requests)) u_places (
    .clk_i,
    .rst_i,
    .in_data_i  (place_in),
    .in_valid_i (take),
    .in_ready_o (room),
    .out_data_o (place),
    .out_valid_o(place_valid),
    .out_ready_i(retire),
    .level_o    ()
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) host_done_q <= '0;
    else host_done_q <= host_done_q + CountW'(host_retired_i) - CountW'(retire && !place.peer);
  end

  assign retired_o = retire;

  logic unused;
  assign unused = &{1'b0, np_ctl_i, cpl_hdr_i};

  `CW_REQUIRE(Reads >= 2 && TimeoutCycles >= 2, "a place and a moment to wait in")
  `CW_ASSERT(BehindWrites, !down_valid_o || order_ok_i)
  `CW_ASSERT(OneWay, !(down_valid_o && host_valid_o))
  `CW_ASSERT(RetiredWasOpen, !(retire && place.peer) || open_q[place.slot])
  `CW_ASSERT(HostAnswersWhatItGot, !host_retired_i || 32'(host_done_q) < Requests)
  `CW_ASSERT_HELD(DownHeld, down_valid_o, down_ready_i, down_ctl_o)

endmodule
