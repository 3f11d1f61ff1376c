// What happens to files between the two passes of a run.
#include "validate/run/files.h"

#include <gtest/gtest.h>

#include "tests/validate/run/support.h"

namespace kubegate::run {
namespace {

// Counts the objects it is asked about, and finds nothing.
class Counting final : public Check {
 public:
  explicit Counting(int& count) : count_(count) {}
  schema::ObjectVerdict check(const document::Document&, const Object&, std::vector<Finding>&) const override {
    ++count_;
    return {};
  }

 private:
  int& count_;
};

Judge counting_judge(int& count) {
  std::vector<std::unique_ptr<const Check>> checks;
  checks.push_back(std::make_unique<Counting>(count));
  return Judge({}, *schema::Catalogue::make({targets(), {}}, nullptr, nullptr), std::move(checks));
}

constexpr std::string_view kObject = "apiVersion: acme.io/v1\nkind: Widget\n---\napiVersion: v1\nkind: ConfigMap\n";

source::Input input(const std::string& path) {
  source::Input made;
  made.path = path;
  return made;
}

bool is_custom(const DocumentResult& document) { return !document.custom.empty(); }

TEST(Files, OnlyWhatIsWantedIsJudgedAgain) {
  const Folder folder;
  const std::vector<source::Input> inputs = {input(folder.add("a.yaml", kObject)),
                                             input(folder.add("b.yaml", kObject))};
  Files files(inputs, {}, 1, 0);
  int count = 0;
  const Judge judge = counting_judge(count);
  auto results = files.judge(judge);
  EXPECT_EQ(count, 4);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].documents.settled.objects, 1u);  // the ConfigMap is settled
  ASSERT_EQ(results[0].documents.open.size(), 1u);
  EXPECT_EQ(results[0].documents.open[0].custom.at(0).group, "acme.io");
  files.judge_again(judge, is_custom, results);
  EXPECT_EQ(count, 6);
  EXPECT_EQ(results[1].documents.open.at(0).slice, 0u);
}

TEST(Files, ThatChangeInBetweenAreErrors) {
  const Folder folder;
  const std::string longer = "apiVersion: v1\nkind: A\n---\n" + std::string(kObject);
  const std::vector<source::Input> inputs = {input(folder.add("gone.yaml", kObject)),
                                             input(folder.add("short.yaml", longer))};
  Files files(inputs, {}, 1, 0);
  int count = 0;
  const Judge judge = counting_judge(count);
  auto results = files.judge(judge);
  std::filesystem::remove(inputs[0].path);
  folder.add("short.yaml", "");
  files.judge_again(judge, is_custom, results);
  EXPECT_EQ(results[0].error, "No such file or directory");
  EXPECT_EQ(results[1].error, "it changed while it was being checked");
}

}  // namespace
}  // namespace kubegate::run
