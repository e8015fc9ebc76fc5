// SPDX-License-Identifier: Apache-2.0
#include "random/episode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "agent/tlp_monitor.hpp"
#include "cw/cw_regs.h"
#include "env/scoreboard_fault.hpp"
#include "pcie/config_space.hpp"
#include "random/config_traffic.hpp"
#include "random/dma_traffic.hpp"
#include "random/memory_traffic.hpp"
#include "random/user_registers.hpp"

namespace cw::random {

using namespace pcie;
using dut::operator""_cycles;

namespace {

constexpr size_t kMemoryOperations = 900, kDmaOperations = 40, kConfigOperations = 60;
constexpr size_t kLastTlps = 12;
constexpr dut::Cycles kLongest = 3'000'000_cycles;

// The choices that hold for all of an episode.
struct Character {
  agent::Stall rx = agent::Stall::None;
  agent::Stall tx = agent::Stall::None;
  bool infinite_credits = true;
  uint32_t headers = 8;
  uint64_t latency = 100;
  uint32_t mps = 128, mrrs = 128;
  unsigned outstanding = 16;
  unsigned fault_percent = 3;

  Character(Tape& tape, const EpisodeSetup& setup) {
    tape.next_span();
    const size_t kinds = std::size(agent::kEveryStall);
    rx = agent::kEveryStall[tape.draw(kinds)];
    tx = agent::kEveryStall[tape.draw(kinds)];
    if (setup.stall) rx = tx = *setup.stall;
    infinite_credits = tape.draw(2) == 0;
    headers = static_cast<uint32_t>(tape.range(1, 16));
    latency = tape.range(2, 400);
    mps = 128u << tape.draw(3);
    mrrs = 128u << tape.draw(6);
    outstanding = static_cast<unsigned>(tape.range(1, 64));
    fault_percent = static_cast<unsigned>(tape.range(1, 6));
    if (tape.draw(2)) {  // quick enough for answers that come too late
      if (!setup.stall) rx = agent::Stall::None;
      if (!setup.stall && tx == agent::Stall::Slow) tx = agent::Stall::Bursty;
      latency = latency % 100;
      mrrs = 128;
    }
  }

  // Whether answers come long before the timeout, however many are under way.
  bool fast(unsigned width) const {
    const uint64_t beats = std::min<uint64_t>(32ull * mrrs, 16384) / (width / 8);
    const uint64_t factor = rx == agent::Stall::None ? 1 : rx == agent::Stall::Slow ? 8 : 3;
    return beats * factor * 2 + latency < 700 && tx != agent::Stall::Slow;
  }
};

// Ends an episode of which nobody wants to see more.
struct Enough {};
class Limit : public dut::Clocked {
 public:
  Limit(dut::Kernel& kernel, uint64_t cycles) : kernel_(kernel), cycles_(cycles) {
    kernel_.add(*this);
  }
  ~Limit() override { kernel_.remove(*this); }
  void sample() override {
    if (cycles_ != 0 && kernel_.now().value > cycles_) throw Enough();
  }

 private:
  dut::Kernel& kernel_;
  uint64_t cycles_;
};

class Episode {
 public:
  Episode(const EpisodeSetup& setup, Cover& cover);

  void run();
  EpisodeResult result(std::optional<Failure> failure) const;
  Failure failure(const std::string& sentence, std::vector<FieldDifference> fields = {});

 private:
  void begin_life();
  enum class End { Over, Reset, FunctionReset };
  End live();
  void reset();
  void rest();
  void set_timeout_range(bool long_one);
  void compare_status();
  void compare_card();
  dut::Task<> read_card();

