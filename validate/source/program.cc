// A program is started by fork() rather than posix_spawn(): between the fork and the program the child takes a network
// namespace of its own, which only a process without other threads can do together with the user namespace that one needs
// who is not root. What runs there is made of system calls alone, since other threads of the parent may have held any
// lock. A kernel that grants neither namespace lets the program run all the same: that nothing is fetched rests on what
// was refused before (gitops/render.cc); the namespace is the second lock on that door.
//
// Both pipes are read as they fill, whichever does, so neither side waits for the other. The end of a program is told by
// its descriptor (pidfd), not by the pipes: a grandchild that keeps them open would hold the run up. Whatever is left of
// its process group then is killed.
//
// Tested in tests/validate/source/program_test.cc.
#include "validate/source/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace kubegate::source {

namespace {

using Clock = std::chrono::steady_clock;

// The process groups that are under way, where a handler of signals can see them.
constexpr std::size_t kMaxPrograms = 1024;
std::array<std::atomic<pid_t>, kMaxPrograms> programs;
static_assert(std::atomic<pid_t>::is_always_lock_free);

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  int number() const { return number_; }

 private:
  int number_;
};

struct Pipe {
  Descriptor read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Error{ErrorCode::kIo, "", std::string("pipe: ") + std::strerror(errno)};
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// What the child says of itself before the program begins: one of these, and behind kFailed an errno.
constexpr char kIsolated = 'i', kFailed = 'x';

// The child's user stays who it is: files are its own as before. All by system calls.
void map_user(char kind, unsigned id) {
  char path[] = "/proc/self/uid_map";
  path[std::strlen("/proc/self/")] = kind;
  char text[64];
  char digits[16];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + id % 10);
  while ((id /= 10) != 0);
  int at = 0;
  for (int twice = 0; twice < 2; ++twice) {
    for (int i = count; i-- > 0;) text[at++] = digits[i];
    text[at++] = ' ';
  }
  text[at++] = '1';
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const auto written = write(file, text, static_cast<std::size_t>(at));
  close(file);
}

bool leave_network(uid_t user, gid_t group) {
  if (unshare(CLONE_NEWNET) == 0) return true;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  if (const int file = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC); file >= 0) {
    [[maybe_unused]] const auto written = write(file, "deny", 4);
    close(file);
  }
  map_user('u', user);
  map_user('g', group);
  return true;
}

struct Start {
  char** arguments;
  char** environment;
  const char* folder;
  int output, errors, status;
  bool network;
};

[[noreturn]] void start(const Start& start) {
  const auto give_up = [&] {
    const int failed = errno;
    char text[1 + sizeof failed] = {kFailed};
    std::memcpy(text + 1, &failed, sizeof failed);
    [[maybe_unused]] const auto written = write(start.status, text, sizeof text);
    _exit(127);
  };
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Programs expect to be told of signals, and of a pipe that nobody reads, as ever.
  struct sigaction by_default = {};
  by_default.sa_handler = SIG_DFL;
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) sigaction(number, &by_default, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(start.output, 1) < 0 || dup2(start.errors, 2) < 0) give_up();
  if (nothing > 2) close(nothing);
  if (*start.folder != '\0' && chdir(start.folder) != 0) give_up();
  if (!start.network && leave_network(geteuid(), getegid())) {
    [[maybe_unused]] const auto written = write(start.status, &kIsolated, 1);
  }
  execve(start.arguments[0], start.arguments, start.environment);
  give_up();
  _exit(127);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

