#include "validate/run/check.h"

#include <algorithm>
#include <utility>

#include "validate/apiserver/metadata.h"
#include "validate/schema/crd.h"
#include "validate/schema/table.h"

namespace kubegate::run {
namespace {

using Source = schema::Resolution::Source;

class SchemaCheck final : public Check {
 public:
  SchemaCheck(std::shared_ptr<const schema::Catalogue> catalogue, const schema::CheckOptions& options)
      : catalogue_(std::move(catalogue)), options_(options) {}

  schema::ObjectVerdict check(const document::Document& document, const Object& object,
                              std::vector<Finding>& out) const override {
    return schema::check_object(*catalogue_, document, object.node, object.identity, object.pointer, options_, out);
  }

 private:
  const std::shared_ptr<const schema::Catalogue> catalogue_;
  const schema::CheckOptions options_;
};

class MetadataCheck final : public Check {
 public:
  explicit MetadataCheck(std::shared_ptr<const schema::Catalogue> catalogue) : catalogue_(std::move(catalogue)) {}

  schema::ObjectVerdict check(const document::Document& document, const Object& object,
                              std::vector<Finding>& out) const override {
    const schema::Resolution resolution = catalogue_->resolve(object.identity.api_version, object.identity.kind);
    if (resolution.table == nullptr) return {};  // nothing is known of the kind
    const schema::KindRecord& kind = resolution.table->kinds()[resolution.kind];
    const apiserver::MetadataRules rules =
        apiserver::metadata_rules(resolution.table->text(kind.group), object.identity.kind,
                                  resolution.source == Source::kNative, kind.cluster_scoped != 0);
    apiserver::check_metadata(document, object.node, object.pointer, rules, catalogue_->all_targets(), out);
    return {};
  }

 private:
  const std::shared_ptr<const schema::Catalogue> catalogue_;
};

// A CustomResourceDefinition that was decoded: the server validates no other.
class DefinitionCheck final : public Check {
 public:
  explicit DefinitionCheck(std::shared_ptr<const schema::Catalogue> catalogue) : catalogue_(std::move(catalogue)) {}

  schema::ObjectVerdict check(const document::Document& document, const Object& object,
                              std::vector<Finding>& out) const override {
    if (object.identity.kind != "CustomResourceDefinition" ||
        object.identity.api_version != "apiextensions.k8s.io/v1") {
      return {};
    }
    const bool decoded = std::none_of(out.begin(), out.end(), [](const Finding& finding) {
      return finding.rule.starts_with("schema/") && finding.severity == Severity::kError;
    });
    if (decoded) schema::check_crd(document, object.node, object.pointer, catalogue_->all_targets(), out);
    return {};
  }

 private:
  const std::shared_ptr<const schema::Catalogue> catalogue_;
};

}  // namespace

std::vector<std::unique_ptr<const Check>> make_checks(std::shared_ptr<const schema::Catalogue> catalogue,
                                                      const schema::CheckOptions& options) {
  std::vector<std::unique_ptr<const Check>> checks;
  checks.push_back(std::make_unique<SchemaCheck>(catalogue, options));
  checks.push_back(std::make_unique<MetadataCheck>(catalogue));
  checks.push_back(std::make_unique<DefinitionCheck>(std::move(catalogue)));
  return checks;
}

}  // namespace kubegate::run