  EpisodeSetup setup_;
  Cover& cover_;
  TapeDeck deck_;
  Character character_;
  Timing timing_{};
  uint32_t timeout_range_ = 0;
  std::unique_ptr<EndpointDut> dut_;
  dut::Kernel& kernel_;
  model::HostMemory memory_;
  Injector injector_;
  // Monitors and model look at the link before the partner acts on what it received.
  agent::TlpMonitor down_;
  agent::TlpMonitor up_;
  UserRegisters user_;
  Partner partner_;
  EndpointModel model_;
  HostPort host_;
  Tape& resets_;
  Limit limit_;
  // The sequences of one life; those of an earlier one are kept until their coroutines have ended.
  struct Sequences {
    ConfigTraffic config;
    DmaTraffic to_card;
    DmaTraffic to_host;
    MemoryTraffic memory;
  };
  std::vector<std::unique_ptr<Sequences>> lives_;
};

agent::TlpMonitor::Options monitor(const char* name) { return {.name = name, .keep = kLastTlps}; }

Episode::Episode(const EpisodeSetup& setup, Cover& cover)
    : setup_(setup),
      cover_(cover),
      deck_(setup.seed, setup.tapes),
      character_(deck_["setup"], setup),
      dut_(EndpointDut::make(setup.width, setup.seed)),
      kernel_(dut_->module().kernel()),
      injector_(deck_, cover, setup.inject, character_.fault_percent),
      down_(kernel_, dut_->rx(), monitor("to the endpoint")),
      up_(kernel_, dut_->tx(), monitor("from the endpoint")),
      user_(*dut_, {setup.seed, "user"}, character_.tx),
      partner_(*dut_, memory_, deck_, injector_, cover,
               {.rx = character_.rx,
                .tx = character_.tx,
                .infinite_credits = character_.infinite_credits,
                .headers = character_.headers,
                .longest_latency = character_.latency,
                .timing = {.timeout = character_.fast(setup.width) ? kTimeoutCycles
                                                                   : 16 * kTimeoutCycles}}),
      model_(down_, up_, memory_, cover,
             [this](Tag tag, const Answer& answer) { host_.done(tag, answer); }),
      host_(kernel_, model_, partner_, injector_, memory_),
      resets_(deck_["reset"]),
      limit_(kernel_, setup.stop_after) {
  const bool fast = character_.fast(setup.width);
  // Completion Timeout Value: the default range, or one of 16 times its length (docs/endpoint.md).
  timeout_range_ = fast ? 0 : 2;
  timing_.timeout = fast ? kTimeoutCycles : 16 * kTimeoutCycles;
  injector_.allow_late(fast);
  host_.set_most(character_.outstanding);
  agent::Rng rng(setup.seed, "host.memory");
  for (const Channel channel : {kToCard, kToHost}) {
    std::vector<uint8_t> bytes(DmaTraffic::kArenaBytes);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng.u32());
    memory_.write({DmaTraffic::arena(channel)}, bytes);
  }
  model_.memory().begin();
  kernel_.watchdog(200'000_cycles);
}

void Episode::run() {
  dut_->module().reset();
  begin_life();
  for (End end = live(); end != End::Over; end = live()) {
    if (end == End::Reset) reset();
    begin_life();
  }
  rest();
}

// Sequences of its own, for an endpoint that has just been reset.
void Episode::begin_life() {
  const unsigned percent = setup_.length;
  lives_.push_back(std::make_unique<Sequences>(Sequences{
      .config = {host_, deck_["config.ops"], cover_, kConfigOperations * percent / 100},
      .to_card = {host_, deck_["to-card.ops"], cover_, kToCard, kDmaOperations * percent / 100},
      .to_host = {host_, deck_["to-host.ops"], cover_, kToHost, kDmaOperations * percent / 100},
      .memory = {host_, deck_["host.ops"], kMemoryOperations * percent / 100}}));
  model_.requester().set_timing(timing_);
  kernel_.run(lives_.back()->config.bring_up(character_.mps, character_.mrrs, timeout_range_),
              kLongest);
  if (!setup_.tapes.empty()) host_.begin_log();  // someone will read it
}

// The sequences run to their end, or until the endpoint or its function is reset under them.
Episode::End Episode::live() {
  constexpr uint64_t kLatest = 12'000;
  resets_.next_span();
  constexpr size_t kMostLives = 4;
  const bool resets = lives_.size() < kMostLives && resets_.chance(25);
  const uint64_t at = kernel_.now().value + (resets ? resets_.range(1, kLatest) : 0);
  Sequences& now = *lives_.back();
  auto one = kernel_.start("configuration", now.config.run());
  auto two = kernel_.start("host-to-card", now.to_card.run());
  auto three = kernel_.start("card-to-host", now.to_host.run());
  auto four = kernel_.start("memory traffic", now.memory.run());
  const auto over = [&] {
    bool all = true;
    for (auto* sequence : {&one, &two, &three, &four}) {
      all &= sequence->done();
      if (sequence->done()) sequence->wait();  // what it threw, before the others wait for it
    }
    return all;
  };
  kernel_.run_until([&] { return over() || (resets && kernel_.now().value >= at); }, kLongest,
                    "the sequences");
  if (!over()) return End::Reset;
  if (now.config.function_was_reset()) return End::FunctionReset;
  return lives_.size() < kMostLives && resets_.chance(5) ? End::Reset : End::Over;
}

// Whatever is under way is gone, on both sides (6.6.1).
void Episode::reset() {
  (model_.outstanding() == 0 ? cover_.reset.hit("idle") : cover_.reset.hit("traffic"));
  const bool hot = resets_.draw(2) != 0;
  host_.end_all();
  if (hot) {
    cover_.reset.hit("hot");
    dut_->hot_reset();
    model_.reset(model::ResetKind::Hot);
  } else {
    dut_->module().reset();
    model_.reset(model::ResetKind::Cold);
  }
}

// No more faults: everything that is owed comes, and the endpoint is as good as new.
void Episode::rest() {
  RequesterModel& requester = model_.requester();
  partner_.calm();
  const auto quiet = [&] {
    requester.settle(kernel_.now().value);
    return model_.outstanding() == 0 && host_.outstanding() == 0 && partner_.idle();
  };
  const dut::Cycles budget{8 * timing_.timeout + 100'000};
  // What was lost has not to be waited for at length.
  const bool long_range = timeout_range_ != 0;
  if (long_range) {
    const auto answered = [&] { return partner_.idle() && host_.outstanding() == 0; };
    kernel_.run_until(answered, budget, "the answers");
    set_timeout_range(/*long_one=*/false);
  }
  // What is masked is unmasked, and what was off is on.
  kernel_.run(lives_.back()->config.turn_on(), budget);
  for (uint32_t vector = 0; vector < env::kMsixVectors; ++vector) {
    host_.write32(host_.config().bar_base(0) + env::kMsixTableOffset + vector * 16 + 12, 0);
  }
  try {
    kernel_.run_until(quiet, budget, "rest");
  } catch (const dut::Timeout&) {
    throw Fault(fmt::format("never comes to rest: {}; {}; {}; {} PME_TO_Ack owed",
                            model_.completer().oldest(), requester.oldest(),
                            model_.ledger().oldest_message(), model_.completer().pme_acks_owed()));
  }
  dut_->module().step(300_cycles);
  compare_status();
  // All tags come back, and the engine works: more reads than there are tags.
  const uint64_t kept = requester.tags_kept(kernel_.now().value);
  if (kept != 0) dut_->module().step(dut::Cycles{3 * kTimeoutCycles});
  if (long_range) set_timeout_range(/*long_one=*/true);
  kernel_.run(lives_.back()->config.set_limits(128, 128), budget);
  requester.take_distinct_tags();
  constexpr uint32_t kProof = 16 * 1024;
  constexpr size_t kTags = 32;
  kernel_.run(lives_.back()->to_card.prove(kProof), budget);
  if (requester.channel(kToCard).head() != 1) throw Fault("the engine no longer moves data [R44]");
  if (const size_t tags = requester.take_distinct_tags(); tags != kTags) {
    throw Fault(fmt::format("only {} of {} tags are in use: the others never came back [R28]", tags,
                            kTags));
  }
  cover_.rest.hit("tags-back");
  kernel_.run(read_card(), budget);
  kernel_.run_until(quiet, budget, "rest after all");
  if (const std::string text = model_.memory().difference(); !text.empty()) {
    throw Fault(text + " [R23][R55]");
  }
  cover_.rest.hit("memory-exact");
  if (const std::string text = partner_.credits_missing(); !text.empty()) {
    throw Fault("at rest: " + text + " [R35]");
  }
  cover_.rest.hit("credits-back");
}

// In the clocks after it whatever is older than the shorter timeout is given up.
void Episode::set_timeout_range(bool long_one) {
  const Timing timing = long_one ? timing_ : Timing{.timeout = kTimeoutCycles};
  model_.requester().set_timing(timing);
  partner_.set_timing(timing);
  kernel_.run(host_.config_write(model::ConfigSpace::kPcie + pcie_cap::kDevCtl2,
                                 long_one ? timeout_range_ : 0, 0x3),
              dut::Cycles{100'000});
  if (!long_one) dut_->module().step(dut::Cycles{2 * kTimeoutCycles});
}

// Device Status, Status and ERRORS say what happened, no more and no less.
void Episode::compare_status() {
  const dut::Cycles budget{100'000};
  model_.ledger().settle();
  model_.requester().settle_interrupts();
  for (const uint16_t offset :
       {uint16_t{reg::kCommand}, uint16_t{model::ConfigSpace::kPcie + pcie_cap::kDevCtl}}) {
    const uint32_t dword = kernel_.run(host_.config_read(offset), budget);  // the model compares
    if (offset != reg::kCommand && (dword >> 21 & 1) != 0) {
      throw Fault("at rest, and Transactions Pending is set [R43]");
    }
  }
  kernel_.run(lives_.back()->config.check_errors(), budget);
  kernel_.run(lives_.back()->config.read_all(), budget);
  const uint64_t at = host_.config().bar_base(0) + offsetof(cw_regs_t, ERRORS);
  const uint32_t got = kernel_.run(host_.read32(at), budget);
  const auto [value, certain] = model_.ledger().errors();
  if (((got ^ value) & certain) != 0) {
    throw Fault("the register ERRORS does not say what happened [R38]",
                {{"ERRORS", fmt::format("{:08x}", value), fmt::format("{:08x}", got)},
                 {"certain bits", fmt::format("{:08x}", certain), ""}});
  }
  cover_.rest.hit("status-exact");
}

dut::Task<> Episode::read_card() {
  const uint64_t base = host_.config().bar_base(2);
  for (uint64_t at = 0; at < model_.completer().card().size(); at += kPageBytes) {
    co_await host_.room();
    host_.start(
        encode(MemRead{.requester = kHostId, .address = {base + at}, .length_bytes = kPageBytes}),
        HostPort::Care::Clean);
  }
}

Failure Episode::failure(const std::string& sentence, std::vector<FieldDifference> fields) {
  Failure failure{.sentence = sentence, .fields = std::move(fields), .cycle = kernel_.now().value};
  struct Line {
    uint64_t at;
    std::string text;
  };
  std::vector<Line> lines;
  for (const auto& [monitor, arrow] : {std::pair(&down_, "host>ep "), {&up_, "ep>host "}}) {
    for (const agent::SeenTlp& seen : monitor->seen()) {
      lines.push_back(
          {seen.at.value, fmt::format("{:>8}  {}{}", seen.at.value, arrow, to_text(seen.tlp))});
    }
  }
  std::ranges::stable_sort(lines, {}, &Line::at);
  if (lines.size() > kLastTlps) lines.erase(lines.begin(), lines.end() - kLastTlps);
  for (Line& line : lines) failure.last_tlps.push_back(std::move(line.text));
  static constexpr const char* kStalls[] = {"none", "bursty", "slow", "adversarial"};
  failure.errors = model_.ledger().history();
  failure.operations = {host_.log().begin(), host_.log().end()};
  failure.setup = {fmt::format(
      "{} bits, stall {}/{}, credits {}, latency {}, MPS {}, MRRS {}", setup_.width,
      kStalls[static_cast<int>(character_.rx)], kStalls[static_cast<int>(character_.tx)],
      character_.infinite_credits ? "infinite" : std::to_string(character_.headers),
      character_.latency, character_.mps, character_.mrrs)};
  return failure;
}

EpisodeResult Episode::result(std::optional<Failure> failure) const {
  EpisodeResult result{.failure = std::move(failure),
                       .tlps = model_.tlps(),
                       .cycles = kernel_.now().value,
                       .trace_hash = model_.trace_hash(),
                       .tapes = deck_.records()};
  for (const auto& [name, record] : result.tapes) {
    if (name.ends_with(".ops")) result.operations += record.spans.size();
  }
  return result;
}

}  // namespace

std::set<std::string> all_faults() {
  std::set<std::string> names(kRequestFaults.begin(), kRequestFaults.end());
  names.insert(kCompletionFaults.begin(), kCompletionFaults.end());
  names.insert(kLinkFaults.begin(), kLinkFaults.end());
  return names;
}

EpisodeResult run_episode(const EpisodeSetup& setup, Cover& cover) {
  Episode episode(setup, cover);
  try {
    episode.run();
  } catch (const Enough&) {
    return episode.result(std::nullopt);
  } catch (const Fault& fault) {
    return episode.result(episode.failure(fault.what(), fault.fields));
  } catch (const env::ScoreboardFault& fault) {
    return episode.result(episode.failure(fault.what()));
  } catch (const agent::ProtocolViolation& fault) {
    return episode.result(episode.failure(fault.what()));
  } catch (const dut::AssertionFailed& fault) {
    return episode.result(episode.failure(fault.what()));
  } catch (const dut::Timeout& fault) {
    return episode.result(episode.failure(fault.what()));
  }
  return episode.result(std::nullopt);
}

}  // namespace cw::random
