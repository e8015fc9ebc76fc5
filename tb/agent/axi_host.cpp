// SPDX-License-Identifier: Apache-2.0
#include "agent/axi_host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace cw::agent {

using pcie::HostPhysAddr;

namespace {

// The access itself runs into its deadline first, with the better message.
constexpr dut::Cycles kSlack{10};

void require_range(HostPhysAddr at, size_t bytes) {
  if (bytes == 0 || bytes > AxiHost::kMaxBytes ||
      at.value / pcie::kPageBytes != (at.value + bytes - 1) / pcie::kPageBytes) {
    throw std::logic_error(fmt::format("AxiHost: {} bytes at {:#x}", bytes, at.value));
  }
}

uint32_t offset_in_beat(HostPhysAddr at) {
  return static_cast<uint32_t>(at.value % AxiHost::kBusBytes);
}

uint32_t beats_for(HostPhysAddr at, size_t bytes) {
  return (offset_in_beat(at) + static_cast<uint32_t>(bytes) + AxiHost::kBusBytes - 1) /
         AxiHost::kBusBytes;
}

// The narrowest aligned beat that holds an access; bursts are of whole beats.
AxiAddress address_of(HostPhysAddr at, uint32_t bytes) {
  const uint32_t beats = beats_for(at, bytes);
  AxiAddress address{.addr = at.value, .len = static_cast<uint8_t>(beats - 1), .size = 3};
  if (beats == 1) {
    while (address.size > 0) {
      const unsigned narrower = address.size - 1u;
      if (at.value >> narrower != (at.value + bytes - 1) >> narrower) break;
      address.size = static_cast<uint8_t>(narrower);
    }
  }
  address.addr = at.value >> address.size << address.size;
  return address;
}

}  // namespace

AxiHost::AxiHost(dut::Kernel& kernel, AxiPins pins, Rng rng, Options options)
    : kernel_(kernel),
      pins_(pins),
      options_(options),
      aw_stall_(options.stall, rng.fork("aw")),
      w_stall_(options.stall, rng.fork("w")),
      b_stall_(options.stall, rng.fork("b")),
      ar_stall_(options.stall, rng.fork("ar")),
      r_stall_(options.stall, rng.fork("r")) {
  if (pins.w_data.bytes() != kBusBytes) throw std::logic_error("AxiHost: the port is not 64-bit");
  kernel_.add(*this);
  AxiHost::reset();
}

AxiHost::~AxiHost() { kernel_.remove(*this); }

void AxiHost::reset() {
  aw_valid_ = w_valid_ = ar_valid_ = false;
  for (const Pin& pin :
       {pins_.aw_valid, pins_.w_valid, pins_.ar_valid, pins_.b_ready, pins_.r_ready}) {
    pin.drive(false);
  }
}

// ---- What tests call

AxiResult AxiHost::read(HostPhysAddr from, uint32_t bytes) {
  return kernel_.run(async_read(from, bytes), options_.deadline + kSlack);
}

AxiResult AxiHost::write(HostPhysAddr to, std::vector<uint8_t> data) {
  return kernel_.run(async_write(to, std::move(data)), options_.deadline + kSlack);
}

dut::Pending<AxiResult> AxiHost::start_read(HostPhysAddr from, uint32_t bytes) {
  return kernel_.start("host read", async_read(from, bytes));
}

dut::Pending<AxiResult> AxiHost::start_write(HostPhysAddr to, std::vector<uint8_t> data) {
  return kernel_.start("host write", async_write(to, std::move(data)));
}

dut::Task<> AxiHost::finish(Access& access) {
  if (!co_await access.done.within(options_.deadline)) {
    for (auto* queue : {&aw_queue_, &w_queue_, &b_queue_, &ar_queue_, &r_queue_}) {
      std::erase(*queue, &access);
    }
    throw dut::Timeout(fmt::format("host access to {:#x}: no answer within {} cycles",
                                   access.address.addr, options_.deadline.value));
  }
}

