// SPDX-License-Identifier: Apache-2.0
//
// The whole IOMMU in front of a memory: its driver's view (registers, queues, tables) and a device
// that asks on either port.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <vector>

#include "Vcw_iommu.h"
#include "agent/axi_memory.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {

using namespace dut::literals;

enum Reg : unsigned {
  Capabilities = 0x000,
  Fctl = 0x008,
  Ddtp = 0x010,
  Cqb = 0x018,
  Cqh = 0x020,
  Cqt = 0x024,
  Fqb = 0x028,
  Fqh = 0x030,
  Fqt = 0x034,
  Cqcsr = 0x048,
  Fqcsr = 0x04c,
  Ipsr = 0x054,
  Icvec = 0x2f8
};
enum Mode : unsigned { Off, Bare, OneLevel, TwoLevels, ThreeLevels };

inline constexpr uint64_t kDdt = 0x8010'0000, kCommands = 0x8020'0000, kFaults = 0x8030'0000;

// Marks the beats of reads that touch chosen doublewords as corrupted (AXI5 RPOISON), and keeps
// the addresses of all reads.
class Poison : public dut::Clocked {
 public:
  explicit Poison(dut::Kernel& kernel, Vcw_iommu& pins) : kernel_(kernel), p_(pins) {
    kernel.add(*this);
  }
  ~Poison() override { kernel_.remove(*this); }

  std::set<uint64_t> at;
  std::vector<uint64_t> reads;

  void sample() override {
    if (p_.m_r_valid_i && p_.m_r_ready_o) beats_[p_.m_r_id_i].pop_front();
    if (!p_.m_ar_valid_o || !p_.m_ar_ready_i) return;
    const agent::AxiAddress read = agent::AxiAddressPins(p_.m_ar_o).get();
    reads.push_back(read.addr);
    for (unsigned n = 0; n < read.beats(); ++n) beats_[read.id].push_back(read.beat_addr(n));
  }
  // After the memory has put its beat on the bus.
  void commit() override {
    const auto& beats = beats_[p_.m_r_id_i];
    p_.m_r_poison_i = p_.m_r_valid_i && !beats.empty() && at.contains(beats.front());
  }

 private:
  dut::Kernel& kernel_;
  Vcw_iommu& p_;
  std::map<unsigned, std::deque<uint64_t>> beats_;  // to come, by id
};

class Bench : public dut::Module<Vcw_iommu> {
 public:
  explicit Bench(uint64_t seed = 1, agent::AxiMemory::Options options = {}, uint64_t caps = kCaps)
      : Module(seed),
        axi(kernel(), agent::manager_pins(pins()), memory, {seed, "memory"}, options),
        poison(kernel(), pins()) {
    auto& p = pins();
    p.caps_i = caps;
    p.reg_valid_i = p.reg_write_i = 0;
    p.tr_valid_i = 0;
    p.retired_i = 0;
    for (uint64_t page : {kDdt, kCommands, kFaults}) zero(page);
    reset();
  }

  model::HostMemory memory;
  agent::AxiMemory axi;
  Poison poison;

  // ---- Registers

  void write(unsigned offset, uint64_t value, unsigned bytes = 4) {
    auto& p = pins();
    p.reg_valid_i = p.reg_write_i = 1;
    p.reg_addr_i = offset;
    p.reg_size8_i = bytes == 8;
    p.reg_wdata_i = value;
    step();
    p.reg_valid_i = p.reg_write_i = 0;
  }
  uint64_t read(unsigned offset, unsigned bytes = 4) {
    auto& p = pins();
    p.reg_valid_i = 1;
    p.reg_addr_i = offset;
    p.reg_size8_i = bytes == 8;
    settle();
    const uint64_t value = p.reg_rdata_o;
    p.reg_valid_i = 0;
    settle();
    return value;
  }
  void mode(Mode mode, uint64_t root = kDdt) {
    write(Ddtp, root >> 12 << 10 | mode, 8);
    run_until([&] { return !(read(Ddtp) & 0x10); }, 2000_cycles);
  }
  void start_faults(unsigned log2_entries = 7) {
    write(Fqb, kFaults >> 12 << 10 | (log2_entries - 1), 8);
    write(Fqh, 0);
    write(Fqcsr, 1);
    step();
  }
  void start_commands(unsigned log2_entries = 8) {
    write(Cqb, kCommands >> 12 << 10 | (log2_entries - 1), 8);
    write(Cqt, 0);
    write(Cqcsr, 1);
    step();
  }
  // A device with Sv39 tables of its own.
  void start(Mode levels = OneLevel) {
    mode(levels);
    start_faults();
    start_commands();
  }

