// The command as a process.
#pragma once

#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

namespace kubegate {

// The streams of a process: files, named from the folder in which it runs.
struct Streams {
  std::string in = "/dev/null", out = "out", err = "err";
};

// Starts `program` with these arguments in the folder `where`. What goes wrong before it runs is exit code 99.
inline pid_t start_process(const char* program, const std::vector<std::string>& arguments, const std::string& where,
                           const Streams& streams) {
  const pid_t child = fork();
  if (child != 0) return child;
  std::signal(SIGINT, SIG_DFL);  // which nohup and some CI systems set aside
  std::vector<char*> argv = {const_cast<char*>("kubegate")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  // No folder for a cache, so that no run finds what another has kept.
  setenv("HOME", "", 1);
  unsetenv("XDG_CACHE_HOME");
  if (chdir(where.c_str()) != 0) _exit(99);
  const int descriptors[] = {open(streams.in.c_str(), O_RDONLY),
                             open(streams.out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600),
                             open(streams.err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600)};
  for (int i = 0; i < 3; ++i) {
    if (descriptors[i] < 0 || dup2(descriptors[i], i) < 0) _exit(99);
  }
  execv(program, argv.data());
  _exit(99);
}

// The exit code; 1000 and the number of the signal that ended it.
inline int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace kubegate
