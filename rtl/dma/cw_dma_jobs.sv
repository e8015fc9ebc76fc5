// SPDX-License-Identifier: Apache-2.0
//
// Issues the chunks of the transfers under way, one of each channel, by turns and one chunk per
// clock in all, also of one transfer. A chunk waits in a register of its path, immediate data in a
// queue, so that a path that does not move holds back only its own. A transfer's first chunk is
// there one clock after it began.
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
  input  logic   [Channels-1:0]      yield_i,        // gives way where its bytes go

  // Transfers; only to a channel that is not busy, and in a clock with start_ready_o
  input  start_t                     start_i,
  input  logic                       start_valid_i,
  input  logic                       start_good_i,   // else it is not done; later than the rest
  input  logic                       start_first_i,  // before what is under way
  output logic                       start_ready_o,
  output logic   [Channels-1:0]      busy_o,         // a transfer is under way
  output logic   [Channels-1:0]      ending_o,       // its last chunk may go in this clock

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

  logic  [Channels-1:0]  busy_q, busy_d;    // a transfer is under way
  logic  [Channels-1:0]  kept_q, kept_d;    // its next chunk is cut and waits in the context
  path_e [Channels-1:0]  path_q;
  logic  [NumPaths-1:0]  path_free, issue;
  chunk_t                chunk;
  logic  [12:0]          payload, read, payload_q, read_q, smaller_q;

  // The chunk that is new: of a transfer that begins, or that goes on
  held_t                 fresh, going_q, kept, held;
  rest_t                 rest;  // what is left of what goes on
  chan_t                 fresh_chan, going_chan_q, chan;
  path_e                 start_path, fresh_path;
  logic                  going_valid_q, going_valid_d;
  logic                  fresh_valid, good, frozen, fails, passes, fresh_waits, is_fresh, works;
  dma_error_e            error;

  logic  [Channels-1:0]  fresh_of, flows, pending, wants, grant;
  logic                  any, ends;
  chan_kind_e            kind;
  logic  [12:0]          bytes;
  logic  [15:0]          stream_src, stream_dst, stream_info, info, kept_info, fresh_info;

  assign start_path = start_i.job.imm ? PathImm
                                      : source_path(Kinds[start_i.chan], start_i.rest.src);
  assign payload    = limit_bytes(max_payload_i);
  assign read       = limit_bytes(max_read_i);

  // A transfer that begins before one that goes on: that one and what is behind it wait.
  assign start_ready_o = !hold_i && (!going_valid_q || start_first_i);
  assign frozen        = hold_i || (going_valid_q && start_valid_i);
  assign fresh_chan    = start_valid_i ? start_i.chan : going_chan_q;
  assign fresh_path    = start_valid_i ? start_path : path_q[ChanW'(going_chan_q)];
  assign fresh_valid   = start_valid_i
      || (going_valid_q && !hold_i && !stop_i[ChanW'(going_chan_q)]);
  assign good          = fresh_valid && (!start_valid_i || start_good_i);
  assign ending_o      = fresh.cut.over ? fresh_of : '0;

  cw_dma_advance u_advance (.clk_i, .rst_i, .held_i(going_q), .rest_o(rest));

  assign fresh.job  = start_valid_i ? start_i.job : going_q.job;
  assign fresh.rest = start_valid_i ? start_i.rest : rest;

  cw_dma_bounds #(.CardMemBytes(CardMemBytes), .AxiCard(AxiCard)) u_bounds (
    .clk_i, .rst_i,
    .kind_i(Kinds[fresh_chan]), .imm_i(fresh.job.imm), .rest_i(fresh.rest), .error_o(error)
  );

  cw_dma_cut u_cut (
    .clk_i, .rst_i,
    .payload_i(payload_q), .read_i(read_q), .smaller_i(smaller_q),
    .kind_i(Kinds[fresh_chan]), .job_i(fresh.job), .rest_i(fresh.rest), .cut_o(fresh.cut)
  );

  cw_dma_context #(.Channels(Channels)) u_context (
    .clk_i, .rst_i,
    .keep_chan_i(fresh_chan), .keep_i(fresh), .keep_first_i(start_valid_i && start_i.first),
    .keep_valid_i(good), .keep_info_o(fresh_info),
    .chan_i(chan), .held_o(kept), .info_o(kept_info)
  );

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      fresh_of[c] = fresh_valid && fresh_chan == chan_t'(c);
      pending[c]  = !stop_i[c] && (fresh_of[c] || (busy_q[c] && (!kept_q[c] || flows[c])));
      wants[c]    = pending[c] && !frozen && (fresh_of[c] ? path_free[fresh_path] && !pass_i[c]
                                                          : kept_q[c] && path_free[path_q[c]]);
    end
  end

  cw_dma_sched #(.Channels(Channels)) u_sched (
    .clk_i, .rst_i,
    .share_i, .others_i,
    .pending_i(pending), .wants_i(wants), .yield_i, .stop_i,
    .grant_o(grant), .chan_o(chan), .any_o(any),
    .taken_i(step_o.chunk), .over_i(step_o.over)
  );

  assign is_fresh = (grant & fresh_of) != '0;
  assign kind     = Kinds[chan];
  assign held     = is_fresh ? fresh : kept;
  assign info     = is_fresh ? fresh_info : kept_info;

  cw_dma_flow #(.Channels(Channels), .Kinds(Kinds)) u_flow (
    .clk_i, .rst_i,
    .stream_in_i, .stream_out_i,
    .new_chan_i(fresh_chan), .new_bytes_i(fresh.cut.bytes), .new_valid_i(good),
    .new_waits_o(fresh_waits),
    .flows_o(flows),
    .grant_i(grant), .direct_i(is_fresh), .bytes_i(held.cut.bytes),
    .bytes_o(bytes), .ends_o(ends), .src_o(stream_src), .info_o(stream_info), .dst_o(stream_dst)
  );

  // One thing in a clock: an error and what is passed over go before a chunk.
  assign fails  = good && error != DmaOk;
  assign passes = good && error == DmaOk && (fresh_of & pass_i) != '0;
  assign works  = any && !fails && !passes && (!is_fresh || (good && !fresh_waits));

  assign step_valid_o = fails || passes || works;
  always_comb begin
    step_o = '{chan: chan, chunk: works, over: works && (held.cut.over || ends),
               last: held.job.last, packet_end: works && ends, packet_info: stream_info,
               error: DmaOk};
    if (fails || passes) begin
      step_o.chan  = fresh_chan;
      step_o.over  = passes;
      step_o.last  = fresh.job.last;
      step_o.error = error;
    end
  end

  assign stream_take_o   = works && kind == S2h ? grant : '0;
  assign stream_bytes_o  = bytes;
  assign reserve_valid_o = works && kind == H2s ? grant : '0;
  assign reserve_o       = '{bytes: bytes, packet_end: chunk.mark.packet_end,
                             tuser: info[15:8], tid: info[7:0]};

  always_comb begin
    chunk = '{mark: '{packet_end: kind == H2s && held.job.last && held.cut.over,
                      attr: held.job.attr, chan: chan, entry: entry_i[ChanW'(chan)]},
              src: held.rest.src, dst: held.rest.dst, bytes: bytes, lane: held.cut.lane};
    if (kind == S2h) chunk.src = 64'(stream_src);
    if (kind == H2s) chunk.dst = 64'(stream_dst);
    issue = '0;
    issue[is_fresh ? fresh_path : path_q[ChanW'(chan)]] = works;
  end

  always_comb begin
    busy_d        = busy_q & ~stop_i;
    kept_d        = kept_q & ~stop_i;
    going_valid_d = frozen ? going_valid_q && !stop_i[ChanW'(going_chan_q)]
                           : works && !step_o.over;
    if (good) begin
      busy_d[ChanW'(fresh_chan)] = 1'b1;
      kept_d[ChanW'(fresh_chan)] = 1'b1;
    end
    if (step_valid_o) begin
      kept_d[ChanW'(step_o.chan)] = 1'b0;
      busy_d[ChanW'(step_o.chan)] = !fails && !step_o.over;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) {busy_q, kept_q, going_valid_q} <= '0;
    else begin
      busy_q        <= busy_d;
      kept_q        <= kept_d;
      going_valid_q <= going_valid_d;
    end
  end

  // No reset: meaningful only with their valid bits; limits follow in a clock.
  always_ff @(posedge clk_i) begin
    payload_q <= payload;
    read_q    <= read;
    smaller_q <= payload < read ? payload : read;
    if (start_valid_i) path_q[ChanW'(start_i.chan)] <= start_path;
    if (works) {going_chan_q, going_q} <= {chan, held};
  end

  assign busy_o = busy_q;
  // Immediate data have no request to wait for, only their turn behind the data of other paths.
  for (genvar p = 0; p < int'(NumPaths); p++) begin : gen_path
    if (p == int'(PathImm)) begin : gen_queue
      logic [2:0] unused_level;
      cw_fifo #(.DataW($bits(chunk_t)), .Depth(4)) u_chunks (
        .clk_i, .rst_i,
        .in_data_i(chunk), .in_valid_i(issue[p]), .in_ready_o(path_free[p]),
        .out_data_o(chunk_o[p]), .out_valid_o(chunk_valid_o[p]), .out_ready_i(chunk_ready_i[p]),
        .level_o(unused_level)
      );
    end else begin : gen_register
      chunk_t chunk_q;  // no reset: meaningful only with valid_q
      logic   valid_q;
      always_ff @(posedge clk_i) if (issue[p]) chunk_q <= chunk;
      always_ff @(posedge clk_i) valid_q <= !rst_i && (issue[p] || !path_free[p]);
      assign path_free[p] = !valid_q || chunk_ready_i[p];
      assign {chunk_o[p], chunk_valid_o[p]} = {chunk_q, valid_q};
    end
    `CW_ASSERT_HELD(ChunkHeld, chunk_valid_o[p], chunk_ready_i[p], chunk_o[p])
  end

  `CW_ASSERT(StartOnlyWhereFree, !start_valid_i || !busy_q[ChanW'(start_i.chan)])
  `CW_ASSERT(StartOnlyWhenReady, !start_valid_i || start_ready_o)
  `CW_ASSERT(StartNotStopped, !start_valid_i || !stop_i[ChanW'(start_i.chan)])
  `CW_ASSERT(ChunkNotEmpty, !works || bytes != '0)
  `CW_ASSERT(ImmediateInsideItsData, !works || !held.job.imm
      || (held.job.bytes <= 32'd8 && 32'(held.cut.lane) + 32'(bytes) <= held.job.bytes))
  `CW_ASSERT(NothingWhileHeld, !(hold_i && step_valid_o))
  `CW_ASSERT(KeptIsBusy, (kept_q & ~busy_q) == '0)

endmodule
