// A run on one page. All inputs are judged by what is built in and given by --crd. CRDs that turn up on the way serve
// the custom resources of the same run, wherever those stand; so when there were any, a second catalogue is made, and
// just those documents that they define kinds for are judged again. Nothing is reported before: until the last file is
// read, an unknown kind may yet become known.
//
// Tested in tests/validate/run/run_test.cc.
#include "validate/run/run.h"

#include <algorithm>
#include <array>
#include <memory>

#include "validate/run/check.h"
#include "validate/run/crds.h"
#include "validate/run/files.h"
#include "validate/run/judge.h"
#include "validate/source/select.h"

namespace kubegate::run {

namespace {

Result<std::unique_ptr<Judge>> make_judge(const Options& options, const schema::CrdSet* given,
                                          const schema::CrdSet* found) {
  auto catalogue = schema::Catalogue::make({options.targets, options.crd_bundles}, given, found);
  if (!catalogue.ok()) return catalogue.error();
  schema::CheckOptions check;
  check.strict = options.strict;
  check.ignore_missing_schemas = options.ignore_missing_schemas;
  return std::make_unique<Judge>(JudgeOptions{options.strict, options.verbose, options.skip, options.reject},
                                 *catalogue, make_checks(*catalogue, check));
}

// The CRDs that the input holds, in its order.
schema::CrdSet take_crds(std::vector<FileResult>& files) {
  schema::CrdSet found;
  for (FileResult& file : files) {
    for (DocumentResult& document : file.documents.open) {
      if (document.crds) found.append(std::move(*document.crds));
      document.crds.reset();
    }
  }
  return found;
}

// Hands the results to the output and adds them up.
class Teller {
 public:
  Teller(const Options& options, report::Output& output) : options_(options), output_(output) {
    for (const schema::Target& target : options.targets) outcome_.summary.targets.push_back(target.name);
  }

  void tell(const source::Input& input, const FileResult& file) {
    report::Summary& summary = outcome_.summary;
    if (!file.error.empty()) {
      ++summary.files_not_read;
      outcome_.errors.push_back({ErrorCode::kIo, input.path, file.error});
      return tell_whole(input, report::Status::kError, file.error);
    }
    if (file.skipped == source::SkipReason::kHiddenFolder) {
      ++summary.folders_skipped;
      return tell_whole(input, report::Status::kSkipped, std::string(source::noun_of(*file.skipped).one));
    }
    if (file.skipped) {
      ++skipped_[static_cast<std::size_t>(*file.skipped)];
      return tell_whole(input, report::Status::kSkipped, std::string(source::noun_of(*file.skipped).one));
    }
    ++summary.files;
    summary.standard_input = input.kind == source::Input::Kind::kStandardInput;
    counts_ += file.documents.settled;
    for (const DocumentResult& document : file.documents.open) {
      counts_ += document.counts;
      for (const report::Resource& resource : document.resources) output_.write(resource);
    }
  }

  Outcome finish() {
    report::Summary& summary = outcome_.summary;
    const bool nothing = counts_.objects == 0 && counts_.errors == 0 && outcome_.errors.empty();
    if (nothing && !options_.allow_empty) tell_no_objects();
    for (std::size_t i = 0; i < skipped_.size(); ++i) {
      const source::Noun noun = source::noun_of(static_cast<source::SkipReason>(i));
      if (skipped_[i] > 0) summary.files_skipped.push_back({skipped_[i], noun.one, noun.many});
    }
    summary.standard_input = summary.standard_input && summary.files == 1;
    summary.objects = counts_.objects;
    summary.errors = counts_.errors;
    summary.warnings = counts_.warnings;
    summary.rules_not_evaluated = counts_.rules_not_evaluated;
    summary.objects_skipped = counts_.objects_skipped;
    summary.valid = counts_.valid;
    summary.invalid = counts_.invalid;
    summary.unjudged = counts_.unjudged;
    summary.skipped = counts_.skipped;
    output_.finish(summary);
    return std::move(outcome_);
  }

 private:
  // A file of which nothing was judged.
  void tell_whole(const source::Input& input, report::Status status, std::string note) {
    counts_.count(status);
    report::Resource resource;
    resource.path = input.path;
    resource.status = status;
    resource.note = std::move(note);
    output_.write(resource);
  }

  // The silent success of a job that checks nothing is the worst answer a gate can give.
  void tell_no_objects() {
    std::string paths;
    for (const std::string& path : options_.paths) {
      if (!paths.empty()) paths += ", ";
      paths += path == "-" ? "stdin" : path;
    }
    report::LocatedFinding finding;
    finding.rule = "run/no-objects";
    finding.message = "there are no objects here, so nothing was checked (--allow-empty lets that pass)";
    report::Resource resource;
    resource.path = paths;
    resource.status = report::Status::kError;
    resource.findings.push_back(std::move(finding));
    ++counts_.errors;
    counts_.count(resource.status);
    output_.write(resource);
  }

  const Options& options_;
  report::Output& output_;
  Outcome outcome_;
  Counts counts_;
  std::array<std::uint64_t, source::kSkipReasons> skipped_{};
};

}  // namespace

Result<Outcome> validate(const Options& options, report::Output& output) {
  auto given = load_crds(options.crds, options.limits);
  if (!given.ok()) return given.error();
  auto judge = make_judge(options, &*given, nullptr);
  if (!judge.ok()) return judge.error();
  auto inputs = source::select(options.paths, options.ignore_patterns);
  if (!inputs.ok()) return inputs.error();

  Files files(*inputs, options.limits, options.threads, options.standard_input);
  std::vector<FileResult> results = files.judge(**judge);

  if (const schema::CrdSet found = take_crds(results); !found.empty()) {
    auto second = make_judge(options, &*given, &found);
    if (!second.ok()) return second.error();
    const auto defined = [&](const DocumentResult& document) {
      return std::any_of(document.custom.begin(), document.custom.end(),
                         [&](const CustomKind& custom) { return found.defines(custom.group, custom.kind); });
    };
    files.judge_again(**second, defined, results);
  }

  Teller teller(options, output);
  for (std::size_t i = 0; i < results.size(); ++i) {
    teller.tell((*inputs)[i], results[i]);
    results[i] = {};
  }
  return teller.finish();
}

}  // namespace kubegate::run
