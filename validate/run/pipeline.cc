// Every thread does all three steps: it takes the next piece, works on it, and then gives whatever is ready at the head
// of the line, unless another thread is about that already. So nothing waits for a thread of a special kind, what is
// finished leaves at once, and the number of slots bounds what is under way: who would take a piece while the head of
// the line is that far behind waits for it.
//
// A command that checks one small file is over before a thread has come up. So the calling thread begins alone, and
// each thread starts the next one when it has taken work and there is more: none is started that has nothing to do, and
// they come up beside the work.
//
// There is no library under it: of oneTBB Debian has the shared form alone, which costs a small run more than all of its
// work (bench/NOTES.md), and ThreadSanitizer sees through this one.
//
// Tested in tests/validate/run/pipeline_test.cc.
#include "validate/run/pipeline.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace kubegate::run {

namespace {

class Line {
 public:
  Line(std::size_t threads, const Steps& steps)
      : steps_(steps), slots_(slots_for(threads)), others_(threads - 1), ready_(slots_, false) {}

  void run() {
    labour(0);
    // Each was started by the one before it, so it is there when that one has ended.
    for (std::thread& other : others_) {
      if (!other.joinable()) break;
      other.join();
    }
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void labour(std::size_t thread) {
    try {
      bool starts_next = thread < others_.size();
      for (std::size_t slot; take(slot, thread, starts_next);) {
        steps_.work(slot, thread);
        give(slot);
      }
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      room_.notify_all();
    }
  }

  bool take(std::size_t& slot, std::size_t thread, bool& starts_next) {
    const std::scoped_lock taking(taking_);
    if (ended_) return false;
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [&] { return taken_ - given_ < slots_ || failure_; });
      if (failure_) return false;
    }
    slot = taken_ % slots_;
    if (!steps_.take(slot)) {
      ended_ = true;
      return false;
    }
    ++taken_;
    if (starts_next && steps_.is_more()) {
      starts_next = false;
      try {
        others_[thread] = std::thread([this, thread] { labour(thread + 1); });
      } catch (const std::system_error&) {
        // The system gives no more threads: those that there are do the work.
      }
    }
    return true;
  }

  void give(std::size_t slot) {
    std::unique_lock lock(mutex_);
    ready_[slot] = true;
    if (giving_) return;
    giving_ = true;
    for (std::size_t head = given_ % slots_; ready_[head] && !failure_; head = given_ % slots_) {
      ready_[head] = false;
      lock.unlock();
      steps_.give(head);
      lock.lock();
      ++given_;
      room_.notify_one();
    }
    giving_ = false;
  }

  const Steps& steps_;
  const std::size_t slots_;
  std::vector<std::thread> others_;

  std::mutex taking_;  // who takes
  std::size_t taken_ = 0;
  bool ended_ = false;

  std::mutex mutex_;  // over what follows
  std::condition_variable room_;
  std::vector<bool> ready_;  // by slot: worked on, not given yet
  std::size_t given_ = 0;
  bool giving_ = false;  // a thread is at it
  std::exception_ptr failure_;
};

}  // namespace

void run_pipeline(std::size_t threads, const Steps& steps) { Line(threads, steps).run(); }

}  // namespace kubegate::run
