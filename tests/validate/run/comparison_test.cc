// Two sides compared: which objects are the same, and what of them differs.
#include "validate/run/comparison.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace kubegate::run {
namespace {

using Files = std::map<std::string, std::string>;

class TextInputs final : public Inputs {
 public:
  explicit TextInputs(const Files& files) : files_(files) {}
  Result<source::Selection> judged(std::span<const std::string>) const override {
    std::vector<source::Input> inputs;
    for (const auto& [path, text] : files_) {
      source::Input input;
      input.path = path;
      input.kind = source::Input::Kind::kContent;
      input.content = source::text_content(text);
      inputs.push_back(std::move(input));
    }
    return source::Selection::of(std::move(inputs));
  }

 private:
  const Files files_;
};

Options side_of(const Files& files) {
  Options options;
  options.inputs = std::make_shared<const TextInputs>(files);
  return options;
}

std::string compared(const Files& before, const Files& after) {
  const auto changes = compare(side_of(before), side_of(after));
  EXPECT_TRUE(changes.ok());
  return changes.ok() ? report::print_changes(*changes, report::ChangesForm::kText, false) : "";
}

// What differs between two objects of this text, a line a field.
std::string fields(const std::string& kind, const std::string& before, const std::string& after) {
  const std::string head = "apiVersion: v1\nkind: " + kind + "\nmetadata: {name: x}\n";
  const auto changes = compare(side_of({{"a.yaml", head + before}}), side_of({{"a.yaml", head + after}}));
  std::string out;
  if (!changes.ok()) return changes.error().message;
  for (const report::SetChanges& set : changes->sets) {
    for (const report::ObjectChange& object : set.objects) {
      for (const report::FieldChange& field : object.fields) {
        out += "+~-"[static_cast<int>(field.action)] + field.path;
        if (!field.before.empty()) out += " " + field.before;
        if (!field.after.empty()) out += " > " + field.after;
        for (const std::string& line : field.lines) out += "|" + line;
        out += "\n";
      }
    }
  }
  return out;
}

struct FieldsCase {
  const char* name;
  const char* before;
  const char* after;
  const char* expected;
};

constexpr FieldsCase kFields[] = {
    {"nothing", "a: {b: 1, c: [1, x]}", "a: {c: [1, 'x'], b: 1}", ""},
    {"null_is_absent", "a: {b: null}", "a: {}", ""},
    {"a_scalar", "a: {b: 1}", "a: {b: 2}", "~a.b 1 > 2\n"},
    {"a_text_is_no_number", "a: 1", "a: '1'", "~a 1 > \"1\"\n"},
    {"a_key_that_came", "a: {}", "a: {b: {c: 1}}", "+a.b > {\"c\":1}\n"},
    {"a_key_that_went", "a: {b: [1]}", "a: {}", "-a.b [1]\n"},
    {"a_key_with_dots", "a: {x.y/z: 1}", "a: {x.y/z: 2}", "~a[x.y/z] 1 > 2\n"},
    {"map_to_list", "a: {b: 1}", "a: [b]", "~a {\"b\":1} > [\"b\"]\n"},
    {"items_by_name", "a: [{name: p, v: 1}, {name: q, v: 2}]", "a: [{name: q, v: 3}, {name: r}]",
     "-a[name=p] {\"name\":\"p\",\"v\":1}\n~a[name=q].v 2 > 3\n+a[name=r] > {\"name\":\"r\"}\n"},
    {"items_by_number", "a: [{port: 80, v: 1}]", "a: [{port: 81, v: 1}, {port: 80, v: 2}]",
     "~a[port=80].v 1 > 2\n+a[port=81] > {\"port\":81,\"v\":1}\n"},
    {"order_of_named_items", "a: [{name: p}, {name: q}]", "a: [{name: q}, {name: p}]",
     "~a (order) [\"p\",\"q\"] > [\"q\",\"p\"]\n"},
    {"a_name_twice_is_no_key", "a: [{name: p, v: 1}, {name: p, v: 2}]", "a: [{name: p, v: 1}, {name: p, v: 3}]",
     "~a[1].v 2 > 3\n"},
    {"another_key_where_names_repeat", "a: [{name: p, port: 1}, {name: p, port: 2}]",
     "a: [{name: p, port: 2}, {name: p, port: 1}]", "~a (order) [1,2] > [2,1]\n"},
    {"scalars_from_both_ends", "a: [1, 2, 3, 4]", "a: [1, 9, 4]", "~a[1] 2 > 9\n-a[2] 3\n"},
    {"scalars_appended", "a: [1]", "a: [1, 2]", "+a[1] > 2\n"},
    {"to_an_empty_list", "a: [{name: p}]", "a: []", "-a[name=p] {\"name\":\"p\"}\n"},
    {"lines_of_a_text", "a: \"1\\n2\\n3\\n\"", "a: \"1\\n4\\n3\\n\"",
     "~a \"1\\n2\\n3\\n\" > \"1\\n4\\n3\\n\"| 1|-2|+4| 3\n"},
    {"a_line_appended", "a: \"1\\n\"", "a: \"1\\n2\\n\"", "~a \"1\\n\" > \"1\\n2\\n\"| 1|+2\n"},
};

TEST(FieldChanges, Cases) {
  for (const FieldsCase& each : kFields)
    EXPECT_EQ(fields("ConfigMap", each.before, each.after), each.expected) << each.name;
}

TEST(FieldChanges, WhatSecretsHoldIsNotTold) {
  EXPECT_EQ(fields("Secret", "data: {a: b, c: d}\ntype: x", "data: {a: e}\nstringData: {p: q}\ntype: z"),
            "~data.a \"***\" > \"***\"\n-data.c \"***\"\n+stringData > \"***\"\n~type \"x\" > \"z\"\n");
}

TEST(FieldChanges, ManyLinesAreCut) {
  std::string before = "a: |\n", after = "a: |\n";
  for (int i = 0; i < 100; ++i) {
    before += "  old " + std::to_string(i) + "\n";
    after += "  new " + std::to_string(i) + "\n";
  }
  const std::string told = fields("ConfigMap", before, after);
  EXPECT_NE(told.find("|-old 19|-… 80 more lines|+new 0|"), told.npos) << told;
}

const char* const kObject = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: ns}\n";

