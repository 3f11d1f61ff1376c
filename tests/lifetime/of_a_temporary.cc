// Views of an object that is gone when the expression ends. No compiler takes them: the overloads are deleted.
#include <string_view>
#include <utility>

#include "validate/document/read.h"
#include "validate/source/read.h"

namespace kubegate {

document::Document read_one(std::string_view text);
const document::Document read_constant(std::string_view text);

std::size_t views() {
  const std::string_view text = read_one("a: b").text(0);        // refused: deleted .*text
  const std::string_view source = read_one("a: b").source();     // refused: deleted .*source
  const document::Node* const nodes = read_one("a: b").nodes();  // refused: deleted .*nodes
  const document::Node& root = read_one("a: b")[0];              // refused: deleted .*\[\]
  const auto& faults = read_one("a: b").faults();                // refused: deleted .*faults
  for (const Finding& fault : read_one("a: b").faults()) {       // refused: deleted .*faults
    static_cast<void>(fault);
  }
  const std::string_view constant = read_constant("a: b").text(0);  // refused: deleted .*text
  document::Document document;
  const std::string_view moved = std::move(document).text(0);   // refused: deleted .*text
  const std::string_view content = source::Buffer().content();  // refused: deleted .*content
  return text.size() + source.size() + nodes->length + root.length + faults.size() + constant.size() + moved.size() +
         content.size();
}

}  // namespace kubegate
