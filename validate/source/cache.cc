// An entry is written to a file of its own and takes its name when it is whole; so a reader sees all of it or nothing,
// and two writers of one key write the same. Its first line is a digest of key and bytes: HMAC where there is a secret
// (an entry comes from a machine that others may write to), a plain SHA-256 where there is none.
//
// The name of a folder is the format's number: another format begins with an empty folder.
//
// Tested in tests/validate/source/cache_test.cc.
#include "validate/source/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "validate/base/digest.h"
#include "validate/source/read.h"

namespace kubegate::source {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "v1";
constexpr std::uint64_t kMaxEntry = std::uint64_t{512} << 20;
constexpr std::size_t kDigest = 64;

std::string digest_of(std::string_view secret, const std::string& key, std::string_view bytes) {
  const std::string inner = Digester().add(key).add(bytes).finish();
  return secret.empty() ? inner : hmac_sha256(secret, inner);
}

// What nobody else can have written.
bool is_own(const struct stat& status) { return status.st_uid == geteuid() && (status.st_mode & 022) == 0; }

class FolderCache final : public Cache {
 public:
  FolderCache(std::string folder, std::uint64_t most) : folder_(std::move(folder)), most_(most) {}
  ~FolderCache() override {
    if (added_) trim();
  }

  std::optional<std::string> get(const std::string& key) override {
    const std::string path = path_of(key);
    const int file = open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return std::nullopt;
    struct stat status {};
    std::optional<std::string> out;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && is_own(status) &&
        static_cast<std::uint64_t>(status.st_size) <= kMaxEntry) {
      Buffer buffer;
      Stream stream = Stream::of(file);
      const auto read = stream.read(buffer, static_cast<std::size_t>(status.st_size) + 1);
      if (read.ok()) out = unseal("", key, std::string(buffer.content()));
      if (out) futimens(file, nullptr);  // it was used now
    }
    close(file);
    if (!out) unlink(path.c_str());
    return out;
  }

  void put(const std::string& key, std::string_view bytes) override {
    const std::string path = path_of(key);
    const std::string unfinished =
        folder_ + "/new-" + std::to_string(getpid()) + "-" + std::to_string(number_.fetch_add(1));
    mkdir(path.substr(0, path.rfind('/')).c_str(), 0700);
    const int file = open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return;
    const std::string sealed = seal("", key, bytes);
    bool whole = true;
    for (std::size_t at = 0; at < sealed.size() && whole;) {
      const ssize_t count = write(file, sealed.data() + at, sealed.size() - at);
      if (count > 0) at += static_cast<std::size_t>(count);
      whole = count > 0 || (count < 0 && errno == EINTR);
    }
    whole &= close(file) == 0;
    if (!whole || rename(unfinished.c_str(), path.c_str()) != 0) {
      unlink(unfinished.c_str());
      return;
    }
    added_ = true;
  }

 private:
  std::string path_of(const std::string& key) const { return folder_ + "/" + key.substr(0, 2) + "/" + key; }

  void trim() const {
    struct Entry {
      fs::file_time_type used;
      std::uint64_t size;
      fs::path path;
    };
    std::vector<Entry> entries;
    std::uint64_t size = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator at(folder_, failed), end; !failed && at != end; at.increment(failed)) {
      std::error_code gone;
      if (!at->is_regular_file(gone) || gone) continue;
      const auto used = at->last_write_time(gone);
      const std::uint64_t bytes = gone ? 0 : at->file_size(gone);
      if (gone) continue;
      entries.push_back({used, bytes, at->path()});
      size += bytes;
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
    for (auto entry = entries.begin(); entry != entries.end() && size > most_; ++entry) {
      fs::remove(entry->path, failed);
      size -= entry->size;
    }
  }

  const std::string folder_;
  const std::uint64_t most_;
  std::atomic<unsigned> number_ = 0;
  std::atomic<bool> added_ = false;
};

}  // namespace

Result<std::unique_ptr<Cache>> folder_cache(const std::string& folder, std::uint64_t most) {
  const std::string own = folder + "/" + std::string(kFormat);
  std::error_code failed;
  fs::create_directories(fs::path(folder).parent_path(), failed);
  for (const std::string& each : {folder, own}) {
    if (mkdir(each.c_str(), 0700) != 0 && errno != EEXIST) return Error{ErrorCode::kIo, each, std::strerror(errno)};
  }
  struct stat status {};
  if (stat(own.c_str(), &status) != 0) return Error{ErrorCode::kIo, own, std::strerror(errno)};
  if (!S_ISDIR(status.st_mode) || !is_own(status)) {
    return Error{ErrorCode::kArgument, own, "is no folder for a cache: others may write to it"};
  }
  return std::unique_ptr<Cache>(std::make_unique<FolderCache>(own, most));
}

std::string default_cache_folder() {
  if (const char* caches = std::getenv("XDG_CACHE_HOME"); caches != nullptr && *caches == '/') {
    return std::string(caches) + "/kubegate";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? std::string(home) + "/.cache/kubegate" : "";
}

std::string seal(std::string_view secret, const std::string& key, std::string_view bytes) {
  std::string out = digest_of(secret, key, bytes) + "\n";
  out += bytes;
  return out;
}

std::optional<std::string> unseal(std::string_view secret, const std::string& key, std::string sealed) {
  if (sealed.size() <= kDigest || sealed[kDigest] != '\n') return std::nullopt;
  const std::string_view bytes = std::string_view(sealed).substr(kDigest + 1);
  if (!equal_digests(digest_of(secret, key, bytes), std::string_view(sealed).substr(0, kDigest))) return std::nullopt;
  return sealed.substr(kDigest + 1);
}

}  // namespace kubegate::source