TEST(Comparison, ObjectsComeGoAndChange) {
  const std::string service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n";
  EXPECT_EQ(compared({{"a.yaml", kObject + service}}, {{"a.yaml", std::string(kObject) + "spec: {replicas: 2}\n"}}),
            "a.yaml\n  - v1 Service s\n  ~ apps/v1 Deployment ns/web\n      + spec: {\"replicas\":2}\n\n"
            "2 objects in 1 place: 0 added, 1 changed, 1 deleted\n");
}

TEST(Comparison, SetsComeAndGo) {
  EXPECT_EQ(compared({{"a.yaml", kObject}}, {{"b.yaml", kObject}}),
            "a.yaml (deleted)\n  - apps/v1 Deployment ns/web\n\nb.yaml (added)\n  + apps/v1 Deployment ns/web\n\n"
            "2 objects in 2 places: 1 added, 0 changed, 1 deleted\n");
}

TEST(Comparison, WhatDoesNotMatter) {
  const std::string comment = std::string("# told\n") + kObject + "---\n# nothing\n";
  const std::string list =
      "apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n"
      "  metadata: {namespace: ns, name: web}\n";
  for (const std::string& same : {comment, list}) {
    EXPECT_EQ(compared({{"a.yaml", kObject}}, {{"a.yaml", same}}), "no object differs\n") << same;
  }
}

// An object keeps its identity when its version changes, and one that is there twice is told apart by its turn.
TEST(Comparison, Identity) {
  const std::string beta = "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: web, namespace: ns}\n";
  EXPECT_EQ(compared({{"a.yaml", beta}}, {{"a.yaml", kObject}}),
            "a.yaml\n  ~ apps/v1 Deployment ns/web\n      ~ apiVersion: \"apps/v1beta1\" → \"apps/v1\"\n\n"
            "1 object in 1 place: 0 added, 1 changed, 0 deleted\n");
  const std::string twice = std::string(kObject) + "---\n" + kObject;
  EXPECT_EQ(compared({{"a.yaml", kObject}}, {{"a.yaml", twice}}),
            "a.yaml\n  + apps/v1 Deployment ns/web\n\n1 object in 1 place: 1 added, 0 changed, 0 deleted\n");
}

TEST(Comparison, WhatCannotBeReadIsTold) {
  const auto changes =
      compare(side_of({{"a.yaml", kObject}}), side_of({{"a.yaml", std::string(kObject) + "---\n{\n"}}));
  ASSERT_TRUE(changes.ok());
  ASSERT_EQ(changes->sets.size(), 1u);
  EXPECT_EQ(changes->sets[0].fault, "what begins in line 4 cannot be read");
  EXPECT_FALSE(changes->comparable());
}

}  // namespace
}  // namespace kubegate::run
