// Metadata, judged in one walk with two audiences.
//
// The walk tells a sink what is wrong and where. For every object it runs first with a sink that only remembers that
// there was something: no path is built and nothing allocated. Only then does it run again with the sink that finds the
// words. So verdict and words cannot disagree.
//
// Tested in tests/validate/apiserver/metadata_test.cc, against recorded verdicts of real servers too.

#include "validate/apiserver/metadata.h"

#include <algorithm>
#include <span>
#include <string>

#include "validate/base/hash.h"
#include "validate/document/path.h"
#include "validate/schema/table.h"
#include "validate/schema/words.h"

namespace kubegate::apiserver {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::Node;
using document::NodeIndex;

namespace {

constexpr std::size_t kMostAnnotationBytes = 256 * 1024;  // TotalAnnotationSizeLimitB
constexpr std::size_t kGeneratedSuffix = 5;               // k8s.io/apiserver/pkg/storage/names

// Kinds that ask for something else than a DNS name of at most 253 bytes.
struct Exception {
  enum Effect : std::uint8_t {
    kForm,  // the name has another form
    kNotStored,
    kNameOptional,
    kByVersionAndGroup,
  };
  std::string_view group, kind;  // "*" is every kind of the group
  Effect effect = kForm;
  NameForm form = NameForm::kSubdomain;
  std::uint8_t longest = 0;
};

constexpr Exception kExceptions[] = {
    {"", "Namespace", Exception::kForm, NameForm::kLabel},
    {"", "Service", Exception::kForm, NameForm::kLabel1035},
    {"apps", "StatefulSet", Exception::kForm, NameForm::kLabel},
    // ValidateCronJobCreate: the controller appends 11 characters to name the jobs.
    {"batch", "CronJob", Exception::kForm, NameForm::kSubdomain, 52},
    // These have no rule of their own: what holds for everything stored (rest.BeforeCreate) is left.
    {"rbac.authorization.k8s.io", "*", Exception::kForm, NameForm::kPathSegment},
    {"policy", "PodDisruptionBudget", Exception::kForm, NameForm::kPathSegment},
    {"certificates.k8s.io", "*", Exception::kForm, NameForm::kPathSegment},
    {"", "Event", Exception::kForm, NameForm::kPathSegment},
    {"events.k8s.io", "Event", Exception::kForm, NameForm::kPathSegment},
    // Rules of their own that are not judged here: an IP address, "group.resource".
    {"networking.k8s.io", "IPAddress", Exception::kForm, NameForm::kPathSegment},
    {"internal.apiserver.k8s.io", "*", Exception::kForm, NameForm::kPathSegment},
    {"storagemigration.k8s.io", "*", Exception::kForm, NameForm::kPathSegment},
    {"apiregistration.k8s.io", "APIService", Exception::kByVersionAndGroup, NameForm::kPathSegment},
    // Its strategy makes up a name.
    {"", "LimitRange", Exception::kNameOptional},
    {"", "Binding", Exception::kNotStored},
    {"authentication.k8s.io", "*", Exception::kNotStored},
    {"authorization.k8s.io", "*", Exception::kNotStored},
};

// Groups whose kinds go through ValidateObjectMeta of k8s.io/kubernetes/pkg/apis/core/validation, which wants a domain
// in finalizers; others are validated by apimachinery alone, as custom resources are.
constexpr std::string_view kDomainFinalizerGroups[] = {
    "", "apps", "autoscaling", "batch", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io",
};

// Kinds of core that count generations: the server sets the first one itself.
constexpr std::string_view kGenerationKinds[] = {"Pod", "PodTemplate", "ReplicationController", "Service"};

constexpr std::string_view kStandardFinalizers[] = {"kubernetes", "orphan", "foregroundDeletion"};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

enum class Fault : std::uint8_t {
  kNoName,  // `at` is the metadata, or the object where there is none
  kName,
  kNameLength,
  kNameByVersionAndGroup,
  kGenerateName,
  kGenerateNameLength,
  kNamespace,
  kNamespaceIgnored,
  kGeneration,
  kLabelKey,
  kLabelValue,
  kAnnotationKey,
  kAnnotationBytes,
  kFinalizer,
  kFinalizerDomain,
  kFinalizerConflict,
  kOwnerVersion,
  kOwnerKind,
  kOwnerName,
  kOwnerUid,
  kOwnerBanned,
  kSecondController,
};

struct Quick {
  bool failed = false;
  void fault(Fault, NodeIndex) { failed = true; }
};

template <class Sink>
class Walk {
 public:
  Walk(const Document& document, const MetadataRules& rules, Sink& sink)
      : document_(document), rules_(rules), sink_(sink) {}

