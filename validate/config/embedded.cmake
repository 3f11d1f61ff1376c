# Makes the JSON Schema of .kubegate.yaml part of the room's library.
set(KUBEGATE_CONFIG_SCHEMA ${PROJECT_SOURCE_DIR}/schemas/kubegate.config.schema.json)
set(KUBEGATE_CONFIG_DATA ${CMAKE_BINARY_DIR}/config_data.S)
configure_file(${CMAKE_CURRENT_LIST_DIR}/embedded.S.in ${KUBEGATE_CONFIG_DATA} @ONLY)
set_source_files_properties(${KUBEGATE_CONFIG_DATA} PROPERTIES OBJECT_DEPENDS ${KUBEGATE_CONFIG_SCHEMA})
target_sources(kubegate_config PRIVATE ${KUBEGATE_CONFIG_DATA})
