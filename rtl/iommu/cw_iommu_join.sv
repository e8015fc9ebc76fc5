// SPDX-License-Identifier: Apache-2.0
//
// Joins the translation requests of several paths, by class and in turn, and gives each answer to
// whom it belongs to, under the tag that it asked with. It adds no clock, and nothing at all where
// there is one path.
// Spec: RISC-V IOMMU 1.0, 3.3 (translation); requests are told apart by their device.
`include "cw_assert.svh"
module cw_iommu_join import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Paths  = 2,
  parameter  int unsigned Slots  = 16,  // requests of a class without an answer, over all paths
  localparam int unsigned SlotW  = $clog2(Slots),
  localparam int unsigned IndexW = Paths > 1 ? $clog2(Paths) : 1
) (
  input  logic                           clk_i,
  input  logic                           rst_i,

  // Paths, and of each the classes: 0 posted, 1 non-posted
  input  tr_req_t [Paths-1:0][Ports-1:0] req_i,
  input  logic [Paths-1:0][Ports-1:0]    valid_i,
  output logic [Paths-1:0][Ports-1:0]    ready_o,
  output tr_rsp_t [Paths-1:0][Ports-1:0] rsp_o,
  output logic [Paths-1:0][Ports-1:0]    rsp_valid_o,

  // To the lookup, which answers in any order
  output tr_req_t [Ports-1:0]            req_o,
  output logic [Ports-1:0]               valid_o,
  input  logic [Ports-1:0]               ready_i,
  input  tr_rsp_t [Ports-1:0]            rsp_i,
  input  logic [Ports-1:0]               rsp_valid_i
);

  if (Paths == 1) begin : gen_alone
    assign req_o       = req_i[0];
    assign valid_o     = valid_i[0];
    assign ready_o[0]  = ready_i;
    assign rsp_o[0]    = rsp_i;
    assign rsp_valid_o[0] = rsp_valid_i;
  end else begin : gen_joined
    for (genvar c = 0; c < Ports; c++) begin : gen_class
      typedef struct packed {
        logic [IndexW-1:0] path;
        tr_tag_t           tag;
      } asker_t;

      logic [Paths-1:0]  asks, grant;
      logic [IndexW-1:0] turn;
      logic              any, take, slot_valid_q, found;
      logic [Slots-1:0]  busy_q, busy_d;
      logic [SlotW-1:0]  slot_q, free;  // of the next request; free after it
      asker_t            asker_q [Slots];
      asker_t            answered;

      for (genvar p = 0; p < Paths; p++) begin : gen_path
        assign asks[p]           = valid_i[p][c];
        assign ready_o[p][c]     = take && grant[p];
        assign rsp_valid_o[p][c] = rsp_valid_i[c] && 32'(answered.path) == p;
        assign rsp_o[p][c]       = '{tag: answered.tag, hpa: rsp_i[c].hpa, fault: rsp_i[c].fault};
      end

      cw_rr_arbiter #(.N(Paths)) u_turn (
        .clk_i,
        .rst_i,
        .req_i  (asks),
        .take_i (take),
        .lock_i (1'b0),
        .grant_o(grant),
        .index_o(turn),
        .any_o  (any)
      );

      always_comb begin
        req_o[c]     = req_i[turn][c];
        req_o[c].tag = tr_tag_t'(slot_q);
      end
      assign valid_o[c] = any && slot_valid_q;
      assign take       = valid_o[c] && ready_i[c];

      // ---- Who asked, at the place that is the request's tag here

      assign answered = asker_q[SlotW'(rsp_i[c].tag)];

      always_comb begin
        busy_d = busy_q;
        if (rsp_valid_i[c]) busy_d[SlotW'(rsp_i[c].tag)] = 1'b0;
        if (take) busy_d[slot_q] = 1'b1;
      end

      // Found in time for the next clock: a tag on offer may not change.
      always_comb begin
        free  = '0;
        found = 1'b0;
        for (int unsigned n = Slots; n > 0; n--) begin
          if (!busy_q[n-1] && !(slot_valid_q && 32'(slot_q) == n - 1)) begin
            free  = SlotW'(n - 1);
            found = 1'b1;
          end
        end
      end

      always_ff @(posedge clk_i) begin
        if (rst_i) begin
          busy_q       <= '0;
          slot_valid_q <= 1'b0;
        end else begin
          busy_q <= busy_d;
          if (take || !slot_valid_q) slot_valid_q <= found;
        end
        // No reset: read only where valid, and where busy.
        if (take || !slot_valid_q) slot_q <= free;
        if (take) asker_q[slot_q] <= '{path: turn, tag: req_i[turn][c].tag};
      end

      `CW_ASSERT(AnswerWasAskedFor, !rsp_valid_i[c] || busy_q[SlotW'(rsp_i[c].tag)])
      `CW_ASSERT(FreePlaceIsTaken, !take || !busy_q[slot_q])
      `CW_ASSERT_HELD(RequestHeld, valid_o[c], ready_i[c], req_o[c])
    end
  end

  `CW_ASSERT(EachAnswerFindsOnePath, $countones(rsp_valid_o) == $countones(rsp_valid_i))
  `CW_REQUIRE(Slots >= 4 && Slots <= 2 ** TagBits, "more places than tags")

endmodule
