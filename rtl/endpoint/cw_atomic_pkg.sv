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

  // The low bits that hold an operand.
  function automatic logic [127:0] operand_mask(logic [2:0] dw);
    unique case (dw)
      3'd1:    return 128'hffff_ffff;
      3'd2:    return 128'hffff_ffff_ffff_ffff;
      default: return '1;
    endcase
  endfunction

  // What the location holds afterwards (6.15.1), counted from bit 0; FetchAdd drops the carry.
  function automatic logic [127:0] atomic_result(atomic_req_t req, logic [127:0] original);
    logic [127:0] swap;
    logic         equal;
    swap  = 128'(req.operands >> (9'({req.dw, 5'd0})));
    equal = ((original ^ req.operands[127:0]) & operand_mask(req.dw)) == '0;
    unique case (req.op)
      AtomicFetchAdd: return req.dw == 3'd1
          ? 128'(original[31:0] + req.operands[31:0])
          : 128'(original[63:0] + req.operands[63:0]);
      AtomicSwap:     return req.operands[127:0];
      default:        return equal ? swap : original;
    endcase
  endfunction

endpackage
