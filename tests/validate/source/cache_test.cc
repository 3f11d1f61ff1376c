#include "validate/source/cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>

#include "tests/support/folder.h"
#include "validate/base/digest.h"

namespace kubegate::source {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRoom = 1 << 20;

struct Place {
  Folder folder;
  std::string path = folder.path("cache");
  std::unique_ptr<Cache> open(std::uint64_t most = kRoom) {
    auto made = folder_cache(path, most);
    EXPECT_TRUE(made.ok()) << made.error().text();
    return made.ok() ? std::move(*made) : nullptr;
  }
  std::string file(const std::string& key) { return path + "/v1/" + key.substr(0, 2) + "/" + key; }
};

const std::string kA = sha256("a"), kB = sha256("b"), kC = sha256("c");

TEST(FolderCache, KeepsBytesByKey) {
  Place place;
  const std::string bytes("text\0\xff", 6);
  place.open()->put(kA, bytes);
  const auto cache = place.open();
  EXPECT_EQ(cache->get(kA), bytes);
  EXPECT_EQ(cache->get(kB), std::nullopt);
  cache->put(kB, "");
  EXPECT_EQ(cache->get(kB), "");
  for (const fs::path& each : {fs::path(place.path), fs::path(place.file(kA))}) {
    EXPECT_EQ(fs::status(each).permissions() & fs::perms(077), fs::perms::none) << each;
  }
}

TEST(FolderCache, WhatIsDamagedIsMissing) {
  struct Damage {
    const char* name;
    void (*apply)(Place&);
  };
  const Damage cases[] = {
      {"a byte", [](Place& p) { std::fstream(p.file(kA), std::ios::in | std::ios::out).seekp(66).put('X'); }},
      {"cut off", [](Place& p) { fs::resize_file(p.file(kA), 66); }},
      {"empty", [](Place& p) { fs::resize_file(p.file(kA), 0); }},
      {"longer", [](Place& p) { std::ofstream(p.file(kA), std::ios::app) << "more"; }},
      {"another's entry", [](Place& p) { fs::rename(p.file(kB), p.file(kA)); }},
      {"a link",
       [](Place& p) {
         fs::rename(p.file(kA), p.path + "/elsewhere");
         fs::create_symlink(p.path + "/elsewhere", p.file(kA));
       }},
      {"others may write", [](Place& p) { chmod(p.file(kA).c_str(), 0666); }},
  };
  for (const Damage& damage : cases) {
    SCOPED_TRACE(damage.name);
    Place place;
    {
      const auto cache = place.open();
      cache->put(kA, "bytes");
      cache->put(kB, "others");
      ASSERT_EQ(cache->get(kA), "bytes");
    }
    damage.apply(place);
    const auto cache = place.open();
    EXPECT_EQ(cache->get(kA), std::nullopt);
    cache->put(kA, "bytes");
    EXPECT_EQ(cache->get(kA), "bytes");
  }
}

TEST(FolderCache, RemovesWhatWasUsedLongestAgo) {
  Place place;
  const std::string bytes(1000, 'x');
  for (const std::string& key : {kA, kB}) place.open()->put(key, bytes);
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(place.file(kA), now - std::chrono::hours(3));
  fs::last_write_time(place.file(kB), now - std::chrono::hours(2));
  EXPECT_EQ(place.open()->get(kA), bytes);  // so B is older now
  place.open(2500)->put(kC, bytes);
  EXPECT_TRUE(fs::exists(place.file(kA)));
  EXPECT_FALSE(fs::exists(place.file(kB)));
  EXPECT_TRUE(fs::exists(place.file(kC)));
}

TEST(FolderCache, IsNoFolderOfOthers) {
  Place place;
  fs::create_directories(place.path + "/v1");
  chmod((place.path + "/v1").c_str(), 0777);
  EXPECT_FALSE(folder_cache(place.path, kRoom).ok());
  place.folder.add("file", "");
  EXPECT_FALSE(folder_cache(place.folder.path("file"), kRoom).ok());
}

TEST(Seal, HoldsUnderItsKeyAndSecretAlone) {
  const std::string sealed = seal("secret", kA, "bytes");
  EXPECT_EQ(unseal("secret", kA, sealed), "bytes");
  EXPECT_EQ(unseal("other", kA, sealed), std::nullopt);
  EXPECT_EQ(unseal("", kA, sealed), std::nullopt);
  EXPECT_EQ(unseal("secret", kB, sealed), std::nullopt);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(unseal("secret", kA, changed), std::nullopt) << i;
    EXPECT_EQ(unseal("secret", kA, sealed.substr(0, i)), std::nullopt) << i;
  }
}

}  // namespace
}  // namespace kubegate::source
