// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_aer.h>

#include <array>
#include <utility>

#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "unit/aer_pins.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

using model::SeenError;
using model::Uncorrectable;

constexpr unsigned kAer = 0x140, kStatus = kAer + 0x04, kMask = kAer + 0x08,
                   kSeverity = kAer + 0x0c, kCorStatus = kAer + 0x10, kCorMask = kAer + 0x14,
                   kControl = kAer + 0x18, kHeaderLog = kAer + 0x1c, kPrefixLog = kAer + 0x38;
constexpr unsigned kCed = 1, kNfed = 2, kFed = 4, kUrd = 8;  // error_class_t
constexpr unsigned kErrCor = 1, kErrNonFatal = 2, kErrFatal = 4;
constexpr model::ReportEnables kAllEnabled{
    .serr = false, .unsupported = true, .fatal = true, .non_fatal = true, .correctable = true};
constexpr std::array<Uncorrectable, 9> kEveryError{Uncorrectable::Internal,
                                                   Uncorrectable::Overflow,
                                                   Uncorrectable::Malformed,
                                                   Uncorrectable::Ecrc,
                                                   Uncorrectable::Unsupported,
                                                   Uncorrectable::CompleterAbort,
                                                   Uncorrectable::UnexpectedCompletion,
                                                   Uncorrectable::Poisoned,
                                                   Uncorrectable::CompletionTimeout};

uint32_t bit(Uncorrectable error) { return 1u << static_cast<unsigned>(error); }

