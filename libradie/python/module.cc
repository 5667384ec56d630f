// The extension module radie._radie: what of it Python sees. Its types stand in radie/_radie.pyi.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "libradie/python/convert.h"
#include "libradie/python/model_handle.h"
#include "radie/version.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace radie::python {
namespace {

using Integers = nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// nullopt: as the library picks.
LoadOptions LoadOptionsOf(const nb::object& precision, const nb::object& isa) {
  LoadOptions options;
  if (!precision.is_none()) {
    const auto found = PrecisionFromName(nb::cast<std::string>(precision));
    if (!found)
      throw Error(ErrorCode::kInvalidArgument, "precision: not auto, fp32, fp16, bf16 or int8");
    options.precision = *found;
  }
  if (!isa.is_none()) {
    const auto found = IsaFromName(nb::cast<std::string>(isa));
    if (!found) throw Error(ErrorCode::kInvalidArgument, "isa: no kernel set has that name");
    options.isa = *found;
  }
  return options;
}

std::string ToString(const nb::bytes& bytes) { return {bytes.c_str(), bytes.size()}; }

void Construct(ModelHandle* self, const nb::bytes& path, const nb::object& precision,
               const nb::object& isa, bool verify_tensors, const nb::bytes& mecab_dictionary,
               const nb::bytes& mecab_user_dictionary, std::size_t threads, double min_confidence,
               std::size_t max_report_bytes, std::size_t cache_bytes) {
  LoadOptions load = LoadOptionsOf(precision, isa);
  load.verify_tensors = verify_tensors;
  load.mecab_dictionary = ToString(mecab_dictionary);
  load.mecab_user_dictionary = ToString(mecab_user_dictionary);
  load.threads = threads;
  ExtractorOptions options;
  options.threads = threads;
  options.min_confidence = min_confidence;
  options.max_report_bytes = max_report_bytes;
  options.cache_bytes = cache_bytes;
  const std::string file = ToString(path);
  const nb::gil_scoped_release released;
  new (self) ModelHandle(file, load, options);
}

// Between two groups of reports: lets Ctrl-C through, and calls `progress` unless that is None.
// What they raise ends the call.
RunControl ControlOf(const nb::object& progress) {
  RunControl control;
  control.progress = [&progress](std::size_t done, std::size_t total) {
    const nb::gil_scoped_acquire acquired;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (!progress.is_none()) progress(done, total);
  };
  return control;
}

// For each text what ToPython makes of its report, or its radie.Error.
nb::list Extract(const ModelHandle& self, const nb::list& texts, const nb::object& progress) {
  const nb::tuple kept(texts);  // the list may change while others hold the GIL
  std::vector<std::string_view> readable;
  std::vector<nb::object> results(kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    auto utf8 = Utf8Of(kept[i]);
    if (auto* error = std::get_if<nb::object>(&utf8)) {
      results[i] = std::move(*error);
    } else {
      readable.push_back(std::get<std::string_view>(utf8));
    }
  }
  std::vector<Outcome> outcomes;
  {
    const RunControl control = ControlOf(progress);
    const nb::gil_scoped_release released;
    outcomes = self.Extract(readable, control);
  }
  nb::list list;
  auto outcome = outcomes.begin();
  for (nb::object& result : results) {
    if (!result.is_valid()) {
      result =
          outcome->ok() ? nb::object(ToPython(outcome->report())) : MakeError(outcome->error());
      ++outcome;
    }
    list.append(result);
  }
  return list;
}

// `ids` of all sequences end to end; `token_types` is as long, or empty.
nb::object Encode(ModelHandle& self, const std::string& stage, const Integers& ids,
                  const std::vector<std::size_t>& lengths, const Integers& token_types) {
  EncoderInput input;
  input.ids = {ids.data(), ids.size()};
  input.lengths = lengths;
  input.token_types = {token_types.data(), token_types.size()};
  const std::optional<Stage> which = StageFromName(stage);
  if (!which) {
    throw Error(ErrorCode::kInvalidArgument, "stage: not entities, relations or encoder");
  }
  EncoderOutput states;
  {
    const nb::gil_scoped_release released;
    states = self.EncoderOf(*which).Encode(input);
  }
  return ToNumpy(std::move(states));
}

void Translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    const nb::object value = MakeError(error);
    PyErr_SetObject(reinterpret_cast<PyObject*>(value.type().ptr()), value.ptr());
  }
}

nb::list IsaNames() {
  nb::list names;
  for (const Isa isa : AvailableIsas()) names.append(nb::str(IsaName(isa)));
  return names;
}

}  // namespace
}  // namespace radie::python

NB_MODULE(_radie, module) {
  using namespace radie::python;
  nb::register_exception_translator(Translate);
  nb::class_<ModelHandle>(module, "ModelHandle")
      .def("__init__", Construct, "path"_a, "precision"_a.none(), "isa"_a.none(),
           "verify_tensors"_a, "mecab_dictionary"_a, "mecab_user_dictionary"_a, "threads"_a,
           "min_confidence"_a, "max_report_bytes"_a, "cache_bytes"_a)
      .def_prop_ro("alive", &ModelHandle::alive)
      .def_prop_ro("threads", &ModelHandle::threads)
      .def("info", [](const ModelHandle& self) { return ToPython(self.info()); })
      .def("extract", Extract, "texts"_a, "progress"_a.none())
      .def("encode", Encode, "stage"_a, "ids"_a, "lengths"_a, "token_types"_a);
  module.def("version", &radie::Version);
  module.def("build_info", &radie::BuildInfo);
  module.def("available_isas", IsaNames);
}
