// SPDX-License-Identifier: Apache-2.0
//
// CRC-32 of a whole number of dwords at once, as one layer of constant XORs. The message is sent
// from bit 0 on; the state before it is added to its first 32 bits by the caller, and leading zero
// dwords change nothing. What is sent is the complement, from bit 0 on. Combinational.
// Spec: PCIe Base 2.7.1 (polynomial 04C1 1DB7h, bit order).
`include "cw_assert.svh"
module cw_crc32 #(
  parameter  int unsigned Dwords = 8,
  localparam int unsigned Bits   = 32 * Dwords
) (
  input  logic            clk_i,  // for the assertions
  input  logic            rst_i,

  input  logic            enable_i,   // without it the result is zero, and simulation is faster
  input  logic [Bits-1:0] message_i,
  output logic [31:0]     crc_o
);

  localparam logic [31:0] Polynomial = 32'hedb8_8320;  // 04C1 1DB7h from the other end

  // Row i: the bits of the message that bit i of the result is the parity of. A bit that is sent
  // earlier takes one more step of the shift register.
  function automatic logic [31:0][Bits-1:0] rows();
    logic [31:0] response;
    response = Polynomial;
    for (int b = int'(Bits) - 1; b >= 0; b--) begin
      for (int unsigned i = 0; i < 32; i++) rows[i][b] = response[i];
      response = (response >> 1) ^ (response[0] ? Polynomial : 32'd0);
    end
  endfunction

  localparam logic [31:0][Bits-1:0] Rows = rows();

  always_comb begin
    crc_o = '0;
    if (enable_i) begin
      for (int unsigned i = 0; i < 32; i++) crc_o[i] = ^(message_i & Rows[i]);
    end
  end

  `CW_REQUIRE(Dwords inside {[1:16]}, "not the dwords of a beat")
  `CW_ASSERT(NothingOfNothing, message_i != '0 || crc_o == '0)

endmodule