  void object(NodeIndex object) {
    constexpr std::uint32_t kHash = hash_key("metadata");
    const NodeIndex metadata = document_.find(object, "metadata", kHash);
    if (metadata == kNoNode || kind(metadata) == Kind::kNull) {
      if (rules_.name_required) sink_.fault(Fault::kNoName, object);
      return;
    }
    if (kind(metadata) != Kind::kMap) return;
    bool named = !rules_.name_required;
    each_pair(metadata, [&](std::string_view key, NodeIndex value) {
      switch (document_[value - 1].hash) {
        case hash_key("name"): named |= key == "name" && name(object, value); break;
        case hash_key("generateName"): named |= key == "generateName" && generate_name(value); break;
        case hash_key("namespace"):
          if (key == "namespace") name_space(value);
          break;
        case hash_key("labels"):
          if (key == "labels") labels(value);
          break;
        case hash_key("annotations"):
          if (key == "annotations") annotations(value);
          break;
        case hash_key("finalizers"):
          if (key == "finalizers") finalizers(value);
          break;
        case hash_key("ownerReferences"):
          if (key == "ownerReferences") owners(value);
          break;
        case hash_key("generation"):
          if (key == "generation" && rules_.keeps_generation) generation(value);
          break;
      }
    });
    if (!named) sink_.fault(Fault::kNoName, metadata);
  }

  bool has_ignores() const { return has_ignores_; }

 private:
  Kind kind(NodeIndex node) const { return document_[node].kind; }

  template <class Visit>
  void each_pair(NodeIndex map, Visit visit) const {
    if (kind(map) != Kind::kMap) return;
    const NodeIndex end = document_[map].children.end;
    for (NodeIndex key = map + 1; key < end; key = document_.next(key + 1)) visit(document_.text(key), key + 1);
  }

  template <class Visit>
  void each_item(NodeIndex list, Visit visit) const {
    if (kind(list) != Kind::kSequence) return;
    const NodeIndex end = document_[list].children.end;
    for (NodeIndex item = list + 1; item < end; item = document_.next(item)) visit(item);
  }

  // The text of a string, "" for null and what is absent. `wrong` is set for other types.
  std::string_view text(NodeIndex node, bool& wrong) const {
    if (node == kNoNode || kind(node) == Kind::kNull) return {};
    wrong |= kind(node) != Kind::kString;
    return kind(node) == Kind::kString ? document_.text(node) : std::string_view{};
  }

  // Whether there is a name, sound or not.
  bool name(NodeIndex object, NodeIndex value) {
    bool wrong = false;
    const std::string_view name = text(value, wrong);
    if (name.empty()) return wrong;
    if (!check_name(rules_.name, name)) {
      sink_.fault(Fault::kName, value);
    } else if (rules_.longest_name != 0 && name.size() > rules_.longest_name) {
      sink_.fault(Fault::kNameLength, value);
    } else if (rules_.named_by_version_and_group && !is_version_and_group(object, name)) {
      sink_.fault(Fault::kNameByVersionAndGroup, value);
    }
    return true;
  }

  bool is_version_and_group(NodeIndex object, std::string_view name) const {
    const NodeIndex spec = document_.find(object, "spec");
    if (spec == kNoNode || kind(spec) != Kind::kMap) return name == ".";
    bool wrong = false;
    const std::string_view version = text(document_.find(spec, "version"), wrong);
    const std::string_view group = text(document_.find(spec, "group"), wrong);
    return wrong || (name.size() == version.size() + 1 + group.size() && name.starts_with(version) &&
                     name[version.size()] == '.' && name.ends_with(group));
  }

  bool generate_name(NodeIndex value) {
    bool wrong = false;
    const std::string_view prefix = text(value, wrong);
    if (prefix.empty()) return wrong;
    if (!check_name_prefix(rules_.name, prefix)) {
      sink_.fault(Fault::kGenerateName, value);
    } else if (rules_.longest_name != 0 && prefix.size() + kGeneratedSuffix > rules_.longest_name) {
      sink_.fault(Fault::kGenerateNameLength, value);
    }
    return true;
  }

