#include "policy/gatekeeper/review.h"

#include "validate/base/hash.h"

namespace kubegate::gatekeeper {

using policy::Value;

Key::Key(std::string_view text) : text_(text), hash_(hash_key(text)) {}

GroupVersion split_api_version(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  if (slash == api_version.npos) return {{}, api_version};
  return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

Subject subject_of(Value object) {
  static const Key kApiVersion("apiVersion"), kKind("kind"), kMetadata("metadata"), kName("name"),
      kGenerateName("generateName"), kNamespace("namespace"), kLabels("labels");
  Subject subject;
  subject.value = object;
  const auto [group, version] = split_api_version(text_of(kApiVersion.of(object)));
  subject.group = group;
  subject.version = version;
  subject.kind = text_of(kKind.of(object));
  const Value metadata = kMetadata.of(object);
  subject.name = text_of(kName.of(metadata));
  subject.generate_name = text_of(kGenerateName.of(metadata));
  subject.name_space = text_of(kNamespace.of(metadata));
  subject.labels = kLabels.of(metadata);
  return subject;
}

}  // namespace kubegate::gatekeeper
