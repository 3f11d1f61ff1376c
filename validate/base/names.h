// The syntax of names, keys and label values: k8s.io/apimachinery/pkg/util/validation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kubegate {

enum class NameForm : std::uint8_t {
  kLabel,          // IsDNS1123Label: my-name, 123-abc; at most 63 bytes
  kLabel1035,      // IsDNS1035Label: the same, but it starts with a letter
  kSubdomain,      // IsDNS1123Subdomain: labels with dots between them; at most 253 bytes in all
  kPathSegment,    // path.IsValidPathSegmentName: anything that can stand between two slashes of a URL
  kQualifiedName,  // IsQualifiedName: [subdomain/]Name with letters of either case, '-', '_' and '.'; name at most 63
  kLabelValue,     // IsValidLabelValue: "", or the name of a qualified name
};

// Whether `text` has the form. Hot: no allocation.
bool check_name(NameForm form, std::string_view text);

// Whether a name of the form can be made of `prefix`: metadata.generateName, behind which the server puts five letters
// and digits. As the server has it (NameIsDNSSubdomain with prefix = true), a trailing '-' is fine.
bool check_name_prefix(NameForm form, std::string_view prefix);

// What is wrong with `text`, as the end of a sentence that begins with what the text is: `must be a DNS label (…)`,
// with the nearest sound text where one is at hand. Only for a text that check_name refuses.
std::string describe_name_fault(NameForm form, std::string_view text);

}  // namespace kubegate
