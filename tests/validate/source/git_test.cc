// Repositories made by the tests: what stands in a commit, in the index and in the work tree, and what differs.
#include "validate/source/git.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/git.h"
#include "validate/source/tree_select.h"

namespace kubegate::source {
namespace {

using Strings = std::vector<std::string>;

std::shared_ptr<const Repository> open(const GitFolder& folder) {
  auto opened = Repository::open(folder.path(), "");
  EXPECT_TRUE(opened.ok()) << opened.error().text();
  return *opened;
}

Strings lines_of(const Result<std::vector<Change>>& changes) {
  if (!changes.ok()) return {changes.error().text()};
  Strings lines;
  for (const Change& change : *changes) lines.push_back((change.gone ? "-" : "+") + change.path);
  return lines;
}

// All that the tree holds: "path kind content".
void add_lines(const Tree& tree, const std::string& folder, Strings& out) {
  const auto entries = tree.list(folder);
  ASSERT_TRUE(entries.ok()) << folder;
  for (const Entry& entry : *entries) {
    const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
    EXPECT_EQ(tree.kind(path), entry.kind) << path;
    if (entry.kind == EntryKind::kFolder) {
      add_lines(tree, path, out);
    } else if (entry.kind == EntryKind::kSubmodule) {
      out.push_back(path + " submodule");
    } else {
      const auto text = tree.read(path, 1000);
      out.push_back(path + (entry.kind == EntryKind::kLink ? " -> " : " ") +
                    (text.ok() ? *text : text.error().message));
    }
  }
}

Strings lines_of(const Result<std::shared_ptr<const Tree>>& tree) {
  if (!tree.ok()) return {tree.error().text()};
  Strings lines;
  add_lines(**tree, "", lines);
  return lines;
}

Strings lines_of(const Result<std::vector<Input>>& inputs) {
  if (!inputs.ok()) return {inputs.error().text()};
  Strings lines;
  Buffer buffer;
  for (const Input& input : *inputs) {
    std::string line = input.path;
    if (input.named) line += " named";
    if (input.chart_template) line += " template";
    if (input.kind == Input::Kind::kSkipped) line += " skipped: " + std::string(noun_of(input.reason).one);
    if (input.kind == Input::Kind::kFailed) line += " failed: " + input.error;
    if (input.kind == Input::Kind::kContent) {
      const auto content = read_input(input, 1000, buffer);
      line += ": " + (content.ok() ? std::string(*content) : content.error().message);
    }
    lines.push_back(line);
  }
  return lines;
}

TEST(Git, ThreeTreesOfOneRepository) {
  const GitFolder folder;
  folder.write("a.yaml", "1");
  folder.write("d/b.yaml", "1");
  folder.write("d.x", "1");
  folder.link("l.yaml", "d/b.yaml");
  const std::string first = folder.commit_all();
  folder.write("a.yaml", "2");
  folder.write("d/e/c.yaml", "2");
  folder.stage();
  folder.write("a.yaml", "3");

  const auto git = open(folder);
  EXPECT_EQ(git->work_tree(), folder.path());
  const Strings committed = {"a.yaml 1", "d/b.yaml 1", "d.x 1", "l.yaml -> d/b.yaml"};
  EXPECT_EQ(lines_of(git->tree(*git->find("HEAD"))), committed);
  const Strings staged = {"a.yaml 2", "d/b.yaml 1", "d/e/c.yaml 2", "d.x 1", "l.yaml -> d/b.yaml"};
  EXPECT_EQ(lines_of(git->index()), staged);
  const auto work = folder_tree(folder.path());
  EXPECT_EQ(*work->read("a.yaml", 10), "3");
  EXPECT_EQ(work->resolve("l.yaml").path, "d/b.yaml");

  const auto head = *git->head();
  EXPECT_EQ(head.id, first);
  EXPECT_EQ(lines_of(git->changes_to_index(head)), (Strings{"+a.yaml", "+d/e/c.yaml"}));
  folder.remove("d/b.yaml");
  folder.write("new.yaml", "1");
  EXPECT_EQ(lines_of(git->changes_to_work_tree(head)), (Strings{"+a.yaml", "-d/b.yaml", "+d/e/c.yaml", "+new.yaml"}));
  const std::string second = folder.commit_all();
  EXPECT_EQ(lines_of(git->changes(*git->find(first), *git->find(second))),
            (Strings{"+a.yaml", "-d/b.yaml", "+d/e/c.yaml", "+new.yaml"}));
  EXPECT_EQ((*git->tree(*git->find("HEAD~1")))->find("", std::vector<std::string_view>{"b.yaml", "a.yaml"}),
            (Strings{"a.yaml", "d/b.yaml"}));
}

TEST(Git, RevisionsByAnyName) {
  const GitFolder folder;
  folder.write("a", "1");
  const std::string id = folder.commit_all();
  folder.point("refs/heads/feature/x", id);
  folder.point("refs/tags/v1", id);
  folder.point("refs/remotes/origin/release", id);
  git_remote* remote = nullptr;
  GitFolder::must(git_remote_create(&remote, folder.repository(), "origin", "https://example.com/x.git"));
  git_remote_free(remote);
  git_oid oid;
  GitFolder::must(git_oid_fromstr(&oid, id.c_str()));
  git_object* commit = nullptr;
  GitFolder::must(git_object_lookup(&commit, folder.repository(), &oid, GIT_OBJECT_COMMIT));
  git_signature* who = nullptr;
  GitFolder::must(git_signature_new(&who, "a", "a@example.com", 1700000000, 0));
  git_oid tag;
  GitFolder::must(git_tag_create(&tag, folder.repository(), "annotated", commit, who, "a tag", 0));
  git_signature_free(who);
  git_object_free(commit);

  const auto git = open(folder);
  for (const std::string& name :
       {id, id.substr(0, 8), std::string("HEAD"), std::string("main"), std::string("feature/x"), std::string("v1"),
        std::string("annotated"), std::string("origin/release")}) {
    const auto found = git->find(name);
    ASSERT_TRUE(found.ok()) << name << ": " << found.error().text();
    EXPECT_EQ(found->id, id) << name;
  }
  const std::pair<const char*, const char*> wrong[] = {
      {"release", "release: there is no such commit, branch or tag here; did you mean origin/release?"},
      {"nothing", "nothing: there is no such commit, branch or tag here"},
      {"0123456789", "0123456789: there is no such commit, branch or tag here"},
  };
  for (const auto& [name, message] : wrong) {
    const auto found = git->find(name);
    ASSERT_FALSE(found.ok()) << name;
    EXPECT_EQ(found.error().text(), message);
  }
  EXPECT_FALSE(git->find("HEAD^{tree}").ok());
  EXPECT_FALSE(git->find("@{").ok());
}

TEST(Git, ABranchWithoutCommitsAndABareRepository) {
  const GitFolder folder;
  folder.write("a.yaml", "1");
  folder.stage();
  const auto git = open(folder);
  EXPECT_EQ(git->head()->id, "");
  EXPECT_EQ(lines_of(git->changes_to_index(*git->head())), Strings{"+a.yaml"});
  EXPECT_EQ(lines_of(git->index()), Strings{"a.yaml 1"});

  const GitFolder bare(true);
  const auto opened = Repository::open("/", bare.path());
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ((*opened)->work_tree(), "");
  const auto none = Repository::open("/", bare.path() + "/objects");
  ASSERT_FALSE(none.ok());
  EXPECT_NE(none.error().text().find("there is no git repository here"), std::string::npos);
}

TEST(Git, TheIndexHasConflictsIntentsAndSubmodules) {
  const GitFolder folder;
  folder.write("a.yaml", "1");
  const std::string id = folder.commit_all();
  git_oid commit;
  GitFolder::must(git_oid_fromstr(&commit, id.c_str()));
  folder.stage_entry("sub", GIT_FILEMODE_COMMIT, commit);
  folder.stage_entry("later.yaml", GIT_FILEMODE_BLOB, folder.blob(""), GIT_INDEX_ENTRY_INTENT_TO_ADD);
  const auto git = open(folder);
  EXPECT_EQ(lines_of(git->index()), (Strings{"a.yaml 1", "sub submodule"}));
  folder.stage_entry("c.yaml", GIT_FILEMODE_BLOB, folder.blob("x"), 0, 1);
  EXPECT_EQ(lines_of(git->index()), Strings{"c.yaml: in conflict: resolve it and git add the result"});
}

TEST(Git, ACommitOfAPartHasAnIndexOfItsOwn) {
  const GitFolder folder;
  folder.write("a.yaml", "1");
  folder.commit_all();
  const std::string other = folder.path(".git/next-index-1.lock");
  std::filesystem::copy_file(folder.path(".git/index"), other);
  folder.write("b.yaml", "1");
  folder.stage();
  ASSERT_EQ(setenv("GIT_INDEX_FILE", ".git/next-index-1.lock", 1), 0);
  const Strings part = lines_of(open(folder)->index());
  unsetenv("GIT_INDEX_FILE");
  EXPECT_EQ(part, Strings{"a.yaml 1"});
  EXPECT_EQ(lines_of(open(folder)->index()), (Strings{"a.yaml 1", "b.yaml 1"}));
}

TEST(Git, ARepositoryOfSomebodyElseIsNotTrusted) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  const GitFolder folder;
  ASSERT_EQ(lchown(folder.path().c_str(), 12345, 12345), 0);
  ASSERT_EQ(lchown(folder.path(".git").c_str(), 12345, 12345), 0);
  const auto opened = Repository::open(folder.path(), "");
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().text().find("git config --global --add safe.directory"), std::string::npos)
      << opened.error().text();
}

