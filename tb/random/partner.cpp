// SPDX-License-Identifier: Apache-2.0
#include "random/partner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "pcie/codec.hpp"
#include "random/fault.hpp"

namespace cw::random {

using namespace pcie;

namespace {

constexpr uint32_t kCreditBytes = 16, kRcbBytes = 64, kHalf = kCreditModulus / 2;
constexpr uint32_t kDataCredits = 64;  // granted where they are finite: twice the largest payload
constexpr uint64_t kLongestWithhold = 300;

uint32_t data_credits(uint32_t dw) { return (dw * kDwordBytes + kCreditBytes - 1) / kCreditBytes; }

// By the header: what was promised is what is counted.
uint32_t data_credits(const RawTlp& raw) {
  return has_payload(raw) ? data_credits(length_dw(raw)) : 0;
}

bool room(uint32_t limit, uint32_t used, uint32_t more) {
  return ((limit - used - more) & (kCreditModulus - 1)) < kHalf;
}

}  // namespace

Partner::Partner(EndpointDut& dut, model::HostMemory& memory, TapeDeck& deck, Injector& injector,
                 Cover& cover, Options options)
    : dut_(dut),
      kernel_(dut.module().kernel()),
      memory_(memory),
      injector_(injector),
      cover_(cover),
      options_(options),
      order_(deck["partner.order"]),
      source_(kernel_, dut.rx(), {deck.seed(), "stall.rx"}, options.rx),
      sink_(kernel_, dut.tx(), {deck.seed(), "stall.tx"}, options.tx) {
  kernel_.add(*this);
  start_credits();
}

Partner::~Partner() { kernel_.remove(*this); }

void Partner::start_credits() {
  sent_ = received_ = {};
  initial_known_ = false;
  returns_.clear();
  for (unsigned which = 0; which < kFlowClasses; ++which) {
    grants_[which] = {.header_infinite = options_.infinite_credits,
                      .header = options_.infinite_credits ? 0 : options_.headers,
                      .data_infinite = options_.infinite_credits,
                      .data = options_.infinite_credits ? 0 : kDataCredits};
  }
  drive_credits();
}

void Partner::drive_credits() {
  for (const FlowClass which : {kPosted, kNonPosted, kCompletion})
    dut_.grant(which, grants_[which]);
}

void Partner::reset() {
  for (auto& queue : queues_) queue.clear();
  completions_.clear();
  jobs_.clear();
  while (!sink_.empty()) sink_.pop();
  source_.drop_all();
  calm_ = false;
  withheld_until_ = 0;
  start_credits();
}

void Partner::queue(FlowClass which, RawTlp raw) {
  queues_[which].push_back({.raw = std::move(raw), .sequence = sequence_++});
}

bool Partner::idle() const {
  return queues_[0].empty() && queues_[1].empty() && completions_.empty() && source_.idle() &&
         std::ranges::none_of(jobs_, [](const Job& job) { return job.left != 0; });
}

void Partner::calm() {
  calm_ = true;
  withheld_until_ = 0;
}

// ---- To the endpoint

bool Partner::credits_for(FlowClass which, const RawTlp& raw) {
  const CreditLimit limit = dut_.granted(which);
  const Count& used = sent_[which];
  return (limit.header_infinite || room(limit.header, used.headers, 1)) &&
         (limit.data_infinite || room(limit.data, used.data, data_credits(raw)));
}

void Partner::count_sent(const RawTlp& raw) {
  const TlpClass group = tlp_class(raw);
  if (group == TlpClass::Unknown) return;  // of no class: it has no credits
  Count& used = sent_[static_cast<unsigned>(group)];
  const auto round = [&] { return used.headers / kCreditModulus + used.data / kCreditModulus; };
  const uint32_t before = round();
  used.headers += 1;
  used.data += data_credits(raw);
  if (round() != before) cover_.credits.hit("wrap");
}

void Partner::push(RawTlp raw) {
  count_sent(raw);
  source_.send(std::move(raw));
}

// One TLP at a time, so that what comes later may still overtake.
void Partner::feed() {
  if (source_.waiting() != 0) return;
  if (!completions_.empty()) {
    push(std::move(completions_.front()));
    completions_.pop_front();
    return;
  }
  const auto eligible = [&](FlowClass which) {
    if (queues_[which].empty()) return false;
    const Queued& head = queues_[which].front();
    // Non-posted requests do not pass posted ones (2.4.1).
    if (which == kNonPosted && !queues_[kPosted].empty() &&
        queues_[kPosted].front().sequence < head.sequence) {
      return false;
    }
    if (credits_for(which, head.raw)) return true;
    cover_.credits.hit(which == kPosted ? "host-waits-posted" : "host-waits-non-posted");
    return false;
  };
  const bool posted = eligible(kPosted), asks = eligible(kNonPosted);
  if (!posted && !asks) {
    answer();
    return;
  }
  order_.next_span();
  if (!jobs_.empty() && order_.draw(2) == 1 && answer()) return;
  const FlowClass which = posted && (!asks || order_.draw(2) == 0) ? kPosted : kNonPosted;
  if (which == kPosted && asks &&
      queues_[kNonPosted].front().sequence < queues_[kPosted].front().sequence) {
    cover_.order.hit("posted-passes-read");
  }
  push(std::move(queues_[which].front().raw));
  queues_[which].pop_front();
}

// ---- Answers

// The next piece of a read that is due; false if none is.
bool Partner::answer() {
  const uint64_t now = kernel_.now().value;
  std::vector<std::list<Job>::iterator> due;
  for (auto job = jobs_.begin(); job != jobs_.end(); ++job) {
    // An answer that would come in the time of doubt comes after it.
    if (job->left != 0 && now - job->arrived > options_.timing.slowest_answer() &&
        job->not_before < job->arrived + options_.timing.surely_late()) {
      job->not_before = job->arrived + options_.timing.surely_late() + 10;
    }
    if (now >= job->not_before) due.push_back(job);
    if (due.size() == 4) break;
  }
  if (due.empty()) return false;
  order_.next_span();
  const auto job = due[order_.draw(due.size())];
  const bool last_piece = [&] {
    const uint32_t before = job->left;
    RawTlp raw = piece(*job);
    const bool faulty = job->plan.fault && (job->pieces - 1 == job->plan.at_piece ||
                                            (job->left == 0 && job->pieces <= job->plan.at_piece));
    if (!faulty) {
      if (job->plan.fault == "cpl-bcm" && job->plan.at_piece < job->pieces - 1) {
        // what comes behind a piece with a modified count is as usual
      }
      completions_.push_back(std::move(raw));
      return job->left == 0;
    }
    const std::string& fault = *job->plan.fault;
    if (fault == "cpl-late") {
      job->next -= before - job->left;
      job->left = before;
      --job->pieces;
      job->plan.fault.reset();
      job->not_before = job->arrived + options_.timing.surely_late() + job->plan.salt % 400;
      return false;
    }
    if (fault == "cpl-bcm") {
      raw.hdr[1] = (raw.hdr[1] & ~0xfffu) | ((before - job->left) & 0xfff);
    }
    for (RawTlp& broken : injector_.completion(job->plan, std::move(raw))) {
      completions_.push_back(std::move(broken));
    }
    // A completer that has refused a request says no more of it; others go on.
    const bool ends = fault == "cpl-ur" || fault == "cpl-ca" || fault == "cpl-rrs" ||
                      fault == "cpl-reserved-status" || fault == "cpl-cut" ||
                      (job->plan.salt >> 16 & 1) != 0;
    if (fault != "cpl-poison" && fault != "cpl-bcm" && fault != "cpl-split" && ends) job->left = 0;
    job->plan.fault.reset();
    return job->left == 0;
  }();
  if (last_piece) jobs_.erase(job);
  if (completions_.empty()) return true;  // swallowed
  push(std::move(completions_.front()));
  completions_.pop_front();
  return true;
}

RawTlp Partner::piece(Job& job) {
  const uint32_t page_left = kPageBytes - static_cast<uint32_t>(job.next % kPageBytes);
  uint32_t most =
      job.plan.piece_bytes ? std::min(job.plan.piece_bytes, max_payload_) : max_payload_;
  if (job.plan.fault == "cpl-split") most = kRcbBytes;
  // Whole, if it fits in dwords; else up to a boundary.
  const auto offset = static_cast<uint32_t>(job.next % kDwordBytes);
  uint32_t bytes = job.left;
  if (offset + job.left > most) {
    const uint64_t end = (job.next + most - offset) / kRcbBytes * kRcbBytes;
    bytes = static_cast<uint32_t>(end - job.next);
  }
  bytes = std::min(bytes, page_left);
  Completion cpl{.byte_count = job.left,
                 .requester = job.requester,
                 .tag = job.tag,
                 .lower_address = static_cast<uint8_t>(job.next & 0x7f),
                 .attributes = job.attributes};
  cpl.payload.resize((offset + bytes + 3) / kDwordBytes);
  memory_.read({job.next & ~uint64_t{3}},
               {reinterpret_cast<uint8_t*>(cpl.payload.data()), cpl.payload.size() * kDwordBytes});
  job.next += bytes;
  job.left -= bytes;
  ++job.pieces;
  return encode(cpl);
}

// ---- From the endpoint

void Partner::take(const RawTlp& raw) {
  const uint64_t now = kernel_.now().value;
  const auto which = static_cast<FlowClass>(tlp_class(raw));
  Count& got = received_[which];
  got.headers += 1;
  got.data += data_credits(raw);
  const CreditLimit& limit = grants_[which];
  if (!limit.header_infinite && !room(limit.header, got.headers, 0)) {
    throw Fault(to_text(raw) + ": sent without a header credit [R35]");
  }
  if (!limit.data_infinite && !room(limit.data, got.data, 0)) {
    throw Fault(to_text(raw) + ": sent without data credits [R35]");
  }
  if (!limit.header_infinite && !room(limit.header, got.headers, 1)) {
    cover_.credits.hit(which);  // whatever is next has to wait
  }
  if (!limit.header_infinite) {
    returns_.push_back({.at = now + (calm_ ? 1 : options_.longest_latency / 16),
                        .which = which,
                        .data = data_credits(raw)});
  }
  if (raw.error) return;  // given up
  const Decoded decoded = decode(raw);
  if (!std::holds_alternative<Tlp>(decoded)) return;
  const Tlp& tlp = std::get<Tlp>(decoded);
  if (const auto* write = std::get_if<MemWrite>(&tlp)) {
    memory_.write({write->address.value}, write->data);
  } else if (const auto* read = std::get_if<MemRead>(&tlp)) {
    Job job{.requester = read->requester,
            .tag = read->tag,
            .attributes = read->attributes,
            .next = read->address.value,
            .left = read->length_bytes,
            .arrived = now};
    if (!calm_) job.plan = injector_.plan(options_.longest_latency);
    job.not_before = now + job.plan.latency;
    jobs_.push_back(job);
  }
}

void Partner::return_credits() {
  const uint64_t now = kernel_.now().value;
  if (options_.infinite_credits) return;
  if (now < withheld_until_) return;
  if (!calm_ && now % 256 == 0) {
    if (const uint64_t cycles = injector_.withhold(kLongestWithhold)) {
      withheld_until_ = now + cycles;
      return;
    }
  }
  bool any = false;
  while (!returns_.empty() && returns_.front().at <= now) {
    CreditLimit& limit = grants_[returns_.front().which];
    limit.header = (limit.header + 1) % kCreditModulus;
    limit.data = (limit.data + returns_.front().data) % kCreditModulus;
    returns_.pop_front();
    any = true;
  }
  credits_changed_ |= any;
}

std::string Partner::credits_missing() {
  static constexpr const char* kNames[] = {"posted", "non-posted", "completion"};
  for (const FlowClass which : {kPosted, kNonPosted, kCompletion}) {
    const CreditLimit now = dut_.granted(which);
    const CreditLimit& first = initial_[which];
    const auto back = [](uint32_t then, uint32_t used) { return (then + used) % kCreditModulus; };
    if (now.header_infinite != first.header_infinite || now.data_infinite != first.data_infinite) {
      return fmt::format("{} credits changed between infinite and counted", kNames[which]);
    }
    if (!now.header_infinite && now.header != back(first.header, sent_[which].headers)) {
      return fmt::format("{} header credits: limit {}, should be {}", kNames[which], now.header,
                         back(first.header, sent_[which].headers));
    }
    if (!now.data_infinite && now.data != back(first.data, sent_[which].data)) {
      return fmt::format("{} data credits: limit {}, should be {}", kNames[which], now.data,
                         back(first.data, sent_[which].data));
    }
  }
  return "";
}

void Partner::commit() {
  if (!credits_changed_) return;
  drive_credits();
  credits_changed_ = false;
}

void Partner::sample() {
  if (!initial_known_) {
    for (const FlowClass which : {kPosted, kNonPosted, kCompletion}) {
      initial_[which] = dut_.granted(which);
    }
    initial_known_ = true;
  }
  while (!sink_.empty()) take(sink_.pop());
  return_credits();
  feed();
}

}  // namespace cw::random
