#include "validate/document/path.h"

#include <charconv>

namespace kubegate::document {

void append_pointer(std::string& pointer, std::string_view key) {
  pointer += '/';
  for (char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string pointer_to(const Document& document, NodeIndex target) {
  std::string pointer;
  // Down from the root: in each collection, the child whose subtree holds the target.
  for (NodeIndex at = 0; at != target && target < document.size();) {
    const bool is_map = document[at].kind == Kind::kMap;
    NodeIndex child = at + 1;
    std::uint32_t index = 0;
    if (is_map) {
      while (target >= document.next(child + 1)) child = document.next(child + 1);
      append_pointer(pointer, document.text(child));
      if (target == child) break;
      at = child + 1;
    } else {
      for (; target >= document.next(child); child = document.next(child)) ++index;
      append_pointer(pointer, std::to_string(index));
      at = child;
    }
  }
  return pointer;
}

NodeIndex find_pointer(const Document& document, NodeIndex from, std::string_view pointer) {
  NodeIndex at = from;
  while (at != kNoNode && pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    std::string step;
    for (; !pointer.empty() && pointer.front() != '/'; pointer.remove_prefix(1)) {
      const bool escaped = pointer.front() == '~' && pointer.size() > 1;
      if (escaped) pointer.remove_prefix(1);
      step += !escaped ? pointer.front() : pointer.front() == '1' ? '/' : '~';
    }
    if (document[at].kind == Kind::kSequence) {
      std::uint32_t index = 0;
      const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
      if (error != std::errc() || end != step.data() + step.size() || index >= document[at].children.count) {
        return kNoNode;
      }
      for (at += 1; index > 0; --index) at = document.next(at);
    } else {
      at = document.find(at, step);
    }
  }
  return at;
}

}  // namespace kubegate::document
