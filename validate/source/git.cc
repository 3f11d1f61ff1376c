// Three views of one repository are made trees (tree.h): a commit, whose folders are looked up as they are asked for, so
// that a small change in a large repository stays small; the index, which is one sorted list and is read whole, as git
// reads it; and the work tree, which is a folder like any other.
//
// libgit2's objects are not to be shared between threads, its object databases neither. What asks for structure (which
// entry, which folder) is little and goes through one lock; the bytes of blobs, which are much, are read by databases
// that threads borrow from a pool.
//
// A repository is others' data. Its owner is checked as git does it (safe.directory); its filters, hooks and monitors are
// programs, which libgit2 does not run; what is large is measured before it is unpacked.
//
// Tested in tests/validate/source/git_test.cc.
#include "validate/source/git.h"

#include <git2.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <queue>
#include <set>
#include <utility>

namespace kubegate::source {

namespace {

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
template <class T, void (*release)(T*)>
using Owned = std::unique_ptr<T, Release<T, release>>;
using OwnedRepository = Owned<git_repository, git_repository_free>;
using OwnedTree = Owned<git_tree, git_tree_free>;
using OwnedEntry = Owned<git_tree_entry, git_tree_entry_free>;
using OwnedObject = Owned<git_object, git_object_free>;
using OwnedCommit = Owned<git_commit, git_commit_free>;
using OwnedIndex = Owned<git_index, git_index_free>;
using OwnedDiff = Owned<git_diff, git_diff_free>;
using OwnedDatabase = Owned<git_odb, git_odb_free>;
using OwnedBytes = Owned<git_odb_object, git_odb_object_free>;

struct OidLess {
  bool operator()(const git_oid& a, const git_oid& b) const { return git_oid_cmp(&a, &b) < 0; }
};

std::string last_error() {
  const git_error* error = git_error_last();
  return error != nullptr && error->message != nullptr ? error->message : "git's data cannot be read";
}

Error data_error(std::string_view subject) { return {ErrorCode::kData, std::string(subject), last_error()}; }

std::string hex_of(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, &id);
}

EntryKind kind_of_mode(std::uint32_t mode) {
  switch (mode & 0170000u) {
    case 0040000u: return EntryKind::kFolder;
    case 0100000u: return EntryKind::kFile;
    case 0120000u: return EntryKind::kLink;
    case 0160000u: return EntryKind::kSubmodule;
    default: return EntryKind::kSpecial;
  }
}

void start_library() {
  static const int started = [] {
    const int count = git_libgit2_init();
    // Settings of a repository that do not concern who only reads its objects.
    const char* extensions[] = {"worktreeconfig", "partialclone", "preciousobjects"};
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, std::size(extensions));
    return count;
  }();
  static_cast<void>(started);
}

// The databases that threads read blobs by.
class Blobs {
 public:
  explicit Blobs(std::string objects) : objects_(std::move(objects)) {}

  Result<std::string_view> read(const git_oid& id, std::uint64_t limit, Buffer& buffer) const {
    OwnedDatabase database = borrow();
    if (!database) return data_error("");
    const auto bytes = read_from(*database, id, limit, buffer);
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(database));
    return bytes;
  }

 private:
  OwnedDatabase borrow() const {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        OwnedDatabase database = std::move(idle_.back());
        idle_.pop_back();
        return database;
      }
    }
    git_odb* opened = nullptr;
    return git_odb_open(&opened, objects_.c_str()) == 0 ? OwnedDatabase(opened) : nullptr;
  }

  static Result<std::string_view> read_from(git_odb& database, const git_oid& id, std::uint64_t limit, Buffer& buffer) {
    std::size_t size = 0;
    git_object_t type;
    git_odb_object* read = nullptr;
    int failed = git_odb_read_header(&size, &type, &database, &id);
    if (failed == 0 && size > limit) return over_limit(limit);
    if (failed == 0) failed = git_odb_read(&read, &database, &id);
    if (failed == GIT_ENOTFOUND) {
      return Error{ErrorCode::kIo, "",
                   "its blob " + hex_of(id) + " is not in this clone: git fetch gets what it lacks"};
    }
    if (failed != 0) return Error{ErrorCode::kIo, "", last_error()};
    const OwnedBytes bytes(read);
    buffer.assign({static_cast<const char*>(git_odb_object_data(read)), git_odb_object_size(read)});
    return buffer.content();
  }

  const std::string objects_;
  mutable std::mutex mutex_;
  mutable std::vector<OwnedDatabase> idle_;
};

