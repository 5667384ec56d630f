#include "libradie/write/report_check.h"

#include <string>

namespace radie {
namespace {

void CheckIndex(std::size_t index, std::size_t entities, const std::string& field) {
  if (index < entities) return;
  throw Error(ErrorCode::kInvalidArgument, field + " is entity index " + std::to_string(index) +
                                               " but the report has " + std::to_string(entities) +
                                               " entities");
}

}  // namespace

void CheckIndices(const StructuredReport& report) {
  const std::size_t entities = report.entities.size();
  for (std::size_t i = 0; i < report.relations.size(); ++i) {
    const std::string name = "relations[" + std::to_string(i) + "]";
    CheckIndex(report.relations[i].head, entities, name + ".head");
    CheckIndex(report.relations[i].tail, entities, name + ".tail");
  }
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const std::string name = "findings[" + std::to_string(i) + "]";
    CheckIndex(report.findings[i].object, entities, name + ".object");
    for (std::size_t index : report.findings[i].attributes)
      CheckIndex(index, entities, name + ".attributes");
    for (std::size_t index : report.findings[i].evidence)
      CheckIndex(index, entities, name + ".evidence");
  }
}

}  // namespace radie
