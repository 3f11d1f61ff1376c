// Whole runs, in the process: what is reported, what is counted, what is skipped.
#include "validate/run/run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "tests/validate/run/support.h"
#include "validate/report/sink.h"

namespace kubegate::run {
namespace {

using report::Status;
using Strings = std::vector<std::string>;

// A resource in a line: "name status rule@line:column …", and the note in parentheses.
std::string line_of(const report::Resource& resource) {
  constexpr const char* kNames[] = {"valid", "invalid", "error", "skipped"};
  std::string line = resource.kind.empty() ? "-" : resource.kind + "/" + resource.name;
  line += std::string(" ") + kNames[static_cast<int>(resource.status)];
  for (const report::LocatedFinding& finding : resource.findings) {
    line += (finding.severity == Severity::kError ? " " : " warning ") + std::string(finding.rule) + "@" +
            std::to_string(finding.line) + ":" + std::to_string(finding.column);
  }
  if (!resource.note.empty()) line += " (" + resource.note + ")";
  return line;
}

struct Told {
  Strings lines;
  report::Summary summary;
  Strings errors;
  std::string error;  // of the run as a whole
};

Told tell(const Options& options) {
  Recorder recorder;
  const auto outcome = validate(options, recorder);
  Told told;
  if (!outcome.ok()) {
    told.error = outcome.error().text();
    return told;
  }
  for (const report::Resource& resource : recorder.resources) told.lines.push_back(line_of(resource));
  for (const Error& error : outcome->errors) told.errors.push_back(error.text());
  told.summary = recorder.summary;
  return told;
}

// A descriptor from which `text` can be read.
class Input {
 public:
  explicit Input(std::string_view text) {
    file_ = folder_.add("stdin", text);
    descriptor_ = open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  }
  ~Input() { close(descriptor_); }
  int descriptor() const { return descriptor_; }

 private:
  Folder folder_;
  std::string file_;
  int descriptor_;
};

std::string config_map(std::string_view name) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + std::string(name) + "\n";
}

// A sound definition of widgets.acme.io with an integer spec.size.
constexpr std::string_view kWidgets = R"(apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.acme.io
spec:
  group: acme.io
  names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer}
)";

std::string widget(std::string_view name, std::string_view size) {
  return "apiVersion: acme.io/v1\nkind: Widget\nmetadata:\n  name: " + std::string(name) +
         "\nspec:\n  size: " + std::string(size) + "\n";
}

// ---- One input and what is told of it -------------------------------------------------------------------------------

struct Case {
  const char* name;
  std::string text;
  std::optional<Strings> expected;
  Strings skip = {}, reject = {};
  bool strict = true;
  bool ignore_missing_schemas = false;
};
std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

