// SPDX-License-Identifier: Apache-2.0
//
// MSI-X structures as software sees them: the table, kept here, and the pending bits, shown here. A
// register write is done in its first clock, a read in its second. Message fields are undefined
// until written; every vector is masked after reset.
// Spec: PCIe Base 7.7.2 (table and pending bit array).
`include "cw_assert.svh"
module cw_msix_table
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned Vectors     = 8,
  parameter  logic [31:0] TableOffset = 32'h2000,  // bytes from the start of its BAR
  parameter  logic [31:0] PbaOffset   = 32'h3000,
  localparam int unsigned VectorW     = Vectors > 1 ? $clog2(Vectors) : 1
) (
  input  logic               clk_i,
  input  logic               rst_i,

  // Register bus: accesses to the two structures only
  input  logic               reg_valid_i,
  input  logic               reg_pba_i,    // to the pending bits, not to the table
  input  reg_req_t           reg_req_i,
  output logic               reg_ready_o,
  output logic [31:0]        reg_rdata_o,

  // State of the vectors
  input  logic [Vectors-1:0] pending_i,
  output logic [Vectors-1:0] mask_o,

  // A vector's message, one clock after the fetch; software's reads go first
  input  logic               fetch_valid_i,
  input  logic [VectorW-1:0] fetch_vector_i,
  output logic               fetch_ready_o,
  output msix_message_t      message_o
);

  localparam int unsigned MessageW     = $bits(msix_message_t);
  localparam int unsigned TableBytes   = msix_table_bytes(Vectors);
  localparam int unsigned PbaBytes     = msix_pba_bytes(Vectors);
  localparam int unsigned PbaDws       = PbaBytes / 4;
  localparam int unsigned PbaDwW       = $clog2(PbaDws);
  localparam logic [1:0]  DwVectorCtrl = 2'd3;  // dword of an entry

  logic [31:0]             offset;
  logic                    write, table_write, read, read_done_q;
  logic [VectorW-1:0]      entry;
  logic [1:0]              dw;
  logic [Vectors-1:0]      mask_q;
  logic [PbaDws-1:0][31:0] pba;
  logic [MessageW/8-1:0]   strb;

  assign offset      = reg_req_i.addr - (reg_pba_i ? PbaOffset : TableOffset);
  assign entry       = offset[4 +: VectorW];
  assign dw          = offset[3:2];
  assign write       = reg_valid_i && reg_req_i.write;
  assign table_write = write && !reg_pba_i;
  assign read        = reg_valid_i && !reg_req_i.write && !read_done_q;
  assign strb        = (MessageW / 8)'(reg_req_i.be) << {dw, 2'b00};  // none for Vector Control
  assign pba         = (PbaDws * 32)'(pending_i);

  cw_ram_sdp #(
    .DataW (MessageW),
    .Depth (Vectors > 1 ? Vectors : 2),
    .ByteW (8)
  ) u_messages (
    .clk_i,
    .rst_i,
    .wr_en_i   (table_write),
    .wr_strb_i (strb),
    .wr_addr_i (entry),
    .wr_data_i ({(MessageW / 32){reg_req_i.wdata}}),
    .rd_en_i   ((read && !reg_pba_i) || (fetch_valid_i && fetch_ready_o)),
    .rd_addr_i (read ? entry : fetch_vector_i),
    .rd_data_o (message_o)
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      mask_q      <= '1;
      read_done_q <= 1'b0;
    end else begin
      read_done_q <= read;
      if (table_write && dw == DwVectorCtrl && reg_req_i.be[0]) mask_q[entry] <= reg_req_i.wdata[0];
    end
  end

  always_comb begin
    if (reg_pba_i)               reg_rdata_o = pba[offset[2 +: PbaDwW]];
    else if (dw == DwVectorCtrl) reg_rdata_o = 32'(mask_q[entry]);
    else                         reg_rdata_o = message_o[{dw, 5'd0} +: 32];
  end

  assign reg_ready_o   = write || read_done_q;
  assign fetch_ready_o = !read;
  assign mask_o        = mask_q;

  // Addresses are dwords, whatever their low bits say; who answers was decided before.
  logic unused;
  assign unused = &{1'b0, offset, reg_req_i.target, reg_req_i.fn, reg_req_i.bar};

  `CW_REQUIRE(Vectors inside {[1:2048]}, "an MSI-X table has 1 to 2048 vectors")
  `CW_REQUIRE(TableOffset % 8 == 0 && PbaOffset % 8 == 0, "structures are quadword aligned")
  `CW_ASSERT(AccessInside, !reg_valid_i || offset < (reg_pba_i ? PbaBytes : TableBytes))
  `CW_ASSERT(FetchInsideTable, !fetch_valid_i || 32'(fetch_vector_i) < Vectors)
  `CW_ASSERT_HELD(RegHeld, reg_valid_i, reg_ready_o, {reg_req_i, reg_pba_i})

endmodule
