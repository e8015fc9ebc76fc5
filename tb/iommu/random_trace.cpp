// SPDX-License-Identifier: Apache-2.0
#include "iommu/random_trace.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "agent/rng.hpp"
#include "iommu/model_target.hpp"

namespace cw::iommu {

namespace {

using namespace model::iommu_reg;

constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t bit(unsigned n) { return uint64_t{1} << n; }

// Places in memory, a page each unless said.
constexpr uint64_t kCommandQueue = 0x1000'0000, kFaultQueue = 0x1001'0000, kScratch = 0x1002'0000,
                   kDirectory = 0x2000'0000, kMiddles = 0x2000'1000, kContexts = 0x2001'0000,
                   kTables = 0x3000'0000, kTablesOfDomain = 0x10'0000, kData = 0x9000'0000;

// Device ids that meet in every level of the directory; the last two are wide.
constexpr std::array<uint32_t, 8> kDevices = {0x000000, 0x000001, 0x00007f, 0x000080,
                                              0x000108, 0x00ff85, 0x010000, 0xab1234};
constexpr unsigned kDomains = 3;

// icvec: civ and fiv. Whether pmiv can be written where nothing is counted is open.
constexpr uint64_t kQueueVectors = 0xff;

// PTE bits.
enum Pte : uint64_t { V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128 };
constexpr uint64_t kN = bit(63), kLeaf = V | R | W | U | A | D;
uint64_t entry(uint64_t hpa, uint64_t flags) { return hpa >> 12 << 10 | flags; }

// Indices into a page table: few, so that pages are met again.
constexpr std::array<uint64_t, 3> kHighIndex = {0, 1, 255};
constexpr std::array<uint64_t, 2> kMiddleIndex = {0, 5};
constexpr unsigned kLowIndices = 24;

class Generator {
 public:
  Generator(uint64_t seed, uint64_t offered) : rng_(seed, "iommu.trace"), offered_(offered) {}

  Trace make() {
    start();
    const uint64_t steps = rng_.range(40, 160);
    for (uint64_t n = 0; n < steps; ++n) step();
    settle();
    check_state();
    return std::move(trace_);
  }

 private:
  // ---- Operations: done on the model at once, whose answer is what is expected

  void add(Operation operation) {
    trace_.push_back(
        {.number = static_cast<unsigned>(trace_.size() + 1), .operation = std::move(operation)});
  }
  void write(uint32_t offset, unsigned size, uint64_t value) {
    add(RegisterWrite{.offset = offset, .size = size, .value = value});
    model_.write_register(offset, size, value);
  }
  uint64_t read(uint32_t offset, unsigned size, uint64_t mask = ~uint64_t{0}) {
    if (size == 4) mask &= 0xffff'ffff;
    const uint64_t value = model_.read_register(offset, size);
    add(RegisterRead{.offset = offset, .size = size, .value = value & mask, .mask = mask});
    return value;
  }
  void fill(uint64_t address, std::vector<uint8_t> bytes) {
    model_.memory().poke(address, bytes);
    add(Fill{.address = address, .bytes = std::move(bytes)});
  }
  void fill64(uint64_t address, uint64_t value) {
    std::vector<uint8_t> bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    fill(address, std::move(bytes));
  }
  uint64_t word(uint64_t address) {
    uint64_t value = 0;
    std::memcpy(&value, model_.memory().peek(address, sizeof value).data(), sizeof value);
    return value;
  }
  void mark(Memory::Mark kind, uint64_t address, uint64_t length) {
    model_.memory().mark(kind, address, length);
    add(MarkRange{.kind = kind, .address = address, .length = length});
  }
  void settle() { add(Settle{}); }
  void check_memory(uint64_t address, uint64_t count) {
    add(MemoryIs{.address = address,
                 .bytes = model_.memory().peek(address, count),
                 .mask = std::vector<uint8_t>(count, 0xff)});
  }
  void translate(uint32_t device, bool is_write, uint64_t iova, unsigned length) {
    Translate request{.device_id = device, .write = is_write, .iova = iova, .length = length};
    const Outcome outcome = model_.translate(request);
    request.status = outcome.status;
    if (outcome.status == Status::Ok) request.address = outcome.address;
    add(request);
  }

