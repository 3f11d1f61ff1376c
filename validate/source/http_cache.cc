// Whoever can write to the server could put a verdict there that nobody reached. So an entry carries an HMAC over its key
// and its bytes (source/cache.h), under a secret that the server does not know: what is put under another key, cut off,
// or made up does not match, and counts as a failure like a server that does not answer. An old entry under its own key
// is no harm: keys are digests of what the entry depends on.
//
// A run never waits long for it: each request has its time, all of them together have theirs, and after a few failures
// none is made any more.
//
// Tested in tests/validate/source/http_cache_test.cc.
#include "validate/source/http_cache.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "validate/base/base64.h"
#include "validate/http/client.h"

namespace kubegate::source {

namespace {

using std::chrono::steady_clock;

// %41 is A. Nothing: the percent sign of no number.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.front() != '%') {
      out += text.front();
      continue;
    }
    if (text.size() < 3 || hex_value(text[1]) < 0 || hex_value(text[2]) < 0) return std::nullopt;
    out += static_cast<char>(hex_value(text[1]) << 4 | hex_value(text[2]));
    text.remove_prefix(2);
  }
  return out;
}

struct Place {
  bool tls = false;
  std::string host, port, path;
  std::string authorization;  // "" is none
  std::string shown;          // the URL without a password
};

Result<Place> place_of(const std::string& url) {
  const Error wrong{ErrorCode::kArgument, "cache URL",
                    "is no URL such as https://cache.example.com/ac (a query, and characters beyond ASCII, have no "
                    "place in it)"};
  Place place;
  std::string_view rest = url;
  if (!std::all_of(rest.begin(), rest.end(), [](char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#'; })) {
    return wrong;
  }
  const auto take = [&](std::string_view scheme) {
    const bool there = rest.starts_with(scheme);
    if (there) rest.remove_prefix(scheme.size());
    return there;
  };
  place.tls = take("https://");
  if (!place.tls && !take("http://")) return wrong;
  std::string_view authority = rest.substr(0, rest.find('/'));
  place.path = rest.substr(authority.size());
  while (place.path.ends_with('/')) place.path.pop_back();
  if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
    const auto user = unescaped(authority.substr(0, at));
    if (!user) return wrong;
    place.authorization = "Basic " + encode_base64(*user, false, true);
    authority.remove_prefix(at + 1);
  }
  place.shown = (place.tls ? "https://" : "http://") + std::string(authority) + place.path;
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  place.host = authority.substr(0, colon);
  place.port = colon == authority.npos ? (place.tls ? "443" : "80") : std::string(authority.substr(colon + 1));
  if (place.host.starts_with('[') && place.host.ends_with(']'))
    place.host = place.host.substr(1, place.host.size() - 2);
  const bool number = !place.port.empty() && place.port.size() <= 5 &&
                      std::all_of(place.port.begin(), place.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (place.host.empty() || !number) return wrong;
  return place;
}

class HttpCache final : public Cache {
 public:
  HttpCache(HttpCacheSettings settings, Place place) : settings_(std::move(settings)), place_(std::move(place)) {}

  std::optional<std::string> get(const std::string& key) override {
    auto response = exchange("GET", key, "");
    if (!response || response->status == 404) return std::nullopt;
    if (response->status != 200) return fail("it answers " + response->status_text);
    auto bytes = unseal(settings_.secret, key, std::move(response->body));
    if (!bytes) return fail("an entry was not written with the key that this run has");
    return bytes;
  }

  void put(const std::string& key, std::string_view bytes) override {
    if (bytes.size() >= settings_.most) return;
    const auto response = exchange("PUT", key, seal(settings_.secret, key, bytes));
    if (response && response->status / 100 != 2) fail("it answers " + response->status_text);
  }

 private:
  std::optional<http::HttpResponse> exchange(const char* method, const std::string& key, std::string body) {
    http::HttpLimits limits;
    const auto start = steady_clock::now();
    {
      const std::lock_guard lock(mutex_);
      if (failures_ >= settings_.failures || spent_ >= settings_.budget) return std::nullopt;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(settings_.budget - spent_);
      limits.deadline = start + std::min(settings_.time, left);
    }
    limits.body = settings_.most;
    http::HttpRequest request;
    request.method = method;
    request.tls = place_.tls;
    request.host = place_.host;
    request.port = place_.port;
    request.target = place_.path + "/" + key;
    const bool six = place_.host.find(':') != std::string::npos;
    request.headers = {{"Host", (six ? "[" + place_.host + "]" : place_.host) + ":" + place_.port},
                       {"User-Agent", "kubegate"}};
    if (!place_.authorization.empty()) request.headers.push_back({"Authorization", place_.authorization});
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/octet-stream"});
    request.body = std::move(body);
    http::TlsSettings tls;
    tls.roots = settings_.authorities;
    http::HttpResponse response;
    std::string error;
    const http::HttpFault fault = http::exchange_http(request, tls, limits, response, error);
    {
      const std::lock_guard lock(mutex_);
      spent_ += steady_clock::now() - start;
    }
    if (fault == http::HttpFault::kNone) return response;
    fail(fault == http::HttpFault::kTimedOut ? "no answer in time" : error);
    return std::nullopt;
  }

  std::nullopt_t fail(const std::string& why) {
    const std::lock_guard lock(mutex_);
    if (failures_++ == 0 && settings_.tell) settings_.tell("the cache " + place_.shown + ": " + why);
    return std::nullopt;
  }

  const HttpCacheSettings settings_;
  const Place place_;
  std::mutex mutex_;
  unsigned failures_ = 0;
  steady_clock::duration spent_{};  // waiting for it, on all threads
};

class LayeredCache final : public Cache {
 public:
  LayeredCache(std::shared_ptr<Cache> near, std::shared_ptr<Cache> far)
      : near_(std::move(near)), far_(std::move(far)) {}

  std::optional<std::string> get(const std::string& key) override {
    if (auto there = near_->get(key)) return there;
    auto fetched = far_->get(key);
    if (fetched) near_->put(key, *fetched);
    return fetched;
  }
  void put(const std::string& key, std::string_view bytes) override {
    near_->put(key, bytes);
    far_->put(key, bytes);
  }

 private:
  const std::shared_ptr<Cache> near_, far_;
};

}  // namespace

Result<std::unique_ptr<Cache>> http_cache(HttpCacheSettings settings) {
  auto place = place_of(settings.url);
  if (!place.ok()) return place.error();
  return std::unique_ptr<Cache>(std::make_unique<HttpCache>(std::move(settings), std::move(*place)));
}

std::unique_ptr<Cache> layered_cache(std::shared_ptr<Cache> near, std::shared_ptr<Cache> far) {
  return std::make_unique<LayeredCache>(std::move(near), std::move(far));
}

}  // namespace kubegate::source
