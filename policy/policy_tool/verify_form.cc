#include "policy/policy_tool/verify.h"

#include <cstdio>
#include <string_view>

#include "policy/policy_tool/findings.h"
#include "validate/document/position.h"
#include "validate/report/text.h"
#include "validate/run/locate.h"

namespace kubegate::policy_tool {

namespace {

constexpr std::string_view kRule = "policy/suite";

std::string seconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3fs", std::chrono::duration<double>(time).count());
  return text;
}

class Text {
 public:
  explicit Text(const VerifyOptions& options) : options_(options) {}

  std::string write(const std::vector<SuiteOutcome>& outcomes) {
    bool failed = false;
    for (const SuiteOutcome& outcome : outcomes) {
      write(outcome);
      failed = failed || outcome.failed();
    }
    // gator ends with an empty line.
    return std::move(out_) + (failed ? "FAIL\n" : "PASS\n") + (options_.gator_compat ? "\n" : "");
  }

 private:
  void write(const SuiteOutcome& outcome) {
    const Suite& suite = *outcome.suite;
    for (std::size_t i = 0; i < outcome.tests.size(); ++i) write(suite, suite.tests[i], outcome.tests[i]);
    out_ += outcome.failed() ? "FAIL\t" : "ok\t";
    report::append_safe(out_, suite.path);
    out_ += "\t" + seconds(outcome.time) + "\n";
    if (!suite.error.empty()) error("  ", suite, 0, suite.error);
  }

  void write(const Suite& suite, const SuiteTest& test, const TestOutcome& outcome) {
    if (options_.verbose) {
      line(outcome.own.skipped ? "=== SKIP  " : "=== RUN   ", test.name);
      if (outcome.own.skipped) return;
    }
    for (std::size_t i = 0; i < outcome.cases.size(); ++i) write(suite, test.cases[i], outcome.cases[i]);
    if (outcome.failed()) {
      line("--- FAIL: ", test.name, outcome.own.time);
      if (outcome.own.failed()) error("  ", suite, test.node, outcome.own.error);
    } else if (options_.verbose) {
      line("--- PASS: ", test.name, outcome.own.time);
    }
  }

  void write(const Suite& suite, const Case& one, const Outcome& outcome) {
    if (options_.verbose) {
      line(outcome.skipped ? "    === SKIP  " : "    === RUN   ", one.name);
      if (outcome.skipped) return;
      if (!outcome.print.empty()) {
        out_ += "        === PRINT ===\n";
        for (std::size_t at = 0; at < outcome.print.size();) {
          const std::size_t end = outcome.print.find('\n', at);
          out_ += "        ";
          report::append_safe(out_, std::string_view(outcome.print).substr(at, end - at));
          out_ += '\n';
          at = end + 1;
        }
      }
    }
    if (outcome.failed()) {
      line("    --- FAIL: ", one.name, outcome.time);
      error("        ", suite, one.node, outcome.error);
    } else if (options_.verbose) {
      line("    --- PASS: ", one.name, outcome.time);
    }
  }

  void line(std::string_view head, std::string_view name) {
    out_ += head;
    report::append_safe(out_, name);
    out_ += '\n';
  }
  void line(std::string_view head, std::string_view name, std::chrono::nanoseconds time) {
    out_ += head;
    report::append_safe(out_, name);
    out_ += "\t(" + seconds(time) + ")\n";
  }

  void error(std::string_view indent, const Suite& suite, document::NodeIndex node, std::string_view message) {
    out_ += indent;
    if (!options_.gator_compat && !suite.document->document.empty()) {
      const document::Document& document = suite.document->document;
      const document::Position at = document::position_of(document, document[node].begin);
      report::append_safe(out_, suite.path);
      out_ += ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
    }
    report::append_safe(out_, message);
    out_ += '\n';
  }

  const VerifyOptions& options_;
  std::string out_;
};

// Tests and cases as resources of a report.
class Told {
 public:
  explicit Told(report::Output& output) : output_(output) {}

  void tell(const SuiteOutcome& outcome) {
    const Suite& suite = *outcome.suite;
    ++summary_.files;
    if (!suite.error.empty()) write(suite, "Suite", suite.path, 0, {suite.error, {}, false, {}});
    for (std::size_t i = 0; i < outcome.tests.size(); ++i) {
      const SuiteTest& test = suite.tests[i];
      const TestOutcome& result = outcome.tests[i];
      if (result.own.failed() || result.own.skipped || test.cases.empty()) {
        write(suite, "Test", test.name, test.node, result.own);
      }
      for (std::size_t k = 0; k < result.cases.size(); ++k) {
        write(suite, "Case", test.name + "//" + test.cases[k].name, test.cases[k].node, result.cases[k]);
      }
    }
  }
  void finish() { output_.finish(summary_); }

 private:
  void write(const Suite& suite, std::string_view kind, const std::string& name, document::NodeIndex node,
             const Outcome& outcome) {
    report::Resource resource;
    resource.path = suite.path;
    resource.api_version = "test.gatekeeper.sh/v1alpha1";
    resource.kind = kind;
    resource.name = name;
    ++summary_.objects;
    std::vector<Finding> findings;
    const document::Document& document = suite.document->document;
    if (!document.empty()) {
      const document::Position at = document::position_of(document, document[node].begin);
      resource.line = at.line;
      resource.column = at.column;
    }
    if (outcome.skipped) {
      resource.status = report::Status::kSkipped;
      resource.note = "skipped";
      ++summary_.objects_skipped;
    } else if (outcome.failed()) {
      resource.status = report::Status::kInvalid;
      ++summary_.errors;
      Finding finding;
      finding.rule = kRule;
      finding.message = outcome.error;
      if (!document.empty()) finding.span = document[node].span();
      findings.push_back(std::move(finding));
    }
    run::locate(document, findings, resource.findings);
    output_.write(resource);
  }

  report::Output& output_;
  report::Summary summary_;
};

}  // namespace

std::string verify_text(const std::vector<SuiteOutcome>& outcomes, const VerifyOptions& options) {
  return Text(options).write(outcomes);
}

void verify_report(const std::vector<SuiteOutcome>& outcomes, report::Output& output) {
  Told told(output);
  for (const SuiteOutcome& outcome : outcomes) told.tell(outcome);
  told.finish();
}

}  // namespace kubegate::policy_tool