const Case kCases[] = {
    {"a_sound_object", config_map("a"), Strings{"ConfigMap/a valid"}},
    {"documents_in_order", config_map("a") + "---\n" + config_map("b"),
     Strings{"ConfigMap/a valid", "ConfigMap/b valid"}},
    {"an_unknown_field", config_map("a") + "dta: {}\n", Strings{"ConfigMap/a invalid schema/unknown-field@5:1"}},
    {"unknown_fields_pass_in_the_loose_form",
     config_map("a") + "dta: {}\n",
     Strings{"ConfigMap/a valid"},
     {},
     {},
     false},
    {"a_key_twice", config_map("a") + "kind: ConfigMap\n", Strings{"ConfigMap/a error document/duplicate-key@5:1"}},
    {"a_key_twice_in_the_loose_form",
     config_map("a") + "kind: ConfigMap\n",
     Strings{"ConfigMap/a valid warning document/duplicate-key@5:1"},
     {},
     {},
     false},
    {"of_a_broken_document_the_fault_alone",
     "apiVersion: v1\nkind: ConfigMap\nmetadat: {}\ndata: \"\n---\n" + config_map("b"),
     Strings{"- error document/syntax@4:7", "ConfigMap/b valid"}},
    {"empty_documents_are_none", "---\n---\n# comment\n---\nnull\n---\n" + config_map("a"),
     Strings{"ConfigMap/a valid"}},
    {"an_object_without_a_kind", "apiVersion: v1\n", Strings{"-"}},
    {"generate_name", "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n", Strings{"ConfigMap/a- valid"}},

    {"a_list_is_its_items",
     "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n- apiVersion: "
     "v1\n"
     "  kind: ConfigMap\n  metadata: {name: b}\n  dta: {}\n",
     Strings{"ConfigMap/a valid", "ConfigMap/b invalid schema/unknown-field@10:3"}},
    {"a_typed_list",
     "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n  dta: {}\n",
     Strings{"ConfigMap/a valid", "ConfigMap/b invalid schema/unknown-field@6:3"}},
    {"an_item_of_a_typed_list_of_a_kind_that_is_unknown",
     "apiVersion: v1\nkind: WidgetList\nitems:\n- metadata: {name: a}\n",
     Strings{"Widget/a error schema/unknown-kind@4:3"}},
    {"a_key_twice_in_a_list_is_the_lists",
     "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a, name: a}\n",
     Strings{"List/ error document/duplicate-key@6:23", "ConfigMap/a valid"}},
    {"a_list_that_holds_no_list", "apiVersion: v1\nkind: List\nitems: 3\n", Strings{"List/ invalid schema/type@3:8"}},

    {"skip_by_kind", config_map("a"), Strings{"ConfigMap/a skipped (--skip ConfigMap)"}, {"Secret", "ConfigMap"}},
    {"skip_by_version_and_kind",
     config_map("a"),
     Strings{"ConfigMap/a skipped (--skip v1/ConfigMap)"},
     {"v1/ConfigMap"}},
    {"skip_asks_for_the_whole_name",
     config_map("a"),
     Strings{"ConfigMap/a valid"},
     {"Config", "Map", "v2/ConfigMap", "/ConfigMap", "configmap"}},
    {"skip_hides_what_is_wrong",
     config_map("a") + "kind: ConfigMap\ndta: {}\n",
     Strings{"ConfigMap/a skipped (--skip ConfigMap)"},
     {"ConfigMap"}},
    {"skip_an_item",
     "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n",
     Strings{"ConfigMap/a skipped (--skip v1/ConfigMap)"},
     {"v1/ConfigMap"}},
    {"reject", config_map("a") + "dta: {}\n", Strings{"ConfigMap/a error run/rejected@2:7"}, {}, {"ConfigMap"}},
    {"reject_by_version_and_kind",
     config_map("a"),
     Strings{"ConfigMap/a error run/rejected@2:7"},
     {},
     {"v1/ConfigMap"}},
    {"skip_wins",
     config_map("a"),
     Strings{"ConfigMap/a skipped (--skip v1/ConfigMap)"},
     {"v1/ConfigMap"},
     {"ConfigMap"}},

    {"an_unknown_kind", widget("a", "1"), Strings{"Widget/a error schema/unknown-kind@1:13"}},
    {"an_unknown_kind_that_may_pass", widget("a", "1"), Strings{"Widget/a skipped (no schema)"}, {}, {}, true, true},
    {"a_definition_behind_its_resource", widget("a", "x") + "---\n" + std::string(kWidgets),
     Strings{"Widget/a invalid schema/type@6:9", "CustomResourceDefinition/widgets.acme.io valid"}},
    {"a_definition_in_front", std::string(kWidgets) + "---\n" + widget("a", "1"),
     Strings{"CustomResourceDefinition/widgets.acme.io valid", "Widget/a valid"}},
    {"a_definition_that_is_skipped_serves_all_the_same",
     std::string(kWidgets) + "---\n" + widget("a", "x"),
     Strings{"CustomResourceDefinition/widgets.acme.io skipped (--skip CustomResourceDefinition)",
             "Widget/a invalid schema/type@27:9"},
     {"CustomResourceDefinition"}},
    {"a_defined_kind_is_no_longer_missing",
     std::string(kWidgets) + "---\n" + widget("a", "x"),
     Strings{"CustomResourceDefinition/widgets.acme.io valid", "Widget/a invalid schema/type@27:9"},
     {},
     {},
     true,
     true},
};

class Run : public testing::TestWithParam<Case> {};

Options options_of(const Case& c, Strings paths) {
  Options options = options_for(std::move(paths));
  options.skip = c.skip;
  options.reject = c.reject;
  options.strict = c.strict;
  options.ignore_missing_schemas = c.ignore_missing_schemas;
  options.verbose = true;
  return options;
}

void expect_lines(const Strings& lines, const Case& c) {
  if (*c.expected != Strings{"-"}) {
    EXPECT_EQ(lines, *c.expected);
  } else {  // the words are another room's
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find("document/not-an-object"), std::string::npos) << lines[0];
  }
}

TEST_P(Run, FromAFile) {
  const Folder folder;
  const Case& c = GetParam();
  expect_lines(tell(options_of(c, {folder.add("a.yaml", c.text)})).lines, c);
}

