// A run on one page. All inputs are judged by what is built in and given by --crd, and told in their order as they come.
// CRDs that turn up on the way serve the custom resources of the same run, wherever those stand: what they may concern
// waits (hold.cc), and when there were any, a second catalogue is made, by which just that is judged again.
//
// Tested in tests/validate/run/run_test.cc.
#include "validate/run/run.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "validate/run/check.h"
#include "validate/run/clusters.h"
#include "validate/run/files.h"
#include "validate/run/hold.h"
#include "validate/run/judge.h"
#include "validate/run/known.h"
#include "validate/run/progress.h"
#include "validate/run/survey.h"
#include "validate/run/verdicts.h"
#include "validate/source/select.h"

namespace kubegate::run {

namespace {

// The file system around the paths, seen from the working folder.
std::shared_ptr<const gitops::Surroundings> surroundings_of(const std::vector<std::string>& paths) {
  std::error_code failed;
  const std::string folder = std::filesystem::current_path(failed).string();
  std::vector<std::string> roots;
  for (const std::string& path : paths) {
    if (path != "-") roots.push_back(path.substr(0, path.find_first_of("*?[")));
  }
  return std::make_shared<const gitops::Surroundings>(
      source::folder_tree("/"), folder.substr(std::min<std::size_t>(1, folder.size())), std::move(roots));
}

// Hands the results to the output and adds them up.
class Teller {
 public:
  Teller(const Options& options, report::Output& output) : options_(options), output_(output), share_(options.share) {
    for (const schema::Target& target : all_targets(options)) outcome_.summary.targets.push_back(target.name);
  }

  // Findings in files that are not among the inputs.
  void tell(const report::Resource& resource) {
    for (const report::LocatedFinding& finding : resource.findings) {
      ++(finding.severity == Severity::kWarning ? counts_.warnings : counts_.errors);
    }
    counts_.count(resource.status);
    output_.write(resource);
  }

  void tell(Told& told) {
    report::Summary& summary = outcome_.summary;
    const source::Input& input = *told.input;
    const std::uint64_t before = counts_.kustomizations + counts_.patches;
    counts_ += told.settled;
    for (DocumentResult& document : told.open) {
      counts_ += document.counts;
      for (report::Resource& resource : document.resources) {
        resource.order = input.order;
        if (options_.known != nullptr) take_out_known(resource);
        output_.write(resource);
      }
    }
    // Who names a kustomization means it. Below a folder it is rather the source of what should have been given.
    asked_besides_ |= input.named && counts_.kustomizations + counts_.patches > before;
    if (!told.error.empty()) {
      ++summary.files_not_read;
      outcome_.errors.push_back({ErrorCode::kIo, input.path, told.error});
      return tell_whole(input, report::Status::kError, told.error);
    }
    if (!told.ends) return;
    if (options_.known != nullptr) options_.known->checked(input.path);
    if (!told.skipped) {
      ++summary.files;
      summary.standard_input = input.kind == source::Input::Kind::kStandardInput;
      return;
    }
    if (*told.skipped == source::SkipReason::kHiddenFolder) {
      ++summary.folders_skipped;
    } else {
      ++skipped_[static_cast<std::size_t>(*told.skipped)];
    }
    tell_whole(input, report::Status::kSkipped, std::string(source::noun_of(*told.skipped).one));
  }

  // What tells the parts of one run from those of another.
  void set_inputs(std::string digest) { share_.inputs = std::move(digest); }

  Outcome finish() {
    report::Summary& summary = outcome_.summary;
    const bool nothing = counts_.objects == 0 && counts_.errors == 0 && outcome_.errors.empty() && !asked_besides_;
    if (share_.count > 1) {
      if (!options_.allow_empty && !asked_besides_) share_.when_empty = no_objects();
    } else if (nothing && !options_.allow_empty) {
      const report::Resource told = no_objects();
      ++counts_.errors;
      counts_.count(told.status);
      output_.write(told);
    }
    // An entry that nothing matches on this machine may match on another.
    if (report::Resource unused;
        options_.known != nullptr && share_.count == 1 && options_.known->tell_unused(unused)) {
      tell(unused);
    }
    for (std::size_t i = 0; i < skipped_.size(); ++i) {
      const source::Noun noun = source::noun_of(static_cast<source::SkipReason>(i));
      summary.files_skipped.push_back({skipped_[i], noun.one, noun.many});
    }
    summary.standard_input = summary.standard_input && summary.files == 1;
    summary.objects = counts_.objects;
    summary.besides = {{counts_.kustomizations, "kustomization", "kustomizations"},
                       {counts_.patches, "patch", "patches"}};
    summary.errors = counts_.errors;
    summary.warnings = counts_.warnings;
    summary.ignored = counts_.ignored;
    summary.known = known_;
    summary.rules_not_evaluated = counts_.rules_not_evaluated;
    summary.objects_skipped = counts_.objects_skipped;
    summary.valid = counts_.valid;
    summary.invalid = counts_.invalid;
    summary.unjudged = counts_.unjudged;
    summary.skipped = counts_.skipped;
    summary.share = &share_;
    output_.finish(summary);
    summary.share = nullptr;
    return std::move(outcome_);
  }

