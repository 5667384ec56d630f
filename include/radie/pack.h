// Model files whose weights lie as kernels read them: used where they are, so that processes share
// one mapping. See docs/model-format.md.
#pragma once

#include <string>

#include "radie/export.h"
#include "radie/options.h"

namespace radie {

// Returns the bytes of a model file like the one at `path`, except that the matrices of its linear
// layers are stored in the layout that the kernel set and in the type that the precision of
// `options` compute with (both may be kAuto: then this machine's best, and as the weights are
// stored). Writing them to a file is the caller's: one that is in use is to be replaced by
// renaming, not written over.
//
// Such a file loads wherever a kernel set with the same layout is, and there alone; a model made of
// it gives the same bits as one of the file at `path` with the same kernel set and precision. The
// values of its tables and matrices are not checked when it loads (LoadOptions::verify_tensors does
// that); sizes always are.
//
// Takes the time of loading the model twice and of hashing the result, and memory for the result
// twice beside the file. Deterministic. Thread-safe. `options.verify_tensors` and the dictionaries
// are as for Model::Load. Throws Error: what Model::Load throws; kInvalidArgument for a kernel set
// that has no such layout (kPortable, kOpenBlas), and for a file that is packed already.
RADIE_API std::string PackModel(const std::string& path, const LoadOptions& options = {});

}  // namespace radie
