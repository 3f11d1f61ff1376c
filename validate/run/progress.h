// Progress: what a run has done so far, for whoever waits for it or ends it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "validate/report/sink.h"

namespace kubegate::run {

class Progress final : public report::SharedTerminal {
 public:
  // Shows a line on the terminal `descriptor` (-1: on none) when the run has lasted `delay`.
  Progress(int descriptor, std::chrono::milliseconds delay);
  ~Progress() override;

  // The pipeline tells: files that it met, before they are read; what was judged of one; and each time that it takes a
  // piece of work.
  void met_file() { found_.fetch_add(1, std::memory_order_relaxed); }
  void judged(std::uint64_t bytes, std::uint64_t errors, bool whole_file);
  void took_piece();

  // Takes the line away, for good.
  void end();

  // Around what others write to the same terminal.
  void begin_writing() override;
  void end_writing() override;

  // "interrupted: 1,204 of 12,000 files were checked, 3 errors so far" on standard error, and the line on the terminal
  // taken away. For a handler of signals: it takes no lock and no memory.
  void tell_interrupted() const;

 private:
  void show();
  void draw();
  void erase();

  const int descriptor_;
  const std::chrono::steady_clock::time_point due_;
  bool started_ = false;
  std::atomic<std::uint64_t> found_ = 0, files_ = 0, bytes_ = 0, errors_ = 0;
  std::atomic<bool> drawn_ = false;

  std::mutex mutex_;  // over the terminal
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace kubegate::run
