// The block reader: YAML as `kustomize build` and `helm template` emit it, read line by line. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/document/builder.h"
#include "validate/document/marks.h"

namespace kubegate::document {

// Keeps its memory from one document to the next.
class BlockReader {
 public:
  // Reads `source`, whose bytes have passed the guard and are marked in `marks`, into `builder`. False when it declines:
  // the document holds something that this reader does not own, the builder has seen a part of it, and another reader
  // must read it whole, into a builder of its own. What it does read, it reads as read_yaml() would, node by node and
  // span by span.
  bool read(std::string_view source, const Marks& marks, Builder& builder);

 private:
  // An open collection.
  struct Frame {
    std::size_t indent = 0;
    std::uint64_t keys = 0;   // a bit for the hash of each key
    std::uint64_t twice = 0;  // those that two keys have
    NodeIndex node = 0;
    std::uint32_t count = 0;  // pairs or items so far
    bool is_map = false;
  };
  class Run;

  std::vector<Frame> frames_;  // as many as may be nested, and a place before them
  std::string text_;           // of a scalar over several lines
};

}  // namespace kubegate::document
