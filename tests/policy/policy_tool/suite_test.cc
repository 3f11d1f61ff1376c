#include "policy/policy_tool/suite.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "policy/policy_tool/findings.h"
#include "tests/support/folder.h"

namespace kubegate::policy_tool {
namespace {

namespace fs = std::filesystem;

class Suites : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const { temporary_.add(name, text); }

  // The paths of the suites, without the folder.
  std::vector<std::string> paths(const std::string& path) const {
    std::vector<std::string> out;
    const auto suites = read_suites(folder_.string() + path);
    if (!suites.ok()) return {suites.error().message};
    for (const Suite& suite : *suites) out.push_back(suite.path.substr(folder_.string().size() + 1));
    return out;
  }

  Suite one(const std::string& tests) const {
    write("one.yaml", "kind: Suite\napiVersion: test.gatekeeper.sh/v1alpha1\n" + tests);
    auto suites = read_suites((folder_ / "one.yaml").string());
    EXPECT_TRUE(suites.ok() && suites->size() == 1) << tests;
    return std::move(suites->front());
  }

  Folder temporary_;
  fs::path folder_ = temporary_.path();
};

TEST_F(Suites, WhereTheyAre) {
  const std::string suite = "apiVersion: test.gatekeeper.sh/v1alpha1\nkind: Suite\n";
  write("b/suite.yaml", suite);
  write("a/suite.yml", suite);
  write("a/deep/suite.yaml", suite);
  write("a/suite.json", suite);
  write("a/other.yaml", "kind: Suite\napiVersion: example.com/v1\n");
  write("a/broken.yaml", "a: [\n");
  write("a/broken-suite.yaml", suite + "tests: [\n");
  using Strings = std::vector<std::string>;
  EXPECT_EQ(paths("/..."), (Strings{"a/broken-suite.yaml", "a/deep/suite.yaml", "a/suite.yml", "b/suite.yaml"}));
  EXPECT_EQ(paths("/a"), (Strings{"a/broken-suite.yaml", "a/suite.yml"}));
  EXPECT_EQ(paths("/b/suite.yaml"), Strings{"b/suite.yaml"});
  EXPECT_EQ(paths("/a/other.yaml"), Strings());
  EXPECT_EQ(paths("/c"), Strings{"No such file or directory"});
  EXPECT_EQ(paths("/b/suite.yaml/..."), Strings{"No such file or directory"});
  EXPECT_EQ(paths("/a/suite.json"), Strings{"unsupported extension: a suite is a .yaml or .yml"});
}

// `no` is a text here, as in YAML 1.2.
TEST_F(Suites, Content) {
  const Suite suite = one(
      "skip: true\ntests:\n- name: t\n  template: a\n  constraint: b\n  expansion: c\n  invalid: true\n  skip: true\n"
      "  cases:\n  - name: x\n    object: o\n    inventory: [i, j]\n    skip: true\n    assertions:\n"
      "    - violations: no\n    - violations: 3\n    - message: m\n    - violations: null\n");
  EXPECT_TRUE(suite.skip && suite.error.empty() && suite.faults.empty());
  ASSERT_EQ(suite.tests.size(), 1u);
  const SuiteTest& test = suite.tests[0];
  EXPECT_TRUE(test.invalid && test.skip);
  EXPECT_EQ(test.name + test.template_ + test.constraint + test.expansion, "tabc");
  ASSERT_EQ(test.cases.size(), 1u);
  const Case& one_case = test.cases[0];
  EXPECT_TRUE(one_case.skip);
  EXPECT_EQ(one_case.inventory, (std::vector<std::string>{"i", "j"}));
  ASSERT_EQ(one_case.assertions.size(), 4u);
  EXPECT_EQ(one_case.assertions[0].words, "no");
  EXPECT_EQ(one_case.assertions[1].count, 3);
  EXPECT_EQ(one_case.assertions[2].message, "m");
  EXPECT_EQ(one_case.assertions[2].words, "yes");
  EXPECT_EQ(one_case.assertions[3].words, "yes");
}

TEST_F(Suites, Faults) {
  struct Row {
    const char *tests, *fault;
    bool error;
  };
  constexpr Row kRows[] = {
      {"tests: {}\n", "3:8: tests must be a list", true},
      {"tests: [x]\n", "3:9: must be a mapping", true},
      {"tests:\n- skip: yes\n", "4:9: skip must be true or false", true},
      {"tests:\n- name: 7\n", "4:9: name must be a text", true},
      {"tests:\n- cases:\n  - assertions:\n    - violations: true\n", "6:19: violations must be yes, no or a number",
       true},
      {"tests:\n- cases:\n  - inventory: [{}]\n", "5:17: a file of the inventory must be a text", true},
      {"tests:\n- cases:\n  - assertions:\n    - messge: x\n", "6:7: unknown field \"messge\" means nothing here",
       false},
      {"tests:\n- case: []\n", "4:3: unknown field \"case\"", false},
      {"tests:\n- name: a\n  name: b\n", "5:3: ", true},
  };
  for (const Row& row : kRows) {
    const Suite suite = one(row.tests);
    ASSERT_EQ(suite.faults.size(), 1u) << row.tests;
    EXPECT_NE(line_of(suite.faults[0]).find(std::string("one.yaml:") + row.fault), std::string::npos)
        << line_of(suite.faults[0]);
    EXPECT_EQ(!suite.error.empty(), row.error) << row.tests << suite.error;
  }
}

TEST(Filters, Match) {
  struct Row {
    const char *run, *test, *one;
    bool test_runs, case_runs;
  };
  constexpr Row kRows[] = {
      {"", "t", "c", true, true},       {"forbid", "forbid-x", "c", true, true}, {"c", "t", "c", true, true},
      {"x", "t", "c", false, false},    {"t//c", "t", "c", true, true},          {"t//x", "t", "c", true, false},
      {"x//c", "t", "c", false, false}, {"//c", "t", "c", true, true},           {"//^c$", "t", "cc", true, false},
      {"t//", "t", "c", true, true},    {"^t$", "tt", "t", true, true},          {"^t$", "tt", "c", false, false},
  };
  for (const Row& row : kRows) {
    const auto filter = Filter::make(row.run);
    ASSERT_TRUE(filter.ok()) << row.run;
    SuiteTest test;
    test.name = row.test;
    test.cases.emplace_back().name = row.one;
    EXPECT_EQ(filter->matches(test), row.test_runs) << row.run;
    EXPECT_EQ(filter->matches(test, test.cases[0]), row.case_runs) << row.run;
  }
  EXPECT_FALSE(Filter::make("a//b//c").ok());
  EXPECT_FALSE(Filter::make("(").ok());
  EXPECT_FALSE(Filter::make("a//(").ok());
}

}  // namespace
}  // namespace kubegate::policy_tool
