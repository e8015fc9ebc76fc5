// SPDX-License-Identifier: Apache-2.0
//
// Carries out one answered access at a time, for the write side and the read side in turn: at the
// root port's own configuration space, at the IOMMU, or across the link.
`include "cw_assert.svh"
module cw_host_access
  import cw_host_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_i,

  // 0: write side, 1: read side
  input  host_op_t [1:0]       op_i,
  input  logic [1:0]           op_valid_i,
  output logic [1:0]           op_done_o,
  output logic                 op_ok_o,
  output logic [31:0]          op_data_o,
  output logic [1:0]           op_data_valid_o,
  output logic                 owner_o,          // whose access it is, while there is one

  // Configuration space of the root port
  output cw_tlp_pkg::cfg_hdr_t cfg_hdr_o,
  output logic [31:0]          cfg_wdata_o,
  output logic                 cfg_valid_o,
  input  logic                 cfg_ready_i,
  input  logic [31:0]          cfg_rdata_i,
  input  logic                 cfg_done_i,

  // Registers of the IOMMU; a 4-byte access uses the low half of the data
  output logic                 reg_valid_o,
  output logic                 reg_write_o,
  output logic [11:0]          reg_addr_o,
  output logic                 reg_size8_o,
  output logic [63:0]          reg_wdata_o,
  input  logic                 reg_ready_i,
  input  logic [63:0]          reg_rdata_i,

  // Across the link; `link_valid_o` with `op_o` until `link_done_i`
  output host_op_t             op_o,
  output logic                 link_valid_o,
  input  logic                 link_done_i,
  input  logic                 link_ok_i,
  input  logic [31:0]          link_data_i,
  input  logic                 link_data_valid_i
);

  typedef enum logic [1:0] {StIdle, StRun, StConfig, StUpper} state_e;

  state_e      state_q, state_d;
  logic        owner_q, owner_d;
  logic [31:0] upper_q;
  logic        done, data_valid;
  host_op_t    op;

  assign op   = op_i[owner_q];
  assign op_o = op;

  assign owner_o = owner_q;

  assign op_done_o       = done       ? 2'b01 << owner_q : 2'b00;
  assign op_data_valid_o = data_valid ? 2'b01 << owner_q : 2'b00;

  always_comb begin
    cfg_hdr_o              = '0;
    cfg_hdr_o.dw0.kind     = op.write ? cw_tlp_pkg::TlpCfgWr0 : cw_tlp_pkg::TlpCfgRd0;
    cfg_hdr_o.dw0.length   = 10'd1;
    cfg_hdr_o.requester_id = HostId;
    cfg_hdr_o.first_be     = op.be;
    cfg_hdr_o.target_id    = ecam_id(op.addr);
    cfg_hdr_o.reg_dw       = op.addr[11:2];
  end
  assign cfg_wdata_o = op.wdata[31:0];

  assign reg_write_o = op.write;
  assign reg_addr_o  = {op.addr[11:2], 2'b00};
  assign reg_size8_o = op.size8;
  assign reg_wdata_o = op.wdata;

  always_comb begin
    state_d      = state_q;
    owner_d      = owner_q;
    cfg_valid_o  = 1'b0;
    reg_valid_o  = 1'b0;
    link_valid_o = 1'b0;
    done         = 1'b0;
    data_valid   = 1'b0;
    op_ok_o      = 1'b1;
    op_data_o    = cfg_rdata_i;
    unique case (state_q)
      StIdle: begin  // the side that did not have the last turn first
        owner_d = op_valid_i[!owner_q] ? !owner_q : owner_q;
        if (op_valid_i != '0) state_d = StRun;
      end
      StRun: unique case (op.target)
        TargetOwnConfig: begin
          cfg_valid_o = 1'b1;
          done        = cfg_done_i;
          if (cfg_ready_i) state_d = cfg_done_i ? StIdle : StConfig;
        end
        TargetIommu: begin
          reg_valid_o = 1'b1;
          op_data_o   = reg_rdata_i[31:0];
          data_valid  = reg_ready_i && !op.write;
          done        = reg_ready_i && (op.write || !op.size8);
          if (reg_ready_i) state_d = done ? StIdle : StUpper;
        end
        default: begin
          link_valid_o = 1'b1;
          op_ok_o      = link_ok_i;
          op_data_o    = link_data_i;
          data_valid   = link_data_valid_i;
          done         = link_done_i;
          if (link_done_i) state_d = StIdle;
        end
      endcase
      StConfig: begin  // taken, not answered yet
        done = cfg_done_i;
        if (cfg_done_i) state_d = StIdle;
      end
      StUpper: begin  // the second dword of an 8-byte register
        op_data_o  = upper_q;
        data_valid = 1'b1;
        done       = 1'b1;
        state_d    = StIdle;
      end
      default: state_d = StIdle;
    endcase
    if (op.target == TargetOwnConfig) data_valid = done && !op.write;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StIdle;
      owner_q <= 1'b0;
    end else begin
      state_q <= state_d;
      owner_q <= owner_d;
    end
  end

  // No reset: meaningful only in StUpper.
  always_ff @(posedge clk_i) begin
    if (reg_ready_i) upper_q <= reg_rdata_i[63:32];
  end

  `CW_ASSERT(OwnerWaits, state_q == StIdle || op_valid_i[owner_q])
  `CW_ASSERT(WriteSideWrites, !op_valid_i[0] || op_i[0].write)
  `CW_ASSERT(ReadSideReads, !op_valid_i[1] || !op_i[1].write)
  `CW_ASSERT(OneDestination, $onehot0({cfg_valid_o, reg_valid_o, link_valid_o}))

endmodule
