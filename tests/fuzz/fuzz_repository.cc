// Any bytes as a repository: kustomizations, Argo CD's objects and their templates, settings and lists of known findings
// in it are read without a crash or a hang, and every finding points inside its document.
//
// A line "%%% path" begins a file; what stands before the first is kustomization.yaml.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "validate/config/config.h"
#include "validate/config/known.h"
#include "validate/document/read.h"
#include "validate/gitops/argocd.h"
#include "validate/gitops/kustomization.h"
#include "validate/gitops/surroundings.h"
#include "validate/source/tree.h"

namespace {

using namespace kubegate;

class TextTree final : public source::Tree {
 public:
  explicit TextTree(std::string_view text) {
    std::string path = "kustomization.yaml";
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      if (line.starts_with("%%% ")) {
        if (const auto clean = source::joined_path("", line.substr(4)); clean && !clean->empty()) path = *clean;
      } else {
        files_[path].append(line).append("\n");
      }
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    for (const auto& [name, content] : files_) {
      std::string_view below = name;
      for (std::string_view folder = source::parent_of(name);; folder = source::parent_of(folder)) {
        const std::string_view entry = below.substr(folder.empty() ? 0 : folder.size() + 1);
        folders_[std::string(folder)].emplace(entry, below.size() < name.size() ? source::EntryKind::kFolder
                                                                               : source::EntryKind::kFile);
        if (folder.empty()) break;
        below = folder;
      }
    }
  }

  const std::map<std::string, std::string>& files() const { return files_; }

  source::EntryKind kind(std::string_view path) const override {
    if (path.empty() || folders_.contains(std::string(path))) return source::EntryKind::kFolder;
    return files_.contains(std::string(path)) ? source::EntryKind::kFile : source::EntryKind::kNone;
  }
  Result<std::vector<source::Entry>> list(std::string_view folder) const override {
    std::vector<source::Entry> out;
    if (const auto found = folders_.find(std::string(folder)); found != folders_.end()) {
      for (const auto& [name, entry] : found->second) out.push_back({name, entry});
    }
    return out;
  }
  Result<std::string> read(std::string_view path, std::uint64_t) const override {
    const auto found = files_.find(std::string(path));
    if (found == files_.end()) return Error{ErrorCode::kIo, "", "no such file"};
    return found->second;
  }
  std::shared_ptr<const source::Content> content(std::string_view path) const override {
    const auto found = files_.find(std::string(path));
    return source::text_content(found == files_.end() ? "" : found->second);
  }

 private:
  std::map<std::string, std::string> files_;
  std::map<std::string, std::map<std::string, source::EntryKind>> folders_;
};

void hold(const document::Document& document, const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    const bool inside = std::size_t{finding.span.begin} + finding.span.length <= document.source().size();
    if (!inside || finding.message.empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tree = std::make_shared<const TextTree>(std::string_view(reinterpret_cast<const char*>(data), size));
  const std::string top;
  const auto graph = std::make_shared<const gitops::Graph>(gitops::Graph::read(*tree, std::span(&top, 1)));
  const gitops::Surroundings surroundings(tree, "", {}, graph);
  for (const auto& [path, text] : tree->files()) {
    graph->reached_overlays(std::vector<std::string>{path});
    surroundings.is_patch(path);
    for (const document::Slice& slice : document::split(text, document::Syntax::kYaml)) {
      document::Document document;
      document::read(slice, document::Syntax::kYaml, {}, document);
      if (!document.complete() || document.empty()) continue;
      std::vector<Finding> findings;
      surroundings.check_references(document, path, findings);
      if (gitops::is_json_patch(document)) gitops::check_json_patch(document, findings);
      hold(document, findings);
      config::read_config(document, path);
    }
    (void)config::parse_known(text, path);
  }
  for (const gitops::Overlay& overlay : graph->overlays()) graph->files_of(overlay.folder);
  gitops::ArgoSettings settings;
  settings.most_applications = 50;
  settings.clusters.push_back({"prod", {"https://prod"}, {}, {}, {}, "", false});
  const gitops::ArgoCd argocd = gitops::read_argocd(*tree, std::span(&top, 1), settings);
  for (const auto& document : argocd.documents) hold(document->document, document->findings);
  return 0;
}
