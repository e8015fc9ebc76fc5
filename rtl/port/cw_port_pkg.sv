// SPDX-License-Identifier: Apache-2.0
//
// Credits and ordering of a transaction-layer port.
// Spec: PCIe Base 2.4.1 (ordering, table 2-42), 2.6.1 (flow control).
package cw_port_pkg;

  import cw_tlp_pkg::*;

  // CREDITS_ALLOCATED of one class, counted modulo 4096 from reset: one header credit a TLP, one
  // data credit per 16 bytes of payload or part of it.
  typedef struct packed {
    logic        hdr_infinite;
    logic [11:0] hdr_limit;
    logic        data_infinite;
    logic [11:0] data_limit;
  } class_fc_t;

  typedef struct packed {
    class_fc_t p;
    class_fc_t np;
    class_fc_t cpl;
  } fc_t;

  // Whether a TLP of class `later` may pass one of class `earlier` that came before it on the same
  // traffic class (table 2-42, "may" answered by what this fabric does).
  function automatic logic may_pass(tlp_class_e later, logic relaxed, tlp_class_e earlier);
    unique case ({later, earlier})
      {ClassPosted,     ClassNonPosted}:  return 1'b1;     // A3: must be able to
      {ClassPosted,     ClassCompletion}: return 1'b1;     // A4: must be able to
      {ClassNonPosted,  ClassPosted}:     return 1'b0;     // B2, C2 without relaxed ordering
      {ClassNonPosted,  ClassCompletion}: return 1'b1;     // B5, C5: may
      {ClassCompletion, ClassPosted}:     return relaxed;  // D2: only with relaxed ordering
      {ClassCompletion, ClassNonPosted}:  return 1'b1;     // D3: must be able to
      default:                            return 1'b0;     // one class stays in order
    endcase
  endfunction

endpackage
