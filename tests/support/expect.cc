#include "tests/support/expect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/support/oracle.h"
#include "validate/document/read.h"

namespace kubegate::testing {
namespace {

struct Expected {
  std::string severity, field, at, message;

  bool met_by(const Finding& finding, const document::Document& document) const {
    return (severity == "error") == (finding.severity == Severity::kError) && finding.field == field &&
           document.source().substr(finding.span.begin, finding.span.length) == at &&
           finding.message.find(message) != std::string::npos;
  }
};

// "# error FIELD `AT`: MESSAGE"
std::vector<Expected> expected_in(std::string_view source) {
  std::vector<Expected> expected;
  std::istringstream lines{std::string(source)};
  for (std::string line; std::getline(lines, line);) {
    Expected one;
    for (const char* severity : {"error", "warning"}) {
      const std::string start = std::string("# ") + severity + " ";
      if (line.starts_with(start)) one = {severity, line.substr(start.size()), "", ""};
    }
    const std::size_t tick = one.field.find(" `");
    const std::size_t end = one.field.find("`: ", tick + 2);
    if (tick == std::string::npos || end == std::string::npos) continue;
    one.message = one.field.substr(end + 3);
    one.at = one.field.substr(tick + 2, end - tick - 2);
    one.field.resize(tick);
    expected.push_back(std::move(one));
  }
  return expected;
}

}  // namespace

int expect_findings_in(const std::string& path,
                       const std::function<std::vector<Finding>(const document::Document&)>& check) {
  const std::string text = read_file(path);
  int documents = 0;
  for (const document::Slice& slice : document::split(text, document::Syntax::kYaml)) {
    document::Document read;
    document::read(slice, document::Syntax::kYaml, document::Limits{}, read);
    EXPECT_TRUE(read.faults().empty()) << path << ":" << slice.first_line << ": " << read.faults()[0].message;
    ++documents;
    std::vector<Expected> expected = expected_in(read.source());
    for (const Finding& finding : check(read)) {
      const auto met = std::find_if(expected.begin(), expected.end(),
                                    [&](const Expected& one) { return one.met_by(finding, read); });
      if (met != expected.end()) {
        expected.erase(met);
        continue;
      }
      ADD_FAILURE() << path << ":" << slice.first_line << ": not expected:\n# "
                    << (finding.severity == Severity::kError ? "error " : "warning ") << finding.field << " `"
                    << read.source().substr(finding.span.begin, finding.span.length) << "`: " << finding.message;
    }
    for (const Expected& one : expected) {
      ADD_FAILURE() << path << ":" << slice.first_line << ": not found:\n# " << one.severity << " " << one.field << " `"
                    << one.at << "`: " << one.message;
    }
  }
  return documents;
}

}  // namespace kubegate::testing
