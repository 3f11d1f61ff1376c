// The file is read by the same reader as manifests, and judged by a schema that is data (schemas/), so this reader only
// takes what is there: for each row of the table the values at its place, with their positions. That the table and the
// schema name the same settings is a test.
//
// Tested in tests/validate/config/config_test.cc.
#include "validate/config/config.h"

#include "validate/document/position.h"

extern "C" {
extern const char kubegate_config_schema_begin[];
extern const char kubegate_config_schema_end[];
}

namespace kubegate::config {

namespace {

namespace fs = std::filesystem;
using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;

constexpr KeyInfo kKeys[] = {
    {Key::kKubernetesVersions, "kubernetesVersions", "--kubernetes-version", Shape::kList, false, true, true,
     "1.28,1.29"},
    {Key::kCrds, "crds", "--crd", Shape::kList, true, true, true, ""},
    {Key::kCrdBundles, "crdBundles", "--crd-bundle", Shape::kList, false, true, true, ""},
    {Key::kPolicies, "policies", "--policy", Shape::kList, true, true, false, ""},
    {Key::kRules, "rules", "--rules", Shape::kList, false, true, false, ""},
    {Key::kInventory, "inventory", "--inventory", Shape::kList, true, true, false, ""},
    {Key::kSkip, "skip", "--skip", Shape::kList, false, true, false, ""},
    {Key::kReject, "reject", "--reject", Shape::kList, false, true, false, ""},
    {Key::kExclude, "exclude", "--ignore-filename-pattern", Shape::kList, false, true, false, ""},
    {Key::kStrict, "strict", "--strict", Shape::kSwitch, false, true, false, "true"},
    {Key::kIgnoreMissingSchemas, "ignoreMissingSchemas", "--ignore-missing-schemas", Shape::kSwitch, false, true, false,
     "false"},
    {Key::kAllowEmpty, "allowEmpty", "--allow-empty", Shape::kSwitch, false, true, false, "false"},
    {Key::kOutputs, "outputs", "--output", Shape::kList, false, true, false, "full"},
    {Key::kKnownFindings, "knownFindings", "--known", Shape::kText, true, true, false, ""},
    {Key::kRenderKustomize, "render.kustomize", "", Shape::kText, false, true, false, "kustomize"},
    {Key::kRenderKustomizeArgs, "render.kustomizeArgs", "", Shape::kList, false, true, false, ""},
    {Key::kRenderHelm, "render.helm", "", Shape::kText, false, true, false, "helm"},
    {Key::kRenderHelmArgs, "render.helmArgs", "", Shape::kList, false, true, false, ""},
    {Key::kCacheFolder, "cache.folder", "", Shape::kText, true, true, false, ""},
    {Key::kCacheUrl, "cache.url", "", Shape::kText, false, true, false, ""},
    {Key::kOverlays, "overlays", "", Shape::kList, false, false, true, ""},
    {Key::kServers, "servers", "", Shape::kList, false, false, true, ""},
    {Key::kDestinations, "destinations", "", Shape::kList, false, false, true, ""},
};

const KeyInfo& info_of(Key key) { return kKeys[static_cast<std::size_t>(key)]; }

class FileReader {
 public:
  FileReader(const Document& document, Config& config) : document_(document), config_(config) {}

  void read() {
    if (document_.empty()) return;
    read_settings(0, false, "", config_.settings);
    const NodeIndex clusters = at(0, "clusters");
    if (clusters == kNoNode || document_[clusters].kind != Kind::kSequence) return;
    std::size_t index = 0;
    for (NodeIndex item = clusters + 1; item < document_[clusters].children.end; item = document_.next(item)) {
      const std::string field = "clusters[" + std::to_string(index++) + "]";
      const NodeIndex name = at(item, "name");
      if (name == kNoNode || document_[name].kind != Kind::kString) continue;
      Cluster cluster;
      cluster.name = value_at(name, field + ".name");
      read_settings(item, true, field + ".", cluster.settings);
      config_.clusters.push_back(std::move(cluster));
    }
  }

 private:
  // The value that a dotted name leads to from a mapping.
  NodeIndex at(NodeIndex node, std::string_view name) const {
    while (node != kNoNode && document_[node].kind == Kind::kMap) {
      const std::size_t dot = name.find('.');
      node = document_.find(node, name.substr(0, dot));
      if (dot == name.npos) return node;
      name.remove_prefix(dot + 1);
    }
    return kNoNode;
  }

  Value value_at(NodeIndex node, std::string field) {
    Value value;
    value.text = document_.text(node);
    value.origin.file = config_.file;
    value.origin.span = document_[node].span();
    const document::Position position = document::position_of(document_, value.origin.span.begin);
    value.origin.line = position.line;
    value.origin.column = position.column;
    value.origin.field = std::move(field);
    return value;
  }

