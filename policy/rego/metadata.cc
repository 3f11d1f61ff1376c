// The annotations of all modules as one set, and what rego.metadata answers of it. Rules: AnnotationSet of OPA's ast and
// the stage RewriteRegoMetadataCalls. Tested by the conformance cases of rego.metadata.
#include "policy/rego/metadata.h"

#include <algorithm>

namespace kubegate::rego {
namespace {

bool same_path(const Ref& a, const Ref& b) { return compare(a, b) == 0; }

bool of_subpackages(const Annotation& annotation) { return annotation.scope == "subpackages"; }

// Of one kind and one path there is one, except of scope rule; document and subpackages share their paths.
bool excludes(const Annotation& a, const Annotation& b) {
  const bool packages = a.scope == "package" && b.scope == "package";
  const auto by_path = [](const Annotation& one) { return one.scope == "document" || of_subpackages(one); };
  return (packages || (by_path(a) && by_path(b))) && same_path(a.target, b.target);
}

// The rule's own, the nearest first.
std::vector<const Annotation*> of_rule(const Rule& rule) {
  std::vector<const Annotation*> out;
  for (const Annotation* annotation : rule.annotations) {
    if (annotation->scope == "rule") out.push_back(annotation);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Annotation* a, const Annotation* b) { return a->location.row > b->location.row; });
  return out;
}

}  // namespace

void check_annotations(const Ast& ast, const std::vector<Module*>& modules, RegoErrors& errors) {
  std::vector<const Annotation*> known;
  for (const Module* module : modules) {
    for (const Annotation* annotation : module->annotations) {
      if (annotation->scope == "rule") continue;
      const auto other =
          std::find_if(known.begin(), known.end(), [&](const Annotation* one) { return excludes(*annotation, *one); });
      if (other == known.end()) {
        known.push_back(annotation);
        continue;
      }
      const Location& place = (*other)->location;
      errors.push_back({kTypeError,
                        annotation->scope + " annotation redeclared: " + ast.source(place.file).name + ":" +
                            std::to_string(place.row),
                        annotation->location,
                        ast.source(annotation->location.file).name,
                        {}});
    }
  }
}

Term* metadata_chain(Ast& ast, const std::vector<Module*>& modules, const Rule& rule, const Location& location) {
  std::vector<Term*> links;
  const auto link = [&](const Ref& path, const Annotation* annotation) {
    std::vector<Term*> steps;
    for (std::size_t i = 1; i < path.size(); ++i) {
      const std::string text = path[i]->is_string() ? path[i]->text : to_string(path[i]);
      steps.push_back(ast.string(text, location));
    }
    std::vector<Term*> members = {ast.string("path", location), ast.list(TermKind::kArray, std::move(steps), location)};
    if (annotation != nullptr) {
      members.insert(members.end(), {ast.string("annotations", location), ast.copy(annotation->object)});
    }
    links.push_back(ast.list(TermKind::kObject, std::move(members), location));
  };
  Ref path = path_of(ast, rule);
  path.resize(ground_prefix(path));
  const std::vector<const Annotation*> own = of_rule(rule);
  if (own.empty()) link(path, nullptr);
  for (const Annotation* annotation : own) link(annotation->target, annotation);

  const Annotation* document = nullptr;
  const Annotation* package = nullptr;
  std::vector<const Annotation*> above;
  for (const Module* module : modules) {
    for (const Annotation* annotation : module->annotations) {
      if (annotation->scope == "document" && same_path(annotation->target, path)) document = annotation;
      if (annotation->scope == "package" && same_path(annotation->target, rule.module->package)) package = annotation;
      if (of_subpackages(*annotation) && has_prefix(rule.module->package, annotation->target)) {
        above.push_back(annotation);
      }
    }
  }
  if (document != nullptr) link(document->target, document);
  if (package != nullptr) link(package->target, package);
  std::stable_sort(above.begin(), above.end(),
                   [](const Annotation* a, const Annotation* b) { return a->target.size() > b->target.size(); });
  for (const Annotation* annotation : above) link(annotation->target, annotation);
  return ast.list(TermKind::kArray, std::move(links), location);
}

Term* metadata_of_rule(Ast& ast, const Rule& rule, const Location& location) {
  const std::vector<const Annotation*> own = of_rule(rule);
  return own.empty() ? ast.list(TermKind::kObject, {}, location) : ast.copy(own[0]->object);
}

}  // namespace kubegate::rego
