// SPDX-License-Identifier: Apache-2.0
//
// Configuration space: its access bus, what it tells the rest of a function, and what it is told.
// Spec: PCIe Base 7.5 (PCI-compatible and PCI Express registers), 7.7 (MSI-X).
package cw_cfg_pkg;

  import cw_tlp_pkg::*;

  // One dword access to configuration space. Every capability sees it, the one that owns the dword
  // answers in the same cycle; the read data of all the others are zero.
  typedef struct packed {
    logic        write;
    logic [9:0]  reg_dw;  // extended register number, register number
    logic [3:0]  be;
    logic [31:0] wdata;
  } cfg_req_t;

  typedef enum logic [2:0] {
    BarOff      = 3'd0,
    BarMem32    = 3'd1,
    BarMem64    = 3'd2,  // takes this BAR and the next
    BarMem64Pre = 3'd3,  // 64-bit, prefetchable
    BarIo       = 3'd4
  } bar_kind_e;

  typedef struct packed {
    bar_kind_e  kind;
    logic [5:0] size_log2;  // bytes: 7 (128 B) to 63 for memory
  } bar_cfg_t;

  // Power states (7.5.2.2).
  typedef enum logic [1:0] {
    PowerD0    = 2'd0,
    PowerD1    = 2'd1,
    PowerD2    = 2'd2,
    PowerD3Hot = 2'd3
  } power_state_e;

  // What the registers say to the function.
  typedef struct packed {
    bdf_t             id;                 // captured at every CfgWr0 (2.2.6.2)
    logic             id_valid;           // no request leaves before the first capture
    logic             mem_enable;         // Command bit 1
    logic             bus_master_enable;  // Command bit 2
    power_state_e     power;
    logic [2:0]       max_payload;        // Device Control encodings, clipped to what is supported
    logic [2:0]       max_read_request;
    logic             ext_tag_enable;
    logic             relaxed_enable;
    logic             no_snoop_enable;
    logic [3:0]       cpl_timeout_range;  // Device Control 2
    logic             cpl_timeout_disable;
    logic             msix_enable;
    logic             msix_mask;          // function mask
    logic [5:0][63:0] bar_base;           // 64-bit BAR at its low index; type bits stripped
  } cfg_state_t;

  // What the function says to the registers; pulses of one clock.
  typedef struct packed {
    logic malformed;        // fatal
    logic unsupported;      // UR given, or a posted request dropped as UR: non-fatal, URD
    logic completer_abort;
    logic poisoned;
    logic unexpected_cpl;   // advisory non-fatal: correctable
    logic cpl_timeout;      // non-fatal
    logic received_ur;      // completion with status UR: Status bit 13 Received Master Abort
    logic received_ca;      // Status bit 12
  } cfg_event_t;

  // Link width and speed that the registers report: the fabric's link is a model, so it says the
  // simplest true thing: Gen1, x1 (7.5.3.6).
  localparam logic [3:0] LinkSpeedGen1 = 4'd1;
  localparam logic [5:0] LinkWidthX1   = 6'd1;

endpackage