TEST(Git, WhereTwoCommitsPart) {
  const GitFolder folder;
  folder.write("a", "1");
  folder.commit_all();
  folder.write("a", "2");
  const std::string base = folder.commit_all();
  folder.point("refs/heads/feature", base);
  folder.write("b", "1");
  const std::string feature = folder.commit_all("refs/heads/feature");
  folder.remove("b");
  folder.write("c", "1");
  const std::string main = folder.commit_all();

  const auto git = open(folder);
  EXPECT_EQ(git->merge_base(*git->find("main"), *git->find("feature"))->id, base);

  // A clone that holds the last commit of each, and then one that holds the base but nothing behind it.
  const std::string shallow = folder.path(".git/shallow");
  std::ofstream(shallow) << feature << "\n" << main << "\n";
  const auto cut = open(folder)->merge_base(*git->find("main"), *git->find("feature"));
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().text(),
            "main and feature: the clone is too shallow to hold the commit from which both come: give actions/checkout "
            "fetch-depth: 0, GitLab GIT_DEPTH: 0, or run git fetch --unshallow");
  std::ofstream(shallow) << base << "\n";
  const auto held = open(folder)->merge_base(*git->find("main"), *git->find("feature"));
  ASSERT_TRUE(held.ok()) << held.error().text();
  EXPECT_EQ(held->id, base);
}

