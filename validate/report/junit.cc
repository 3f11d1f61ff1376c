// JUnit's XML as kubeconform writes it: a suite a file, a case an object, named [namespace/]name, of the class
// Kind@version. Where kubeconform leaves a suite's counts of failures at zero and does not say what a failure is, they
// are right here; a case also says its file and line, which GitLab shows.
//
// A suite counts its cases before it lists them, and the whole does so with its suites. So the text of the report waits
// in memory: some 200 bytes an object. The time is the only thing in a report that differs from run to run.
//
// Tested in tests/validate/report/golden_test.cc by a golden file, and in junit_test.cc.
#include <chrono>
#include <cstdio>

#include "validate/report/forms.h"
#include "validate/report/place.h"
#include "validate/report/text.h"

namespace kubegate::report {

namespace {

// Text in XML 1.0, which has no place for most control characters; `attribute`: line breaks and tabs are kept apart from
// blanks.
void append_escaped(std::string& out, std::string_view text, bool attribute) {
  while (!text.empty()) {
    const CodePoint c = decode(text);
    text.remove_prefix(c.length);
    switch (c.value) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += attribute ? "&#xA;" : "\n"; break;
      case '\t': out += attribute ? "&#x9;" : "\t"; break;
      case '\r': out += "&#xD;"; break;
      default: append_utf8(out, c.value < 0x20 || c.value == 0xFFFE || c.value == 0xFFFF ? U'\uFFFD' : c.value);
    }
  }
}

struct Counts {
  std::uint64_t tests = 0, failures = 0, errors = 0, skipped = 0;

  void count(Status status) {
    ++tests;
    failures += status == Status::kInvalid;
    errors += status == Status::kError;
    skipped += status == Status::kSkipped;
  }
};

class Junit final : public Output {
 public:
  Junit(OutputOptions options, Sink& sink) : options_(std::move(options)), sink_(sink) {
    options_.colour = false;
    options_.verbose = false;
  }

  void write(const Resource& resource) override {
    if (suites_ == 0 || resource.path != path_) {
      end_suite();
      path_ = resource.path;
      ++suites_;
    }
    suite_.count(resource.status);
    all_.count(resource.status);
    append_case(resource);
  }

  void finish(const Summary&) override {
    end_suite();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin_;
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.6f", time.count());
    std::string& out = sink_.text();
    out += "<testsuites name=\"kubegate\"";
    attribute(out, "time", seconds);
    attribute(out, "tests", std::to_string(all_.tests));
    attribute(out, "failures", std::to_string(all_.failures));
    attribute(out, "disabled", std::to_string(all_.skipped));
    attribute(out, "errors", std::to_string(all_.errors));
    out += ">\n" + text_ + "</testsuites>\n";
  }

 private:
  static void attribute(std::string& out, std::string_view name, std::string_view value) {
    out += ' ';
    out += name;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
  }

  void end_suite() {
    if (suites_ == 0) return;
    text_ += "  <testsuite";
    attribute(text_, "name", path_);
    attribute(text_, "id", std::to_string(suites_));
    attribute(text_, "tests", std::to_string(suite_.tests));
    attribute(text_, "failures", std::to_string(suite_.failures));
    attribute(text_, "errors", std::to_string(suite_.errors));
    attribute(text_, "disabled", "0");
    attribute(text_, "skipped", std::to_string(suite_.skipped));
    text_ += ">\n" + cases_ + "  </testsuite>\n";
    cases_.clear();
    suite_ = {};
  }

  // What the case is called: an object by its name, anything else by its line.
  static std::string name_of(const Resource& resource) {
    if (resource.name.empty()) {
      return resource.line > 0 ? "line " + std::to_string(resource.line) : std::string(resource.path);
    }
    return resource.namespace_.empty() ? resource.name : resource.namespace_ + '/' + resource.name;
  }

  void append_case(const Resource& resource) {
    cases_ += "    <testcase";
    attribute(cases_, "name", name_of(resource));
    attribute(cases_, "classname", resource.kind + '@' + resource.api_version);
    attribute(cases_, "file", repository_path(resource.path, options_));
    if (resource.line > 0) attribute(cases_, "line", std::to_string(resource.line));
    switch (resource.status) {
      case Status::kValid:
        if (resource.findings.empty() && resource.suppressed.empty()) {
          cases_ += "></testcase>\n";
          return;
        }
        cases_ += "><system-out>";
        append_lines(resource);
        append_suppressed(resource);
        cases_ += "</system-out>";
        break;
      case Status::kSkipped:
        cases_ += "><skipped";
        attribute(cases_, "message", resource.note);
        cases_ += "></skipped>";
        break;
      case Status::kInvalid: append_fault("failure", resource); break;
      case Status::kError: append_fault("error", resource); break;
    }
    cases_ += "</testcase>\n";
  }

  void append_fault(std::string_view element, const Resource& resource) {
    std::string_view rule;
    for (const LocatedFinding& finding : resource.findings) {
      if (rule.empty() && finding.severity == Severity::kError) rule = finding.rule;
    }
    cases_ += "><";
    cases_ += element;
    attribute(cases_, "message", joined_errors(resource));
    attribute(cases_, "type", rule);
    cases_ += '>';
    append_lines(resource);
    cases_ += "</";
    cases_ += element;
    cases_ += '>';
    if (resource.suppressed.empty()) return;
    cases_ += "<system-out>";
    append_suppressed(resource);
    cases_ += "</system-out>";
  }

  // What is ignored or known fails nothing, but is not passed over in silence.
  void append_suppressed(const Resource& resource) {
    for (const Suppressed& suppressed : resource.suppressed) {
      const LocatedFinding& finding = suppressed.finding;
      const std::string line = std::to_string(finding.line) + ':' + std::to_string(finding.column);
      append_escaped(cases_, std::string(resource.path) + ':' + line + ": " + finding.message + " [", false);
      append_escaped(cases_, std::string(finding.rule) + "] (" + why_suppressed(suppressed) + ")\n", false);
    }
  }

  // The findings as the full form tells them.
  void append_lines(const Resource& resource) {
    Sink lines;
    make_lines(options_, lines, true)->write(resource);
    append_escaped(cases_, lines.text(), false);
  }

  OutputOptions options_;
  Sink& sink_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::string text_;   // of the suites before this one
  std::string cases_;  // of this suite
  std::string path_;   // and its file
  std::uint64_t suites_ = 0;
  Counts suite_, all_;
};

}  // namespace

std::unique_ptr<Output> make_junit(OutputOptions options, Sink& sink) {
  return std::make_unique<Junit>(std::move(options), sink);
}

}  // namespace kubegate::report
