// Which flags a command line names. A command with many flags makes those alone: CLI11 holds each new flag against all
// that are there, and all of `validate`'s cost more than judging a small manifest does. Nothing but time hangs on it:
// what cannot be parsed so, and --help, is parsed once more with every flag (run_command_line).
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace kubegate {

class NamedFlags {
 public:
  // Names every flag.
  NamedFlags() = default;
  // The words of a command line, which outlives this.
  NamedFlags(int argc, char** argv);

  // Whether one of these flags ("--output", "-n") is to be made: named with one dash or two, with a value or without.
  bool operator()(std::span<const std::string_view> flags) const;
  bool operator()(std::string_view flag) const { return (*this)(std::span(&flag, 1)); }

  // Whether a flag was asked for that is not named.
  bool left_out() const { return left_out_; }

 private:
  bool all_ = true;
  mutable bool left_out_ = false;
  std::vector<std::string_view> words_;  // without dashes and values
};

}  // namespace kubegate
