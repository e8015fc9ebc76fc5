// SPDX-License-Identifier: Apache-2.0
//
// Remembers what each tag's request is owed. An entry is written once, when its request is issued;
// what has come since is kept beside it, so that both are memories with one write port.
// Looks up in the same clock; `open` and `advance` are seen from the next clock on.
`include "cw_assert.svh"
module cw_tag_table
  import cw_requester_pkg::*;
#(
  parameter  int unsigned Tags = 32,
  localparam int unsigned TagW = $clog2(Tags)
) (
  input  logic            clk_i,
  input  logic            rst_i,

  // A request is issued
  input  logic [TagW-1:0] open_tag_i,
  input  owed_t           open_owed_i,
  input  logic            open_valid_i,

  // What is left of a request
  input  logic [TagW-1:0] lookup_tag_i,
  output owed_t           lookup_owed_o,

  // Some of a request has come
  input  logic [TagW-1:0] advance_tag_i,
  input  logic [12:0]     advance_bytes_i,
  input  logic            advance_valid_i
);

  // No reset: an entry is read only after its request is issued.
  (* ram_style = "auto" *) logic [$bits(owed_t)-1:0] issued_q [Tags];
  (* ram_style = "auto" *) logic [12:0]              come_q   [Tags];
  logic [Tags-1:0] fresh_q;  // nothing has come; come_q is left from an earlier request
  owed_t           issued;
  logic [12:0]     come;
  logic [12:0]     so_far;   // come when more comes

  assign issued = owed_t'(issued_q[lookup_tag_i]);
  assign come   = fresh_q[lookup_tag_i] ? 13'd0 : come_q[lookup_tag_i];
  assign so_far = fresh_q[advance_tag_i] ? 13'd0 : come_q[advance_tag_i];

  always_comb begin
    lookup_owed_o            = issued;
    lookup_owed_o.dest       = issued.dest + 64'(come);
    lookup_owed_o.lower_addr = issued.lower_addr + 7'(come);
    lookup_owed_o.bytes      = issued.bytes - come;
  end

  always_ff @(posedge clk_i) begin
    if (open_valid_i) issued_q[open_tag_i] <= open_owed_i;
  end

  always_ff @(posedge clk_i) begin
    if (advance_valid_i) come_q[advance_tag_i] <= so_far + advance_bytes_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      fresh_q <= '1;
    end else begin
      if (advance_valid_i) fresh_q[advance_tag_i] <= 1'b0;
      if (open_valid_i)    fresh_q[open_tag_i]   <= 1'b1;
    end
  end

  `CW_ASSERT(NeverMoreThanOwed, !advance_valid_i || lookup_tag_i != advance_tag_i
      || advance_bytes_i <= lookup_owed_o.bytes)
  `CW_ASSERT(NeverMoreThanAPage, !advance_valid_i || 14'(so_far) + 14'(advance_bytes_i) <= 14'd4096)
  `CW_ASSERT(AdvanceNotWhileOpened,
      !(open_valid_i && advance_valid_i) || open_tag_i != advance_tag_i)

endmodule
