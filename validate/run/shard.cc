// Who judges what must be known to every machine without asking another, so it follows from the paths alone. Each path
// has an order of preference over the shards, by the hash of both (rendezvous hashing): that is what keeps a path where
// it was when others come and go. Left at that, shards would differ as throws of dice do: of 500 paths over seven
// shards, the largest would get half as many again as the smallest. So a shard is full when it has its share, and who
// comes later (by the hash of the path) takes the next shard in its order that has room.
//
// A path that comes anew takes a place, and whoever had the last one of that shard goes on to its next choice: a chain
// that ends where there is room. How long it gets is tested, beside the evenness, in tests/validate/run/shard_test.cc.
#include "validate/run/shard.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

#include "validate/base/fnv.h"

namespace kubegate::run {

namespace {

bool parse_number(std::string_view text, std::uint32_t& number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

// What a path is called from the folder that the run starts in, however it is written.
std::string name_of(const std::string& path, const std::filesystem::path& folder) {
  std::filesystem::path name = std::filesystem::path(path).lexically_normal();
  if (name.is_absolute() && !folder.empty()) {
    const std::filesystem::path below = name.lexically_relative(folder);
    if (!below.empty() && *below.begin() != "..") name = below;
  }
  std::string text = name.string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

// FNV hardly moves the high bits for the last bytes of a text; this spreads them (the end of MurmurHash3).
std::uint64_t spread(std::uint64_t hash) {
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdull;
  hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ull;
  return hash ^ hash >> 33;
}

}  // namespace

Result<Shard> parse_shard(std::string_view text, const char* job_index) {
  const auto refuse = [&](std::string message) {
    return Error{ErrorCode::kArgument, "--shard " + std::string(text), std::move(message)};
  };
  const std::size_t slash = text.find('/');
  Shard shard;
  if (slash == text.npos || !parse_number(text.substr(slash + 1), shard.count)) {
    return refuse("say which of how many, such as 2/7");
  }
  if (shard.count < 1 || shard.count > kMostShards) {
    return refuse("there can be 1 to " + std::to_string(kMostShards) + " shards");
  }
  const std::string_view which = text.substr(0, slash);
  if (which == "job") {
    if (job_index == nullptr) {
      return refuse("JOB_COMPLETION_INDEX is not set: is this a pod of a Job whose completionMode is Indexed?");
    }
    if (!parse_number(job_index, shard.index) || shard.index >= shard.count) {
      return refuse("JOB_COMPLETION_INDEX is " + std::string(job_index) + ", not 0 to " +
                    std::to_string(shard.count - 1));
    }
    ++shard.index;
  } else if (!parse_number(which, shard.index)) {
    return refuse("say which of how many, such as 2/7");
  }
  if (shard.index < 1 || shard.index > shard.count) {
    return refuse("shards count from 1 to " + std::to_string(shard.count));
  }
  return shard;
}

std::vector<std::uint32_t> share_out(std::span<const std::string> paths, std::uint32_t shards,
                                     std::string_view folder) {
  // Written twice, a path is still one set.
  std::map<std::string, std::vector<std::size_t>> places;
  const std::filesystem::path from = std::filesystem::path(folder).lexically_normal();
  for (std::size_t i = 0; i < paths.size(); ++i) places[name_of(paths[i], from)].push_back(i);

  struct Set {
    std::uint64_t hash;
    const std::vector<std::size_t>* places;
  };
  std::vector<Set> sets;
  for (const auto& [name, where] : places) {
    Fnv hash;
    hash.add(name);
    sets.push_back({spread(hash.value()), &where});
  }
  std::stable_sort(sets.begin(), sets.end(), [](const Set& a, const Set& b) { return a.hash < b.hash; });

  const std::size_t share = sets.size() / shards;
  std::size_t over = sets.size() % shards;  // so many shards may have one more
  std::vector<std::size_t> taken(shards);
  std::vector<std::uint32_t> shard_of(paths.size());
  for (const Set& set : sets) {
    std::uint32_t best = shards;
    std::uint64_t liking = 0;
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
      if (taken[shard] > share || (taken[shard] == share && over == 0)) continue;
      const std::uint64_t liked = spread(set.hash ^ spread(shard + 1));
      if (best == shards || liked > liking) {
        best = shard;
        liking = liked;
      }
    }
    if (++taken[best] > share) --over;
    for (const std::size_t place : *set.places) shard_of[place] = best + 1;
  }
  return shard_of;
}

}  // namespace kubegate::run
