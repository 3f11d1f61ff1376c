// What a command line's paths select: each case makes a small tree in a folder of its own and lists what must come out.
#include "validate/source/select.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <ostream>

#include "tests/support/folder.h"

namespace kubegate::source {
namespace {

namespace fs = std::filesystem;

// The current folder of a test: empty, and gone with the test.
class Tree {
 public:
  Tree() : before_(fs::current_path()) { fs::current_path(root_); }
  ~Tree() { fs::current_path(before_); }

  // "a/b.yaml" is a file, "a/" a folder, "a -> b" a symbolic link, "a |" a FIFO.
  void make(const std::string& what) const {
    if (const auto arrow = what.find(" -> "); arrow != what.npos) {
      parent(what.substr(0, arrow));
      fs::create_symlink(what.substr(arrow + 4), what.substr(0, arrow));
    } else if (what.ends_with(" |")) {
      ASSERT_EQ(mkfifo(what.substr(0, what.size() - 2).c_str(), 0600), 0);
    } else if (what.ends_with('/')) {
      fs::create_directories(what);
    } else {
      parent(what);
      std::ofstream(what) << "content\n";
    }
  }

  const fs::path& root() const { return root_; }

 private:
  static void parent(const fs::path& path) {
    if (path.has_parent_path()) fs::create_directories(path.parent_path());
  }

