// SPDX-License-Identifier: Apache-2.0
//
// Finds the device context of one device in memory and checks it. The request is held until `done`,
// which lasts one clock and tells the context, or the cause of the fault.
// Spec: RISC-V IOMMU, "Process to locate the Device-context"; steps are those of that list.
`include "cw_assert.svh"
module cw_iommu_ddt_walker import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_reg_pkg::*; (
  input  logic        clk_i,
  input  logic        rst_i,

  input  caps_t       caps_i,

  // What to find
  input  logic        walk_valid_i,
  input  did_t        did_i,
  input  logic [3:0]  mode_i,       // one to three levels; read when the walk begins
  input  ppn_t        root_i,       // likewise
  output logic        done_o,
  output cause_e      cause_o,      // CauseNone: found
  output dc_info_t    dc_o,

  // Memory reads
  output mem_rd_req_t rd_req_o,
  output logic        rd_valid_o,
  input  logic        rd_ready_i,
  input  mem_rd_rsp_t rd_rsp_i,
  input  logic        rd_rsp_valid_i
);

  typedef enum logic [1:0] { StIdle, StAsk, StData, StCheck } state_e;

  state_e     state_q, state_d;
  logic [1:0] level_q, level_d;
  ppn_t       table_q, table_d;
  logic [1:0] beat_q, beat_d;
  logic       error_q, error_d, poison_q, poison_d;
  logic [3:0][63:0] data_q;   // no reset: read only after the beats have arrived
  ddte_t      ddte;
  dc_t        dc;

  assign ddte = data_q[0];
  assign dc   = data_q;

  assign rd_req_o = level_q == 2'd0 ? '{hpa: {table_q, did_i[6:0], 5'd0}, len: 3'd3}
                                    : '{hpa: {table_q, ddi(did_i, level_q), 3'd0}, len: 3'd0};

  assign dc_o = '{bare:  dc.tc.pdtv || dc.fsc.mode == ModeBare,
                  sv48:  1'b0,
                  dtf:   dc.tc.dtf,
                  pscid: dc.ta.pscid,
                  root:  dc.fsc.ppn};

  always_comb begin
    cause_o = CauseNone;
    if (error_q)                                              cause_o = CauseDdtAccess;     // 3, 8
    else if (poison_q)                                        cause_o = CauseDdtPoison;     // 4, 8
    else if (!ddte.v)                                         cause_o = CauseDdtInvalid;    // 5, 9
    else if (level_q != 2'd0 && ddte_reserved(ddte))          cause_o = CauseDdtMisconfig;  // 6
    else if (level_q == 2'd0 && dc_misconfigured(dc, caps_i)) cause_o = CauseDdtMisconfig;  // 10
  end

  always_comb begin
    state_d    = state_q;
    level_d    = level_q;
    table_d    = table_q;
    beat_d     = beat_q;
    error_d    = error_q;
    poison_d   = poison_q;
    rd_valid_o = 1'b0;
    done_o     = 1'b0;
    unique case (state_q)
      StIdle: begin  // the mode says how many levels there are
        table_d = root_i;
        level_d = mode_i == Ddtp3Lvl ? 2'd2 : mode_i == Ddtp2Lvl ? 2'd1 : 2'd0;
        if (walk_valid_i) state_d = StAsk;
      end
      StAsk: begin  // a directory entry, or at level 0 the context
        rd_valid_o = 1'b1;
        beat_d     = '0;
        error_d    = 1'b0;
        poison_d   = 1'b0;
        if (rd_ready_i) state_d = StData;
      end
      StData: begin  // a fault on any beat is a fault of the whole
        if (rd_rsp_valid_i) begin
          beat_d   = beat_q + 1'b1;
          error_d  = error_q || rd_rsp_i.error;
          poison_d = poison_q || rd_rsp_i.poison;
          if (rd_rsp_i.last) state_d = StCheck;
        end
      end
      StCheck: begin  // down one level, or done
        if (cause_o != CauseNone || level_q == 2'd0) begin
          done_o  = 1'b1;
          state_d = StIdle;
        end else begin
          level_d = level_q - 1'b1;
          table_d = ddte.ppn;
          state_d = StAsk;
        end
      end
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else       state_q <= state_d;
    // No reset: set before they are read.
    level_q  <= level_d;
    table_q  <= table_d;
    beat_q   <= beat_d;
    error_q  <= error_d;
    poison_q <= poison_d;
    if (rd_rsp_valid_i) data_q[beat_q] <= rd_rsp_i.data;
  end

  `CW_ASSERT_HELD(ReadHeld, rd_valid_o, rd_ready_i, rd_req_o)
  `CW_ASSERT(RequestHeld, state_q == StIdle || walk_valid_i)
  `CW_ASSERT(DataOnlyWhenAsked, !rd_rsp_valid_i || state_q == StData)
  `CW_ASSERT(FoundContextIsValid, !done_o || cause_o != CauseNone || dc.tc.v)

endmodule
