// SPDX-License-Identifier: Apache-2.0
//
// Second-level IOTLB in RAM, for pages of 4 KiB and 64 KiB. The address is given one clock ahead,
// the address space with the answer. Four banks are read at once: an address looks for its 4 KiB
// page in one pair of them and for its 64 KiB page in the other, first in first out in each pair.
// An invalidation of a page clears the two sets that may hold it; one of an address space begins
// its next epoch; one of all spaces sweeps the RAM, as do reset and the end of the epochs, and
// nothing is found or filled meanwhile. A fill that meets an invalidation is dropped.
// Spec: RISC-V IOMMU, "IOMMU Page-Table cache invalidation commands".
`include "cw_assert.svh"
module cw_iommu_iotlb_l2 import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter int unsigned Entries = 512
) (
  input  logic       clk_i,
  input  logic       rst_i,

  // Lookup: `next_vpn_i` with `next_i`, the rest from the next clock on until `next_i` again
  input  logic       next_i,
  input  vpn_t       next_vpn_i,
  input  pscid_t     pscid_i,
  input  vpn_t       vpn_i,
  input  logic       write_i,
  input  logic       exec_i,
  output logic       hit_o,
  output ppn_t       ppn_o,         // of the 4 KiB page; meaningless without a hit

  // Fill, by a walk; larger pages are ignored
  input  logic       fill_valid_i,
  input  tlb_entry_t fill_i,

  // Invalidation
  input  logic       inval_valid_i,
  input  inval_t     inval_i
);

  localparam int unsigned Banks    = 4;
  localparam int unsigned SetW     = $clog2(Entries / Banks);
  localparam int unsigned EpochW   = 8;
  localparam int unsigned RowW     = 4;   // address spaces share an epoch where these bits agree
  localparam int unsigned LargeLow = 4;   // VPN bits inside a 64 KiB page

  typedef logic [SetW-1:0]   set_t;
  typedef logic [EpochW-1:0] epoch_t;
  typedef logic [RowW-1:0]   row_t;

  typedef struct packed {
    logic   valid;
    epoch_t epoch;
    pscid_t pscid;
    vpn_t   vpn;
    logic   r;
    logic   w;
    logic   x;
    ppn_t   ppn;
  } line_t;

  // The pair of banks for an address's 4 KiB page; its 64 KiB page is in the other one.
  function automatic logic pair_of(vpn_t vpn);
    return vpn[SetW];
  endfunction

  // The set for an address in a pair. Neighbouring pages of a size have sets of their own.
  function automatic set_t set_of(vpn_t vpn, logic pair);
    if (pair == pair_of(vpn)) return vpn[SetW-1:0];
    return {vpn[SetW+1 +: LargeLow], vpn[SetW-1:LargeLow]};
  endfunction

  // ---- Epochs: what is older than its address space's does not count

  // No reset: whatever they begin with, the sweep comes first.
  (* ram_style = "auto" *) epoch_t epoch_q [2 ** RowW];

  row_t   row, fill_row;
  epoch_t epoch;
  logic   new_epoch, sweep, sweeping_q, sweep_step, dead_q;
  set_t   sweep_q;

  assign row       = row_t'(inval_valid_i ? inval_i.pscid : pscid_i);
  assign fill_row  = row_t'(fill_i.pscid);
  assign epoch     = epoch_q[row];
  assign new_epoch = inval_valid_i && inval_i.pt && !inval_i.leaf && inval_i.pscv;
  assign sweep     = inval_valid_i && inval_i.pt && !inval_i.leaf
                     && (!inval_i.pscv || epoch == '1);

  always_ff @(posedge clk_i) begin
    if (new_epoch) epoch_q[row] <= epoch + 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      sweeping_q <= 1'b1;
      sweep_q    <= '0;
    end else if (sweep) begin
      sweeping_q <= 1'b1;
      sweep_q    <= '0;
    end else if (sweep_step) begin
      sweeping_q <= sweep_q != '1;
      sweep_q    <= sweep_q + 1'b1;
    end
  end

  // Words that were read before an invalidation, or during the sweep, are dead.
  always_ff @(posedge clk_i) begin
    if (rst_i) dead_q <= 1'b1;
    else       dead_q <= (dead_q && !next_i) || (inval_valid_i && inval_i.pt) || sweeping_q;
  end

  // ---- Writing: an invalidation, else a fill, else the sweep

  logic  clear, fill, is_64k, fill_pair, victim;
  vpn_t  wr_vpn;
  line_t wr_line;

  // No reset: which of two goes first does not matter.
  (* ram_style = "auto" *) logic victim_q [2 ** (SetW + 1)];

  assign clear      = inval_valid_i && inval_i.pt && inval_i.leaf;
  assign is_64k      = fill_i.size == Page64k;
  assign fill       = fill_valid_i && !inval_valid_i && !sweeping_q
                      && (is_64k || fill_i.size == Page4k);
  assign fill_pair  = pair_of(fill_i.vpn) ^ is_64k;
  assign victim     = victim_q[{fill_pair, set_of(fill_i.vpn, fill_pair)}];
  assign sweep_step = sweeping_q && !clear;
  assign wr_vpn     = inval_valid_i ? inval_i.vpn : fill_i.vpn;
  assign wr_line    = '{valid: fill, epoch: epoch_q[fill_row], pscid: fill_i.pscid,
                        vpn: fill_i.vpn, r: fill_i.r, w: fill_i.w, x: fill_i.x, ppn: fill_i.ppn};

  always_ff @(posedge clk_i) begin
    if (fill) victim_q[{fill_pair, set_of(fill_i.vpn, fill_pair)}] <= !victim;
  end

  // ---- The banks; {pair, which of two}

  logic [Banks-1:0] match;
  ppn_t [Banks-1:0] ppn;

  for (genvar bank = 0; bank < Banks; bank++) begin : gen_bank
    localparam logic Pair = bank / 2 == 1;
    localparam logic Half = bank % 2 == 1;
    line_t word;
    logic  is_4k;

    cw_ram_sdp #(.DataW($bits(line_t)), .Depth(2 ** SetW)) u_ram (
      .clk_i,
      .rst_i,
      .wr_en_i   (clear || sweep_step || (fill && fill_pair == Pair && victim == Half)),
      .wr_strb_i (1'b1),
      .wr_addr_i (clear || fill ? set_of(wr_vpn, Pair) : sweep_q),
      .wr_data_i (wr_line),
      .rd_en_i   (next_i),
      .rd_addr_i (set_of(next_vpn_i, Pair)),
      .rd_data_o (word)
    );

    assign is_4k       = pair_of(vpn_i) == Pair;
    assign match[bank] = word.valid && word.epoch == epoch && word.pscid == pscid_i
        && word.vpn[VpnBits-1:LargeLow] == vpn_i[VpnBits-1:LargeLow]
        && (!is_4k || word.vpn[LargeLow-1:0] == vpn_i[LargeLow-1:0])
        && has_right(word.r, word.w, word.x, write_i, exec_i);
    assign ppn[bank]   = page_ppn(word.ppn, vpn_i, is_4k ? Page4k : Page64k);
  end

  // A page that was filled twice is in both banks of its pair, and either word is good.
  always_comb begin
    ppn_o = ppn[0];
    for (int unsigned bank = 1; bank < Banks; bank++) if (match[bank]) ppn_o = ppn[bank];
  end
  assign hit_o = match != '0 && !dead_q && !sweeping_q && !inval_valid_i;

  `CW_REQUIRE(Entries >= 128 && Entries <= 32768 && 2 ** $clog2(Entries) == Entries,
              "not a power of two from 128 to 32768")
  `CW_ASSERT(NothingFoundInTheSweep, !hit_o || !sweeping_q)
  `CW_ASSERT(SweptWordsAreEmpty, !sweep_step || !wr_line.valid)
  `CW_ASSERT(FillKeepsItsSet, !fill || !sweep_step)

endmodule
