#include "validate/report/report.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "validate/report/forms.h"

namespace kubegate::report {

namespace {

constexpr std::string_view kNames[] = {"full",   "concise",  "json", "junit", "sarif",
                                       "github", "markdown", "html", "part"};

}  // namespace

std::span<const std::string_view> format_names() { return kNames; }

std::optional<Format> format_named(std::string_view name) {
  const auto found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<Format>(found - std::begin(kNames));
}

bool needs_all_resources(Format format) { return format == Format::kJunit || format == Format::kPart; }

std::unique_ptr<Output> make_output(Format format, OutputOptions options, Sink& sink) {
  switch (format) {
    case Format::kFull: return make_lines(std::move(options), sink, true);
    case Format::kConcise: return make_lines(std::move(options), sink, false);
    case Format::kJson: return make_json(std::move(options), sink);
    case Format::kJunit: return make_junit(std::move(options), sink);
    case Format::kSarif: return make_sarif(std::move(options), sink);
    case Format::kGithub: return make_github(std::move(options), sink);
    case Format::kMarkdown: return make_markdown(std::move(options), sink);
    case Format::kHtml: return make_html(std::move(options), sink);
    case Format::kPart: return make_part(std::move(options), sink);
  }
  return nullptr;
}

std::vector<AnyFinding> all_findings(const Resource& resource) {
  std::vector<AnyFinding> all;
  for (const LocatedFinding& finding : resource.findings) all.push_back({&finding, nullptr});
  for (const Suppressed& suppressed : resource.suppressed) all.push_back({&suppressed.finding, &suppressed});
  std::stable_sort(all.begin(), all.end(), [](const AnyFinding& a, const AnyFinding& b) {
    return std::pair(a.finding->line, a.finding->column) < std::pair(b.finding->line, b.finding->column);
  });
  return all;
}

std::string why_suppressed(const Suppressed& suppressed) {
  const std::string word = suppressed.kind == Suppressed::Kind::kIgnored ? "ignored" : "known";
  return suppressed.reason.empty() ? word : word + ": " + suppressed.reason;
}

std::string left_out(const Resource& resource) {
  const bool one = resource.findings_left_out == 1;
  return std::to_string(resource.findings_left_out) + " more " + (one ? "finding" : "findings") + " here " +
         (one ? "is" : "are") + " counted but not shown";
}

}  // namespace kubegate::report
