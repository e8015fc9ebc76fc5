// SPDX-License-Identifier: Apache-2.0
//
// In which mode the IOMMU is: the features in use (fctl) and the device directory (ddtp). A mode
// that does not exist, or another directory while one is in use, leaves ddtp as it was.
// Spec: RISC-V IOMMU, fctl and ddtp.
`include "cw_assert.svh"
module cw_iommu_control import cw_iommu_pkg::*, cw_iommu_reg_pkg::*; (
  input  logic        clk_i,
  input  logic        rst_i,

  input  igs_e        igs_i,          // capabilities
  input  logic        queues_off_i,   // both, and not about to be on

  // Access
  input  reg_access_t access_i,
  output logic [63:0] rdata_o,        // zero where the access means another group

  // Directory; `drain` holds until `drained` after a change
  output logic [3:0]  mode_o,
  output ppn_t        directory_o,
  output logic        drain_o,
  input  logic        drained_i,

  output logic        wsi_o           // interrupts are wires
);

  typedef struct packed {
    logic [28:0] rsvd;
    logic        gxl;
    logic        wsi;
    logic        be;
  } fctl_t;

  // ---- Directory pointer

  ddtp_t      ddtp_q, ddtp_d, wdata;
  logic [1:0] write;
  logic       in_tables, mode_legal;

  assign wdata      = access_i.wdata;
  assign write      = reg_halves(access_i, RegDdtp);
  assign in_tables  = !(ddtp_q.mode inside {DdtpOff, DdtpBare});
  // Between two directories the IOMMU goes through Off or Bare.
  assign mode_legal = (wdata.mode inside {DdtpOff, DdtpBare})
                   || ((wdata.mode inside {Ddtp1Lvl, Ddtp2Lvl, Ddtp3Lvl}) && !in_tables);

  assign mode_o      = ddtp_q.mode;
  assign directory_o = ddtp_q.ppn;
  assign drain_o     = ddtp_q.busy;

  always_comb begin
    ddtp_d = ddtp_q;
    if (drained_i) ddtp_d.busy = 1'b0;
    if (!ddtp_q.busy && (!write[0] || mode_legal)) begin
      if (write[0]) begin  // the mode; the high half may go before it, and is not waited for
        ddtp_d.busy      = 1'b1;
        ddtp_d.mode      = wdata.mode;
        ddtp_d.ppn[21:0] = wdata.ppn[21:0];
      end
      if (write[1]) ddtp_d.ppn[PpnBits-1:22] = wdata.ppn[PpnBits-1:22];
    end
    ddtp_d.ppn = ddtp_d.ppn & PpnMask;
  end

  // ---- Features: wires or messages, where there is a choice and nothing is in use

  logic  wsi_q, wsi_free;
  fctl_t fctl, fctl_wdata;

  assign fctl_wdata = access_i.wdata[31:0];
  assign wsi_free   = igs_i == IgsBoth && ddtp_q.mode == DdtpOff && queues_off_i;
  assign wsi_o      = igs_i == IgsWsi || (igs_i == IgsBoth && wsi_q);
  assign fctl       = '{wsi: wsi_o, default: '0};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      ddtp_q <= '0;
      wsi_q  <= 1'b0;
    end else begin
      ddtp_q <= ddtp_d;
      if (reg_written(access_i, RegFctl) && wsi_free) wsi_q <= fctl_wdata.wsi;
    end
  end

  always_comb begin
    rdata_o = '0;
    if (reg_hit(access_i, RegFctl)) rdata_o = {32'd0, fctl};
    if (reg_hit(access_i, RegDdtp)) rdata_o = ddtp_q;
  end

  `CW_ASSERT(PpnInsidePas, (ddtp_q.ppn & ~PpnMask) == '0)
  `CW_ASSERT(OnlyKnownModes, ddtp_q.mode <= Ddtp3Lvl)
  `CW_ASSERT(DirectoryOnlyFromOffOrBare, !in_tables || ddtp_d.mode == ddtp_q.mode
      || (ddtp_d.mode inside {DdtpOff, DdtpBare}))

endmodule
