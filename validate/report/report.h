// What a run tells, and to whom: results of resources in input order, then a summary, in one of several forms.
//
// The run hands over everything that a report can need, positions and source lines included: documents are gone by
// then. What is shown of it, and how, is each form's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "validate/base/finding.h"
#include "validate/report/sink.h"

namespace kubegate::report {

// A stretch of the source line that a finding is about.
struct Excerpt {
  std::string text;          // as in the source; may start and end inside the line, never inside a character
  std::uint32_t begin = 0;   // bytes into `text`: what is at fault
  std::uint32_t length = 0;  // bytes; 0 is a position
  bool cut_before = false;   // the line begins before `text`
  bool cut_after = false;    // the line goes on behind `text`
};

// A finding with its place in the file.
struct LocatedFinding {
  std::string_view rule;
  Severity severity = Severity::kError;
  std::string message;
  std::uint32_t line = 1;  // 1-based; columns count characters
  std::uint32_t column = 1;
  Excerpt excerpt;  // empty text: about the file as a whole
  std::string pointer;
  std::string field;
  TargetMask targets = kAllTargets;
};

// A finding that counts neither as an error nor as a warning, since somebody said so.
struct Suppressed {
  enum class Kind : std::uint8_t {
    kIgnored,  // where it stands, by a comment or an annotation
    kKnown,    // in a list of known findings
  };
  LocatedFinding finding;
  Kind kind = Kind::kIgnored;
  std::string reason;  // "" where none was given
};

enum class Status : std::uint8_t {
  kValid,
  kInvalid,  // the server would refuse it
  kError,    // it cannot be judged: unreadable, no schema
  kSkipped,
};

// One object, or what stands for one: a document that is none, a file that cannot be read or was skipped.
struct Resource {
  std::string_view path;
  std::uint64_t order = 0;  // of its file among the inputs of the run, from 1; 0: told ahead of them
  std::string api_version, kind, namespace_, name;  // empty where unknown
  std::uint32_t line = 0;                           // where it begins; 0: the file as a whole
  std::uint32_t column = 0;
  Status status = Status::kValid;
  std::string note;                      // why it was skipped, or why the file could not be read
  std::vector<LocatedFinding> findings;  // by position
  std::vector<Suppressed> suppressed;    // by position
  std::uint64_t findings_left_out = 0;   // further ones, which are only counted
};

// Something of which there are several: {2, "kustomization", "kustomizations"}. Lists name all that there can be, zeros
// among them, so that those of two runs can be added up.
struct Tally {
  std::uint64_t count = 0;
  std::string_view one, many;
};

inline constexpr std::uint32_t kMostParts = 10'000;

// Which part of a run this is, and what tells whether others are of the same run.
struct Share {
  std::uint32_t index = 1, count = 1;                         // from 1
  std::string inputs;                                         // digest of what the whole run reads; "": it is whole
  std::vector<std::pair<std::string, std::string>> settings;  // by flag, as text: what changes a verdict
  std::optional<Resource> when_empty;  // what is to be told if no part has anything that could be judged
};

struct Summary {
  std::vector<std::string> targets;        // "1.28", "1.29"; empty: Kubernetes versions do not matter
  bool standard_input = false;             // the only file is standard input
  std::uint64_t files = 0;                 // that were read and not skipped
  std::uint64_t objects = 0;               // items of Lists counted one by one
  std::vector<Tally> besides;              // what was checked that is no object: kustomizations, patches
  std::uint64_t errors = 0, warnings = 0;  // findings
  std::uint64_t ignored = 0, known = 0;    // findings that are suppressed
  std::uint64_t rules_not_evaluated = 0;
  std::uint64_t files_not_read = 0;
  std::uint64_t objects_skipped = 0;
  std::vector<Tally> files_skipped;                                 // by reason
  std::uint64_t folders_skipped = 0;                                // hidden ones
  std::uint64_t valid = 0, invalid = 0, unjudged = 0, skipped = 0;  // resources by status
  const Share* share = nullptr;                                     // of a run that is to be joined with others
};

// A form of the report. write() for each resource in order, then finish() once.
class Output {
 public:
  virtual ~Output() = default;
  virtual void write(const Resource& resource) = 0;
  virtual void finish(const Summary& summary) = 0;
};

enum class Format : std::uint8_t { kFull, kConcise, kJson, kJunit, kSarif, kGithub, kMarkdown, kHtml, kPart };

// "full", "concise", …: the format that --output names; none where there is no such name.
std::optional<Format> format_named(std::string_view name);
// The names, in the order of Format.
std::span<const std::string_view> format_names();

// Whether the form tells of every resource, valid and skipped ones included, whatever OutputOptions::verbose says.
bool needs_all_resources(Format format);

struct OutputOptions {
  std::vector<std::string> targets;  // names by the bits of a TargetMask
  bool verbose = false;              // valid and skipped resources too
  bool colour = false;
  unsigned width = 0;                  // columns of the terminal; 0: unknown
  std::string version;                 // of kubegate
  SharedTerminal* terminal = nullptr;  // who else writes to where standard output goes
  std::string folder;                  // where the run's paths start from, absolute; "": paths are told as they are
  std::string changes;                 // Markdown of what the change does to objects, told below the verdict; "": nothing
  std::string root;  // what forms for other programs tell paths relative to, absolute: the top of the repository
};

// `sink` outlives the output, which leaves draining the rest to its owner; a form may hold text back until finish().
std::unique_ptr<Output> make_output(Format format, OutputOptions options, Sink& sink);

// "4 files, 312 objects, 1.28 and 1.29: 1 error, 2 warnings; 7 CEL rules not evaluated".
std::string summary_line(const Summary& summary);

}  // namespace kubegate::report
