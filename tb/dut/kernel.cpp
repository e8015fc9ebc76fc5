// SPDX-License-Identifier: Apache-2.0
#include "dut/kernel.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cw::dut {

namespace {

// Takes one element out of an index-tracked list by moving the last into its place.
template <size_t detail::Waiter::*Index>
void swap_remove(std::vector<detail::Waiter*>& list, detail::Waiter& waiter) {
  const size_t at = waiter.*Index;
  if (at == detail::Waiter::kUnlisted) return;
  list[at] = list.back();
  list[at]->*Index = at;
  list.pop_back();
  waiter.*Index = detail::Waiter::kUnlisted;
}

}  // namespace

detail::Waiter::~Waiter() {
  if (event) swap_remove<&Waiter::event_index>(event->waiters_, *this);
  kernel.unlist_timer(*this);
  if (ready_index != kUnlisted) kernel.ready_[ready_index] = nullptr;
}

// ---- Events

Event::~Event() {
  for (detail::Waiter* waiter : waiters_) {
    waiter->event = nullptr;
    waiter->event_index = detail::Waiter::kUnlisted;
  }
}

void Event::notify() {
  for (detail::Waiter* waiter : waiters_) {
    waiter->event = nullptr;
    waiter->event_index = detail::Waiter::kUnlisted;
    waiter->fired = true;
    kernel_.unlist_timer(*waiter);
    kernel_.make_ready(*waiter);
  }
  waiters_.clear();
}

Event::Wait::Wait(Event& awaited, Cycles limit)
    : Waiter(awaited.kernel_, awaited.name_), target(awaited), deadline(limit) {}

void Event::Wait::await_suspend(std::coroutine_handle<> caller) {
  kernel.suspended(*this, caller);
  event = &target;
  event_index = target.waiters_.size();
  target.waiters_.push_back(this);
  if (deadline.value) kernel.list_timer(*this, kernel.now_ + deadline);
}

// ---- Tasks

Kernel::~Kernel() {
  while (!roots_.empty()) roots_.pop_back();
}

void Kernel::remove(Clocked& object) { std::erase(clocked_, &object); }

void Kernel::spawn(std::string name, Task<> task) {
  roots_.push_back({.name = std::move(name), .since = now_, .task = std::move(task)});
  fresh_.push_back(&roots_.back());
}

void Kernel::suspended(detail::Waiter& waiter, std::coroutine_handle<> caller) {
  waiter.handle = caller;
  waiter.root = current_;
  current_->waits_for = waiter.what;
  current_->since = now_;
}

void Kernel::Delay::await_suspend(std::coroutine_handle<> caller) {
  kernel.suspended(*this, caller);
  kernel.list_timer(*this, kernel.now_ + count);
}

void Kernel::list_timer(detail::Waiter& waiter, Cycles wake_at) {
  waiter.wake_at = wake_at;
  waiter.timer_index = timers_.size();
  timers_.push_back(&waiter);
  next_timer_ = std::min(next_timer_, wake_at);
}

void Kernel::unlist_timer(detail::Waiter& waiter) {
  swap_remove<&detail::Waiter::timer_index>(timers_, waiter);
}

void Kernel::make_ready(detail::Waiter& waiter) {
  waiter.ready_index = ready_.size();
  ready_.push_back(&waiter);
}

void Kernel::run_timers() {
  if (now_ < next_timer_) return;
  next_timer_ = Cycles{~uint64_t{0}};
  for (size_t i = 0; i < timers_.size();) {
    detail::Waiter& waiter = *timers_[i];
    if (waiter.wake_at > now_) {
      next_timer_ = std::min(next_timer_, waiter.wake_at);
      ++i;
      continue;
    }
    unlist_timer(waiter);  // moves another into this place
    if (waiter.event) swap_remove<&detail::Waiter::event_index>(waiter.event->waiters_, waiter);
    waiter.event = nullptr;
    make_ready(waiter);
  }
}

void Kernel::run_ready() {
  // Both lists may grow while they are walked: tasks spawn tasks and notify events.
  for (size_t i = 0, f = 0; i < ready_.size() || f < fresh_.size();) {
    if (f < fresh_.size()) {
      current_ = fresh_[f++];
      current_->task.start();
    } else {
      detail::Waiter* waiter = ready_[i++];
      if (!waiter) continue;
      waiter->ready_index = detail::Waiter::kUnlisted;
      current_ = waiter->root;
      waiter->handle.resume();
    }
    finished_some_ |= current_->task.done();
  }
  ready_.clear();
  fresh_.clear();
  current_ = nullptr;
}

// Forgets the tasks that ended; the first exception among them goes up.
void Kernel::reap() {
  finished_some_ = false;
  for (auto root = roots_.begin(); root != roots_.end();) {
    if (!root->task.done()) {
      ++root;
      continue;
    }
    Task<> ended = std::move(root->task);
    root = roots_.erase(root);
    last_progress_ = now_;
    ended.take();
  }
}

void Kernel::check_watchdog() {
  if (roots_.empty()) {
    last_progress_ = now_;
  } else if (now_ - last_progress_ > watchdog_) {
    throw Timeout(fmt::format("nothing moved for {} cycles\n{}", watchdog_.value, who_waits()));
  }
}

std::string Kernel::who_waits() const {
  std::string text;
  for (const detail::Root& root : roots_) {
    text += fmt::format("  {} waits for {} since cycle {}\n", root.name, root.waits_for,
                        root.since.value);
  }
  return text;
}

// ---- The cycle

void Kernel::step() {
  if (source_) {
    source_->step();
  } else {
    before_edge();
    after_edge();
  }
}

void Kernel::before_edge() {
  for (Clocked* object : clocked_) object->sample();
  run_timers();
  if (!ready_.empty() || !fresh_.empty()) run_ready();
  if (finished_some_) reap();
  check_watchdog();
}

void Kernel::after_edge() {
  ++now_.value;
  for (Clocked* object : clocked_) object->commit();
  for (const Drive& drive : drives_) std::memcpy(drive.pin, &drive.value, drive.bytes);
  drives_.clear();
}

void Kernel::reset_objects() {
  for (Clocked* object : clocked_) object->reset();
}

}  // namespace cw::dut
