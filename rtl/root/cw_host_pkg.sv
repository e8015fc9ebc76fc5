// SPDX-License-Identifier: Apache-2.0
//
// Where an access of the CPU goes, and one access of it that waits for an answer.
// Spec: PCIe Base 7.2.2 (enhanced configuration access), 7.3.3 (type 0 and type 1 requests).
package cw_host_pkg;

  import cw_cfg_pkg::*;
  import cw_root_pkg::*;

  // The host bridge itself asks: bus 0, device 0, function 0.
  localparam cw_tlp_pkg::bdf_t HostId = '0;

  // Longest burst: 8 beats of 8 bytes.
  localparam int unsigned BurstDw = 16;

  typedef enum logic [2:0] {
    TargetNobody    = 3'd0,  // reads give all ones, writes go nowhere
    TargetError     = 3'd1,  // no part of the address map: DECERR
    TargetIommu     = 3'd2,
    TargetOwnConfig = 3'd3,  // the root port's own configuration space
    TargetConfig0   = 3'd4,  // the function behind the link
    TargetConfig1   = 3'd5,  // a bus further down
    TargetMemory    = 3'd6   // memory of a device
  } host_target_e;

  // Position of a function in the configuration window, as its ID.
  function automatic cw_tlp_pkg::bdf_t ecam_id(logic [63:0] addr);
    return addr[27:12];
  endfunction

  // The device number on the link is 0, any other is absent (7.3.1).
  function automatic host_target_e ecam_target(
      logic [63:0] addr, root_port_state_t port, cw_tlp_pkg::bdf_t port_id);
    cw_tlp_pkg::bdf_t id;
    id = ecam_id(addr);
    if (id == port_id) return TargetOwnConfig;
    if (id.bus == HostId.bus || !claims_bus(port, id.bus)) return TargetNobody;
    if (id.bus != port.secondary_bus) return TargetConfig1;
    return id.device == '0 ? TargetConfig0 : TargetNobody;
  endfunction

  function automatic host_target_e host_target(
      logic [63:0] addr, root_port_state_t port, cw_tlp_pkg::bdf_t port_id);
    if (inside_window(addr, IommuBase, IommuBytes)) return TargetIommu;
    if (inside_window(addr, EcamBase, EcamBytes)) return ecam_target(addr, port, port_id);
    if (is_mmio(addr)) return claims_address(port, addr) ? TargetMemory : TargetNobody;
    return TargetError;
  endfunction

  // Memory of a device behind the port that devices behind it reach as well.
  function automatic logic is_peer(logic [63:0] hpa, root_port_state_t port);
    return is_mmio(hpa) && claims_address(port, hpa) && port.acs.upstream_forwarding;
  endfunction

  // The translated memory request as it goes down again: as it came, with another address. Address
  // bits [1:0] stay, where TH gives them a meaning (2.2.7.1).
  function automatic cw_tlp_pkg::tlp_hdr_t peer_request(
      cw_tlp_pkg::mem_hdr_t request, logic [55:0] hpa);
    cw_tlp_pkg::mem_hdr_t hdr;
    logic                 wide;
    logic [31:0]          low;
    hdr  = request;
    wide = hpa[55:32] != '0;
    low  = {hpa[31:2], cw_tlp_pkg::is_4dw(request) ? request.addr_dw3[1:0]
                                                   : request.addr_dw2[1:0]};
    unique case ({cw_tlp_pkg::has_payload(request), wide})
      2'b00:   hdr.dw0.kind = cw_tlp_pkg::TlpMRd32;
      2'b01:   hdr.dw0.kind = cw_tlp_pkg::TlpMRd64;
      2'b10:   hdr.dw0.kind = cw_tlp_pkg::TlpMWr32;
      default: hdr.dw0.kind = cw_tlp_pkg::TlpMWr64;
    endcase
    hdr.dw0.at   = 2'b00;
    hdr.addr_dw2 = wide ? {8'd0, hpa[55:32]} : low;
    hdr.addr_dw3 = wide ? low : 32'd0;
    return hdr;
  endfunction

  // A burst that the bridge serves: incrementing, of up to 8 beats of up to 8 bytes.
  function automatic logic burst_legal(cw_axi_pkg::axi_ax_t ax);
    return ax.burst == cw_axi_pkg::BurstIncr && ax.len <= 8'd7 && ax.size <= 3'd3;
  endfunction

  // Byte position, from the start of the burst's first 8 bytes, of the beat after this one.
  function automatic logic [6:0] next_beat(logic [6:0] position, logic [2:0] size);
    return ((position >> size) + 7'd1) << size;
  endfunction

  // Bytes of a burst, from its first address on.
  function automatic logic [6:0] burst_bytes(cw_axi_pkg::axi_ax_t ax);
    return (((7'(ax.addr[2:0]) >> ax.size) + 7'(ax.len) + 7'd1) << ax.size) - 7'(ax.addr[2:0]);
  endfunction

  // One access that is answered: a read of memory as a whole, a dword, or 8 bytes of the IOMMU.
  typedef struct packed {
    host_target_e target;
    logic         write;
    logic [63:0]  addr;
    logic [6:0]   bytes;   // of a memory read
    logic [3:0]   be;      // of a configuration dword
    logic         size8;   // IOMMU: both dwords
    logic [63:0]  wdata;
  } host_op_t;

  // What software reads of a function that is not ready, where it wants to know (2.3.2); a read of
  // both bytes of the Vendor ID.
  localparam logic [31:0] VendorIdRrs = 32'hffff_0001;

  function automatic logic reads_vendor_id(host_op_t op);
    return !op.write && op.addr[11:2] == '0 && op.be[1:0] == 2'b11;
  endfunction

  // The non-posted request that carries out an access.
  function automatic cw_tlp_pkg::mem_hdr_t link_request(host_op_t op, logic [4:0] tag);
    cw_tlp_pkg::cfg_hdr_t cfg;
    if (op.target == TargetMemory)
      return cw_tlp_pkg::make_mem_request(1'b0, HostId, 10'(tag), op.addr, 13'(op.bytes));
    cfg = '0;
    unique case ({op.target == TargetConfig1, op.write})
      2'b00:   cfg.dw0.kind = cw_tlp_pkg::TlpCfgRd0;
      2'b01:   cfg.dw0.kind = cw_tlp_pkg::TlpCfgWr0;
      2'b10:   cfg.dw0.kind = cw_tlp_pkg::TlpCfgRd1;
      default: cfg.dw0.kind = cw_tlp_pkg::TlpCfgWr1;
    endcase
    cfg.dw0.length   = 10'd1;
    cfg.requester_id = HostId;
    cfg.tag          = 8'(tag);
    cfg.first_be     = op.be;
    cfg.target_id    = ecam_id(op.addr);
    cfg.reg_dw       = op.addr[11:2];
    return cfg;
  endfunction

  // Dwords that are written in one TLP from the first on: one with any byte enables, or more, with
  // holes only before the first enabled byte and after the last (2.2.5).
  function automatic logic [4:0] write_run(logic [BurstDw-1:0][3:0] be);
    logic [4:0] run;
    logic       open;
    run  = 5'd1;
    open = be[0] inside {4'b1111, 4'b1110, 4'b1100, 4'b1000};
    for (int unsigned i = 1; i < BurstDw; i++) begin
      if (open && be[i] inside {4'b1111, 4'b0111, 4'b0011, 4'b0001}) run = 5'(i + 1);
      open = open && be[i] == 4'b1111;
    end
    return run;
  endfunction

endpackage
