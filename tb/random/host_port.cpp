// SPDX-License-Identifier: Apache-2.0
#include "random/host_port.hpp"

#include <cstring>
#include <stdexcept>

#include "pcie/codec.hpp"
#include "pcie/wire.hpp"

namespace cw::random {

using namespace pcie;

HostPort::HostPort(dut::Kernel& kernel, EndpointModel& model, Partner& partner, Injector& injector,
                   model::HostMemory& memory)
    : kernel_(kernel),
      model_(model),
      partner_(partner),
      injector_(injector),
      memory_(memory),
      changed_(kernel, "an answer of the endpoint") {}

dut::Task<> HostPort::hold() {
  while (sections_ != 0) co_await idle(10);
  held_ = true;
}

void HostPort::release() {
  held_ = false;
  changed_.notify();
}

void HostPort::end_all() {
  ++life_;
  slots_ = {};
  in_use_ = 0;
  held_ = false;
  changed_.notify();
}

dut::Task<> HostPort::open() {
  const uint64_t life = life_;
  while (held_) {
    co_await changed_;
    if (life != life_) throw Ended{};
  }
}

dut::Task<> HostPort::room() {
  const uint64_t life = life_;
  while (in_use_ >= most_ || partner_.queued(kPosted) > 8) {
    co_await changed_.within(dut::Cycles{20});
    if (life != life_) throw Ended{};
  }
}

dut::Task<> HostPort::idle(uint64_t cycles) {
  const uint64_t life = life_;
  if (cycles) co_await kernel_.cycles(cycles);
  if (life != life_) throw Ended{};
}

uint16_t HostPort::take_tag() {
  for (unsigned n = 1; n <= kTags; ++n) {
    const unsigned tag = (last_tag_ + n) % kTags;
    if (slots_[tag].used) continue;
    last_tag_ = tag;
    slots_[tag] = {.used = true};
    ++in_use_;
    return static_cast<uint16_t>(tag);
  }
  throw std::logic_error("no tag: room() was not awaited");
}

void HostPort::send(RawTlp raw, Care care, bool posted) {
  const auto before = raw.hdr;
  if (care == Care::MayBreak) injector_.request(raw, config().max_payload_bytes());
  if (logs_) {
    const bool broken = raw.hdr != before || raw.error || raw.prefix;
    note(to_text(raw) + (broken ? "  <- broken" : ""));
  }
  if (posted) {
    partner_.post(std::move(raw));
  } else {
    partner_.ask(std::move(raw));
  }
}

void HostPort::post(RawTlp raw, Care care) {
  raw.hdr[1] = (raw.hdr[1] & ~(wire::kTag.mask() << wire::kTag.lsb)) | wire::kTag.put(kTags);
  send(std::move(raw), care, /*posted=*/true);
}

void HostPort::start(RawTlp raw, Care care) {
  const uint16_t tag = take_tag();
  raw.hdr[1] = (raw.hdr[1] & ~(wire::kTag.mask() << wire::kTag.lsb)) | wire::kTag.put(tag);
  send(std::move(raw), care, /*posted=*/false);
}

dut::Task<Answer> HostPort::ask(RawTlp raw, Care care) {
  const uint64_t life = life_;
  co_await room();
  start(std::move(raw), care);
  const unsigned tag = last_tag_;
  slots_[tag].awaited = true;
  while (!slots_[tag].finished) {
    co_await changed_;
    if (life != life_) throw Ended{};
  }
  Answer answer = std::move(slots_[tag].answer);
  slots_[tag] = {};
  co_return answer;
}

void HostPort::note(std::string text) {
  constexpr size_t kKept = 64;
  log_.push_back(std::to_string(kernel_.now().value) + "  " + std::move(text));
  if (log_.size() > kKept) log_.pop_front();
}

void HostPort::done(Tag tag, const Answer& answer) {
  if (tag.value >= kTags || !slots_[tag.value].used || slots_[tag.value].finished) return;
  Slot& slot = slots_[tag.value];
  --in_use_;
  slot.finished = true;
  if (slot.awaited) {
    slot.answer = answer;
  } else {
    slot = {};
  }
  changed_.notify();
}

void HostPort::write32(uint64_t at, uint32_t value) {
  std::vector<uint8_t> data(4);
  std::memcpy(data.data(), &value, 4);
  post(encode(MemWrite{.requester = kHostId, .address = {at}, .data = std::move(data)}),
       Care::Clean);
}

dut::Task<uint32_t> HostPort::read32(uint64_t at) {
  const Answer answer = co_await ask(
      encode(MemRead{.requester = kHostId, .address = {at}, .length_bytes = 4}), Care::Clean);
  co_return answer.dword();
}

dut::Task<uint32_t> HostPort::config_read(uint16_t offset) {
  const Answer answer = co_await ask(
      encode(CfgRead{.requester = kHostId, .target = kEndpointId, .offset = offset}), Care::Clean);
  co_return answer.dword();
}

dut::Task<> HostPort::config_write(uint16_t offset, uint32_t value, uint8_t enables) {
  co_await ask(encode(CfgWrite{.requester = kHostId,
                               .target = kEndpointId,
                               .offset = offset,
                               .first_be = enables,
                               .data = value}),
               Care::Clean);
}

void HostPort::store(uint64_t at, const std::vector<uint8_t>& bytes) {
  memory_.write({at}, bytes);
  model_.memory().write({at}, bytes);
}

}  // namespace cw::random
