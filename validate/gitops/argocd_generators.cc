// A generator is a function from the tree to lists of parameters, and generators of generators (matrix, merge) are
// functions of those. What each yields, in which order and under which names is Argo CD's own (applicationset/generators:
// list.go, git.go, cluster.go, matrix.go, merge.go, generator_spec_processor.go). The second generator of a matrix is a
// template that the parameters of the first fill in, so a generator is rendered as a value before it is read.
//
// Without goTemplate parameters are one flat list of texts (`path.basename`, `metadata.labels.team`); with it they are
// nested values.
//
// Tested in tests/validate/gitops/argocd_test.cc.
#include <algorithm>
#include <memory>
#include <set>

#include "validate/base/suggest.h"
#include "validate/gitops/argocd_parts.h"

namespace kubegate::gitops::argo {

namespace {

using document::kNoNode;
using document::NodeIndex;
using source::EntryKind;

constexpr std::uint64_t kMaxFile = std::uint64_t{4} << 20;  // bytes of a file of parameters
constexpr std::size_t kMaxFolders = 100'000;
constexpr int kMaxNesting = 2;  // a matrix or merge may hold one more

constexpr std::string_view kOnline[] = {"scmProvider", "pullRequest", "plugin", "clusterDecisionResource"};
constexpr std::string_view kKnown[] = {"list", "git", "clusters", "matrix", "merge"};

// What of a path stands behind the last '/'; Go's path.Base.
std::string base_of(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path.empty() ? "." : std::string(path.substr(path.rfind('/') + 1));
}

List segments_of(std::string_view path) {
  List out;
  for (;;) {
    const std::size_t slash = path.find('/');
    out.push_back(Value::text(std::string(path.substr(0, slash))));
    if (slash == path.npos) return out;
    path.remove_prefix(slash + 1);
  }
}

// One character of a text by the pattern's first element, which is no `*`; `used` is how long that is. 0: it does not fit.
bool fits_one(std::string_view pattern, char c, bool greedy, std::size_t& used) {
  used = 1;
  if (pattern.front() == '?') return c != '/' || greedy;
  const std::size_t close = pattern.front() == '[' ? pattern.find(']', 2) : pattern.npos;
  if (close == pattern.npos) {
    const bool escaped = pattern.front() == '\\' && pattern.size() > 1;
    used += escaped;
    return pattern[escaped] == c;
  }
  used = close + 1;
  std::string_view set = pattern.substr(1, close - 1);
  const bool negated = set.starts_with('^') || (greedy && set.starts_with('!'));
  if (negated) set.remove_prefix(1);
  bool in = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const bool range = i + 2 < set.size() && set[i + 1] == '-';
    in |= range ? c >= set[i] && c <= set[i + 2] : c == set[i];
    if (range) i += 2;
  }
  return in != negated;
}

// `*`, `?` and `[…]` as Go's path.Match has them, where `*` stops at '/'. `greedy`: it does not, as in the pathspecs of
// git. Only the last star that was met is tried again: an earlier one could not reach further.
bool path_matches(std::string_view pattern, std::string_view text, bool greedy) {
  std::size_t p = 0, t = 0, star = pattern.npos, tried = 0;
  for (;;) {
    std::size_t used = 0;
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      tried = t;
    } else if (t < text.size() && p < pattern.size() && fits_one(pattern.substr(p), text[t], greedy, used)) {
      p += used;
      ++t;
    } else if (t == text.size() && p == pattern.size()) {
      return true;
    } else if (star != pattern.npos && tried < text.size() && (greedy || text[tried] != '/')) {
      p = star;
      t = ++tried;
    } else {
      return false;
    }
  }
}

// A file by the pathspec of `git ls-files`: `*` takes '/' too, and the name of a folder all that is below.
bool pathspec_matches(std::string_view pattern, std::string_view path) {
  while (pattern.starts_with("./")) pattern.remove_prefix(2);
  if (path == pattern || (path.starts_with(pattern) && path.substr(pattern.size()).starts_with('/'))) return true;
  return path_matches(pattern, path, true);
}

// All folders, or files, of the tree by the bytes of their paths, but what lies in hidden folders.
class Walk {
 public:
  explicit Walk(const source::Tree& tree) : tree_(tree) { visit("", 0); }

