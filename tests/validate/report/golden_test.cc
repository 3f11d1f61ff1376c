// Each form of the report against a file of golden/, reviewed by eye. KUBEGATE_UPDATE_GOLDEN=1 writes them anew.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/validate/report/sample.h"
#include "validate/report/report.h"
#include "validate/report/text.h"

namespace kubegate::report {
namespace {

namespace fs = std::filesystem;
using namespace testing;

struct Golden {
  const char* name;
  Format format;
  bool verbose;
  bool colour;
};

class Forms : public ::testing::TestWithParam<Golden> {};

TEST_P(Forms, AreAsReviewed) {
  const Golden& golden = GetParam();
  OutputOptions options;
  options.targets = {"1.28", "1.29"};
  options.verbose = golden.verbose;
  options.colour = golden.colour;
  std::string text = written(golden.format, options, sample_resources(), sample_summary());
  // How long it took, and pages that have a test of their own.
  if (golden.format == Format::kJunit) text = std::regex_replace(text, std::regex(" time=\"[^\"]*\""), "");
  if (golden.format == Format::kSarif) text.erase(text.find("\"tool\":"));

  const fs::path path = fs::path(KUBEGATE_SOURCE_DIR) / "tests/validate/report/golden" / golden.name;
  if (std::getenv("KUBEGATE_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ifstream stream(path, std::ios::binary);
  ASSERT_TRUE(stream) << path;
  EXPECT_EQ(text, std::string(std::istreambuf_iterator<char>(stream), {}));
}

INSTANTIATE_TEST_SUITE_P(Golden, Forms,
                         ::testing::Values(Golden{"full.txt", Format::kFull, false, false},
                                           Golden{"full-verbose.txt", Format::kFull, true, false},
                                           Golden{"full-colour.txt", Format::kFull, true, true},
                                           Golden{"concise.txt", Format::kConcise, false, false},
                                           Golden{"report.json", Format::kJson, false, false},
                                           Golden{"verbose.json", Format::kJson, true, false},
                                           Golden{"junit.xml", Format::kJunit, false, false},
                                           Golden{"results.sarif", Format::kSarif, false, false},
                                           Golden{"github.txt", Format::kGithub, false, false},
                                           Golden{"comment.md", Format::kMarkdown, false, false}));

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
            "    \"skipped\": 0,\n    \"ignored\": 0,\n    \"known\": 0\n  }\n}\n");
}

}  // namespace
}  // namespace kubegate::report
