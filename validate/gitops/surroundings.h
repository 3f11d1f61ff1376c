// Surroundings: what a run asks about the files around the one that it judges.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "validate/base/finding.h"
#include "validate/document/document.h"
#include "validate/gitops/kustomization.h"
#include "validate/source/tree.h"

namespace kubegate::gitops {

class Surroundings {
 public:
  // `folder` of the tree is where the run's paths start; absolute paths start at its top. `roots`: below which folders
  // of the tree kustomizations are looked for, once somebody asks about a patch; `graph`: they have been found already.
  Surroundings(std::shared_ptr<const source::Tree> tree, std::string folder, std::vector<std::string> roots,
               std::shared_ptr<const Graph> graph = nullptr);

  // Of a Kustomization or Component in the file `path`: fields that are deprecated, and names of files that are not
  // there. Appends findings without targets.
  void check_references(const document::Document& document, std::string_view path, std::vector<Finding>& out) const;

  // Whether a kustomization names the file as a patch, and none as anything else.
  bool is_patch(std::string_view path) const;

 private:
  std::string in_tree(std::string_view path) const;
  void check_exists(const document::Document& document, const Reference& reference, std::vector<Finding>& out) const;

  const std::shared_ptr<const source::Tree> tree_;
  const std::string folder_;
  const std::vector<std::string> roots_;
  mutable std::once_flag read_;
  mutable std::shared_ptr<const Graph> graph_;
};

// What is wrong with the form of a JSON 6902 patch: a list of operations (RFC 6902, section 4).
void check_json_patch(const document::Document& document, std::vector<Finding>& out);

// Whether the document's root is a list whose items look like operations.
bool is_json_patch(const document::Document& document);

// Takes out of the findings on a strategic-merge patch, judged as an object of its kind, what holds of whole objects
// only: what it leaves out, what it deletes by null, and its directives ($patch and the like).
void keep_findings_of_patch(std::vector<Finding>& findings);

}  // namespace kubegate::gitops
