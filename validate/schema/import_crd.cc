// A CustomResourceDefinition's kinds as a bundle.
//
// Unlike the native types', these schemas are what the API server itself checks with, so they are taken word for word,
// value checks (allOf, anyOf, oneOf, not) and defaults with them. Three spellings are made one:
//
//   - `x-kubernetes-int-or-string` may be accompanied by `anyOf: [{type: integer}, {type: string}]`, alone or as a
//     member of allOf; it says nothing more, and the type int-or-string stands for both.
//   - `x-kubernetes-list-type: atomic` is what a list is without one.
//   - `additionalProperties: true` is a schema that says nothing. (The server prunes the content of objects that it
//     admits, as it does under any schema without properties.)
//
// A definition comes from a user as often as from a project's release, and may be unsound. What is wrong with it is
// told by its own check; here a keyword with a value of the wrong type is passed over, so that one slip does not take
// the schema from all objects of the kind. Only a definition that names no kind is an error.
//
// Tested by tests/validate/schema/import_test.cc.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "validate/schema/import.h"
#include "validate/schema/json_text.h"

namespace kubegate::schema {
namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::Node;
using document::NodeIndex;

constexpr VersionMask kThisVersion = 1;
constexpr int kMaxDepth = 200;  // nested schemas; the text form of a bundle has room for some more

// Calls visit(key, value) for the pairs of a mapping; nothing for another node.
template <class Visit>
void each_pair(const Document& document, NodeIndex map, Visit visit) {
  if (map == kNoNode || document[map].kind != Kind::kMap) return;
  for (NodeIndex key = map + 1; key < document[map].children.end; key = document.next(key + 1)) {
    visit(document.text(key), key + 1);
  }
}

// Calls visit(item) for the items of a sequence; nothing for another node.
template <class Visit>
void each_item(const Document& document, NodeIndex sequence, Visit visit) {
  if (sequence == kNoNode || document[sequence].kind != Kind::kSequence) return;
  for (NodeIndex item = sequence + 1; item < document[sequence].children.end; item = document.next(item)) visit(item);
}

class SchemaReader {
 public:
  explicit SchemaReader(const Document& document) : document_(document) {}

  // The schema at `schema` as a node with one variant. False when it is nested too deep.
  bool read(NodeIndex schema, SchemaNode& node, int depth = 0) {
    if (depth > kMaxDepth) return false;
    Facts facts;
    bool sound = true;
    each_pair(document_, schema, [&](std::string_view keyword, NodeIndex value) {
      if (!read_fact(keyword, value, facts)) sound = read_child(keyword, value, facts, node, depth + 1) && sound;
    });
    std::sort(facts.required.begin(), facts.required.end());
    std::sort(facts.list_map_keys.begin(), facts.list_map_keys.end());
    if (flag(document_.find(schema, "x-kubernetes-int-or-string"))) {
      facts.type = Type::kIntOrString;
      fold_int_or_string(node);
    }
    node.variants.push_back({kThisVersion, std::move(facts)});
    return sound;
  }

 private:
  bool flag(NodeIndex i) const { return i != kNoNode && document_[i].kind == Kind::kBool && document_[i].boolean; }

  std::string_view string(NodeIndex i) const {
    return document_[i].kind == Kind::kString ? document_.text(i) : std::string_view{};
  }

  std::optional<std::int64_t> integer(NodeIndex i) const {
    if (document_[i].kind != Kind::kInt) return std::nullopt;
    return document_[i].integer;
  }

  std::optional<double> number(NodeIndex i) const {
    if (document_[i].kind == Kind::kFloat) return document_[i].number;
    if (document_[i].kind == Kind::kInt) return static_cast<double>(document_[i].integer);
    return std::nullopt;
  }

  std::vector<std::string> strings(NodeIndex i) const {
    std::vector<std::string> out;
    each_item(document_, i, [&](NodeIndex item) { out.emplace_back(string(item)); });
    return out;
  }

