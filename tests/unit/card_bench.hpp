// SPDX-License-Identifier: Apache-2.0
//
// The card between a register bus, the host's way into its memory, and a requester that answers
// each read in one packet, in order, and keeps what is written.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "model/host_memory.hpp"
#include "unit/atomic_fields.hpp"
#include "unit/dma_fields.hpp"
#include "unit/msix_pins.hpp"

namespace cw::unit {

using namespace cw::dut::literals;

template <class V>
struct CardBench : dut::Clocked {
  static constexpr uint32_t kBeat = sizeof(V::cm_wr_data_i);
  static constexpr unsigned kClients = 2, kPorts = 3;
  struct Write {
    unsigned port = 0;
    uint64_t iova = 0;
    std::vector<uint8_t> data{};
    bool operator==(const Write&) const = default;
  };

  explicit CardBench(uint64_t seed = 1, agent::Stall stall_kind = agent::Stall::None)
      : module(seed), stall(stall_kind, {seed, "card"}) {
    dut::clear_bits(p.state_i);
    dut::set_bits(p.state_i, 405, 1, 1);  // ID valid
    dut::set_bits(p.state_i, 402, 2, 3);  // Bus Master and Memory Space Enable
    dut::set_bits(p.state_i, 397, 3, 1);  // Max_Payload_Size 256
    dut::set_bits(p.state_i, 394, 3, 2);  // Max_Read_Request_Size 512
    dut::set_bits(p.state_i, 385, 1, 1);  // MSI-X Enable
    p.event_i = 0;
    p.irq_i = p.fn_rst_i = p.others_i = 0;
    dut::clear_bits(p.axi_i);
    p.h2s_ready_i = p.s2h_valid_i = 0;
    drive_atomic(p.atomic_req_i, {}, /*valid=*/false);
    p.cm_wr_valid_i = p.cm_rd_valid_i = p.rsp_valid_i = p.rd_ready_i = p.wr_ready_i = 0;
    module.kernel().add(*this);
    module.reset();
  }
  ~CardBench() override { module.kernel().remove(*this); }

  // ---- The host's way into card memory

  void write_card(uint32_t at, const std::vector<uint8_t>& data) {
    for (uint32_t done = 0; done < data.size();) {
      const uint32_t lane = (at + done) % kBeat;
      const auto left = static_cast<uint32_t>(data.size()) - done;
      const uint32_t count = std::min(kBeat - lane, left);
      p.cm_wr_addr_i = at + done - lane;
      dma::drive_bytes(p.cm_wr_data_i, std::span(data).subspan(done, count), lane);
      p.cm_wr_strb_i = static_cast<uint32_t>(((uint64_t{1} << count) - 1) << lane);
      p.cm_wr_valid_i = 1;
      module.run_until([&] { return p.cm_wr_ready_o; }, 20_cycles);
      module.step();
      p.cm_wr_valid_i = 0;
      done += count;
    }
  }
  std::vector<uint8_t> read_card(uint32_t at, uint32_t bytes) {
    std::vector<uint8_t> data;
    while (data.size() < bytes) {
      const auto from = at + static_cast<uint32_t>(data.size());
      p.cm_rd_addr_i = from / kBeat * kBeat;
      p.cm_rd_valid_i = 1;
      module.run_until([&] { return p.cm_rd_ready_o; }, 20_cycles);
      module.step();
      p.cm_rd_valid_i = 0;
      module.run_until([&] { return p.cm_rd_rvalid_o; }, 20_cycles);
      const auto beat = dma::get_bytes(p.cm_rd_rdata_o, 0, kBeat);
      const auto count = std::min<size_t>(kBeat - from % kBeat, bytes - data.size());
      data.insert(data.end(), beat.begin() + from % kBeat, beat.begin() + from % kBeat + count);
      module.step();
    }
    return data;
  }

  void sample() override {
    if (p.fn_rst_i) {  // the requester forgets as well
      asked.clear();
      answered = 0;
      answering = false;
      return;
    }
    for (unsigned client = 0; client < kClients; ++client) {
      if (p.rd_valid_o & p.rd_ready_i & 1u << client) {
        asked.push_back({client, dma::read_req(p.rd_req_o, client)});
      }
    }
    if (p.rsp_valid_i && p.rsp_ready_o) {
      answered += kBeat;
      const auto& req = asked.front().req;
      if (answered >= req.iova % 4 + req.bytes) {
        asked.pop_front();
        answered = 0;
      }
      answering = false;
    }
    for (unsigned port = 0; port < kPorts; ++port) {
      if (p.wr_valid_o & p.wr_ready_i & 1u << port) take_write(port);
    }
  }
  void commit() override {
    p.rd_ready_i = stall.stalls() ? 0 : 3;
    p.wr_ready_i = stall.stalls() ? 0 : 7;
    answering = answering || (!asked.empty() && !stall.stalls());
    p.rsp_valid_i = answering;
    if (answering) drive_answer();
  }

  dut::Module<V> module;
  V& p = module.pins();
  agent::StallPolicy stall;
  msix::RegBus<V> regs{module};
  model::HostMemory host;
  std::vector<Write> writes;

 private:
  struct Asked {
    unsigned client;
    dma::ReadReq req;
  };
  void drive_answer() {
    const auto& [client, req] = asked.front();
    const uint32_t offset = req.iova % 4, end = offset + req.bytes;
    const auto data = host.read({req.iova - offset + answered}, kBeat);
    dma::drive(p.rsp_i, {.client = client,
                         .mark = req.mark,
                         .dest = req.dest,
                         .offset = offset,
                         .bytes = req.bytes,
                         .sop = answered == 0,
                         .eop = answered + kBeat >= end,
                         .last = true,
                         .status = dma::RdOk});
    dma::drive_bytes(p.rsp_data_i, data);
  }
  void take_write(unsigned port) {
    const dma::WriteBeat beat = dma::write_beat(p.wr_beat_o, port);
    if (beat.sop) open[port] = {.port = port, .iova = beat.iova};
    auto& data = open[port].data;
    const uint32_t first = beat.sop ? beat.iova % 4 : 0;
    const auto count =
        std::min<uint32_t>(kBeat - first, beat.bytes - static_cast<uint32_t>(data.size()));
    const auto bytes = dma::get_bytes(p.wr_data_o, port * kBeat + first, count);
    data.insert(data.end(), bytes.begin(), bytes.end());
    if (!beat.eop) return;
    host.write({open[port].iova}, data);
    writes.push_back(open[port]);
  }

  std::deque<Asked> asked;
  uint32_t answered = 0;  // bytes of the packet under way, from lane 0 on
  bool answering = false;
  Write open[kPorts];
};

}  // namespace cw::unit
