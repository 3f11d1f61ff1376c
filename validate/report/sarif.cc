// SARIF 2.1.0 (OASIS, docs.oasis-open.org/sarif/sarif/v2.1.0), as code scanning services and editors take it.
//
// It is written as the findings come: each result leaves at once, a line each, and what only the end of the run knows
// (the rules that had findings, what could not be read, whether the run succeeded) stands behind the results, which the
// order of members in JSON allows. Kept in memory are the rules seen, the hashes of fingerprints, and what could not be
// read, which is bounded.
//
// Paths are relative to the top of the repository (%SRCROOT%), so that a report does not depend on the machine that made
// it; what lies outside is an absolute file: URI. Columns count characters, and columnKind says so.
//
// Tested in tests/validate/report/sarif_test.cc, and against the published schema by ci/e2e.
#include <map>
#include <string>
#include <vector>

#include "validate/report/fingerprint.h"
#include "validate/report/forms.h"
#include "validate/report/json_text.h"
#include "validate/report/place.h"
#include "validate/report/rules.h"

namespace kubegate::report {

namespace {

constexpr std::size_t kMostNotes = 1000;

// What RFC 3986 lets stand in a path as it is.
bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/!$&'()*+,;=@").find(c) != std::string_view::npos;
}

std::string escaped(std::string_view path) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri;
  for (const char c : path) {
    if (is_plain(c)) {
      uri += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return uri;
}

// "schema/unknown-field" as an identifier: SchemaUnknownField.
std::string identifier_of(std::string_view rule) {
  std::string name;
  bool upper = true;
  for (const char c : rule) {
    const bool lower = c >= 'a' && c <= 'z', letter = lower || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) name += upper && lower ? static_cast<char>(c - 'a' + 'A') : c;
    upper = !letter;
  }
  return name;
}

class Sarif final : public Output {
 public:
  Sarif(OutputOptions options, Sink& sink) : options_(std::move(options)), sink_(sink), json_(sink.text()) {
    json_.begin_object();
    json_.member("$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json");
    json_.member("version", "2.1.0");
    json_.begin_array("runs");
    json_.begin_object();
    json_.member("columnKind", "unicodeCodePoints");
    json_.begin_object("originalUriBaseIds");
    json_.begin_object("%SRCROOT%");
    json_.begin_object("description");
    json_.member("text", "The top of the repository.");
    json_.end_object();
    json_.end_object();
    json_.end_object();
    json_.begin_array("results");
    line();
  }

  void write(const Resource& resource) override {
    const std::string path = repository_path(resource.path, options_);
    for (const AnyFinding& each : all_findings(resource)) {
      result(path, resource, *each.finding, each.suppressed);
      sink_.drain();
    }
    if (resource.status == Status::kError && resource.findings.empty()) note("error", resource.note, path, 0);
    if (resource.findings_left_out > 0) note("note", left_out(resource), path, resource.line);
  }

  void finish(const Summary& summary) override {
    json_.end_array();
    json_.begin_object("tool");
    json_.begin_object("driver");
    json_.member("name", "kubegate");
    if (!options_.version.empty()) {
      json_.member("version", options_.version);
      json_.member("semanticVersion", options_.version);
    }
    json_.begin_array("rules");
    for (const std::string& rule : rules_) describe(rule);
    json_.end_array();
    json_.end_object();
    json_.end_object();
    invocation(summary);
    json_.begin_object("properties");
    targets("kubernetesVersions", options_.targets);
    json_.member("summary", summary_line(summary));
    json_.end_object();
    json_.end_object();
    json_.end_array();
    json_.end_object();
    line();
  }

 private:
  struct Note {
    std::string_view level;
    std::string text, path;
    std::uint32_t line;
  };

  // A line break between two values, for those who look at the file.
  void line() { sink_.text() += '\n'; }

  void message(std::string_view name, std::string_view text) {
    json_.begin_object(name);
    json_.member("text", text);
    json_.end_object();
  }

  template <class Names>
  void targets(std::string_view name, const Names& names) {
    json_.begin_array(name);
    for (const auto& target : names) json_.string(target);
    json_.end_array();
  }

  std::uint64_t index_of(std::string_view rule) {
    const auto [found, is_new] = indices_.try_emplace(std::string(rule), rules_.size());
    if (is_new) rules_.emplace_back(rule);
    return found->second;
  }

  void result(std::string_view path, const Resource& resource, const LocatedFinding& finding,
              const Suppressed* suppressed) {
    json_.begin_object();
    json_.member("ruleId", finding.rule);
    json_.number("ruleIndex", index_of(finding.rule));
    json_.member("level", name_of_severity(finding.severity));
    message("message", finding.message);
    json_.begin_array("locations");
    json_.begin_object();
    json_.begin_object("physicalLocation");
    artifact(path);
    if (has_place(resource, finding)) region(finding);
    json_.end_object();
    logical_locations(resource, finding);
    json_.end_object();
    json_.end_array();
    json_.begin_object("partialFingerprints");
    json_.member(Fingerprints::kName, fingerprints_.next(path, resource, finding));
    json_.end_object();
    if (suppressed != nullptr) suppression(*suppressed);
    json_.begin_object("properties");
    targets("kubernetesVersions", targets_of(finding, options_));
    if (!finding.pointer.empty()) json_.member("pointer", finding.pointer);
    json_.end_object();
    json_.end_object();
    line();
  }

