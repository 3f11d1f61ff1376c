#include "validate/init_command.h"
#include <CLI/CLI.hpp>
namespace kubegate {
void add_init_command(CLI::App&, int&) {}
}  // namespace kubegate
