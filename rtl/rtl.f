// common
rtl/common/cw_axi_pkg.sv
rtl/common/cw_ram_sdp.sv
rtl/common/cw_skid.sv
rtl/common/cw_fifo.sv
rtl/common/cw_rr_arbiter.sv
rtl/common/cw_credit_counter.sv
rtl/common/cw_lane_shift.sv
rtl/common/cw_reset_sync.sv

// tlp
rtl/tlp/cw_tlp_pkg.sv
rtl/tlp/cw_msg_pkg.sv
rtl/tlp/cw_crc32.sv
rtl/tlp/cw_ecrc.sv
rtl/tlp/cw_tlp_buffer.sv
rtl/tlp/cw_tlp_merge.sv
rtl/tlp/cw_cpl_splitter.sv

// port
rtl/port/cw_port_pkg.sv
rtl/port/cw_tlp_check.sv
rtl/port/cw_ecrc_check.sv
rtl/port/cw_ecrc_append.sv
rtl/port/cw_order_gate.sv
rtl/port/cw_credit_return.sv
rtl/port/cw_credit_check.sv
rtl/port/cw_port_rx.sv
rtl/port/cw_port_tx.sv
rtl/port/cw_port.sv

// config; messages received have a type of the endpoint's
rtl/endpoint/cw_endpoint_pkg.sv
rtl/config/cw_cfg_pkg.sv
rtl/config/cw_cfg_reg_pkg.sv
rtl/config/cw_cfg_ext_pkg.sv
rtl/config/cw_aer_pkg.sv
rtl/config/cw_vpd_pkg.sv
rtl/config/cw_cfg_pm.sv
rtl/config/cw_cfg_msix.sv
rtl/config/cw_cfg_msi.sv
rtl/config/cw_cfg_vpd.sv
rtl/config/cw_cfg_pcie.sv
rtl/config/cw_cfg_type0.sv
rtl/config/cw_cfg_compatible.sv
rtl/config/cw_cfg_type1.sv
rtl/config/cw_cfg_dsn.sv
rtl/config/cw_cfg_vsec.sv
rtl/config/cw_cfg_aer.sv
rtl/config/cw_cfg_ari.sv
rtl/config/cw_cfg_acs.sv
rtl/config/cw_cfg_ltr.sv
rtl/config/cw_cfg_rebar.sv
rtl/config/cw_cfg_extended.sv
rtl/config/cw_cfg_space.sv
rtl/config/cw_error_merge.sv
rtl/config/cw_functions.sv
rtl/config/cw_cfg_root_port.sv

// endpoint
rtl/endpoint/cw_atomic_pkg.sv
rtl/endpoint/cw_completer_pkg.sv
rtl/endpoint/cw_rom_pkg.sv
rtl/endpoint/cw_requester_pkg.sv
rtl/endpoint/cw_card_mem.sv
rtl/endpoint/cw_card_atomic.sv
rtl/endpoint/cw_msix_table.sv
rtl/endpoint/cw_msix.sv
rtl/endpoint/cw_msi.sv
rtl/endpoint/cw_intx.sv
rtl/endpoint/cw_interrupts.sv
rtl/endpoint/cw_pme.sv
rtl/endpoint/cw_ltr.sv
rtl/endpoint/cw_messages.sv
rtl/endpoint/cw_tag_pool.sv
rtl/endpoint/cw_tag_table.sv
rtl/endpoint/cw_cpl_validator.sv
rtl/endpoint/cw_cpl_timeout.sv
rtl/endpoint/cw_requester_read.sv
rtl/endpoint/cw_requester_write.sv
rtl/endpoint/cw_requester_answer.sv
rtl/endpoint/cw_function_reset.sv
rtl/endpoint/cw_requester.sv
rtl/endpoint/cw_bar_decoder.sv
rtl/endpoint/cw_reg_arbiter.sv
rtl/endpoint/cw_reg_router.sv
rtl/endpoint/cw_p_decoder.sv
rtl/endpoint/cw_card_writer.sv
rtl/endpoint/cw_completer_write.sv
rtl/endpoint/cw_posted_path.sv
rtl/endpoint/cw_np_decoder.sv
rtl/endpoint/cw_write_fence.sv
rtl/endpoint/cw_read_pieces.sv
rtl/endpoint/cw_reg_reader.sv
rtl/endpoint/cw_card_reader.sv
rtl/endpoint/cw_atomic_operands.sv
rtl/endpoint/cw_cfg_access.sv
rtl/endpoint/cw_read_verdict.sv
rtl/endpoint/cw_read_dispatch.sv
rtl/endpoint/cw_read_room.sv
rtl/endpoint/cw_completer_read.sv
rtl/endpoint/cw_cpl_sender.sv
rtl/endpoint/cw_nonposted_path.sv
rtl/endpoint/cw_axil_manager.sv
rtl/endpoint/cw_rom.sv
rtl/endpoint/cw_reg_targets.sv
rtl/endpoint/cw_axi_write.sv
rtl/endpoint/cw_axi_read.sv
rtl/endpoint/cw_completer_targets.sv
rtl/endpoint/cw_completer.sv
rtl/endpoint/cw_user_absent.sv

// regs
rtl/regs/generated/cw_dma_regs_pkg.sv
rtl/regs/generated/cw_dma_regs.sv
rtl/regs/generated/cw_regs_pkg.sv
rtl/regs/generated/cw_regs.sv

