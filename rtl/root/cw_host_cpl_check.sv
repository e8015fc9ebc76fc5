// SPDX-License-Identifier: Apache-2.0
//
// Judges the header of a completion against what the host's request is still owed.
// Spec: PCIe Base 2.2.9 (completions), 2.3.2 (completion handling).
`include "cw_assert.svh"
module cw_host_cpl_check
  import cw_host_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_i,

  input  logic                 check_i,      // `hdr_i` is the header of a completion
  input  cw_tlp_pkg::cpl_hdr_t hdr_i,

  // The open request
  input  logic                 open_i,
  input  logic [4:0]           tag_i,
  input  logic                 write_i,
  input  logic                 config_i,
  input  logic [6:0]           lower_addr_i, // of the next byte owed
  input  logic [6:0]           left_i,       // bytes owed

  output logic                 ours_o,       // else unexpected: nobody waits for it
  output logic                 retry_o,      // the configuration request is asked for again
  output logic                 data_o,       // carries data that are good
  output logic                 last_o,       // ends the request
  output logic                 final_o,      // ends whatever request it belongs to
  output logic [6:0]           bytes_o,      // of the request, in this completion

  output cw_cfg_pkg::cfg_event_t event_o
);

  cw_tlp_pkg::tlp_hdr_t any;
  logic [12:0]          room, owed;
  logic                 has_data, success, consistent;

  assign any      = hdr_i;
  assign has_data = cw_tlp_pkg::has_payload(any);
  assign success  = hdr_i.status == cw_tlp_pkg::CplStatusSc;
  assign owed     = cw_tlp_pkg::byte_count_bytes(hdr_i.byte_count);
  assign room     = {cw_tlp_pkg::length_dw(any), 2'b00} - 13'(hdr_i.lower_addr[1:0]);
  assign bytes_o  = room < 13'(left_i) ? 7'(room) : left_i;
  assign final_o  = !success || !has_data || owed <= room;

  assign ours_o = open_i && {hdr_i.dw0.t9, hdr_i.dw0.t8, hdr_i.tag} == {5'd0, tag_i}
      && hdr_i.requester_id == HostId
      && (hdr_i.dw0.kind inside {cw_tlp_pkg::TlpCpl, cw_tlp_pkg::TlpCplD});

  // Byte Count is not compared where a PCI-X completer has modified it.
  always_comb begin
    if (config_i) begin
      consistent = has_data == !write_i && (write_i || hdr_i.dw0.length == 10'd1);
    end else begin
      consistent = has_data && hdr_i.lower_addr == lower_addr_i
          && (hdr_i.bcm || owed == 13'(left_i))
          && cw_tlp_pkg::length_dw(any) <= cw_tlp_pkg::span_dw(lower_addr_i[1:0], 13'(left_i));
    end
  end

  assign retry_o = ours_o && config_i && hdr_i.status == cw_tlp_pkg::CplStatusRrs;
  assign data_o  = ours_o && success && consistent && has_data && !hdr_i.dw0.ep;
  assign last_o  = ours_o && !retry_o && (!data_o || config_i || bytes_o == left_i);

  // A reserved status is taken as UR (2.3.2).
  always_comb begin
    event_o = '0;
    if (check_i) begin
      event_o.unexpected_cpl = !ours_o || (success && !consistent);
      event_o.received_ca    = ours_o && hdr_i.status == cw_tlp_pkg::CplStatusCa;
      event_o.received_ur    = ours_o && !success && !event_o.received_ca && !retry_o;
      event_o.poisoned       = ours_o && success && consistent && has_data && hdr_i.dw0.ep;
      event_o.poisoned_cpl   = event_o.poisoned;
    end
  end

  `CW_ASSERT(NoMoreThanOwed, bytes_o <= left_i)
  `CW_ASSERT(DataAreOurs, !data_o || ours_o)
  `CW_ASSERT(RequestHasBytes, !open_i || config_i || left_i != '0)

endmodule
