#include "tools/term_files.h"

#include <algorithm>

#include "tools/exit_codes.h"
#include "tools/line_reader.h"

namespace radie::tools {

TermTable LoadTerms(const std::vector<std::string>& paths) {
  std::vector<std::string> texts;
  std::size_t left = TermLimits::kMaxBytes;  // one byte more shows that there is too much
  try {
    for (const std::string& path : paths) {
      if (path == "-") throw ExitError(kExitUsage, "--terms: names a file, not standard input");
      OpenFile file(path);
      texts.push_back(ReadUpTo(file, left + 1));
      left -= std::min(left, texts.back().size());
    }
    std::vector<TermFile> files;
    for (std::size_t i = 0; i < paths.size(); ++i) files.push_back({paths[i], texts[i]});
    return TermTable::Parse(files);
  } catch (const ExitError& error) {
    throw ExitError(kExitUsage, error.what());
  } catch (const Error& error) {
    throw ExitError(kExitUsage, error.what());
  }
}

}  // namespace radie::tools