TEST_P(Run, FromStandardInput) {
  const Case& c = GetParam();
  const Input input(c.text);
  Options options = options_of(c, {"-"});
  options.standard_input = input.descriptor();
  const Told told = tell(options);
  expect_lines(told.lines, c);
  EXPECT_TRUE(told.summary.standard_input);
}

// Without --verbose the same is counted, and only what has findings is told.
TEST_P(Run, QuietlyCountsTheSame) {
  const Folder folder;
  const Case& c = GetParam();
  Options options = options_of(c, {folder.add("a.yaml", c.text)});
  const Told loud = tell(options);
  options.verbose = false;
  const Told quiet = tell(options);
  Strings expected;
  for (const std::string& line : loud.lines) {
    if (line.find('@') != line.npos) expected.push_back(line);
  }
  EXPECT_EQ(quiet.lines, expected);
  EXPECT_EQ(report::summary_line(quiet.summary), report::summary_line(loud.summary));
  const report::Summary& s = quiet.summary;
  EXPECT_EQ(s.valid + s.invalid + s.unjudged + s.skipped, loud.lines.size());
}

INSTANTIATE_TEST_SUITE_P(Inputs, Run, testing::ValuesIn(kCases), [](const auto& test) { return test.param.name; });

// ---- Several files --------------------------------------------------------------------------------------------------

TEST(Runs, ATreeOfManifestsAndOtherThings) {
  const Folder folder;
  folder.add("app/deploy.yaml", config_map("a"));
  folder.add("app/kustomization.yaml", "resources: [deploy.yaml]\n");
  folder.add("app/patch.yaml", "- {op: replace, path: /data}\n");
  folder.add("app/dashboard.json", "{\"panels\": [], \"title\": \"x\"}\n");
  folder.add("app/half.yaml", config_map("b") + "---\nmetadata:\n  name: c\n");
  folder.add("chart/Chart.yaml", "apiVersion: v2\nname: c\n");
  folder.add("chart/values.yaml", "a: 1\n");
  folder.add("chart/templates/a.yaml", "kind: {{ .Values.kind }}\n");
  folder.add("chart/templates/b.yaml", config_map("plain"));
  folder.add("compose.yaml", "services: {}\nservices: {}\n");
  folder.add(".git/x.yaml", "a: [\n");
  folder.add("empty.yaml", "# nothing\n");
  Options options = options_for({folder.path()});
  const Told told = tell(options);
  Strings found;
  for (const std::string& line : told.lines) {
    if (line.find('@') != line.npos) found.push_back(line);
  }
  ASSERT_EQ(found.size(), 1u);  // the document in half.yaml that lost its first lines
  EXPECT_NE(found[0].find("document/not-an-object@6:1"), std::string::npos) << found[0];
  report::Summary summary = told.summary;
  summary.errors = 0;
  EXPECT_EQ(report::summary_line(summary),
            "5 files, 3 objects, 1 kustomization, 1.28 and 1.29: all valid; 6 files skipped (1 chart template, 2 chart "
            "files, 3 without apiVersion and kind); 1 hidden folder skipped");
}

TEST(Runs, WhatIsNamedIsNeverSkipped) {
  const Folder folder;
  const Strings files = {folder.add("compose.yaml", "services: {}\n"),
                         folder.add("c/Chart.yaml", "apiVersion: v2\nname: c\n"),
                         folder.add("notes.txt", "some words\n")};
  for (const std::string& file : files) {
    const Told told = tell(options_for({file}));
    ASSERT_EQ(told.lines.size(), 1u) << file;
    EXPECT_NE(told.lines[0].find("document/not-an-object"), std::string::npos) << file << ": " << told.lines[0];
    EXPECT_GT(told.summary.errors, 0u);
  }
}

TEST(Runs, ABrokenFileInAWalkIsTold) {
  const Folder folder;
  folder.add("a.yaml", "a: [\n");
  folder.add("b.yaml", "a: 1\n---\nb: \"\n");
  const Told told = tell(options_for({folder.path()}));
  ASSERT_EQ(told.lines.size(), 2u);
  EXPECT_TRUE(told.lines[0].starts_with("- error document/syntax")) << told.lines[0];
  EXPECT_TRUE(told.lines[1].starts_with("- error document/syntax")) << told.lines[1];
}

