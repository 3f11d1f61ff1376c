// The survey reads every YAML file once and goes by what objects say they are, not by what folders are called. A
// kustomization that another one names is a base or a component; what nobody names is an overlay. Versions of Kubernetes
// are taken from where people write them: flags of kubegate and kubeconform in jobs, eksctl's ClusterConfig.
//
// Tested in tests/validate/config_command_test.cc.
#include "validate/survey.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

#include "validate/document/read.h"
#include "validate/schema/catalogue.h"
#include "validate/schema/check.h"
#include "validate/source/read.h"
#include "validate/source/skip.h"

namespace kubegate {

namespace {

namespace fs = std::filesystem;
using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;

constexpr std::size_t kMostFiles = 50'000;
constexpr std::uint64_t kMostBytes = 4 << 20;  // of one file

class Surveyor {
 public:
  explicit Surveyor(fs::path top) : top_(std::move(top)) {}

  Result<Survey> look() {
    std::error_code failed;
    fs::recursive_directory_iterator entry(top_, fs::directory_options::skip_permission_denied, failed), end;
    if (failed) return Error{ErrorCode::kIo, top_.string(), failed.message()};
    for (; entry != end; entry.increment(failed)) {
      if (failed) break;
      const std::string name = entry->path().filename().string();
      if (entry->is_directory(failed)) {
        const bool hidden = name.starts_with('.') && name != ".github";
        if (hidden || name == "node_modules") entry.disable_recursion_pending();
        continue;
      }
      if (!entry->is_regular_file(failed)) continue;
      const std::string extension = entry->path().extension().string();
      const bool yaml = extension == ".yaml" || extension == ".yml" || name == "Kustomization";
      if (!yaml && extension != ".sh") continue;
      if (++out_.files > kMostFiles) {
        out_.complete = false;
        break;
      }
      read(entry->path(), yaml);
    }
    for (const std::string& folder : kustomizations_) {
      if (named_.count(folder) == 0) out_.overlays.insert(folder);
    }
    return std::move(out_);
  }

 private:
  std::string from_top(const fs::path& path) const {
    std::string relative = path.lexically_normal().lexically_relative(top_.lexically_normal()).string();
    if (relative.ends_with('/')) relative.pop_back();
    return relative.empty() ? "." : relative;
  }

  void read(const fs::path& path, bool yaml) {
    const auto content = source::read_file(path.string(), kMostBytes, buffer_);
    if (!content.ok()) return;
    const std::string folder = from_top(path.parent_path()), file = from_top(path);
    find_versions(*content, file);
    if (!yaml) return;
    if (path.filename() == "Chart.yaml") out_.charts.insert(folder);
    const bool kustomization = source::is_kustomization_name(path.string());
    for (const document::Slice& slice : document::split(*content, document::Syntax::kYaml)) {
      reader_.read(slice, document::Syntax::kYaml, {}, document_);
      if (document_.empty() || !document_.complete()) continue;
      if (kustomization) take_kustomization(folder);
      take_object(folder, file);
    }
  }

  // "kubernetes-version 1.29", as flags and variables of jobs say it.
  void find_versions(std::string_view text, const std::string& file) {
    for (const std::string_view mark : {"kubernetes-version", "KUBERNETES_VERSION", "kubernetes_version"}) {
      for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
        std::size_t from = at + mark.size();
        while (from < text.size() && std::string_view(" =:\"'v").find(text[from]) != std::string_view::npos) ++from;
        const std::size_t end = std::min(text.find_first_not_of("0123456789.,", from), text.size());
        for (std::string_view rest = text.substr(from, end - from); !rest.empty();) {
          const std::size_t comma = rest.find(',');
          add_version(rest.substr(0, comma), file);
          rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
        }
      }
    }
  }

  void add_version(std::string_view text, const std::string& file) {
    const std::string name(text);
    const auto target = schema::parse_targets(std::span(&name, 1));
    if (!target.ok()) return;
    out_.versions.insert(target->front().name);
    out_.places.emplace(target->front().name, file);
  }

  std::string_view text_at(NodeIndex map, std::string_view key) const {
    const NodeIndex node = map == kNoNode ? kNoNode : document_.find(map, key);
    return node == kNoNode || document_[node].kind != Kind::kString ? std::string_view() : document_.text(node);
  }

  void take_kustomization(const std::string& folder) {
    if (document_[0].kind != Kind::kMap) return;
    if (text_at(0, "kind") == "Component") {
      named_.insert(folder);
    }
    kustomizations_.insert(folder);
    for (const std::string_view key : {"resources", "bases", "components"}) {
      const NodeIndex list = document_.find(0, key);
      if (list == kNoNode || document_[list].kind != Kind::kSequence) continue;
      for (NodeIndex item = list + 1; item < document_[list].children.end; item = document_.next(item)) {
        if (document_[item].kind != Kind::kString) continue;
        named_.insert(from_top(top_ / folder / fs::path(document_.text(item)) / ""));
      }
    }
  }

  void take_object(const std::string& folder, const std::string& file) {
    const schema::ObjectIdentity identity = schema::identity_of(document_, 0);
    const std::string_view version = identity.api_version, kind = identity.kind;
    if (kind == "CustomResourceDefinition") out_.crds.insert(folder);
    if (version.starts_with("templates.gatekeeper.sh/") || version.starts_with("constraints.gatekeeper.sh/")) {
      out_.policies.insert(folder);
    }
    if (kind == "ClusterConfig" && version.starts_with("eksctl.io/")) {
      add_version(text_at(document_.find(0, "metadata"), "version"), file);
    }
    if (kind == "Application" && version.starts_with("argoproj.io/")) take_application();
  }

  void take_application() {
    const NodeIndex spec = document_.find(0, "spec");
    if (spec == kNoNode) return;
    const NodeIndex to = document_.find(spec, "destination"), source = document_.find(spec, "source");
    const std::string_view server = text_at(to, "server"), name = text_at(to, "name");
    const std::string path(text_at(source, "path"));
    std::error_code failed;
    if ((server.empty() && name.empty()) || path.empty() || !fs::exists(top_ / path, failed)) return;
    Survey::Destination& destination = out_.destinations[std::string(name.empty() ? server : name)];
    destination.is_url = name.empty();
    destination.paths.insert(from_top(top_ / path / ""));
  }

  const fs::path top_;
  Survey out_;
  std::set<std::string> kustomizations_, named_;
  source::Buffer buffer_;
  document::Reader reader_;
  Document document_;
};

}  // namespace

Result<Survey> survey(const std::string& folder) { return Surveyor(folder).look(); }

}  // namespace kubegate
