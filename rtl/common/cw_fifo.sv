// SPDX-License-Identifier: Apache-2.0
//
// First-in first-out queue of `Depth` items, the head always on show: one item in and one out per
// clock. An item appears one clock after it was taken, two clocks with `UseRam`.
`include "cw_assert.svh"
module cw_fifo #(
  parameter  int unsigned DataW  = 32,          // bits of an item
  parameter  int unsigned Depth  = 4,           // items, any number from 2 on
  parameter  bit          UseRam = Depth > 32,  // block RAM rather than registers
  localparam int unsigned LevelW = $clog2(Depth + 1),
  localparam int unsigned AddrW  = $clog2(Depth)
) (
  input  logic              clk_i,
  input  logic              rst_i,

  // Items in
  input  logic [DataW-1:0]  in_data_i,
  input  logic              in_valid_i,
  output logic              in_ready_o,

  // Items out
  output logic [DataW-1:0]  out_data_o,
  output logic              out_valid_o,
  input  logic              out_ready_i,

  // Items inside, the head on show included
  output logic [LevelW-1:0] level_o
);

  function automatic logic [AddrW-1:0] following(logic [AddrW-1:0] addr);
    return 32'(addr) == Depth - 1 ? '0 : addr + 1'b1;
  endfunction

  logic [LevelW-1:0] level_q;
  logic [AddrW-1:0]  wr_addr_q, rd_addr_q;
  logic              push, pop, fetch;

  assign push = in_valid_i && in_ready_o;
  assign pop  = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      level_q   <= '0;
      wr_addr_q <= '0;
      rd_addr_q <= '0;
    end else begin
      level_q <= level_q + LevelW'(push) - LevelW'(pop);
      if (push) wr_addr_q <= following(wr_addr_q);
      if (fetch) rd_addr_q <= following(rd_addr_q);
    end
  end

  assign in_ready_o = 32'(level_q) != Depth;
  assign level_o    = level_q;

  if (UseRam) begin : gen_ram
    // The RAM's own output register shows the head: it is refilled as soon as it is free.
    logic shown_q, waiting;
    assign waiting     = level_q != LevelW'(shown_q);
    assign fetch       = waiting && (!shown_q || out_ready_i);
    assign out_valid_o = shown_q;

    always_ff @(posedge clk_i) begin
      if (rst_i) shown_q <= 1'b0;
      else       shown_q <= fetch || (shown_q && !out_ready_i);
    end

    cw_ram_sdp #(.DataW(DataW), .Depth(Depth)) u_ram (
      .clk_i,
      .rst_i,
      .wr_en_i   (push),
      .wr_strb_i (1'b1),
      .wr_addr_i (wr_addr_q),
      .wr_data_i (in_data_i),
      .rd_en_i   (fetch),
      .rd_addr_i (rd_addr_q),
      .rd_data_o (out_data_o)
    );
  end else begin : gen_regs
    // No reset: an item is meaningful only between its push and its pop.
    (* ram_style = "auto" *) logic [DataW-1:0] mem_q [Depth];
    always_ff @(posedge clk_i) begin
      if (push) mem_q[wr_addr_q] <= in_data_i;
    end
    assign fetch       = pop;
    assign out_valid_o = level_q != '0;
    assign out_data_o  = mem_q[rd_addr_q];
  end

  `CW_REQUIRE(Depth >= 2, "a queue holds at least two items")
  `CW_ASSERT(LevelInRange, 32'(level_q) <= Depth)
  `CW_ASSERT(NothingShownWhenEmpty, level_q != '0 || !out_valid_o)
  `CW_ASSERT_HELD(OutHeld, out_valid_o, out_ready_i, out_data_o)

endmodule