class Blob final : public Content {
 public:
  Blob(std::shared_ptr<const Blobs> blobs, const git_oid& id) : blobs_(std::move(blobs)), id_(id) {}
  std::uint64_t size() const override { return 0; }
  Result<std::string_view> read(std::uint64_t limit, Buffer& buffer) const override {
    return blobs_->read(id_, limit, buffer);
  }

 private:
  const std::shared_ptr<const Blobs> blobs_;
  const git_oid id_;
};

Result<std::string> text_of(const Blobs& blobs, const git_oid& id, std::uint64_t limit) {
  Buffer buffer;
  const auto bytes = blobs.read(id, limit, buffer);
  if (!bytes.ok()) return bytes.error();
  return std::string(*bytes);
}

struct Found {
  EntryKind kind = EntryKind::kNone;
  git_oid id{};
};

// ---- A commit's tree ------------------------------------------------------------------------------------------------

// The repository and the lock under which it is asked.
struct Handle {
  OwnedRepository repository;
  std::mutex mutex;
};

// Where a path is found as it stands, no link was on the way: such trees follow none.
class GitTree : public Tree {
 public:
  Place resolve(std::string_view path) const override {
    const EntryKind here = kind(path);
    if (here == EntryKind::kFile || here == EntryKind::kFolder) return {std::string(path), here};
    return Tree::resolve(path);
  }
};

class CommitTree final : public GitTree {
 public:
  CommitTree(std::shared_ptr<Handle> handle, std::shared_ptr<const Blobs> blobs, const git_oid& root)
      : handle_(std::move(handle)), blobs_(std::move(blobs)), root_(root) {}

  EntryKind kind(std::string_view path) const override { return find_entry(path).kind; }

  Result<std::vector<Entry>> list(std::string_view folder) const override {
    const std::scoped_lock lock(handle_->mutex);
    const git_tree* tree = folder_at(folder);
    if (tree == nullptr) return Error{ErrorCode::kIo, "", "it is no folder of the commit"};
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < git_tree_entrycount(tree); ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
      entries.push_back({git_tree_entry_name(entry), kind_of_mode(git_tree_entry_filemode_raw(entry))});
    }
    // git sorts a folder as if its name ended in '/'.
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
  }

  Result<std::string> read(std::string_view path, std::uint64_t limit) const override {
    const Found found = find_entry(path);
    if (found.kind != EntryKind::kFile && found.kind != EntryKind::kLink) {
      return Error{ErrorCode::kIo, "", "it is no file of the commit"};
    }
    return text_of(*blobs_, found.id, limit);
  }

  std::shared_ptr<const Content> content(std::string_view path) const override {
    return std::make_shared<Blob>(blobs_, find_entry(path).id);
  }

 private:
  // A folder of the commit, which is kept: a large one takes longer to read than to be asked. Null: there is none.
  const git_tree* folder_at(std::string_view path) const {
    const auto known = folders_.find(path);
    if (known != folders_.end()) return known->second.get();
    Found found{EntryKind::kFolder, root_};
    if (!path.empty()) found = entry_at(path);
    git_tree* tree = nullptr;
    if (found.kind != EntryKind::kFolder || git_tree_lookup(&tree, handle_->repository.get(), &found.id) != 0) {
      return nullptr;
    }
    return folders_.emplace(path, OwnedTree(tree)).first->second.get();
  }

  // Under the lock.
  Found entry_at(std::string_view path) const {
    const std::string_view parent = parent_of(path);
    const git_tree* folder = folder_at(parent);
    if (folder == nullptr) return {};
    const std::string name(path.substr(parent.empty() ? 0 : parent.size() + 1));
    const git_tree_entry* entry = git_tree_entry_byname(folder, name.c_str());
    if (entry == nullptr) return {};
    return {kind_of_mode(git_tree_entry_filemode_raw(entry)), *git_tree_entry_id(entry)};
  }

  Found find_entry(std::string_view path) const {
    if (path.empty()) return {EntryKind::kFolder, root_};
    const std::scoped_lock lock(handle_->mutex);
    return entry_at(path);
  }

  const std::shared_ptr<Handle> handle_;
  const std::shared_ptr<const Blobs> blobs_;
  const git_oid root_;
  mutable std::map<std::string, OwnedTree, std::less<>> folders_;  // under the handle's lock
};

