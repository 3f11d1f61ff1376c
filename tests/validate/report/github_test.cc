// Workflow commands: what manifests say neither ends a command nor starts one, and the limit is told.
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/validate/report/sample.h"

namespace kubegate::report {
namespace {

using namespace testing;

std::vector<std::string> lines_of(const std::vector<Resource>& resources) {
  OutputOptions options;
  options.targets = {"1.28", "1.29"};
  std::istringstream text(written(Format::kGithub, options, resources, sample_summary()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST(GitHub, Escapes) {
  const std::string hostile = "100%, a:b\r\n::error::c\n";
  const auto lines = lines_of({resource(
      hostile, "v1", "Pod", "web", 1, Status::kInvalid,
      {finding("schema/type", Severity::kError, hostile, 4, 9, {"  image: größe", 9, 7, false, false}, "", "", 2)})});
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "::group::100%25, a:b%0D%0A::error::c%0A");
  EXPECT_EQ(lines[1],
            "::error file=100%25%2C a%3Ab%0D%0A%3A%3Aerror%3A%3Ac%0A,line=4,endLine=4,col=9,endColumn=14,"
            "title=schema/type::100%25, a:b%0D%0A::error::c%0A (Pod web, 1.29 only)");
  EXPECT_EQ(lines[2], "::endgroup::");
}

std::size_t starting_with(const std::vector<std::string>& lines, std::string_view start) {
  std::size_t n = 0;
  for (const std::string& line : lines) n += line.starts_with(start);
  return n;
}

TEST(GitHub, TellsWhenThereAreMoreThanAreShown) {
  for (const std::size_t findings : {10u, 11u}) {
    Resource told = resource("a.yaml", "v1", "Pod", "web", 1, Status::kInvalid);
    told.findings.assign(findings, finding("schema/type", Severity::kError, "m", 1, 1, {"a", 0, 1, false, false}));
    const auto lines = lines_of({told, told});
    EXPECT_EQ(starting_with(lines, "::error "), 2 * findings);
    EXPECT_EQ(starting_with(lines, "::group::"), 1u);
    EXPECT_EQ(starting_with(lines, "::notice "), 1u);
  }
  Resource few = resource("a.yaml", "v1", "Pod", "web", 1, Status::kInvalid);
  few.findings.assign(10, finding("schema/type", Severity::kError, "m", 1, 1, {}));
  EXPECT_EQ(starting_with(lines_of({few}), "::notice "), 0u);
}

TEST(GitHub, AGroupAFile) {
  const auto lines = lines_of(sample_resources());
  EXPECT_EQ(starting_with(lines, "::group::"), starting_with(lines, "::endgroup::"));
  EXPECT_EQ(starting_with(lines, "::group::overlays/primary/api.yaml"), 1u);
  EXPECT_EQ(starting_with(lines, "::group::overlays/primary/secret.yaml"), 0u);
  EXPECT_EQ(starting_with(lines, "::error file=overlays/primary/closed.yaml::Permission denied"), 1u);
}

}  // namespace
}  // namespace kubegate::report
