// Files: every input to its result, in parallel, in the order of the inputs.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "validate/document/read.h"
#include "validate/run/judge.h"
#include "validate/source/read.h"
#include "validate/source/select.h"

namespace kubegate::run {

// Documents of one file, as much of them as is needed any more.
struct Documents {
  Counts settled;                    // of those of which nothing else is needed
  std::vector<DocumentResult> open;  // the others, in order
  bool manifest = false;             // one of them is meant to be an object
};

struct FileResult {
  Documents documents;
  std::optional<source::SkipReason> skipped;  // it is no manifest: nothing of it was judged
  std::string error;                          // why it could not be read; "" is none
  std::unique_ptr<source::Buffer> content;    // of an input that can be read but once, while it may be needed again
};

// Reads and judges inputs on up to `threads` threads (0: as many as the machine has). What it returns does not depend
// on their number. Inputs outlive the results, which view their paths.
class Files {
 public:
  // `standard_input` is the descriptor of the input "stdin".
  Files(std::span<const source::Input> inputs, const document::Limits& limits, int threads, int standard_input);
  ~Files();

  // A result for each input.
  std::vector<FileResult> judge(const Judge& judge);

  // Judges anew those documents of `results` that are `wanted`, and replaces their results. A file that cannot be read
  // any more, or has fewer documents than before, becomes an error.
  void judge_again(const Judge& judge, const std::function<bool(const DocumentResult&)>& wanted,
                   std::vector<FileResult>& results);

 private:
  struct Worker;
  struct Pool;

  // Calls work(i, worker) for each i below `count`: on this thread until `enough` says so, then on all.
  void for_each(std::size_t count, const std::function<void(std::size_t, Worker&)>& work);
  // Asked only when there is work for more than one: oneTBB looks for libraries before it answers, which takes longer
  // than a small file.
  int threads();
  Pool& pool();

  FileResult judge_file(const source::Input& input, const Judge& judge, Worker& worker);
  void judge_file_again(const source::Input& input, const Judge& judge,
                        const std::function<bool(const DocumentResult&)>& wanted, Worker& worker, FileResult& result);
  // Of the slices of a file, those that `chosen` numbers in ascending order.
  Documents judge_slices(std::span<const document::Slice> slices, std::span<const std::uint32_t> chosen,
                         document::Syntax syntax, const source::Input& input, const Judge& judge, Worker& worker);

  const std::span<const source::Input> inputs_;
  const document::Limits limits_;
  int threads_;  // 0 or less: as many as the machine has, which threads() finds out before the pool begins
  const int standard_input_;
  std::unique_ptr<Worker> first_;  // of the calling thread while there is no pool
  std::unique_ptr<Pool> pool_;
};

}  // namespace kubegate::run
