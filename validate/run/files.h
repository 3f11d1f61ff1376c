// Files: every input to its results, in parallel, in the order of the inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "validate/document/document.h"
#include "validate/run/intake.h"
#include "validate/run/judge.h"
#include "validate/source/skip.h"

namespace kubegate::run {

// Documents of one file, as much of them as is needed any more.
struct Documents {
  Counts settled;                    // of those of which nothing else is needed
  std::vector<DocumentResult> open;  // the others, in order; they view the path of their input
  bool manifest = false;             // one of them is meant to be an object
  bool lasting = true;               // as in DocumentResult, of all of them
  bool asked_patch = false;
};

// What there is to tell of a file, or of a part of a large one.
struct FilePart {
  std::shared_ptr<const source::Input> input;
  std::size_t tag = 0;      // of its task
  std::uint32_t judge = 0;  // of its task
  Documents documents;
  std::vector<KeptText> texts;  // of those documents whose kind may yet be defined, if it can be read once
  std::optional<source::SkipReason> skipped;  // it is no manifest: nothing of it was judged
  std::string error;                          // why it, or the rest of it, could not be read; "" is none
  std::uint32_t end = 0;                      // documents of the file up to here
  bool last = true;                           // no further part follows
};

class Progress;
class Verdicts;

// The judge of a number that tasks carry. Called from many threads at once.
using JudgeOf = std::function<const Judge&(std::uint32_t)>;

class Files {
 public:
  // On up to `threads` threads (0: as many as the machine has). `standard_input` is the descriptor of the input "stdin".
  // `verdicts` are those of earlier runs, and take those of this one; null: there are none.
  Files(const document::Limits& limits, int threads, int standard_input, Progress* progress = nullptr,
        Verdicts* verdicts = nullptr);

  // Judges what `next` yields and tells of it in that order, a part at a time: neither is called by two threads at once,
  // and what is told does not depend on the number of threads.
  void judge(const JudgeOf& judge_of, std::function<std::optional<Task>()> next,
             const std::function<void(FilePart&)>& tell) const;
  // The same by one judge.
  void judge(const Judge& judge, std::function<std::optional<Task>()> next,
             const std::function<void(FilePart&)>& tell) const;

 private:
  const document::Limits limits_;
  const std::size_t threads_;
  const int standard_input_;
  Progress* const progress_;
  Verdicts* const verdicts_;
};

}  // namespace kubegate::run
