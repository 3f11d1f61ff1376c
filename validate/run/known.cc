// Fingerprints tell findings that are alike apart by their order, so every finding of the run is given its own, known or
// not. An entry that nothing matches is told only when its file was checked, since a run may look at a part of the
// repository alone; one whose file has gone is told in any run.
//
// Tested in tests/validate/config_command_test.cc.
#include "validate/run/known.h"

#include <filesystem>
#include <utility>

#include "validate/report/forms.h"
#include "validate/report/place.h"
#include "validate/source/read.h"

namespace kubegate::run {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;  // of a list

}  // namespace

Result<Done> Known::load(const std::string& file) {
  source::Buffer buffer;
  const auto content = source::read_file(file, kMostBytes, buffer);
  if (!content.ok()) return Error{content.error().code, "--known " + file, content.error().message};
  auto entries = config::parse_known(*content, file);
  if (!entries.ok()) return entries.error();
  file_ = file;
  entries_ = std::move(*entries);
  used_.assign(entries_.size(), false);
  checked_.assign(entries_.size(), false);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    by_print_.emplace(entries_[i].fingerprint, i);
    by_path_.emplace(entries_[i].path, i);
  }
  return Done{};
}

void Known::take_out(report::Resource& resource) {
  if (resource.findings.empty() && resource.suppressed.empty()) return;
  const std::string path = report::repository_path(resource.path, options_);
  std::vector<report::LocatedFinding> rest;
  std::vector<report::Suppressed> suppressed;
  for (const report::AnyFinding& each : report::all_findings(resource)) {
    const std::string print = fingerprints_.next(path, resource, *each.finding);
    if (each.suppressed != nullptr) {
      suppressed.push_back(*each.suppressed);
      continue;
    }
    const auto known = by_print_.find(print);
    if (recording_) {
      entries_.push_back(
          {print, std::string(each.finding->rule), path, report::object_identity(resource), each.finding->message, ""});
    } else if (known == by_print_.end()) {
      rest.push_back(*each.finding);
      continue;
    } else {
      used_[known->second] = true;
    }
    suppressed.push_back(
        {*each.finding, report::Suppressed::Kind::kKnown, recording_ ? std::string() : entries_[known->second].reason});
  }
  resource.findings = std::move(rest);
  resource.suppressed = std::move(suppressed);
}

void Known::checked(std::string_view path) {
  if (entries_.empty() || recording_) return;
  const auto [first, last] = by_path_.equal_range(report::repository_path(path, options_));
  for (auto entry = first; entry != last; ++entry) checked_[entry->second] = true;
}

bool Known::tell_unused(report::Resource& resource) const {
  if (recording_) return false;
  std::error_code failed;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const config::KnownFinding& entry = entries_[i];
    if (used_[i]) continue;
    const bool gone = !checked_[i] && !entry.path.empty() && entry.path != "stdin" &&
                      !std::filesystem::exists(std::filesystem::path(options_.root) / entry.path, failed);
    if (!checked_[i] && !gone) continue;
    report::LocatedFinding finding;
    finding.rule = "known/unused";
    finding.severity = Severity::kWarning;
    finding.message = gone ? entry.path + " is gone: drop what is known of it"
                           : "this is found no more in " + entry.path + ": drop it from the list";
    finding.line = entry.line;
    finding.column = entry.column;
    resource.findings.push_back(std::move(finding));
  }
  resource.path = file_;
  resource.line = 1;
  resource.column = 1;
  return !resource.findings.empty();
}

}  // namespace kubegate::run
