// SPDX-License-Identifier: Apache-2.0
//
// One clock domain: step objects that look at every cycle, coroutines that wait for edges, cycles
// and events, and a watchdog that says who waits for what.
//
// A cycle is: inputs settle; every Clocked samples, then every coroutine whose wait is over runs
// (all of them read values from before the edge); the clock rises; every Clocked commits what it
// drives. No agent sees in a cycle what another drove in the same cycle.
#pragma once

#include <compare>
#include <coroutine>
#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "dut/task.hpp"

namespace cw::dut {

struct Cycles {
  uint64_t value = 0;
  auto operator<=>(const Cycles&) const = default;
  friend Cycles operator+(Cycles a, Cycles b) { return {a.value + b.value}; }
  friend Cycles operator-(Cycles a, Cycles b) { return {a.value - b.value}; }
};

inline namespace literals {
constexpr Cycles operator""_cycles(unsigned long long value) { return {value}; }
}  // namespace literals

// The design did not do in time what was awaited.
struct Timeout : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Looks at every cycle: a monitor, a checker, the pin side of an agent.
struct Clocked {
  virtual ~Clocked() = default;
  virtual void sample() = 0;  // before the edge: reads pins, drives none
  virtual void commit() {}    // after the edge: drives pins
  virtual void reset() {}     // the design is in reset: drives idle, forgets what was under way
};

// What makes the clock rise; without one the kernel steps its objects alone.
struct ClockSource {
  virtual ~ClockSource() = default;
  virtual void step() = 0;
};

class Kernel;
class Event;

namespace detail {

struct Root {  // a spawned task, for the watchdog
  std::string name;
  const char* waits_for = "its start";
  Cycles since;
  Task<> task;
};

// One wait of one coroutine; lives in its frame and unlinks itself if the frame goes away.
struct Waiter {
  static constexpr size_t kUnlisted = ~size_t{0};

  Waiter(Kernel& owner, const char* reason) : kernel(owner), what(reason) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter();

  Kernel& kernel;
  const char* what;
  std::coroutine_handle<> handle;
  Root* root = nullptr;
  Event* event = nullptr;
  size_t event_index = kUnlisted;
  Cycles wake_at;
  size_t timer_index = kUnlisted;
  size_t ready_index = kUnlisted;
  bool fired = false;  // by its event, and not by its deadline
};

}  // namespace detail

// Wakes every coroutine that waits for it, in the same cycle.
class Event {
 public:
  explicit Event(Kernel& kernel, const char* name = "an event") : kernel_(kernel), name_(name) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  void notify();

  struct Wait : detail::Waiter {
    Wait(Event& target, Cycles deadline);
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller);
    bool await_resume() const noexcept { return fired; }
    Event& target;
    Cycles deadline;
  };

  // co_await event: true. Bounded by the kernel's watchdog.
  Wait operator co_await() { return Wait(*this, Cycles{0}); }
  // co_await event.within(n): false if n cycles pass first.
  Wait within(Cycles deadline) { return Wait(*this, deadline); }

 private:
  friend class Kernel;
  friend struct detail::Waiter;
  Kernel& kernel_;
  const char* name_;
  std::vector<detail::Waiter*> waiters_;
};

