// Counting costs the run an addition a file. The line is drawn by a thread of its own, which wakes ten times a second;
// it is started by the first piece of work that is taken when the delay is over, so a short run starts none. Whoever
// writes to the same terminal holds the lock meanwhile and finds the line erased.
//
// A signal's handler may not lock, so what it tells are the counters as they stand.
//
// Tested in tests/validate/progress_test.cc, on a pseudo terminal.
#include "validate/run/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <system_error>

namespace kubegate::run {

namespace {

constexpr std::chrono::milliseconds kPeriod{100};
constexpr std::string_view kErase = "\r\x1b[K";

// A line in fixed memory, for a handler of signals too.
class Text {
 public:
  Text& add(std::string_view part) {
    const std::size_t n = std::min(part.size(), sizeof bytes_ - size_);
    std::memcpy(bytes_ + size_, part.data(), n);
    size_ += n;
    return *this;
  }
  // "12,000".
  Text& add(std::uint64_t number) {
    char digits[32];
    std::size_t at = sizeof digits;
    for (int n = 0; n == 0 || number > 0; ++n, number /= 10) {
      if (n > 0 && n % 3 == 0) digits[--at] = ',';
      digits[--at] = static_cast<char>('0' + number % 10);
    }
    return add({digits + at, sizeof digits - at});
  }
  void write_to(int descriptor) const { [[maybe_unused]] const ssize_t written = write(descriptor, bytes_, size_); }

 private:
  char bytes_[256];
  std::size_t size_ = 0;
};

}  // namespace

Progress::Progress(int descriptor, std::chrono::milliseconds delay)
    : descriptor_(descriptor), due_(std::chrono::steady_clock::now() + delay) {}

Progress::~Progress() { end(); }

void Progress::judged(std::uint64_t bytes, std::uint64_t errors, bool whole_file) {
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  if (errors > 0) errors_.fetch_add(errors, std::memory_order_relaxed);
  if (whole_file) files_.fetch_add(1, std::memory_order_relaxed);
}

void Progress::took_piece() {
  if (descriptor_ < 0 || started_ || std::chrono::steady_clock::now() < due_) return;
  started_ = true;
  try {
    thread_ = std::thread([this] { show(); });
  } catch (const std::system_error&) {
    // No thread, no line.
  }
}

void Progress::show() {
  std::unique_lock lock(mutex_);
  do {
    draw();
  } while (!ended_.wait_for(lock, kPeriod, [this] { return over_; }));
  erase();
}

void Progress::draw() {
  if (over_) return;
  Text text;
  text.add(kErase).add(files_.load(std::memory_order_relaxed)).add(" of ");
  text.add(found_.load(std::memory_order_relaxed)).add(" files, ");
  text.add(bytes_.load(std::memory_order_relaxed) >> 20).add(" MiB, ");
  text.add(errors_.load(std::memory_order_relaxed)).add(" errors");
  drawn_ = true;
  text.write_to(descriptor_);
}

void Progress::erase() {
  if (!drawn_.exchange(false)) return;
  Text().add(kErase).write_to(descriptor_);
}

void Progress::end() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
    ended_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Progress::begin_writing() {
  mutex_.lock();
  erase();
}

void Progress::end_writing() { mutex_.unlock(); }

void Progress::tell_interrupted() const {
  Text text;
  if (drawn_) text.add(kErase);
  const std::uint64_t errors = errors_.load(std::memory_order_relaxed);
  text.add("kubegate: interrupted: ").add(files_.load(std::memory_order_relaxed)).add(" of ");
  text.add(found_.load(std::memory_order_relaxed)).add(" files were checked, ");
  text.add(errors).add(errors == 1 ? " error so far\n" : " errors so far\n");
  text.write_to(STDERR_FILENO);
}

}  // namespace kubegate::run
