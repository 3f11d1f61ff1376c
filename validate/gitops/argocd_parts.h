// What the files of Argo CD's expansion share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/document/document.h"
#include "validate/gitops/argocd.h"
#include "validate/gitops/go_template.h"

namespace kubegate::gitops::argo {

// The node that a path of names leads to; kNoNode where it leads nowhere.
document::NodeIndex at_path(const document::Document& document, document::NodeIndex from,
                            std::initializer_list<std::string_view> names);
// The text of a node; "" of what is none.
std::string text_of(const document::Document& document, document::NodeIndex node);

Place place_of(const ArgoDocument& document, document::NodeIndex node);

// What a generator yields: parameters, and where they come from.
struct ParameterSet {
  Value values;  // a mapping; without goTemplate of texts by whole names
  Place element;
  Value over;  // the generator's own template
};

// What an expansion works with.
struct Expansion {
  ArgoCd& argocd;
  const source::Tree& tree;
  const ArgoSettings& settings;
  std::size_t document;  // of the ApplicationSet
  std::string name;      // its
  bool go_template = false, strict = false, nested_selectors = false;
  bool whole = true;  // false: some generator could not be expanded, or was wrong

  const ArgoDocument& source() const { return *argocd.documents[document]; }
  // The text of a template; where that fails a finding at `node`, and `whole` is false.
  std::string render(std::string_view text, const Value& parameters, document::NodeIndex node);
  // The same of all texts inside.
  Value render_all(const Value& value, const Value& parameters, document::NodeIndex node, int depth = 0);
  void wrong(document::NodeIndex node, std::string message);   // argocd/generator
  void beyond(document::NodeIndex node, std::string message);  // argocd/not-expandable
  bool is_own(std::string_view url) const;
};

// What the generators of an ApplicationSet yield, in their order.
std::vector<ParameterSet> generate(Expansion& expansion, document::NodeIndex generators);

// The Application that an object, or a rendered template, says. `root`: where positions are looked for.
Application read_application(const ArgoCd& argocd, const source::Tree& tree, const ArgoSettings& settings,
                             const Value& object, std::size_t document, document::NodeIndex root);

// The node of a field of an application, or the nearest above it.
document::NodeIndex field_of(const ArgoCd& argocd, const Application& application,
                             std::initializer_list<std::string_view> names);

// The checks on one Application, and on all of them together.
void check_application(ArgoCd& argocd, const source::Tree& tree, const Application& application);
void check_set(ArgoCd& argocd, std::size_t document);
void check_together(ArgoCd& argocd);

// Whether a pattern of an AppProject permits a text: `*` for any, "!" in front forbids (argo-cd util/glob).
bool glob_matches(std::string_view pattern, std::string_view text, char separator = '\0');

}  // namespace kubegate::gitops::argo