// ---- The index ------------------------------------------------------------------------------------------------------

class IndexTree final : public GitTree {
 public:
  struct Row {
    std::string path;
    Found found;
  };
  // `rows` by the bytes of their paths.
  IndexTree(std::shared_ptr<const Blobs> blobs, std::vector<Row> rows)
      : blobs_(std::move(blobs)), rows_(std::move(rows)) {}

  EntryKind kind(std::string_view path) const override {
    if (path.empty()) return EntryKind::kFolder;
    if (const Row* row = row_of(path)) return row->found.kind;
    const std::string below = std::string(path) + "/";
    const auto first = lower_bound(below);
    return first != rows_.end() && first->path.starts_with(below) ? EntryKind::kFolder : EntryKind::kNone;
  }

  Result<std::vector<Entry>> list(std::string_view folder) const override {
    const std::string below = folder.empty() ? "" : std::string(folder) + "/";
    std::vector<Entry> entries;
    for (auto row = lower_bound(below); row != rows_.end() && row->path.starts_with(below);) {
      const std::string_view rest = std::string_view(row->path).substr(below.size());
      const std::size_t slash = rest.find('/');
      if (slash == rest.npos) {
        entries.push_back({std::string(rest), row->found.kind});
        ++row;
        continue;
      }
      entries.push_back({std::string(rest.substr(0, slash)), EntryKind::kFolder});
      // '0' is what follows '/': the first path behind the folder's.
      row = lower_bound(below + entries.back().name + "0");
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
  }

  Result<std::string> read(std::string_view path, std::uint64_t limit) const override {
    const Row* row = row_of(path);
    if (row == nullptr || (row->found.kind != EntryKind::kFile && row->found.kind != EntryKind::kLink)) {
      return Error{ErrorCode::kIo, "", "it is no file of the index"};
    }
    return text_of(*blobs_, row->found.id, limit);
  }

  std::shared_ptr<const Content> content(std::string_view path) const override {
    const Row* row = row_of(path);
    return std::make_shared<Blob>(blobs_, row == nullptr ? git_oid{} : row->found.id);
  }

  std::vector<std::string> find(std::string_view folder, std::span<const std::string_view> names) const override {
    const std::string below = folder.empty() ? "" : std::string(folder) + "/";
    std::vector<std::string> out;
    for (auto row = lower_bound(below); row != rows_.end() && row->path.starts_with(below); ++row) {
      const std::string_view rest = std::string_view(row->path).substr(below.size());
      const std::string_view name = rest.substr(rest.rfind('/') + 1);
      if (std::find(names.begin(), names.end(), name) == names.end()) continue;
      const std::string_view way = rest.substr(0, rest.size() - name.size());
      if (!way.starts_with('.') && way.find("/.") == way.npos) out.push_back(row->path);
    }
    return out;
  }

 private:
  std::vector<Row>::const_iterator lower_bound(std::string_view path) const {
    return std::lower_bound(rows_.begin(), rows_.end(), path,
                            [](const Row& row, std::string_view wanted) { return row.path < wanted; });
  }
  const Row* row_of(std::string_view path) const {
    const auto found = lower_bound(path);
    return found != rows_.end() && found->path == path ? &*found : nullptr;
  }

  const std::shared_ptr<const Blobs> blobs_;
  const std::vector<Row> rows_;
};

// ---- The repository -------------------------------------------------------------------------------------------------

constexpr std::size_t kNamedConflicts = 10;
constexpr std::size_t kMaxPath = 4096;  // bytes, as libgit2 bounds it

class GitRepository final : public Repository {
 public:
  GitRepository(OwnedRepository repository, std::string git_dir) : handle_(std::make_shared<Handle>()) {
    handle_->repository = std::move(repository);
    git_repository* opened = handle_->repository.get();
    blobs_ = std::make_shared<Blobs>(std::string(git_repository_commondir(opened)) + "objects");
    if (const char* top = git_repository_workdir(opened)) work_tree_ = top;
    if (work_tree_.size() > 1 && work_tree_.back() == '/') work_tree_.pop_back();
    name_ = !git_dir.empty() ? git_dir : work_tree_.empty() ? git_repository_path(opened) : work_tree_;
  }