// The result of an operation that was started and not waited for.
template <class T>
class Pending {
 public:
  bool done() const { return state_->finished; }
  // Runs the clock until the result is there.
  T wait(Cycles budget = Cycles{100'000});

 private:
  friend class Kernel;
  struct State {
    Kernel& kernel;
    bool finished = false;
    std::exception_ptr error;
    std::conditional_t<std::is_void_v<T>, char, std::optional<T>> value{};
  };
  explicit Pending(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

class Kernel {
 public:
  Kernel() = default;
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  ~Kernel();

  Cycles now() const { return now_; }

  void add(Clocked& object) { clocked_.push_back(&object); }
  void remove(Clocked& object);
  void attach(ClockSource& source) { source_ = &source; }

  // A task of its own; an exception that leaves it leaves step().
  void spawn(std::string name, Task<> task);
  // The same with a result; an exception leaves Pending::wait().
  template <class T>
  Pending<T> start(std::string name, Task<T> task);
  // Runs the clock until the task ends.
  template <class T>
  T run(Task<T> task, Cycles budget = Cycles{100'000});
  template <class P>
  void run_until(P done, Cycles budget, const char* what = "the condition");

  struct Delay : detail::Waiter {
    Delay(Kernel& kernel, Cycles cycles) : Waiter(kernel, "a number of cycles"), count(cycles) {}
    bool await_ready() const noexcept { return count.value == 0; }
    void await_suspend(std::coroutine_handle<> caller);
    void await_resume() const noexcept {}
    Cycles count;
  };
  Delay edge() { return Delay(*this, Cycles{1}); }
  Delay cycles(uint64_t count) { return Delay(*this, Cycles{count}); }

  // Writes a pin of up to 64 bits after the edge.
  template <class Pin>
  void drive(Pin& pin, uint64_t value) {
    static_assert(std::is_unsigned_v<Pin>);
    drives_.push_back({&pin, value, sizeof(Pin)});
  }

  // Something moved. After `limit` cycles without that, while tasks wait, step() throws.
  void progress() { last_progress_ = now_; }
  void watchdog(Cycles limit) { watchdog_ = limit; }
  // One line for each waiting task.
  std::string who_waits() const;

  // One cycle, through the clock source.
  void step();

  // The parts of a cycle, called by a clock source around the rising edge.
  void before_edge();
  void after_edge();
  void reset_objects();

 private:
  friend struct detail::Waiter;
  friend class Event;

  struct Drive {
    void* pin;
    uint64_t value;
    uint8_t bytes;
  };

  void list_timer(detail::Waiter& waiter, Cycles wake_at);
  void unlist_timer(detail::Waiter& waiter);
  void make_ready(detail::Waiter& waiter);
  void suspended(detail::Waiter& waiter, std::coroutine_handle<> caller);
  void run_ready();
  void run_timers();
  void reap();
  void check_watchdog();

  Cycles now_;
  ClockSource* source_ = nullptr;
  std::vector<Clocked*> clocked_;
  std::vector<detail::Waiter*> timers_;
  Cycles next_timer_{~uint64_t{0}};
  std::vector<detail::Waiter*> ready_;
  std::vector<Drive> drives_;
  std::vector<detail::Root*> fresh_;
  std::list<detail::Root> roots_;
  detail::Root* current_ = nullptr;
  bool finished_some_ = false;
  Cycles last_progress_;
  Cycles watchdog_{1'000'000};
};

template <class T>
Pending<T> Kernel::start(std::string name, Task<T> task) {
  using State = typename Pending<T>::State;
  auto state = std::make_shared<State>(State{.kernel = *this, .error = {}});
  auto capture = [](Task<T> inner, std::shared_ptr<State> out) -> Task<> {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await inner;
      } else {
        out->value = co_await inner;
      }
    } catch (...) {
      out->error = std::current_exception();
    }
    out->finished = true;
  };
  spawn(std::move(name), capture(std::move(task), state));
  return Pending<T>(state);
}

template <class T>
T Pending<T>::wait(Cycles budget) {
  state_->kernel.run_until([this] { return done(); }, budget, "a pending operation");
  if (state_->error) std::rethrow_exception(state_->error);
  if constexpr (!std::is_void_v<T>) return *state_->value;
}

template <class T>
T Kernel::run(Task<T> task, Cycles budget) {
  return start("a blocking call", std::move(task)).wait(budget);
}

template <class P>
void Kernel::run_until(P done, Cycles budget, const char* what) {
  const Cycles end = now_ + budget;
  while (!done()) {
    if (now_ >= end) {
      throw Timeout(std::string("no end of ") + what + " within " + std::to_string(budget.value) +
                    " cycles\n" + who_waits());
    }
    step();
  }
}

}  // namespace cw::dut