TEST(TreeSelect, ATreeIsTakenAsAWalkTakesAFolder) {
  const GitFolder folder;
  folder.write("app/a.yaml", "1");
  folder.write("app/notes.txt", "1");
  folder.write("app-2/b.yml", "2");
  folder.write("chart/Chart.yaml", "c");
  folder.write("chart/values-x.yaml", "c");
  folder.write("chart/templates/t.yaml", "t");
  folder.write(".github/workflows/w.yaml", "w");
  folder.write(".gitlab-ci.yml", "w");
  folder.link("app/in.yaml", "../app-2/b.yml");
  folder.link("app/out.yaml", "../../../etc/passwd");
  folder.link("app/self", ".");
  folder.link("linked", "app-2");
  folder.write("big.yaml", std::string(2000, 'x'));
  git_oid id;
  GitFolder::must(git_oid_fromstr(&id, folder.commit_all().c_str()));
  folder.stage_entry("sub", GIT_FILEMODE_COMMIT, id);
  const auto git = open(folder);

  const Strings expected = {".github skipped: hidden folder",
                            ".gitlab-ci.yml skipped: workflow",
                            "app/a.yaml: 1",
                            "app/in.yaml: 2",
                            "app/out.yaml skipped: link out of the tree",
                            "app-2/b.yml: 2",
                            "big.yaml: more than 1000 bytes",
                            "chart/Chart.yaml skipped: chart file",
                            "chart/templates/t.yaml template: t",
                            "chart/values-x.yaml skipped: chart file",
                            "linked/b.yml: 2",
                            "sub skipped: submodule"};
  const auto tree = *git->index();
  const auto selector = TreeSelector::make(tree, Standpoint("", folder.path()), {});
  ASSERT_TRUE(selector.ok());
  EXPECT_EQ(lines_of(selector->all(Strings{folder.path()})), expected);
  // The same one by one, as files that changed.
  const Strings changed = {".github/workflows/w.yaml",
                           ".gitlab-ci.yml",
                           "app/a.yaml",
                           "app/in.yaml",
                           "app/notes.txt",
                           "app/out.yaml",
                           "app/self",
                           "app-2/b.yml",
                           "big.yaml",
                           "chart/Chart.yaml",
                           "chart/templates/t.yaml",
                           "chart/values-x.yaml",
                           "gone.yaml",
                           "linked",
                           "sub"};
  Strings one_by_one = lines_of(selector->some(changed, Strings{"."}));
  std::erase_if(one_by_one, [](const std::string& line) { return line.starts_with("app/self/"); });
  EXPECT_EQ(one_by_one, expected);

  struct Case {
    Strings paths;
    Strings expected;
  };
  const Case cases[] = {
      {{"app/a.yaml"}, {"app/a.yaml named: 1"}},
      {{"app-2", "app-2/b.yml"}, {"app-2/b.yml: 2"}},
      {{"app*/*.y*ml"},
       {"app/a.yaml: 1", "app/in.yaml: 2", "app/out.yaml skipped: link out of the tree", "app-2/b.yml: 2"}},
      {{"**/b.yml"}, {"app-2/b.yml: 2", "linked/b.yml: 2"}},
      {{"nothing.yaml"}, {"nothing.yaml: no such file in the tree that is judged"}},
      {{"../x"}, {"../x: lies outside of the repository " + folder.path()}},
      {{"/etc"}, {"/etc: lies outside of the repository " + folder.path()}},
  };
  for (const Case& c : cases) EXPECT_EQ(lines_of(selector->all(c.paths)), c.expected) << c.paths[0];

  const auto inside = TreeSelector::make(tree, Standpoint("app", folder.path()), Strings{"in\\.yaml$"});
  ASSERT_TRUE(inside.ok());
  EXPECT_EQ(lines_of(inside->all(Strings{".", "../app-2"})),
            (Strings{"a.yaml: 1", "in.yaml skipped: ignored by pattern", "out.yaml skipped: link out of the tree",
                     "../app-2/b.yml: 2"}));
  EXPECT_EQ(lines_of(inside->some(Strings{"app/a.yaml", "app-2/b.yml"}, Strings{".."})),
            (Strings{"a.yaml: 1", "../app-2/b.yml: 2"}));
}

