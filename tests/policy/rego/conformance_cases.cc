#include "tests/policy/rego/conformance_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "tests/support/oracle.h"
#include "validate/document/read.h"

namespace kubegate::testing {
namespace {

using document::Document;
using document::kNoNode;
using document::NodeIndex;

std::string text_of(const Document& doc, NodeIndex node) { return node == kNoNode ? "" : std::string(doc.text(node)); }

bool flag_of(const Document& doc, NodeIndex node) {
  return node != kNoNode && doc[node].kind == document::Kind::kBool && doc[node].boolean;
}

// The cases are YAML 1.2, where `on` is a text; the reader is the cluster's, where it is a boolean.
void quote_words(std::string& yaml) {
  for (std::size_t at = 0; (at = yaml.find(" on: ", at)) != std::string::npos; at += 5) {
    yaml.replace(at, 5, " \"on\": ");
  }
}

void load(const std::filesystem::path& path, const std::string& folder, rego::RegoVersion version,
          std::vector<ConformanceCase>& out) {
  // The document refers to the bytes; both live as long as the cases.
  struct Held {
    std::string bytes;
    Document document;
  };
  auto held = std::make_shared<Held>();
  held->bytes = read_file(path.string());
  quote_words(held->bytes);
  const auto slices = document::split(held->bytes, document::Syntax::kYaml);
  if (slices.empty()) return;
  document::read(slices[0], document::Syntax::kYaml, {}, held->document);
  const Document& doc = held->document;
  ASSERT_TRUE(doc.complete()) << path << ": " << (doc.faults().empty() ? "" : doc.faults()[0].message);
  const NodeIndex cases = doc.find(0, "cases");
  ASSERT_NE(cases, kNoNode) << path;
  NodeIndex node = cases + 1;
  for (std::uint32_t i = 0; i < doc[cases].children.count; ++i, node = doc.next(node)) {
    ConformanceCase& test = out.emplace_back();
    test.file = folder + "/" + path.filename().string();
    test.folder = folder;
    test.version = version;
    test.document = std::shared_ptr<const Document>(held, &doc);
    const auto find = [&](std::string_view key) { return doc.find(node, key); };
    test.note = text_of(doc, find("note"));
    test.query = text_of(doc, find("query"));
    if (const NodeIndex modules = find("modules"); modules != kNoNode && doc[modules].is_collection()) {
      NodeIndex module = modules + 1;
      for (std::uint32_t j = 0; j < doc[modules].children.count; ++j, module = doc.next(module)) {
        test.modules.push_back(text_of(doc, module));
      }
    }
    test.data = find("data");
    test.input = find("input");
    test.input_term = text_of(doc, find("input_term"));
    test.want_result = find("want_result");
    test.sort_bindings = flag_of(doc, find("sort_bindings"));
    test.strict_error = flag_of(doc, find("strict_error"));
    test.ignore_generated_vars = flag_of(doc, find("ignore_generated_vars"));
    test.want_error_code = text_of(doc, find("want_error_code"));
    test.want_error = text_of(doc, find("want_error"));
  }
}

std::vector<ConformanceCase> load_all() {
  std::vector<ConformanceCase> out;
  const std::filesystem::path root = std::filesystem::path(shared_folder()) / "conformance/opa";
  if (shared_folder().empty() || !std::filesystem::exists(root)) return out;
  for (const char* version : {"v0", "v1"}) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / version)) {
      if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      load(path, std::string(version) + "/" + path.parent_path().filename().string(),
           version == std::string_view("v0") ? rego::RegoVersion::kV0 : rego::RegoVersion::kV1, out);
    }
  }
  return out;
}

}  // namespace

const std::vector<ConformanceCase>& conformance_cases() {
  static const std::vector<ConformanceCase> cases = load_all();
  return cases;
}

std::string left_out(const ConformanceCase& test) {
  static constexpr std::pair<std::string_view, std::string_view> kFolders[] = {
      {"graphql", "graphql.* is left out"},
      {"jsonschema", "json.match_schema and json.verify_schema come with JSON Schema"},
      {"regoparsemodule", "rego.parse_module is left out"},
      {"rendertemplate", "strings.render_template is left out"},
      {"providers-aws", "providers.aws.* is left out"},
      {"netlookupipaddr", "net.lookup_ip_addr needs the network"},
  };
  const std::string_view folder = std::string_view(test.folder).substr(3);
  for (const auto& [name, reason] : kFolders) {
    if (folder == name) return std::string(reason);
  }
  if (folder == "invalidkeyerror") return "http.send needs the network: its request is not even read";
  if (test.note == "time/time caching") return "test.sleep is a built-in of OPA's tests alone";
  return "";
}

}  // namespace kubegate::testing
