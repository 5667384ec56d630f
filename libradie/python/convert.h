// The library's values as Python's: plain tuples, of which radie/_report.py makes its dataclasses.
// All of it needs the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "radie/encoder.h"
#include "radie/extractor.h"

namespace radie::python {

// A new radie.Error. `offset`: an int or None.
nanobind::object MakeError(std::string_view code, const std::string& message,
                           nanobind::object offset);
nanobind::object MakeError(const Error& error);

// The UTF-8 of a str, which owns it and must live as long as it is used; a radie.Error where the
// str has a lone surrogate. Throws nanobind::python_error (TypeError) when `text` is no str.
std::variant<std::string_view, nanobind::object> Utf8Of(nanobind::handle text);

// (entities, relations, findings, warnings), as radie/_radie.pyi types them. Offsets are code
// points.
nanobind::tuple ToPython(const StructuredReport& report);

// (name, version, license, description, isa, parameters, stages).
nanobind::tuple ToPython(const ModelInfo& info);

// A numpy array [tokens, hidden] that owns the states; nothing is copied.
nanobind::object ToNumpy(EncoderOutput states);

}  // namespace radie::python
