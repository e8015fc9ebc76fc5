// SPDX-License-Identifier: Apache-2.0
//
// A device that reaches memory of a device, its own for want of another: every request goes up to
// be translated, and comes down again.
#include "catch_shim.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

using model::DmaError;
using pcie::kPageBytes;

constexpr pcie::Bdf kRootPort{};
constexpr uint16_t kAcsControl = 0x106;
constexpr uint32_t kUpstreamForwarding = 0x10;
constexpr uint32_t kBytes = 9000;

// A fabric without a scoreboard, which knows no requests of devices for each other.
struct PeerFabric {
  explicit PeerFabric(const Setup& setup)
      : system(setup.system), up(system, setup.bringup), rng(system.rng("test")) {
    for (uint64_t at = 0; at < up.card_bytes(); at += kPageBytes) {
      up.space.table().map(own + at, up.card_memory + at);
    }
  }
  void forward(bool enabled) {
    system.host().config_write(kRootPort, kAcsControl, 2, enabled ? kUpstreamForwarding : 0);
  }
  model::DmaRecord transfer(DmaDriver& channel, pcie::Iova iova, uint64_t card_addr) {
    if (channel.halted()) channel.start();
    channel.submit({.segments = {{.iova = iova, .card_addr = card_addr, .bytes = kBytes}}});
    channel.ring_doorbell();
    return channel.take_record();
  }
  std::vector<uint8_t> random() {
    std::vector<uint8_t> data(kBytes);
    for (uint8_t& byte : data) byte = static_cast<uint8_t>(rng.u32());
    return data;
  }
  // Card memory, by a way that is none of this test's.
  std::vector<uint8_t> card(uint64_t at) {
    const auto buffer = up.space.map(kBytes);
    CHECK(transfer(up.c2h, buffer.iova, at).error == DmaError::Ok);
    std::vector<uint8_t> data(kBytes);
    up.space.read(buffer, 0, data);
    up.space.unmap(buffer);
    return data;
  }
  void load_card(uint64_t at, const std::vector<uint8_t>& data) {
    const auto buffer = up.space.map(kBytes);
    up.space.write(buffer, 0, data);
    CHECK(transfer(up.h2c, buffer.iova, at).error == DmaError::Ok);
    up.space.unmap(buffer);
  }

  const pcie::Iova own{0x7'0000'0000};  // where the card sees its own memory
  env::System system;
  env::Bringup up;
  agent::Rng rng;
};

}  // namespace

TEST_CASE("A device writes and reads its own memory by way of the root complex",
          "[system][root][iommu][dma][R50]") {
  const Setup setup("peer", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  PeerFabric fabric(setup);
  fabric.forward(true);
  const auto data = fabric.random();
  fabric.load_card(1000, data);
  const auto read = fabric.transfer(fabric.up.h2c, fabric.own + 1000, 20'003);
  CHECK(read.error == DmaError::Ok);
  CHECK(fabric.card(20'003) == data);
  const auto written = fabric.transfer(fabric.up.c2h, fabric.own + 40'001, 20'003);
  CHECK(written.error == DmaError::Ok);
  CHECK(fabric.card(40'001) == data);
  CHECK(fabric.up.iommu.take_faults().empty());
}

TEST_CASE("Without forwarding a device does not reach its own memory through the root complex",
          "[system][root][iommu][dma][R37][R50]") {
  const Setup setup("peer.off", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  PeerFabric fabric(setup);
  const auto before = fabric.random(), other = fabric.random();
  fabric.load_card(40'000, before);
  fabric.load_card(20'000, other);
  CHECK(fabric.transfer(fabric.up.h2c, fabric.own, 30'000).error == DmaError::ReadUr);
  CHECK(fabric.transfer(fabric.up.c2h, fabric.own + 40'000, 20'000).error == DmaError::Ok);
  CHECK(fabric.card(40'000) == before);
  CHECK(fabric.up.iommu.take_faults().empty());  // it was translated
}

}  // namespace cw::system_test
