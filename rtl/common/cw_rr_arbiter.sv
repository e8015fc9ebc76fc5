// SPDX-License-Identifier: Apache-2.0
//
// Fair arbiter: the requester granted last has the lowest priority next time. A grant that is not
// taken stays while it is asked for, so a valid/ready channel may be driven straight from it. For
// packets, tie `lock_i` to "the granted beat is not the packet's last": a beat taken with `lock_i`
// keeps the grant for the next clock, through gaps of the request too.
`include "cw_assert.svh"
module cw_rr_arbiter #(
  parameter  int unsigned N      = 2,  // requesters
  localparam int unsigned IndexW = N > 1 ? $clog2(N) : 1
) (
  input  logic              clk_i,
  input  logic              rst_i,

  // Requests, and what becomes of the granted one in this clock
  input  logic [N-1:0]      req_i,
  input  logic              take_i,
  input  logic              lock_i,   // read with take_i only

  // Grant, in the same clock; never more than one
  output logic [N-1:0]      grant_o,
  output logic [IndexW-1:0] index_o,
  output logic              any_o
);

  logic [IndexW-1:0] last_q;    // granted last, or the one held
  logic              locked_q;  // in a packet of last_q
  logic              stuck_q;   // last_q was granted and not taken
  logic [N-1:0]      below;     // requests that come after last_q in the round
  logic [IndexW-1:0] choice;
  logic              hold;

  assign hold = locked_q || (stuck_q && req_i[last_q]);

  always_comb begin
    for (int unsigned n = 0; n < N; n++) below[n] = req_i[n] && n > 32'(last_q);
  end

  always_comb begin
    choice = '0;
    for (int n = int'(N) - 1; n >= 0; n--) if (req_i[n]) choice = IndexW'(n);
    for (int n = int'(N) - 1; n >= 0; n--) if (below[n]) choice = IndexW'(n);
  end

  assign index_o = hold ? last_q : choice;
  assign any_o   = req_i[index_o];

  always_comb begin
    grant_o          = '0;
    grant_o[index_o] = any_o;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      last_q   <= IndexW'(N - 1);
      locked_q <= 1'b0;
      stuck_q  <= 1'b0;
    end else begin
      if (any_o) last_q <= index_o;
      if (take_i) locked_q <= lock_i;
      stuck_q <= any_o && !take_i;
    end
  end

  `CW_REQUIRE(N >= 1, "nobody to grant")
  `CW_ASSERT(GrantOneHot, $onehot0(grant_o))
  `CW_ASSERT(GrantOnlyRequests, (grant_o & ~req_i) == '0)
  `CW_ASSERT(TakeOnlyGranted, !take_i || any_o)
  `CW_ASSERT(NoRequestNoIdleGrant, locked_q || any_o == (req_i != '0))

endmodule
