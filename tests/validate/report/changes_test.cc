// The forms of a comparison.
#include "validate/report/changes.h"

#include <gtest/gtest.h>

#include <string>

namespace kubegate::report {
namespace {

Changes sample() {
  FieldChange image{Action::kChanged, "spec.image", "\"a\"", "\"b\"", {}};
  FieldChange text{Action::kChanged, "data.t", "\"1\\n2\"", "\"1\\n3\"", {" 1", "-2", "+3"}};
  FieldChange gone{Action::kDeleted, "spec.x", "{\"y\":1}", "", {}};
  Changes changes;
  changes.base = "0123";
  SetChanges set;
  set.name = "overlays/prod";
  set.objects.push_back({Action::kChanged, "v1", "Pod", "n", "p", {image, text, gone}});
  set.objects.push_back({Action::kAdded, "v1", "Service", "", "s", {}});
  changes.sets.push_back(set);
  SetChanges fault;
  fault.name = "overlays/dev";
  fault.action = Action::kAdded;
  fault.fault = "now: no luck";
  changes.sets.push_back(fault);
  return changes;
}

TEST(Changes, Text) {
  EXPECT_EQ(print_changes(sample(), ChangesForm::kText, false),
            "overlays/prod\n"
            "  ~ v1 Pod n/p\n"
            "      ~ spec.image: \"a\" → \"b\"\n"
            "      ~ data.t\n"
            "            1\n"
            "          - 2\n"
            "          + 3\n"
            "      - spec.x: {\"y\":1}\n"
            "  + v1 Service s\n"
            "\n"
            "overlays/dev (added)\n"
            "  ! cannot be compared: now: no luck\n"
            "\n"
            "2 objects in 1 place: 1 added, 1 changed, 0 deleted; 1 place could not be compared\n");
  EXPECT_EQ(print_changes({}, ChangesForm::kText, true), "no object differs\n");
  const std::string coloured = print_changes(sample(), ChangesForm::kText, true);
  EXPECT_NE(coloured.find("\033[33m~ v1 Pod n/p\033[0m\n"), coloured.npos);
}

TEST(Changes, Json) {
  Changes changes = sample();
  changes.sets[0].objects[0].fields.resize(1);
  changes.sets.resize(1);
  EXPECT_EQ(print_changes(changes, ChangesForm::kJson, false), R"({
  "base": "0123",
  "sets": [
    {
      "name": "overlays/prod",
      "action": "changed",
      "objects": [
        {
          "action": "changed",
          "apiVersion": "v1",
          "kind": "Pod",
          "namespace": "n",
          "name": "p",
          "fields": [
            {
              "path": "spec.image",
              "action": "changed",
              "before": "a",
              "after": "b"
            }
          ]
        },
        {
          "action": "added",
          "apiVersion": "v1",
          "kind": "Service",
          "namespace": "",
          "name": "s",
          "fields": []
        }
      ]
    }
  ],
  "summary": {
    "added": 1,
    "changed": 1,
    "deleted": 0
  }
}
)");
}

TEST(Changes, Markdown) {
  Changes changes = sample();
  changes.sets.resize(1);
  changes.sets[0].name = "<b>@team";
  changes.sets[0].objects[0].fields[0].after = "\"````\"";
  EXPECT_EQ(print_changes(changes, ChangesForm::kMarkdown, false),
            "<!-- kubegate diff -->\n"
            "**What this changes:** 2 objects in 1 place: 1 added, 1 changed, 0 deleted.\n"
            "\n"
            "<details><summary><code>&#60;b&#62;&#64;team</code>: 2 objects</summary>\n"
            "\n"
            "````diff\n"
            "! v1 Pod n/p\n"
            "!     spec.image: \"a\" → \"`\u200b```\"\n"
            "!     data.t\n"
            "          1\n"
            "-         2\n"
            "+         3\n"
            "-     spec.x: {\"y\":1}\n"
            "+ v1 Service s\n"
            "````\n"
            "</details>\n");
}

TEST(Changes, MarkdownIsBounded) {
  Changes changes;
  for (int i = 0; i < 2000; ++i) {
    SetChanges set;
    set.name = "overlays/" + std::to_string(i);
    set.objects.push_back({Action::kAdded, "v1", "Pod", "n", std::string(10'000, 'x'), {}});
    changes.sets.push_back(set);
  }
  const std::string text = print_changes(changes, ChangesForm::kMarkdown, false);
  EXPECT_LT(text.size(), 60u << 10);
  EXPECT_NE(text.find("more places did not fit"), text.npos);
}

// No text of a manifest steers a terminal.
TEST(Changes, TextIsSafe) {
  Changes changes = sample();
  changes.sets[0].name = "a\033[31m";
  changes.sets[0].objects[0].name = "p\n+ x";
  const std::string text = print_changes(changes, ChangesForm::kText, false);
  EXPECT_EQ(text.find('\033'), text.npos);
  EXPECT_EQ(text.find("\n+ x"), text.npos);
}

TEST(Changes, Forms) {
  EXPECT_TRUE(parse_changes_form("markdown").ok());
  EXPECT_FALSE(parse_changes_form("yaml").ok());
}

}  // namespace
}  // namespace kubegate::report
