// SPDX-License-Identifier: Apache-2.0
//
// What the completer works on, as stubs with random stalls: registers that answer in the same
// clock, card memory, configuration space.
#pragma once

#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <vector>

#include "agent/stall_policy.hpp"
#include "dut/module.hpp"
#include "unit/atomic_fields.hpp"
#include "unit/completer_fields.hpp"

namespace cw::unit {

// Bytes by address; those that nobody wrote hold `first_byte`.
class Bytes {
 public:
  uint8_t at(uint64_t address) const {
    const auto found = written_.find(address);
    return found == written_.end() ? first_byte(address) : found->second;
  }
  uint32_t dword(uint64_t address) const {
    uint32_t value = 0;
    for (unsigned i = 4; i-- > 0;) value = value << 8 | at(address + i);
    return value;
  }
  void put(uint64_t address, uint8_t value) { written_[address] = value; }
  size_t written() const { return written_.size(); }

 private:
  std::map<uint64_t, uint8_t> written_;
};

// A module whose register bus and configuration port are answered within the clock.
template <class V>
class AnsweredModule : public dut::Module<V> {
 public:
  AnsweredModule(uint64_t seed, agent::Rng rng, agent::Stall stall)
      : dut::Module<V>(seed), stall_(stall, rng), watch_(*this) {
    this->kernel().add(watch_);
  }

  Bytes regs;
  std::vector<RegAccess> reg_log;
  std::set<uint16_t> reg_errors;  // addresses that answer with an error
  std::vector<uint32_t> cfg_writes;
  uint32_t cfg_rdata = 0xcf600d01;
  pcie::CplStatus cfg_status = pcie::CplStatus::Sc;
  bool block_regs = false;

  void settle() override {
    dut::Module<V>::settle();
    V& p = this->pins();
    const bool answers = !stalled_ && !block_regs;
    if constexpr (requires { p.reg_req_o; }) {
      const RegAccess access = reg_access(p.reg_req_o);
      p.reg_ready_i = p.reg_valid_o && answers;
      p.reg_error_i = p.reg_ready_i && reg_errors.count(access.addr) != 0;
      if constexpr (requires { p.reg_rdata_i; }) {
        p.reg_rdata_i = p.reg_ready_i ? regs.dword(access.addr) : 0xdeaddead;
      }
    }
    if constexpr (requires { p.cfg_valid_o; }) {
      p.cfg_ready_i = answers;
      p.cfg_done_i = p.cfg_valid_o && answers;
      p.cfg_rdata_i = p.cfg_done_i ? cfg_rdata : 0xdeaddead;
      if constexpr (requires { p.cfg_status_i; }) {
        p.cfg_status_i = static_cast<uint8_t>(cfg_status);
      }
    }
    dut::Module<V>::settle();
  }

 private:
  struct Watch : dut::Clocked {
    explicit Watch(AnsweredModule& m) : module(m) {}
    void sample() override { module.sample(); }
    void commit() override { module.stalled_ = module.stall_.stalls(); }
    AnsweredModule& module;
  };
  void sample() {
    V& p = this->pins();
    if constexpr (requires { p.reg_req_o; }) {
      if (p.reg_valid_o && p.reg_ready_i) {
        const RegAccess access = reg_access(p.reg_req_o);
        reg_log.push_back(access);
        for (unsigned i = 0; access.write && i < 4; ++i) {
          if (access.be >> i & 1) {
            regs.put(access.addr + i, static_cast<uint8_t>(access.wdata >> 8 * i));
          }
        }
      }
    }
    if constexpr (requires { p.cfg_valid_o; }) {
      if (p.cfg_done_i && (dut::get_bits(p.cfg_hdr_o, 120, 8) == 0x44)) {
        cfg_writes.push_back(p.cfg_wdata_o);
      }
    }
  }

  agent::StallPolicy stall_;
  Watch watch_;
  bool stalled_ = false;
};

// Card memory of one client. Reads come back in order, `latency` clocks or more after they are
// taken. Where the module has an AXI4 port beside it, that reads the same bytes.
template <class V>
class CardStub : public dut::Clocked {
 public:
  static constexpr unsigned kLatency = 2;

  CardStub(dut::Module<V>& module, agent::Rng rng, agent::Stall stall)
      : module_(module),
        write_stall_(stall, rng.fork("write")),
        read_stall_(stall, rng.fork("read")),
        answer_stall_(stall, rng.fork("answer")) {
    module.kernel().add(*this);
  }
  Bytes memory;
  unsigned writes = 0, reads = 0, axi_reads = 0;
  std::set<uint32_t> axi_errors;  // beats that the AXI4 port answers with an error
  bool block_writes = false;

