// SPDX-License-Identifier: Apache-2.0
//
// The registers of configuration space: where they are, their fields in wire order, and how a
// write changes them.
// Spec: PCIe Base 7.5 (PCI-compatible and PCI Express registers), 7.7 (MSI, MSI-X), 7.9.18 (VPD).
package cw_cfg_reg_pkg;

  import cw_cfg_pkg::*;

  // ---- Where the registers are: dwords of the header, byte offsets of the capabilities

  typedef enum logic [9:0] {
    DwId             = 10'h000,
    DwCommandStatus  = 10'h001,
    DwClassRevision  = 10'h002,
    DwHeaderType     = 10'h003,
    DwBar0           = 10'h004,
    DwBar5           = 10'h009,
    DwSubsystem      = 10'h00b,  // type 0
    DwRomBar         = 10'h00c,  // type 0
    DwCapPointer     = 10'h00d,
    DwInterrupt      = 10'h00f
  } header_dw_e;

  typedef enum logic [9:0] {
    DwBusNumbers     = 10'h006,
    DwSecondary      = 10'h007,  // I/O window, Secondary Status
    DwMemWindow      = 10'h008,
    DwPrefWindow     = 10'h009,
    DwPrefBaseUpper  = 10'h00a,
    DwPrefLimitUpper = 10'h00b,
    DwBridgeControl  = 10'h00f
  } bridge_dw_e;

  localparam logic [7:0] PmCapOffset   = 8'h40;
  localparam logic [7:0] MsixCapOffset = 8'h50;
  localparam logic [7:0] PcieCapOffset = 8'h60;
  localparam logic [7:0] MsiCapOffset  = 8'ha0;
  localparam logic [7:0] VpdCapOffset  = 8'hc0;
  localparam logic [7:0] CapEnd        = 8'h00;

  typedef enum logic [7:0] {
    CapIdPm   = 8'h01,
    CapIdVpd  = 8'h03,
    CapIdMsi  = 8'h05,
    CapIdPcie = 8'h10,
    CapIdMsix = 8'h11
  } cap_id_e;

  // Dword `index` of a capability at byte offset `base`.
  function automatic logic [9:0] cap_dw(logic [7:0] base, logic [9:0] index);
    return {4'd0, base[7:2]} + index;
  endfunction

  // ---- Header registers, a dword each (7.5.1)

  typedef struct packed {
    logic       detected_parity;        // Status: poisoned TLP received
    logic       signaled_serr;
    logic       received_master_abort;
    logic       received_target_abort;
    logic       signaled_target_abort;
    logic [1:0] devsel;
    logic       master_data_parity;
    logic [2:0] rsvd7_5;
    logic       cap_list;
    logic       intx_pending;
    logic [2:0] rsvd2_0;
    logic [4:0] rsvd15_11;              // Command
    logic       intx_disable;
    logic       rsvd9;
    logic       serr_enable;
    logic       rsvd7;
    logic       parity_enable;          // Parity Error Response
    logic [2:0] rsvd5_3;
    logic       bus_master_enable;
    logic       mem_enable;
    logic       io_enable;
  } command_status_t;

  typedef struct packed {
    logic [7:0] bist;
    logic       multi_function;
    logic [6:0] layout;                 // 0 endpoint, 1 bridge
    logic [7:0] latency_timer;
    logic [7:0] cache_line;             // kept for software, no effect
  } header_type_t;

  typedef struct packed {
    logic [7:0] max_latency;            // no meaning in PCI Express, as min_grant
    logic [7:0] min_grant;
    logic [7:0] pin;                    // 1 to 4: INTA to INTD; 0: none
    logic [7:0] line;                   // kept for software, no effect
  } interrupt_t;

  // The pin of INTx (7.5.1.1.13).
  localparam int unsigned IntxNone = 0;
  localparam int unsigned IntxPinA = 1;
  localparam int unsigned IntxPinD = 4;

  typedef struct packed {
    logic [20:0] base;                  // bits 31:11 of the address
    logic [9:0]  rsvd10_1;              // no validation status
    logic        enable;
  } rom_bar_t;

  localparam int unsigned RomLog2Min = 11;  // 2 KiB (7.5.1.2.4)

  typedef struct packed {
    logic [7:0] latency_timer;
    logic [7:0] subordinate;
    logic [7:0] secondary;
    logic [7:0] primary;
  } bus_numbers_t;

  typedef struct packed {
    logic       detected_parity;        // Secondary Status
    logic       received_serr;
    logic       received_master_abort;
    logic       received_target_abort;
    logic       signaled_target_abort;
    logic [1:0] devsel;
    logic       master_data_parity;
    logic [7:0] rsvd7_0;
    logic [7:0] io_limit;
    logic [7:0] io_base;
  } secondary_t;

  // Both memory windows; bits 31:20 of their addresses.
  typedef struct packed {
    logic [11:0] limit;
    logic [3:0]  limit_kind;            // 1: 64-bit
    logic [11:0] base;
    logic [3:0]  base_kind;
  } window_t;

  typedef struct packed {
    logic [8:0] rsvd15_7;               // Bridge Control
    logic       secondary_reset;
    logic [3:0] rsvd5_2;
    logic       serr_enable;
    logic       parity_enable;
    logic [7:0] interrupt_pin;
    logic [7:0] interrupt_line;
  } bridge_control_t;

  // ---- PCI Express capability (7.5.3)

  typedef enum logic [3:0] {
    PortTypeEndpoint = 4'd0,
    PortTypeRootPort = 4'd4
  } port_type_e;

  typedef enum logic [9:0] {
    PcieDwHeader  = 10'd0,
    PcieDwDevCap  = 10'd1,
    PcieDwDevCtl  = 10'd2,
    PcieDwLinkCap = 10'd3,
    PcieDwLinkCtl = 10'd4,
    PcieDwRootCtl = 10'd7,
    PcieDwDevCap2 = 10'd9,
    PcieDwDevCtl2 = 10'd10,
    PcieDwLinkCap2 = 10'd11,
    PcieDwLinkCtl2 = 10'd12
  } pcie_dw_e;

  typedef struct packed {
    logic [6:0] rsvd31_25;
    logic       slot;
    port_type_e port_type;
    logic [3:0] version;                // bits 19:16 of the dword
    logic [7:0] next;
    cap_id_e    id;
  } pcie_header_t;

  typedef struct packed {
    logic [2:0]  rsvd31_29;
    logic        flr;                   // Function Level Reset Capability
    logic [1:0]  slot_power_scale;      // captured from Set_Slot_Power_Limit
    logic [7:0]  slot_power_value;
    logic [1:0]  rsvd17_16;
    logic        role_based_errors;
    logic [8:0]  rsvd14_6;              // attention controls, acceptable latencies: none
    logic        ext_tag;
    logic [1:0]  phantom;
    logic [2:0]  max_payload;
  } dev_cap_t;

  typedef struct packed {
    logic [9:0] rsvd31_22;
    logic       transactions_pending;   // Device Status
    logic       aux_power;
    logic       unsupported_detected;
    logic       fatal_detected;
    logic       non_fatal_detected;
    logic       correctable_detected;
    logic       initiate_flr;           // Device Control: reads as zero
    logic [2:0] max_read_request;
    logic       no_snoop_enable;
    logic [1:0] rsvd10_9;
    logic       ext_tag_enable;
    logic [2:0] max_payload;
    logic       relaxed_enable;
    logic       unsupported_report;
    logic       fatal_report;
    logic       non_fatal_report;
    logic       correctable_report;
  } dev_ctl_t;

  typedef struct packed {
    logic [7:0] port_number;
    logic       rsvd23;
    logic       aspm_optionality;
    logic       bandwidth_notify;
    logic       link_active_report;
    logic [7:0] rsvd19_12;
    logic [1:0] aspm;
    logic [5:0] width;
    logic [3:0] speed;
  } link_cap_t;

  typedef struct packed {
    logic [1:0] rsvd31_30;              // Link Status
    logic       link_active;
    logic       slot_clock;
    logic       training;
    logic       rsvd26;
    logic [5:0] width;
    logic [3:0] speed;
    logic [7:0] rsvd15_8;               // Link Control
    logic       extended_synch;
    logic       common_clock;
    logic [1:0] rsvd5_4;
    logic       rcb128;
    logic [2:0] rsvd2_0;
  } link_ctl_t;

  typedef struct packed {
    logic [14:0] rsvd31_17;             // Root Capabilities
    logic        rrs_visibility;
    logic [10:0] rsvd15_5;              // no slot
    logic        rrs_visible;           // RRS Software Visibility Enable
    logic        pme_interrupt;
    logic        serr_fatal;
    logic        serr_non_fatal;
    logic        serr_correctable;
  } root_ctl_t;

  typedef struct packed {
    logic [7:0] rsvd31_24;
    logic [1:0] max_prefixes;           // end-end TLP prefixes: 1 to 3, 0 means 4
    logic       end_end_prefix;
    logic       extended_fmt;
    logic [1:0] obff;
    logic       tag10_requester;
    logic       tag10_completer;
    logic [3:0] rsvd15_12;              // no TPH, no LN
    logic       ltr;
    logic       rsvd10;
    logic       cas128_completer;
    logic       atomic64_completer;
    logic       atomic32_completer;
    logic       atomic_routing;
    logic       ari_forwarding;
    logic       cpl_timeout_disable;    // supported
    logic [3:0] cpl_timeout_ranges;     // A to D
  } dev_cap2_t;

  typedef struct packed {
    logic [15:0] rsvd31_16;             // Device Status 2
    logic        prefix_blocking;       // ports only
    logic [1:0]  obff;
    logic        tag10_enable;          // 10-Bit Tag Requester Enable
    logic        rsvd11;
    logic        ltr_enable;
    logic        ido_cpl_enable;
    logic        ido_request_enable;
    logic        atomic_blocking;       // ports only
    logic        atomic_requester;
    logic        ari_forwarding;        // ports only
    logic        cpl_timeout_disable;
    logic [3:0]  cpl_timeout_range;
  } dev_ctl2_t;

  typedef struct packed {
    logic [23:0] rsvd31_8;
    logic [6:0]  speeds;                // bit 0: 2.5 GT/s
    logic        rsvd0;
  } link_cap2_t;

  typedef struct packed {
    logic [27:0] rsvd31_4;
    logic [3:0]  target_speed;
  } link_ctl2_t;

  // What the controls of the capability say to the function.
  typedef struct packed {
    logic       rrs_visible;            // of a root port
    logic [2:0] max_payload;
    logic [2:0] max_read_request;
    logic       ext_tag_enable;
    logic       relaxed_enable;
    logic       no_snoop_enable;
    logic [3:0] cpl_timeout_range;
    logic       cpl_timeout_disable;
    logic       tag10_enable;
    logic       ido_request_enable;
    logic       ido_cpl_enable;
    logic       ltr_enable;
    logic       flr;                    // one clock
    logic       unsupported_report;     // which errors may be told by a message (6.2.5)
    logic       fatal_report;
    logic       non_fatal_report;
    logic       correctable_report;
  } pcie_ctl_t;

  // The data path is built for payloads up to 512 bytes; reads may ask for 4096 (7.5.3.4).
  localparam logic [2:0] MaxPayloadSupported = 3'd2;
  localparam logic [2:0] MaxReadRequestMax   = 3'd5;
  localparam logic [2:0] MaxReadRequestReset = 3'd2;

  // Completion Timeout Value encodings that name a range (7.5.3.16).
  function automatic logic cpl_timeout_range_legal(logic [3:0] value);
    return value inside {4'h0, 4'h1, 4'h2, 4'h5, 4'h6, 4'h9, 4'ha, 4'hd, 4'he};
  endfunction

  // Link width and speed that the registers report: the fabric's link is a model, so it says the
  // simplest true thing: Gen1, x1 (7.5.3.6).
  localparam logic [3:0] LinkSpeedGen1 = 4'd1;
  localparam logic [5:0] LinkWidthX1   = 6'd1;

  // ---- Power Management capability (7.5.2)

  typedef struct packed {
    logic [4:0] pme_support;            // D3cold, D3hot, D2, D1, D0
    logic       d2;
    logic       d1;
    logic [5:0] rsvd24_19;
    logic [2:0] version;
    logic [7:0] next;
    cap_id_e    id;
  } pm_header_t;

  typedef struct packed {
    logic [15:0]  rsvd31_16;
    logic         pme_status;
    logic [5:0]   rsvd14_9;
    logic         pme_enable;
    logic [3:0]   rsvd7_4;
    logic         no_soft_reset;
    logic         rsvd2;
    power_state_e power;
  } pm_control_t;

  localparam logic [4:0] PmeOfBridge   = 5'b11001;
  localparam logic [4:0] PmeOfEndpoint = 5'b01001;

  // ---- MSI capability (7.7.1)

  typedef enum logic [9:0] {
    MsiDwHeader  = 10'd0,
    MsiDwAddrLo  = 10'd1,
    MsiDwAddrHi  = 10'd2,
    MsiDwData    = 10'd3,
    MsiDwMask    = 10'd4,
    MsiDwPending = 10'd5
  } msi_dw_e;

  typedef struct packed {
    logic [6:0] rsvd15_9;               // no extended message data
    logic       per_vector_mask;
    logic       address64;
    logic [2:0] vectors_log2;           // Multiple Message Enable
    logic [2:0] capable_log2;           // Multiple Message Capable
    logic       enable;
    logic [7:0] next;
    cap_id_e    id;
  } msi_header_t;

  // ---- VPD capability (7.9.18)

  typedef struct packed {
    logic        flag;                  // one: the data of a read are there; zero: a write is done
    logic [14:0] address;
    logic [7:0]  next;
    cap_id_e     id;
  } vpd_header_t;

  // ---- MSI-X capability (7.7.2)

  typedef struct packed {
    logic        enable;
    logic        mask;                  // function mask
    logic [2:0]  rsvd13_11;
    logic [10:0] last_vector;           // table size - 1
    logic [7:0]  next;
    cap_id_e     id;
  } msix_header_t;

  typedef struct packed {
    logic [28:0] offset_qw;             // offset / 8 in the BAR
    logic [2:0]  bir;                   // which BAR
  } msix_where_t;

  // ---- Base address registers (7.5.1.2.1)

  // Type bits that a BAR shows below its address bits.
  function automatic logic [3:0] bar_type_bits(bar_kind_e kind);
    unique case (kind)
      BarIo:       return 4'b0001;
      BarMem64:    return 4'b0100;
      BarMem64Pre: return 4'b1100;
      default:     return 4'b0000;
    endcase
  endfunction

  function automatic logic is_bar64(bar_kind_e kind);
    return kind inside {BarMem64, BarMem64Pre};
  endfunction

  // Address bits that software can write: those above the size, none of an unused BAR.
  function automatic logic [63:0] bar_address_mask(bar_kind_e kind, logic [5:0] size_log2);
    logic [63:0] mask;
    mask = kind == BarOff ? '0 : ~((64'd1 << size_log2) - 64'd1);
    return is_bar64(kind) ? mask : {32'd0, mask[31:0]};
  endfunction

  // ---- Behaviour of a register

  // The bits of a dword that a write reaches.
  function automatic logic [31:0] byte_mask(logic [3:0] be);
    return {{8{be[3]}}, {8{be[2]}}, {8{be[1]}}, {8{be[0]}}};
  endfunction

  // Value of a register after this clock: `rw` bits take what is written, `rw1c` bits are cleared
  // by a one, `set` bits are set, which wins over a clear of the same clock (7.4).
  function automatic logic [31:0] next_value(
      logic [31:0] old, cfg_req_t req, logic written,
      logic [31:0] rw, logic [31:0] rw1c, logic [31:0] set);
    logic [31:0] reached;
    reached = written ? byte_mask(req.be) : '0;
    return ((old & ~(reached & rw) & ~(reached & rw1c & req.wdata))
          | (reached & rw & req.wdata)) | set;
  endfunction

endpackage
