// A cache that machines share, over HTTP.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "validate/base/result.h"
#include "validate/source/cache.h"

namespace kubegate::source {

struct HttpCacheSettings {
  std::string url;     // http or https, with "user:password@" where the server asks for it; entries are URL/KEY
  std::string secret;  // what entries are authenticated with; not empty
  std::chrono::milliseconds time = std::chrono::seconds(5);     // for one request
  std::chrono::milliseconds budget = std::chrono::seconds(60);  // for all of them, on all threads together
  unsigned failures = 3;                                        // so many, and it is not asked again
  std::size_t most = std::size_t{128} << 20;                    // bytes of an entry
  std::vector<std::string> authorities;                         // certificates in PEM, besides the system's
  std::function<void(const std::string&)> tell;                 // of the first failure; empty: nobody asks
};

// GET and PUT of URL/KEY, as bazel-remote (URL ends in /ac or /cas) and WebDAV serve them. An entry that was not sealed
// under its key by who knows the secret is a miss, and so is whatever goes wrong. Errors: a URL that is none.
Result<std::unique_ptr<Cache>> http_cache(HttpCacheSettings settings);

// Asks `near` first; what `far` has goes to `near`. Both get what is put.
std::unique_ptr<Cache> layered_cache(std::shared_ptr<Cache> near, std::shared_ptr<Cache> far);

}  // namespace kubegate::source
