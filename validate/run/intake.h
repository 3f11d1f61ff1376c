// Intake: from the inputs of a run to pieces of work of about one size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validate/document/split.h"
#include "validate/source/read.h"
#include "validate/source/select.h"

namespace kubegate::run {

// A document of an input that can be read but once, kept for a second judgement.
struct KeptText {
  std::uint32_t slice = 0;
  std::uint32_t first_line = 1;
  document::Syntax syntax = document::Syntax::kYaml;
  std::string bytes;
};

// One input to be judged: all of it, or some of its documents.
struct Task {
  std::shared_ptr<const source::Input> input;
  std::size_t tag = 0;                // the caller's own
  std::uint32_t judge = 0;            // by which judge of the run
  std::uint32_t from = 0;             // documents in front of this one are left out
  std::vector<std::uint32_t> chosen;  // only these, in ascending order; empty: all
  std::vector<KeptText> texts;        // not read from the input, but these; empty: from the input
  std::uint64_t size = 0;             // of a regular file, as the file system told when it was taken

  bool wants(std::uint32_t slice) const;
};

// A piece of work: small files whole, or a part of a large one.
struct Piece {
  std::vector<Task> files;  // more than one, or one; each is still to be read

  std::optional<Task> large;  // the large file, of which this is a part
  std::vector<document::Slice> slices;
  std::uint32_t first_slice = 0;  // of `slices`, in the file
  document::Syntax syntax = document::Syntax::kYaml;
  bool last = false;         // no further part follows
  bool is_template = false;  // the file is a chart's template: it has no other part
  bool over_limit = false;   // the file is larger than what is read, from here on
  std::string error;         // why it cannot be read, from here on

  source::Buffer window;                        // what `slices` view
  std::shared_ptr<const source::Buffer> whole;  // or this

  // Makes it empty; keeps the memory of an ordinary window.
  void clear();
};

class Intake {
 public:
  // `next` yields the inputs. `standard_input` is the descriptor of the input "stdin".
  Intake(std::function<std::optional<Task>()> next, std::uint64_t limit, int standard_input)
      : next_(std::move(next)), limit_(limit), standard_input_(standard_input) {}

  // Puts the next piece into `piece`, which is used again and again. False: there is none.
  bool take(Piece& piece);

  // Whether so much has been taken that another thread is worth starting, and there is more.
  bool is_more() const;

 private:
  // What is being read by and by.
  struct Large {
    Task task;
    source::Stream stream;
    source::Buffer carry;  // read, but not handed out yet
    document::Syntax syntax = document::Syntax::kYaml;
    std::uint64_t bytes = 0;                     // read
    std::uint32_t line = 1;                      // on which `carry` begins
    std::uint32_t slice = 0;                     // the next
    std::shared_ptr<source::Buffer> whole;       // of JSON
    std::optional<document::Splitter> splitter;  // of `whole`
  };

  bool fetch();
  bool begin_large(Piece& piece);
  void take_window(Piece& piece);
  void take_values(Piece& piece);
  void finish(Piece& piece);

  const std::function<std::optional<Task>()> next_;
  const std::uint64_t limit_;
  const int standard_input_;
  std::optional<Task> pending_;
  std::uint64_t pending_size_ = 0;
  bool ended_ = false;
  std::uint64_t taken_ = 0;  // bytes, and what files cost beyond theirs
  std::optional<Large> large_;
};

// The syntax of an input. Where the name says nothing (standard input, a pipe), the beginning does: `{"`, as no
// manifest in YAML's flow style begins.
document::Syntax syntax_of(const source::Input& input, std::string_view beginning);

}  // namespace kubegate::run