  std::vector<std::string> folders, files;

 private:
  void visit(const std::string& folder, int depth) {
    if (depth > 100 || folders.size() + files.size() > kMaxFolders) return;
    const auto entries = tree_.list(folder);
    if (!entries.ok()) return;
    for (const source::Entry& entry : *entries) {
      if (entry.name.empty() || entry.name.front() == '.') continue;
      const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
      if (entry.kind == EntryKind::kFolder) {
        folders.push_back(path);
        visit(path, depth + 1);
      } else if (entry.kind == EntryKind::kFile) {
        files.push_back(path);
      }
    }
  }

  const source::Tree& tree_;
};

// flatten.Flatten with dots: {a: {b: [1]}} is {"a.b.0": 1}.
void flatten(const Value& value, const std::string& name, Mapping& out, int depth = 0) {
  if (depth > kMaxValueDepth) return;
  const auto under = [&](const std::string& key) { return name.empty() ? key : name + "." + key; };
  if (const Mapping* map = value.as_map(); map != nullptr && (!map->empty() || depth == 0)) {
    for (const auto& [key, member] : *map) flatten(member, under(key), out, depth + 1);
  } else if (const List* list = value.as_list(); list != nullptr && !list->empty()) {
    for (std::size_t i = 0; i < list->size(); ++i) flatten((*list)[i], under(std::to_string(i)), out, depth + 1);
  } else {
    out[name] = Value::text(printed(value));
  }
}

class Generators {
 public:
  explicit Generators(Expansion& expansion) : x_(expansion) {}

