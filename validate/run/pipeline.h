// Pipeline: work that is taken and given in order, and done in parallel in between.
#pragma once

#include <cstddef>
#include <functional>

namespace kubegate::run {

// What a pipeline does, in terms of slots: places for what is under way, which their owner keeps and uses again.
struct Steps {
  // Puts the next piece of work into a slot. One call at a time, in order. False: there is none, and none will come.
  std::function<bool(std::size_t slot)> take;
  // Does it, on any thread; `thread` is below the number of threads and belongs to no other call at that time.
  std::function<void(std::size_t slot, std::size_t thread)> work;
  // Hands the result on. One call at a time, in the order of take().
  std::function<void(std::size_t slot)> give;
  // Whether another thread is worth starting, after a take().
  std::function<bool()> is_more;
};

// Slots for so many threads: enough that one slow piece does not stop the others.
constexpr std::size_t slots_for(std::size_t threads) { return threads == 1 ? 1 : 4 * threads; }

// Runs until take() has no more and everything is given; the calling thread is one of `threads`. An exception of a step
// ends the run and comes out here.
void run_pipeline(std::size_t threads, const Steps& steps);

}  // namespace kubegate::run