  const std::string& work_tree() const override { return work_tree_; }

  std::vector<std::string> remotes() const override {
    const std::scoped_lock lock(handle_->mutex);
    std::vector<std::string> urls;
    git_config* config = nullptr;
    if (git_repository_config_snapshot(&config, repository()) != 0) return urls;
    const Owned<git_config, git_config_free> owned_config(config);
    // Not by git_remote_list(), whose patterns libgit2 1.5 matches without freeing what that took.
    git_config_iterator* entries = nullptr;
    if (git_config_iterator_new(&entries, config) != 0) return urls;
    const Owned<git_config_iterator, git_config_iterator_free> owned_entries(entries);
    for (git_config_entry* entry = nullptr; git_config_next(&entry, entries) == 0;) {
      const std::string_view name = entry->name;
      if (name.starts_with("remote.") && name.ends_with(".url")) urls.push_back(entry->value);
    }
    return urls;
  }

  Result<Revision> find(std::string_view name) const override {
    const std::scoped_lock lock(handle_->mutex);
    const std::string text(name);
    git_oid id;
    const int failed = commit_named(text, id);
    if (failed == 0) return Revision{text, hex_of(id)};
    std::string message = "there is no such commit, branch or tag here";
    if (failed == GIT_EAMBIGUOUS) return Error{ErrorCode::kArgument, text, "more than one object begins like that"};
    if (failed != GIT_ENOTFOUND && failed != GIT_EINVALIDSPEC) {
      return Error{ErrorCode::kArgument, text, "this names no commit: " + last_error()};
    }
    git_strarray remotes{};
    if (git_remote_list(&remotes, repository()) == 0) {
      for (std::size_t i = 0; i < remotes.count; ++i) {
        const std::string remote = std::string(remotes.strings[i]) + "/" + text;
        if (commit_named(remote, id) != 0) continue;
        message += "; did you mean " + remote + "?";
        break;
      }
      git_strarray_dispose(&remotes);
    }
    if (git_repository_is_shallow(repository()) == 1) message += "; the clone is shallow: " + std::string(kFetchMore);
    return Error{ErrorCode::kArgument, text, message};
  }

  Result<Revision> head() const override {
    const std::scoped_lock lock(handle_->mutex);
    git_oid id;
    const int failed = git_reference_name_to_id(&id, repository(), "HEAD");
    if (failed == GIT_ENOTFOUND) return Revision{"HEAD", ""};
    if (failed != 0) return data_error("HEAD");
    return Revision{"HEAD", hex_of(id)};
  }

  Result<Revision> merge_base(const Revision& a, const Revision& b) const override {
    const std::scoped_lock lock(handle_->mutex);
    git_oid one, two, base;
    if (git_oid_fromstr(&one, a.id.c_str()) != 0 || git_oid_fromstr(&two, b.id.c_str()) != 0) return data_error(a.name);
    const bool shallow = git_repository_is_shallow(repository()) == 1;
    const int failed =
        shallow ? merge_base_of_shallow(one, two, base) : git_merge_base(&base, repository(), &one, &two);
    if (failed == 0) return Revision{a.name, hex_of(base)};
    if (failed != GIT_ENOTFOUND) return data_error(a.name);
    const std::string apart = a.name + " and " + b.name;
    if (shallow) {
      return Error{ErrorCode::kData, apart,
                   "the clone is too shallow to hold the commit from which both come: " + std::string(kFetchMore)};
    }
    return Error{ErrorCode::kData, apart, "they have no commit in common"};
  }

  Result<std::shared_ptr<const Tree>> tree(const Revision& revision) const override {
    const std::scoped_lock lock(handle_->mutex);
    const OwnedTree tree = tree_of(revision);
    if (!tree) return data_error(revision.name);
    return std::shared_ptr<const Tree>(std::make_shared<CommitTree>(handle_, blobs_, *git_tree_id(tree.get())));
  }

