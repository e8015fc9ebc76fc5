// SPDX-License-Identifier: Apache-2.0
//
// Chooses the request that is looked up next: a new one, from the ports and the debug interface in
// turn, else one that is looked up again; before that one go no more than seven new ones. It takes
// no more than have a place in case they miss.
`include "cw_assert.svh"
module cw_iommu_intake import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Places = 8,
  localparam int unsigned IndexW = $clog2(Places)
) (
  input  logic                clk_i,
  input  logic                rst_i,

  // New requests
  input  tr_req_t [Ports-1:0] tr_req_i,
  input  logic [Ports-1:0]    tr_valid_i,
  output logic [Ports-1:0]    tr_ready_o,
  input  dbg_req_t            dbg_req_i,
  input  logic                dbg_valid_i,
  output logic                dbg_ready_o,

  // One that was here before, if it is taken
  input  ask_t                again_ask_i,
  input  logic [IndexW-1:0]   again_index_i,
  input  logic                again_valid_i,
  output logic                again_ready_o,

  // A request has its answer
  input  logic                over_i,

  // To the lookup, which takes it unless it holds still
  output ask_t                ask_o,
  output logic                again_o,
  output logic [IndexW-1:0]   index_o,      // with `again_o`
  output logic                valid_o,
  input  logic                hold_i
);

  localparam int unsigned OpenW     = $clog2(Places + 1);
  localparam int unsigned PatienceW = 3;

  logic [Askers-1:0] grant;
  logic [1:0]        asker;
  logic              any, fresh, take, again, free, valid_q, patient;
  logic [OpenW-1:0]  open_q;    // requests inside
  logic [PatienceW-1:0] passed_q;  // new ones that went before one from here
  ask_t              new_ask;
  tr_req_t           dbg;

  cw_rr_arbiter #(.N(Askers)) u_askers (
    .clk_i,
    .rst_i,
    .req_i   ({dbg_valid_i, tr_valid_i}),
    .take_i  (take),
    .lock_i  (1'b0),
    .grant_o (grant),
    .index_o (asker),
    .any_o   (any)
  );

  assign free    = !valid_q || !hold_i;
  assign fresh   = any && 32'(open_q) != Places;
  assign patient = passed_q != '1;
  assign again   = again_valid_i && again_ready_o;
  assign take    = fresh && free && !again;

  assign {dbg_ready_o, tr_ready_o} = take ? grant : '0;
  assign again_ready_o             = free && !(fresh && patient);

  assign dbg     = '{did: dbg_req_i.did, iova: dbg_req_i.iova, write: dbg_req_i.write,
                     at: AtUntranslated, default: '0};
  assign new_ask = '{fate: FateOpen,
                     from: ask_e'(asker),
                     exec: grant[AskDebug] && dbg_req_i.exec,
                     req:  grant[AskDebug] ? dbg : tr_req_i[asker[0]]};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      valid_q  <= 1'b0;
      open_q   <= '0;
      passed_q <= '0;
    end else begin
      valid_q <= take || again || (valid_q && hold_i);
      open_q  <= open_q + OpenW'(take) - OpenW'(over_i);
      if (again) passed_q <= '0;
      else       passed_q <= passed_q + PatienceW'(take && again_valid_i);
    end
    // No reset: read only where valid_q.
    if (take || again) begin
      ask_o   <= again ? again_ask_i : new_ask;
      again_o <= again;
      index_o <= again_index_i;
    end
  end
  assign valid_o = valid_q;

  `CW_REQUIRE(Places >= 4, "a miss would stop the hits")
  `CW_ASSERT(OnlyWhoIsInsideLeaves, !over_i || open_q != '0)
  `CW_ASSERT(OneAtATime, !(take && again))
  `CW_ASSERT(PatienceEnds, !take || !again_valid_i || patient)
  `CW_ASSERT_HELD(RequestHeld, valid_o, !hold_i, {ask_o, again_o})

endmodule