std::array<uint32_t, 4> header(uint32_t mark) {
  return {mark, mark + 0x1111'1111, mark + 0x2222'2222, mark + 0x3333'3333};
}

struct Reporting {
  dut::Module<Vcw_cfg_aer> module;
  CfgBus<Vcw_cfg_aer> bus{cold(module)};

  static dut::Module<Vcw_cfg_aer>& cold(dut::Module<Vcw_cfg_aer>& module) {
    dut::clear_bits(module.pins().errors_i);
    module.pins().told_i = 0;
    module.pins().report_i = 0;
    module.pins().cold_rst_i = 1;
    module.pins().cfg_valid_i = 0;
    module.reset();
    module.pins().cold_rst_i = 0;
    return module;
  }
  Reporting() {
    // The bus's own reset is a warm one.
    cold(module);
  }
  void enable(const model::ReportEnables& enables) {
    bus.pins().report_i = static_cast<uint8_t>(enable_bits(enables));
  }
  // Classes that were detected, and messages of the clock after.
  std::pair<unsigned, unsigned> see(const std::vector<SeenError>& errors) {
    drive_errors(bus.pins().errors_i, errors);
    module.settle();
    const unsigned detected = bus.pins().detected_o;
    module.step();
    drive_errors(bus.pins().errors_i, {});
    module.settle();
    return {detected, bus.pins().message_o};
  }
  unsigned first_error() { return bus.read(kControl) & 0x1f; }
  std::array<uint32_t, 4> header_log() {
    return {bus.read(kHeaderLog), bus.read(kHeaderLog + 4), bus.read(kHeaderLog + 8),
            bus.read(kHeaderLog + 12)};
  }
};

TEST_CASE("AER registers have the specified values after a cold reset, and their bits",
          "[unit][config][R38][R41]") {
  Reporting dut;
  CHECK(dut.bus.read(kAer) == 0x0002'0001);
  CHECK(dut.bus.read(kStatus) == 0);
  CHECK(dut.bus.read(kMask) == 0x0040'0000);
  CHECK(dut.bus.read(kSeverity) == 0x0046'0010);
  CHECK(dut.bus.read(kCorStatus) == 0);
  CHECK(dut.bus.read(kCorMask) == 0x0000'2000);
  CHECK(dut.bus.read(kControl) == 0x0000'00a0);
  for (unsigned offset = kHeaderLog; offset < kAer + 0x48; offset += 4) {
    CHECK(dut.bus.read(offset) == 0);
  }
  for (unsigned offset = kAer; offset < kAer + 0x48; offset += 4) {
    dut.bus.write(offset, 0xffff'ffff);
  }
  CHECK(dut.bus.read(kStatus) == 0);
  CHECK(dut.bus.read(kMask) == 0x005f'd010);
  CHECK(dut.bus.read(kSeverity) == 0x005f'd010);
  CHECK(dut.bus.read(kCorStatus) == 0);
  CHECK(dut.bus.read(kCorMask) == 0x0000'31c0);
  CHECK(dut.bus.read(kControl) == 0x0000'01e0);
  CHECK(dut.bus.pins().ecrc_generate_o == 1);
  CHECK(dut.bus.pins().ecrc_check_o == 1);
  for (unsigned offset = kHeaderLog; offset < kAer + 0x48; offset += 4) {
    CHECK(dut.bus.read(offset) == 0);
  }
}

TEST_CASE("Each error has its class by severity, advisory where a completion or nobody is told",
          "[unit][config][R38]") {
  struct Row {
    Uncorrectable error;
    bool told;
    unsigned when_non_fatal, when_fatal;          // Device Status
    unsigned say_when_non_fatal, say_when_fatal;  // messages, nothing masked
  };
  // 6.2.7 with the advisory cases of 6.2.3.2.4
  constexpr Row kRows[] = {
      {Uncorrectable::Internal, false, kNfed, kFed, kErrNonFatal, kErrFatal},
      {Uncorrectable::Overflow, false, kNfed, kFed, kErrNonFatal, kErrFatal},
      {Uncorrectable::Malformed, false, kNfed, kFed, kErrNonFatal, kErrFatal},
      {Uncorrectable::Ecrc, false, kNfed, kFed, kErrNonFatal, kErrFatal},
      {Uncorrectable::Unsupported, false, kUrd | kNfed, kUrd | kFed, kErrNonFatal, kErrFatal},
      {Uncorrectable::Unsupported, true, kUrd | kCed, kUrd | kFed, kErrCor, kErrFatal},
      {Uncorrectable::CompleterAbort, false, kNfed, kFed, kErrNonFatal, kErrFatal},
      {Uncorrectable::CompleterAbort, true, kCed, kFed, kErrCor, kErrFatal},
      {Uncorrectable::UnexpectedCompletion, true, kCed, kFed, kErrCor, kErrFatal},
      {Uncorrectable::Poisoned, false, kNfed, kFed, kErrNonFatal, kErrFatal},
      {Uncorrectable::CompletionTimeout, false, kNfed, kFed, kErrNonFatal, kErrFatal}};
  for (const Row& row : kRows) {
    for (const bool fatal : {false, true}) {
      for (const bool advisory_masked : {false, true}) {
        for (const bool masked : {false, true}) {
          Reporting dut;
          dut.enable(kAllEnabled);
          dut.bus.write(kSeverity, fatal ? ~0u : 0);
          dut.bus.write(kMask, masked ? ~0u : 0);
          dut.bus.write(kCorMask, advisory_masked ? ~0u : 0);
          const auto [detected, said] =
              dut.see({{.error = row.error, .told = row.told, .header = header(0x4a00'0001)}});
          INFO("bit " << unsigned(row.error) << " told " << row.told << " fatal " << fatal
                      << " advisory masked " << advisory_masked << " masked " << masked);
          CHECK(detected == (fatal ? row.when_fatal : row.when_non_fatal));
          const bool advisory = !fatal && row.say_when_non_fatal == kErrCor;
          const bool recorded = !advisory || !advisory_masked;
          CHECK(dut.bus.read(kCorStatus) == (advisory ? 1u << 13 : 0));
          CHECK(dut.bus.read(kStatus) == (recorded ? bit(row.error) : 0));
          const bool logged = recorded && !masked;
          CHECK(dut.first_error() == (logged ? static_cast<unsigned>(row.error) : 0));
          CHECK(dut.header_log() == (logged ? header(0x4a00'0001) : std::array<uint32_t, 4>{}));
          // The mask of the uncorrectable error does not silence an advisory one.
          const bool silent = advisory ? advisory_masked : masked;
          CHECK(said == (silent ? 0 : fatal ? row.say_when_fatal : row.say_when_non_fatal));
        }
      }
    }
  }
}

TEST_CASE("Messages need their enable in Device Control, or SERR# Enable", "[unit][config][R38]") {
  for (unsigned bits = 0; bits < 32; ++bits) {
    Reporting dut;
    const model::ReportEnables enables{.serr = (bits & 16) != 0,
                                       .unsupported = (bits & 8) != 0,
                                       .fatal = (bits & 4) != 0,
                                       .non_fatal = (bits & 2) != 0,
                                       .correctable = (bits & 1) != 0};
    dut.enable(enables);
    dut.bus.write(kCorMask, 0);
    const auto said = [&](const SeenError& seen) { return dut.see({seen}).second; };
    INFO("enables " << bits);
    CHECK(said({.error = Uncorrectable::Malformed}) ==
          (enables.serr || enables.fatal ? kErrFatal : 0));
    CHECK(said({.error = Uncorrectable::Poisoned}) ==
          (enables.serr || enables.non_fatal ? kErrNonFatal : 0));
    CHECK(said({.error = Uncorrectable::UnexpectedCompletion}) ==
          (enables.correctable ? kErrCor : 0));
    // Unsupported Requests have an enable more; SERR# Enable stands for both, but for ERR_COR.
    CHECK(said({.error = Uncorrectable::Unsupported}) ==
          (enables.serr || (enables.unsupported && enables.non_fatal) ? kErrNonFatal : 0));
    CHECK(said({.error = Uncorrectable::Unsupported, .told = true}) ==
          (enables.unsupported && enables.correctable ? kErrCor : 0));
    CHECK(dut.see({}).second == 0);
  }
}

TEST_CASE("The first error keeps pointer and header until software clears its bit",
          "[unit][config][R38]") {
  Reporting dut;
  dut.see({{.error = Uncorrectable::Poisoned, .header = header(1)}});
  dut.see({{.error = Uncorrectable::Malformed, .header = header(2)}});
  dut.see({{.error = Uncorrectable::Poisoned, .header = header(3)}});
  CHECK(dut.first_error() == 12);
  CHECK(dut.header_log() == header(1));
  CHECK(dut.bus.read(kStatus) == (1u << 12 | 1u << 18));
  // Another bit is cleared: the log stays.
  dut.bus.write(kStatus, 1u << 18);
  dut.see({{.error = Uncorrectable::Ecrc, .header = header(4)}});
  CHECK(dut.first_error() == 12);
  CHECK(dut.header_log() == header(1));
  // Its own bit, in a byte that is not enabled: the same.
  dut.bus.write(kStatus, 1u << 12, /*byte_enables=*/0b1101);
  CHECK(dut.first_error() == 12);
  // Its own bit: the next error is recorded, even one whose bit is set already.
  dut.bus.write(kStatus, 1u << 12);
  CHECK(dut.first_error() == 0);
  CHECK(dut.bus.read(kStatus) == 1u << 19);
  dut.see({{.error = Uncorrectable::Ecrc, .header = header(5)}});
  CHECK(dut.first_error() == 19);
  CHECK(dut.header_log() == header(5));
}

TEST_CASE("An error that arrives while its bit is cleared is a new first error",
          "[unit][config][R38]") {
  Reporting dut;
  dut.see({{.error = Uncorrectable::Poisoned, .header = header(1)}});
  drive_errors(dut.bus.pins().errors_i, {{.error = Uncorrectable::Poisoned, .header = header(2)}});
  dut.bus.write(kStatus, ~0u);
  drive_errors(dut.bus.pins().errors_i, {});
  CHECK(dut.bus.read(kStatus) == 1u << 12);
  CHECK(dut.first_error() == 12);
  CHECK(dut.header_log() == header(2));
}

TEST_CASE("A masked error does not take the log, and does not revive an old one",
          "[unit][config][R38]") {
  Reporting dut;
  dut.bus.write(kMask, 1u << 12);
  dut.see({{.error = Uncorrectable::Poisoned, .header = header(1)}});
  CHECK(dut.bus.read(kStatus) == 1u << 12);
  CHECK(dut.first_error() == 0);
  dut.see({{.error = Uncorrectable::Malformed, .header = header(2)}});
  CHECK(dut.first_error() == 18);
  dut.bus.write(kStatus, ~0u);
  dut.bus.write(kMask, 1u << 18);
  dut.see({{.error = Uncorrectable::Malformed, .header = header(3)}});
  CHECK(dut.bus.read(kStatus) == 1u << 18);
  CHECK(dut.first_error() == 0);
  CHECK(dut.header_log() == header(2));
}

TEST_CASE("Of errors in one clock the first by precedence is logged, and all are recorded",
          "[unit][config][R38]") {
  for (unsigned i = 0; i < kEveryError.size(); ++i) {
    for (unsigned j = i + 1; j < kEveryError.size(); ++j) {
      Reporting dut;
      dut.bus.write(kMask, 0);
      dut.bus.write(kCorMask, 0);
      dut.see({{.error = kEveryError[j], .header = header(1)}, {.error = kEveryError[i]}});
      CHECK(dut.first_error() == static_cast<unsigned>(kEveryError[i]));
      CHECK(dut.bus.read(kStatus) == (bit(kEveryError[i]) | bit(kEveryError[j])));
    }
  }
}

TEST_CASE("An error without a TLP logs no header, an internal one all ones",
          "[unit][config][R38]") {
  Reporting dut;
  dut.bus.write(kMask, 0);
  dut.see({{.error = Uncorrectable::Poisoned, .header = header(7)}});
  dut.bus.write(kStatus, ~0u);
  dut.see({{.error = Uncorrectable::CompletionTimeout}});
  CHECK(dut.first_error() == 14);
  CHECK(dut.header_log() == std::array<uint32_t, 4>{});
  dut.bus.write(kStatus, ~0u);
  dut.see({{.error = Uncorrectable::Internal}});
  CHECK(dut.first_error() == 22);
  CHECK(dut.header_log() == std::array<uint32_t, 4>{~0u, ~0u, ~0u, ~0u});
  dut.bus.write(kStatus, ~0u);
  dut.see({{.error = Uncorrectable::Internal, .header = header(9)}});
  CHECK(dut.header_log() == header(9));
}

TEST_CASE("The prefix of the first error's TLP is logged with its header", "[unit][config][R38]") {
  Reporting dut;
  dut.see({{.error = Uncorrectable::Poisoned, .header = header(1), .prefix = 0x9112'3456}});
  CHECK(dut.bus.read(kControl) == 0x0000'08ac);
  CHECK(dut.bus.read(kPrefixLog) == 0x9112'3456);
  dut.bus.write(kStatus, ~0u);
  CHECK(dut.bus.read(kControl) == 0x0000'00a0);
  dut.see({{.error = Uncorrectable::Poisoned, .header = header(2)}});
  CHECK(dut.bus.read(kControl) == 0x0000'00ac);
  CHECK(dut.bus.read(kPrefixLog) == 0);
}

TEST_CASE("An error of no function in particular is told by one function, logged by all",
          "[unit][config][R38]") {
  Reporting dut;
  dut.enable(kAllEnabled);
  const SeenError shared{.error = Uncorrectable::Malformed, .shared = true};
  const SeenError own{.error = Uncorrectable::Malformed};
  CHECK(dut.see({shared}).second == kErrFatal);
  dut.bus.pins().told_i = kErrFatal;
  CHECK(dut.see({shared}) == std::pair{kFed, 0u});
  CHECK(dut.bus.read(kStatus) == 1u << 18);
  CHECK(dut.see({own}).second == kErrFatal);  // one of its own is another error
  dut.bus.pins().told_i = kErrNonFatal;
  CHECK(dut.see({shared}).second == kErrFatal);  // that was told of another severity
  drive_errors(dut.bus.pins().errors_i, {shared});
  dut.module.settle();
  CHECK(dut.bus.pins().told_o == (kErrFatal | kErrNonFatal));
  dut.enable({});
  dut.module.settle();
  CHECK(dut.bus.pins().told_o == kErrNonFatal);  // it may not speak: the next function has to
}

TEST_CASE("A reset tells nobody of an error that comes in its last clock",
          "[unit][config][R38][R43]") {
  Reporting dut;
  dut.enable(kAllEnabled);
  drive_errors(dut.bus.pins().errors_i, {{.error = Uncorrectable::Malformed}});
  dut.module.reset();
  CHECK(dut.bus.pins().message_o == 0);
  dut.module.step();
  CHECK(dut.bus.pins().message_o == kErrFatal);  // the same error outside of it
}

TEST_CASE("The prefix log is zero where the first error's TLP has none", "[unit][config][R38]") {
  Reporting dut;
  auto& errors = dut.bus.pins().errors_i;
  drive_errors(errors, {{.error = Uncorrectable::Malformed, .header = header(1)}});
  dut::set_bits(errors, kPrefixLsb, 32, 0x9112'3456);  // without its mark it is none
  dut.module.step();
  drive_errors(errors, {});
  CHECK(dut.header_log() == header(1));
  CHECK(dut.bus.read(kPrefixLog) == 0);
}

TEST_CASE("AER outlives hot and function-level reset, but not a cold one",
          "[unit][config][R41][R43]") {
  Reporting dut;
  dut.bus.write(kMask, 0x0001'0000);
  dut.bus.write(kSeverity, 0x0008'1000);
  dut.bus.write(kCorMask, 0x0000'1000);
  dut.bus.write(kControl, 0xffff'ffff);
  dut.see({{.error = Uncorrectable::Poisoned, .header = header(5)},
           {.error = Uncorrectable::CompleterAbort, .told = true}});
  dut.enable(kAllEnabled);
  dut.see({{.error = Uncorrectable::Poisoned}});
  dut.module.reset();  // hot or function-level: not cold
  CHECK(dut.bus.pins().message_o == 0);
  CHECK(dut.bus.read(kStatus) == 0x0000'9000);
  CHECK(dut.bus.read(kMask) == 0x0001'0000);
  CHECK(dut.bus.read(kSeverity) == 0x0008'1000);
  CHECK(dut.bus.read(kCorMask) == 0x0000'1000);
  CHECK(dut.bus.read(kControl) == 0x0000'01ef);
  CHECK(dut.bus.read(kCorStatus) == 1u << 13);
  CHECK(dut.header_log() == header(5));
  Reporting::cold(dut.module);
  CHECK(dut.bus.read(kStatus) == 0);
  CHECK(dut.bus.read(kCorStatus) == 0);
  CHECK(dut.bus.read(kSeverity) == 0x0046'0010);
  CHECK(dut.bus.read(kControl) == 0x0000'00a0);
  CHECK(dut.header_log() == std::array<uint32_t, 4>{});
}

TEST_CASE("AER equals its model, whatever happens and is written", "[unit][config][R38][R41]") {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    Reporting dut;
    model::Aer aer;
    agent::Rng rng(seed, "aer");
    model::ReportEnables enables{};
    for (unsigned i = 0; i < 4000; ++i) {
      if (rng.chance(10)) {
        enables = {.serr = rng.chance(20),
                   .unsupported = rng.chance(50),
                   .fatal = rng.chance(50),
                   .non_fatal = rng.chance(50),
                   .correctable = rng.chance(50)};
        dut.enable(enables);
      }
      const bool write = rng.chance(40);
      const auto offset = static_cast<unsigned>(4 * rng.range(1, 17));
      const uint32_t value = rng.chance(30) ? 0xffff'ffff : rng.u32();
      const auto bytes = static_cast<uint8_t>(rng.chance(40) ? 0xf : rng.range(0, 15));
      // Status may be cleared while errors arrive; settings change between them.
      const bool quiet = write && kAer + offset != kStatus;
      std::vector<SeenError> errors;
      const uint32_t mark = rng.u32();
      while (!quiet && errors.size() < 3 && rng.chance(30)) {
        errors.push_back(
            {.error = rng.pick(kEveryError), .shared = rng.chance(30), .header = header(mark)});
        SeenError& seen = errors.back();
        seen.told = (seen.error == Uncorrectable::Unsupported ||
                     seen.error == Uncorrectable::CompleterAbort) &&
                    rng.chance(50);
        if (mark & 1) seen.prefix = mark;
      }
      drive_errors(dut.bus.pins().errors_i, errors);
      const auto told = static_cast<unsigned>(rng.range(0, 7));
      dut.bus.pins().told_i = static_cast<uint8_t>(told);
      dut.module.settle();
      const unsigned detected = dut.bus.pins().detected_o;
      if (write) {
        dut.bus.write(kAer + offset, value, bytes);
        aer.write(offset, value, bytes);
      } else {
        dut.module.step();
      }
      drive_errors(dut.bus.pins().errors_i, {});
      const model::Reported reported = aer.report(errors, enables);
      INFO("step " << i);
      REQUIRE(detected == class_bits(reported.detected));
      const unsigned owed =
          class_bits(reported.messages) | (class_bits(reported.shared_messages) & ~told);
      REQUIRE(dut.bus.pins().message_o == owed);
      for (unsigned at = 4; at < model::Aer::kBytes; at += 4) {
        INFO("offset " << at);
        REQUIRE(dut.bus.read(kAer + at) == aer.read(at));
      }
    }
  }
}

}  // namespace
}  // namespace cw::unit
