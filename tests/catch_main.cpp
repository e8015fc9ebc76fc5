// SPDX-License-Identifier: Apache-2.0
//
// The entry point of every test binary: Catch2's own, and what is said of a failure.
#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <regex>
#include <string>
#include <system_error>

#include "failure_report.hpp"

namespace cw {

namespace {

#if __has_include(<catch2/catch_session.hpp>)
using ListenerBase = Catch::EventListenerBase;
const Catch::TestCaseInfo& info_of(const Catch::TestCaseStats& stats) { return *stats.testInfo; }
std::string text_of(const Catch::Tag& tag) { return static_cast<std::string>(tag.original); }
#else
using ListenerBase = Catch::TestEventListenerBase;
const Catch::TestCaseInfo& info_of(const Catch::TestCaseStats& stats) { return stats.testInfo; }
std::string text_of(const std::string& tag) { return tag; }
#endif

bool& failed() {
  static bool value = false;
  return value;
}

// Nothing of it means something to Catch2 or to the shell.
std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == ',' || c == '[') text += '\\';              // of Catch2: between patterns, of a tag
    if (c == '"' || c == '$' || c == '`') text += '\\';  // of the shell
    text += c;
  }
  return text + '"';
}

std::string replay(const std::string& name) {
  std::error_code none;
  const char* seed = std::getenv("CW_SEED");
  return (seed ? "CW_SEED=" + std::string(seed) + ' ' : "") +
         std::filesystem::read_symlink("/proc/self/exe", none).string() + ' ' + quoted(name);
}

class FailureReport : public ListenerBase {
 public:
  using ListenerBase::ListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    ListenerBase::testCaseStarting(info);
    name_ = info.name;
  }
  // One of this name for each value of a generator.
  void sectionStarting(const Catch::SectionInfo& info) override {
    ListenerBase::sectionStarting(info);
    if (info.name == name_) failed() = false;
  }

#if __has_include(<catch2/catch_session.hpp>)
  void assertionEnded(const Catch::AssertionStats& stats) override { note(stats); }
#else
  bool assertionEnded(const Catch::AssertionStats& stats) override {
    note(stats);
    return false;
  }
#endif

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    ListenerBase::testCaseEnded(stats);
    if (stats.totals.assertions.failed == 0) return;
    const Catch::TestCaseInfo& info = info_of(stats);
    static const std::regex kRule("R[0-9]{2}");
    std::string rules;
    for (const auto& tag : info.tags) {
      const std::string text = text_of(tag);
      if (std::regex_match(text, kRule)) rules += (rules.empty() ? "" : ", ") + text;
    }
    std::cout << std::flush;
    std::cerr << "FAIL    " << info.name << '\n';
    if (!rules.empty()) std::cerr << "  rules   " << rules << " (docs/rules.md)\n";
    std::cerr << "  again   " << replay(info.name) << '\n' << std::flush;
  }

 private:
  static void note(const Catch::AssertionStats& stats) {
    failed() = failed() || !stats.assertionResult.isOk();
  }

  std::string name_;
};

}  // namespace

bool test_has_failed() { return failed(); }

}  // namespace cw

using cw::FailureReport;
CATCH_REGISTER_LISTENER(FailureReport)

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