  void name_space(NodeIndex value) {
    bool wrong = false;
    const std::string_view name = text(value, wrong);
    if (name.empty()) return;
    if (rules_.cluster_scoped) {
      sink_.fault(Fault::kNamespaceIgnored, value);
    } else if (!check_name(NameForm::kLabel, name)) {
      sink_.fault(Fault::kNamespace, value);
    }
  }

  void generation(NodeIndex value) {
    if (kind(value) == Kind::kInt && document_[value].integer < 0) sink_.fault(Fault::kGeneration, value);
  }

  // ValidateLabels of k8s.io/apimachinery/pkg/apis/meta/v1/validation.
  void labels(NodeIndex map) {
    each_pair(map, [&](std::string_view key, NodeIndex value) {
      if (!check_name(NameForm::kQualifiedName, key)) sink_.fault(Fault::kLabelKey, value);
      bool wrong = false;
      if (!check_name(NameForm::kLabelValue, text(value, wrong))) sink_.fault(Fault::kLabelValue, value);
    });
  }

  void annotations(NodeIndex map) {
    std::size_t bytes = 0;
    each_pair(map, [&](std::string_view key, NodeIndex value) {
      if (!is_annotation_key(key)) sink_.fault(Fault::kAnnotationKey, value);
      has_ignores_ |= document_[value - 1].hash == hash_key("kubegate.dev/ignore");
      bool wrong = false;
      bytes += key.size() + text(value, wrong).size();
    });
    if (bytes > kMostAnnotationBytes) sink_.fault(Fault::kAnnotationBytes, map);
  }

  // A qualified name once its letters are lower-case.
  static bool is_annotation_key(std::string_view key) {
    if (check_name(NameForm::kQualifiedName, key)) return true;
    char lower[512];
    if (key.size() > sizeof lower) return false;  // a qualified name has at most 253 + 1 + 63 bytes
    std::transform(key.begin(), key.end(), lower,
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return check_name(NameForm::kQualifiedName, {lower, key.size()});
  }

  // ValidateFinalizers, and validateKubeFinalizerName of k8s.io/kubernetes/pkg/apis/core/validation.
  void finalizers(NodeIndex list) {
    NodeIndex orphan = kNoNode, foreground = kNoNode;
    each_item(list, [&](NodeIndex item) {
      bool wrong = false;
      const std::string_view finalizer = text(item, wrong);
      if (wrong) return;
      if (!check_name(NameForm::kQualifiedName, finalizer)) {
        sink_.fault(Fault::kFinalizer, item);
      } else if (rules_.domain_finalizers && finalizer.find('/') == std::string_view::npos &&
                 !contains(kStandardFinalizers, finalizer)) {
        sink_.fault(Fault::kFinalizerDomain, item);
      }
      if (finalizer == "orphan") orphan = item;
      if (finalizer == "foregroundDeletion") foreground = item;
    });
    if (orphan != kNoNode && foreground != kNoNode) {
      sink_.fault(Fault::kFinalizerConflict, std::max(orphan, foreground));
    }
  }

  // ValidateOwnerReferences. That a field is absent is the schema's to say, but it says nothing of a null item.
  void owners(NodeIndex list) {
    bool controlled = false;
    each_item(list, [&](NodeIndex item) {
      bool wrong = false;
      auto field = [&](const char* name) { return document_.find(item, name); };
      auto empty = [&](NodeIndex value) {
        return kind(item) == Kind::kNull ||
               (value != kNoNode && kind(value) == Kind::kString && document_.text(value).empty());
      };
      if (kind(item) != Kind::kNull && kind(item) != Kind::kMap) return;
      const NodeIndex version = field("apiVersion"), owner_kind = field("kind");
      const std::string_view api_version = text(version, wrong);
      const std::size_t slash = api_version.find('/');
      const bool no_version =
          empty(version) ||
          (slash != std::string_view::npos &&
           (api_version.ends_with('/') || api_version.find('/', slash + 1) != std::string_view::npos));
      auto at = [&](NodeIndex value) { return value == kNoNode ? item : value; };
      if (no_version) sink_.fault(Fault::kOwnerVersion, at(version));
      if (empty(owner_kind)) sink_.fault(Fault::kOwnerKind, at(owner_kind));
      if (empty(field("name"))) sink_.fault(Fault::kOwnerName, at(field("name")));
      if (empty(field("uid"))) sink_.fault(Fault::kOwnerUid, at(field("uid")));
      if (api_version == "v1" && text(owner_kind, wrong) == "Event") sink_.fault(Fault::kOwnerBanned, item);
      const NodeIndex controller = field("controller");
      if (controller == kNoNode || kind(controller) != Kind::kBool || !document_[controller].boolean) return;
      if (controlled) sink_.fault(Fault::kSecondController, controller);
      controlled = true;
    });
  }

  const Document& document_;
  const MetadataRules& rules_;
  Sink& sink_;
  bool has_ignores_ = false;
};

// Turns faults into findings.
class Words {
 public:
  Words(const Document& document, NodeIndex object, std::string_view pointer, const MetadataRules& rules,
        TargetMask targets, std::vector<Finding>& out)
      : document_(document), object_(object), pointer_(pointer), rules_(rules), targets_(targets), out_(out) {}

