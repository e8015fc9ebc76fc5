// common
rtl/common/cw_axi_pkg.sv

// tlp
rtl/tlp/cw_tlp_pkg.sv

// port
rtl/port/cw_port_pkg.sv

// config
rtl/config/cw_cfg_pkg.sv

// endpoint
rtl/endpoint/cw_endpoint_pkg.sv

// regs

// dma
rtl/dma/cw_dma_pkg.sv

// iommu

// root
rtl/root/cw_root_pkg.sv

// top
