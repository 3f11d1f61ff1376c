# Makes the rule library part of the binary: the templates, constraints and pages of this folder, one file behind the
# other, as library kubegate_rules.
add_executable(kubegate_archive policy/gatekeeper/archive_main.cc)
target_link_libraries(kubegate_archive PRIVATE kubegate_options)

file(GLOB KUBEGATE_RULE_FILES RELATIVE ${CMAKE_CURRENT_LIST_DIR} CONFIGURE_DEPENDS
     ${CMAKE_CURRENT_LIST_DIR}/*/*/template.yaml ${CMAKE_CURRENT_LIST_DIR}/*/*/constraint.yaml
     ${CMAKE_CURRENT_LIST_DIR}/*/*/README.md)
list(SORT KUBEGATE_RULE_FILES)
list(TRANSFORM KUBEGATE_RULE_FILES PREPEND ${CMAKE_CURRENT_LIST_DIR}/ OUTPUT_VARIABLE KUBEGATE_RULE_PATHS)
set(KUBEGATE_RULE_ARCHIVE ${CMAKE_BINARY_DIR}/rules.archive)
add_custom_command(
  OUTPUT ${KUBEGATE_RULE_ARCHIVE}
  COMMAND kubegate_archive ${KUBEGATE_RULE_ARCHIVE} ${CMAKE_CURRENT_LIST_DIR} ${KUBEGATE_RULE_FILES}
  DEPENDS kubegate_archive ${KUBEGATE_RULE_PATHS}
  COMMENT "Gathering rules/" VERBATIM)

configure_file(${CMAKE_CURRENT_LIST_DIR}/rules.S.in ${CMAKE_BINARY_DIR}/rules.S @ONLY)
set_source_files_properties(${CMAKE_BINARY_DIR}/rules.S PROPERTIES OBJECT_DEPENDS ${KUBEGATE_RULE_ARCHIVE})
add_library(kubegate_rules STATIC ${CMAKE_BINARY_DIR}/rules.S)
target_link_libraries(kubegate_gatekeeper PUBLIC kubegate_rules)
