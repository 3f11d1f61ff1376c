#include <cstdio>

#include "validate/base/base64.h"
#include "policy/rego_tool/test_cases.h"

namespace kubegate::rego_tool {
namespace {

constexpr std::string_view kLine = "--------------------------------------------------------------------------------\n";

// As Go prints a time.Duration: 640ns, 217.5µs, 1.25s.
std::string duration_text(std::chrono::nanoseconds duration) {
  const auto ns = duration.count();
  const auto decimal = [](double value, int digits, const char* unit) {
    char buffer[48];
    std::string text(buffer, static_cast<std::size_t>(std::snprintf(buffer, sizeof buffer, "%.*f", digits, value)));
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text + unit;
  };
  if (ns < 1000) return std::to_string(ns) + "ns";
  if (ns < 1000000) return decimal(static_cast<double>(ns) / 1e3, 3, "µs");
  if (ns < 1000000000) return decimal(static_cast<double>(ns) / 1e6, 6, "ms");
  return decimal(static_cast<double>(ns) / 1e9, 9, "s");
}

std::string line_of(const TestResult& result) {
  const std::string name = result.test->package + "." + result.test->name + ": ";
  if (result.skip) return name + "SKIPPED";
  return name + (result.pass() ? "PASS" : result.fail ? "FAIL" : "ERROR") + " (" + duration_text(result.duration) + ")";
}

// Each line of `text` behind two spaces.
std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out += "  " + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == text.npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

void append_cases(std::string& out, const std::map<std::string, SubResult>& cases, std::size_t depth, bool all) {
  for (const auto& [name, result] : cases) {
    if (all || result.fail) out += std::string(2 + 2 * depth, ' ') + name + (result.fail ? ": FAIL\n" : ": PASS\n");
    append_cases(out, result.cases, depth + 1, all);
  }
}

void count_leaves(const std::map<std::string, SubResult>& cases, std::size_t& pass, std::size_t& fail) {
  for (const auto& [name, result] : cases) {
    if (result.cases.empty()) ++(result.fail ? fail : pass);
    count_leaves(result.cases, pass, fail);
  }
}

std::string cases_json(const std::map<std::string, SubResult>& cases, const std::string& prefix) {
  std::string out = "{\n";
  for (auto entry = cases.begin(); entry != cases.end(); ++entry) {
    const auto& [name, result] = *entry;
    out += prefix + "  " + json_text(name) + ": {\n" + prefix + "    \"name\": " + json_text(name);
    if (result.fail) out += ",\n" + prefix + "    \"fail\": true";
    if (!result.cases.empty())
      out += ",\n" + prefix + "    \"sub_results\": " + cases_json(result.cases, prefix + "    ");
    out += "\n" + prefix + "  }" + (std::next(entry) == cases.end() ? "\n" : ",\n");
  }
  return out + prefix + "}";
}

}  // namespace

std::string pretty_report(const std::vector<TestResult>& results, bool verbose) {
  std::string out;
  std::size_t pass = 0, fail = 0, skip = 0, errors = 0;
  std::string last_file;
  for (const TestResult& result : results) {
    if (result.skip) {
      ++skip;
    } else if (result.error) {
      ++errors;
    } else if (!result.cases.empty()) {
      count_leaves(result.cases, pass, fail);
    } else {
      ++(result.fail ? fail : pass);
    }
    if (!verbose && result.pass()) continue;
    if (!last_file.empty() && last_file != result.test->file) out += "\n";
    last_file = result.test->file;
    out += result.test->file + ":" + std::to_string(result.test->location.row) + ":\n" + line_of(result) + "\n";
    append_cases(out, result.cases, 0, verbose);
    if (!result.output.empty()) out += "\n" + indented(trimmed(result.output)) + "\n";
    if (result.error) out += "  " + result.error->text + "\n";
  }
  const bool listed = !out.empty();
  if (fail > 0) {
    (out += kLine).append("FAILURES\n").append(kLine);
    for (const TestResult& result : results) {
      if (!result.fail) continue;
      out += line_of(result) + "\n";
      append_cases(out, result.cases, 0, false);
      if (result.failed_at.row != 0) {
        out += "\n  " + result.test->file + ":" + std::to_string(result.failed_at.row) + ":\n";
        out += indented(indented(result.failed_text));
      }
      out += "\n";
    }
  }
  if (listed) out += kLine;
  const std::size_t total = pass + fail + skip + errors;
  const auto summary = [&](const char* name, std::size_t count) {
    if (count != 0) out += std::string(name) + ": " + std::to_string(count) + "/" + std::to_string(total) + "\n";
  };
  summary("PASS", pass);
  summary("FAIL", fail);
  summary("SKIPPED", skip);
  summary("ERROR", errors);
  return out;
}

std::string json_report(const std::vector<TestResult>& results) {
  if (results.empty()) return "[]\n";
  std::string out = "[\n";
  for (std::size_t i = 0; i < results.size(); ++i) {
    const TestResult& result = results[i];
    const TestCase& test = *result.test;
    out += "  {\n    \"location\": " + location_json(test.file, test.location, "    ");
    out += ",\n    \"package\": " + json_text(test.package) + ",\n    \"name\": " + json_text(test.name);
    if (result.fail) out += ",\n    \"fail\": true";
    if (result.error) {
      out += ",\n    \"error\": {\n      \"code\": " + json_text(result.error->code) +
             ",\n      \"message\": " + json_text(result.error->message);
      if (result.error->location.row != 0) {
        out += ",\n      \"location\": " + location_json(result.error->file, result.error->location, "      ");
      }
      out += "\n    }";
    }
    if (result.skip) out += ",\n    \"skip\": true";
    out += ",\n    \"duration\": " + std::to_string(result.duration.count());
    // Bytes, which in Go's JSON are base64.
    if (!result.output.empty()) out += ",\n    \"output\": \"" + encode_base64(result.output, false, true) + "\"";
    if (result.failed_at.row != 0) {
      out += ",\n    \"failed_at\": {\n      \"location\": " + location_json(test.file, result.failed_at, "      ") +
             ",\n      \"text\": " + json_text(result.failed_text) + "\n    }";
    }
    if (!result.cases.empty()) out += ",\n    \"sub_results\": " + cases_json(result.cases, "    ");
    out += i + 1 < results.size() ? "\n  },\n" : "\n  }\n";
  }
  return out + "]\n";
}

}  // namespace kubegate::rego_tool
