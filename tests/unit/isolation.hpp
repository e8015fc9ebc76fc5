// SPDX-License-Identifier: Apache-2.0
//
// Two devices behind one root port, in address spaces of their own, read and write without pause
// while an operating system changes their page tables. Every dword of memory says whose it is:
// what a device reads is held against what has been mapped for it since the request was sent, and
// what it may not write any more against what was there.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "env/host.hpp"
#include "env/io_page_table.hpp"
#include "env/iommu_driver.hpp"
#include "model/page_allocator.hpp"
#include "pcie/codec.hpp"
#include "unit/root_complex_bench.hpp"

namespace cw::unit {

// ---- What memory says: owner, place, and in which frame or page

inline constexpr uint8_t kNobody = 0xcc, kOwners[] = {0x11, 0x22};
inline constexpr uint32_t kFrameDwords = pcie::kPageBytes / 4;

constexpr uint32_t filled(uint8_t owner, unsigned frame, unsigned dword) {
  return uint32_t{owner} << 24 | frame << 16 | dword;
}
constexpr uint32_t written(unsigned device, unsigned page, unsigned sequence) {
  return uint32_t{kOwners[device]} << 24 | 0x80'0000 | page << 16 | (sequence & 0xffff);
}

// A page of a device as it was mapped for a while. It ends when the fence after its change has
// ended, so that at times several are legal.
struct Mapping {
  uint64_t from = 0, until = std::numeric_limits<uint64_t>::max();
  std::optional<unsigned> frame{};
  bool read = false, write = false;

  bool during(uint64_t begin, uint64_t end) const { return from <= end && begin <= until; }
};

template <class V>
class Isolation : public dut::Clocked {
 public:
  static constexpr unsigned kDevices = 2, kSingles = 8, kNapot = 16, kMega = 8,
                            kPages = kSingles + kNapot + kMega, kSingleFrames = 24;
  enum class Region { Singles, Napot, Mega };
  using Bench = RootComplexBench<V>;
  static constexpr uint64_t kIommu = 0x1000'0000, kDoorbell = 0x2800'0000;
  static constexpr uint32_t kMessage = 0xfa17;

