// A CustomResourceDefinition: the definition itself here; its schemas in crd_structural.cc (is it structural),
// crd_keywords.cc (what single nodes say) and crd_defaults.cc.
//
// Defaults are judged only under a schema that is structural, as on the server: otherwise it is not clear what a schema
// means. Nothing else depends on what was found before, so one run says all that is wrong.
//
// Tested in tests/validate/schema/crd_test.cc, against recorded verdicts of real servers too.

#include "validate/schema/crd.h"

#include <algorithm>

#include "validate/base/names.h"
#include "validate/schema/crd_schema.h"
#include "validate/schema/words.h"

namespace kubegate::schema {

using namespace crd;

namespace {

constexpr char kNames[] = "crd/names";
constexpr char kVersions[] = "crd/versions";
constexpr char kStructural[] = "crd/structural";
constexpr char kSchema[] = "crd/schema";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

class Definition {
 public:
  Definition(const Document& document, NodeIndex crd, Report& report)
      : report_(report), document_(document), crd_{nullptr, Place::Step::kField, {}, 0, crd},
        spec_(member(document, crd_, "spec")), names_(member(document, spec_, "names")),
        versions_(member(document, spec_, "versions")) {}
  Definition(const Definition&) = delete;  // places point to each other
  Definition& operator=(const Definition&) = delete;

  void check() {
    check_name();
    check_group();
    check_names();
    check_scope();
    check_versions();
    check_conversion();
  }

 private:
  Place at(const Place& up, std::string_view name) const { return member(document_, up, name); }
  Place at(const Place&& up, std::string_view name) const = delete;
  std::string_view text(const Place& place) const { return text_of(document_, place.node); }

  // Required by the OpenAPI, which takes "" for an answer and does not look into items that are null.
  bool is_missing(const Place& place) const {
    if (place.node == kNoNode) return place.up->node != kNoNode && document_[place.up->node].kind == Kind::kNull;
    return document_[place.node].kind == Kind::kString && text(place).empty();
  }

  void check_form(const char* rule, NameForm form, const Place& place, const char* what) {
    const std::string_view written = text(place);
    if (check_name_of(form, place, written)) return;
    report_.error(rule, place, std::string(what) + " " + quote(written) + " " + describe_name_fault(form, written));
  }
  bool check_name_of(NameForm form, const Place& place, std::string_view written) const {
    return (place.node != kNoNode && document_[place.node].kind != Kind::kString) ||
           kubegate::check_name(form, written);
  }

  void require(const char* rule, const Place& place) {
    if (is_missing(place)) report_.error(rule, place, std::string(place.name) + " must not be empty");
  }

  // The name of the definition, and what Kubernetes' own groups ask for (validateAPIApproval).
  void check_name() {
    const Place metadata = at(crd_, "metadata");
    const Place name = at(metadata, "name"), plural = at(names_, "plural"), group = at(spec_, "group");
    const std::string wanted = std::string(text(plural)) + "." + std::string(text(group));
    if (!text(name).empty() && !text(plural).empty() && !text(group).empty() && text(name) != wanted) {
      report_.error(kNames, name,
                    "the name " + quote(text(name)) + " must be " + quote(wanted) +
                        ": a definition is named by its spec.names.plural and spec.group");
    }

    const std::string_view domain = text(group);
    const bool ours = is_one_of(domain, {"k8s.io", "kubernetes.io"}) || domain.ends_with(".k8s.io") ||
                      domain.ends_with(".kubernetes.io");
    if (!ours) return;
    constexpr std::string_view kApproval = "api-approved.kubernetes.io";
    const Place annotations = at(metadata, "annotations");
    const Place approval = key_of(annotations, kApproval,
                                  annotations.node == kNoNode ? kNoNode : document_.find(annotations.node, kApproval));
    if (is_approval(text(approval))) return;
    report_.error(kNames, approval,
                  "the group " + quote(domain) + " belongs to Kubernetes: the annotation " + std::string(kApproval) +
                      " must have the URL of the approval, or a reason that begins with \"unapproved\"");
  }

