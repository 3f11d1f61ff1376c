// A page for a browser, in one file that needs no network: page.html, which is part of the binary, with the findings as
// JSON in it. What the reader does with them (totals, tables, search, filters, source lines) is that page's script.
//
// Findings are written as they come; the totals, which only the end of the run knows, stand behind them. So memory is
// bounded by the number of rules and folders. The page is bounded too: source lines are cut to a window around what is
// at fault and left out once 8 MiB of findings are written; from 24 MiB on, findings are only counted. All of 100,000
// ordinary findings are listed then, and totals are always complete; the page says what it leaves out.
//
// What manifests say reaches the page as JSON without `<`, so that it cannot end its element, is made safe as for a
// terminal, and the script puts it there as text, never as HTML.
//
// Tested in tests/validate/report/html_test.cc, and opened, clicked and filtered in a browser by ci/e2e.
#include <algorithm>
#include <map>
#include <vector>

#include "validate/report/forms.h"
#include "validate/report/json_text.h"
#include "validate/report/place.h"
#include "validate/report/rules.h"
#include "validate/report/text.h"

extern "C" {
extern const char kubegate_html_page_begin[];
extern const char kubegate_html_page_end[];
}

namespace kubegate::report {

namespace {

constexpr std::size_t kMostWithLines = 8 << 20, kMostFindings = 24 << 20;  // bytes
constexpr std::size_t kMostText = 2000;                                    // bytes of a message or name
constexpr std::size_t kBefore = 80, kMarked = 160, kBehind = 80;           // bytes of a source line
constexpr std::size_t kMostFolders = 5000, kMostUnread = 1000;

// Where the findings stand in the page.
constexpr std::string_view kMark = "<!--findings-->";

std::string_view page() {
  return {kubegate_html_page_begin, static_cast<std::size_t>(kubegate_html_page_end - kubegate_html_page_begin)};
}

struct Counts {
  std::uint64_t errors = 0, warnings = 0;

  void count(Severity severity) { ++(severity == Severity::kError ? errors : warnings); }
};

struct RuleCounts : Counts {
  std::uint64_t index = 0;
};

class Html final : public Output {
 public:
  Html(OutputOptions options, Sink& sink) : options_(std::move(options)), sink_(sink), findings_(sink.text()) {
    sink_.text() += page().substr(0, page().find(kMark));
    begin_data("findings");
    findings_.begin_array();
  }

  void write(const Resource& resource) override {
    const std::string path = repository_path(resource.path, options_);
    if (resource.status == Status::kError && resource.findings.empty()) unread(path, resource.note);
    if (resource.findings.empty()) return;
    for (const LocatedFinding& finding : resource.findings) {
      RuleCounts& rule = rules_.try_emplace(std::string(finding.rule), RuleCounts{{}, rules_.size()}).first->second;
      rule.count(finding.severity);
      folder(path).count(finding.severity);
    }
    unlisted_ += resource.findings_left_out;
    if (written_ >= kMostFindings) {
      unlisted_ += resource.findings.size();
      return;
    }
    const std::size_t before = sink_.text().size();
    list(path, resource);
    written_ += sink_.text().size() - before;
    sink_.drain();
  }

  void finish(const Summary& summary) override {
    findings_.end_array();
    end_data();
    begin_data("report");
    append_report(summary);
    end_data();
    sink_.text() += page().substr(page().find(kMark) + kMark.size());
  }

 private:
  void begin_data(std::string_view id) {
    sink_.text() += "<script type=\"application/json\" id=\"";
    sink_.text() += id;
    sink_.text() += "\">";
  }
  void end_data() { sink_.text() += "</script>\n"; }

  static std::string shown(std::string_view text) {
    std::string safe;
    append_safe(safe, head(text, kMostText));
    if (text.size() > kMostText) safe += "…";
    return safe;
  }

  Counts& folder(std::string_view path) {
    const std::string name = shown(folder_of(path));
    if (folders_.size() >= kMostFolders && folders_.find(name) == folders_.end()) return other_folders_;
    return folders_[name];
  }

  void unread(std::string_view path, std::string_view why) {
    if (unread_.size() < kMostUnread) {
      unread_.push_back(shown(path) + ": " + (why.empty() ? "cannot be read" : shown(why)));
    } else {
      ++more_unread_;
    }
  }

