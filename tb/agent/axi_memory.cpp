// SPDX-License-Identifier: Apache-2.0
#include "agent/axi_memory.hpp"

#include <fmt/format.h>

#include <bit>

#include "agent/tlp_assembler.hpp"

namespace cw::agent {

namespace {

constexpr size_t kIds = 16;

}  // namespace

AxiMemory::AxiMemory(dut::Kernel& kernel, AxiPins pins, model::HostMemory& memory, Rng rng,
                     Options options)
    : kernel_(kernel),
      pins_(pins),
      memory_(memory),
      options_(options),
      bus_bytes_(static_cast<uint32_t>(pins.w_data.bytes())),
      aw_stall_(options.stall, rng.fork("aw")),
      w_stall_(options.stall, rng.fork("w")),
      b_stall_(options.stall, rng.fork("b")),
      ar_stall_(options.stall, rng.fork("ar")),
      r_stall_(options.stall, rng.fork("r")),
      order_(rng.fork("order")),
      writes_(options.outstanding),
      data_bursts_(options.outstanding),
      reads_(options.outstanding) {
  kernel_.add(*this);
  AxiMemory::reset();
}

AxiMemory::~AxiMemory() { kernel_.remove(*this); }

void AxiMemory::set_latency(dut::Cycles read, dut::Cycles write) {
  options_.read_latency = read;
  options_.write_latency = write;
}

void AxiMemory::reset() {
  writes_.clear();
  data_bursts_.clear();
  reads_.clear();
  b_valid_ = r_valid_ = false;
  for (const Pin& pin :
       {pins_.aw_ready, pins_.w_ready, pins_.ar_ready, pins_.b_valid, pins_.r_valid}) {
    pin.drive(false);
  }
}

void AxiMemory::sample() {
  sample_writes();
  sample_reads();
}

void AxiMemory::commit() {
  commit_writes();
  commit_reads();
}

void AxiMemory::check(const AxiAddress& address) const {
  const bool wraps = address.burst == AxiBurst::Wrap;
  const uint32_t beats = address.beats();
  const char* fault = address.burst == AxiBurst::Fixed    ? "is FIXED"
                      : (1u << address.size) > bus_bytes_ ? "is wider than the bus"
                      : wraps && (beats < 2 || beats > 16 || !std::has_single_bit(beats))
                          ? "wraps at no power of 2"
                      : wraps && address.addr % (1u << address.size) ? "wraps and is not aligned"
                      : address.first() / 4096 != (address.past() - 1) / 4096 ? "crosses 4 KiB"
                                                                              : nullptr;
  if (fault) throw ProtocolViolation(fmt::format("AXI burst at {:#x} {}", address.addr, fault));
}

AxiResp AxiMemory::resp_of(const AxiAddress& address) const {
  for (const ErrorRange& range : errors_) {
    const uint64_t end = range.base.value + range.bytes;
    if (address.first() < end && address.past() > range.base.value) return range.resp;
  }
  return AxiResp::Okay;
}

// ---- Writes

void AxiMemory::sample_writes() {
  if (b_valid_ && pins_.b_ready.high()) b_valid_ = false;
  if (transfers(pins_.aw_valid, pins_.aw_ready)) {
    Write& write = writes_.push();
    write.address = pins_.aw.get();
    write.snooped = pins_.aw_snoop.snoops();
    check(write.address);
    kernel_.progress();
  }
  if (transfers(pins_.w_valid, pins_.w_ready)) take_write_data();
}

void AxiMemory::take_write_data() {
  if (data_bursts_.empty() || data_bursts_.back().complete) {
    DataBurst& fresh = data_bursts_.push();
    fresh.data.clear();
    fresh.strobes.clear();
    fresh.complete = false;
  }
  DataBurst& burst = data_bursts_.back();
  const size_t held = burst.data.size();
  burst.data.resize(held + bus_bytes_);
  pins_.w_data.read(&burst.data[held]);
  burst.strobes.push_back(pins_.w_strb.get());
  burst.complete = pins_.w_last.high();
  burst.last_at = kernel_.now();
  ++counters_.write_beats;
  kernel_.progress();
}

AxiResp AxiMemory::perform(const Write& write, const DataBurst& burst) {
  const AxiAddress& address = write.address;
  if (burst.strobes.size() != address.beats()) {
    throw ProtocolViolation(fmt::format("AXI write at {:#x}: {} beats of data, {} announced",
                                        address.addr, burst.strobes.size(), address.beats()));
  }
  ++counters_.writes;
  const AxiResp resp = resp_of(address);
  if (resp != AxiResp::Okay) {
    ++counters_.write_errors;
    return resp;
  }
  const uint64_t all = bus_bytes_ == 64 ? ~uint64_t{0} : (uint64_t{1} << bus_bytes_) - 1;
  for (uint32_t beat = 0; beat < address.beats(); ++beat) {
    const pcie::HostPhysAddr at{address.beat_addr(beat) / bus_bytes_ * bus_bytes_};
    const std::span<const uint8_t> data(&burst.data[size_t{beat} * bus_bytes_], bus_bytes_);
    if (cache_ && write.snooped) {
      cache_->snooped_write(at, data, burst.strobes[beat]);
    } else if (burst.strobes[beat] == all) {
      memory_.write(at, data);
    } else {
      memory_.write_strobed(at, data, burst.strobes[beat]);
    }
  }
  return resp;
}

void AxiMemory::commit_writes() {
  pins_.aw_ready.drive(!writes_.full() && !aw_stall_.stalls());
  const bool room = !data_bursts_.full() || !data_bursts_.back().complete;
  pins_.w_ready.drive(room && !w_stall_.stalls());
  if (!b_valid_ && !writes_.empty() && !data_bursts_.empty() && data_bursts_.front().complete &&
      kernel_.now() >= data_bursts_.front().last_at + options_.write_latency &&
      !b_stall_.stalls()) {
    const AxiResp resp = perform(writes_.front(), data_bursts_.front());
    pins_.b.set(writes_.front().address.id, resp);
    writes_.pop();
    data_bursts_.pop();
    b_valid_ = true;
  }
  pins_.b_valid.drive(b_valid_);
}

// ---- Reads

void AxiMemory::sample_reads() {
  if (r_valid_ && pins_.r_ready.high()) {
    r_valid_ = false;
    ++counters_.read_beats;
    kernel_.progress();
    Read& read = reads_[offered_];
    if (++read.next_beat == read.address.beats()) reads_.erase(offered_);
  }
  if (transfers(pins_.ar_valid, pins_.ar_ready)) take_read(pins_.ar.get());
}

void AxiMemory::take_read(const AxiAddress& address) {
  check(address);
  Read& read = reads_.push();
  read.address = address;
  read.due = kernel_.now() + options_.read_latency;
  read.next_beat = 0;
  read.resp = resp_of(address);
  read.data.resize(size_t{address.beats()} * bus_bytes_);
  const bool snooped = cache_ && pins_.ar_snoop.snoops();
  for (uint32_t beat = 0; beat < address.beats(); ++beat) {
    const pcie::HostPhysAddr at{address.beat_addr(beat) / bus_bytes_ * bus_bytes_};
    const std::span<uint8_t> out(&read.data[size_t{beat} * bus_bytes_], bus_bytes_);
    if (snooped) {
      cache_->snooped_read(at, out);
    } else {
      memory_.read(at, out);
    }
  }
  ++counters_.reads;
  counters_.read_errors += read.resp != AxiResp::Okay;
  kernel_.progress();
}

// Each id keeps its order (AXI A5.3); with `reorder` any of those that may be next is taken.
std::optional<size_t> AxiMemory::next_read() {
  const auto due = [&](size_t n) { return kernel_.now() >= reads_[n].due; };
  if (reads_.empty()) return std::nullopt;
  if (!options_.reorder) return due(0) ? std::optional<size_t>(0) : std::nullopt;
  std::array<bool, kIds> has_older{};
  std::vector<size_t> choices;
  for (size_t n = 0; n < reads_.size(); ++n) {
    if (!std::exchange(has_older[reads_[n].address.id], true) && due(n)) choices.push_back(n);
  }
  return choices.empty() ? std::nullopt : std::optional<size_t>(order_.pick(choices));
}

void AxiMemory::commit_reads() {
  pins_.ar_ready.drive(!reads_.full() && !ar_stall_.stalls());
  const std::optional<size_t> next = r_valid_ ? std::nullopt : next_read();
  if (next && !r_stall_.stalls()) {
    offered_ = *next;
    const Read& read = reads_[offered_];
    pins_.r_id.set(read.address.id);
    pins_.r_resp.set(static_cast<uint64_t>(read.resp));
    pins_.r_last.drive(read.next_beat + 1 == read.address.beats());
    pins_.r_data.write(&read.data[size_t{read.next_beat} * bus_bytes_]);
    r_valid_ = true;
  }
  pins_.r_valid.drive(r_valid_);
}

}  // namespace cw::agent