  void fault(Fault fault, NodeIndex at) {
    switch (fault) {
      case Fault::kNoName: return no_name(at);
      case Fault::kName: return say(at, "metadata.name", named(at, "the name") + " " + describe(rules_.name, at));
      case Fault::kNameLength:
        return say(at, "metadata.name",
                   named(at, "the name") + " must have at most " + std::to_string(rules_.longest_name) +
                       " characters, not " + std::to_string(document_.text(at).size()));
      case Fault::kNameByVersionAndGroup: return wrong_version_and_group(at);
      case Fault::kGenerateName:
        return say(at, "metadata.generateName", named(at, "generateName") + " " + describe(rules_.name, at));
      case Fault::kGenerateNameLength:
        return say(at, "metadata.generateName",
                   named(at, "generateName") + " must have at most " +
                       std::to_string(rules_.longest_name - kGeneratedSuffix) + " characters: the server appends " +
                       std::to_string(kGeneratedSuffix) + ", and a name has at most " +
                       std::to_string(rules_.longest_name));
      case Fault::kNamespace:
        return say(at, "metadata.namespace", named(at, "the namespace") + " " + describe(NameForm::kLabel, at));
      case Fault::kNamespaceIgnored:
        say(at, "metadata.namespace", "the kind is not namespaced: the server drops " + named(at, "the namespace"));
        out_.back().severity = Severity::kWarning;
        return;
      case Fault::kGeneration: return say(at, "metadata.generation", "generation must be at least 0");
      case Fault::kLabelKey: return bad_key(at, "metadata.labels", "the label key");
      case Fault::kLabelValue:
        return say(
            at, "metadata.labels",
            "the value of label " + schema::quote(document_.text(at - 1)) + " " + describe(NameForm::kLabelValue, at));
      case Fault::kAnnotationKey: return bad_key(at, "metadata.annotations", "the annotation key");
      case Fault::kAnnotationBytes:
        say(at, "metadata.annotations", "the annotations must have at most 262144 bytes in all, keys included");
        out_.back().span = document_[at - 1].span();
        return;
      case Fault::kFinalizer:
        return say(at, "metadata.finalizers",
                   named(at, "the finalizer") + " " + describe(NameForm::kQualifiedName, at));
      case Fault::kFinalizerDomain:
        return say(at, "metadata.finalizers[" + last_step(at) + "]",
                   named(at, "the finalizer") + " must have a domain, such as example.com/" + std::string(text(at)) +
                       ": without one only kubernetes, orphan and foregroundDeletion are known");
      case Fault::kFinalizerConflict:
        return say(at, "metadata.finalizers", "the finalizers orphan and foregroundDeletion exclude each other");
      case Fault::kOwnerVersion:
        return owner(at, "apiVersion",
                     "the owner's apiVersion must be a version with an optional group, such as apps/v1");
      case Fault::kOwnerKind: return owner(at, "kind", "the owner's kind must not be empty");
      case Fault::kOwnerName: return owner(at, "name", "the owner's name must not be empty");
      case Fault::kOwnerUid: return owner(at, "uid", "the owner's uid must not be empty");
      case Fault::kOwnerBanned: return say(at, "metadata.ownerReferences", "an Event cannot own anything");
      case Fault::kSecondController:
        return say(at, "metadata.ownerReferences",
                   "only one owner can be the controller, and an earlier one is it already");
    }
  }

 private:
  std::string_view text(NodeIndex at) const {
    return document_[at].kind == Kind::kString ? document_.text(at) : std::string_view{};
  }

  std::string named(NodeIndex at, const char* what) const { return std::string(what) + " " + schema::quote(text(at)); }
  std::string describe(NameForm form, NodeIndex at) const { return describe_name_fault(form, text(at)); }

