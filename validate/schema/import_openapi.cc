// A Kubernetes release's published OpenAPI v3 documents as a bundle.
//
// The documents are generated from Go types, and the API server does not read them: it decodes into the Go types
// themselves. So the importer recovers what the types say, and drops what only the generator says:
//
//   - A type whose Go side decodes by hand (Quantity, Time, RawExtension, …) becomes what that decoder takes, in the
//     place of the reference: kSpecialTypes.
//   - `allOf: [{$ref}]` beside a default or a list type (from 1.29) and a bare `$ref` (before) are the same reference.
//   - A default that is the Go zero value ("", 0, false, {}) is the generator's way to say "not a pointer"; what
//     remains (protocol TCP, …) the server really applies.
//   - `x-kubernetes-list-type: atomic` is what a list is without one; 1.30 wrote it out for hundreds of lists. Patch
//     strategies, map types and unions concern updates only.
//   - A root type that is an object without properties is an empty struct, so no field is known in it.
//
// With this, releases differ where their types do, and a bundle stores the rest once. An unknown keyword is an error
// rather than ignored: the day that Kubernetes publishes more facts, the importer must learn them.
//
// Kinds come from the paths: a POST to a collection at the top of a group and version, not to a subresource.
// Tested by tests/validate/schema/import_test.cc, against small documents and, where they are, the published ones.
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "validate/schema/import.h"

