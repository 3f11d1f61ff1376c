#include "validate/base/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace kubegate {
namespace {

struct Row {
  const char* written;
  std::vector<std::string_view> candidates;
  const char* expected;
};

const Row kRows[] = {
    {"replica", {"replicas", "revisionHistoryLimit"}, "replicas"},
    {"Replicas", {"replicas"}, "replicas"},
    {"contianers", {"containers", "initContainers"}, "containers"},
    {"NodeClass", {"NodePool", "EC2NodeClass"}, "EC2NodeClass"},
    {"imagePullpolicy", {"image", "imagePullPolicy"}, "imagePullPolicy"},
    {"ports", {"port", "hostPort"}, "port"},
    {"foo", {"bar", "spec"}, ""},
    {"x", {"y"}, ""},
    {"", {"a"}, ""},
    {"same", {"same"}, ""},
    {"spec", {}, ""},
};

TEST(Suggest, NearestName) {
  for (const Row& row : kRows) EXPECT_EQ(nearest_name(row.written, row.candidates), row.expected) << row.written;
}

TEST(Suggest, LongNamesAreNotCompared) {
  const std::string large(1 << 20, 'a');
  const std::string_view candidates[] = {"a", large};
  EXPECT_EQ(nearest_name(large, candidates), "");
}

}  // namespace
}  // namespace kubegate
