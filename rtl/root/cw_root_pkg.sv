// SPDX-License-Identifier: Apache-2.0
//
// The host's address map, as the CPU side and, after translation, the devices see it.
// Device accesses to anything else are refused, CPU accesses end with a decode error.
package cw_root_pkg;

  localparam logic [63:0] IommuBase  = 64'h0000_0000_1000_0000;  // registers, CPU only
  localparam logic [63:0] IommuBytes = 64'h0000_0000_0000_1000;
  localparam logic [63:0] MsiBase    = 64'h0000_0000_2800_0000;  // doorbell page, devices only
  localparam logic [63:0] MsiBytes   = 64'h0000_0000_0000_1000;
  localparam logic [63:0] EcamBase   = 64'h0000_0000_3000_0000;  // 256 buses (PCIe Base 7.2.2)
  localparam logic [63:0] EcamBytes  = 64'h0000_0000_1000_0000;
  localparam logic [63:0] Mem32Base  = 64'h0000_0000_4000_0000;  // 32-bit MMIO
  localparam logic [63:0] Mem32Bytes = 64'h0000_0000_4000_0000;
  localparam logic [63:0] RamBase    = 64'h0000_0000_8000_0000;  // host memory
  localparam logic [63:0] Mem64Base  = 64'h0000_0010_0000_0000;  // 64-bit MMIO
  localparam logic [63:0] Mem64Bytes = 64'h0000_0010_0000_0000;
  localparam int unsigned PhysBits   = 46;

  // Messages of devices, one clock each (2.2.8); `source` and `latencies` belong to the one seen.
  typedef struct packed {
    logic             err_cor;
    logic             err_non_fatal;
    logic             err_fatal;
    logic             pm_pme;
    logic             pme_to_ack;
    logic             ltr;
    cw_tlp_pkg::bdf_t source;
    cw_msg_pkg::ltr_t latencies;
  } root_message_t;

  // Root ports are the devices of bus 0, from device 0 on (7.3.1).
  function automatic cw_tlp_pkg::bdf_t root_port_id(int unsigned n);
    return '{bus: '0, device: 5'(n), fn: '0};
  endfunction

  function automatic logic inside_window(
      logic [63:0] addr, logic [63:0] base, logic [63:0] bytes);
    return addr >= base && addr - base < bytes;
  endfunction

  // Memory-mapped I/O of devices, as far as a root port has a window there.
  function automatic logic is_mmio(logic [63:0] addr);
    return inside_window(addr, Mem32Base, Mem32Bytes) || inside_window(addr, Mem64Base, Mem64Bytes);
  endfunction

  // Host memory: from RamBase to the end of the physical address space, less the 64-bit MMIO.
  function automatic logic is_ram(logic [63:0] hpa);
    return hpa >= RamBase && hpa[63:PhysBits] == '0
        && !inside_window(hpa, Mem64Base, Mem64Bytes);
  endfunction

endpackage
