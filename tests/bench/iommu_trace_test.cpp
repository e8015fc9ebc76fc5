// SPDX-License-Identifier: Apache-2.0
#include "catch_shim.hpp"
#include "iommu/model_target.hpp"
#include "iommu/player.hpp"
#include "iommu/random_trace.hpp"
#include "iommu/trace.hpp"

namespace {

using namespace cw::iommu;

constexpr uint64_t kCapabilities = 0x2e'e000'0610;

Trace good(std::string_view text) {
  auto parsed = parse(text);
  if (const auto* bad = std::get_if<BadLine>(&parsed)) FAIL(bad->number << ": " << bad->reason);
  return std::get<Trace>(parsed);
}
BadLine bad(std::string_view text) {
  auto parsed = parse(text);
  REQUIRE(std::holds_alternative<BadLine>(parsed));
  return std::get<BadLine>(parsed);
}

constexpr std::string_view kExample = R"(# nothing is set up: every request is refused
C 0000002EE0000210
R 000 8 0000002EE0000210
T 000008 r 5000 64 ur
	W 010 8 1            # ddtp: Bare
R 010 8 1 1f
S
T 000008 w 5fc0 64 ok 5fc0
M 1000 00aaFF
E 1001 a0ff f0ff
)";

}  // namespace

TEST_CASE("A trace is read, played, and written back as it was", "[bench][iommu]") {
  const Trace trace = good(kExample);
  REQUIRE(trace.size() == 9);
  CHECK(trace.front().number == 2);
  ModelTarget target;
  CHECK(play(trace, target).empty());
  std::string again;
  for (const Line& line : trace) again += text_of(line.operation) + '\n';
  const Trace copy = good(again);
  REQUIRE(copy.size() == trace.size());
  for (size_t n = 0; n < trace.size(); ++n) {
    CHECK(text_of(copy[n].operation) == text_of(trace[n].operation));
  }
}

TEST_CASE("Each expectation that does not hold is told with its line", "[bench][iommu]") {
  const Trace trace = good(
      "C 2EE0000210\nT 000008 r 5000 64 ok 5000\nR 010 8 1\nW 010 8 1\nS\n"
      "T 000008 r 5000 64 err\nT 000008 r 5000 64 ok 6000\nT 000008 r 5000 64 ok\nE 0 01\nE 0 01 "
      "fe\n");
  ModelTarget target;
  const auto mismatches = play(trace, target);
  REQUIRE(mismatches.size() == 5);
  const std::vector<unsigned> lines = {2, 3, 6, 7, 9};
  for (size_t n = 0; n < lines.size(); ++n) CHECK(mismatches[n].line == lines[n]);
  CHECK(mismatches[0].got == "ur");
  CHECK(mismatches[3].expected == "read of iova 5000 by 000008: ok 6000");
  CHECK(mismatches[3].got == "ok 5000");
  CHECK(mismatches[4].got == "00");
}

TEST_CASE("A line that cannot be read is told with its number and the reason", "[bench][iommu]") {
  CHECK(bad("").number == 1);
  CHECK(bad("# nothing\n").reason.find("begins with C") != std::string::npos);
  CHECK(bad("\n# first\nS\n").number == 3);
  const std::string start = "C 2EE0000210\n";
  for (const char* line : {"X",
                           "c 2EE0000210",
                           "C",
                           "C 0x10",
                           "C 2EE0000210 1",
                           "C 10",
                           "C FFFFFFFFFFFFFFFF",
                           "M 1000",
                           "M 1000 0",
                           "M 1000 0g",
                           "M 400000000000 00",
                           "M 3fffffffffff 0000",
                           "B 1000",
                           "P -1 1",
                           "W 010 8",
                           "W 010 2 1",
                           "W 012 4 1",
                           "W 014 8 1",
                           "W 1000 4 1",
                           "W 010 4 100000000",
                           "R 010 8 1 1 1",
                           "R 010 16 1",
                           "T 1000000 r 0 4 ur",
                           "T 8 x 0 4 ur",
                           "T 8 r 0 4 no",
                           "T 8 r fff 2 ur",
                           "T 8 r 0 1f ur",
                           "T 8 r 0 4 ur 0",
                           "T 8 r 0 4",
                           "S 1",
                           "E 0 00 0000",
                           "E 0 00 ff ff",
                           "R 010 8 10000000000000000"}) {
    INFO(line);
    const BadLine found = bad(start + line + "\n");
    CHECK(found.number == 2);
    CHECK_FALSE(found.reason.empty());
  }
}

TEST_CASE("Marked memory refuses or poisons what touches it, and a refused write changes nothing",
          "[bench][iommu]") {
  using Answer = Memory::Answer;
  Memory memory;
  std::array<uint8_t, 8> bytes{1, 2, 3, 4, 5, 6, 7, 8};
  memory.mark(Memory::Mark::Fault, 0x100f, 1);
  memory.mark(Memory::Mark::Poison, 0x1010, 0x10);
  CHECK(memory.write(0x1000, bytes) == Answer::Ok);
  CHECK(memory.write(0x1008, bytes) == Answer::AccessFault);
  CHECK(memory.peek(0x1008, 8) == std::vector<uint8_t>(8));
  CHECK(memory.write(0x1010, bytes) == Answer::Ok);
  CHECK(memory.read(0x1008, bytes) == Answer::AccessFault);
  CHECK(memory.read(0x1018, bytes) == Answer::Corrupted);
  CHECK(memory.read(0x1020, bytes) == Answer::Ok);
  CHECK(memory.read((uint64_t{1} << 46) - 4, bytes) == Answer::AccessFault);
  memory.mark(Memory::Mark::Fault, 0, 0);
  CHECK(memory.read(0x100c, bytes) == Answer::Corrupted);
  memory.mark(Memory::Mark::Poison, 0, 0);
  CHECK(memory.read(0x100c, bytes) == Answer::Ok);
}

TEST_CASE("A random trace is a trace, the same for the same seed, and holds on the model",
          "[bench][iommu]") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::string text, again;
    for (const Line& line : random_trace(seed, kCapabilities))
      text += text_of(line.operation) + '\n';
    for (const Line& line : random_trace(seed, kCapabilities))
      again += text_of(line.operation) + '\n';
    REQUIRE(text == again);
    ModelTarget target;
    REQUIRE(play(good(text), target).empty());
  }
}
