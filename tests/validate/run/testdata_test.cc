// testdata/broken: each file's findings are those that it expects itself (testdata/README.md has the form), and
// testdata/overlays has none but the warnings that its README tells of.
#include <gtest/gtest.h>

#include <map>

#include "tests/validate/run/support.h"

namespace kubegate::run {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(KUBEGATE_SOURCE_DIR) / "testdata";

struct Expectations {
  std::vector<std::string> findings;
  bool skipped_in_walk = false;
};

Expectations expectations_of(const fs::path& file) {
  fs::path beside = file;
  beside += ".expect";
  std::istringstream text(read_text(fs::exists(beside) ? beside : file));
  Expectations expected;
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
    constexpr std::string_view kExpect = "# expect: ";
    if (line.starts_with(kExpect)) {
      std::istringstream words(line.substr(kExpect.size()));
      std::string severity, rule, place, versions, field;
      words >> severity >> rule >> place >> versions >> field;
      EXPECT_FALSE(field.empty()) << file << ": " << line;
      expected.findings.push_back(severity + ' ' + rule + ' ' + place + ' ' + versions + ' ' + field);
    }
    expected.skipped_in_walk |= line == "# walk: skipped";
  }
  return expected;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() != ".expect" && entry.path().filename() != "README.md") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What was found, with "-" in place of a position where the expectation of the same rule lays none down.
std::vector<std::string> findings_of(const fs::path& file, const Expectations& expected) {
  Recorder recorder;
  const auto outcome = validate(options_for({file.string()}), recorder);
  if (!outcome.ok()) return {outcome.error().text()};
  std::vector<std::string> found;
  for (const report::Resource& resource : recorder.resources) {
    for (const report::LocatedFinding& finding : resource.findings) {
      const std::string line = line_of(finding, recorder.summary.targets);
      std::string loose = line;
      const std::size_t end = loose.find(' ', loose.find(' ') + 1) + 1;
      loose.replace(end, loose.find(' ', end) - end, "-");
      const bool no_place =
          std::find(expected.findings.begin(), expected.findings.end(), loose) != expected.findings.end();
      found.push_back(no_place ? loose : line);
    }
  }
  return found;
}

TEST(Broken, EachFileHasTheFindingsThatItExpects) {
  const std::vector<fs::path> files = files_below(kData / "broken");
  ASSERT_GT(files.size(), 100u);
  for (const fs::path& file : files) {
    Expectations expected = expectations_of(file);
    std::vector<std::string> found = findings_of(file, expected);
    std::sort(expected.findings.begin(), expected.findings.end());
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, expected.findings) << fs::relative(file, kData).string();
  }
}

TEST(Broken, WhatIsNoManifestIsSkippedInAWalk) {
  Options options = options_for({(kData / "broken/walk").string()});
  options.verbose = true;
  options.allow_empty = true;
  Recorder recorder;
  ASSERT_TRUE(validate(options, recorder).ok());
  std::size_t skipped = 0;
  for (const fs::path& file : files_below(kData / "broken/walk")) {
    if (!expectations_of(file).skipped_in_walk) continue;
    // The file itself, or the hidden folder that it lies in.
    bool told = false;
    for (std::size_t i = 0; i < recorder.resources.size(); ++i) {
      if (!file.string().starts_with(recorder.paths[i])) continue;
      EXPECT_EQ(recorder.resources[i].status, report::Status::kSkipped) << file;
      told = true;
    }
    EXPECT_TRUE(told) << file;
    ++skipped;
  }
  EXPECT_GT(skipped, 4u);
  EXPECT_EQ(recorder.summary.errors, 0u);
}

TEST(Overlays, HaveNoFindingButOutdatedVersions) {
  Recorder recorder;
  const auto outcome = validate(options_for({(kData / "overlays").string()}), recorder);
  ASSERT_TRUE(outcome.ok()) << outcome.error().text();
  EXPECT_TRUE(outcome->errors.empty());
  EXPECT_EQ(recorder.summary.errors, 0u);
  EXPECT_GT(recorder.summary.objects, 250u);
  EXPECT_EQ(recorder.summary.unjudged, 0u);
  std::map<std::string, std::size_t> findings;
  for (std::size_t i = 0; i < recorder.resources.size(); ++i) {
    for (const report::LocatedFinding& finding : recorder.resources[i].findings) {
      ++findings[std::string(finding.rule)];
      if (finding.rule != "schema/outdated-version") {
        ADD_FAILURE() << recorder.paths[i] << ": " << line_of(finding, recorder.summary.targets) << ' '
                      << finding.message;
      }
    }
  }
  EXPECT_EQ(findings["schema/outdated-version"], recorder.summary.warnings);
}

}  // namespace
}  // namespace kubegate::run
