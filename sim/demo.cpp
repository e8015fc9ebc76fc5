// SPDX-License-Identifier: Apache-2.0
#include "demo.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <system_error>
#include <vector>

#include "copy.hpp"
#include "env/bringup.hpp"
#include "env/lspci.hpp"
#include "env/scoreboard_fault.hpp"
#include "env/sha256.hpp"
#include "latency.hpp"
#include "progress.hpp"
#include "usage.hpp"
#include "waves.hpp"

namespace cw::sim {

namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{64} << 20;
constexpr uint16_t kFaultTag = 0xfa17;

std::vector<uint8_t> read_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw UsageError(fmt::format("{}: no such file", path.string()));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw UsageError(fmt::format("{}: not a regular file", path.string()));
  }
  const uint64_t bytes = std::filesystem::file_size(path, error);
  if (bytes > kMaxFileBytes) {
    throw UsageError(fmt::format("{}: {} bytes, more than 64 MiB", path.string(), bytes));
  }
  std::ifstream file(path, std::ios::binary);
  std::vector<uint8_t> content(bytes);
  if (!file ||
      !file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(bytes))) {
    throw UsageError(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  }
  return content;
}

class Demo {
 public:
  explicit Demo(const DemoOptions& options) : options_(options) {}

  void run();

 private:
  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    if (!options_.quiet) fmt::print(format, std::forward<Args>(args)...);
  }
  bool move_file(env::Bringup& fabric, const std::vector<uint8_t>& content);
  bool provoke_fault(env::Bringup& fabric);
  void report(env::Bringup& fabric, double seconds);

  const DemoOptions& options_;
  CopyResult copy_;
  dut::Cycles copy_began_{};
  uint64_t file_bytes_ = 0;
};