TEST(Tree, LinksEndSomewhere) {
  const Folder folder;
  folder.add("a/b.yaml", "1");
  std::filesystem::create_symlink("y", folder.path("x"));
  std::filesystem::create_symlink("x", folder.path("y"));
  std::filesystem::create_symlink("a", folder.path("z"));
  std::filesystem::create_symlink("nowhere", folder.path("n"));
  std::filesystem::create_symlink("/etc", folder.path("o"));
  const auto tree = folder_tree(folder.path());
  EXPECT_EQ(tree->resolve("x").kind, EntryKind::kSpecial);
  EXPECT_EQ(tree->resolve("z/b.yaml").path, "a/b.yaml");
  EXPECT_EQ(tree->resolve("n").kind, EntryKind::kNone);
  EXPECT_EQ(tree->resolve("o/passwd").kind, EntryKind::kSpecial);
  EXPECT_EQ(joined_path("a/b", "../c/./d"), "a/c/d");
  EXPECT_EQ(joined_path("a", "../.."), std::nullopt);
}

TEST(Repository, Remotes) {
  const GitFolder git;
  for (const char* name : {"origin", "fork"}) {
    git_remote* made = nullptr;
    const std::string url = std::string("https://example.com/") + name + ".git";
    GitFolder::must(git_remote_create(&made, git.repository(), name, url.c_str()));
    git_remote_free(made);
  }
  const auto repository = Repository::open(git.path(), "");
  ASSERT_TRUE(repository.ok());
  EXPECT_EQ((*repository)->remotes(),
            (std::vector<std::string>{"https://example.com/origin.git", "https://example.com/fork.git"}));
}

}  // namespace
}  // namespace kubegate::source
