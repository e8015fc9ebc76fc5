// SPDX-License-Identifier: Apache-2.0
//
// What the stations inside an endpoint hand to each other.
package cw_endpoint_pkg;

  // ---- Register bus: one dword at a time

  // Who answers.
  typedef enum logic [1:0] {
    RegBlock = 2'd0,  // registers, MSI-X table and pending bits of the function
    RegAxil  = 2'd1,  // the user's AXI4-Lite port
    RegRom   = 2'd2   // expansion ROM: reads only
  } reg_target_e;

  typedef struct packed {
    reg_target_e target;
    logic [2:0]  fn;     // function and BAR that claimed the request
    logic [2:0]  bar;
    logic        write;
    logic [31:0] addr;   // byte address in the BAR, dword aligned
    logic [3:0]  be;
    logic [31:0] wdata;
  } reg_req_t;

  // ---- Messages received that have an effect here (2.2.8), one clock each

  typedef struct packed {
    logic       pme_turn_off;
    logic       slot_power;        // Set_Slot_Power_Limit, with the value and scale of its payload
    logic [1:0] slot_power_scale;
    logic [7:0] slot_power_value;
  } msg_seen_t;

  // ---- Message-signaled interrupts: an MSI-X table entry without its Vector Control (PCIe Base
  // 7.7.2.5 to 7.7.2.7), and the same of MSI

  typedef struct packed {
    logic [31:0] data;
    logic [31:0] addr_hi;
    logic [31:0] addr_lo;
  } msix_message_t;

  localparam int unsigned MaxMsiVectors = 32;  // of a function (7.7.1.2)

  localparam int unsigned PageBytes = 4096;

  function automatic int unsigned msix_table_bytes(int unsigned vectors);
    return 16 * vectors;
  endfunction

  // Whole quadwords (7.7.2.4).
  function automatic int unsigned msix_pba_bytes(int unsigned vectors);
    return 8 * ((vectors + 63) / 64);
  endfunction

  // Where the structures of MSI-X lie by default. Behind the registers of BAR0, where a table for
  // more than 256 vectors is longer than a page and takes the upper half of a BAR of 64 KiB; or at
  // the start of another BAR, pending bits in the page behind the table.
  function automatic logic [31:0] msix_table_offset(int unsigned vectors, int unsigned bir = 0);
    if (bir != 0) return '0;
    return vectors > 256 ? 32'h8000 : 32'h2000;
  endfunction
  function automatic logic [31:0] msix_pba_offset(
      int unsigned vectors, int unsigned table_bir = 0, int unsigned bir = 0);
    if (bir == 0) return 32'h3000;
    return bir == table_bir ? 32'(msix_table_pages(vectors) * PageBytes) : '0;
  endfunction
  function automatic int unsigned msix_table_pages(int unsigned vectors);
    return (msix_table_bytes(vectors) + PageBytes - 1) / PageBytes;
  endfunction

  // Bytes of BAR0, and of another BAR that holds nothing but structures of MSI-X.
  function automatic int unsigned register_bar_log2(int unsigned vectors, int unsigned bir = 0);
    return vectors > 256 && bir == 0 ? 16 : 14;
  endfunction
  function automatic int unsigned msix_bar_log2(int unsigned vectors);
    return $clog2((msix_table_pages(vectors) + 1) * PageBytes);
  endfunction

  // A DMA channel of function 0 interrupts, one clock each: the MSI-X vector (MSI: modulo what is
  // granted) that software chose for it.
  typedef struct packed {
    logic [10:0] vector;
    logic        valid;
  } dma_irq_t;

  // ---- Reads of host memory, through the requester

  typedef enum logic [0:0] {
    ClientData = 1'b0,  // `dest` is where the bytes go in the end
    ClientDesc = 1'b1   // `dest` is a byte address in the buffer of descriptors
  } rd_client_e;
  localparam int unsigned NumRdClients = 2;

  typedef enum logic [2:0] {
    RdOk       = 3'd0,
    RdUr       = 3'd1,  // completer said Unsupported Request (or a reserved status)
    RdCa       = 3'd2,  // completer said Completer Abort
    RdPoisoned = 3'd3,
    RdTimeout  = 3'd4,
    RdLied     = 3'd5   // a completion that contradicts its request: byte count, address, length
  } rd_status_e;

  // Attributes that a client wishes; the requester sets them only where the function's registers
  // allow it (2.2.6.4, 2.2.6.5, 7.5.3.4, 7.5.3.16).
  typedef struct packed {
    logic ido;       // ID-based ordering
    logic relaxed;
    logic no_snoop;
  } attr_t;

  // One read of host memory: never across 4 KiB, never more than Max_Read_Request_Size.
  typedef struct packed {
    attr_t       attr;
    logic [63:0] iova;
    logic [12:0] bytes;   // 1 to 4096
    logic [63:0] dest;    // byte address, in the client's own space, of the first byte
    logic [11:0] mark;    // the client's own, returned with every answer
  } rd_req_t;

  // One beat of an answer. A request is answered by one or more packets (sop..eop), each with a
  // piece of the data in address order; the last has `last` set. A failed request is answered by
  // one final packet without bytes.
  typedef struct packed {
    rd_client_e  client;
    logic [11:0] mark;
    logic [63:0] dest;    // byte address of the packet's first byte, constant in the packet
    logic [1:0]  offset;  // where in lane 0 of the packet's first beat that byte lies
    logic [12:0] bytes;   // of this packet; 0 with a status that is not RdOk
    logic        sop;
    logic        eop;
    logic        last;    // this packet ends the request
    rd_status_e  status;
  } rd_rsp_t;

  // ---- Writes to host memory, through the requester

  // One beat of a write, beside a data vector: one MWr from sop to eop, its bytes in dword lanes
  // from lane 0 on, the first byte at offset iova[1:0] of lane 0.
  typedef struct packed {
    logic [2:0]  fn;      // of the function that asks: its ID, its Bus Master Enable
    attr_t       attr;
    logic [63:0] iova;    // constant in the packet
    logic [12:0] bytes;   // 1 to Max_Payload_Size, never across 4 KiB; constant in the packet
    logic        sop;
    logic        eop;
  } wr_beat_t;

  // Served in turn. A completion record is only asked for when its data has left, an interrupt
  // when its record has left.
  typedef enum logic [1:0] {
    WrMsix   = 2'd0,
    WrRecord = 2'd1,
    WrData   = 2'd2
  } wr_client_e;
  localparam int unsigned NumWrClients = 3;

endpackage
