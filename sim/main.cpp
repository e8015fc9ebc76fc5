// SPDX-License-Identifier: Apache-2.0
//
// cw-sim: the command line of the simulator. Exit status: 0 as it must be, 1 it came out wrong,
// 2 usage, 3 the bench itself failed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>

#include "bench.hpp"
#include "demo.hpp"
#include "dma.hpp"
#include "env/system_dut.hpp"
#include "iommu.hpp"
#include "number.hpp"
#include "random.hpp"
#include "usage.hpp"

namespace {

constexpr int kPass = 0, kFailed = 1, kUsage = 2, kBroken = 3;

std::string check_width(const std::string& text) {
  const auto& widths = cw::env::kSystemWidths;
  const bool known = std::any_of(std::begin(widths), std::end(widths),
                                 [&](unsigned width) { return std::to_string(width) == text; });
  return known ? "" : "a data path of " + text + " bits is not built: 64, 128, 256 or 512";
}

int run(int argc, char** argv) {
  const std::filesystem::path default_file = std::filesystem::path(CW_SOURCE_DIR) / "README.md";
  CLI::App app{"Causeway: a PCI Express fabric in simulation"};
  app.require_subcommand(1);

  cw::sim::DemoOptions demo{.file = default_file};
  auto* demo_command = app.add_subcommand("demo", "move a file through the whole fabric");
  demo_command->add_option("--file", demo.file, "the file to move, at most 64 MiB");
  demo_command->add_option("--seed", demo.seed, "of every random choice")
      ->capture_default_str()
      ->check(cw::sim::check_number);
  demo_command->add_option("--width", demo.width, "of the data path in bits: 64, 128, 256, 512")
      ->capture_default_str()
      ->check(check_width);
  demo_command->add_option("--out", demo.out, "where results are written")->capture_default_str();
  demo_command->add_flag("--waves", demo.waves, "write demo.fst and a GTKWave save file");

  cw::sim::BenchOptions bench{.demo_file = default_file};
  auto* bench_command = app.add_subcommand("bench", "measure against ceilings and targets");
  bench_command->add_option("group", bench.group,
                            "dma, iommu, mmio or sim; all where none is given");
  bench_command->add_option("--seed", bench.seed, "of every random choice")
      ->capture_default_str()
      ->check(cw::sim::check_number);
  bench_command->add_option("--out", bench.out, "where plots are written")->capture_default_str();
  bench_command->add_flag("--brief", bench.brief,
                          "a coarse run of dma and iommu, to see that all works");
  bench_command->add_flag("--json", bench.json, "an array of objects instead of a table");

  cw::sim::RandomOptions random;
  auto* random_command = cw::sim::add_random(app, random);

  cw::sim::DmaOptions dma;
  auto* dma_command = cw::sim::add_dma(app, dma);

  cw::sim::IommuOptions iommu;
  auto* iommu_command = cw::sim::add_iommu(app, iommu);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "cw-sim: {}; --help shows what there is\n", error.what());
    return kUsage;
  }
  if (demo_command->parsed()) {
    cw::sim::run_demo(demo);
    return kPass;
  }
  const bool pass = random_command->parsed()  ? cw::sim::run_random(random)
                    : dma_command->parsed()   ? cw::sim::run_dma(dma)
                    : iommu_command->parsed() ? cw::sim::run_iommu(iommu)
                                              : cw::sim::run_bench(bench);
  return pass ? kPass : kFailed;
}

// The design's fault: every run of the same line ends there.
int failed(const std::runtime_error& error, int argc, char** argv) {
  fmt::print(stderr, "cw-sim: FAIL  {}\n  again   {}\n", error.what(),
             fmt::join(argv, argv + argc, " "));
  return kFailed;
}

int broken(const std::exception& error) {
  fmt::print(stderr, "cw-sim: {}\n", error.what());
  return kBroken;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const cw::sim::UsageError& error) {
    fmt::print(stderr, "cw-sim: {}\n", error.what());
    return kUsage;
  } catch (const std::system_error& error) {  // of files
    return broken(error);
  } catch (const std::runtime_error& error) {
    return failed(error, argc, argv);
  } catch (const std::exception& error) {  // std::logic_error: the bench's
    return broken(error);
  }
}
