// SPDX-License-Identifier: Apache-2.0
//
// Hands out tags in rotation: the tag given back last is used again last. What is not in the queue
// is in use, or in quarantine. After reset every tag is first cleared elsewhere, one a clock, and
// put into the queue; none is handed out before all are there.
// Spec: PCIe Base 2.2.6.2 (transaction descriptor, tag).
`include "cw_assert.svh"
module cw_tag_pool #(
  parameter  int unsigned Tags   = 32,
  localparam int unsigned TagW   = $clog2(Tags),
  localparam int unsigned LevelW = $clog2(Tags + 1)
) (
  input  logic            clk_i,
  input  logic            rst_i,
  input  logic            wide_i,        // tags beyond those of five bits may be handed out

  // After reset: a tag to be cleared
  output logic [TagW-1:0] clear_tag_o,
  output logic            clear_valid_o,

  // A tag that is idle
  output logic [TagW-1:0] alloc_tag_o,
  output logic            alloc_valid_o,
  input  logic            alloc_ready_i,

  // A tag that was in use
  input  logic [TagW-1:0] free_tag_i,
  input  logic            free_valid_i
);

  localparam int unsigned NarrowTags = 32;  // without Extended Tag Field Enable (7.5.3.4)

  function automatic logic [TagW-1:0] following(logic [TagW-1:0] place);
    return 32'(place) == Tags - 1 ? '0 : place + 1'b1;
  endfunction

  // No reset: read only where something was put.
  (* ram_style = "auto" *) logic [TagW-1:0] queue_q [Tags];
  logic [TagW-1:0]   first_q, next_q;  // places of the tag that is next, and of the one put next
  logic [LevelW-1:0] level_q;
  logic              clearing_q;
  logic [TagW-1:0]   clear_q;

  logic              usable;
  logic              skip;             // puts a wide tag back, at the end, while none may be used
  logic              put, pop;
  logic [TagW-1:0]   put_tag;

  assign clear_tag_o   = clear_q;
  assign clear_valid_o = clearing_q;

  assign alloc_tag_o   = queue_q[first_q];
  assign usable        = wide_i || 32'(alloc_tag_o) < NarrowTags;
  assign alloc_valid_o = !clearing_q && level_q != '0 && usable;
  assign skip          = !clearing_q && level_q != '0 && !usable && !free_valid_i;
  assign pop           = skip || (alloc_valid_o && alloc_ready_i);
  assign put           = clearing_q || skip || free_valid_i;

  always_comb begin
    put_tag = alloc_tag_o;
    if (free_valid_i) put_tag = free_tag_i;
    if (clearing_q)   put_tag = clear_q;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      clearing_q <= 1'b1;
      clear_q    <= '0;
      first_q    <= '0;
      next_q     <= '0;
      level_q    <= '0;
    end else begin
      clear_q <= following(clear_q);
      if (32'(clear_q) == Tags - 1) clearing_q <= 1'b0;
      if (pop) first_q <= following(first_q);
      if (put) next_q  <= following(next_q);
      level_q <= level_q + LevelW'(put) - LevelW'(pop);
    end
  end

  always_ff @(posedge clk_i) if (put) queue_q[next_q] <= put_tag;

  `CW_REQUIRE(Tags >= 2 && Tags <= 256, "what a tag has below its upper two bits")
  `CW_ASSERT(FreedWhileInUse, !free_valid_i || (!clearing_q && 32'(level_q) != Tags))
  `CW_ASSERT(TakenNarrow, wide_i || !alloc_valid_o || 32'(alloc_tag_o) < NarrowTags)
  `CW_ASSERT(TakenFromThePool, !alloc_ready_i || alloc_valid_o)

endmodule