  std::string last_step(NodeIndex at) const {
    const std::string path = document::pointer_to(document_, at);
    return path.substr(path.rfind('/') + 1);
  }

  void say(NodeIndex at, std::string field, std::string message) {
    Finding finding;
    finding.rule = "server/metadata";
    finding.message = std::move(message);
    finding.span = document_[at].span();
    finding.pointer = document::pointer_to(document_, at);
    finding.field = std::move(field);
    finding.targets = targets_;
    out_.push_back(std::move(finding));
  }

  // `at` is the metadata, or the object itself.
  void no_name(NodeIndex at) {
    say(at, "metadata.name", "the object has no name: metadata.name or metadata.generateName is required");
    Finding& finding = out_.back();
    const NodeIndex name = document_.find(at, "name");
    const NodeIndex metadata = document_.find(object_, "metadata");
    finding.pointer = std::string(pointer_) + "/metadata/name";
    if (metadata == kNoNode) {
      finding.span = document_[object_].children.count != 0 ? document_[object_ + 1].span() : document_[object_].span();
    } else {
      finding.span = document_[(name != kNoNode && at == metadata ? name : metadata) - 1].span();
    }
  }

  void bad_key(NodeIndex value, const char* field, const char* what) {
    const NodeIndex key = value - 1;
    say(value, field,
        std::string(what) + " " + schema::quote(document_.text(key)) + " " +
            describe_name_fault(NameForm::kQualifiedName, document_.text(key)));
    out_.back().span = document_[key].span();
  }

  void wrong_version_and_group(NodeIndex name) {
    const NodeIndex spec = document_.find(object_, "spec");
    auto part = [&](const char* key) {
      const NodeIndex value = spec == kNoNode ? kNoNode : document_.find(spec, key);
      return std::string(value == kNoNode ? std::string_view{} : text(value));
    };
    const std::string wanted = part("version") + "." + part("group");
    say(name, "metadata.name",
        named(name, "the name") + " must be " + schema::quote(wanted) +
            ": an APIService is named by its spec.version and spec.group");
  }

  void owner(NodeIndex at, const char* field, const char* message) {
    say(at, std::string("metadata.ownerReferences.") + field, message);
  }

  const Document& document_;
  const NodeIndex object_;
  const std::string_view pointer_;
  const MetadataRules& rules_;
  const TargetMask targets_;
  std::vector<Finding>& out_;
};

}  // namespace

MetadataRules metadata_rules(std::string_view group, std::string_view kind, bool native, bool cluster_scoped) {
  MetadataRules rules;
  rules.cluster_scoped = cluster_scoped;
  if (!native) return rules;
  rules.domain_finalizers = contains(kDomainFinalizerGroups, group) && kind != "Event";
  rules.keeps_generation = (group.empty() && !contains(kGenerationKinds, kind)) || group == "rbac.authorization.k8s.io";
  for (const Exception& exception : kExceptions) {
    if (exception.group != group || (exception.kind != kind && exception.kind != "*")) continue;
    rules.name = exception.form;
    rules.longest_name = exception.longest;
    rules.judged = exception.effect != Exception::kNotStored;
    rules.name_required = exception.effect != Exception::kNameOptional;
    rules.named_by_version_and_group = exception.effect == Exception::kByVersionAndGroup;
    break;
  }
  return rules;
}

MetadataRules metadata_rules(const schema::Resolution& resolution) {
  if (resolution.table == nullptr) {
    MetadataRules rules;
    rules.name = NameForm::kPathSegment;
    return rules;
  }
  const schema::KindRecord& kind = resolution.table->kinds()[resolution.kind];
  const bool native = resolution.source == schema::Resolution::Source::kNative;
  return metadata_rules(resolution.table->text(kind.group), resolution.table->text(kind.kind), native,
                        kind.cluster_scoped != 0);
}

bool check_metadata(const Document& document, NodeIndex object, std::string_view pointer, const MetadataRules& rules,
                    TargetMask targets, std::vector<Finding>& out) {
  if (!rules.judged || document[object].kind != Kind::kMap) return false;
  Quick quick;
  Walk<Quick> walk(document, rules, quick);
  walk.object(object);
  if (!quick.failed) return walk.has_ignores();
  Words words(document, object, pointer, rules, targets, out);
  Walk<Words>(document, rules, words).object(object);
  return walk.has_ignores();
}

}  // namespace kubegate::apiserver
