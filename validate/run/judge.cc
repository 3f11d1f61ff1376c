// What becomes of a document. A fault that ended the reading leaves half a document, of which only the fault is told: a
// field that the rest would have held is not missing. A document that was read to its end is unpacked into objects, and
// each is a resource of the report with its own verdict. Faults of a document (a key written twice) belong to its
// object where it is one, and to the List where it holds several.
//
// Tested in tests/validate/run/judge_test.cc.
#include "validate/run/judge.h"

#include <algorithm>

#include "validate/base/build_id.h"
#include "validate/base/digest.h"
#include "validate/config/ignores.h"
#include "validate/document/position.h"
#include "validate/run/locate.h"

namespace kubegate::run {

namespace {

using document::Document;
using document::kNoNode;
using document::NodeIndex;
using report::Resource;
using report::Status;

// The entry of a list of --skip or --reject that names the object: "Kind" or "apiVersion/Kind".
const std::string* find_kind(const std::vector<std::string>& list, const schema::ObjectIdentity& identity) {
  if (list.empty()) return nullptr;
  const auto names = [&](const std::string& entry) {
    const std::string_view text = entry;
    if (text == identity.kind) return true;
    return text.size() == identity.api_version.size() + 1 + identity.kind.size() &&
           text.starts_with(identity.api_version) && text[identity.api_version.size()] == '/' &&
           text.ends_with(identity.kind);
  };
  const auto found = std::find_if(list.begin(), list.end(), names);
  return found == list.end() ? nullptr : &*found;
}

// Whether the finding says that there is no verdict, rather than being one: bytes that cannot be understood, a kind
// without a schema, a kind that the run does not let in.
template <class AnyFinding>
bool prevents_verdict(const AnyFinding& finding) {
  return finding.severity == Severity::kError &&
         (finding.rule.starts_with("document/") || finding.rule.starts_with("run/") ||
          finding.rule == "schema/unknown-kind");
}

constexpr std::string_view kKustomizationVersion = "kustomize.config.k8s.io/v1beta1";
constexpr std::string_view kComponentVersion = "kustomize.config.k8s.io/v1alpha1";

template <class AnyFinding>
void take_into(Status& status, const AnyFinding& finding) {
  if (finding.severity == Severity::kWarning) return;
  if (prevents_verdict(finding)) {
    status = Status::kError;
  } else if (status == Status::kValid) {
    status = Status::kInvalid;
  }
}

std::string_view group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == api_version.npos ? std::string_view() : api_version.substr(0, slash);
}

// One document on its way through the judge.
class Case {
 public:
  Case(const JudgeOptions& options, const schema::Catalogue& catalogue,
       const std::vector<std::shared_ptr<const Check>>& checks, std::string_view path, Judge::Scratch& scratch,
       std::vector<std::unique_ptr<Check::Memory>>& memories)
      : options_(options), catalogue_(catalogue), checks_(checks), path_(path), document_(scratch.document),
        objects_(scratch.objects), findings_(scratch.findings), ignored_(scratch.ignored), memories_(memories),
        positions_(document_) {}

  DocumentResult judge() {
    take_faults();
    ignored_.clear();
    result_.complete = document_.complete();
    root_ = schema::identity_of(document_, 0);
    result_.meaning = meaning_of(document_, path_, root_);
    if (!result_.complete || result_.meaning == Meaning::kNothing) {
      // `null` is no object to kubectl either.
      if (!findings_.empty()) conclude(resource_at(0, {}));
    } else if (result_.meaning == Meaning::kKustomization) {
      judge_kustomization();
    } else if (gitops::is_json_patch(document_) && is_patch()) {
      gitops::check_json_patch(document_, findings_);
      conclude_patch();
    } else {
      judge_objects();
      const bool flawed = result_.counts.errors + result_.counts.warnings > 0;
      if (flawed && is_patch()) judge_patch();
    }
    return std::move(result_);
  }