namespace kubegate::schema {
namespace {

using Value = rapidjson::Value;

constexpr std::string_view kPrefix = "io.k8s.";
constexpr std::string_view kReferencePrefix = "#/components/schemas/";
constexpr VersionMask kThisVersion = 1;

// Types with a decoder of their own in Go (UnmarshalJSON), and what it takes.
struct SpecialType {
  std::string_view name;
  Type type;
  std::string_view format;
  bool preserve_unknown;
};
constexpr SpecialType kSpecialTypes[] = {
    {"io.k8s.apimachinery.pkg.api.resource.Quantity", Type::kQuantity, "", false},
    {"io.k8s.apimachinery.pkg.util.intstr.IntOrString", Type::kIntOrString, "", false},
    {"io.k8s.apimachinery.pkg.apis.meta.v1.Time", Type::kString, "date-time", false},
    // RFC 3339 with exactly six digits of fraction, unlike Time.
    {"io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", Type::kString, "microtime", false},
    {"io.k8s.apimachinery.pkg.apis.meta.v1.Duration", Type::kString, "go-duration", false},
    // These keep the JSON as it comes, whatever it is.
    {"io.k8s.apimachinery.pkg.runtime.RawExtension", Type::kAny, "", true},
    {"io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1", Type::kAny, "", true},
    {"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON", Type::kAny, "", true},
    // These decode their content by a decoder that does not look for unknown fields. What a schema in a
    // CustomResourceDefinition must hold is judged with the definition.
    {"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray", Type::kAny, "", true},
    {"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool", Type::kAny, "", true},
    {"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray", Type::kAny, "", true},
};

// Keywords that say nothing about what is valid.
constexpr std::string_view kIgnoredKeywords[] = {
    "description",
    "title",
    "example",
    "x-kubernetes-group-version-kind",
    "x-kubernetes-map-type",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-patch-strategy",
    "x-kubernetes-unions",
};

std::string_view view(const Value& string) { return {string.GetString(), string.GetStringLength()}; }

// The member `name` of an object, or null.
const Value* member(const Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string_view string_member(const Value& object, const char* name) {
  const Value* value = member(object, name);
  return value && value->IsString() ? view(*value) : std::string_view{};
}

std::string json_text(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

bool is_zero_value(const Value& value) {
  return value.IsNull() || value.IsFalse() || (value.IsNumber() && value.GetDouble() == 0) ||
         (value.IsString() && value.GetStringLength() == 0) || (value.IsObject() && value.ObjectEmpty()) ||
         (value.IsArray() && value.Empty());
}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

class OpenApiImporter {
 public:
  explicit OpenApiImporter(const OpenApiRelease& release) : release_(release) {}

  Result<Bundle> import() {
    bundle_.project = "kubernetes";
    bundle_.versions = {release_.version};
    bundle_.dates = {release_.date};
    if (!read_documents() || !find_kinds() || !import_types()) {
      return Error{ErrorCode::kData, subject_, std::move(message_)};
    }
    return std::move(bundle_);
  }

 private:
  bool fail(std::string_view subject, std::string message) {
    subject_ = subject;
    message_ = std::move(message);
    return false;
  }

  bool read_documents() {
    documents_.reserve(release_.documents.size());
    for (const NamedText& document : release_.documents) {
      rapidjson::Document& parsed = documents_.emplace_back();
      parsed.Parse<rapidjson::kParseIterativeFlag>(document.text.data(), document.text.size());
      if (parsed.HasParseError()) {
        return fail(document.name, "is not JSON: " + std::string(rapidjson::GetParseError_En(parsed.GetParseError())));
      }
      const Value* components = member(parsed, "components");
      const Value* schemas = components ? member(*components, "schemas") : nullptr;
      if (!schemas || !schemas->IsObject()) continue;  // the index of a group has none
      for (const auto& schema : schemas->GetObject()) published_[view(schema.name)].push_back(&schema.value);
    }
    std::set<std::string_view> short_names;
    for (const auto& [name, schemas] : published_) {
      if (!name.starts_with(kPrefix)) short_names.insert(name);
    }
    for (const auto& [name, schemas] : published_) {
      std::string_view short_name = name;
      if (name.starts_with(kPrefix)) short_name.remove_prefix(kPrefix.size());
      names_[name] = short_names.insert(short_name).second ? short_name : name;
    }
    return true;
  }

  // Kinds.

  bool find_kinds() {
    // The type of a kind: the one that names this kind and no other (DeleteOptions and its like name many).
    std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::string_view> roots;
    for (const auto& [name, schemas] : published_) {
      const Value* kinds = member(*schemas.front(), "x-kubernetes-group-version-kind");
      if (!kinds || !kinds->IsArray() || kinds->Size() != 1) continue;
      const Value& kind = (*kinds)[0];
      roots[{string_member(kind, "group"), string_member(kind, "version"), string_member(kind, "kind")}] = name;
    }
    std::set<std::tuple<std::string, std::string, std::string>> seen;
    for (const rapidjson::Document& document : documents_) {
      const Value* paths = member(document, "paths");
      if (!paths || !paths->IsObject()) continue;
      for (const auto& path : paths->GetObject()) {
        KindEntry entry;
        if (!is_created_kind(view(path.name), path.value, entry)) continue;
        if (!seen.emplace(entry.group, entry.version, entry.kind).second) continue;
        const auto root = roots.find({entry.group, entry.version, entry.kind});
        if (root == roots.end()) return fail(entry.api_version() + ' ' + entry.kind, "has a path but no schema");
        entry.known = kThisVersion;
        Variant variant;
        variant.versions = kThisVersion;
        variant.facts.type = Type::kReference;
        variant.facts.reference = names_[root->second];
        entry.root.variants.push_back(std::move(variant));
        pending_.push_back(root->second);
        bundle_.kinds.push_back(std::move(entry));
      }
    }
    if (bundle_.kinds.empty())
      return fail(release_.version, "no kinds in the documents: not OpenAPI v3 of Kubernetes?");
    std::sort(bundle_.kinds.begin(), bundle_.kinds.end(), [](const KindEntry& a, const KindEntry& b) {
      return std::tie(a.group, a.version, a.kind) < std::tie(b.group, b.version, b.kind);
    });
    return decide_served();
  }

  // Whether a POST to `path` creates objects of a kind: /api/v1/PLURAL or /apis/GROUP/VERSION/PLURAL, PLURAL perhaps
  // behind namespaces/{namespace}.
  static bool is_created_kind(std::string_view path, const Value& operations, KindEntry& entry) {
    const Value* post = member(operations, "post");
    if (!post || string_member(*post, "x-kubernetes-action") != "post") return false;
    const Value* kind = member(*post, "x-kubernetes-group-version-kind");
    if (!kind) return false;
    const std::vector<std::string_view> parts = split_path(path);
    const std::size_t head = !parts.empty() && parts[0] == "api" ? 2 : 3;
    const bool namespaced = parts.size() == head + 3 && parts[head] == "namespaces" && parts[head + 1] == "{namespace}";
    if (!namespaced && parts.size() != head + 1) return false;
    entry.group = string_member(*kind, "group");
    entry.version = string_member(*kind, "version");
    entry.kind = string_member(*kind, "kind");
    entry.plural = parts.back();
    entry.scope = namespaced ? Scope::kNamespaced : Scope::kCluster;
    return true;
  }

  bool decide_served() {
    std::set<std::string> listed;
    std::istringstream lines(release_.served_by_default);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string api_version, kind;
      if (words >> api_version >> kind) listed.insert(api_version + ' ' + kind);
    }
    for (KindEntry& entry : bundle_.kinds) {
      bool served;
      if (!listed.empty()) {
        served = listed.count(entry.api_version() + ' ' + entry.kind) != 0;
      } else if (entry.version.find("alpha") != std::string::npos) {
        served = false;
      } else {
        served = entry.version.find("beta") == std::string::npos || neighbour_serves(entry);
      }
      if (served) entry.served = kThisVersion;
    }
    return true;
  }

  // Whether the newest release below this one among the neighbours serves the kind.
  bool neighbour_serves(const KindEntry& entry) const {
    if (!release_.neighbours) return false;
    const std::vector<std::string>& versions = release_.neighbours->versions;
    std::size_t below = 0;
    while (below < versions.size() && compare_versions(versions[below], release_.version) < 0) ++below;
    if (below == 0) return false;
    const auto& kinds = release_.neighbours->kinds;
    return std::any_of(kinds.begin(), kinds.end(), [&](const KindEntry& other) {
      return other.group == entry.group && other.version == entry.version && other.kind == entry.kind &&
             (other.served >> (below - 1) & 1);
    });
  }

  // Types.

  bool import_types() {
    std::set<std::string_view> done;
    while (!pending_.empty()) {
      const std::string_view name = pending_.back();
      pending_.pop_back();
      if (!done.insert(name).second) continue;
      const auto published = published_.find(name);
      if (published == published_.end()) return fail(name, "is referred to but not published");
      SchemaNode type;
      if (!import_type(*published->second.front(), name, type)) return false;
      for (std::size_t i = 1; i < published->second.size(); ++i) {
        SchemaNode other;
        if (!import_type(*published->second[i], name, other)) return false;
        if (other != type) return fail(name, "differs between the documents of one release");
      }
      bundle_.types.emplace(names_[name], std::move(type));
    }
    return true;
  }

  bool import_type(const Value& schema, std::string_view name, SchemaNode& node) {
    if (!import_node(schema, std::string(name), node)) return false;
    Facts& facts = node.variants.front().facts;
    if (facts.type == Type::kObject && node.properties.empty() && node.additional.empty())
      facts.forbid_additional = true;
    return true;
  }

  // `where` is the path to the schema, for errors.
  bool import_node(const Value& schema, const std::string& where, SchemaNode& node) {
    if (!schema.IsObject()) return fail(where, "is no schema");
    Facts facts;
    for (const auto& entry : schema.GetObject()) {
      if (!keyword(view(entry.name), entry.value, where, facts, node)) return false;
    }
    std::sort(facts.required.begin(), facts.required.end());
    std::sort(facts.list_map_keys.begin(), facts.list_map_keys.end());
    node.variants.push_back({kThisVersion, std::move(facts)});
    return true;
  }

  bool keyword(std::string_view name, const Value& value, const std::string& where, Facts& facts, SchemaNode& node) {
    if (std::find(std::begin(kIgnoredKeywords), std::end(kIgnoredKeywords), name) != std::end(kIgnoredKeywords)) {
      return true;
    }
    if (name == "type") return type(value, where, facts);
    if (name == "format" && value.IsString()) {
      facts.format = view(value);
      return true;
    }
    if (name == "default") {
      if (!is_zero_value(value)) facts.default_value = json_text(value);
      return true;
    }
    if (name == "required") return strings(value, where, facts.required);
    if (name == "x-kubernetes-list-map-keys") return strings(value, where, facts.list_map_keys);
    if (name == "x-kubernetes-list-type" && value.IsString()) {
      if (view(value) == "set") facts.list_type = ListType::kSet;
      if (view(value) == "map") facts.list_type = ListType::kMap;
      return true;
    }
    if (name == "properties" && value.IsObject()) {
      for (const auto& property : value.GetObject()) {
        const std::string_view key = view(property.name);
        if (!import_node(property.value, where + '.' + std::string(key), node.properties[std::string(key)]))
          return false;
      }
      return true;
    }
    if (name == "items") return import_node(value, where + "[]", node.items.emplace_back());
    if (name == "additionalProperties") return import_node(value, where + "{}", node.additional.emplace_back());
    if (name == "$ref") return reference(value, where, facts);
    if (name == "allOf" && value.IsArray() && value.Size() == 1 && member(value[0], "$ref")) {
      return reference(*member(value[0], "$ref"), where, facts);
    }
    return fail(where, "the keyword " + std::string(name) + " with the value " + json_text(value).substr(0, 80) +
                           " is not known to the importer");
  }

  bool type(const Value& value, const std::string& where, Facts& facts) {
    constexpr std::pair<std::string_view, Type> kTypes[] = {
        {"object", Type::kObject},   {"array", Type::kArray},   {"string", Type::kString},
        {"integer", Type::kInteger}, {"number", Type::kNumber}, {"boolean", Type::kBoolean},
    };
    for (const auto& [name, type] : kTypes) {
      if (!value.IsString() || view(value) != name) continue;
      facts.type = type;
      return true;
    }
    return fail(where, "unknown type " + json_text(value));
  }

  bool reference(const Value& value, const std::string& where, Facts& facts) {
    if (!value.IsString() || !view(value).starts_with(kReferencePrefix)) {
      return fail(where, "unknown reference " + json_text(value));
    }
    const std::string_view name = view(value).substr(kReferencePrefix.size());
    for (const SpecialType& special : kSpecialTypes) {
      if (special.name != name) continue;
      facts.type = special.type;
      facts.format = special.format;
      facts.preserve_unknown_fields = special.preserve_unknown;
      return true;
    }
    const auto known = names_.find(name);
    if (known == names_.end()) return fail(where, "refers to " + std::string(name) + ", which is not published");
    facts.type = Type::kReference;
    facts.reference = known->second;
    pending_.push_back(known->first);
    return true;
  }

  bool strings(const Value& value, const std::string& where, std::vector<std::string>& out) {
    if (!value.IsArray()) return fail(where, "expected a list of names");
    for (const Value& item : value.GetArray()) {
      if (!item.IsString()) return fail(where, "expected a list of names");
      out.emplace_back(view(item));
    }
    return true;
  }

  const OpenApiRelease& release_;
  std::vector<rapidjson::Document> documents_;
  std::map<std::string_view, std::vector<const Value*>> published_;  // by published name, once a document
  std::map<std::string_view, std::string_view> names_;               // published → in the bundle
  std::vector<std::string_view> pending_;                            // published names of types still to import
  Bundle bundle_;
  std::string subject_, message_;
};

}  // namespace

Result<Bundle> import_openapi(const OpenApiRelease& release) { return OpenApiImporter(release).import(); }

}  // namespace kubegate::schema
