#include "validate/report/report.h"

namespace kubegate::report {

namespace {

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

// "1.28, 1.29 and 1.30".
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

std::uint64_t total(const std::vector<Tally>& tallies) {
  std::uint64_t sum = 0;
  for (const Tally& tally : tallies) sum += tally.count;
  return sum;
}

// "2 kustomizations, 1 patch", without what there is none of.
std::string counted(const std::vector<Tally>& tallies) {
  std::string text;
  for (const Tally& tally : tallies) {
    if (tally.count == 0) continue;
    if (!text.empty()) text += ", ";
    text += counted(tally.count, tally.one, tally.many);
  }
  return text;
}

std::string nothing_wrong(const Summary& summary) {
  if (summary.objects == summary.objects_skipped && total(summary.besides) == 0) return "nothing checked";
  if (summary.ignored + summary.known > 0) return "no errors";
  return summary.files_not_read > 0 ? "no errors" : "all valid";
}

std::string verdict(const Summary& summary) {
  std::string text;
  if (summary.errors > 0) text = counted(summary.errors, "error", "errors");
  if (summary.warnings > 0) {
    if (!text.empty()) text += ", ";
    text += counted(summary.warnings, "warning", "warnings");
  }
  if (text.empty()) text = nothing_wrong(summary);
  if (summary.ignored > 0) text += ", " + std::to_string(summary.ignored) + " ignored";
  if (summary.known > 0) text += ", " + std::to_string(summary.known) + " known";
  return text;
}

}  // namespace

std::string summary_line(const Summary& summary) {
  std::string text = summary.standard_input ? "stdin" : counted(summary.files, "file", "files");
  text += ", " + counted(summary.objects, "object", "objects");
  if (total(summary.besides) > 0) text += ", " + counted(summary.besides);
  if (!summary.targets.empty()) text += ", " + listed(summary.targets);
  text += ": " + verdict(summary);
  if (summary.rules_not_evaluated > 0) {
    text += "; " + counted(summary.rules_not_evaluated, "CEL rule", "CEL rules") + " not evaluated";
  }
  if (summary.objects_skipped > 0) text += "; " + counted(summary.objects_skipped, "object", "objects") + " skipped";
  if (summary.files_not_read > 0) text += "; " + counted(summary.files_not_read, "file", "files") + " not read";
  if (const std::uint64_t files = total(summary.files_skipped); files > 0) {
    text += "; " + counted(files, "file", "files") + " skipped (" + counted(summary.files_skipped) + ")";
  }
  if (summary.folders_skipped > 0) {
    text += "; " + counted(summary.folders_skipped, "hidden folder", "hidden folders") + " skipped";
  }
  return text;
}

}  // namespace kubegate::report
