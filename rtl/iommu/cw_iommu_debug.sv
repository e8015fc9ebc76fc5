// SPDX-License-Identifier: Apache-2.0
//
// Translation on request of software: registers that ask the engine for one page and keep its
// answer. Without process directories there is no process id to ask for: PV, PID and Priv are zero.
// Spec: RISC-V IOMMU, "Debug support"; tr_req_iova, tr_req_ctl, tr_response.
`include "cw_assert.svh"
module cw_iommu_debug import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_reg_pkg::*; (
  input  logic        clk_i,
  input  logic        rst_i,

  input  logic        present_i,     // capabilities.DBG

  // Access; ignored while a request is under way
  input  reg_access_t access_i,
  output logic [63:0] rdata_o,       // zero where the access means another group

  // One request to the engine at a time; its answer is taken as it comes
  output dbg_req_t  req_o,
  output logic        req_valid_o,
  input  logic        req_ready_i,
  input  dbg_rsp_t  rsp_i,
  input  logic        rsp_valid_i
);

  logic         go_q, asked_q, exe_q, nw_q;
  logic [51:0]  vpn_q;
  did_t         did_q;
  dbg_rsp_t   rsp_q;
  tr_req_ctl_t  ctl, wdata;
  tr_response_t response;
  logic [1:0]   iova_write, ctl_write;

  assign wdata      = access_i.wdata;
  assign iova_write = reg_halves(access_i, RegTrReqIova) & {2{!go_q}};
  assign ctl_write  = reg_halves(access_i, RegTrReqCtl) & {2{!go_q}};

  always_ff @(posedge clk_i) begin
    if (rst_i || !present_i) begin
      go_q    <= 1'b0;
      asked_q <= 1'b0;
      exe_q   <= 1'b0;
      nw_q    <= 1'b0;
      vpn_q   <= '0;
      did_q   <= '0;
      rsp_q   <= '0;
    end else begin
      if (iova_write[0]) vpn_q[19:0] <= access_i.wdata[31:12];
      if (iova_write[1]) vpn_q[51:20] <= access_i.wdata[63:32];
      if (ctl_write[1]) did_q <= wdata.did;
      if (ctl_write[0]) {exe_q, nw_q, go_q} <= {wdata.exe, wdata.nw, wdata.go};
      if (req_valid_o && req_ready_i) asked_q <= 1'b1;
      if (rsp_valid_i) begin
        go_q    <= 1'b0;
        asked_q <= 1'b0;
        rsp_q   <= '{fault: rsp_i.fault, ppn: rsp_i.fault ? '0 : rsp_i.ppn};
      end
    end
  end

  assign req_o       = '{did: did_q, iova: {vpn_q, 12'd0}, write: !nw_q, exec: exe_q};
  assign req_valid_o = go_q && !asked_q;
  assign ctl         = '{did: did_q, nw: nw_q, exe: exe_q, go: go_q, default: '0};
  assign response    = '{ppn: rsp_q.ppn, fault: rsp_q.fault, default: '0};

  always_comb begin
    rdata_o = '0;
    if (reg_hit(access_i, RegTrReqIova)) rdata_o = {vpn_q, 12'd0};
    if (reg_hit(access_i, RegTrReqCtl)) rdata_o = ctl;
    if (reg_hit(access_i, RegTrResponse)) rdata_o = response;
  end

  `CW_ASSERT_HELD(RequestHeld, req_valid_o, req_ready_i, req_o)
  `CW_ASSERT(AnswerOnlyWhenAsked, !rsp_valid_i || asked_q || (req_valid_o && req_ready_i))
  `CW_ASSERT(OneAtATime, !asked_q || go_q)

endmodule
