#include "validate/run/object.h"

#include <strings.h>

#include "validate/document/path.h"
#include "validate/source/skip.h"

namespace kubegate::run {

namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;

constexpr std::string_view kList = "List";
constexpr std::string_view kKustomizeGroup = "kustomize.config.k8s.io/";

bool is_list_kind(std::string_view kind) {
  return kind.size() >= kList.size() && (kind.back() | ('a' - 'A')) == 't' &&
         strncasecmp(kind.data() + kind.size() - kList.size(), kList.data(), kList.size()) == 0;
}

class Unpacker {
 public:
  Unpacker(const Document& document, std::vector<Object>& out) : document_(document), out_(out) {}

  void add(NodeIndex node, const std::string& pointer, const schema::ObjectIdentity& identity) {
    const NodeIndex items = is_list_kind(identity.kind) ? document_.find(node, "items") : kNoNode;
    const bool absent = items == kNoNode || document_[items].kind == Kind::kNull;
    if (absent && is_plain_list(identity.kind)) return;  // an empty one
    if (absent || document_[items].kind != Kind::kSequence) {
      out_.push_back({node, pointer, identity});
      return;
    }
    NodeIndex item = items + 1;
    for (std::uint32_t i = 0; i < document_[items].children.count; ++i, item = document_.next(item)) {
      schema::ObjectIdentity of_item = schema::identity_of(document_, item);
      const bool silent = document_[item].kind == Kind::kMap && document_.find(item, "apiVersion") == kNoNode &&
                          document_.find(item, "kind") == kNoNode;
      if (silent && identity.kind.size() > kList.size()) {
        of_item.api_version = identity.api_version;
        of_item.kind = identity.kind.substr(0, identity.kind.size() - kList.size());
      }
      add(item, pointer + "/items/" + std::to_string(i), of_item);
    }
  }

 private:
  const Document& document_;
  std::vector<Object>& out_;
};

bool has(const Document& document, NodeIndex map, std::string_view key) { return document.find(map, key) != kNoNode; }

}  // namespace

bool is_plain_list(std::string_view kind) { return kind.size() == kList.size() && is_list_kind(kind); }

void unpack(const Document& document, const schema::ObjectIdentity& root, std::vector<Object>& out) {
  if (is_list_kind(root.kind)) {
    Unpacker(document, out).add(0, "", root);
  } else {
    out.emplace_back().identity = root;
  }
}

Meaning meaning_of(const Document& document, std::string_view path, const schema::ObjectIdentity& root) {
  if (document.empty() || document[0].kind == Kind::kNull) return Meaning::kNothing;
  if (document[0].kind == Kind::kSequence) {
    NodeIndex item = 1;
    for (std::uint32_t i = 0; i < document[0].children.count; ++i, item = document.next(item)) {
      if (has(document, item, "apiVersion") && has(document, item, "kind")) return Meaning::kObject;
    }
    return Meaning::kNoManifest;
  }
  if (document[0].kind != Kind::kMap) return Meaning::kObject;

  const bool has_version = !root.api_version.empty() || has(document, 0, "apiVersion");
  const bool has_kind = !root.kind.empty() || has(document, 0, "kind");
  const bool version_fits = !has_version || root.api_version.starts_with(kKustomizeGroup);
  const bool kind_fits = !has_kind || root.kind == "Kustomization" || root.kind == "Component";
  // kustomize itself fills in what a file of its name does not say.
  const bool says_all = has_version && has_kind;
  if (version_fits && kind_fits && (says_all || source::is_kustomization_name(path))) return Meaning::kKustomization;
  return has_version || has_kind ? Meaning::kObject : Meaning::kNoManifest;
}

}  // namespace kubegate::run
