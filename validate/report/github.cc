// Workflow commands of GitHub Actions: a line `::error file=…,line=…,col=…::message` becomes an annotation beside the
// code of a pull request. What manifests say goes through two tables of escapes (actions/toolkit, packages/core
// command.ts): a line break in a name must not start a command of its own.
//
// The lines of a file are one group of the log. GitHub shows ten annotations of each level for a step and drops the
// others in silence, so the last lines say when there were more; the log has all of them.
//
// Tested in tests/validate/report/github_test.cc.
#include "validate/report/forms.h"
#include "validate/report/place.h"
#include "validate/report/text.h"

namespace kubegate::report {

namespace {

constexpr std::uint64_t kShown = 10;  // annotations of a level and a step

void append_escaped(std::string& out, std::string_view text, bool property) {
  while (!text.empty()) {
    const CodePoint c = decode(text);
    if (c.value == '%') {
      out += "%25";
    } else if (c.value == '\r') {
      out += "%0D";
    } else if (c.value == '\n') {
      out += "%0A";
    } else if (property && c.value == ':') {
      out += "%3A";
    } else if (property && c.value == ',') {
      out += "%2C";
    } else {
      append_safe(out, text.substr(0, c.length));  // the log knows the colours of a terminal
    }
    text.remove_prefix(c.length);
  }
}

class GitHub final : public Output {
 public:
  GitHub(OutputOptions options, Sink& sink) : options_(std::move(options)), sink_(sink), out_(sink.text()) {}

  void write(const Resource& resource) override {
    const bool unread = resource.status == Status::kError && resource.findings.empty();
    if (resource.findings.empty() && !unread) return;
    const std::string path = repository_path(resource.path, options_);
    if (!open_ || path != group_) open_group(path);
    for (const LocatedFinding& finding : resource.findings) annotate(path, resource, finding);
    if (unread) {
      begin("error", path);
      end(resource.note.empty() ? "cannot be read" : resource.note);
    }
    if (resource.findings_left_out > 0) {
      begin("notice", path);
      if (resource.line > 0) property("line", std::to_string(resource.line));
      end(left_out(resource));
    }
    sink_.drain();
  }

  void finish(const Summary& summary) override {
    close_group();
    if (errors_ > kShown || warnings_ > kShown) {
      out_ += "::notice title=kubegate::GitHub shows " + std::to_string(kShown) +
              " errors and as many warnings of a step beside the code; this one has " + std::to_string(errors_) +
              " and " + std::to_string(warnings_) + ": the log has all of them\n";
    }
    out_ += summary_line(summary) + "\n";
  }

 private:
  void open_group(const std::string& path) {
    close_group();
    out_ += "::group::";
    append_escaped(out_, path, false);
    out_ += '\n';
    group_ = path;
    open_ = true;
  }
  void close_group() {
    if (open_) out_ += "::endgroup::\n";
    open_ = false;
  }

  void begin(std::string_view level, std::string_view path) {
    if (level == "error") ++errors_;
    if (level == "warning") ++warnings_;
    out_ += "::";
    out_ += level;
    out_ += " file=";
    append_escaped(out_, path, true);
  }
  void property(std::string_view name, std::string_view value) {
    out_ += ',';
    out_ += name;
    out_ += '=';
    append_escaped(out_, value, true);
  }
  void end(std::string_view message) {
    out_ += "::";
    append_escaped(out_, message, false);
    out_ += '\n';
  }

  void annotate(std::string_view path, const Resource& resource, const LocatedFinding& finding) {
    begin(name_of_severity(finding.severity), path);
    if (has_place(resource, finding)) {
      const std::string line = std::to_string(finding.line);
      property("line", line);
      property("endLine", line);
      property("col", std::to_string(finding.column));
      property("endColumn", std::to_string(end_column(finding)));
    }
    property("title", finding.rule);
    std::string more = object_name(resource);
    if (const std::string targets = limited_to(finding, options_); !targets.empty()) {
      more += (more.empty() ? "" : ", ") + targets + " only";
    }
    end(more.empty() ? finding.message : finding.message + " (" + more + ")");
  }

  const OutputOptions options_;
  Sink& sink_;
  std::string& out_;
  std::string group_;  // the path whose lines are being written
  bool open_ = false;
  std::uint64_t errors_ = 0, warnings_ = 0;
};

}  // namespace

std::unique_ptr<Output> make_github(OutputOptions options, Sink& sink) {
  return std::make_unique<GitHub>(std::move(options), sink);
}

}  // namespace kubegate::report
