// SPDX-License-Identifier: Apache-2.0
//
// Takes one walk from table to table, first through the device directory if its context is not at
// hand, then through the page tables: one read at a time, of which it is told what it meant. An
// invalidation marks the walk stale and does not stop it.
// Spec: RISC-V IOMMU, "Process to translate an IOVA".
`include "cw_assert.svh"
module cw_iommu_walk
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
  import cw_iommu_walk_pkg::*;
#(
  parameter int unsigned Levels = 3
) (
  input  logic       clk_i,
  input  logic       rst_i,

  // Begin; a walk in the page tables finds the page-walk cache's answer in the same clock
  output logic       idle_o,
  input  logic       begin_i,
  input  walk_t      walk_i,
  output logic       tables_o,    // the page tables begin now, after the directory
  input  logic       pwc_hit_i,
  input  logic [1:0] pwc_level_i,
  input  ppn_t       pwc_base_i,

  // Ask for the next read; it ends without one where it is refused or the answer is kept
  output logic       first_o,     // the first read of directory or tables, in the clock they begin
  output logic       ask_o,       // any later, and a first one that was not taken
  output logic       refuse_o,    // with `ask_o`: the IOVA is not canonical
  output logic       wants_o,     // a read is still to be asked for, or may be
  input  logic       asked_i,     // memory has taken the read
  input  logic       ended_i,

  // The beats of the answer
  output logic       reading_o,   // they count
  input  logic       beat_i,
  input  logic       last_i,
  input  walk_step_e step_i,
  input  walk_t      next_i,      // the walk after this beat

  // The walk, stale as of this clock
  output walk_t      walk_o,

  // Invalidation
  input  logic       inval_valid_i,
  input  inval_t     inval_i
);

  typedef enum logic [2:0] { StIdle, StTables, StAsk, StRead, StRest, StRefuse } state_e;

  state_e state_q, state_d;
  walk_t  walk_q, walk_d;   // no reset: read only outside StIdle
  walk_t  walk;
  logic   root, refuse, jump, stale;

  assign walk   = state_q == StIdle ? walk_i : walk_q;
  assign root   = state_q == StTables || (begin_i && !walk_i.dir);
  assign refuse = root && not_canonical(walk);
  assign jump   = root && pwc_hit_i;

  assign idle_o    = state_q == StIdle;
  assign tables_o  = state_q == StTables;
  assign refuse_o  = state_q == StRefuse;
  assign reading_o = state_q == StRead;
  assign ask_o     = state_q == StAsk || state_q == StRefuse;
  assign wants_o   = begin_i || state_q == StTables || state_q == StAsk
                     || (state_q == StRead && !at_leaf(walk_q));
  assign first_o   = (begin_i || state_q == StTables) && !refuse && !jump;

  assign stale = walk.stale || (inval_valid_i && makes_stale(inval_i, walk, Levels));

  always_comb begin
    walk_o       = walk_q;
    walk_o.stale = stale;
  end

  always_comb begin
    state_d      = state_q;
    walk_d       = walk;
    walk_d.stale = stale;
    unique case (state_q)
      StIdle, StTables: begin  // at the root: refused, a jump down the tables, or the first read
        if (begin_i || state_q == StTables) state_d = asked_i ? StRead : StAsk;
        if (refuse) begin
          state_d = StRefuse;
        end else if (jump) begin
          state_d      = StAsk;
          walk_d.level = pwc_level_i;
          walk_d.base  = pwc_base_i;
        end
      end
      StAsk: begin
        if (ended_i)      state_d = StIdle;
        else if (asked_i) state_d = StRead;
      end
      StRead: begin  // a leaf is the first of its line; the others come behind it
        if (beat_i) begin
          unique case (step_i)
            StepDown:   state_d = StAsk;
            StepTables: state_d = StTables;
            StepEnd:    state_d = last_i ? StIdle : StRest;
            default:    state_d = StRead;
          endcase
          walk_d       = next_i;
          walk_d.stale = stale;
        end
      end
      StRest: if (beat_i && last_i) state_d = StIdle;
      StRefuse: if (ended_i) state_d = StIdle;
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else       state_q <= state_d;
    walk_q     <= walk_d;
    walk_q.vpn <= walk_d.vpn & vpn_bits(Levels);
  end

  `CW_ASSERT(BeginsOnlyWhenIdle, !begin_i || idle_o)
  `CW_ASSERT(BeatsOnlyWhenAsked, !beat_i || state_q == StRead || state_q == StRest)
  `CW_ASSERT(AskedOnlyWhatIsWanted, !asked_i || first_o || (ask_o && !refuse_o))
  `CW_ASSERT(StaleStaysStale, idle_o || !walk_q.stale || walk_d.stale)
  `CW_ASSERT(DownByOneLevel, !beat_i || !reading_o || step_i != StepDown
      || next_i.level + 1'b1 == walk_q.level)

endmodule
