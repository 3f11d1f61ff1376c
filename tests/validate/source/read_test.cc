#include "validate/source/read.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace kubegate::source {
namespace {

constexpr std::uint64_t kLimit = 1 << 20;

// A file with this content, gone with the test.
class File {
 public:
  explicit File(const std::string& content) {
    path_ = (std::filesystem::temp_directory_path() / "kubegate-read-XXXXXX").string();
    close(mkstemp(path_.data()));
    std::ofstream(path_) << content;
  }
  ~File() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Read, WholeFilesOneAfterTheOther) {
  Buffer buffer;
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 100000, 300000, 3}) {
    std::string content(size, 'x');
    if (size > 1) content[size - 2] = '\0';
    const File file(content);
    const auto read = read_file(file.path(), kLimit, buffer);
    ASSERT_TRUE(read.ok()) << read.error().text();
    EXPECT_EQ(*read, content) << size;
  }
}

// What was expected of the size only saves a call.
TEST(Read, WhateverSizeIsExpected) {
  Buffer buffer;
  for (const std::size_t size : {0, 1, 1000, 65535, 65536, 65537, 200000}) {
    const File file(std::string(size, 'x'));
    for (const std::size_t expected : {std::size_t{0}, size / 2, size - (size > 0), size, size + 1, 2 * size}) {
      const auto read = read_file(file.path(), kLimit, buffer, expected);
      ASSERT_TRUE(read.ok()) << read.error().text();
      EXPECT_EQ(read->size(), size) << expected;
    }
  }
}

TEST(Read, TheLimitIsTheLargestThatPasses) {
  Buffer buffer;
  const File file(std::string(1000, 'x'));
  EXPECT_TRUE(read_file(file.path(), 1000, buffer).ok());
  const auto over = read_file(file.path(), 999, buffer);
  ASSERT_FALSE(over.ok());
  EXPECT_EQ(over.error().code, ErrorCode::kLimit);
  EXPECT_EQ(over.error().text(), "more than 999 bytes");
}

TEST(Read, AnEndlessDeviceMeetsTheLimit) {
  Buffer buffer;
  const auto read = read_file("/dev/zero", kLimit, buffer);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kLimit);
}

TEST(Read, APipeIsReadToItsEnd) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string content(300000, 'y');  // more than a pipe holds
  std::thread writer([&] {
    for (std::size_t at = 0; at < content.size();) {
      const ssize_t n = write(ends[1], content.data() + at, content.size() - at);
      if (n <= 0) break;
      at += static_cast<std::size_t>(n);
    }
    close(ends[1]);
  });
  Buffer buffer;
  Stream stream = Stream::of(ends[0]);
  const auto read = stream.read(buffer, kLimit);
  writer.join();
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(*read);
  EXPECT_EQ(buffer.content(), content);
  EXPECT_EQ(stream.file_size(), 0u);
  close(ends[0]);
}

TEST(Read, APieceAtATime) {
  std::string content;
  for (int i = 0; i < 1000; ++i) content += std::to_string(i);
  const File file(content);
  auto stream = Stream::open(file.path());
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(stream->file_size(), content.size());
  Buffer buffer;
  std::string all;
  for (bool ended = false; !ended;) {
    buffer.assign("kept");
    const auto read = stream->read(buffer, 104);
    ASSERT_TRUE(read.ok());
    ended = *read;
    ASSERT_EQ(buffer.content().substr(0, 4), "kept");
    EXPECT_EQ(buffer.content().size() == 104, !ended);
    all += buffer.content().substr(4);
  }
  EXPECT_EQ(all, content);
}

TEST(Read, SystemErrorsAreTold) {
  Buffer buffer;
  const auto missing = read_file("/nonexistent/file", kLimit, buffer);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::kIo);
  EXPECT_EQ(missing.error().text(), "No such file or directory");
  const auto folder = read_file("/", kLimit, buffer);
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().text(), "Is a directory");
}

TEST(Read, ALargeBufferCanBeGivenBack) {
  Buffer buffer;
  const File file(std::string(100000, 'x'));
  ASSERT_TRUE(read_file(file.path(), kLimit, buffer).ok());
  buffer.trim(200000);
  EXPECT_EQ(buffer.content(), "");
  buffer.trim(10);
  ASSERT_TRUE(read_file(file.path(), kLimit, buffer).ok());
  EXPECT_EQ(buffer.content().size(), 100000u);
}

}  // namespace
}  // namespace kubegate::source
