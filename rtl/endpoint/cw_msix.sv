// SPDX-License-Identifier: Apache-2.0
//
// MSI-X of a function. A pulse on `irq_i[v]` sets pending bit v; a pending vector that may be sent
// becomes one message, and the bit clears when that is taken. Words of 32 vectors take turns, and
// every vector that was ready when its word's turn began is sent in it, so none starves. A message
// on offer is withdrawn within a clock when its vector or the function may no longer send.
// Spec: PCIe Base 6.1.4 (MSI-X), 7.7.2.
`include "cw_assert.svh"
module cw_msix
  import cw_endpoint_pkg::*;
#(
  parameter int unsigned Vectors     = 8,
  parameter logic [31:0] TableOffset = 32'h2000,  // bytes from the start of its BAR
  parameter logic [31:0] PbaOffset   = 32'h3000
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  input  cw_cfg_pkg::cfg_state_t state_i,

  // Interrupt events, one clock each
  input  logic [Vectors-1:0]     irq_i,

  // Register bus: accesses to the table, or to the pending bits
  input  logic                   reg_valid_i,
  input  logic                   reg_pba_i,
  input  reg_req_t               reg_req_i,
  output logic                   reg_ready_o,
  output logic [31:0]            reg_rdata_o,

  // Messages: steady while valid, which may fall without ready
  output msix_message_t          message_o,
  output logic                   valid_o,
  input  logic                   ready_i
);

  localparam int unsigned VectorW = Vectors > 1 ? $clog2(Vectors) : 1;
  localparam int unsigned Words   = (Vectors + 31) / 32;
  localparam int unsigned WordW   = Words > 1 ? $clog2(Words) : 1;

  typedef enum logic [2:0] {
    StWord,
    StTurn,
    StPick,
    StLoad,
    StSend
  } state_e;

  state_e                 state_q, state_d;
  logic [Words-1:0][31:0] pending_q, mask, event_bits, sent;
  logic [Vectors-1:0]     mask_bits;
  logic [Words-1:0]       ready_q, unused_grant;  // words with something to send
  logic [WordW-1:0]       word, word_q;
  logic [31:0]            sendable;               // of the word whose turn it is
  logic [31:0]            turn_q;                 // what is left of its turn
  logic [4:0]             first, bit_q;
  logic                   may_send, any, fetch, fetch_ready, picked;
  logic                   go_q;                   // the vector on offer may be sent
  msix_message_t          fetched, message_q;

  assign may_send = state_i.msix_enable && !state_i.msix_mask && state_i.bus_master_enable
                 && state_i.id_valid && state_i.power == cw_cfg_pkg::PowerD0;
  assign mask       = ~(Words * 32)'(~mask_bits);
  assign event_bits = (Words * 32)'(irq_i);
  assign sendable   = may_send ? pending_q[word_q] & ~mask[word_q] : '0;
  assign fetch      = state_q == StPick && turn_q != '0;
  assign picked     = fetch && fetch_ready;

  always_comb begin
    first = '0;
    for (int b = 31; b >= 0; b--) if (turn_q[b]) first = 5'(b);
  end

  cw_rr_arbiter #(.N(Words)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (ready_q),
    .take_i  (state_q == StWord && any),
    .lock_i  (1'b0),
    .grant_o (unused_grant),
    .index_o (word),
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
    .reg_pba_i,
    .reg_req_i,
    .reg_ready_o,
    .reg_rdata_o,
    .pending_i      (Vectors'(pending_q)),
    .mask_o         (mask_bits),
    .fetch_valid_i  (fetch),
    .fetch_vector_i (VectorW'({word_q, first})),
    .fetch_ready_o  (fetch_ready),
    .message_o      (fetched)
  );

  always_comb begin
    state_d = state_q;
    valid_o = 1'b0;
    sent    = '0;
    unique case (state_q)
      StWord: begin  // choose a word
        if (any) state_d = StTurn;
      end
      StTurn: begin  // note which of its vectors are sent now
        state_d = StPick;
      end
      StPick: begin  // ask for the next vector's message
        if (turn_q == '0) state_d = StWord;
        else if (picked) state_d = StLoad;
      end
      StLoad: begin  // it is here
        state_d = StSend;
      end
      StSend: begin  // offer it; the vector stays pending until it is taken
        valid_o = go_q;
        if (go_q && ready_i) sent[word_q][bit_q] = 1'b1;
        if (!go_q || ready_i) state_d = StPick;
      end
      default: state_d = StWord;
    endcase
  end

  // An event in the clock of the send is one more interrupt: set wins over clear.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q   <= StWord;
      pending_q <= '0;
    end else begin
      state_q   <= state_d;
      pending_q <= (pending_q & ~sent) | event_bits;
    end
  end

  // No reset: `ready_q` follows what is pending, the others mean something only from StTurn,
  // StPick, StLoad and StSend on.
  always_ff @(posedge clk_i) begin
    for (int unsigned w = 0; w < Words; w++) begin
      ready_q[w] <= may_send && (pending_q[w] & ~mask[w]) != '0;
    end
    if (state_q == StWord) word_q <= word;
    if (state_q == StTurn) turn_q <= sendable;
    if (picked) begin
      turn_q[first] <= 1'b0;
      bit_q         <= first;
    end
    go_q <= sendable[bit_q];
    if (state_q == StLoad) message_q <= fetched;
  end

  assign message_o = message_q;

  `CW_ASSERT(SentWasPending, (sent & ~pending_q) == '0)
  `CW_ASSERT(SentWasUnmasked, (sent & $past(mask)) == '0)
  `CW_ASSERT(NothingSentWhileDisabled, sent == '0 || $past(may_send))
  `CW_ASSERT(MessageSteady, !$past(valid_o && !ready_i && !rst_i) || !valid_o || $stable(message_o))

endmodule
