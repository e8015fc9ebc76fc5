// SPDX-License-Identifier: Apache-2.0
//
// MSI capability: 64-bit address, several messages, a mask bit for each. Pending bits are the
// function's; they are only shown here.
// Spec: PCIe Base 7.7.1.
`include "cw_assert.svh"
module cw_cfg_msi
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter logic [7:0]  Base    = MsiCapOffset,
  parameter logic [7:0]  Next    = VpdCapOffset,
  parameter int unsigned Vectors = 32  // a power of two, 1 to 32
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o,

  input  logic [31:0] pending_i,  // messages that wait behind their mask bits
  output msi_state_t  msi_o
);

  localparam logic [2:0]  CapableLog2 = 3'($clog2(Vectors));
  localparam logic [31:0] There       = 32'((33'd1 << Vectors) - 33'd1);

  localparam msi_header_t Reset = '{
      per_vector_mask: 1'b1, address64: 1'b1, capable_log2: CapableLog2, next: Next, id: CapIdMsi,
      default: '0};
  localparam msi_header_t HeaderRw = '{
      vectors_log2: '1, enable: 1'b1, id: cap_id_e'(8'h00), default: '0};
  localparam logic [31:0] AddrLoRw = 32'hffff_fffc;
  localparam logic [31:0] DataRw   = 32'h0000_ffff;

  logic        write;
  msi_header_t header_q, header_d;
  logic [31:0] addr_lo_q, addr_hi_q, data_q, mask_q;

  assign write = cfg_valid_i && cfg_req_i.write;

  // Value of the register at dword `index` of the capability after this clock.
  function automatic logic [31:0] follow(
      logic [31:0] old, cfg_req_t req, logic access, msi_dw_e index, logic [31:0] rw);
    return next_value(old, req, access && req.reg_dw == cap_dw(Base, index), rw, '0, '0);
  endfunction

  // Software gets no more messages than there are.
  always_comb begin
    header_d = follow(header_q, cfg_req_i, write, MsiDwHeader, HeaderRw);
    if (header_d.vectors_log2 > CapableLog2) header_d.vectors_log2 = CapableLog2;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      header_q  <= Reset;
      addr_lo_q <= '0;
      addr_hi_q <= '0;
      data_q    <= '0;
      mask_q    <= '0;
    end else begin
      header_q  <= header_d;
      addr_lo_q <= follow(addr_lo_q, cfg_req_i, write, MsiDwAddrLo, AddrLoRw);
      addr_hi_q <= follow(addr_hi_q, cfg_req_i, write, MsiDwAddrHi, '1);
      data_q    <= follow(data_q, cfg_req_i, write, MsiDwData, DataRw);
      mask_q    <= follow(mask_q, cfg_req_i, write, MsiDwMask, There);
    end
  end

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      cap_dw(Base, MsiDwHeader):  rdata_o = header_q;
      cap_dw(Base, MsiDwAddrLo):  rdata_o = addr_lo_q;
      cap_dw(Base, MsiDwAddrHi):  rdata_o = addr_hi_q;
      cap_dw(Base, MsiDwData):    rdata_o = data_q;
      cap_dw(Base, MsiDwMask):    rdata_o = mask_q;
      cap_dw(Base, MsiDwPending): rdata_o = pending_i & There;
      default:                    rdata_o = '0;
    endcase
  end

  assign msi_o = '{
      enable:       header_q.enable,
      vectors_log2: header_q.vectors_log2,
      address:      {addr_hi_q, addr_lo_q},
      data:         data_q[15:0],
      mask:         mask_q};

  `CW_REQUIRE(Vectors inside {1, 2, 4, 8, 16, 32}, "MSI has 1 to 32 messages, a power of two")
  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(HeaderFixed, header_q.id == CapIdMsi && header_q.next == Next
      && header_q.rsvd15_9 == '0 && header_q.per_vector_mask && header_q.address64)
  `CW_ASSERT(NoMoreThanCapable, msi_o.vectors_log2 <= CapableLog2)
  `CW_ASSERT(NoMaskOfAbsent, (msi_o.mask & ~There) == '0 && msi_o.address[1:0] == '0)

endmodule