  void read_settings(NodeIndex map, bool of_cluster, const std::string& where, Settings& out) {
    for (const KeyInfo& key : kKeys) {
      if (!(of_cluster ? key.of_cluster : key.of_file)) continue;
      const NodeIndex node = at(map, key.name);
      if (node == kNoNode) continue;
      const std::string field = where + std::string(key.name);
      if (key.shape != Shape::kList) {
        const Kind wanted = key.shape == Shape::kSwitch ? Kind::kBool : Kind::kString;
        if (document_[node].kind != wanted) continue;
        Value value = value_at(node, field);
        if (key.shape == Shape::kSwitch) value.text = document_[node].boolean ? "true" : "false";
        out[key.key].push_back(located(key, std::move(value)));
        continue;
      }
      if (document_[node].kind != Kind::kSequence) continue;
      std::vector<Value>& list = out[key.key];
      std::size_t index = 0;
      for (NodeIndex item = node + 1; item < document_[node].children.end; item = document_.next(item)) {
        const std::string place = field + "[" + std::to_string(index++) + "]";
        if (document_[item].kind == Kind::kString) list.push_back(located(key, value_at(item, place)));
      }
    }
  }

  // Paths are relative to the file.
  Value located(const KeyInfo& key, Value value) const {
    if (key.is_path) value.text = from_folder(value.text);
    if (key.key == Key::kOutputs) {
      const std::size_t equals = value.text.find('=');
      if (equals != value.text.npos && value.text.substr(equals + 1) != "-") {
        value.text = value.text.substr(0, equals + 1) + from_folder(value.text.substr(equals + 1));
      }
    }
    if (key.key == Key::kExclude) value.text = pattern_of(value.text, false);
    return value;
  }

  std::string from_folder(const std::string& path) const {
    if (path.empty() || config_.folder.empty()) return path;
    return (fs::path(config_.folder) / path).lexically_normal().string();
  }

  const Document& document_;
  Config& config_;
};

}  // namespace

std::string Origin::text() const {
  if (!flag.empty()) return "flag " + flag;
  if (file.empty()) return "default";
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::span<const KeyInfo> keys() { return kKeys; }

std::vector<Value> Config::at(Key key) const {
  if (const auto said = settings.find(key); said != settings.end()) return said->second;
  std::vector<Value> values;
  for (std::string_view rest = info_of(key).fallback; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    values.push_back({std::string(rest.substr(0, comma)), {}});
    rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
  }
  return values;
}

std::vector<Value> Config::at(Key key, const Cluster& cluster) const {
  const auto said = cluster.settings.find(key);
  return said == cluster.settings.end() ? at(key) : said->second;
}

namespace {

std::vector<std::string> texts_of(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(value.text);
  return texts;
}

}  // namespace

std::vector<std::string> Config::texts(Key key) const { return texts_of(at(key)); }
std::vector<std::string> Config::texts(Key key, const Cluster& cluster) const { return texts_of(at(key, cluster)); }

std::string Config::text(Key key) const {
  const std::vector<Value> values = at(key);
  return values.empty() ? std::string() : values.front().text;
}

void Config::set_by_flag(Key key, const std::vector<std::string>& values) {
  std::vector<Value>& said = settings[key];
  said.clear();
  for (const std::string& value : values) {
    said.push_back({value, {}});
    said.back().origin.flag = info_of(key).flag;
  }
  for (Cluster& cluster : clusters) cluster.settings.erase(key);
}

std::optional<std::string> find_file(const fs::path& folder) {
  std::error_code failed;
  std::string up;
  for (fs::path at = folder; !at.empty(); at = at.parent_path(), up += "../") {
    if (fs::exists(at / kFileName, failed)) return up + std::string(kFileName);
    if (fs::exists(at / ".git", failed) || at == at.root_path()) break;
  }
  return std::nullopt;
}

Config read_config(const Document& document, const std::string& file) {
  Config config;
  config.file = file;
  const std::size_t slash = file.rfind('/');
  if (slash != file.npos) config.folder = file.substr(0, slash + 1);
  FileReader(document, config).read();
  return config;
}

std::string pattern_of(std::string_view glob, bool anchored) {
  while (glob.starts_with("./")) glob.remove_prefix(2);
  while (glob.starts_with('/')) glob.remove_prefix(1);
  while (glob.ends_with('/')) glob.remove_suffix(1);
  std::string pattern = anchored ? "^" : "(?:^|/)";
  if (glob.empty() || glob == ".") return pattern;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    const char c = glob[i];
    if (glob.substr(i).starts_with("**/")) {
      pattern += "(?:.*/)?";
      i += 2;
    } else if (glob.substr(i).starts_with("**")) {
      pattern += ".*";
      i += 1;
    } else if (c == '*') {
      pattern += "[^/]*";
    } else if (c == '?') {
      pattern += "[^/]";
    } else {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                         c == '-' || c == '/' || static_cast<unsigned char>(c) >= 0x80;
      if (!plain) pattern += '\\';
      pattern += c;
    }
  }
  return pattern + "(?:/|$)";
}

std::string_view schema_text() {
  return {kubegate_config_schema_begin,
          static_cast<std::size_t>(kubegate_config_schema_end - kubegate_config_schema_begin)};
}

}  // namespace kubegate::config
