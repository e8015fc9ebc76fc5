// SPDX-License-Identifier: Apache-2.0
//
// A testbench of one file around the flat ports of the endpoint, for whoever brings a bench of
// their own: it enumerates the card, reads and writes a register, lets it fetch 256 bytes of host
// memory by DMA, and compares card memory. docs/endpoint.md says how to run it.
module first_hour_tb;

  localparam int unsigned W     = 256;
  localparam int unsigned Lanes = W / 32;

  logic             clk, rst = 1'b1;
  logic [W-1:0]     rx_data = '0, tx_data;
  logic [Lanes-1:0] rx_strb = '0, tx_strb;
  logic [127:0]     rx_hdr = '0, tx_hdr;
  logic             rx_sop = 1'b0, rx_eop = 1'b0, rx_valid = 1'b0, rx_ready;
  logic             tx_sop, tx_valid;

  initial begin
    clk = 1'b0;
    forever #2 clk = !clk;
  end

  // No logic of the user's: BARs of the card alone, so the AXI ports stay silent.
  cw_endpoint_top #(
    .W(W), .CardMemBytes(65536), .MsixVectors(8),
    .Bars(cw_completer_pkg::device_bars(16, 8, 1'b1))
  ) dut (
    .clk, .rst, .hot_reset(1'b0),

    .rx_tlp_data(rx_data), .rx_tlp_strb(rx_strb), .rx_tlp_hdr(rx_hdr),
    .rx_tlp_prefix('0), .rx_tlp_prefix_valid(1'b0), .rx_tlp_digest('0), .rx_tlp_error(1'b0),
    .rx_tlp_sop(rx_sop), .rx_tlp_eop(rx_eop), .rx_tlp_valid(rx_valid), .rx_tlp_ready(rx_ready),

    .tx_tlp_data(tx_data), .tx_tlp_strb(tx_strb), .tx_tlp_hdr(tx_hdr),
    .tx_tlp_prefix(), .tx_tlp_prefix_valid(), .tx_tlp_digest(), .tx_tlp_error(),
    .tx_tlp_sop(tx_sop), .tx_tlp_eop(), .tx_tlp_valid(tx_valid), .tx_tlp_ready(1'b1),

    .tx_fc_ph_limit  ('0), .tx_fc_ph_infinite  (1'b1),
    .tx_fc_pd_limit  ('0), .tx_fc_pd_infinite  (1'b1),
    .tx_fc_nph_limit ('0), .tx_fc_nph_infinite (1'b1),
    .tx_fc_npd_limit ('0), .tx_fc_npd_infinite (1'b1),
    .tx_fc_cplh_limit('0), .tx_fc_cplh_infinite(1'b1),
    .tx_fc_cpld_limit('0), .tx_fc_cpld_infinite(1'b1),
    .rx_fc_ph_limit(),   .rx_fc_ph_infinite(),   .rx_fc_pd_limit(),   .rx_fc_pd_infinite(),
    .rx_fc_nph_limit(),  .rx_fc_nph_infinite(),  .rx_fc_npd_limit(),  .rx_fc_npd_infinite(),
    .rx_fc_cplh_limit(), .rx_fc_cplh_infinite(), .rx_fc_cpld_limit(), .rx_fc_cpld_infinite(),

    .m_axil_awaddr(), .m_axil_awprot(), .m_axil_awuser(), .m_axil_awvalid(), .m_axil_awready(1'b0),
    .m_axil_wdata(), .m_axil_wstrb(), .m_axil_wvalid(), .m_axil_wready(1'b0),
    .m_axil_bresp('0), .m_axil_bvalid(1'b0), .m_axil_bready(),
    .m_axil_araddr(), .m_axil_arprot(), .m_axil_aruser(), .m_axil_arvalid(), .m_axil_arready(1'b0),
    .m_axil_rdata('0), .m_axil_rresp('0), .m_axil_rvalid(1'b0), .m_axil_rready(),
    .m_axi_awid(), .m_axi_awaddr(), .m_axi_awlen(), .m_axi_awsize(), .m_axi_awburst(),
    .m_axi_awprot(), .m_axi_awuser(), .m_axi_awvalid(), .m_axi_awready(1'b0),
    .m_axi_wdata(), .m_axi_wstrb(), .m_axi_wlast(), .m_axi_wvalid(), .m_axi_wready(1'b0),
    .m_axi_bid('0), .m_axi_bresp('0), .m_axi_bvalid(1'b0), .m_axi_bready(),
    .m_axi_arid(), .m_axi_araddr(), .m_axi_arlen(), .m_axi_arsize(), .m_axi_arburst(),
    .m_axi_arprot(), .m_axi_aruser(), .m_axi_arvalid(), .m_axi_arready(1'b0),
    .m_axi_rid('0), .m_axi_rdata('0), .m_axi_rresp('0), .m_axi_rlast(1'b0),
    .m_axi_rvalid(1'b0), .m_axi_rready(),

    .m_axi_dma_awid(), .m_axi_dma_awaddr(), .m_axi_dma_awlen(), .m_axi_dma_awsize(),
    .m_axi_dma_awburst(), .m_axi_dma_awprot(), .m_axi_dma_awvalid(), .m_axi_dma_awready(1'b0),
    .m_axi_dma_wdata(), .m_axi_dma_wstrb(), .m_axi_dma_wlast(), .m_axi_dma_wvalid(),
    .m_axi_dma_wready(1'b0),
    .m_axi_dma_bid('0), .m_axi_dma_bresp('0), .m_axi_dma_bvalid(1'b0), .m_axi_dma_bready(),
    .m_axi_dma_arid(), .m_axi_dma_araddr(), .m_axi_dma_arlen(), .m_axi_dma_arsize(),
    .m_axi_dma_arburst(), .m_axi_dma_arprot(), .m_axi_dma_arvalid(), .m_axi_dma_arready(1'b0),
    .m_axi_dma_rid('0), .m_axi_dma_rdata('0), .m_axi_dma_rresp('0), .m_axi_dma_rlast(1'b0),
    .m_axi_dma_rvalid(1'b0), .m_axi_dma_rready(),
    .m_axis_tdata(), .m_axis_tkeep(), .m_axis_tid(), .m_axis_tuser(), .m_axis_tlast(),
    .m_axis_tvalid(), .m_axis_tready(1'b0),
    .s_axis_tdata('0), .s_axis_tkeep('0), .s_axis_tid('0), .s_axis_tuser('0), .s_axis_tlast(1'b0),
    .s_axis_tvalid(1'b0), .s_axis_tready(),

    .user_irq('0), .user_pme(1'b0), .user_ltr_snoop('0), .user_ltr_no_snoop('0)
  );

  // ---- Beats in: payload of up to 16 dwords, dword 0 first

  task automatic send(input logic [127:0] hdr, input logic [511:0] payload, input int unsigned dw);
    int unsigned at = 0;
    do begin
      rx_hdr   <= hdr;
      rx_data  <= W'(payload >> 32 * at);
      rx_strb  <= dw - at >= Lanes ? '1 : Lanes'((1 << (dw - at)) - 1);
      rx_sop   <= at == 0;
      rx_eop   <= dw - at <= Lanes;
      rx_valid <= 1'b1;
      do @(posedge clk); while (!rx_ready);
      at += Lanes;
    end while (at < dw);
    rx_valid <= 1'b0;
    @(posedge clk);
  endtask

  // ---- TLPs out: completions and reads wait for who asked; writes go to memory at once

  logic [31:0]  host [0:4095];  // 16 KiB of memory from address 0 on
  logic [127:0] cpl_hdr [$], read_hdr [$];
  logic [31:0]  cpl_data [$];   // the first dword of each
  logic [11:0]  write_dw;

  always @(posedge clk) if (tx_valid && !rst) begin
    if (tx_sop && tx_hdr[124:120] == 5'b0_1010) begin
      cpl_hdr.push_back(tx_hdr);
      cpl_data.push_back(tx_data[31:0]);
    end else if (tx_sop && tx_hdr[127:120] == 8'h00) begin
      read_hdr.push_back(tx_hdr);
    end else if (!tx_sop || tx_hdr[127:120] == 8'h40) begin  // 3-DW header: the address is DW2
      automatic logic [11:0] to = tx_sop ? tx_hdr[45:34] : write_dw;
      for (int unsigned lane = 0; lane < Lanes; lane++)
        if (tx_strb[lane]) host[to + 12'(lane)] = tx_data[32*lane +: 32];
      write_dw = to + 12'(Lanes);
    end
  end

  // ---- Requests: requester 00:00.0, tag 1, function 03:00.0

  function automatic logic [127:0] request(
      logic [7:0] kind, int unsigned dw, logic [3:0] last_be, logic [31:0] dw2);
    return {kind, 14'd0, 10'(dw), 16'h0000, 8'd1, last_be, 4'hf, dw2, 32'd0};
  endfunction

  task automatic completion(output logic [31:0] data);
    int unsigned budget = 1000;
    while (cpl_hdr.size() == 0 && budget != 0) begin
      @(posedge clk);
      budget--;
    end
    if (budget == 0) $fatal(1, "no completion");
    if (cpl_hdr[0][79:77] != 3'b000) $fatal(1, "completion status %0d", cpl_hdr[0][79:77]);
    data = cpl_data.pop_front();
    void'(cpl_hdr.pop_front());
  endtask

  task automatic config_write(input logic [11:0] offset, input logic [31:0] data);
    logic [31:0] nothing;
    send(request(8'h44, 1, 4'h0, {16'h0300, 4'd0, offset}), 512'(data), 1);
    completion(nothing);
  endtask
  task automatic config_read(input logic [11:0] offset, output logic [31:0] data);
    send(request(8'h04, 1, 4'h0, {16'h0300, 4'd0, offset}), '0, 0);
    completion(data);
  endtask
  task automatic write32(input logic [31:0] to, input logic [31:0] data);
    send(request(8'h40, 1, 4'h0, to), 512'(data), 1);
  endtask
  task automatic read32(input logic [31:0] from, output logic [31:0] data);
    send(request(8'h00, 1, 4'h0, from), '0, 0);
    completion(data);
  endtask

  // ---- Completions of the card's reads: one for each 64 bytes; all here begin at a dword

  task automatic answer(input logic [127:0] hdr);
    int unsigned  left = hdr[105:96] == 0 ? 1024 : 32'(hdr[105:96]);
    logic [31:0]  from = hdr[63:32];
    logic [511:0] payload;
    while (left != 0) begin
      automatic int unsigned dw = 16 - 32'(from[5:2]);
      if (dw > left) dw = left;
      for (int unsigned n = 0; n < dw; n++) payload[32*n +: 32] = host[12'(from[13:2]) + 12'(n)];
      send({8'h4a, 14'd0, 10'(dw), 16'h0000, 4'd0, 12'(4 * left), hdr[95:72], 1'b0, from[6:0],
            32'd0}, payload, dw);
      from += 32'(4 * dw);
      left -= dw;
    end
  endtask

  // ---- The hour

  localparam logic [31:0] Regs = 32'h4000_0000, Card = 32'h5000_0000, H2c = Regs + 32'h100;
  localparam logic [31:0] Ring = 32'h0000, Record = 32'h0800, Buffer = 32'h1000;  // host memory

  initial begin
    logic [31:0] value;
    foreach (host[n]) host[n] = 32'(n) * 32'h0101_0101;
    repeat (2) @(posedge clk);
    rst <= 1'b0;

    config_write(12'h010, Regs);  // gives the function its number; BAR0 and BAR2 have 64 bits
    config_write(12'h014, '0);
    config_write(12'h018, Card);
    config_write(12'h01c, '0);
    config_write(12'h004, 32'h6);  // Memory Space Enable, Bus Master Enable
    config_read(12'h000, value);
    $display("vendor and device %h", value);

    read32(Regs, value);
    if (value != 32'h4357_4159) $fatal(1, "ID reads %h", value);
    write32(Regs + 32'hc, 32'h1234_5678);
    read32(Regs + 32'hc, value);
    if (value != 32'h1234_5678) $fatal(1, "SCRATCH reads %h", value);

    // One descriptor: 256 bytes from Buffer to the beginning of card memory
    for (int unsigned n = 0; n < 8; n++) host[Ring / 4 + n] = '0;
    host[Ring / 4]       = Buffer;
    host[Ring / 4 + 6]   = 32'd256;
    host[Ring / 4 + 7]   = 32'h8004_0000;  // phase, last
    host[Record / 4 + 3] = '0;
    write32(H2c + 32'h08, Ring);
    write32(H2c + 32'h10, Record);
    write32(H2c + 32'h18, 32'd1);  // 2 entries
    write32(H2c + 32'h00, 32'h1);  // enable
    write32(H2c + 32'h20, 32'd1);  // the first belongs to the card
    for (int unsigned n = 0; n < 2000 && !host[Record / 4 + 3][31]; n++) begin
      if (read_hdr.size() != 0) answer(read_hdr.pop_front());
      else @(posedge clk);
    end
    if (host[Record / 4 + 3] != 32'h8000_0001) $fatal(1, "record %h", host[Record / 4 + 3]);
    for (int unsigned n = 0; n < 64; n++) begin
      read32(Card + 32'(4 * n), value);
      if (value != host[Buffer / 4 + n]) $fatal(1, "dword %0d of card memory is %h", n, value);
    end
    $display("%0d bytes moved and compared", host[Record / 4]);
    $finish;
  end

endmodule
