// SPDX-License-Identifier: Apache-2.0
//
// CRC-32 of a whole number of dwords at once, as constant XORs. The message is sent from bit 0 on;
// the state before it is added to its first 32 bits by the caller, and leading zero dwords change
// nothing. What is sent is the complement, from bit 0 on. Combinational.
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
  localparam int unsigned Slices     = 8;              // of the result, 4 bits each
  localparam int unsigned Classes    = 16;

  // What one bit of the message does to the result. A bit that is sent earlier takes one more step
  // of the shift register.
  function automatic logic [Bits-1:0][31:0] responses();
    logic [31:0] response;
    response = Polynomial;
    for (int b = int'(Bits) - 1; b >= 0; b--) begin
      responses[b] = response;
      response     = (response >> 1) ^ (response[0] ? Polynomial : 32'd0);
    end
  endfunction

  localparam logic [Bits-1:0][31:0] Responses = responses();

  // Of one slice: the bits of the message by what they do to it.
  function automatic logic [Classes-1:0][Bits-1:0] classes(int unsigned slice);
    for (int unsigned c = 0; c < Classes; c++) begin
      for (int unsigned b = 0; b < Bits; b++) begin
        classes[c][b] = Responses[b][4*slice +: 4] == 4'(c);
      end
    end
  endfunction

  localparam logic [Slices-1:0][Classes-1:0][Bits-1:0] Members = {
    classes(7), classes(6), classes(5), classes(4), classes(3), classes(2), classes(1), classes(0)
  };

  // Bits that do the same are added once for all four bits of a slice: a third less than by rows.
  function automatic logic [31:0] remainder(logic [Bits-1:0] message);
    remainder = '0;
    for (int unsigned s = 0; s < Slices; s++) begin
      for (int unsigned c = 1; c < Classes; c++) begin
        remainder[4*s +: 4] ^= ^(message & Members[s][c]) ? 4'(c) : 4'd0;
      end
    end
  endfunction

  // An unpacked array stays a branch in simulation, of a vector Verilator makes a multiplexer.
  logic [31:0] result [1];

  always_comb begin
    result[0] = '0;
    if (enable_i) result[0] = remainder(message_i);
  end

  assign crc_o = result[0];

  `CW_REQUIRE(Dwords inside {[1:16]}, "not the dwords of a beat")
  `CW_ASSERT(NothingOfNothing, message_i != '0 || crc_o == '0)

endmodule
