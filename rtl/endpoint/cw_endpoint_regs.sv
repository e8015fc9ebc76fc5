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
  parameter int unsigned MsixVectors  = 8,      // to report
  parameter int unsigned Channels     = 6,      // of DMA
  parameter kinds_t      Kinds        = every_kind()
) (
  input  logic                    clk_i,
  input  logic                    rst_i,

  // Register bus: the first page of BAR0
  input  logic                    reg_valid_i,
  input  reg_req_t                reg_req_i,
  output logic                    reg_ready_o,
  output logic [31:0]             reg_rdata_o,

  // DMA channels
  output dma_ctl_t [Channels-1:0] ctl_o,
  input  dma_sta_t [Channels-1:0] sta_i,

  // Interrupts: what the DMA channels and the user's lines raise, and what is to be told
  input  chan_t                   dma_irq_chan_i,
  input  logic                    dma_irq_valid_i,  // one clock each
  input  logic                    user_level_i,
  output dma_irq_t                dma_irq_o,
  output logic                    level_o,          // INTx

  // Errors to remember
  input  cw_cfg_pkg::cfg_event_t  event_i
);

  cw_regs_pkg::cw_regs__in_t   hw_in;
  cw_regs_pkg::cw_regs__out_t  hw_out;
  logic                        rd_ack, wr_ack;
  logic [31:0]                 bit_enables;
  logic [MaxChannels-1:0]      waits_q, waits_d, raised, cleared;  // IRQ_STATUS.channels
  logic [Channels-1:0]         entry_error, bad_doorbell;
  logic [MaxChannels-1:0][10:0] vector;

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

  assign reg_ready_o = reg_valid_i;

  assign hw_in.BUILD.width_log2.next = 4'($clog2(W / 8));
  assign hw_in.BUILD.channels.next   = 5'(Channels);
  assign hw_in.BUILD.card_log2.next  = 6'($clog2(CardMemBytes));
  assign hw_in.BUILD.vectors.next    = 11'(MsixVectors);

  assign hw_in.ERRORS.malformed.hwset       = event_i.malformed;
  assign hw_in.ERRORS.unsupported.hwset     = event_i.unsupported;
  assign hw_in.ERRORS.completer_abort.hwset = event_i.completer_abort;
  assign hw_in.ERRORS.poisoned.hwset        = event_i.poisoned;
  assign hw_in.ERRORS.unexpected_cpl.hwset  = event_i.unexpected_cpl;
  assign hw_in.ERRORS.cpl_timeout.hwset     = event_i.cpl_timeout;
  assign hw_in.ERRORS.received_ur.hwset     = event_i.received_ur;
  assign hw_in.ERRORS.received_ca.hwset     = event_i.received_ca;
  assign hw_in.ERRORS.dma_entry.hwset       = entry_error != '0;
  assign hw_in.ERRORS.dma_doorbell.hwset    = bad_doorbell != '0;

  // ---- Interrupts

  assign raised  = MaxChannels'(dma_irq_valid_i) << dma_irq_chan_i;
  assign cleared = hw_out.IRQ_STATUS.req && hw_out.IRQ_STATUS.req_is_wr
      ? hw_out.IRQ_STATUS.wr_data.channels & hw_out.IRQ_STATUS.wr_biten.channels : '0;
  assign waits_d = (waits_q & ~cleared) | raised;

  always_ff @(posedge clk_i) begin
    if (rst_i) waits_q <= '0;
    else       waits_q <= waits_d;
  end

  assign hw_in.IRQ_STATUS.rd_ack  = hw_out.IRQ_STATUS.req && !hw_out.IRQ_STATUS.req_is_wr;
  assign hw_in.IRQ_STATUS.wr_ack  = hw_out.IRQ_STATUS.req && hw_out.IRQ_STATUS.req_is_wr;
  assign hw_in.IRQ_STATUS.rd_data = '{channels: waits_q, user: user_level_i, default: '0};

  assign dma_irq_o = '{valid: dma_irq_valid_i, vector: vector[dma_irq_chan_i]};
  assign level_o   = (waits_q & hw_out.IRQ_ENABLE.channels.value) != '0
      || (user_level_i && hw_out.IRQ_ENABLE.user.value);

  // ---- Channels; those that were not built read zero

  for (genvar c = 0; c < MaxChannels; c++) begin : gen_channel
    if (c < Channels) begin : gen_there
      cw_dma_regs_pkg::cw_dma_regs__in_t  chan_in;
      cw_dma_regs_pkg::cw_dma_regs__out_t chan_out;
      logic                               tail_write_q;

      cw_dma_regs u_regs (
        .clk                  (clk_i),
        .rst                  (rst_i),
        .s_cpuif_req          (hw_out.CHANNEL[c].req),
        .s_cpuif_req_is_wr    (hw_out.CHANNEL[c].req_is_wr),
        .s_cpuif_addr         (hw_out.CHANNEL[c].addr),
        .s_cpuif_wr_data      (hw_out.CHANNEL[c].wr_data),
        .s_cpuif_wr_biten     (hw_out.CHANNEL[c].wr_biten),
        .s_cpuif_req_stall_wr (),
        .s_cpuif_req_stall_rd (),
        .s_cpuif_rd_ack       (hw_in.CHANNEL[c].rd_ack),
        .s_cpuif_rd_err       (),
        .s_cpuif_rd_data      (hw_in.CHANNEL[c].rd_data),
        .s_cpuif_wr_ack       (hw_in.CHANNEL[c].wr_ack),
        .s_cpuif_wr_err       (),
        .hwif_in              (chan_in),
        .hwif_out             (chan_out)
      );

      assign chan_in.STATUS.busy.next          = sta_i[c].busy;
      assign chan_in.STATUS.halted.next        = sta_i[c].halted;
      assign chan_in.STATUS.entry_error.hwset  = sta_i[c].entry_error;
      assign chan_in.STATUS.bad_doorbell.hwset = sta_i[c].bad_doorbell;
      assign chan_in.STATUS.kind.next          = Kinds[c];
      assign chan_in.STATUS.head.next          = sta_i[c].head;
      assign chan_in.TAIL.tail.hwclr           = chan_out.CONTROL.restart.value;
      assign chan_in.MOVED.bytes.incr          = sta_i[c].moved;
      assign chan_in.MOVED.bytes.incrvalue     = sta_i[c].moved_bytes;

      // The doorbell rings in the clock in which its register shows the new value.
      always_ff @(posedge clk_i) begin
        if (rst_i) tail_write_q <= 1'b0;
        else       tail_write_q <= chan_out.TAIL.tail.swmod;
      end

      assign ctl_o[c] = '{
        share: '{weight: chan_out.SHARE.weight.value,
                 level:  chan_out.SHARE.level.value,
                 mode:   share_mode_e'(chan_out.SHARE.mode.value)},
        moderation: '{timer: chan_out.MODERATION.timer.value,
                      count: chan_out.MODERATION.count.value},
        irq_enable:  chan_out.CONTROL.irq_enable.value,
        enable:      chan_out.CONTROL.enable.value,
        restart:     chan_out.CONTROL.restart.value,
        abort_all:   chan_out.CONTROL.abort.value,
        ring_iova:   {chan_out.RING_HI.addr.value, chan_out.RING_LO.addr.value, 5'd0},
        record_iova: {chan_out.RECORD_HI.addr.value, chan_out.RECORD_LO.addr.value, 4'd0},
        ring_log2:   chan_out.SIZE.log2.value,
        tail_write:  tail_write_q,
        tail:        chan_out.TAIL.tail.value
      };
      assign vector[c]       = chan_out.VECTOR.vector.value;
      assign entry_error[c]  = sta_i[c].entry_error;
      assign bad_doorbell[c] = sta_i[c].bad_doorbell;

      `CW_ASSERT(RestartIsAPulse, !$past(ctl_o[c].restart) || !ctl_o[c].restart
          || $past(reg_valid_i))
      `CW_ASSERT(DoorbellWasWritten, !ctl_o[c].tail_write || $past(reg_valid_i && reg_req_i.write))
    end else begin : gen_absent
      assign hw_in.CHANNEL[c].rd_ack  = hw_out.CHANNEL[c].req && !hw_out.CHANNEL[c].req_is_wr;
      assign hw_in.CHANNEL[c].wr_ack  = hw_out.CHANNEL[c].req && hw_out.CHANNEL[c].req_is_wr;
      assign hw_in.CHANNEL[c].rd_data = '0;
      assign vector[c]                = '0;
    end
  end

  logic unused;
  assign unused = &{1'b0, rd_ack, wr_ack, reg_req_i.target, reg_req_i.fn, reg_req_i.bar};

  `CW_REQUIRE(Channels inside {[1:MaxChannels]}, "the register map has room for 16 channels")
  `CW_ASSERT(FirstPageOnly, !reg_valid_i || reg_req_i.addr >> 12 == '0)
  `CW_ASSERT(AnswersAtOnce, (rd_ack || wr_ack) == reg_valid_i)
  `CW_ASSERT(BuiltChannelsOnly, !dma_irq_valid_i || 32'(dma_irq_chan_i) < Channels)

endmodule
