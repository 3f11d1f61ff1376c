// Judge: one document to its verdict, in the terms of the report.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validate/document/document.h"
#include "validate/document/read.h"
#include "validate/gitops/surroundings.h"
#include "validate/report/report.h"
#include "validate/run/check.h"
#include "validate/run/locate.h"
#include "validate/run/object.h"
#include "validate/schema/catalogue.h"

namespace kubegate::run {

// What a run counts, of a document, a file, or all.
struct Counts {
  std::uint64_t objects = 0;  // what has an apiVersion and a kind; items of Lists one by one
  std::uint64_t errors = 0, warnings = 0, ignored = 0;
  std::uint64_t kustomizations = 0, patches = 0;  // that were checked; no objects
  std::uint64_t rules_not_evaluated = 0;
  std::uint64_t objects_skipped = 0;                                // by --skip, or for want of a schema
  std::uint64_t valid = 0, invalid = 0, unjudged = 0, skipped = 0;  // resources by status

  void count(report::Status status);
  // A resource that was counted as `before` is `now`.
  void recount(report::Status before, report::Status now);
  Counts& operator+=(const Counts& other);
};

// A kind whose schema may yet turn up among the CRDs of the input.
struct CustomKind {
  std::string group, kind;
};

struct DocumentResult {
  std::uint32_t slice = 0;  // which document of its file
  Meaning meaning = Meaning::kObject;
  bool complete = true;  // false: a fault ended the reading
  // Whether this is all that can ever become of these bytes by this judge, but for what asked_patch says; not where files
  // around or a limit had a part in it, or where it defines kinds.
  bool lasting = true;
  bool asked_patch = false;  // it hangs on that no kustomization names the file as a patch
  Counts counts;
  std::vector<report::Resource> resources;  // those that a report may tell of
  std::vector<CustomKind> custom;           // not settled while CRDs are still being found
  std::unique_ptr<schema::CrdSet> crds;     // what the document defines; null: nothing

  // Whether nothing of it is needed any more but the counts.
  bool is_settled() const { return resources.empty() && custom.empty() && !crds; }
};

struct JudgeOptions {
  bool strict = true;
  bool verbose = false;           // keep valid and skipped resources too
  std::vector<std::string> skip;  // Kind or apiVersion/Kind
  std::vector<std::string> reject;
  bool policies = false;  // they are among the checks
  bool ignore_missing_schemas = false;
  // The files around: what kustomizations name, and which files are patches. Null: not asked.
  std::shared_ptr<const gitops::Surroundings> surroundings;
};

// What findings make of their resource.
report::Status status_of(const std::vector<report::LocatedFinding>& findings);

class Judge {
 public:
  // `checks` run in their order on every object that is neither skipped nor rejected. `catalogues` is a digest of what
  // the catalogues of all of them are made of; "": its verdicts are good for once.
  Judge(JudgeOptions options, std::shared_ptr<const schema::Catalogue> catalogue,
        std::vector<std::shared_ptr<const Check>> checks, std::string catalogues = "")
      : options_(std::move(options)), catalogue_(std::move(catalogue)), checks_(std::move(checks)),
        catalogues_(std::move(catalogues)) {}

  // Memory that a thread uses again and again.
  struct Scratch {
    document::Reader reader;
    document::Document document;
    std::vector<Object> objects;
    std::vector<Finding> findings;
    std::vector<Ignored> ignored;
    std::vector<std::vector<std::unique_ptr<Check::Memory>>> memories;  // of the checks, by number of the judge
  };

  // All that its verdicts on a file hang on besides the path and bytes of that file, as a digest; nothing where that
  // cannot be told.
  std::optional<std::string> basis(std::string_view path) const;
  // Whether a kustomization names the file as a patch.
  bool is_patch(std::string_view path) const;

  // The verdict on scratch.document. `path`, its file's, outlives the result; `number` is this judge's among those that
  // share the scratch. Thread-safe.
  DocumentResult judge(std::string_view path, Scratch& scratch, std::size_t number = 0) const;

 private:
  JudgeOptions options_;
  std::shared_ptr<const schema::Catalogue> catalogue_;
  std::vector<std::shared_ptr<const Check>> checks_;
  std::string catalogues_;
};

}  // namespace kubegate::run
