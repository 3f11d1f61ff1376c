#include "validate/report/place.h"

#include <filesystem>

#include "validate/report/forms.h"
#include "validate/report/text.h"

namespace kubegate::report {

std::string_view name_of_severity(Severity severity) { return severity == Severity::kError ? "error" : "warning"; }

std::vector<std::string_view> targets_of(const LocatedFinding& finding, const OutputOptions& options) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < options.targets.size(); ++i) {
    if (finding.targets >> i & 1) names.push_back(options.targets[i]);
  }
  return names;
}

std::string limited_to(const LocatedFinding& finding, const OutputOptions& options) {
  const auto names = targets_of(finding, options);
  if (names.size() == options.targets.size()) return {};
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

std::string object_name(const Resource& resource) {
  std::string text = resource.kind;
  if (text.empty() || resource.name.empty()) return text;
  text += ' ';
  if (!resource.namespace_.empty()) text += resource.namespace_ + '/';
  return text + resource.name;
}

std::string object_identity(const Resource& resource) {
  std::string text;
  for (const std::string* part : {&resource.api_version, &resource.kind, &resource.namespace_, &resource.name}) {
    if (part->empty()) continue;
    if (!text.empty()) text += '/';
    text += *part;
  }
  return text;
}

std::string joined_errors(const Resource& resource) {
  std::string text = resource.note;
  for (const LocatedFinding& finding : resource.findings) {
    if (finding.severity != Severity::kError) continue;
    if (!text.empty()) text += "; ";
    text += finding.message;
  }
  if (resource.findings_left_out > 0) text += "; " + left_out(resource);
  return text;
}

bool has_place(const Resource& resource, const LocatedFinding& finding) {
  return resource.line > 0 || !finding.excerpt.text.empty();
}

std::uint32_t end_column(const LocatedFinding& finding) {
  const Excerpt& excerpt = finding.excerpt;
  std::uint32_t column = finding.column;
  if (excerpt.begin > excerpt.text.size()) return column;
  std::string_view rest = std::string_view(excerpt.text).substr(excerpt.begin, excerpt.length);
  for (; !rest.empty(); rest.remove_prefix(decode(rest).length)) ++column;
  return column;
}

std::string repository_path(std::string_view path, const OutputOptions& options) {
  namespace fs = std::filesystem;
  if (options.folder.empty() || path == "stdin") return std::string(path);
  const fs::path whole = (fs::path(options.folder) / path).lexically_normal();
  const std::string& root = options.root.empty() ? options.folder : options.root;
  const fs::path relative = whole.lexically_relative(root);
  const bool outside = relative.empty() || *relative.begin() == "..";
  return outside ? whole.string() : relative.string();
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view(".") : path.substr(0, slash == 0 ? 1 : slash);
}

}  // namespace kubegate::report
