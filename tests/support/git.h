// A git repository of a test's own, made by libgit2: no git binary is needed, and no setting of the user counts.
#pragma once

#include <git2.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/support/folder.h"

// libgit2 1.5 does not free what PCRE2 needed to match a pattern of its configuration: a leak that is not ours.
extern "C" inline __attribute__((used)) const char* __lsan_default_suppressions() {
  return "leak:pcre2_match_data_create\nleak:_pcre2_memctl_malloc_8\nleak:pcre2_match_8\n";
}

namespace kubegate {

class GitFolder {
 public:
  explicit GitFolder(bool bare = false) {
    git_libgit2_init();
    for (int level = GIT_CONFIG_LEVEL_PROGRAMDATA; level <= GIT_CONFIG_LEVEL_GLOBAL; ++level) {
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, folder_.path().c_str());
    }
    git_repository_init_options options;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_MKPATH;
    if (bare) options.flags |= GIT_REPOSITORY_INIT_BARE;
    options.initial_head = "main";
    must(git_repository_init_ext(&repository_, path().c_str(), &options));
  }
  ~GitFolder() {
    git_repository_free(repository_);
    git_libgit2_shutdown();
  }
  GitFolder(const GitFolder&) = delete;
  GitFolder& operator=(const GitFolder&) = delete;

  // Without symbolic links, as git tells it.
  std::string path(const std::string& name = "") const {
    const std::string top = std::filesystem::canonical(folder_.path()).string();
    return name.empty() ? top : top + "/" + name;
  }
  git_repository* repository() const { return repository_; }

  void write(const std::string& name, std::string_view content) const { folder_.add(name, content); }
  void remove(const std::string& name) const { std::filesystem::remove(path(name)); }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::filesystem::create_symlink(target, path(name));
  }

  // The index becomes what the work tree holds.
  void stage() const {
    git_index* index = open_index();
    must(git_index_add_all(index, nullptr, GIT_INDEX_ADD_FORCE, nullptr, nullptr));
    must(git_index_write(index));
    git_index_free(index);
  }
  void stage_entry(const std::string& name, std::uint32_t mode, const git_oid& id, std::uint16_t extended = 0,
                   int stage = 0) const {
    git_index* index = open_index();
    git_index_entry entry = {};
    entry.path = name.c_str();
    entry.mode = mode;
    entry.id = id;
    entry.flags_extended = extended;
    if (extended != 0) entry.flags |= GIT_INDEX_ENTRY_EXTENDED;
    if (stage != 0) {
      must(git_index_conflict_add(index, &entry, &entry, &entry));
    } else {
      must(git_index_add(index, &entry));
    }
    must(git_index_write(index));
    git_index_free(index);
  }
  git_oid blob(std::string_view content) const {
    git_oid id;
    must(git_blob_create_from_buffer(&id, repository_, content.data(), content.size()));
    return id;
  }

  // Commits the index to `reference`, behind what that holds; the id, hexadecimal.
  std::string commit(const std::string& reference = "HEAD") const {
    git_index* index = open_index();
    git_oid tree_id, id;
    must(git_index_write_tree(&tree_id, index));
    git_index_free(index);
    git_tree* tree = nullptr;
    must(git_tree_lookup(&tree, repository_, &tree_id));
    git_signature* who = nullptr;
    must(git_signature_new(&who, "a", "a@example.com", 1700000000 + 60 * ++commits_, 0));
    git_commit* parent = nullptr;
    git_oid parent_id;
    if (git_reference_name_to_id(&parent_id, repository_, reference.c_str()) == 0 ||
        git_reference_name_to_id(&parent_id, repository_, "HEAD") == 0) {
      must(git_commit_lookup(&parent, repository_, &parent_id));
    }
    const git_commit* parents[] = {parent};
    must(git_commit_create(&id, repository_, reference.c_str(), who, who, nullptr, "a commit", tree,
                           parent == nullptr ? 0 : 1, parents));
    git_commit_free(parent);
    git_signature_free(who);
    git_tree_free(tree);
    char text[GIT_OID_HEXSZ + 1];
    return git_oid_tostr(text, sizeof text, &id);
  }
  std::string commit_all(const std::string& reference = "HEAD") const {
    stage();
    return commit(reference);
  }
  void point(const std::string& reference, const std::string& id) const {
    git_oid oid;
    must(git_oid_fromstr(&oid, id.c_str()));
    git_reference* made = nullptr;
    must(git_reference_create(&made, repository_, reference.c_str(), &oid, 1, nullptr));
    git_reference_free(made);
  }

  static void must(int failed) {
    if (failed < 0) throw std::runtime_error(git_error_last() ? git_error_last()->message : "libgit2");
  }

 private:
  git_index* open_index() const {
    git_index* index = nullptr;
    must(git_repository_index(&index, repository_));
    must(git_index_read(index, 1));
    return index;
  }

  Folder folder_;
  git_repository* repository_ = nullptr;
  mutable git_time_t commits_ = 0;
};

}  // namespace kubegate
