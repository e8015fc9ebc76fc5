// SPDX-License-Identifier: Apache-2.0
//
// Judges the TLPs of one channel as they pass: class, and whether they are to be dropped. `drop_o`
// rises with the first beat that shows the fault and stays until eop; it covers the TLPs that the
// sender gives up (`error`), which are no fault and not reported. The digest has been taken off;
// the only prefix that is understood is PASID. Spec: PCIe Base 2.2.2 to 2.2.10, 2.3.
`include "cw_assert.svh"
module cw_tlp_check
  import cw_tlp_pkg::*;
  import cw_port_pkg::*;
#(
  parameter  int unsigned W         = 256,   // bits of a beat
  parameter  bit          FacesRoot = 1'b1,  // what comes, comes from the root complex
  localparam int unsigned Lanes     = W / 32
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Max_Payload_Size, encoded as in Device Control
  input  logic [2:0]  max_payload_i,

  // A beat, and whether it is taken in this clock
  input  tlp_ctl_t    ctl_i,
  input  logic        valid_i,
  input  logic        ready_i,

  // Of the TLP that the beat belongs to
  output tlp_class_e  class_o,
  output logic        drop_o,
  output tlp_hdr_t    hdr_o,
  output logic        prefix_valid_o,
  output logic [31:0] prefix_o,

  // The last beat of a malformed TLP is taken in this clock
  output logic        malformed_o
);

  // ---- Header rules, by kind of TLP
  tlp_hdr_t    hdr;
  mem_hdr_t    mem;
  logic [12:0] span_bytes;  // touched by a memory request
  logic [10:0] dw;
  logic        is_mem, is_cas, is_atomic, is_io_cfg;
  logic        bad_common, bad_mem, bad_atomic, bad_io_cfg, bad_msg, bad_hdr;

  assign hdr        = ctl_i.hdr;
  assign mem        = hdr;
  assign dw         = length_dw(hdr);
  assign span_bytes = {dw, 2'b00};
  assign is_mem     = hdr.dw0.kind inside {TlpMRd32, TlpMRd64, TlpMRdLk32, TlpMRdLk64,
                                           TlpMWr32, TlpMWr64};
  assign is_cas     = hdr.dw0.kind inside {TlpCas32, TlpCas64};
  assign is_atomic  = is_cas || hdr.dw0.kind inside {TlpFAdd32, TlpFAdd64, TlpSwap32, TlpSwap64};
  assign is_io_cfg  = hdr.dw0.kind inside {TlpIoRd, TlpIoWr, TlpCfgRd0, TlpCfgWr0,
                                           TlpCfgRd1, TlpCfgWr1};

  // A root port supports no end-end prefixes (7.5.3.15), so there is none that is not malformed.
  assign bad_common = tlp_class(hdr) == ClassUnknown
                   || (ctl_i.prefix_valid && !(FacesRoot && prefix_known(ctl_i.prefix)))
                   || {payload_dw(hdr), 2'b00} > size_bytes(max_payload_i);
  // 2.2.7: inside one 4 KiB page; 2.2.5: byte enables.
  assign bad_mem    = is_mem
      && (span_bytes > bytes_to_page_end(12'(request_addr(mem)))
          || !byte_enables_legal(mem, request_addr(mem)[2] == 1'b0));
  // 2.2.7: operands of 4 or 8 bytes, CompareAndSwap two of 4, 8 or 16; aligned to the operand.
  assign bad_atomic = is_atomic
      && (!(is_cas ? dw inside {11'd2, 11'd4, 11'd8} : dw inside {11'd1, 11'd2})
          || (11'(request_addr(mem) >> 2) & ((is_cas ? dw >> 1 : dw) - 11'd1)) != '0);
  // 2.2.7, 2.2.7.1: one dword, TC 0, Attr[1:0] 0.
  assign bad_io_cfg = is_io_cfg
      && (dw != 11'd1 || hdr.dw0.tc != '0 || hdr.dw0.ro || hdr.dw0.no_snoop || mem.last_be != '0);
  // 2.2.8. A reserved routing of an unknown code ends here, which is no fault.
  assign bad_msg    = is_msg(hdr)
      && !(cw_msg_pkg::msg_tc_legal(msg_hdr_t'(hdr))
        && cw_msg_pkg::msg_format_legal(msg_hdr_t'(hdr))
        && !(FacesRoot && cw_msg_pkg::msg_goes_up(msg_hdr_t'(hdr))));
  assign bad_hdr    = bad_common || bad_mem || bad_atomic || bad_io_cfg || bad_msg;

  // ---- Payload: each beat carries what the Length field leaves to come
  logic        take, bad_beat, bad, mid_q, bad_q;
  logic [10:0] left, left_q;
  tlp_hdr_t    hdr_q;
  logic [31:0] prefix_q;
  logic        prefix_valid_q;

  assign take     = valid_i && ready_i;
  assign left     = ctl_i.sop ? payload_dw(hdr) : left_q;
  assign bad_beat = ctl_i.strb != beat_strb(left, Lanes) || ctl_i.eop != (32'(left) <= Lanes);
  assign bad      = bad_beat || (ctl_i.sop ? bad_hdr : bad_q);

  assign hdr_o       = ctl_i.sop ? hdr : hdr_q;
  assign class_o     = tlp_class(hdr_o);

  assign prefix_valid_o = ctl_i.sop ? ctl_i.prefix_valid : prefix_valid_q;
  assign prefix_o       = ctl_i.sop ? ctl_i.prefix : prefix_q;

  assign drop_o      = bad || (ctl_i.eop && ctl_i.error);
  assign malformed_o = take && ctl_i.eop && bad && !ctl_i.error;

  always_ff @(posedge clk_i) begin
    if (rst_i)     mid_q <= 1'b0;
    else if (take) mid_q <= !ctl_i.eop;
  end

  // No reset: meaningful only inside a TLP.
  always_ff @(posedge clk_i) begin
    if (take) begin
      hdr_q          <= hdr_o;
      prefix_q       <= prefix_o;
      prefix_valid_q <= prefix_valid_o;
      left_q         <= left - 11'(Lanes);
      bad_q          <= bad;
    end
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")
  `CW_ASSERT(SopExactlyAtStart, !valid_i || ctl_i.sop == !mid_q)
  `CW_ASSERT(MaxPayloadNotReserved, max_payload_i <= 3'd5)
  `CW_ASSERT(DropStaysToTheEnd,
      !$past(take && drop_o && !ctl_i.eop && !rst_i) || drop_o || !valid_i)
  `CW_ASSERT(MalformedIsDropped, !malformed_o || drop_o)

endmodule