  // ---- The whole from reset

  void start() {
    constexpr unsigned kSv48 = 10, kIgs = 28, kHpm = 30, kDbg = 31;
    constexpr uint64_t kIgsField = uint64_t{3} << kIgs, kBoth = 2;
    uint64_t capabilities = offered_;
    for (const unsigned optional : {kSv48, kHpm, kDbg}) {
      if (rng_.chance(40)) capabilities &= ~bit(optional);
    }
    if ((capabilities & kIgsField) == kBoth << kIgs) {
      capabilities = (capabilities & ~kIgsField) | rng_.range(0, kBoth) << kIgs;
    }
    has_sv48_ = (capabilities & bit(kSv48)) != 0;
    has_debug_ = (capabilities & bit(kDbg)) != 0;
    add(Reset{capabilities});
    model_.reset(capabilities);
    read(kCapabilities, 8);
    write(kFctl, 4, rng_.range(0, 7));
    read(kFctl, 4);
    start_interrupts();
    command_log2_less_1_ = rng_.range(0, 5);
    fault_log2_less_1_ = rng_.range(0, 5);
    write(kCqb, 8, entry(kCommandQueue, command_log2_less_1_));
    write(kFqb, 8, entry(kFaultQueue, fault_log2_less_1_));
    start_commands();
    write(kFqcsr, 4, 1 | rng_.range(0, 1) << 1);
    build_directory();
    for (unsigned domain = 0; domain < kDomains; ++domain) build_domain(domain);
    turn_on();
  }

  void start_interrupts() {
    for (unsigned vector = 0; vector < 4; ++vector) {
      const uint32_t place = kMsiCfgTbl + vector * 16;
      write(place, 8, kScratch + 0x100 + vector * 4);
      write(place + 8, 4, rng_.u32());
      write(place + 12, 4, rng_.range(0, 1));
    }
    write(kIcvec, 8, rng_.u64() & kQueueVectors);
    read(kIcvec, 8);
  }

  void start_commands() {
    write(kCqt, 4, 0);
    write(kCqcsr, 4, 1 | rng_.range(0, 1) << 1);
    settle();
    read(kCqcsr, 4);
  }

  void turn_on() {
    const uint64_t mode = rng_.chance(90) ? rng_.range(2, 4) : rng_.range(0, 1);
    // The directory has three levels; fewer begin further below
    directory_ = mode == 4 ? kDirectory : mode == 3 ? kMiddles : kContexts;
    write(kDdtp, 8, entry(directory_, mode));
    read(kDdtp, 8);
    mode_ = static_cast<unsigned>(mode);
  }

  void build_directory() {
    for (unsigned n = 0; n < kDevices.size(); ++n) {
      const uint32_t id = kDevices[n];
      const uint64_t middle = id >> 16 ? kMiddles + (n % 2 + 1) * kPageBytes : kMiddles;
      fill64(kDirectory + (id >> 16) * 8, entry(middle, V));
      const uint64_t last = id >> 7 ? kContexts + (id >> 7 == 1 ? 1 : n) * kPageBytes : kContexts;
      fill64(middle + (id >> 7 & 511) * 8, entry(last, V));
      contexts_[n] = last + (id & 127) * 32;
      write_context(n);
    }
  }

  unsigned levels_of(unsigned domain) const { return has_sv48_ && domain == 1 ? 4 : 3; }
  uint64_t table(unsigned domain, unsigned number) const {
    return kTables + domain * kTablesOfDomain + number * kPageBytes;
  }

  // Table 0 is the root; a pointer at (level, index) has its own table below.
  uint64_t table_below(unsigned domain, unsigned level, uint64_t index) const {
    return table(domain, 1 + level * 8 + static_cast<unsigned>(index % 7));
  }
  // Where the entry of an address is at a level, whatever its parents are now.
  uint64_t place_of(unsigned domain, unsigned level, uint64_t iova) const {
    uint64_t at = table(domain, 0);
    for (unsigned above = levels_of(domain) - 1; above > level; --above) {
      at = table_below(domain, above, iova >> (12 + 9 * above) & 511);
    }
    return at + (iova >> (12 + 9 * level) & 511) * 8;
  }