  // [path, object, [finding…]]; a finding is [rule, severity, line, column, message, targets, field] and where it has a
  // source line, that in three: before what is at fault, this, behind it.
  void list(std::string_view path, const Resource& resource) {
    findings_.begin_array();
    findings_.string(shown(path));
    findings_.string(shown(object_name(resource)));
    findings_.begin_array();
    for (const LocatedFinding& finding : resource.findings) {
      findings_.begin_array();
      findings_.number(rules_.find(finding.rule)->second.index);
      findings_.number(finding.severity == Severity::kError ? 0 : 1);
      findings_.number(has_place(resource, finding) ? finding.line : 0);
      findings_.number(finding.column);
      findings_.string(shown(finding.message));
      findings_.string(limited_to(finding, options_));
      findings_.string(shown(finding.field));
      if (written_ < kMostWithLines && !finding.excerpt.text.empty()) source_line(finding.excerpt);
      findings_.end_array();
    }
    findings_.end_array();
    findings_.end_array();
    sink_.text() += '\n';
  }

  void source_line(const Excerpt& excerpt) {
    const std::string_view text = excerpt.text;
    const std::size_t begin = std::min<std::size_t>(excerpt.begin, text.size());
    const std::size_t length = std::min<std::size_t>(excerpt.length, text.size() - begin);
    const std::string_view before = tail(text.substr(0, begin), kBefore);
    const std::string_view marked = head(text.substr(begin, length), kMarked);
    const std::string_view behind = head(text.substr(begin + marked.size()), kBehind);
    std::string part;
    if (excerpt.cut_before || before.size() < begin) part = "…";
    append_safe(part, before);
    findings_.string(part);
    part.clear();
    append_safe(part, marked);
    findings_.string(part);
    part.clear();
    append_safe(part, behind);
    if (excerpt.cut_after || begin + marked.size() + behind.size() < text.size()) part += "…";
    findings_.string(part);
  }

  void append_report(const Summary& summary) {
    ScriptJson json(sink_.text());
    json.begin_object();
    json.member("version", options_.version);
    json.boolean("passed", summary.errors == 0 && summary.files_not_read == 0);
    json.member("summary", shown(summary_line(summary)));
    json.number("errors", summary.errors);
    json.number("warnings", summary.warnings);
    json.number("files", summary.files);
    json.number("objects", summary.objects);
    json.number("valid", summary.valid);
    json.number("unlisted", unlisted_);
    append_rules(json);
    json.begin_array("folders");
    for (const auto& [name, counts] : folders_) append_folder(json, name, counts);
    if (other_folders_.errors + other_folders_.warnings > 0) append_folder(json, "(other folders)", other_folders_);
    json.end_array();
    json.begin_array("unread");
    for (const std::string& told : unread_) json.string(told);
    if (more_unread_ > 0) json.string("and " + std::to_string(more_unread_) + " more");
    json.end_array();
    json.end_object();
  }

  static void append_folder(ScriptJson& json, std::string_view name, const Counts& counts) {
    json.begin_array();
    json.string(name);
    json.number(counts.errors);
    json.number(counts.warnings);
    json.end_array();
  }

  // In the order of their indices.
  void append_rules(ScriptJson& json) const {
    std::vector<const std::pair<const std::string, RuleCounts>*> order(rules_.size());
    for (const auto& rule : rules_) order[rule.second.index] = &rule;
    json.begin_array("rules");
    for (const auto* rule : order) {
      json.begin_object();
      json.member("id", shown(rule->first));
      json.number("errors", rule->second.errors);
      json.number("warnings", rule->second.warnings);
      if (const RulePage* help = find_rule_page(rule->first)) {
        json.member("summary", help->summary);
        json.member("why", section_of(*help, "Why"));
        json.member("mend", section_of(*help, "How to mend"));
        json.member("link", help->link);
      }
      json.end_object();
    }
    json.end_array();
  }

  const OutputOptions options_;
  Sink& sink_;
  ScriptJson findings_;
  std::map<std::string, RuleCounts, std::less<>> rules_;
  std::map<std::string, Counts, std::less<>> folders_;
  Counts other_folders_;
  std::vector<std::string> unread_;
  std::uint64_t more_unread_ = 0, unlisted_ = 0;
  std::size_t written_ = 0;  // bytes of findings
};

}  // namespace

std::unique_ptr<Output> make_html(OutputOptions options, Sink& sink) {
  return std::make_unique<Html>(std::move(options), sink);
}

}  // namespace kubegate::report
