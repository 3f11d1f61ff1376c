#include "validate/run/pipeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace kubegate::run {
namespace {

// Squares of 0, 1, …; the slots hold them.
std::vector<std::size_t> squares(std::size_t threads, std::size_t count) {
  std::vector<std::size_t> slots(slots_for(threads)), given;
  std::vector<std::atomic<int>> used(threads);
  std::size_t next = 0;
  Steps steps;
  steps.take = [&](std::size_t slot) {
    if (next == count) return false;
    slots[slot] = next++;
    return true;
  };
  steps.work = [&](std::size_t slot, std::size_t thread) {
    EXPECT_EQ(used[thread]++, 0);
    slots[slot] *= slots[slot];
    --used[thread];
  };
  steps.give = [&](std::size_t slot) { given.push_back(slots[slot]); };
  steps.is_more = [] { return true; };
  run_pipeline(threads, steps);
  return given;
}

TEST(Pipeline, GivesInTheOrderOfTaking) {
  for (const std::size_t threads : {1, 2, 3, 16}) {
    for (const std::size_t count : {0, 1, 2, 1000}) {
      std::vector<std::size_t> expected(count);
      std::iota(expected.begin(), expected.end(), 0);
      for (std::size_t& number : expected) number *= number;
      EXPECT_EQ(squares(threads, count), expected) << threads << " threads, " << count;
    }
  }
}

// The first piece is not done before all the others that have a slot are: they can be, and nothing is taken beyond.
TEST(Pipeline, ASlowPieceStopsNothingThatHasASlot) {
  constexpr std::size_t kThreads = 3;
  const std::size_t slots = slots_for(kThreads);
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t taken = 0, worked = 0, given = 0;
  std::vector<std::size_t> pieces(slots);
  Steps steps;
  steps.take = [&](std::size_t slot) {
    const std::scoped_lock lock(mutex);
    EXPECT_LT(taken - given, slots);
    if (taken == 100) return false;
    pieces[slot] = taken++;
    return true;
  };
  steps.work = [&](std::size_t slot, std::size_t) {
    std::unique_lock lock(mutex);
    if (pieces[slot] == 0) changed.wait(lock, [&] { return worked == slots - 1; });
    ++worked;
    changed.notify_all();
  };
  steps.give = [&](std::size_t) {
    const std::scoped_lock lock(mutex);
    ++given;
  };
  steps.is_more = [] { return true; };
  run_pipeline(kThreads, steps);
  EXPECT_EQ(given, 100u);
}

TEST(Pipeline, StartsNoThreadThatIsNotWorthIt) {
  std::size_t next = 0, highest = 0;
  Steps steps;
  steps.take = [&](std::size_t) { return next++ < 100; };
  steps.work = [&](std::size_t, std::size_t thread) { highest = std::max(highest, thread); };
  steps.give = [](std::size_t) {};
  steps.is_more = [] { return false; };
  run_pipeline(8, steps);
  EXPECT_EQ(highest, 0u);
}

TEST(Pipeline, AnExceptionOfAnyStepComesOut) {
  for (int failing = 0; failing < 3; ++failing) {
    for (const std::size_t threads : {1, 4}) {
      std::atomic<int> next = 0;
      const auto fail = [&](int step) {
        if (step == failing && next > 50) throw std::runtime_error("failed");
      };
      Steps steps;
      steps.take = [&](std::size_t) { return fail(0), ++next <= 1000; };
      steps.work = [&](std::size_t, std::size_t) { fail(1); };
      steps.give = [&](std::size_t) { fail(2); };
      steps.is_more = [] { return true; };
      EXPECT_THROW(run_pipeline(threads, steps), std::runtime_error) << failing;
    }
  }
}

}  // namespace
}  // namespace kubegate::run
