// Views of a temporary that a function or a reference hands on, so that it no longer looks like one. clang alone
// follows them.
#include <string_view>

#include "validate/document/position.h"
#include "validate/document/read.h"

namespace kubegate {

document::Document read_one(std::string_view text);

std::string_view text_of(const document::Document& document KUBEGATE_LIFETIME_BOUND) { return document.text(0); }

const document::Document& same(const document::Document& document KUBEGATE_LIFETIME_BOUND) { return document; }

std::size_t views() {
  const std::string_view text = text_of(read_one("a: b"));         // refused by clang: -Wdangling
  const std::string_view line = line_at(read_one("a: b"), 0);      // refused by clang: -Wdangling
  const std::string_view same_text = same(read_one("a")).text(0);  // refused by clang: -Wdangling
  const document::Node& root = same(read_one("a"))[0];             // refused by clang: -Wdangling
  const std::string_view cast =
      static_cast<const document::Document&>(read_one("a")).text(0);  // refused by clang: -Wdangling
  return text.size() + line.size() + same_text.size() + root.length + cast.size();
}

}  // namespace kubegate
