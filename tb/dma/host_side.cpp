// SPDX-License-Identifier: Apache-2.0
#include "dma/host_side.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "env/scoreboard_fault.hpp"

namespace cw::dma {

using env::ScoreboardFault;
using fields::ReadReq;
using fields::WriteBeat;

namespace {

constexpr uint32_t kRcbBytes = 64;  // pieces end at its multiples (PCIe Base 2.3.1.1)

model::DmaError error_of(unsigned status) {
  return static_cast<model::DmaError>(static_cast<unsigned>(model::DmaError::ReadUr) + status -
                                      fields::RdUr);
}

}  // namespace

HostSide::HostSide(EngineDut& dut, Listener& listener, model::HostMemory& memory, agent::Rng rng,
                   Options options)
    : dut_(dut),
      listener_(listener),
      memory_(memory),
      rng_(rng),
      options_(options),
      answer_stall_(options.stall, rng_.fork("answers")) {
  for (unsigned n = 0; n < kReadClients; ++n) {
    read_stalls_.emplace_back(options.stall, rng_.fork("reads"));
  }
  for (unsigned n = 0; n < kWritePorts; ++n) {
    write_stalls_.emplace_back(options.stall, rng_.fork("writes"));
  }
  dut_.module().kernel().add(*this);
}

HostSide::~HostSide() { dut_.module().kernel().remove(*this); }

void HostSide::reset() {
  for (unsigned client = 0; client < kReadClients; ++client) dut_.read_ready(client, false);
  for (unsigned port = 0; port < kWritePorts; ++port) dut_.write_ready(port, false);
  dut_.answer_valid(false);
}

bool HostSide::writing() const {
  return std::ranges::any_of(open_writes_, [](const auto& open) { return open.has_value(); });
}

void HostSide::forget() {
  asked_.clear();
  packet_.reset();
  driven_ = false;
  for (auto& open : open_writes_) open.reset();
  for (bool& ready : read_ready_) ready = false;
  for (bool& ready : write_ready_) ready = false;
  HostSide::reset();
}

void HostSide::sample() {
  ++now_;
  if (driven_ && dut_.answer_ready()) {
    driven_ = false;
    end_beat();
  }
  for (unsigned port = 0; port < kWritePorts; ++port) {
    if (!write_ready_[port]) continue;
    if (const auto beat = dut_.write(port)) take_write(port, *beat);
  }
  for (unsigned client = 0; client < kReadClients; ++client) {
    if (!read_ready_[client]) continue;
    if (const auto req = dut_.read(client)) take_read(client, *req);
  }
}

void HostSide::commit() {
  for (unsigned client = 0; client < kReadClients; ++client) {
    // Data may not take the last places from descriptors.
    const unsigned kept = client == fields::ClientData ? 2 : 0;
    read_ready_[client] =
        !stopped_ && asked_.size() + kept < options_.outstanding && !read_stalls_[client].stalls();
    dut_.read_ready(client, read_ready_[client]);
  }
  for (unsigned port = 0; port < kWritePorts; ++port) {
    write_ready_[port] = (!stopped_ || open_writes_[port]) && !write_stalls_[port].stalls();
    dut_.write_ready(port, write_ready_[port]);
  }
  drive_answer();
}

// ---- Reads

void HostSide::take_read(unsigned client, const ReadReq& req) {
  if (req.bytes == 0 || req.iova % pcie::kPageBytes + req.bytes > pcie::kPageBytes) {
    throw ScoreboardFault(fmt::format("reads {} bytes at {:#x} [R01]", req.bytes, req.iova));
  }
  const bool descriptor = client == fields::ClientDesc;
  const SeenBy seen = listener_.on_read(descriptor, req);
  Asked asked{.client = client,
              .req = req,
              .due = now_ + rng_.range(options_.latency_low, options_.latency_high),
              .seen = seen};
  if (rng_.range(0, 999) < (descriptor ? options_.descriptor_faults : options_.data_faults)) {
    // What comes before the failure ends where a completion may end.
    const uint64_t from = req.iova / kRcbBytes * kRcbBytes;
    const uint64_t at = from + kRcbBytes * rng_.range(0, (req.iova + req.bytes - 1 - from) / 64);
    asked.fault = Fault{.status = static_cast<unsigned>(rng_.range(fields::RdUr, fields::RdLied)),
                        .bytes_before = at > req.iova ? static_cast<uint32_t>(at - req.iova) : 0};
  }
  asked_.push_back(asked);
}

// The next piece of a request that is due; of any such request where they may overtake.
void HostSide::start_packet() {
  std::vector<size_t> due;
  for (size_t n = 0; n < asked_.size(); ++n) {
    if (asked_[n].due > now_) {
      if (!options_.reorder) break;
      continue;
    }
    due.push_back(n);
    if (!options_.reorder) break;
  }
  if (due.empty()) return;
  const size_t choice = due[rng_.range(0, due.size() - 1)];
  Asked& asked = asked_[choice];
  const uint64_t iova = asked.req.iova + asked.done;
  const uint32_t good = asked.fault ? asked.fault->bytes_before : asked.req.bytes;
  const bool fails = asked.fault && asked.done == good;
  uint32_t bytes = 0;
  if (!fails) {
    const auto unit = static_cast<uint32_t>(kRcbBytes << rng_.range(0, 6));
    bytes = std::min<uint32_t>(good - asked.done, unit - static_cast<uint32_t>(iova % unit));
  }
  const auto offset = static_cast<unsigned>(iova % pcie::kDwordBytes);
  packet_ = Packet{.rsp = {.client = asked.client,
                           .mark = asked.req.mark,
                           .dest = asked.req.dest + asked.done,
                           .offset = offset,
                           .bytes = bytes,
                           .last = fails || (!asked.fault && asked.done + bytes == good),
                           .status = fails ? asked.fault->status : fields::RdOk},
                   .data = std::vector<uint8_t>(fails ? 1 : offset + bytes),
                   .seen = asked.seen};
  if (!fails) {
    memory_.read({iova}, std::span(packet_->data).subspan(offset));
    packet_->data.resize(offset + bytes);
  }
  packet_beat_ = 0;
  asked.done += bytes;
  if (packet_->rsp.last) asked_.erase(asked_.begin() + static_cast<ptrdiff_t>(choice));
}

// The engine may make use of a beat before the next one comes.
void HostSide::end_beat() {
  const SeenBy by = packet_->seen;
  const auto& rsp = packet_->rsp;
  const size_t at = std::max<size_t>(packet_beat_ * dut_.beat_bytes(), rsp.offset);
  const size_t end = std::min<size_t>(packet_->data.size(), ++packet_beat_ * dut_.beat_bytes());
  if (rsp.status == fields::RdOk) {
    by.read->data.insert(by.read->data.end(), packet_->data.begin() + static_cast<ptrdiff_t>(at),
                         packet_->data.begin() + static_cast<ptrdiff_t>(end));
  } else {
    by.read->error = error_of(rsp.status);
  }
  if (end == packet_->data.size()) {
    by.read->ended = rsp.last;
    packet_.reset();
  }
  listener_.on_answer(by);
}

void HostSide::drive_answer() {
  if (driven_) return;  // held until taken
  if (!packet_) start_packet();
  driven_ = packet_ && !answer_stall_.stalls();
  dut_.answer_valid(driven_);
  if (!driven_) return;
  const size_t at = packet_beat_ * dut_.beat_bytes();
  const size_t end = std::min<size_t>(packet_->data.size(), at + dut_.beat_bytes());
  fields::ReadRsp rsp = packet_->rsp;
  rsp.sop = packet_beat_ == 0;
  rsp.eop = end == packet_->data.size();
  std::vector<uint8_t> beat(dut_.beat_bytes(), static_cast<uint8_t>(rng_.u32()));
  std::copy(packet_->data.begin() + static_cast<ptrdiff_t>(at),
            packet_->data.begin() + static_cast<ptrdiff_t>(end), beat.begin());
  dut_.answer(rsp, beat);
}

// ---- Writes

void HostSide::take_write(unsigned port, const WriteBeat& beat) {
  auto& open = open_writes_[port];
  if (beat.sop == open.has_value()) throw ScoreboardFault("a write begins inside another");
  if (!open) open = OpenWrite{.first = beat};
  if (beat.iova != open->first.iova || beat.bytes != open->first.bytes) {
    throw ScoreboardFault(fmt::format("the write at {:#x} changes", open->first.iova));
  }
  const auto first = static_cast<size_t>(beat.sop ? beat.iova % pcie::kDwordBytes : 0);
  const size_t left = beat.bytes - open->data.size();
  const size_t count = std::min(dut_.beat_bytes() - first, left);
  const auto data = dut_.write_data(port);
  open->data.insert(open->data.end(), data.begin() + static_cast<ptrdiff_t>(first),
                    data.begin() + static_cast<ptrdiff_t>(first + count));
  if (beat.eop != (open->data.size() == beat.bytes)) {
    throw ScoreboardFault(fmt::format("the write at {:#x} ends too early or too late", beat.iova));
  }
  if (!beat.eop) return;
  if (beat.iova % pcie::kPageBytes + beat.bytes > pcie::kPageBytes) {
    throw ScoreboardFault(fmt::format("writes {} bytes at {:#x} [R01]", beat.bytes, beat.iova));
  }
  memory_.write({beat.iova}, open->data);
  auto whole = std::move(open->data);
  open.reset();
  listener_.on_write(port == kRecordPort, beat, std::move(whole));
}

}  // namespace cw::dma