  fs::path before_;
  Folder folder_;
  fs::path root_ = fs::canonical(folder_.path());
};

std::string name_of(SkipReason reason) { return std::string(noun_of(reason).one); }

// "path", with what is special about it: "named", "template", "skipped: REASON", "failed: WHY".
std::string line_of(const Input& input) {
  std::string line = input.path;
  switch (input.kind) {
    case Input::Kind::kContent:
    case Input::Kind::kFile:
      if (input.named) line += " named";
      if (input.chart_template) line += " template";
      break;
    case Input::Kind::kStandardInput: line += " standard input"; break;
    case Input::Kind::kSkipped: line += " skipped: " + name_of(input.reason); break;
    case Input::Kind::kFailed: line += " failed: " + input.error; break;
  }
  return line;
}

using Strings = std::vector<std::string>;

struct Case {
  const char* name;
  Strings tree;
  Strings paths;
  Strings ignore;
  Strings expected;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

const Case kCases[] = {
    {"extensions_of_any_case",
     {"d/a.yaml", "d/b.YML", "d/c.Json", "d/README.md", "d/e", "d/.yaml", "d/yaml"},
     {"d"}, {}, {"d/a.yaml", "d/b.YML", "d/c.Json"}},
    {"order_is_by_bytes_within_a_folder_and_by_argument_between",
     {"z/1.yaml", "a/b.yaml", "a/b/2.yaml", "a/B.yaml", "a/a.yaml"},
     {"z", "a"}, {}, {"z/1.yaml", "a/B.yaml", "a/a.yaml", "a/b/2.yaml", "a/b.yaml"}},
    {"the_current_folder_adds_no_dot", {"a.yaml", "b/c.yaml"}, {"."}, {}, {"a.yaml", "b/c.yaml"}},
    {"a_trailing_slash_and_a_leading_dot", {"d/a.yaml"}, {"./d//"}, {}, {"d/a.yaml"}},
    {"a_named_file_counts_whatever_its_extension", {"a.txt", "b"}, {"a.txt", "b"}, {}, {"a.txt named", "b named"}},
    {"a_missing_path", {"a.yaml"}, {"a.yaml", "none.yaml"}, {}, {"a.yaml named", "none.yaml failed: No such file or directory"}},
    {"one_path_written_in_several_ways", {"d/a.yaml"}, {"d/a.yaml", "./d/a.yaml", "d/../d/a.yaml"}, {}, {"d/a.yaml named"}},
    {"a_file_that_was_walked_and_is_named_too", {"d/a.yaml", "d/b.yaml"}, {"d", "d/b.yaml"}, {}, {"d/a.yaml", "d/b.yaml named"}},
    {"a_named_workflow_is_read", {"d/.gitlab-ci.yml"}, {"d", "d/.gitlab-ci.yml"}, {}, {"d/.gitlab-ci.yml named"}},
    {"a_folder_within_a_folder_given_twice", {"d/e/a.yaml", "d/b.yaml"}, {"d/e", "d"}, {}, {"d/e/a.yaml", "d/b.yaml"}},
    {"standard_input_once", {"a.yaml"}, {"-", "a.yaml", "-"}, {}, {"stdin standard input", "a.yaml named"}},

    {"links_to_files_and_folders_are_followed",
     {"real/a.yaml", "d/link.yaml -> ../real/a.yaml", "d/folder -> ../real"},
     {"d"}, {}, {"d/folder/a.yaml", "d/link.yaml"}},
    {"a_link_that_closes_a_cycle_ends_there", {"d/a.yaml", "d/e/up -> ..", "d/self -> ."}, {"d"}, {}, {"d/a.yaml"}},
    {"links_between_siblings_end_too", {"d/a/x -> ../b", "d/b/y -> ../a", "d/b/f.yaml"}, {"d"}, {},
     {"d/a/x/f.yaml", "d/b/f.yaml"}},
    {"a_link_that_leads_nowhere",
     {"d/a.yaml -> gone.yaml", "d/b -> gone"},
     {"d", "d/b"}, {}, {"d/a.yaml failed: a symbolic link that leads nowhere", "d/b failed: a symbolic link that leads nowhere"}},
    {"a_link_to_itself", {"d/a.yaml -> a.yaml"}, {"d"}, {}, {"d/a.yaml failed: Too many levels of symbolic links"}},

    {"a_fifo_is_skipped_in_a_walk_and_read_when_named", {"d/", "d/p.yaml |", "d/q.yaml |"}, {"d", "d/q.yaml"}, {},
     {"d/p.yaml skipped: special file", "d/q.yaml named"}},
    {"hidden_folders", {"d/.git/config.yaml", "d/.github/workflows/ci.yaml", "d/.hidden.yaml", "d/a.yaml"}, {"d"}, {},
     {"d/.git skipped: hidden folder", "d/.github skipped: hidden folder", "d/.hidden.yaml", "d/a.yaml"}},
    {"a_hidden_folder_that_is_named_is_walked", {".d/a.yaml", ".d/.e/b.yaml"}, {".d"}, {},
     {".d/.e skipped: hidden folder", ".d/a.yaml"}},
    {"workflows", {".github/workflows/ci.yaml", ".github/dependabot.yml", "d/.gitlab-ci.yml"}, {".github", "d"}, {},
     {".github/dependabot.yml", ".github/workflows/ci.yaml skipped: workflow", "d/.gitlab-ci.yml skipped: workflow"}},
    {"a_chart",
     {"c/Chart.yaml", "c/values.yaml", "c/values-prod.yml", "c/values.schema.json", "c/crds/crd.yaml",
      "c/templates/deep/a.yaml", "c/templates/b.yaml", "c/charts/sub/Chart.yaml", "c/charts/sub/templates/s.yaml"},
     {"c"}, {},
     {"c/Chart.yaml skipped: chart file", "c/charts/sub/Chart.yaml skipped: chart file",
      "c/charts/sub/templates/s.yaml template", "c/crds/crd.yaml", "c/templates/b.yaml template",
      "c/templates/deep/a.yaml template", "c/values-prod.yml skipped: chart file",
      "c/values.schema.json skipped: chart file", "c/values.yaml skipped: chart file"}},
    {"templates_and_values_without_a_chart", {"d/templates/a.yaml", "d/values.yaml"}, {"d"}, {},
     {"d/templates/a.yaml", "d/values.yaml"}},
    {"the_templates_of_a_chart_alone", {"c/Chart.yaml", "c/templates/x/a.yaml"}, {"c/templates", "c/templates/x/a.yaml"},
     {}, {"c/templates/x/a.yaml named"}},
    {"a_folder_inside_templates", {"c/Chart.yaml", "c/templates/x/a.yaml"}, {"c/templates/x"}, {},
     {"c/templates/x/a.yaml template"}},

    {"patterns_match_anywhere_in_the_path", {"d/keep.yaml", "d/gen/a.yaml", "d/b.gen.yaml"}, {"d"}, {"/gen/", "\\.gen\\."},
     {"d/b.gen.yaml skipped: ignored by pattern", "d/gen/a.yaml skipped: ignored by pattern", "d/keep.yaml"}},
    {"patterns_hold_for_named_files_too", {"d/a.yaml"}, {"d/a.yaml"}, {"a\\.yaml$"},
     {"d/a.yaml skipped: ignored by pattern"}},

    {"a_glob", {"o/p/api.yaml", "o/q/api.yaml", "o/q/web.yaml", "o/.h/api.yaml", "o/api.yaml"}, {"o/*/api.yaml"}, {},
     {"o/p/api.yaml named", "o/q/api.yaml named"}},
    {"a_glob_of_folders_is_walked", {"o/p1/a.yaml", "o/p2/b.yaml", "o/x/c.yaml", "o/p1/notes.txt"}, {"o/p?"}, {},
     {"o/p1/a.yaml", "o/p2/b.yaml"}},
    {"a_class", {"a1.yaml", "a2.yaml", "a3.yaml"}, {"a[12].yaml"}, {}, {"a1.yaml named", "a2.yaml named"}},
    {"two_stars", {"o/a.yaml", "o/p/a.yaml", "o/p/q/a.yaml", "o/p/q/b.yaml", "o/.h/a.yaml", "o/l -> p"}, {"o/**/a.yaml"}, {},
     {"o/a.yaml named", "o/p/a.yaml named", "o/p/q/a.yaml named"}},
    {"two_stars_at_the_end_walk", {"o/a.yaml", "o/p/b.yaml", "o/README.md"}, {"o/**"}, {}, {"o/a.yaml", "o/p/b.yaml"}},
    {"two_stars_twice", {"o/p/q/a.yaml"}, {"**/**/a.yaml"}, {}, {"o/p/q/a.yaml named"}},
    {"a_glob_without_a_match", {"a.yaml"}, {"*.yml"}, {}, {"*.yml failed: no file matches"}},
    {"a_file_with_the_name_of_a_glob", {"a*.yaml", "ab.yaml"}, {"a*.yaml"}, {}, {"a*.yaml named"}},
};

class Select : public testing::TestWithParam<Case> {};

TEST_P(Select, Inputs) {
  const Case& c = GetParam();
  const Tree tree;
  for (const std::string& what : c.tree) tree.make(what);
  const auto inputs = select(c.paths, c.ignore);
  ASSERT_TRUE(inputs.ok()) << inputs.error().text();
  Strings lines;
  for (const Input& input : *inputs) lines.push_back(line_of(input));
  EXPECT_EQ(lines, c.expected);
}

INSTANTIATE_TEST_SUITE_P(Trees, Select, testing::ValuesIn(kCases), [](const auto& test) { return test.param.name; });

TEST(Select, AbsoluteAndRelativePathsAreOne) {
  const Tree tree;
  tree.make("d/a.yaml");
  const std::string absolute = (tree.root() / "d/a.yaml").string();
  const auto inputs = select(Strings{"d", absolute}, {});
  ASSERT_TRUE(inputs.ok());
  ASSERT_EQ(inputs->size(), 1u);
  EXPECT_EQ((*inputs)[0].path, absolute);
  EXPECT_TRUE((*inputs)[0].named);
}

TEST(Select, AFolderThatMayNotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads everything";
  const Tree tree;
  tree.make("d/closed/a.yaml");
  tree.make("d/b.yaml");
  fs::permissions("d/closed", fs::perms::none);
  const auto inputs = select(Strings{"d"}, {});
  fs::permissions("d/closed", fs::perms::owner_all);
  ASSERT_TRUE(inputs.ok());
  ASSERT_EQ(inputs->size(), 2u);
  EXPECT_EQ(line_of((*inputs)[1]), "d/closed failed: Permission denied");
}

TEST(Select, AMalformedPatternIsAnError) {
  const auto inputs = select({}, Strings{"a("});
  ASSERT_FALSE(inputs.ok());
  EXPECT_EQ(inputs.error().code, ErrorCode::kArgument);
  EXPECT_NE(inputs.error().text().find("a("), std::string::npos);
}

}  // namespace
}  // namespace kubegate::source
