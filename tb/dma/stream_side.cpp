// SPDX-License-Identifier: Apache-2.0
#include "dma/stream_side.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "env/scoreboard_fault.hpp"

namespace cw::dma {

using env::StreamPacket;
using model::DmaKind;

namespace {

// It ends early, with a beat that says so.
bool is_cut_from(const agent::AxisPacket& packet, uint16_t info, const StreamPacket& whole) {
  if (packet.bytes.size() > whole.data.size() + 1) return false;
  const auto good = packet.bytes.end() - 1;
  return std::mismatch(packet.bytes.begin(), good, whole.data.begin()).first == good &&
         (info | 0x100) == (whole.info | 0x100);
}

}  // namespace

StreamSide::StreamSide(dut::Kernel& kernel, const std::vector<Port>& ports,
                       std::vector<env::DmaWatch*> watches, agent::Rng rng)
    : watches_(std::move(watches)), rng_(rng) {
  for (const Port& port : ports) {
    if (watches_[port.channel]->kind() == DmaKind::H2s) {
      outputs_.push_back(
          {.channel = port.channel,
           .sink = std::make_unique<agent::AxisSink>(kernel, port.pins, rng_.fork("sink"),
                                                     rng_.pick(agent::kEveryStall))});
    } else {
      inputs_.push_back({.channel = port.channel,
                         .source = std::make_unique<agent::AxisSource>(
                             kernel, port.pins, rng_.fork("source"), rng_.pick(agent::kEveryStall)),
                         .beat_bytes = port.pins.lanes()});
    }
  }
}

bool StreamSide::inputs_idle() const {
  return std::ranges::all_of(inputs_, [](const Input& input) { return input.source->idle(); });
}

void StreamSide::commit(bool calm) {
  if (rng_.range(0, 499) == 0) out_blocked_ = !out_blocked_;
  if (rng_.range(0, 499) == 0) in_blocked_ = !in_blocked_;
  out_blocked_ &= !calm;
  in_blocked_ &= !calm;
  for (Output& output : outputs_) output.sink->block(out_blocked_);
  for (Input& input : inputs_) {
    input.source->block(in_blocked_);
    auto& expected = watches_[input.channel]->stream_in;
    while (input.begins_at.size() > expected.size()) input.begins_at.pop_front();
    if (held_ || !input.source->idle() || expected.size() > 40) continue;
    StreamPacket packet{.info = static_cast<uint16_t>(rng_.u32())};
    packet.data.resize(rng_.range(1, rng_.chance(70) ? 300 : 6000));
    for (uint8_t& byte : packet.data) byte = static_cast<uint8_t>(rng_.u32());
    input.source->send({.bytes = packet.data,
                        .tid = static_cast<uint8_t>(packet.info),
                        .tuser = static_cast<uint8_t>(packet.info >> 8)});
    input.begins_at.push_back(input.sent);
    input.sent += (packet.data.size() + input.beat_bytes - 1) / input.beat_bytes;
    expected.push_back(std::move(packet));
  }
}

uint64_t StreamSide::beats_out() const {
  uint64_t sum = 0;
  for (const Output& output : outputs_) sum += output.sink->beats();
  return sum;
}

// ---- A reset

void StreamSide::cut(unsigned channel, const std::vector<StreamPacket>& unfinished, bool over) {
  const auto output = std::ranges::find(outputs_, channel, &Output::channel);
  if (output == outputs_.end()) return;
  expect_ended(*output);
  for (const StreamPacket& packet : unfinished) output->expected.push_back({packet});
  match(*output, over);
  // Of what has not come, only the packet on the pins still may, and the one that is leaving.
  unsigned kept = 0;
  const auto past = std::ranges::find_if(
      output->expected, [&](const Expected& e) { return !e.packet.cut && !e.lost && ++kept > 2; });
  output->expected.erase(past, output->expected.end());
  for (Expected& expected : output->expected) expected.lost = true;
}

void StreamSide::after_reset() {
  for (Input& input : inputs_) {
    auto& expected = watches_[input.channel]->stream_in;
    while (input.begins_at.size() > expected.size()) input.begins_at.pop_front();
    while (!expected.empty() && input.begins_at.front() < input.source->beats()) {
      expected.pop_front();
      input.begins_at.pop_front();
    }
  }
}

// ---- What comes out

void StreamSide::expect_ended(Output& output) {
  auto& ended = watches_[output.channel]->stream_out;
  for (StreamPacket& packet : ended) output.expected.push_back({std::move(packet)});
  ended.clear();
}

// Takes away what has come, and what will not come any more. `reset`: with a packet that is cut all
// that is expected may be lost.
void StreamSide::match(Output& output, bool reset) {
  const auto& received = output.sink->received();
  for (; output.looked_at != received.size(); ++output.looked_at) {
    const agent::AxisPacket& packet = received[output.looked_at];
    const auto info = static_cast<uint16_t>((packet.tuser << 8) | packet.tid);
    const auto fail = [&](const std::string& what) {
      throw env::ScoreboardFault(fmt::format("channel {}: its stream: {}", output.channel, what));
    };
    if (packet.cut && reset && !output.expected.empty() && !output.expected.front().packet.cut) {
      for (Expected& expected : output.expected) expected.lost = true;
    }
    for (bool found = false; !found;) {
      if (output.expected.empty()) fail("a packet that nobody sent");
      const auto [wanted, lost] = output.expected.front();
      const bool may_be_cut = wanted.cut || lost;
      found = packet.cut ? may_be_cut && is_cut_from(packet, info, wanted)
                         : packet.bytes == wanted.data && info == wanted.info;
      if (!found && !may_be_cut) {
        fail(fmt::format("packet {} of {} bytes, cut {}, and should be of {} bytes",
                         output.looked_at, packet.bytes.size(), packet.cut, wanted.data.size()));
      }
      output.expected.pop_front();
    }
  }
}

void StreamSide::check() {
  for (Output& output : outputs_) {
    expect_ended(output);
    match(output, /*reset=*/false);
    const auto missing = std::ranges::find_if(
        output.expected, [](const Expected& e) { return !e.packet.cut && !e.lost; });
    if (missing != output.expected.end() || output.sink->inside_packet()) {
      throw env::ScoreboardFault(fmt::format(
          "channel {}: its stream: {}", output.channel,
          output.sink->inside_packet() ? "a packet without an end" : "a packet did not come"));
    }
  }
}

}  // namespace cw::dma