void Demo::run() {
  const auto content = read_file(options_.file);
  if (!env::system_built(options_.width)) {
    throw UsageError(fmt::format("a system of {} bits is not built", options_.width));
  }
  check_folder(options_.out);
  std::error_code error;
  std::filesystem::create_directories(options_.out, error);
  if (error) throw UsageError(fmt::format("{}: {}", options_.out.string(), error.message()));
  file_bytes_ = content.size();
  const auto started = std::chrono::steady_clock::now();
  env::System system({.width = options_.width, .seed = options_.seed});
  if (options_.waves) system.trace((options_.out / "demo.fst").string());

  say("Causeway: {}-bit data path, seed {}\n\n", options_.width, options_.seed);
  // Prefetchable BARs below 4 GiB: lspci shows the upper half of one above it as a BAR of its own.
  const env::EnumerationOptions placing{
      .memory = {.base = {0x4000'0000}, .bytes = 0x2000'0000},
      .prefetchable = {.base = {0x6000'0000}, .bytes = 0x2000'0000}};
  env::Bringup fabric(system, {.enumeration = placing});
  say("enumerated {} functions in {} cycles\n{}\n{}\n", fabric.topology.functions.size(),
      system.now().value, env::tree(fabric.topology), env::bar_map(fabric.topology));
  const auto dump = options_.out / "lspci.txt";
  write_file(dump, env::lspci_dump(system.host(), fabric.topology));
  say("configuration space written: lspci -F {} -vvv\n\n", dump.string());

  const bool equal = move_file(fabric, content);
  const bool caught = provoke_fault(fabric);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  report(fabric, elapsed.count());
  if (options_.waves) {
    write_save_file(
        options_.out / "demo.gtkw",
        {.dump = options_.out / "demo.fst", .width = options_.width, .from = copy_began_});
    say("waves written: ./cw waves\n");
  }
  if (equal && caught) return;
  throw env::ScoreboardFault(equal ? "the page fault was not reported as it must be"
                                   : "the file came back changed");
}

bool Demo::move_file(env::Bringup& fabric, const std::vector<uint8_t>& content) {
  agent::Rng rng = fabric.system.rng("demo.copy");
  say("moving {} ({} bytes) to the card and back\n", options_.file.filename().string(),
      content.size());
  std::vector<uint8_t> returned(content.size());
  if (!content.empty()) {
    const auto offset = [&] { return static_cast<uint32_t>(rng.range(0, 4095)); };
    const auto source = fabric.space.map(content.size(), offset(), {.read = true, .write = false});
    const auto target = fabric.space.map(content.size(), offset());
    fabric.space.write(source, 0, content);
    copy_began_ = fabric.system.now();
    Progress progress("copy", content.size());
    copy_ =
        copy_through_card(fabric, source, target, rng, [&](uint64_t done) { progress.at(done); });
    fabric.space.read(target, 0, returned);
  }
  const std::string before = env::sha256(content), after = env::sha256(returned);
  say("  SHA-256 before  {}\n  SHA-256 after   {}  {}\n\n", before, after,
      before == after ? "equal" : "DIFFERENT");
  return before == after;
}

bool Demo::provoke_fault(env::Bringup& fabric) {
  const pcie::Iova nowhere = fabric.space.unmapped();
  say("touching IOVA {:#x}, which nobody mapped\n", nowhere.value);
  fabric.h2c.submit(
      {.segments = {{.iova = nowhere, .card_addr = 0, .bytes = 64}}, .tag = kFaultTag});
  fabric.h2c.ring_doorbell();
  const auto record = fabric.h2c.take_record();
  const auto faults = fabric.iommu.take_faults();
  for (const auto& fault : faults) say("  fault record    {}\n", env::describe(fault));
  say("  DMA record      tag {:#x}, error {} ({}), {} bytes moved\n\n", record.tag,
      static_cast<unsigned>(record.error),
      record.error == model::DmaError::ReadUr ? "unsupported request" : "unexpected",
      record.bytes_done);
  fabric.h2c.start();  // an error halts its channel
  constexpr uint16_t kReadPageFault = 13;
  return record.error == model::DmaError::ReadUr && faults.size() == 1 &&
         faults[0].cause == kReadPageFault && faults[0].iova == nowhere &&
         faults[0].device_id == fabric.endpoint.bdf.id();
}

void Demo::report(env::Bringup& fabric, double seconds) {
  // Two streams alone, over memory of their own, for figures that mean something.
  constexpr uint64_t kStreamBytes = 256 << 10;
  constexpr uint32_t kEntryBytes = 8 << 10;
  const auto buffer = fabric.space.map(kStreamBytes);
  const auto down = stream(fabric, fabric.h2c, buffer, kEntryBytes);
  const auto up = stream(fabric, fabric.c2h, buffer, kEntryBytes);
  const auto mmio = mmio_read_latency(fabric);
  const auto doorbell = doorbell_latency(fabric, buffer);
  const double ceiling = options_.width / 8.0;
  const auto rate = [&](const char* name, uint64_t bytes, dut::Cycles cycles) {
    const double per_clock = static_cast<double>(bytes) / static_cast<double>(cycles.value);
    say("  {:34} {:8.2f} bytes/clock  {:5.3f} of {:.0f}\n", name, per_clock, per_clock / ceiling,
        ceiling);
  };
  const uint64_t cycles = fabric.system.now().value;
  say("host memory answers after 100 cycles; IOMMU on, 4 KiB pages\n");
  if (copy_.cycles.value != 0) {
    say("  {:34} {:8} cycles, {} pieces, {} descriptors\n", "file to the card and back",
        copy_.cycles.value, copy_.pieces, copy_.descriptors);
    // Of a few pieces the latency would be measured, not the rate.
    constexpr uint64_t kManyPieces = 16;
    if (copy_.pieces >= kManyPieces) rate("  each way, both at once", file_bytes_, copy_.cycles);
  }
  rate("host to card, 256 KiB", kStreamBytes, down);
  rate("card to host, 256 KiB", kStreamBytes, up);
  say("  {:34} {:8} cycles at the endpoint, {} at the CPU\n", "register read", mmio.endpoint.value,
      mmio.cpu.value);
  say("  {:34} {:8} cycles\n", "doorbell to first payload request", doorbell.value);
  say("  {:34} {:8}\n", "interrupts delivered", fabric.system.interrupts().messages().size());
  say("  {:34} {:8} cycles in {:.2f} s, {:.0f} per second\n\n", "simulated", cycles, seconds,
      static_cast<double>(cycles) / seconds);
}

}  // namespace

void run_demo(const DemoOptions& options) { Demo(options).run(); }

}  // namespace cw::sim
