#include "validate/schema/schemas_tool.h"

#include <optional>
#include <utility>

#include "validate/schema/bundle.h"

namespace kubegate::schema {
namespace {

// The bundle of a text; none for an empty text.
Result<std::optional<Bundle>> parse_existing(std::string_view text, std::string_view name) {
  if (text.empty()) return std::optional<Bundle>();
  auto bundle = parse_bundle(text, name);
  if (!bundle.ok()) return bundle.error();
  return std::optional<Bundle>(std::move(*bundle));
}

Result<std::string> print_with(const std::optional<Bundle>& existing, Result<Bundle> added) {
  if (existing && added.ok()) added = merge(*existing, *added);
  if (!added.ok()) return added.error();
  std::string text = print_bundle(*added);
  // What the arguments and the documents gave as names must fit the grammar.
  if (const auto read_back = parse_bundle(text, added->project); !read_back.ok()) return read_back.error();
  return text;
}

}  // namespace

Result<std::string> add_openapi(std::string_view into, std::string_view name, OpenApiRelease release) {
  const auto existing = parse_existing(into, name);
  if (!existing.ok()) return existing.error();
  release.neighbours = *existing ? &**existing : nullptr;
  return print_with(*existing, import_openapi(release));
}

}  // namespace kubegate::schema
