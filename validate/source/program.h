// Programs that kubegate starts: renderers. Bounded in time and in what they write, in a process group of their own, and
// cut off from the network unless they are allowed it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/result.h"

namespace kubegate::source {

struct Program {
  std::vector<std::string> arguments;    // the first is the path of the program itself
  std::string folder;                    // in which it runs; "": the working folder
  std::vector<std::string> environment;  // all of it: "NAME=value"
  bool network = false;                  // it may use the network
  std::uint64_t max_output = std::uint64_t{256} << 20;
  std::size_t max_errors = std::size_t{64} << 10;  // of its standard error; what is beyond it is dropped
  std::chrono::milliseconds time = std::chrono::seconds(60);
};

struct ProgramRun {
  enum class End : std::uint8_t { kExited, kSignal, kTime, kOutput };  // the last two: it was stopped at a limit
  End end = End::kExited;
  int code = 0;  // exit status, or the signal
  std::string output, errors;
  std::chrono::milliseconds wall{};
  bool isolated = false;  // it ran in a network namespace of its own, where there is nothing to reach

  bool ok() const { return end == End::kExited && code == 0; }
};

// Runs it to its end, with nothing on its standard input. What it leaves running is killed. Any thread may call. Errors:
// kIo, it could not be started.
Result<ProgramRun> run_program(const Program& program);

// Kills what run_program() has under way. For handlers of signals.
void kill_programs();

// Where PATH has a program of this name; the name itself where it has a '/'. "": there is none.
std::string find_program(std::string_view name);

}  // namespace kubegate::source
