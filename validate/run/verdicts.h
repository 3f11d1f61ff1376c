// Verdicts of earlier runs: a file of which nothing has changed that its verdict hangs on is not judged again.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "validate/run/files.h"
#include "validate/source/cache.h"

namespace kubegate::run {

class Verdicts {
 public:
  // Takes what `cache` has kept of runs of this program over these paths. What is read wrong there is nothing.
  Verdicts(std::shared_ptr<source::Cache> cache, std::span<const std::string> paths);
  ~Verdicts();

  // Any thread may call these three.

  // What tells this file before this judge from every other; "": its verdict is good for once.
  std::string key_of(const Judge& judge, const source::Input& input, std::string_view content) const;
  // Puts the verdict of a key into `part`, whose input and judge are set. False: there is none.
  bool find(const std::string& key, const Judge& judge, FilePart& part);
  // Takes the verdict on a whole file, where it is one that lasts.
  void keep(const std::string& key, const FilePart& part);

  // Hands to the cache what is new, once a run is done.
  void save();

  // So many bytes are handed over at most: what this run needed first, then what others did not long ago.
  static constexpr std::size_t kMost = std::size_t{64} << 20;

 private:
  struct Entry {
    std::string_view bytes;   // of loaded_ or taken_
    std::uint8_t unused = 0;  // by so many runs since one needed it
  };
  class Reader;

  void load();

  const std::shared_ptr<source::Cache> cache_;
  const std::string name_;  // of all of them, in the cache
  std::string loaded_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::vector<std::unique_ptr<const std::string>> taken_;
  std::set<std::string, std::less<>> texts_;  // that results view
  bool changed_ = false;
};

}  // namespace kubegate::run
