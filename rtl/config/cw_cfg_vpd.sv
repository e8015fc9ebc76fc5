// SPDX-License-Identifier: Apache-2.0
//
// VPD capability over a constant image: a read is ready at once, a write done at once; it changes
// nothing, because all of the image is read-only.
// Spec: PCIe Base 7.9.18.
`include "cw_assert.svh"
module cw_cfg_vpd
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter logic [7:0]             Base  = VpdCapOffset,
  parameter logic [7:0]             Next  = CapEnd,
  parameter cw_vpd_pkg::vpd_image_t Image = cw_vpd_pkg::VpdExample
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o
);

  localparam vpd_header_t Reset    = '{next: Next, id: CapIdVpd, default: '0};
  localparam vpd_header_t HeaderRw = '{
      flag: 1'b1, address: '1, id: cap_id_e'(8'h00), default: '0};

  logic        write, started;
  vpd_header_t header_q, header_d;
  logic [31:0] data_q, data_d;

  // The flag starts a transfer, so the byte in which it lies does.
  assign write   = cfg_valid_i && cfg_req_i.write;
  assign started = write && cfg_req_i.reg_dw == cap_dw(Base, 10'd0) && cfg_req_i.be[3];

  always_comb begin
    header_d = next_value(header_q, cfg_req_i,
        write && cfg_req_i.reg_dw == cap_dw(Base, 10'd0), HeaderRw, '0, '0);
    data_d   = next_value(data_q, cfg_req_i,
        write && cfg_req_i.reg_dw == cap_dw(Base, 10'd1), '1, '0, '0);
    if (started) begin
      if (!header_d.flag) data_d = cw_vpd_pkg::vpd_dword(Image, header_d.address[14:2]);
      header_d.flag = !header_d.flag;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      header_q <= Reset;
      data_q   <= '0;
    end else begin
      header_q <= header_d;
      data_q   <= data_d;
    end
  end

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      cap_dw(Base, 10'd0): rdata_o = header_q;
      cap_dw(Base, 10'd1): rdata_o = data_q;
      default:             rdata_o = '0;
    endcase
  end

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(HeaderFixed, header_q.id == CapIdVpd && header_q.next == Next)
  `CW_ASSERT(TransferEnds, !$past(started && !rst_i) || $changed(header_q.flag)
      || header_q.flag != $past(cfg_req_i.wdata[31]))

endmodule
