// The pages of rules: their form, and that there is one for each rule that the sources know, and none else.
#include "validate/report/rules.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace kubegate::report {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const fs::path kRoot = KUBEGATE_SOURCE_DIR;

std::string read_text(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Names ids_of_pages() {
  Names ids;
  for (const RulePage& page : rule_pages()) ids.emplace(page.id);
  return ids;
}

// Text literals of the form "family/name" in the sources, of the families that rules have. Policies' rules are named
// when they are loaded.
Names rules_in_sources() {
  Names families = {"reference"};
  for (const RulePage& page : rule_pages()) families.emplace(page.id.substr(0, page.id.find('/')));
  const std::regex literal("\"([a-z]+)/([a-z0-9-]+)\"");
  Names rules;
  for (const char* folder : {"validate", "policy", "provision"}) {
    if (!fs::exists(kRoot / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".cc" && extension != ".h") continue;
      if (entry.path().string().find("validate/report/") != std::string::npos) continue;
      const std::string text = read_text(entry.path());
      for (std::sregex_iterator match(text.begin(), text.end(), literal), end; match != end; ++match) {
        if (families.count((*match)[1]) != 0) rules.insert(match->str(1) + "/" + match->str(2));
      }
    }
  }
  rules.erase("vendor/kubegate");  // a folder
  return rules;
}

TEST(Rules, EachRuleOfTheSourcesHasAPageAndNoPageIsLeftOver) {
  const Names rules = rules_in_sources();
  EXPECT_GE(rules.size(), 32u);
  EXPECT_EQ(rules, ids_of_pages());
}

TEST(Rules, WhatTestDataExpectsHasAPage) {
  const Names ids = ids_of_pages();
  const std::regex expectation("# expect: (?:error|warning) ([a-z/-]+) ");
  std::size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "testdata/broken")) {
    if (!entry.is_regular_file()) continue;
    const std::string text = read_text(entry.path());
    for (std::sregex_iterator match(text.begin(), text.end(), expectation), end; match != end; ++match) {
      ++seen;
      const std::string rule = match->str(1);
      EXPECT_TRUE(ids.count(rule) != 0 || rule.starts_with("policy/")) << entry.path() << ": " << rule;
    }
  }
  EXPECT_GT(seen, 100u);
}

TEST(Rules, PagesAreWhole) {
  Names files;
  const fs::path folder = kRoot / "validate/report/rules";
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string text = read_text(entry.path());
    const auto page = parse_rule_page(text);
    ASSERT_TRUE(page.ok()) << entry.path() << ": " << page.error().text();
    files.emplace(page->id);
    EXPECT_EQ(folder / (std::string(page->id) + ".md"), entry.path());
    EXPECT_TRUE(page->link.starts_with("https://")) << page->id;
    EXPECT_FALSE(page->tags.empty()) << page->id;
    EXPECT_TRUE(page->summary.ends_with('.')) << page->id;
    for (const char* heading : {"Why", "Example", "How to mend"}) {
      EXPECT_NE(section_of(*page, heading), "") << page->id << ": " << heading;
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_TRUE(line.size() <= 120 || line.starts_with("link: ")) << page->id << ": " << line;
    }
  }
  EXPECT_EQ(files, ids_of_pages());
}

TEST(Rules, SectionsAndFields) {
  const auto page = parse_rule_page(
      "# a/b\nlevel: warning\ntags: one, two\nlink: https://x\n\nShort.\n\nLong,\nand longer.\n\n## Why\n\nSince.\n\n"
      "## Example\n\n    ## Why not\n\n## Last\nEnd\n");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->id, "a/b");
  EXPECT_EQ(page->severity, Severity::kWarning);
  EXPECT_EQ(page->tags, (std::vector<std::string_view>{"one", "two"}));
  EXPECT_EQ(page->summary, "Short.");
  EXPECT_TRUE(page->body.starts_with("Long,\nand"));
  EXPECT_EQ(section_of(*page, "Why"), "Since.");
  EXPECT_EQ(section_of(*page, "Example"), "## Why not");
  EXPECT_EQ(section_of(*page, "Last"), "End");
  EXPECT_EQ(section_of(*page, "None"), "");
  for (const char* broken : {"", "a/b\n", "# a/b\n", "# a/b\nlevel: fatal\n", "# a/b\nlevel: error\ntags: x\n",
                             "# a/b\nlevel: error\ntags: x\nlink: y\n\n"}) {
    EXPECT_FALSE(parse_rule_page(broken).ok()) << broken;
  }
}

TEST(Rules, Found) {
  ASSERT_NE(find_rule_page("schema/unknown-field"), nullptr);
  EXPECT_EQ(find_rule_page("schema/unknown-field")->id, "schema/unknown-field");
  for (const char* name : {"", "schema", "schema/unknown", "schema/unknown-fields", "zzz/zzz"}) {
    EXPECT_EQ(find_rule_page(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace kubegate::report
