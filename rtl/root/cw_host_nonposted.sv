// SPDX-License-Identifier: Apache-2.0
//
// Carries one non-posted request at a time across the link: sends it, collects the dwords of its
// completions, and gives it up after `TimeoutCycles`. A request that the link does not take in time
// fails as well, and stays on offer. While the link is down every request fails at once. What asks
// for a retry is retried, but for the Vendor ID where software wants to see it.
// Spec: PCIe Base 2.2.7, 2.3.2 (RRS), 2.8 (completion timeout).
`include "cw_assert.svh"
module cw_host_nonposted
  import cw_host_pkg::*;
#(
  parameter  int unsigned W             = 256,
  parameter  int unsigned TimeoutCycles = 65536,
  localparam int unsigned BeatDw        = W / 32,
  localparam int unsigned LaneW         = $clog2(BeatDw),
  localparam int unsigned TimerW        = $clog2(TimeoutCycles + 1)
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  input  logic                   link_up_i,
  input  logic                   timeout_disable_i,
  input  logic                   rrs_visible_i,      // RRS Software Visibility

  // The access; dwords come before or with `done_o`
  input  host_op_t               op_i,
  input  logic                   op_valid_i,
  output logic                   done_o,
  output logic                   ok_o,
  output logic [31:0]            data_o,
  output logic                   data_valid_o,

  // Non-posted TLPs
  output cw_tlp_pkg::tlp_ctl_t   np_ctl_o,
  output logic [W-1:0]           np_data_o,
  output logic                   np_valid_o,
  input  logic                   np_ready_i,

  // Completions
  input  cw_tlp_pkg::tlp_ctl_t   cpl_ctl_i,
  input  logic [W-1:0]           cpl_data_i,
  input  logic                   cpl_valid_i,
  output logic                   cpl_ready_o,

  output cw_cfg_pkg::cfg_event_t event_o
);

  typedef enum logic [2:0] {StIdle, StOffer, StWait, StData, StStuck} state_e;

  state_e                 state_q, state_d;
  cw_tlp_pkg::mem_hdr_t   np_hdr_q;
  logic [31:0]            np_wdata_q;
  logic [4:0]             tag, tag_q;
  logic                   tag_valid, issue, lose, found, overdue;
  logic [TimerW-1:0]      timer_q;
  logic                   expired;
  logic [6:0]             lower_addr_q, left_q;  // next byte owed
  logic                   last_q;                // the TLP in hand ends the request
  logic [LaneW-1:0]       lane_q;
  logic                   lane_last;

  cw_tlp_pkg::cpl_hdr_t   cpl_hdr;
  logic                   is_config, head, ours, retry, tells_rrs, good, ends, final_cpl;
  logic [6:0]             bytes;
  cw_cfg_pkg::cfg_event_t cpl_event;

  assign is_config = op_i.target != TargetMemory;

  // ---- The request

  always_comb begin
    np_ctl_o     = '0;
    np_ctl_o.sop = 1'b1;
    np_ctl_o.eop = 1'b1;
    np_ctl_o.hdr = np_hdr_q;
    np_ctl_o.strb[0] = np_hdr_q.dw0.kind inside {cw_tlp_pkg::TlpCfgWr0, cw_tlp_pkg::TlpCfgWr1};
  end
  assign np_data_o  = W'(np_wdata_q);
  assign np_valid_o = state_q inside {StOffer, StStuck};

  // ---- Its completions, one dword a clock

  assign cpl_hdr = cpl_ctl_i.hdr;
  assign head    = cpl_valid_i && cpl_ctl_i.sop && state_q != StData;

  cw_host_cpl_check u_check (
    .clk_i,
    .rst_i,
    .check_i      (head),
    .hdr_i        (cpl_hdr),
    .open_i       (state_q == StWait),
    .tag_i        (tag_q),
    .write_i      (op_i.write),
    .config_i     (is_config),
    .lower_addr_i (lower_addr_q),
    .left_i       (left_q),
    .ours_o       (ours),
    .retry_o      (retry),
    .data_o       (good),
    .last_o       (ends),
    .final_o      (final_cpl),
    .bytes_o      (bytes),
    .event_o      (cpl_event)
  );

  assign lane_last = 32'(lane_q) == BeatDw - 1 || !cpl_ctl_i.strb[32'(lane_q) + 1];
  assign data_o    = state_q == StData ? cpl_data_i[32 * lane_q +: 32] : VendorIdRrs;
  assign tells_rrs = rrs_visible_i && is_config && reads_vendor_id(op_i);
  assign expired   = 32'(timer_q) == TimeoutCycles && !timeout_disable_i;
  assign found     = head && !ours && final_cpl && cpl_hdr.requester_id == HostId
      && cw_tlp_pkg::cpl_tag(cpl_hdr) == 10'(cpl_hdr.tag[4:0]);

  always_comb begin
    state_d      = state_q;
    cpl_ready_o  = !(head && good);  // what nobody waits for is dropped
    data_valid_o = 1'b0;
    done_o       = 1'b0;
    ok_o         = 1'b0;
    issue        = 1'b0;
    lose         = 1'b0;
    overdue      = 1'b0;
    unique case (state_q)
      StIdle: begin
        done_o = op_valid_i && !link_up_i;
        if (op_valid_i && link_up_i && tag_valid) begin
          issue   = 1'b1;
          state_d = StOffer;
        end
      end
      StOffer: begin
        if (np_ready_i) state_d = StWait;
        else if (expired) begin
          done_o  = 1'b1;
          overdue = 1'b1;
          state_d = StStuck;
        end
      end
      StWait: begin
        if (head && ours) begin
          if (good) state_d = StData;
          else if (retry && tells_rrs) begin
            data_valid_o = 1'b1;
            done_o       = 1'b1;
            ok_o         = 1'b1;
            state_d      = StIdle;
          end else if (retry && !expired) state_d = StIdle;
          else begin  // failed, or a write that is done
            done_o  = 1'b1;
            ok_o    = op_i.write && !(|cpl_event);
            lose    = !final_cpl;  // the rest is still to come
            state_d = StIdle;
          end
        end else if (expired || !link_up_i) begin
          done_o  = 1'b1;
          overdue = link_up_i;
          lose    = link_up_i;
          state_d = StIdle;
        end
      end
      StData: begin
        cpl_ready_o  = lane_last;
        data_valid_o = cpl_valid_i;
        if (cpl_valid_i && lane_last && cpl_ctl_i.eop) begin
          done_o  = last_q;
          ok_o    = last_q;
          state_d = last_q ? StIdle : StWait;
        end
      end
      StStuck: begin  // further accesses fail too, each after its time
        done_o  = op_valid_i && (expired || !link_up_i);
        overdue = op_valid_i && expired;
        lose    = np_ready_i && link_up_i;
        if (np_ready_i) state_d = StIdle;
      end
      default: state_d = StIdle;
    endcase
  end

  cw_host_tags u_tags (  // what was lost with the link does not come any more
    .clk_i,
    .rst_i       (rst_i || !link_up_i),
    .tag_o       (tag),
    .tag_valid_o (tag_valid),
    .take_i      (issue),
    .lose_i      (lose),
    .lose_tag_i  (tag_q),
    .found_i     (found),
    .found_tag_i (cpl_hdr.tag[4:0])
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StIdle;
      timer_q <= '0;
      lane_q  <= '0;
    end else begin
      state_q <= state_d;
      if (!op_valid_i || done_o) timer_q <= '0;
      else if (32'(timer_q) != TimeoutCycles) timer_q <= timer_q + 1'b1;
      if (state_q != StData || (cpl_valid_i && lane_last)) lane_q <= '0;
      else if (cpl_valid_i) lane_q <= lane_q + 1'b1;
    end
  end

  // No reset: set when a request is issued.
  always_ff @(posedge clk_i) begin
    if (issue) begin
      tag_q        <= tag;
      np_hdr_q     <= link_request(op_i, tag);
      np_wdata_q   <= op_i.wdata[31:0];
      lower_addr_q <= op_i.addr[6:0];
      left_q       <= op_i.bytes;
    end else if (state_q == StWait && state_d == StData) begin
      lower_addr_q <= lower_addr_q + bytes;
      left_q       <= left_q - bytes;
      last_q       <= ends;
    end
  end

  always_comb begin
    event_o = cpl_event;
    event_o.cpl_timeout = overdue;
    if (!link_up_i) event_o.unexpected_cpl = 1'b0;  // it arrived before, and was given up since
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the data path")
  `CW_ASSERT(OnlyLinkTargets, !op_valid_i
      || (op_i.target inside {TargetMemory, TargetConfig0, TargetConfig1}))
  `CW_ASSERT(DataBelongToARead, !data_valid_o || !op_i.write)
  `CW_ASSERT(AccessWaits, !(state_q inside {StOffer, StWait, StData}) || op_valid_i)
  `CW_ASSERT(RrsOnlyOfVendorId, !(data_valid_o && state_q != StData) || (tells_rrs && done_o))
  `CW_ASSERT_HELD(RequestHeld, np_valid_o, np_ready_i, {np_ctl_o, np_data_o})

endmodule
