#include "validate/run/shard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace kubegate::run {
namespace {

std::vector<std::string> overlays(int count) {
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) paths.push_back("overlays/cluster-" + std::to_string(i));
  return paths;
}

std::vector<std::size_t> sizes(const std::vector<std::uint32_t>& shard_of, std::uint32_t shards) {
  std::vector<std::size_t> sizes(shards);
  for (const std::uint32_t shard : shard_of) ++sizes.at(shard - 1);
  return sizes;
}

TEST(ShareOut, IsEven) {
  const auto paths = overlays(500);
  for (const std::uint32_t shards : {1u, 2u, 3u, 7u, 16u, 499u, 500u, 1000u}) {
    const auto got = sizes(share_out(paths, shards, "/work"), shards);
    const auto [least, most] = std::minmax_element(got.begin(), got.end());
    EXPECT_LE(*most - *least, 1u) << shards;
  }
}

TEST(ShareOut, MovesFewWhenOneComes) {
  for (const std::uint32_t shards : {2u, 3u, 7u, 16u}) {
    std::size_t moved = 0, worst = 0;
    auto before = share_out(overlays(450), shards, "/work");
    for (int count = 451; count <= 550; ++count) {
      const auto after = share_out(overlays(count), shards, "/work");
      std::size_t now = 0;
      for (std::size_t i = 0; i < before.size(); ++i) now += before[i] != after[i];
      moved += now;
      worst = std::max(worst, now);
      before = after;
    }
    // Of about 500, on the average and at most.
    EXPECT_LE(moved, 100 * 3u) << shards;
    EXPECT_LE(worst, shards) << shards;
  }
}

TEST(ShareOut, DependsOnNamesAlone) {
  const auto paths = overlays(100);
  const auto expected = share_out(paths, 7, "/work");
  std::vector<std::size_t> order(paths.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937(7));
  std::vector<std::string> shuffled;
  for (const std::size_t i : order) {
    shuffled.push_back(i % 3 == 0 ? "/home/runner/repo/" + paths[i] : i % 3 == 1 ? "./" + paths[i] + "/" : paths[i]);
  }
  const auto got = share_out(shuffled, 7, "/home/runner/repo/");
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(got[i], expected[order[i]]) << shuffled[i];
  // These do not change from one version of kubegate to the next either, lest a fleet that is being upgraded misses one.
  const std::vector<std::uint32_t> first(expected.begin(), expected.begin() + 8);
  EXPECT_EQ(first, (std::vector<std::uint32_t>{6, 6, 5, 7, 2, 2, 4, 4}));
}

TEST(ShareOut, OnePathIsOneSetHoweverOftenItIsWritten) {
  const std::vector<std::string> paths = {"a", "b", "./a", "c", "a/", "/w/a"};
  const auto got = share_out(paths, 3, "/w");
  EXPECT_EQ(got[0], got[2]);
  EXPECT_EQ(got[0], got[4]);
  EXPECT_EQ(got[0], got[5]);
  EXPECT_EQ(sizes({got[0], got[1], got[3]}, 3), (std::vector<std::size_t>{1, 1, 1}));
}

TEST(ParseShard, Texts) {
  struct Case {
    const char* text;
    const char* job;
    std::uint32_t index, count;  // 0: refused
  };
  for (const auto& [text, job, index, count] :
       {Case{"1/1", nullptr, 1, 1}, Case{"2/7", nullptr, 2, 7}, Case{"7/7", "0", 7, 7}, Case{"job/7", "0", 1, 7},
        Case{"job/7", "6", 7, 7}, Case{"job/7", "7", 0, 0}, Case{"job/7", nullptr, 0, 0}, Case{"job/7", "x", 0, 0},
        Case{"0/7", nullptr, 0, 0}, Case{"8/7", nullptr, 0, 0}, Case{"2", nullptr, 0, 0}, Case{"/7", nullptr, 0, 0},
        Case{"2/", nullptr, 0, 0}, Case{"2/0", nullptr, 0, 0}, Case{"1/10001", nullptr, 0, 0},
        Case{"-1/2", nullptr, 0, 0}, Case{"1/2x", nullptr, 0, 0}, Case{"99999999999/2", nullptr, 0, 0}}) {
    const auto got = parse_shard(text, job);
    ASSERT_EQ(got.ok(), count != 0) << text;
    if (!got.ok()) {
      EXPECT_EQ(got.error().subject, std::string("--shard ") + text);
      continue;
    }
    EXPECT_EQ(got->index, index) << text;
    EXPECT_EQ(got->count, count) << text;
  }
}

}  // namespace
}  // namespace kubegate::run
