#include "validate/source/program.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/support/folder.h"
#include "validate/source/temporary.h"

namespace kubegate::source {
namespace {

Program shell(std::string script) {
  Program program;
  program.arguments = {"/bin/sh", "-c", std::move(script)};
  program.environment = {"PATH=/usr/bin:/bin", "SAID=in the environment"};
  program.network = true;
  return program;
}

struct Case {
  const char* name;
  const char* script;
  ProgramRun::End end;
  int code;
  const char *output, *errors;
};

TEST(Program, TellsHowItEnded) {
  const Case cases[] = {
      {"both streams", "echo out; echo err >&2", ProgramRun::End::kExited, 0, "out\n", "err\n"},
      {"a status", "exit 7", ProgramRun::End::kExited, 7, "", ""},
      {"a signal", "kill -TERM $$", ProgramRun::End::kSignal, SIGTERM, "", ""},
      {"the environment, and no other", "echo $SAID $HOME", ProgramRun::End::kExited, 0, "in the environment\n", ""},
      {"nothing to read", "cat; echo end", ProgramRun::End::kExited, 0, "end\n", ""},
      {"a child that keeps the pipes", "sleep 1000 & echo end", ProgramRun::End::kExited, 0, "end\n", ""},
      {"pipes closed before the end", "exec >&- 2>&-; exit 3", ProgramRun::End::kExited, 3, "", ""},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    const auto run = run_program(shell(row.script));
    ASSERT_TRUE(run.ok()) << run.error().text();
    EXPECT_EQ(run->end, row.end);
    EXPECT_EQ(run->code, row.code);
    EXPECT_EQ(run->output, row.output);
    EXPECT_EQ(run->errors, row.errors);
  }
}

// More than pipes hold, on both at once.
TEST(Program, ReadsBothStreamsAsTheyFill) {
  Program program = shell("yes | head -c 3000000; yes e | head -c 3000000 >&2; yes | head -c 1000000");
  const auto run = run_program(program);
  ASSERT_TRUE(run.ok());
  EXPECT_TRUE(run->ok());
  EXPECT_EQ(run->output.size(), 4000000u);
  EXPECT_EQ(run->errors.size(), program.max_errors);
}

TEST(Program, StopsAtItsLimits) {
  Program endless = shell("yes");
  endless.max_output = 100000;
  auto run = run_program(endless);
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->end, ProgramRun::End::kOutput);
  EXPECT_EQ(run->output.size(), 100000u);

  Program exact = shell("printf 12345");
  exact.max_output = 6;
  run = run_program(exact);
  ASSERT_TRUE(run.ok());
  EXPECT_TRUE(run->ok());
  EXPECT_EQ(run->output, "12345");

  Program waiting = shell("sleep 1000 & wait");
  waiting.time = std::chrono::milliseconds(0);
  run = run_program(waiting);
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->end, ProgramRun::End::kTime);
}

// What it has started goes with it: the reader of the FIFO sees its end only when every writer is gone.
TEST(Program, KillsWhatItLeavesBehind) {
  const Folder folder;
  const std::string fifo = folder.path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  Program program = shell("(exec 3<>'" + fifo + "'; echo ready; exec sleep 1000) & read line <'" + fifo + "' & exit 0");
  ASSERT_TRUE(run_program(program).ok());
  FILE* reader = popen(("cat '" + fifo + "' & : >'" + fifo + "'; wait").c_str(), "r");
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(fgetc(reader), EOF);
  EXPECT_EQ(pclose(reader), 0);
}

TEST(Program, SaysWhyItCannotBeStarted) {
  Program program;
  program.arguments = {"/nowhere/kustomize"};
  auto run = run_program(program);
  ASSERT_FALSE(run.ok());
  EXPECT_EQ(run.error().text(), "/nowhere/kustomize: cannot be run: No such file or directory");
  program = shell("true");
  program.folder = "/nowhere";
  EXPECT_FALSE(run_program(program).ok());
}

TEST(Program, HasNoNetworkUnlessAllowed) {
  Program program = shell("cat /proc/net/dev | wc -l");
  program.network = false;
  const auto alone = run_program(program);
  ASSERT_TRUE(alone.ok());
  if (!alone->isolated) GTEST_SKIP() << "the kernel grants no network namespace here";
  EXPECT_EQ(alone->output, "3\n");  // two lines of heading, and lo
  EXPECT_EQ(run_program(shell("id -u"))->output, std::to_string(getuid()) + "\n");
  program.arguments[2] = "id -u";
  EXPECT_EQ(run_program(program)->output, std::to_string(getuid()) + "\n");
}

TEST(Program, IsFoundOnThePath) {
  const Folder folder;
  folder.add("bin/tool", "#!/bin/sh\n");
  folder.add("other/tool", "#!/bin/sh\n");
  chmod(folder.path("other/tool").c_str(), 0755);
  const char* before = std::getenv("PATH");
  const std::string kept = before == nullptr ? "" : before;
  setenv("PATH", (":relative:" + folder.path("bin") + ":" + folder.path("other")).c_str(), 1);
  EXPECT_EQ(find_program("tool"), folder.path("other/tool"));
  EXPECT_EQ(find_program("no-tool"), "");
  EXPECT_EQ(find_program(folder.path("bin/tool")), "") << "it may not be run";
  setenv("PATH", kept.c_str(), 1);
}

TEST(TemporaryFolder, GoesWithAllThatIsInIt) {
  namespace fs = std::filesystem;
  std::string path;
  const Folder outside;
  const std::string kept = outside.add("kept", "");
  {
    const auto folder = TemporaryFolder::make();
    ASSERT_TRUE(folder.ok());
    path = folder->path();
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_all);
    fs::create_directories(path + "/a/b/c");
    for (int i = 0; i < 500; ++i) std::ofstream(path + "/a/b/file-with-a-long-name-" + std::to_string(i));
    fs::create_directory_symlink(outside.path(), path + "/link");
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(kept));
  const auto other = TemporaryFolder::make();
  ASSERT_TRUE(other.ok());
  remove_temporary_folders();
  EXPECT_FALSE(fs::exists(other->path()));
}

}  // namespace
}  // namespace kubegate::source
