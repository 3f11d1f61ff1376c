#include "validate/source/tree.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace kubegate::source {

namespace {

constexpr int kMaxLinks = 40;   // as many as the system follows
constexpr int kMaxDepth = 256;  // folders in one another
constexpr std::size_t kMaxFound = std::size_t{1} << 20;
constexpr std::size_t kMaxFolders = std::size_t{1} << 18;  // that one search opens

class FileContent final : public Content {
 public:
  explicit FileContent(std::string path) : path_(std::move(path)) {}
  std::uint64_t size() const override { return 0; }
  Result<std::string_view> read(std::uint64_t limit, Buffer& buffer) const override {
    return read_file(path_, limit, buffer);
  }

 private:
  const std::string path_;
};

class FolderTree final : public Tree {
 public:
  explicit FolderTree(std::string root) : root_(std::move(root)) {
    if (!root_.empty() && root_.back() != '/') root_ += '/';
  }

  EntryKind kind(std::string_view path) const override {
    struct stat status;
    if (lstat(whole(path).c_str(), &status) != 0) return EntryKind::kNone;
    switch (status.st_mode & S_IFMT) {
      case S_IFREG: return EntryKind::kFile;
      case S_IFDIR: return EntryKind::kFolder;
      case S_IFLNK: return EntryKind::kLink;
      default: return EntryKind::kSpecial;
    }
  }

  Result<std::vector<Entry>> list(std::string_view folder) const override {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(whole(folder).c_str()), closedir);
    if (!stream) return Error{ErrorCode::kIo, "", std::strerror(errno)};
    std::vector<Entry> entries;
    while (const dirent* entry = readdir(stream.get())) {
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      Entry made{std::string(name), EntryKind::kSpecial};
      switch (entry->d_type) {
        case DT_REG: made.kind = EntryKind::kFile; break;
        case DT_DIR: made.kind = EntryKind::kFolder; break;
        case DT_LNK: made.kind = EntryKind::kLink; break;
        case DT_UNKNOWN: made.kind = kind(folder.empty() ? made.name : std::string(folder) + "/" + made.name); break;
        default: break;
      }
      entries.push_back(std::move(made));
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
  }

  Result<std::string> read(std::string_view path, std::uint64_t limit) const override {
    const std::string file = whole(path);
    char target[PATH_MAX];
    if (const ssize_t length = readlink(file.c_str(), target, sizeof target); length >= 0) {
      return std::string(target, static_cast<std::size_t>(length));
    }
    if (kind(path) != EntryKind::kFile) return Error{ErrorCode::kIo, "", "it is no regular file"};
    Buffer buffer;
    const auto content = read_file(file, limit, buffer);
    if (!content.ok()) return content.error();
    return std::string(*content);
  }

  std::shared_ptr<const Content> content(std::string_view path) const override {
    return std::make_shared<FileContent>(whole(path));
  }

 private:
  std::string whole(std::string_view path) const {
    if (path.empty()) return root_.empty() ? "." : root_;
    return root_ + std::string(path);
  }

  std::string root_;
};

void find_below(const Tree& tree, const std::string& folder, std::span<const std::string_view> names, int depth,
                std::size_t& opened, std::vector<std::string>& out) {
  if (depth > kMaxDepth || ++opened > kMaxFolders) return;
  const auto entries = tree.list(folder);
  if (!entries.ok()) return;
  for (const Entry& entry : *entries) {
    if (out.size() >= kMaxFound) return;
    std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
    if (entry.kind == EntryKind::kFolder) {
      if (entry.name.front() != '.') find_below(tree, path, names, depth + 1, opened, out);
    } else if (std::find(names.begin(), names.end(), entry.name) != names.end()) {
      out.push_back(std::move(path));
    }
  }
}

}  // namespace

std::vector<std::string> Tree::find(std::string_view folder, std::span<const std::string_view> names) const {
  std::vector<std::string> out;
  std::size_t opened = 0;
  find_below(*this, std::string(folder), names, 0, opened, out);
  std::sort(out.begin(), out.end());
  return out;
}

Tree::Place Tree::resolve(std::string_view path) const {
  std::string rest(path), done;
  for (int links = 0; !rest.empty();) {
    const std::size_t slash = rest.find('/');
    const std::string name = rest.substr(0, slash);
    rest = slash == rest.npos ? "" : rest.substr(slash + 1);
    const std::string at = done.empty() ? name : done + "/" + name;
    const EntryKind here = kind(at);
    if (here != EntryKind::kLink) {
      if (rest.empty() || here != EntryKind::kFolder) return {at, rest.empty() ? here : EntryKind::kNone};
      done = at;
      continue;
    }
    const auto target = read(at, PATH_MAX);
    if (!target.ok() || ++links > kMaxLinks || target->starts_with('/')) return {at, EntryKind::kSpecial};
    const auto next = joined_path(done, rest.empty() ? *target : *target + "/" + rest);
    if (!next) return {at, EntryKind::kSpecial};
    rest = *next;
    done.clear();
  }
  return {"", EntryKind::kFolder};
}

std::shared_ptr<const Tree> folder_tree(std::string root) { return std::make_shared<FolderTree>(std::move(root)); }

std::optional<std::string> joined_path(std::string_view from, std::string_view path) {
  std::string out(from);
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view name = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (name != "..") {
      if (!out.empty()) out += '/';
      out += name;
      if (out.size() > PATH_MAX) return std::nullopt;
    } else if (out.empty()) {
      return std::nullopt;
    } else {
      out.resize(parent_of(out).size());
    }
  }
  return out;
}

std::string child_of(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : std::string(folder) + "/" + std::string(name);
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace kubegate::source
