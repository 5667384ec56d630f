/* Prints what a report says, through the C interface.
 *   findings MODEL.radie REPORT.txt */
#include <stdio.h>
#include <stdlib.h>

#include "radie/c_api.h"

static int fail(const char* what, radie_error* error) {
  fprintf(stderr, "%s: %s\n", what, radie_error_message(error));
  radie_error_free(error);
  return EXIT_FAILURE;
}

static void print_entity(const radie_report* report, size_t index, const char* indent) {
  radie_entity entity = RADIE_ENTITY_INIT;
  if (radie_report_entity(report, index, &entity) != RADIE_OK) return;
  printf("%s%s: %s\n", indent, entity.type, entity.text);
}

int main(int argc, char** argv) {
  static char text[1 << 20];
  radie_model* model = NULL;
  radie_extractor* extractor = NULL;
  radie_report* report = NULL;
  radie_error* error = NULL;
  if (argc != 3) return 2;

  if (radie_model_open(argv[1], NULL, &model, &error) != RADIE_OK)
    return fail("cannot load the model", error);
  if (radie_extractor_new(model, NULL, &extractor, &error) != RADIE_OK)
    return fail("no extractor", error);
  radie_model_free(model); /* the extractor keeps what it needs */

  FILE* file = fopen(argv[2], "rb");
  if (file == NULL) return fail(argv[2], NULL);
  const size_t bytes = fread(text, 1, sizeof text, file);
  fclose(file);
  if (radie_extract(extractor, text, bytes, &report, &error) != RADIE_OK)
    return fail("cannot read the report", error);

  for (size_t i = 0; i < radie_report_finding_count(report); ++i) {
    radie_finding finding = RADIE_FINDING_INIT;
    radie_report_finding(report, i, &finding);
    print_entity(report, finding.object, "");
    for (size_t a = 0; a < finding.attribute_count; ++a)
      print_entity(report, finding.attributes[a], "  ");
    for (size_t e = 0; e < finding.evidence_count; ++e)
      print_entity(report, finding.evidence[e], "  because of ");
  }
  radie_report_free(report);
  radie_extractor_free(extractor);
  return EXIT_SUCCESS;
}