  // ---- Queues

  void submit(uint64_t low, uint64_t high = 0) {
    const uint64_t tail = read(Cqt), size = 2u << (read(Cqb) & 31);
    memory.write64({kCommands + 16 * tail}, low);
    memory.write64({kCommands + 16 * tail + 8}, high);
    write(Cqt, (tail + 1) % size);
  }
  void command(uint64_t low, uint64_t high = 0) {
    submit(low, high);
    run_until([&] { return read(Cqh) == read(Cqt) || (read(Cqcsr) & 0x700); }, 3000_cycles);
  }
  void invalidate_all() {
    command(1);
    command(3);
    command(2 | 3 << 12);
  }

  // The records since the last call.
  std::vector<Record> faults() {
    step(60_cycles);
    std::vector<Record> records;
    const uint64_t size = 2u << (read(Fqb) & 31);
    for (; read(Fqh) != read(Fqt); write(Fqh, (read(Fqh) + 1) % size)) {
      std::array<uint64_t, 4> dw;
      for (unsigned n = 0; n < 4; n++) dw[n] = memory.read64({kFaults + 32 * read(Fqh) + 8 * n});
      records.push_back(record(dw));
    }
    return records;
  }

  // ---- Tables

  void zero(uint64_t page) { memory.fill({page}, 4096, 0); }
  uint64_t new_table() {
    zero(next_table_);
    return std::exchange(next_table_, next_table_ + 4096);
  }
  // In a directory of one level.
  void context(uint32_t did, std::array<uint64_t, 4> dw) {
    for (unsigned n = 0; n < 4; n++) memory.write64({kDdt + 32 * did + 8 * n}, dw[n]);
  }
  // Its page table is made when it is first asked for.
  uint64_t device(uint32_t did, uint32_t pscid = 1, uint64_t tc = 1) {
    const uint64_t root = new_table();
    context(did, {tc, 0, uint64_t{pscid} << 12, uint64_t{8} << 60 | root >> 12});
    return root;
  }
  // Where the PTE of a level is; tables on the way are made.
  uint64_t entry(uint64_t root, uint64_t iova, unsigned level = 0) {
    for (unsigned above = 2; above > level; above--) {
      const uint64_t at = root + 8 * (iova >> (12 + 9 * above) & 511);
      if (!(memory.read64({at}) & kV)) memory.write64({at}, pte(new_table(), kV));
      root = memory.read64({at}) >> 10 << 12;
    }
    return root + 8 * (iova >> (12 + 9 * level) & 511);
  }
  void map(uint64_t root, uint64_t iova, uint64_t hpa, uint64_t bits = kLeaf, unsigned level = 0) {
    memory.write64({entry(root, iova, level)}, pte(hpa, bits));
  }

  // ---- Requests

  Answer ask(const Request& r, unsigned port = 0) {
    auto& p = pins();
    drive(p.tr_req_i, r, port);
    p.tr_valid_i = 1 << port;
    run_until([&] { return (p.tr_ready_o >> port & 1) != 0; }, 5000_cycles);
    step();
    p.tr_valid_i = 0;
    const auto begin = now();
    run_until([&] { return p.tr_rsp_valid_o != 0; }, 5000_cycles);
    CHECK(p.tr_rsp_valid_o == 1 << port);
    latency = now() - begin;
    const Answer got = answer(p.tr_rsp_o, port);
    step();
    if (retire_at_once) retire(port);
    return got;
  }
  Answer load(uint32_t did, uint64_t iova) { return ask({.did = did, .iova = iova}, 1); }
  Answer store(uint32_t did, uint64_t iova) {
    return ask({.did = did, .iova = iova, .write = true});
  }
  void retire(unsigned port) {
    pins().retired_i = 1 << port;
    step();
    pins().retired_i = 0;
  }

  bool retire_at_once = true;
  dut::Cycles latency;

 private:
  uint64_t next_table_ = 0x8100'0000;
};

}  // namespace cw::unit::iommu
