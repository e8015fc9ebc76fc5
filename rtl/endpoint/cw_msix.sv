// SPDX-License-Identifier: Apache-2.0
//
// MSI-X of a function. A pulse on `irq_i[v]` sets pending bit v; a pending vector that may be sent
// becomes one 4-byte write of its message, and the bit clears when that write is taken. A message
// once offered is sent, even if masked meanwhile. A source decodes its vector number to one bit, so
// a number from `Vectors` on raises nothing. Spec: PCIe Base 6.1.4 (MSI-X), 7.7.2.
`include "cw_assert.svh"
module cw_msix
  import cw_endpoint_pkg::*;
#(
  parameter int unsigned W           = 256,       // bits of a beat
  parameter int unsigned Vectors     = 8,
  parameter logic [15:0] TableOffset = 16'h2000,  // in BAR0
  parameter logic [15:0] PbaOffset   = 16'h3000
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  input  cw_cfg_pkg::cfg_state_t state_i,

  // Interrupt events, one clock each
  input  logic [Vectors-1:0]     irq_i,

  // Register bus: accesses to the table and the pending bits only
  input  logic                   reg_valid_i,
  input  reg_req_t               reg_req_i,
  output logic                   reg_ready_o,
  output logic [31:0]            reg_rdata_o,

  // Messages, to the requester
  output wr_beat_t               wr_beat_o,
  output logic [W-1:0]           wr_data_o,
  output logic                   wr_valid_o,
  input  logic                   wr_ready_i
);

  localparam int unsigned VectorW      = Vectors > 1 ? $clog2(Vectors) : 1;
  localparam logic [12:0] MessageBytes = 13'd4;

  typedef enum logic [1:0] {
    StPick,
    StLoad,
    StSend
  } state_e;

  state_e             state_q, state_d;
  logic [Vectors-1:0] pending_q, mask, sendable, sent, unused_grant;
  logic [VectorW-1:0] choice, vector_q;
  logic               may_send, any, fetch, fetch_ready, picked;
  msix_message_t      fetched, message_q;

  assign may_send = state_i.msix_enable && !state_i.msix_mask && state_i.bus_master_enable
                 && state_i.id_valid && state_i.power == cw_cfg_pkg::PowerD0;
  assign sendable = may_send ? pending_q & ~mask : '0;
  assign fetch    = state_q == StPick && any;
  assign picked   = fetch && fetch_ready;

  cw_rr_arbiter #(.N(Vectors)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (sendable),
    .take_i  (picked),
    .lock_i  (1'b0),
    .grant_o (unused_grant),
    .index_o (choice),
    .any_o   (any)
  );

  cw_msix_table #(
    .Vectors     (Vectors),
    .TableOffset (TableOffset),
    .PbaOffset   (PbaOffset)
  ) u_table (
    .clk_i,
    .rst_i,
    .reg_valid_i,
    .reg_req_i,
    .reg_ready_o,
    .reg_rdata_o,
    .pending_i      (pending_q),
    .mask_o         (mask),
    .fetch_valid_i  (fetch),
    .fetch_vector_i (choice),
    .fetch_ready_o  (fetch_ready),
    .message_o      (fetched)
  );

  always_comb begin
    state_d    = state_q;
    wr_valid_o = 1'b0;
    sent       = '0;
    unique case (state_q)
      StPick: begin  // choose a vector and ask for its message
        if (picked) state_d = StLoad;
      end
      StLoad: begin  // the message is here; has the vector been masked meanwhile?
        state_d = sendable[vector_q] ? StSend : StPick;
      end
      StSend: begin  // offer the write; the vector stays pending until it is taken
        wr_valid_o = 1'b1;
        if (wr_ready_i) begin
          sent[vector_q] = 1'b1;
          state_d        = StPick;
        end
      end
      default: state_d = StPick;
    endcase
  end

  // An event in the clock of the send is one more interrupt: set wins over clear.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q   <= StPick;
      pending_q <= '0;
    end else begin
      state_q   <= state_d;
      pending_q <= (pending_q & ~sent) | irq_i;
    end
  end

  // No reset: meaningful only from StLoad on.
  always_ff @(posedge clk_i) begin
    if (picked) vector_q <= choice;
    if (state_q == StLoad) message_q <= fetched;
  end

  assign wr_data_o = W'(message_q.data);
  assign wr_beat_o = '{
    iova:  {message_q.addr_hi, message_q.addr_lo[31:2], 2'b00},
    bytes: MessageBytes,
    sop:   1'b1,
    eop:   1'b1,
    default: '0
  };

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(SentWasPending, (sent & ~pending_q) == '0)
  `CW_ASSERT(PickOnlyUnmasked, !picked || (pending_q[choice] && !mask[choice]))
  `CW_ASSERT(NothingPickedWhileDisabled, may_send || !picked)
  `CW_ASSERT_HELD(MessageHeld, wr_valid_o, wr_ready_i, {wr_beat_o, wr_data_o})

endmodule