  // Whether `keyword` is a fact of the node itself.
  bool read_fact(std::string_view keyword, NodeIndex value, Facts& facts) const {
    if (keyword == "type") {
      facts.type = type(string(value));
    } else if (keyword == "format") {
      facts.format = string(value);
    } else if (keyword == "nullable") {
      facts.nullable = flag(value);
    } else if (keyword == "x-kubernetes-preserve-unknown-fields") {
      facts.preserve_unknown_fields = flag(value);
    } else if (keyword == "x-kubernetes-embedded-resource") {
      facts.embedded_resource = flag(value);
    } else if (keyword == "x-kubernetes-list-type") {
      if (string(value) == "set") facts.list_type = ListType::kSet;
      if (string(value) == "map") facts.list_type = ListType::kMap;
    } else if (keyword == "x-kubernetes-list-map-keys") {
      facts.list_map_keys = strings(value);
    } else if (keyword == "required") {
      facts.required = strings(value);
    } else if (keyword == "enum") {
      each_item(document_, value, [&](NodeIndex i) { facts.enumeration.push_back(json_text(document_, i)); });
    } else if (keyword == "default") {
      // `default: null` is no default: the field is a pointer in Go.
      if (document_[value].kind != document::Kind::kNull) facts.default_value = json_text(document_, value);
    } else if (keyword == "x-kubernetes-validations") {
      each_item(document_, value, [&](NodeIndex i) { facts.rules.push_back(rule(i)); });
    } else {
      return read_bound(keyword, value, facts);
    }
    return true;
  }

  bool read_bound(std::string_view keyword, NodeIndex value, Facts& facts) const {
    if (keyword == "pattern") {
      facts.pattern = string(value);
    } else if (keyword == "minimum") {
      facts.minimum = number(value);
    } else if (keyword == "maximum") {
      facts.maximum = number(value);
    } else if (keyword == "exclusiveMinimum") {
      facts.exclusive_minimum = flag(value);
    } else if (keyword == "exclusiveMaximum") {
      facts.exclusive_maximum = flag(value);
    } else if (keyword == "multipleOf") {
      facts.multiple_of = number(value);
    } else if (keyword == "minLength") {
      facts.min_length = integer(value);
    } else if (keyword == "maxLength") {
      facts.max_length = integer(value);
    } else if (keyword == "minItems") {
      facts.min_items = integer(value);
    } else if (keyword == "maxItems") {
      facts.max_items = integer(value);
    } else if (keyword == "uniqueItems") {
      facts.unique_items = flag(value);
    } else if (keyword == "minProperties") {
      facts.min_properties = integer(value);
    } else if (keyword == "maxProperties") {
      facts.max_properties = integer(value);
    } else {
      return false;
    }
    return true;
  }

  static Type type(std::string_view name) {
    constexpr std::pair<std::string_view, Type> kTypes[] = {
        {"object", Type::kObject},   {"array", Type::kArray},   {"string", Type::kString},
        {"integer", Type::kInteger}, {"number", Type::kNumber}, {"boolean", Type::kBoolean},
    };
    for (const auto& [known, type] : kTypes) {
      if (known == name) return type;
    }
    return Type::kAny;
  }

  Rule rule(NodeIndex i) const {
    Rule rule;
    each_pair(document_, i, [&](std::string_view key, NodeIndex value) {
      if (key == "rule") rule.expression = string(value);
      if (key == "message") rule.message = string(value);
      if (key == "messageExpression") rule.message_expression = string(value);
      if (key == "reason") rule.reason = string(value);
      if (key == "fieldPath") rule.field_path = string(value);
      if (key == "optionalOldSelf") rule.optional_old_self = flag(value);
    });
    return rule;
  }

  // The keywords that hold schemas; others say nothing about what is valid.
  bool read_child(std::string_view keyword, NodeIndex value, Facts& facts, SchemaNode& node, int depth) {
    if (keyword == "properties") {
      bool sound = true;
      each_pair(document_, value, [&](std::string_view name, NodeIndex schema) {
        sound = read(schema, node.properties[std::string(name)], depth) && sound;
      });
      return sound;
    }
    if (keyword == "additionalProperties" && document_[value].kind == Kind::kBool) {
      facts.forbid_additional = !document_[value].boolean;
      if (document_[value].boolean) node.additional.emplace_back().variants.push_back({kThisVersion, {}});
      return true;
    }
    if (keyword == "additionalProperties") return read_map(value, node.additional, depth);
    if (keyword == "items") return read_map(value, node.items, depth);
    if (keyword == "not") return read_map(value, node.negated, depth);
    if (keyword == "allOf") return read_list(value, node.all_of, depth);
    if (keyword == "anyOf") return read_list(value, node.any_of, depth);
    if (keyword == "oneOf") return read_list(value, node.one_of, depth);
    return true;
  }

  bool read_map(NodeIndex value, std::vector<SchemaNode>& into, int depth) {
    return document_[value].kind != Kind::kMap || read(value, into.emplace_back(), depth);
  }

  bool read_list(NodeIndex value, std::vector<SchemaNode>& into, int depth) {
    bool sound = true;
    each_item(document_, value, [&](NodeIndex schema) { sound = read(schema, into.emplace_back(), depth) && sound; });
    return sound;
  }