  // One entry of `generators`. `generator` is what it says, which a matrix may have filled in; `node` where it stands.
  std::vector<ParameterSet> one(const Value& generator, NodeIndex node, int depth) {
    const std::size_t findings = x_.source().findings.size();
    if (generator.as_map() == nullptr)
      return x_.wrong(node, "a generator must be a mapping"), std::vector<ParameterSet>();
    std::vector<ParameterSet> sets;
    bool known = false;
    for (const auto& [name, value] : *generator.as_map()) {
      if (name == "selector") continue;
      const NodeIndex at = member(node, name);
      if (std::find(std::begin(kOnline), std::end(kOnline), name) != std::end(kOnline)) {
        x_.beyond(at, "what a " + name + " generator yields cannot be known offline: its Applications are not checked");
        return {};
      }
      if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
        const std::string_view nearest = nearest_name(name, kKnown);
        x_.wrong(at, "there is no generator \"" + name + "\"" +
                         (nearest.empty() ? "" : ", did you mean \"" + std::string(nearest) + "\"?"));
        return {};
      }
      known = true;
      std::vector<ParameterSet> more = by_name(name, value, at, depth);
      if (const Value* over = value.find("template")) {
        for (ParameterSet& set : more) set.over = *over;
      }
      std::move(more.begin(), more.end(), std::back_inserter(sets));
    }
    if (!known && x_.source().findings.size() == findings) x_.wrong(node, "the generator is empty");
    if (const Value* selector = generator.find("selector"); selector != nullptr && !selector->is_nil()) {
      std::erase_if(sets, [&](const ParameterSet& set) {
        const auto text = [&](const std::string& key) -> const std::string* {
          const Value* held = set.values.find(key);
          return held == nullptr ? nullptr : held->as_text();
        };
        return !matches(*selector, text, node);
      });
    }
    return sets;
  }

  std::vector<ParameterSet> entries(const Value& list, NodeIndex node, int depth) {
    std::vector<ParameterSet> all;
    const List* items = list.as_list();
    for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
      std::vector<ParameterSet> more = one((*items)[i], item(node, i), depth);
      std::move(more.begin(), more.end(), std::back_inserter(all));
      if (!bounded(all, node)) break;
    }
    return all;
  }

 private:
  NodeIndex member(NodeIndex node, std::string_view name) const {
    const NodeIndex found = node == kNoNode ? kNoNode : x_.source().document.find(node, name);
    return found == kNoNode ? node : found;
  }
  NodeIndex item(NodeIndex node, std::size_t index) const {
    if (node == kNoNode || x_.source().document[node].kind != document::Kind::kSequence) return node;
    NodeIndex at = node + 1;
    if (index >= x_.source().document[node].children.count) return node;
    for (std::size_t i = 0; i < index; ++i) at = x_.source().document.next(at);
    return at;
  }

  bool bounded(std::vector<ParameterSet>& sets, NodeIndex node) {
    if (sets.size() <= x_.settings.most_applications) return true;
    x_.beyond(node, "the generators yield more than " + std::to_string(x_.settings.most_applications) +
                        " Applications: further ones are not checked");
    sets.resize(x_.settings.most_applications);
    return false;
  }

  std::vector<ParameterSet> by_name(std::string_view name, const Value& value, NodeIndex node, int depth) {
    if (name == "list") return list(value, node);
    if (name == "git") return git(value, node);
    if (name == "clusters") return clusters(value, node);
    if (depth + 1 >= kMaxNesting + 1) {
      x_.wrong(node, "a " + std::string(name) + " generator inside a nested one: Argo CD nests them once");
      return {};
    }
    return name == "matrix" ? matrix(value, node, depth) : merge(value, node, depth);
  }

  std::vector<ParameterSet> list(const Value& value, NodeIndex node) {
    std::vector<ParameterSet> sets;
    const NodeIndex elements = member(node, "elements");
    const Value* items = value.find("elements");
    for (std::size_t i = 0; items != nullptr && items->as_list() != nullptr && i < items->as_list()->size(); ++i) {
      const NodeIndex at = item(elements, i);
      const Value& element = (*items->as_list())[i];
      if (element.as_map() == nullptr) {
        x_.wrong(at, "an element of a list generator must be a mapping");
        continue;
      }
      ParameterSet set;
      set.element = place_of(x_.source(), at);
      set.values = x_.go_template ? element : flat_element(element, at);
      sets.push_back(std::move(set));
    }
    if (const std::string text = value.text_at("elementsYaml"); !text.empty()) {
      const NodeIndex at = member(node, "elementsYaml");
      std::string error;
      const Value more = parse_yaml(text, error);
      if (more.as_list() == nullptr) {
        x_.wrong(at, "elementsYaml must be a list: " + (error.empty() ? "it is none" : error));
        return sets;
      }
      for (const Value& element : *more.as_list()) {
        sets.push_back({element, place_of(x_.source(), at), {}});
      }
    }
    return sets;
  }

  // Without goTemplate all values are texts, and `values` may hold more of them.
  Value flat_element(const Value& element, NodeIndex at) {
    Mapping out;
    for (const auto& [key, value] : *element.as_map()) {
      if (key == "values" && value.as_map() != nullptr) {
        for (const auto& [inner, text] : *value.as_map()) add_text(out, "values." + inner, text, at, inner);
      } else {
        add_text(out, key, value, at, key);
      }
    }
    return Value::map(std::move(out));
  }

  void add_text(Mapping& out, const std::string& name, const Value& value, NodeIndex at, const std::string& key) {
    if (value.as_text() != nullptr) {
      out[name] = value;
    } else {
      x_.wrong(member(at, key),
               "\"" + name + "\" must be a string: without goTemplate all values of a list generator are");
    }
  }

  // `values` of the git and clusters generators: templates that see what the generator yields.
  void add_values(const Value& generator, NodeIndex node, Value& parameters) {
    const Value* values = generator.find("values");
    if (values == nullptr || values->as_map() == nullptr) return;
    Mapping made;
    for (const auto& [name, value] : *values->as_map()) {
      const NodeIndex at = member(member(node, "values"), name);
      made[name] =
          Value::text(x_.render(value.as_text() == nullptr ? printed(value) : *value.as_text(), parameters, at));
    }
    Mapping& into = *parameters.as_map();
    if (x_.go_template) {
      into["values"] = Value::map(std::move(made));
    } else {
      for (auto& [name, value] : made) into["values." + name] = std::move(value);
    }
  }

  std::vector<ParameterSet> git(const Value& value, NodeIndex node) {
    const std::string url = value.text_at("repoURL");
    if (!x_.is_own(url)) {
      x_.beyond(member(node, "repoURL"), "what a git generator finds in another repository (" + url +
                                             ") cannot be known offline: its Applications are not checked");
      return {};
    }
    const Value *directories = value.find("directories"), *files = value.find("files");
    const auto is_list = [](const Value* v) {
      return v != nullptr && v->as_list() != nullptr && !v->as_list()->empty();
    };
    if (!walk_) walk_ = std::make_unique<Walk>(x_.tree);
    if (is_list(directories)) return git_directories(value, *directories->as_list(), node);
    if (is_list(files)) return git_files(value, *files->as_list(), node);
    x_.wrong(node, "a git generator needs directories or files");
    return {};
  }

  template <class Matches>
  static std::vector<std::string> chosen(const std::vector<std::string>& paths, const List& items, Matches fits) {
    std::vector<std::string> out;
    for (const std::string& path : paths) {
      bool in = false, excluded = false;
      for (const Value& one : items) {
        const Value* exclude = one.find("exclude");
        const bool excludes = exclude != nullptr && exclude->as_bool() != nullptr && *exclude->as_bool();
        if ((excludes ? excluded : in) || !fits(one.text_at("path"), path)) continue;
        (excludes ? excluded : in) = true;
      }
      if (in && !excluded) out.push_back(path);
    }
    return out;
  }

  std::vector<ParameterSet> git_directories(const Value& value, const List& items, NodeIndex node) {
    std::vector<ParameterSet> sets;
    const auto fits = [](const std::string& pattern, const std::string& path) {
      return path_matches(pattern, path, false);
    };
    std::vector<std::string> folders = chosen(walk_->folders, items, fits);
    std::sort(folders.begin(), folders.end());
    for (const std::string& folder : folders) {
      ParameterSet set;
      set.values = path_parameters(value, folder, "");
      add_values(value, node, set.values);
      set.element = place_of(x_.source(), member(node, "directories"));
      sets.push_back(std::move(set));
      if (!bounded(sets, node)) break;
    }
    return sets;
  }

  std::vector<ParameterSet> git_files(const Value& value, const List& items, NodeIndex node) {
    std::vector<ParameterSet> sets;
    const auto fits = [](const std::string& pattern, const std::string& path) {
      return pathspec_matches(pattern, path);
    };
    std::vector<std::string> files = chosen(walk_->files, items, fits);
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) {
      const auto text = x_.tree.read(file, kMaxFile);
      std::string error = text.ok() ? "" : text.error().message;
      const Value content = text.ok() ? parse_yaml(*text, error) : Value();
      List found;
      if (content.as_list() != nullptr) {
        found = *content.as_list();
      } else {
        found.push_back(content.is_nil() ? Value::map() : content);
      }
      const bool fine = std::all_of(found.begin(), found.end(), [](const Value& v) { return v.as_map() != nullptr; });
      if (!error.empty() || !fine) {
        x_.wrong(member(node, "files"), "the file " + file + " of a git generator is neither a mapping nor a list of " +
                                            "mappings" + (error.empty() ? "" : ": " + error));
        continue;
      }
      for (const Value& one : found) {
        const std::string folder(source::parent_of(file));
        Value parameters = x_.go_template ? Value::map(Mapping(*one.as_map())) : Value::map();
        if (!x_.go_template) flatten(one, "", *parameters.as_map());
        const Value path = path_parameters(value, folder.empty() ? "." : folder, base_of(file));
        for (const auto& [name, member] : *path.as_map()) {
          (*parameters.as_map())[name] = member;
        }
        add_values(value, node, parameters);
        sets.push_back({std::move(parameters), {file, 1, 1}, {}});
      }
      if (!bounded(sets, node)) break;
    }
    return sets;
  }

  Value path_parameters(const Value& generator, const std::string& path, const std::string& file) const {
    const std::string prefix = generator.text_at("pathParamPrefix");
    const std::string base = base_of(path);
    Mapping out;
    if (x_.go_template) {
      Mapping at;
      at["path"] = Value::text(path);
      at["basename"] = Value::text(base);
      at["basenameNormalized"] = Value::text(normalized_name(base));
      at["segments"] = Value::list(segments_of(path));
      if (!file.empty()) {
        at["filename"] = Value::text(file);
        at["filenameNormalized"] = Value::text(normalized_name(file));
      }
      Value value = Value::map(std::move(at));
      if (!prefix.empty()) value = Value::map({{"path", value}});
      out[prefix.empty() ? "path" : prefix] = std::move(value);
      return Value::map(std::move(out));
    }
    const std::string name = prefix.empty() ? "path" : prefix + ".path";
    out[name] = Value::text(path);
    out[name + ".basename"] = Value::text(base);
    out[name + ".basenameNormalized"] = Value::text(normalized_name(base));
    if (!file.empty()) {
      out[name + ".filename"] = Value::text(file);
      out[name + ".filenameNormalized"] = Value::text(normalized_name(file));
    }
    const List segments = segments_of(path);
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (!is_empty(segments[i])) out[name + "[" + std::to_string(i) + "]"] = segments[i];
    }
    return Value::map(std::move(out));
  }

  // metav1.LabelSelector. `text` yields the value of a key, or null.
  template <class Text>
  bool matches(const Value& selector, const Text& text, NodeIndex node) {
    if (const Value* labels = selector.find("matchLabels"); labels != nullptr && labels->as_map() != nullptr) {
      for (const auto& [key, wanted] : *labels->as_map()) {
        const std::string* held = text(key);
        if (held == nullptr || *held != printed(wanted)) return false;
      }
    }
    const Value* expressions = selector.find("matchExpressions");
    if (expressions == nullptr || expressions->as_list() == nullptr) return true;
    for (const Value& one : *expressions->as_list()) {
      const std::string* held = text(one.text_at("key"));
      const std::string by = one.text_at("operator");
      const Value* values = one.find("values");
      const bool in = held != nullptr && values != nullptr && values->as_list() != nullptr &&
                      std::any_of(values->as_list()->begin(), values->as_list()->end(),
                                  [&](const Value& value) { return printed(value) == *held; });
      if (by == "In" ? !in : by == "NotIn" ? in : by == "Exists" ? held == nullptr : held != nullptr) return false;
      if (by != "In" && by != "NotIn" && by != "Exists" && by != "DoesNotExist") {
        x_.wrong(node, "a selector has no operator \"" + by + "\"");
        return false;
      }
    }
    return true;
  }

  std::vector<ParameterSet> clusters(const Value& value, NodeIndex node) {
    const Value* selector = value.find("selector");
    const auto says = [&](std::string_view name) {
      const Value* part = selector == nullptr ? nullptr : selector->find(name);
      return part != nullptr && !is_empty(*part);
    };
    const bool selects = says("matchLabels") || says("matchExpressions");
    const auto& all = x_.argocd.clusters;
    const bool secrets =
        std::any_of(all.begin(), all.end(), [](const ArgoCluster& cluster) { return cluster.of_secret; });
    if (selects && !secrets) {
      x_.beyond(node,
                "which clusters have these labels cannot be known: no cluster secret of Argo CD is in the repository");
      return {};
    }
    if (all.empty()) {
      x_.beyond(node, "which clusters there are is not known: name them in .kubegate.yaml, or keep their secrets here");
      return {};
    }
    // With secrets in the tree they are the list; otherwise the configuration's are.
    std::vector<ParameterSet> sets;
    for (const ArgoCluster& cluster : all) {
      if (cluster.of_secret != secrets) continue;
      const auto text = [&](const std::string& key) -> const std::string* {
        const auto found = cluster.labels.find(key);
        return found == cluster.labels.end() ? nullptr : &found->second;
      };
      if (selects && !matches(*selector, text, node)) continue;
      ParameterSet set;
      set.values = cluster_parameters(cluster);
      set.element = place_of(x_.source(), node);
      add_values(value, node, set.values);
      sets.push_back(std::move(set));
    }
    const bool local = std::any_of(all.begin(), all.end(), [](const ArgoCluster& cluster) {
      return std::find(cluster.servers.begin(), cluster.servers.end(), "https://kubernetes.default.svc") !=
             cluster.servers.end();
    });
    if (!selects && !local && secrets) {
      ArgoCluster own;
      own.name = "in-cluster";
      own.servers = {"https://kubernetes.default.svc"};
      ParameterSet set;
      set.values = cluster_parameters(own);
      set.element = place_of(x_.source(), node);
      add_values(value, node, set.values);
      sets.push_back(std::move(set));
    }
    std::stable_sort(sets.begin(), sets.end(), [](const ParameterSet& a, const ParameterSet& b) {
      return a.values.text_at("name") < b.values.text_at("name");
    });
    const Value* flat = value.find("flatList");
    if (flat != nullptr && flat->as_bool() != nullptr && *flat->as_bool() && x_.go_template) {
      List items;
      for (const ParameterSet& set : sets) items.push_back(set.values);
      ParameterSet set;
      set.values = Value::map({{"clusters", Value::list(std::move(items))}});
      set.element = place_of(x_.source(), node);
      return {std::move(set)};
    }
    return sets;
  }

  Value cluster_parameters(const ArgoCluster& cluster) const {
    Mapping out;
    out["name"] = Value::text(cluster.name);
    out["nameNormalized"] = Value::text(normalized_name(cluster.name));
    out["server"] = Value::text(cluster.servers.empty() ? "" : cluster.servers.front());
    out["project"] = Value::text(cluster.project);
    const auto texts = [](const auto& map) {
      Mapping made;
      for (const auto& [key, value] : map) made[key] = Value::text(value);
      return made;
    };
    if (x_.go_template) {
      Mapping metadata;
      metadata["labels"] = Value::map(texts(cluster.labels));
      metadata["annotations"] = Value::map(texts(cluster.annotations));
      out["metadata"] = Value::map(std::move(metadata));
    } else {
      for (const auto& [key, value] : cluster.labels) out["metadata.labels." + key] = Value::text(value);
      for (const auto& [key, value] : cluster.annotations) out["metadata.annotations." + key] = Value::text(value);
    }
    return Value::map(std::move(out));
  }

  // A child of a matrix or merge; its selector counts only where the set asks for that.
  std::vector<ParameterSet> child(const Value& generator, NodeIndex node, int depth) {
    if (generator.as_map() == nullptr || depth == 0 || x_.nested_selectors || generator.find("selector") == nullptr) {
      return one(generator, node, depth + 1);
    }
    Mapping without = *generator.as_map();
    without.erase("selector");
    return one(Value::map(std::move(without)), node, depth + 1);
  }

  std::vector<ParameterSet> matrix(const Value& value, NodeIndex node, int depth) {
    const Value* list = value.find("generators");
    const NodeIndex at = member(node, "generators");
    if (list == nullptr || list->as_list() == nullptr || list->as_list()->size() != 2) {
      x_.wrong(at, "a matrix generator combines two generators, not " +
                       std::to_string(list == nullptr || list->as_list() == nullptr ? 0 : list->as_list()->size()));
      return {};
    }
    std::vector<ParameterSet> sets;
    const NodeIndex second = item(at, 1);
    for (const ParameterSet& outer : child((*list->as_list())[0], item(at, 0), depth)) {
      const bool filled = !is_empty(outer.values);
      const Value generator =
          filled ? x_.render_all((*list->as_list())[1], outer.values, second) : (*list->as_list())[1];
      for (ParameterSet& inner : child(generator, second, depth)) {
        ParameterSet both;
        both.element = outer.element.file == inner.element.file ? inner.element : outer.element;
        if (x_.go_template) {
          both.values = merged(outer.values, inner.values, false);
        } else {
          both.values = Value::map(Mapping(*outer.values.as_map()));
          for (const auto& [name, text] : *inner.values.as_map()) {
            const auto [place, is_new] = both.values.as_map()->emplace(name, text);
            if (!is_new && !deep_equal(place->second, text)) {
              x_.wrong(second, "both generators of the matrix yield \"" + name + "\", and not the same");
            }
          }
        }
        sets.push_back(std::move(both));
      }
      if (!bounded(sets, node) || !x_.whole) break;
    }
    return sets;
  }

  std::vector<ParameterSet> merge(const Value& value, NodeIndex node, int depth) {
    const Value *list = value.find("generators"), *keys = value.find("mergeKeys");
    const NodeIndex at = member(node, "generators");
    if (list == nullptr || list->as_list() == nullptr || list->as_list()->size() < 2) {
      x_.wrong(at, "a merge generator needs two generators or more");
      return {};
    }
    if (keys == nullptr || keys->as_list() == nullptr || keys->as_list()->empty()) {
      x_.wrong(node, "a merge generator needs mergeKeys");
      return {};
    }
    std::vector<ParameterSet> base;
    std::map<std::string, std::size_t> by_key;
    for (std::size_t i = 0; i < list->as_list()->size(); ++i) {
      std::set<std::string> seen;
      for (ParameterSet& set : child((*list->as_list())[i], item(at, i), depth)) {
        Mapping key;
        for (const Value& name : *keys->as_list()) {
          const Value* held = set.values.find(printed(name));
          key[printed(name)] = held == nullptr ? Value() : *held;
        }
        const std::string text = json_of(Value::map(std::move(key)));
        if (!seen.insert(text).second) {
          x_.wrong(item(at, i), "two parameter sets of one generator have the merge key " + text);
          continue;
        }
        if (i == 0) {
          by_key[text] = base.size();
          base.push_back(std::move(set));
        } else if (const auto found = by_key.find(text); found != by_key.end()) {
          ParameterSet& under = base[found->second];
          if (x_.go_template) {
            under.values = merged(under.values, set.values, true);
          } else {
            Mapping all = *under.values.as_map();
            for (const auto& [name, member] : *set.values.as_map()) all[name] = member;
            under.values = Value::map(std::move(all));
          }
        }
      }
    }
    return base;
  }

  Expansion& x_;
  std::unique_ptr<Walk> walk_;
};

}  // namespace

