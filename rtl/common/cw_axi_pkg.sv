// SPDX-License-Identifier: Apache-2.0
//
// AXI4 address and response channels, and AXI4-Stream, as the fabric uses them; data and strobes
// are vectors beside these structs, because their width is a parameter.
// Spec: AMBA AXI4, A2 (signals), A3.4 (transaction structure); AMBA AXI4-Stream, 2.1 (signals).
package cw_axi_pkg;

  typedef enum logic [1:0] {
    BurstFixed = 2'b00,
    BurstIncr  = 2'b01,
    BurstWrap  = 2'b10
  } axi_burst_e;

  typedef enum logic [1:0] {
    RespOkay   = 2'b00,
    RespExOkay = 2'b01,
    RespSlvErr = 2'b10,
    RespDecErr = 2'b11
  } axi_resp_e;

  // AxCACHE of memory that others cache: by allocating, coherent; and past their copies (A4.4).
  typedef enum logic [3:0] {
    CacheNone      = 4'b0011,  // Normal Non-cacheable Bufferable
    CacheWriteBack = 4'b1111   // Write-back Read and Write-allocate
  } axi_cache_e;

  // AxPROT of what a host asks: data, not secure, unprivileged.
  localparam logic [2:0] ProtHost = 3'b010;

  // AW or AR.
  typedef struct packed {
    logic [3:0]  id;
    logic [63:0] addr;
    logic [7:0]  len;    // beats - 1
    logic [2:0]  size;   // log2 of the bytes of a beat
    axi_burst_e  burst;
  } axi_ax_t;

  typedef struct packed {
    logic [3:0] id;
    axi_resp_e  resp;
  } axi_b_t;

  // AxUSER of an endpoint's ports: the function and the BAR that claimed the request.
  typedef struct packed {
    logic [2:0] bar;
    logic [2:0] fn;
  } axi_user_t;

  // A manager's port but for its data vectors: what it drives and what it sees.
  typedef struct packed {
    axi_ax_t   aw;
    axi_user_t aw_user;
    logic      aw_valid;
    logic      w_last;
    logic      w_valid;
    logic      b_ready;
    axi_ax_t   ar;
    axi_user_t ar_user;
    logic      ar_valid;
    logic      r_ready;
  } axi_drive_t;

  typedef struct packed {
    logic       aw_ready;
    logic       w_ready;
    axi_b_t     b;
    logic       b_valid;
    logic       ar_ready;
    logic [3:0] r_id;
    axi_resp_e  r_resp;
    logic       r_last;
    logic       r_valid;
  } axi_sense_t;

  // The same of an AXI4-Lite port of 32 bits, data included.
  typedef struct packed {
    logic [31:0] aw_addr;
    axi_user_t   aw_user;
    logic        aw_valid;
    logic [31:0] w_data;
    logic [3:0]  w_strb;
    logic        w_valid;
    logic        b_ready;
    logic [31:0] ar_addr;
    axi_user_t   ar_user;
    logic        ar_valid;
    logic        r_ready;
  } axil_drive_t;

  typedef struct packed {
    logic        aw_ready;
    logic        w_ready;
    axi_resp_e   b_resp;
    logic        b_valid;
    logic        ar_ready;
    logic [31:0] r_data;
    axi_resp_e   r_resp;
    logic        r_valid;
  } axil_sense_t;

  // A beat of a stream, beside TDATA and TKEEP. No byte is a position byte: there is no TSTRB.
  typedef struct packed {
    logic       last;
    logic [7:0] id;
    logic [7:0] user;
  } axis_t;

  // A burst has at most 256 beats and stays in its 4 KiB (A3.4.1): it ends at the latest at a
  // multiple of this many bytes.
  function automatic int unsigned burst_boundary(int unsigned beat_bytes);
    return 256 * beat_bytes < 4096 ? 256 * beat_bytes : 4096;
  endfunction

  // AxSIZE of a beat that fills a data bus of `width_bits`.
  function automatic logic [2:0] full_size(int unsigned width_bits);
    return 3'($clog2(width_bits / 8));
  endfunction

  // Whether a response reports an error.
  function automatic logic resp_is_error(logic [1:0] resp);
    return resp inside {RespSlvErr, RespDecErr};
  endfunction

endpackage
