#include "libradie/python/convert.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <memory>
#include <optional>
#include <utility>

namespace nb = nanobind;

namespace radie::python {
namespace {

nb::str ToStr(std::string_view text) { return nb::str(text.data(), text.size()); }

nb::list ToList(const std::vector<std::size_t>& indices) {
  nb::list list;
  for (const std::size_t index : indices) list.append(index);
  return list;
}

}  // namespace

nb::object MakeError(std::string_view code, const std::string& message, nb::object offset) {
  return nb::module_::import_("radie._errors")
      .attr("Error")(ToStr(code), message, std::move(offset));
}

nb::object MakeError(const Error& error) {
  nb::object offset = nb::none();
  if (error.offset()) offset = nb::int_(*error.offset());
  return MakeError(ErrorCodeName(error.code()), error.what(), offset);
}

std::variant<std::string_view, nb::object> Utf8Of(nb::handle text) {
  Py_ssize_t size = 0;
  if (const char* utf8 = PyUnicode_AsUTF8AndSize(text.ptr(), &size))
    return std::string_view(utf8, static_cast<std::size_t>(size));
  nb::python_error failed;  // takes what Python raised
  if (!failed.matches(PyExc_UnicodeEncodeError)) throw failed;
  return MakeError(ErrorCodeName(ErrorCode::kInvalidText),
                   "the text has a lone surrogate, which is no character",
                   failed.value().attr("start"));
}

nb::tuple ToPython(const StructuredReport& report) {
  nb::list entities, relations, findings, warnings;
  for (const Entity& entity : report.entities) {
    const Range& range = entity.span.code_points;
    entities.append(nb::make_tuple(ToStr(entity.type), range.begin, range.end, ToStr(entity.text),
                                   entity.confidence));
  }
  for (const Relation& relation : report.relations) {
    relations.append(
        nb::make_tuple(ToStr(relation.type), relation.head, relation.tail, relation.confidence));
  }
  for (const Finding& finding : report.findings) {
    nb::object certainty = nb::none();
    if (finding.certainty) {
      certainty = nb::make_tuple(ToStr(CertaintyName(finding.certainty->value)),
                                 finding.certainty->confidence, ToList(finding.certainty->sources));
    }
    findings.append(nb::make_tuple(finding.object, ToList(finding.attributes),
                                   ToList(finding.evidence), certainty));
  }
  for (const Warning& warning : report.warnings)
    warnings.append(nb::make_tuple(ToStr(warning.code), ToStr(warning.message)));
  return nb::make_tuple(entities, relations, findings, warnings);
}

nb::tuple ToPython(const ModelInfo& info) {
  nb::list stages;
  for (const StageInfo& stage : info.stages) {
    stages.append(nb::make_tuple(ToStr(StageName(stage.stage)), stage.layers, stage.hidden_size,
                                 stage.max_positions, stage.vocabulary_size, stage.token_types,
                                 ToStr(stage.precision)));
  }
  return nb::make_tuple(ToStr(info.name), ToStr(info.version), ToStr(info.license),
                        ToStr(info.description), ToStr(info.isa), info.parameters, stages);
}

nb::object ToNumpy(EncoderOutput output) {
  const std::size_t hidden = output.hidden_size, tokens = output.states.size() / hidden;
  auto states = std::make_unique<std::vector<float>>(std::move(output.states));
  float* data = states->data();
  const nb::capsule owner(
      states.get(), [](void* owned) noexcept { delete static_cast<std::vector<float>*>(owned); });
  static_cast<void>(states.release());  // the capsule's from here on
  return nb::cast(nb::ndarray<nb::numpy, float, nb::ndim<2>>(data, {tokens, hidden}, owner));
}

}  // namespace radie::python