  Result<std::shared_ptr<const Tree>> index() const override {
    const std::scoped_lock lock(handle_->mutex);
    const auto index = read_index();
    if (!index.ok()) return index.error();
    std::vector<IndexTree::Row> rows;
    std::set<std::string> conflicts;
    const std::size_t count = git_index_entrycount(index->get());
    rows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const git_index_entry* entry = git_index_get_byindex(index->get(), i);
      if (git_index_entry_stage(entry) > 0) {
        conflicts.insert(entry->path);
      } else if ((entry->flags_extended & GIT_INDEX_ENTRY_INTENT_TO_ADD) == 0) {
        rows.push_back({entry->path, {kind_of_mode(entry->mode), entry->id}});
      }
    }
    if (!conflicts.empty()) {
      std::string names;
      std::size_t named = 0;
      for (const std::string& path : conflicts) {
        if (named++ == kNamedConflicts) break;
        names += (names.empty() ? "" : ", ") + path;
      }
      if (conflicts.size() > kNamedConflicts) names += ", …";
      return Error{ErrorCode::kData, names, "in conflict: resolve it and git add the result"};
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return std::shared_ptr<const Tree>(std::make_shared<IndexTree>(blobs_, std::move(rows)));
  }

  Result<std::vector<Change>> changes(const Revision& from, const Revision& to) const override {
    const std::scoped_lock lock(handle_->mutex);
    const OwnedTree older = from.id.empty() ? nullptr : tree_of(from);
    const OwnedTree newer = tree_of(to);
    std::map<std::string, bool> gone;
    if ((!older && !from.id.empty()) || !newer || !compare_folders(older.get(), newer.get(), "", gone)) {
      return data_error(from.name);
    }
    return listed(gone);
  }

  Result<std::vector<Change>> changes_to_index(const Revision& from) const override {
    return compare(from, [&](git_diff** diff, git_tree* tree, const git_diff_options* options) {
      const auto index = read_index();
      return index.ok() ? git_diff_tree_to_index(diff, repository(), tree, index->get(), options) : GIT_ERROR;
    });
  }

  Result<std::vector<Change>> changes_to_work_tree(const Revision& from) const override {
    return compare(from, [&](git_diff** diff, git_tree* tree, git_diff_options* options) {
      options->flags |= GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS;
      return git_diff_tree_to_workdir_with_index(diff, repository(), tree, options);
    });
  }

 private:
  static constexpr std::string_view kFetchMore =
      "give actions/checkout fetch-depth: 0, GitLab GIT_DEPTH: 0, or run git fetch --unshallow";

  git_repository* repository() const { return handle_->repository.get(); }

  int commit_named(const std::string& name, git_oid& id) const {
    git_object* found = nullptr;
    if (const int failed = git_revparse_single(&found, repository(), name.c_str()); failed != 0) return failed;
    const OwnedObject object(found);
    git_object* commit = nullptr;
    if (git_object_peel(&commit, found, GIT_OBJECT_COMMIT) != 0) return GIT_EPEEL;
    id = *git_object_id(commit);
    git_object_free(commit);
    return 0;
  }

  OwnedCommit commit_of(const git_oid& id) const {
    git_commit* commit = nullptr;
    return git_commit_lookup(&commit, repository(), &id) == 0 ? OwnedCommit(commit) : nullptr;
  }

  OwnedTree tree_of(const Revision& revision) const {
    git_oid id;
    if (git_oid_fromstr(&id, revision.id.c_str()) != 0) return nullptr;
    const OwnedCommit commit = commit_of(id);
    git_tree* tree = nullptr;
    return commit && git_commit_tree(&tree, commit.get()) == 0 ? OwnedTree(tree) : nullptr;
  }

  // The index: during a commit that takes part of the changes git tells its hooks of another than the usual one.
  Result<OwnedIndex> read_index() const {
    git_index* index = nullptr;
    const char* other = std::getenv("GIT_INDEX_FILE");
    int failed = 0;
    if (other != nullptr && *other != '\0') {
      const std::string path = *other == '/' || work_tree_.empty() ? other : work_tree_ + "/" + other;
      failed = git_index_open(&index, path.c_str());
    } else {
      failed = git_repository_index(&index, repository());
    }
    if (failed != 0) return data_error(name_);
    OwnedIndex owned(index);
    if (git_index_read(index, 1) != 0) return data_error(name_);
    return owned;
  }

