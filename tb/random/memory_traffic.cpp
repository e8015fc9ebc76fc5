// SPDX-License-Identifier: Apache-2.0
#include "random/memory_traffic.hpp"

#include <algorithm>

#include "env/endpoint_shape.hpp"
#include "pcie/codec.hpp"
#include "random/judge.hpp"
#include "random/user_registers.hpp"

namespace cw::random {

using namespace pcie;

namespace {

constexpr uint64_t kCardBytes = uint64_t{1} << env::kCardMemLog2, kRegisterBytes = 1 << 14;

// Where in BAR0 a write changes nothing that another sequence relies on: identification and
// scratch, the room between the registers, the empty page, the pending bits.
struct Range {
  uint32_t first, end;
};
constexpr Range kHarmless[] = {{0x000, 0x010},
                               {0x01c, env::dma_block(0)},
                               {env::dma_block(env::kDmaChannels), 0x2000},
                               {0x3000, 0x4000}};

}  // namespace

dut::Task<> MemoryTraffic::run() {
  try {
    while ((tape_.replays() || tape_.spans_begun() < operations_) && tape_.next_span()) {
      co_await operation();
    }
  } catch (const HostPort::Ended&) {
  }
}

dut::Task<> MemoryTraffic::operation() {
  co_await host_.open();
  co_await host_.room();
  co_await host_.open();
  switch (tape_.weighted({30, 28, 10, 3, 3, 6, 2, 2, 6, 1, 4})) {
    case 0:
      write();
      break;
    case 1:
      read(/*locked=*/false);
      break;
    case 2:
      write_then_read();
      break;
    case 3:
      message();
      break;
    case 4:
      input_output();
      break;
    case 5:
      atomic();
      break;
    case 6:
      strange_config();
      break;
    case 7:
      read(/*locked=*/true);
      break;
    case 10:
      user();
      break;
    case 9:
      write_combined();
      break;
    default:
      co_await host_.idle(tape_.range(0, 60));
      break;
  }
}

uint64_t MemoryTraffic::base_of(bool card) { return host_.config().bar_base(card ? 2 : 0); }

// 2.2.5: any pattern that is legal for the length.
ByteEnables MemoryTraffic::enables(uint32_t dw, uint64_t address) {
  const size_t shape = tape_.weighted({5, 3, 2});
  if (dw == 1) {
    return {.first = static_cast<uint8_t>(shape == 0 ? 0xf : tape_.draw(16)), .last = 0};
  }
  if (shape == 0) return {.first = 0xf, .last = 0xf};
  if (dw == 2 && address % 8 == 0 && shape == 2) {
    return {.first = static_cast<uint8_t>(tape_.range(1, 15)),
            .last = static_cast<uint8_t>(tape_.range(1, 15))};
  }
  return {.first = static_cast<uint8_t>(0xf << tape_.draw(4) & 0xf),
          .last = static_cast<uint8_t>(0xf >> tape_.draw(4))};
}

MemoryTraffic::Place MemoryTraffic::place(uint32_t most_dw, bool writes) {
  Place place;
  const bool card = tape_.weighted({4, 1}) == 0;
  const size_t where = tape_.weighted({14, 1, 1});  // inside, over the end, outside
  switch (tape_.weighted({4, 3, 2, 1})) {
    case 0:
      place.dw = static_cast<uint32_t>(tape_.range(1, 2));
      break;
    case 1:
      place.dw = static_cast<uint32_t>(tape_.range(1, 16));
      break;
    case 2:
      place.dw = static_cast<uint32_t>(tape_.range(1, most_dw));
      break;
    default:
      place.dw = most_dw;
      break;
  }
  const uint64_t bytes = card ? kCardBytes : kRegisterBytes, base = base_of(card);
  const uint64_t span = uint64_t{place.dw} * kDwordBytes;
  if (where == 1) {  // no request crosses a page, so over the end is beside it
    place.address = tape_.draw(2) ? base + bytes : base - span;
  } else if (where == 2) {
    place.address = base ^ (uint64_t{1} << tape_.range(17, 31));
  } else if (!card && writes) {
    const Range& range = tape_.pick(kHarmless);
    place.dw = std::min(place.dw, (range.end - range.first) / kDwordBytes);
    const uint32_t slots = (range.end - range.first) / kDwordBytes - place.dw + 1;
    place.address = base + range.first + tape_.draw(slots) * kDwordBytes;
  } else if (tape_.draw(2)) {  // a few hot lines, where accesses meet
    place.address = base + tape_.draw(4) * 4096 + tape_.draw(64) * kDwordBytes;
  } else {
    place.address = base + tape_.draw(bytes / kDwordBytes - place.dw + 1) * kDwordBytes;
  }
  const auto page_left = static_cast<uint32_t>(kPageBytes - place.address % kPageBytes);
  place.dw = std::min(place.dw, page_left / kDwordBytes);
  place.enables = enables(place.dw, place.address);
  return place;
}

Attributes MemoryTraffic::attributes() {
  if (tape_.weighted({3, 1}) == 0) return {};
  return {.traffic_class = static_cast<uint8_t>(tape_.draw(8)),
          .relaxed_ordering = tape_.draw(2) != 0,
          .no_snoop = tape_.draw(2) != 0,
          .id_ordering = tape_.draw(2) != 0};
}

std::vector<uint8_t> MemoryTraffic::bytes(size_t count) {
  agent::Rng pattern(tape_.u32(), "bytes");
  std::vector<uint8_t> data(count);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(pattern.u32());
  return data;
}

void MemoryTraffic::write() {
  const Place to = place(host_.config().max_payload_bytes() / kDwordBytes, /*writes=*/true);
  host_.post(encode(MemWrite{.requester = kHostId,
                             .address = {to.address},
                             .data = bytes(uint64_t{to.dw} * kDwordBytes),
                             .enables = to.enables,
                             .attributes = attributes()}));
}

void MemoryTraffic::read(bool locked) {
  const Place from = place(kMaxLengthDw, /*writes=*/false);
  host_.start(encode(MemRead{.requester = kHostId,
                             .address = {from.address},
                             .length_bytes = from.dw * kDwordBytes,
                             .enables = from.enables,
                             .locked = locked,
                             .attributes = attributes()}));
}

// The read sees the write, whatever is between them.
void MemoryTraffic::write_then_read() {
  const Place to = place(host_.config().max_payload_bytes() / kDwordBytes, /*writes=*/true);
  host_.post(encode(MemWrite{.requester = kHostId,
                             .address = {to.address},
                             .data = bytes(uint64_t{to.dw} * kDwordBytes),
                             .enables = to.enables}));
  host_.start(encode(MemRead{
      .requester = kHostId,
      .address = {to.address},
      .length_bytes = to.dw * kDwordBytes,
      .enables = ByteEnables{.first = 0xf, .last = static_cast<uint8_t>(to.dw == 1 ? 0 : 0xf)}}));
}

// A line as a processor's write-combining buffer leaves it: whole, or in pieces in any order.
void MemoryTraffic::write_combined() {
  constexpr uint64_t kLine = 64;
  const uint64_t line = base_of(/*card=*/true) + tape_.draw(kCardBytes / kLine) * kLine;
  const uint32_t piece = 64u >> tape_.draw(4);
  const uint64_t first = tape_.draw(kLine / piece);
  for (uint64_t n = 0; n < kLine / piece; ++n) {
    host_.post(encode(MemWrite{.requester = kHostId,
                               .address = {line + (first + n) % (kLine / piece) * piece},
                               .data = bytes(piece)}));
  }
}

// The user's own registers, a line of them at most; some answer with an error.
void MemoryTraffic::user() {
  constexpr uint32_t kLine = 64;
  const bool fails = tape_.draw(6) == 5;
  const uint64_t lines = tape_.draw(2) ? 8 : kUserSlverrAt / kLine;
  const uint64_t line =
      fails ? kUserSlverrAt / kLine + tape_.draw((kUserBytes - kUserSlverrAt) / kLine)
            : tape_.draw(lines);
  const auto first = static_cast<uint32_t>(tape_.draw(kLine / 4));
  const auto dw = static_cast<uint32_t>(tape_.range(1, kLine / 4 - first));
  const uint64_t address = kUserAt + line * kLine + first * 4;
  const ByteEnables lanes =
      fails ? ByteEnables{.first = 0xf, .last = static_cast<uint8_t>(dw == 1 ? 0 : 0xf)}
            : enables(dw, address);
  if (tape_.draw(2)) {
    host_.post(encode(MemWrite{.requester = kHostId,
                               .address = {address},
                               .data = bytes(uint64_t{dw} * kDwordBytes),
                               .enables = lanes}));
  } else {
    host_.start(encode(MemRead{.requester = kHostId,
                               .address = {address},
                               .length_bytes = dw * kDwordBytes,
                               .enables = lanes}));
  }
}

void MemoryTraffic::message() {
  constexpr uint8_t kCodes[] = {0x00, 0x14, 0x19, 0x40, 0x48, 0x50, 0x7f, 0x7e,
                                0x20, 0x24, 0x30, 0x18, 0x01, 0x52, 0x10, 0xaa};
  const uint8_t code = tape_.pick(kCodes);
  const bool data = code == 0x50 || (code >= 0x7e && tape_.draw(2) != 0);
  Message message{.requester = kHostId,
                  .routing = tape_.weighted({5, 1}) ? static_cast<uint8_t>(tape_.draw(6))
                                                    : message_routing(code),
                  .code = code,
                  .dw2 = tape_.u32(),
                  .dw3 = tape_.u32()};
  if (data) message.payload.assign(code == 0x50 ? 1 : tape_.range(1, 8), tape_.u32());
  host_.post(encode(message));
}

void MemoryTraffic::input_output() {
  // Where nobody is, or what is harmless of the registers: identification and scratch, and the room
  // behind them.
  constexpr uint32_t kScratchEnd = 0x10, kRoomAt = 0x1c, kRoomEnd = 0x100;
  auto address = static_cast<uint32_t>(tape_.draw(1 << 14) * kDwordBytes);
  if (tape_.draw(2)) {
    address = kIoAt + static_cast<uint32_t>(
                          tape_.draw(2) ? tape_.draw(kScratchEnd / 4) * 4
                                        : kRoomAt + tape_.draw((kRoomEnd - kRoomAt) / 4) * 4);
  }
  const auto enables = static_cast<uint8_t>(tape_.draw(16));
  if (tape_.draw(2)) {
    host_.start(encode(IoRead{.requester = kHostId, .address = address, .first_be = enables}));
  } else {
    host_.start(encode(IoWrite{
        .requester = kHostId, .address = address, .first_be = enables, .data = tape_.u32()}));
  }
}

void MemoryTraffic::atomic() {
  const auto which = static_cast<AtomicKind>(tape_.draw(3));
  const bool compares = which == AtomicKind::CompareAndSwap;
  const size_t operand = size_t{1} << tape_.draw(compares ? 3 : 2);
  std::vector<uint32_t> operands(compares ? 2 * operand : operand);
  for (uint32_t& dword : operands) dword = tape_.u32();
  // Card memory, where other accesses are and where they are not; registers are no completer of
  // AtomicOps (6.15.3).
  uint64_t address = 0;
  if (tape_.weighted({4, 1})) {
    address = base_of(/*card=*/false) + tape_.draw(kRegisterBytes / 16) * 16;
  } else {
    const uint64_t near = tape_.draw(4) * 4096 + tape_.draw(16) * 16;
    const uint64_t far = tape_.draw(kCardBytes / 16) * 16;
    const uint64_t part = tape_.draw(4) % (4 / operand) * operand * kDwordBytes;
    const uint64_t at = (tape_.draw(2) ? near : far) + part;
    if (compares && tape_.draw(2)) {  // with what is there
      for (size_t n = 0; n < operand; ++n) {
        operands[n] = host_.model().completer().card().dword(at + n * kDwordBytes);
      }
    }
    address = base_of(/*card=*/true) + at;
  }
  host_.start(encode(Atomic{.kind = which,
                            .requester = kHostId,
                            .address = {address},
                            .operands = std::move(operands),
                            .attributes = attributes()}));
}

// Configuration requests that are for another bus, or a function that is not there.
void MemoryTraffic::strange_config() {
  const auto type = tape_.draw(2) ? CfgType::Type1 : CfgType::Type0;
  Bdf target = kEndpointId;
  if (type == CfgType::Type0) target.function = static_cast<uint8_t>(tape_.range(1, 7));
  const auto offset = static_cast<uint16_t>(tape_.draw(1024) * kDwordBytes);
  if (tape_.draw(2)) {
    host_.start(
        encode(CfgRead{.type = type, .requester = kHostId, .target = target, .offset = offset}));
  } else {
    host_.start(encode(CfgWrite{.type = type,
                                .requester = kHostId,
                                .target = target,
                                .offset = offset,
                                .data = tape_.u32()}));
  }
}

}  // namespace cw::random
