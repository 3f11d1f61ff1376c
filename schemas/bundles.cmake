# Compiles the bundles of this folder into one table and makes it part of the binary: library kubegate_builtin.
#
# The compiler is built from the few sources that it needs, not from the room's library, which itself needs the table.
add_executable(kubegate_compile validate/schema/compile_main.cc validate/schema/compile.cc validate/schema/table.cc
               validate/schema/bundle_parse.cc validate/schema/bundle_print.cc validate/schema/json_text.cc validate/schema/pattern.cc)
target_link_libraries(kubegate_compile PRIVATE kubegate_base PkgConfig::RE2 kubegate_options)

file(GLOB KUBEGATE_CRD_BUNDLES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.bundle)
list(REMOVE_ITEM KUBEGATE_CRD_BUNDLES ${CMAKE_CURRENT_LIST_DIR}/kubernetes.bundle)
list(SORT KUBEGATE_CRD_BUNDLES)
set(KUBEGATE_SCHEMA_DATA ${CMAKE_CURRENT_LIST_DIR}/kubernetes.bundle ${KUBEGATE_CRD_BUNDLES})
set(KUBEGATE_TABLE ${CMAKE_BINARY_DIR}/builtin.table)
add_custom_command(
  OUTPUT ${KUBEGATE_TABLE}
  COMMAND kubegate_compile ${KUBEGATE_TABLE} --lax ${CMAKE_CURRENT_LIST_DIR}/kubernetes.lax
          --removed ${CMAKE_CURRENT_LIST_DIR}/kubernetes.removed ${KUBEGATE_SCHEMA_DATA}
  DEPENDS kubegate_compile ${CMAKE_CURRENT_LIST_DIR}/kubernetes.lax ${CMAKE_CURRENT_LIST_DIR}/kubernetes.removed
          ${KUBEGATE_SCHEMA_DATA}
  COMMENT "Compiling schemas/" VERBATIM)

configure_file(${CMAKE_CURRENT_LIST_DIR}/builtin.S.in ${CMAKE_BINARY_DIR}/builtin.S @ONLY)
set_source_files_properties(${CMAKE_BINARY_DIR}/builtin.S PROPERTIES OBJECT_DEPENDS ${KUBEGATE_TABLE})
add_library(kubegate_builtin STATIC ${CMAKE_BINARY_DIR}/builtin.S)
target_link_libraries(kubegate_schema PUBLIC kubegate_builtin)