  void sample() override {
    V& p = module_.pins();
    if constexpr (requires { p.cm_wr_valid_o; }) {
      if (p.cm_wr_valid_o && p.cm_wr_ready_i) {
        ++writes;
        std::array<uint8_t, sizeof(p.cm_wr_data_o)> data;
        std::memcpy(data.data(), &p.cm_wr_data_o, data.size());
        for (unsigned i = 0; i < data.size(); ++i) {
          if (static_cast<uint64_t>(p.cm_wr_strb_o) >> i & 1)
            memory.put(p.cm_wr_addr_o + i, data[i]);
        }
      }
    }
    if constexpr (requires { p.cm_rd_valid_o; }) {
      if (p.cm_rd_valid_o && p.cm_rd_ready_i) {
        ++reads;
        due_.push_back({module_.now().value + kLatency, p.cm_rd_addr_o, {}});
        if constexpr (requires { p.cm_rd_req_o; }) {
          if (beat_read(p.cm_rd_req_o).target == BeatRead::kTargetAxi) {
            ++axi_reads;
            due_.back().at += 5;
            due_.back().error = axi_errors.count(p.cm_rd_addr_o) != 0;
          }
        }
        for (unsigned i = 0; i < kBeat; ++i)
          due_.back().data.push_back(memory.at(p.cm_rd_addr_o + i));
      }
    }
  }
  void commit() override {
    V& p = module_.pins();
    if constexpr (requires { p.cm_wr_valid_o; }) {
      p.cm_wr_ready_i = !block_writes && !write_stall_.stalls();
    }
    if constexpr (requires { p.cm_rd_valid_o; }) {
      p.cm_rd_ready_i = !read_stall_.stalls();
      if constexpr (requires { p.cm_rd_rdata_i; }) {
        p.cm_rd_rvalid_i =
            !due_.empty() && due_.front().at <= module_.now().value + 1 && !answer_stall_.stalls();
        if (p.cm_rd_rvalid_i) {
          std::memcpy(&p.cm_rd_rdata_i, due_.front().data.data(), kBeat);
          if constexpr (requires { p.cm_rd_error_i; }) p.cm_rd_error_i = due_.front().error;
          due_.pop_front();
        }
      }
    }
  }
  void reset() override {
    due_.clear();
    V& p = module_.pins();
    if constexpr (requires { p.cm_rd_rvalid_i; }) p.cm_rd_rvalid_i = 0;
  }

 private:
  static constexpr unsigned kBeat = [] {
    if constexpr (requires(V & v) { v.cm_rd_rdata_i; }) {
      return sizeof(V::cm_rd_rdata_i);
    } else {
      return sizeof(V::cm_wr_data_o);
    }
  }();
  struct Due {
    uint64_t at;
    uint32_t addr;
    std::vector<uint8_t> data;
    bool error = false;
  };
  dut::Module<V>& module_;
  agent::StallPolicy write_stall_, read_stall_, answer_stall_;
  std::deque<Due> due_;
};

// Carries out AtomicOps on the bytes of card memory, each some clocks after it is asked for.
template <class V>
class AtomicStub : public dut::Clocked {
 public:
  AtomicStub(dut::Module<V>& module, Bytes& memory, agent::Rng rng, agent::Stall stall)
      : module_(module), memory_(memory), stall_(stall, rng) {
    module.kernel().add(*this);
  }
  std::vector<pcie::Atomic> done;

  void sample() override {
    asked_ = atomic_valid(module_.pins().atomic_req_o) && !last_;
    if (asked_) request_ = atomic(module_.pins().atomic_req_o);
  }
  void commit() override {
    AtomicRsp rsp;
    if (asked_ && !stall_.stalls() && ++waited_ > 3) {
      if (answer_.empty()) carry_out();
      rsp.valid = true;
      const size_t beat = std::min<size_t>(kBeatDwords, answer_.size());
      std::copy_n(answer_.begin(), beat, rsp.data.begin());
      answer_.erase(answer_.begin(), answer_.begin() + static_cast<std::ptrdiff_t>(beat));
      rsp.ready = answer_.empty();
      if (rsp.ready) waited_ = 0;
    }
    last_ = rsp.ready;
    drive(module_.pins().atomic_rsp_i, rsp);
  }
  void reset() override { drive(module_.pins().atomic_rsp_i, AtomicRsp{}); }

 private:
  static constexpr size_t kBeatDwords = sizeof(V::cm_rd_rdata_i) / 4;
  void carry_out() {
    const uint64_t at = request_.address.value;
    for (size_t i = 0; i < model::operand_dwords(request_); ++i) {
      answer_.push_back(memory_.dword(at + 4 * i));
    }
    const auto result = model::atomic_result(request_, answer_);
    for (size_t i = 0; i < 4 * result.size(); ++i) {
      memory_.put(at + i, static_cast<uint8_t>(result[i / 4] >> 8 * (i % 4)));
    }
    done.push_back(request_);
  }
  dut::Module<V>& module_;
  Bytes& memory_;
  agent::StallPolicy stall_;
  pcie::Atomic request_;
  std::vector<uint32_t> answer_;
  unsigned waited_ = 0;
  bool asked_ = false, last_ = false;
};

// Counts what stations report, clock by clock: `event_o`, or the reports of one or both paths.
template <class V>
class ReportCounter : public dut::Clocked {
 public:
  explicit ReportCounter(dut::Module<V>& module) : module_(module) { module.kernel().add(*this); }
  unsigned count(unsigned report) const {
    const auto found = counts_.find(report);
    return found == counts_.end() ? 0 : found->second;
  }
  unsigned any() const { return any_; }
  std::vector<ErrorReport> log;  // with the functions concerned and the header at fault

  void sample() override {
    V& p = module_.pins();
    if constexpr (requires { p.event_o; }) take({.kinds = static_cast<unsigned>(p.event_o)});
    if constexpr (requires { p.report_o; }) take(error_report(p.report_o));
    if constexpr (requires { p.p_report_o; }) take(error_report(p.p_report_o));
    if constexpr (requires { p.np_report_o; }) take(error_report(p.np_report_o));
  }

 private:
  void take(const ErrorReport& report) {
    if (!report.kinds) return;
    ++any_;
    log.push_back(report);
    for (unsigned bit = 0; bit < 14; ++bit) {
      if (report.kinds >> bit & 1) ++counts_[1u << bit];
    }
  }

  dut::Module<V>& module_;
  std::map<unsigned, unsigned> counts_;
  unsigned any_ = 0;
};

}  // namespace cw::unit
