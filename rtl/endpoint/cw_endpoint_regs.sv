// SPDX-License-Identifier: Apache-2.0
//
// The endpoint's registers behind the register bus: what software sets goes to the DMA channels,
// what they and the function report is shown, counted or kept until it is read. Answers in the same
// clock. The registers are described in rtl/regs/cw_regs.rdl.
`include "cw_assert.svh"
module cw_endpoint_regs
  import cw_endpoint_pkg::*;
  import cw_dma_pkg::*;
#(
  parameter int unsigned W            = 256,    // bits of a beat, to report
  parameter int unsigned CardMemBytes = 65536,  // to report
  parameter int unsigned MsixVectors  = 8       // to report
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  // Register bus: the first page of BAR0
  input  logic                   reg_valid_i,
  input  reg_req_t               reg_req_i,
  output logic                   reg_ready_o,
  output logic [31:0]            reg_rdata_o,

  // DMA channels
  output dma_ctl_t               h2c_ctl_o,
  input  dma_sta_t               h2c_sta_i,
  output dma_ctl_t               c2h_ctl_o,
  input  dma_sta_t               c2h_sta_i,

  // Interrupts: what the DMA channels and the user's lines raise, and what is to be told
  input  logic [1:0]             dma_irq_i,    // host to card, card to host: one clock
  input  logic                   user_level_i,
  output dma_irq_t               dma_irq_o,
  output logic                   level_o,      // INTx

  // Errors to remember
  input  cw_cfg_pkg::cfg_event_t event_i
);

  cw_regs_pkg::cw_regs__in_t  hw_in;
  cw_regs_pkg::cw_regs__out_t hw_out;
  logic                       rd_ack, wr_ack;
  logic [31:0]                bit_enables;
  logic                       h2c_tail_write_q, c2h_tail_write_q;

  for (genvar b = 0; b < 4; b++) begin : gen_byte
    assign bit_enables[8*b +: 8] = {8{reg_req_i.be[b]}};
  end

  cw_regs u_regs (
    .clk                  (clk_i),
    .rst                  (rst_i),
    .s_cpuif_req          (reg_valid_i),
    .s_cpuif_req_is_wr    (reg_req_i.write),
    .s_cpuif_addr         (12'(reg_req_i.addr)),
    .s_cpuif_wr_data      (reg_req_i.wdata),
    .s_cpuif_wr_biten     (bit_enables),
    .s_cpuif_req_stall_wr (),
    .s_cpuif_req_stall_rd (),
    .s_cpuif_rd_ack       (rd_ack),
    .s_cpuif_rd_err       (),
    .s_cpuif_rd_data      (reg_rdata_o),
    .s_cpuif_wr_ack       (wr_ack),
    .s_cpuif_wr_err       (),
    .hwif_in              (hw_in),
    .hwif_out             (hw_out)
  );

  assign reg_ready_o = rd_ack || wr_ack;

  always_comb begin
    hw_in.BUILD.width_log2.next = 4'($clog2(W / 8));
    hw_in.BUILD.channels.next   = 4'd1;
    hw_in.BUILD.card_log2.next  = 6'($clog2(CardMemBytes));
    hw_in.BUILD.vectors.next    = 11'(MsixVectors);

    hw_in.ERRORS.malformed.hwset       = event_i.malformed;
    hw_in.ERRORS.unsupported.hwset     = event_i.unsupported;
    hw_in.ERRORS.completer_abort.hwset = event_i.completer_abort;
    hw_in.ERRORS.poisoned.hwset        = event_i.poisoned;
    hw_in.ERRORS.unexpected_cpl.hwset  = event_i.unexpected_cpl;
    hw_in.ERRORS.cpl_timeout.hwset     = event_i.cpl_timeout;
    hw_in.ERRORS.received_ur.hwset     = event_i.received_ur;
    hw_in.ERRORS.received_ca.hwset     = event_i.received_ca;
    hw_in.ERRORS.h2c_entry.hwset       = h2c_sta_i.entry_error;
    hw_in.ERRORS.c2h_entry.hwset       = c2h_sta_i.entry_error;
    hw_in.ERRORS.h2c_doorbell.hwset    = h2c_sta_i.bad_doorbell;
    hw_in.ERRORS.c2h_doorbell.hwset    = c2h_sta_i.bad_doorbell;

    hw_in.IRQ_STATUS.h2c.hwset = dma_irq_o.h2c;
    hw_in.IRQ_STATUS.c2h.hwset = dma_irq_o.c2h;
    hw_in.IRQ_STATUS.user.next = user_level_i;

    hw_in.H2C.STATUS.busy.next     = h2c_sta_i.busy;
    hw_in.H2C.STATUS.halted.next   = h2c_sta_i.halted;
    hw_in.H2C.STATUS.head.next     = h2c_sta_i.head;
    hw_in.H2C.TAIL.tail.hwclr      = hw_out.H2C.CONTROL.restart.value;
    hw_in.H2C.MOVED.bytes.incr      = h2c_sta_i.moved;
    hw_in.H2C.MOVED.bytes.incrvalue = h2c_sta_i.moved_bytes;

    hw_in.C2H.STATUS.busy.next     = c2h_sta_i.busy;
    hw_in.C2H.STATUS.halted.next   = c2h_sta_i.halted;
    hw_in.C2H.STATUS.head.next     = c2h_sta_i.head;
    hw_in.C2H.TAIL.tail.hwclr      = hw_out.C2H.CONTROL.restart.value;
    hw_in.C2H.MOVED.bytes.incr      = c2h_sta_i.moved;
    hw_in.C2H.MOVED.bytes.incrvalue = c2h_sta_i.moved_bytes;
  end

  // The doorbell rings in the clock in which its register shows the new value.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      h2c_tail_write_q <= 1'b0;
      c2h_tail_write_q <= 1'b0;
    end else begin
      h2c_tail_write_q <= hw_out.H2C.TAIL.tail.swmod;
      c2h_tail_write_q <= hw_out.C2H.TAIL.tail.swmod;
    end
  end

  assign h2c_ctl_o = '{
    attr: '{ido:      hw_out.H2C.CONTROL.ido.value,
            relaxed:  hw_out.H2C.CONTROL.relaxed.value,
            no_snoop: hw_out.H2C.CONTROL.no_snoop.value},
    enable:      hw_out.H2C.CONTROL.enable.value,
    restart:     hw_out.H2C.CONTROL.restart.value,
    ring_iova:   {hw_out.H2C.RING_HI.addr.value, hw_out.H2C.RING_LO.addr.value, 5'd0},
    record_iova: {hw_out.H2C.RECORD_HI.addr.value, hw_out.H2C.RECORD_LO.addr.value, 4'd0},
    ring_log2:   hw_out.H2C.SIZE.log2.value,
    tail_write:  h2c_tail_write_q,
    tail:        hw_out.H2C.TAIL.tail.value
  };
  assign c2h_ctl_o = '{
    attr: '{ido:      hw_out.C2H.CONTROL.ido.value,
            relaxed:  hw_out.C2H.CONTROL.relaxed.value,
            no_snoop: hw_out.C2H.CONTROL.no_snoop.value},
    enable:      hw_out.C2H.CONTROL.enable.value,
    restart:     hw_out.C2H.CONTROL.restart.value,
    ring_iova:   {hw_out.C2H.RING_HI.addr.value, hw_out.C2H.RING_LO.addr.value, 5'd0},
    record_iova: {hw_out.C2H.RECORD_HI.addr.value, hw_out.C2H.RECORD_LO.addr.value, 4'd0},
    ring_log2:   hw_out.C2H.SIZE.log2.value,
    tail_write:  c2h_tail_write_q,
    tail:        hw_out.C2H.TAIL.tail.value
  };

  assign dma_irq_o = '{
    h2c:        dma_irq_i[0] && hw_out.H2C.CONTROL.irq_enable.value,
    c2h:        dma_irq_i[1] && hw_out.C2H.CONTROL.irq_enable.value,
    h2c_vector: hw_out.H2C.VECTOR.vector.value,
    c2h_vector: hw_out.C2H.VECTOR.vector.value
  };
  assign level_o = (hw_out.IRQ_STATUS.h2c.value && hw_out.IRQ_ENABLE.h2c.value)
                || (hw_out.IRQ_STATUS.c2h.value && hw_out.IRQ_ENABLE.c2h.value)
                || (user_level_i && hw_out.IRQ_ENABLE.user.value);

  logic unused;
  assign unused = &{1'b0, reg_req_i.target, reg_req_i.fn, reg_req_i.bar};

  `CW_ASSERT(FirstPageOnly, !reg_valid_i || reg_req_i.addr >> 12 == '0)
  `CW_ASSERT(AlwaysReady, reg_ready_o == reg_valid_i)
  `CW_ASSERT(RestartIsAPulse, !$past(h2c_ctl_o.restart) || !h2c_ctl_o.restart
      || $past(reg_valid_i))
  `CW_ASSERT(DoorbellWasWritten, !h2c_ctl_o.tail_write || $past(reg_valid_i && reg_req_i.write))

endmodule
