// SPDX-License-Identifier: Apache-2.0
//
// The performance monitor: a clock counter, event counters, what inhibits them, and their overflows
// as one interrupt. The counts lie in a small RAM with one adder that visits them in turn, so a
// count shows after at most eight clocks; software goes first.
// Spec: RISC-V IOMMU, iocountovf, iocountinh, iohpmcycles, iohpmctr1-31, iohpmevt1-31.
`include "cw_assert.svh"
module cw_iommu_hpm import cw_iommu_tr_pkg::perf_t, cw_iommu_reg_pkg::*; (
  input  logic        clk_i,
  input  logic        rst_i,

  input  logic        present_i,    // capabilities.HPM

  input  perf_t       perf_i,

  // Access
  input  reg_access_t access_i,
  output logic [63:0] rdata_o,      // zero where the access means another group

  output logic        overflow_o    // ipsr.pmip rises
);

  // Counter 0 counts clocks; counter X the event of iohpmevtX.
  localparam int unsigned Counters = HpmCounters + 1;
  localparam int unsigned Words    = Counters + HpmCounters;
  localparam int unsigned IndexW   = $clog2(Words);
  localparam int unsigned CyclesW  = 63;
  // Events that wait for the adder: more than happen between two visits of it, also where software
  // uses the RAM for many clocks between them.
  localparam int unsigned WaitingW = 4;
  typedef logic [Counters-1:0] flags_t;
  typedef logic [IndexW-1:0]   index_t;

  flags_t                            inhibit_q, of, counts, overflows;
  logic                              cycles_of_q;
  logic [Counters-1:0][WaitingW-1:0] waiting_q, waiting_d;
  iohpmevt_t [HpmCounters-1:0]       selector;

  // ---- Who uses the RAM: counters first, then what software wrote to the selectors

  localparam logic [8:0] FirstCounter  = RegIohpmcycles[11:3];
  localparam logic [8:0] FirstSelector = RegIohpmevt1[11:3];

  index_t     turn_q, index;
  logic       hit_count, hit_selector, adds;
  logic [1:0] write;

  assign hit_count    = access_i.word >= FirstCounter
                     && access_i.word < FirstCounter + 9'(Counters);
  assign hit_selector = access_i.word >= FirstSelector
                     && access_i.word < FirstSelector + 9'(HpmCounters);
  assign adds  = !((hit_count || hit_selector) && access_i.valid);
  assign write = access_i.write & {2{hit_count || hit_selector}};
  assign index = adds ? turn_q
               : hit_count ? index_t'(access_i.word - FirstCounter)
                           : index_t'(access_i.word - FirstSelector + 9'(Counters));

  // ---- The counts; what was not written since reset is zero, as are the upper bits of an event's

  (* ram_style = "auto" *) logic [31:0] low_q [Words];
  (* ram_style = "auto" *) logic [30:0] high_q [Words];
  logic [Words-1:0]   low_set_q, high_set_q;
  logic               of_event;      // index of a counter of events
  logic [CyclesW-1:0] count, wcount;
  logic [CyclesW:0]   sum;
  logic               carry;

  assign of_event = index != '0 && index < index_t'(Counters);

  always_comb begin
    count = {high_q[index] & {31{high_set_q[index]}}, low_q[index] & {32{low_set_q[index]}}};
    if (of_event) count[CyclesW-1:HpmCounterW] = '0;
  end

  assign sum    = {1'b0, count} + (CyclesW+1)'(waiting_q[turn_q]);
  assign carry  = adds && (of_event ? sum[HpmCounterW] : sum[CyclesW]);
  assign wcount = adds ? sum[CyclesW-1:0] : access_i.wdata[CyclesW-1:0];

  always_ff @(posedge clk_i) begin
    if (adds || write[0]) low_q[index] <= wcount[31:0];
    if (adds || write[1]) high_q[index] <= wcount[CyclesW-1:32];
  end

  always_comb begin
    waiting_d = waiting_q;
    for (int unsigned i = 0; i < Counters; i++) begin
      if ((adds || write != 2'b00) && index == index_t'(i)) waiting_d[i] = '0;
      waiting_d[i] = waiting_d[i] + WaitingW'(counts[i] && !inhibit_q[i]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i || !present_i) begin
      inhibit_q   <= '0;
      turn_q      <= '0;
      low_set_q   <= '0;
      high_set_q  <= '0;
      waiting_q   <= '0;
      cycles_of_q <= 1'b0;
    end else begin
      if (reg_written(access_i, RegIocountinh)) inhibit_q <= access_i.wdata[32 +: Counters];
      if (adds) turn_q <= 32'(turn_q) == Counters - 1 ? '0 : turn_q + 1'b1;
      if (adds || write[0]) low_set_q[index] <= 1'b1;
      if (adds || write[1]) high_set_q[index] <= 1'b1;
      waiting_q <= waiting_d;
      if (write[1] && index == '0) cycles_of_q <= access_i.wdata[63];
      else if (overflows[0])       cycles_of_q <= 1'b1;
    end
  end

  // ---- What is counted

  assign counts[0] = 1'b1;
  assign of[0]     = cycles_of_q;

  for (genvar i = 1; i < Counters; i++) begin : gen_event
    cw_iommu_hpm_event u_event (
      .clk_i,
      .rst_i      (rst_i || !present_i),
      .perf_i,
      .counts_o   (counts[i]),
      .overflow_i (overflows[i]),
      .write_i    (reg_halves(access_i, RegIohpmevt1 + 12'(8 * (i - 1)))),
      .wdata_i    (iohpmevt_t'(access_i.wdata)),
      .selector_o (selector[i-1])
    );
    assign of[i] = selector[i-1].of;
  end

  // A counter that wraps around while OF is clear interrupts.
  always_comb begin
    for (int unsigned i = 0; i < Counters; i++) begin
      overflows[i] = carry && index == index_t'(i) && !of[i];
    end
  end
  assign overflow_o = present_i && overflows != '0;

  // ---- Reading; of a selector OF and eventID are its own

  always_comb begin
    rdata_o = '0;
    if (reg_hit(access_i, RegIocountovf)) rdata_o = {32'(inhibit_q), 32'(of)};
    if (hit_count) rdata_o = {index == '0 && cycles_of_q, count};
    for (int unsigned i = 0; i < HpmCounters; i++) begin
      if (reg_hit(access_i, RegIohpmevt1 + 12'(8 * i))) begin
        rdata_o = {of[i+1], count[62:15], selector[i].event_id};
      end
    end
    if (!present_i) rdata_o = '0;
  end

  for (genvar i = 0; i < Counters; i++) begin : gen_waiting
    `CW_ASSERT(NothingLost, waiting_q[i] != '1)
  end
  `CW_ASSERT(OverflowOnlyOnce, !overflow_o || (overflows & of) == '0)

endmodule
