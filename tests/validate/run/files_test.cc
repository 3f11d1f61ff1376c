// Inputs to results: pieces, windows of large files, and what is judged again.
#include "validate/run/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "tests/validate/run/support.h"
#include "validate/run/hold.h"

namespace kubegate::run {
namespace {

// Counts the objects it is asked about, and finds nothing.
class Counting final : public Check {
 public:
  std::optional<std::string> inputs(std::string_view) const override { return ""; }
  explicit Counting(int& count) : count_(count) {}
  schema::ObjectVerdict check(const document::Document&, const Object&, const schema::Resolution&, Memory*,
                              std::vector<Finding>&) const override {
    ++count_;
    return {};
  }

 private:
  int& count_;
};

// Finds fault with every object, and tells where it begins and what it is called.
class Complaining final : public Check {
 public:
  std::optional<std::string> inputs(std::string_view) const override { return ""; }
  schema::ObjectVerdict check(const document::Document& document, const Object& object, const schema::Resolution&,
                              Memory*, std::vector<Finding>& out) const override {
    Finding finding;
    finding.rule = "schema/type";
    finding.message = std::string(object.identity.name);
    finding.span = document[object.node].span();
    out.push_back(std::move(finding));
    return {};
  }
};

Judge judge_by(std::shared_ptr<const Check> check) {
  std::vector<std::shared_ptr<const Check>> checks;
  checks.push_back(std::move(check));
  return Judge({}, *schema::Catalogue::make({targets(), {}}, nullptr, nullptr), std::move(checks));
}

std::shared_ptr<const source::Input> input(const std::string& path) {
  source::Input made;
  made.path = path;
  return std::make_shared<const source::Input>(std::move(made));
}

std::function<std::optional<Task>()> each(std::vector<Task> tasks) {
  auto rest = std::make_shared<std::vector<Task>>(std::move(tasks));
  std::reverse(rest->begin(), rest->end());
  return [rest]() -> std::optional<Task> {
    if (rest->empty()) return std::nullopt;
    Task task = std::move(rest->back());
    rest->pop_back();
    return task;
  };
}

Task task(std::shared_ptr<const source::Input> of) {
  Task made;
  made.input = std::move(of);
  return made;
}

// "name@line:slice" of each document, with "|" where a file ends.
std::string told_of(const Files& files, std::vector<Task> tasks) {
  std::string told;
  std::uint32_t end = 0;
  files.judge(judge_by(std::make_shared<Complaining>()), each(std::move(tasks)), [&](FilePart& part) {
    for (const DocumentResult& document : part.documents.open) {
      const report::Resource& resource = document.resources.at(0);
      EXPECT_GE(document.slice, end);
      told += resource.findings.at(0).message + "@" + std::to_string(resource.line) + ":" +
              std::to_string(document.slice) + " ";
    }
    end = part.last ? 0 : part.end;
    if (!part.error.empty()) told += part.error;
    if (part.last) told += "|";
  });
  return told;
}

// Documents of sizes around and far beyond a window, some behind directives, `...` or comments.
std::string large_text(std::mt19937& random, std::size_t documents, std::string& expected) {
  std::string text;
  std::size_t line = 1;
  const auto add = [&](const std::string& more) {
    text += more;
    line += static_cast<std::size_t>(std::count(more.begin(), more.end(), '\n'));
  };
  for (std::size_t i = 0; i < documents; ++i) {
    const auto kind = random() % 8;
    add(kind == 0   ? "...\n%YAML 1.1\n# a comment\n---\n"
        : kind == 1 ? "...\n# a comment\n"
                    : "---\n# a comment\n---\n");
    const std::string name = "n" + std::to_string(i);
    expected += name + "@" + std::to_string(line) + ":" + std::to_string(i) + " ";
    add("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\ndata:\n  text: |\n");
    const std::size_t lines = random() % 50 == 0 ? random() % 20000 : random() % 20;
    for (std::size_t k = 0; k < lines; ++k) add("    --- a line of text\n");
  }
  return text;
}

TEST(Files, ALargeFileIsWhatItsDocumentsAre) {
  const Folder folder;
  std::mt19937 random(1);
  for (const int threads : {1, 2, 5}) {
    std::string expected;
    const std::string text = large_text(random, 1000, expected);
    const auto large = input(folder.add("large.yaml", text));
    const auto small = input(folder.add("small.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\n"));
    const Files files({}, threads, 0);
    const std::string told = told_of(files, {task(small), task(large), task(small), task(large), task(small)});
    EXPECT_TRUE(told == "s@1:0 |" + expected + "|s@1:0 |" + expected + "|s@1:0 |") << threads;
  }
}

TEST(Files, ContentIsJudgedAsAFileOfItsBytesIs) {
  std::mt19937 random(3);
  std::string expected;
  source::Input made;
  made.path = "overlays/prod";
  made.kind = source::Input::Kind::kContent;
  made.content = source::text_content(large_text(random, 300, expected));
  const auto large = std::make_shared<const source::Input>(made);
  made.path = "small.json";
  made.content = source::text_content(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "s"}})");
  const auto small = std::make_shared<const source::Input>(made);
  for (const int threads : {1, 3}) {
    EXPECT_TRUE(told_of(Files({}, threads, 0), {task(small), task(large), task(small)}) ==
                "s@1:0 |" + expected + "|s@1:0 |")
        << threads;
  }
  document::Limits limits;
  limits.file_bytes = 10;
  const std::string told = told_of(Files(limits, 1, 0), {task(small)});
  EXPECT_EQ(told, "the file is larger than 0 MiB, the most that is read@0:0 |");
}