 private:
  void take_faults() {
    findings_.assign(document_.faults().begin(), document_.faults().end());
    if (options_.strict) return;
    for (Finding& finding : findings_) {
      if (finding.rule == "document/duplicate-key") finding.severity = Severity::kWarning;
    }
  }

  bool is_patch() {
    result_.asked_patch = true;
    return options_.surroundings != nullptr && options_.surroundings->is_patch(path_);
  }

  // A strategic-merge patch, which was taken for whole objects: what it says is held to their schema, what it leaves out
  // is not missed.
  void judge_patch() {
    result_ = {};
    take_faults();
    for (const Object& object : objects_) {
      if (!object.identity.is_complete()) continue;  // the kustomization says by a target what it is for
      const auto resolution = catalogue_.resolve(object.identity.api_version, object.identity.kind);
      schema::check_object(catalogue_, document_, object.node, object.identity, resolution, object.pointer,
                           schema_options(), findings_);
    }
    gitops::keep_findings_of_patch(findings_);
    conclude_patch();
  }

  void conclude_patch() {
    result_.meaning = Meaning::kPatch;
    result_.lasting = false;
    ++result_.counts.patches;
    conclude_besides(resource_at(0, root_));
  }

  // Of what is no object: there is something to tell, or only something to count.
  void conclude_besides(Resource resource) {
    if (findings_.empty() && !options_.verbose) {
      ++result_.counts.valid;
    } else {
      conclude(std::move(resource));
    }
  }

  schema::CheckOptions schema_options() const {
    schema::CheckOptions check;
    check.strict = options_.strict;
    check.ignore_missing_schemas = options_.ignore_missing_schemas;
    return check;
  }

  void judge_kustomization() {
    result_.lasting = false;
    schema::ObjectIdentity identity = root_;
    // kustomize fills in what a file of its name does not say (Kustomization.FixKustomization).
    if (identity.kind.empty()) identity.kind = "Kustomization";
    if (identity.api_version.empty()) {
      identity.api_version = identity.kind == "Component" ? kComponentVersion : kKustomizationVersion;
    }
    if (const std::string* entry = find_kind(options_.skip, identity)) {
      return skip({0, "", identity}, "--skip " + *entry);
    }
    const auto resolution = catalogue_.resolve(identity.api_version, identity.kind);
    schema::check_object(catalogue_, document_, 0, identity, resolution, "", schema_options(), findings_);
    if (options_.surroundings != nullptr) options_.surroundings->check_references(document_, path_, findings_);
    ++result_.counts.kustomizations;
    conclude_besides(resource_at(0, identity));
  }

  void judge_objects() {
    objects_.clear();
    unpack(document_, root_, objects_);
    begin_checks();
    if (document_.may_have_comments() && config::Ignores::may_have_comments(document_)) {
      ignores_.read_comments(document_);
    }
    is_list_ = objects_.size() != 1 || objects_.front().node != 0;
    if (is_list_ && !findings_.empty()) {
      take_out_ignored(kNoNode);
      conclude(resource_at(0, root_));
    }
    for (const Object& object : objects_) {
      if (is_list_) findings_.clear();
      judge_object(object);
    }
    if (is_list_ && !ignores_.empty()) {
      findings_.clear();
      ignores_.tell(!any_skipped_, options_.policies, findings_);
      if (!findings_.empty()) conclude(resource_at(0, root_));
    }
  }

