// SPDX-License-Identifier: Apache-2.0
//
// Issues the clients' reads of host memory, one MRd a clock, each with a tag of its own and with
// room reserved for all of its completions: they may come at any time and are never refused. The
// reservation comes back with the tag. Nothing is issued without a bus number and bus mastership.
// Spec: PCIe Base 2.2.7 (memory requests), 2.6.1.2 (infinite completion credits), 2.2.6.2 (ids).
`include "cw_assert.svh"
module cw_requester_read
  import cw_tlp_pkg::*;
  import cw_endpoint_pkg::*;
  import cw_requester_pkg::*;
#(
  parameter  int unsigned W           = 256,
  parameter  int unsigned Tags        = 32,
  parameter  int unsigned CplBufBytes = 16384,
  localparam int unsigned TagW        = $clog2(Tags),
  localparam int unsigned Blocks      = CplBufBytes / BlockBytes,
  localparam int unsigned RoomW       = $clog2(Blocks + 1)
) (
  input  logic                          clk_i,
  input  logic                          rst_i,

  // Reads, by client
  input  rd_req_t [NumRdClients-1:0]    rd_req_i,
  input  logic    [NumRdClients-1:0]    rd_valid_i,
  output logic    [NumRdClients-1:0]    rd_ready_o,

  // Requests, to the port
  output tlp_ctl_t                      np_ctl_o,
  output logic [W-1:0]                  np_data_o,
  output logic                          np_valid_o,
  input  logic                          np_ready_i,

  // A tag for each, and what it is owed
  input  logic [TagW-1:0]               tag_i,
  input  logic                          tag_valid_i,
  output logic                          issue_o,
  output owed_t                         owed_o,

  // A tag is idle again: so is its room
  input  logic [6:0]                    freed_blocks_i,
  input  logic                          freed_i,

  input  cw_cfg_pkg::cfg_state_t        state_i,
  input  logic                          stop_i   // the function is to be reset: nothing new
);

  logic [$clog2(NumRdClients)-1:0] client;
  logic [NumRdClients-1:0]         grant;
  logic                            any;
  rd_req_t                         req;
  logic [6:0]                      blocks;
  attr_t                           attr;        // as far as it is allowed
  logic [RoomW-1:0]                room_q;      // blocks not reserved
  mem_hdr_t                        hdr_q;
  logic                            np_valid_q;

  cw_rr_arbiter #(.N(NumRdClients)) u_arbiter (
    .clk_i,
    .rst_i,
    .req_i   (rd_valid_i),
    .take_i  (issue_o),
    .lock_i  (1'b0),
    .grant_o (grant),
    .index_o (client),
    .any_o   (any)
  );

  assign req        = rd_req_i[client];
  assign blocks     = blocks_touched(req.iova[5:0], req.bytes);
  assign attr       = allowed_attr(req.attr, state_i);
  assign issue_o    = any && may_master(state_i) && !stop_i && tag_valid_i
                   && room_q >= RoomW'(blocks) && (!np_valid_q || np_ready_i);
  assign rd_ready_o = issue_o ? grant : '0;

  assign owed_o = '{
    tag10:        state_i.tag10_enable,
    attr:         attr,
    requester_id: state_i.id,
    client:       rd_client_e'(client),
    mark:         req.mark,
    blocks:       blocks,
    dest:         req.dest,
    lower_addr:   req.iova[6:0],
    bytes:        req.bytes
  };

  always_ff @(posedge clk_i) begin
    if (rst_i) np_valid_q <= 1'b0;
    else       np_valid_q <= issue_o || (np_valid_q && !np_ready_i);
  end

  // No reset: meaningful only with np_valid_q.
  always_ff @(posedge clk_i) begin
    if (issue_o)
      hdr_q <= with_attr(make_mem_request(1'b0, state_i.id,
          sent_tag(state_i.tag10_enable, 8'(tag_i)), req.iova, req.bytes), attr);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) room_q <= RoomW'(Blocks);
    else       room_q <= room_q - (issue_o ? RoomW'(blocks) : '0)
                                + (freed_i ? RoomW'(freed_blocks_i) : '0);
  end

  assign np_valid_o = np_valid_q;
  assign np_data_o  = '0;
  always_comb begin
    np_ctl_o     = '0;
    np_ctl_o.sop = 1'b1;
    np_ctl_o.eop = 1'b1;
    np_ctl_o.hdr = tlp_hdr_t'(hdr_q);
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of this fabric")
  `CW_REQUIRE(CplBufBytes >= 4096 + BlockBytes && CplBufBytes % BlockBytes == 0,
      "room for the largest read at any address")
  `CW_ASSERT_HELD(RequestHeld, np_valid_o, np_ready_i, np_ctl_o)
  `CW_ASSERT(ReadsSomething, !issue_o || req.bytes != '0)
  `CW_ASSERT(InsidePage, !issue_o || req.bytes <= bytes_to_page_end(req.iova[11:0]))
  `CW_ASSERT(InsideMaxReadRequest,
      !issue_o || req.bytes + 13'(req.iova[1:0]) <= size_bytes(state_i.max_read_request))
  `CW_ASSERT(RoomNeverMoreThanAll, room_q <= RoomW'(Blocks))
  `CW_ASSERT(SilentUnlessMaster,
      !issue_o || (state_i.bus_master_enable && state_i.id_valid && !stop_i))
  `CW_ASSERT(AttributesEnabled, !issue_o || ((!owed_o.attr.relaxed || state_i.relaxed_enable)
      && (!owed_o.attr.no_snoop || state_i.no_snoop_enable)
      && (!owed_o.attr.ido || state_i.ido_request_enable)))

endmodule