  template <class Make>
  Result<std::vector<Change>> compare(const Revision& from, const Make& make) const {
    const std::scoped_lock lock(handle_->mutex);
    const OwnedTree tree = from.id.empty() ? nullptr : tree_of(from);
    if (!tree && !from.id.empty()) return data_error(from.name);
    git_diff_options options;
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.flags = GIT_DIFF_SKIP_BINARY_CHECK | GIT_DIFF_INCLUDE_TYPECHANGE;
    options.ignore_submodules = GIT_SUBMODULE_IGNORE_DIRTY;
    git_diff* made = nullptr;
    if (make(&made, tree.get(), &options) != 0) return data_error(name_);
    const OwnedDiff diff(made);
    std::map<std::string, bool> gone;  // of one path that went and came, what came counts
    for (std::size_t i = 0; i < git_diff_num_deltas(made); ++i) {
      const git_diff_delta* delta = git_diff_get_delta(made, i);
      const bool deleted = delta->status == GIT_DELTA_DELETED;
      if (delta->status == GIT_DELTA_UNMODIFIED || delta->status == GIT_DELTA_IGNORED) continue;
      std::string path = deleted || delta->new_file.path == nullptr ? delta->old_file.path : delta->new_file.path;
      if (path.ends_with('/')) path.pop_back();
      const auto [place, fresh] = gone.try_emplace(std::move(path), deleted);
      if (!fresh) place->second = place->second && deleted;
    }
    return listed(gone);
  }

  static std::vector<Change> listed(const std::map<std::string, bool>& gone) {
    std::vector<Change> changes;
    for (const auto& [path, is_gone] : gone) changes.push_back({path, is_gone});
    return changes;
  }

  // What differs between two folders, of which one may be null. Folders of one id are the same and are not opened, which
  // git_diff_tree_to_tree() does: so this takes as long as what differs is large.
  bool compare_folders(const git_tree* older, const git_tree* newer, const std::string& folder,
                       std::map<std::string, bool>& gone) const {
    if (folder.size() > kMaxPath) return true;
    const auto open = [&](const git_tree_entry* entry, OwnedTree& tree) {
      if (entry == nullptr || git_tree_entry_type(entry) != GIT_OBJECT_TREE) return true;
      git_tree* opened = nullptr;
      if (git_tree_lookup(&opened, repository(), git_tree_entry_id(entry)) != 0) return false;
      tree.reset(opened);
      return true;
    };
    const auto compare_entry = [&](const git_tree_entry* old_entry, const git_tree_entry* new_entry) {
      const std::string path = folder + git_tree_entry_name(new_entry != nullptr ? new_entry : old_entry);
      OwnedTree old_folder, new_folder;
      if (!open(old_entry, old_folder) || !open(new_entry, new_folder)) return false;
      const bool was_file = old_entry != nullptr && !old_folder, is_file = new_entry != nullptr && !new_folder;
      if (was_file || is_file) gone[path] = !is_file;
      if (!old_folder && !new_folder) return true;
      return compare_folders(old_folder.get(), new_folder.get(), path + "/", gone);
    };
    for (std::size_t i = 0; newer != nullptr && i < git_tree_entrycount(newer); ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(newer, i);
      const git_tree_entry* old = older == nullptr ? nullptr : git_tree_entry_byname(older, git_tree_entry_name(entry));
      const bool same = old != nullptr && git_oid_equal(git_tree_entry_id(old), git_tree_entry_id(entry)) != 0 &&
                        git_tree_entry_filemode_raw(old) == git_tree_entry_filemode_raw(entry);
      if (!same && !compare_entry(old, entry)) return false;
    }
    for (std::size_t i = 0; older != nullptr && i < git_tree_entrycount(older); ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(older, i);
      const bool kept = newer != nullptr && git_tree_entry_byname(newer, git_tree_entry_name(entry)) != nullptr;
      if (!kept && !compare_entry(entry, nullptr)) return false;
    }
    return true;
  }

