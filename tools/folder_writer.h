// `radie extract --output-dir`: files of their own for every report.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tools/report_writers.h"

namespace radie::tools {

// The file name, without extension, of the report with this id. Reports' ids are not trusted to be
// file names: bytes that could leave the folder, hide the file or trouble a file system or a
// terminal are written as %XX, % itself as %25. Different ids have different names, but for a final
// ".txt", which is left out. Throws Error(kInvalidArgument) when nothing is left.
std::string FileStem(std::string_view id);

// Writes each report into files of `folder`, which is made when it is not there: brat ID.txt (the
// report, byte for byte) and ID.ann, CoNLL ID.conll, HTML ID.html. No file that exists is ever
// written over: the report is then refused. Nothing goes to standard output. Throws
// ExitError(kExitSomeFailed) when the folder cannot be made or opened.
std::unique_ptr<ReportWriter> MakeFolderWriter(const std::string& folder,
                                               const WriterSettings& settings);

}  // namespace radie::tools
