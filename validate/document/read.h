// From bytes to documents: splitting a file, then reading one document at a time.
//
// A file is split at its document markers before anything is parsed, so a fault in one document leaves the others
// whole. A marker is a line that starts with `---` followed by white space or the end of the line (what stands behind
// it on that line belongs to the new document), or `...`, which ends one. YAML forbids both at the start of a line
// inside quotes and block scalars, so lines alone decide.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "validate/document/document.h"

namespace kubegate::document {

// One document's bytes in a file.
struct Slice {
  std::string_view bytes;        // whole lines; starts with the `---` line where there is one
  std::uint32_t first_line = 1;  // 1-based, of `bytes` in the file
};

enum class Syntax : std::uint8_t { kYaml, kJson };

// What the path says: ".json" (any case) is JSON, all else YAML, of which JSON is nearly a subset. JSON files go to
// the JSON reader; several JSON values behind one another in one file are several documents.
Syntax syntax_of(std::string_view path);

// The documents of a file in order. Slices of comments and white space only are left out. `file` without its BOM
// (UTF-8); UTF-16 and UTF-32 files are one slice that read() reports as document/encoding.
std::vector<Slice> split(std::string_view file, Syntax syntax);

// Reads documents one after the other and keeps what memory that takes. For one thread.
class Reader {
 public:
  Reader();
  ~Reader();

  // Reads one slice into `out`, as read() below does.
  void read(const Slice& slice, Syntax syntax, const Limits& limits, Document& out,
            ScalarTable table = ScalarTable::kCluster);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

// Reads one slice into `out`, whose former content is dropped and whose memory is reused. Never throws on content;
// what is wrong is in out.faults(). `slice.bytes` must outlive the content of `out`.
void read(const Slice& slice, Syntax syntax, const Limits& limits, Document& out,
          ScalarTable table = ScalarTable::kCluster);

}  // namespace kubegate::document
