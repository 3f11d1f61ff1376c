// Views of a local object that a function returns. clang alone follows them.
#include <string_view>
#include <vector>

#include "validate/document/position.h"
#include "validate/document/read.h"
#include "validate/source/read.h"

namespace kubegate {

document::Document read_one(std::string_view text);

std::string_view text() {
  const document::Document document = read_one("a: b");
  return document.text(0);  // refused by clang: -Wreturn-stack-address
}

std::string_view bytes() {
  const document::Document document = read_one("a: b");
  return document.source();  // refused by clang: -Wreturn-stack-address
}

const document::Node* nodes() {
  const document::Document document = read_one("a: b");
  return document.nodes();  // refused by clang: -Wreturn-stack-address
}

const document::Node& root() {
  const document::Document document = read_one("a: b");
  return document[0];  // refused by clang: -Wreturn-stack-address
}

const std::vector<Finding>& faults() {
  const document::Document document = read_one("a: b");
  return document.faults();  // refused by clang: -Wreturn-stack-address
}

std::string_view of_an_argument(document::Document document) {
  return document.text(0);  // refused by clang: -Wreturn-stack-address
}

std::string_view line() {
  const document::Document document = read_one("a: b");
  return line_at(document, 0);  // refused by clang: -Wreturn-stack-address
}

std::string_view content() {
  source::Buffer buffer;
  buffer.assign("text");
  return buffer.content();  // refused by clang: -Wreturn-stack-address
}

Result<std::string_view> file() {
  source::Buffer buffer;
  return source::read_file("file.yaml", 100, buffer);  // refused by clang: -Wreturn-stack-address
}

}  // namespace kubegate