// ---- What an expansion says -----------------------------------------------------------------------------------------

std::string Expansion::render(std::string_view text, const Value& parameters, NodeIndex node) {
  if (text.find("{{") == text.npos) return std::string(text);
  TemplateResult made =
      go_template ? render_go_template(text, parameters, strict) : render_fast_template(text, parameters);
  if (made.error.empty()) return std::move(made.text);
  whole = false;
  const std::string subject = text.size() > 60 ? std::string(text.substr(0, 60)) + "…" : std::string(text);
  if (made.unknown) {
    beyond(node, "the template " + subject + " is beyond kubegate: " + made.error);
  } else {
    argocd.find(document, node, "argocd/template", Severity::kError,
                "the template " + subject + " fails: " + made.error);
  }
  return {};
}

Value Expansion::render_all(const Value& value, const Value& parameters, NodeIndex node, int depth) {
  if (depth > kMaxValueDepth) return {};
  const document::Document& at = source().document;
  if (const std::string* text = value.as_text()) return Value::text(render(*text, parameters, node));
  if (const List* list = value.as_list()) {
    List out;
    NodeIndex item = node + 1;
    const bool same =
        node != kNoNode && at[node].kind == document::Kind::kSequence && at[node].children.count == list->size();
    for (const Value& one : *list) {
      out.push_back(render_all(one, parameters, same ? item : node, depth + 1));
      if (same) item = at.next(item);
    }
    return Value::list(std::move(out));
  }
  if (const Mapping* map = value.as_map()) {
    Mapping out;
    for (const auto& [written, member] : *map) {
      const NodeIndex found = node == kNoNode ? kNoNode : at.find(node, written);
      const std::string key = go_template ? render(written, parameters, node) : written;
      out[key] = render_all(member, parameters, found == kNoNode ? node : found, depth + 1);
    }
    return Value::map(std::move(out));
  }
  return value;
}

void Expansion::wrong(NodeIndex node, std::string message) {
  whole = false;
  argocd.find(document, node, "argocd/generator", Severity::kError, std::move(message));
}

void Expansion::beyond(NodeIndex node, std::string message) {
  whole = false;
  ++argocd.not_expanded;
  argocd.find(document, node, "argocd/not-expandable", Severity::kWarning, std::move(message));
}

bool Expansion::is_own(std::string_view url) const {
  const auto& own = settings.repositories;
  return own.empty() ||
         std::any_of(own.begin(), own.end(), [&](const std::string& one) { return same_repository(one, url); });
}

std::vector<ParameterSet> generate(Expansion& expansion, NodeIndex generators) {
  if (generators == kNoNode) return {};
  return Generators(expansion).entries(value_of(expansion.source().document, generators), generators, 0);
}

bool glob_matches(std::string_view pattern, std::string_view text, char separator) {
  return path_matches(pattern, text, separator == '\0');
}

}  // namespace kubegate::gitops::argo
