// What the tests of this room share: documents as canonical JSON, and the promises of every document.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "validate/base/hash.h"
#include "validate/document/document.h"
#include "validate/document/read.h"
#include "validate/document/utf8.h"

namespace kubegate::document::testing {

inline void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[c & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

// The subtree as JSON, keys sorted, numbers shortest: equal values give equal texts.
inline std::string to_json(const Document& document, NodeIndex i = 0) {
  if (document.empty()) return "";
  const Node& node = document[i];
  std::string out;
  switch (node.kind) {
    case Kind::kNull: return "null";
    case Kind::kBool: return node.boolean ? "true" : "false";
    case Kind::kInt: return std::to_string(node.integer);
    case Kind::kFloat: {
      char buffer[40];
      std::snprintf(buffer, sizeof buffer, "%.17g", node.number);
      return buffer;
    }
    case Kind::kString: append_quoted(out, document.text(i)); return out;
    case Kind::kMap: {
      std::vector<std::pair<std::string, std::string>> pairs;
      for (NodeIndex key = i + 1; key < node.children.end; key = document.next(key + 1)) {
        std::string text;
        append_quoted(text, document.text(key));
        pairs.emplace_back(std::move(text), to_json(document, key + 1));
      }
      std::sort(pairs.begin(), pairs.end());
      for (const auto& [key, value] : pairs) out += (out.empty() ? "" : ",") + key + ":" + value;
      return "{" + out + "}";
    }
    case Kind::kSequence:
      for (NodeIndex child = i + 1; child < node.children.end; child = document.next(child)) {
        if (child != i + 1) out += ',';
        out += to_json(document, child);
      }
      return "[" + out + "]";
  }
  return out;
}

// "rule@line:column message", one a line, from the start of the document's source.
inline std::string faults_of(const Document& document) {
  std::string out;
  for (const Finding& fault : document.faults()) {
    out += std::string(fault.rule) + "@" + std::to_string(fault.span.begin) + " " + fault.message + "\n";
  }
  return out;
}

inline bool has_fault(const Document& document, std::string_view rule) {
  return std::any_of(document.faults().begin(), document.faults().end(),
                     [&](const Finding& fault) { return fault.rule == rule; });
}

// What is wrong with the tree of `document`, or nothing: subtrees nested, counts right, keys strings with their hash,
// texts UTF-8, spans inside the source, inside their collection, and one behind the other.
inline std::string broken_promise(const Document& document) {
  struct Open {
    NodeIndex end;
    std::uint32_t span_begin, span_end;  // of the collection
    std::uint32_t behind;                // of the last child
    std::uint32_t children = 0;
    bool is_map;
    std::uint32_t count;
  };
  std::vector<Open> open;
  const auto at = [](NodeIndex i) { return " at node " + std::to_string(i); };
  for (const Finding& fault : document.faults()) {
    if (std::size_t{fault.span.begin} + fault.span.length > document.source().size()) return "fault outside the source";
    if (!fault.rule.starts_with("document/")) return "strange rule";
  }
  for (NodeIndex i = 0; i <= document.size(); ++i) {
    while (!open.empty() && open.back().end == i) {
      const Open& done = open.back();
      if (done.children != done.count * (done.is_map ? 2 : 1)) return "wrong count before" + at(i);
      open.pop_back();
    }
    if (i == document.size()) break;
    const Node& node = document[i];
    if (i > 0 && open.empty()) return "second root" + at(i);
    if (node.flags & ~(Node::kDecoded | Node::kExpanded)) return "leaked flag" + at(i);
    if (std::size_t{node.begin} + node.length > document.source().size()) return "span outside the source" + at(i);
    const bool is_key = !open.empty() && open.back().is_map && open.back().children % 2 == 0;
    if (is_key && node.kind != Kind::kString) return "key is no string" + at(i);
    if (node.hash != (is_key ? hash_key(document.text(i)) : 0)) return "wrong hash" + at(i);
    if (node.kind == Kind::kString) {
      const std::string_view text = document.text(i);
      for (std::size_t k = 0; k < text.size();) {
        const std::size_t n = utf8_sequence(text.substr(k));
        if (n == 0) return "text is no UTF-8" + at(i);
        k += n;
      }
    }
    if (node.kind == Kind::kFloat && !std::isfinite(node.number)) return "no finite number" + at(i);
    if (!open.empty()) {
      Open& parent = open.back();
      ++parent.children;
      if (!(node.flags & Node::kExpanded)) {
        if (node.begin < parent.behind || node.begin + node.length > parent.span_end) return "span off" + at(i);
        parent.behind = node.begin + node.length;
      }
    }
    if (node.is_collection()) {
      if (node.children.end <= i || node.children.end > document.size()) return "bad end" + at(i);
      if (!open.empty() && node.children.end > open.back().end) return "end behind the parent's" + at(i);
      open.push_back({node.children.end, node.begin, node.begin + node.length, node.begin, 0, node.kind == Kind::kMap,
                      node.children.count});
    }
  }
  return open.empty() ? "" : "unclosed collection";
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Reads `text` as the only document of a YAML file.
inline Document read_one(std::string_view text, Syntax syntax = Syntax::kYaml, const Limits& limits = {}) {
  Document document;
  read({text, 1}, syntax, limits, document);
  return document;
}

}  // namespace kubegate::document::testing