  static bool is_integer_or_string(const std::vector<SchemaNode>& branches) {
    SchemaNode pair[2];
    pair[0].variants.push_back({kThisVersion, {}});
    pair[1] = pair[0];
    pair[0].variants[0].facts.type = Type::kInteger;
    pair[1].variants[0].facts.type = Type::kString;
    return branches.size() == 2 && branches[0] == pair[0] && branches[1] == pair[1];
  }

  static void fold_int_or_string(SchemaNode& node) {
    if (is_integer_or_string(node.any_of)) node.any_of.clear();
    std::erase_if(node.all_of, [](const SchemaNode& branch) {
      SchemaNode rest = branch;
      rest.any_of.clear();
      SchemaNode nothing;
      nothing.variants.push_back({kThisVersion, {}});
      return rest == nothing && is_integer_or_string(branch.any_of);
    });
  }

  const Document& document_;
};

}  // namespace

Result<Bundle> import_crd(const Document& document, NodeIndex crd, std::string_view project, std::string_view version,
                          std::string_view date) {
  const auto text = [&](NodeIndex map, std::string_view key) {
    const NodeIndex i = map == kNoNode ? kNoNode : document.find(map, key);
    return std::string(i != kNoNode && document[i].kind == Kind::kString ? document.text(i) : std::string_view{});
  };
  const auto flag = [&](NodeIndex map, std::string_view key, bool otherwise) {
    const NodeIndex i = document.find(map, key);
    return i != kNoNode && document[i].kind == Kind::kBool ? document[i].boolean : otherwise;
  };
  const auto find = [&](NodeIndex map, std::string_view key) {
    return map == kNoNode ? kNoNode : document.find(map, key);
  };

  const std::string name = text(find(crd, "metadata"), "name");
  const auto error = [&](std::string message) { return Error{ErrorCode::kData, name, std::move(message)}; };
  const std::string api_version = text(crd, "apiVersion");
  if (api_version == "apiextensions.k8s.io/v1beta1") {
    return error(
        "is a CustomResourceDefinition of apiextensions.k8s.io/v1beta1, which is gone since 1.22: "
        "take the project's v1 definitions");
  }
  if (api_version != "apiextensions.k8s.io/v1" || text(crd, "kind") != "CustomResourceDefinition") {
    return error("is no CustomResourceDefinition of apiextensions.k8s.io/v1");
  }

  const NodeIndex spec = find(crd, "spec");
  const NodeIndex names = find(spec, "names");
  KindEntry kind;
  kind.group = text(spec, "group");
  kind.kind = text(names, "kind");
  kind.plural = text(names, "plural");
  kind.scope = text(spec, "scope") == "Cluster" ? Scope::kCluster : Scope::kNamespaced;
  kind.known = kThisVersion;
  if (kind.group.empty() || kind.kind.empty() || kind.plural.empty()) {
    return error("names no group, kind or plural in its spec");
  }

  Bundle bundle;
  bundle.project = project;
  bundle.versions = {std::string(version)};
  bundle.dates = {std::string(date)};
  bool sound = true;
  each_item(document, find(spec, "versions"), [&](NodeIndex item) {
    KindEntry entry = kind;
    entry.version = text(item, "name");
    const bool seen = std::any_of(bundle.kinds.begin(), bundle.kinds.end(),
                                  [&](const KindEntry& other) { return other.version == entry.version; });
    if (entry.version.empty() || seen) return;
    if (flag(item, "served", false)) entry.served = kThisVersion;
    if (flag(item, "deprecated", false)) entry.deprecated = kThisVersion;
    const NodeIndex schema = find(find(item, "schema"), "openAPIV3Schema");
    if (schema == kNoNode) {
      entry.root.variants.push_back({kThisVersion, {}});
    } else {
      sound = SchemaReader(document).read(schema, entry.root) && sound;
    }
    if (schema == kNoNode || flag(spec, "preserveUnknownFields", false)) {
      entry.root.variants.front().facts.preserve_unknown_fields = true;
    }
    bundle.kinds.push_back(std::move(entry));
  });
  if (!sound) return error("has a schema nested deeper than " + std::to_string(kMaxDepth) + " levels");
  if (bundle.kinds.empty()) return error("names no versions in its spec");
  std::sort(bundle.kinds.begin(), bundle.kinds.end(),
            [](const KindEntry& a, const KindEntry& b) { return a.version < b.version; });
  return bundle;
}

bool import_schema(const Document& document, NodeIndex schema, SchemaNode& node) {
  return SchemaReader(document).read(schema, node);
}

}  // namespace kubegate::schema