  // The commits behind which a shallow clone holds nothing.
  std::set<git_oid, OidLess> shallow_commits() const {
    std::set<git_oid, OidLess> commits;
    Buffer buffer;
    const auto text =
        read_file(std::string(git_repository_commondir(repository())) + "shallow", std::uint64_t{1} << 26, buffer);
    if (!text.ok()) return commits;
    for (std::size_t at = 0; at + GIT_OID_HEXSZ <= text->size(); at += GIT_OID_HEXSZ + 1) {
      git_oid id;
      if (git_oid_fromstrn(&id, text->data() + at, GIT_OID_HEXSZ) == 0) commits.insert(id);
    }
    return commits;
  }

  // As git_merge_base(), but for a clone that lacks commits: libgit2 takes a parent that is not there for damage. Both
  // histories are walked from the newest commit on, and what one walk has marked for both is where they part.
  int merge_base_of_shallow(const git_oid& one, const git_oid& two, git_oid& base) const {
    const auto cut = shallow_commits();
    using Dated = std::pair<git_time_t, std::string>;  // the raw id behind the time
    std::priority_queue<Dated> queue;
    std::map<git_oid, unsigned, OidLess> marks;
    const auto mark = [&](const git_oid& id, unsigned bits) {
      unsigned& marked = marks[id];
      if ((marked & bits) == bits) return;
      marked |= bits;
      const OwnedCommit commit = commit_of(id);
      if (commit) queue.push({git_commit_time(commit.get()), hex_of(id)});
    };
    mark(one, 1);
    mark(two, 2);
    while (!queue.empty()) {
      git_oid id;
      if (git_oid_fromstr(&id, queue.top().second.c_str()) != 0) return GIT_ERROR;
      queue.pop();
      const unsigned bits = marks[id];
      if (bits == 3) {
        base = id;
        return 0;
      }
      if (cut.count(id) != 0) continue;
      const OwnedCommit commit = commit_of(id);
      if (!commit) continue;
      for (unsigned i = 0; i < git_commit_parentcount(commit.get()); ++i) {
        mark(*git_commit_parent_id(commit.get(), i), bits);
      }
    }
    return GIT_ENOTFOUND;
  }

  const std::shared_ptr<Handle> handle_;
  std::shared_ptr<const Blobs> blobs_;
  std::string work_tree_;
  std::string name_;  // in errors
};

// The folder that safe.directory wants to hear of.
std::string top_of(const std::string& place) {
  git_buf found = {};
  if (git_repository_discover(&found, place.c_str(), 1, nullptr) != 0) return place;
  std::string top = found.ptr;
  git_buf_dispose(&found);
  while (top.size() > 1 && top.back() == '/') top.pop_back();
  constexpr std::string_view kGit = "/.git";
  if (top.ends_with(kGit)) top.resize(top.size() - kGit.size());
  return top;
}

}  // namespace

Result<std::shared_ptr<const Repository>> Repository::open(const std::string& from, const std::string& git_dir) {
  start_library();
  git_repository* opened = nullptr;
  const std::string& place = git_dir.empty() ? from : git_dir;
  const unsigned flags = git_dir.empty() ? 0u : unsigned{GIT_REPOSITORY_OPEN_NO_SEARCH};
  const int failed = git_repository_open_ext(&opened, place.c_str(), flags, nullptr);
  const std::string subject = git_dir.empty() ? place : "--git-dir " + git_dir;
  // libgit2 1.5 says of somebody else's repository that the setting which would allow it was not found.
  const bool foreign =
      failed == GIT_EOWNER || (failed == GIT_ENOTFOUND && last_error().find("safe.directory") != std::string::npos);
  if (foreign) {
    return Error{ErrorCode::kIo, subject,
                 "the repository belongs to another user; if you trust it: git config --global --add safe.directory " +
                     top_of(place)};
  }
  if (failed == GIT_ENOTFOUND) return Error{ErrorCode::kArgument, subject, "there is no git repository here"};
  if (failed != 0) return Error{ErrorCode::kIo, subject, last_error()};
  return std::shared_ptr<const Repository>(std::make_shared<GitRepository>(OwnedRepository(opened), git_dir));
}

}  // namespace kubegate::source
