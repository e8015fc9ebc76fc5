// SPDX-License-Identifier: Apache-2.0
//
// Issues the chunks of the transfers under way, one of each channel, by turns and one chunk per
// clock in all. A chunk waits in a register of its path, so that a path that does not move holds
// back only its own; the first chunk of a transfer is there one clock after it began.
// Spec: docs/dma.md, "Cutting", "Sharing the bus".
`include "cw_assert.svh"
module cw_dma_jobs
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels     = 6,
  parameter  kinds_t      Kinds        = every_kind(),
  parameter  int unsigned CardMemBytes = 65536,
  parameter  bit          AxiCard      = 1'b1,
  localparam int unsigned ChanW        = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  logic   [2:0]               max_payload_i,  // encodings
  input  logic   [2:0]               max_read_i,
  input  share_t [Channels-1:0]      share_i,
  input  logic                       others_i,       // somebody else wants the bus

  // Transfers; only to a channel that is not busy
  input  start_t                     start_i,
  input  logic                       start_valid_i,
  input  logic                       start_good_i,   // else it is not done; later than the rest
  output logic   [Channels-1:0]      busy_o,
  output logic   [Channels-1:0]      free_o,         // not busy in the next clock

  // Entries
  input  entry_t [Channels-1:0]      entry_i,        // that the transfer is of
  input  logic   [Channels-1:0]      pass_i,         // transfers are checked, not done
  input  logic   [Channels-1:0]      stop_i,         // drops its transfer
  input  logic                       hold_i,         // nothing happens in this clock
  output step_t                      step_o,
  output logic                       step_valid_o,

  // Streams: S2h
  input  stream_in_t [Channels-1:0]  stream_in_i,
  output logic   [Channels-1:0]      stream_take_o,  // pulse: stream_bytes_o are taken
  output logic   [12:0]              stream_bytes_o,

  // H2s
  input  stream_out_t [Channels-1:0] stream_out_i,
  output logic   [Channels-1:0]      reserve_valid_o,
  output stream_reserve_t            reserve_o,

  // Chunks, by path
  output chunk_t [NumPaths-1:0]      chunk_o,
  output logic   [NumPaths-1:0]      chunk_valid_o,
  input  logic   [NumPaths-1:0]      chunk_ready_i
);

  logic  [Channels-1:0]  busy_q, busy_d, active, flows, pending, wants, grant;
  path_e [Channels-1:0]  path_q;
  path_e                 start_path, path;
  logic  [NumPaths-1:0]  path_free, valid_q, issue;
  chunk_t [NumPaths-1:0] chunk_q;
  chunk_t                chunk;
  chan_t                 chan;
  chan_kind_e            kind;
  logic                  any, direct, works, passes, waits, good, ends;
  job_t                  job;
  rest_t                 rest, next;
  logic [15:0]           packet_info;
  dma_error_e            error;
  logic [12:0]           most, whole, bytes;
  logic [2:0]            lane;
  logic                  cut_over;
  logic [15:0]           stream_src, stream_dst, stream_info;

  // A transfer that begins takes part at once.
  assign start_path = start_i.job.imm ? PathImm
                                      : source_path(Kinds[start_i.chan], start_i.rest.src);
  assign path_free  = ~valid_q | chunk_ready_i;

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      active[c]  = busy_q[c] || (start_valid_i && start_i.chan == chan_t'(c));
      pending[c] = active[c] && flows[c] && !stop_i[c];
      wants[c]   = pending[c] && !hold_i
          && (path_free[busy_q[c] ? path_q[c] : start_path] || pass_i[c]);
    end
  end

  cw_dma_sched #(.Channels(Channels)) u_sched (
    .clk_i, .rst_i,
    .share_i,
    .others_i,
    .pending_i (pending),
    .wants_i   (wants),
    .stop_i,
    .grant_o   (grant),
    .chan_o    (chan),
    .any_o     (any),
    .taken_i   (step_o.chunk),
    .over_i    (step_o.over)
  );

  assign direct = start_valid_i && start_i.chan == chan;
  assign kind   = Kinds[chan];

  cw_dma_context #(.Channels(Channels)) u_context (
    .clk_i, .rst_i,
    .start_i,
    .start_valid_i (start_valid_i && start_good_i),
    .chan_i        (chan),
    .direct_i      (direct),
    .job_o         (job),
    .rest_o        (rest),
    .packet_info_o (packet_info),
    .rest_i        (next),
    .rest_valid_i  (issue != '0)
  );

  cw_dma_bounds #(.CardMemBytes(CardMemBytes), .AxiCard(AxiCard)) u_bounds (
    .clk_i, .rst_i,
    .kind_i  (kind),
    .imm_i   (job.imm),
    .rest_i  (rest),
    .error_o (error)
  );

  cw_dma_cut u_cut (
    .clk_i, .rst_i,
    .max_payload_i,
    .max_read_i,
    .kind_i  (kind),
    .job_i   (job),
    .rest_i  (rest),
    .most_i  (most),
    .whole_o (whole),
    .bytes_o (bytes),
    .lane_o  (lane),
    .over_o  (cut_over),
    .next_o  (next)
  );

  cw_dma_flow #(.Channels(Channels), .Kinds(Kinds)) u_flow (
    .clk_i, .rst_i,
    .stream_in_i,
    .stream_out_i,
    .pass_i,
    .stop_i,
    .flows_o (flows),
    .grant_i (grant),
    .whole_i (whole),
    .tried_i (good),
    .done_i  (step_valid_o),
    .most_o  (most),
    .ends_o  (ends),
    .waits_o (waits),
    .src_o   (stream_src),
    .info_o  (stream_info),
    .dst_o   (stream_dst)
  );

  // An error goes before all else.
  assign good   = any && (!direct || start_good_i);
  assign passes = good && error == DmaOk && (grant & pass_i) != '0;
  assign works  = good && error == DmaOk && (grant & pass_i) == '0 && !waits;

  assign step_valid_o = passes || works || (good && error != DmaOk);
  assign step_o       = '{chan:        chan,
                          chunk:       works,
                          over:        passes || (works && (cut_over || ends)),
                          last:        job.last,
                          packet_end:  works && ends,
                          packet_info: stream_info,
                          error:       error};

  assign stream_take_o   = works && kind == S2h ? grant : '0;
  assign stream_bytes_o  = bytes;
  assign reserve_valid_o = works && kind == H2s ? grant : '0;
  assign reserve_o       = '{bytes:      bytes,
                             packet_end: chunk.mark.packet_end,
                             tuser:      packet_info[15:8],
                             tid:        packet_info[7:0]};

  always_comb begin
    chunk = '{mark: '{packet_end: kind == H2s && job.last && step_o.over,
                      attr: job.attr, chan: chan, entry: entry_i[ChanW'(chan)]},
              src: rest.src, dst: rest.dst, bytes: bytes, lane: lane};
    if (kind == S2h) chunk.src = 64'(stream_src);
    if (kind == H2s) chunk.dst = 64'(stream_dst);
  end

  assign path = direct ? start_path : path_q[ChanW'(chan)];

  always_comb begin
    issue       = '0;
    issue[path] = works;
  end

  always_comb begin
    busy_d = busy_q & ~stop_i;
    if (start_valid_i && start_good_i) busy_d[ChanW'(start_i.chan)] = 1'b1;
    if (step_valid_o && (step_o.over || error != DmaOk)) busy_d[ChanW'(chan)] = 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      busy_q  <= '0;
      valid_q <= '0;
    end else begin
      busy_q  <= busy_d;
      valid_q <= issue | (valid_q & ~chunk_ready_i);
    end
  end

  // No reset: meaningful only with busy_q and valid_q.
  always_ff @(posedge clk_i) begin
    if (start_valid_i) path_q[ChanW'(start_i.chan)] <= start_path;
    for (int unsigned p = 0; p < NumPaths; p++) if (issue[p]) chunk_q[p] <= chunk;
  end

  assign busy_o        = busy_q;
  assign free_o        = ~busy_d;
  assign chunk_o       = chunk_q;
  assign chunk_valid_o = valid_q;

  `CW_ASSERT(StartOnlyWhereFree, !start_valid_i || !busy_q[ChanW'(start_i.chan)])
  `CW_ASSERT(StartNotStopped, !start_valid_i || !stop_i[ChanW'(start_i.chan)])
  `CW_ASSERT(ChunkNotEmpty, !works || bytes != '0)
  `CW_ASSERT(ImmediateInsideItsData, !works || !job.imm
      || (rest.left <= job.bytes && job.bytes <= 32'd8))
  `CW_ASSERT(NothingWhileHeld, !(hold_i && step_valid_o))
  `CW_ASSERT(OnlyS2hPasses, !passes || kind == S2h)
  for (genvar p = 0; p < int'(NumPaths); p++) begin : gen_held
    `CW_ASSERT_HELD(ChunkHeld, chunk_valid_o[p], chunk_ready_i[p], chunk_o[p])
  end

endmodule
