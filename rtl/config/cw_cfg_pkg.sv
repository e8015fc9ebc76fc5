// SPDX-License-Identifier: Apache-2.0
//
// Configuration space: its access bus, what it tells the rest of a function, and what it is told.
// Spec: PCIe Base 7.5 (PCI-compatible and PCI Express registers).
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

  // What answers a BAR.
  typedef enum logic [1:0] {
    TargetRegs = 2'd0,  // the function's register block, MSI-X table and pending bits
    TargetCard = 2'd1,  // card memory
    TargetAxil = 2'd2,  // the user's AXI4-Lite port: single dwords
    TargetAxi  = 2'd3   // the user's AXI4 port: bursts
  } bar_target_e;

  typedef struct packed {
    bar_target_e target;
    logic        resizable;  // by the Resizable BAR capability, from 1 MiB up to size_log2
    bar_kind_e   kind;
    logic [5:0]  size_log2;  // bytes: 7 (128 B) to 63 for memory, 2 to 8 for I/O
  } bar_cfg_t;

  function automatic bar_cfg_t make_bar(
      bar_kind_e kind, int unsigned size_log2, bar_target_e target, logic resizable);
    return '{kind: kind, size_log2: 6'(size_log2), target: target, resizable: resizable};
  endfunction

  localparam int unsigned MaxFunctions = 8;  // without a Function Number of 8 bits (ARI) no more

  localparam int unsigned NumIntx = 4;

  // Interrupt Pin of a function: 1 to 4 are INTA to INTD, the first is function 0's (7.5.1.1.13).
  function automatic logic [2:0] intx_pin(int unsigned fn);
    return 3'(fn % NumIntx + 1);
  endfunction

  // Power states (7.5.2.2).
  typedef enum logic [1:0] {
    PowerD0    = 2'd0,
    PowerD1    = 2'd1,
    PowerD2    = 2'd2,
    PowerD3Hot = 2'd3
  } power_state_e;

  // MSI, as the function sends it (7.7.1).
  typedef struct packed {
    logic        enable;
    logic [2:0]  vectors_log2;  // Multiple Message Enable: 1 to 32 vectors
    logic [63:0] address;
    logic [15:0] data;          // the low vectors_log2 bits are the vector
    logic [31:0] mask;
  } msi_state_t;

  // What the registers say to the function.
  typedef struct packed {
    logic             pme_status;         // PME_Status: asked to be woken, not yet served
    msi_state_t       msi;
    logic             intx_disable;       // Command: Interrupt Disable
    logic             rom_enable;         // Expansion ROM BAR; claims only with mem_enable as well
    logic [31:0]      rom_base;
    logic [5:0][5:0]  bar_log2;           // bytes of each BAR now: Resizable BAR may change them
    logic             tag10_enable;       // 10-Bit Tag Requester Enable
    logic             ido_request_enable; // Device Control 2
    logic             ido_cpl_enable;
    logic             ltr_enable;
    logic             pme_enable;         // Power Management Control/Status
    logic             ecrc_generate;      // AER Capabilities and Control
    logic             ecrc_check;
    logic             flr;                // one clock: software asks for a function-level reset
    bdf_t             id;                 // captured at every CfgWr0 (2.2.6.2)
    logic             id_valid;           // no request leaves before the first capture
    logic             io_enable;          // Command
    logic             mem_enable;
    logic             bus_master_enable;
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

  // What the port of a device needs of all its functions together.
  typedef struct packed {
    logic [2:0]              max_payload;    // the largest of them: none is refused what it may get
    logic                    ecrc_check;     // of any function
    logic [MaxFunctions-1:0] ecrc_generate;
    logic [MaxFunctions-1:0] np_hold;        // requests of these wait where they are
  } port_ctl_t;

  // ACS Capability and ACS Control: the same bits (7.7.8.2, 7.7.8.3).
  typedef struct packed {
    logic direct_translated;
    logic egress_control;
    logic upstream_forwarding;
    logic cpl_redirect;
    logic request_redirect;
    logic translation_blocking;
    logic source_validation;
  } acs_t;

  // What a root port says to the host bridge. Limits are the last byte of their window; a base
  // above its limit closes the window (7.5.1.3.8, 7.5.1.3.9).
  typedef struct packed {
    logic         rrs_visible;         // Root Control: RRS Software Visibility Enable
    acs_t         acs;                 // ACS Control
    logic         mem_enable;          // Command: requests of the host go down
    logic         bus_master_enable;   // Command: requests of devices go up
    power_state_e power;
    logic [7:0]   primary_bus;
    logic [7:0]   secondary_bus;
    logic [7:0]   subordinate_bus;
    logic [63:0]  mem_base;
    logic [63:0]  mem_limit;
    logic [63:0]  pref_base;
    logic [63:0]  pref_limit;
    logic         secondary_reset;     // Bridge Control: Secondary Bus Reset
    logic [2:0]   max_payload;
    logic [2:0]   max_read_request;
    logic         ext_tag_enable;
    logic         relaxed_enable;
    logic         no_snoop_enable;
    logic [3:0]   cpl_timeout_range;
    logic         cpl_timeout_disable;
  } root_port_state_t;

  // A memory address that goes through the port to the bus behind it; only in D0 (5.3.1.4.1).
  function automatic logic claims_address(root_port_state_t port, logic [63:0] addr);
    return port.mem_enable && port.power == PowerD0
        && ((addr >= port.mem_base && addr <= port.mem_limit)
         || (addr >= port.pref_base && addr <= port.pref_limit));
  endfunction

  // A bus that lies behind the port and can be reached.
  function automatic logic claims_bus(root_port_state_t port, logic [7:0] bus);
    return port.power == PowerD0 && port.secondary_bus != '0
        && bus >= port.secondary_bus && bus <= port.subordinate_bus;
  endfunction

  // What the function says to the registers; pulses of one clock. Beside it, where AER is to log a
  // TLP, goes the header of the one at fault (6.2.4): zero where none is.
  typedef struct packed {
    logic pme;              // the function asks to be woken: PME_Status
    logic ecrc_error;       // non-fatal by default severity
    logic overflow;         // the partner ignored its credits: fatal
    logic internal_error;   // uncorrectable internal error: fatal
    logic malformed;        // fatal
    logic unsupported;      // UR given, or a posted request dropped as UR: non-fatal, URD
    logic advisory;         // with `unsupported`: a completion tells it, so correctable (6.2.3.2.4)
    logic completer_abort;  // CA given, or a posted write refused by the user: non-fatal
    logic poisoned;         // non-fatal
    logic poisoned_cpl;     // beside `poisoned`: in a completion to a read of this function
    logic unexpected_cpl;   // advisory non-fatal: correctable
    logic cpl_timeout;      // non-fatal
    logic received_ur;      // completion with status UR: Received Master Abort
    logic received_ca;      // completion with status CA: Received Target Abort
  } cfg_event_t;

  // The same as a station of the device tells it: whom it concerns, what, and the header of the TLP
  // at fault. An error of no function in particular concerns all of them (6.2.4).
  typedef struct packed {
    logic                    prefix_valid;  // the TLP had an end-end prefix: this
    logic [31:0]             prefix;
    logic [MaxFunctions-1:0] functions;
    cfg_event_t              kinds;
    cw_tlp_pkg::tlp_hdr_t    hdr;
  } error_report_t;

  // Error messages that a function owes, one clock each (6.2.3.1).
  typedef struct packed {
    logic fatal;
    logic non_fatal;
    logic correctable;
  } error_message_t;

  // What Device Status says of an error (7.5.3.5).
  typedef struct packed {
    logic unsupported;
    logic fatal;
    logic non_fatal;
    logic correctable;
  } error_class_t;

  // Which error messages may be sent (6.2.5): SERR# Enable in Command, and those of Device Control.
  typedef struct packed {
    logic serr;
    logic unsupported;
    logic fatal;
    logic non_fatal;
    logic correctable;
  } report_enable_t;

  // Set_Slot_Power_Limit was received, with what it says (6.9); one clock.
  typedef struct packed {
    logic       seen;
    logic [1:0] scale;
    logic [7:0] value;
  } slot_power_t;

  // ---- Identity of the example functions: a product sets its own

  localparam logic [15:0] VendorIdExample    = 16'hCA5E;  // assigned to nobody
  localparam logic [15:0] DeviceIdEndpoint   = 16'hCA05;
  localparam logic [15:0] DeviceIdUser       = 16'hCA06;  // a function of user logic
  localparam logic [15:0] DeviceIdRootPort   = 16'hCA01;
  localparam logic [23:0] ClassAccelerator   = 24'h120000;  // processing accelerator
  localparam logic [23:0] ClassMemory        = 24'h050000;  // RAM
  localparam logic [23:0] ClassPciBridge     = 24'h060400;
  localparam logic [7:0]  RevisionId         = 8'h01;

  // Two 64-bit BARs of 64 KiB, the second prefetchable.
  localparam bar_cfg_t BarUnused = make_bar(BarOff, 0, TargetRegs, 1'b0);
  localparam bar_cfg_t [5:0] BarsExample = {
      BarUnused, BarUnused, BarUnused, make_bar(BarMem64Pre, 16, TargetCard, 1'b0),
      BarUnused, make_bar(BarMem64, 16, TargetRegs, 1'b0)};

  // Of a function of the user: registers, and memory that can be resized up to 16 MiB.
  localparam bar_cfg_t [5:0] BarsUserExample = {
      BarUnused, BarUnused, BarUnused, make_bar(BarMem64Pre, 24, TargetAxi, 1'b1),
      BarUnused, make_bar(BarMem32, 12, TargetAxil, 1'b0)};

  // One BAR of every kind: the default of the header alone, so that its test meets them all.
  localparam bar_cfg_t [5:0] BarsEveryKind = {
      BarUnused, make_bar(BarMem64Pre, 34, TargetAxi, 1'b1),
      BarUnused, make_bar(BarMem64, 12, TargetAxil, 1'b0),
      make_bar(BarIo, 5, TargetRegs, 1'b0), make_bar(BarMem32, 7, TargetRegs, 1'b0)};

endpackage
