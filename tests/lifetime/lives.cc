// Views of what goes on living, in all the forms that the code of the project uses.
#include <string>
#include <string_view>
#include <utility>

#include "validate/document/position.h"
#include "validate/document/read.h"
#include "validate/source/read.h"

namespace kubegate {

document::Document read_one(std::string_view text) {
  document::Document document;
  document::read({text, 1}, document::Syntax::kYaml, {}, document);
  return document;
}

std::string_view text_of(const document::Document& document KUBEGATE_LIFETIME_BOUND) { return document.text(0); }

std::size_t of_a_local() {
  document::Document document = read_one("a: b");
  const std::string_view text = document.text(1), source = document.source();
  const document::Node* const nodes = document.nodes();
  const document::Node& root = document[0];
  std::size_t size = text.size() + source.size() + nodes->length + root.length + text_of(document).size();
  for (const Finding& fault : document.faults()) size += fault.span.length;
  return size + line_at(document, 0).size();
}

// The reference is the caller's promise.
std::string_view of_an_argument(const document::Document& document) { return document.text(0); }

std::string copied() {
  const document::Document document = read_one("a: b");
  return std::string(document.text(0));
}

std::size_t moved() {
  document::Document document = read_one("a: b");
  const document::Document other = std::move(document);
  return other.text(0).size();
}

const document::Document& kept() {
  static const document::Document document = read_one("a: b");
  return document;
}

std::string_view of_what_is_kept() { return kept().text(0); }

std::size_t of_a_temporary_itself() { return read_one("a: b").size(); }

std::size_t of_a_buffer(source::Buffer& buffer) {
  buffer.assign("text");
  const std::string_view content = buffer.content();
  const Result<std::string_view> file = source::read_file("file.yaml", 100, buffer);
  return content.size() + file->size();
}

}  // namespace kubegate
