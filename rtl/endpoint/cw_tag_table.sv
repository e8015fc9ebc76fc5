// SPDX-License-Identifier: Apache-2.0
//
// Remembers what each tag's request is owed and what has become of it, in memories with one writer
// each: written when a request is issued, when it leaves, when something comes for it. Which
// of these is of the present request a bit tells that changes with every request (`gen`).
// Looks up in the same clock; changes are seen from the next clock on.
`include "cw_assert.svh"
module cw_tag_table
  import cw_requester_pkg::*;
#(
  parameter  int unsigned Tags = 32,
  localparam int unsigned TagW = $clog2(Tags)
) (
  input  logic            clk_i,
  input  logic            rst_i,
  input  tick_t           now_i,

  // After reset, every tag once; nobody asks before
  input  logic [TagW-1:0] clear_tag_i,
  input  logic            clear_valid_i,

  // A request is issued, and leaves
  input  logic [TagW-1:0] open_tag_i,
  input  owed_t           open_owed_i,
  input  logic            open_valid_i,
  input  logic [TagW-1:0] left_tag_i,
  input  logic            left_valid_i,

  // What is left of a request
  input  logic [TagW-1:0] lookup_tag_i,
  output owed_t           lookup_owed_o,
  output life_t           lookup_life_o,

  // What has become of it now, by one looked up before
  input  logic [TagW-1:0] change_tag_i,
  input  life_t           change_life_i,
  input  logic            change_valid_i,

  // One after the other, for time and reset: with `forget_i` the tag is given up
  input  logic [TagW-1:0] scan_tag_i,
  output life_t           scan_life_o,
  input  logic            forget_i
);

  typedef struct packed {
    logic  gen;
    tick_t since;
  } left_t;

  // No reset: cleared one by one.
  (* ram_style = "auto" *)        logic [$bits(owed_t)-1:0] issued_q [Tags];
  (* ram_style = "auto" *) logic                     gen_q    [Tags];
  (* ram_style = "auto" *) logic [$bits(left_t)-1:0] left_q   [Tags];
  (* ram_style = "auto" *) logic [$bits(life_t)-1:0] come_q   [Tags];

  owed_t           issued;
  left_t           left;
  logic [TagW-1:0] come_tag;
  life_t           come;

  // A request that nothing has come for is open; the time of one that was given up before it left
  // runs from when it leaves on.
  function automatic life_t life_of(
      logic gen, left_t leaving, life_t coming, tick_t now, logic cleared);
    life_t life;
    life = '{gen: gen, state: TagOpen, default: '0};
    if (coming.gen == gen) life = coming;
    if (!life.sent) life.since = leaving.since;
    life.sent = leaving.gen == gen;
    if (!life.sent) life.since = now;
    if (cleared) life.state = TagIdle;
    return life;
  endfunction

  assign issued        = owed_t'(issued_q[lookup_tag_i]);
  assign lookup_life_o = life_of(gen_q[lookup_tag_i], left_t'(left_q[lookup_tag_i]),
                                 life_t'(come_q[lookup_tag_i]), now_i, clear_valid_i);
  assign scan_life_o   = life_of(gen_q[scan_tag_i], left_t'(left_q[scan_tag_i]),
                                 life_t'(come_q[scan_tag_i]), now_i, clear_valid_i);

  always_comb begin
    lookup_owed_o            = issued;
    lookup_owed_o.dest       = issued.dest + 64'(lookup_life_o.bytes);
    lookup_owed_o.lower_addr = issued.lower_addr + 7'(lookup_life_o.bytes);
    lookup_owed_o.bytes      = issued.bytes - lookup_life_o.bytes;
  end

  assign left = '{gen: gen_q[left_tag_i], since: now_i};

  always_comb begin
    come_tag = change_tag_i;
    come     = change_life_i;
    if (forget_i) begin
      come_tag = scan_tag_i;
      come     = given_up(scan_life_o, now_i);
    end
    if (clear_valid_i) begin
      come_tag = clear_tag_i;
      come     = '{state: TagIdle, default: '0};
    end
  end

  always_ff @(posedge clk_i) begin
    if (open_valid_i) issued_q[open_tag_i] <= open_owed_i;
  end

  always_ff @(posedge clk_i) begin
    if (clear_valid_i)     gen_q[clear_tag_i] <= 1'b0;
    else if (open_valid_i) gen_q[open_tag_i]  <= !gen_q[open_tag_i];
  end

  always_ff @(posedge clk_i) begin
    if (clear_valid_i)     left_q[clear_tag_i] <= '0;
    else if (left_valid_i) left_q[left_tag_i]  <= left;
  end

  always_ff @(posedge clk_i) begin
    if (clear_valid_i || forget_i || change_valid_i) come_q[come_tag] <= come;
  end

  `CW_ASSERT(NothingWhileClearing, !clear_valid_i || !(open_valid_i || left_valid_i))
  `CW_ASSERT(NothingWhileForgetting, !forget_i || !change_valid_i)
  `CW_ASSERT(NeverMoreThanAPage, !change_valid_i || change_life_i.bytes <= 13'd4096)
  `CW_ASSERT(NeverMoreThanOwed, !change_valid_i || lookup_tag_i != change_tag_i
      || 14'(change_life_i.bytes) <= 14'(issued.bytes))
  `CW_ASSERT(ChangesThePresent, !change_valid_i || change_life_i.gen == gen_q[change_tag_i])
  `CW_ASSERT(ChangeNotWhileOpened,
      !(open_valid_i && change_valid_i) || open_tag_i != change_tag_i)

endmodule
