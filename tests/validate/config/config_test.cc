// What the file says, where it says it, and that reader and published schema name the same settings.
#include "validate/config/config.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <filesystem>
#include <set>
#include <string>

#include "tests/support/folder.h"
#include "validate/document/read.h"

namespace kubegate::config {
namespace {

// "name: value@line:column …" for what a file says, in the order of the table.
std::string read(std::string_view text, const std::string& file = ".kubegate.yaml") {
  document::Document document;
  document::read({text, 1}, document::Syntax::kYaml, {}, document);
  const Config config = read_config(document, file);
  std::string out;
  const auto add = [&](const Settings& settings, const std::string& front) {
    for (const auto& [key, values] : settings) {
      out += front + std::string(keys()[static_cast<std::size_t>(key)].name) + ":";
      for (const Value& value : values) {
        out += " " + value.text + "@" + std::to_string(value.origin.line) + ":" + std::to_string(value.origin.column);
      }
      out += "\n";
    }
  };
  add(config.settings, "");
  for (const Cluster& cluster : config.clusters) add(cluster.settings, cluster.name.text + ".");
  return out;
}

TEST(Config, Read) {
  const struct {
    const char *text, *expected;
    const char* file = ".kubegate.yaml";
  } cases[] = {
      {"", ""},
      {"kind: Config\n", ""},
      {"kubernetesVersions: [\"1.29\", '1.30']\n", "kubernetesVersions: 1.29@1:22 1.30@1:30\n"},
      {"kubernetesVersions: [1.29, a]\n", "kubernetesVersions: a@1:28\n"},  // a number is the schema's to tell
      {"strict: false\nallowEmpty: yes\n", "strict: false@1:9\nallowEmpty: true@2:13\n"},
      {"strict: \"false\"\n", ""},
      {"crds: [crds/, /abs]\n", "crds: crds/@1:8 /abs@1:15\n"},
      {"crds: [crds/, /abs]\n", "crds: ../crds/@1:8 /abs@1:15\n", "../.kubegate.yaml"},
      {"outputs: [full, sarif=o/a.sarif, json=-]\n", "outputs: full@1:11 sarif=../o/a.sarif@1:17 json=-@1:34\n",
       "../.kubegate.yaml"},
      {"cache: {folder: .cache}\nrender:\n  kustomizeArgs: [--a]\n",
       "render.kustomizeArgs: --a@3:19\ncache.folder: .cache@1:17\n"},
      {"cache: x\n", ""},
      {"clusters:\n- name: a\n  overlays: [overlays/a]\n- overlays: [x]\n- name: b\n  kubernetesVersions: ['1.31']\n",
       "a.overlays: overlays/a@3:14\nb.kubernetesVersions: 1.31@6:24\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(read(c.text, c.file), c.expected) << c.text;
}

TEST(Config, FlagsWin) {
  document::Document document;
  const std::string text = "skip: [A, B]\nclusters:\n- name: a\n  crds: [x]\n- name: b\n";
  document::read({text, 1}, document::Syntax::kYaml, {}, document);
  Config config = read_config(document, ".kubegate.yaml");
  EXPECT_EQ(config.at(Key::kSkip).front().origin.text(), ".kubegate.yaml:1:8");
  EXPECT_EQ(config.at(Key::kStrict).front().origin.text(), "default");
  EXPECT_TRUE(config.on(Key::kStrict));
  EXPECT_EQ(config.texts(Key::kKubernetesVersions), (std::vector<std::string>{"1.28", "1.29"}));
  EXPECT_EQ(config.texts(Key::kCrds, config.clusters[0]), std::vector<std::string>{"x"});
  config.set_by_flag(Key::kSkip, {"C"});
  config.set_by_flag(Key::kCrds, {"y"});
  EXPECT_EQ(config.texts(Key::kSkip), std::vector<std::string>{"C"});
  EXPECT_EQ(config.at(Key::kSkip).front().origin.text(), "flag --skip");
  EXPECT_EQ(config.texts(Key::kCrds, config.clusters[0]), std::vector<std::string>{"y"});
  EXPECT_EQ(config.texts(Key::kCrds, config.clusters[1]), std::vector<std::string>{"y"});
}

void collect(const rapidjson::Value& schema, const std::string& front, std::set<std::string>& out) {
  for (const auto& property : schema["properties"].GetObject()) {
    const std::string name = front + property.name.GetString();
    const rapidjson::Value& value = property.value;
    const std::string type = value["type"].GetString();
    if (type == "object") {
      collect(value, name + ".", out);
    } else if (name == "clusters") {
      collect(value["items"], "clusters[].", out);
    } else {
      out.insert(name + " " + (type == "array" ? "list" : type));
    }
  }
}

TEST(Config, TheSchemaAndTheTableNameTheSame) {
  rapidjson::Document schema;
  schema.Parse(schema_text().data(), schema_text().size());
  ASSERT_FALSE(schema.HasParseError());
  std::set<std::string> published;
  collect(schema, "", published);
  std::set<std::string> read = {"apiVersion string", "kind string", "clusters[].name string"};
  for (const KeyInfo& key : keys()) {
    const std::string type = key.shape == Shape::kList ? " list" : key.shape == Shape::kSwitch ? " boolean" : " string";
    if (key.of_file) read.insert(std::string(key.name) + type);
    if (key.of_cluster) read.insert("clusters[]." + std::string(key.name) + type);
  }
  EXPECT_EQ(read, published);
  for (std::size_t i = 0; i < keys().size(); ++i) EXPECT_EQ(static_cast<std::size_t>(keys()[i].key), i);
}

TEST(Config, FoundUpwards) {
  const Folder folder;
  folder.add(".kubegate.yaml", "");
  folder.add("a/b/x", "");
  folder.add("c/.git/HEAD", "");
  folder.add("c/d/x", "");
  folder.add("e/.git/HEAD", "");
  folder.add("e/.kubegate.yaml", "");
  const auto found = [&](const char* name) { return find_file(folder.path(name)).value_or("none"); };
  EXPECT_EQ(found("a"), "../.kubegate.yaml");
  EXPECT_EQ(found("a/b"), "../../.kubegate.yaml");
  EXPECT_EQ(found("c/d"), "none");  // the top of a repository is where it ends
  EXPECT_EQ(found("e"), ".kubegate.yaml");
}

TEST(Config, Patterns) {
  const struct {
    const char* glob;
    bool anchored;
    const char* expected;
  } cases[] = {
      {"overlays/prod", true, "^overlays/prod(?:/|$)"},
      {"./overlays/eu-*/", true, "^overlays/eu-[^/]*(?:/|$)"},
      {"**/charts", false, "(?:^|/)(?:.*/)?charts(?:/|$)"},
      {"a?.yaml", false, "(?:^|/)a[^/]\\.yaml(?:/|$)"},
      {"x**", false, "(?:^|/)x.*(?:/|$)"},
      {".", true, "^"},
  };
  for (const auto& c : cases) EXPECT_EQ(pattern_of(c.glob, c.anchored), c.expected) << c.glob;
}

}  // namespace
}  // namespace kubegate::config