  void build_domain(unsigned domain) {
    for (unsigned n = 0; n < 40; ++n) {
      const uint64_t iova = random_iova(domain);
      for (unsigned level = levels_of(domain) - 1; level > 0; --level) {
        const uint64_t index = iova >> (12 + 9 * level) & 511;
        fill64(place_of(domain, level, iova), entry(table_below(domain, level, index), V));
      }
      if (rng_.chance(80)) fill64(place_of(domain, 0, iova), random_leaf(0));
    }
  }

  uint64_t random_iova(unsigned domain) {
    uint64_t iova = rng_.range(0, kLowIndices - 1) << 12 | rng_.pick(kMiddleIndex) << 21 |
                    rng_.pick(kHighIndex) << 30;
    if (levels_of(domain) == 4) iova |= rng_.pick(kHighIndex) << 39;
    return iova;
  }

  uint64_t random_leaf(unsigned level) {
    uint64_t hpa = kData + (rng_.range(0, 255) << 12);
    if (level > 0 && rng_.chance(85)) hpa = rng_.range(1, 200) << (12 + 9 * level);
    hpa &= bit(56) - 1;
    uint64_t pte = entry(hpa, kLeaf);
    if (rng_.chance(30)) pte ^= rng_.pick(std::array<uint64_t, 6>{W | D, D, A, U, R, V});
    if (rng_.chance(20)) pte |= rng_.pick(std::array<uint64_t, 3>{G, X, bit(8)});
    if (rng_.chance(5)) pte |= bit(static_cast<unsigned>(rng_.range(54, 62)));
    if (level > 0 && rng_.chance(10)) pte |= kN;
    return pte;
  }

  // ---- Contexts

  void write_context(unsigned device) {
    domain_of_[device] = static_cast<unsigned>(rng_.range(0, kDomains));
    const unsigned domain = domain_of_[device];
    std::array<uint64_t, 4> words = {V, 0, 0, 0};
    if (rng_.chance(15)) words[0] |= bit(4);  // DTF
    if (domain < kDomains) {
      words[2] = uint64_t{domain + 1} << 12;
      words[3] =
          (levels_of(domain) == 4 ? uint64_t{9} : uint64_t{8}) << 60 | table(domain, 0) >> 12;
    }
    if (rng_.chance(20)) {  // not PSCID, root and mode: they name a domain
      constexpr std::array<uint64_t, 4> kMayFlip = {~uint64_t{0}, ~uint64_t{0},
                                                    ~(bit(32) - bit(12)), bit(60) - bit(44)};
      const uint64_t which = rng_.range(0, 3), flip = bit(static_cast<unsigned>(rng_.range(0, 63)));
      words[which] ^= flip & kMayFlip[which];
    }
    for (unsigned n = 0; n < words.size(); ++n) fill64(contexts_[device] + 8 * n, words[n]);
  }

  // ---- Commands

  uint64_t tail() { return model_.read_register(kCqt, 4); }
  void submit(uint64_t low, uint64_t high) {
    const uint64_t mask = (uint64_t{2} << command_log2_less_1_) - 1, at = tail();
    fill64(kCommandQueue + at * 16, low);
    fill64(kCommandQueue + at * 16 + 8, high);
    write(kCqt, 4, (at + 1) & mask);
    settle();
    const uint64_t control = read(kCqcsr, 4);
    read(kCqh, 4);
    constexpr uint64_t kErrors = 0xf00;
    if ((control & kErrors) == 0) return;
    if (rng_.chance(50)) check_memory(kScratch, 64);
    // A command that cannot be done is taken away with the whole queue
    if (control & 0x700) {
      clear_marks();
      write(kCqcsr, 4, 0);
      start_commands();
    } else {
      write(kCqcsr, 4, control & 0xf03);
      settle();
    }
  }
  static constexpr uint64_t kFence = 2 | 3u << 12, kAv = bit(10), kPscv = bit(32), kDv = bit(33);

