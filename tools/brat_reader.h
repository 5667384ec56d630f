// brat's standoff annotations: NAME.ann with T and R lines beside NAME.txt.
#pragma once

#include <string>
#include <vector>

#include "tools/annotation_document.h"

namespace radie::tools {

// Reads one pair, or what `radie extract --format brat` wrote to its standard output: several
// documents without texts, a line "# newdoc id = ID" before each. `id` is that of a pair. The text
// is left out when there is no .txt. Lines that are neither T nor R (A, M, N, E, #, *) are counted
// in `notes`, but for notes "span START END" (docs/output.md). Throws ExitError(kExitSomeFailed)
// naming file and line.
std::vector<SourceDocument> ReadBrat(const std::string& ann_path, const std::string& id,
                                     ReadNotes& notes);

// A whole file of at most 64 MiB that is UTF-8; throws ExitError(kExitSomeFailed) otherwise.
std::string ReadTextFile(const std::string& path);

}  // namespace radie::tools