 private:
  // What is known counts neither as an error nor as a warning any more, and may have been all that was wrong.
  void take_out_known(report::Resource& resource) {
    const auto count = [&](std::uint64_t sign) {
      for (const report::LocatedFinding& finding : resource.findings) {
        (finding.severity == Severity::kWarning ? counts_.warnings : counts_.errors) += sign;
      }
    };
    const std::size_t before = resource.findings.size();
    count(~std::uint64_t{0});
    options_.known->take_out(resource);
    count(1);
    if (resource.findings.size() == before) return;
    known_ += before - resource.findings.size();
    const report::Status status = resource.findings_left_out > 0 ? resource.status : status_of(resource.findings);
    if (status == resource.status) return;
    counts_.recount(resource.status, status);
    resource.status = status;
  }

  // A file of which nothing was judged.
  void tell_whole(const source::Input& input, report::Status status, std::string note) {
    counts_.count(status);
    report::Resource resource;
    resource.path = input.path;
    resource.order = input.order;
    resource.status = status;
    resource.note = std::move(note);
    output_.write(resource);
  }

  // The silent success of a job that checks nothing is the worst answer a gate can give.
  report::Resource no_objects() {
    for (const std::string& path : options_.paths) {
      if (!paths_.empty()) paths_ += ", ";
      paths_ += path == "-" ? "stdin" : path;
    }
    report::LocatedFinding finding;
    finding.rule = "run/no-objects";
    finding.message = "there are no objects here, so nothing was checked (--allow-empty lets that pass)";
    report::Resource resource;
    resource.path = paths_;
    resource.status = report::Status::kError;
    resource.findings.push_back(std::move(finding));
    return resource;
  }

  const Options& options_;
  report::Output& output_;
  report::Share share_;
  std::string paths_;  // all that the run was given
  Outcome outcome_;
  Counts counts_;
  bool asked_besides_ = false;  // something that is no object was named, and checked
  std::uint64_t known_ = 0;
  std::array<std::uint64_t, source::kSkipReasons> skipped_{};
};

}  // namespace

Result<source::Selection> select_judged(const Options& options, std::span<const std::string> paths) {
  if (options.inputs) return options.inputs->judged(paths);
  return source::Selection::make(paths, options.ignore_patterns);
}

Result<source::Selection> select_all(const Options& options, std::span<const std::string> paths) {
  if (options.inputs) return options.inputs->all(paths);
  return source::Selection::make(paths, options.ignore_patterns);
}

Result<Outcome> validate(const Options& options, report::Output& output) {
  auto map = ClusterMap::make(options);
  if (!map.ok()) return map.error();
  Judges judges(options, *map, options.surroundings ? options.surroundings : surroundings_of(options.paths));
  if (const auto prepared = judges.prepare(); !prepared.ok()) return prepared.error();
  const JudgeOf judge_of = [&](std::uint32_t number) -> const Judge& { return judges.judge(number); };

  Teller teller(options, output);
  Hold hold([&](Told& told) { teller.tell(told); }, options.held_bytes);
  const Files files(options.limits, options.threads, options.standard_input, options.progress, options.verdicts.get());
  std::function<std::optional<source::Input>()> next_input;
  if (options.share.count > 1) {
    auto surveyed = survey(options, judge_of);
    if (!surveyed.ok()) return surveyed.error();
    teller.set_inputs(std::move(surveyed->digest));
    hold.know(std::move(surveyed->crds));
    next_input = [own = std::move(surveyed->own), at = std::size_t{0}]() mutable -> std::optional<source::Input> {
      if (at == own.size()) return std::nullopt;
      return std::move(own[at++]);
    };
  } else {
    auto selection = select_judged(options, options.paths);
    if (!selection.ok()) return selection.error();
    next_input = [walk = std::make_shared<source::Selection>(std::move(*selection)),
                  order = std::uint64_t{0}]() mutable {
      auto input = walk->next();
      if (input) input->order = ++order;
      return input;
    };
  }

  // Once in a run of several machines.
  if (options.share.index == 1) {
    for (const report::Resource& resource : options.told_first) teller.tell(resource);
  }
  std::optional<Error> failure;
  const auto next = [&]() -> std::optional<Task> {
    auto input = next_input();
    if (!input) return std::nullopt;
    Task task;
    const auto judge = judges.number_for(input->path);
    if (!judge.ok()) {
      failure = judge.error();
      return std::nullopt;
    }
    task.judge = *judge;
    if (options.progress != nullptr && input->kind != source::Input::Kind::kSkipped) options.progress->met_file();
    task.input = std::make_shared<const source::Input>(std::move(*input));
    return task;
  };
  files.judge(judge_of, next, [&](FilePart& part) { hold.add(part); });
  if (failure) return *failure;

  if (!hold.found().empty()) {
    if (const auto made = judges.find(hold.found()); !made.ok()) return made.error();
  }
  // Of what is judged again all files were met, and counted, before.
  const Files again(options.limits, options.threads, options.standard_input, nullptr);
  again.judge(
      judge_of, [&] { return hold.next(); }, [&](FilePart& part) { hold.add_again(part); });
  hold.finish();
  Outcome outcome = teller.finish();
  if (options.verdicts != nullptr && outcome.errors.empty()) options.verdicts->save();
  return outcome;
}

}  // namespace kubegate::run