  // GetAPIApprovalState: a URL with scheme and host, or an excuse.
  static bool is_approval(std::string_view text) {
    if (text.starts_with("unapproved")) return true;
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0) return false;
    const bool scheme = std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
             c == '.';
    });
    const std::string_view host = text.substr(colon + 3, text.find_first_of("/?#", colon + 3) - colon - 3);
    return scheme && !host.empty() && host.find(' ') == std::string_view::npos;
  }

  void check_group() {
    const Place group = at(spec_, "group");
    require(kNames, group);
    if (text(group).empty()) return;
    check_form(kNames, NameForm::kSubdomain, group, "the group");
    if (text(group).find('.') == std::string_view::npos && kubegate::check_name(NameForm::kSubdomain, text(group))) {
      report_.error(kNames, group,
                    "the group " + quote(text(group)) + " must be a domain with at least one dot, such as example.com");
    }
  }

  // ValidateCustomResourceDefinitionNames
  void check_names() {
    for (const char* name : {"plural", "kind"}) require(kNames, at(names_, name));
    for (const char* name : {"plural", "singular"}) {
      const Place place = at(names_, name);
      if (!text(place).empty()) check_form(kNames, NameForm::kLabel1035, place, name);
    }
    for (const char* name : {"kind", "listKind"}) {
      const Place place = at(names_, name);
      if (text(place).empty() || kubegate::check_name(NameForm::kLabel1035, lower(text(place)))) continue;
      report_.error(kNames, place,
                    std::string(name) + " " + quote(text(place)) +
                        " must be of letters, digits and '-', start with a letter, end with a letter or "
                        "digit, and have at most 63 characters");
    }
    const Place kind = at(names_, "kind"), list_kind = at(names_, "listKind");
    if (!text(kind).empty() && text(kind) == text(list_kind)) {
      report_.error(
          kNames, list_kind,
          "kind and listKind must not be the same: leave listKind out for " + quote(std::string(text(kind)) + "List"));
    }
    for (const auto& [name, what] : {std::pair{"shortNames", "the short name"}, {"categories", "the category"}}) {
      const Place list = at(names_, name);
      each_item(document_, list.node, [&, what = what](std::uint32_t index, NodeIndex item) {
        const Place place = item_of(list, index, item);
        if (document_[item].kind == Kind::kNull) {
          report_.error(kNames, place, std::string(what) + " must not be empty");
        } else {
          check_form(kNames, NameForm::kLabel1035, place, what);
        }
      });
    }
  }

  void check_scope() {
    const Place scope = at(spec_, "scope");
    require(kVersions, scope);
    if (!text(scope).empty() && !is_one_of(text(scope), {"Cluster", "Namespaced"})) {
      report_.error(kVersions, scope, "scope must be Namespaced or Cluster, not " + quote(text(scope)));
    }
    // validatePreserveUnknownFields
    if (const Place preserve = at(spec_, "preserveUnknownFields"); flag_of(document_, preserve.node)) {
      report_.error(kStructural, preserve,
                    "spec.preserveUnknownFields must not be true: say "
                    "x-kubernetes-preserve-unknown-fields: true in the schema where it is needed");
    }
  }

  void check_versions() {
    int stored = 0;
    std::vector<std::string_view> seen;
    each_item(document_, versions_.node, [&](std::uint32_t index, NodeIndex node) {
      const Place version = item_of(versions_, index, node);
      const Place name = at(version, "name"), storage = at(version, "storage");
      if (flag_of(document_, storage.node) && ++stored == 2) {
        report_.error_as(kVersions, versions_, storage, "only one version can be the storage version");
      }
      const std::string_view written = text(name);
      if (std::find(seen.begin(), seen.end(), written) != seen.end()) {
        report_.error_as(kVersions, versions_, name,
                         "there is another version " + quote(written) + ": versions must have unique names");
      }
      seen.push_back(written);
      if (name.node != kNoNode || document_[node].kind == Kind::kNull) {
        check_form(kVersions, NameForm::kLabel1035, name, "the version");
      }
      check_version(version);
    });
    // That there are no versions at all is the OpenAPI's to say, but it takes an empty list.
    if (stored == 0 && versions_.node != kNoNode && document_[versions_.node].kind == Kind::kSequence) {
      report_.error(kVersions, versions_, "one version must be the storage version (storage: true)");
    }
  }

  // validateCustomResourceDefinitionVersion
  void check_version(const Place& version) {
    check_deprecation_warning(version);
    const Place schema = at(version, "schema");
    const Place root = at(schema, "openAPIV3Schema");
    if (!is_set(document_, root.node)) {
      report_.error(kVersions, root, "every version needs a schema (schema.openAPIV3Schema)");
    } else {
      check_schema(version, root);
    }
    check_scale(version);
    const Place columns = at(version, "additionalPrinterColumns");
    each_item(document_, columns.node,
              [&](std::uint32_t index, NodeIndex column) { check_column(item_of(columns, index, column)); });
    check_selectable_fields(version, root);
  }

  void check_deprecation_warning(const Place& version) {
    const Place warning = at(version, "deprecationWarning"), deprecated = at(version, "deprecated");
    if (!is_set(document_, warning.node)) return;
    const std::string_view said = text(warning);
    const bool printable = std::none_of(said.begin(), said.end(),
                                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!flag_of(document_, deprecated.node)) {
      report_.error(kVersions, warning, "deprecationWarning can only be set for a deprecated version");
    } else if (said.empty() || said.size() > 256 || !printable) {
      report_.error(kVersions, warning, "deprecationWarning must be one line of at most 256 characters, and not empty");
    }
  }

  // validateCustomResourceDefinitionValidation
  void check_schema(const Place& version, const Place& root) {
    const Schema schema(document_, root.node);
    const Place subresources = at(version, "subresources");
    if (const Place status = at(subresources, "status"); is_set(document_, status.node)) {
      check_status_root(root, schema);
    }
    if (schema.flag(Keyword::kNullable)) {
      report_.error(kStructural, keyword_of(root, schema, Keyword::kNullable),
                    "the root of a schema cannot be nullable", Report::Show::kKey);
    }
    const int before = report_.errors();
    check_structural(root, report_);
    if (report_.errors() == before) {
      const Place name = at(version, "name");
      check_defaults(root, crd_.node, text(name), report_);
    }
    check_keywords(root, report_);
  }

  // With a status subresource the server takes properties.status apart from the rest, and so forbids at the root what
  // would speak of both (allowedFieldsAtRootSchema).
  void check_status_root(const Place& root, const Schema& schema) {
    constexpr Keyword kForbidden[] = {
        Keyword::kDefault,
        Keyword::kMaxProperties,
        Keyword::kMinProperties,
        Keyword::kEnum,
        Keyword::kAllOf,
        Keyword::kAnyOf,
        Keyword::kOneOf,
        Keyword::kNot,
        Keyword::kIntOrString,
        Keyword::kListMapKeys,
        Keyword::kListType,
        Keyword::kMapType,
        Keyword::kEmbeddedResource,
    };
    for (const Keyword keyword : kForbidden) {
      const bool said = keyword == Keyword::kIntOrString || keyword == Keyword::kEmbeddedResource ? schema.flag(keyword)
                                                                                                  : schema.has(keyword);
      if (!said) continue;
      const Place place = keyword_of(root, schema, keyword);
      report_.error_as(
          kStructural, root, place,
          std::string(place.name) + " must not stand at the root of a schema whose version has a status subresource",
          Report::Show::kKey);
    }
  }

  // validateSimpleJSONPath
  bool check_path(const Place& place) {
    if (text(place).starts_with('.')) return true;
    report_.error(kSchema, place,
                  std::string(place.name) + " must be a path that starts with '.', not " + quote(text(place)));
    return false;
  }

  // ValidateCustomResourceDefinitionSubresources
  void check_scale(const Place& version) {
    const Place subresources = at(version, "subresources");
    const Place scale = at(subresources, "scale");
    if (!is_set(document_, scale.node)) return;
    struct {
      const char* name;
      bool required, spec, status;  // below which of the two it may lead
    } constexpr kPaths[] = {
        {"specReplicasPath", true, true, false},
        {"statusReplicasPath", true, false, true},
        {"labelSelectorPath", false, true, true},
    };
    for (const auto& path : kPaths) {
      const Place place = at(scale, path.name);
      if (path.required) require(kSchema, place);
      if (text(place).empty() || !check_path(place)) continue;
      if ((path.spec && text(place).starts_with(".spec.")) || (path.status && text(place).starts_with(".status."))) {
        continue;
      }
      report_.error(kSchema, place,
                    std::string(path.name) + " must lead below " +
                        (path.spec && path.status ? ".spec or .status"
                         : path.spec              ? ".spec"
                                                  : ".status") +
                        ", not be " + quote(text(place)));
    }
  }

  // ValidateCustomResourceColumnDefinition
  void check_column(const Place& column) {
    const Place name = at(column, "name"), type = at(column, "type"), format = at(column, "format"),
                path = at(column, "jsonPath");
    for (const Place* place : {&name, &type, &path}) require(kSchema, *place);
    if (!text(type).empty() && !is_one_of(text(type), {"boolean", "date", "integer", "number", "string"})) {
      report_.error(kSchema, type,
                    "the type of a column must be boolean, date, integer, number or string, not " + quote(text(type)));
    }
    if (!text(format).empty() &&
        !is_one_of(text(format), {"byte", "date", "date-time", "double", "float", "int32", "int64", "password"})) {
      report_.error(kSchema, format,
                    "the format of a column must be byte, date, date-time, double, float, int32, int64 or "
                    "password, not " +
                        quote(text(format)));
    }
    if (!text(path).empty()) check_path(path);
  }

  // ValidateCustomResourceSelectableFields. Before 1.30 the field is unknown, in 1.30 it is dropped by default.
  void check_selectable_fields(const Place& version, const Place& root) {
    constexpr std::size_t kMost = 8;
    const Place fields = at(version, "selectableFields");
    std::vector<std::vector<std::string>> seen;
    each_item(document_, fields.node, [&](std::uint32_t index, NodeIndex node) {
      const Place field = item_of(fields, index, node);
      const Place path = at(field, "jsonPath");
      require(kSchema, path);
      if (text(path).empty()) return;
      FieldPath followed = follow_path(document_, root.node, text(path), false);
      const std::string what = "the selectable field " + quote(text(path));
      if (!followed.fault.empty()) {
        report_.error(kSchema, path, what + " leads nowhere: " + followed.fault);
        return;
      }
      const std::string_view type = Schema(document_, followed.schema).text(Keyword::kType);
      if (followed.steps.front() == "metadata") {
        report_.error(kSchema, path, what + " must not lead into metadata");
      } else if (!is_one_of(type, {"string", "boolean", "integer"})) {
        report_.error(kSchema, path, what + " must lead to a string, boolean or integer");
      }
      if (std::find(seen.begin(), seen.end(), followed.steps) != seen.end()) {
        report_.error(kSchema, path, what + " is there twice");
      } else {
        seen.push_back(std::move(followed.steps));
      }
    });
    if (seen.size() > kMost) {
      report_.error(kSchema, fields,
                    "a version can have at most " + std::to_string(kMost) + " selectable fields, not " +
                        std::to_string(seen.size()));
    }
  }

  // validateCustomResourceConversion
  void check_conversion() {
    const Place conversion = at(spec_, "conversion");
    if (!is_set(document_, conversion.node)) return;
    const Place strategy = at(conversion, "strategy"), webhook = at(conversion, "webhook");
    require(kVersions, strategy);
    if (text(strategy).empty()) return;
    const Place client = at(webhook, "clientConfig"), reviews = at(webhook, "conversionReviewVersions");
    if (text(strategy) == "Webhook") {
      if (is_set(document_, client.node)) {
        check_client(client);
      } else {
        report_.error(kVersions, client, "the conversion strategy Webhook needs webhook.clientConfig");
      }
      check_review_versions(reviews);
      return;
    }
    if (text(strategy) != "None") {
      report_.error(kVersions, strategy,
                    "the conversion strategy must be None or Webhook, not " + quote(text(strategy)));
    }
    if (is_set(document_, client.node) || count_of(document_, reviews.node) != 0) {
      report_.error(kVersions, webhook, "webhook is only for the conversion strategy Webhook", Report::Show::kKey);
    }
  }

  void check_review_versions(const Place& reviews) {
    if (count_of(document_, reviews.node) == 0) {
      if (reviews.node != kNoNode && document_[reviews.node].kind == Kind::kSequence) {
        report_.error(kVersions, reviews, "conversionReviewVersions must not be empty");
      }
      return;
    }
    bool known = false;
    std::vector<std::string_view> seen;
    each_item(document_, reviews.node, [&](std::uint32_t index, NodeIndex item) {
      const Place place = item_of(reviews, index, item);
      const std::string_view version = text(place);
      known |= is_one_of(version, {"v1", "v1beta1"});
      if (std::find(seen.begin(), seen.end(), version) != seen.end()) {
        report_.error(kVersions, place, "the version " + quote(version) + " is there twice");
        return;
      }
      seen.push_back(version);
      check_form(kVersions, NameForm::kLabel1035, place, "the version");
    });
    if (!known) {
      report_.error(kVersions, reviews, "conversionReviewVersions must include v1 or v1beta1, which the server speaks");
    }
  }

  // ValidateWebhookURL and ValidateWebhookService of k8s.io/apiserver/pkg/util/webhook.
  void check_client(const Place& client) {
    const Place url = at(client, "url"), service = at(client, "service");
    if (is_set(document_, url.node) == is_set(document_, service.node)) {
      report_.error(kVersions, client, "clientConfig needs either url or service");
    } else if (is_set(document_, url.node)) {
      check_url(url);
    } else {
      check_service(service);
    }
  }

  void check_url(const Place& url) {
    constexpr std::string_view kScheme = "https://";
    const std::string_view written = text(url);
    const std::string_view host =
        written.starts_with(kScheme)
            ? written.substr(kScheme.size(), written.find_first_of("/?#", kScheme.size()) - kScheme.size())
            : std::string_view{};
    if (host.empty() || host.find('@') != std::string_view::npos ||
        written.find_first_of("?# ") != std::string_view::npos) {
      report_.error(
          kVersions, url,
          "the url must be of the form https://host[/path], without user, query and fragment, not " + quote(written));
    }
  }

  void check_service(const Place& service) {
    for (const char* name : {"name", "namespace"}) require(kVersions, at(service, name));
    const Place port = at(service, "port"), path = at(service, "path");
    if (port.node != kNoNode && document_[port.node].kind == Kind::kInt) {
      const std::int64_t number = document_[port.node].integer;
      if (number < 1 || number > 65535) report_.error(kVersions, port, "the port must be between 1 and 65535");
    }
    std::string_view steps = text(path);
    if (steps.empty() || steps == "/") return;
    bool sound = steps.front() == '/' && steps != "//";
    steps.remove_prefix(1);
    if (steps.ends_with('/')) steps.remove_suffix(1);
    for (bool more = true; more && sound;) {
      const std::size_t slash = steps.find('/');
      sound = kubegate::check_name(NameForm::kSubdomain, steps.substr(0, slash));
      more = slash != std::string_view::npos;
      if (more) steps.remove_prefix(slash + 1);
    }
    if (!sound) {
      report_.error(kVersions, path,
                    "the path must start with '/' and have DNS names between its slashes, not be " + quote(text(path)));
    }
  }

  Report& report_;
  const Document& document_;
  const Place crd_, spec_, names_, versions_;
};

}  // namespace

void check_crd(const Document& document, NodeIndex crd, std::string_view pointer, TargetMask targets,
               std::vector<Finding>& out) {
  const std::size_t first = out.size();
  Report report(document, pointer, targets, out);
  Definition(document, crd, report).check();
  std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                   [](const Finding& a, const Finding& b) { return a.span.begin < b.span.begin; });
}

}  // namespace kubegate::schema
