// SPDX-License-Identifier: Apache-2.0
//
// Sends the IOMMU's own interrupts as messages: the MSI configuration table, what is pending of
// each vector, and the stores. A message of a masked vector is sent when it is unmasked. A store
// that memory refuses becomes a fault record; the message is not tried again.
// Spec: RISC-V IOMMU, msi_cfg_tbl.
`include "cw_assert.svh"
module cw_iommu_msi import cw_iommu_pkg::*, cw_iommu_reg_pkg::*; (
  input  logic               clk_i,
  input  logic               rst_i,

  input  logic               present_i,   // capabilities: not wires alone
  input  logic               wsi_i,       // fctl.WSI: what is pending is forgotten

  // Access
  input  reg_access_t        access_i,
  output logic [63:0]        rdata_o,     // zero where the access means another group

  // Messages owed, by vector
  input  logic [Vectors-1:0] message_i,

  // Memory
  output mem_wr_req_t        wr_req_o,
  output logic               wr_valid_o,
  input  logic               wr_ready_i,
  input  logic               wr_done_i,
  input  logic               wr_error_i,

  // Records of stores that failed
  output fault_record_t      record_o,
  output logic               record_valid_o,
  input  logic               record_ready_i
);

  typedef enum logic [2:0] { StIdle, StAddress, StData, StStore, StStored, StRecord } state_e;

  state_e             state_q, state_d;
  vector_t            vector_q, vector_d, urgent;
  logic [Vectors-1:0] pending_q, pending_d, mask_q;
  logic [55:2]        addr_q;             // no reset: set before they are read
  logic [31:0]        data_q;

  // ---- The table: a RAM that is read by software or by the sender, and what was written since
  // reset; the rest reads zero

  localparam int unsigned Words = 2 * Vectors;
  localparam int unsigned WordW = $clog2(Words);

  (* ram_style = "auto" *) logic [31:0] low_q [Words];     // address, data
  (* ram_style = "auto" *) logic [23:0] high_q [Vectors];  // address
  logic [Words-1:0]   low_set_q;
  logic [Vectors-1:0] high_set_q;

  logic             hit, port_free, reads;
  logic [1:0]       write;
  logic [WordW-1:0] index;
  logic [31:0]      low;
  logic [23:0]      high;
  msi_entry_t       entry;

  assign hit       = present_i && access_i.word[8:WordW] == RegMsiCfgTbl[11:WordW+3];
  assign write     = access_i.write & {2{hit}};
  assign port_free = !access_i.valid;
  assign reads     = (state_q inside {StAddress, StData}) && port_free;
  assign index     = reads ? {vector_q, state_q == StData} : access_i.word[WordW-1:0];
  assign low       = low_q[index] & {32{low_set_q[index]}};
  assign high      = high_q[index[WordW-1:1]] & {24{high_set_q[index[WordW-1:1]]}};
  assign entry     = '{data: low, m: mask_q[index[WordW-1:1]], default: '0};
  assign rdata_o   = !hit ? '0 : index[0] ? entry : {8'd0, high, low};

  always_ff @(posedge clk_i) begin
    if (write[0]) begin
      low_q[index] <= index[0] ? access_i.wdata[31:0] : {access_i.wdata[31:2], 2'b00};
    end
    if (write[1] && !index[0]) high_q[index[WordW-1:1]] <= access_i.wdata[55:32];
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      low_set_q  <= '0;
      high_set_q <= '0;
      mask_q     <= '0;
    end else begin
      if (write[0]) low_set_q[index] <= 1'b1;
      if (write[1] && !index[0]) high_set_q[index[WordW-1:1]] <= 1'b1;
      if (write[1] && index[0]) mask_q[index[WordW-1:1]] <= access_i.wdata[32];
    end
  end

  // ---- The sender

  always_comb begin
    urgent = '0;
    for (int v = Vectors - 1; v >= 0; v--) begin
      if (pending_q[v] && !mask_q[v]) urgent = vector_t'(v);
    end
  end

  always_comb begin
    state_d        = state_q;
    vector_d       = vector_q;
    pending_d      = pending_q;
    wr_valid_o     = 1'b0;
    record_valid_o = 1'b0;
    unique case (state_q)
      StIdle: begin
        vector_d = urgent;
        if ((pending_q & ~mask_q) != '0) state_d = StAddress;
      end
      StAddress: if (port_free) state_d = StData;
      StData: begin  // the last moment at which the mask, or the choice of wires, counts
        if (!pending_q[vector_q] || mask_q[vector_q]) begin
          state_d = StIdle;
        end else if (port_free) begin
          pending_d[vector_q] = 1'b0;
          state_d             = StStore;
        end
      end
      StStore: begin
        wr_valid_o = 1'b1;
        if (wr_ready_i) state_d = StStored;
      end
      StStored: if (wr_done_i) state_d = wr_error_i ? StRecord : StIdle;
      StRecord: begin
        record_valid_o = 1'b1;
        if (record_ready_i) state_d = StIdle;
      end
      default: state_d = StIdle;
    endcase
    pending_d = wsi_i ? '0 : pending_d | message_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q   <= StIdle;
      pending_q <= '0;
    end else begin
      state_q   <= state_d;
      pending_q <= pending_d;
    end
    vector_q <= vector_d;
    if (reads && state_q == StAddress) addr_q <= {high, low[31:2]};
    if (reads && state_q == StData) data_q <= low;
  end

  assign wr_req_o = '{hpa:  {addr_q[55:3], 3'd0},
                      len:  2'd0,
                      strb: addr_q[2] ? 8'hf0 : 8'h0f,
                      data: {192'd0, data_q, data_q}};
  assign record_o = '{cause: CauseMsiWrite, ttyp: TtypNone, iotval: {8'd0, addr_q, 2'b00},
                      default: '0};

  `CW_ASSERT_HELD(WriteHeld, wr_valid_o, wr_ready_i, wr_req_o)
  `CW_ASSERT_HELD(RecordHeld, record_valid_o, record_ready_i, record_o)
  `CW_ASSERT(SenderNeverInTheWayOfSoftware, !access_i.valid || !reads)
  `CW_ASSERT(NothingOwedWithoutMessages, present_i || message_i == '0)

endmodule