TEST(Runs, FilesThatCannotBeReadDoNotStopTheOthers) {
  const Folder folder;
  const std::string good = folder.add("a.yaml", config_map("a") + "dta: {}\n");
  const Told told = tell(options_for({folder.path("none.yaml"), good}));
  EXPECT_EQ(told.errors, Strings{folder.path("none.yaml") + ": No such file or directory"});
  EXPECT_EQ(told.lines,
            (Strings{"- error (No such file or directory)", "ConfigMap/a invalid schema/unknown-field@5:1"}));
  EXPECT_EQ(report::summary_line(told.summary), "1 file, 1 object, 1.28 and 1.29: 1 error; 1 file not read");
  EXPECT_EQ(told.summary.unjudged, 1u);
}

TEST(Runs, AFileThatIsTooLarge) {
  const Folder folder;
  Options options =
      options_for({folder.add("a.yaml", std::string((1 << 20) + 1, '#')), folder.add("b.yaml", config_map("b"))});
  options.limits.file_bytes = 1 << 20;
  const Told told = tell(options);
  EXPECT_EQ(told.lines, Strings{"- error document/limit@1:1"});
  EXPECT_EQ(told.summary.objects, 1u);
  EXPECT_TRUE(told.errors.empty());
}

TEST(Runs, NoObjectsAtAll) {
  const Folder folder;
  folder.add("empty/notes.md", "");
  const struct {
    Strings paths;
    std::string_view summary;
  } cases[] = {
      {{folder.path("empty")}, "0 files, 0 objects, 1.28 and 1.29: "},
      {{folder.add("a.yaml", "")}, "1 file, 0 objects, 1.28 and 1.29: "},
      {{folder.add("b.yaml", "---\n# x\n---\n")}, "1 file, 0 objects, 1.28 and 1.29: "},
      {{folder.add("c.yaml", "apiVersion: v1\nkind: List\nitems: []\n")}, "1 file, 0 objects, 1.28 and 1.29: "},
  };
  for (const auto& c : cases) {
    Options options = options_for(c.paths);
    const Told told = tell(options);
    EXPECT_EQ(told.lines, Strings{"- error run/no-objects@1:1"});
    EXPECT_EQ(report::summary_line(told.summary), std::string(c.summary) + "1 error");
    options.allow_empty = true;
    const Told allowed = tell(options);
    EXPECT_EQ(allowed.lines, Strings{});
    EXPECT_EQ(report::summary_line(allowed.summary), std::string(c.summary) + "nothing checked");
  }
}

TEST(Runs, EmptyStandardInputIsNoObjects) {
  const Input input("");
  Options options = options_for({"-"});
  options.standard_input = input.descriptor();
  EXPECT_EQ(tell(options).lines, Strings{"- error run/no-objects@1:1"});
}

TEST(Runs, JsonFromStandardInputAndFromAPipe) {
  const Input input("{\n\t\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\"}\n}\n");
  Options options = options_for({"-"});
  options.standard_input = input.descriptor();
  options.verbose = true;
  EXPECT_EQ(tell(options).lines, Strings{"ConfigMap/a valid"});
}

// ---- Definitions ----------------------------------------------------------------------------------------------------

TEST(Definitions, OfOneFileServeTheOthersWhateverTheOrder) {
  const Folder folder;
  const std::string crd = folder.add("crd.yaml", kWidgets), good = folder.add("good.yaml", widget("g", "1")),
                    bad = folder.add("bad.yaml", widget("b", "x"));
  const Strings expected = {"Widget/b invalid schema/type@6:9"};
  Strings paths = {bad, crd, good};
  std::sort(paths.begin(), paths.end());
  do {
    const Told told = tell(options_for(paths));
    EXPECT_EQ(told.lines, expected);
    EXPECT_EQ(told.summary.valid, 2u);
    EXPECT_EQ(told.summary.errors, 1u);
  } while (std::next_permutation(paths.begin(), paths.end()));
}

TEST(Definitions, ServeWhatCanBeReadButOnce) {
  const Folder folder;
  const Input input(widget("a", "x"));
  Options options = options_for({"-", folder.add("crd.yaml", kWidgets)});
  options.standard_input = input.descriptor();
  EXPECT_EQ(tell(options).lines, Strings{"Widget/a invalid schema/type@6:9"});
}

