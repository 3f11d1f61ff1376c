// Each form of the report against a file of golden/, reviewed by eye. KUBEGATE_UPDATE_GOLDEN=1 writes them anew.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "validate/report/report.h"
#include "validate/report/text.h"

namespace kubegate::report {
namespace {

namespace fs = std::filesystem;

LocatedFinding finding(std::string_view rule, Severity severity, std::string message, std::uint32_t line,
                       std::uint32_t column, Excerpt excerpt, std::string pointer = "", std::string field = "",
                       TargetMask targets = kAllTargets) {
  LocatedFinding made;
  made.rule = rule;
  made.severity = severity;
  made.message = std::move(message);
  made.line = line;
  made.column = column;
  made.excerpt = std::move(excerpt);
  made.pointer = std::move(pointer);
  made.field = std::move(field);
  made.targets = targets;
  return made;
}

Resource resource(std::string_view path, std::string api_version, std::string kind, std::string name,
                  std::uint32_t line, Status status, std::vector<LocatedFinding> findings = {}, std::string note = "") {
  Resource made;
  made.path = path;
  made.api_version = std::move(api_version);
  made.kind = std::move(kind);
  made.name = std::move(name);
  made.line = line;
  made.column = line > 0 ? 1 : 0;
  made.status = status;
  made.findings = std::move(findings);
  made.note = std::move(note);
  return made;
}

std::vector<Resource> sample() {
  constexpr auto kError = Severity::kError, kWarning = Severity::kWarning;
  std::vector<Resource> all;
  all.push_back(resource("overlays/primary/api.yaml", "v1", "ConfigMap", "api", 1, Status::kValid));
  all.push_back(resource(
      "overlays/primary/api.yaml", "apps/v1", "Deployment", "api", 35, Status::kInvalid,
      {finding("schema/unknown-field", kError,
               "unknown field \"replica\" in Deployment.spec, did you mean \"replicas\"?", 41, 3,
               {"  replica: 3", 2, 7, false, false}, "/spec/replica", "spec.replica"),
       finding("schema/type", kError, "expected a string, not 8080", 52, 22,
               {"\t- {name: \"größe\", value: 8080}", 28, 4, false, false},
               "/spec/template/spec/containers/0/env/0/value", "spec.template.spec.containers[0].env[0].value", 2)}));
  all.push_back(resource(
      "overlays/primary/flow.yaml", "flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", "f", 1, Status::kValid,
      {finding("schema/dropped-next", kWarning, "gone in 1.29: use flowcontrol.apiserver.k8s.io/v1beta3", 1, 13,
               {"apiVersion: flowcontrol.apiserver.k8s.io/v1beta2", 12, 36, false, false}, "/apiVersion", "apiVersion",
               1)}));
  all.push_back(resource("overlays/primary/web.yaml", "", "", "", 7, Status::kError,
                         {finding("document/syntax", kError, "a \"quote\" that never ends: \x1b[31m\xff", 9, 8,
                                  {"  text: \"\x1b[31m\xff and more", 8, 1, false, false})}));
  all.push_back(resource("min\nified.json", "v1", "Secret", "s", 1, Status::kInvalid,
                         {finding("schema/format", kError, "not base64", 1, 7001,
                                  {std::string(200, 'a') + "日本" + std::string(200, 'b'), 200, 6, true, true},
                                  "/data/a~1b", "data[a/b]")}));
  all.back().findings_left_out = 2;
  all.push_back(
      resource("overlays/primary/secret.yaml", "v1", "Secret", "token", 4, Status::kSkipped, {}, "--skip Secret"));
  all.push_back(resource("overlays/primary/kustomization.yaml", "", "", "", 0, Status::kSkipped, {}, "kustomization"));
  all.push_back(resource(
      "overlays/primary/large.yaml", "", "", "", 0, Status::kError,
      {finding("document/limit", kError, "the file is larger than 1024 MiB, the most that is read", 1, 1, {})}));
  all.push_back(resource("overlays/primary/closed.yaml", "", "", "", 0, Status::kError, {}, "Permission denied"));
  return all;
}

Summary sample_summary() {
  Summary summary;
  summary.targets = {"1.28", "1.29"};
  summary.files = 6;
  summary.objects = 5;
  summary.errors = 7;
  summary.warnings = 1;
  summary.rules_not_evaluated = 7;
  summary.files_not_read = 1;
  summary.objects_skipped = 1;
  summary.files_skipped = {{1, "kustomization", "kustomizations"}};
  summary.valid = 2;
  summary.invalid = 2;
  summary.unjudged = 3;
  summary.skipped = 2;
  return summary;
}

struct Golden {
  const char* name;
  Format format;
  bool verbose;
  bool colour;
};

class Forms : public testing::TestWithParam<Golden> {};

TEST_P(Forms, AreAsReviewed) {
  const Golden& golden = GetParam();
  Sink sink;
  OutputOptions options;
  options.targets = {"1.28", "1.29"};
  options.verbose = golden.verbose;
  options.colour = golden.colour;
  const auto output = make_output(golden.format, options, sink);
  for (const Resource& told : sample()) output->write(told);
  output->finish(sample_summary());

  const fs::path path = fs::path(KUBEGATE_SOURCE_DIR) / "tests/validate/report/golden" / golden.name;
  if (std::getenv("KUBEGATE_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << sink.text();
  std::ifstream stream(path, std::ios::binary);
  ASSERT_TRUE(stream) << path;
  EXPECT_EQ(sink.text(), std::string(std::istreambuf_iterator<char>(stream), {}));
}

INSTANTIATE_TEST_SUITE_P(Golden, Forms,
                         testing::Values(Golden{"full.txt", Format::kFull, false, false},
                                         Golden{"full-verbose.txt", Format::kFull, true, false},
                                         Golden{"full-colour.txt", Format::kFull, true, true},
                                         Golden{"concise.txt", Format::kConcise, false, false},
                                         Golden{"report.json", Format::kJson, false, false},
                                         Golden{"verbose.json", Format::kJson, true, false}));

TEST(Summary, Lines) {
  Summary plain;
  plain.targets = {"1.29"};
  plain.files = plain.objects = plain.valid = 1;
  EXPECT_EQ(summary_line(plain), "1 file, 1 object, 1.29: all valid");

  Summary many = plain;
  many.targets = {"1.28", "1.29", "1.30"};
  many.files = 4;
  many.objects = 312;
  many.errors = 1;
  many.warnings = 2;
  many.rules_not_evaluated = 7;
  EXPECT_EQ(summary_line(many),
            "4 files, 312 objects, 1.28, 1.29 and 1.30: 1 error, 2 warnings; 7 CEL rules not evaluated");

  Summary warned = plain;
  warned.warnings = 1;
  warned.rules_not_evaluated = 1;
  EXPECT_EQ(summary_line(warned), "1 file, 1 object, 1.29: 1 warning; 1 CEL rule not evaluated");

  Summary skipped = plain;
  skipped.files_skipped = {{2, "kustomization", "kustomizations"}, {1, "chart template", "chart templates"}};
  skipped.folders_skipped = 2;
  EXPECT_EQ(summary_line(skipped),
            "1 file, 1 object, 1.29: all valid; 3 files skipped (2 kustomizations, 1 chart template); 2 hidden folders "
            "skipped");

  Summary none = plain;
  none.objects_skipped = 1;
  EXPECT_EQ(summary_line(none), "1 file, 1 object, 1.29: nothing checked; 1 object skipped");

  Summary unread = plain;
  unread.files_not_read = 1;
  EXPECT_EQ(summary_line(unread), "1 file, 1 object, 1.29: no errors; 1 file not read");

  Summary piped = plain;
  piped.standard_input = true;
  EXPECT_EQ(summary_line(piped), "stdin, 1 object, 1.29: all valid");
}

// A reader of the JSON form gets back what was written, whatever bytes the paths and messages hold.
TEST(Json, CanBeParsed) {
  Sink sink;
  OutputOptions options;
  options.targets = {"1.29"};
  options.verbose = true;
  const auto output = make_output(Format::kJson, options, sink);
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  Resource told;
  told.path = bytes;
  told.kind = bytes;
  told.findings.push_back(finding("schema/type", Severity::kError, bytes, 1, 1, {}, bytes, bytes));
  output->write(told);
  output->finish({});
  rapidjson::Document parsed;
  parsed.Parse<rapidjson::kParseValidateEncodingFlag>(sink.text().data(), sink.text().size());
  ASSERT_FALSE(parsed.HasParseError()) << parsed.GetErrorOffset();
  const std::string expected = valid_utf8(bytes);
  const auto& resource_value = parsed["resources"][0];
  const auto text = [](const rapidjson::Value& v) { return std::string(v.GetString(), v.GetStringLength()); };
  EXPECT_EQ(text(resource_value["filename"]), expected);
  EXPECT_EQ(text(resource_value["findings"][0]["message"]), expected);
}

TEST(Json, NothingAtAllIsAnEmptyArray) {
  Sink sink;
  const auto output = make_output(Format::kJson, {}, sink);
  output->finish({});
  EXPECT_EQ(sink.text(),
            "{\n  \"resources\": [],\n  \"summary\": {\n    \"valid\": 0,\n    \"invalid\": 0,\n    \"errors\": 0,\n"
            "    \"skipped\": 0\n  }\n}\n");
}

}  // namespace
}  // namespace kubegate::report
