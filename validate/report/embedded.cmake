# Makes the pages of rules (rules/<family>/<name>.md) and the page of the HTML form part of the room's library.
file(GLOB KUBEGATE_RULE_PAGES CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/rules/*/*.md)
list(SORT KUBEGATE_RULE_PAGES)
set(KUBEGATE_HTML_PAGE ${CMAKE_CURRENT_LIST_DIR}/page.html)
set(KUBEGATE_RULE_PAGE_LINES "")
foreach(page ${KUBEGATE_RULE_PAGES})
  string(APPEND KUBEGATE_RULE_PAGE_LINES "        .incbin \"${page}\"\n        .byte 0\n")
endforeach()

set(KUBEGATE_REPORT_DATA ${CMAKE_BINARY_DIR}/report_data.S)
configure_file(${CMAKE_CURRENT_LIST_DIR}/embedded.S.in ${KUBEGATE_REPORT_DATA} @ONLY)
set_source_files_properties(${KUBEGATE_REPORT_DATA} PROPERTIES OBJECT_DEPENDS "${KUBEGATE_RULE_PAGES};${KUBEGATE_HTML_PAGE}")
target_sources(kubegate_report PRIVATE ${KUBEGATE_REPORT_DATA})
