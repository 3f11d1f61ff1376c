// Selection: what the paths of a command line mean.
//
// A path is a file, a folder, a glob (for where no shell expanded it) or "-", which is standard input. Folders are
// walked for .yaml, .yml and .json (any case) through symbolic links; what is known by its name to be no manifest is
// left out with the reason. The order is the command line's, and by the bytes of the names inside a folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/source/read.h"
#include "validate/source/skip.h"

namespace kubegate::source {

// Bytes that stand in no file: a blob of a repository, what a renderer made of an overlay. Immutable; read by any thread.
class Content {
 public:
  virtual ~Content() = default;
  // Bytes that read() yields, where that is known without reading them; 0 where it is not.
  virtual std::uint64_t size() const = 0;
  // All of it: bytes that live as long as this, or until the next use of `buffer`. Errors as those of read_file().
  virtual Result<std::string_view> read(std::uint64_t limit, Buffer& buffer) const = 0;
};

// Content that is in memory.
std::shared_ptr<const Content> text_content(std::string text);

// One thing that the command line selects.
struct Input {
  enum class Kind : std::uint8_t {
    kFile,
    kContent,  // `content`; `path` is only what reports show and what its name says of its syntax
    kStandardInput,
    kSkipped,  // not to be read: `reason`
    kFailed,   // cannot be read: `error`
  };

  std::string path;  // as reports show it and, of files, open(2) takes it; "stdin" for standard input
  Kind kind = Kind::kFile;
  SkipReason reason = SkipReason::kNoManifest;
  bool once = false;            // can be read but once: standard input, a FIFO, a device
  bool named = false;           // given on the command line itself, so never skipped for what it holds
  bool chart_template = false;  // below templates/ of a Helm chart
  std::string error;            // why it cannot be read, without the path
  std::shared_ptr<const Content> content;
  std::size_t argument = 0;  // of a file: which of the given paths it comes from
  std::uint64_t order = 0;   // its place among the inputs of a run, from 1; the run's
};

// The inputs of a command line, found one after the other: a walk of a large tree goes on while the first files are
// being checked, and no more of it is kept than the names of the folders that it is in.
class Selection {
 public:
  // `ignore` are RE2 expressions that match anywhere in a path; what they match is skipped. An Error is a malformed
  // expression; paths that cannot be read are inputs of kind kFailed.
  static Result<Selection> make(std::span<const std::string> paths, std::span<const std::string> ignore);
  // Inputs that are known already, in their order.
  static Selection of(std::vector<Input> inputs);
  Selection(Selection&&) noexcept;
  Selection& operator=(Selection&&) noexcept;
  ~Selection();

  // The next input in the order of the command line; nothing behind the last. A path that comes up twice comes once,
  // at its first place; one that is walked and named too comes as it was named.
  std::optional<Input> next();

 private:
  class Walk;
  explicit Selection(std::unique_ptr<Walk> walk);

  std::unique_ptr<Walk> walk_;  // null: `inputs_` are what there is
  std::vector<Input> inputs_;
  std::size_t given_ = 0;  // of them
};

// The paths with those that hold a glob replaced by what matches it, as a shell would; one that nothing matches stays.
std::vector<std::string> expand_globs(std::vector<std::string> paths);

// The bytes of an input that can be read more than once, whole: of a file or a content. Errors as those of read_file();
// `expected` as there.
Result<std::string_view> read_input(const Input& input, std::uint64_t limit, Buffer& buffer KUBEGATE_LIFETIME_BOUND,
                                    std::uint64_t expected = 0);

// All of them at once.
Result<std::vector<Input>> select(std::span<const std::string> paths, std::span<const std::string> ignore);

}  // namespace kubegate::source
