// A comment on a pull request: the verdict, a table by rule, and the findings of each file folded below it.
//
// GitHub takes 65,536 characters; the whole stays below as many bytes. The head needs the end of the run, so the text of
// the details waits, up to its share of that bound; a resource whose findings do not fit any more is counted and not
// shown, and the comment says so. The first line is a mark by which a job finds the comment it wrote before.
//
// What manifests say stands in <pre> and <code> alone, escaped: there it is neither Markdown, nor HTML, nor a mention of
// somebody.
//
// Tested in tests/validate/report/markdown_test.cc.
#include <algorithm>
#include <map>

#include "validate/report/changes.h"
#include "validate/report/forms.h"
#include "validate/report/place.h"
#include "validate/report/rules.h"
#include "validate/report/text.h"

namespace kubegate::report {

namespace {

// Bytes. The head, with the line of the summary, takes what is left of 64 KiB.
constexpr std::size_t kMostDetails = 48 << 10, kMostTable = 12 << 10;
constexpr std::size_t kMostName = 200;    // of a rule or path that is shown,
constexpr std::size_t kMostFrame = 2048;  // which with its escapes, and all else that a file has besides, stays below

// Text in a <code> element on one line of a table.
std::string code(std::string_view text) {
  std::string safe, out = "<code>";
  append_safe(safe, head(text, kMostName));
  for (const char c : safe) {
    if (std::string_view("&<>|`*_[]\\~\"@#:").find(c) != std::string_view::npos) {
      out += "&#" + std::to_string(static_cast<unsigned char>(c)) + ";";
    } else {
      out += c;
    }
  }
  if (text.size() > kMostName) out += "…";
  return out + "</code>";
}

// Lines in a <pre> element.
std::string preformatted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += c;
    }
  }
  return out;
}

struct Counts {
  std::uint64_t errors = 0, warnings = 0;

  void count(Severity severity) { ++(severity == Severity::kError ? errors : warnings); }
};

std::string counted(std::uint64_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

class Markdown final : public Output {
 public:
  Markdown(OutputOptions options, Sink& sink) : options_(std::move(options)), sink_(sink) {
    options_.verbose = options_.colour = false;
    if (!options_.changes.empty()) most_details_ -= kMostChangesBeside;
  }

  void write(const Resource& resource) override {
    if (resource.status == Status::kError && resource.findings.empty()) ++unread_;
    if (resource.findings.empty()) return;
    if (resource.path != path_) {
      end_file();
      path_ = resource.path;
    }
    for (const LocatedFinding& finding : resource.findings) {
      rules_[std::string(finding.rule)].count(finding.severity);
      file_.count(finding.severity);
    }
    Sink lines;
    make_lines(options_, lines, true)->write(resource);
    const std::string text = preformatted(lines.text());
    if (details_.size() + block_.size() + text.size() + kMostFrame > most_details_) {
      not_shown_ += resource.findings.size();
    } else {
      block_ += text;
    }
  }

  void finish(const Summary& summary) override {
    end_file();
    std::string text = "<!-- kubegate report -->\n### kubegate: ";
    text += summary.errors > 0 ? "refused" : unread_ > 0 ? "not everything could be read" : "passed";
    text += "\n\n" + summary_line(summary) + "\n";
    append_table(text);
    text += details_;
    if (not_shown_ > 0) text += "\n" + counted(not_shown_, "more finding") + " not shown here.\n";
    if (!options_.changes.empty()) text += "\n" + options_.changes;
    sink_.text() += text;
  }

 private:
  void end_file() {
    if (!block_.empty()) {
      details_ += "\n<details><summary>" + code(repository_path(path_, options_)) + ": ";
      if (file_.errors > 0) details_ += counted(file_.errors, "error");
      if (file_.errors > 0 && file_.warnings > 0) details_ += ", ";
      if (file_.warnings > 0) details_ += counted(file_.warnings, "warning");
      details_ += "</summary>\n\n<pre>\n" + block_ + "</pre>\n\n</details>\n";
    }
    block_.clear();
    file_ = {};
  }

  // The rules with most errors first.
  void append_table(std::string& text) const {
    if (rules_.empty()) return;
    std::vector<std::pair<std::string_view, Counts>> rows(rules_.begin(), rules_.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return std::pair(a.second.errors, a.second.warnings) > std::pair(b.second.errors, b.second.warnings);
    });
    std::string table = "\n| rule | errors | warnings | |\n|---|---:|---:|---|\n";
    std::size_t left = rows.size();
    for (const auto& [rule, counts] : rows) {
      const RulePage* page = find_rule_page(rule);
      const std::string row = "| " + code(rule) + " | " + std::to_string(counts.errors) + " | " +
                              std::to_string(counts.warnings) + " | " +
                              (page == nullptr ? std::string() : std::string(page->summary)) + " |\n";
      if (table.size() + row.size() > kMostTable) break;
      table += row;
      --left;
    }
    if (left > 0) table += "\n" + counted(left, "more rule") + " not listed here.\n";
    text += table;
  }

  OutputOptions options_;
  Sink& sink_;
  std::map<std::string, Counts> rules_;
  std::string details_;  // of the files before this one
  std::string block_;    // of this one
  std::string path_;
  Counts file_;
  std::uint64_t not_shown_ = 0, unread_ = 0;
  std::size_t most_details_ = kMostDetails;
};

}  // namespace

std::unique_ptr<Output> make_markdown(OutputOptions options, Sink& sink) {
  return std::make_unique<Markdown>(std::move(options), sink);
}

}  // namespace kubegate::report
