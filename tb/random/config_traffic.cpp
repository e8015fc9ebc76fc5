// SPDX-License-Identifier: Apache-2.0
#include "random/config_traffic.hpp"

#include <bit>

#include "env/endpoint_shape.hpp"
#include "pcie/codec.hpp"
#include "pcie/config_space.hpp"

namespace cw::random {

using namespace pcie;

namespace {

constexpr uint16_t kCommand = reg::kCommand, kPcie = model::ConfigSpace::kPcie,
                   kPm = model::ConfigSpace::kPm, kMsix = model::ConfigSpace::kMsix,
                   kMsi = model::ConfigSpace::kMsi;
constexpr uint16_t kDevCtl = kPcie + pcie_cap::kDevCtl, kDevCtl2 = kPcie + pcie_cap::kDevCtl2;
constexpr uint8_t kLowHalf = 0x3, kHighHalf = 0xc;
constexpr uint16_t kOn = command::kIoEnable | command::kMemEnable | command::kBusMasterEnable,
                   kSerrEnable = 1 << 8;
constexpr uint16_t kAer = model::ConfigExtended::kAer;
constexpr uint32_t kInitiateReset = 1 << 15;
constexpr uint64_t kMessagesAt = 0xfee0'0000;

uint32_t size_code(uint32_t bytes) { return static_cast<uint32_t>(std::countr_zero(bytes)) - 7; }

}  // namespace

dut::Task<> ConfigTraffic::run() {
  try {
    while ((tape_.replays() || tape_.spans_begun() < operations_) && tape_.next_span()) {
      co_await operation();
    }
  } catch (const HostPort::Ended&) {
  }
}

dut::Task<> ConfigTraffic::bring_up(uint32_t mps, uint32_t mrrs, uint32_t timeout_range) {
  if (tape_.draw(4) == 3) co_await host_.config_read(reg::kVendorId);  // before any write
  co_await host_.config_write(reg::kBar0, static_cast<uint32_t>(kRegistersAt));
  co_await host_.config_write(reg::kBar0 + 4, kRegistersAt >> 32);
  co_await host_.config_write(reg::kBar0 + 8, static_cast<uint32_t>(kCardAt));
  co_await host_.config_write(reg::kBar0 + 12, kCardAt >> 32);
  co_await host_.config_write(reg::kBar0 + 16, kIoAt);
  co_await host_.config_write(reg::kBar0 + 20, kUserAt);
  co_await host_.config_write(kDevCtl2, timeout_range, kLowHalf);
  co_await set_limits(mps, mrrs);
  co_await begin_interrupts();
  co_await command(kOn);
  co_await draw_error_settings();
  for (uint32_t vector = 0; vector < env::kMsixVectors; ++vector) {
    const uint64_t entry = kRegistersAt + env::kMsixTableOffset + vector * msix_cap::kEntryBytes;
    // Two vectors above 4 GiB: the address has all its bits (R46).
    const uint64_t at = kMessagesAt + vector % 2 * 0x40'0000'0000 + vector * 4;
    host_.write32(entry, static_cast<uint32_t>(at));
    host_.write32(entry + 4, static_cast<uint32_t>(at >> 32));
    host_.write32(entry + 8, 0x4100 + vector);
    host_.write32(entry + 12, 0);
  }
}

dut::Task<> ConfigTraffic::set_limits(uint32_t mps, uint32_t mrrs) {
  const uint32_t control = host_.config().read(kDevCtl) & 0x8f1f;
  co_await host_.config_write(kDevCtl, control | size_code(mps) << 5 | size_code(mrrs) << 12,
                              kLowHalf);
  host_.partner().set_max_payload(mps);
  cover_.limits_mps.hit(size_code(mps));
  cover_.limits_mrrs.hit(size_code(mrrs));
}

dut::Task<> ConfigTraffic::command(uint16_t set, uint16_t clear) {
  const uint32_t now = host_.config().read(kCommand) & 0xffff;
  co_await host_.config_write(kCommand, (now | set) & ~uint32_t{clear}, kLowHalf);
}

dut::Task<> ConfigTraffic::turn_on() {
  co_await command(kOn);
  if (!by_msi_) co_await enable_msix(/*masked=*/false);
}

dut::Task<> ConfigTraffic::enable_msix(bool masked) {
  co_await host_.config_write(kMsix, masked ? 0xc000'0000 : 0x8000'0000, kHighHalf);
}

// 6.1.4: by one of the two. A function may be granted less MSI messages than it has vectors.
dut::Task<> ConfigTraffic::begin_interrupts() {
  by_msi_ = tape_.draw(3) == 2;
  if (!by_msi_) {
    co_await enable_msix(/*masked=*/false);
    co_return;
  }
  constexpr uint64_t kMsiAt = kMessagesAt + 0x30'0000'1000;
  constexpr uint32_t kEnable = 1 << 16;
  co_await host_.config_write(kMsi + 4, static_cast<uint32_t>(kMsiAt));
  co_await host_.config_write(kMsi + 8, kMsiAt >> 32);
  co_await host_.config_write(kMsi + 12, 0x4440, kLowHalf);
  co_await host_.config_write(kMsi, kEnable | static_cast<uint32_t>(tape_.draw(4)) << 20,
                              kHighHalf);
}

// Holds the other sequences until nothing of theirs is under way.
dut::Task<> ConfigTraffic::quiet(bool dma_too) {
  co_await host_.hold();
  while (host_.outstanding() != 0 || host_.partner().queued(kPosted) != 0 ||
         host_.partner().queued(kNonPosted) != 0 ||
         (dma_too && (host_.model().requester().outstanding() != 0 || !host_.partner().idle()))) {
    co_await host_.idle(10);
    host_.model().requester().settle(host_.kernel().now().value);
  }
  co_await host_.idle(10);  // the last posted write may be on the pins
  while (!host_.partner().source_idle()) co_await host_.idle(5);
}

dut::Task<> ConfigTraffic::operation() {
  switch (tape_.weighted({30, 12, 3, 3, 3, 2, 2, 1, 6, 3, 12, 2, 1, 1})) {
    case 0: {
      const bool extended = tape_.weighted({4, 1}) != 0;
      const auto offset =
          static_cast<uint16_t>(extended ? 256 + tape_.draw(960) * 4 : tape_.draw(64) * 4);
      (extended ? cover_.config.hit("read-extended") : cover_.config.hit("read"));
      co_await host_.ask(encode(CfgRead{.requester = kHostId,
                                        .target = kEndpointId,
                                        .offset = offset,
                                        .first_be = static_cast<uint8_t>(15 - tape_.draw(16))}));
      break;
    }
    case 1:
      co_await harmless_write();
      break;
    case 2:
      co_await bus_master_off();
      break;
    case 3:
      co_await decode_off(/*by_power=*/false);
      break;
    case 4:
      co_await move_bar();
      break;
    case 5:
      co_await limits();
      break;
    case 6:
      co_await sizing();
      break;
    case 7:
      co_await decode_off(/*by_power=*/true);
      break;
    case 8:
      co_await msix_vector();
      break;
    case 9:
      co_await msix_function();
      break;
    case 10:
      co_await host_.idle(tape_.range(0, 300));
      break;
    case 11:
      co_await errors();
      break;
    case 12:
      co_await function_reset();
      break;
    default:
      co_await recapture();
      break;
  }
}

// 2.2.6.2: every configuration write tells the function its number.
dut::Task<> ConfigTraffic::recapture() {
  co_await quiet(/*dma_too=*/true);
  co_await host_.idle(100);
  const Bdf other{.bus = static_cast<uint8_t>(tape_.range(4, 255)),
                  .device = static_cast<uint8_t>(tape_.draw(32))};
  for (const Bdf target : {other, kEndpointId}) {
    co_await host_.ask(
        encode(CfgWrite{.requester = kHostId, .target = target, .offset = 0x3c, .data = 0x0b}),
        HostPort::Care::Clean);
    co_await host_.read32(host_.config().bar_base(0));
    co_await host_.ask(encode(CfgRead{.requester = kHostId, .target = target, .offset = 0}),
                       HostPort::Care::Clean);
  }
  host_.release();
}

dut::Task<> ConfigTraffic::harmless_write() {
  struct Target {
    uint16_t offset;
    uint8_t enables;
    uint32_t mask;
  };
  // Identification, latency and lines, status bits, error enables: nothing that traffic hangs on.
  constexpr Target kTargets[] = {{reg::kVendorId, 0xf, ~0u}, {0x08, 0xf, ~0u},
                                 {0x0c, 0xf, ~0u},           {0x2c, 0xf, ~0u},
                                 {0x3c, 0xf, ~0u},           {kCommand, kHighHalf, ~0u},
                                 {kDevCtl, kHighHalf, ~0u},  {kPcie + 0x10, kLowHalf, 0xffcf},
                                 {kPcie + 0x04, 0xf, ~0u},   {0x100, 0xf, ~0u}};
  const Target& target = tape_.pick(kTargets);
  const bool status = target.offset == kCommand || target.offset == kDevCtl;
  cover_.config.hit(status ? "status-clear" : "write");
  co_await host_.ask(
      encode(CfgWrite{.requester = kHostId,
                      .target = kEndpointId,
                      .offset = target.offset,
                      .first_be = static_cast<uint8_t>(target.enables & (15 - tape_.draw(16))),
                      .data = tape_.u32() & target.mask}));
}

// 7.5.1.2.1: all ones, the size, the address again; with decoding on.
dut::Task<> ConfigTraffic::sizing() {
  cover_.config.hit("sizing");
  co_await quiet(/*dma_too=*/false);
  const auto at = static_cast<uint16_t>(reg::kBar0 + 4 * tape_.draw(6));
  const uint32_t before = co_await host_.config_read(at);
  co_await host_.config_write(at, ~0u);
  co_await host_.config_read(at);
  co_await host_.config_write(at, before);
  host_.release();
}

// A request or two while the function may not claim it.
dut::Task<> ConfigTraffic::probe() {
  const uint64_t base = host_.config().bar_base(tape_.draw(2) ? 0 : 2);
  co_await host_.ask(encode(MemRead{.requester = kHostId, .address = {base}, .length_bytes = 4}),
                     HostPort::Care::Clean);
  if (tape_.draw(2)) {
    host_.post(encode(MemWrite{.requester = kHostId, .address = {base}, .data = {1, 2, 3, 4}}),
               HostPort::Care::Clean);
  }
}

dut::Task<> ConfigTraffic::bus_master_off() {
  cover_.gate.hit("bus-master-off");
  co_await command(0, command::kBusMasterEnable);
  co_await host_.idle(tape_.range(0, 200));
  co_await command(kOn);
}

dut::Task<> ConfigTraffic::decode_off(bool by_power) {
  (by_power ? cover_.gate.hit("d3hot") : cover_.gate.hit("memory-off"));
  co_await quiet(/*dma_too=*/false);
  if (by_power) {
    co_await host_.config_write(kPm + 4, 3, kLowHalf);
  } else {
    co_await command(0, command::kMemEnable);
  }
  co_await probe();
  co_await host_.idle(tape_.range(0, 60));
  if (by_power) {
    co_await host_.config_write(kPm + 4, 0, kLowHalf);
  } else {
    co_await command(kOn);
  }
  host_.release();
}

// The other sequences go on at the new place.
dut::Task<> ConfigTraffic::move_bar() {
  cover_.gate.hit("bar-moved");
  co_await quiet(/*dma_too=*/false);
  const bool card = tape_.draw(2) != 0;
  const auto at = static_cast<uint16_t>(reg::kBar0 + (card ? 8 : 0));
  const uint64_t old = host_.config().bar_base(card ? 2 : 0);
  const uint64_t base = (card ? kCardAt : kRegistersAt) + tape_.draw(64) * 0x10'0000 +
                        (tape_.draw(2) ? 0x20'0000'0000 : 0);
  co_await host_.config_write(at, static_cast<uint32_t>(base));
  co_await host_.config_write(static_cast<uint16_t>(at + 4), static_cast<uint32_t>(base >> 32));
  if (old != base) {
    co_await host_.ask(encode(MemRead{.requester = kHostId, .address = {old}, .length_bytes = 4}),
                       HostPort::Care::Clean);
  }
  host_.release();
}

dut::Task<> ConfigTraffic::limits() {
  constexpr uint32_t kPayloads[] = {128, 256, 512}, kReads[] = {128, 256, 512, 1024, 2048, 4096};
  const uint32_t mps = tape_.pick(kPayloads), mrrs = tape_.pick(kReads);
  cover_.gate.hit("limits-changed");
  co_await quiet(/*dma_too=*/true);
  co_await set_limits(mps, mrrs);
  host_.release();
}

// What becomes of errors is drawn anew (7.8.4, 7.5.3.4); nothing is on its way.
dut::Task<> ConfigTraffic::draw_error_settings() {
  const auto some = [this] { return tape_.draw(2) ? tape_.u32() : 0; };
  const uint32_t usual_severity = 0x0046'0010;
  co_await host_.config_write(kAer + 0x08, tape_.draw(2) ? 1u << 22 : tape_.u32() & tape_.u32());
  co_await host_.config_write(kAer + 0x0c, usual_severity ^ (some() & tape_.u32()));
  co_await host_.config_write(kAer + 0x14, tape_.draw(2) ? 0 : 1u << 13);
  constexpr uint32_t kGenerate = 1 << 6, kCheck = 1 << 8;
  co_await host_.config_write(
      kAer + 0x18, (tape_.draw(4) == 3 ? kGenerate : 0) | (tape_.draw(4) == 3 ? kCheck : 0));
  const uint32_t control = host_.config().read(kDevCtl) & 0x7ff0;
  co_await host_.config_write(kDevCtl, control | static_cast<uint32_t>(tape_.draw(16)), kLowHalf);
  if (tape_.draw(4) == 3) {
    co_await command(kSerrEnable);
  } else {
    co_await command(0, kSerrEnable);
  }
}

dut::Task<> ConfigTraffic::check_errors() {
  co_await host_.config_read(kAer + 0x04);  // the model compares
  co_await host_.config_read(kAer + 0x10);
  ErrorLedger::Log log{.control = co_await host_.config_read(kAer + 0x18),
                       .prefix = co_await host_.config_read(kAer + 0x38)};
  for (uint16_t n = 0; n < log.header.size(); ++n) {
    log.header[n] = co_await host_.config_read(static_cast<uint16_t>(kAer + 0x1c + 4 * n));
  }
  host_.model().ledger().check_log(log);
  const uint32_t first = log.control & 0x1f;
  cover_.error_log.hit(first == 12   ? "poisoned"
                       : first == 14 ? "timeout"
                       : first == 16 ? "unexpected"
                       : first == 18 ? "malformed"
                       : first == 20 ? "unsupported"
                                     : "none");
}

// Software's handler: reads what happened, and clears all of it, or a part.
dut::Task<> ConfigTraffic::errors() {
  co_await quiet(/*dma_too=*/true);
  co_await host_.idle(200);
  host_.model().ledger().settle();
  if (host_.model().ledger().messages_owed() != 0) {
    throw Fault("an error has happened, and its message does not come [R38]");
  }
  co_await check_errors();
  switch (tape_.weighted({3, 1, 1})) {
    case 0:
      co_await host_.config_write(kAer + 0x04, ~0u);
      co_await host_.config_write(kAer + 0x10, ~0u);
      break;
    case 1:
      co_await host_.config_write(kAer + 0x04, tape_.u32());
      break;
    default:
      break;
  }
  co_await draw_error_settings();
  host_.release();
}

dut::Task<> ConfigTraffic::read_all() {
  constexpr uint16_t kEnd = 0x1c0;
  for (uint16_t at = 0; at < kEnd; at += 4) co_await host_.config_read(at);
}

// 6.6.2: in the midst of what the function does by itself; the host asks nothing meanwhile but what
// it may ask. Nothing of the function goes on behind it.
dut::Task<> ConfigTraffic::function_reset() {
  co_await quiet(/*dma_too=*/false);
  const uint64_t registers = host_.config().bar_base(0), card = host_.config().bar_base(2);
  const uint32_t control = host_.config().read(kDevCtl) & 0x7fff;
  const auto initiate = encode(CfgWrite{.requester = kHostId,
                                        .target = kEndpointId,
                                        .offset = kDevCtl,
                                        .first_be = kLowHalf,
                                        .data = control | kInitiateReset});
  if (tape_.draw(2)) {  // what comes right behind it is put off
    co_await host_.room();
    host_.start(initiate, HostPort::Care::Clean);
  } else {
    co_await host_.ask(initiate, HostPort::Care::Clean);
  }
  constexpr uint16_t kAsked[] = {kDevCtl, reg::kVendorId, kCommand, reg::kBar0};
  for (;;) {
    if (tape_.draw(3) == 2) {
      const uint64_t at = tape_.draw(2) ? card + tape_.draw(1024) * 4 : registers;
      co_await host_.ask(encode(MemRead{.requester = kHostId, .address = {at}, .length_bytes = 4}),
                         HostPort::Care::Clean);
      if (tape_.draw(2)) {
        host_.post(encode(MemWrite{.requester = kHostId, .address = {card}, .data = {1, 2, 3, 4}}),
                   HostPort::Care::Clean);
      }
    }
    const bool writes = tape_.draw(4) == 3;
    Answer answer;
    if (writes) {
      answer = co_await host_.ask(encode(CfgWrite{.requester = kHostId,
                                                  .target = kEndpointId,
                                                  .offset = 0x3c,
                                                  .data = tape_.u32() & 0xff}),
                                  HostPort::Care::Clean);
    } else {
      answer = co_await host_.ask(
          encode(
              CfgRead{.requester = kHostId, .target = kEndpointId, .offset = tape_.pick(kAsked)}),
          HostPort::Care::Clean);
    }
    if (answer.status == CplStatus::Sc) break;
  }
  co_await read_all();
  function_was_reset_ = true;
  host_.end_all();
  throw HostPort::Ended();
}

dut::Task<> ConfigTraffic::msix_vector() {
  co_await host_.open();
  const uint64_t vector = tape_.draw(env::kMsixVectors);
  const bool mask = tape_.draw(2) != 0;
  const uint64_t entry = host_.config().bar_base(0) + env::kMsixTableOffset + vector * 16;
  (mask ? cover_.interrupt.hit("masked-event") : cover_.interrupt.hit("unmask-sends"));
  host_.write32(entry + 12, mask);
  if (tape_.draw(2)) co_await host_.read32(entry + 12);
}

dut::Task<> ConfigTraffic::msix_function() {
  if (by_msi_) co_return;
  cover_.interrupt.hit("function-mask");
  co_await enable_msix(/*masked=*/true);
  co_await host_.idle(tape_.range(0, 200));
  co_await enable_msix(/*masked=*/false);
}

}  // namespace cw::random
