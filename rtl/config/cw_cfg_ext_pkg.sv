// SPDX-License-Identifier: Apache-2.0
//
// The registers of extended configuration space: where they are and their fields in wire order.
// Spec: PCIe Base 7.6.3 (extended capabilities), 7.7.8 (ACS), 7.8.2 (LTR), 7.8.4 (AER), 7.8.6
// (Resizable BAR), 7.8.8 (ARI), 7.9.3 (Device Serial Number), 7.9.5 (Vendor-Specific).
package cw_cfg_ext_pkg;

  import cw_cfg_pkg::*;

  // ---- Where the capabilities are: byte offsets

  localparam logic [11:0] ExtFirst    = 12'h100;  // the first has to be here (7.6.1)
  localparam logic [11:0] DsnOffset   = ExtFirst;
  localparam logic [11:0] VsecOffset  = 12'h110;
  localparam logic [11:0] AerOffset   = 12'h140;
  localparam logic [11:0] AriOffset   = 12'h190;
  localparam logic [11:0] AcsOffset   = 12'h198;
  localparam logic [11:0] LtrOffset   = 12'h1a0;
  localparam logic [11:0] RebarOffset = 12'h1b0;
  localparam logic [11:0] ExtEnd      = 12'h000;

  typedef enum logic [15:0] {
    ExtIdAer   = 16'h0001,
    ExtIdDsn   = 16'h0003,
    ExtIdVsec  = 16'h000b,
    ExtIdAcs   = 16'h000d,
    ExtIdAri   = 16'h000e,
    ExtIdRebar = 16'h0015,
    ExtIdLtr   = 16'h0018
  } ext_cap_id_e;

  typedef struct packed {
    logic [11:0] next;
    logic [3:0]  version;
    ext_cap_id_e id;
  } ext_header_t;

  // Dword `index` of an extended capability at byte offset `base`.
  function automatic logic [9:0] ext_dw(logic [11:0] base, logic [9:0] index);
    return base[11:2] + index;
  endfunction

  // ---- Vendor-Specific: what this build is (7.9.5)

  typedef struct packed {
    logic [11:0] bytes;         // of the whole capability
    logic [3:0]  revision;
    logic [15:0] id;            // by the vendor of the function
  } vsec_header_t;

  localparam logic [15:0] VsecIdBuild    = 16'h0001;
  localparam logic [3:0]  VsecRevision   = 4'd1;
  localparam int unsigned VsecDwords     = 5;

  // Three dwords; a field that does not apply to a function is zero.
  typedef struct packed {
    logic [9:0]  rsvd31_22;
    logic [9:0]  tags;          // requests that can wait for completions
    logic [5:0]  rsvd11_6;
    logic [5:0]  card_mem_log2; // bytes of card memory
    logic [3:0]  rsvd31_28;
    logic [11:0] msix_vectors;
    logic [3:0]  dma_channels;
    logic [3:0]  functions;     // of the device
    logic [3:0]  rsvd7_4;
    logic [3:0]  width_log2;    // bits of a beat
    logic [31:0] id;            // chosen by who builds the device; 0: none
  } build_t;

  // The same device with so many functions; of what belongs to the card a function without it says
  // nothing.
  function automatic build_t build_of(build_t device, int unsigned functions, logic card);
    build_t build;
    build           = device;
    build.functions = 4'(functions);
    if (card) return build;
    build.tags          = '0;
    build.card_mem_log2 = '0;
    build.msix_vectors  = '0;
    build.dma_channels  = '0;
    return build;
  endfunction

  // ---- ARI (7.8.8)

  typedef struct packed {
    logic [15:0] rsvd31_16;     // ARI Control: no function groups
    logic [7:0]  next_function; // 0: the last
    logic [5:0]  rsvd7_2;
    logic        acs_groups;
    logic        mfvc_groups;
  } ari_cap_t;

  // ---- ACS (7.7.8): the dword after the header; no egress control vector

  typedef struct packed {
    logic [8:0] rsvd31_23;
    acs_t       control;
    logic [8:0] rsvd15_7;
    acs_t       capability;
  } acs_dw1_t;

  // What a root port can forbid, and that it sends down again what is meant for its own devices.
  // Redirection is between ports of the root complex, which has one.
  localparam acs_t AcsRootPort = '{
      upstream_forwarding: 1'b1, translation_blocking: 1'b1, source_validation: 1'b1, default: '0};

  // ---- LTR (7.8.2)

  typedef struct packed {
    logic [2:0] rsvd15_13;
    logic [2:0] scale;          // times 2 to the power 5 * scale
    logic [9:0] value;          // nanoseconds
  } latency_t;

  typedef struct packed {
    latency_t max_no_snoop;
    latency_t max_snoop;
  } ltr_t;

  localparam ltr_t LtrRw = '{
      max_no_snoop: '{scale: '1, value: '1, default: '0},
      max_snoop:    '{scale: '1, value: '1, default: '0}};

  // ---- Resizable BAR (7.8.6): for each such BAR a dword of sizes and one of control

  typedef struct packed {
    logic [27:0] sizes;         // bit n: 1 MiB times 2 to the power n
    logic [3:0]  rsvd3_0;
  } rebar_sizes_t;

  typedef struct packed {
    logic [17:0] rsvd31_14;
    logic [5:0]  size;          // as a bit number of `sizes`
    logic [2:0]  count;         // in the first: how many BARs are resizable
    logic [1:0]  rsvd4_3;
    logic [2:0]  bar;
  } rebar_control_t;

  localparam int unsigned RebarMinLog2 = 20;  // 1 MiB
  localparam int unsigned RebarMaxLog2 = 47;

  // How many of the BARs below `bar` are resizable; with `bar` 6, of all.
  function automatic int unsigned resizable_below(bar_cfg_t [5:0] bars, int unsigned bar);
    resizable_below = 0;
    for (int unsigned i = 0; i < 6; i++)
      if (i < bar && bars[i].resizable) resizable_below++;
  endfunction

  // The sizes that a BAR can have.
  function automatic logic [27:0] rebar_sizes(bar_cfg_t bar);
    return 28'((29'd1 << (32'(bar.size_log2) - RebarMinLog2 + 1)) - 29'd1);
  endfunction

  // Bytes of a BAR that keeps its size, as a power of two; 0: no BAR.
  function automatic logic [5:0] fixed_log2(bar_cfg_t bar);
    return bar.kind == BarOff ? 6'd0 : bar.size_log2;
  endfunction

  // A 32-bit and a 64-bit BAR that can be resized, between two that cannot: for tests of the
  // capability alone.
  localparam bar_cfg_t [5:0] BarsResizable = {
      make_bar(BarIo, 8, TargetRegs, 1'b0), BarUnused,
      BarUnused, make_bar(BarMem64Pre, 24, TargetAxi, 1'b1),
      make_bar(BarMem32, 22, TargetAxil, 1'b1), make_bar(BarMem32, 12, TargetAxil, 1'b0)};

  // ---- Identity of the example functions: a product sets its own

  localparam logic [63:0] SerialNumberExample = 64'hca5e_00ff_fe00_0001;  // EUI-64, local
  localparam build_t      BuildExample        = '{
      tags: 10'd32, card_mem_log2: 6'd16, msix_vectors: 12'd8, dma_channels: 4'd2, functions: 4'd1,
      width_log2: 4'd8, default: '0};

endpackage
