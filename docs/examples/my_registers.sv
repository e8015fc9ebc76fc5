// SPDX-License-Identifier: Apache-2.0
//
// Four registers on AXI4-Lite, as a card of one's own may have them behind BAR5 of the endpoint:
// 0x0 a name, 0x4 lamps, 0x8 a counter of clocks, 0xC a doorbell that raises an interrupt.
module my_registers (
  input  logic        clk,
  input  logic        rst,

  input  logic [31:0] s_axil_awaddr,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [3:0]  s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [1:0]  s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [31:0] s_axil_araddr,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [1:0]  s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready,

  output logic [7:0]  lamps,
  output logic        doorbell  // high until software writes zero to 0xC
);

  localparam logic [31:0] Name      = 32'h4d59_4344;
  localparam logic [1:0]  RespOkay  = 2'b00;
  localparam logic [1:0]  RespError = 2'b10;  // SLVERR: the host is answered with Completer Abort

  logic [31:0] counter_q;
  logic        write, read;

  // A write is taken when address and data are both there and the last answer has gone.
  assign write          = s_axil_awvalid && s_axil_wvalid && (!s_axil_bvalid || s_axil_bready);
  assign s_axil_awready = write;
  assign s_axil_wready  = write;
  assign read           = s_axil_arvalid && (!s_axil_rvalid || s_axil_rready);
  assign s_axil_arready = read;

  always_ff @(posedge clk) begin
    counter_q <= counter_q + 32'd1;
    if (s_axil_bready) s_axil_bvalid <= 1'b0;
    if (s_axil_rready) s_axil_rvalid <= 1'b0;
    if (write) begin
      s_axil_bvalid <= 1'b1;
      s_axil_bresp  <= s_axil_awaddr[15:4] == '0 ? RespOkay : RespError;
      if (s_axil_awaddr[15:0] == 16'h4 && s_axil_wstrb[0]) lamps    <= s_axil_wdata[7:0];
      if (s_axil_awaddr[15:0] == 16'hc && s_axil_wstrb[0]) doorbell <= s_axil_wdata[0];
    end
    if (read) begin
      s_axil_rvalid <= 1'b1;
      s_axil_rresp  <= s_axil_araddr[15:4] == '0 ? RespOkay : RespError;
      unique case (s_axil_araddr[3:2])
        2'd0:    s_axil_rdata <= Name;
        2'd1:    s_axil_rdata <= 32'(lamps);
        2'd2:    s_axil_rdata <= counter_q;
        default: s_axil_rdata <= 32'(doorbell);
      endcase
    end
    if (rst) begin
      counter_q     <= '0;
      lamps         <= '0;
      doorbell      <= 1'b0;
      s_axil_bvalid <= 1'b0;
      s_axil_rvalid <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, s_axil_awaddr[31:16], s_axil_araddr[31:16], s_axil_araddr[1:0],
                    s_axil_wdata[31:8], s_axil_wstrb[3:1]};

endmodule