  void suppression(const Suppressed& suppressed) {
    json_.begin_array("suppressions");
    json_.begin_object();
    json_.member("kind", suppressed.kind == Suppressed::Kind::kIgnored ? "inSource" : "external");
    if (!suppressed.reason.empty()) json_.member("justification", suppressed.reason);
    json_.end_object();
    json_.end_array();
  }

  void artifact(std::string_view path) {
    json_.begin_object("artifactLocation");
    if (path.starts_with('/')) {
      json_.member("uri", "file://" + escaped(path));
    } else {
      json_.member("uri", escaped(path));
      json_.member("uriBaseId", "%SRCROOT%");
    }
    json_.end_object();
  }

  // What is at fault, and where the whole line is known, that besides.
  void region(const LocatedFinding& finding) {
    const Excerpt& excerpt = finding.excerpt;
    json_.begin_object("region");
    json_.number("startLine", finding.line);
    json_.number("startColumn", finding.column);
    json_.number("endLine", finding.line);
    json_.number("endColumn", end_column(finding));
    if (excerpt.begin <= excerpt.text.size()) {
      message("snippet", std::string_view(excerpt.text).substr(excerpt.begin, excerpt.length));
    }
    json_.end_object();
    if (excerpt.cut_before || excerpt.cut_after || excerpt.text.empty()) return;
    json_.begin_object("contextRegion");
    json_.number("startLine", finding.line);
    json_.number("endLine", finding.line);
    message("snippet", excerpt.text);
    json_.end_object();
  }

  void logical_locations(const Resource& resource, const LocatedFinding& finding) {
    const std::string identity = object_identity(resource);
    if (identity.empty()) return;
    json_.begin_array("logicalLocations");
    json_.begin_object();
    json_.member("name", resource.name.empty() ? resource.kind : resource.name);
    json_.member("fullyQualifiedName", identity);
    json_.member("kind", "resource");
    json_.end_object();
    if (!finding.field.empty()) {
      json_.begin_object();
      json_.member("name", finding.field);
      json_.member("fullyQualifiedName", identity + "#" + finding.field);
      json_.member("kind", "property");
      json_.end_object();
    }
    json_.end_array();
  }

  void describe(const std::string& rule) {
    json_.begin_object();
    json_.member("id", rule);
    json_.member("name", identifier_of(rule));
    if (const RulePage* page = find_rule_page(rule)) {
      const std::string whole = std::string(page->summary) + "\n\n" + std::string(page->body);
      const std::string_view first = page->body.starts_with("##") ? std::string_view() : page->body;
      const std::string_view more = first.substr(0, first.find("\n\n"));
      message("shortDescription", page->summary);
      message("fullDescription", more.empty() ? page->summary : more);
      json_.begin_object("help");
      json_.member("text", whole);
      json_.member("markdown", whole);
      json_.end_object();
      json_.member("helpUri", page->link);
      json_.begin_object("defaultConfiguration");
      json_.member("level", name_of_severity(page->severity));
      json_.end_object();
      json_.begin_object("properties");
      targets("tags", page->tags);
      json_.end_object();
    }
    json_.end_object();
    line();
  }

  void note(std::string_view level, std::string text, std::string path, std::uint32_t at_line) {
    failed_ |= level == "error";
    if (notes_.size() < kMostNotes) {
      notes_.push_back({level, std::move(text), std::move(path), at_line});
    } else {
      ++more_notes_;
    }
  }

  void invocation(const Summary& summary) {
    json_.begin_array("invocations");
    json_.begin_object();
    json_.boolean("executionSuccessful", !failed_ && summary.files_not_read == 0);
    json_.begin_array("toolExecutionNotifications");
    for (const Note& told : notes_) {
      json_.begin_object();
      json_.member("level", told.level);
      message("message", told.text.empty() ? std::string_view("cannot be read") : std::string_view(told.text));
      json_.begin_array("locations");
      json_.begin_object();
      json_.begin_object("physicalLocation");
      artifact(told.path);
      if (told.line > 0) {
        json_.begin_object("region");
        json_.number("startLine", told.line);
        json_.end_object();
      }
      json_.end_object();
      json_.end_object();
      json_.end_array();
      json_.end_object();
    }
    if (more_notes_ > 0) {
      json_.begin_object();
      json_.member("level", "note");
      message("message", std::to_string(more_notes_) + " more notifications are not listed");
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
    json_.end_array();
  }

  const OutputOptions options_;
  Sink& sink_;
  CompactJson json_;
  Fingerprints fingerprints_;
  std::vector<std::string> rules_;  // by their index
  std::map<std::string, std::uint64_t, std::less<>> indices_;
  std::vector<Note> notes_;
  std::uint64_t more_notes_ = 0;
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<Output> make_sarif(OutputOptions options, Sink& sink) {
  return std::make_unique<Sarif>(std::move(options), sink);
}

}  // namespace kubegate::report