  Isolation(Bench& bench, uint64_t seed)
      : bench_(bench),
        rng_(seed, "os"),
        traffic_(seed, "traffic"),
        latency_(seed, "latency"),
        pages_({.base = {0x9000'0000}, .bytes = 0x1000'0000}, seed),
        host_(bench.module.kernel(), bench.cpu),
        iommu_(host_, bench.memory, pages_, {.directory_levels = 2, .queue_log2 = 6}),
        tables_{{{bench.memory, pages_}, {bench.memory, pages_}}} {
    for (unsigned n = 0; n < kSingleFrames; ++n) frames_.push_back(pages_.page());
    for (unsigned block = 0; block < 2 * kDevices; ++block) add_block(kNapot, 1 << 16);
    for (unsigned block = 0; block < 2 * kDevices; ++block) add_block(kMega, 1 << 21);
    for (unsigned frame = 0; frame < frames_.size(); ++frame) {
      fill(frame, kNobody);
      free_.push_back(frame);
    }
    for (auto& device : history_) {
      for (auto& page : device) page.push_back({});
    }
    // Interrupts of the fault queue, as messages if the IOMMU has them.
    host_.write64({kIommu + 0x300}, kDoorbell);
    host_.write32({kIommu + 0x308}, kMessage);
    host_.write32({kIommu + 0x30c}, 0);
    iommu_.start();
    host_.write32({kIommu + 0x4c}, 3);
    for (unsigned device = 0; device < kDevices; ++device) attach(device);
    bench_.walks.set_reorder(true);
    bench_.module.kernel().add(*this);
  }
  ~Isolation() override { bench_.module.kernel().remove(*this); }

  uint64_t reads_with_data = 0, reads_refused = 0, changes = 0;

  // One thing that an operating system does, and a look at everything that must not have changed.
  void change() {
    const auto device = static_cast<unsigned>(rng_.range(0, 1));
    ++changes;
    switch (rng_.range(0, 9)) {
      case 0:
        move_region(device, Region::Napot);
        break;
      case 1:
        move_region(device, Region::Mega);
        break;
      case 2:
        reshape(device, rng_.chance(50) ? Region::Napot : Region::Mega);
        break;
      case 3:
        for (uint64_t n = rng_.range(0, 2); n > 0; --n) detach_for_a_while(device);
        break;
      default:
        change_singles(device);
    }
    look();
  }

  // The next request of each device lands where the tables say now, and nowhere else.
  void probe() {
    const auto device = static_cast<unsigned>(rng_.range(0, 1));
    const auto page = static_cast<unsigned>(rng_.range(0, kPages - 1));
    const Mapping now = history_[device][page].back();
    const uint32_t value = written(device, page, ++sequence_);
    const uint32_t before = now.frame ? word(*now.frame, kProbeDword) : 0;
    bench_.send(pcie::MemWrite{.requester = id(device),
                               .address = iova(page) + 4 * kProbeDword,
                               .data = bytes_of({value})});
    const pcie::Tag tag{0x1ff};
    bench_.send(pcie::MemRead{.requester = id(device),
                              .tag = tag,
                              .address = iova(page) + 4 * kProbeDword,
                              .length_bytes = 4});
    probe_.reset();
    bench_.module.run_until([&] { return probe_.has_value(); }, 30'000_cycles);
    const bool reads = now.frame && now.read, writes = now.frame && now.write;
    INFO("device " << device << " page " << page << " at " << bench_.module.now().value);
    CHECK((probe_->status == pcie::CplStatus::Sc) == reads);
    if (now.frame) {
      CHECK(word(*now.frame, kProbeDword) == (writes ? value : before));
      if (reads) CHECK(probe_->payload == std::vector{writes ? value : before});
    }
    look();
  }

  // No byte of what nobody may write has changed, and what a device may write only it has written.
  void look() {
    for (const unsigned frame : free_) check_filled(frame, kNobody);
    for (const auto& [frame, copy] : frozen_) {
      INFO("frame " << frame << " may only be read");
      CHECK(contents(frame) == copy);
    }
    for (unsigned device = 0; device < kDevices; ++device) {
      for (unsigned page = 0; page < kPages; ++page) {
        const auto& frame = history_[device][page].back().frame;
        if (frame) check_owned(*frame, device, page);
      }
    }
    for (const std::string& fault : faults_found_) FAIL_CHECK(fault);
    faults_found_.clear();
  }

  void stop() {
    running_ = false;
    bench_.module.run_until([&] { return owed_.empty() && bench_.device.idle(); }, 50'000_cycles);
    bench_.module.step(500_cycles);
    look();
  }

  // Whether the IOMMU can send messages.
  bool has_messages() { return (host_.read64({kIommu}) >> 28 & 3) != 1; }

  // ---- The devices

  void sample() override {
    const uint64_t now = bench_.module.now().value;
    for (; sent_ < bench_.device.sent(); ++sent_) {
      if (!queued_.empty() && queued_.front().first == sent_) {
        owed_.at(queued_.front().second).sent = now;
        queued_.pop_front();
      }
    }
    while (!bench_.link.empty()) take(bench_.link.pop(), now);
    if (running_ && bench_.device.waiting() < 4) ask();
    // Each read of a walk takes a time of its own, so that commands overtake walks.
    bench_.walks.set_latency(
        dut::Cycles{latency_.chance(15) ? latency_.range(100, 600) : latency_.range(1, 20)},
        dut::Cycles{latency_.range(1, 20)});
  }

 private:
  static constexpr unsigned kProbeDword = kFrameDwords - 1;
  struct Owed {
    unsigned device = 0, page = 0;
    uint32_t offset = 0, bytes_left = 0;
    uint64_t sent = std::numeric_limits<uint64_t>::max();
    std::set<unsigned> frames{};  // that its data came from
  };

  static pcie::Bdf id(unsigned device) {
    return {.bus = static_cast<uint8_t>(device + 1), .device = static_cast<uint8_t>(device)};
  }
  static uint32_t pscid(unsigned device) { return device + 1; }
  static unsigned first(Region region) {
    return region == Region::Singles ? 0 : region == Region::Napot ? kSingles : kSingles + kNapot;
  }
  static unsigned size(Region region) {
    return region == Region::Singles ? kSingles : region == Region::Napot ? kNapot : kMega;
  }
  // Both devices use the same addresses.
  static pcie::Iova iova(unsigned page) {
    const uint64_t base = page < kSingles            ? 0x1000'0000
                          : page < kSingles + kNapot ? 0x2000'0000 - kSingles * 4096
                                                     : 0x4000'0000 - (kSingles + kNapot) * 4096;
    return {base + page * uint64_t{4096}};
  }
  static std::vector<uint8_t> bytes_of(const std::vector<uint32_t>& dwords) {
    std::vector<uint8_t> bytes(dwords.size() * 4);
    std::memcpy(bytes.data(), dwords.data(), bytes.size());
    return bytes;
  }

  void ask() {
    const auto device = static_cast<unsigned>(traffic_.range(0, 1));
    const auto page = static_cast<unsigned>(traffic_.range(0, kPages - 1));
    if (traffic_.chance(45)) {
      const auto dwords = static_cast<uint32_t>(traffic_.range(1, 32));
      const auto at = static_cast<uint32_t>(traffic_.range(0, kProbeDword - dwords));
      std::vector<uint32_t> data(dwords, written(device, page, ++sequence_));
      bench_.send(pcie::MemWrite{
          .requester = id(device), .address = iova(page) + 4 * at, .data = bytes_of(data)});
      return;
    }
    const pcie::Tag tag{static_cast<uint16_t>(traffic_.range(0, 31))};
    const auto key = std::pair{device, tag.value};
    if (owed_.contains(key)) return;
    const auto dwords = static_cast<uint32_t>(traffic_.range(1, traffic_.chance(10) ? 512 : 16));
    const auto at = static_cast<uint32_t>(traffic_.range(0, kFrameDwords - dwords));
    owed_[key] = {.device = device, .page = page, .offset = 4 * at, .bytes_left = 4 * dwords};
    queued_.emplace_back(bench_.device.sent() + bench_.device.waiting(), key);
    bench_.send(pcie::MemRead{.requester = id(device),
                              .tag = tag,
                              .address = iova(page) + 4 * at,
                              .length_bytes = 4 * dwords});
  }

  void take(const pcie::RawTlp& raw, uint64_t now) {
    const auto cpl = std::get<pcie::Completion>(std::get<pcie::Tlp>(pcie::decode(raw)));
    if (cpl.tag.value == 0x1ff) {
      probe_ = cpl;
      return;
    }
    const auto key = std::pair{unsigned{cpl.requester.bus} - 1, cpl.tag.value};
    if (!owed_.contains(key)) return complain("a completion that nobody asked for", now);
    Owed& owed = owed_.at(key);
    const auto& states = history_[owed.device][owed.page];
    if (cpl.status != pcie::CplStatus::Sc) {
      ++reads_refused;
      bool legal = false;
      for (const Mapping& state : states) {
        legal |= state.during(owed.sent, now) && !(state.frame && state.read);
      }
      if (!legal) complain(describe(owed, "was refused what it may read"), now);
      owed_.erase(key);
      return;
    }
    for (const uint32_t dword : cpl.payload) {
      if (dword >> 24 != kOwners[owed.device]) {
        complain(describe(owed, "read what is not its own"), now);
        break;
      }
      const unsigned tag = dword >> 16 & 0xff;
      if (tag < 0x80) owed.frames.insert(tag);
      if (tag >= 0x80 && tag != (0x80 | owed.page)) {
        complain(describe(owed, "read another page"), now);
        break;
      }
    }
    owed.bytes_left -= static_cast<uint32_t>(cpl.payload.size()) * 4;
    if (owed.bytes_left) return;
    ++reads_with_data;
    bool legal = false;
    for (const Mapping& state : states) {
      if (!state.during(owed.sent, now) || !state.frame || !state.read) continue;
      legal |= owed.frames.empty() || owed.frames == std::set<unsigned>{*state.frame};
    }
    if (!legal) complain(describe(owed, "read what is not mapped for it"), now);
    owed_.erase(key);
  }

  std::string describe(const Owed& owed, const char* what) const {
    return "device " + std::to_string(owed.device) + " at page " + std::to_string(owed.page) +
           ", sent " + std::to_string(owed.sent) + ", " + what;
  }
  void complain(const std::string& what, uint64_t now) {
    faults_found_.push_back(what + ", cycle " + std::to_string(now));
  }

  // ---- The operating system

  void add_block(unsigned pages, uint64_t bytes) {
    const auto base = pages_.contiguous(bytes);
    for (unsigned n = 0; n < pages; ++n) frames_.push_back(base + n * uint64_t{4096});
  }
  // First frame of the blocks of a region: each device has two.
  static unsigned block(unsigned device, Region region, unsigned which) {
    const unsigned base =
        region == Region::Napot ? kSingleFrames : kSingleFrames + 2 * kDevices * kNapot;
    return base + (2 * device + which) * size(region);
  }

  void fill(unsigned frame, uint8_t owner) {
    std::vector<uint32_t> all(kFrameDwords);
    for (unsigned n = 0; n < kFrameDwords; ++n) all[n] = filled(owner, frame, n);
    bench_.memory.write(frames_[frame], bytes_of(all));
  }
  uint32_t word(unsigned frame, unsigned dword) const {
    return bench_.memory.read32(frames_[frame] + 4 * dword);
  }
  std::vector<uint8_t> contents(unsigned frame) const {
    return bench_.memory.read(frames_[frame], pcie::kPageBytes);
  }
  std::vector<uint32_t> dwords(unsigned frame) const {
    const auto bytes = contents(frame);
    std::vector<uint32_t> all(kFrameDwords);
    std::memcpy(all.data(), bytes.data(), bytes.size());
    return all;
  }
  void check_filled(unsigned frame, uint8_t owner) {
    const auto all = dwords(frame);
    for (unsigned n = 0; n < kFrameDwords; ++n) {
      if (all[n] == filled(owner, frame, n)) continue;
      FAIL_CHECK("frame " << frame << " belongs to nobody, and has been written: " << std::hex
                          << all[n] << std::dec << " at cycle " << bench_.module.now().value);
      return;
    }
  }
  void check_owned(unsigned frame, unsigned device, unsigned page) {
    const auto all = dwords(frame);
    for (unsigned n = 0; n < kFrameDwords; ++n) {
      const uint32_t value = all[n];
      if (value == filled(kOwners[device], frame, n)) continue;
      if (value >> 16 == written(device, page, 0) >> 16) continue;
      FAIL_CHECK("page " << page << " of device " << device
                         << " has been written by somebody: " << std::hex << value);
      return;
    }
  }

  void set(unsigned device, unsigned page, std::optional<unsigned> frame, bool read, bool write) {
    history_[device][page].push_back(
        {.from = bench_.module.now().value, .frame = frame, .read = read, .write = write});
  }
  // After the fence only what is mapped now is legal; what was mapped before is nobody's.
  void settled(unsigned device, unsigned page) {
    auto& states = history_[device][page];
    const uint64_t now = bench_.module.now().value;
    const Mapping last = states.back();
    for (Mapping& state : states) {
      if (&state == &states.back() || state.until < now) continue;
      state.until = now;
      if (state.frame && state.frame != last.frame) release(*state.frame);
    }
    if (last.frame && last.write) frozen_.erase(*last.frame);
    if (last.frame && !last.write && !frozen_.contains(*last.frame)) {
      frozen_[*last.frame] = contents(*last.frame);
    }
    while (states.size() > 64) states.pop_front();
  }
  void release(unsigned frame) {
    frozen_.erase(frame);
    fill(frame, kNobody);
    if (std::ranges::find(free_, frame) == free_.end()) free_.push_back(frame);
  }
  // For a page of its own: nobody may have touched it while it was free.
  unsigned take_frame(unsigned device) { return take_frame(device, free_single()); }
  unsigned take_frame(unsigned device, unsigned frame) {
    check_filled(frame, kNobody);
    std::erase(free_, frame);
    fill(frame, kOwners[device]);
    return frame;
  }
  unsigned free_single() {
    for (;;) {
      const unsigned frame = free_[rng_.range(0, free_.size() - 1)];
      if (frame < kSingleFrames) return frame;
    }
  }

  void wait() { bench_.module.step(dut::Cycles{rng_.chance(50) ? 0 : rng_.range(1, 60)}); }

  // IOTINVAL.VMA of everything, of an address space, or of one page of it; then the fence.
  enum class Scope { Page, Space };
  void invalidate(unsigned device, pcie::Iova at, Scope scope) {
    constexpr uint64_t kAv = 1 << 10, kPscv = uint64_t{1} << 32;
    const uint64_t space = kPscv | uint64_t{pscid(device)} << 12;
    wait();
    const uint64_t choice = rng_.range(0, 5);
    if (choice == 0) {
      iommu_.command(1, 0);
    } else if (choice == 1 || scope == Scope::Space) {
      iommu_.command(1 | space, 0);
    } else {
      iommu_.command(1 | kAv | space, at.value >> 12 << 10);
    }
  }
  void fence() {
    wait();
    iommu_.fence();
    if (!rng_.chance(20)) return;
    iommu_.take_faults();
    host_.write32({kIommu + 0x4c}, 3 | 1 << 9);  // fqof
    host_.write32({kIommu + 0x54}, 2);           // fip
  }

  // Some of the pages that come one by one: away, moved, new, or with other permissions.
  // Sometimes twice before the fence, so that walks of the first change meet the second.
  void change_singles(unsigned device) {
    std::set<unsigned> changed;
    for (uint64_t n = rng_.range(1, 3); n > 0; --n) {
      changed.insert(static_cast<unsigned>(rng_.range(0, kSingles - 1)));
    }
    for (int times = rng_.chance(40) ? 2 : 1; times > 0; --times) {
      change_pages(device, changed);
      for (const unsigned page : changed) invalidate(device, iova(page), Scope::Page);
    }
    fence();
    for (const unsigned page : changed) settled(device, page);
  }
  void change_pages(unsigned device, const std::set<unsigned>& pages) {
    for (const unsigned page : pages) {
      const Mapping now = history_[device][page].back();
      const bool read = rng_.chance(85), write = read && rng_.chance(70);
      if (now.frame && rng_.chance(40)) {
        tables_[device].unmap(iova(page));
        set(device, page, {}, false, false);
      } else {
        const bool moved = !now.frame || rng_.chance(50);
        const unsigned frame = moved ? take_frame(device) : *now.frame;
        // R=0 W=1 is reserved, and a page that is neither is none.
        if (!read) {
          if (moved) release(frame);
          tables_[device].unmap(iova(page));
          set(device, page, {}, false, false);
        } else {
          tables_[device].map(iova(page), frames_[frame], env::IoPageTable::Size::Page4K,
                              {.read = read, .write = write});
          set(device, page, frame, read, write);
          if (write) frozen_.erase(frame);
        }
      }
      if (rng_.chance(50)) wait();
    }
  }

  // A region of a superpage: from one block to the other, or away.
  void move_region(unsigned device, Region region) {
    const unsigned from = first(region);
    const auto now = history_[device][from].back().frame;
    const bool away = now && rng_.chance(40);
    const unsigned which = now && *now == block(device, region, 0) ? 1 : 0;
    const bool write = rng_.chance(70);
    bool& super = super_[device][region == Region::Mega];
    const bool was_super = super;
    if (away) {
      for (unsigned n = 0; n < (was_super && region == Region::Mega ? 1 : size(region)); ++n) {
        tables_[device].unmap(iova(from + n));
      }
    } else {
      for (unsigned n = 0; n < size(region); ++n) {
        take_frame(device, block(device, region, which) + n);
      }
      super = rng_.chance(50);
      map_region(device, region, which, super, write);
    }
    for (unsigned n = 0; n < size(region); ++n) {
      if (away)
        set(device, from + n, {}, false, false);
      else
        set(device, from + n, block(device, region, which) + n, true, write);
    }
    if (away) super = false;
    const bool one = was_super && region == Region::Napot && (away || super);
    invalidate(device, iova(from + static_cast<unsigned>(rng_.range(0, size(region) - 1))),
               one ? Scope::Page : Scope::Space);
    fence();
    for (unsigned n = 0; n < size(region); ++n) settled(device, from + n);
  }
  void map_region(unsigned device, Region region, unsigned which, bool super, bool write) {
    using Size = env::IoPageTable::Size;
    const pcie::Iova at = iova(first(region));
    const auto to = frames_[block(device, region, which)];
    if (super) {
      tables_[device].map(at, to, region == Region::Mega ? Size::Mega2M : Size::Napot64K,
                          {.read = true, .write = write});
      return;
    }
    for (unsigned n = 0; n < size(region); ++n) {
      tables_[device].map(at + n * uint64_t{4096}, to + n * uint64_t{4096}, Size::Page4K,
                          {.read = true, .write = write});
    }
  }
  // Promoted to a superpage, or split: the same frames, without a break.
  void reshape(unsigned device, Region region) {
    const Mapping now = history_[device][first(region)].back();
    if (!now.frame) return;
    bool& super = super_[device][region == Region::Mega];
    super = !super;
    map_region(device, region, *now.frame == block(device, region, 0) ? 0 : 1, super, now.write);
    invalidate(device, iova(first(region)), Scope::Space);
    fence();
  }

  void attach(unsigned device) { iommu_.attach(id(device), tables_[device], pscid(device)); }
  void detach_for_a_while(unsigned device) {
    for (unsigned page = 0; page < kPages; ++page) {
      const Mapping now = history_[device][page].back();
      set(device, page, now.frame, false, false);
    }
    iommu_.detach(id(device));
    const uint64_t fenced = bench_.module.now().value;
    for (unsigned page = 0; page < kPages; ++page) end_all_but_last(device, page, fenced);
    for (unsigned page = 0; page < kPages; ++page) {
      const auto& frame = history_[device][page].back().frame;
      if (frame && !frozen_.contains(*frame)) frozen_[*frame] = contents(*frame);
    }
    bench_.module.step(dut::Cycles{rng_.range(50, 300)});
    look();
    for (unsigned page = 0; page < kPages; ++page) {
      auto& states = history_[device][page];
      const Mapping before = states[states.size() - 2];
      set(device, page, before.frame, before.read, before.write);
      if (before.frame && before.write) frozen_.erase(*before.frame);
    }
    attach(device);
    const uint64_t attached = bench_.module.now().value;
    for (unsigned page = 0; page < kPages; ++page) end_all_but_last(device, page, attached);
  }
  void end_all_but_last(unsigned device, unsigned page, uint64_t now) {
    auto& states = history_[device][page];
    for (Mapping& state : states) {
      if (&state != &states.back()) state.until = std::min(state.until, now);
    }
  }

  Bench& bench_;
  agent::Rng rng_, traffic_, latency_;
  model::PageAllocator pages_;
  env::Host host_;
  env::IommuDriver iommu_;
  std::array<env::IoPageTable, kDevices> tables_;
  std::vector<pcie::HostPhysAddr> frames_;
  std::vector<unsigned> free_;
  std::map<unsigned, std::vector<uint8_t>> frozen_;  // frames that may only be read
  std::array<std::array<std::deque<Mapping>, kPages>, kDevices> history_;
  std::array<std::array<bool, 2>, kDevices> super_{};
  std::map<std::pair<unsigned, uint16_t>, Owed> owed_;
  std::deque<std::pair<uint64_t, std::pair<unsigned, uint16_t>>> queued_;
  std::optional<pcie::Completion> probe_;
  std::vector<std::string> faults_found_;
  uint64_t sent_ = 0;
  uint32_t sequence_ = 0;
  bool running_ = true;
};

}  // namespace cw::unit
