// What a real API server made of some hundred YAML texts, against what kubegate makes of them.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "support.h"

namespace kubegate::document {
namespace {

using testing::to_json;

// The named few: "kind text" and why kubegate says otherwise. A line that no longer differs fails the test.
const std::map<std::string, std::string> kDifferences = {
    // The server was asked to refuse a merged key that is overridden. kubectl and kustomize, through which manifests
    // come, merge before they send, and an explicit key wins.
    {"value \n    a: &x {p: 1}\n    b:\n      <<: *x\n      p: 2", "an explicit key overrides a merged one"},
    {"value \n    b:\n      p: 0\n      <<: {p: 1}", "an explicit key overrides a merged one"},
    {"value \n    a: &x {p: 1}\n    c: &y {p: 3, r: 4}\n    b:\n      <<: [*x, *y]", "the earlier of merged keys wins"},
    // The server's reader compares keys before they become strings and keeps one of the two by chance.
    {"value \n    1: a\n    \"1\": b", "1 and \"1\" are the same key in JSON"},
    // The whole value vanishes on the way to the server.
    {"value \xe2\x80\xa8", "U+2028 is a line break to the server: what is written as a text arrives as null"},
    // These are documents, as far as reading goes; that they are no objects is judged later.
    {"key - a", "a list where the CRD wants a mapping: not a matter of reading"},
    {"document empty", "an empty document: no object, judged later"},
    {"document comment-only", "an empty document: no object, judged later"},
    {"document scalar-doc", "a text as document: no object, judged later"},
    {"document list-doc", "a list as document: no object, judged later"},
};

TEST(Oracle, Yaml) {
  const std::string path = KUBEGATE_SHARED_DIR "/oracle/yaml.jsonl";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  const std::string lines = testing::read_file(path);
  std::set<std::string> unused;
  for (const auto& [name, reason] : kDifferences) unused.insert(name);
  int count = 0;
  Document line, document;
  for (const Slice& slice : split(lines, Syntax::kJson)) {
    read(slice, Syntax::kJson, {}, line);
    ASSERT_TRUE(line.faults().empty()) << slice.bytes;
    ++count;
    const std::string name =
        std::string(line.text(line.find(0, "kind"))) + " " + std::string(line.text(line.find(0, "text")));
    const std::string source(line.text(line.find(0, "document")));
    const NodeIndex spec = line.find(0, "spec");
    const std::string wanted = spec == kNoNode ? "refused" : to_json(line, spec);

    std::string got = "nothing";
    const std::vector<Slice> slices = split(source, Syntax::kYaml);
    if (!slices.empty()) {  // the server reads the first document
      read(slices[0], Syntax::kYaml, {}, document);
      EXPECT_EQ(testing::broken_promise(document), "") << name;
      const NodeIndex got_spec = document.find(0, "spec");
      got = !document.faults().empty() ? "refused" : got_spec == kNoNode ? "no spec" : to_json(document, got_spec);
    }
    if (kDifferences.contains(name)) {
      EXPECT_NE(got, wanted) << name << ": no longer different, take it off the list";
      unused.erase(name);
    } else {
      EXPECT_EQ(got, wanted) << name << "\n" << testing::faults_of(document);
    }
  }
  EXPECT_GE(count, 400);
  for (const std::string& name : unused) ADD_FAILURE() << "listed, but no such case: " << name;
}

}  // namespace
}  // namespace kubegate::document
