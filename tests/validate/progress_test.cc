// The line that tells of progress, on a pseudo terminal; a FIFO among the inputs holds the run where it is looked at.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "tests/support/folder.h"
#include "tests/support/process.h"

namespace kubegate {
namespace {

class Progress : public testing::Test {
 protected:
  Progress() {
    folder_.add("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndta: {}\n");
    mkfifo(folder_.path("pipe").c_str(), 0600);
  }
  ~Progress() override {
    if (terminal_ >= 0) close(terminal_);
  }

  // Starts `kubegate validate a.yaml pipe` on a terminal of its own.
  void start() {
    child_ = forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (child_ != 0) return;
    std::signal(SIGINT, SIG_DFL);
    setenv("KUBEGATE_PROGRESS_DELAY_MS", "0", 1);
    setenv("NO_COLOR", "1", 1);
    unsetenv("CI");
    if (chdir(folder_.path().c_str()) != 0) _exit(99);
    execl(KUBEGATE_BINARY, "kubegate", "validate", "--output", "concise", "a.yaml", "pipe", nullptr);
    _exit(99);
  }

  // Reads what the terminal shows until `part` is in it, or it is closed.
  bool shows(const std::string& part) {
    char bytes[4096];
    while (shown_.find(part) == shown_.npos) {
      const ssize_t n = read(terminal_, bytes, sizeof bytes);
      if (n <= 0) return false;
      shown_.append(bytes, static_cast<std::size_t>(n));
    }
    return true;
  }

  Folder folder_;
  pid_t child_ = -1;
  int terminal_ = -1;
  std::string shown_;
};

TEST_F(Progress, TellsAndGoesAway) {
  start();
  const int writer = open(folder_.path("pipe").c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_TRUE(shows(" of 2 files, ")) << shown_;
  ASSERT_TRUE(shows("1 of 2 files, 0 MiB, 1 errors")) << shown_;
  close(writer);
  EXPECT_FALSE(shows("no such text"));  // to the end
  EXPECT_EQ(wait_for(child_), 1);
  const std::size_t report = shown_.find("a.yaml:5:1: ");
  ASSERT_NE(report, shown_.npos) << shown_;
  // The line is erased in front of the report, and not drawn again behind it.
  EXPECT_EQ(shown_.substr(report - 4, 4), "\r\x1b[K") << shown_;
  EXPECT_EQ(shown_.find(" files, 0 MiB", report), shown_.npos) << shown_;
}

TEST_F(Progress, AnInterruptSaysWhatWasChecked) {
  start();
  const int writer = open(folder_.path("pipe").c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_TRUE(shows("1 of 2 files, 0 MiB, 1 errors")) << shown_;
  kill(child_, SIGINT);
  EXPECT_TRUE(shows("kubegate: interrupted: 1 of 2 files were checked, 1 error so far")) << shown_;
  EXPECT_EQ(wait_for(child_), 130);
  close(writer);
}

}  // namespace
}  // namespace kubegate