// dma
rtl/dma/cw_dma_pkg.sv
rtl/dma/cw_dma_stream_in.sv
rtl/dma/cw_dma_stream_out.sv
rtl/dma/cw_dma_axi_write.sv
rtl/dma/cw_dma_axi_read.sv
rtl/dma/cw_dma_host_source.sv
rtl/dma/cw_dma_card_source.sv
rtl/dma/cw_dma_axi_source.sv
rtl/dma/cw_dma_immediate.sv
rtl/dma/cw_dma_route.sv
rtl/dma/cw_dma_host_sink.sv
rtl/dma/cw_dma_axi_done.sv
rtl/dma/cw_dma_card_sink.sv
rtl/dma/cw_dma_landed.sv
rtl/dma/cw_dma_movers.sv
rtl/dma/cw_dma_doorbell.sv
rtl/dma/cw_dma_ring.sv
rtl/dma/cw_dma_queues.sv
rtl/dma/cw_dma_desc_buffer.sv
rtl/dma/cw_dma_order.sv
rtl/dma/cw_dma_links.sv
rtl/dma/cw_dma_present.sv
rtl/dma/cw_dma_fetch.sv
rtl/dma/cw_dma_desc_check.sv
rtl/dma/cw_dma_launch.sv
rtl/dma/cw_dma_sched.sv
rtl/dma/cw_dma_context.sv
rtl/dma/cw_dma_bounds.sv
rtl/dma/cw_dma_cut.sv
rtl/dma/cw_dma_advance.sv
rtl/dma/cw_dma_flow.sv
rtl/dma/cw_dma_jobs.sv
rtl/dma/cw_dma_close.sv
rtl/dma/cw_dma_core.sv
rtl/dma/cw_dma_books.sv
rtl/dma/cw_dma_retire.sv
rtl/dma/cw_dma_moderation.sv
rtl/dma/cw_dma_axi.sv
rtl/dma/cw_dma_streams.sv
rtl/dma/cw_dma.sv

// endpoint registers: above the DMA's package
rtl/endpoint/cw_endpoint_regs.sv
rtl/endpoint/cw_card.sv
rtl/endpoint/cw_device.sv
rtl/endpoint/cw_endpoint.sv

// iommu
rtl/iommu/cw_iommu_pkg.sv
rtl/iommu/cw_iommu_tr_pkg.sv
rtl/iommu/cw_iommu_reg_pkg.sv
rtl/iommu/cw_iommu_dc_cache.sv
rtl/iommu/cw_iommu_iotlb.sv
rtl/iommu/cw_iommu_iotlb_l2.sv
rtl/iommu/cw_iommu_caches.sv
rtl/iommu/cw_iommu_walk_pkg.sv
rtl/iommu/cw_iommu_pwc.sv
rtl/iommu/cw_iommu_pte_line.sv
rtl/iommu/cw_iommu_walk_check.sv
rtl/iommu/cw_iommu_walk.sv
rtl/iommu/cw_iommu_walkers.sv
rtl/iommu/cw_iommu_queue_csr.sv
rtl/iommu/cw_iommu_control.sv
rtl/iommu/cw_iommu_irq.sv
rtl/iommu/cw_iommu_msi.sv
rtl/iommu/cw_iommu_hpm_event.sv
rtl/iommu/cw_iommu_hpm.sv
rtl/iommu/cw_iommu_debug.sv
rtl/iommu/cw_iommu_regs.sv
rtl/iommu/cw_iommu_cmd_queue.sv
rtl/iommu/cw_iommu_fault_queue.sv
rtl/iommu/cw_iommu_host.sv
rtl/iommu/cw_iommu_drain.sv
rtl/iommu/cw_iommu_mem.sv
rtl/iommu/cw_iommu_intake.sv
rtl/iommu/cw_iommu_refusals.sv
rtl/iommu/cw_iommu_merge.sv
rtl/iommu/cw_iommu_asks.sv
rtl/iommu/cw_iommu_pending.sv
rtl/iommu/cw_iommu_translate.sv
rtl/iommu/cw_iommu_engine.sv
rtl/iommu/cw_iommu.sv
rtl/iommu/cw_iommu_gate.sv

// root
rtl/root/cw_root_pkg.sv
rtl/root/cw_host_pkg.sv
rtl/root/cw_host_write_buffer.sv
rtl/root/cw_host_posted.sv
rtl/root/cw_host_mmio_write.sv
rtl/root/cw_host_mmio_read.sv
rtl/root/cw_host_tags.sv
rtl/root/cw_host_cpl_check.sv
rtl/root/cw_host_access.sv
rtl/root/cw_host_nonposted.sv
rtl/root/cw_host_bridge.sv
rtl/root/cw_host_write.sv
rtl/root/cw_host_read_return.sv
rtl/root/cw_host_read.sv
rtl/root/cw_peer_reads.sv
rtl/root/cw_cpl_route.sv
rtl/root/cw_root_messages.sv
rtl/root/cw_upstream_gates.sv
rtl/root/cw_upstream_path.sv
rtl/root/cw_link_gate.sv
rtl/root/cw_link_reset.sv
rtl/root/cw_acs_filter.sv
rtl/root/cw_root_port.sv
rtl/root/cw_root_link.sv
rtl/root/cw_doorbell.sv
rtl/root/cw_root_iommu.sv
rtl/root/cw_root_complex.sv

// top
rtl/top/cw_endpoint_top.sv
rtl/top/cw_system_top.sv

// check: simulation only
rtl/check/cw_tlp_checker.sv
