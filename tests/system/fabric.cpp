// SPDX-License-Identifier: Apache-2.0
#include "system/fabric.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include "catch_shim.hpp"
#include "failure_report.hpp"

namespace cw::system_test {

namespace {

uint64_t base_seed_of_environment() {
  const char* text = std::getenv("CW_SEED");
  if (!text) return 1;
  char* end = nullptr;
  errno = 0;
  const uint64_t seed = std::strtoull(text, &end, 0);
  if (end == text || *end != 0 || errno != 0 || *text == '-') {
    throw std::invalid_argument(fmt::format("CW_SEED={} is not a number", text));
  }
  return seed;
}

}  // namespace

Setup::Setup(const std::string& test_name, unsigned data_width)
    : test(test_name), base_seed(base_seed_of_environment()) {
  agent::Rng rng(base_seed, fmt::format("{}.{}", test_name, data_width));
  seed = rng.u64();
  constexpr agent::Stall kStalls[] = {agent::Stall::Bursty, agent::Stall::Adversarial,
                                      agent::Stall::Slow};
  constexpr uint16_t kPayloads[] = {128, 256, 512}, kReads[] = {128, 256, 512, 1024, 4096};
  system = {.width = data_width,
            .seed = seed,
            .read_latency = {rng.range(2, 150)},
            .write_latency = {rng.range(2, 150)},
            .stall = rng.pick(kStalls)};
  bringup.enumeration.max_payload_bytes = rng.pick(kPayloads);
  bringup.enumeration.max_read_request_bytes = rng.pick(kReads);
}

std::string Setup::replay() const {
  return fmt::format("{} at {} bits: CW_SEED={} (seed {:#x}, stall {}, latency {}/{}, sizes {}/{})",
                     test, system.width, base_seed, seed, static_cast<int>(system.stall),
                     system.read_latency.value, system.write_latency.value,
                     *bringup.enumeration.max_payload_bytes,
                     bringup.enumeration.max_read_request_bytes);
}

Fabric::Fabric(const Setup& setup)
    : system(setup.system),
      link(system.down(), system.up()),
      model(system.memory()),
      board(system.down(), system.up(), model),
      up(system, setup.bringup),
      rng(system.rng("test")),
      exceptions_(std::uncaught_exceptions()) {
  model.look_up(system.cache());
  model.turn_on(host(), up.iommu);
}

// One that was left by an exception tells them itself.
Fabric::~Fabric() {
  if (std::uncaught_exceptions() > exceptions_ || !test_has_failed()) return;
  fmt::print(stderr, "{}", env::last_tlps(system.down(), system.up(), system.now()));
}

DmaSpace::Buffer Fabric::buffer(uint64_t bytes, uint32_t offset, env::IoPageTable::Access access) {
  auto buffer = up.space.map(bytes, offset, access);
  std::vector<uint8_t> data(bytes);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(rng.u32());
  up.space.write(buffer, 0, data);
  return buffer;
}

std::vector<uint8_t> Fabric::contents(const DmaSpace::Buffer& buffer) const {
  std::vector<uint8_t> data(buffer.bytes);
  up.space.read(buffer, 0, data);
  return data;
}

DmaDriver::Entry Fabric::entry(const DmaSpace::Buffer& buffer, uint64_t card_addr) {
  DmaDriver::Entry entry{
      .tag = static_cast<uint16_t>(rng.u32()), .irq = rng.chance(50), .linked = rng.chance(50)};
  uint64_t done = 0;
  for (uint64_t cuts = rng.range(0, 3); done < buffer.bytes; cuts -= cuts != 0) {
    const uint64_t left = buffer.bytes - done;
    const uint64_t part = cuts == 0 || left < 2 ? left : rng.range(1, left - 1);
    entry.segments.push_back({.iova = buffer.iova + done,
                              .card_addr = card_addr + done,
                              .bytes = static_cast<uint32_t>(part)});
    done += part;
  }
  return entry;
}

uint64_t Fabric::length() {
  switch (rng.range(0, 3)) {
    case 0:
      return rng.range(1, 16);
    case 1:
      return (uint64_t{1} << rng.range(4, 12)) + rng.range(0, 4) - 2;
    default:
      return rng.range(1, 5000);
  }
}

void Fabric::go(DmaDriver& channel) {
  model.memory().begin();
  channel.ring_doorbell();
}

void Fabric::go() {
  go(up.h2c);
  up.c2h.ring_doorbell();
}

void Fabric::move_whole_card(DmaDriver& channel) {
  const auto whole = buffer(up.card_bytes());
  channel.submit(
      {.segments = {
           {.iova = whole.iova, .card_addr = 0, .bytes = static_cast<uint32_t>(whole.bytes)}}});
  go(channel);
  const auto record = channel.take_record();
  REQUIRE(record.error == model::DmaError::Ok);
  REQUIRE(record.bytes_done == whole.bytes);
}

void Fabric::fill_card() { move_whole_card(up.h2c); }
void Fabric::read_back_card() { move_whole_card(up.c2h); }

std::vector<env::IommuFault> Fabric::finish() {
  const auto quiet = [&] {
    return board.outstanding() == 0 && link.outstanding() == 0 && system.memory_port().idle() &&
           system.card_port().idle() && system.interrupts().messages().size() == board.interrupts();
  };
  read_register(0);  // behind all writes of the host
  for (unsigned wait = 0; wait < 200 && !quiet(); ++wait) system.run(50_cycles);
  system.run(300_cycles);  // long enough for what should not come
  CHECK(board.outstanding() == 0);
  CHECK(link.outstanding() == 0);
  CHECK(system.interrupts().messages().size() == board.interrupts());
  CHECK(model.memory().difference() == "");
  auto faults = up.iommu.take_faults();
  auto owed = model.take_faults();
  // A record is written behind the refusal that it tells of, at the pace of memory.
  for (unsigned wait = 0; wait < 200 && faults.size() < owed.size(); ++wait) {
    system.run(50_cycles);
    for (const auto& late : up.iommu.take_faults()) faults.push_back(late);
  }
  INFO("faults recorded " << faults.size() << ", owed " << owed.size());
  CHECK(faults.size() == owed.size());
  CHECK(std::ranges::is_permutation(faults, owed));
  return faults;
}

}  // namespace cw::system_test