dut::Task<AxiResult> AxiHost::async_read(HostPhysAddr from, uint32_t bytes) {
  require_range(from, bytes);
  Access access(kernel_, "read data on the CPU's port");
  access.address = address_of(from, bytes);
  access.lanes.resize(size_t{access.address.beats()} * kBusBytes);
  ar_queue_.push_back(&access);
  co_await finish(access);
  const auto first = access.lanes.begin() + offset_in_beat(from);
  co_return AxiResult{.resp = access.resp, .data = {first, first + bytes}};
}

dut::Task<AxiResult> AxiHost::async_write(HostPhysAddr to, std::vector<uint8_t> data) {
  require_range(to, data.size());
  Access access(kernel_, "a write response on the CPU's port");
  access.address = address_of(to, static_cast<uint32_t>(data.size()));
  access.lanes.resize(size_t{access.address.beats()} * kBusBytes);
  access.strobes.resize(access.address.beats());
  const uint32_t offset = offset_in_beat(to);
  std::copy(data.begin(), data.end(), access.lanes.begin() + offset);
  for (size_t lane = offset; lane < offset + data.size(); ++lane) {
    access.strobes[lane / kBusBytes] |= static_cast<uint8_t>(1u << lane % kBusBytes);
  }
  aw_queue_.push_back(&access);
  w_queue_.push_back(&access);
  co_await finish(access);
  co_return AxiResult{.resp = access.resp, .data = {}};
}

// ---- Pins

void AxiHost::sample() {
  sample_write();
  sample_read();
}

void AxiHost::commit() {
  commit_write();
  commit_read();
}

void AxiHost::sample_write() {
  if (aw_valid_ && pins_.aw_ready.high()) {
    aw_valid_ = false;
    b_queue_.push_back(aw_queue_.front());
    aw_queue_.pop_front();
  }
  if (w_valid_ && pins_.w_ready.high()) {
    w_valid_ = false;
    Access& access = *w_queue_.front();
    if (++access.next_beat == access.address.beats()) w_queue_.pop_front();
  }
  if (transfers(pins_.b_valid, pins_.b_ready)) {
    if (b_queue_.empty()) throw std::runtime_error("a write response that nobody waits for");
    kernel_.progress();
    b_queue_.front()->resp = pins_.b.resp();
    b_queue_.front()->done.notify();
    b_queue_.pop_front();
  }
}

void AxiHost::commit_write() {
  if (!aw_valid_ && !aw_queue_.empty() && !aw_stall_.stalls()) {
    aw_valid_ = true;
    pins_.aw.set(aw_queue_.front()->address);
  }
  if (!w_valid_ && !w_queue_.empty() && !w_stall_.stalls()) {
    const Access& access = *w_queue_.front();
    w_valid_ = true;
    pins_.w_data.write(&access.lanes[size_t{access.next_beat} * kBusBytes]);
    pins_.w_strb.set(access.strobes[access.next_beat]);
    pins_.w_last.drive(access.next_beat + 1 == access.address.beats());
  }
  pins_.aw_valid.drive(aw_valid_);
  pins_.w_valid.drive(w_valid_);
  pins_.b_ready.drive(!b_stall_.stalls());
}

void AxiHost::sample_read() {
  if (ar_valid_ && pins_.ar_ready.high()) {
    ar_valid_ = false;
    r_queue_.push_back(ar_queue_.front());
    ar_queue_.pop_front();
  }
  if (!transfers(pins_.r_valid, pins_.r_ready)) return;
  if (r_queue_.empty()) throw std::runtime_error("read data that nobody waits for");
  kernel_.progress();
  Access& access = *r_queue_.front();
  pins_.r_data.read(&access.lanes[size_t{access.next_beat} * kBusBytes]);
  const auto resp = static_cast<AxiResp>(pins_.r_resp.get());
  access.resp = std::max(access.resp, resp);
  const bool last = ++access.next_beat == access.address.beats();
  if (last != pins_.r_last.high()) throw std::runtime_error("RLAST is not at the last beat");
  if (!last) return;
  access.done.notify();
  r_queue_.pop_front();
}

void AxiHost::commit_read() {
  if (!ar_valid_ && !ar_queue_.empty() && !ar_stall_.stalls()) {
    ar_valid_ = true;
    pins_.ar.set(ar_queue_.front()->address);
  }
  pins_.ar_valid.drive(ar_valid_);
  pins_.r_ready.drive(!r_stall_.stalls());
}

}  // namespace cw::agent
