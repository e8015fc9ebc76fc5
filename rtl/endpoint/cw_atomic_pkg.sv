// SPDX-License-Identifier: Apache-2.0
//
// AtomicOps on card memory: what is asked, and what it makes of the bytes. Operands are little
// endian, naturally aligned, at most 16 bytes. Spec: PCIe Base 2.2.7 (requests), 6.15 (AtomicOps).
package cw_atomic_pkg;

  import cw_tlp_pkg::*;

  localparam int unsigned MaxPayloadDw = 8;  // two operands of 128 bits (2.2.7)

  typedef enum logic [1:0] {
    AtomicFetchAdd = 2'd0,
    AtomicSwap     = 2'd1,
    AtomicCas      = 2'd2
  } atomic_op_e;

  // An AtomicOp, held until its answer is ready.
  typedef struct packed {
    logic         valid;
    atomic_op_e   op;
    logic [2:0]   dw;        // of an operand: 1, 2 or 4
    logic [31:0]  addr;      // byte address in card memory
    logic [255:0] operands;  // as the payload lies; CompareAndSwap: the compare value comes first
  } atomic_req_t;

  // The original value from bit 0 on: 16 bytes in two beats, where a beat is smaller.
  typedef struct packed {
    logic         ready;  // the AtomicOp is done
    logic         valid;  // a beat of the original value; nobody may refuse it
    logic [127:0] data;
  } atomic_rsp_t;

  function automatic logic is_atomic(mem_hdr_t hdr);
    return hdr.dw0.kind inside {TlpFAdd32, TlpFAdd64, TlpSwap32, TlpSwap64, TlpCas32, TlpCas64};
  endfunction

  function automatic atomic_op_e atomic_op(mem_hdr_t hdr);
    unique case (hdr.dw0.kind)
      TlpFAdd32, TlpFAdd64: return AtomicFetchAdd;
      TlpSwap32, TlpSwap64: return AtomicSwap;
      default:              return AtomicCas;
    endcase
  endfunction

  // Dwords of an operand: CompareAndSwap carries two operands, the others one.
  function automatic logic [2:0] operand_dw(mem_hdr_t hdr);
    return atomic_op(hdr) == AtomicCas ? hdr.dw0.length[3:1] : hdr.dw0.length[2:0];
  endfunction

  function automatic atomic_req_t atomic_request(
      logic valid, mem_hdr_t hdr, logic [31:0] addr, logic [255:0] operands);
    return '{valid: valid, op: atomic_op(hdr), dw: operand_dw(hdr), addr: addr,
        operands: operands};
  endfunction

  // What the location holds afterwards (6.15.1), counted from bit 0; what lies above the operand is
  // junk. FetchAdd drops the carry.
  function automatic logic [127:0] atomic_result(atomic_req_t req, logic [127:0] original);
    logic [3:0][31:0] value, compare, swap;
    logic [3:0]       equal;
    logic [63:0]      sum;
    value   = original;
    compare = req.operands[127:0];
    swap    = req.operands[255:128];
    if (req.dw == 3'd1) swap[0]   = req.operands[63:32];
    if (req.dw == 3'd2) swap[1:0] = req.operands[127:64];
    for (int unsigned i = 0; i < 4; i++) equal[i] = 3'(i) >= req.dw || value[i] == compare[i];
    sum     = value[1:0] + compare[1:0];
    unique case (req.op)  // only CompareAndSwap has more than 64 bits
      AtomicFetchAdd: value[1:0] = sum;
      AtomicSwap:     value[1:0] = compare[1:0];
      default:        value[1:0] = &equal ? swap[1:0] : value[1:0];
    endcase
    value[3:2] = &equal ? swap[3:2] : value[3:2];
    return value;
  endfunction

  // The 16 bytes in which an operand lies, moved so that it begins at bit 0.
  function automatic logic [127:0] operand_down(logic [127:0] bytes, logic [1:0] place);
    logic [3:0][31:0] dwords;
    dwords = bytes;
    return {dwords[3:2], dwords[{place[1], 1'b1}], dwords[place]};
  endfunction

  // An operand at every place of 16 bytes where it may lie.
  function automatic logic [127:0] operand_everywhere(logic [127:0] operand, logic [2:0] dw);
    logic [3:0][31:0] dwords;
    dwords = operand;
    unique case (dw)
      3'd1:    return {4{dwords[0]}};
      3'd2:    return {2{dwords[1:0]}};
      default: return dwords;
    endcase
  endfunction

endpackage
