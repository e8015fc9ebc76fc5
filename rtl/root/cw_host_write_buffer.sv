// SPDX-License-Identifier: Apache-2.0
//
// Holds the bytes of one write of the CPU, its next dword at the bottom: beats are loaded in place,
// dwords are taken off the bottom.
`include "cw_assert.svh"
module cw_host_write_buffer
  import cw_host_pkg::*;
#(
  parameter  int unsigned W      = 256,
  localparam int unsigned BeatDw = W / 32
) (
  input  logic                    clk_i,
  input  logic                    rst_i,

  // A new write: the buffer is empty and starts at this address
  input  logic                    start_i,
  input  logic [63:3]             start_addr_i,

  // Eight bytes of it
  input  logic                    load_i,
  input  logic [2:0]              load_index_i,
  input  logic [63:0]             load_data_i,
  input  logic [7:0]              load_strb_i,

  // What is left, and the address of dword 0
  output logic [63:0]             addr_o,
  output logic [BurstDw-1:0][3:0] be_o,
  output logic [W-1:0]            data_o,
  output logic                    empty_o,      // no byte is left

  // One at a time: dword 0 goes; a beat of dwords goes; the lowest `done_dw_i` dwords are written
  input  logic                    skip_i,
  input  logic                    beat_i,
  input  logic                    done_i,
  input  logic [4:0]              done_dw_i
);

  localparam int unsigned Bits = BurstDw * 32;

  logic [63:0]              addr_q, addr_d;
  logic [BurstDw-1:0][31:0] data_q, data_d;
  logic [BurstDw-1:0][3:0]  be_q, be_d;

  always_comb begin
    addr_d = addr_q;
    data_d = data_q;
    be_d   = be_q;
    if (start_i) begin
      addr_d = {start_addr_i, 3'b000};
      data_d = '0;  // bytes that are not written leave as zeros
      be_d   = '0;
    end else if (load_i) begin
      for (int unsigned i = 0; i < 8; i++) begin
        if (load_strb_i[i]) begin
          data_d[{load_index_i, i >= 4}][8 * (i % 4) +: 8] = load_data_i[8 * i +: 8];
          be_d[{load_index_i, i >= 4}][i % 4]              = 1'b1;
        end
      end
    end else if (skip_i) begin
      addr_d = addr_q + 64'd4;
      data_d = data_q >> 32;
      be_d   = be_q >> 4;
    end else if (beat_i) begin
      addr_d = addr_q + 64'(W / 8);
      data_d = Bits'({W'(0), data_q} >> W);
      be_d   = 64'({(W / 8)'(0), be_q} >> (W / 8));
    end else if (done_i) begin
      for (int unsigned i = 0; i < BeatDw; i++) if (5'(i) < done_dw_i) be_d[i] = '0;
    end
  end

  // No reset but of the enables: the rest is meaningful only with them.
  always_ff @(posedge clk_i) begin
    if (rst_i) be_q <= '0;
    else       be_q <= be_d;
  end
  always_ff @(posedge clk_i) begin
    addr_q <= addr_d;
    data_q <= data_d;
  end

  assign addr_o  = addr_q;
  assign be_o    = be_q;
  assign data_o  = data_q[BeatDw-1:0];
  assign empty_o = be_q == '0;

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the data path")
  `CW_ASSERT(OneStepAtATime, $onehot0({start_i, load_i, skip_i, beat_i, done_i}))
  `CW_ASSERT(NothingSkippedUnwritten, !skip_i || be_q[0] == '0)
  `CW_ASSERT(DoneInsideBeat, !done_i || 32'(done_dw_i) <= BeatDw)

endmodule
