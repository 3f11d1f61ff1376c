// What validate/run uses of oneTBB, on std::thread, for ThreadSanitizer alone (preset tsan).
//
// ThreadSanitizer learns which access comes before which from the locks and atomics that it sees. Debian's libtbb is
// compiled without it, so it sees none of oneTBB's: every task that is handed over looks like a race, in oneTBB's
// headers and in the tasks' own code alike. A suppression that names oneTBB would match every stack that runs in one
// of its threads, thus each race there is to find. So this preset puts another scheduler of the same interface in
// front of the headers, whose hand-overs are visible: what it reports is a race of kubegate's own.
//
// It is meant to be right and to mix threads well, not to be fast: each parallel_for starts its threads, which take
// indices one by one. Interface and meaning are oneTBB's; what is missing here is added when validate/run needs it.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace oneapi::tbb {

class global_control {
 public:
  enum parameter { max_allowed_parallelism };
  global_control(parameter, std::size_t) {}
};

namespace info {
inline int default_concurrency() { return 4; }  // more than the machine may have: threads are to meet
}  // namespace info

namespace detail {
inline thread_local int parallelism = info::default_concurrency();  // of the arena that the thread is in
}

class task_arena {
 public:
  explicit task_arena(int threads) : threads_(threads) {}

  template <class Work>
  auto execute(const Work& work) {
    struct Entered {
      int outside = detail::parallelism;
      ~Entered() { detail::parallelism = outside; }
    } entered;
    detail::parallelism = threads_;
    return work();
  }

 private:
  int threads_;
};

namespace this_task_arena {
template <class Work>
auto isolate(const Work& work) {
  return work();  // a thread that waits here waits in join() and begins nothing else
}
}  // namespace this_task_arena

class simple_partitioner {};

template <class Index, class Body>
void parallel_for(Index first, Index last, const Body& body, const simple_partitioner& = {}) {
  std::atomic<Index> next = first;
  std::exception_ptr failure;
  std::mutex failed;
  const auto take = [&](int parallelism) {
    detail::parallelism = parallelism;
    for (Index i = next++; i < last; i = next++) {
      try {
        body(i);
      } catch (...) {
        const std::scoped_lock lock(failed);
        if (!failure) failure = std::current_exception();
        next = last;
      }
    }
  };
  const int parallelism = detail::parallelism;
  std::vector<std::thread> others;
  for (int i = 1; i < parallelism; ++i) others.emplace_back(take, parallelism);
  take(parallelism);
  for (std::thread& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

template <class Value>
class enumerable_thread_specific {
 public:
  enumerable_thread_specific() : make_([] { return Value(); }) {}
  template <class Make>
  explicit enumerable_thread_specific(Make make) : make_(std::move(make)) {}

  Value& local() {
    const std::scoped_lock lock(mutex_);
    const auto id = std::this_thread::get_id();
    auto found = values_.find(id);
    if (found == values_.end()) found = values_.emplace(id, make_()).first;
    return found->second;
  }

 private:
  std::function<Value()> make_;
  std::mutex mutex_;
  std::map<std::thread::id, Value> values_;  // references stay valid as it grows
};

}  // namespace oneapi::tbb

namespace tbb = oneapi::tbb;
