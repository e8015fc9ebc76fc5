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
                   kPm = model::ConfigSpace::kPm, kMsix = model::ConfigSpace::kMsix;
constexpr uint16_t kDevCtl = kPcie + pcie_cap::kDevCtl, kDevCtl2 = kPcie + pcie_cap::kDevCtl2;
constexpr uint8_t kLowHalf = 0x3, kHighHalf = 0xc;
constexpr uint32_t kOn = command::kMemEnable | command::kBusMasterEnable;
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
  co_await host_.config_write(reg::kBar0, static_cast<uint32_t>(kRegistersAt));
  co_await host_.config_write(reg::kBar0 + 4, kRegistersAt >> 32);
  co_await host_.config_write(reg::kBar0 + 8, static_cast<uint32_t>(kCardAt));
  co_await host_.config_write(reg::kBar0 + 12, kCardAt >> 32);
  co_await host_.config_write(kDevCtl2, timeout_range, kLowHalf);
  co_await set_limits(mps, mrrs);
  co_await host_.config_write(kMsix, 0x8000'0000, kHighHalf);
  co_await host_.config_write(kCommand, kOn, kLowHalf);
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
  switch (tape_.weighted({30, 12, 3, 3, 3, 2, 2, 1, 6, 3, 12})) {
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
    default:
      co_await host_.idle(tape_.range(0, 300));
      break;
  }
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
  co_await host_.config_write(kCommand, command::kMemEnable, kLowHalf);
  co_await host_.idle(tape_.range(0, 200));
  co_await host_.config_write(kCommand, kOn, kLowHalf);
}

dut::Task<> ConfigTraffic::decode_off(bool by_power) {
  (by_power ? cover_.gate.hit("d3hot") : cover_.gate.hit("memory-off"));
  co_await quiet(/*dma_too=*/false);
  if (by_power) {
    co_await host_.config_write(kPm + 4, 3, kLowHalf);
  } else {
    co_await host_.config_write(kCommand, command::kBusMasterEnable, kLowHalf);
  }
  co_await probe();
  co_await host_.idle(tape_.range(0, 60));
  if (by_power) {
    co_await host_.config_write(kPm + 4, 0, kLowHalf);
  } else {
    co_await host_.config_write(kCommand, kOn, kLowHalf);
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
  cover_.interrupt.hit("function-mask");
  co_await host_.config_write(kMsix, 0xc000'0000, kHighHalf);
  co_await host_.idle(tape_.range(0, 200));
  co_await host_.config_write(kMsix, 0x8000'0000, kHighHalf);
}

}  // namespace cw::random
