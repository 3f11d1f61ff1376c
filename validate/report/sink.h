// Sink: where a report goes. Bytes gather and leave in large writes.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "validate/base/result.h"

namespace kubegate::report {

// What else writes to a terminal, and steps aside meanwhile.
class SharedTerminal {
 public:
  virtual ~SharedTerminal() = default;
  virtual void begin_writing() = 0;
  virtual void end_writing() = 0;
};

class Sink {
 public:
  // To an open descriptor, which the caller keeps; `name` is what errors call it.
  explicit Sink(int descriptor, std::string name = "standard output")
      : descriptor_(descriptor), name_(std::move(name)) {}
  // To memory: text() holds all of it.
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  // `shared` outlives the sink.
  void share(SharedTerminal* shared) { shared_ = shared; }

  // What is to be written; append to it, then call drain().
  std::string& text() { return text_; }

  // Writes when much has gathered.
  void drain() {
    if (text_.size() >= kChunk) flush();
  }
  // Writes what has gathered. After a failure all further text is dropped.
  void flush();

  // How the writing went so far. A reader that went away (EPIPE: `| head`) is no failure.
  Result<Done> status() const;

 private:
  static constexpr std::size_t kChunk = 64 << 10;

  std::string text_;
  int descriptor_ = -1;
  std::string name_;
  int failure_ = 0;  // errno
  SharedTerminal* shared_ = nullptr;
};

}  // namespace kubegate::report
