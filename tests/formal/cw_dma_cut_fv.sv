// SPDX-License-Identifier: Apache-2.0
//
// A transfer is cut and advanced, chunk after chunk, from its first byte to its last: each byte of
// each row has its turn once, in order, no request leaves its page or its limit, and none is
// shorter than the rule says. One transfer after the other, each whichever the prover picks. Where
// rows begin is followed on one side, whichever the prover picks, by the bytes done of each.
// Spec: docs/dma.md, "Cutting"; PCIe Base 2.2.7 (4 KiB), 7.5.3.4 (limits).
`include "cw_fv.svh"
module cw_dma_cut_fv
  import cw_dma_pkg::*;
(
  input logic        clk_i,
  input logic        rst_i,
  input logic [2:0]  payload_i,   // Max_Payload_Size, Max_Read_Request_Size as encoded
  input logic [2:0]  read_i,
  input logic        start_i,     // a transfer begins
  input chan_kind_e  kind_i,
  input job_t        job_i,
  input logic [15:0] rows_i,
  input logic [63:0] src_i,
  input logic [63:0] dst_i,
  input logic        drop_i,      // the rows that would follow are given up
  input logic        on_src_i     // the side that is followed
);

  localparam logic [12:0] Page = 13'd4096;

  logic        busy_q;
  chan_kind_e  kind_q;
  job_t        job_q;
  rest_t       rest_q, rest;      // what is left, now and behind the chunk
  cut_t        cut;
  logic [64:0] row_q, row;        // where the row begins, and the next
  logic [31:0] done_q;            // bytes of the row
  logic [15:0] rows_q;            // left, this one included
  logic [12:0] payload, read, smaller;

  assign payload = 13'd128 << payload_i;
  assign read    = 13'd128 << read_i;
  assign smaller = payload < read ? payload : read;

  cw_dma_cut u_cut (
    .clk_i,
    .rst_i     (rst_i || !busy_q),
    .payload_i (payload),
    .read_i    (read),
    .smaller_i (smaller),
    .kind_i    (kind_q),
    .job_i     (job_q),
    .rest_i    (rest_q),
    .cut_o     (cut)
  );

  cw_dma_advance u_advance (
    .clk_i,
    .rst_i  (rst_i || !busy_q),
    .held_i ('{job: job_q, rest: rest_q, cut: cut}),
    .rest_o (rest)
  );

  // A row that does not lie below 2^64 is refused when it would begin (cw_dma_bounds).
  function automatic logic below_end(logic [64:0] begins, logic [31:0] bytes);
    return !begins[64] && begins + 65'(bytes) <= 65'd1 << 64;
  endfunction

  assign row = row_q + 65'(on_src_i ? job_q.src_pitch : job_q.dst_pitch);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      busy_q <= 1'b0;
    end else if (!busy_q) begin
      busy_q <= start_i && below_end(65'(on_src_i ? src_i : dst_i), job_i.bytes);
      kind_q <= kind_i;
      job_q  <= job_i;
      row_q  <= 65'(on_src_i ? src_i : dst_i);
      done_q <= '0;
      rows_q <= rows_i;
      rest_q <= '{src: src_i, dst: dst_i, left: job_i.bytes, rows: rows_i, begins: 1'b1,
                  default: '0};
    end else begin
      rest_q <= rest;
      done_q <= done_q + 32'(cut.bytes);
      if (cut.row_over) begin
        done_q <= '0;
        rows_q <= rows_q - 16'd1;
        row_q  <= row;
        busy_q <= !cut.over && !drop_i && below_end(row, job_q.bytes);
      end
    end
  end

  `CW_FV_RESET
  `CW_ASSUME(LimitsAreLegal, payload_i <= 3'd5 && read_i <= 3'd5)
  `CW_ASSUME(LimitsStay, !started_q || $stable({payload_i, read_i, on_src_i}))
  `CW_ASSUME(MovesSomething, job_i.bytes != '0 && rows_i != '0)
  `CW_ASSUME(KindsThereAre, kind_i inside {H2c, C2h, H2h, C2c, H2s, S2h})
  `CW_ASSUME(ImmediateIsSmall, !job_i.imm
      || (job_i.bytes <= 32'd8 && rows_i == 16'd1 && kind_i != S2h && !on_src_i))

  // ---- What a side allows: all that is left where it fits into one request, else up to the next
  // multiple of the limit

  function automatic logic fits(logic [11:0] addr, logic [31:0] left, logic [12:0] limit);
    return left <= 32'(Page - 13'(addr)) && left + 32'(addr[1:0]) <= 32'(limit);
  endfunction

  function automatic logic [12:0] to_multiple(logic [11:0] addr, logic [12:0] limit);
    return limit - 13'(addr & 12'(limit - 13'd1));
  endfunction

  function automatic logic [31:0] allowed(logic [11:0] addr, logic [31:0] left,
                                          logic [12:0] limit);
    return fits(addr, left, limit) ? left : 32'(to_multiple(addr, limit));
  endfunction

  logic        reads, writes;     // the side sets a limit
  logic [12:0] src_limit, dst_limit;
  logic [31:0] left, most;
  logic [12:0] src_end, dst_end;  // of the chunk, from the start of the page of its first byte

  always_comb begin
    reads     = kind_q inside {H2c, H2s, H2h, C2c} && !job_q.imm;
    writes    = kind_q inside {C2h, S2h, H2h, C2c};
    src_limit = read;
    dst_limit = payload;
    if (kind_q == H2h) {src_limit, dst_limit} = {smaller, smaller};
    if (kind_q == C2c) {src_limit, dst_limit} = {13'd512, Page};
    left    = job_q.bytes - done_q;
    src_end = 13'(rest_q.src[11:0]) + cut.bytes;
    dst_end = 13'(rest_q.dst[11:0]) + cut.bytes;
    most    = reads ? allowed(rest_q.src[11:0], left, src_limit) : '1;
    if (writes && allowed(rest_q.dst[11:0], left, dst_limit) < most)
      most = allowed(rest_q.dst[11:0], left, dst_limit);
  end

  // ---- From the first byte to the last

  `CW_ASSERT(RowIsDoneInOrder, !busy_q || done_q < job_q.bytes)
  `CW_ASSERT(LeftIsWhatIsNotDone, !busy_q || rest_q.left == left)
  `CW_ASSERT(RowsAreCounted, !busy_q || (rest_q.rows == rows_q && rows_q != '0))
  `CW_ASSERT(BeginsAreTold, !busy_q || rest_q.begins == (done_q == '0))
  `CW_ASSERT(AddressGoesOn, !busy_q || (on_src_i ? rest_q.src : rest_q.dst)
      == row_q[63:0] + 64'(done_q))
  `CW_ASSERT(RowLiesBelowTheEnd, !busy_q || below_end(row_q, job_q.bytes))
  `CW_ASSERT(PastIsTold, !busy_q || !cut.row_over
      || (on_src_i ? rest.src_past : rest.dst_past) == row[64])
  `CW_ASSERT(OverWithTheLastRow, !busy_q || cut.over == (cut.row_over && rows_q == 16'd1))
  `CW_ASSERT(ImmediateIsOneRow, !busy_q || !job_q.imm
      || (job_q.bytes <= 32'd8 && rows_q == 16'd1 && !on_src_i))
  `CW_ASSERT(ImmediateStaysWhereItIs, !busy_q || !job_q.imm
      || (cut.lane == 3'(done_q) && (cut.row_over || rest.src == rest_q.src)))

  // ---- Each chunk

  `CW_ASSERT(SomethingEveryTime, !busy_q || (cut.bytes != '0 && cut.bytes <= Page))
  `CW_ASSERT(InsideItsRow, !busy_q || 32'(cut.bytes) <= left)
  `CW_ASSERT(RowOverWithItsLast, !busy_q || cut.row_over == (32'(cut.bytes) == left))
  `CW_ASSERT(ReadInItsPage, !busy_q || !reads || src_end <= Page)
  `CW_ASSERT(WriteInItsPage, !busy_q || !writes || dst_end <= Page)
  `CW_ASSERT(ReadInItsLimit, !busy_q || !reads
      || 13'(rest_q.src[1:0]) + cut.bytes <= src_limit)
  `CW_ASSERT(WriteInItsLimit, !busy_q || !writes
      || 13'(rest_q.dst[1:0]) + cut.bytes <= dst_limit)
  `CW_ASSERT(AsMuchAsIsAllowed, !busy_q || !(reads || writes) || 32'(cut.bytes) == most)

endmodule
