#include "validate/gitops/vendored.h"

#include <algorithm>

#include "validate/base/digest.h"
#include "validate/document/read.h"
#include "validate/source/temporary.h"

namespace kubegate::gitops {

namespace {

namespace fs = std::filesystem;
using document::kNoNode;
using document::NodeIndex;
using source::EntryKind;
using Entry = Vendored::Entry;

constexpr std::uint64_t kMaxFile = std::uint64_t{256} << 20;
constexpr int kMaxDepth = 64;

constexpr std::pair<std::string_view, Entry::Kind> kKinds[] = {
    {"file", Entry::Kind::kFile}, {"base", Entry::Kind::kBase}, {"chart", Entry::Kind::kChart}};

std::string text_at(const document::Document& document, NodeIndex map, std::string_view name) {
  const NodeIndex node = document.find(map, name);
  if (node == kNoNode || document[node].kind != document::Kind::kString) return "";
  return std::string(document.text(node));
}

// The files below a folder of the tree, and their bytes, in the order of their paths. False: it cannot be read, or holds
// what is no file.
template <class Visit>
bool each_file(const source::Tree& tree, const std::string& folder, const std::string& inner, int depth,
               const Visit& visit) {
  const auto entries = tree.list(source::child_of(folder, inner));
  if (!entries.ok() || depth > kMaxDepth) return false;
  for (const source::Entry& entry : *entries) {
    const std::string path = inner.empty() ? entry.name : inner + "/" + entry.name;
    if (entry.kind == EntryKind::kFolder) {
      if (!each_file(tree, folder, path, depth + 1, visit)) return false;
      continue;
    }
    if (entry.kind != EntryKind::kFile) return false;
    const auto bytes = tree.read(source::child_of(folder, path), kMaxFile);
    if (!bytes.ok() || !visit(path, *bytes)) return false;
  }
  return true;
}

void add_files_of(const source::Tree& tree, const std::string& path, std::vector<std::string>& out) {
  if (tree.kind(path) != EntryKind::kFolder) return out.push_back(path);
  each_file(tree, path, "", 0, [&](const std::string& inner, const std::string&) {
    out.push_back(source::child_of(path, inner));
    return true;
  });
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + '"';
}

}  // namespace

Result<Vendored> Vendored::read(const source::Tree& tree, const std::string& folder) {
  Vendored out;
  out.folder_ = folder;
  out.tree_ = &tree;
  const std::string lock = source::child_of(folder, kLockName);
  if (folder.empty() || tree.kind(lock) != EntryKind::kFile) return out;
  const auto text = tree.read(lock, kMaxFile);
  if (!text.ok()) return Error{text.error().code, lock, text.error().message};
  document::Document document;
  document::Reader reader;
  const auto slices = document::split(*text, document::Syntax::kYaml);
  const Error damaged{ErrorCode::kData, lock, "is no lock file of kubegate"};
  if (slices.size() != 1) return damaged;
  reader.read(slices.front(), document::Syntax::kYaml, {}, document);
  if (document.empty() || text_at(document, 0, "kind") != "Lock") return damaged;
  const NodeIndex list = document.find(0, "entries");
  if (list == kNoNode || document[list].kind != document::Kind::kSequence) return damaged;
  NodeIndex item = list + 1;
  for (std::uint32_t i = 0; i < document[list].children.count; ++i, item = document.next(item)) {
    if (document[item].kind != document::Kind::kMap) return damaged;
    Entry entry;
    const std::string kind = text_at(document, item, "kind");
    const auto known =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& k) { return k.first == kind; });
    if (known == std::end(kKinds)) return damaged;
    entry.kind = known->second;
    entry.name = text_at(document, item, "name");
    entry.path = text_at(document, item, "path");
    entry.digest = text_at(document, item, "sha256");
    entry.inner = text_at(document, item, "inner");
    // No path of a lock file leads anywhere else.
    const auto path = source::joined_path("", entry.path), inner = source::joined_path("", entry.inner);
    if (entry.name.empty() || entry.path.empty() || !path || *path != entry.path || !inner || *inner != entry.inner) {
      return damaged;
    }
    const std::string digest = digest_of_copy(tree, source::child_of(folder, entry.path));
    if (digest.empty()) {
      entry.fault = "its copy " + source::child_of(folder, entry.path) + " is not there";
    } else if (!equal_digests(digest, entry.digest)) {
      entry.fault = "its copy " + source::child_of(folder, entry.path) + " is not what " + lock +
                    " says: it has the SHA-256 " + digest;
    }
    out.entries_.push_back(std::move(entry));
  }
  return out;
}

const Entry* Vendored::find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

const Entry* Vendored::find(const Reference& reference) const {
  if (reference.role != Role::kChart) return find(reference.written);
  const std::size_t slash = reference.path.rfind('/');
  return find(chart_name(reference.repository, reference.path.substr(slash == std::string::npos ? 0 : slash + 1),
                         reference.version));
}

void Vendored::add_files(std::vector<std::string>& out) const {
  if (entries_.empty()) return;
  out.push_back(source::child_of(folder_, kLockName));
  for (const Entry& entry : entries_) add_files_of(*tree_, source::child_of(folder_, entry.path), out);
}

Result<Done> Vendored::lay_out(const Entry& entry, const fs::path& to) const {
  const std::string path = source::child_of(folder_, entry.path);
  if (!entry.is_folder()) {
    const auto bytes = tree_->read(path, kMaxFile);
    if (!bytes.ok()) return Error{bytes.error().code, path, bytes.error().message};
    return source::write_laid_out(to, *bytes);
  }
  Result<Done> done = Done{};
  const bool whole = each_file(*tree_, path, "", 0, [&](const std::string& inner, const std::string& bytes) {
    done = source::write_laid_out(to / inner, bytes);
    return done.ok();
  });
  if (!whole && done.ok()) return Error{ErrorCode::kIo, path, "cannot be read"};
  return done;
}

std::string digest_of_copy(const source::Tree& tree, const std::string& path) {
  if (tree.kind(path) == EntryKind::kFile) {
    const auto bytes = tree.read(path, kMaxFile);
    return bytes.ok() ? sha256(*bytes) : "";
  }
  if (tree.kind(path) != EntryKind::kFolder) return "";
  Digester digest;
  const bool whole = each_file(tree, path, "", 0, [&](const std::string& inner, const std::string& bytes) {
    digest.add(inner).add(bytes);
    return true;
  });
  return whole ? digest.finish() : "";
}

std::string chart_name(std::string_view repository, std::string_view name, std::string_view version) {
  std::string out(repository);
  while (out.ends_with('/')) out.pop_back();
  out += "#" + std::string(name);
  if (!version.empty()) out += "@" + std::string(version);
  return out;
}

std::string print_lock(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  std::string out =
      "# What the repository names from elsewhere, and the digests of its copies.\n"
      "apiVersion: kubegate.dev/v1alpha1\nkind: Lock\nentries:";
  if (entries.empty()) out += " []";
  out += "\n";
  for (const Entry& entry : entries) {
    const auto kind =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto& k) { return k.second == entry.kind; });
    out += "- name: " + in_quotes(entry.name) + "\n  kind: " + std::string(kind->first) +
           "\n  path: " + in_quotes(entry.path) + "\n  sha256: \"" + entry.digest + "\"\n";
    if (!entry.inner.empty()) out += "  inner: " + in_quotes(entry.inner) + "\n";
  }
  return out;
}

}  // namespace kubegate::gitops
