// SPDX-License-Identifier: Apache-2.0
#include "random/cover.hpp"

#include <bit>

#include "pcie/byte_enables.hpp"

namespace cw::random {

using namespace pcie;

const std::vector<std::string> kRequestFaults = {
    "poison",        "length",   "byte-enables", "over-mps",          "page-cross",
    "reserved-kind", "digest",   "prefix",       "traffic-class",     "spoof",
    "give-up",       "function", "type-1",       "misaligned-atomic", "ecrc",
    "pasid"};
const std::vector<std::string> kCompletionFaults = {
    "cpl-poison",        "cpl-ur",     "cpl-ca",        "cpl-rrs",        "cpl-reserved-status",
    "cpl-missing",       "cpl-late",   "cpl-duplicate", "cpl-byte-count", "cpl-lower-address",
    "cpl-length",        "cpl-tag",    "cpl-requester", "cpl-locked",     "cpl-no-data",
    "cpl-ur-with-data",  "cpl-digest", "cpl-give-up",   "cpl-split",      "cpl-bcm",
    "cpl-traffic-class", "cpl-cut",    "cpl-ecrc"};
const std::vector<std::string> kLinkFaults = {"credits"};

namespace {

const std::vector<std::string> kDirections = {"to-card", "to-host"};
const std::vector<std::string> kEntryEnds = {
    "ok",       "bad-descriptor", "bad-card", "chain-long", "descriptor-fetch", "ur",     "ca",
    "poisoned", "timeout",        "lied",     "stale",      "card-error",       "aborted"};
const std::vector<std::string> kReadFailures = {"ur", "ca", "poisoned", "timeout", "lied"};

std::vector<std::string> all_faults() {
  std::vector<std::string> names = kRequestFaults;
  names.insert(names.end(), kCompletionFaults.begin(), kCompletionFaults.end());
  names.insert(names.end(), kLinkFaults.begin(), kLinkFaults.end());
  return names;
}

size_t length_bin(uint32_t dw) {
  return dw == 1 ? 0 : dw == 2 ? 1 : dw <= 16 ? 2 : dw <= 128 ? 3 : dw < 1024 ? 4 : 5;
}
const std::vector<std::string> kLengths = {"1dw",      "2dw",        "3-16dw",
                                           "17-128dw", "129-1023dw", "1024dw"};
const std::vector<std::string> kEnables = {"zero", "whole", "part", "hole-1dw", "hole-2dw"};
const std::vector<std::string> kKinds = {
    "MRd32",  "MRd64",  "MRdLk32", "MRdLk64", "MWr32",  "MWr64",      "IORd",
    "IOWr",   "CfgRd0", "CfgWr0",  "CfgRd1",  "CfgWr1", "FetchAdd32", "FetchAdd64",
    "Swap32", "Swap64", "CAS32",   "CAS64",   "Msg",    "MsgD",       "Cpl",
    "CplD",   "CplLk",  "CplDLk",  "reserved"};

}  // namespace

Cover::Cover()
    : kind_down(all.point("link.down.kind", kKinds)),
      kind_up(all.point("link.up.kind",
                        {"MRd32", "MRd64", "MWr32", "MWr64", "Cpl", "CplD", "CplLk", "Msg"})),
      read_length(all.point("completer.read.length", kLengths)),
      write_length(all.point("completer.write.length", {"1dw", "2dw", "3-16dw", "17-128dw"})),
      read_enables(all.point("completer.read.enables", kEnables)),
      write_enables(all.point("completer.write.enables", kEnables)),
      claims(all.point("completer.claim", {"none", "registers", "card", "io", "user"})),
      splits(all.point("completer.completion", {"whole", "split"})),
      races(all.point("completer.byte", {"exact", "racing"})),
      messages(all.point("completer.message", {"known", "unknown", "vendor-0", "vendor-1"})),
      answers(all.cross("completer.answer", {"memory", "locked", "io", "config", "atomic"},
                        {"SC", "UR", "CA"},
                        {"locked-SC", "locked-CA", "io-CA", "config-CA", "atomic-CA"})),
      request_length(all.point("request.length", kLengths)),
      request_format(all.point("request.format", {"3dw", "4dw"})),
      request_bytes(
          all.point("request.bytes", {"descriptor", "descriptors", "aligned-read", "odd-read",
                                      "aligned-write", "odd-write", "ends-page"})),
      limits_mps(all.point("request.mps", {"128", "256", "512"})),
      limits_mrrs(all.point("request.mrrs", {"128", "256", "512", "1024", "2048", "4096"})),
      answer_parts(all.point("request.answer", {"whole", "parts"})),
      failures(all.point("request.failed", kReadFailures)),
      entries(all.cross("dma.entry", kDirections, kEntryEnds,
                        {"to-host-ur", "to-host-ca", "to-host-poisoned", "to-host-timeout",
                         "to-host-lied", "to-host-card-error", "to-card-card-error"})),
      entry_shape(
          all.point("dma.shape", {"single", "list", "chain", "one-byte", "over-4gib", "partial"})),
      doorbell(all.point("dma.doorbell", {"one", "several", "full", "wrap", "again", "bad"})),
      queue(all.point("dma.queue", {"stop", "resume", "halted", "restart", "abort"})),
      stray(all.point("request.stray", {"idle-tag", "foreign-id", "late", "after-lie",
                                        "after-poison", "after-reset"})),
      interrupt(all.point("msix", {"message", "masked-event", "unmask-sends", "function-mask",
                                   "pending-read", "no-such-vector", "msi"})),
      config(all.point("config",
                       {"read", "read-extended", "write", "status-clear", "sizing", "recapture"})),
      gate(all.point("gate", {"bus-master-off", "memory-off", "d3hot", "bar-moved",
                              "before-capture", "limits-changed"})),
      malformed(all.point("malformed", {"posted", "non-posted", "completion", "no-class"})),
      inject(all.point("inject", all_faults())),
      credits(all.point("credits", {"endpoint-waits-posted", "endpoint-waits-non-posted",
                                    "endpoint-waits-completion", "host-waits-posted",
                                    "host-waits-non-posted", "wrap"})),
      order(all.point("order", {"read-after-write", "posted-passes-read", "flush",
                                "record-before-status", "relaxed-read"})),
      reset(all.point("reset",
                      {"idle", "traffic", "hot", "function-idle", "function-reads", "put-off"})),
      atomic(all.point("completer.atomic",
                       {"fetch-add-32", "fetch-add-64", "swap-32", "swap-64", "cas-32", "cas-64",
                        "cas-128", "cas-equal", "cas-unequal", "pasid"})),
      ecrc(all.point("ecrc", {"right", "wrong", "sent", "ignored"})),
      error_message(all.point("error.message", {"correctable", "non-fatal", "fatal"})),
      error_log(all.point(
          "error.log", {"none", "poisoned", "timeout", "unexpected", "malformed", "unsupported"})),
      rest(all.point("rest", {"credits-back", "tags-back", "memory-exact", "status-exact"})) {}

void Cover::enables_of(Point& point, ByteEnables enables, uint32_t dw) {
  const bool run = contiguous_run(enables, dw).has_value();
  if (enables.first == 0) {
    point.hit("zero");
  } else if (!run) {
    point.hit(dw == 1 ? "hole-1dw" : "hole-2dw");
  } else {
    point.hit(enables.first == 0xf && (dw == 1 || enables.last == 0xf) ? "whole" : "part");
  }
}

void Cover::read(ByteEnables enables, uint32_t dw, uint64_t) {
  read_length.hit(length_bin(dw));
  enables_of(read_enables, enables, dw);
}

void Cover::write(ByteEnables enables, uint32_t dw, uint64_t) {
  write_length.hit(length_bin(dw));
  enables_of(write_enables, enables, dw);
}

void Cover::claimed(bool hit, unsigned bar) {
  claims.hit(!hit ? 0 : bar == 0 ? 1 : bar == 2 ? 2 : bar == 4 ? 3 : 4);
}

void Cover::completed(const Tlp& request, CplStatus status) {
  const auto* read = std::get_if<MemRead>(&request);
  const size_t group =
      read                                      ? (read->locked ? 1 : 0)
      : std::holds_alternative<Atomic>(request) ? 4
      : std::holds_alternative<IoRead>(request) || std::holds_alternative<IoWrite>(request) ? 2
                                                                                            : 3;
  answers.hit(group, status == CplStatus::Sc ? 0 : status == CplStatus::Ca ? 2 : 1);
}

void Cover::message(uint8_t code, bool known) {
  messages.hit(code == 0x7e ? "vendor-0" : code == 0x7f ? "vendor-1" : known ? "known" : "unknown");
}

void Cover::operation(const Atomic& request, bool changed) {
  const size_t dw = request.operands.size();
  switch (request.kind) {
    case AtomicKind::FetchAdd:
      atomic.hit(dw == 1 ? "fetch-add-32" : "fetch-add-64");
      break;
    case AtomicKind::Swap:
      atomic.hit(dw == 1 ? "swap-32" : "swap-64");
      break;
    case AtomicKind::CompareAndSwap:
      atomic.hit(dw == 2 ? "cas-32" : dw == 4 ? "cas-64" : "cas-128");
      atomic.hit(changed ? "cas-equal" : "cas-unequal");
      break;
  }
}

void Cover::request(const MemRead& read, uint32_t dw, bool descriptor) {
  request_length.hit(length_bin(dw));
  request_format.hit(read.address.value >> 32 ? 1 : 0);
  if (descriptor) {
    request_bytes.hit(read.length_bytes == model::kDescriptorBytes ? "descriptor" : "descriptors");
    return;
  }
  request_bytes.hit((read.address.value | read.length_bytes) % 4 == 0 ? "aligned-read"
                                                                      : "odd-read");
  if ((read.address.value + read.length_bytes) % kPageBytes == 0) request_bytes.hit("ends-page");
}

void Cover::data_write(const MemWrite& write, uint32_t dw) {
  request_length.hit(length_bin(dw));
  request_format.hit(write.address.value >> 32 ? 1 : 0);
  request_bytes.hit((write.address.value | write.data.size()) % 4 == 0 ? "aligned-write"
                                                                       : "odd-write");
}

void Cover::read_failed(model::DmaError error) {
  const auto first = static_cast<size_t>(model::DmaError::ReadUr);
  failures.hit(static_cast<size_t>(error) - first);
}

void Cover::entry(bool to_card, const env::DmaWatch::Ended& entry) {
  const auto error = entry.record ? entry.record->error : model::DmaError::Ok;
  const uint64_t bytes = entry.record ? entry.record->bytes_done : entry.plan.bytes();
  entries.hit(to_card ? 0 : 1, static_cast<size_t>(error));
  if (error != model::DmaError::Ok) queue.hit("halted");
  const auto& places = entry.plan.descriptors;
  if (places.size() == 1) entry_shape.hit("single");
  if (places.size() > 1) {
    const bool beside = places[1].value == places[0].value + model::kDescriptorBytes;
    entry_shape.hit(beside ? "list" : "chain");
  }
  if (bytes == 1) entry_shape.hit("one-byte");
  if (error != model::DmaError::Ok && bytes != 0) entry_shape.hit("partial");
  bool below = false, above = false;
  for (const auto& move : entry.plan.moves) {
    const uint64_t first = to_card ? move.src : move.dst;
    (first >> 32 ? above : below) = true;
    ((first + move.bytes - 1) >> 32 ? above : below) = true;
  }
  if (below && above) entry_shape.hit("over-4gib");
}

void Cover::doorbell_of(uint16_t fresh, uint16_t claimed, unsigned ring_log2) {
  doorbell.hit(fresh == 0 ? "again" : fresh == 1 ? "one" : "several");
  if (claimed == 1u << ring_log2) doorbell.hit("full");
}

}  // namespace cw::random