  void judge_object(const Object& object) {
    const schema::ObjectIdentity& identity = object.identity;
    const bool identified = identity.is_complete();
    has_ignores_ = false;
    result_.counts.objects += identified;
    if (identified && schema::CrdSet::defines_kinds(identity.api_version, identity.kind)) {
      if (!result_.crds) result_.crds = std::make_unique<schema::CrdSet>();
      result_.crds->add(document_, object.node);
      result_.lasting = false;
    }
    if (const std::string* entry = find_kind(options_.skip, identity)) return skip(object, "--skip " + *entry);
    if (find_kind(options_.reject, identity)) {
      reject(object);
    } else if (is_plain_list(identity.kind)) {
      refuse_items(object);
    } else {
      schema::Resolution resolution;
      if (identified) {
        resolution = catalogue_.resolve(identity.api_version, identity.kind);
        remember_custom_kind(identity, resolution.source);
      }
      if (!run_checks(object, resolution) && findings_.empty()) return skip(object, "no schema");
    }
    if (!findings_.empty() || has_ignores_) ignores_.read_annotation(document_, object.node);
    if (!ignores_.empty()) {
      take_out_ignored(object.node);
      if (!is_list_) ignores_.tell(true, options_.policies, findings_);
    }
    if (findings_.empty() && ignored_.empty() && !options_.verbose) {
      ++result_.counts.valid;
    } else {
      conclude(resource_at(object.node, identity));
    }
  }

  // Moves what is to be ignored from the findings of an object, or of a List as such (kNoNode), to ignored_.
  void take_out_ignored(NodeIndex object) {
    std::string reason;
    std::erase_if(findings_, [&](Finding& finding) {
      if (!ignores_.covers(finding, object, reason)) return false;
      ignored_.push_back({std::move(finding), reason});
      return true;
    });
  }

  void begin_checks() {
    if (memories_.empty()) {
      for (const auto& check : checks_) memories_.push_back(check->make_memory());
    }
    for (std::size_t i = 0; i < checks_.size(); ++i) {
      if (memories_[i] != nullptr) checks_[i]->begin(document_, path_, *memories_[i]);
    }
  }

  // False when there was no schema to check against, and the run lets that pass.
  bool run_checks(const Object& object, const schema::Resolution& resolution) {
    bool judged = true;
    for (std::size_t i = 0; i < checks_.size(); ++i) {
      const schema::ObjectVerdict verdict =
          checks_[i]->check(document_, object, resolution, memories_[i].get(), findings_);
      judged &= !verdict.missing_schema;
      has_ignores_ |= verdict.has_ignores;
      result_.lasting &= !verdict.may_differ;
      result_.counts.rules_not_evaluated += verdict.rules_not_evaluated;
    }
    return judged;
  }

  void reject(const Object& object) {
    Finding finding;
    finding.rule = "run/rejected";
    finding.message = "prohibited resource kind " + std::string(object.identity.kind);
    const NodeIndex kind = document_.find(object.node, "kind");
    finding.span = document_[kind == kNoNode ? object.node : kind].span();
    finding.pointer = object.pointer + "/kind";
    finding.field = "kind";
    findings_.push_back(std::move(finding));
  }

  // A List that could not be unpacked.
  void refuse_items(const Object& object) {
    const NodeIndex items = document_.find(object.node, "items");
    Finding finding;
    finding.rule = "schema/type";
    finding.message = "the items of a List must be a list";
    finding.span = document_[items].span();
    finding.pointer = object.pointer + "/items";
    finding.field = "items";
    findings_.push_back(std::move(finding));
  }

  void skip(const Object& object, std::string why) {
    any_skipped_ = true;
    ++result_.counts.objects_skipped;
    result_.counts.count(Status::kSkipped);
    if (!options_.verbose) return;
    Resource resource = resource_at(object.node, object.identity);
    resource.status = Status::kSkipped;
    resource.note = std::move(why);
    result_.resources.push_back(std::move(resource));
  }

  // What a CRD of the input would overrule.
  void remember_custom_kind(const schema::ObjectIdentity& identity, schema::Resolution::Source source) {
    using Source = schema::Resolution::Source;
    if (source == Source::kNone || source == Source::kBundle) {
      result_.custom.push_back({std::string(group_of(identity.api_version)), std::string(identity.kind)});
    }
  }

  Resource resource_at(NodeIndex node, const schema::ObjectIdentity& identity) {
    Resource resource;
    resource.path = path_;
    resource.api_version = identity.api_version;
    resource.kind = identity.kind;
    resource.namespace_ = identity.namespace_;
    resource.name = identity.name.empty() ? identity.generate_name : identity.name;
    const document::Position position = positions_.at(document_.empty() ? 0 : document_[node].begin);
    resource.line = position.line;
    resource.column = position.column;
    return resource;
  }