TEST(Files, StandardInputIsReadInWindowsToo) {
  const Folder folder;
  std::mt19937 random(2);
  std::string expected;
  const std::string path = folder.add("stdin", large_text(random, 1000, expected));
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  source::Input made;
  made.path = "stdin";
  made.kind = source::Input::Kind::kStandardInput;
  made.once = true;
  const Files files({}, 2, descriptor);
  EXPECT_TRUE(told_of(files, {task(std::make_shared<const source::Input>(made))}) == expected + "|");
  close(descriptor);
}

TEST(Files, ALargeJsonFileIsItsValues) {
  const Folder folder;
  std::string text, expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "n" + std::to_string(i);
    text += "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"" + name + "\"}}\n";
    expected += name + "@" + std::to_string(i + 1) + ":" + std::to_string(i) + " ";
  }
  const auto file = input(folder.add("values.json", text));
  EXPECT_TRUE(told_of(Files({}, 3, 0), {task(file)}) == expected + "|");
}

TEST(Files, ChosenDocumentsAlone) {
  const Folder folder;
  std::mt19937 random(3);
  std::string ignored;
  Task chosen = task(input(folder.add("large.yaml", large_text(random, 1000, ignored))));
  chosen.chosen = {3, 500, 999};
  chosen.from = 4;
  std::string told = told_of(Files({}, 2, 0), {chosen});
  std::string names;
  for (std::size_t at = told.find('n'); at != told.npos; at = told.find('n', at + 1)) {
    names += told.substr(at, told.find('@', at) - at) + " ";
  }
  EXPECT_EQ(names, "n500 n999 ");
}

// ---- Between the two passes of a run --------------------------------------------------------------------------------

constexpr std::string_view kDefinition =
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.acme.io}\nspec:\n"
    "  group: acme.io\n  names: {kind: Widget, plural: widgets}\n  scope: Namespaced\n  versions:\n"
    "  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}\n";
constexpr std::string_view kObject = "apiVersion: acme.io/v1\nkind: Widget\n---\napiVersion: v1\nkind: ConfigMap\n";

struct Passes {
  int objects = 0;            // that were judged, both passes together
  std::uint64_t counted = 0;  // objects that were told
  std::vector<std::string> errors;
};

// Judges the files twice; `between` happens between the passes.
Passes judge_twice(const std::vector<std::string>& paths, std::size_t budget, const std::function<void()>& between) {
  Passes passes;
  Hold hold(
      [&](const Told& told) {
        passes.counted += told.settled.objects;
        for (const DocumentResult& document : told.open) passes.counted += document.counts.objects;
        if (!told.error.empty()) passes.errors.push_back(told.error);
      },
      budget);
  const Judge judge = judge_by(std::make_shared<Counting>(passes.objects));
  const Files files({}, 1, 0);
  std::vector<Task> tasks;
  for (const std::string& path : paths) tasks.push_back(task(input(path)));
  files.judge(judge, each(std::move(tasks)), [&](FilePart& part) { hold.add(part); });
  between();
  files.judge(
      judge, [&] { return hold.next(); }, [&](FilePart& part) { hold.add_again(part); });
  hold.finish();
  return passes;
}

TEST(Hold, OnlyWhatIsDefinedIsJudgedAgain) {
  const Folder folder;
  const std::vector<std::string> paths = {folder.add("a.yaml", kObject), folder.add("b.yaml", kObject)};
  EXPECT_EQ(judge_twice(paths, 1 << 20, [] {}).objects, 4);
  const std::string definition = folder.add("c.yaml", kDefinition);
  const Passes passes = judge_twice({paths[0], definition, paths[1]}, 1 << 20, [] {});
  EXPECT_EQ(passes.objects, 5 + 2);
  EXPECT_EQ(passes.counted, 5u);
}

TEST(Hold, FilesThatChangeInBetweenAreErrors) {
  const Folder folder;
  const std::string longer = "apiVersion: v1\nkind: A\n---\n" + std::string(kObject);
  const std::string gone = folder.add("gone.yaml", kObject), changed = folder.add("short.yaml", longer),
                    definition = folder.add("z.yaml", kDefinition);
  const Passes passes = judge_twice({gone, changed, definition}, 1 << 20, [&] {
    std::filesystem::remove(gone);
    folder.add("short.yaml", "");
  });
  EXPECT_EQ(passes.errors,
            (std::vector<std::string>{"No such file or directory", "it changed while it was being checked"}));
}

}  // namespace
}  // namespace kubegate::run
