// Hold: results on their way to the report, and those that wait because a CRD may yet turn up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "validate/run/files.h"

namespace kubegate::run {

// What is told of a file, in one piece or in several behind one another.
struct Told {
  const source::Input* input = nullptr;
  Counts settled;                    // of documents of which there is nothing else to tell
  std::vector<DocumentResult> open;  // the others, in order
  std::optional<source::SkipReason> skipped;
  std::string error;  // it, or the rest of it, could not be read
  bool ends = true;   // nothing more of the file will be told
};

class Hold {
 public:
  // `tell` gets what is to be reported in the order of the inputs; what there is only to count may come sooner.
  // `budget`: bytes of results that may wait. Those beyond it are forgotten, and their files judged again.
  Hold(std::function<void(Told&)> tell, std::size_t budget) : tell_(std::move(tell)), budget_(budget) {}

  // All that the run's inputs define, where others judge some of them; without this call, what add() comes by.
  void know(schema::CrdSet crds) {
    found_ = std::move(crds);
    known_ = true;
  }

  // The first pass.
  void add(FilePart& part);

  // What the inputs define, as far as they were read.
  const schema::CrdSet& found() const { return found_; }

  // The second pass, by all CRDs: next() yields what is to be judged again, add_again() takes what comes of it, and
  // finish() tells the rest. next() may run beside add_again().
  std::optional<Task> next();
  void add_again(FilePart& part);
  void finish();

 private:
  // A valid object, alone in its document, of a kind that a CRD may yet define.
  struct Waiting {
    std::uint32_t slice;
    std::uint32_t kind;  // in kinds_
    std::uint32_t rules_not_evaluated;
  };
  // A file that is not told, or not all of it.
  struct File {
    std::shared_ptr<const source::Input> input;
    std::uint32_t from = 0;   // documents in front of this one are told
    std::uint32_t judge = 0;  // of its tasks
    bool forgotten = false;   // all from there on are to be judged again
    bool custom = false;      // some are of kinds that a CRD may yet define
    // What its documents are meant to be: whether they are to be told at all.
    bool manifest = false, broken = false, other = false;
    std::vector<Waiting> waiting;
    std::unique_ptr<FilePart> rest;  // what else there is of it
  };

  void take(FilePart& part, File& file);
  void close(File file);
  void forget(File& file);
  Told told_of(File& file, bool ends);
  std::uint32_t number_of(const CustomKind& custom);
  bool is_wanted(const DocumentResult& document) const;
  std::vector<std::uint32_t> wanted_of(const File& file) const;
  void tell_until(std::size_t end);

  const std::function<void(Told&)> tell_;
  const std::size_t budget_;
  std::size_t weight_ = 0;  // bytes of what waits
  schema::CrdSet found_;
  bool known_ = false;  // found_ is complete
  std::map<std::pair<std::string, std::string>, std::uint32_t> kinds_;  // group and kind
  std::optional<File> current_;                                         // whose parts are coming
  std::vector<File> held_;                                              // complete ones, in order

  std::vector<bool> wanted_;  // by number of a kind: found_ defines it
  std::size_t next_ = 0;      // of held_: what next() looks at
  std::size_t told_ = 0;      // of held_: what is told
};

}  // namespace kubegate::run
