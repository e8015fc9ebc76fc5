// SPDX-License-Identifier: Apache-2.0
//
// What a completer sends for one read: the truth in pieces, or the truth up to a point and then a
// lie, a failure, poison or nothing; beside it completions that belong to nobody.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "agent/rng.hpp"
#include "pcie/types.hpp"
#include "unit/requester_fields.hpp"

namespace cw::unit {

class CompleterPlan {
 public:
  // `tag` and `sent`: as the request carried them.
  CompleterPlan(agent::Rng& rng, const Read& read, unsigned tag, Attr sent, bool honest)
      : rng_(rng), read_(read), tag_(tag), sent_(sent) {
    const auto behaviour = static_cast<unsigned>(honest ? kHonest : rng_.range(0, 99));
    pieces(behaviour);
    if (behaviour >= kFailures && behaviour < kStrays) strays(behaviour);
  }

  std::deque<pcie::RawTlp> tlps;
  unsigned expected = RdOk;  // the status of the read's answer
  bool late = false;         // all of it is sent after the timeout

 private:
  // Of 100 plans: up to kFailures fail, then up to kStrays add strays, those from kBcm on set BCM.
  static constexpr unsigned kFailures = 40, kStrays = 50, kHonest = 60, kBcm = 90;

  void pieces(unsigned behaviour) {
    const uint64_t end = read_.iova + read_.bytes;
    uint64_t turn = behaviour < kFailures ? read_.iova + rng_.range(0, read_.bytes - 1) : end;
    for (uint64_t at = read_.iova; at < end;) {
      const uint64_t cut = (at / 64 + rng_.range(1, 8)) * 64;
      const auto bytes = static_cast<uint32_t>(std::min(cut, end) - at);
      const auto left = static_cast<uint32_t>(end - at);
      Cpl cpl = copied(honest_cpl(tag_, at, bytes, left));
      if (at + bytes > turn) {
        turn = end;
        if (!misbehave(behaviour, cpl, left)) return;
      } else if (at == read_.iova && behaviour >= kBcm) {
        cpl.bcm = true;
        cpl.byte_count = bytes;
      }
      tlps.push_back(encode(cpl, cpl.data ? memory_dwords(at, bytes) : std::vector<uint32_t>{}));
      at += bytes;
    }
  }

  // With the attributes of the request; ID-based ordering is the completer's own to use.
  Cpl copied(Cpl cpl) {
    cpl.relaxed = sent_.relaxed;
    cpl.no_snoop = sent_.no_snoop;
    cpl.ido = rng_.chance(30);
    return cpl;
  }

  // At the turning point: changes the completion, or ends the plan (false).
  bool misbehave(unsigned behaviour, Cpl& cpl, uint32_t left) {
    if (behaviour < 6) {  // never, or not in time
      expected = RdTimeout;
      late = behaviour >= 3;
      return late;
    }
    if (behaviour < 12) {
      expected = behaviour < 10 ? RdUr : RdCa;
      cpl.data = false;
      cpl.status = behaviour < 10 ? rng_.pick(std::array{1u, 3u, 5u, 6u, 7u}) : 4u;
      tlps.push_back(encode(cpl));
      return false;
    }
    if (behaviour < 18) {
      expected = RdPoisoned;
      cpl.poisoned = true;
      if (behaviour < 16) return true;
      tlps.push_back(encode(cpl));  // and the rest never comes
      return false;
    }
    expected = RdLied;
    lie(cpl, left);
    return true;
  }

  void lie(Cpl& cpl, uint32_t left) {
    const unsigned whole = ((cpl.lower_addr & 3) + left + 3) / 4;
    const auto some = static_cast<unsigned>(rng_.range(1, 63));
    switch (rng_.range(0, 10)) {
      case 0:
        cpl.byte_count = (left + static_cast<unsigned>(rng_.range(1, 4095))) & 0xfff;
        break;
      case 1:
        cpl.lower_addr ^= static_cast<unsigned>(rng_.range(1, 127));
        break;
      case 2:
        cpl.length_dw = std::min(1024u, whole + some);
        if (cpl.length_dw <= whole) cpl.tc = 1;
        break;
      case 3:
        cpl.length_dw -= cpl.length_dw > 1;
        if (cpl.length_dw == 1 || (cpl.lower_addr / 4 + cpl.length_dw) % 16 == 0) cpl.tc = 2;
        break;
      case 4:
        cpl.status = static_cast<unsigned>(rng_.range(1, 7));
        break;
      case 5:
        cpl.data = false;
        break;
      case 6:
        cpl.data = false;
        cpl.status = 2;
        break;
      case 7:
        cpl.locked = true;
        break;
      case 8:
        cpl.relaxed = !cpl.relaxed;
        break;
      case 9:
        cpl.no_snoop = !cpl.no_snoop;
        break;
      default:
        cpl.bcm = true;
        cpl.byte_count = left + some;
        if (left + some > 4096) cpl.tc = 7;
    }
  }

  void strays(unsigned behaviour) {
    Cpl stray = copied(honest_cpl(tag_, read_.iova, 4 - (read_.iova & 3), read_.bytes));
    if (behaviour < 43) {
      stray.requester_id = 0x0400;
      tlps.push_front(encode(stray));
    } else if (behaviour < 46) {
      stray.tag = (tag_ + 32 * static_cast<unsigned>(rng_.range(1, 31))) & 0x3ff;
      tlps.push_front(encode(stray));
    } else {
      tlps.push_back(tlps.back());  // again
    }
  }

  agent::Rng& rng_;
  Read read_;
  unsigned tag_;
  Attr sent_;
};

}  // namespace cw::unit