  void invalidate_all() {
    submit(1, 0);
    submit(3, 0);
    submit(kFence, 0);
  }
  void clear_marks() {
    if (!marked_) return;
    mark(Memory::Mark::Fault, 0, 0);
    mark(Memory::Mark::Poison, 0, 0);
    marked_ = false;
    dirty_ = true;
  }
  void clean() {
    if (dirty_) invalidate_all();
    dirty_ = false;
  }

  // ---- Steps

  void step() {
    switch (rng_.range(0, 12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return ask();
      case 4:
      case 5:
        return change_page();
      case 6:
        return change_context();
      case 7:
        return random_command();
      case 8:
        return debug();
      case 9:
        return change_marks();
      case 10:
        return change_registers();
      case 11:
        return change_counters();
      default:
        return check_state();
    }
  }

  void ask() {
    clean();
    for (uint64_t n = rng_.range(1, 8); n > 0; --n) {
      const auto [device, iova] = random_place();
      const auto offset = rng_.range(0, kPageBytes - 1);
      const auto length = static_cast<unsigned>(rng_.range(1, kPageBytes - offset));
      translate(device, rng_.chance(50), iova | offset, std::min(length, 256u));
    }
    settle();
    read(kFqt, 4);
  }

  struct Place {
    uint32_t device;
    uint64_t iova;
  };
  Place random_place() {
    const auto n = rng_.range(0, kDevices.size() - 1);
    uint64_t iova = random_iova(domain_of_[n] < kDomains ? domain_of_[n] : 0);
    if (rng_.chance(4)) iova ^= bit(static_cast<unsigned>(rng_.range(30, 63)));
    return {.device = kDevices[n] ^ (rng_.chance(4) ? 1u << rng_.range(0, 23) : 0), .iova = iova};
  }

  // One entry of one domain. A leaf of 4 KiB is invalidated alone, and one that was not valid needs
  // nothing: it must not have been kept.
  void change_page() {
    const auto domain = static_cast<unsigned>(rng_.range(0, kDomains - 1));
    const uint64_t iova = random_iova(domain);
    const auto level =
        static_cast<unsigned>(rng_.chance(70) ? 0 : rng_.range(1, levels_of(domain) - 1));
    clean();
    const uint64_t place = place_of(domain, level, iova), old = word(place);
    // The sixteen entries of a 64 KiB page are all the same or none of them is such a page
    if (level == 0 && ((old & kN) != 0 || rng_.chance(15))) return napot(domain, iova);
    const uint64_t index = iova >> (12 + 9 * level) & 511;
    uint64_t now = random_leaf(level);
    if (level > 0 && rng_.chance(70)) {
      now = entry(table_below(domain, level, index), V);
      if (rng_.chance(20)) now ^= rng_.pick(std::array<uint64_t, 6>{A, D, U, G, V, kN});
    }
    fill64(place, now);
    if ((old & V) == 0 && !marked_) return;
    if (level == 0 && ((old | now) & kN) == 0 && rng_.chance(70)) {
      submit(1 | kAv | kPscv | uint64_t{domain + 1} << 12, iova >> 12 << 10);
      submit(kFence, 0);
    } else {
      dirty_ = true;
    }
  }

  // Sixteen entries of one 64 KiB page, or of none any more.
  void napot(unsigned domain, uint64_t iova) {
    iova &= ~uint64_t{0xffff};
    const bool together = rng_.chance(80);
    const uint64_t hpa = (kData & ~uint64_t{0xffff}) + (rng_.range(0, 15) << 16);
    const uint64_t low = rng_.chance(85) ? 8 : rng_.range(0, 15);
    for (uint64_t n = 0; n < 16; ++n) {
      const uint64_t page = iova + n * kPageBytes;
      fill64(place_of(domain, 0, page),
             together ? entry(hpa + low * kPageBytes, kLeaf) | kN : random_leaf(0));
    }
    dirty_ = true;
  }

  void change_context() {
    const auto n = static_cast<unsigned>(rng_.range(0, kDevices.size() - 1));
    clean();
    const bool was_valid = (word(contexts_[n]) & V) != 0;
    write_context(n);
    if (!was_valid && !marked_) return;
    // One device alone, or all
    submit(rng_.chance(50) ? 3 | kDv | uint64_t{kDevices[n]} << 40 : 3, 0);
    submit(kFence, 0);
  }

  void random_command() {
    uint64_t low = 0, high = 0;
    switch (rng_.range(0, 5)) {
      case 0:
        low = 1 | (rng_.chance(50) ? kAv : 0) | (rng_.chance(50) ? kPscv : 0) |
              rng_.range(0, 7) << 12;
        high = rng_.range(0, 0xffff) << 10;
        break;
      case 1:
        low = 1 | 1u << 7 | (rng_.chance(50) ? bit(33) : 0) | rng_.range(0, 0xffff) << 44;
        break;
      case 2:
        low = 3 | (rng_.chance(50) ? kDv : 0) | uint64_t{rng_.pick(kDevices)} << 40;
        break;
      case 3:
        low = 3 | 1u << 7 | kDv | rng_.range(0, rng_.chance(50) ? 0xff : 0xfffff) << 12;
        break;
      default:
        low = kFence | (rng_.chance(70) ? kAv : 0) | (rng_.chance(50) ? bit(11) : 0) |
              uint64_t{rng_.u32()} << 32;
        high = (kScratch + rng_.range(0, 15) * 4) >> 2;
        break;
    }
    if (rng_.chance(25)) low ^= bit(static_cast<unsigned>(rng_.range(0, 63)));
    if (rng_.chance(10)) high |= bit(static_cast<unsigned>(rng_.range(46, 63)));
    submit(low, high);
    check_memory(kScratch, 64);
  }

  void debug() {
    if (!has_debug_) return;
    clean();
    const auto [device, iova] = random_place();
    write(kTrReqIova, 8, iova | rng_.range(0, kPageBytes - 1));
    read(kTrReqIova, 8);
    constexpr uint64_t kGo = 1, kExe = 4, kNw = 8;
    uint64_t control =
        kGo | uint64_t{device} << 40 | rng_.pick(std::array<uint64_t, 3>{0, kNw, kNw | kExe});
    if (rng_.chance(10)) control |= bit(32) | rng_.range(0, 0xfffff) << 12 | rng_.range(0, 1) << 1;
    write(kTrReqCtl, 8, control);
    settle();
    read(kTrReqCtl, 8);
    const uint64_t response = model_.read_register(kTrResponse, 8);
    read(kTrResponse, 8, response & 1 ? 1 : ~uint64_t{0});
    read(kFqt, 4);
  }

  void change_marks() {
    if (marked_ && rng_.chance(70)) return clear_marks();
    const auto kind = rng_.chance(50) ? Memory::Mark::Fault : Memory::Mark::Poison;
    const auto domain = static_cast<unsigned>(rng_.range(0, kDomains - 1));
    const std::array<uint64_t, 6> places = {
        place_of(domain, static_cast<unsigned>(rng_.range(0, 2)), random_iova(domain)),
        contexts_[rng_.range(0, kDevices.size() - 1)] + rng_.range(0, 3) * 8,
        kFaultQueue + rng_.range(0, 63) * 8,
        kScratch + rng_.range(0, 255) * 4,
        directory_ + (rng_.pick(kDevices) >> 7 & 511) * 8,
        kScratch + 0x100 + rng_.range(0, 3) * 4};
    mark(kind, rng_.pick(places), rng_.range(1, 8));
    marked_ = dirty_ = true;
  }

  void change_registers() {
    switch (rng_.range(0, 6)) {
      case 0: {
        const auto vector = static_cast<uint32_t>(rng_.range(0, 5));
        const uint32_t place = kMsiCfgTbl + vector * 16;
        write(place + 12, 4, rng_.range(0, 1));
        settle();
        read(place + 12, 4);
        break;
      }
      case 1: {
        const auto vector = static_cast<uint32_t>(rng_.range(0, 15));
        write(kMsiCfgTbl + vector * 16 + 8, 4, rng_.u32());
        read(kMsiCfgTbl + vector * 16, 8);
        read(kMsiCfgTbl + vector * 16 + 8, 8);
        break;
      }
      case 2:
        write(kIcvec, 8, rng_.u64() & kQueueVectors);
        read(kIcvec, 8);
        break;
      case 3:
        write(kIpsr, 4, rng_.range(0, 7));
        settle();
        break;
      case 4:  // software takes records, and clears what stopped them
        write(kFqh, 4, model_.read_register(kFqt, 4));
        write(kFqcsr, 4, 0x301 | rng_.range(0, 1) << 1);
        settle();
        break;
      case 5:
        if (!rng_.chance(30)) break;
        write(kDdtp, 8, rng_.range(0, 1));
        read(kDdtp, 8);
        turn_on();
        break;
      default:
        write(kDdtp, 8, rng_.u64() & ~uint64_t{15});  // Off with any PPN, unless it is Bare already
        write(kDdtp, 8, entry(directory_, mode_));
        read(kDdtp, 8);
        break;
    }
    check_state();
  }

  // Requests are counted alike with caches and without; misses and walks are not.
  void change_counters() {
    constexpr uint32_t kCounters = 4;
    constexpr uint64_t kRequests = 1, kDmask = bit(15), kPv = bit(60), kDv = bit(61), kOf = bit(63);
    const auto n = static_cast<uint32_t>(rng_.range(0, kCounters));  // one that is not there
    uint64_t selector = rng_.chance(80) ? kRequests : 0;
    if (rng_.chance(60)) selector |= kDv | uint64_t{rng_.pick(kDevices)} << 36;
    if (rng_.chance(40)) selector |= kDmask;
    if (rng_.chance(10)) selector |= kPv;
    if (rng_.chance(20)) selector |= kOf;
    write(kIohpmevt + 8 * n, 8, selector);
    constexpr uint64_t kLast = bit(40) - 1;
    write(kIohpmctr + 8 * n, 8, rng_.chance(50) ? kLast - rng_.range(0, 6) : rng_.u64());
    if (rng_.chance(30)) write(kIocountinh, 4, rng_.u32() & rng_.u32());
    check_counters();
  }

  void check_counters() {
    for (uint32_t n = 0; n < 4; ++n) {
      read(kIohpmctr + 8 * n, 8);
      read(kIohpmevt + 8 * n, 8);
    }
    read(kIocountovf, 4, ~uint64_t{1});  // the clocks are not the model's
    read(kIocountinh, 4);
  }

  void check_state() {
    settle();
    for (const uint32_t offset : {kCqh, kCqt, kFqh, kFqt, kCqcsr, kFqcsr, kIpsr}) read(offset, 4);
    check_memory(kScratch + 0x100, 16);
    const uint64_t count = uint64_t{2} << fault_log2_less_1_;
    const uint64_t last = (model_.read_register(kFqt, 4) + count - 1) % count;
    check_memory(kFaultQueue + last * 32, 32);
    check_counters();
  }

  agent::Rng rng_;
  uint64_t offered_;
  ModelTarget model_;
  Trace trace_;
  bool has_sv48_ = false, has_debug_ = false;
  bool dirty_ = false;   // caches may hold what memory does not
  bool marked_ = false;  // some of memory fails
  unsigned mode_ = 0;
  uint64_t directory_ = 0, command_log2_less_1_ = 0, fault_log2_less_1_ = 0;
  std::array<uint64_t, kDevices.size()> contexts_{};
  std::array<unsigned, kDevices.size()> domain_of_{};  // kDomains: no first stage
};

}  // namespace

Trace random_trace(uint64_t seed, uint64_t offered) { return Generator(seed, offered).make(); }

}  // namespace cw::iommu
