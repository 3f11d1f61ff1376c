// A file that is written whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "validate/base/result.h"

namespace kubegate::report {

// What is written goes to a new file beside the old one, which takes its name with commit(); without that call it is
// gone with the object. A path that is there and no regular file (a pipe, /dev/stdout) is written to directly.
class NewFile {
 public:
  // Fails where the folder does not exist or cannot be written to, or the path is a folder.
  static Result<NewFile> create(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&& other) = delete;
  ~NewFile();

  int descriptor() const { return descriptor_; }
  // At most once, when all is written.
  Result<Done> commit();

 private:
  NewFile(std::string path, std::string temporary, int descriptor)
      : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

  std::string path_;       // as the user named it, symbolic links followed
  std::string temporary_;  // "": written to directly
  int descriptor_;
};

// Writes all of such a file. Errors: as of create(), and of writing.
Result<Done> write_new_file(const std::string& path, std::string_view text);

// Removes the files that are being written, for a handler of signals that ends the process; async-signal-safe.
void remove_unfinished_files();

}  // namespace kubegate::report