TEST(Definitions, GivenOnesWinOverFoundOnes) {
  const Folder folder;
  std::string text_size(kWidgets);
  text_size.replace(text_size.find("integer"), 7, "string");
  Options options = options_for({folder.add("in/crd.yaml", text_size), folder.add("in/w.yaml", widget("a", "x"))});
  EXPECT_EQ(tell(options).lines, Strings{});
  options.crds = {folder.add("given/crd.yaml", kWidgets)};
  EXPECT_EQ(tell(options).lines, Strings{"Widget/a invalid schema/type@6:9"});
}

TEST(Definitions, FromAFolder) {
  const Folder folder;
  folder.add("crds/readme.yaml", "a: 1\n");
  folder.add("crds/deep/crd.yaml", kWidgets);
  Options options = options_for({folder.add("w.yaml", widget("a", "x"))});
  options.crds = {folder.path("crds")};
  EXPECT_EQ(tell(options).lines, Strings{"Widget/a invalid schema/type@6:9"});
}

TEST(Definitions, APathWithoutAnyIsAnError) {
  const Folder folder;
  const std::string plain = folder.add("a.yaml", config_map("a")), broken = folder.add("b.yaml", "a: b\n c: d: e\n");
  const struct {
    std::string path;
    std::string_view expected;
  } cases[] = {
      {plain, "there is no CustomResourceDefinition (apiextensions.k8s.io/v1) here"},
      {folder.path("none"), "No such file or directory"},
      {broken, "b.yaml:2:"},
      {"-", "CRDs are not read from standard input"},
  };
  for (const auto& c : cases) {
    Options options = options_for({plain});
    options.crds = {c.path};
    const Told told = tell(options);
    EXPECT_NE(told.error.find(c.expected), std::string::npos) << c.path << ": " << told.error;
    EXPECT_NE(told.error.find("--crd"), std::string::npos) << told.error;
  }
}

TEST(Settings, ThatCannotBeUsed) {
  const Folder folder;
  const std::string file = folder.add("a.yaml", config_map("a"));
  Options pattern = options_for({file});
  pattern.ignore_patterns = {"("};
  EXPECT_NE(tell(pattern).error.find("--ignore-filename-pattern"), std::string::npos);
  Options bundle = options_for({file});
  bundle.crd_bundles = {"nothing@1"};
  EXPECT_NE(tell(bundle).error, "");
}

// ---- Threads --------------------------------------------------------------------------------------------------------

// A tree with faults of many kinds, files of many documents, and definitions among the resources.
void make_farm(const Folder& folder) {
  std::string large;
  for (int i = 0; i < 3000; ++i) {
    const std::string name = "m" + std::to_string(i);
    large += "---\n" + (i % 7 == 3 ? widget(name, i % 2 ? "x" : "1") : config_map(name));
    if (i % 50 == 0) large += "dta: {}\n";
    if (i % 401 == 0) large += "a: \"\n";
    large += "data:\n  text: " + std::string(100, 'x') + "\n";
  }
  folder.add("large.yaml", large);
  for (int i = 0; i < 120; ++i) {
    const std::string name = "f" + std::to_string(i);
    folder.add("d" + std::to_string(i % 9) + "/" + name + ".yaml",
               config_map(name) + (i % 5 == 0 ? "dta: {}\n" : "") + "---\n" + widget(name, i % 3 ? "1" : "x"));
  }
  folder.add("d5/crd.yaml", kWidgets);
  folder.add("d7/kustomization.yaml", "resources: []\n");
}

std::string json_of(Options options) {
  report::OutputOptions output_options;
  for (const schema::Target& target : options.targets) output_options.targets.push_back(target.name);
  output_options.verbose = options.verbose;
  report::Sink sink;
  const auto output = report::make_output(report::Format::kJson, output_options, sink);
  const auto outcome = validate(options, *output);
  EXPECT_TRUE(outcome.ok());
  return outcome.ok() ? sink.text() + report::summary_line(outcome->summary) : "";
}

TEST(Threads, TheReportDoesNotDependOnTheirNumber) {
  const Folder folder;
  make_farm(folder);
  for (const bool verbose : {false, true}) {
    Options options = options_for({folder.path()});
    options.verbose = verbose;
    const std::string expected = json_of(options);
    EXPECT_GT(expected.size(), 10000u);
    for (const int threads : {1, 2, 3, 8}) {
      for (const std::size_t held_bytes : {std::size_t{0}, std::size_t{20000}, options_for({}).held_bytes}) {
        options.threads = threads;
        options.held_bytes = held_bytes;
        EXPECT_TRUE(json_of(options) == expected) << threads << " threads, " << held_bytes << " bytes held";
      }
    }
  }
}

}  // namespace
}  // namespace kubegate::run
