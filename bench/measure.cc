// kubegate_measure COMMAND…: runs a command with its output thrown away and prints one line:
//   wall nanoseconds, CPU microseconds, peak resident kilobytes, exit code (or 128 + signal).
//
// A program of its own because a process inherits the peak of the one that started it: measured from Python, no
// command would seem to need less memory than Python does. And time(1) counts in hundredths of a second, where a cold
// start is a few thousandths.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: kubegate_measure COMMAND [ARGUMENT]...\n", stderr);
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    const int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0) _exit(127);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child) {
    std::perror("kubegate_measure");
    return 2;
  }
  const auto wall = std::chrono::steady_clock::now() - begin;
  const long long cpu =
      (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000ll + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  std::printf("%lld %lld %ld %d\n",
              static_cast<long long>(std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count()), cpu,
              usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}
