// Image references as AssignImage takes them apart: `domain/path:tag` or `domain/path@digest`, each part of which may
// be replaced. The tag keeps its `:` or `@`.
//
// Rules: pkg/mutation/mutators/assignimage/imageparser.go of Gatekeeper.
#pragma once

#include <string>
#include <string_view>

namespace kubegate::gatekeeper {

// What an AssignImage sets; empty: left as it is.
struct ImageParts {
  std::string domain, path, tag;
};

// What is wrong with the parts of a mutator; "" is nothing. What passes converges: setting the parts of an image in
// which they are set already changes nothing.
std::string check_image_parts(const ImageParts& parts);

// `image` with the parts set.
std::string mutate_image(const ImageParts& parts, std::string_view image);

}  // namespace kubegate::gatekeeper
