// The shared cache against a server that answers as it is told.
#include "validate/source/http_cache.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/http_server.h"
#include "validate/base/digest.h"

namespace kubegate::source {
namespace {

const std::string kKey = sha256("a key"), kOther = sha256("another");
constexpr const char* kSecret = "secret";

struct Asked {
  std::unique_ptr<Cache> cache;
  std::vector<std::string> told;
};

std::unique_ptr<Asked> open(const std::string& url, HttpCacheSettings settings = {}) {
  auto asked = std::make_unique<Asked>();
  settings.url = url;
  settings.secret = kSecret;
  settings.tell = [&told = asked->told](const std::string& text) { told.push_back(text); };
  auto cache = http_cache(std::move(settings));
  EXPECT_TRUE(cache.ok()) << cache.error().text();
  if (cache.ok()) asked->cache = std::move(*cache);
  return asked;
}

std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

TEST(HttpCache, WhatWasPutIsGot) {
  const std::string bytes("text\0\xff", 6);
  Server taking({plain("", "", "201 Created")});
  open(taking.url("/ac/"))->cache->put(kKey, bytes);
  const std::string put = taking.requests().at(0);
  EXPECT_TRUE(put.starts_with("PUT /ac/" + kKey + " HTTP/1.1\r\n")) << put;
  EXPECT_EQ(put.find(kSecret), std::string::npos);
  EXPECT_EQ(body_of(put), seal(kSecret, kKey, bytes));

  Server giving({plain(body_of(put)), plain("no", "", "404 Not Found"), plain(body_of(put))});
  const auto asked = open(giving.url());
  EXPECT_EQ(asked->cache->get(kKey), bytes);
  EXPECT_EQ(asked->cache->get(kKey), std::nullopt);
  EXPECT_EQ(asked->cache->get(kKey), bytes);
  EXPECT_TRUE(giving.requests().at(0).starts_with("GET /" + kKey + " HTTP/1.1\r\n")) << giving.requests()[0];
  EXPECT_TRUE(asked->told.empty());
}

TEST(HttpCache, WhatIsNotOursIsMissing) {
  const std::string sound = seal(kSecret, kKey, "pass");
  std::string forged = sound;
  forged.back() = 'S';
  const std::pair<const char*, std::string> cases[] = {
      {"another secret", plain(seal("guessed", kKey, "pass"))},
      {"no secret", plain(seal("", kKey, "pass"))},
      {"another's entry", plain(seal(kSecret, kOther, "pass"))},
      {"a byte", plain(forged)},
      {"more", plain(sound + "x")},
      {"less", plain(sound.substr(0, sound.size() - 1))},
      {"empty", plain("")},
      {"cut off", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + sound},
      {"too large", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + sound},
      {"too large, in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n" + sound},
      {"no HTTP", "220 ftp.example.com\r\n"},
      {"nothing", ""},
      {"an error", plain(sound, "", "500 Internal Server Error")},
      {"refused", plain(sound, "", "403 Forbidden")},
      {"elsewhere", plain(sound, "Location: /x\r\n", "302 Found")},
  };
  for (const auto& [name, answer] : cases) {
    SCOPED_TRACE(name);
    Server server({answer});
    const auto asked = open(server.url());
    EXPECT_EQ(asked->cache->get(kKey), std::nullopt);
    EXPECT_EQ(asked->told.size(), 1u);
  }
}

TEST(HttpCache, IsNotAskedAgainAfterSomeFailures) {
  Server server({plain("", "", "503 Service Unavailable"), plain("", "", "404 Not Found"),
                 plain("", "", "507 Insufficient Storage"), plain(seal(kSecret, kKey, "sound"))});
  HttpCacheSettings settings;
  settings.failures = 2;
  const auto asked = open(server.url(), settings);
  EXPECT_EQ(asked->cache->get(kKey), std::nullopt);
  EXPECT_EQ(asked->cache->get(kKey), std::nullopt);
  asked->cache->put(kKey, "text");
  EXPECT_EQ(asked->cache->get(kKey), std::nullopt);
  EXPECT_EQ(asked->told,
            std::vector<std::string>{"the cache " + server.url("") + ": it answers 503 Service Unavailable"});
  EXPECT_EQ(open(server.url())->cache->get(kKey), "sound");  // the answer that was not asked for
}

TEST(HttpCache, DoesNotWaitLong) {
  Server server({plain("")}, nullptr, "", true);
  HttpCacheSettings settings;
  settings.time = std::chrono::milliseconds(20);
  const auto asked = open(server.url(), settings);
  EXPECT_EQ(asked->cache->get(kKey), std::nullopt);
  EXPECT_EQ(asked->told, std::vector<std::string>{"the cache " + server.url("") + ": no answer in time"});
  settings.budget = {};
  const auto spent = open("http://127.0.0.1:1", settings);
  EXPECT_EQ(spent->cache->get(kKey), std::nullopt);
  EXPECT_TRUE(spent->told.empty());  // it was not asked
}

TEST(HttpCache, ChecksWhomItTalksTo) {
  const Identity identity;
  Server server({plain(seal(kSecret, kKey, "text")), plain(seal(kSecret, kKey, "text"))}, &identity);
  EXPECT_EQ(open(server.url())->cache->get(kKey), std::nullopt);
  HttpCacheSettings settings;
  settings.authorities = {identity.pem};
  EXPECT_EQ(open(server.url(), settings)->cache->get(kKey), "text");
}

TEST(HttpCache, TellsNoPassword) {
  Server server({plain("", "", "401 Unauthorized")});
  const std::string url = "http://ci:a%40b@127.0.0.1:" + server.port() + "/cas";
  const auto asked = open(url);
  EXPECT_EQ(asked->cache->get(kKey), std::nullopt);
  EXPECT_NE(server.requests()[0].find("\r\nAuthorization: Basic Y2k6YUBi\r\n"), std::string::npos);
  EXPECT_EQ(asked->told, std::vector<std::string>{"the cache http://127.0.0.1:" + server.port() +
                                                  "/cas: it answers 401 Unauthorized"});
}

TEST(HttpCache, TakesNoUrlThatIsNone) {
  for (const char* url : {"", "ftp://a/b", "cache.example.com", "http://", "http://:80/", "http://a:b/", "http://a:/",
                          "http://a/?q", "http://a/#f", "http://a b/", "http://a\r\nX: y/", "http://u%4@a/"}) {
    HttpCacheSettings settings;
    settings.url = url;
    settings.secret = kSecret;
    EXPECT_FALSE(http_cache(settings).ok()) << url;
  }
  for (const char* url : {"http://a", "https://a/", "http://[::1]:8080/ac", "https://u:p@a.example.com/x/y"}) {
    HttpCacheSettings settings;
    settings.url = url;
    settings.secret = kSecret;
    EXPECT_TRUE(http_cache(settings).ok()) << url;
  }
}

class Map final : public Cache {
 public:
  std::optional<std::string> get(const std::string& key) override {
    const auto found = entries.find(key);
    return found == entries.end() ? std::nullopt : std::optional(found->second);
  }
  void put(const std::string& key, std::string_view bytes) override { entries[key] = bytes; }
  std::map<std::string, std::string> entries;
};

TEST(LayeredCache, AsksTheNearOneFirst) {
  const auto near = std::make_shared<Map>(), far = std::make_shared<Map>();
  const auto both = layered_cache(near, far);
  EXPECT_EQ(both->get(kKey), std::nullopt);
  far->put(kKey, "far");
  EXPECT_EQ(both->get(kKey), "far");
  EXPECT_EQ(near->get(kKey), "far");
  far->entries.clear();
  EXPECT_EQ(both->get(kKey), "far");
  both->put(kOther, "put");
  EXPECT_EQ(near->get(kOther), "put");
  EXPECT_EQ(far->get(kOther), "put");
}

}  // namespace
}  // namespace kubegate::source