// Reads what there is; false at the end, or when `limit` bytes are there, of which the last is one too many.
bool read_some(const Descriptor& from, std::string& out, std::uint64_t limit, bool keep_reading) {
  std::array<char, 64 << 10> part;
  const ssize_t count = read(from.number(), part.data(), part.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  if (count == 0) return false;
  const std::uint64_t room = limit - std::min<std::uint64_t>(limit, out.size());
  out.append(part.data(), std::min<std::size_t>(static_cast<std::size_t>(count), room));
  return keep_reading || static_cast<std::uint64_t>(count) <= room;
}

// Notes the group for kill_programs() as long as it lives.
class Noted {
 public:
  explicit Noted(pid_t group) {
    for (auto& place : programs) {
      pid_t none = 0;
      if (place.compare_exchange_strong(none, group)) {
        place_ = &place;
        return;
      }
    }
  }
  ~Noted() {
    if (place_ != nullptr) place_->store(0);
  }
  Noted(const Noted&) = delete;

 private:
  std::atomic<pid_t>* place_ = nullptr;
};

// Waits for the end of both pipes and of the process, or for a limit.
void follow(const Program& program, pid_t child, Pipe& output, Pipe& errors, Clock::time_point until, ProgramRun& run) {
  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  bool ended = false;
  while (output.read.number() >= 0 || errors.read.number() >= 0 || (process.number() >= 0 && !ended)) {
    // poll() passes over negative descriptors.
    pollfd watched[] = {{output.read.number(), POLLIN, 0},
                        {errors.read.number(), POLLIN, 0},
                        {ended ? -1 : process.number(), POLLIN, 0}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count() + 1;
    if (left <= 0) {
      run.end = ProgramRun::End::kTime;
      return;
    }
    // Once it has ended, what is in the pipes is all that there will be of it.
    const int ready = poll(watched, 3, ended ? 0 : static_cast<int>(std::min<std::int64_t>(left, 1 << 30)));
    if (ready < 0 && errno != EINTR) return;
    if (ready == 0 && ended) return;
    if (ready <= 0) continue;
    if (watched[0].revents != 0 && !read_some(output.read, run.output, program.max_output, false)) {
      if (run.output.size() >= program.max_output) {
        run.end = ProgramRun::End::kOutput;
        return;
      }
      output.read.close();
    }
    if (watched[1].revents != 0 && !read_some(errors.read, run.errors, program.max_errors, true)) errors.read.close();
    if (watched[2].revents != 0) ended = true;
  }
}

}  // namespace

Result<ProgramRun> run_program(const Program& program) {
  auto output = make_pipe(), errors = make_pipe(), status = make_pipe();
  for (const auto* pipe : {&output, &errors, &status}) {
    if (!pipe->ok()) return pipe->error();
  }
  const auto arguments = pointers_to(program.arguments), environment = pointers_to(program.environment);
  const auto began = Clock::now();
  const Start how{const_cast<char**>(arguments.data()),
                  const_cast<char**>(environment.data()),
                  program.folder.c_str(),
                  output->write.number(),
                  errors->write.number(),
                  status->write.number(),
                  program.network};
  // No signal between the fork and the note of the child: its handler would leave the child running.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = fork();
  if (child == 0) start(how);
  const int failed = errno;
  ProgramRun run;
  int ended = 0;
  {
    const Noted noted(child > 0 ? child : 0);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (child < 0) return Error{ErrorCode::kIo, program.arguments[0], std::strerror(failed)};
    setpgid(child, child);  // whichever of the two is first
    output->write.close();
    errors->write.close();
    status->write.close();

    follow(program, child, *output, *errors, began + program.time, run);
    kill(-child, SIGKILL);
    if (run.end != ProgramRun::End::kExited) kill(child, SIGKILL);
    while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {}
  }
  run.wall = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);

  char said[1 + 1 + sizeof(int)];
  const ssize_t count = read(status->read.number(), said, sizeof said);
  std::string_view told(said, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  run.isolated = told.starts_with(kIsolated);
  if (run.isolated) told.remove_prefix(1);
  if (told.starts_with(kFailed) && told.size() > sizeof(int)) {
    int number = 0;
    std::memcpy(&number, told.data() + 1, sizeof number);
    return Error{ErrorCode::kIo, program.arguments[0], std::string("cannot be run: ") + std::strerror(number)};
  }
  if (run.end == ProgramRun::End::kExited) {
    if (WIFSIGNALED(ended)) run.end = ProgramRun::End::kSignal;
    run.code = WIFSIGNALED(ended) ? WTERMSIG(ended) : WEXITSTATUS(ended);
  }
  return run;
}

void kill_programs() {
  for (const auto& place : programs) {
    if (const pid_t group = place; group > 0) kill(-group, SIGKILL);
  }
}

std::string find_program(std::string_view name) {
  if (name.find('/') != name.npos) return access(std::string(name).c_str(), X_OK) == 0 ? std::string(name) : "";
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    if (folder.empty() || folder.front() != '/') continue;  // the working folder is no place for programs
    const std::string whole = std::string(folder) + "/" + std::string(name);
    if (access(whole.c_str(), X_OK) == 0) return whole;
  }
  return "";
}

}  // namespace kubegate::source
