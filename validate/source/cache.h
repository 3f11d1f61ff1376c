// Caches: bytes by key. A key is a digest of all that the bytes depend on, so an entry never goes stale; it can only be
// missing. Whatever goes wrong with a cache costs time, never the verdict: it is a miss.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "validate/base/result.h"

namespace kubegate::source {

// Keys are SHA-256 in hexadecimal. Any thread may call.
class Cache {
 public:
  virtual ~Cache() = default;
  virtual std::optional<std::string> get(const std::string& key) = 0;
  virtual void put(const std::string& key, std::string_view bytes) = 0;
};

// Entries as files below a folder that its owner alone can read. Each carries its own digest, and that of its key: what
// is damaged, or stands in the wrong place, is a miss. When it goes, and entries were added, the ones that were used
// longest ago are removed until no more than `most` bytes are left. Errors: a folder that cannot be made, or that others
// may write to.
Result<std::unique_ptr<Cache>> folder_cache(const std::string& folder, std::uint64_t most);

// $XDG_CACHE_HOME/kubegate or ~/.cache/kubegate; "" where neither is known.
std::string default_cache_folder();

// An entry as it is kept: its digest under `secret` ("" is none), and the bytes.
std::string seal(std::string_view secret, const std::string& key, std::string_view bytes);
// The bytes of an entry; none where it was not sealed under this key and secret.
std::optional<std::string> unseal(std::string_view secret, const std::string& key, std::string sealed);

}  // namespace kubegate::source