  // Puts the findings into the resource, and the resource into the result.
  void conclude(Resource resource) {
    locate(document_, findings_, resource.findings);
    resource.findings_left_out = findings_.size() - resource.findings.size();
    for (const Finding& finding : findings_) {
      if (finding.severity == Severity::kWarning) {
        ++result_.counts.warnings;
        continue;
      }
      ++result_.counts.errors;
      take_into(resource.status, finding);
    }
    locate(document_, ignored_, resource.suppressed);
    result_.counts.ignored += ignored_.size();
    ignored_.clear();
    result_.counts.count(resource.status);
    result_.resources.push_back(std::move(resource));
  }

  const JudgeOptions& options_;
  const schema::Catalogue& catalogue_;
  const std::vector<std::shared_ptr<const Check>>& checks_;
  const std::string_view path_;
  const Document& document_;
  std::vector<Object>& objects_;
  std::vector<Finding>& findings_;
  std::vector<Ignored>& ignored_;  // of the findings, until they are concluded
  std::vector<std::unique_ptr<Check::Memory>>& memories_;
  document::PositionScan positions_;
  schema::ObjectIdentity root_;
  config::Ignores ignores_;
  bool is_list_ = false;
  bool has_ignores_ = false;  // the object that is being judged may have the annotation
  bool any_skipped_ = false;
  DocumentResult result_;
};

}  // namespace

Status status_of(const std::vector<report::LocatedFinding>& findings) {
  Status status = Status::kValid;
  for (const report::LocatedFinding& finding : findings) take_into(status, finding);
  return status;
}

namespace {

std::uint64_t& count_of(Counts& counts, Status status) {
  switch (status) {
    case Status::kValid: return counts.valid;
    case Status::kInvalid: return counts.invalid;
    case Status::kError: return counts.unjudged;
    case Status::kSkipped: break;
  }
  return counts.skipped;
}

}  // namespace

void Counts::count(Status status) { ++count_of(*this, status); }

void Counts::recount(Status before, Status now) {
  --count_of(*this, before);
  ++count_of(*this, now);
}

Counts& Counts::operator+=(const Counts& other) {
  objects += other.objects;
  kustomizations += other.kustomizations;
  patches += other.patches;
  errors += other.errors;
  warnings += other.warnings;
  ignored += other.ignored;
  rules_not_evaluated += other.rules_not_evaluated;
  objects_skipped += other.objects_skipped;
  valid += other.valid;
  invalid += other.invalid;
  unjudged += other.unjudged;
  skipped += other.skipped;
  return *this;
}

std::optional<std::string> Judge::basis(std::string_view path) const {
  if (catalogues_.empty() || build_id().empty()) return std::nullopt;
  const auto inputs = inputs_of(checks_, path);
  if (!inputs) return std::nullopt;
  Digester all;
  // By name, so that a new one does not compile until it is looked at here.
  const auto& [strict, verbose, skip, reject, policies, ignore_missing_schemas, surroundings] = options_;
  all.add(build_id()).add(catalogues_).add(*inputs);
  for (const bool each : {strict, verbose, policies, ignore_missing_schemas, surroundings != nullptr}) all.add(each);
  for (const auto* list : {&skip, &reject}) {
    all.add(list->size());
    for (const std::string& each : *list) all.add(each);
  }
  return all.finish();
}

bool Judge::is_patch(std::string_view path) const {
  return options_.surroundings != nullptr && options_.surroundings->is_patch(path);
}

DocumentResult Judge::judge(std::string_view path, Scratch& scratch, std::size_t number) const {
  if (scratch.memories.size() <= number) scratch.memories.resize(number + 1);
  return Case(options_, *catalogue_, checks_, path, scratch, scratch.memories[number]).judge();
}

}  // namespace kubegate::run
